//! One kept connection to a server: HTTP/1.1 over TLS, as devices keep it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, Uri, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::Trouble;
use super::latency::{Latencies, Leg};

/// Longest wait for a connection and for a reply each. Apple's clients wait about a minute.
const PATIENCE: Duration = Duration::from_secs(60);
/// Largest reply that is read, in bytes.
const LARGEST_REPLY: usize = 64 << 20;

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    /// Method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Headers beside `Host` and `Content-Length`.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Bytes,
}

/// One reply.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// Body.
    pub body: Bytes,
}

impl Reply {
    /// The reply, if its status is 200: devices take every other one as a refusal.
    pub fn ok(self, step: &'static str) -> Result<Self, Trouble> {
        if self.status == 200 {
            return Ok(self);
        }
        let said = String::from_utf8_lossy(&self.body[..self.body.len().min(200)]).into_owned();
        Err(Trouble::Refused { step, status: self.status, said })
    }
}

/// A server's address with the connection kept to it, if one is open.
pub struct Line {
    host: String,
    port: u16,
    tls: Arc<rustls::ClientConfig>,
    open: Option<SendRequest<Outgoing>>,
    latencies: Latencies,
}

impl Line {
    /// The server that an `https` URL names. Connects with the first call.
    pub fn to(url: &Uri, tls: Arc<rustls::ClientConfig>, latencies: Latencies) -> Result<Self, Trouble> {
        if url.scheme_str() != Some("https") {
            return Err(Trouble::Rule(format!("devices speak to https addresses only, not to {url}")));
        }
        let host = url.host().ok_or_else(|| Trouble::Rule(format!("{url} names no host")))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { host, port: url.port_u16().unwrap_or(443), tls, open: None, latencies })
    }

    /// Whether `url` is on the same server.
    pub fn reaches(&self, url: &Uri) -> bool {
        url.host().map(|h| h.trim_matches(['[', ']'])) == Some(&self.host)
            && url.port_u16().unwrap_or(443) == self.port
    }

    /// Lets the connection go.
    pub fn hang_up(&mut self) {
        self.open = None;
    }

    /// Whether a connection is open.
    pub fn is_open(&self) -> bool {
        self.open.as_ref().is_some_and(|open| !open.is_closed())
    }

    /// Sends one request and reads its reply whole. A kept connection that the server had closed meanwhile is
    /// replaced once.
    pub async fn call(&mut self, call: &Call) -> Result<Reply, Trouble> {
        if self.is_open() {
            match self.attempt(call, call.body.clone().into()).await {
                Err(Trouble::Unreachable(_)) => self.hang_up(),
                reply => return reply,
            }
        }
        self.attempt(call, call.body.clone().into()).await
    }

    /// Sends half of the body, then breaks the connection.
    pub async fn call_and_break(&mut self, call: &Call) {
        let half = call.body.slice(..call.body.len() / 2);
        let body = Outgoing::Broken { half: Some(half), whole: call.body.len() as u64, rest: None };
        let _ = self.attempt(call, body).await;
        self.hang_up();
    }

    async fn attempt(&mut self, call: &Call, body: Outgoing) -> Result<Reply, Trouble> {
        if !self.is_open() {
            self.open = Some(self.connect().await?);
        }
        let Some(open) = self.open.as_mut() else { return Err(Trouble::Unreachable("not connected".into())) };
        let authority =
            if self.port == 443 { self.host.clone() } else { format!("{}:{}", self.host, self.port) };
        let mut request =
            Request::builder().method(call.method.clone()).uri(&call.path).header(header::HOST, authority);
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        let request =
            request.body(body).map_err(|e| Trouble::Rule(format!("a request cannot be written: {e}")))?;
        let exchange = async {
            open.ready().await.map_err(|e| Trouble::unreachable("the connection", e))?;
            let response =
                open.send_request(request).await.map_err(|e| Trouble::unreachable("no reply", e))?;
            let status = response.status().as_u16();
            let content_type = response.headers().get(header::CONTENT_TYPE);
            let content_type = content_type.and_then(|v| v.to_str().ok()).map(str::to_owned);
            let body = Limited::new(response.into_body(), LARGEST_REPLY).collect().await;
            let body = body.map_err(|e| Trouble::unreachable("the reply broke off", e))?.to_bytes();
            Ok(Reply { status, content_type, body })
        };
        let reply = tokio::time::timeout(PATIENCE, exchange).await;
        let reply = reply.unwrap_or_else(|_| Err(Trouble::Unreachable("no reply within a minute".into())));
        if reply.is_err() {
            self.hang_up();
        }
        reply
    }

    async fn connect(&self) -> Result<SendRequest<Outgoing>, Trouble> {
        let began = Instant::now();
        let connecting = async {
            let tcp = TcpStream::connect((self.host.as_str(), self.port)).await?;
            tcp.set_nodelay(true)?;
            let name = ServerName::try_from(self.host.clone()).map_err(std::io::Error::other)?;
            TlsConnector::from(self.tls.clone()).connect(name, tcp).await
        };
        let tls = tokio::time::timeout(PATIENCE, connecting).await;
        let tls = tls.map_err(|_| Trouble::Unreachable("no connection within a minute".into()))?;
        let tls = tls.map_err(|e| Trouble::unreachable("no connection", e))?;
        let (sender, connection) =
            handshake(TokioIo::new(tls)).await.map_err(|e| Trouble::unreachable("no connection", e))?;
        // Its end shows in the sender, which then counts as closed.
        tokio::spawn(connection);
        self.latencies.add(Leg::Connect, began.elapsed());
        Ok(sender)
    }
}

/// A body on its way out.
enum Outgoing {
    Whole(Option<Bytes>),
    /// Promises `whole` bytes, sends `half`, waits a moment for them to leave, and breaks.
    Broken {
        half: Option<Bytes>,
        whole: u64,
        rest: Option<Pin<Box<tokio::time::Sleep>>>,
    },
}

impl From<Bytes> for Outgoing {
    fn from(body: Bytes) -> Self {
        Self::Whole(Some(body).filter(|body| !body.is_empty()))
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut *self {
            Self::Whole(body) => Poll::Ready(body.take().map(|body| Ok(Frame::data(body)))),
            Self::Broken { half, rest, .. } => {
                if let Some(half) = half.take() {
                    *rest = Some(Box::pin(tokio::time::sleep(Duration::from_millis(20))));
                    return Poll::Ready(Some(Ok(Frame::data(half))));
                }
                let broken = || std::io::Error::other("broken on request");
                match rest {
                    Some(sleep) => sleep.as_mut().poll(cx).map(|()| Some(Err(broken()))),
                    None => Poll::Ready(Some(Err(broken()))),
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => SizeHint::with_exact(body.as_ref().map_or(0, |b| b.len() as u64)),
            Self::Broken { whole, .. } => SizeHint::with_exact(*whole),
        }
    }
}
