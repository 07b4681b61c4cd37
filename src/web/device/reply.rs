//! What a device may be answered, and nothing else.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::actions::Refusal;
use crate::model::enrollment::EnrollmentId;

/// An answer to a device. A device that is told 401 may remove its management (Apple, *Check-in*; servers have
/// lost fleets that way), so the statuses are these and a 401 cannot be spelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceReply {
    /// 200 and no byte: done, nothing to do.
    Empty,
    /// 200 with a property list.
    Plist(Vec<u8>),
    /// 200 with other bytes of this type, exactly as written: SCEP clients compare it as a string.
    Bytes(&'static str, Vec<u8>),
    /// 400: the request is not accepted. The device stays enrolled.
    BadRequest,
    /// 403 with the code `com.apple.unrecognized.device`: the device removes its management.
    Unrecognized,
    /// 404: no such declaration, no such page.
    NotFound,
    /// 405: another method. The text lists those that work.
    WrongMethod(&'static str),
    /// 410: this user is not managed. Only for `UserAuthenticate`.
    NotManaged,
    /// 413: too many bytes.
    TooLarge,
    /// 500: our disk or our bug. The device keeps what it said and says it again.
    Failed,
    /// 503: come again in a minute.
    Busy,
}

/// Body of [`DeviceReply::Unrecognized`] (Apple, *Error code: unrecognized device*; iOS 17, macOS 14).
const UNRECOGNIZED: &str =
    r#"{"code":"com.apple.unrecognized.device","description":"This device is not managed here any more."}"#;

impl DeviceReply {
    /// The status, as a number for the log.
    pub fn status(&self) -> u16 {
        self.code().as_u16()
    }

    fn code(&self) -> StatusCode {
        match self {
            Self::Empty | Self::Plist(_) | Self::Bytes(..) => StatusCode::OK,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unrecognized => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotManaged => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for DeviceReply {
    fn into_response(self) -> Response {
        let status = self.code();
        let (content_type, extra, body) = match self {
            Self::Plist(body) => (Some("application/xml; charset=UTF-8"), None, Body::from(body)),
            Self::Bytes(content_type, body) => (Some(content_type), None, Body::from(body)),
            Self::Unrecognized => (Some("application/json"), None, Body::from(UNRECOGNIZED)),
            Self::WrongMethod(allow) => (None, Some((header::ALLOW, allow)), Body::empty()),
            Self::Busy => (None, Some((header::RETRY_AFTER, "60")), Body::empty()),
            _ => (None, None, Body::empty()),
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        if let Some(content_type) = content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if let Some((name, value)) = extra {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// What happened, for the one line in the log.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace {
    /// The message type or the status of the report.
    pub(super) kind: String,
    /// Who.
    pub(super) device: Option<EnrollmentId>,
    /// The command it answered.
    pub(super) answered: Option<String>,
    /// The command it got, with its type.
    pub(super) handed: Option<(String, String)>,
    /// Why it was refused: a stable word, and words.
    pub(super) refused: Option<(&'static str, String)>,
}

impl Trace {
    /// Remembers a refusal.
    pub(super) fn refuse(&mut self, refusal: &Refusal) {
        self.refused = Some((refusal.code, refusal.said.clone()));
    }
}
