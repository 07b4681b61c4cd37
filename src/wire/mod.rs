//! Bytes: Apple's, the IETF's and our own API's. Pure: no clock, no sockets, no files.

pub mod secret;

pub use secret::Secret;

/// The sender's bytes are not what the format asks for. Its text is for a log and for a developer: it names the
/// rule that was broken and never repeats the bytes themselves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{format}: {reason}")]
pub struct Malformed {
    /// Which format refused: `plist`, `cms`, `x509`, `scep`, `check-in`, `report`, `profile`, `api`.
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
