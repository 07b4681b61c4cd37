//! Brings what a device was told nearer to what it should have.

use std::collections::BTreeMap;

use crate::model::Time;
use crate::model::command::{Errand, State};
use crate::model::device::Device;
use crate::model::due::Work;
use crate::model::edge::Dice;
use crate::model::enrollment::{Enrollment, EnrollmentId};
use crate::model::profile::{Delivery, Distribution, Placement, Profile};
use crate::rules::reconcile::{Step, Wanted, lacking, steps, uuid_of};
use crate::rules::variables::{self, Values};
use crate::store::{self, Broken, View, Write};
use crate::wire::Secret;
use crate::wire::mdm::command::Request;

use super::{Failure, commands};

/// What every device of one transaction is compared with: read once, because it is the same for all.
#[derive(Debug, Clone)]
pub struct Library {
    profiles: Vec<Profile>,
    /// The profile that carries the management itself. It is never installed, replaced or removed from here.
    enrollment_identifier: String,
}

impl Library {
    /// Reads it.
    pub fn load(view: &impl View) -> Result<Self, Broken> {
        let enrollment_identifier =
            store::settings::get(view)?.map(|s| s.enrollment_identifier).unwrap_or_default();
        Ok(Self { profiles: store::profiles::list(view)?, enrollment_identifier })
    }

    /// What this device should have: what goes to everyone and what is assigned to it by name.
    fn wanted(&self, view: &impl View, enrollment: &Enrollment) -> Result<Vec<Wanted>, Broken> {
        let by_name = store::profiles::assigned_of(view, &enrollment.id)?;
        let assigned = self.profiles.iter().filter(|p| p.everyone || by_name.contains(&p.id));
        let mut values = None;
        let mut wanted = Vec::new();
        for profile in assigned.filter(|p| is_sent(p) && !self.is_enrollment(&p.identifier)) {
            let (uuid, lacks) = if profile.variables.is_empty() {
                (profile.uuid.clone(), Vec::new())
            } else {
                let known = match &values {
                    Some(known) => known,
                    None => values.insert(values_of(view, enrollment)?),
                };
                match filled(&profile.variables, known) {
                    Ok(filled) => (uuid_of(&profile.uuid, &filled), Vec::new()),
                    Err(lacks) => (String::new(), lacks),
                }
            };
            wanted.push(Wanted {
                profile: profile.id.clone(),
                identifier: profile.identifier.clone(),
                revision: profile.revision,
                uuid,
                lacks,
            });
        }
        Ok(wanted)
    }

    fn is_enrollment(&self, identifier: &str) -> bool {
        !self.enrollment_identifier.is_empty() && identifier == self.enrollment_identifier
    }
}

/// Whether devices are sent a profile that is assigned to them.
pub fn is_sent(profile: &Profile) -> bool {
    profile.revision > 0 && profile.archived.is_none() && profile.distribution == Distribution::Pushed
}

/// What a device gives for the variables of profiles.
pub(super) fn values_of(view: &impl View, enrollment: &Enrollment) -> Result<Values, Broken> {
    let device = store::devices::get(view, &enrollment.id)?;
    let device = device.unwrap_or_else(|| Device::unknown(enrollment.id.clone()));
    Ok(variables::values(&device, Some(enrollment)))
}

