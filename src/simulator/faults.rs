//! What goes wrong on request.

use std::time::Duration;

/// Faults of one device. All off by default. Counts are per device and repeat for the same traffic.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Says NotNow this often to each command before it obeys. Commands that a locked iPhone or iPad never refuses
    /// (Apple, *MDM commands and NotNow*) are obeyed at once.
    pub not_now: u32,
    /// Answers commands of these request types with Error.
    pub failing: Vec<String>,
    /// Answers commands of these request types with CommandFormatError.
    pub unknown: Vec<String>,
    /// Never answers commands of these request types.
    pub silent: Vec<String>,
    /// Loses the reply to every n-th answer: the server has it, the device does not know, and repeats it over a
    /// new connection.
    pub lose_reply_every: Option<u32>,
    /// Sends every n-th answer twice.
    pub repeat_every: Option<u32>,
    /// Breaks the connection in the middle of every n-th answer's body, then sends it again whole.
    pub cut_every: Option<u32>,
    /// Thinks this long before each answer.
    pub slow: Duration,
    /// The device's clock is wrong by this many seconds.
    pub skew_secs: i64,
}

/// What becomes of one answer on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnTheWay {
    Nothing,
    LostReply,
    Twice,
    Cut,
}

impl Faults {
    /// The fault of answer number `n`, counted from 1.
    pub(crate) fn of_answer(&self, n: u32) -> OnTheWay {
        let hits = |every: Option<u32>| every.is_some_and(|every| every > 0 && n.is_multiple_of(every));
        if hits(self.cut_every) {
            OnTheWay::Cut
        } else if hits(self.lose_reply_every) {
            OnTheWay::LostReply
        } else if hits(self.repeat_every) {
            OnTheWay::Twice
        } else {
            OnTheWay::Nothing
        }
    }

    /// Whether a device that is locked may put this command off at all.
    pub(crate) fn may_put_off(request_type: &str) -> bool {
        !matches!(
            request_type,
            "DeviceInformation"
                | "ProfileList"
                | "DeviceLock"
                | "EraseDevice"
                | "ClearPasscode"
                | "ProvisioningProfileList"
                | "InstalledApplicationList"
                | "Restrictions"
        )
    }
}
