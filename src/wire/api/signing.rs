//! The certificate that signs profiles: `GET /api/v1/signing`, `POST /api/v1/signing/certificate`.

use serde::{Deserialize, Serialize};

use super::{Hidden, Moment};

/// What signs exported profiles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningInfo {
    /// The certificate; absent before the first use, which makes one under the server's own authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<SigningCertificate>,
}

/// A signing certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningCertificate {
    /// Made by the server; otherwise one of the organization's own was imported.
    pub own: bool,
    /// Subject.
    pub subject: String,
    /// SHA-256 of the certificate, hex.
    pub sha256: String,
    /// End of validity.
    pub expires: Moment,
    /// When it was made or imported.
    pub since: Moment,
    /// Subjects of the certificates that are sent along.
    #[serde(default)]
    pub chain: Vec<String>,
}

/// `POST /api/v1/signing/certificate`: PEM (certificate, chain, key) or PKCS#12.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSigningCertificate {
    /// The file, base64.
    pub file: Hidden,
    /// The private key in PEM, when the file has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Hidden>,
    /// Passphrase of a PKCS#12 file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<Hidden>,
}
