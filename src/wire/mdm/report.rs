//! Command reports (`application/x-apple-aspen-mdm`): what a device answers, and what it says about itself.
//!
//! The envelope of a report is read strictly; what a command's result says is read leniently. A device repeats a
//! report that we refuse, and a result whose one field surprises us is still a result.

use super::{Channel, NAME_BYTES, bounded, required};
use crate::wire::Malformed;
use crate::wire::plist::{self, Dictionary, Limits, Value};

/// Elements of an error chain that are kept.
const CHAIN_LENGTH: usize = 16;
/// Bytes of a text that a device reports about itself or its errors; longer ones are cut.
const TEXT_BYTES: usize = 1024;

/// Status of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// No result: the device asks for work.
    Idle,
    /// Done.
    Acknowledged,
    /// Tried, and failed for the reasons of the error chain.
    Error,
    /// The device does not understand the command.
    CommandFormatError,
    /// Not now: the command stays in the queue.
    NotNow,
}

/// One element of `ErrorChain`. Codes and domains are no stable interface: they are to be shown, not decided upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainError {
    /// `ErrorCode`; 0 if it was missing.
    pub code: i64,
    /// `ErrorDomain`.
    pub domain: String,
    /// `USEnglishDescription`, or else `LocalizedDescription`.
    pub text: String,
}

/// A report.
#[derive(Debug, Clone)]
pub struct Report {
    /// Who speaks, as the message claims.
    pub channel: Channel,
    /// How it went.
    pub status: Status,
    /// Which command this answers. None with Idle, and possible with an error: a device that could not read a
    /// command does not know its id.
    pub command_uuid: Option<String>,
    /// `ErrorChain`, the top level first.
    pub errors: Vec<ChainError>,
    /// The whole message.
    pub body: Dictionary,
}

impl Report {
    /// Parses a body, XML or binary.
    ///
    /// # Errors
    /// Not a property list within [`Limits::DEVICE`], no id, no status that we know, or a `CommandUUID` longer than
    /// [`NAME_BYTES`].
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let body = plist::parse_dictionary(body, Limits::DEVICE)?;
        Self::read(body).map_err(|e| Malformed { format: "report", ..e })
    }

    fn read(body: Dictionary) -> Result<Self, Malformed> {
        let channel = Channel::read(&body)?;
        let status = match required(&body, "Status", NAME_BYTES)?.as_str() {
            "Idle" => Status::Idle,
            "Acknowledged" => Status::Acknowledged,
            "Error" => Status::Error,
            "CommandFormatError" => Status::CommandFormatError,
            "NotNow" => Status::NotNow,
            _ => return Err(super::malformed("Status is none of the five")),
        };
        let command_uuid = match status {
            Status::Idle => None,
            _ => bounded(&body, "CommandUUID", NAME_BYTES)?,
        };
        let errors = items(&body, "ErrorChain").take(CHAIN_LENGTH).map(ChainError::read).collect();
        Ok(Self { channel, status, command_uuid, errors, body })
    }
}

impl ChainError {
    fn read(d: &Dictionary) -> Self {
        let text = text(d, "USEnglishDescription").or_else(|| text(d, "LocalizedDescription"));
        Self {
            code: number(d, "ErrorCode").unwrap_or_default(),
            domain: self::text(d, "ErrorDomain").unwrap_or_default(),
            text: text.unwrap_or_default(),
        }
    }
}

/// What DeviceInformation's `QueryResponses` say. A key that the device does not answer, or answers with another
/// type, is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeviceInformation {
    /// `DeviceName`.
    pub device_name: Option<String>,
    /// `OSVersion`.
    pub os_version: Option<String>,
    /// `BuildVersion`.
    pub build: Option<String>,
    /// `ModelName`, such as `iPhone`.
    pub model_name: Option<String>,
    /// `Model`, such as `MTXR3LL`.
    pub model: Option<String>,
    /// `ProductName`, such as `iPhone17,1`.
    pub product: Option<String>,
    /// `SerialNumber`.
    pub serial: Option<String>,
    /// `UDID`.
    pub udid: Option<String>,
    /// `IMEI`, or that of the first SIM that has one.
    pub imei: Option<String>,
    /// `IsSupervised`.
    pub supervised: Option<bool>,
    /// `BatteryLevel`, 0.0 to 1.0; none if the device does not know (-1).
    pub battery: Option<f64>,
    /// `DeviceCapacity` in GB (base 10; GiB up to macOS 11).
    pub capacity_gb: Option<f64>,
    /// `AvailableDeviceCapacity`, in the same unit.
    pub available_gb: Option<f64>,
    /// `WiFiMAC`.
    pub wifi_mac: Option<String>,
}

/// SecurityInfo, the parts that a device page shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecurityInfo {
    /// `FDE_Enabled`: FileVault on a Mac.
    pub fde_enabled: Option<bool>,
    /// `HardwareEncryptionCaps`: 1 block level, 2 file level, 3 both.
    pub hardware_encryption_caps: Option<i64>,
    /// `PasscodePresent`.
    pub passcode_present: Option<bool>,
    /// `PasscodeCompliant`.
    pub passcode_compliant: Option<bool>,
}

/// One of ProfileList.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedProfile {
    /// `PayloadIdentifier`.
    pub identifier: String,
    /// `PayloadUUID`: tells which revision is installed.
    pub uuid: Option<String>,
    /// `PayloadDisplayName`.
    pub name: Option<String>,
    /// `IsManaged`; Macs do not say.
    pub managed: Option<bool>,
    /// `Source`, such as `Declarative Device Management`.
    pub source: Option<String>,
}

