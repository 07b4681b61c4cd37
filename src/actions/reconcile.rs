//! Brings what a device was told nearer to what it should have.

use crate::model::Time;
use crate::model::command::{Errand, State};
use crate::model::due::Work;
use crate::model::edge::Dice;
use crate::model::enrollment::{Enrollment, EnrollmentId};
use crate::model::profile::{Delivery, Placement, Profile};
use crate::rules::reconcile::{Step, Wanted, steps};
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
    fn wanted(&self, view: &impl View, device: &EnrollmentId) -> Result<Vec<Wanted>, Broken> {
        let by_name = store::profiles::assigned_of(view, device)?;
        let wanted = self.profiles.iter().filter(|p| p.everyone || by_name.contains(&p.id));
        Ok(wanted
            .filter(|p| !self.is_enrollment(&p.identifier))
            .map(|p| Wanted { profile: p.id.clone(), identifier: p.identifier.clone(), revision: p.revision })
            .collect())
    }

    fn is_enrollment(&self, identifier: &str) -> bool {
        !self.enrollment_identifier.is_empty() && identifier == self.enrollment_identifier
    }
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
    let enrolled = store::enrollments::get(w, id)?.is_some_and(|e| Enrollment::is_enrolled(&e));
    if !enrolled || id.is_user() {
        return Ok(());
    }
    let wanted = library.wanted(w, id)?;
    let mut have = store::profiles::placements_of_device(w, id)?;
    have.retain(|p| !library.is_enrollment(&p.identifier));
    let mut queued = false;
    for step in steps(&wanted, &have) {
        let placed = |profile: &str| have.iter().find(|p| p.profile == profile);
        queued |= match step {
            Step::Install(wanted) => install(w, id, placed(&wanted.profile), &wanted, dice, now)?,
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
        installed: placed.and_then(|p| p.installed),
    };
    if taken_back && placement.installed == Some(wanted.revision) {
        // Its removal was not even fetched: the very revision is still there.
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
