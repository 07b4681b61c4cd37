//! Push: `GET /api/v1/push`, `POST /api/v1/push/certificate`, `POST /api/v1/push/test`.

use serde::{Deserialize, Serialize};

use super::{Check, Hidden, Moment};

/// The push certificate and what waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushStatus {
    /// Whether a certificate is there. Without one nothing can be enrolled.
    pub configured: bool,
    /// The topic, as in `com.apple.mgmt.External.…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Subject of the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Its serial number in hex: to find the row in Apple's portal when renewing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// End of validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
    /// Whole days left; negative when it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i64>,
    /// When it was imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<Moment>,
    /// Pushes that wait to be sent.
    pub waiting: u64,
    /// Enrolled devices, which a changed topic would strand.
    pub enrolled: u64,
}

/// A push certificate to import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPushCertificate {
    /// The file, base64: PEM (certificate, and key unless `key` has it) or PKCS#12.
    pub file: Hidden,
    /// The private key in PEM, when it is a file of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Hidden>,
    /// Passphrase of a PKCS#12 file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<Hidden>,
    /// To change the topic although devices are enrolled: the new topic, typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm_topic: Option<String>,
}

/// What a test of the way to Apple found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushTest {
    /// Findings in order.
    pub checks: Vec<Check>,
}
