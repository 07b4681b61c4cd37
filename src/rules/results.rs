//! What an answer changes: the lists and facts in a device's report, read for our own nouns.

use crate::model::Time;
use crate::model::device::{
    Device, InstalledApp, InstalledCertificate, InstalledProfile, Inventory, Platform,
};
use crate::wire::Malformed;
use crate::wire::key::sha256;
use crate::wire::mdm::checkin::Authenticate;
use crate::wire::mdm::report::{self, DeviceInformation, SecurityInfo};
use crate::wire::plist::Dictionary;

/// `Source` of a profile that a declaration brought (Apple, *ProfileList* response).
const DECLARATIVE: &str = "Declarative Device Management";
/// `HardwareEncryptionCaps` when both blocks and files are encrypted (Apple, *SecurityInfo* response).
const ENCRYPTS_ALL: i64 = 3;

/// An acknowledged answer, understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Understood {
    /// Facts about the device.
    Information(Box<DeviceInformation>),
    /// Its security.
    Security(SecurityInfo),
    /// The profiles it has.
    Profiles(Vec<InstalledProfile>),
    /// The certificates it has.
    Certificates(Vec<InstalledCertificate>),
    /// The apps it has.
    Apps(Vec<InstalledApp>),
    /// Nothing beyond being acknowledged.
    Nothing,
}

impl Understood {
    /// Whether it is a list that belongs into the inventory.
    pub fn is_list(&self) -> bool {
        match self {
            Self::Profiles(_) | Self::Certificates(_) | Self::Apps(_) => true,
            Self::Information(_) | Self::Security(_) | Self::Nothing => false,
        }
    }
}

/// Reads the body of an acknowledged report to a command of this `RequestType`.
///
/// # Errors
/// When the body is not what Apple documents for it. The command is finished all the same.
pub fn understand(request_type: &str, body: &Dictionary) -> Result<Understood, Malformed> {
    Ok(match request_type {
        "DeviceInformation" => Understood::Information(Box::new(report::device_information(body)?)),
        "SecurityInfo" => Understood::Security(report::security_info(body)?),
        "ProfileList" => Understood::Profiles(
            report::profile_list(body)?
                .into_iter()
                .map(|p| InstalledProfile {
                    declarative: p.source.as_deref() == Some(DECLARATIVE),
                    identifier: p.identifier,
                    uuid: p.uuid,
                    name: p.name,
                    managed: p.managed,
                })
                .collect(),
        ),
        "CertificateList" => Understood::Certificates(
            report::certificate_list(body)?
                .into_iter()
                .map(|c| InstalledCertificate {
                    common_name: c.common_name,
                    is_identity: c.is_identity,
                    sha256: hex::encode(sha256(&c.der)),
                })
                .collect(),
        ),
        "InstalledApplicationList" => Understood::Apps(
            report::installed_application_list(body)?
                .into_iter()
                .map(|a| InstalledApp { name: a.name, identifier: a.identifier, version: a.version })
                .collect(),
        ),
        _ => Understood::Nothing,
    })
}

/// What an Authenticate tells about the device. What it leaves out stays as it was.
pub fn introduce(device: &mut Device, said: &Authenticate) {
    take_text(&mut device.name, said.device_name.as_deref());
    take(&mut device.serial, said.serial.as_deref());
    take(&mut device.model_name, said.model_name.as_deref());
    take(&mut device.product, said.product.as_deref().or(said.model.as_deref()));
    take(&mut device.os_version, said.os_version.as_deref());
    take(&mut device.build, said.build.as_deref());
    take(&mut device.imei, said.imei.as_deref());
    settle_platform(device);
}

/// What an answer tells about the device itself.
pub fn apply_to_device(device: &mut Device, understood: &Understood, now: Time) {
    match understood {
        Understood::Information(said) => {
            take_text(&mut device.name, said.device_name.as_deref());
            take(&mut device.serial, said.serial.as_deref());
            take(&mut device.model_name, said.model_name.as_deref());
            take(&mut device.product, said.product.as_deref().or(said.model.as_deref()));
            take(&mut device.os_version, said.os_version.as_deref());
            take(&mut device.build, said.build.as_deref());
            take(&mut device.imei, said.imei.as_deref());
            take(&mut device.wifi_mac, said.wifi_mac.as_deref());
            device.supervised = said.supervised.or(device.supervised);
            // -1 means that the device does not know; then we do not either.
            if let Some(level) = said.battery {
                device.battery = (0.0..=1.0).contains(&level).then_some(level);
            }
            device.capacity_gb = said.capacity_gb.or(device.capacity_gb);
            device.available_gb = said.available_gb.or(device.available_gb);
            device.information_at = Some(now);
            settle_platform(device);
        }
        Understood::Security(said) => {
            device.encrypted = if device.platform == Platform::Mac {
                said.fde_enabled
            } else {
                // Without a passcode the keys lie open, whatever the hardware can do.
                match (said.hardware_encryption_caps, said.passcode_present) {
                    (Some(caps), Some(passcode)) => Some(caps == ENCRYPTS_ALL && passcode),
                    _ => said.fde_enabled,
                }
            };
            device.passcode_present = said.passcode_present;
            device.security_at = Some(now);
        }
        Understood::Apps(apps) => device.app_count = u32::try_from(apps.len()).ok(),
        Understood::Profiles(_) | Understood::Certificates(_) | Understood::Nothing => {}
    }
}

/// Keeps a list that the device told. Says whether there was one.
pub fn apply_to_inventory(inventory: &mut Inventory, understood: Understood, now: Time) -> bool {
    match understood {
        Understood::Profiles(list) => inventory.profiles = Some((now, list)),
        Understood::Certificates(list) => inventory.certificates = Some((now, list)),
        Understood::Apps(list) => inventory.apps = Some((now, list)),
        Understood::Information(_) | Understood::Security(_) | Understood::Nothing => return false,
    }
    true
}

/// Longest text kept from a device, in characters: a name is no place for a book.
const LONGEST: usize = 256;

fn take(field: &mut Option<String>, said: Option<&str>) {
    if let Some(said) = said.filter(|s| !s.trim().is_empty()) {
        *field = Some(said.chars().take(LONGEST).collect());
    }
}

fn take_text(field: &mut String, said: Option<&str>) {
    if let Some(said) = said.filter(|s| !s.trim().is_empty()) {
        *field = said.chars().take(LONGEST).collect();
    }
}

fn settle_platform(device: &mut Device) {
    let told = device.product.as_deref().map_or(Platform::Unknown, Platform::of);
    if told != Platform::Unknown {
        device.platform = told;
    }
}
