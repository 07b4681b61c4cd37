//! What must still reach the outside: a row written in the transaction of its cause.

use serde::{Deserialize, Serialize};

use super::Time;
use super::enrollment::EnrollmentId;

/// What kind of work is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Work {
    /// Ring a channel.
    Push,
    /// Compare what a device should have with what it has.
    Reconcile,
    /// Let a device out of Setup Assistant even when a command never was answered.
    Release,
    /// Give a device a new identity certificate before its present one ends.
    Renew,
}

impl Work {
    /// The word in row keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Reconcile => "reconcile",
            Self::Release => "release",
            Self::Renew => "renew",
        }
    }
}

/// One piece of due work; one row for each kind and channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// What.
    pub work: Work,
    /// For whom.
    pub enrollment: EnrollmentId,
    /// Not before.
    pub at: Time,
    /// Tries so far.
    pub attempts: u32,
    /// Changes whenever a new cause arrives, so that finishing an old one does not remove the new.
    pub cause: u64,
}

/// How the latest push of a channel went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushOutcome {
    /// When.
    pub at: Time,
    /// APNs took it.
    pub accepted: bool,
    /// In words.
    pub said: String,
    /// Apple says this token is gone; only a TokenUpdate revives the channel.
    pub unreachable: bool,
    /// Accepted pushes for the same cause, so far without the channel fetching what waits for it.
    #[serde(default)]
    pub rings: u32,
}
