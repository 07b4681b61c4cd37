//! Drafts: made, edited, published, thrown away; copies, the archive, older revisions put back.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::documents::{conflict, draft_info};
use super::edits;
use super::profiles::told;
use crate::actions::drafts::{self, New, Saved};
use crate::actions::profiles;
use crate::model::edge::roll_uuid;
use crate::model::profile::Distribution;
use crate::rules::Refusal;
use crate::store::{self, Read};
use crate::web::App;
use crate::web::ask::Ask;
use crate::web::identity::fresh_id;
use crate::web::problem::Fault;
use crate::wire::api::{
    ArchiveProfile, DraftSaved, DuplicateProfile, EditDraft, NewProfile, PublishDraft, RestoreRevision,
};
use crate::wire::profile::Document;

/// Letters of an identifier that is made from a name.
const SLUG: usize = 40;

/// Whether the body is JSON, and so no file: no property list and no signature begins with a brace.
pub(super) fn is_json(ask: &Ask) -> bool {
    ask.said.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// Ids for a new profile. An identifier that nobody chose is made of the server's name and the profile's.
fn fresh(app: &App, view: &Read, name: &str, identifier: Option<String>) -> Result<New, Fault> {
    let identifier = match identifier.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) {
        Some(chosen) => chosen,
        None => {
            let made = identifier_for(&app.site.host, name);
            if store::profiles::by_identifier(view, &made)?.is_some() {
                format!("{made}-{}", fresh_id(app))
            } else {
                made
            }
        }
    };
    let name = name.trim().to_owned();
    if name.is_empty() {
        return Err(Fault::new("profile.name", "A profile has a name."));
    }
    Ok(New { id: fresh_id(app), uuid: roll_uuid(app.dice.as_ref()), identifier, name })
}

/// `mdm.example.org` and `Office Wi-Fi` make `org.example.mdm.office-wi-fi`.
fn identifier_for(host: &str, name: &str) -> String {
    let mut labels: Vec<&str> = host.split('.').filter(|label| !label.is_empty()).collect();
    if !host.contains(':') && host.parse::<std::net::IpAddr>().is_err() {
        labels.reverse();
    }
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    let slug: String = slug.trim_end_matches('-').chars().take(SLUG).collect();
    let slug = if slug.is_empty() { "profile".to_owned() } else { slug };
    let host: String =
        labels.join(".").chars().filter(|c| c.is_ascii_alphanumeric() || ".-".contains(*c)).collect();
    format!("{host}.{slug}")
}

/// `POST /api/v1/profiles` with JSON.
pub(super) async fn make(ask: &Ask) -> Result<Response, Fault> {
    let wish: NewProfile = ask.json()?;
    let new = fresh(&ask.app, &ask.read()?, &wish.name, wish.identifier)?;
    let empty = Document::new(&new.identifier, &new.uuid, &new.name);
    let changes = edits::changes(&empty, &wish.changes, ask.app.dice.as_ref())?;
    let profile = ask.act(move |w, by, now| drafts::create(w, by, new, &changes, now)).await?;
    ask.made(told(ask, profile).await?)
}

/// `GET /api/v1/profiles/{id}/draft`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?;
    let open = drafts::open(&view, &profile.id)?;
    ask.answer(draft_info(&open))
}

/// Refuses when the draft is not as it was at `version`.
fn unmoved(
    view: &impl store::View,
    profile: &str,
    version: Option<u64>,
) -> Result<(), crate::actions::Failure> {
    let Some(version) = version else { return Ok(()) };
    let is = store::drafts::get(view, profile)?.map_or(0, |draft| draft.version);
    if is == version {
        return Ok(());
    }
    Err(Refusal::conflict(
        "profile.draft-moved",
        format!("The draft is at version {is} by now, and not at {version}."),
    )
    .into())
}

