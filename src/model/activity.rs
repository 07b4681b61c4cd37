//! What happened: one row in the transaction that made it happen.

use serde::{Deserialize, Serialize};

use super::Time;
use super::enrollment::EnrollmentId;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Grows by one.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// Who: an administrator, `device`, or `pomona`.
    pub by: String,
    /// A word to filter by: `enrolled`, `checked-out`, `command`, `profile`, `sign-in`, `alert`, `push`.
    pub kind: String,
    /// The sentence.
    pub text: String,
    /// The device concerned.
    pub device: Option<EnrollmentId>,
    /// Needs a person's eye.
    pub alert: bool,
}
