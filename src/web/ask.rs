//! A request as handlers see it: let in, read, bounded. Nothing here is optional that a handler must not forget.

use std::net::IpAddr;

use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fields::Fields;
use super::identity::{Caller, FORM_COOKIE, Person, set_cookie};
use super::problem::{Fault, html};
use super::table::Door;
use super::{App, csrf, page};
use crate::actions::{Failure, permission};
use crate::model::Time;
use crate::model::account::Actor;
use crate::rules::access::Right;
use crate::store::{Read, Write};
use crate::views::{self, Markup, Toast, Tone};
use crate::wire::api::Answer;

/// One request and all that a handler needs to answer it.
pub(super) struct Ask {
    pub(super) app: App,
    pub(super) caller: Option<Caller>,
    pub(super) said: Said,
    pub(super) headers: HeaderMap,
    pub(super) uri: Uri,
    pub(super) now: Time,
    pub(super) peer: IpAddr,
    pub(super) form_token: Option<String>,
    pub(super) door: Door,
}

/// What the request says.
pub(super) struct Said {
    pub(super) path: Vec<(String, String)>,
    pub(super) query: Fields,
    pub(super) fields: Fields,
    pub(super) body: Bytes,
}

impl Ask {
    /// Who asks. Routes that need nobody must not call this.
    pub(super) fn actor(&self) -> Result<Actor, Fault> {
        self.caller.as_ref().map(|c| c.actor.clone()).ok_or_else(Fault::signed_out)
    }

    /// The person who asks, with their session.
    pub(super) fn person(&self) -> Result<&Person, Fault> {
        self.caller.as_ref().and_then(|c| c.person.as_ref()).ok_or_else(Fault::signed_out)
    }

    /// Whether the caller has this right.
    pub(super) fn may(&self, right: Right) -> bool {
        self.caller.as_ref().is_some_and(|c| crate::rules::access::allowed(c.actor.role, right))
    }

    /// A part of the path, decoded.
    pub(super) fn part(&self, name: &str) -> &str {
        self.said.path.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
    }

    /// A snapshot of the store.
    pub(super) fn read(&self) -> Result<Read, Fault> {
        Ok(self.app.store.read()?)
    }

    /// Runs an action as one transaction.
    pub(super) async fn act<T, F>(&self, action: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Write, &Actor, Time) -> Result<T, Failure> + Send + 'static,
    {
        let (by, now) = (self.actor()?, self.now);
        Ok(self.app.store.write(move |w| action(w, &by, now)).await?)
    }

    /// Asks again for a right, in a snapshot: for what is done outside the store.
    pub(super) fn require(&self, right: Right) -> Result<(), Fault> {
        Ok(permission::require(&self.read()?, &self.actor()?, right, self.now)?)
    }

    /// The body as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_slice(&self.said.body).map_err(|error| {
            // The error names places and types, never the values.
            Fault::new(
                "api.body",
                format!("The JSON is not as expected (line {}, column {}).", error.line(), error.column()),
            )
        })
    }

    /// A number in the query.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Fault> {
        let number = self.said.query.some(name).map(str::parse);
        number.transpose().map_err(|_| Fault::new("api.query", format!("“{name}” is no number.")))
    }

    // --- answers for people ---------------------------------------------------------------------

    /// A page.
    pub(super) fn page(&self, render: impl FnOnce(&views::Page) -> Markup) -> Result<Response, Fault> {
        self.page_as(StatusCode::OK, render)
    }

    /// A page again, with what was wrong in its form.
    pub(super) fn again(
        &self,
        fault: &Fault,
        render: impl FnOnce(&views::Page) -> Markup,
    ) -> Result<Response, Fault> {
        let mut response = self.page_as(fault.status, render)?;
        if let Some(secs) = fault.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        Ok(response)
    }

    fn page_as(
        &self,
        status: StatusCode,
        render: impl FnOnce(&views::Page) -> Markup,
    ) -> Result<Response, Fault> {
        let toast = self.person().ok().and_then(|p| self.app.memory.toasts.take(&p.hash));
        let mut frame = page::frame(&self.app, self.caller.as_ref(), self.uri.path(), self.now, self.csrf());
        frame.toast = toast;
        let mut response = (status, html(render(&frame))).into_response();
        let has_forms = self.uri.path().starts_with(views::address::OVERVIEW);
        if let Some(token) = self.form_token.as_ref().filter(|_| has_forms) {
            response.headers_mut().append(header::SET_COOKIE, set_cookie(FORM_COOKIE, token, 24 * 3600));
        }
        response.extensions_mut().insert(super::problem::Said(""));
        Ok(response)
    }

    fn csrf(&self) -> String {
        let token = match self.person() {
            Ok(person) => Some(person.session.csrf.as_str()),
            Err(_) => self.form_token.as_deref(),
        };
        token.map(|token| csrf::masked(&self.app, token)).unwrap_or_default()
    }

    /// Leads on to a page after something was done (303), where it is told once.
    pub(super) fn done(&self, to: &str, text: impl Into<String>) -> Result<Response, Fault> {
        self.done_with(to, Toast { tone: Tone::Ok, text: text.into(), undo: None })
    }

    /// The same with any message.
    pub(super) fn done_with(&self, to: &str, toast: Toast) -> Result<Response, Fault> {
        if let Ok(person) = self.person() {
            self.app.memory.toasts.keep(person.hash, toast);
        }
        Ok(page::go(to))
    }

    // --- answers for programs --------------------------------------------------------------------

    /// A JSON answer.
    pub(super) fn answer<T: Serialize>(&self, body: T) -> Result<Response, Fault> {
        Ok(Json(Answer::new(body)).into_response())
    }

    /// A JSON answer to something that was made.
    pub(super) fn made<T: Serialize>(&self, body: T) -> Result<Response, Fault> {
        Ok((StatusCode::CREATED, Json(Answer::new(body))).into_response())
    }

    /// A file.
    pub(super) fn file(&self, kind: &'static str, name: &str, bytes: Vec<u8>) -> Result<Response, Fault> {
        let name: String =
            name.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).take(100).collect();
        let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
            .unwrap_or_else(|_| HeaderValue::from_static("attachment"));
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CONTENT_DISPOSITION, disposition),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        Ok((headers, bytes).into_response())
    }
}
