//! Commands: typed requests and their property lists.

mod redaction;

use super::{NAME_BYTES, put, put_boolean, put_data, put_secret_text, required};
use crate::wire::plist::{self, Dictionary, Limits, Value};
use crate::wire::{Malformed, Secret};
pub use redaction::redacted;

/// What we ask every device about itself. A device answers what it knows and leaves out the rest.
const QUERIES: &[&str] = &[
    "DeviceName",
    "OSVersion",
    "BuildVersion",
    "SupplementalBuildVersion",
    "SupplementalOSVersionExtra",
    "ModelName",
    "Model",
    "ModelNumber",
    "ProductName",
    "SerialNumber",
    "UDID",
    "ProvisioningUDID",
    "IMEI",
    "MEID",
    "IsSupervised",
    "IsAppleSilicon",
    "DeviceCapacity",
    "AvailableDeviceCapacity",
    "BatteryLevel",
    "WiFiMAC",
    "BluetoothMAC",
    "EthernetMAC",
    "HostName",
    "LocalHostName",
    "AwaitingConfiguration",
    "IsActivationLockEnabled",
    "IsActivationLockSupported",
    "IsDeviceLocatorServiceEnabled",
    "IsMDMLostModeEnabled",
    "IsMultiUser",
    "ServiceSubscriptions",
    "iTunesStoreAccountIsActive",
    "LastCloudBackupDate",
    "OSUpdateSettings",
    "AutoSetupAdminAccounts",
    "PINRequiredForEraseDevice",
    "PINRequiredForDeviceLock",
    "EACSPreflight",
    "SoftwareUpdateDeviceID",
    "TimeZone",
    "EstimatedResidentUsers",
    "ResidentUsers",
    "QuotaSize",
];

/// A request that we know how to write; [`Request::Raw`] is any other. A field that is none is not written, and
/// one that is `Some(false)` is.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Asks for properties by name.
    DeviceInformation {
        /// `Queries`.
        queries: Vec<String>,
    },
    /// Asks about encryption, passcode, FileVault.
    SecurityInfo,
    /// Asks for the installed profiles.
    ProfileList,
    /// Asks for the installed certificates.
    CertificateList,
    /// Asks for the installed apps.
    InstalledApplicationList,
    /// Installs a profile, or replaces the one with the same identifier.
    InstallProfile {
        /// The bytes of the `.mobileconfig`, signed or not; written as data, never as a string. Secret: profiles
        /// carry passwords.
        payload: Secret,
    },
    /// Removes a profile that was installed by management.
    RemoveProfile {
        /// Its top-level `PayloadIdentifier`.
        identifier: String,
    },
    /// Locks the screen, or on a Mac the whole machine.
    DeviceLock {
        /// Six characters that unlock a Mac. Must be stored before the device can fetch the command.
        pin: Option<Secret>,
        /// Shown on the locked screen.
        message: Option<String>,
        /// Shown on the locked screen.
        phone_number: Option<String>,
    },
    /// Removes the passcode of an iPhone or iPad.
    ClearPasscode {
        /// Exactly the bytes that TokenUpdate brought.
        unlock_token: Secret,
    },
    /// Erases the device.
    EraseDevice {
        /// Six characters for a Mac without Apple silicon or T2.
        pin: Option<Secret>,
        /// Keeps the eSIM plan.
        preserve_data_plan: Option<bool>,
        /// Leaves out the proximity step of Setup Assistant.
        disallow_proximity_setup: Option<bool>,
        /// `Default`, `DoNotObliterate`, `ObliterateWithWarning` or `Always` (macOS 12).
        obliteration_behavior: Option<String>,
    },
    /// Restarts the device.
    RestartDevice {
        /// Lets the person at a Mac choose the moment (macOS 11.3).
        notify_user: Option<bool>,
    },
    /// Shuts the device down.
    ShutDownDevice,
    /// Lets Setup Assistant go on after Automated Device Enrollment.
    DeviceConfigured,
    /// A `Command` dictionary with its RequestType, as somebody wrote it.
    Raw(Dictionary),
}

