//! The one endpoint of device management: check-in and command reports.

mod check_in;
mod refuse;
mod report;

use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, Method, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::desk::Desk;
use super::reply::{DeviceReply, Trace};
use crate::actions::check_in::channel_id;
use crate::model::Time;
use crate::model::edge::roll;
use crate::model::enrollment::EnrollmentId;
use crate::web::app::{App, RequestId};
use crate::wire::Malformed;
use crate::wire::mdm::Channel;

/// Start of the content type of a check-in; whatever else there is, or nothing, is a command report.
const CHECK_IN_TYPE: &[u8] = b"application/x-apple-aspen-mdm-checkin";
/// Largest check-in, in bytes.
const CHECK_IN_MAX: usize = 1 << 20;
/// Largest report, in bytes: lists of apps and certificates are long.
const REPORT_MAX: usize = 16 << 20;
/// Serves `/mdm`.
pub(super) async fn serve(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    request: Request,
) -> DeviceReply {
    let started = Instant::now();
    let id = request.extensions().get::<RequestId>().cloned();
    let mut trace = Trace::default();
    let reply = match receive(&app, &desk, request, &mut trace).await {
        Ok(reply) | Err(reply) => reply,
    };
    complete(&app, id, started, &trace, &reply);
    reply
}

/// The one line for each request.
fn complete(app: &App, id: Option<RequestId>, started: Instant, trace: &Trace, reply: &DeviceReply) {
    let id = id.map_or_else(|| hex::encode(roll::<6>(app.dice.as_ref())), |id| id.0);
    let dev = trace.device.as_ref().map_or("-", EnrollmentId::as_str);
    let cmd = trace.answered.as_deref().or(trace.handed.as_ref().map(|h| h.0.as_str())).unwrap_or("-");
    let ms = started.elapsed().as_secs_f64() * 1000.0;
    let status = reply.status();
    match (&trace.refused, &trace.handed) {
        (Some((code, said)), _) => {
            tracing::warn!(target: "mdm", req = %id, dev, cmd, kind = trace.kind, status, ms, code, said, "completed");
        }
        (None, Some((next, kind))) => {
            tracing::info!(target: "mdm", req = %id, dev, cmd, kind = trace.kind, status, ms, next, sent = kind, "completed");
        }
        (None, None) => {
            tracing::info!(target: "mdm", req = %id, dev, cmd, kind = trace.kind, status, ms, "completed");
        }
    }
}

async fn receive(
    app: &App,
    desk: &Desk,
    request: Request,
    trace: &mut Trace,
) -> Result<DeviceReply, DeviceReply> {
    if !matches!(*request.method(), Method::PUT | Method::POST) {
        return Err(DeviceReply::WrongMethod("PUT, POST"));
    }
    let (parts, body) = request.into_parts();
    let headers = parts.headers;
    let content_type = headers.get(header::CONTENT_TYPE).map(|v| v.as_bytes()).unwrap_or_default();
    let is_check_in = content_type
        .get(..CHECK_IN_TYPE.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(CHECK_IN_TYPE));
    let max = if is_check_in { CHECK_IN_MAX } else { REPORT_MAX };
    let body = read(body, &headers, max).await?;
    let call = Call { app, desk, headers, body, now: app.clock.now() };
    if is_check_in { check_in::take(call, trace).await } else { report::take(call, trace).await }
}

/// A message as it came.
struct Call<'a> {
    app: &'a App,
    desk: &'a Desk,
    headers: HeaderMap,
    body: Bytes,
    now: Time,
}

impl Call<'_> {
    /// Verifies and reads it by `work`; `what` it should be is for the log.
    async fn read<T: Send + 'static>(
        self,
        what: &str,
        trace: &mut Trace,
        work: impl FnOnce(&HeaderMap, Bytes) -> Result<T, Malformed> + Send + 'static,
    ) -> Result<T, DeviceReply> {
        let (outside, headers) = (Outside::of(&self.body), self.headers);
        let read = self.desk.read(self.body, move |body| work(&headers, body)).await?;
        read.map_err(|m| outside.unreadable(trace, what, &m))
    }
}

/// The id of the channel that speaks, which the log is told as well.
fn channel(app: &App, trace: &mut Trace, channel: &Channel) -> Result<EnrollmentId, DeviceReply> {
    let id = channel_id(channel).map_err(|failure| refuse::settle(app, trace, failure))?;
    trace.device = Some(id.clone());
    Ok(id)
}

/// Reads a body of at most `max` bytes.
pub(super) async fn read(
    body: axum::body::Body,
    headers: &HeaderMap,
    max: usize,
) -> Result<Bytes, DeviceReply> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > max as u64) {
        return Err(DeviceReply::TooLarge);
    }
    match Limited::new(body, max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(e) if e.is::<LengthLimitError>() => Err(DeviceReply::TooLarge),
        Err(_) => Err(DeviceReply::BadRequest),
    }
}

/// What a body looks like from outside, for the log. More of it is not repeated there: a message that cannot be
/// read may still hold a token.
struct Outside {
    size: usize,
    start: String,
}

impl Outside {
    fn of(body: &[u8]) -> Self {
        let start = &body[..body.len().min(16)];
        Self { size: body.len(), start: start.escape_ascii().to_string() }
    }

    fn unreadable(self, trace: &mut Trace, what: &str, m: &Malformed) -> DeviceReply {
        let Self { size, start } = self;
        trace.kind = what.to_owned();
        trace.refused = Some(("mdm.unreadable", format!("{m} ({size} bytes: {start}…)")));
        DeviceReply::BadRequest
    }
}

fn seen(app: &App, id: &EnrollmentId, now: Time) {
    app.seen.note(id, now);
    if id.is_user() {
        app.seen.note(&id.device(), now);
    }
}
