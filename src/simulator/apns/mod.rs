//! A pretend Apple Push Notification service: HTTP/2 over TLS with client certificates, stricter than Apple, and
//! scripted on request.

mod authority;
mod doorbells;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

pub use authority::{PushAuthority, PushFiles};
pub use doorbells::{Answer, Doorbells, Rung};

use super::chance;
use crate::wire::Malformed;
use crate::wire::x509::Cert;

/// Largest payload that APNs takes, in bytes.
const LARGEST: usize = 4096;
/// Names that the server's certificate bears, beside the loopback address.
const HOSTS: &[&str] = &["localhost", "127.0.0.1", "api.push.apple.com"];
/// A TLS handshake that takes longer is dropped.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A running pretend APNs. Dropping it closes it.
pub struct PretendApns {
    address: SocketAddr,
    authority: PushAuthority,
    bells: Doorbells,
    down: Arc<AtomicBool>,
    connections: Arc<std::sync::Mutex<Vec<Connection>>>,
    stop: CancellationToken,
}

/// Ways to end one connection.
#[derive(Clone)]
struct Connection {
    cut: CancellationToken,
    go_away: CancellationToken,
}

impl PretendApns {
    /// Starts on a free loopback port, with an authority of its own. `now`: seconds since 1970.
    pub async fn start(now: i64) -> io::Result<Self> {
        let authority = PushAuthority::make(now).map_err(unmade)?;
        Self::start_at((std::net::Ipv4Addr::LOCALHOST, 0).into(), authority, now, 1_000).await
    }

    /// Starts at an address, with a given authority, offering so many streams at once on each connection.
    pub async fn start_at(
        address: SocketAddr,
        authority: PushAuthority,
        now: i64,
        streams: u32,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let tls = TlsAcceptor::from(Arc::new(settings(&authority, now)?));
        let server = Self {
            address,
            authority,
            bells: Doorbells::default(),
            down: Arc::default(),
            connections: Arc::default(),
            stop: CancellationToken::new(),
        };
        let (bells, down) = (server.bells.clone(), server.down.clone());
        let (connections, stop) = (server.connections.clone(), server.stop.clone());
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = stop.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                let Ok((tcp, _)) = accepted else { continue };
                if down.load(Ordering::Relaxed) {
                    continue;
                }
                let connection = Connection { cut: stop.child_token(), go_away: CancellationToken::new() };
                let mut all = connections.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                all.retain(|c| !c.cut.is_cancelled());
                all.push(connection.clone());
                drop(all);
                tokio::spawn(serve(tcp, tls.clone(), bells.clone(), connection, streams));
            }
        });
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who issues its certificates and the pretend push certificates.
    pub fn authority(&self) -> &PushAuthority {
        &self.authority
    }

    /// Its doorbells, its script and its journal.
    pub fn bells(&self) -> &Doorbells {
        &self.bells
    }

    /// Down: whoever connects is dropped at once, and open connections break.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
        if down {
            self.cut_all();
        }
    }

    /// Breaks every open connection.
    pub fn cut_all(&self) {
        let mut all = self.connections.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.drain(..).for_each(|c| c.cut.cancel());
    }

    /// Sends GOAWAY on every open connection.
    pub fn go_away(&self) {
        let all = self.connections.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.iter().for_each(|c| c.go_away.cancel());
    }
}

impl Drop for PretendApns {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl std::fmt::Debug for PretendApns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PretendApns {{ {} }}", self.address)
    }
}

fn unmade(malformed: Malformed) -> io::Error {
    io::Error::other(malformed.to_string())
}

fn settings(authority: &PushAuthority, now: i64) -> io::Result<rustls::ServerConfig> {
    let own = authority.server_certificate(HOSTS, now).map_err(unmade)?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.ca.der().to_vec())).map_err(io::Error::other)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let key = PrivatePkcs8KeyDer::from(own.key.to_pkcs8().expose().to_vec());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_client_cert_verifier(verifier.build().map_err(io::Error::other)?)
        .with_single_cert(vec![CertificateDer::from(own.certificate.der().to_vec())], key.into())
        .map_err(io::Error::other)?;
    tls.alpn_protocols = vec![b"h2".to_vec()];
    Ok(tls)
}

async fn serve(tcp: TcpStream, tls: TlsAcceptor, bells: Doorbells, connection: Connection, streams: u32) {
    let _ = tcp.set_nodelay(true);
    let Ok(Ok(tls)) = tokio::time::timeout(HANDSHAKE, tls.accept(tcp)).await else { return };
    let client = tls.get_ref().1.peer_certificates().and_then(|c| c.first()).map(|c| Cert::parse(c));
    let Some(Ok(client)) = client else { return };
    let number = bells.connected();
    let Connection { cut, go_away } = connection.clone();
    let service = service_fn(move |request| {
        let (bells, client, connection) = (bells.clone(), client.clone(), connection.clone());
        async move { answer(request, &bells, &client, number, &connection).await }
    });
    let mut serving = std::pin::pin!(
        http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(streams)
            .serve_connection(TokioIo::new(tls), service)
    );
    let mut leaving = false;
    loop {
        tokio::select! {
            biased;
            () = cut.cancelled() => return,
            _ = serving.as_mut() => break,
            () = go_away.cancelled(), if !leaving => {
                leaving = true;
                serving.as_mut().graceful_shutdown();
            }
        }
    }
    cut.cancel();
}

