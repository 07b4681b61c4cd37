//! Commands.

use std::time::{Duration, Instant};

use axum::response::Response;

use super::devices::named;
use super::facts::command as info;
use super::limit;
use crate::actions::commands;
use crate::actions::orders::{self, Wish};
use crate::model::command::Command;
use crate::store;
use crate::web::admin::commands::for_eyes;
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::wire::api::{CommandDetail, CommandRequest, Page};

/// Longest wait for an answer, in seconds. Whoever wants more asks again.
const LONGEST_WAIT_SECS: u64 = 60;
/// Commits come by the thousand a second; looking this often is enough.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(50);

/// `POST /api/v1/devices/{device}/commands`
pub(in crate::web) async fn send(ask: Ask) -> Result<Response, Fault> {
    let wish: CommandRequest = ask.json()?;
    let request = orders::request(wish.order)?;
    let (device, dice) = (named(&ask)?, ask.app.dice.clone());
    let command = ask
        .act(move |w, by, now| {
            let (user, confirm) = (wish.user.as_deref(), wish.confirm.as_deref());
            orders::order(w, by, Wish { device: &device, user, request, confirm }, dice.as_ref(), now)
        })
        .await?;
    ask.made(info(&command))
}

/// `GET /api/v1/devices/{device}/commands?after=&limit=`
pub(in crate::web) async fn list(ask: Ask) -> Result<Response, Fault> {
    let (id, limit, before) = (named(&ask)?, limit(&ask)?, ask.number("after")?);
    let mut found = store::commands::history(&ask.read()?, &id, before, limit + 1)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|c| c.seq.to_string());
    ask.answer(Page { items: found.iter().map(info).collect(), total: None, next })
}

/// `GET /api/v1/commands/{uuid}?wait=SECONDS`: with `wait`, answers when the command is finished, or when the
/// time is over, whichever comes first.
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let wait = Duration::from_secs(ask.number("wait")?.unwrap_or(0).min(LONGEST_WAIT_SECS));
    let command = finished(&ask, wait).await?;
    let view = ask.read()?;
    let request = commands::request(&view, &command)?;
    let report = store::commands::report(&view, &command.enrollment, &command.uuid)?;
    ask.answer(CommandDetail {
        info: info(&command),
        request: request.as_ref().map(for_eyes),
        report: report.as_ref().map(for_eyes),
    })
}

async fn finished(ask: &Ask, wait: Duration) -> Result<Command, Fault> {
    let mut commits = ask.app.store.watch();
    let until = Instant::now() + wait;
    loop {
        commits.borrow_and_update();
        let command = orders::known(&ask.read()?, ask.part("uuid"))?;
        let left = until.saturating_duration_since(Instant::now());
        if command.state.is_final() || left.is_zero() {
            return Ok(command);
        }
        match tokio::time::timeout(left, commits.changed()).await {
            Ok(Ok(())) => tokio::time::sleep(LOOK_AT_MOST_EVERY.min(left)).await,
            // The time is over, or the store closes: the state as it is.
            Ok(Err(_)) | Err(_) => return Ok(orders::known(&ask.read()?, ask.part("uuid"))?),
        }
    }
}

/// `POST /api/v1/commands/{uuid}/cancel`
pub(in crate::web) async fn cancel(ask: Ask) -> Result<Response, Fault> {
    let uuid = ask.part("uuid").to_owned();
    let command = ask.act(move |w, by, now| orders::cancel(w, by, &uuid, now)).await?;
    ask.answer(info(&command))
}
