//! What happens to every request before its route: its mark, its host, the size of its body, a net for panics.

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use http::header::{HOST, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use tower::Service;
use tracing::Instrument;

use super::Door;
use super::body::{Guarded, Paced};
use super::pulse::Pulse;
use crate::model::Time;
use crate::model::edge::roll;
use crate::web::app::{Peer, RequestId};
use crate::web::limits::Caller;

/// A request id from a moment and ten random bytes: a ULID, 26 characters that sort by time.
fn request_id(now: Time, random: [u8; 10]) -> RequestId {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut bytes = [0u8; 16];
    bytes[..6].copy_from_slice(&now.0.max(0).to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&random);
    let value = u128::from_be_bytes(bytes);
    RequestId((0..26).rev().map(|place| DIGITS[(value >> (5 * place)) as usize & 31] as char).collect())
}

/// Headers by which a proxy, or a liar, tells who asked. There is no proxy before us: they are removed.
const CLAIMS: [&str; 9] = [
    "forwarded",
    "true-client-ip",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-original-url",
    "x-real-ip",
    "x-rewrite-url",
];

/// One connection as its requests see it.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) door: Arc<Door>,
    pub(super) caller: Caller,
    /// The name the client asked for in its TLS hello.
    pub(super) server_name: Option<Arc<str>>,
    pub(super) pulse: Arc<Pulse>,
}

/// The host a request is for, without its port, lowercase; or the status that refuses it (rule W12).
fn host_of<B>(request: &Request<B>) -> Result<String, StatusCode> {
    let mut headers = request.headers().get_all(HOST).iter();
    let header = headers.next();
    if headers.next().is_some() {
        return Err(StatusCode::BAD_REQUEST);
    }
    let header = header.map(|h| h.to_str().map_err(|_| StatusCode::BAD_REQUEST)).transpose()?;
    let target = request.uri().authority().map(http::uri::Authority::as_str);
    let authority = match (target, header) {
        (Some(target), Some(header)) if !target.eq_ignore_ascii_case(header) => {
            return Err(StatusCode::BAD_REQUEST);
        }
        (Some(one), _) | (None, Some(one)) => one,
        (None, None) => return Err(StatusCode::BAD_REQUEST),
    };
    let parsed: http::uri::Authority = authority.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
    if authority.contains('@') || parsed.host().is_empty() {
        return Err(StatusCode::BAD_REQUEST);
    }
    Ok(parsed.host().trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase())
}

impl Line {
    fn check_host<B>(&self, request: &Request<B>) -> Result<(), StatusCode> {
        let Caller::Address(_) = self.caller else { return Ok(()) };
        let host = host_of(request)?;
        if !self.door.names.contains(&host) {
            return Err(StatusCode::MISDIRECTED_REQUEST);
        }
        // A TLS hello names hosts, never addresses, so an address in Host has nothing to agree with.
        match &self.server_name {
            Some(name) if host.parse::<IpAddr>().is_err() && !name.eq_ignore_ascii_case(&host) => {
                Err(StatusCode::MISDIRECTED_REQUEST)
            }
            _ => Ok(()),
        }
    }

    async fn answer(self, mut request: Request<Incoming>) -> Response<Guarded<Body>> {
        let busy = self.pulse.request();
        let door = &self.door;
        let id = request_id(door.clock.now(), roll(&*door.dice));
        for claim in CLAIMS {
            request.headers_mut().remove(claim);
        }
        let span = tracing::info_span!("request", peer = %self.caller, req = %id.0);

        let host = self.check_host(&request);
        // Whoever cannot say whom they speak to is not listened to any further (rule W13).
        let ends = host == Err(StatusCode::BAD_REQUEST) && request.version() < http::Version::HTTP_2;
        let mut response = match host {
            Err(status) => span.in_scope(|| refuse(status, self.door.names.first())),
            Ok(()) if declared_length(&request).is_some_and(|length| length > door.limits.body_size) => {
                span.in_scope(|| refuse(StatusCode::PAYLOAD_TOO_LARGE, None))
            }
            Ok(()) => {
                if let Caller::Address(address) = self.caller {
                    request.extensions_mut().insert(Peer(address));
                }
                request.extensions_mut().insert(id.clone());
                let request = request.map(|body| Body::new(Paced::new(body, &door.limits)));
                let mut router = door.router.clone();
                let answer = catching(async move {
                    match router.call(request).await {
                        Ok(response) => response,
                        Err(never) => never_happens(never),
                    }
                });
                match answer.instrument(span.clone()).await {
                    Ok(response) => response,
                    // The panic hook has told the log where it was.
                    Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, String::new()),
                }
            }
        };
        if ends {
            response.headers_mut().insert(http::header::CONNECTION, HeaderValue::from_static("close"));
        }
        if let Ok(value) = HeaderValue::from_str(&id.0) {
            response.headers_mut().entry(HeaderName::from_static("x-request-id")).or_insert(value);
        }
        response.map(|body| Guarded::new(body, Some(busy)))
    }
}

impl hyper::service::Service<Request<Incoming>> for Line {
    type Response = Response<Guarded<Body>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let line = self.clone();
        Box::pin(async move { Ok(line.answer(request).await) })
    }
}

fn never_happens(never: Infallible) -> Response<Body> {
    match never {}
}

fn declared_length<B>(request: &Request<B>) -> Option<u64> {
    request.headers().get(http::header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Refuses before any route: the room that would have told the log never hears of it.
fn refuse(status: StatusCode, name: Option<&String>) -> Response<Body> {
    tracing::info!(target: "profilemanager", status = status.as_u16(), "refused at the door");
    let text = match (status, name) {
        (StatusCode::MISDIRECTED_REQUEST, Some(name)) => format!("This server answers as {name} only.\n"),
        _ => format!("{status}\n"),
    };
    plain(status, text)
}

fn plain(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    response
}

/// Polls `work` so that a panic inside becomes an error of this one request.
fn catching<F: Future>(work: F) -> Catching<F> {
    Catching(Box::pin(work))
}

struct Catching<F>(Pin<Box<F>>);

impl<F: Future> Future for Catching<F> {
    type Output = Result<F::Output, Box<dyn Any + Send>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(uri: &str, hosts: &[&str]) -> Result<String, StatusCode> {
        let mut request = Request::builder().uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        host_of(&request.body(()).expect("a request"))
    }

    #[test]
    fn a_request_names_one_host_or_is_refused() {
        assert_eq!(host("/", &["MDM.Example.org:8443"]).as_deref(), Ok("mdm.example.org"));
        assert_eq!(host("/", &["mdm.example.org."]).as_deref(), Ok("mdm.example.org"));
        assert_eq!(host("/", &["[::1]:8443"]).as_deref(), Ok("::1"));
        assert_eq!(host("https://mdm.example.org/x", &[]).as_deref(), Ok("mdm.example.org"));
        assert_eq!(host("https://evil/x", &["mdm.example.org"]), Err(StatusCode::BAD_REQUEST));
        assert_eq!(host("/", &["a.example", "b.example"]), Err(StatusCode::BAD_REQUEST));
        assert_eq!(host("/", &[]), Err(StatusCode::BAD_REQUEST));
        assert_eq!(host("/", &["user@mdm.example.org"]), Err(StatusCode::BAD_REQUEST));
    }

    #[test]
    fn request_ids_sort_by_time() {
        let early = request_id(Time(1_000), [255; 10]);
        let late = request_id(Time(1_001), [0; 10]);
        assert_eq!(early.0.len(), 26);
        assert!(early.0 < late.0);
    }
}
