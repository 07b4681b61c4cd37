//! The MDM protocol's messages.

mod checkin;
mod command;
mod report;

use pomona::wire::plist::{Dictionary, Value, to_binary, to_xml};

/// A message from keys and XML values, in both formats.
pub fn message(entries: &[(&str, &str)]) -> [Vec<u8>; 2] {
    let inside: String = entries.iter().map(|(key, value)| format!("<key>{key}</key>{value}")).collect();
    let xml = super::plist::document(&format!("<dict>{inside}</dict>"));
    let binary = to_binary(&super::plist::read(&xml));
    [xml, binary]
}

pub fn xml(d: &Dictionary) -> Vec<u8> {
    to_xml(&Value::Dictionary(d.clone()))
}
