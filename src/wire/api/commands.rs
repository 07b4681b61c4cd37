//! Commands: `POST|GET /api/v1/devices/{device}/commands`, `GET /api/v1/commands/{uuid}[?wait=SECONDS]`,
//! `POST /api/v1/commands/{uuid}/cancel`.

use serde::{Deserialize, Serialize};

use super::{Hidden, Moment};

/// What is asked of a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommandRequest {
    /// The command and its arguments.
    #[serde(flatten)]
    pub order: Order,
    /// The device's name, typed again: needed for `EraseDevice`, also when it is written by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
    /// Short name or id of a user channel of the device; absent means the device channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// A command by its `RequestType`, with typed arguments; [`Order::Raw`] is any other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Order {
    /// Asks for facts; without `queries` for all we know.
    DeviceInformation {
        /// Names of queries.
        #[serde(default)]
        queries: Vec<String>,
    },
    /// Asks for encryption and passcode facts.
    SecurityInfo,
    /// Asks which profiles are installed.
    ProfileList,
    /// Asks which certificates are installed.
    CertificateList,
    /// Asks which apps are installed.
    InstalledApplicationList,
    /// Installs a profile once, outside the library.
    InstallProfile {
        /// The `.mobileconfig`, base64.
        payload: String,
    },
    /// Removes a profile by its top-level identifier.
    RemoveProfile {
        /// `PayloadIdentifier`.
        identifier: String,
    },
    /// Locks. A Mac needs a PIN: one is made and kept when none is given.
    DeviceLock {
        /// Six digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pin: Option<Hidden>,
        /// Shown on the lock screen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// Shown on the lock screen (iPhone, iPad).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phone_number: Option<String>,
    },
    /// Clears the passcode with the unlock token we keep.
    ClearPasscode,
    /// Erases. Needs `confirm`.
    EraseDevice {
        /// Six digits; a Mac needs one, and one is made and kept when none is given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pin: Option<Hidden>,
        /// Keep the eSIM plan.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preserve_data_plan: Option<bool>,
        /// Skip Quick Start on the next setup.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        disallow_proximity_setup: Option<bool>,
        /// What a Mac does when it cannot erase all content and settings: `Default`, `DoNotObliterate`,
        /// `ObliterateWithWarning`, `Always`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        obliteration_behavior: Option<String>,
    },
    /// Restarts.
    RestartDevice {
        /// Ask the user first (Mac).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notify_user: Option<bool>,
    },
    /// Shuts down.
    ShutDownDevice,
    /// A command written by hand.
    Raw {
        /// The property list (a `Command` dictionary, or a message that has one), base64.
        plist: String,
    },
}

/// A command and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandInfo {
    /// `CommandUUID`.
    pub uuid: String,
    /// The channel it is for.
    pub channel: String,
    /// The device.
    pub device: String,
    /// `RequestType`.
    #[serde(rename = "type")]
    pub request_type: String,
    /// `queued`, `sent`, `not-now`, `no-answer`, `acknowledged`, `error`, `format-error`, `canceled`, `dropped`.
    pub state: String,
    /// The state in words for people.
    pub label: String,
    /// Whether it will never be offered again.
    pub finished: bool,
    /// Who asked.
    pub by: String,
    /// When it was asked.
    pub created: Moment,
    /// When it was last handed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Moment>,
    /// When it was answered for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Moment>,
    /// How often the device was too busy.
    pub not_now_count: u32,
    /// What the device said when it failed.
    #[serde(default)]
    pub errors: Vec<ErrorInfo>,
    /// Why we could not read the answer, though we kept it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_understood: Option<String>,
}

/// One element of Apple's `ErrorChain`. Shown, never to be branched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorInfo {
    /// `ErrorCode`.
    pub code: i64,
    /// `ErrorDomain`.
    pub domain: String,
    /// Its text.
    pub text: String,
}

/// A command with what was said both ways, secrets blanked out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandDetail {
    /// As in a list.
    #[serde(flatten)]
    pub info: CommandInfo,
    /// The `Command` dictionary as XML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The device's final report as XML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
}
