//! Revisions and what is done with them without changing them: shown, compared, checked, written as files.

use axum::response::Response;

use super::documents::{checked, difference, shown_document};
use super::moment;
use crate::actions::exports::{self, Wrapping};
use crate::actions::{devices, drafts, profiles, signing};
use crate::model::profile::{Origin, Profile, Revision};
use crate::rules::{diff, summary};
use crate::store::{self, Read};
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::wire::api::{DiffInfo, Doing, Page, PreviewInfo, VersionDetail, VersionInfo};
use crate::wire::profile::Document;

fn info(profile: &Profile, number: u32, facts: Option<&Revision>) -> VersionInfo {
    let origin = facts.map_or(&Origin::Imported, |facts| &facts.origin);
    VersionInfo {
        revision: number,
        current: number == profile.revision,
        uuid: facts.map(|facts| facts.uuid.clone()),
        published: facts.map(|facts| Doing { by: facts.by.clone(), at: moment(facts.at) }),
        note: facts.map(|facts| facts.note.clone()).unwrap_or_default(),
        origin: match origin {
            Origin::Imported => "imported",
            Origin::Published => "published",
            Origin::Restored(_) => "restored",
        }
        .into(),
        restored: match origin {
            Origin::Restored(from) => Some(*from),
            Origin::Imported | Origin::Published => None,
        },
        signed_by: facts.and_then(|facts| facts.signed_by.clone()),
    }
}

/// `GET /api/v1/profiles/{id}/versions`, newest first.
pub(in crate::web) async fn list(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?;
    let facts = store::profiles::all_facts(&view, &profile.id)?;
    let items: Vec<VersionInfo> = (1..=profile.revision)
        .rev()
        .map(|number| info(&profile, number, facts.iter().find(|facts| facts.number == number)))
        .collect();
    let total = Some(items.len() as u64);
    ask.answer(Page { items, total, next: None })
}

/// `GET /api/v1/profiles/{id}/versions/{n}`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?;
    let number = ask.part("n").parse().map_err(|_| Fault::new("api.query", "A version is a number."))?;
    let document = revision(&view, &profile, number)?;
    let facts = store::profiles::facts(&view, &profile.id, number)?;
    let (tree, xml) = shown_document(&document);
    ask.answer(VersionDetail {
        info: info(&profile, number, facts.as_ref()),
        document: tree,
        xml,
        summary: summary::sentences(&document),
    })
}

/// The document of a revision; 0 is the draft, or what a draft would begin from.
fn revision(view: &Read, profile: &Profile, number: u32) -> Result<Document, Fault> {
    Ok(match number {
        0 => drafts::open(view, &profile.id)?.document,
        number => drafts::revision(view, &profile.id, number)?,
    })
}

/// A revision's number in the query.
fn numbered(ask: &Ask, name: &str, otherwise: u32) -> Result<u32, Fault> {
    let number = ask.number(name)?.map(u32::try_from).transpose();
    let number = number.map_err(|_| Fault::new("api.query", format!("“{name}” is no revision.")))?;
    Ok(number.unwrap_or(otherwise))
}

/// `GET /api/v1/profiles/{id}/diff?from=&to=`: what the draft changes, when nothing else is asked for. Before the
/// first revision everything is new.
pub(in crate::web) async fn compare(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?;
    let (from, to) = (numbered(&ask, "from", profile.revision)?, numbered(&ask, "to", 0)?);
    let new = revision(&view, &profile, to)?;
    let old = if from == 0 && profile.revision == 0 && to == 0 {
        Document::new(&profile.identifier, &profile.uuid, "")
    } else {
        revision(&view, &profile, from)?
    };
    ask.answer(DiffInfo { from, to, items: diff::diff(&old, &new).iter().map(difference).collect() })
}

/// `GET /api/v1/profiles/{id}/check?revision=`: the draft, when nothing else is asked for.
pub(in crate::web) async fn check(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?;
    ask.answer(checked(&revision(&view, &profile, numbered(&ask, "revision", 0)?)?))
}

/// `GET /api/v1/profiles/{id}/preview?device=`
pub(in crate::web) async fn preview(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?;
    let named = ask.said.query.some("device");
    let named = named.ok_or_else(|| Fault::new("api.query", "“device” says for which device."))?;
    let device = devices::find(&view, named)?;
    let document = revision(&view, &profile, numbered(&ask, "revision", 0)?)?;
    let filled = exports::preview(&view, &document, &device.id)?;
    let (tree, xml) = shown_document(&filled);
    ask.answer(PreviewInfo { device: device.id.to_string(), device_name: device.name, document: tree, xml })
}

/// `GET /api/v1/profiles/{id}/file?wrapping=&device=&revision=`
pub(in crate::web) async fn file(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?;
    let revision = numbered(&ask, "revision", profile.revision)?;
    let device = ask.said.query.some("device").map(|named| devices::find(&view, named)).transpose()?;
    let device = device.map(|device| device.id);
    let wrapping = match ask.said.query.some("wrapping") {
        None | Some("plain") => Wrapping::Plain,
        Some("signed") => Wrapping::Signed,
        Some("encrypted") => Wrapping::Encrypted(device.clone().ok_or_else(|| {
            Fault::new("api.query", "“device” says to which device the file is encrypted.")
        })?),
        Some(_) => return Err(Fault::new("api.query", "“wrapping” is one of plain, signed and encrypted.")),
    };
    let (store, dice, id) = (ask.app.store.clone(), ask.app.dice.clone(), profile.id.clone());
    // Signatures cost milliseconds.
    let now = ask.now;
    let work = tokio::task::spawn_blocking(move || {
        if wrapping != Wrapping::Plain {
            signing::ensure(&store, dice.as_ref(), now)?;
        }
        exports::file(&store.read()?, &id, revision, device.as_ref(), &wrapping, dice.as_ref())
    });
    let file = work.await.map_err(|_| Fault::panicked())??;
    ask.file("application/x-apple-aspen-config", &format!("{}.mobileconfig", profile.identifier), file)
}
