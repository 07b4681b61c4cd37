//! Profiles, revisions (sealed), assignments, placements.

use super::devices::id_part;
use super::key::{Key, Span};
use super::row::{self, Row};
use super::tables::Table;
use super::{Broken, View, Write};
use crate::model::enrollment::EnrollmentId;
use crate::model::profile::{Placement, Profile, Revision};
use crate::wire::Secret;

impl Row for Profile {}
impl Row for Placement {}
impl Row for Revision {}

/// The profile of this id.
pub fn get(v: &impl View, id: &str) -> Result<Option<Profile>, Broken> {
    row::get(v, Table::Profiles, &Key::of(id))
}

/// All profiles by id.
pub fn list(v: &impl View) -> Result<Vec<Profile>, Broken> {
    row::list(v, Table::Profiles, Span::all(), false, usize::MAX)
}

/// The profile with this top-level identifier.
pub fn by_identifier(v: &impl View, identifier: &str) -> Result<Option<Profile>, Broken> {
    match row::get::<String>(v, Table::ProfilesByIdentifier, &Key::of(identifier))? {
        Some(id) => row::must(Table::ProfilesByIdentifier, get(v, &id)?).map(Some),
        None => Ok(None),
    }
}

/// Puts a profile, new or changed, and keeps the index by identifier. Identifiers are unique: one that another
/// profile has is an error, as devices could not tell the two apart.
pub fn put(w: &mut Write, profile: &Profile) -> Result<(), Broken> {
    let key = Key::of(&profile.identifier);
    match row::get::<String>(w, Table::ProfilesByIdentifier, &key)? {
        Some(owner) if owner != profile.id => {
            return Err(Broken::row(Table::ProfilesByIdentifier, "another profile has this identifier"));
        }
        Some(_) => {}
        None => {
            if let Some(old) = get(w, &profile.id)? {
                row::remove(w, Table::ProfilesByIdentifier, &Key::of(&old.identifier))?;
            }
            row::put(w, Table::ProfilesByIdentifier, &key, &profile.id)?;
        }
    }
    row::put(w, Table::Profiles, &Key::of(&profile.id), profile)
}

/// Removes the row, its revisions with what is told about them, its draft and assignments; placements stay until
/// devices are done.
pub fn remove(w: &mut Write, id: &str) -> Result<(), Broken> {
    let Some(old) = get(w, id)? else { return Ok(()) };
    row::remove(w, Table::ProfilesByIdentifier, &Key::of(&old.identifier))?;
    for revision in revisions(w, id)? {
        row::remove(w, Table::Revisions, &Key::of(id).u32(revision))?;
    }
    for facts in all_facts(w, id)? {
        row::remove(w, Table::RevisionFacts, &Key::of(id).u32(facts.number))?;
    }
    super::drafts::remove(w, id)?;
    for device in assigned_to(w, id)? {
        unassign(w, id, &device)?;
    }
    row::remove(w, Table::Profiles, &Key::of(id))
}

/// The file of a revision as it was imported (sealed).
pub fn revision(v: &impl View, id: &str, revision: u32) -> Result<Option<Secret>, Broken> {
    row::get(v, Table::Revisions, &Key::of(id).u32(revision))
}

/// Numbers of all revisions, oldest first.
pub fn revisions(v: &impl View, id: &str) -> Result<Vec<u32>, Broken> {
    row::keys(v, Table::Revisions, Key::of(id).span(), false, usize::MAX, |parts| {
        parts.text()?;
        parts.u32()
    })
}

/// Puts the file of a revision.
pub fn put_revision(w: &mut Write, id: &str, revision: u32, file: &Secret) -> Result<(), Broken> {
    row::put(w, Table::Revisions, &Key::of(id).u32(revision), file)
}

/// What is told about a revision.
pub fn facts(v: &impl View, id: &str, revision: u32) -> Result<Option<Revision>, Broken> {
    row::get(v, Table::RevisionFacts, &Key::of(id).u32(revision))
}

