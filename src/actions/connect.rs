//! A device connects: its answer is kept and understood, and it gets its next command.

use crate::model::Time;
use crate::model::certificate::Fingerprint;
use crate::model::command::{Command, DeviceError, Errand, State};
use crate::model::due::Work;
use crate::model::edge::Dice;
use crate::model::enrollment::{Enrollment, EnrollmentId};
use crate::rules::issue::Standing;
use crate::rules::queue;
use crate::rules::results::{self, Understood};
use crate::store::{self, Broken, View, Write};
use crate::wire::mdm::report::{Report, Status};
use crate::wire::{Malformed, Secret};

use super::commands::Body;
use super::{Failure, answers, commands, identity, setup};

/// Ringing for what was queued while a device was talking waits this long, in seconds: mostly it is fetched by then.
const RING_LATER_SECS: i64 = 60;
/// Answers to unknown commands that are kept of one channel.
const ORPHANS: usize = 20;
/// Bytes that are kept of each.
const ORPHAN_BYTES: usize = 64 << 10;

/// A report, as far as it was read before the transaction.
#[derive(Debug, Clone)]
pub struct Said {
    /// The channel that reports.
    pub channel: EnrollmentId,
    /// Its status.
    pub status: Status,
    /// Which command it answers; none for Idle.
    pub command: Option<String>,
    /// What the device said when it failed.
    pub errors: Vec<DeviceError>,
    /// Our reading of an acknowledged answer to a command that we know.
    pub understood: Option<Result<Understood, Malformed>>,
    /// The report, byte for byte.
    pub raw: Secret,
}

/// A command to hand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// `CommandUUID`.
    pub uuid: String,
    /// `RequestType`, for the log.
    pub request_type: String,
    /// What it asks. The message is made of it outside the transaction: profiles are long.
    pub body: Body,
}

/// Whether an Idle of this channel can be answered at once with nothing: it may speak and nothing waits for it.
pub fn is_quiet(
    view: &impl View,
    fingerprint: &Fingerprint,
    channel: &EnrollmentId,
    now: Time,
) -> Result<bool, Failure> {
    let standing = identity::standing(view, fingerprint, &channel.device(), now)?;
    if !store::commands::has_queue(view, channel)? {
        return Ok(true);
    }
    let waiting = |c: Command| is_for(standing, &c);
    Ok(standing == Standing::RenewOnly && !store::commands::queue(view, channel)?.into_iter().any(waiting))
}

/// Reads an acknowledged answer before the transaction: long lists take their time, and the writer has none. What
/// a command asked never changes, so the reading is still right when the report is taken. None when there is
/// nothing to read, or no such command.
pub fn understand(
    view: &impl View,
    channel: &EnrollmentId,
    report: &Report,
) -> Result<Option<Result<Understood, Malformed>>, Broken> {
    let (Status::Acknowledged, Some(uuid)) = (report.status, &report.command_uuid) else { return Ok(None) };
    let command = store::commands::get(view, channel, uuid)?;
    Ok(command.map(|c| results::understand(&c.request_type, &report.body)))
}

/// Keeps the report, changes what it changes, and chooses the next command, all at once: a device that gets no
/// answer repeats its report and nothing is lost or counted twice.
///
/// The first final answer to a command wins; a repeated one only fetches the next command. Answers to commands
/// that we do not know are kept apart. An answer that cannot be understood finishes its command all the same.
pub fn report(
    w: &mut Write,
    fingerprint: &Fingerprint,
    said: Said,
    dice: &dyn Dice,
    now: Time,
) -> Result<Option<Handed>, Failure> {
    let channel = said.channel.clone();
    let spoken_for = store::enrollments::get(w, &channel)?;
    let standing = if channel.is_user() {
        identity::standing(w, fingerprint, &channel.device(), now)?
    } else {
        identity::standing_in(w, fingerprint, &channel, spoken_for.as_ref(), now)?
    };
    let idle = said.status == Status::Idle;
    let not_now = said.status == Status::NotNow;
    let Some(mut enrollment) = spoken_for.filter(Enrollment::is_enrolled) else {
        if !idle {
            keep_orphan(w, &said, now)?;
        }
        return Ok(None);
    };
    if !idle {
        take_answer(w, &mut enrollment, said, dice, now)?;
    }
    hand_out(w, &mut enrollment, standing, idle, not_now, dice, now)
}

/// Keeps an answer to a command that we do not know, for whoever looks for it: a few of them, and of each its
/// start, because who sends them may go on for ever.
fn keep_orphan(w: &mut Write, said: &Said, now: Time) -> Result<(), Broken> {
    let uuid = said.command.as_deref().unwrap_or("-");
    let kept = store::commands::orphans(w, &said.channel)?;
    if kept.len() >= ORPHANS || kept.iter().any(|(known, _)| known == uuid) {
        return Ok(());
    }
    let start = &said.raw.expose()[..said.raw.len().min(ORPHAN_BYTES)];
    store::commands::put_orphan(w, &said.channel, uuid, now, &Secret::new(start))
}

