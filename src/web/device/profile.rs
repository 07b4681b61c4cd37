//! The enrollment profile behind a link, made for each download.

use std::time::Instant;

use axum::extract::{Extension, Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::desk::Desk;
use crate::actions::Failure;
use crate::actions::Sort;
use crate::actions::enrollments;
use crate::model::Time;
use crate::web::app::{App, Peer, RequestId};
use crate::wire::Secret;

/// Serves `/enroll/{token}/profile`.
pub(super) async fn serve(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let started = Instant::now();
    let peer = request.extensions().get::<Peer>().copied().unwrap_or_default().0;
    let id = request.extensions().get::<RequestId>().map_or_else(|| "-".to_owned(), |id| id.0.clone());
    let now = app.clock.now();
    let (response, why) = if desk.failures.too_many(peer, now) {
        let words = "Too many links that do not work. Try again in a minute.";
        (say(StatusCode::TOO_MANY_REQUESTS, words), Some("limit.failures"))
    } else {
        match make(&app, &desk, token, now).await {
            Ok(file) => (deliver(file), None),
            Err(failure) => {
                if failure.code() == "ticket.unknown" {
                    desk.failures.count(peer, now);
                }
                (refuse(&failure), Some(failure.code()))
            }
        }
    };
    let (status, ms) = (response.status().as_u16(), started.elapsed().as_secs_f64() * 1000.0);
    match why {
        None => {
            tracing::info!(target: "enroll", req = id, %peer, operation = "profile", status, ms, "completed");
        }
        Some(code) => {
            tracing::warn!(target: "enroll", req = id, %peer, operation = "profile", status, ms, code, "completed");
        }
    }
    response
}

async fn make(app: &App, desk: &Desk, token: String, now: Time) -> Result<Secret, Failure> {
    let (at, link) = (app.clone(), token.clone());
    let prepared = desk.work(move || {
        let view = at.store.read()?;
        let prepared =
            enrollments::prepare_download(&view, &link, &at.site, &at.authority, at.dice.as_ref(), now)?;
        let file = if at.config.devices.sign_profiles {
            prepared.signed(&at.authority, now)
        } else {
            prepared.profile.clone()
        };
        Ok::<_, Failure>((prepared, file))
    });
    let broken = |_| Failure::Broken(crate::store::Broken("the profile could not be made".into()));
    let (prepared, file) = prepared.await.map_err(broken)??;
    app.store.write(move |w| enrollments::download(w, &token, &prepared, now)).await?;
    Ok(file)
}

/// The file holds a one-time challenge: nobody on the way may keep it.
fn deliver(file: Secret) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/x-apple-aspen-config"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"enroll.mobileconfig\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, file.expose().to_vec()).into_response()
}

fn refuse(failure: &Failure) -> Response {
    match failure {
        Failure::Refused(refusal) => {
            let status = match refusal.sort {
                Sort::Missing => StatusCode::NOT_FOUND,
                Sort::Conflict if refusal.code == "ticket.closed" => StatusCode::GONE,
                Sort::Conflict => StatusCode::CONFLICT,
                Sort::Forbidden => StatusCode::FORBIDDEN,
                Sort::Invalid => StatusCode::BAD_REQUEST,
            };
            say(status, &refusal.said)
        }
        Failure::Broken(_) => {
            say(StatusCode::INTERNAL_SERVER_ERROR, "The server could not make the profile. Try again.")
        }
    }
}

fn say(status: StatusCode, words: &str) -> Response {
    let mut response = (status, words.to_owned()).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
