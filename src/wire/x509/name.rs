//! Distinguished names: read for people, and written from policy.

use crate::wire::Malformed;
use crate::wire::asn1::{self, Der, Tlv, oids, tag};

/// Most attributes a name may have.
const MOST: usize = 64;

/// Refuses names that are not a sequence of sets of attributes, and names of more than 64 attributes.
pub(super) fn check(name: Tlv<'_>) -> Result<(), Malformed> {
    let all = attributes(name)?;
    if all.len() > MOST {
        return Err(Malformed::new("x509", "name of more than 64 attributes"));
    }
    Ok(())
}

fn attributes<'a>(name: Tlv<'a>) -> Result<Vec<(&'a [u8], Tlv<'a>)>, Malformed> {
    let mut found = Vec::new();
    let mut sets = Der::new("x509", name.value);
    while !sets.is_empty() && found.len() <= MOST {
        let mut set = sets.enter(tag::SET)?;
        while !set.is_empty() && found.len() <= MOST {
            let mut attribute = set.sequence()?;
            found.push((attribute.oid()?, attribute.any()?));
            attribute.end()?;
        }
    }
    Ok(found)
}

/// Text of the last attribute with this identifier.
pub(super) fn attribute(name: Tlv<'_>, wanted: &[u8]) -> Option<String> {
    let all = attributes(name).ok()?;
    all.into_iter().rev().find(|(oid, _)| *oid == wanted).and_then(|(_, value)| value.text())
}

/// RFC 4514 text of a name.
pub(super) fn readable(name: Tlv<'_>) -> String {
    let parts: Vec<String> = attributes(name)
        .unwrap_or_default()
        .into_iter()
        .rev()
        .map(|(oid, value)| match value.text() {
            Some(text) => format!("{}={}", label(oid), escaped(&text)),
            None => format!("{}=#{}", label(oid), hex::encode(value.raw)),
        })
        .collect();
    parts.join(",")
}

fn label(oid: &[u8]) -> String {
    let known = match oid {
        oids::COMMON_NAME => "CN",
        oids::SERIAL_NUMBER => "serialNumber",
        oids::COUNTRY => "C",
        oids::LOCALITY => "L",
        oids::STATE => "ST",
        oids::ORGANIZATION => "O",
        oids::UNIT => "OU",
        oids::UID => "UID",
        oids::DOMAIN => "DC",
        oids::EMAIL => "emailAddress",
        other => return asn1::dotted(other),
    };
    known.to_string()
}

/// Escapes what RFC 4514 section 2.4 asks for, and every control and direction character besides.
fn escaped(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut out = String::new();
    for (at, char) in text.chars().enumerate() {
        let edge_space = char == ' ' && (at == 0 || at == last);
        let hidden = char.is_control()
            || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if hidden {
            let mut bytes = [0; 4];
            for byte in char.encode_utf8(&mut bytes).bytes() {
                out.push_str(&format!("\\{byte:02X}"));
            }
        } else {
            if edge_space || (char == '#' && at == 0) || "\"+,;<>\\".contains(char) {
                out.push('\\');
            }
            out.push(char);
        }
    }
    out
}

/// A name of these attributes, each in its own set, in this order.
pub(super) fn write(attributes: &[(&[u8], &str)]) -> Vec<u8> {
    let sets: Vec<Vec<u8>> = attributes
        .iter()
        .map(|(oid, text)| asn1::set(&[&asn1::sequence(&[&asn1::oid(oid), &asn1::string(text)])]))
        .collect();
    asn1::tlv(tag::SEQUENCE, &sets.concat())
}
