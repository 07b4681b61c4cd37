//! The one way into every handler of ours: who asks, may they, is the form our own, is the body small enough; in
//! this order, so that nothing of a stranger's body is read before it is known whether they may send one.

use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::ask::{Ask, Said as Asked};
use super::fields::Fields;
use super::identity::{self, Caller, FORM_COOKIE};
use super::page;
use super::problem::Fault;
use super::table::{Audience, Door, Method, Needs, Rule};
use super::{App, Peer, RequestId, csrf, next};
use crate::actions::sessions;
use crate::model::Time;
use crate::rules::access::authorize;

/// Serves one request by `handler`, if its rule lets it through.
pub(super) async fn serve<F, Fut>(
    app: App,
    rule: Rule,
    door: Door,
    path: &RawPathParams,
    request: Request,
    handler: F,
) -> Response
where
    F: Fn(Ask) -> Fut,
    Fut: Future<Output = Result<Response, Fault>>,
{
    let (parts, body) = request.into_parts();
    let now = app.clock.now();
    let peer = parts.extensions.get::<Peer>().copied().unwrap_or_default().0;
    let id = parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let path: Vec<(String, String)> =
        path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let uri = parts.uri.clone();
    let mut seen = Seen { app: &app, rule, door, now, peer, caller: None, form_token: None };
    let outcome = match seen.let_in(&parts, body).await {
        Ok((fields, body)) => {
            let said = Asked { path, query: Fields::of_query(&uri), fields, body };
            let ask = Ask {
                app: app.clone(),
                caller: seen.caller.clone(),
                said,
                headers: parts.headers,
                uri: uri.clone(),
                now,
                peer,
                form_token: seen.form_token.clone(),
                door,
            };
            handler(ask).await
        }
        Err(refused) => Err(refused),
    };
    let caller = seen.caller;
    let response = match outcome {
        Ok(response) => response,
        Err(fault) => tell(&app, rule, &uri, caller.as_ref(), now, &id, &fault),
    };
    mark(response, rule, caller)
}

/// A page does not wait longer than this for the note that its session is used.
const NOTE_PATIENCE: Duration = Duration::from_secs(1);

struct Seen<'a> {
    app: &'a App,
    rule: Rule,
    door: Door,
    now: Time,
    peer: IpAddr,
    caller: Option<Caller>,
    /// Token of the form cookie, fresh or as it came.
    form_token: Option<String>,
}

