//! Profiles: `GET|POST /api/v1/profiles` (the body of POST is the `.mobileconfig` itself, or JSON for a new one),
//! `GET|DELETE /api/v1/profiles/{id}`, `GET .../file`, `GET .../status`, `POST .../assign`, `POST .../unassign`;
//! drafts and versions: [`super::drafts`].
//!
//! `{id}` is our id or the profile's `PayloadIdentifier`.

use serde::{Deserialize, Serialize};

use super::Moment;

/// A profile of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileInfo {
    /// Our id.
    pub id: String,
    /// Top-level `PayloadIdentifier`.
    pub identifier: String,
    /// `PayloadDisplayName`.
    pub name: String,
    /// `PayloadDescription`.
    #[serde(default)]
    pub description: String,
    /// Newest revision, from 1; 0 before the first was published.
    pub revision: u32,
    /// `PayloadUUID` of the newest revision.
    pub uuid: String,
    /// How devices come by it: `pushed`, `offered` or `manual`.
    #[serde(default)]
    pub distribution: String,
    /// When it was put away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<Moment>,
    /// Variables in the newest revision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<String>,
    /// Unpublished changes: who made the latest, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<super::Doing>,
    /// Payloads in order.
    pub payloads: Vec<PayloadInfo>,
    /// Who signed the imported file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// Goes to every enrolled device.
    pub everyone: bool,
    /// Ids of devices it is assigned to by name.
    #[serde(default)]
    pub assigned: Vec<String>,
    /// How many devices are in which state.
    #[serde(default)]
    pub counts: Vec<StateCount>,
    /// First import.
    pub created: Moment,
    /// Latest revision.
    pub updated: Moment,
}

/// One payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadInfo {
    /// `PayloadType`.
    #[serde(rename = "type")]
    pub payload_type: String,
    /// Its display name, else the type.
    pub name: String,
}

/// How many devices are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateCount {
    /// The state, as in [`DeliveryInfo::state`].
    pub state: String,
    /// In words for people.
    pub label: String,
    /// Devices.
    pub devices: u64,
}

/// How far a profile got on a device, seen from the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryInfo {
    /// Profile id.
    pub profile: String,
    /// Top-level identifier.
    pub identifier: String,
    /// Its name; absent when the library has it no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Revision last asked for; 0 when nothing was sent yet.
    pub revision: u32,
    /// `waiting`, `sent`, `busy`, `installed`, `confirmed`, `failed`, `removed-by-user`, `no-answer`, `removing`.
    pub state: String,
    /// In words for people.
    pub label: String,
    /// When that state was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// What the device said when it refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The command that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// `PayloadUUID` of what was last sent: one of the device's own where variables were filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
}

/// How far a profile got on a device, seen from the profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileStatus {
    /// Device id.
    pub device: String,
    /// Its name.
    pub device_name: String,
    /// Its serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// How far it got.
    #[serde(flatten)]
    pub delivery: DeliveryInfo,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// `created`, `revised`, `unchanged` when the library had this very content, or `draft`.
    pub outcome: String,
    /// The profile as it is now.
    pub profile: ProfileInfo,
    /// What was understood of the file.
    #[serde(default)]
    pub understood: super::UnderstoodInfo,
}

/// Whom to assign a profile to, or to take it from. All or nothing: one unknown device refuses the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Ids or serial numbers of devices.
    #[serde(default)]
    pub devices: Vec<String>,
    /// Every enrolled device, now and later.
    #[serde(default)]
    pub everyone: bool,
}
