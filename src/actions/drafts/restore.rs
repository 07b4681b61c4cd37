//! An older revision comes back.

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::profile::{Origin, Profile, Revision};
use crate::rules::access::Right;
use crate::store::{self, Broken, Store, View, Write};
use crate::wire::Secret;
use crate::wire::plist::Value;
use crate::wire::profile as envelope;

use super::publish::{
    Envelope, Published, names, no_change, noted, put, refuse_unknown_variables, same_but_for_uuid, with_note,
};
use super::stored;
use crate::actions::Failure;
use crate::actions::permission::{record, require};
use crate::actions::profiles::known;

/// An older revision that was read, and written as the file of the next one.
struct Prepared {
    profile: String,
    /// Newest revision when it was prepared.
    base: u32,
    number: u32,
    published: Published,
}

/// Puts an older revision back, as a new one. An imported file comes back byte for byte; what was published gets the fresh
/// `uuid`. A draft that somebody works on stays, and its review shows what it would change now.
///
/// # Errors
/// `profile.no-revision`, `profile.no-change` for the newest one and for one that says the same,
/// `profile.variable-unknown`, `profile.note`.
pub fn restore(
    w: &mut Write,
    by: &Actor,
    profile: &str,
    revision: u32,
    note: &str,
    uuid: String,
    now: Time,
) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let prepared = prepare(w, profile, revision, uuid)?;
    finish(w, by, prepared, note, now)
}

/// [`restore`] with the long work outside of the writing thread. Blocks: not for async code.
pub fn restore_beside(
    store: &Store,
    by: &Actor,
    profile: &str,
    revision: u32,
    note: &str,
    uuid: String,
    now: Time,
) -> Result<Profile, Failure> {
    let view = store.read()?;
    require(&view, by, Right::EditProfiles, now)?;
    let prepared = prepare(&view, profile, revision, uuid)?;
    let (by, note) = (by.clone(), note.to_owned());
    store.write_blocking(move |w| finish(w, &by, prepared, &note, now))
}

fn prepare(v: &impl View, profile: &str, revision: u32, uuid: String) -> Result<Prepared, Failure> {
    let profile = known(v, profile)?;
    let mut document = stored(v, &profile, revision)?;
    if revision == profile.revision || same_but_for_uuid(&document, &stored(v, &profile, profile.revision)?) {
        return Err(no_change().into());
    }
    let facts = store::profiles::facts(v, &profile.id, revision)?;
    let kept = store::profiles::revision(v, &profile.id, revision)?;
    let imported = match &facts {
        Some(facts) => is_imported(v, facts)?,
        None => true,
    };
    let file = match kept.filter(|_| imported) {
        Some(file) => file,
        None => {
            refuse_unknown_variables(v, &document)?;
            document.body.insert("PayloadUUID".into(), Value::String(uuid));
            Secret::new(document.to_xml())
        }
    };
    let unreadable = |m| Broken(format!("revision {revision} of {} cannot be read: {m}", profile.id));
    let read = envelope::parse(file.expose()).map_err(unreadable)?;
    let published = Published {
        read: Envelope::of(read),
        file,
        origin: Origin::Restored(revision),
        signed_by: facts.as_ref().and_then(|facts| facts.signed_by.clone()),
        secrets: facts.map(|facts| facts.secrets).unwrap_or_default(),
        variables: if imported { Vec::new() } else { names(&document) },
    };
    Ok(Prepared { profile: profile.id, base: profile.revision, number: revision, published })
}

fn finish(w: &mut Write, by: &Actor, prepared: Prepared, note: &str, now: Time) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let note = noted(note)?;
    let profile = known(w, &prepared.profile)?;
    if profile.revision != prepared.base {
        let said = "Another revision was published meanwhile. Look at the profile again first.";
        return Err(crate::rules::Refusal::conflict("profile.draft-moved", said).into());
    }
    let profile = put(w, by, profile, prepared.published, &note, now)?;
    rebase_draft(w, &profile)?;
    let (old, name, new) = (prepared.number, &profile.name, profile.revision);
    let text = format!("Put revision {old} of “{name}” back, as revision {new}");
    record(w, by, "profile", with_note(text, &note), None, now)?;
    Ok(profile)
}

/// Whether a revision is an imported file: by itself, put back, or published again with another distribution.
fn is_imported(v: &impl View, facts: &Revision) -> Result<bool, Broken> {
    let mut facts = facts.clone();
    loop {
        let older = match facts.origin {
            Origin::Imported => return Ok(true),
            Origin::Published => facts.number.saturating_sub(1),
            Origin::Restored(older) => older,
        };
        // Each is older than the one before, so this ends.
        let next = match older < facts.number {
            true => store::profiles::facts(v, &facts.profile, older)?,
            false => None,
        };
        // The same UUID is the same file.
        match next {
            Some(next) if next.uuid == facts.uuid => facts = next,
            _ => return Ok(false),
        }
    }
}

/// A draft goes on from the newest revision, knowingly: a review that was opened before is refused.
pub(in crate::actions) fn rebase_draft(w: &mut Write, profile: &Profile) -> Result<(), Failure> {
    if let Some(mut draft) = store::drafts::get(w, &profile.id)? {
        draft.base = profile.revision;
        draft.version += 1;
        store::drafts::put(w, &draft)?;
    }
    Ok(())
}
