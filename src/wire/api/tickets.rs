//! Enrollment links: `GET|POST /api/v1/enrollment-links`, `POST /api/v1/enrollment-links/{id}/revoke`,
//! `POST /api/v1/enrollment-profile` (answers the unsigned enrollment profile itself).

use serde::{Deserialize, Serialize};

use super::Moment;

/// An enrollment link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketInfo {
    /// Public id.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// The address to open on the device. A secret until it is used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who made it.
    pub by: String,
    /// When.
    pub created: Moment,
    /// Until when it works.
    pub expires: Moment,
    /// How many devices may use it; absent means any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u32>,
    /// Devices that used it.
    pub uses: u32,
    /// `open`, `expired`, `used-up`, `revoked`.
    pub state: String,
    /// Only for the device with this serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
}

impl std::fmt::Debug for TicketInfo {
    /// Without the address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TicketInfo").field("id", &self.id).field("state", &self.state).finish_non_exhaustive()
    }
}

/// A link to make.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTicket {
    /// What it is for, up to 100 characters.
    #[serde(default)]
    pub label: String,
    /// Seconds it works: 60 to 31,622,400 (366 days). Without it: 7 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_secs: Option<i64>,
    /// How many devices may use it, 1 to 100,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u32>,
    /// Only for the device with this serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
}
