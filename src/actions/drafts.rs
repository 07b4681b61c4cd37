//! Drafts of profiles: begun, edited by several people, published or thrown away.
//!
//! What is long (reading, checking and writing a profile of megabytes) can be done before the transaction: an [`Edit`] or
//! a [`Prepared`] is made from any view, and the transaction only looks whether the draft still is the one it was made
//! from. [`save`] and [`publish`] do both at once and are for profiles as people write them.

mod copy;
mod edit;
mod publish;
mod restore;

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::document::{Change, Conflict, Stamp};
use crate::model::profile::{Distribution, Draft, Profile};
use crate::rules::Refusal;
use crate::rules::access::Right;
use crate::rules::{document, secrets};
use crate::store::{self, Broken, View, Write};
use crate::wire::Secret;
use crate::wire::plist::{self, Limits, Value};
use crate::wire::profile::Document;

use super::Failure;
use super::permission::{record, require};
use super::profiles::{known, reconcile_holders};

pub use copy::{duplicate, duplicate_beside};
pub use edit::{Edit, edit, keep, save, save_beside};
pub use publish::{Prepared, prepare, publish, publish_beside, publish_prepared};
pub(super) use restore::rebase_draft;
pub use restore::{restore, restore_beside};

/// Somebody who looked at a draft within this time is told to the others, in seconds.
pub const PRESENT_SECS: i64 = 120;
/// Presence is written down once in so many seconds.
const ATTEND_SECS: i64 = 60;
/// People that a draft remembers.
const MOST_EDITORS: usize = 20;
/// Bytes of a name or an identifier, as files have them.
const NAME_BYTES: usize = 1024;

/// What a new profile is known by; ids are fresh.
#[derive(Debug, Clone)]
pub struct New {
    /// Our id.
    pub id: String,
    /// `PayloadUUID`.
    pub uuid: String,
    /// `PayloadIdentifier`; unique.
    pub identifier: String,
    /// `PayloadDisplayName`.
    pub name: String,
}

/// What a save did.
#[derive(Debug, Clone)]
pub struct Saved {
    /// The draft as it is now. Version 0: nothing was changed, so there is none.
    pub draft: Draft,
    /// What was not done, because another changed it meanwhile.
    pub conflicts: Vec<Conflict>,
}

/// What the editor shows: the draft if there is one, else the newest revision.
#[derive(Debug, Clone)]
pub struct Open {
    /// The profile.
    pub profile: Profile,
    /// Its draft.
    pub draft: Option<Draft>,
    /// The document being shown.
    pub document: Document,
    /// Secrets in it by place (text form), and who set them.
    pub secrets: Vec<(String, Stamp)>,
}

/// A new profile that exists as a draft only. `changes` are done at once (payloads of the short forms).
///
/// # Errors
/// `profile.name`, `profile.identifier`, `profile.identifier-taken`, `profile.enrollment`, and what
/// [`document::apply`] refuses.
pub fn create(
    w: &mut Write,
    by: &Actor,
    new: New,
    changes: &[Change],
    now: Time,
) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let mut made = Document::new(new.identifier.trim(), &new.uuid, new.name.trim());
    for change in changes {
        document::apply(&mut made, change)?;
    }
    let begun = begun(by, &new, &made, Vec::new(), now)?;
    let text = format!("Began the profile “{}”.", begun.profile.name);
    begin(w, by, begun, text, now)
}

/// A new profile and its draft, not kept yet.
struct Begun {
    profile: Profile,
    draft: Draft,
}

/// Keeps a new profile with its draft.
fn begin(w: &mut Write, by: &Actor, begun: Begun, text: String, now: Time) -> Result<Profile, Failure> {
    // No profile is there yet, so whichever has the identifier is another one, even with the same id.
    identified(w, &begun.profile.identifier, "")?;
    store::profiles::put(w, &begun.profile)?;
    store::drafts::put(w, &begun.draft)?;
    record(w, by, "profile", text, None, now)?;
    Ok(begun.profile)
}

