//! APNs at an address of our choice: the pretend APNs of demo and tests, or Apple through port 2197.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::answer::{chain_of, classify, unreached};
use super::refusal::{Verdict, look};
use super::watched::{Listening, Watched, Why};
use super::{ANSWER_WITHIN, PushIdentity, token_path};
use crate::apple::{Accepted, BoxFuture, Error, Push, PushTransport, Retry, Whose};
use crate::wire::mdm::push::payload;
use crate::wire::x509::Cert;

/// A quiet connection is probed this often, so that a dead one is noticed before the next push needs it.
const PING_EVERY: Duration = Duration::from_secs(30 * 60);
/// For so long one look at a refusal serves every push.
const SHARED: Duration = Duration::from_secs(2);
/// Longest error body that is read; Apple's are below 100 bytes.
const LONGEST_REASON: usize = 4096;

/// Apple's own service. MDM never uses the sandbox.
const APPLE: &str = "api.push.apple.com";

/// Where an APNs is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Name that its certificate must bear.
    pub host: String,
    /// `HOST:PORT` to connect to.
    pub address: String,
}

/// Pushes to an [`Endpoint`] over one kept HTTP/2 connection, trusting the given roots alone.
pub struct DirectTransport {
    endpoint: Endpoint,
    tls: Arc<rustls::ClientConfig>,
    line: Mutex<Line>,
    /// What the latest look at a connection that broke before any answer found, and when it ended: many pushes at
    /// once share it.
    found: Mutex<Option<(Instant, Verdict)>>,
    within: Duration,
}

/// The kept connection, and how many attempts there were: who gives up on one must not close its successor.
#[derive(Default)]
struct Line {
    count: u64,
    open: Option<Open>,
}

/// An open connection, why it broke once it did, and whether anything was ever answered on it.
#[derive(Clone)]
struct Open {
    sender: SendRequest<Full<Bytes>>,
    why: Why,
    answered: Arc<AtomicBool>,
}

/// A push that failed.
struct Failed {
    error: Error,
    /// Whether a connection ended before any answer, which may have hidden a refusal of the certificate.
    unexplained: bool,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, unexplained: false }
    }
}

impl DirectTransport {
    /// Takes the push certificate and the roots to trust. Needs no network.
    pub fn new(endpoint: Endpoint, roots: &[Cert], identity: &PushIdentity) -> Result<Self, Error> {
        let mut store = rustls::RootCertStore::empty();
        for root in roots {
            store
                .add(CertificateDer::from(root.der().to_vec()))
                .map_err(|e| Error::network(format!("A root for APNs cannot be used: {e}.")))?;
        }
        Self::trusting(endpoint, store, identity)
    }

    /// To Apple itself, trusting the public roots.
    pub(super) fn to_apple(identity: &PushIdentity) -> Result<Self, Error> {
        let endpoint = Endpoint { host: APPLE.into(), address: format!("{APPLE}:443") };
        let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        Self::trusting(endpoint, roots, identity)
    }