impl Seen<'_> {
    async fn let_in(&mut self, parts: &Parts, body: Body) -> Result<(Fields, Bytes), Fault> {
        self.identify(&parts.headers).await?;
        self.authorize()?;
        let changes = self.rule.method != Method::Get;
        let people = self.rule.audience == Audience::People;
        if people && changes && !csrf::is_own(self.app, &parts.headers) {
            return Err(Fault::new("form.origin", "The browser says that another site sent this form."));
        }
        let body = if changes { self.read(parts, body).await? } else { Bytes::new() };
        if !people {
            return Ok((Fields::default(), body));
        }
        if !changes {
            return Ok((Fields::default(), Bytes::new()));
        }
        let fields = Fields::of_body(&parts.headers, body)
            .await
            .ok_or_else(|| Fault::new("body.form", "What the browser sent is no form."))?;
        if !self.token().is_some_and(|token| csrf::fits(token, fields.text("csrf"))) {
            return Err(Fault::new("form.token", "The form's token does not belong to this session."));
        }
        Ok((fields, Bytes::new()))
    }

    async fn identify(&mut self, headers: &HeaderMap) -> Result<(), Fault> {
        self.caller = match (self.rule.audience, self.door) {
            (Audience::Programs, Door::Socket) => Some(identity::console()),
            (Audience::Programs, Door::Network) => {
                identity::program(&self.app.store.read()?, headers, self.now)?
            }
            (Audience::People, _) => identity::person(self.app, &self.app.store.read()?, headers, self.now)?,
        };
        if self.rule.audience == Audience::People && self.caller.is_none() {
            let kept = identity::cookie(headers, FORM_COOKIE).filter(|t| t.len() == 43).map(str::to_owned);
            self.form_token = Some(kept.unwrap_or_else(|| csrf::fresh(self.app)));
        }
        self.note_use().await;
        Ok(())
    }

    /// A session that is used lives on. If the note cannot be written (the disk is full, say), reading goes on.
    async fn note_use(&self) {
        let Some(person) = self.caller.as_ref().and_then(|c| c.person.as_ref()) else { return };
        if sessions::is_stale(&person.session, self.now) {
            let (hash, now) = (person.hash, self.now);
            let note = self.app.store.write(move |w| sessions::note_use(w, &hash, now));
            match tokio::time::timeout(NOTE_PATIENCE, note).await {
                Ok(Ok(())) => {}
                Ok(Err(broken)) => {
                    tracing::warn!(target: "profilemanager", "a session's use was not noted: {broken}");
                }
                Err(_) => tracing::warn!(target: "profilemanager", "a session's use was not noted in time"),
            }
        }
    }

    fn authorize(&self) -> Result<(), Fault> {
        let caller = match (self.rule.needs, &self.caller) {
            (Needs::Nothing, _) => return Ok(()),
            (Needs::Console, _) if self.door == Door::Network => {
                return Err(Fault::new(
                    "access.console",
                    "This is done on the server itself, and not over the network.",
                ));
            }
            (_, Some(caller)) => caller,
            (_, None) if self.rule.audience == Audience::Programs => {
                return Err(Fault::new(
                    "access.token",
                    "There is no token, or it is unknown, revoked or past its end.",
                ));
            }
            (_, None) => return Err(Fault::signed_out()),
        };
        match self.rule.needs {
            Needs::Right(right) => authorize(caller.actor.role, right).map_err(Fault::from),
            Needs::Nothing | Needs::Identity | Needs::Console => Ok(()),
        }
    }

    async fn read(&self, parts: &Parts, body: Body) -> Result<Bytes, Fault> {
        let cap = if self.rule.file { self.app.config.import_max } else { self.app.config.body_max };
        // A multipart form is a little larger than its file.
        let cap = if self.rule.audience == Audience::People { cap + 16 * 1024 } else { cap };
        let told =
            parts.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        let too_large = || Fault::new("body.large", format!("The request has more than {} bytes.", cap));
        if told.is_some_and(|told| told > cap) {
            return Err(too_large());
        }
        match Limited::new(body, cap).collect().await {
            Ok(whole) => Ok(whole.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
            Err(error) => {
                tracing::debug!(target: "profilemanager", peer = %self.peer, "a request body broke off: {error}");
                Err(Fault::new("body.form", "The request broke off before its end."))
            }
        }
    }

    /// The token that this form must carry: the session's, or before there is one, the form cookie's.
    fn token(&self) -> Option<&str> {
        match &self.caller {
            Some(caller) => caller.person.as_ref().map(|p| p.session.csrf.as_str()),
            None => self.form_token.as_deref(),
        }
    }
}

/// What a fault looks like to whoever asked. A person who only wanted to see a page is led to the sign-in.
fn tell(
    app: &App,
    rule: Rule,
    uri: &Uri,
    caller: Option<&Caller>,
    now: Time,
    request: &str,
    fault: &Fault,
) -> Response {
    if let Some(detail) = &fault.detail {
        tracing::error!(target: "profilemanager", req = request, code = fault.code, "{detail}");
    }
    match rule.audience {
        Audience::Programs => fault.for_program(request),
        Audience::People if fault.code == "access.sign-in" && rule.method == Method::Get => {
            page::go(&next::sign_in_then(uri))
        }
        Audience::People => {
            // An error's page has the form that signs out.
            let person = caller.and_then(|c| c.person.as_ref());
            let token = person.map(|p| csrf::masked(app, &p.session.csrf)).unwrap_or_default();
            fault.for_person(&page::frame(app, caller, uri.path(), now, token), request)
        }
    }
}

/// Tells the outer layers, for the log, what was served and to whom.
fn mark(mut response: Response, rule: Rule, caller: Option<Caller>) -> Response {
    response.extensions_mut().insert(rule);
    if let Some(caller) = caller {
        response.extensions_mut().insert(By(caller.actor.name));
    }
    response
}

/// Who was served, for the log.
#[derive(Debug, Clone)]
pub(super) struct By(pub(super) String);
