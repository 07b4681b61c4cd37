//! A configuration profile in our library, who it is for, and how far it got on each device.

use serde::{Deserialize, Serialize};

use super::Time;
use super::document::Stamp;
use super::enrollment::EnrollmentId;
use crate::wire::Secret;

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
    /// Newest published revision, from 1; 0 before the first was published: then nothing is sent.
    pub revision: u32,
    /// `PayloadUUID` of the newest revision, as ProfileList will show it.
    pub uuid: String,
    /// Payload types with their names, in order.
    pub payloads: Vec<(String, String)>,
    /// Who signed the imported file, if it was signed.
    pub signed_by: Option<String>,
    /// Goes to every enrolled device.
    pub everyone: bool,
    /// How devices come by it.
    #[serde(default)]
    pub distribution: Distribution,
    /// Put away: not sent, not offered, kept with its revisions.
    #[serde(default)]
    pub archived: Option<Time>,
    /// Variables of the newest revision, as written: what devices get differs from device to device.
    #[serde(default)]
    pub variables: Vec<String>,
    /// First import.
    pub created: Time,
    /// Latest revision.
    pub updated: Time,
}

/// How devices come by a profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Distribution {
    /// Sent to the devices it is assigned to.
    #[default]
    Pushed,
    /// People find it in the user portal and install it themselves.
    Offered,
    /// An administrator downloads it and hands it on.
    Manual,
}

impl Distribution {
    /// The word in our API and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pushed => "pushed",
            Self::Offered => "offered",
            Self::Manual => "manual",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pushed, Self::Offered, Self::Manual].into_iter().find(|d| d.as_str() == word)
    }
}

/// Where a revision came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// A file was imported, and is kept as it came.
    Imported,
    /// A draft was published.
    Published,
    /// An older revision was put back.
    Restored(u32),
}

/// What is told about a published revision; its file lives apart, sealed. Never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Profile id.
    pub profile: String,
    /// From 1.
    pub number: u32,
    /// Its top-level `PayloadUUID`.
    pub uuid: String,
    /// Who published it.
    pub by: String,
    /// When.
    pub at: Time,
    /// What they said about it.
    pub note: String,
    /// Where it came from.
    pub origin: Origin,
    /// Who signed the imported file.
    pub signed_by: Option<String>,
    /// Secrets in it by place (text form), and who set them.
    pub secrets: Vec<(String, Stamp)>,
    /// Variables that are replaced for each device it is sent to, as written. None in an imported file: that is sent
    /// byte for byte.
    #[serde(default)]
    pub variables: Vec<String>,
}

/// A profile being edited. One for all administrators; nothing of it reaches a device before it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Profile id.
    pub profile: String,
    /// Revision it began from; 0 for a new profile.
    pub base: u32,
    /// Grows with each edit.
    pub version: u64,
    /// The property list as XML. The whole row is sealed.
    pub body: Secret,
    /// How devices shall come by it.
    pub distribution: Distribution,
    /// Secrets by place (text form), and who set them.
    pub secrets: Vec<(String, Stamp)>,
    /// Who looked at it or edited it lately, latest first.
    pub editors: Vec<(String, Time)>,
    /// Who edited last, and when.
    pub edited: Stamp,
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
    /// Top-level `PayloadUUID` of what was last asked for: that of the revision, or one of its own where variables
    /// were replaced. Placements made before this was kept have none.
    #[serde(default)]
    pub uuid: Option<String>,
    /// The same of what the device last acknowledged and still has.
    #[serde(default)]
    pub holds: Option<String>,
    /// Variables without a value for this device, for which nothing was sent.
    #[serde(default)]
    pub lacks: Vec<String>,
}