    fn trusting(
        endpoint: Endpoint,
        store: rustls::RootCertStore,
        identity: &PushIdentity,
    ) -> Result<Self, Error> {
        let chain = std::iter::once(&identity.certificate)
            .chain(&identity.chain)
            .map(|c| CertificateDer::from(c.der().to_vec()))
            .collect();
        let key = PrivatePkcs8KeyDer::from(identity.key.to_pkcs8().expose().to_vec());
        let unusable =
            |e: rustls::Error| Error::certificate(format!("The push certificate cannot be used: {e}."));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_root_certificates(store)
            .with_client_auth_cert(chain, key.into())
            .map_err(unusable)?;
        tls.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Self {
            endpoint,
            tls: Arc::new(tls),
            line: Mutex::default(),
            found: Mutex::default(),
            within: ANSWER_WITHIN,
        })
    }

    /// The same with another limit on the wait for an answer.
    #[must_use]
    pub fn answering_within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// The kept connection, or a new one; many pushes at once share one attempt to connect.
    async fn line(&self) -> Result<(u64, Open), Failed> {
        let mut line = self.line.lock().await;
        if let Some(open) = line.open.as_ref().filter(|open| !open.sender.is_closed()) {
            return Ok((line.count, open.clone()));
        }
        line.open = None;
        line.count += 1;
        let count = line.count;
        let open = self.connect().await?;
        line.open = Some(open.clone());
        Ok((count, open))
    }

    /// Lets a connection go that failed a push. Pushes still waiting on it keep it until they are done.
    async fn give_up(&self, count: u64) {
        let mut line = self.line.lock().await;
        if line.count == count {
            line.open = None;
        }
    }

    /// A connection as far as TCP goes.
    async fn reach(&self) -> Result<TcpStream, Error> {
        let unreachable = |e: std::io::Error| unreached(&chain_of(&e));
        let tcp = TcpStream::connect(&self.endpoint.address).await.map_err(unreachable)?;
        tcp.set_nodelay(true).map_err(unreachable)?;
        Ok(tcp)
    }

    /// TLS over it, with our certificate. With TLS 1.3 that succeeds before the other side looked at it.
    async fn secure(&self, tcp: TcpStream) -> std::io::Result<TlsStream<Listening<TcpStream>>> {
        let name = ServerName::try_from(self.endpoint.host.clone()).map_err(std::io::Error::other)?;
        TlsConnector::from(self.tls.clone()).connect(name, Listening(tcp)).await
    }

    async fn connect(&self) -> Result<Open, Failed> {
        let tcp = self.reach().await?;
        let tls = self.secure(tcp).await.map_err(|e| Failed {
            error: unreached(&chain_of(&e)),
            // What TLS itself said explains everything.
            unexplained: e.kind() != std::io::ErrorKind::InvalidData,
        })?;
        let (tls, why) = Watched::new(tls);
        let (sender, connection) = Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_EVERY)
            .keep_alive_while_idle(true)
            // Until the server's settings are here: it refuses what is beyond its own limit.
            .initial_max_send_streams(1)
            .handshake(TokioIo::new(tls))
            .await
            .map_err(|e| Failed { error: unreached(&chain_of(&e)), unexplained: true })?;
        // Its end shows in the sender, which then counts as closed.
        tokio::spawn(connection);
        Ok(Open { sender, why, answered: Arc::default() })
    }

    /// What the other side thinks of our certificate, asked over connections that carry nothing else.
    async fn explain(&self, until: Instant) -> Verdict {
        let mut found = self.found.lock().await;
        if let Some((_, verdict)) = found.as_ref().filter(|(at, _)| at.elapsed() < SHARED) {
            return verdict.clone();
        }
        let verdict = look(|| self.reach(), |tcp| self.secure(tcp), until).await;
        found.insert((Instant::now(), verdict)).1.clone()
    }

    fn request(&self, push: &Push) -> Result<Request<Full<Bytes>>, Error> {
        Request::post(format!("https://{}/3/device/{}", self.endpoint.host, token_path(&push.token)))
            .header("apns-topic", &push.topic)
            .header("apns-push-type", "mdm")
            .header("apns-priority", "10")
            .header("apns-expiration", push.expiration_secs.to_string())
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::copy_from_slice(payload(&push.magic).expose())))
            .map_err(|_| Error {
                whose: Whose::Ours,
                retry: Retry::Never,
                said: "The push could not be written: the device's topic or token is not usable.".into(),
                status: None,
            })
    }

    fn late(&self) -> Error {
        let secs = self.within.as_secs_f32();
        Error::network(format!("Apple's push service did not answer within {secs} seconds."))
    }

    /// Sends one push. A connection that broke before any answer may have been a refusal of the certificate whose
    /// words were lost on the way: that is found out, for the person has to know.
    async fn ring(&self, push: &Push) -> Result<Accepted, Error> {
        let until = Instant::now() + self.within;
        let failed = match self.ask(push, until).await {
            Ok(accepted) => return Ok(accepted),
            Err(failed) => failed,
        };
        if !failed.unexplained || failed.error.whose != Whose::Network {
            return Err(failed.error);
        }
        match self.explain(until).await {
            Verdict::Refused(error) => Err(error),
            Verdict::Welcome | Verdict::Unknown => Err(failed.error),
        }
    }

    async fn ask(&self, push: &Push, until: Instant) -> Result<Accepted, Failed> {
        let request = self.request(push)?;
        let Ok(line) = tokio::time::timeout_at(until, self.line()).await else {
            return Err(self.late().into());
        };
        let (count, line) = line?;
        let answered = line.answered.clone();
        let Ok(answer) = tokio::time::timeout_at(until, ask(line, request)).await else {
            self.give_up(count).await;
            return Err(self.late().into());
        };
        let error = match answer {
            Ok(accepted) => return Ok(accepted),
            Err(error) => error,
        };
        if error.status.is_some() {
            return Err(error.into());
        }
        self.give_up(count).await;
        let fresh = !answered.load(Ordering::Relaxed);
        Err(Failed { error, unexplained: fresh })
    }
}

async fn ask(mut line: Open, request: Request<Full<Bytes>>) -> Result<Accepted, Error> {
    let why = line.why.clone();
    let lost = |e: hyper::Error| {
        let chain = chain_of(&e);
        match why.get().filter(|why| !chain.contains(why.as_str())) {
            Some(why) => unreached(&format!("{chain}: {why}")),
            None => unreached(&chain),
        }
    };
    line.sender.ready().await.map_err(&lost)?;
    let response = line.sender.send_request(request).await.map_err(&lost)?;
    line.answered.store(true, Ordering::Relaxed);
    let status = response.status().as_u16();
    let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let apns_id = header("apns-id");
    if status == 200 {
        return Ok(Accepted { apns_id });
    }
    let after = header(RETRY_AFTER.as_str()).and_then(|s| s.trim().parse().ok()).map(Duration::from_secs);
    let body = Limited::new(response.into_body(), LONGEST_REASON).collect().await;
    let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let body: Refusal = serde_json::from_slice(&body).unwrap_or_default();
    Err(classify(status, body.reason.as_deref(), body.timestamp, after))
}

/// The body of a refusal.
#[derive(Default, serde::Deserialize)]
struct Refusal {
    reason: Option<String>,
    timestamp: Option<i64>,
}

impl PushTransport for DirectTransport {
    fn push(&self, push: Push) -> BoxFuture<'_, Result<Accepted, Error>> {
        Box::pin(async move { self.ring(&push).await })
    }
}

impl std::fmt::Debug for DirectTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DirectTransport {{ {} }}", self.endpoint.address)
    }
}