/// `stamps` are those of the secrets that came with the document; the others are set just now.
fn begun(
    by: &Actor,
    new: &New,
    made: &Document,
    stamps: Vec<(String, Stamp)>,
    now: Time,
) -> Result<Begun, Refusal> {
    let by_now = Stamp { at: now, by: by.name.clone() };
    let fresh: Vec<_> = secrets::places(made).iter().map(ToString::to_string).collect();
    let stamp = |place: String| {
        let old = stamps.iter().find(|(at, _)| *at == place).map(|(_, stamp)| stamp.clone());
        (place, old.unwrap_or_else(|| by_now.clone()))
    };
    let profile = Profile {
        id: new.id.clone(),
        identifier: new.identifier.trim().to_owned(),
        name: named(&new.name)?,
        description: text_of(made, "PayloadDescription").unwrap_or_default().to_owned(),
        revision: 0,
        uuid: String::new(),
        payloads: payloads_of(made),
        signed_by: None,
        everyone: false,
        distribution: Distribution::default(),
        archived: None,
        variables: Vec::new(),
        created: now,
        updated: now,
    };
    let draft = Draft {
        profile: new.id.clone(),
        base: 0,
        version: 1,
        body: written(made)?,
        distribution: Distribution::default(),
        secrets: fresh.into_iter().map(stamp).collect(),
        editors: vec![(by.name.clone(), now)],
        edited: by_now.clone(),
    };
    Ok(Begun { profile, draft })
}

/// What the editor shows. Reading: no draft is made.
pub fn open(v: &impl View, profile: &str) -> Result<Open, Failure> {
    let profile = known(v, profile)?;
    let draft = store::drafts::get(v, &profile.id)?;
    let (document, secrets) = match &draft {
        Some(draft) => (drafted(draft)?, draft.secrets.clone()),
        None => published(v, &profile)?,
    };
    Ok(Open { profile, draft, document, secrets })
}

/// Whether [`attend`] would write: asked of a snapshot first, so that looking costs no transaction.
pub fn wants_attend(v: &impl View, by: &Actor, profile: &str, now: Time) -> Result<bool, Failure> {
    let profile = known(v, profile)?;
    Ok(store::drafts::get(v, &profile.id)?.is_some_and(|draft| is_news(&draft, by, now)))
}

/// Notes that somebody is looking at a draft (at most a write a minute), so that others see it. Without a draft
/// nothing is noted.
pub fn attend(w: &mut Write, by: &Actor, profile: &str, now: Time) -> Result<(), Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let profile = known(w, profile)?;
    let Some(mut draft) = store::drafts::get(w, &profile.id)?.filter(|draft| is_news(draft, by, now)) else {
        return Ok(());
    };
    come_first(&mut draft.editors, by, now);
    Ok(store::drafts::put(w, &draft)?)
}

fn is_news(draft: &Draft, by: &Actor, now: Time) -> bool {
    let last = draft.editors.iter().find(|(name, _)| *name == by.name);
    last.is_none_or(|(_, at)| now.since_ms(*at) >= ATTEND_SECS * 1000)
}

/// Who else is there: looked or edited within [`PRESENT_SECS`].
pub fn others<'a>(draft: &'a Draft, by: &Actor, now: Time) -> Vec<&'a (String, Time)> {
    let there = |(name, at): &&(String, Time)| *name != by.name && now.since_ms(*at) < PRESENT_SECS * 1000;
    draft.editors.iter().filter(there).collect()
}

fn come_first(editors: &mut Vec<(String, Time)>, by: &Actor, now: Time) {
    editors.retain(|(name, _)| *name != by.name);
    editors.insert(0, (by.name.clone(), now));
    editors.truncate(MOST_EDITORS);
}

/// Throws a draft away, as it was at `version` (else `profile.draft-moved`). A profile that was never published goes with it.
pub fn discard(w: &mut Write, by: &Actor, profile: &str, version: u64, now: Time) -> Result<(), Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let profile = known(w, profile)?;
    draft_at(w, &profile, version)?;
    let text = if profile.revision == 0 {
        store::profiles::remove(w, &profile.id)?;
        format!("Threw away the profile “{}”, which was never published.", profile.name)
    } else {
        store::drafts::remove(w, &profile.id)?;
        format!("Threw away the draft of “{}”.", profile.name)
    };
    Ok(record(w, by, "profile", text, None, now)?)
}

/// Puts a profile away; devices take it off. Or back: they get it again.
pub fn archive(w: &mut Write, by: &Actor, profile: &str, away: bool, now: Time) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let mut profile = known(w, profile)?;
    if profile.archived.is_some() == away {
        return Ok(profile);
    }
    profile.archived = away.then_some(now);
    store::profiles::put(w, &profile)?;
    reconcile_holders(w, &profile, now)?;
    let text = if away {
        format!("Archived the profile “{}”.", profile.name)
    } else {
        format!("Took the profile “{}” out of the archive.", profile.name)
    };
    record(w, by, "profile", text, None, now)?;
    Ok(profile)
}

/// The document of a revision.
///
/// # Errors
/// `profile.no-revision`.
pub fn revision(v: &impl View, profile: &str, revision: u32) -> Result<Document, Failure> {
    let profile = known(v, profile)?;
    stored(v, &profile, revision)
}

