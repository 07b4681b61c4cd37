//! The first minutes of an enrollment: what is asked first, and the way out of Setup Assistant.

use crate::model::Time;
use crate::model::command::{Command, Errand, Priority};
use crate::model::due::{Due, Work};
use crate::model::edge::Dice;
use crate::model::enrollment::{Enrollment, EnrollmentId};
use crate::rules::enrollment::HOLD_SECS;
use crate::store::{self, Broken, View, Write};
use crate::wire::mdm::command::Request;
use crate::wire::plist::{Dictionary, Value};

use super::{Failure, POMONA, Tone, commands, note};

/// Releases that were tried before a device counts as lost in its Setup Assistant.
const MAX_TRIES: u32 = 20;

/// Asks the first questions of a device that just enrolled, and rings it.
pub(super) fn begin(w: &mut Write, id: &EnrollmentId, dice: &dyn Dice, now: Time) -> Result<(), Failure> {
    let questions = [
        Request::all_device_information(),
        Request::SecurityInfo,
        Request::ProfileList,
        Request::CertificateList,
        Request::InstalledApplicationList,
    ];
    for question in &questions {
        commands::ask_quietly(w, id, question, Errand::Setup, dice, now)?;
    }
    Ok(store::dues::raise(w, Work::Push, id, now)?)
}

/// Sets the hard timeout after which a waiting Setup Assistant is released whatever happened. It is a row, so it
/// holds over a restart.
pub(super) fn hold(w: &mut Write, id: &EnrollmentId, now: Time) -> Result<(), Broken> {
    store::dues::raise(w, Work::Release, id, now.plus_secs(HOLD_SECS))
}

/// `DeviceConfigured`, or `UserConfigured` for the user of a Shared iPad.
pub(super) fn is_release(request_type: &str) -> bool {
    matches!(request_type, "DeviceConfigured" | "UserConfigured")
}

/// Queues the release when the channel waits for it and everything before it is final. Says whether it did.
pub(super) fn release(
    w: &mut Write,
    enrollment: &Enrollment,
    dice: &dyn Dice,
    now: Time,
) -> Result<bool, Failure> {
    let waits = enrollment.awaiting
        && store::dues::get(w, Work::Reconcile, &enrollment.id)?.is_none()
        && !was_asked_just_now(w, enrollment, now)?;
    if waits {
        queue_release(w, enrollment, dice, now)?;
    }
    Ok(waits)
}

/// A release that failed is not repeated in the same breath: the due row brings it again.
fn was_asked_just_now(view: &impl View, enrollment: &Enrollment, now: Time) -> Result<bool, Broken> {
    let since = enrollment.enrolled_at.unwrap_or_default().max(now.plus_secs(-HOLD_SECS));
    let recent = store::commands::history(view, &enrollment.id, None, 20)?;
    Ok(recent.iter().any(|c| is_release(&c.request_type) && c.created >= since))
}

/// The release was acknowledged.
pub(super) fn released(w: &mut Write, enrollment: &mut Enrollment) -> Result<(), Broken> {
    if enrollment.awaiting {
        enrollment.awaiting = false;
        store::enrollments::put(w, enrollment)?;
    }
    store::dues::cancel(w, Work::Release, &enrollment.id)
}

/// The time is over: puts the release before everything else in the queue and rings. Comes again until the device
/// acknowledged it.
pub fn overdue(w: &mut Write, due: &Due, dice: &dyn Dice, now: Time) -> Result<(), Failure> {
    let enrollment = store::enrollments::get(w, &due.enrollment)?;
    let Some(enrollment) = enrollment.filter(|e| e.is_enrolled() && e.awaiting) else {
        return Ok(store::dues::done(w, due)?);
    };
    if due.attempts >= MAX_TRIES {
        let text = "Still waits in Setup Assistant and does not answer. Erase it to begin again.".to_owned();
        note(w, POMONA, "alert", text, &enrollment.id, Tone::Alert, now)?;
        return Ok(store::dues::done(w, due)?);
    }
    let waiting = store::commands::queue(w, &enrollment.id)?;
    if let Some(release) = waiting.into_iter().find(|c| is_release(&c.request_type)) {
        hurry(w, release)?;
    } else {
        let release = queue_release(w, &enrollment, dice, now)?;
        hurry(w, release)?;
    }
    store::dues::raise(w, Work::Push, &enrollment.id, now)?;
    Ok(store::dues::later(w, due, now.plus_secs(HOLD_SECS))?)
}

fn hurry(w: &mut Write, release: Command) -> Result<(), Broken> {
    if release.priority == Priority::High {
        return Ok(());
    }
    store::commands::put(w, &Command { priority: Priority::High, ..release })
}

fn queue_release(
    w: &mut Write,
    enrollment: &Enrollment,
    dice: &dyn Dice,
    now: Time,
) -> Result<Command, Failure> {
    let request = if enrollment.id.is_user() {
        let mut dictionary = Dictionary::new();
        dictionary.insert("RequestType".into(), Value::String("UserConfigured".into()));
        Request::Raw(dictionary)
    } else {
        Request::DeviceConfigured
    };
    commands::ask_quietly(w, &enrollment.id, &request, Errand::Plain, dice, now)
}
