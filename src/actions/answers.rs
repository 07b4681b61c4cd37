//! What an answer changes beyond its command: the device, its inventory, its profiles, its life.

use crate::model::Time;
use crate::model::command::{Command, Errand, State};
use crate::model::device::{Device, InstalledProfile};
use crate::model::edge::Dice;
use crate::model::enrollment::{Enrollment, EnrollmentId};
use crate::rules::results::Understood;
use crate::rules::{reconcile, results};
use crate::store::{self, Broken, Write};
use crate::wire::mdm::command::Request;

use super::{DEVICE, Failure, POMONA, Tone, commands, connect, note, setup};

/// Takes a final answer in. `command` is in its final state already.
pub(super) fn take(
    w: &mut Write,
    enrollment: &mut Enrollment,
    command: &Command,
    understood: Understood,
    dice: &dyn Dice,
    now: Time,
) -> Result<(), Failure> {
    // A user channel answers for its user; its lists are not those of the device.
    if !enrollment.id.is_user() {
        learn(w, command, understood, now)?;
        settle_erase(w, command, now)?;
    }
    if setup::is_release(&command.request_type) && command.state == State::Acknowledged {
        setup::released(w, enrollment)?;
    }
    ask_what_is_there(w, command, dice, now)?;
    tell(w, command, now)
}

fn learn(w: &mut Write, command: &Command, understood: Understood, now: Time) -> Result<(), Broken> {
    let id = &command.enrollment;
    if understood == Understood::Nothing {
        return Ok(());
    }
    if let Understood::Profiles(listed) = &understood {
        confirm(w, command, listed, now)?;
    }
    let before = store::devices::get(w, id)?;
    let mut device = before.clone().unwrap_or_else(|| Device::unknown(id.clone()));
    results::apply_to_device(&mut device, &understood, now);
    match &before {
        None => store::devices::put(w, &device)?,
        Some(before) if *before != device => {
            store::devices::change(w, before, &device)?;
            super::reconcile::values_changed(w, before, &device, now)?;
        }
        Some(_) => {}
    }
    if understood.is_list() {
        let mut inventory = store::devices::inventory(w, id)?;
        results::apply_to_inventory(&mut inventory, understood, now);
        store::devices::put_inventory(w, id, &inventory)?;
    }
    Ok(())
}

/// A list of profiles confirms what was installed and tells what the user removed.
fn confirm(w: &mut Write, list: &Command, listed: &[InstalledProfile], now: Time) -> Result<(), Broken> {
    // The first time it was handed out: a repeated offer may be answered from before it was repeated.
    let asked = list.offers_since.or(list.sent_at).unwrap_or(list.created);
    for mut placement in store::profiles::placements_of_device(w, &list.enrollment)? {
        let newest = store::profiles::get(w, &placement.profile)?;
        match reconcile::confirm(&mut placement, newest.as_ref(), listed, asked, now) {
            reconcile::Fate::Same => {}
            reconcile::Fate::Changed => store::profiles::put_placement(w, &placement)?,
            reconcile::Fate::Gone => {
                store::profiles::remove_placement(w, &placement.enrollment, &placement.profile)?;
            }
        }
    }
    Ok(())
}

/// An erase that failed on a Mac may have happened all the same: with the default behavior the Mac answers Error
/// and then obliterates (Apple, *EraseDevice*, `ObliterationBehavior`).
fn settle_erase(w: &mut Write, command: &Command, now: Time) -> Result<(), Broken> {
    if command.request_type != "EraseDevice" {
        return Ok(());
    }
    let Some(mut device) = store::devices::get(w, &command.enrollment)? else { return Ok(()) };
    let text = match command.state {
        State::Acknowledged => "Is being erased.",
        State::Error if device.platform.needs_pin() => {
            "Answered the erase with an error. A Mac may erase itself all the same."
        }
        _ => return Ok(()),
    };
    device.erased_at = Some(now);
    store::devices::put(w, &device)?;
    note(w, DEVICE, "erased", text.to_owned(), &command.enrollment, Tone::Alert, now)
}

/// After a profile came or went, asks what is there now: the answer confirms it.
fn ask_what_is_there(w: &mut Write, command: &Command, dice: &dyn Dice, now: Time) -> Result<(), Failure> {
    let worth_it = match command.errand {
        Errand::Install { .. } => command.state == State::Acknowledged,
        Errand::Remove { .. } => true,
        _ => false,
    };
    if worth_it {
        ask(w, &command.enrollment, &Request::ProfileList, dice, now)?;
    }
    Ok(())
}

fn ask(
    w: &mut Write,
    id: &EnrollmentId,
    request: &Request,
    dice: &dyn Dice,
    now: Time,
) -> Result<(), Failure> {
    commands::ask_quietly(w, id, request, Errand::Plain, dice, now)?;
    Ok(connect::ring_later(w, id, now)?)
}

/// One activity row for what a person asked, and for every refusal of the device.
fn tell(w: &mut Write, command: &Command, now: Time) -> Result<(), Failure> {
    let text = match command.state {
        State::Acknowledged if command.by != POMONA => format!("Did {}.", command.request_type),
        State::Error | State::FormatError => {
            let why = command.errors.first().map_or("it said no reason", |e| e.text.as_str());
            format!("Could not do {}: {why}", command.request_type)
        }
        _ => return Ok(()),
    };
    // An unknown command is a bug of ours or an OS that is too old: somebody should look.
    let tone = if command.state == State::FormatError { Tone::Alert } else { Tone::Plain };
    Ok(note(w, DEVICE, "command", text, &command.enrollment, tone, now)?)
}
