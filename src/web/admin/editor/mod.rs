//! The payloads of a profile: listed, added, arranged, and edited.

mod bench;
mod controls;
mod deeds;
mod facts;
mod find;
mod offers;
mod page;
mod read;
mod rivals;
mod rows;
mod start;

use axum::response::Response;

use crate::actions::drafts::{self, Open, Saved};
use crate::model::document::{Change, Stamp, Weight};
use crate::model::edge::roll_uuid;
use crate::model::profile::Draft;
use crate::rules::access::Right;
use crate::rules::{check, summary};
use crate::store;
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::editor::{PayloadCard, PayloadList, PayloadRemove};
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::wire::profile::{Document, Payload};

pub(in crate::web) use find::{add, find};
pub(in crate::web) use page::{save, show};

/// Somebody who looked at a draft this long ago may still be there.
const HERE_SECS: i64 = 300;
/// Remarks on a card.
const REMARKS: usize = 3;

/// A profile as the editor shows it.
struct Opened {
    open: Open,
    /// Who set which secret.
    stamps: Vec<(String, Stamp)>,
}

fn opened(ask: &Ask) -> Result<Opened, Fault> {
    let view = ask.read()?;
    let open = drafts::open(&view, ask.part("id"))?;
    let stamps = match &open.draft {
        Some(draft) => draft.secrets.clone(),
        None => {
            let facts = store::profiles::facts(&view, &open.profile.id, open.profile.revision)?;
            facts.map(|facts| facts.secrets).unwrap_or_default()
        }
    };
    Ok(Opened { open, stamps })
}

/// Lets the others see who is here. The page does not wait for the disk, nor fail with it.
async fn attend(ask: &Ask) {
    if !ask.may(Right::EditProfiles) {
        return;
    }
    let id = ask.part("id").to_owned();
    let mine = ask.actor().map(|actor| actor.name).unwrap_or_default();
    let minute_ago = ask.now.plus_secs(-60);
    let wanted = ask.read().ok().and_then(|view| drafts::open(&view, &id).ok()).is_some_and(|open| {
        let known = |d: Draft| d.editors.iter().any(|(name, at)| *name == mine && *at > minute_ago);
        open.draft.is_some_and(|draft| !known(draft))
    });
    if wanted && let Err(fault) = ask.act(move |w, by, now| drafts::attend(w, by, &id, now)).await {
        tracing::warn!(target: "profilemanager", "it was not noted who looks at a draft: {}", fault.said);
    }
}

/// Who else has the draft open.
fn others(draft: Option<&Draft>, ask: &Ask) -> Vec<String> {
    let mine = ask.actor().map(|actor| actor.name).unwrap_or_default();
    let since = ask.now.plus_secs(-HERE_SECS);
    let here = draft.into_iter().flat_map(|d| &d.editors).filter(|(name, at)| *name != mine && *at > since);
    here.map(|(name, _)| name.clone()).collect()
}

/// Edits the draft. The long work is done beside the threads that answer, and beside the one that writes.
async fn edit(ask: &Ask, changes: Vec<Change>) -> Result<Saved, Fault> {
    let (store, by, id, now) = (ask.app.store.clone(), ask.actor()?, ask.part("id").to_owned(), ask.now);
    let work =
        tokio::task::spawn_blocking(move || drafts::save_beside(&store, &by, &id, &changes, None, now));
    work.await.map_err(|_| Fault::panicked())?.map_err(Fault::from)
}

/// Settings that are set in a payload.
fn settings(payload: &Payload<'_>) -> usize {
    payload.body.keys().filter(|key| !rows::ENVELOPE.contains(&key.as_str())).count()
}

/// `GET /profilemanager/profiles/{id}`
pub(in crate::web) async fn payloads(ask: Ask) -> Result<Response, Fault> {
    attend(&ask).await;
    let head = super::profile::head(&ask).await?;
    let opened = opened(&ask)?;
    let content = PayloadList { cards: cards(&opened.open.document), head };
    ask.page(|page| content.render(page))
}

fn cards(document: &Document) -> Vec<PayloadCard> {
    let findings = check::check(document);
    let sentences = summary::sentences(document);
    let payloads = document.payloads();
    payloads
        .iter()
        .enumerate()
        .map(|(n, payload)| {
            let id = payload.id(document);
            let mut own: Vec<_> = findings
                .iter()
                .filter(|f| f.place.payload.as_deref() == Some(&id) && f.weight != Weight::Note)
                .collect();
            own.sort_by_key(|f| std::cmp::Reverse(f.weight));
            PayloadCard {
                label: bench::label(payload.body),
                name: page::own_name(payload.body),
                says: sentences.get(n).cloned().unwrap_or_default(),
                settings: settings(payload),
                notes: own.iter().take(REMARKS).map(|f| (rows::tone(f.weight), f.says.clone())).collect(),
                more: own.len().saturating_sub(REMARKS),
                id,
            }
        })
        .collect()
}

/// `POST /profilemanager/profiles/{id}/payloads`
pub(in crate::web) async fn arrange(ask: Ask) -> Result<Response, Fault> {
    let fields = &ask.said.fields;
    let (change, said) = if let Some(payload) = fields.some("duplicate") {
        let uuid = roll_uuid(ask.app.dice.as_ref());
        (Change::DuplicatePayload { payload: payload.to_owned(), uuid }, "The payload is there twice now.")
    } else if let Some(payload) = fields.some("up") {
        (Change::MovePayload { payload: payload.to_owned(), by: -1 }, "Moved up.")
    } else if let Some(payload) = fields.some("down") {
        (Change::MovePayload { payload: payload.to_owned(), by: 1 }, "Moved down.")
    } else {
        return Err(Fault::new("profile.edit-wrong", "The form does not say what to do with which payload."));
    };
    edit(&ask, vec![change]).await?;
    ask.done(&at::profile(ask.part("id"), ProfileTab::Payloads), said)
}

/// `GET /profilemanager/profiles/{id}/payloads/{pid}/remove`
pub(in crate::web) async fn ask_remove(ask: Ask) -> Result<Response, Fault> {
    let opened = opened(&ask)?;
    let payload =
        opened.open.document.payload(ask.part("pid")).ok_or_else(|| {
            Fault::new("profile.no-such-payload", "This payload is no longer in the profile.")
        })?;
    let content = PayloadRemove {
        profile: opened.open.profile.id.clone(),
        profile_name: opened.open.profile.name.clone(),
        payload: ask.part("pid").to_owned(),
        name: bench::called(payload.body),
        settings: settings(&payload),
    };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/profiles/{id}/payloads/{pid}/remove`
pub(in crate::web) async fn remove(ask: Ask) -> Result<Response, Fault> {
    let change = Change::RemovePayload { payload: ask.part("pid").to_owned() };
    edit(&ask, vec![change]).await?;
    ask.done(&at::profile(ask.part("id"), ProfileTab::Payloads), "The payload is out of the draft.")
}
