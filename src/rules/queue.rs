//! The next command: order, NotNow, parking of commands that never get an answer.

use crate::model::Time;
use crate::model::command::{Command, State};

/// A command that is offered this often within [`OFFER_WINDOW_SECS`] without any answer is parked.
pub const MAX_OFFERS: u32 = 5;
/// Window in which offers count, in seconds.
pub const OFFER_WINDOW_SECS: i64 = 3600;
/// After NotNow, the same command is not offered in the same burst: this many seconds, or until the next Idle.
pub const BURST_SECS: i64 = 60;

/// What to do with a command when its turn comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Nothing now; look at the next one.
    Skip,
    /// Park it as "no answer", and look at the next one.
    Park,
    /// Hand it out.
    Offer,
}

/// Decides about one command of a channel; the caller asks in queue order until one is handed out. `idle` tells
/// whether the device asked by itself; a report in the middle of a burst skips what answered NotNow in that burst.
pub fn consider(command: &Command, idle: bool, now: Time) -> Turn {
    if command.state.is_final() {
        return Turn::Skip;
    }
    let in_burst = command.not_now_last.is_some_and(|at| now.since_ms(at) < BURST_SECS * 1000);
    if command.state == State::NotNow && !idle && in_burst {
        return Turn::Skip;
    }
    let in_window = command.offers_since.is_some_and(|at| now.since_ms(at) < OFFER_WINDOW_SECS * 1000);
    if in_window && command.offers >= MAX_OFFERS { Turn::Park } else { Turn::Offer }
}

/// Records that `command` is handed out now. Only an Idle tells that the device had it and gave no answer: one that
/// repeats a report, because our reply was lost, never saw it.
pub fn offered(command: &mut Command, idle: bool, now: Time) {
    let repeated = !idle && command.state == State::Sent;
    command.state = State::Sent;
    command.sent_at = Some(now);
    if repeated {
        return;
    }
    let in_window = command.offers_since.is_some_and(|at| now.since_ms(at) < OFFER_WINDOW_SECS * 1000);
    if in_window {
        command.offers += 1;
    } else {
        command.offers = 1;
        command.offers_since = Some(now);
    }
}

/// Records a NotNow. It is an answer, so the count of unanswered offers starts anew; it is never a failure.
pub fn not_now(command: &mut Command, now: Time) {
    command.state = State::NotNow;
    command.not_now_first.get_or_insert(now);
    command.not_now_last = Some(now);
    command.not_now_count += 1;
    command.offers = 0;
    command.offers_since = None;
}

/// When to ring again for a command that answered NotNow while the device went on to answer others: it will not
/// come back by itself then. 15 minutes, 1 hour, 4 hours, 12 hours, then daily; in seconds.
pub fn ring_again_secs(not_now_count: u32) -> i64 {
    match not_now_count {
        0 | 1 => 15 * 60,
        2 => 3600,
        3 => 4 * 3600,
        4 => 12 * 3600,
        _ => 24 * 3600,
    }
}
