//! Published revisions: listed, compared, shown, put back.

use axum::response::Response;

use crate::actions::drafts;
use crate::model::edge::roll_uuid;
use crate::rules::{diff, secrets, summary};
use crate::store::{self, Read};
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::library::history::{HistoryPage, RestorePage, RevisionPage, RevisionRow};
use crate::web::admin::profile::{head, opened};
use crate::web::ask::Ask;
use crate::web::problem::Fault;

/// Revisions shown.
const ROWS: usize = 200;

/// `GET /profilemanager/profiles/{id}/history`
pub(in crate::web) async fn list(ask: Ask) -> Result<Response, Fault> {
    let head = head(&ask).await?;
    let view = ask.read()?;
    let id = &head.profile.id;
    let mut facts = store::profiles::all_facts(&view, id)?;
    let rows = (1..=head.profile.revision)
        .rev()
        .take(ROWS)
        .map(|number| {
            let at = facts.iter().position(|f| f.number == number);
            RevisionRow { number, facts: at.map(|at| facts.swap_remove(at)) }
        })
        .collect();
    let chosen = |name| ask.said.query.some(name).and_then(|n| n.parse::<u32>().ok());
    let compared = match (chosen("from"), chosen("to")) {
        (Some(from), Some(to)) => {
            let (old, new) = (drafts::revision(&view, id, from)?, drafts::revision(&view, id, to)?);
            Some((from, to, diff::diff(&old, &new)))
        }
        _ => None,
    };
    let content = HistoryPage { rows, compared, head };
    ask.page(|page| content.render(page))
}

/// The number in the path.
fn number(ask: &Ask) -> Result<u32, Fault> {
    let missing = Fault::new("profile.no-revision", "There is no such revision.");
    ask.part("n").parse().map_err(|_| Fault { status: axum::http::StatusCode::NOT_FOUND, ..missing })
}

fn row(view: &Read, id: &str, number: u32) -> Result<RevisionRow, Fault> {
    Ok(RevisionRow { number, facts: store::profiles::facts(view, id, number)? })
}

/// `GET /profilemanager/profiles/{id}/history/{n}`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let head = head(&ask).await?;
    let view = ask.read()?;
    let number = number(&ask)?;
    let document = drafts::revision(&view, &head.profile.id, number)?;
    let content = RevisionPage {
        row: row(&view, &head.profile.id, number)?,
        sentences: summary::sentences(&document),
        xml: String::from_utf8_lossy(&secrets::redacted(&document).to_xml()).into_owned(),
        head,
    };
    ask.page(|page| content.render(page))
}

/// `GET /profilemanager/profiles/{id}/history/{n}/restore`
pub(in crate::web) async fn ask_restore(ask: Ask) -> Result<Response, Fault> {
    let (head, open) = opened(&ask).await?;
    let view = ask.read()?;
    let number = number(&ask)?;
    let old = drafts::revision(&view, &open.profile.id, number)?;
    let present = drafts::revision(&view, &open.profile.id, open.profile.revision)?;
    let content = RestorePage { differences: diff::diff(&present, &old), number, head };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/profiles/{id}/history/{n}/restore`
pub(in crate::web) async fn restore(ask: Ask) -> Result<Response, Fault> {
    let number = number(&ask)?;
    let (id, note) = (ask.part("id").to_owned(), ask.said.fields.text("note").trim().to_owned());
    let uuid = roll_uuid(ask.app.dice.as_ref());
    let (store, by, now) = (ask.app.store.clone(), ask.actor()?, ask.now);
    let work = tokio::task::spawn_blocking(move || {
        drafts::restore_beside(&store, &by, &id, number, &note, uuid, now)
    });
    let profile = work.await.map_err(|_| Fault::panicked())??;
    let text = format!("Revision {number} is back, as revision {}.", profile.revision);
    ask.done(&at::profile(&profile.id, ProfileTab::History), text)
}
