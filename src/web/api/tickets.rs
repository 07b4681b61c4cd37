//! Enrollment links, and the enrollment profile itself.

use axum::response::Response;

use super::moment;
use crate::actions::tickets::Wish;
use crate::actions::{enrollments, tickets};
use crate::model::Time;
use crate::model::ticket::Ticket;
use crate::rules::access::Right;
use crate::store;
use crate::web::admin::enrollment::new_ticket;
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::wire::api::{NewTicket, Page, TicketInfo};

fn info(ask: &Ask, ticket: Ticket) -> TicketInfo {
    let open = ticket.is_open(ask.now);
    let url = (open && ask.may(Right::Enroll))
        .then(|| ticket.token.expose_str().map(|token| ask.app.site.enroll_url(token)))
        .flatten();
    TicketInfo {
        url,
        state: state(&ticket, open, ask.now).into(),
        id: ticket.id,
        label: ticket.label,
        by: ticket.by,
        created: moment(ticket.created),
        expires: moment(ticket.expires),
        max_uses: ticket.max_uses,
        uses: ticket.uses,
        serial: ticket.serial,
    }
}

fn state(ticket: &Ticket, open: bool, now: Time) -> &'static str {
    match (open, &ticket.revoked) {
        (true, _) => "open",
        (false, Some(_)) => "revoked",
        (false, None) if now >= ticket.expires => "expired",
        (false, None) => "used-up",
    }
}

/// `GET /api/v1/enrollment-links`
pub(in crate::web) async fn list(ask: Ask) -> Result<Response, Fault> {
    let mut all = store::tickets::list(&ask.read()?)?;
    all.sort_by_key(|ticket| std::cmp::Reverse(ticket.created));
    let total = Some(all.len() as u64);
    ask.answer(Page { items: all.into_iter().map(|t| info(&ask, t)).collect::<Vec<_>>(), total, next: None })
}

/// `POST /api/v1/enrollment-links`
pub(in crate::web) async fn make(ask: Ask) -> Result<Response, Fault> {
    let wish: NewTicket = if ask.said.body.is_empty() { NewTicket::default() } else { ask.json()? };
    let wish =
        Wish { label: wish.label, valid_secs: wish.valid_secs, max_uses: wish.max_uses, serial: wish.serial };
    let ticket = new_ticket(&ask, wish).await?;
    ask.made(info(&ask, ticket))
}

/// `POST /api/v1/enrollment-links/{id}/revoke`
pub(in crate::web) async fn revoke(ask: Ask) -> Result<Response, Fault> {
    let id = ask.part("id").to_owned();
    let ticket = ask.act(move |w, by, now| tickets::revoke(w, by, &id, now)).await?;
    ask.answer(info(&ask, ticket))
}

/// `POST /api/v1/enrollment-profile`: the unsigned enrollment profile itself, good for one device and an hour.
pub(in crate::web) async fn profile(ask: Ask) -> Result<Response, Fault> {
    let wish: NewTicket = if ask.said.body.is_empty() { NewTicket::default() } else { ask.json()? };
    let label = if wish.label.is_empty() { "Enrollment profile".to_owned() } else { wish.label };
    let wish = Wish {
        label,
        valid_secs: Some(wish.valid_secs.unwrap_or(3600)),
        max_uses: Some(wish.max_uses.unwrap_or(1)),
        serial: wish.serial,
    };
    let ticket = new_ticket(&ask, wish).await?;
    let token = ticket.token.expose_str().unwrap_or_default().to_owned();
    let (app, now, link) = (ask.app.clone(), ask.now, token.clone());
    let prepared = tokio::task::spawn_blocking(move || {
        let view = app.store.read()?;
        enrollments::prepare_download(&view, &link, &app.site, &app.authority, app.dice.as_ref(), now)
    });
    let prepared = prepared.await.map_err(|_| Fault::panicked())??;
    let file = prepared.profile.expose().to_vec();
    ask.act(move |w, _, now| enrollments::download(w, &token, &prepared, now)).await?;
    ask.file("application/x-apple-aspen-config", "enroll.mobileconfig", file)
}
