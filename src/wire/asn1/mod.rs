//! ASN.1 as certificates and signed messages use it: a strict DER reader and a DER writer.
//!
//! Our own two hundred lines instead of typed structures, because a signature is made over received bytes: the
//! reader hands out slices of the input, so what is verified is what is parsed, and nothing is ever re-encoded
//! before it is checked. Neither side recurses; nesting is as deep as the caller's code.

pub mod oids;
mod read;
mod time;
mod write;

pub use read::{Der, Tlv};
pub use time::{civil, seconds};
pub use write::{
    boolean, concat, context, integer, null, octets, oid, primitive, sequence, set, set_of, string, tlv,
    uint, utc_or_generalized,
};

/// Identifier octets: class, constructed bit and number in one byte. Numbers above 30 are not used by any format
/// read here and are refused.
pub mod tag {
    /// BOOLEAN.
    pub const BOOLEAN: u8 = 0x01;
    /// INTEGER.
    pub const INTEGER: u8 = 0x02;
    /// BIT STRING.
    pub const BITS: u8 = 0x03;
    /// OCTET STRING.
    pub const OCTETS: u8 = 0x04;
    /// NULL.
    pub const NULL: u8 = 0x05;
    /// OBJECT IDENTIFIER.
    pub const OID: u8 = 0x06;
    /// UTF8String.
    pub const UTF8: u8 = 0x0c;
    /// NumericString.
    pub const NUMERIC: u8 = 0x12;
    /// PrintableString.
    pub const PRINTABLE: u8 = 0x13;
    /// TeletexString, read as Latin-1 as everybody does.
    pub const TELETEX: u8 = 0x14;
    /// IA5String.
    pub const IA5: u8 = 0x16;
    /// UTCTime.
    pub const UTC_TIME: u8 = 0x17;
    /// GeneralizedTime.
    pub const GENERALIZED_TIME: u8 = 0x18;
    /// UniversalString (UTF-32).
    pub const UNIVERSAL: u8 = 0x1c;
    /// BMPString (UTF-16).
    pub const BMP: u8 = 0x1e;
    /// SEQUENCE.
    pub const SEQUENCE: u8 = 0x30;
    /// SET.
    pub const SET: u8 = 0x31;
    /// Constructed context tag `[n]`.
    pub const fn context(n: u8) -> u8 {
        0xa0 | n
    }
    /// Primitive context tag `[n] IMPLICIT`.
    pub const fn context_primitive(n: u8) -> u8 {
        0x80 | n
    }
}

/// Content octets of an object identifier as dotted decimals; `?` where they are not valid.
pub fn dotted(oid: &[u8]) -> String {
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc = 0u64;
    for (at, byte) in oid.iter().enumerate() {
        if arc >> 56 != 0 {
            return "?".into();
        }
        arc = arc << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            if at + 1 == oid.len() {
                return "?".into();
            }
            continue;
        }
        if arcs.is_empty() {
            let first = (arc / 40).min(2);
            arcs.extend([first, arc - first * 40]);
        } else {
            arcs.push(arc);
        }
        arc = 0;
    }
    if arcs.is_empty() {
        return "?".into();
    }
    arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

/// Dotted decimals as content octets; `None` if the text is not an object identifier.
pub fn undotted(text: &str) -> Option<Vec<u8>> {
    let arcs: Vec<u64> = text.split('.').map(|a| a.parse().ok()).collect::<Option<_>>()?;
    let [first, second, rest @ ..] = arcs.as_slice() else { return None };
    if *first > 2 || (*first < 2 && *second > 39) {
        return None;
    }
    let mut out = Vec::new();
    for arc in std::iter::once(&(first * 40).checked_add(*second)?).chain(rest) {
        let groups = (64 - arc.leading_zeros()).div_ceil(7).max(1);
        for group in (0..groups).rev() {
            let more = if group > 0 { 0x80 } else { 0 };
            out.push((arc >> (7 * group) & 0x7f) as u8 | more);
        }
    }
    Some(out)
}
