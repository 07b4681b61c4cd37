//! Commands are asked here and taken back here.

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::command::{Command, Errand, Priority, State};
use crate::model::device::Platform;
use crate::model::due::Work;
use crate::model::edge::{Dice, roll, roll_uuid};
use crate::model::enrollment::{EnrollmentId, Escrow, EscrowKind};
use crate::rules::access::{Right, authorize};
use crate::rules::{Refusal, reconcile};
use crate::store::{self, Broken, View, Write};
use crate::wire::Secret;
use crate::wire::mdm::command::Request;
use crate::wire::plist::{self, Value};

use super::{Failure, POMONA, Tone, note};

mod delivery;

pub use delivery::{Body, Filling, body, request};
pub(super) use delivery::{deliver, handed_out_as, hold};

/// Digits of a lock PIN: a Mac takes exactly six, and its screens have no other keys.
const PIN_DIGITS: usize = 6;

/// Asks a command of one channel, for a person or a program.
///
/// A Mac that is locked or erased gets a PIN: the one in `request`, or one drawn here. It is escrowed in this very
/// transaction, so it is known before the device can fetch the command. `ClearPasscode` with an empty token takes
/// the escrowed one. A question that already waits is not asked twice: the waiting command is returned.
///
/// # Errors
/// Refused when the actor's role does not allow it, when the channel is not enrolled, when a PIN is not six
/// digits, when there is no unlock token.
pub fn enqueue(
    w: &mut Write,
    by: &Actor,
    id: &EnrollmentId,
    request: Request,
    dice: &dyn Dice,
    now: Time,
) -> Result<Command, Failure> {
    for right in rights(&request) {
        authorize(by.role, right)?;
    }
    let enrolled = store::enrollments::get(w, id)?
        .ok_or_else(|| Refusal::missing("enrollment.unknown", "There is no such device."))?;
    if !enrolled.is_enrolled() {
        return Err(
            Refusal::conflict("enrollment.not_enrolled", "The device is not enrolled any more.").into()
        );
    }
    let request = complete(w, id, request, dice, now)?;
    let command = ask(w, &by.name, id, &request, Errand::Plain, dice, now)?;
    store::dues::raise(w, Work::Push, id, now)?;
    note(w, &by.name, "command", format!("Asked {}.", command.request_type), id, Tone::Plain, now)?;
    Ok(command)
}

/// Takes back a command that was not answered. If the device already has it, its answer is still recorded.
pub fn cancel(
    w: &mut Write,
    by: &Actor,
    id: &EnrollmentId,
    uuid: &str,
    now: Time,
) -> Result<Command, Failure> {
    let mut command = store::commands::get(w, id, uuid)?
        .ok_or_else(|| Refusal::missing("command.unknown", "There is no such command."))?;
    for right in rights_of(&command.request_type) {
        authorize(by.role, right)?;
    }
    if command.state.is_final() {
        return Err(Refusal::conflict("command.finished", "The command is finished already.").into());
    }
    finish(w, &mut command, State::Canceled, now)?;
    note(w, &by.name, "command", format!("Took back {}.", command.request_type), id, Tone::Plain, now)?;
    Ok(command)
}

/// Queues without ringing: for commands that pomona asks while the device is talking.
pub(super) fn ask(
    w: &mut Write,
    by: &str,
    id: &EnrollmentId,
    request: &Request,
    errand: Errand,
    dice: &dyn Dice,
    now: Time,
) -> Result<Command, Failure> {
    let body = match errand {
        Errand::Install { .. } => None,
        _ => Some(Secret::new(plist::to_xml(&Value::Dictionary(request.to_dictionary())))),
    };
    if let (Some(body), true) = (&body, is_question(request.request_type()))
        && let Some(waiting) = same_question(w, id, request.request_type(), body)?
    {
        return Ok(waiting);
    }
    let command = Command {
        uuid: roll_uuid(dice),
        enrollment: id.clone(),
        seq: store::commands::next_seq(w)?,
        request_type: request.request_type().to_owned(),
        priority: priority(request.request_type()),
        by: by.to_owned(),
        errand,
        state: State::Queued,
        created: now,
        sent_at: None,
        offers: 0,
        offers_since: None,
        not_now_first: None,
        not_now_last: None,
        not_now_count: 0,
        finished: None,
        errors: Vec::new(),
        not_understood: None,
    };
    if let Some(body) = body {
        store::commands::put_request(w, &command.uuid, &body)?;
    }
    store::commands::put(w, &command)?;
    Ok(command)
}

/// [`ask`] for the server itself.
pub(super) fn ask_quietly(
    w: &mut Write,
    id: &EnrollmentId,
    request: &Request,
    errand: Errand,
    dice: &dyn Dice,
    now: Time,
) -> Result<Command, Failure> {
    ask(w, POMONA, id, request, errand, dice, now)
}

/// Ends a command without an answer, and lets the placement it carries follow.
pub(super) fn finish(w: &mut Write, command: &mut Command, state: State, now: Time) -> Result<(), Broken> {
    command.state = state;
    command.finished = Some(now);
    store::commands::put(w, command)?;
    follow(w, command, now)
}