/// What is told about all revisions, oldest first.
pub fn all_facts(v: &impl View, id: &str) -> Result<Vec<Revision>, Broken> {
    row::list(v, Table::RevisionFacts, Key::of(id).span(), false, usize::MAX)
}

/// Puts what is told about a revision, once.
pub fn put_facts(w: &mut Write, facts: &Revision) -> Result<(), Broken> {
    row::put(w, Table::RevisionFacts, &Key::of(&facts.profile).u32(facts.number), facts)
}

/// Assigns a profile to a device by name.
pub fn assign(w: &mut Write, id: &str, to: &EnrollmentId) -> Result<(), Broken> {
    row::mark(w, Table::Assignments, &Key::of(id).text(to.as_str()))?;
    row::mark(w, Table::AssignmentsOfDevice, &Key::of(to.as_str()).text(id))
}

/// Takes such an assignment back, if there is one.
pub fn unassign(w: &mut Write, id: &str, from: &EnrollmentId) -> Result<(), Broken> {
    row::remove(w, Table::Assignments, &Key::of(id).text(from.as_str()))?;
    row::remove(w, Table::AssignmentsOfDevice, &Key::of(from.as_str()).text(id))
}

/// Devices a profile is assigned to by name (not Everyone).
pub fn assigned_to(v: &impl View, id: &str) -> Result<Vec<EnrollmentId>, Broken> {
    row::keys(v, Table::Assignments, Key::of(id).span(), false, usize::MAX, |parts| {
        parts.text()?;
        id_part(Table::Assignments, parts)
    })
}

/// Profiles assigned to a device by name.
pub fn assigned_of(v: &impl View, device: &EnrollmentId) -> Result<Vec<String>, Broken> {
    let span = Key::of(device.as_str()).span();
    row::keys(v, Table::AssignmentsOfDevice, span, false, usize::MAX, |parts| {
        parts.text()?;
        parts.text()
    })
}

fn placement_key(device: &EnrollmentId, profile: &str) -> Key {
    Key::of(device.as_str()).text(profile)
}

/// Puts how far a profile got on a device, new or changed.
pub fn put_placement(w: &mut Write, placement: &Placement) -> Result<(), Broken> {
    let key = placement_key(&placement.enrollment, &placement.profile);
    row::mark(
        w,
        Table::PlacementsByProfile,
        &Key::of(&placement.profile).text(placement.enrollment.as_str()),
    )?;
    row::put(w, Table::Placements, &key, placement)
}

/// Removes a placement, if there is one.
pub fn remove_placement(w: &mut Write, device: &EnrollmentId, profile: &str) -> Result<(), Broken> {
    row::remove(w, Table::PlacementsByProfile, &Key::of(profile).text(device.as_str()))?;
    row::remove(w, Table::Placements, &placement_key(device, profile))
}

/// How far a profile got on a device.
pub fn placement(v: &impl View, device: &EnrollmentId, profile: &str) -> Result<Option<Placement>, Broken> {
    row::get(v, Table::Placements, &placement_key(device, profile))
}

/// All placements on a device, by profile.
pub fn placements_of_device(v: &impl View, device: &EnrollmentId) -> Result<Vec<Placement>, Broken> {
    row::list(v, Table::Placements, Key::of(device.as_str()).span(), false, usize::MAX)
}

/// Placements of a profile on devices after `after`, in id order, at most `limit`.
pub fn placements_of_profile(
    v: &impl View,
    profile: &str,
    after: Option<&EnrollmentId>,
    limit: usize,
) -> Result<Vec<Placement>, Broken> {
    let mut span = Key::of(profile).span();
    if let Some(id) = after {
        span = span.behind(&Key::of(profile).text(id.as_str()));
    }
    row::keys(v, Table::PlacementsByProfile, span, false, limit, |parts| {
        parts.text()?;
        id_part(Table::PlacementsByProfile, parts)
    })?
    .into_iter()
    .map(|device| row::must(Table::PlacementsByProfile, placement(v, &device, profile)?))
    .collect()
}
