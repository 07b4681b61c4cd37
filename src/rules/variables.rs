//! Variables in profiles: `%SerialNumber%` becomes the serial number of the device that gets the profile.
//!
//! They are replaced in the values, never in the text of the file: no value can become a key or markup.
//!
//! # What a variable is
//!
//! A name between two percent signs: a letter first, then letters, digits and `_ . -`, at most 64. Names are compared
//! without case. Two things look alike and are none, because web addresses are full of them:
//!
//! * a name of exactly two hexadecimal digits (`%E2%80%99`, `%af%`): that is an escaped byte;
//! * a name whose percent signs are *both* followed by two hexadecimal digits (`%E2abc%20`): that is text between two
//!   escaped bytes. Whoever means the variable `%Department%` before the text `ad` puts a space between them.
//!
//! The names that a Mac fills itself when it installs a profile ([`LEFT_ALONE`]) are no variables of ours either: they
//! are passed on as they are.

mod expand;
mod scan;

use std::collections::BTreeMap;

use crate::model::device::Device;
use crate::model::enrollment::{Enrollment, Kind};
use crate::wire::profile::{Document, Place};

pub use expand::expand;
pub use scan::{Piece, is_variable_name, pieces};

/// A variable that is always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name, compared without case.
    pub name: &'static str,
    /// What it stands for.
    pub help: &'static str,
}

const fn variable(name: &'static str, help: &'static str) -> Variable {
    Variable { name, help }
}

/// The variables that every server knows, in the order people read them.
pub const VARIABLES: &[Variable] = &[
    variable("SerialNumber", "Serial number of the device; unknown in a user enrollment"),
    variable("UDID", "Identifier of the device; unknown in a user enrollment"),
    variable("DeviceName", "Name of the device"),
    variable("Model", "Model identifier, as in Mac16,10"),
    variable("ModelName", "Name of the model, as in MacBook Pro"),
    variable("OSVersion", "Version of the operating system, as in 26.1"),
    variable("BuildVersion", "Build of the operating system, as in 25B78"),
    variable("IMEI", "IMEI of a device with a phone"),
    variable("WiFiMAC", "Wi-Fi address"),
    variable("ShortName", "Account name of the owner, as in ada"),
    variable("FullName", "Full name of the owner"),
    variable("FirstName", "First names of the owner"),
    variable("LastName", "Last name of the owner"),
    variable("email", "Mail address of the owner"),
];

/// Other spellings that Profile Manager and its like used, without underscores and in lower case.
const ALIASES: &[(&str, &str)] = &[
    ("serial", "serialnumber"),
    ("productname", "model"),
    ("modelnumber", "model"),
    ("wifimacaddress", "wifimac"),
    ("name", "devicename"),
    ("username", "shortname"),
    ("userfullname", "fullname"),
    ("useremail", "email"),
    ("emailaddress", "email"),
    ("mail", "email"),
];

/// What macOS itself fills when it installs a profile (directory, 802.1X, certificate requests), in lower case.
pub const LEFT_ALONE: &[&str] = &[
    "ad_computerid",
    "ad_domain",
    "ad_domainforestname",
    "ad_domainguid",
    "ad_domainnamedns",
    "ad_kerberosid",
    "computername",
    "hardwareuuid",
    "hostname",
    "localhostname",
    "macaddress",
];

/// The values of one device, by name in lower case.
pub type Values = BTreeMap<String, String>;

/// The name under which a variable's value is kept in [`Values`]: lower case, and for those of [`VARIABLES`] without
/// the other spellings (`short_name` is `shortname`).
pub fn canonical(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let bare = lower.replace('_', "");
    if let Some((_, meant)) = ALIASES.iter().find(|(alias, _)| *alias == bare) {
        return (*meant).to_owned();
    }
    if VARIABLES.iter().any(|v| v.name.eq_ignore_ascii_case(&bare)) { bare } else { lower }
}

/// Whether the server or a Mac fills this name, so that no custom field can have it.
pub fn is_taken(name: &str) -> bool {
    let canonical = canonical(name);
    is_left_alone(&canonical) || VARIABLES.iter().any(|v| v.name.eq_ignore_ascii_case(&canonical))
}

fn is_left_alone(name: &str) -> bool {
    LEFT_ALONE.iter().any(|left| left.eq_ignore_ascii_case(name))
}

/// What a device gives for the variables. Empty values are left out. A user channel's own names win over the owner's;
/// the device's custom fields win over those of its owner.
pub fn values(device: &Device, enrollment: Option<&Enrollment>) -> Values {
    let mut values = Values::new();
    let mut put = |name: &str, value: Option<&str>| {
        if let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) {
            values.insert(name.to_ascii_lowercase(), value.to_owned());
        }
    };
    for (name, value) in device.owner.fields.iter().chain(&device.fields) {
        if !is_taken(name) {
            put(name, Some(value));
        }
    }
    let anonymous = enrollment.is_some_and(|e| e.kind == Kind::UserEnrollment);
    let full = enrollment.and_then(|e| e.user_long_name.as_deref()).filter(|name| !name.trim().is_empty());
    let full = full.unwrap_or(&device.owner.full_name).trim();
    let short = enrollment.and_then(|e| e.user_short_name.as_deref()).filter(|name| !name.trim().is_empty());
    let (first, last) = full.rsplit_once(char::is_whitespace).unwrap_or((full, ""));
    put("serialnumber", device.serial.as_deref().filter(|_| !anonymous));
    put("udid", Some(device.id.as_str()).filter(|_| !anonymous));
    put("devicename", Some(&device.name));
    put("model", device.product.as_deref());
    put("modelname", device.model_name.as_deref());
    put("osversion", device.os_version.as_deref());
    put("buildversion", device.build.as_deref());
    put("imei", device.imei.as_deref());
    put("wifimac", device.wifi_mac.as_deref());
    put("shortname", short.or(Some(&device.owner.short_name)));
    put("fullname", Some(full));
    put("firstname", Some(first));
    put("lastname", Some(last));
    put("email", Some(&device.owner.email));
    values
}

/// Every variable that a document uses, with the places, names as written. A name that stands several times in one
/// value is told once.
pub fn used(document: &Document) -> Vec<(String, Place)> {
    let mut found: Vec<(String, Place)> = Vec::new();
    scan::strings(document, |place, text| {
        let mut here: Vec<&str> = Vec::new();
        for piece in pieces(text) {
            if let Piece::Variable(name) = piece
                && !here.iter().any(|seen| canonical(seen) == canonical(name))
            {
                here.push(name);
                found.push((name.to_owned(), place()));
            }
        }
    });
    found
}

/// Those of [`used`] that are neither of [`VARIABLES`] nor a custom field `known` on any device or owner.
pub fn unknown(document: &Document, known: &[String]) -> Vec<(String, Place)> {
    let mut unknown = used(document);
    unknown
        .retain(|(name, _)| !is_taken(name) && !known.iter().any(|field| field.eq_ignore_ascii_case(name)));
    unknown
}
