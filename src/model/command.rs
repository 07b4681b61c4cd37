//! A command: asked of one channel, answered at the device's leisure.

use serde::{Deserialize, Serialize};

use super::Time;
use super::enrollment::EnrollmentId;

/// How urgent a command is; higher goes first (queue rule 5 of the protocol reference).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Priority {
    /// Inventory questions.
    Low,
    /// Everything else.
    Normal,
    /// Lock, erase, lost mode.
    High,
}

impl Priority {
    /// Byte that sorts high priority first.
    pub fn rank(self) -> u8 {
        match self {
            Self::High => 0,
            Self::Normal => 1,
            Self::Low => 2,
        }
    }
}

/// Where a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Waits for the device to connect.
    Queued,
    /// Handed to the device; no answer yet.
    Sent,
    /// The device said NotNow; it stays queued.
    NotNow,
    /// Offered again and again without an answer; no longer offered.
    NoAnswer,
    /// The device did it.
    Acknowledged,
    /// The device tried and failed.
    Error,
    /// The device does not know such a command.
    FormatError,
    /// Taken back before the device answered.
    Canceled,
    /// Dropped because the device enrolled anew.
    Dropped,
}

impl State {
    /// Whether this command will never be offered again.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Sent | Self::NotNow)
    }
}

/// One element of Apple's `ErrorChain`. Codes and domains are no stable interface: shown, never branched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceError {
    /// `ErrorCode`.
    pub code: i64,
    /// `ErrorDomain`.
    pub domain: String,
    /// `USEnglishDescription`, else `LocalizedDescription`.
    pub text: String,
}

/// Why a command exists, beyond who asked: its answer changes this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errand {
    /// Nothing more than its answer.
    Plain,
    /// Delivers revision `revision` of a profile.
    Install {
        /// Profile id.
        profile: String,
        /// Revision delivered.
        revision: u32,
    },
    /// Takes a profile off the device.
    Remove {
        /// Profile id.
        profile: String,
    },
    /// First questions after enrollment, which Setup Assistant waits for.
    Setup,
    /// Carries the enrollment profile that renews the identity certificate: all that a device with an expired
    /// certificate is still given.
    Renewal,
}

/// A command for one channel and its history. The request itself is sealed apart from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// `CommandUUID`, uppercase.
    pub uuid: String,
    /// The channel it is for.
    pub enrollment: EnrollmentId,
    /// Place in line: grows with each command of the server.
    pub seq: u64,
    /// `RequestType`.
    pub request_type: String,
    /// Urgency.
    pub priority: Priority,
    /// Who asked, for people.
    pub by: String,
    /// What its answer changes.
    pub errand: Errand,
    /// Where it stands.
    pub state: State,
    /// When it was asked.
    pub created: Time,
    /// When it was last handed out.
    pub sent_at: Option<Time>,
    /// Times it was handed out since `offers_since` without any answer.
    pub offers: u32,
    /// Start of the window in which `offers` counts.
    pub offers_since: Option<Time>,
    /// First NotNow.
    pub not_now_first: Option<Time>,
    /// Latest NotNow.
    pub not_now_last: Option<Time>,
    /// How many NotNows.
    pub not_now_count: u32,
    /// When it was answered for good.
    pub finished: Option<Time>,
    /// What the device said when it failed.
    pub errors: Vec<DeviceError>,
    /// Why our own reading of a stored answer failed, if it did.
    pub not_understood: Option<String>,
}
