//! Facts about this server that live in the store.

use serde::{Deserialize, Serialize};

use super::Time;
use crate::wire::Secret;

/// The server's own facts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Name of the organization, shown to people and on devices.
    pub organization: String,
    /// First start.
    pub created: Time,
    /// SHA-256 of the setup code for the first administrator, until it is used.
    pub setup_code: Option<[u8; 32]>,
    /// When the setup code was made.
    pub setup_code_at: Time,
    /// Base of the enrollment profile's identifier: constant for the server's life.
    pub enrollment_identifier: String,
    /// What devices may do beyond the usual.
    #[serde(default)]
    pub policy: DevicePolicy,
}

/// Choices about devices that stand as they are for nearly everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevicePolicy {
    /// Network users of a Mac get a channel of their own (`UserAuthenticate` is answered with an empty 200 and
    /// not with 410).
    #[serde(default)]
    pub network_users: bool,
    /// Enrollments brought over from another server take the first certificate of our CA that speaks for them.
    /// Only for the days of a migration.
    #[serde(default)]
    pub adopt_unbound: bool,
    /// A device that checked out and still connects is told to remove its management
    /// (`com.apple.unrecognized.device`) instead of being refused.
    #[serde(default)]
    pub dismiss_checked_out: bool,
}

/// A private key with its certificate (sealed at rest).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// PKCS#8 DER.
    pub key: Secret,
    /// Certificate DER.
    #[serde(with = "serde_bytes")]
    pub certificate: Vec<u8>,
    /// Further certificates up to the root, DER.
    pub chain: Vec<serde_bytes::ByteBuf>,
    /// When it was made or imported.
    pub since: Time,
}

/// What an identity is used for: the key of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityUse {
    /// The device CA, which is also the SCEP registration authority.
    DeviceCa,
    /// Our TLS certificate, until another is configured.
    Tls,
    /// Apple's MDM push certificate.
    Push,
    /// Signs the profiles that people download.
    Signing,
}

impl IdentityUse {
    /// The word in row keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeviceCa => "device-ca",
            Self::Tls => "tls",
            Self::Push => "push",
            Self::Signing => "signing",
        }
    }
}
