//! A configuration profile in our library, who it is for, and how far it got on each device.

use serde::{Deserialize, Serialize};

use super::Time;
use super::enrollment::EnrollmentId;

/// A profile and its newest revision. The bytes live apart, sealed, a row a revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Our id, stable for the profile's life: lowercase letters and digits.
    pub id: String,
    /// Top-level `PayloadIdentifier`: the device updates in place when it stays the same.
    pub identifier: String,
    /// `PayloadDisplayName`.
    pub name: String,
    /// `PayloadDescription`.
    pub description: String,
    /// Newest revision, from 1.
    pub revision: u32,
    /// `PayloadUUID` of the newest revision, as ProfileList will show it.
    pub uuid: String,
    /// Payload types with their names, in order.
    pub payloads: Vec<(String, String)>,
    /// Who signed the imported file, if it was signed.
    pub signed_by: Option<String>,
    /// Goes to every enrolled device.
    pub everyone: bool,
    /// First import.
    pub created: Time,
    /// Latest revision.
    pub updated: Time,
}

/// The states a profile has on a device: exactly these words reach people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Delivery {
    /// Queued, the device did not connect yet.
    Waiting,
    /// The command was handed out.
    Sent,
    /// The device answered NotNow.
    Busy,
    /// The device acknowledged the command.
    Installed,
    /// A later ProfileList shows this very revision.
    Confirmed,
    /// The device refused.
    Failed,
    /// It was installed, and a later ProfileList misses it.
    RemovedByUser,
    /// The device never answered.
    NoAnswer,
    /// Being taken off.
    Removing,
}

impl Delivery {
    /// The words of the status chip.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting for device",
            Self::Sent => "Sent",
            Self::Busy => "Device busy (locked)",
            Self::Installed => "Installed",
            Self::Confirmed => "Confirmed",
            Self::Failed => "Failed",
            Self::RemovedByUser => "Removed by user",
            Self::NoAnswer => "No answer",
            Self::Removing => "Removing",
        }
    }
}

/// How far one profile got on one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// The device channel.
    pub enrollment: EnrollmentId,
    /// Profile id.
    pub profile: String,
    /// Top-level identifier, to remove it when the library row is gone.
    pub identifier: String,
    /// Revision last asked for.
    pub revision: u32,
    /// State with evidence.
    pub state: Delivery,
    /// When the state was reached.
    pub at: Time,
    /// Command that carries it.
    pub command: String,
    /// What the device said when it refused.
    pub said: Option<String>,
    /// Revision that the device last acknowledged and still has, as far as we know. What never was there need
    /// not be taken off.
    #[serde(default)]
    pub installed: Option<u32>,
}
