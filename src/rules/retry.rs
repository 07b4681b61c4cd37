//! When to try again, and when to leave Apple alone for a while.
//!
//! All moments are milliseconds of a clock that only grows (the caller's), except where a [`Time`] is named; all
//! chance is an argument.

use crate::model::Time;
use crate::model::command::{Command, State};

/// First wait after a failure, in milliseconds.
pub const FIRST_WAIT_MS: u64 = 1_000;
/// Longest wait after a failure: 15 minutes.
pub const LONGEST_WAIT_MS: u64 = 15 * 60 * 1_000;
/// Shortest wait after Apple said that one channel is rung too often: a minute.
pub const TOO_OFTEN_WAIT_MS: u64 = 60_000;
/// Longest such wait: an hour.
pub const TOO_OFTEN_LONGEST_MS: u64 = 60 * 60 * 1_000;

/// How long to wait after failure number `attempts` (from 0): doubling from `first` to `longest`, of which a
/// random half is taken off, so that what failed together does not come back together. In milliseconds.
pub fn wait_ms(attempts: u32, first: u64, longest: u64, chance: [u8; 4]) -> u64 {
    let whole = first.saturating_mul(1_u64.checked_shl(attempts).unwrap_or(u64::MAX)).clamp(first, longest);
    let half = whole / 2;
    whole - half * u64::from(u32::from_be_bytes(chance)) / u64::from(u32::MAX)
}

/// How long after ring number `rings` (from 1) a channel that still has commands and was not heard of is rung
/// again: 15 minutes, 1, 4 and 12 hours, then daily. In seconds.
pub fn ring_again_secs(rings: u32) -> i64 {
    match rings {
        0 | 1 => 15 * 60,
        2 => 3_600,
        3 => 4 * 3_600,
        4 => 12 * 3_600,
        _ => 24 * 3_600,
    }
}

/// A command handed out this recently is being worked on: the device fetches what else there is with its answer.
const AT_WORK_MS: i64 = 20_000;

/// Until when a channel counts as connected, judging by its unfinished commands; none if it is not.
pub fn at_work_until(queue: &[Command], now: Time) -> Option<Time> {
    let latest = queue.iter().filter(|c| c.state == State::Sent).filter_map(|c| c.sent_at).max()?;
    let until = latest.plus_ms(AT_WORK_MS);
    // A clock that was set back must not keep a channel from being rung.
    (now < until && latest <= now).then_some(until)
}

/// Lets nothing through to a service that does not work, but for one probe now and then.
#[derive(Debug, Clone, Default)]
pub struct Breaker {
    failures: u32,
    trips: u32,
    closed_until: Option<u64>,
    probing: bool,
}

/// What a [`Breaker`] allows at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Everything.
    All,
    /// One, to see whether it works again.
    Probe,
    /// Nothing before this moment; none: not before the probe under way is answered.
    Nothing(Option<u64>),
}

impl Breaker {
    /// Failures in a row after which nothing more is let through.
    pub const PATIENCE: u32 = 5;
    /// Longest time between two probes after failures of the service or of the way to it: a minute.
    pub const LONGEST_PAUSE_MS: u64 = 60_000;

    /// What may go out now.
    pub fn allowed(&self, now_ms: u64) -> Allowed {
        match self.closed_until {
            None => Allowed::All,
            Some(_) if self.probing => Allowed::Nothing(None),
            Some(until) if now_ms < until => Allowed::Nothing(Some(until)),
            Some(_) => Allowed::Probe,
        }
    }

    /// The probe is on its way.
    pub fn probe(&mut self) {
        self.probing = true;
    }

    /// Something got an answer that shows the service to work. Says whether that ended a pause.
    pub fn works(&mut self) -> bool {
        let paused = self.closed_until.is_some();
        *self = Self::default();
        paused
    }

    /// Something failed for a reason that concerns all. Says whether a pause began just now.
    pub fn failed(&mut self, now_ms: u64, chance: [u8; 4]) -> bool {
        self.failures = self.failures.saturating_add(1);
        if self.closed_until.is_none() && self.failures < Self::PATIENCE {
            return false;
        }
        self.pause(now_ms, 2 * FIRST_WAIT_MS, Self::LONGEST_PAUSE_MS, chance)
    }

    /// Nothing can work until something is changed here: one probe every 15 minutes will do. Says whether a pause
    /// began just now.
    pub fn hopeless(&mut self, now_ms: u64, chance: [u8; 4]) -> bool {
        self.pause(now_ms, LONGEST_WAIT_MS, LONGEST_WAIT_MS, chance)
    }

    /// Forgets everything: the cause is gone.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    fn pause(&mut self, now_ms: u64, first: u64, longest: u64, chance: [u8; 4]) -> bool {
        let began = self.closed_until.is_none();
        // What was sent before the pause still fails after it began; only a failed probe makes the pause longer.
        if began || self.probing {
            self.closed_until = Some(now_ms + wait_ms(self.trips, first, longest, chance));
            self.trips = self.trips.saturating_add(1);
        }
        self.probing = false;
        began
    }
}

/// Spreads what goes out evenly: so many a second, with a small burst after a rest.
#[derive(Debug, Clone)]
pub struct Pace {
    per_second: u32,
    burst: u32,
    /// Thousandths of a piece that may go out, at `at_ms`.
    saved: u64,
    at_ms: u64,
}

impl Pace {
    /// At most `per_second` (at least 1) over any longer time; a tenth of that at once after a rest.
    pub fn new(per_second: u32) -> Self {
        let per_second = per_second.max(1);
        let burst = (per_second / 10).max(1);
        Self { per_second, burst, saved: u64::from(burst) * 1_000, at_ms: 0 }
    }

    /// How many may go out now.
    pub fn available(&mut self, now_ms: u64) -> u32 {
        let gained = now_ms.saturating_sub(self.at_ms).saturating_mul(u64::from(self.per_second));
        self.saved = self.saved.saturating_add(gained).min(u64::from(self.burst) * 1_000);
        self.at_ms = self.at_ms.max(now_ms);
        u32::try_from(self.saved / 1_000).unwrap_or(u32::MAX)
    }

    /// One goes out.
    pub fn take(&mut self) {
        self.saved = self.saved.saturating_sub(1_000);
    }

    /// Milliseconds until the next may go out, after [`Self::available`] said none.
    pub fn wait_ms(&self) -> u64 {
        1_000_u64.saturating_sub(self.saved).div_ceil(u64::from(self.per_second)).max(1)
    }
}