fn take_answer(
    w: &mut Write,
    enrollment: &mut Enrollment,
    said: Said,
    dice: &dyn Dice,
    now: Time,
) -> Result<(), Failure> {
    let known = match &said.command {
        Some(uuid) => store::commands::get(w, &said.channel, uuid)?,
        None => None,
    };
    // A dropped command belongs to the device's former life: what it answers to that is no news of this one.
    let Some(mut command) = known.filter(|c| c.state != State::Dropped) else {
        return Ok(keep_orphan(w, &said, now)?);
    };
    let state = match said.status {
        Status::Acknowledged => State::Acknowledged,
        Status::Error => State::Error,
        Status::CommandFormatError => State::FormatError,
        Status::NotNow => {
            // One that was parked because it got no answer has one now.
            if !command.state.is_final() || command.state == State::NoAnswer {
                command.finished = None;
                queue::not_now(&mut command, now);
                store::commands::put(w, &command)?;
                commands::follow(w, &command, now)?;
            }
            return Ok(());
        }
        Status::Idle => return Ok(()),
    };
    if matches!(command.state, State::Acknowledged | State::Error | State::FormatError) {
        return Ok(());
    }
    store::commands::put_report(w, &said.channel, &command.uuid, &said.raw)?;
    let before = command.clone();
    command.state = state;
    command.finished = Some(now);
    command.errors = said.errors;
    let understood = match said.understood {
        Some(Ok(understood)) => understood,
        Some(Err(malformed)) => {
            command.not_understood = Some(malformed.to_string());
            Understood::Nothing
        }
        None => Understood::Nothing,
    };
    store::commands::change(w, &before, &command)?;
    commands::follow(w, &command, now)?;
    answers::take(w, enrollment, &command, understood, dice, now)
}

fn hand_out(
    w: &mut Write,
    enrollment: &mut Enrollment,
    standing: Standing,
    idle: bool,
    not_now: bool,
    dice: &dyn Dice,
    now: Time,
) -> Result<Option<Handed>, Failure> {
    let id = enrollment.id.clone();
    let handed = next_of(w, &id, standing, idle, now)?;
    if handed.is_some() || standing == Standing::RenewOnly {
        return Ok(handed);
    }
    let unfinished = store::commands::queue(w, &id)?;
    if unfinished.is_empty() && setup::release(w, enrollment, dice, now)? {
        return next_of(w, &id, standing, idle, now);
    }
    if unfinished.is_empty() {
        store::dues::cancel(w, Work::Push, &id)?;
    } else if !not_now {
        // It said something else after its NotNow, so it will not come back by itself.
        let count = unfinished.iter().map(|c| c.not_now_count).max().unwrap_or(0);
        store::dues::raise(w, Work::Push, &id, now.plus_secs(queue::ring_again_secs(count)))?;
    }
    Ok(None)
}

/// Who only may renew its identity gets nothing else.
fn is_for(standing: Standing, command: &Command) -> bool {
    standing == Standing::Full || command.errand == Errand::Renewal
}

/// Parks what never gets an answer and hands out the next command that still has its request. Reads no further than
/// that one: queues may be long.
fn next_of(
    w: &mut Write,
    id: &EnrollmentId,
    standing: Standing,
    idle: bool,
    now: Time,
) -> Result<Option<Handed>, Failure> {
    for uuid in store::commands::queued(w, id)? {
        let mut command = store::commands::in_queue(w, id, &uuid)?;
        if !is_for(standing, &command) {
            continue;
        }
        match queue::consider(&command, idle, now) {
            queue::Turn::Skip => continue,
            queue::Turn::Park => {
                commands::finish(w, &mut command, State::NoAnswer, now)?;
                continue;
            }
            queue::Turn::Offer => {}
        }
        let body = match commands::deliver(w, &command)? {
            Some(Ok(body)) => body,
            Some(Err(lack)) => {
                commands::hold(w, &mut command, lack.variables, now)?;
                continue;
            }
            None => {
                // Its profile left the library meanwhile.
                commands::finish(w, &mut command, State::Canceled, now)?;
                continue;
            }
        };
        let before = command.clone();
        queue::offered(&mut command, idle, now);
        store::commands::change(w, &before, &command)?;
        commands::follow(w, &command, now)?;
        if let Body::Filled(_, filling) = &body {
            commands::handed_out_as(w, &command, &filling.uuid)?;
        }
        return Ok(Some(Handed { uuid: command.uuid, request_type: command.request_type, body }));
    }
    Ok(None)
}

/// When to ring for what is queued while the device is talking: if it goes away without fetching it.
pub(super) fn ring_later(w: &mut Write, id: &EnrollmentId, now: Time) -> Result<(), Broken> {
    store::dues::raise(w, Work::Push, id, now.plus_secs(RING_LATER_SECS))
}