/// `POST /api/v1/profiles/{id}/draft`
pub(in crate::web) async fn edit(ask: Ask) -> Result<Response, Fault> {
    let wish: EditDraft = ask.json()?;
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?.id;
    let open = drafts::open(&view, &profile)?;
    let changes = edits::changes(&open.document, &wish.changes, ask.app.dice.as_ref())?;
    let distribution = wish.distribution.as_deref().map(distribution).transpose()?;
    let (id, version) = (profile.clone(), wish.version);
    let saved: Saved = ask
        .act(move |w, by, now| {
            unmoved(w, &id, version)?;
            drafts::save(w, by, &id, &changes, distribution, now)
        })
        .await?;
    let draft = draft_info(&drafts::open(&ask.read()?, &profile)?);
    ask.answer(DraftSaved { draft, conflicts: saved.conflicts.iter().map(conflict).collect() })
}

fn distribution(word: &str) -> Result<Distribution, Fault> {
    Distribution::parse(word)
        .ok_or_else(|| Fault::new("api.body", "“distribution” is one of pushed, offered and manual."))
}

/// `DELETE /api/v1/profiles/{id}/draft?version=`
pub(in crate::web) async fn discard(ask: Ask) -> Result<Response, Fault> {
    let version = ask
        .number("version")?
        .ok_or_else(|| Fault::new("api.query", "“version” says which version of the draft is meant."))?;
    let profile = profiles::known(&ask.read()?, ask.part("id"))?.id;
    ask.act(move |w, by, now| drafts::discard(w, by, &profile, version, now)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /api/v1/profiles/{id}/publish`
pub(in crate::web) async fn publish(ask: Ask) -> Result<Response, Fault> {
    let wish: PublishDraft = ask.json()?;
    let (profile, uuid) =
        (profiles::known(&ask.read()?, ask.part("id"))?.id, roll_uuid(ask.app.dice.as_ref()));
    let published = ask
        .act(move |w, by, now| drafts::publish(w, by, &profile, wish.version, &wish.note, uuid, now))
        .await?;
    ask.answer(told(&ask, published).await?)
}

/// `POST /api/v1/profiles/{id}/restore`
pub(in crate::web) async fn restore(ask: Ask) -> Result<Response, Fault> {
    let wish: RestoreRevision = ask.json()?;
    let (profile, uuid) =
        (profiles::known(&ask.read()?, ask.part("id"))?.id, roll_uuid(ask.app.dice.as_ref()));
    let restored = ask
        .act(move |w, by, now| drafts::restore(w, by, &profile, wish.revision, &wish.note, uuid, now))
        .await?;
    ask.answer(told(&ask, restored).await?)
}

/// `POST /api/v1/profiles/{id}/duplicate`
pub(in crate::web) async fn duplicate(ask: Ask) -> Result<Response, Fault> {
    let wish: DuplicateProfile = ask.json()?;
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?.id;
    let new = fresh(&ask.app, &view, &wish.name, wish.identifier)?;
    let dice = ask.app.dice.clone();
    let copy = ask
        .act(move |w, by, now| drafts::duplicate(w, by, &profile, new, &mut || roll_uuid(dice.as_ref()), now))
        .await?;
    ask.made(told(&ask, copy).await?)
}

/// `POST /api/v1/profiles/{id}/archive`
pub(in crate::web) async fn archive(ask: Ask) -> Result<Response, Fault> {
    let wish: ArchiveProfile = if ask.said.body.is_empty() { ArchiveProfile::default() } else { ask.json()? };
    let profile = profiles::known(&ask.read()?, ask.part("id"))?.id;
    let archived = ask.act(move |w, by, now| drafts::archive(w, by, &profile, !wish.back, now)).await?;
    ask.answer(told(&ask, archived).await?)
}

#[cfg(test)]
mod tests {
    use super::identifier_for;

    #[test]
    fn identifiers_are_made_of_the_host_and_the_name() {
        for (host, name, made) in [
            ("mdm.example.org", "Office Wi-Fi", "org.example.mdm.office-wi-fi"),
            ("localhost", "Pupils’ iPads (5b)", "localhost.pupils-ipads-5b"),
            ("127.0.0.1", "学校", "127.0.0.1.profile"),
        ] {
            assert_eq!(identifier_for(host, name), made);
        }
    }
}