/// Lets the placement that `command` carries follow its state. A placement that a newer command carries is not
/// touched by an older one.
pub(super) fn follow(w: &mut Write, command: &Command, now: Time) -> Result<(), Broken> {
    let (Errand::Install { profile, .. } | Errand::Remove { profile }) = &command.errand else {
        return Ok(());
    };
    let Some(mut placement) = store::profiles::placement(w, &command.enrollment, profile)? else {
        return Ok(());
    };
    if placement.command != command.uuid {
        return Ok(());
    }
    match reconcile::follow(&mut placement, &command.errand, command.state, &command.errors, now) {
        reconcile::Fate::Same => Ok(()),
        reconcile::Fate::Changed => store::profiles::put_placement(w, &placement),
        reconcile::Fate::Gone => store::profiles::remove_placement(w, &command.enrollment, profile),
    }
}

fn rights(request: &Request) -> Vec<Right> {
    let mut rights = rights_of(request.request_type());
    if matches!(request, Request::Raw(_)) {
        rights.push(Right::SendRaw);
    }
    rights
}

fn rights_of(request_type: &str) -> Vec<Right> {
    match request_type {
        "EraseDevice" => vec![Right::Erase],
        "DeviceLock" | "ClearPasscode" => vec![Right::Lock],
        "InstallProfile" | "RemoveProfile" => vec![Right::EditProfiles],
        _ => vec![Right::Operate],
    }
}

fn priority(request_type: &str) -> Priority {
    match request_type {
        "EraseDevice" | "DeviceLock" | "EnableLostMode" | "DisableLostMode" => Priority::High,
        other if is_question(other) => Priority::Low,
        _ => Priority::Normal,
    }
}

fn is_question(request_type: &str) -> bool {
    matches!(
        request_type,
        "DeviceInformation" | "SecurityInfo" | "ProfileList" | "CertificateList" | "InstalledApplicationList"
    )
}

/// A question that waits unfetched and asks the very same.
fn same_question(
    view: &impl View,
    id: &EnrollmentId,
    request_type: &str,
    body: &Secret,
) -> Result<Option<Command>, Broken> {
    for waiting in store::commands::queue(view, id)? {
        if waiting.state == State::Queued
            && waiting.request_type == request_type
            && store::commands::request(view, &waiting.uuid)?.as_ref() == Some(body)
        {
            return Ok(Some(waiting));
        }
    }
    Ok(None)
}

/// Fills in what only the server knows: a PIN for Macs, the unlock token.
fn complete(
    w: &mut Write,
    id: &EnrollmentId,
    mut request: Request,
    dice: &dyn Dice,
    now: Time,
) -> Result<Request, Failure> {
    let device = id.device();
    let needs_pin = store::devices::get(w, &device)?.map_or(Platform::Unknown, |d| d.platform).needs_pin();
    match &mut request {
        Request::DeviceLock { pin, .. } | Request::EraseDevice { pin, .. } => {
            *pin = if needs_pin { Some(settle_pin(w, &device, pin.take(), dice, now)?) } else { None };
        }
        Request::Raw(dictionary)
            if needs_pin
                && matches!(
                    plist::text(dictionary, "RequestType"),
                    Ok(Some("DeviceLock" | "EraseDevice"))
                ) =>
        {
            let given = plist::text(dictionary, "PIN").ok().flatten().map(|p| Secret::from(p.to_owned()));
            let pin = settle_pin(w, &device, given, dice, now)?;
            let text = pin.expose_str().unwrap_or_default().to_owned();
            dictionary.insert("PIN".into(), Value::String(text));
        }
        Request::ClearPasscode { unlock_token } if unlock_token.is_empty() => {
            *unlock_token = store::enrollments::escrow(w, &device, EscrowKind::UnlockToken)?
                .map(|e| e.secret)
                .ok_or_else(|| {
                    Refusal::conflict(
                        "command.no_unlock_token",
                        "This device never gave its unlock token, so its passcode cannot be cleared from here.",
                    )
                })?;
        }
        _ => {}
    }
    Ok(request)
}

fn settle_pin(
    w: &mut Write,
    device: &EnrollmentId,
    given: Option<Secret>,
    dice: &dyn Dice,
    now: Time,
) -> Result<Secret, Failure> {
    let pin = match given {
        Some(pin) if pin.len() == PIN_DIGITS && pin.expose().iter().all(u8::is_ascii_digit) => pin,
        Some(_) => return Err(Refusal::invalid("command.pin", "A PIN has exactly six digits.").into()),
        // 2^64 is so much larger than a million that no PIN is likelier than another by a measure that matters.
        None => Secret::from(format!("{:06}", u64::from_be_bytes(roll(dice)) % 1_000_000)),
    };
    let escrow = Escrow { secret: pin.clone(), at: now };
    store::enrollments::put_escrow(w, device, EscrowKind::LockPin, &escrow)?;
    Ok(pin)
}
