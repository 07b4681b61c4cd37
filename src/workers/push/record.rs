//! One due push: whether to ring now, and what the answer changes.

use super::Limits;
use crate::apple::{self, Push, Retry, Whose};
use crate::model::Time;
use crate::model::activity::Activity;
use crate::model::due::{Due, PushOutcome};
use crate::rules::retry::{
    FIRST_WAIT_MS, LONGEST_WAIT_MS, TOO_OFTEN_LONGEST_MS, TOO_OFTEN_WAIT_MS, at_work_until, ring_again_secs,
    wait_ms,
};
use crate::store::{self, Broken, View, Write};
use crate::wire::Secret;

/// How long APNs keeps a push for a device that is away, in seconds: a week.
const KEEP_SECS: i64 = 7 * 86_400;
/// A channel that waits is looked at this often: the reason to wait may be gone.
const LOOK_AGAIN_MS: u64 = 500;
/// Wait after a request that Apple did not understand, in seconds: asking again sooner cannot help.
const NOT_UNDERSTOOD_SECS: i64 = 86_400;

/// What to do about a due push.
pub(super) enum Step {
    /// Nothing: there is nothing to fetch, or nobody to ring.
    Over,
    /// Look again in so many milliseconds, at most half a second.
    Hold(u64),
    /// Ring.
    Ring(Box<Push>),
}

/// Looks at the channel of a due push.
pub(super) fn consider(view: &impl View, due: &Due, limits: &Limits, now: Time) -> Result<Step, Broken> {
    let id = &due.enrollment;
    let outcome = store::dues::push_outcome(view, id)?;
    if outcome.as_ref().is_some_and(|o| o.unreachable) {
        return Ok(Step::Over);
    }
    let enrolled = store::enrollments::get(view, id)?.is_some_and(|e| e.is_enrolled());
    let Some(info) = store::enrollments::push_info(view, id)?.filter(|_| enrolled) else {
        return Ok(Step::Over);
    };
    let queue = store::commands::queue(view, id)?;
    if queue.is_empty() {
        return Ok(Step::Over);
    }
    let mut not_before = at_work_until(&queue, now).unwrap_or(now);
    if due.attempts == 0 {
        not_before = not_before.max(due.at.plus_ms(limits.group_ms));
        if let Some(latest) = outcome.map(|o| o.at).filter(|at| *at <= now) {
            not_before = not_before.max(latest.plus_ms(limits.gap_ms));
        }
    }
    if let Ok(ms @ 1..) = u64::try_from(not_before.since_ms(now)) {
        return Ok(Step::Hold(ms.min(LOOK_AGAIN_MS)));
    }
    Ok(Step::Ring(Box::new(Push {
        topic: info.topic,
        token: info.token,
        magic: info.magic,
        expiration_secs: u64::try_from(now.plus_secs(KEEP_SECS).secs()).unwrap_or(0),
    })))
}

/// Writes down what Apple answered to a push of `token`, and when to ring next.
pub(super) fn record(
    w: &mut Write,
    due: &Due,
    token: &Secret,
    answer: &Result<apple::Accepted, apple::Error>,
    now: Time,
    chance: [u8; 4],
) -> Result<(), Broken> {
    let id = &due.enrollment;
    let former = store::dues::push_outcome(w, id)?;
    let rings = if due.attempts == 0 { 0 } else { former.as_ref().map_or(0, |o| o.rings) };
    let mut outcome =
        PushOutcome { at: now, accepted: false, said: String::new(), unreachable: false, rings };
    let backed_off = |first, longest| {
        let ms = wait_ms(due.attempts, first, longest, chance);
        now.plus_ms(i64::try_from(ms).unwrap_or(i64::MAX))
    };
    match answer {
        Ok(_) => {
            outcome.accepted = true;
            outcome.rings += 1;
            outcome.said = "Apple took the push.".into();
            if store::commands::has_queue(w, id)? {
                store::dues::later(w, due, now.plus_secs(ring_again_secs(outcome.rings)))?;
            } else {
                store::dues::done(w, due)?;
            }
        }
        Err(error) => {
            outcome.said.clone_from(&error.said);
            match error.retry {
                Retry::NewToken { dead_since } => {
                    let info = store::enrollments::push_info(w, id)?;
                    let newer = info.is_some_and(|info| {
                        info.token != *token || dead_since.is_some_and(|since| since < info.updated)
                    });
                    if newer {
                        outcome.said = "Apple spoke of a token that has been replaced meanwhile.".into();
                        store::dues::later(w, due, backed_off(TOO_OFTEN_WAIT_MS, TOO_OFTEN_LONGEST_MS))?;
                    } else {
                        outcome.unreachable = true;
                        store::dues::cancel(w, due.work, id)?;
                        tell_unreachable(w, due, &former, error, now)?;
                    }
                }
                // The row stays due: everything waits for the certificate, and goes on at once when it is there.
                Retry::NewCertificate => {}
                Retry::Later { after } => {
                    let at = match error.whose {
                        Whose::Channel => backed_off(TOO_OFTEN_WAIT_MS, TOO_OFTEN_LONGEST_MS),
                        _ => backed_off(FIRST_WAIT_MS, LONGEST_WAIT_MS),
                    };
                    let named = after.and_then(|after| i64::try_from(after.as_millis()).ok()).unwrap_or(0);
                    store::dues::later(w, due, at.max(now.plus_ms(named.min(86_400_000))))?;
                }
                Retry::Never => store::dues::later(w, due, now.plus_secs(NOT_UNDERSTOOD_SECS))?,
            }
        }
    }
    store::dues::put_push_outcome(w, id, &outcome)
}

fn tell_unreachable(
    w: &mut Write,
    due: &Due,
    former: &Option<PushOutcome>,
    error: &apple::Error,
    now: Time,
) -> Result<(), Broken> {
    if former.as_ref().is_some_and(|o| o.unreachable) {
        return Ok(());
    }
    let activity = Activity {
        seq: 0,
        at: now,
        by: "pomona".into(),
        kind: "push".into(),
        text: format!("Not reachable by push: {} Its commands wait.", error.said),
        device: Some(due.enrollment.device()),
        alert: false,
    };
    store::activities::add(w, activity).map(|_| ())
}
