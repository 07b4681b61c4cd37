//! A draft, or an older revision, becomes the newest revision.

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::document::{Difference, Stamp, Weight};
use crate::model::profile::{Origin, Profile, Revision};
use crate::rules::Refusal;
use crate::rules::access::Right;
use crate::rules::{check, diff, variables};
use crate::store::{self, Broken, Store, View, Write};
use crate::wire::Secret;
use crate::wire::plist::Value;
use crate::wire::profile::{self as envelope, Document};

use super::{draft_at, drafted, moved, stored};
use crate::actions::Failure;
use crate::actions::permission::{record, require};
use crate::actions::profiles::{known, reconcile_holders, refuse_enrollment, refuse_management};

/// Characters of a note.
const NOTE_CHARS: usize = 1000;
/// Errors, and changed keys, that are told by name.
const TOLD: usize = 5;

/// A draft that was read, checked and written as the file of its revision.
#[derive(Debug, Clone)]
pub struct Prepared {
    profile: String,
    version: u64,
    /// Newest revision when it was prepared.
    base: u32,
    read: Envelope,
    file: Secret,
    signed_by: Option<String>,
    variables: Vec<String>,
    /// What changed, in words.
    changed: String,
}

/// What the row of a profile tells about its newest revision.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    identifier: String,
    uuid: String,
    name: String,
    description: String,
    payloads: Vec<(String, String)>,
}

impl Envelope {
    pub(super) fn of(read: envelope::Profile) -> Self {
        Self {
            identifier: read.identifier,
            uuid: read.uuid,
            name: read.name,
            description: read.description,
            payloads: read.payloads,
        }
    }
}

/// Publishes a draft as it was at `version`, as the next revision, with a fresh `uuid`. What [`check`] blocks is
/// refused (`profile.not-ready`), as are unknown variables (`profile.variable-unknown`). A draft that changes nothing is
/// refused (`profile.no-change`), as is one that was changed since (`profile.draft-moved`).
pub fn publish(
    w: &mut Write,
    by: &Actor,
    profile: &str,
    version: u64,
    note: &str,
    uuid: String,
    now: Time,
) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let prepared = prepare(w, profile, version, uuid)?;
    publish_prepared(w, by, prepared, note, now)
}

/// [`publish`] with the long work outside of the writing thread. Blocks: not for async code.
pub fn publish_beside(
    store: &Store,
    by: &Actor,
    profile: &str,
    version: u64,
    note: &str,
    uuid: String,
    now: Time,
) -> Result<Profile, Failure> {
    let view = store.read()?;
    require(&view, by, Right::EditProfiles, now)?;
    let prepared = prepare(&view, profile, version, uuid)?;
    let (by, note) = (by.clone(), note.to_owned());
    store.write_blocking(move |w| publish_prepared(w, &by, prepared, &note, now))
}

/// Reads, checks and writes a draft: what takes long in [`publish`], and all that it refuses.
pub fn prepare(v: &impl View, profile: &str, version: u64, uuid: String) -> Result<Prepared, Failure> {
    let profile = known(v, profile)?;
    let draft = draft_at(v, &profile, version)?;
    if draft.base != profile.revision {
        return Err(moved(&draft).into());
    }
    let mut document = drafted(&draft)?;
    let newest = match profile.revision {
        0 => None,
        number => Some(stored(v, &profile, number)?),
    };
    let spread = (draft.distribution != profile.distribution)
        .then(|| format!("Distribution: {}", draft.distribution.as_str()));
    if newest.as_ref().is_some_and(|newest| same_but_for_uuid(newest, &document)) {
        return same_file(v, profile, version, spread.ok_or_else(no_change)?);
    }
    let differences = newest.as_ref().map(|newest| diff::diff(newest, &document));
    refuse_unready(&document)?;
    refuse_unknown_variables(v, &document)?;
    document.body.insert("PayloadUUID".into(), Value::String(uuid));
    let file = Secret::new(document.to_xml());
    let read = envelope::parse(file.expose()).map_err(|m| {
        let reason = m.reason.trim_end_matches('.');
        Refusal::invalid("profile.not-ready", format!("This cannot be published: {reason}."))
    })?;
    refuse_management(&read)?;
    refuse_enrollment(v, &read.identifier)?;
    let changed = match &differences {
        Some(differences) => told(differences.iter().map(label).chain(spread)),
        None => told(read.payloads.iter().map(|(_, name)| name.clone())),
    };
    Ok(Prepared {
        profile: profile.id,
        version,
        base: profile.revision,
        read: Envelope::of(read),
        file,
        signed_by: None,
        variables: names(&document),
        changed,
    })
}

/// Only how devices come by the profile changes: the file stays what it is, byte for byte, an imported one with its
/// signature.
fn same_file(v: &impl View, profile: Profile, version: u64, changed: String) -> Result<Prepared, Failure> {
    let missing = || Broken(format!("revision {} of {} is missing", profile.revision, profile.id));
    let file = store::profiles::revision(v, &profile.id, profile.revision)?.ok_or_else(missing)?;
    let Profile { id, identifier, uuid, name, description, payloads, revision, signed_by, variables, .. } =
        profile;
    let read = Envelope { identifier, uuid, name, description, payloads };
    Ok(Prepared { profile: id, version, base: revision, read, file, signed_by, variables, changed })
}