/// A reset of the stream, in hyper's terms.
#[derive(Debug)]
struct Reset;

impl std::fmt::Display for Reset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("reset on request")
    }
}

impl std::error::Error for Reset {}

async fn answer(
    request: Request<Incoming>,
    bells: &Doorbells,
    client: &Cert,
    connection: u64,
    ends: &Connection,
) -> Result<Response<Full<Bytes>>, Reset> {
    let (head, body) = request.into_parts();
    let header = |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let body = Limited::new(body, LARGEST + 1).collect().await;
    let body = body.map(|b| b.to_bytes().to_vec()).ok();
    let mut rung = Rung {
        at: Instant::now(),
        path: head.uri.path().to_owned(),
        headers: head
            .headers
            .iter()
            .map(|(n, v)| (n.as_str().to_owned(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
            .collect(),
        body: body.clone().unwrap_or_default(),
        connection,
        certificate: client.fingerprint(),
        status: 0,
    };
    let token = rung.token();
    let id = header("apns-id").unwrap_or_else(|| {
        uuid::Builder::from_random_bytes(chance::secure()).into_uuid().hyphenated().to_string().to_uppercase()
    });
    let verdict = bells.ordered(&token).unwrap_or_else(|| {
        let fault = fault(&head.method, &rung, body.as_deref(), client);
        fault.map_or_else(|| bells.truth(&token), |(status, reason)| Answer::refuse(status, reason))
    });
    if let Answer::Stall(time) = verdict {
        tokio::time::sleep(time).await;
    }
    let response = match &verdict {
        Answer::Reset => Err(Reset),
        Answer::Cut => {
            // Without a word of HTTP/2: the connection ends under this request, which is then dropped.
            ends.cut.cancel();
            std::future::pending().await
        }
        Answer::Refuse { status, reason, timestamp_ms, retry_after } => {
            rung.status = *status;
            Ok(refusal(*status, reason, *timestamp_ms, *retry_after, &id))
        }
        Answer::Take | Answer::Stall(_) | Answer::GoAway => {
            rung.status = 200;
            if verdict == Answer::GoAway {
                ends.go_away.cancel();
            }
            bells.ring(&token, &magic(&rung.body).unwrap_or_default());
            Ok(Response::builder().header("apns-id", &id).body(Full::default()).unwrap_or_default())
        }
    };
    bells.note(rung);
    response
}

/// What is wrong with a request, as Apple would say it.
fn fault(
    method: &http::Method,
    rung: &Rung,
    body: Option<&[u8]>,
    client: &Cert,
) -> Option<(u16, &'static str)> {
    let number = |name: &str| rung.header(name).is_none_or(|v| v.parse::<u64>().is_ok());
    let uuid = |id: &str| {
        id.len() == 36
            && id.bytes().enumerate().all(|(at, b)| match at {
                8 | 13 | 18 | 23 => b == b'-',
                _ => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
            })
    };
    let hex = rung.path.strip_prefix("/3/device/");
    let body = match body {
        None => return Some((413, "PayloadTooLarge")),
        Some(body) if body.len() > LARGEST => return Some((413, "PayloadTooLarge")),
        Some([]) => return Some((400, "PayloadEmpty")),
        Some(body) => body,
    };
    match hex {
        _ if method != http::Method::POST => Some((405, "MethodNotAllowed")),
        None => Some((404, "BadPath")),
        Some("") => Some((400, "MissingDeviceToken")),
        Some(hex) if !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) => {
            Some((400, "BadDeviceToken"))
        }
        Some(_) if rung.header("apns-push-type") != Some("mdm") => Some((400, "InvalidPushType")),
        Some(_) if rung.header("apns-priority").is_some_and(|p| !matches!(p, "10" | "5" | "1")) => {
            Some((400, "BadPriority"))
        }
        Some(_) if !number("apns-expiration") => Some((400, "BadExpirationDate")),
        Some(_) if rung.header("apns-id").is_some_and(|id| !uuid(id)) => Some((400, "BadMessageId")),
        Some(_) if rung.header("apns-topic").is_none() => Some((400, "MissingTopic")),
        Some(_) if rung.header("apns-topic") != client.uid().as_deref() => Some((400, "TopicDisallowed")),
        Some(_) if magic(body).is_none() => Some((400, "BadMessage")),
        Some(_) => None,
    }
}

/// PushMagic, if the body is exactly `{"mdm": "..."}`.
fn magic(body: &[u8]) -> Option<String> {
    let body: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).ok()?;
    body.get("mdm")?.as_str().filter(|_| body.len() == 1).map(str::to_owned)
}

fn refusal(
    status: u16,
    reason: &str,
    timestamp: Option<i64>,
    retry_after: Option<u64>,
    id: &str,
) -> Response<Full<Bytes>> {
    let mut body = serde_json::Map::new();
    body.insert("reason".into(), reason.into());
    if let Some(timestamp) = timestamp {
        body.insert("timestamp".into(), timestamp.into());
    }
    let body = serde_json::Value::Object(body).to_string();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::builder().status(status).header("apns-id", id);
    if let Some(seconds) = retry_after {
        response = response.header(http::header::RETRY_AFTER, seconds);
    }
    response.body(Full::new(Bytes::from(body))).unwrap_or_default()
}
