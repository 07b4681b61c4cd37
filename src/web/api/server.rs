//! The server itself: its CA, what happened, its logs' level, its health.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::{limit, moment};
use crate::model::Time;
use crate::model::due::Work;
use crate::store;
use crate::web::admin::server::change_level;
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::web::table::Door;
use crate::wire::api::{ActivityInfo, Answer, CaInfo, DueCount, Facts, Health, LogLevel, Page, StoreFacts};

/// `GET /api/v1/ca`
pub(in crate::web) async fn ca(ask: Ask) -> Result<Response, Fault> {
    let ca = &ask.app.authority.ca;
    ask.answer(CaInfo {
        pem: ca.to_pem(),
        sha256: hex::encode(ca.fingerprint()),
        subject: ca.subject(),
        expires: moment(Time::from_secs(ca.not_after())),
    })
}

/// `GET /api/v1/activity?device=&after=&limit=`
pub(in crate::web) async fn activity(ask: Ask) -> Result<Response, Fault> {
    let (limit, before) = (limit(&ask)?, ask.number("after")?);
    let view = ask.read()?;
    let mut found = match ask.said.query.some("device") {
        Some(device) => {
            let id = crate::actions::devices::find(&view, device)?.id;
            store::activities::of_device(&view, &id, before, limit + 1)?
        }
        None => store::activities::list(&view, before, limit + 1)?,
    };
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|a| a.seq.to_string());
    let items: Vec<ActivityInfo> = found
        .into_iter()
        .map(|a| ActivityInfo {
            seq: a.seq,
            at: moment(a.at),
            by: a.by,
            kind: a.kind,
            text: a.text,
            device: a.device.map(|d| d.to_string()),
            alert: a.alert,
        })
        .collect();
    ask.answer(Page { items, total: None, next })
}

/// `GET /api/v1/log-level`
pub(in crate::web) async fn log_level(ask: Ask) -> Result<Response, Fault> {
    ask.answer((ask.app.hooks.log_level)())
}

/// `POST /api/v1/log-level`
pub(in crate::web) async fn set_log_level(ask: Ask) -> Result<Response, Fault> {
    let wish: LogLevel = ask.json()?;
    ask.answer(change_level(&ask, &wish.level, wish.for_secs).await?)
}

/// `GET /api/v1/facts`
pub(in crate::web) async fn facts(ask: Ask) -> Result<Response, Fault> {
    let checks = (ask.app.hooks.checks)().await;
    let view = ask.read()?;
    let mut due = Vec::new();
    for work in [Work::Push, Work::Reconcile, Work::Release] {
        due.push(DueCount { work: work.as_str().into(), rows: store::dues::count(&view, work)? });
    }
    ask.answer(Facts {
        version: ask.app.config.version.clone(),
        address: ask.app.site.base_url(),
        organization: store::settings::get(&view)?.map(|s| s.organization).unwrap_or_default(),
        devices: store::devices::count(&view)?,
        enrolled: store::enrollments::enrolled_count(&view)?,
        profiles: store::profiles::list(&view)?.len() as u64,
        accounts: store::accounts::list(&view)?.len() as u64,
        due,
        store: store_facts(&ask),
        now: moment(ask.now),
        checks,
    })
}

fn store_facts(ask: &Ask) -> StoreFacts {
    let stats = ask.app.store.stats();
    StoreFacts {
        open: stats.open,
        commits: stats.commits,
        jobs: stats.jobs,
        failed: stats.failed,
        panics: stats.panics,
        reopened: stats.reopened,
        queued: stats.queued,
        last_error: stats.last_error,
    }
}

/// `GET /healthz`: the process answers.
pub(in crate::web) async fn alive(ask: Ask) -> Result<Response, Fault> {
    ask.answer(health(&ask, "ok"))
}

/// `GET /readyz`: the store answers too.
pub(in crate::web) async fn ready(ask: Ask) -> Result<Response, Fault> {
    let reads = ask.app.store.read().and_then(|view| store::settings::get(&view));
    match reads {
        Ok(_) => ask.answer(health(&ask, "ok")),
        Err(_) => {
            let body = Json(Answer::new(health(&ask, "the store cannot be read")));
            Ok((StatusCode::SERVICE_UNAVAILABLE, body).into_response())
        }
    }
}

/// Strangers are not told which version this is.
fn health(ask: &Ask, status: &str) -> Health {
    let known = ask.door == Door::Socket;
    Health { status: status.into(), version: known.then(|| ask.app.config.version.clone()) }
}