impl Request {
    /// `RequestType`; empty only for a raw dictionary that did not come from [`Request::from_plist`] and has none.
    pub fn request_type(&self) -> &str {
        match self {
            Self::DeviceInformation { .. } => "DeviceInformation",
            Self::SecurityInfo => "SecurityInfo",
            Self::ProfileList => "ProfileList",
            Self::CertificateList => "CertificateList",
            Self::InstalledApplicationList => "InstalledApplicationList",
            Self::InstallProfile { .. } => "InstallProfile",
            Self::RemoveProfile { .. } => "RemoveProfile",
            Self::DeviceLock { .. } => "DeviceLock",
            Self::ClearPasscode { .. } => "ClearPasscode",
            Self::EraseDevice { .. } => "EraseDevice",
            Self::RestartDevice { .. } => "RestartDevice",
            Self::ShutDownDevice => "ShutDownDevice",
            Self::DeviceConfigured => "DeviceConfigured",
            Self::Raw(d) => d.get("RequestType").and_then(Value::as_string).unwrap_or_default(),
        }
    }

    /// The `Command` dictionary. It holds secrets: for eyes there is [`redacted`].
    pub fn to_dictionary(&self) -> Dictionary {
        if let Self::Raw(d) = self {
            return d.clone();
        }
        let d = &mut Dictionary::new();
        put(d, "RequestType", Some(self.request_type()));
        match self {
            Self::DeviceInformation { queries } => {
                let queries = queries.iter().cloned().map(Value::String).collect();
                d.insert("Queries".to_string(), Value::Array(queries));
            }
            Self::InstallProfile { payload } => put_data(d, "Payload", Some(payload)),
            Self::RemoveProfile { identifier } => put(d, "Identifier", Some(identifier)),
            Self::DeviceLock { pin, message, phone_number } => {
                put_secret_text(d, "PIN", pin.as_ref());
                put(d, "Message", message.as_deref());
                put(d, "PhoneNumber", phone_number.as_deref());
            }
            Self::ClearPasscode { unlock_token } => put_data(d, "UnlockToken", Some(unlock_token)),
            Self::EraseDevice {
                pin,
                preserve_data_plan,
                disallow_proximity_setup,
                obliteration_behavior,
            } => {
                put_secret_text(d, "PIN", pin.as_ref());
                put_boolean(d, "PreserveDataPlan", *preserve_data_plan);
                put_boolean(d, "DisallowProximitySetup", *disallow_proximity_setup);
                put(d, "ObliterationBehavior", obliteration_behavior.as_deref());
            }
            Self::RestartDevice { notify_user } => put_boolean(d, "NotifyUser", *notify_user),
            Self::SecurityInfo
            | Self::ProfileList
            | Self::CertificateList
            | Self::InstalledApplicationList
            | Self::ShutDownDevice
            | Self::DeviceConfigured
            | Self::Raw(_) => {}
        }
        std::mem::take(d)
    }

    /// DeviceInformation with everything that we show or decide upon.
    pub fn all_device_information() -> Self {
        Self::DeviceInformation { queries: QUERIES.iter().map(ToString::to_string).collect() }
    }

    /// Reads a command that somebody wrote by hand: a `Command` dictionary, or a whole message `{Command: {...}}`
    /// whose `CommandUUID`, if any, is ignored because we give our own.
    ///
    /// # Errors
    /// Not a property list within [`Limits::DEVICE`], or no `RequestType`.
    pub fn from_plist(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut d = plist::parse_dictionary(bytes, Limits::DEVICE)?;
        if let Some(Value::Dictionary(inside)) = d.remove("Command") {
            d = inside;
        }
        required(&d, "RequestType", NAME_BYTES).map_err(as_command)?;
        Ok(Self::Raw(d))
    }
}

fn as_command(e: Malformed) -> Malformed {
    Malformed { format: "command", ..e }
}

/// The whole message `{CommandUUID, Command}` as XML.
pub fn envelope(uuid: &str, command: &Dictionary) -> Vec<u8> {
    let mut d = Dictionary::new();
    d.insert("Command".to_string(), Value::Dictionary(command.clone()));
    put(&mut d, "CommandUUID", Some(uuid));
    plist::to_xml(&Value::Dictionary(d))
}

/// The device's side: reads a message into its `CommandUUID` and `Command`.
///
/// # Errors
/// Not a property list within [`Limits::DEVICE`], or one of the two is missing, or `Command` has no `RequestType`.
pub fn parse_envelope(body: &[u8]) -> Result<(String, Dictionary), Malformed> {
    let mut d = plist::parse_dictionary(body, Limits::DEVICE)?;
    let uuid = required(&d, "CommandUUID", NAME_BYTES).map_err(as_command)?;
    let Some(Value::Dictionary(command)) = d.remove("Command") else {
        return Err(Malformed::new("command", "Command is missing or not a dictionary"));
    };
    required(&command, "RequestType", NAME_BYTES).map_err(as_command)?;
    Ok((uuid, command))
}
