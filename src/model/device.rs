//! A device: what we know of the thing itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Time;
use super::enrollment::EnrollmentId;

/// The family a device belongs to, as its product name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Platform {
    /// iPhone or iPod touch.
    IPhone,
    /// iPad.
    IPad,
    /// Mac.
    Mac,
    /// Apple TV.
    AppleTv,
    /// Apple Watch.
    Watch,
    /// Apple Vision.
    Vision,
    /// Not told yet, or new to us.
    Unknown,
}

impl Platform {
    /// Reads it off `ProductName` or `Model` (as in `iPhone15,2`, `Mac16,10`, `AppleTV14,1`).
    pub fn of(product: &str) -> Self {
        let p = product.to_ascii_lowercase();
        if p.starts_with("iphone") || p.starts_with("ipod") {
            Self::IPhone
        } else if p.starts_with("ipad") {
            Self::IPad
        } else if p.starts_with("appletv") {
            Self::AppleTv
        } else if p.starts_with("watch") {
            Self::Watch
        } else if p.starts_with("realitydevice") {
            Self::Vision
        } else if p.contains("mac") || p.starts_with("virtualmac") {
            Self::Mac
        } else {
            Self::Unknown
        }
    }

    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::IPhone => "iPhone",
            Self::IPad => "iPad",
            Self::Mac => "Mac",
            Self::AppleTv => "Apple TV",
            Self::Watch => "Apple Watch",
            Self::Vision => "Apple Vision",
            Self::Unknown => "Device",
        }
    }

    /// The word in addresses and in our API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::IPhone => "iphone",
            Self::IPad => "ipad",
            Self::Mac => "mac",
            Self::AppleTv => "appletv",
            Self::Watch => "watch",
            Self::Vision => "vision",
            Self::Unknown => "unknown",
        }
    }

    /// Whether lock and erase need a six-digit PIN.
    pub fn needs_pin(self) -> bool {
        self == Self::Mac
    }
}

/// What we know of a device. Keyed by the id of its device channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Device {
    /// Id of its device channel.
    pub id: EnrollmentId,
    /// Its name as the device says it.
    pub name: String,
    /// Serial number; absent in user enrollment.
    pub serial: Option<String>,
    /// Family.
    pub platform: Platform,
    /// Marketing name, as in `MacBook Pro`.
    pub model_name: Option<String>,
    /// Product, as in `Mac16,10`.
    pub product: Option<String>,
    /// OS version, as in `26.1`.
    pub os_version: Option<String>,
    /// Build of the OS.
    pub build: Option<String>,
    /// IMEI.
    pub imei: Option<String>,
    /// Supervised by an organization.
    pub supervised: Option<bool>,
    /// Battery, 0.0 to 1.0.
    pub battery: Option<f64>,
    /// Storage in GB (10^9 bytes), as the device counts.
    pub capacity_gb: Option<f64>,
    /// Free storage in GB.
    pub available_gb: Option<f64>,
    /// Wi-Fi address.
    pub wifi_mac: Option<String>,
    /// FileVault on a Mac, hardware encryption with passcode elsewhere.
    pub encrypted: Option<bool>,
    /// A passcode is set (not on Macs).
    pub passcode_present: Option<bool>,
    /// When DeviceInformation was last answered.
    pub information_at: Option<Time>,
    /// When SecurityInfo was last answered.
    pub security_at: Option<Time>,
    /// Number of installed apps, when told.
    pub app_count: Option<u32>,
    /// An erase was acknowledged, or may have happened.
    pub erased_at: Option<Time>,
    /// Whose device it is.
    #[serde(default)]
    pub owner: Owner,
    /// The organization's own fields, by name: usable as variables in profiles.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// The person whose device it is. Empty text is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Account name, as in `ada`.
    pub short_name: String,
    /// Name for people.
    pub full_name: String,
    /// Mail address.
    pub email: String,
    /// The organization's own fields about people, by name.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

impl Device {
    /// A device of which only its id is known.
    pub fn unknown(id: EnrollmentId) -> Self {
        Self {
            name: "Unnamed device".into(),
            id,
            serial: None,
            platform: Platform::Unknown,
            model_name: None,
            product: None,
            os_version: None,
            build: None,
            imei: None,
            supervised: None,
            battery: None,
            capacity_gb: None,
            available_gb: None,
            wifi_mac: None,
            encrypted: None,
            passcode_present: None,
            information_at: None,
            security_at: None,
            app_count: None,
            erased_at: None,
            owner: Owner::default(),
            fields: BTreeMap::new(),
        }
    }
}

/// A profile that the device says it has (`ProfileList`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledProfile {
    /// `PayloadIdentifier`.
    pub identifier: String,
    /// `PayloadUUID`: tells which revision it is.
    pub uuid: Option<String>,
    /// `PayloadDisplayName`.
    pub name: Option<String>,
    /// Installed by management.
    pub managed: Option<bool>,
    /// Comes from a declaration.
    pub declarative: bool,
}

/// A certificate that the device says it has (`CertificateList`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledCertificate {
    /// `CommonName`.
    pub common_name: String,
    /// Has its private key.
    pub is_identity: bool,
    /// SHA-256 of the DER, hex.
    pub sha256: String,
}

/// Lists a device reported, each with its time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Inventory {
    /// Profiles and when they were listed.
    pub profiles: Option<(Time, Vec<InstalledProfile>)>,
    /// Certificates and when they were listed.
    pub certificates: Option<(Time, Vec<InstalledCertificate>)>,
    /// Apps (name, bundle identifier, version) and when they were listed.
    pub apps: Option<(Time, Vec<InstalledApp>)>,
}

/// An app that the device says it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledApp {
    /// Name.
    pub name: String,
    /// Bundle identifier; Macs leave it out at times.
    pub identifier: Option<String>,
    /// Short version, else version.
    pub version: Option<String>,
}

/// A name as people compare it: lower case, curly quotes and dashes made straight, any run of spaces (also the
/// no-break kind) one space, none at the ends, marks that cannot be seen dropped. A person who must type
/// `Ada’s iPhone` to erase it may type `ada's iphone`; an empty name matches nothing, see [`same_name`].
pub fn fold_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        let c = match c {
            '‘' | '’' | '‚' | '‛' | '′' | 'ʼ' | '`' | '´' => '\'',
            '“' | '”' | '„' | '‟' | '″' | '«' | '»' => '"',
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
                continue;
            }
            c if c.is_whitespace() || c.is_control() => ' ',
            c => c,
        };
        if c == ' ' {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.extend(c.to_lowercase());
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Whether a person typed this name: equal after [`fold_name`], and not empty.
pub fn same_name(typed: &str, name: &str) -> bool {
    let typed = fold_name(typed);
    !typed.is_empty() && typed == fold_name(name)
}
