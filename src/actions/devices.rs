//! Devices as people handle them: found, released from management, forgotten, their PIN read.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::command::Command;
use crate::model::device::{Device, Owner};
use crate::model::due::Work;
use crate::model::edge::Dice;
use crate::model::enrollment::{Enrollment, EnrollmentId, Escrow, EscrowKind, State};
use crate::rules::access::Right;
use crate::rules::{Refusal, fields};
use crate::store::{self, Broken, View, Write};
use crate::wire::mdm::command::Request;

use super::Failure;
use super::permission::{alert, record, require};
use super::{commands, enrollments, reconcile};

/// The device with this id.
pub fn known(view: &impl View, id: &EnrollmentId) -> Result<Device, Failure> {
    Ok(store::devices::get(view, id)?
        .ok_or_else(|| Refusal::missing("device.unknown", "There is no such device."))?)
}

/// The device with this id or serial number. Of two with the same serial number (one that was forgotten by its
/// owner and came back under another id) the enrolled one is meant.
pub fn find(view: &impl View, text: &str) -> Result<Device, Failure> {
    if let Ok(id) = EnrollmentId::parse(text)
        && let Some(device) = store::devices::get(view, &id)?
    {
        return Ok(device);
    }
    let ids = store::devices::by_serial(view, &text.to_ascii_uppercase())?;
    let mut enrolled = Vec::new();
    for id in &ids {
        if store::enrollments::get(view, id)?.is_some_and(|e| e.is_enrolled()) {
            enrolled.push(id.clone());
        }
    }
    match (enrolled.as_slice(), ids.as_slice()) {
        ([id], _) | ([], [id]) => known(view, id),
        ([], []) => {
            Err(Refusal::missing("device.unknown", "There is no device with this id or serial number.")
                .into())
        }
        _ => Err(Refusal::conflict(
            "device.ambiguous",
            "More than one device has this serial number. Use the device's id.",
        )
        .into()),
    }
}

/// What a removal did.
#[derive(Debug, Clone, PartialEq)]
pub enum Removed {
    /// The device was asked to give its management up and will leave when it hears of it.
    Asked(Box<Command>),
    /// Nothing is left of it but its enrollment's history and escrowed secrets.
    Forgotten,
}

/// Ends the management of a device. An enrolled one is asked to remove its enrollment profile, which takes
/// everything managed off it. One that left already is forgotten.
pub fn remove(
    w: &mut Write,
    by: &Actor,
    id: &EnrollmentId,
    dice: &dyn Dice,
    now: Time,
) -> Result<Removed, Failure> {
    require(w, by, Right::RemoveDevice, now)?;
    let device = known(w, id)?;
    let enrollment = store::enrollments::get(w, id)?;
    if !enrollment.as_ref().is_some_and(Enrollment::is_enrolled) {
        return forget(w, by, id, now);
    }
    let identifier = store::settings::get(w)?.map(|s| s.enrollment_identifier).unwrap_or_default();
    if identifier.is_empty() {
        return Err(Refusal::conflict(
            "device.no-identifier",
            "This server never made an enrollment profile, so it cannot take one off. Forget the device instead.",
        )
        .into());
    }
    let waiting = store::commands::queue(w, id)?
        .into_iter()
        .find(|c| c.request_type == "RemoveProfile" && c.by == by.name);
    if let Some(command) = waiting
        && is_removal_of(w, &command, &identifier)?
    {
        return Ok(Removed::Asked(Box::new(command)));
    }
    let command = commands::enqueue(w, by, id, Request::RemoveProfile { identifier }, dice, now)?;
    alert(w, by, "device", format!("Asked {} to leave management.", device.name), Some(id), now)?;
    Ok(Removed::Asked(Box::new(command)))
}

