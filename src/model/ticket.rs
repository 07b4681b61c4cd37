//! A ticket: an enrollment link, and the one-time challenges made from it.

use serde::{Deserialize, Serialize};

use super::Time;
use super::certificate::{Fingerprint, Purpose};
use crate::wire::Secret;

/// An enrollment link. Its secret part is kept hashed to look it up and sealed so that an administrator can
/// show it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Public id.
    pub id: String,
    /// What it is for, for people.
    pub label: String,
    /// The secret part of the address (sealed table).
    pub token: Secret,
    /// Who made it.
    pub by: String,
    /// When.
    pub created: Time,
    /// Until when it works.
    pub expires: Time,
    /// How many devices may use it; none means any number.
    pub max_uses: Option<u32>,
    /// Certificates issued through it.
    pub uses: u32,
    /// Taken back.
    pub revoked: Option<Time>,
    /// Only for the device with this serial number.
    pub serial: Option<String>,
}

impl Ticket {
    /// Whether it can be used now.
    pub fn is_open(&self, now: Time) -> bool {
        self.revoked.is_none() && now < self.expires && self.max_uses.is_none_or(|max| self.uses < max)
    }
}

/// A SCEP challenge, stored under the SHA-256 of its text and good for one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// What the certificate will be for.
    pub purpose: Purpose,
    /// When it was made.
    pub created: Time,
    /// Until when it can be used.
    pub expires: Time,
    /// What it was used for.
    pub used: Option<Used>,
}

/// The one use of a challenge: the same key may ask again for a while and gets the same certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// When.
    pub at: Time,
    /// SHA-256 of the subject public key info.
    pub key: [u8; 32],
    /// The certificate it got.
    pub certificate: Fingerprint,
}
