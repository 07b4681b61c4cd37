//! The one table from what went wrong to what each audience is told: a page for people, JSON for programs.
//!
//! Devices are not here: `web::device::reply` speaks to them, and cannot spell every status.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::codes;
use crate::actions::{Failure, Refusal, Sort};
use crate::store::Broken;
use crate::views;
use crate::wire::api::{Problem, SCHEMA};

/// What went wrong, in words, with a code and a way on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code, a row of [`codes::CODES`].
    pub code: &'static str,
    /// What happened and what it means.
    pub said: String,
    /// What to do now; the code's own advice.
    pub next: &'static str,
    /// Seconds to wait before trying again.
    pub retry_after: Option<i64>,
    /// For the log alone.
    pub detail: Option<String>,
}

impl Fault {
    /// A fault whose code knows its status; 422 where the table has none.
    pub fn new(code: &'static str, said: impl Into<String>) -> Self {
        let row = codes::find(code);
        let status = row.and_then(|r| r.status).and_then(|s| StatusCode::from_u16(s).ok());
        Self {
            status: status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
            code,
            said: said.into(),
            next: row.map_or("Go back and try again.", |r| r.next),
            retry_after: None,
            detail: None,
        }
    }

    /// Nobody is signed in.
    pub fn signed_out() -> Self {
        Self::new("access.sign-in", "Nobody is signed in here, or the session is over.")
    }

    /// Too many passwords are being checked.
    pub fn sign_in_busy() -> Self {
        Self {
            retry_after: Some(2),
            ..Self::new("sign-in.busy", "Too many people are signing in at this moment.")
        }
    }

    /// This name or address waits.
    pub fn sign_in_wait(secs: i64) -> Self {
        let said = match secs {
            1 => "There was a wrong password just now. Wait a second.".to_owned(),
            s if s < 120 => format!("There were wrong passwords. Wait {s} seconds."),
            s => format!("There were many wrong passwords. Wait {} minutes.", (s + 59) / 60),
        };
        Self { retry_after: Some(secs), ..Self::new("sign-in.wait", said) }
    }

    /// Our bug; the log has the rest.
    pub fn panicked() -> Self {
        Self::new("server.panic", "The server made a mistake while it answered. Nothing else is affected.")
    }

    /// There is nothing at this address.
    pub fn nothing_here() -> Self {
        Self::new("page.unknown", "There is no page at this address.")
    }

    /// What axum or hyper said with a bare status.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::nothing_here(),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new("page.method", "The address is right, the method is not.")
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new("body.large", "The request is larger than this address takes.")
            }
            s if s.is_server_error() => Self { status, ..Self::panicked() },
            _ => Self { status, ..Self::new("body.form", "The request could not be read.") },
        }
    }

    /// The answer for a program.
    pub fn for_program(&self, request: &str) -> Response {
        let body = Problem {
            schema: SCHEMA,
            code: self.code.into(),
            said: self.said.clone(),
            next: self.next.into(),
            request: request.into(),
        };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        self.finish(response)
    }

    /// The answer for a person.
    pub fn for_person(&self, page: &views::Page, request: &str) -> Response {
        let problem = views::problem::Problem {
            status: self.status.as_u16(),
            title: self.title().into(),
            meaning: self.said.clone(),
            next: self.next.into(),
            code: self.code.into(),
            request_id: request.into(),
            back: None,
        };
        self.finish((self.status, html(problem.render(page))).into_response())
    }

    /// The headline.
    pub fn title(&self) -> &'static str {
        codes::find(self.code).map_or("That did not work", |row| row.title)
    }

    /// The field of a form that this is about, by its code.
    pub fn about(&self, fields: &[(&'static str, &'static str)]) -> views::form::Wrong {
        let field = fields.iter().find(|(code, _)| *code == self.code).map(|(_, field)| (*field).to_owned());
        views::form::Wrong { said: self.said.clone(), field }
    }

    fn finish(&self, mut response: Response) -> Response {
        if let Some(secs) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        response.extensions_mut().insert(Said(self.code));
        response
    }
}

/// Marks a response whose error is in words already; carries the code for the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said(pub(super) &'static str);

/// HTML as an answer.
pub(super) fn html(markup: views::Markup) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], markup.into_string())
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let fault = Self::new(refusal.code, refusal.said);
        if codes::find(refusal.code).is_some_and(|row| row.status.is_some()) {
            return fault;
        }
        let status = match refusal.sort {
            Sort::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Sort::Missing => StatusCode::NOT_FOUND,
            Sort::Forbidden => StatusCode::FORBIDDEN,
            Sort::Conflict => StatusCode::CONFLICT,
        };
        Self { status, ..fault }
    }
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        let said = "What was asked could not be done, because the server cannot write or read its data now.";
        Self { detail: Some(broken.to_string()), retry_after: Some(10), ..Self::new("store.broken", said) }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Broken(broken) => broken.into(),
        }
    }
}
