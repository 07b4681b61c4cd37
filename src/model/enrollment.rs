//! An enrollment: one channel by which a device, or one of its users, is managed.

use serde::{Deserialize, Serialize};

use super::Time;
use crate::wire::Malformed;
use crate::wire::Secret;

/// The normalized enrollment id: `UDID`, `EnrollmentID`, or either with `:USER` for a user channel. Kept byte
/// for byte as the device says it (protocol: Apple, *Check-in protocol*, key `UDID` and its companions).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnrollmentId(String);

impl EnrollmentId {
    /// Takes a normalized id. Refuses empty text, over 300 bytes, and control characters.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.is_empty() || text.len() > 300 || text.chars().any(char::is_control) {
            return Err(Malformed::new("enrollment id", "not an enrollment id"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The device channel this id belongs to: itself, unless it names a user channel.
    pub fn device(&self) -> EnrollmentId {
        Self(self.0.split(':').next().unwrap_or(&self.0).to_owned())
    }

    /// Whether this names a user channel.
    pub fn is_user(&self) -> bool {
        self.0.contains(':')
    }
}

impl std::fmt::Display for EnrollmentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where an enrollment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// It said Authenticate; no push is possible before its first TokenUpdate.
    Authenticated,
    /// It can be pushed and commanded.
    Enrolled,
    /// It said goodbye, or an administrator retired it.
    CheckedOut,
}

/// What kind of channel this is, as far as it changes what we may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A device under device enrollment: the UDID is known.
    Device,
    /// A user channel of a device.
    User,
    /// The device channel of an account-driven user enrollment: no UDID, no serial.
    UserEnrollment,
}

/// A renewal of the identity certificate under way: an Authenticate signed by a certificate from this
/// challenge swaps the certificate and clears nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRenewal {
    /// SHA-256 of the challenge that was sent.
    pub challenge: [u8; 32],
    /// When the renewal profile was queued.
    pub sent_at: Time,
    /// How often one was sent for the present certificate, this one included.
    #[serde(default)]
    pub tries: u32,
}

/// One channel and its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrollment {
    /// Its id.
    pub id: EnrollmentId,
    /// Its kind.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// TokenUpdates since the last Authenticate; the first one completes an enrollment.
    pub tally: u32,
    /// When we first heard of it.
    pub first_seen: Time,
    /// When the present enrollment began.
    pub authenticated_at: Time,
    /// When the present enrollment was completed.
    pub enrolled_at: Option<Time>,
    /// When it checked out.
    pub checked_out_at: Option<Time>,
    /// Setup Assistant waits for `DeviceConfigured`.
    pub awaiting: bool,
    /// Short name of the user of a user channel.
    pub user_short_name: Option<String>,
    /// Full name of the user of a user channel.
    pub user_long_name: Option<String>,
    /// Fingerprint (SHA-256 of the DER) of the identity certificate bound to a device channel.
    pub certificate: Option<[u8; 32]>,
    /// A certificate renewal in progress.
    pub renewal: Option<PendingRenewal>,
    /// The renewal that the last Authenticate completed, until the next TokenUpdate settles that it was one.
    #[serde(default)]
    pub renewed_at: Option<Time>,
}

impl Enrollment {
    /// Whether commands may be queued and pushes sent.
    pub fn is_enrolled(&self) -> bool {
        self.state == State::Enrolled
    }
}

/// How to ring one channel (sealed at rest). Each user channel has its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushInfo {
    /// The push topic the device named.
    pub topic: String,
    /// APNs device token; normally 32 bytes, the length is not fixed.
    pub token: Secret,
    /// The magic that the push payload repeats.
    pub magic: Secret,
    /// When the device last told us.
    pub updated: Time,
}

/// What a device entrusts to us (sealed at rest).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EscrowKind {
    /// Clears the passcode of an iPhone or iPad.
    UnlockToken,
    /// Mac bootstrap token.
    BootstrapToken,
    /// The PIN of the last DeviceLock or EraseDevice of a Mac.
    LockPin,
}

impl EscrowKind {
    /// The word in row keys and in our API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnlockToken => "unlock-token",
            Self::BootstrapToken => "bootstrap-token",
            Self::LockPin => "lock-pin",
        }
    }
}

/// One escrowed secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escrow {
    /// The secret.
    pub secret: Secret,
    /// When we got or made it.
    pub at: Time,
}
