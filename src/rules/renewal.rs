//! When a device gets a new identity certificate, and when it is asked again. Devices do not renew theirs by
//! themselves (protocol reference d.7), and one whose certificate ended is nearly lost.

use crate::model::Time;
use crate::model::enrollment::{Enrollment, EnrollmentId, PendingRenewal, State};
use crate::wire::key::sha256;

const DAY_SECS: i64 = 86_400;
/// Renewal begins this many days before the end of a certificate at the earliest.
pub const FIRST_DAYS: i64 = 60;
/// The devices of a fleet begin on different moments of so many days: they may have enrolled in one hour.
pub const SPREAD_DAYS: i64 = 14;
/// Within so many days of its end a certificate needs a person's attention.
pub const LAST_DAYS: i64 = 14;
/// How long the challenge of a renewal can be used, in seconds: its command waits until the device connects.
pub const CHALLENGE_SECS: i64 = 30 * DAY_SECS;
/// A device that was not heard of for so many days is not rung for this: it may be in a drawer.
const ABSENT_DAYS: i64 = 7;
/// Longest wait before a device is asked again, in days.
const LONGEST_DAYS: i64 = 7;

/// When the renewal of a certificate that ends at `not_after` begins: between 60 and 46 days before, each device at
/// a moment of its own that is always the same. Where less time is left, within the first half of it.
pub fn begins(id: &EnrollmentId, not_after: Time, now: Time) -> Time {
    let start = not_after.plus_secs(-FIRST_DAYS * DAY_SECS).max(now);
    let left = not_after.since_ms(start).max(0);
    let window = (SPREAD_DAYS * DAY_SECS * 1000).min(left / 2);
    let hash = sha256(id.as_str().as_bytes());
    let place = i64::from(u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]));
    // At most 2^32 * 2^31: fits.
    start.plus_ms((window >> 1) * place / (1 << 31))
}

/// What is known of a device whose renewal is due.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Its enrollment.
    pub enrollment: &'a Enrollment,
    /// End of the certificate it speaks with; none when it has none of ours.
    pub not_after: Option<Time>,
    /// Whether the command of an earlier attempt still waits to be answered.
    pub waits: bool,
    /// When it was last heard of.
    pub seen: Option<Time>,
}

/// What to do about a due renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing, ever: it left, or has no certificate of ours.
    Over,
    /// Nothing before then.
    Later(Time),
    /// Send it a new enrollment profile.
    Send,
}

/// Decides. An answered command proves nothing: only a message signed by the new certificate ends a renewal, and
/// that message plans the next one.
pub fn step(facts: &Facts<'_>, now: Time) -> Step {
    let tomorrow = now.plus_secs(DAY_SECS);
    let Some(not_after) = facts.not_after else { return Step::Over };
    match facts.enrollment.state {
        State::CheckedOut => return Step::Over,
        // Its enrollment is not complete, and cannot be rung.
        State::Authenticated => return Step::Later(tomorrow),
        State::Enrolled => {}
    }
    let earliest = not_after.plus_secs(-FIRST_DAYS * DAY_SECS);
    if now < earliest {
        return Step::Later(begins(&facts.enrollment.id, not_after, now));
    }
    if let Some(pending) = &facts.enrollment.renewal {
        if facts.waits && now < pending.sent_at.plus_secs(CHALLENGE_SECS - DAY_SECS) {
            return Step::Later(tomorrow);
        }
        let again = pending.sent_at.plus_secs(wait_days(pending.tries, not_after, now) * DAY_SECS);
        if now < again {
            return Step::Later(again);
        }
    }
    let absent = facts.seen.is_none_or(|seen| seen.plus_secs(ABSENT_DAYS * DAY_SECS) < now);
    // Once it is past its end it is given nothing else, so the profile has to lie ready.
    if absent && now < not_after { Step::Later(tomorrow) } else { Step::Send }
}

/// Days between two attempts: 1, 2, 4, 7, and each day towards the end.
fn wait_days(tries: u32, not_after: Time, now: Time) -> i64 {
    if days_left(not_after, now) < LAST_DAYS {
        1
    } else {
        (1 << tries.saturating_sub(1).min(3)).min(LONGEST_DAYS)
    }
}

/// Whole days until `not_after`; negative once it is past.
pub fn days_left(not_after: Time, now: Time) -> i64 {
    not_after.since_ms(now).div_euclid(DAY_SECS * 1000)
}

/// Whether an attempt now is the first one that a person should hear of: little time is left, and the attempt
/// before, if any, was made when there was more.
pub fn is_alarming(former: Option<&PendingRenewal>, not_after: Time, now: Time) -> bool {
    let late = |at: Time| days_left(not_after, at) < LAST_DAYS;
    late(now) && former.is_none_or(|former| !late(former.sent_at))
}