/// Publishes what was prepared, if the draft and the newest revision still are those it was made from.
pub fn publish_prepared(
    w: &mut Write,
    by: &Actor,
    prepared: Prepared,
    note: &str,
    now: Time,
) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let note = noted(note)?;
    let profile = known(w, &prepared.profile)?;
    let draft = draft_at(w, &profile, prepared.version)?;
    if profile.revision != prepared.base {
        return Err(moved(&draft).into());
    }
    let published = Published {
        read: prepared.read,
        file: prepared.file,
        origin: Origin::Published,
        signed_by: prepared.signed_by,
        secrets: draft.secrets,
        variables: prepared.variables,
    };
    store::drafts::remove(w, &profile.id)?;
    let profile = Profile { distribution: draft.distribution, ..profile };
    let profile = put(w, by, profile, published, &note, now)?;
    let mut text = format!("Published “{}”, revision {}", profile.name, profile.revision);
    if !prepared.changed.is_empty() {
        text.push_str(": ");
        text.push_str(&prepared.changed);
    }
    record(w, by, "profile", with_note(text, &note), None, now)?;
    Ok(profile)
}

/// A revision about to be kept.
#[derive(Debug, Clone)]
pub(super) struct Published {
    pub(super) read: Envelope,
    pub(super) file: Secret,
    pub(super) origin: Origin,
    pub(super) signed_by: Option<String>,
    pub(super) secrets: Vec<(String, Stamp)>,
    pub(super) variables: Vec<String>,
}

/// Keeps it as the newest revision, and lets devices compare.
pub(super) fn put(
    w: &mut Write,
    by: &Actor,
    profile: Profile,
    new: Published,
    note: &str,
    now: Time,
) -> Result<Profile, Failure> {
    let number = profile.revision + 1;
    let Envelope { identifier, uuid, name, description, payloads } = new.read;
    if profile.revision > 0 && identifier != profile.identifier {
        let said = "The identifier of a published profile stays as it is.";
        return Err(Refusal::conflict("profile.identifier-fixed", said).into());
    }
    let identifier = super::identified(w, &identifier, &profile.id)?;
    let facts = Revision {
        profile: profile.id.clone(),
        number,
        uuid: uuid.clone(),
        by: by.name.clone(),
        at: now,
        note: note.to_owned(),
        origin: new.origin,
        signed_by: new.signed_by.clone(),
        secrets: new.secrets,
        variables: new.variables.clone(),
    };
    let profile = Profile {
        identifier,
        name,
        description,
        revision: number,
        uuid,
        payloads,
        signed_by: new.signed_by,
        variables: new.variables,
        updated: now,
        ..profile
    };
    store::profiles::put(w, &profile)?;
    store::profiles::put_revision(w, &profile.id, number, &new.file)?;
    store::profiles::put_facts(w, &facts)?;
    reconcile_holders(w, &profile, now)?;
    Ok(profile)
}

pub(super) fn no_change() -> Refusal {
    Refusal::conflict("profile.no-change", "This is what the newest revision says already: nothing changes.")
}

/// Whether two documents are the same file but for the `PayloadUUID` of the top level, which tells revisions apart.
pub(super) fn same_but_for_uuid(one: &Document, other: &Document) -> bool {
    let plain = |document: &Document| {
        let mut body = document.body.clone();
        body.insert("PayloadUUID".into(), Value::String(String::new()));
        Document { body }.to_xml()
    };
    plain(one) == plain(other)
}

fn refuse_unready(document: &Document) -> Result<(), Refusal> {
    let findings = check::check(document);
    if !check::blocks(&findings) {
        return Ok(());
    }
    let errors = findings.into_iter().filter(|f| f.weight == Weight::Error);
    let errors: Vec<String> = errors.map(|f| f.says.trim_end_matches('.').to_owned()).collect();
    let said = format!("This cannot be published yet: {}.", told(errors.into_iter()));
    Err(Refusal::invalid("profile.not-ready", said))
}

pub(super) fn refuse_unknown_variables(v: &impl View, document: &Document) -> Result<(), Failure> {
    // The names of all fields are asked only where some variable is not ours.
    let maybe = variables::unknown(document, &[]);
    if maybe.is_empty() {
        return Ok(());
    }
    let unknown = variables::unknown(document, &crate::actions::devices::field_names(v)?);
    let mut names: Vec<String> = Vec::new();
    for (name, _) in unknown {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return Ok(());
    }
    let names = told(names.iter().map(|name| format!("%{name}%")));
    let said = format!(
        "No device has a field for {names}. Correct the name, or give a device or its owner such a field first."
    );
    Err(Refusal::invalid("profile.variable-unknown", said).into())
}

/// The variables of a document, each once.
pub(super) fn names(document: &Document) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in variables::used(document) {
        if !names.iter().any(|seen| variables::canonical(seen) == variables::canonical(&name)) {
            names.push(name);
        }
    }
    names
}

fn label(difference: &Difference) -> String {
    match difference.payload.as_str() {
        "" => difference.label.clone(),
        payload if payload == difference.label => difference.label.clone(),
        payload => format!("{payload}: {}", difference.label),
    }
}

/// Some of many, in words.
fn told(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    let first = all[..all.len().min(TOLD)].join("; ");
    match all.len().saturating_sub(TOLD) {
        0 => first,
        more => format!("{first}; and {more} more"),
    }
}

pub(super) fn noted(note: &str) -> Result<String, Refusal> {
    let note = note.trim();
    if note.chars().count() > NOTE_CHARS || note.chars().any(|c| c.is_control() && c != '\n' && c != '\r') {
        let said = format!("A note has up to {NOTE_CHARS} characters.");
        return Err(Refusal::invalid("profile.note", said));
    }
    Ok(note.replace("\r\n", "\n"))
}

pub(super) fn with_note(text: String, note: &str) -> String {
    match note {
        "" => format!("{text}."),
        note => format!("{text}. Note: {}", note.replace('\n', " ")),
    }
}
