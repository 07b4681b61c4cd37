//! Writing DER: each function returns one finished element, and elements nest by concatenation.

use super::{civil, tag};

/// One element with its shortest length.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let octets = length.to_be_bytes();
        let skip = octets.iter().take_while(|byte| **byte == 0).count();
        out.push(0x80 | (octets.len() - skip) as u8);
        out.extend_from_slice(&octets[skip..]);
    }
    out.extend_from_slice(content);
    out
}

/// The elements one after the other.
pub fn concat(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// SEQUENCE of finished elements.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(tag::SEQUENCE, &parts.concat())
}

/// SET of one finished element, or of several already in order.
pub fn set(parts: &[&[u8]]) -> Vec<u8> {
    tlv(tag::SET, &parts.concat())
}

/// Content of a SET OF: the elements in DER order.
pub fn set_of(mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    elements.concat()
}

/// `[n]` around finished elements: explicit tagging, or implicit tagging of a constructed type's content.
pub fn context(n: u8, content: &[u8]) -> Vec<u8> {
    tlv(tag::context(n), content)
}

/// `[n] IMPLICIT` of a primitive type's content.
pub fn primitive(n: u8, content: &[u8]) -> Vec<u8> {
    tlv(tag::context_primitive(n), content)
}

/// INTEGER from content octets that are already two's complement.
pub fn integer(content: &[u8]) -> Vec<u8> {
    tlv(tag::INTEGER, content)
}

/// Non-negative INTEGER from big-endian octets, leading zeros allowed.
pub fn uint(magnitude: &[u8]) -> Vec<u8> {
    let skip = magnitude.iter().take_while(|byte| **byte == 0).count();
    let significant = &magnitude[skip..];
    match significant.first() {
        None => integer(&[0]),
        Some(first) if first & 0x80 != 0 => integer(&[&[0], significant].concat()),
        Some(_) => integer(significant),
    }
}

/// BOOLEAN.
pub fn boolean(value: bool) -> Vec<u8> {
    tlv(tag::BOOLEAN, &[if value { 0xff } else { 0 }])
}

/// NULL.
pub fn null() -> Vec<u8> {
    tlv(tag::NULL, &[])
}

/// OCTET STRING.
pub fn octets(content: &[u8]) -> Vec<u8> {
    tlv(tag::OCTETS, content)
}

/// OBJECT IDENTIFIER from content octets.
pub fn oid(content: &[u8]) -> Vec<u8> {
    tlv(tag::OID, content)
}

/// PrintableString where the text allows, as old verifiers like it; UTF8String otherwise.
pub fn string(text: &str) -> Vec<u8> {
    let printable = |byte: u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte);
    let kind = if text.bytes().all(printable) { tag::PRINTABLE } else { tag::UTF8 };
    tlv(kind, text.as_bytes())
}

/// A moment in seconds since 1970, in the type its year asks for: UTCTime for 1950 to 2049, else GeneralizedTime.
/// Moments outside the years 0 to 9999 are clamped.
pub fn utc_or_generalized(moment: i64) -> Vec<u8> {
    let [year, month, day, hour, minute, second] = civil(moment.clamp(-62_167_219_200, 253_402_300_799));
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if (1950..2050).contains(&year) {
        tlv(tag::UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        tlv(tag::GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes())
    }
}
