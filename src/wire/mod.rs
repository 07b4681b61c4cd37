//! Bytes: Apple's, the IETF's and our own API's. Pure: no clock, no sockets, no files.

pub mod api;
pub mod asn1;
pub mod cms;
pub mod enroll;
pub mod key;
pub mod mdm;
pub mod pem;
pub mod pkcs12;
pub mod plist;
pub mod profile;
pub mod scep;
pub mod secret;
pub mod x509;

pub use secret::Secret;

/// The sender's bytes are not what the format asks for. Its text is for a log and for a developer: it names the
/// rule that was broken and never repeats the bytes themselves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{format}: {reason}")]
pub struct Malformed {
    /// Which format refused: `plist`, `key`, `pem`, `x509`, `cms`, `scep`, `pkcs12`, `check-in`, `report`, `profile`,
    /// `api`.
    pub format: &'static str,
    /// What was wrong, in words.
    pub reason: String,
}

impl Malformed {
    /// A refusal of `format` with its reason.
    pub fn new(format: &'static str, reason: impl Into<String>) -> Self {
        Self { format, reason: reason.into() }
    }
}