fn stored(v: &impl View, profile: &Profile, revision: u32) -> Result<Document, Failure> {
    let file = store::profiles::revision(v, &profile.id, revision)?.ok_or_else(|| {
        let said = format!("“{}” has no revision {revision}.", profile.name);
        Refusal::missing("profile.no-revision", said)
    })?;
    let unreadable = |m| Broken(format!("revision {revision} of {} cannot be read: {m}", profile.id));
    Ok(Document::read(file.expose()).map_err(unreadable)?)
}

/// The newest revision, and who set its secrets: whoever published it, where nothing else is known.
fn published(v: &impl View, profile: &Profile) -> Result<(Document, Vec<(String, Stamp)>), Failure> {
    let document = stored(v, profile, profile.revision)?;
    let facts = store::profiles::facts(v, &profile.id, profile.revision)?;
    let known = facts.as_ref().map_or(&[][..], |facts| &facts.secrets);
    let whole = match &facts {
        Some(facts) => Stamp { at: facts.at, by: facts.by.clone() },
        None => Stamp { at: profile.updated, by: String::new() },
    };
    let stamp = |place: String| {
        let own = known.iter().find(|(at, _)| *at == place).map(|(_, stamp)| stamp.clone());
        (place, own.unwrap_or_else(|| whole.clone()))
    };
    let stamps = secrets::places(&document).iter().map(ToString::to_string).map(stamp).collect();
    Ok((document, stamps))
}

/// The document of a draft. Its envelope may be incomplete while people work on it.
pub(super) fn drafted(draft: &Draft) -> Result<Document, Failure> {
    let body = plist::parse_dictionary(draft.body.expose(), Limits::DEVICE)
        .map_err(|m| Broken(format!("the draft of {} cannot be read: {m}", draft.profile)))?;
    Ok(Document { body })
}

/// The draft of a profile as it was at `version`.
fn draft_at(v: &impl View, profile: &Profile, version: u64) -> Result<Draft, Failure> {
    let draft = store::drafts::get(v, &profile.id)?.ok_or_else(|| {
        Refusal::conflict("profile.no-draft", "There is no draft of this profile (any more).")
    })?;
    if draft.version != version {
        return Err(moved(&draft).into());
    }
    Ok(draft)
}

fn moved(draft: &Draft) -> Refusal {
    let said = format!("{} changed the draft meanwhile. Look at it again first.", draft.edited.by);
    Refusal::conflict("profile.draft-moved", said)
}

/// A document as a draft keeps it: it must be readable again.
fn written(document: &Document) -> Result<Secret, Refusal> {
    let xml = Secret::new(document.to_xml());
    plist::parse_dictionary(xml.expose(), Limits::DEVICE).map_err(|m| {
        let reason = m.reason.trim_end_matches('.');
        Refusal::invalid("profile.unreadable", format!("This cannot be kept: {reason}."))
    })?;
    Ok(xml)
}

fn text_of<'a>(document: &'a Document, key: &str) -> Option<&'a str> {
    document.body.get(key).and_then(Value::as_string).filter(|text| !text.is_empty())
}

/// Payload types with their names, in order.
fn payloads_of(document: &Document) -> Vec<(String, String)> {
    let payloads = document.payloads();
    let named = payloads.iter().map(|payload| {
        let kind = payload.payload_type();
        let name = payload.body.get("PayloadDisplayName").and_then(Value::as_string);
        (kind.to_owned(), name.filter(|name| !name.is_empty()).unwrap_or(kind).to_owned())
    });
    named.collect()
}

fn named(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.len() > NAME_BYTES || name.chars().any(char::is_control) {
        return Err(Refusal::invalid("profile.name", "Give the profile a name, on one line."));
    }
    Ok(name.to_owned())
}

/// An identifier that this profile may have.
fn identified(v: &impl View, identifier: &str, id: &str) -> Result<String, Failure> {
    let identifier = identifier.trim();
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if identifier.is_empty() || identifier.len() > NAME_BYTES || identifier.contains(odd) {
        let said = "An identifier is one word, as in org.example.wifi.";
        return Err(Refusal::invalid("profile.identifier", said).into());
    }
    super::profiles::refuse_enrollment(v, identifier)?;
    match store::profiles::by_identifier(v, identifier)? {
        Some(other) if other.id != id => {
            let said = format!("“{}” has this identifier already.", other.name);
            Err(Refusal::conflict("profile.identifier-taken", said).into())
        }
        _ => Ok(identifier.to_owned()),
    }
}
