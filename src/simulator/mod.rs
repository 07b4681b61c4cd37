//! Pretend devices and a pretend Apple that speak the real protocols over real sockets, with faults on request.
//!
//! A [`Device`] enrolls like an iPhone, iPad, Mac or Apple TV does: it downloads the enrollment profile, gets its
//! identity by SCEP, checks in, and connects whenever it is rung or polls. [`PretendApns`] is the doorbell. A
//! [`Fleet`] is many devices against one server, with figures and with a comparison of what each device holds
//! against what the server believes.
//!
//! This room knows nothing of the server: it imports the wire formats alone, and would find the same faults in
//! any other Pomona.

pub mod apns;
pub mod chance;
pub mod device;
pub mod faults;
pub mod fleet;
pub mod keychain;
pub mod latency;
pub mod line;
pub mod measure;
pub mod portrait;
pub mod profiles;
pub mod scep;
pub mod trust;

pub use apns::PretendApns;
pub use device::{Device, DeviceOptions};
pub use faults::Faults;
pub use fleet::{Fleet, Plan};
pub use portrait::{Kind, Portrait};
pub use trust::Trust;

use crate::wire::Malformed;

/// Why a simulated device could not do something.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Trouble {
    /// No connection, no TLS, or no answer in time.
    #[error("{0}")]
    Unreachable(String),
    /// The server answered with a status that a device takes as a refusal.
    #[error("{step}: the server answered {status} {said}")]
    Refused {
        /// What the device was doing.
        step: &'static str,
        /// HTTP status.
        status: u16,
        /// Beginning of the body, for people.
        said: String,
    },
    /// The server's bytes are not what the format asks for.
    #[error("{step}: {malformed}")]
    Malformed {
        /// What the device was doing.
        step: &'static str,
        /// What was wrong.
        malformed: Malformed,
    },
    /// SCEP refused to issue.
    #[error("SCEP refused the certificate: failInfo {info:?} {text:?}")]
    NotIssued {
        /// failInfo.
        info: Option<u8>,
        /// failInfoText.
        text: Option<String>,
    },
    /// The device holds to a rule that the server broke, or is in no state to do this.
    #[error("{0}")]
    Rule(String),
}

impl Trouble {
    pub(crate) fn unreachable(what: &str, why: impl std::fmt::Display) -> Self {
        Self::Unreachable(format!("{what}: {why}"))
    }

    pub(crate) fn malformed(step: &'static str) -> impl FnOnce(Malformed) -> Self {
        move |malformed| Self::Malformed { step, malformed }
    }
}

/// Seconds since 1970 by this computer's clock.
pub(crate) fn now_secs() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
