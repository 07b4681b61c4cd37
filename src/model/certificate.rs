//! A certificate we issued, and why.

use serde::{Deserialize, Serialize};

use super::Time;
use super::enrollment::EnrollmentId;

/// SHA-256 of a certificate's DER.
pub type Fingerprint = [u8; 32];

/// Why a certificate was issued; checked again when it first speaks (protocol reference a.9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// An enrollment link, possibly for one known device.
    Portal {
        /// The link.
        ticket: String,
        /// Serial number the link was made for.
        serial: Option<String>,
    },
    /// Automated enrollment or over-the-air phase 2: both are known from Apple-signed machine information.
    Machine {
        /// Serial number.
        serial: String,
        /// UDID.
        udid: String,
    },
    /// Over-the-air phase 1: never valid for management.
    OtaPhase1,
    /// Renews the identity of one enrollment.
    Renewal {
        /// The enrollment.
        enrollment: EnrollmentId,
    },
    /// Account-driven user enrollment.
    Account {
        /// The managed Apple Account.
        account: String,
    },
}

/// A certificate we issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// SHA-256 of the DER.
    pub fingerprint: Fingerprint,
    /// The DER itself.
    #[serde(with = "serde_bytes")]
    pub der: Vec<u8>,
    /// Why.
    pub purpose: Purpose,
    /// SHA-256 of the challenge it was issued for.
    pub challenge: [u8; 32],
    /// When it was issued.
    pub issued: Time,
    /// End of validity.
    pub not_after: Time,
    /// The device channel it speaks for, once it spoke.
    pub enrollment: Option<EnrollmentId>,
    /// No longer accepted.
    pub revoked: Option<Time>,
}
