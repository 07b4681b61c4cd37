//! The outermost layer: an id for each request, the right host, no panic that kills more than its request, errors
//! in words, and the headers that every answer carries.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use super::guard::By;
use super::problem::{Fault, Said};
use super::table::{Door, Rule};
use super::{App, Peer, RequestId, page};
use crate::model::edge::roll;

/// What pages may load and do: our own files, and nothing that is written into the page itself.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A year, as browsers' lists of https-only hosts ask.
const HSTS: &str = "max-age=31536000";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Whom an address belongs to, where no rule of ours was reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speaker {
    Device,
    Program,
    Person,
}

impl Speaker {
    fn of(path: &str) -> Self {
        let device =
            path == "/mdm" || path == "/scep" || (path.starts_with("/enroll/") && path.ends_with("/profile"));
        if device {
            Self::Device
        } else if path.starts_with("/api/") || path == "/healthz" || path == "/readyz" {
            Self::Program
        } else {
            Self::Person
        }
    }
}

/// Serves one request and lets nothing of it escape.
pub(super) async fn serve(
    State((app, door)): State<(App, Door)>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    // The listener has marked the request; tests that call the router itself have not.
    let marked = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    let id = marked.unwrap_or_else(|| hex::encode(roll::<6>(app.dice.as_ref())));
    request.extensions_mut().insert(RequestId(id.clone()));
    let peer = request.extensions().get::<Peer>().copied().unwrap_or_default().0;
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let speaker = Speaker::of(uri.path());
    let mut response = match host(&app, door, &uri, request.headers()) {
        Ok(()) => match caught(next.run(request)).await {
            Some(response) => in_words(&app, speaker, &uri, &id, response),
            None => {
                tracing::error!(target: "devicemgrd", req = id, %method, path = shown(&uri), "a request panicked");
                words(&app, speaker, &uri, &id, &Fault::panicked())
            }
        },
        Err(fault) => words(&app, speaker, &uri, &id, &fault),
    };
    if speaker != Speaker::Device {
        let by = response.extensions().get::<By>().map_or("-", |by| by.0.as_str());
        let path = response.extensions().get::<Rule>().map_or_else(|| shown(&uri), |rule| rule.path);
        let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let status = response.status().as_u16();
        let code = response.extensions().get::<Said>().map_or("", |said| said.0);
        tracing::info!(target: "profilemanager", req = id, %peer, by, %method, path, status, code, ms, "answered");
    }
    dress(&app, speaker, &id, response.headers_mut());
    response
}

/// An address for the log: a stranger's path may hold a secret (an enrollment link) or be made to mislead.
fn shown(uri: &Uri) -> &'static str {
    if uri.path().starts_with("/enroll/") { "/enroll/…" } else { "…" }
}

/// Whether the request is for this server. Every absolute address we write is built from the configuration, so
/// this only keeps others from using us under their name (rule W12).
fn host(app: &App, door: Door, uri: &Uri, headers: &HeaderMap) -> Result<(), Fault> {
    if door == Door::Socket {
        return Ok(());
    }
    let unknown = || Fault::new("host.unknown", "The request names a host that this server is not.");
    let mut named = headers.get_all(header::HOST).iter();
    let host = named.next().map(|value| value.to_str().map_err(|_| unknown())).transpose()?;
    if named.next().is_some() {
        return Err(Fault { status: StatusCode::BAD_REQUEST, ..unknown() });
    }
    let authority = uri.authority().map(|a| a.as_str());
    if let (Some(host), Some(authority)) = (host, authority)
        && !host.eq_ignore_ascii_case(authority)
    {
        return Err(Fault { status: StatusCode::BAD_REQUEST, ..unknown() });
    }
    let asked = authority.or(host).ok_or_else(|| Fault { status: StatusCode::BAD_REQUEST, ..unknown() })?;
    let name = bare(asked).ok_or_else(unknown)?;
    let ours = std::iter::once(&app.site.host).chain(&app.config.other_hosts);
    if ours.into_iter().any(|ours| ours.trim_matches(['[', ']']).eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    Err(unknown())
}

/// A host without its port, an IPv6 address without its brackets. The port is not compared: a server behind a
/// forwarded port is asked for under another one.
fn bare(asked: &str) -> Option<&str> {
    if asked.contains(['@', '/', ' ']) {
        return None;
    }
    if let Some(rest) = asked.strip_prefix('[') {
        return rest.split(']').next();
    }
    let name = asked.split(':').next()?;
    // A name may be written with the root's dot.
    Some(name.strip_suffix('.').unwrap_or(name))
}

/// Runs a future and turns a panic inside it into none.
async fn caught<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        // What panicked is dropped and not looked at again; locks of ours are taken up from their poison.
        match std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(done)) => Poll::Ready(Some(done)),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}

/// A bare error (no such route, a path that cannot be decoded) gets its words here.
fn in_words(app: &App, speaker: Speaker, uri: &Uri, id: &str, response: Response) -> Response {
    let status = response.status();
    let bare = (status.is_client_error() || status.is_server_error())
        && response.extensions().get::<Said>().is_none();
    if speaker == Speaker::Device || !bare {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut told = words(app, speaker, uri, id, &Fault::of_status(status));
    if let Some(allow) = allow {
        told.headers_mut().insert(header::ALLOW, allow);
    }
    told
}

fn words(app: &App, speaker: Speaker, uri: &Uri, id: &str, fault: &Fault) -> Response {
    match speaker {
        // Devices understand statuses alone, and none of these unenrolls them.
        Speaker::Device => {
            let mut response = Response::new(axum::body::Body::empty());
            *response.status_mut() = fault.status;
            response
        }
        Speaker::Program => fault.for_program(id),
        Speaker::Person => {
            fault.for_person(&page::frame(app, None, uri.path(), app.clock.now(), String::new()), id)
        }
    }
}

fn dress(app: &App, speaker: Speaker, id: &str, headers: &mut HeaderMap) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    if !app.config.demo {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if speaker == Speaker::Device {
        return;
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
