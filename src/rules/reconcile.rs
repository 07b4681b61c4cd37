//! Wanted minus had: what must be installed on a device and what taken off; and how far a profile got.

use std::collections::BTreeMap;

use crate::model::Time;
use crate::model::command::{DeviceError, Errand, State};
use crate::model::device::InstalledProfile;
use crate::model::profile::{Delivery, Placement, Profile};
use crate::wire::key::sha256;

/// A profile a device should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Profile id.
    pub profile: String,
    /// Top-level identifier.
    pub identifier: String,
    /// Revision.
    pub revision: u32,
    /// Top-level `PayloadUUID` of what this device gets.
    pub uuid: String,
    /// Variables without a value for this device: nothing is sent before they have one.
    pub lacks: Vec<String>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send the revision.
    Install(Wanted),
    /// Send nothing and say what is missing; take back a command that the device did not carry out.
    Hold(Wanted),
    /// Take the profile off.
    Remove {
        /// Profile id.
        profile: String,
        /// Top-level identifier.
        identifier: String,
    },
    /// Take back a command that the device did not carry out, and forget the profile: it never was there.
    Forget {
        /// Profile id.
        profile: String,
    },
}

/// What a person reads about a profile that is held back.
pub fn lacking(variables: &[String]) -> String {
    let names: Vec<String> = variables.iter().map(|name| format!("%{name}%")).collect();
    match names.as_slice() {
        [one] => format!("This device has no value for {one}; set it on the device page."),
        _ => format!("This device has no values for {}; set them on the device page.", names.join(", ")),
    }
}

/// Compares. What was refused or removed by the user is not sent again until a new revision or a person asks;
/// so the same comparison twice asks for nothing.
pub fn steps(wanted: &[Wanted], have: &[Placement]) -> Vec<Step> {
    let mut out = Vec::new();
    for want in wanted {
        let placed = have.iter().find(|p| p.profile == want.profile);
        let there = placed.is_some_and(|p| {
            // Placements made before UUIDs were kept carried the revision as it is.
            let same = !want.lacks.is_empty() || p.uuid.as_ref().is_none_or(|uuid| *uuid == want.uuid);
            p.revision == want.revision && p.state != Delivery::Removing && p.lacks == want.lacks && same
        });
        if !there {
            let step = if want.lacks.is_empty() { Step::Install } else { Step::Hold };
            out.push(step(want.clone()));
        }
    }
    for placed in have {
        let still = wanted.iter().any(|w| w.profile == placed.profile);
        if still || placed.state == Delivery::Removing {
            continue;
        }
        let never_there = placed.installed.is_none()
            && matches!(
                placed.state,
                Delivery::Waiting | Delivery::Busy | Delivery::Failed | Delivery::RemovedByUser
            );
        out.push(if never_there {
            Step::Forget { profile: placed.profile.clone() }
        } else {
            Step::Remove { profile: placed.profile.clone(), identifier: placed.identifier.clone() }
        });
    }
    out
}

/// What becomes of a placement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing changed.
    Same,
    /// It changed: keep it.
    Changed,
    /// The profile is gone from the device, as it should: forget the placement.
    Gone,
}

/// Follows the command that carries a placement to its new `state`.
pub fn follow(
    placement: &mut Placement,
    errand: &Errand,
    state: State,
    errors: &[DeviceError],
    now: Time,
) -> Fate {
    let said = || errors.first().map(|e| format!("{} ({} {})", e.text, e.domain, e.code));
    let (next, said) = match (errand, state) {
        (Errand::Install { .. }, State::Sent) => (Delivery::Sent, None),
        (Errand::Install { .. }, State::NotNow) => (Delivery::Busy, None),
        (Errand::Install { revision, .. }, State::Acknowledged) => {
            placement.installed = Some(*revision);
            placement.holds = placement.uuid.clone();
            (Delivery::Installed, None)
        }
        (Errand::Install { .. }, State::Error | State::FormatError) => (Delivery::Failed, said()),
        (Errand::Install { .. } | Errand::Remove { .. }, State::NoAnswer) => (Delivery::NoAnswer, None),
        (Errand::Install { .. } | Errand::Remove { .. }, State::Canceled) => {
            (Delivery::Failed, Some("The command was canceled.".to_owned()))
        }
        (Errand::Remove { .. }, State::Acknowledged) => return Fate::Gone,
        // Removing what is not there is an error too; the next list of profiles tells which it was.
        (Errand::Remove { .. }, State::Error | State::FormatError) => (Delivery::Removing, said()),
        _ => return Fate::Same,
    };
    if placement.state == next && placement.said == said {
        return Fate::Same;
    }
    placement.state = next;
    placement.said = said;
    placement.at = now;
    Fate::Changed
}

/// Compares a placement with a list of profiles that the device was asked for at `asked`. `newest` is the library
/// row of the profile. What changed after the question was asked is not judged by its answer.
pub fn confirm(
    placement: &mut Placement,
    newest: Option<&Profile>,
    listed: &[InstalledProfile],
    asked: Time,
    now: Time,
) -> Fate {
    if placement.at > asked {
        return Fate::Same;
    }
    let found = listed.iter().find(|l| l.identifier == placement.identifier && !l.declarative);
    let next = match (placement.state, found) {
        (Delivery::Installed | Delivery::Confirmed, None) => {
            placement.installed = None;
            placement.holds = None;
            Delivery::RemovedByUser
        }
        (Delivery::Installed | Delivery::RemovedByUser | Delivery::NoAnswer, Some(found)) => {
            let this_one = newest.is_some_and(|p| {
                let uuid = placement.uuid.as_ref().unwrap_or(&p.uuid);
                p.revision == placement.revision && is_same(uuid, found)
            });
            if !this_one {
                return Fate::Same;
            }
            placement.installed = Some(placement.revision);
            placement.holds = placement.uuid.clone();
            Delivery::Confirmed
        }
        // `said` is there only after the device refused to remove it.
        (Delivery::Removing, None) if placement.said.is_some() => return Fate::Gone,
        (Delivery::Removing, Some(_)) if placement.said.is_some() => Delivery::Failed,
        _ => return Fate::Same,
    };
    if placement.state == next {
        return Fate::Same;
    }
    placement.state = next;
    placement.at = now;
    Fate::Changed
}

/// The top-level `PayloadUUID` under which a device gets a revision whose variables were replaced: another one when a
/// value is another, so that its list of profiles tells which values are there. Uppercase, version 8 of RFC 9562.
/// `filled` are the variables of the revision with their values.
pub fn uuid_of(revision_uuid: &str, filled: &BTreeMap<String, String>) -> String {
    let mut text = revision_uuid.to_uppercase().into_bytes();
    for part in filled.iter().flat_map(|(name, value)| [name, value]) {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha256(&text)[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().hyphenated().to_string().to_uppercase()
}

/// `PayloadUUID`s are compared without case: devices write them in upper case, authors as they like.
fn is_same(uuid: &str, found: &InstalledProfile) -> bool {
    found.uuid.as_deref().is_some_and(|u| u.eq_ignore_ascii_case(uuid))
}