/// The values of these variables alone, by canonical name; or those that have none, as written.
pub(super) fn filled(names: &[String], values: &Values) -> Result<BTreeMap<String, String>, Vec<String>> {
    let value = |name: &String| values.get_key_value(&variables::canonical(name));
    let lacks: Vec<String> = names.iter().filter(|name| value(name).is_none()).cloned().collect();
    if !lacks.is_empty() {
        return Err(lacks);
    }
    Ok(names.iter().filter_map(value).map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// After a device's facts changed: lets it compare, if it has or should have a profile that uses a variable whose
/// value is another one now.
pub(super) fn values_changed(
    w: &mut Write,
    before: &Device,
    after: &Device,
    now: Time,
) -> Result<(), Broken> {
    if before == after {
        return Ok(());
    }
    let id = &after.id;
    let enrollment = store::enrollments::get(w, id)?;
    let (old, new) =
        (variables::values(before, enrollment.as_ref()), variables::values(after, enrollment.as_ref()));
    if old == new || id.is_user() {
        return Ok(());
    }
    let changed = |name: &String| {
        let name = variables::canonical(name);
        old.get(&name) != new.get(&name)
    };
    let mut by_name = store::profiles::assigned_of(w, id)?;
    by_name.extend(store::profiles::placements_of_device(w, id)?.into_iter().map(|p| p.profile));
    let uses = |p: &Profile| (p.everyone || by_name.contains(&p.id)) && p.variables.iter().any(changed);
    if store::profiles::list(w)?.iter().any(uses) {
        store::dues::raise(w, Work::Reconcile, id, now)?;
    }
    Ok(())
}

/// Queues what must be installed and removed, and rings when something was queued. A device that is not enrolled
/// is left alone: it is compared when it enrolls. Asking twice asks for nothing.
pub fn device(w: &mut Write, id: &EnrollmentId, dice: &dyn Dice, now: Time) -> Result<(), Failure> {
    let library = Library::load(w)?;
    device_with(w, &library, id, dice, now)
}

/// The same with a library that was read before in this transaction.
pub fn device_with(
    w: &mut Write,
    library: &Library,
    id: &EnrollmentId,
    dice: &dyn Dice,
    now: Time,
) -> Result<(), Failure> {
    let Some(enrollment) = store::enrollments::get(w, id)?.filter(Enrollment::is_enrolled) else {
        return Ok(());
    };
    if id.is_user() {
        return Ok(());
    }
    let wanted = library.wanted(w, &enrollment)?;
    let mut have = store::profiles::placements_of_device(w, id)?;
    have.retain(|p| !library.is_enrollment(&p.identifier));
    let mut queued = false;
    for step in steps(&wanted, &have) {
        let placed = |profile: &str| have.iter().find(|p| p.profile == profile);
        queued |= match step {
            Step::Install(wanted) => install(w, id, placed(&wanted.profile), &wanted, dice, now)?,
            Step::Hold(wanted) => {
                hold(w, id, placed(&wanted.profile), &wanted, now)?;
                false
            }
            Step::Remove { profile, identifier } => {
                remove(w, id, placed(&profile), &profile, &identifier, dice, now)?;
                true
            }
            Step::Forget { profile } => {
                take_back(w, id, placed(&profile), now)?;
                store::profiles::remove_placement(w, id, &profile)?;
                false
            }
        };
    }
    if queued {
        store::dues::raise(w, Work::Push, id, now)?;
    }
    Ok(())
}

/// Says whether anything was queued.
fn install(
    w: &mut Write,
    id: &EnrollmentId,
    placed: Option<&Placement>,
    wanted: &Wanted,
    dice: &dyn Dice,
    now: Time,
) -> Result<bool, Failure> {
    let taken_back = take_back(w, id, placed, now)?;
    let mut placement = Placement {
        enrollment: id.clone(),
        profile: wanted.profile.clone(),
        identifier: wanted.identifier.clone(),
        revision: wanted.revision,
        state: Delivery::Waiting,
        at: now,
        command: String::new(),
        said: None,
        installed: placed.and_then(may_be_there),
        uuid: Some(wanted.uuid.clone()),
        holds: placed.and_then(|p| p.holds.clone()),
        lacks: Vec::new(),
    };
    if taken_back && placement.installed == Some(wanted.revision) && placement.holds == placement.uuid {
        // What takes it off, or replaces it, was not even fetched: the very same is still there.
        placement.state = Delivery::Installed;
        store::profiles::put_placement(w, &placement)?;
        return Ok(false);
    }
    let request = Request::InstallProfile { payload: Secret::new(Vec::new()) };
    let errand = Errand::Install { profile: wanted.profile.clone(), revision: wanted.revision };
    placement.command = commands::ask_quietly(w, id, &request, errand, dice, now)?.uuid;
    store::profiles::put_placement(w, &placement)?;
    Ok(true)
}

/// Nothing is sent, and the page of the device says what it lacks.
fn hold(
    w: &mut Write,
    id: &EnrollmentId,
    placed: Option<&Placement>,
    wanted: &Wanted,
    now: Time,
) -> Result<(), Broken> {
    take_back(w, id, placed, now)?;
    store::profiles::put_placement(w, &held(id, placed, wanted, now))
}

/// A placement of which nothing is sent before the device has values.
fn held(id: &EnrollmentId, placed: Option<&Placement>, wanted: &Wanted, now: Time) -> Placement {
    Placement {
        enrollment: id.clone(),
        profile: wanted.profile.clone(),
        identifier: wanted.identifier.clone(),
        revision: wanted.revision,
        state: Delivery::Failed,
        at: now,
        command: String::new(),
        said: Some(lacking(&wanted.lacks)),
        installed: placed.and_then(may_be_there),
        uuid: None,
        holds: placed.and_then(|p| p.holds.clone()),
        lacks: wanted.lacks.clone(),
    }
}

/// The revision that the device has or may have: one that was handed out and not answered may have been installed.
fn may_be_there(placed: &Placement) -> Option<u32> {
    let handed_out = matches!(placed.state, Delivery::Sent | Delivery::NoAnswer);
    placed.installed.or(handed_out.then_some(placed.revision))
}

fn remove(
    w: &mut Write,
    id: &EnrollmentId,
    placed: Option<&Placement>,
    profile: &str,
    identifier: &str,
    dice: &dyn Dice,
    now: Time,
) -> Result<(), Failure> {
    take_back(w, id, placed, now)?;
    let Some(placed) = placed else { return Ok(()) };
    let request = Request::RemoveProfile { identifier: identifier.to_owned() };
    let errand = Errand::Remove { profile: profile.to_owned() };
    let command = commands::ask_quietly(w, id, &request, errand, dice, now)?;
    let placement =
        Placement { state: Delivery::Removing, at: now, command: command.uuid, said: None, ..placed.clone() };
    Ok(store::profiles::put_placement(w, &placement)?)
}

/// Takes back the command that carries a placement, if the device did not carry it out and does not hold it now.
/// Says whether it did.
fn take_back(
    w: &mut Write,
    id: &EnrollmentId,
    placed: Option<&Placement>,
    now: Time,
) -> Result<bool, Broken> {
    let Some(placed) = placed else { return Ok(false) };
    let Some(mut command) = store::commands::get(w, id, &placed.command)? else { return Ok(false) };
    if !matches!(command.state, State::Queued | State::NotNow) {
        return Ok(false);
    }
    command.state = State::Canceled;
    command.finished = Some(now);
    store::commands::put(w, &command)?;
    Ok(true)
}
