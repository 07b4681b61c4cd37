//! The XML reader.
//!
//! What it takes: UTF-8 (a BOM is fine), an XML 1.0 declaration or none, one of Apple's DOCTYPEs or none, `<plist>`
//! with exactly one value, comments and CDATA sections where XML has them, the five predefined entities and
//! numeric references. What it refuses: every other DOCTYPE and any internal subset, every other entity and
//! encoding, processing instructions, more than 16 attributes on an element, characters that XML 1.0 does not
//! have, text between elements, and a key that stands twice in its dictionary.

mod reader;
mod text;

use super::{Date, Dictionary, Integer, Limits, Value, malformed};
use crate::wire::Malformed;
use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use reader::{Container, Event, Reader, Scalar};
use std::borrow::Cow;
pub(super) use text::is_xml_character;
use text::{SPACE, is_space};

/// Apple's readers accept base64 with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Reads a document. The first pass measures and checks its form and keeps nothing; only what passed is built.
/// A refusal tells the line: people write property lists by hand.
pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<Value, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("not UTF-8 text"))?;
    let mut measure = Reader::new(text, limits);
    let measured = measure.open().and_then(|()| {
        while measure.next()?.is_some() {}
        Ok(())
    });
    measured.map_err(|e| measure.on_line(e))?;
    let mut reader = Reader::new(text, limits);
    reader.open().and_then(|()| build(&mut reader)).map_err(|e| reader.on_line(e))
}

fn build(reader: &mut Reader<'_>) -> Result<Value, Malformed> {
    let mut open: Vec<(Option<String>, Value)> = Vec::new();
    let mut key: Option<String> = None;
    let mut root = None;
    while let Some(event) = reader.next()? {
        let value = match event {
            Event::Key(name) => {
                key = Some(name.into_owned());
                continue;
            }
            Event::Start(container) => {
                let empty = match container {
                    Container::Array => Value::Array(Vec::new()),
                    Container::Dictionary => Value::Dictionary(Dictionary::new()),
                };
                open.push((key.take(), empty));
                continue;
            }
            Event::End => {
                let (its_key, value) = open.pop().ok_or_else(|| malformed("closed more than was opened"))?;
                key = its_key;
                value
            }
            Event::Scalar(kind, text) => scalar(kind, text)?,
        };
        match open.last_mut() {
            None => root = Some(value),
            Some((_, Value::Array(items))) => items.push(value),
            Some((_, Value::Dictionary(entries))) => {
                let name = key.take().ok_or_else(|| malformed("a value without a key"))?;
                if entries.insert(name, value).is_some() {
                    return Err(malformed("a key stands twice in its dictionary"));
                }
            }
            Some(_) => return Err(malformed("a value inside a scalar")),
        }
    }
    root.ok_or_else(|| malformed("no value"))
}

fn scalar(kind: Scalar, text: Cow<'_, str>) -> Result<Value, Malformed> {
    Ok(match kind {
        Scalar::String => Value::String(text.into_owned()),
        Scalar::Boolean(value) if text.bytes().all(is_space) => Value::Boolean(value),
        Scalar::Boolean(_) => return Err(malformed("text inside a boolean")),
        Scalar::Integer => Value::Integer(integer(text.trim_matches(SPACE))?),
        Scalar::Real => match text.trim_matches(SPACE).parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Real(number),
            _ => return Err(malformed("a real that is no number")),
        },
        Scalar::Data => {
            let packed: Vec<u8> = text.bytes().filter(|b| !is_space(*b)).collect();
            Value::Data(BASE64.decode(packed).map_err(|_| malformed("data that is not base64"))?)
        }
        Scalar::Date => Value::Date(date(text.trim_matches(SPACE))?),
    })
}

/// Decimal or hexadecimal (`0x`), from the smallest signed to the largest unsigned 64-bit number.
fn integer(text: &str) -> Result<Integer, Malformed> {
    let wrong = || malformed("an integer that is no 64-bit number");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let (digits, radix) = hexadecimal.map_or((digits, 10), |rest| (rest, 16));
    if digits.is_empty() || !digits.bytes().all(|b| (b as char).is_digit(radix)) {
        return Err(wrong());
    }
    let size = u64::from_str_radix(digits, radix).map_err(|_| wrong())?;
    if negative {
        0i64.checked_sub_unsigned(size).map(Integer::from).ok_or_else(wrong)
    } else {
        Ok(size.into())
    }
}

/// `YYYY-MM-DDThh:mm:ssZ` and nothing else, years 1 to 9999.
fn date(text: &str) -> Result<Date, Malformed> {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00Z";
    let fits = text.len() == SHAPE.len()
        && text.bytes().zip(SHAPE).all(|(b, s)| if *s == b'0' { b.is_ascii_digit() } else { b == *s });
    if !fits || text.starts_with("0000") {
        return Err(malformed("a date that is not YYYY-MM-DDThh:mm:ssZ"));
    }
    Date::from_xml_format(text).map_err(|_| malformed("a date that the calendar does not have"))
}
