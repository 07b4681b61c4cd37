//! Property lists, XML and binary, within bounds.
//!
//! Both readers are our own. Apple's devices write two small dialects, and a general XML library reads a hundred
//! others: entities, character sets, attributes without end. Ours read the two, measure a document completely
//! before they build anything from it, and refuse what could mean two things (a key twice, a number that is not
//! one). The values themselves are those of the `plist` crate: order is kept, and data, dates, integers and reals
//! stay apart.
//!
//! Sources: Apple's `PropertyList-1.0.dtd`, CoreFoundation's `CFBinaryPList.c` (file layout).

mod binary;
mod write;
mod xml;

use super::Malformed;
pub use ::plist::{Date, Dictionary, Integer, Value};
pub use write::{dictionary_to_xml, to_binary, to_fragment, to_xml};

/// Bounds of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document, and bytes of all strings and data in it once decoded (a binary document may name the
    /// same string many times).
    pub bytes: usize,
    /// Nesting of containers; the root is 1.
    pub depth: usize,
    /// Parse events: a container counts two (start and end), each key, scalar, comment and CDATA section one.
    pub events: usize,
}

impl Limits {
    /// What messages of devices and uploaded profiles get: 16 MiB, 64 levels, 100,000 events.
    pub const DEVICE: Self = Self { bytes: 16 << 20, depth: 64, events: 100_000 };
}

/// A refusal of this format.
fn malformed(reason: impl Into<String>) -> Malformed {
    Malformed::new("plist", reason)
}

/// Reads XML or binary, told by the first bytes.
///
/// # Errors
/// Anything beyond `limits`, and anything that is not exactly a property list. The reason names the rule, never the
/// content.
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Value, Malformed> {
    if bytes.len() > limits.bytes {
        return Err(malformed(format!("larger than {} bytes", limits.bytes)));
    }
    if bytes.starts_with(b"bplist") { binary::read(bytes, limits) } else { xml::read(bytes, limits) }
}

/// Reads a document whose root is a dictionary, as every MDM message and profile has it.
///
/// # Errors
/// As [`parse`], and another root.
pub fn parse_dictionary(bytes: &[u8], limits: Limits) -> Result<Dictionary, Malformed> {
    parse(bytes, limits)?.into_dictionary().ok_or_else(|| malformed("the root is not a dictionary"))
}

fn typed<'a, T>(
    d: &'a Dictionary,
    key: &str,
    kind: &str,
    read: impl Fn(&'a Value) -> Option<T>,
) -> Result<Option<T>, Malformed> {
    match d.get(key) {
        None => Ok(None),
        Some(value) => read(value).map(Some).ok_or_else(|| malformed(format!("{key} is not {kind}"))),
    }
}

/// The string under `key`; absent is none.
///
/// # Errors
/// A value of another type.
pub fn text<'a>(d: &'a Dictionary, key: &str) -> Result<Option<&'a str>, Malformed> {
    typed(d, key, "a string", Value::as_string)
}

/// The data under `key`; absent is none.
///
/// # Errors
/// A value of another type.
pub fn data<'a>(d: &'a Dictionary, key: &str) -> Result<Option<&'a [u8]>, Malformed> {
    typed(d, key, "data", Value::as_data)
}

/// The boolean under `key`; absent is none. The strings "true" and "false" are taken too: a widely used simulator
/// sends `NotOnConsole` that way.
///
/// # Errors
/// A value of another type.
pub fn boolean(d: &Dictionary, key: &str) -> Result<Option<bool>, Malformed> {
    typed(d, key, "a boolean", |value| match value {
        Value::Boolean(b) => Some(*b),
        Value::String(s) if s == "true" => Some(true),
        Value::String(s) if s == "false" => Some(false),
        _ => None,
    })
}

/// The integer under `key`; absent is none.
///
/// # Errors
/// A value of another type, or beyond 63 bits and sign.
pub fn integer(d: &Dictionary, key: &str) -> Result<Option<i64>, Malformed> {
    typed(d, key, "an integer", Value::as_signed_integer)
}

/// The real under `key`, also if it is written as an integer; absent is none.
///
/// # Errors
/// A value of another type.
pub fn real(d: &Dictionary, key: &str) -> Result<Option<f64>, Malformed> {
    typed(d, key, "a number", |value| match value {
        Value::Real(r) => Some(*r),
        Value::Integer(i) => i.as_signed().map(|n| n as f64).or_else(|| i.as_unsigned().map(|n| n as f64)),
        _ => None,
    })
}

/// The array under `key`; absent is none.
///
/// # Errors
/// A value of another type.
pub fn array<'a>(d: &'a Dictionary, key: &str) -> Result<Option<&'a [Value]>, Malformed> {
    typed(d, key, "an array", |value| value.as_array().map(Vec::as_slice))
}

/// The dictionary under `key`; absent is none.
///
/// # Errors
/// A value of another type.
pub fn dictionary<'a>(d: &'a Dictionary, key: &str) -> Result<Option<&'a Dictionary>, Malformed> {
    typed(d, key, "a dictionary", Value::as_dictionary)
}