/// Forgets a device at once: for one that was lost or sold and will not answer. Its queue is dropped, it is no
/// longer rung, and what it reported is deleted. If it still calls, it is refused. The enrollment's own row and
/// escrowed secrets (a lock PIN, say) stay.
pub fn forget(w: &mut Write, by: &Actor, id: &EnrollmentId, now: Time) -> Result<Removed, Failure> {
    require(w, by, Right::RemoveDevice, now)?;
    let device = known(w, id)?;
    if let Some(enrollment) = store::enrollments::get(w, id)?
        && enrollment.state != State::CheckedOut
    {
        enrollments::end(w, enrollment, now)?;
    }
    store::dues::cancel(w, Work::Reconcile, id)?;
    for profile in store::profiles::assigned_of(w, id)? {
        store::profiles::unassign(w, &profile, id)?;
    }
    store::devices::remove(w, id)?;
    alert(w, by, "device", format!("Removed {} from the list of devices.", device.name), Some(id), now)?;
    Ok(Removed::Forgotten)
}

/// Writes down whose device it is, and the organization's own fields: what profiles with variables are filled with.
/// Profiles that use what changed are sent again. What stays the same writes nothing.
///
/// # Errors
/// What [`fields::owner`] and [`fields::fields`] refuse.
pub fn describe(
    w: &mut Write,
    by: &Actor,
    id: &EnrollmentId,
    owner: &Owner,
    own: &BTreeMap<String, String>,
    now: Time,
) -> Result<Device, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let before = known(w, id)?;
    let device = Device { owner: fields::owner(owner)?, fields: fields::fields(own)?, ..before.clone() };
    if device == before {
        return Ok(device);
    }
    store::devices::put(w, &device)?;
    reconcile::values_changed(w, &before, &device, now)?;
    let mut changed = Vec::new();
    let (old, new) = (&before.owner, &device.owner);
    if (&old.short_name, &old.full_name, &old.email) != (&new.short_name, &new.full_name, &new.email) {
        changed.push("its owner".to_owned());
    }
    let names: BTreeSet<&String> = [&old.fields, &new.fields, &before.fields, &device.fields]
        .into_iter()
        .flat_map(|f| f.keys())
        .collect();
    let differs = |name: &&String| {
        old.fields.get(*name) != new.fields.get(*name) || before.fields.get(*name) != device.fields.get(*name)
    };
    changed.extend(names.into_iter().filter(differs).cloned());
    // Values may be anything, so the list names the fields alone.
    let text = format!("Changed {} of {}.", changed.join(", "), device.name);
    record(w, by, "device", text, Some(id), now)?;
    Ok(device)
}

/// The names of all own fields of devices and owners, each once without regard to case, in order. Reads every device: not
/// for the writing thread where it can be helped.
pub fn field_names(view: &impl View) -> Result<Vec<String>, Broken> {
    let mut names = BTreeMap::new();
    store::devices::each(view, |device| {
        for name in device.fields.into_keys().chain(device.owner.fields.into_keys()) {
            names.entry(name.to_ascii_lowercase()).or_insert(name);
        }
        true
    })?;
    Ok(names.into_values().collect())
}

/// Reads the PIN of the latest lock or erase. That it was read is an activity.
pub fn reveal_pin(w: &mut Write, by: &Actor, id: &EnrollmentId, now: Time) -> Result<Escrow, Failure> {
    require(w, by, Right::Reveal, now)?;
    let name = store::devices::get(w, id)?.map_or_else(|| id.to_string(), |d| d.name);
    let pin = store::enrollments::escrow(w, id, EscrowKind::LockPin)?
        .ok_or_else(|| Refusal::missing("device.no-pin", "No lock PIN is kept for this device."))?;
    record(w, by, "secret", format!("Read the lock PIN of {name}."), Some(id), now)?;
    Ok(pin)
}

fn is_removal_of(view: &impl View, command: &Command, identifier: &str) -> Result<bool, Failure> {
    use crate::wire::plist::{Limits, parse_dictionary, text};
    let Some(body) = commands::request(view, command)? else { return Ok(false) };
    let dictionary = parse_dictionary(body.expose(), Limits::DEVICE).unwrap_or_default();
    Ok(text(&dictionary, "Identifier").ok().flatten() == Some(identifier))
}