/// One of CertificateList.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedCertificate {
    /// `CommonName`.
    pub common_name: String,
    /// `IsIdentity`: the device holds the private key.
    pub is_identity: bool,
    /// `Data`: the certificate as the device sent it, not parsed.
    pub der: Vec<u8>,
}

/// One of InstalledApplicationList.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedApp {
    /// `Identifier`, which Macs leave out at times.
    pub identifier: Option<String>,
    /// `Name`, or the identifier if there is none.
    pub name: String,
    /// `ShortVersion`, or else `Version`.
    pub version: Option<String>,
}

/// Reads the answer to DeviceInformation from the body of an acknowledged report.
///
/// # Errors
/// No `QueryResponses`.
pub fn device_information(body: &Dictionary) -> Result<DeviceInformation, Malformed> {
    let d = answer(body, "QueryResponses", Value::as_dictionary)?;
    let sims = || items(d, "ServiceSubscriptions").find_map(|sim| text(sim, "IMEI"));
    Ok(DeviceInformation {
        device_name: text(d, "DeviceName"),
        os_version: text(d, "OSVersion"),
        build: text(d, "BuildVersion"),
        model_name: text(d, "ModelName"),
        model: text(d, "Model"),
        product: text(d, "ProductName"),
        serial: text(d, "SerialNumber"),
        udid: text(d, "UDID"),
        imei: text(d, "IMEI").or_else(sims),
        supervised: flag(d, "IsSupervised"),
        battery: real(d, "BatteryLevel").filter(|level| (0.0..=1.0).contains(level)),
        capacity_gb: real(d, "DeviceCapacity"),
        available_gb: real(d, "AvailableDeviceCapacity"),
        wifi_mac: text(d, "WiFiMAC"),
    })
}

/// Reads the answer to SecurityInfo.
///
/// # Errors
/// No `SecurityInfo`.
pub fn security_info(body: &Dictionary) -> Result<SecurityInfo, Malformed> {
    let d = answer(body, "SecurityInfo", Value::as_dictionary)?;
    Ok(SecurityInfo {
        fde_enabled: flag(d, "FDE_Enabled"),
        hardware_encryption_caps: number(d, "HardwareEncryptionCaps"),
        passcode_present: flag(d, "PasscodePresent"),
        passcode_compliant: flag(d, "PasscodeCompliant"),
    })
}

/// Reads the answer to ProfileList. An entry without an identifier is left out.
///
/// # Errors
/// No `ProfileList`.
pub fn profile_list(body: &Dictionary) -> Result<Vec<ListedProfile>, Malformed> {
    answer(body, "ProfileList", Value::as_array)?;
    let read = |d: &Dictionary| {
        Some(ListedProfile {
            identifier: text(d, "PayloadIdentifier")?,
            uuid: text(d, "PayloadUUID"),
            name: text(d, "PayloadDisplayName"),
            managed: flag(d, "IsManaged"),
            source: text(d, "Source"),
        })
    };
    Ok(items(body, "ProfileList").filter_map(read).collect())
}

/// Reads the answer to CertificateList. An entry without a certificate is left out.
///
/// # Errors
/// No `CertificateList`.
pub fn certificate_list(body: &Dictionary) -> Result<Vec<ListedCertificate>, Malformed> {
    answer(body, "CertificateList", Value::as_array)?;
    let read = |d: &Dictionary| {
        Some(ListedCertificate {
            common_name: text(d, "CommonName").unwrap_or_default(),
            is_identity: flag(d, "IsIdentity").unwrap_or_default(),
            der: d.get("Data")?.as_data()?.to_vec(),
        })
    };
    Ok(items(body, "CertificateList").filter_map(read).collect())
}

/// Reads the answer to InstalledApplicationList. An entry with neither name nor identifier is left out.
///
/// # Errors
/// No `InstalledApplicationList`.
pub fn installed_application_list(body: &Dictionary) -> Result<Vec<ListedApp>, Malformed> {
    answer(body, "InstalledApplicationList", Value::as_array)?;
    let read = |d: &Dictionary| {
        let identifier = text(d, "Identifier");
        Some(ListedApp {
            name: text(d, "Name").or_else(|| identifier.clone())?,
            identifier,
            version: text(d, "ShortVersion").or_else(|| text(d, "Version")),
        })
    };
    Ok(items(body, "InstalledApplicationList").filter_map(read).collect())
}

fn answer<'a, T>(
    body: &'a Dictionary,
    key: &str,
    read: impl Fn(&'a Value) -> Option<T>,
) -> Result<T, Malformed> {
    let found = body.get(key).and_then(read);
    found.ok_or_else(|| Malformed::new("report", format!("{key} is missing or of another type")))
}

/// The dictionaries of an array; everything else is passed over.
fn items<'a>(d: &'a Dictionary, key: &str) -> impl Iterator<Item = &'a Dictionary> {
    let array = d.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    array.iter().filter_map(Value::as_dictionary)
}

fn text(d: &Dictionary, key: &str) -> Option<String> {
    let text = d.get(key)?.as_string().filter(|t| !t.is_empty())?;
    Some(text[..text.floor_char_boundary(TEXT_BYTES)].to_string())
}

fn flag(d: &Dictionary, key: &str) -> Option<bool> {
    plist::boolean(d, key).ok().flatten()
}

fn number(d: &Dictionary, key: &str) -> Option<i64> {
    plist::integer(d, key).ok().flatten()
}

fn real(d: &Dictionary, key: &str) -> Option<f64> {
    plist::real(d, key).ok().flatten()
}
