//! Devices: `GET /api/v1/devices`, `GET|DELETE /api/v1/devices/{device}`, `POST /api/v1/devices/{device}/about`.
//!
//! `{device}` is an id or a serial number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Moment;
use super::profiles::DeliveryInfo;

/// A device in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceSummary {
    /// Id of its device channel.
    pub id: String,
    /// Its name, as the device says it.
    pub name: String,
    /// Serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// `iphone`, `ipad`, `mac`, `appletv`, `watch`, `vision`, `unknown`.
    pub platform: String,
    /// Marketing name, as in `MacBook Pro`; else the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// OS version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    /// `enrolling` (no push token yet), `enrolled`, `removed`.
    pub state: String,
    /// When the present enrollment was completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolled_at: Option<Moment>,
    /// When it was last heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Moment>,
    /// Supervised by an organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervised: Option<bool>,
}

/// Everything we know of a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceDetail {
    /// As in the list.
    #[serde(flatten)]
    pub summary: DeviceSummary,
    /// Product, as in `Mac16,10`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Build of the OS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// IMEI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imei: Option<String>,
    /// Wi-Fi address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wifi_mac: Option<String>,
    /// Battery, 0.0 to 1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery: Option<f64>,
    /// Storage in GB (10^9 bytes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_gb: Option<f64>,
    /// Free storage in GB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_gb: Option<f64>,
    /// FileVault on a Mac, hardware encryption with passcode elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<bool>,
    /// A passcode is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passcode_present: Option<bool>,
    /// When DeviceInformation was last answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub information_at: Option<Moment>,
    /// When SecurityInfo was last answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_at: Option<Moment>,
    /// An erase was acknowledged, or may have happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Moment>,
    /// Setup Assistant waits for us.
    #[serde(default)]
    pub awaiting: bool,
    /// User channels.
    #[serde(default)]
    pub users: Vec<UserChannel>,
    /// What is kept for the device; the secrets themselves are never sent here.
    #[serde(default)]
    pub escrow: EscrowInfo,
    /// How the latest push went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<PushOutcomeInfo>,
    /// End of validity of its identity certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_expires: Option<Moment>,
    /// Commands that wait for an answer.
    pub unfinished_commands: u32,
    /// Whose device it is.
    #[serde(default)]
    pub owner: OwnerInfo,
    /// The organization's own fields, by name.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// Profiles it should have, and how far each got.
    #[serde(default)]
    pub profiles: Vec<DeliveryInfo>,
    /// Profiles it says it has.
    #[serde(default)]
    pub installed_profiles: Vec<InstalledProfileInfo>,
    /// When it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed_profiles_at: Option<Moment>,
    /// Certificates it says it has.
    #[serde(default)]
    pub certificates: Vec<InstalledCertificateInfo>,
    /// Apps it says it has.
    #[serde(default)]
    pub apps: Vec<InstalledAppInfo>,
}

/// The person whose device it is. Empty text is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerInfo {
    /// Account name, as in `ada`.
    #[serde(default)]
    pub short_name: String,
    /// Name for people.
    #[serde(default)]
    pub full_name: String,
    /// Mail address.
    #[serde(default)]
    pub email: String,
    /// The organization's own fields about people, by name.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// `POST /api/v1/devices/{device}/about`: what the organization says about a device. What is absent stays; empty text
/// takes it away. All of it can be used as variables in profiles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutDevice {
    /// Account name of its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_name: Option<String>,
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Their mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Own fields about the owner; empty text takes one away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub owner_fields: BTreeMap<String, String>,
    /// Own fields about the device; empty text takes one away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// What the organization says about a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutInfo {
    /// Device id.
    pub id: String,
    /// Whose device it is.
    pub owner: OwnerInfo,
    /// Own fields of the device.
    pub fields: BTreeMap<String, String>,
}

/// A user channel of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserChannel {
    /// Id of the channel.
    pub id: String,
    /// Short name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_name: Option<String>,
    /// Full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_name: Option<String>,
    /// As for a device.
    pub state: String,
}

/// Which secrets are kept for a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscrowInfo {
    /// The token that clears its passcode.
    pub unlock_token: bool,
    /// The bootstrap token of a Mac.
    pub bootstrap_token: bool,
    /// The PIN of the latest lock or erase: `POST /api/v1/devices/{device}/lock-pin` reveals it.
    pub lock_pin: bool,
}

/// How the latest push went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushOutcomeInfo {
    /// When.
    pub at: Moment,
    /// APNs took it.
    pub accepted: bool,
    /// In words.
    pub said: String,
    /// Only the device itself can revive the channel.
    pub unreachable: bool,
}

/// A profile the device says it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledProfileInfo {
    /// `PayloadIdentifier`.
    pub identifier: String,
    /// `PayloadUUID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// `PayloadDisplayName`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Installed by management.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<bool>,
}

/// A certificate the device says it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledCertificateInfo {
    /// Common name.
    pub common_name: String,
    /// It has the private key.
    pub is_identity: bool,
    /// SHA-256 of the DER, hex.
    pub sha256: String,
}

/// An app the device says it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledAppInfo {
    /// Name.
    pub name: String,
    /// Bundle identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// `POST /api/v1/devices/{device}/lock-pin` answers the PIN; that it was read is an activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockPin {
    /// Six digits.
    pub pin: super::Hidden,
    /// When it was made.
    pub at: Moment,
}

/// `POST /api/v1/devices/{device}/remove`: ends management, or forgets a device that is gone already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveDevice {
    /// Also delete what we know of it. Without this the row stays as "removed".
    #[serde(default)]
    pub forget: bool,
}
