//! Edits: merged with what others did meanwhile.

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::document::{Change, Conflict, Stamp};
use crate::model::profile::{Distribution, Draft, Profile};
use crate::rules::Refusal;
use crate::rules::access::Right;
use crate::rules::{document, secrets};
use crate::store::{self, Store, View, Write};
use crate::wire::Secret;
use crate::wire::profile::Document;

use super::{Saved, come_first, drafted, identified, moved, named, payloads_of, published, text_of, written};
use crate::actions::Failure;
use crate::actions::permission::{record, require};
use crate::actions::profiles::known;

/// How often an edit is made anew before the writer makes it itself.
const TRIES: usize = 3;

/// Changes that were merged into a draft as it was, and not kept yet.
#[derive(Debug, Clone)]
pub struct Edit {
    profile: Profile,
    /// The draft as it shall be; `version` and `base` are those it was made from.
    draft: Draft,
    /// There was no draft.
    first: bool,
    changed: bool,
    conflicts: Vec<Conflict>,
}

/// Edits. Makes the draft from the newest revision if there is none. Conflicting changes are left out and returned.
/// Nothing changed: nothing written.
///
/// # Errors
/// `profile.identifier-fixed` for another identifier of a profile that was published: devices know it by that one. What
/// [`document::merge`] refuses; `profile.unreadable` for what a profile cannot hold.
pub fn save(
    w: &mut Write,
    by: &Actor,
    profile: &str,
    changes: &[Change],
    distribution: Option<Distribution>,
    now: Time,
) -> Result<Saved, Failure> {
    let edit = edit(w, by, profile, changes, distribution, now)?;
    keep(w, by, edit, now)
}

/// [`save`] with the long work outside of the writing thread. Blocks: not for async code.
pub fn save_beside(
    store: &Store,
    by: &Actor,
    profile: &str,
    changes: &[Change],
    distribution: Option<Distribution>,
    now: Time,
) -> Result<Saved, Failure> {
    for _ in 0..TRIES {
        let edit = edit(&store.read()?, by, profile, changes, distribution, now)?;
        let by = by.clone();
        match store.write_blocking(move |w| keep(w, &by, edit, now)) {
            Err(Failure::Refused(refusal)) if refusal.code == "profile.draft-moved" => {}
            done => return done,
        }
    }
    let (by, profile, changes) = (by.clone(), profile.to_owned(), changes.to_vec());
    store.write_blocking(move |w| save(w, &by, &profile, &changes, distribution, now))
}

/// Merges changes into the draft as it is in this view.
pub fn edit(
    v: &impl View,
    by: &Actor,
    profile: &str,
    changes: &[Change],
    distribution: Option<Distribution>,
    now: Time,
) -> Result<Edit, Failure> {
    require(v, by, Right::EditProfiles, now)?;
    let profile = known(v, profile)?;
    let found = store::drafts::get(v, &profile.id)?;
    let first = found.is_none();
    let (before, mut draft) = match found {
        Some(draft) => (drafted(&draft)?, draft),
        None => {
            let (document, secrets) = published(v, &profile)?;
            let draft = Draft {
                profile: profile.id.clone(),
                base: profile.revision,
                version: 0,
                body: Secret::new(document.to_xml()),
                distribution: profile.distribution,
                secrets,
                editors: Vec::new(),
                edited: Stamp { at: now, by: by.name.clone() },
            };
            (document, draft)
        }
    };
    let mut after = before.clone();
    let conflicts = document::merge(&mut after, changes, &draft.secrets)?;
    let body = written(&after)?;
    let wanted = distribution.unwrap_or(draft.distribution);
    let changed = body != draft.body || wanted != draft.distribution;
    let mut profile = profile;
    if changed {
        follow(v, &mut profile, &after)?;
        let stamp = Stamp { at: now, by: by.name.clone() };
        draft.secrets = secrets::stamps(&before, &draft.secrets, &after, &stamp);
        draft.body = body;
        draft.distribution = wanted;
        draft.edited = stamp;
    }
    Ok(Edit { profile, draft, first, changed, conflicts })
}

/// Keeps an edit, if the draft still is the one it was made from.
///
/// # Errors
/// `profile.draft-moved`: make the edit anew.
pub fn keep(w: &mut Write, by: &Actor, edit: Edit, now: Time) -> Result<Saved, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let Edit { profile, mut draft, first, changed, conflicts } = edit;
    let there = store::drafts::get(w, &draft.profile)?;
    let row = known(w, &draft.profile)?;
    match &there {
        Some(there) if first || there.version != draft.version => return Err(moved(there).into()),
        None if !first || row.revision != draft.base => {
            let said = "The draft was published or thrown away meanwhile. Look at the profile again.";
            return Err(Refusal::conflict("profile.draft-moved", said).into());
        }
        _ => {}
    }
    if !changed {
        return Ok(Saved { draft, conflicts });
    }
    draft.version += 1;
    draft.editors = there.map(|there| there.editors).unwrap_or_default();
    come_first(&mut draft.editors, by, now);
    if profile.revision == 0 {
        // Until it is published the library shows what the draft is called. The identifier may be taken by now.
        identified(w, &profile.identifier, &profile.id)?;
        let Profile { identifier, name, description, payloads, .. } = profile;
        store::profiles::put(w, &Profile { identifier, name, description, payloads, ..row.clone() })?;
    }
    store::drafts::put(w, &draft)?;
    if first {
        record(w, by, "profile", format!("Began a draft of “{}”.", row.name), None, now)?;
    }
    Ok(Saved { draft, conflicts })
}

/// What the library shows of a profile that is a draft only; refuses another identifier once devices know it.
fn follow(v: &impl View, profile: &mut Profile, after: &Document) -> Result<(), Failure> {
    let identifier = text_of(after, "PayloadIdentifier").unwrap_or(&profile.identifier);
    if profile.revision > 0 {
        if identifier != profile.identifier {
            let said = "Devices know this profile by its identifier, so it stays as it is. Duplicate the profile to \
                        have it under another one.";
            return Err(Refusal::conflict("profile.identifier-fixed", said).into());
        }
        return Ok(());
    }
    if identifier != profile.identifier {
        profile.identifier = identified(v, identifier, &profile.id)?;
    }
    if let Some(name) = text_of(after, "PayloadDisplayName") {
        profile.name = named(name)?;
    }
    profile.description = text_of(after, "PayloadDescription").unwrap_or_default().to_owned();
    profile.payloads = payloads_of(after);
    Ok(())
}
