//! The library of profiles: imported, assigned, taken back. What follows on devices is `due(Reconcile)`.

mod import;

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::device::same_name;
use crate::model::due::Work;
use crate::model::enrollment::EnrollmentId;
use crate::model::profile::Profile;
use crate::rules::Refusal;
use crate::rules::access::Right;
use crate::store::{self, Broken, View, Write};
use crate::wire::profile as envelope;

use super::Failure;
use super::permission::{record, require};

pub use import::{Draft, Outcome, import, import_as_draft, unchanged};

/// Refuses the identifier of this server's enrollment profile.
pub(super) fn refuse_enrollment(v: &impl View, identifier: &str) -> Result<(), Failure> {
    let enrollment = store::settings::get(v)?.map(|s| s.enrollment_identifier).unwrap_or_default();
    if !enrollment.is_empty() && identifier == enrollment {
        return Err(Refusal::conflict(
            "profile.enrollment",
            "This profile has the identifier of this server's enrollment profile, and would replace it on devices.",
        )
        .into());
    }
    Ok(())
}

/// Payloads that manage the device itself: a second one would fight with this server.
const MANAGEMENT: [&str; 1] = ["com.apple.mdm"];

/// Refuses a profile that would enroll the device somewhere.
pub(super) fn refuse_management(profile: &envelope::Profile) -> Result<(), Refusal> {
    if profile.payloads.iter().any(|(kind, _)| MANAGEMENT.contains(&kind.as_str())) {
        return Err(Refusal::invalid(
            "profile.mdm",
            "This profile enrolls a device for management (it has a com.apple.mdm payload). Devices of this \
             server are managed already; use an enrollment link to enroll others.",
        ));
    }
    Ok(())
}

/// Assigns a profile to these devices, and to Everyone if so told. All or nothing.
pub fn assign(
    w: &mut Write,
    by: &Actor,
    id: &str,
    devices: &[EnrollmentId],
    everyone: bool,
    now: Time,
) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let mut profile = known(w, id)?;
    for device in devices {
        let named = super::devices::known(w, device)?;
        store::profiles::assign(w, &profile.id, device)?;
        store::dues::raise(w, Work::Reconcile, device, now)?;
        record(
            w,
            by,
            "profile",
            format!("Assigned “{}” to {}.", profile.name, named.name),
            Some(device),
            now,
        )?;
    }
    if everyone && !profile.everyone {
        profile.everyone = true;
        store::profiles::put(w, &profile)?;
        each_enrolled(w, |w, device| store::dues::raise(w, Work::Reconcile, device, now))?;
        record(w, by, "profile", format!("Assigned “{}” to Everyone.", profile.name), None, now)?;
    }
    Ok(profile)
}

/// Takes a profile from these devices, and from Everyone if so told. Devices that have it by another way keep it.
pub fn unassign(
    w: &mut Write,
    by: &Actor,
    id: &str,
    devices: &[EnrollmentId],
    everyone: bool,
    now: Time,
) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let mut profile = known(w, id)?;
    for device in devices {
        let name = store::devices::get(w, device)?.map_or_else(|| device.to_string(), |d| d.name);
        store::profiles::unassign(w, &profile.id, device)?;
        store::dues::raise(w, Work::Reconcile, device, now)?;
        record(w, by, "profile", format!("Took “{}” from {name}.", profile.name), Some(device), now)?;
    }
    if everyone && profile.everyone {
        profile.everyone = false;
        store::profiles::put(w, &profile)?;
        each_enrolled(w, |w, device| store::dues::raise(w, Work::Reconcile, device, now))?;
        record(w, by, "profile", format!("Took “{}” from Everyone.", profile.name), None, now)?;
    }
    Ok(profile)
}

/// Removes a profile from the library; its devices take it off.
pub fn remove(w: &mut Write, by: &Actor, id: &str, now: Time) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let profile = known(w, id)?;
    reconcile_holders(w, &profile, now)?;
    store::profiles::remove(w, &profile.id)?;
    record(w, by, "profile", format!("Removed the profile “{}”.", profile.name), None, now)?;
    Ok(profile)
}

/// Sends a profile to one device once more, whatever became of it there.
pub fn send_again(
    w: &mut Write,
    by: &Actor,
    id: &str,
    device: &EnrollmentId,
    now: Time,
) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let profile = known(w, id)?;
    let named = super::devices::known(w, device)?;
    let assigned = profile.everyone || store::profiles::assigned_of(w, device)?.contains(&profile.id);
    if !assigned {
        return Err(
            Refusal::conflict("profile.not-assigned", "The profile is not assigned to this device.").into()
        );
    }
    if !super::reconcile::is_sent(&profile) {
        let said = "This profile is not sent to devices: it was never published, is archived, or is for people to \
                    install themselves.";
        return Err(Refusal::conflict("profile.not-sent", said).into());
    }
    if let Some(mut placement) = store::profiles::placement(w, device, &profile.id)? {
        // What it holds stays known, so that it can still be taken off; but it counts as no revision of ours.
        placement.revision = 0;
        placement.holds = None;
        placement.uuid = None;
        placement.lacks = Vec::new();
        store::profiles::put_placement(w, &placement)?;
    }
    store::dues::raise(w, Work::Reconcile, device, now)?;
    record(
        w,
        by,
        "profile",
        format!("Sends “{}” to {} again.", profile.name, named.name),
        Some(device),
        now,
    )?;
    Ok(profile)
}

/// The profile with this id or top-level identifier, or the only one of this name.
pub fn known(view: &impl View, id: &str) -> Result<Profile, Failure> {
    if let Some(profile) = store::profiles::get(view, id)? {
        return Ok(profile);
    }
    if let Some(profile) = store::profiles::by_identifier(view, id)? {
        return Ok(profile);
    }
    let mut named = store::profiles::list(view)?.into_iter().filter(|profile| same_name(id, &profile.name));
    match (named.next(), named.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => {
            let said = "Several profiles have this name. Use the id or the identifier of the one you mean.";
            Err(Refusal::conflict("profile.name-several", said).into())
        }
        (None, _) => Err(Refusal::missing("profile.unknown", "There is no such profile.").into()),
    }
}

/// Lets every device compare that has the profile, or should.
pub(super) fn reconcile_holders(w: &mut Write, profile: &Profile, now: Time) -> Result<(), Broken> {
    if profile.everyone {
        return each_enrolled(w, |w, device| store::dues::raise(w, Work::Reconcile, device, now));
    }
    for device in store::profiles::assigned_to(w, &profile.id)? {
        store::dues::raise(w, Work::Reconcile, &device, now)?;
    }
    let mut after = None;
    loop {
        let page = store::profiles::placements_of_profile(w, &profile.id, after.as_ref(), PAGE)?;
        for placement in &page {
            store::dues::raise(w, Work::Reconcile, &placement.enrollment, now)?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.enrollment.clone()),
            _ => return Ok(()),
        }
    }
}

/// Rows read at once.
const PAGE: usize = 500;

fn each_enrolled(
    w: &mut Write,
    mut each: impl FnMut(&mut Write, &EnrollmentId) -> Result<(), Broken>,
) -> Result<(), Broken> {
    let mut after = None;
    loop {
        let page = store::enrollments::page(w, after.as_ref(), PAGE)?;
        for enrollment in page.iter().filter(|e| e.is_enrolled()) {
            each(w, &enrollment.id)?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.id.clone()),
            _ => return Ok(()),
        }
    }
}
