//! Pages for everybody: the start page, and the page of an enrollment link.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::ask::Ask;
use super::page::frame;
use super::problem::{Fault, Said, html};
use crate::model::Time;
use crate::model::ticket::Ticket;
use crate::store;
use crate::views::public::enroll::{Closed, EnrollClosedPage, EnrollPage, Guess};
use crate::views::public::landing::LandingPage;
use crate::wire::key::sha256;

/// `GET /`
pub(super) async fn landing(ask: Ask) -> Result<Response, Fault> {
    ask.page(|page| LandingPage.render(page))
}

/// `GET /enroll/{token}`
pub(super) async fn enroll(ask: Ask) -> Result<Response, Fault> {
    let token = ask.part("token");
    let view = ask.read()?;
    let ticket = store::tickets::by_token(&view, &sha256(token.as_bytes()))?;
    if let Some(why) = closed(ticket.as_ref(), ask.now) {
        let status = if why == Closed::Unknown { StatusCode::NOT_FOUND } else { StatusCode::GONE };
        let frame = frame(&ask.app, None, ask.uri.path(), ask.now, String::new());
        let mut response = (status, html(EnrollClosedPage { why }.render(&frame))).into_response();
        response.extensions_mut().insert(Said("ticket.closed"));
        return Ok(response);
    }
    let agent = ask.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let guess = guess(agent);
    let content = EnrollPage {
        token: token.to_owned(),
        label: ticket.map(|t| t.label).unwrap_or_default(),
        guess,
        not_safari: guess == Guess::Mobile && !is_safari(agent),
    };
    // Whoever administers may look at it too, but it is the same for all: no session is shown here.
    let frame = frame(&ask.app, None, ask.uri.path(), ask.now, String::new());
    Ok(html(content.render(&frame)).into_response())
}

fn closed(ticket: Option<&Ticket>, now: Time) -> Option<Closed> {
    let Some(ticket) = ticket else { return Some(Closed::Unknown) };
    if ticket.revoked.is_some() {
        Some(Closed::Revoked)
    } else if now >= ticket.expires {
        Some(Closed::Expired)
    } else if ticket.is_open(now) {
        None
    } else {
        Some(Closed::UsedUp)
    }
}

/// iPads say that they are Macs; the page shows both ways.
fn guess(agent: &str) -> Guess {
    if ["iPhone", "iPad", "iPod"].iter().any(|word| agent.contains(word)) {
        Guess::Mobile
    } else if agent.contains("Macintosh") {
        Guess::Mac
    } else {
        Guess::Other
    }
}

/// On iPhone and iPad only Safari hands a profile over to Settings; others name themselves in the agent.
fn is_safari(agent: &str) -> bool {
    const OTHERS: [&str; 8] =
        ["CriOS/", "FxiOS/", "EdgiOS/", "OPiOS/", "DuckDuckGo/", "GSA/", "FBAN/", "Instagram"];
    agent.contains("Safari/") && !OTHERS.iter().any(|other| agent.contains(other))
}
