//! Reading what was typed.

use crate::catalog::{Key, Kind};
use crate::rules::Refusal;
use crate::wire::pem;
use crate::wire::plist::{self, Date, Integer, Limits, Value};

/// Reads what was typed for a key: numbers, `on`/`off`/`true`/`false`/`yes`/`no`/`1`/`0` and the key's own words, dates
/// (RFC 3339, or `datetime-local` taken as UTC), data in base64 or PEM, arrays of plain values one a line, anything
/// else as an XML property list fragment. A fragment is also taken for any other key.
///
/// Text keeps its spaces; line ends become line feeds, because forms turn them into two characters.
///
/// # Errors
/// `profile.value` with what would be right, by [`Key::judge`]; `profile.fragment` for a fragment that cannot be read.
pub fn parse(key: &Key, text: &str) -> Result<Value, Refusal> {
    let value = read(key, text)?;
    let wrong = |said: String| Refusal::invalid("profile.value", format!("{}: {said}", key.label));
    key.judge(&value).map_err(wrong)?;
    if let (Value::Array(items), Some(item)) = (&value, key.keys.first()) {
        for (at, value) in items.iter().enumerate().filter(|(_, value)| is_scalar(value)) {
            item.judge(value).map_err(|said| wrong(format!("item {}: {said}", at + 1)))?;
        }
    }
    Ok(value)
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Dictionary(_))
}

fn read(key: &Key, text: &str) -> Result<Value, Refusal> {
    let trimmed = text.trim();
    let wrong = |said: &str| Refusal::invalid("profile.value", format!("{}: {said}", key.label));
    // What is typed for a text may begin like a fragment and be none: a script, say. Then it is a text.
    if trimmed.starts_with('<') {
        match fragment(trimmed) {
            Ok(value) => return Ok(value),
            Err(_) if key.kind == Kind::String && !begins_as_value(trimmed) => {}
            Err(refused) => return Err(refused),
        }
    }
    match key.kind {
        Kind::String | Kind::Any if text.chars().any(is_foreign) => {
            Err(wrong("there is a character in it that property lists do not have; type it again"))
        }
        Kind::String | Kind::Any => Ok(Value::String(text.replace("\r\n", "\n").replace('\r', "\n"))),
        Kind::Integer => {
            integer(trimmed).map(Value::Integer).ok_or_else(|| wrong("type a whole number, as in 15"))
        }
        Kind::Real => match trimmed.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Real(number)),
            _ => Err(wrong("type a number, as in 0.5")),
        },
        Kind::Boolean => switch(key, trimmed).map(Value::Boolean).ok_or_else(|| wrong("choose on or off")),
        Kind::Date => date(trimmed)
            .map(Value::Date)
            .ok_or_else(|| wrong("type a date and time, as in 2027-01-31T12:00:00Z")),
        Kind::Data => data(trimmed).map(Value::Data).map_err(|said| wrong(&said)),
        Kind::Array => match key.keys.first() {
            Some(item) if !matches!(item.kind, Kind::Array | Kind::Dictionary | Kind::Any) => {
                let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
                let items = lines.map(|(at, line)| {
                    read(item, line)
                        .map_err(|no| Refusal { said: format!("Line {}: {}", at + 1, no.said), ..no })
                });
                items.collect::<Result<_, _>>().map(Value::Array)
            }
            _ if trimmed.is_empty() => Ok(Value::Array(Vec::new())),
            _ => Err(wrong("write the list as a fragment of a property list, as in <array>…</array>")),
        },
        Kind::Dictionary => Err(wrong("write it as a fragment of a property list, as in <dict>…</dict>")),
    }
}

/// What XML 1.0 cannot write (production 2): it would be written as another character.
fn is_foreign(c: char) -> bool {
    (c < ' ' && !"\t\n\r".contains(c)) || ('\u{fffe}'..='\u{ffff}').contains(&c)
}

/// Whether a text begins with an element of property lists, so that what follows is meant as one.
fn begins_as_value(text: &str) -> bool {
    const NAMES: [&str; 9] =
        ["<string", "<integer", "<real", "<true", "<false", "<date", "<data", "<array", "<dict"];
    NAMES.iter().any(|name| {
        text.strip_prefix(name).is_some_and(|rest| rest.starts_with(['>', '/', ' ', '\n', '\t', '\r']))
    })
}

fn integer(text: &str) -> Option<Integer> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.starts_with('+') {
        return None;
    }
    digits.parse::<i64>().map(Integer::from).ok().or_else(|| digits.parse::<u64>().map(Integer::from).ok())
}

fn switch(key: &Key, text: &str) -> Option<bool> {
    if let Some((on, off)) = &key.states {
        if text.eq_ignore_ascii_case(on) {
            return Some(true);
        }
        if text.eq_ignore_ascii_case(off) {
            return Some(false);
        }
    }
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" | "1" => Some(true),
        "off" | "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// RFC 3339 with any offset, or a date with or without a time that is taken as UTC. To the second, years 1 to 9999.
fn date(text: &str) -> Option<Date> {
    let stamp: jiff::Timestamp = text.parse().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        format!("{civil}Z").parse().ok()
    })?;
    let stamp = jiff::Timestamp::from_second(stamp.as_second()).ok()?;
    let written = stamp.to_string();
    let years = written.len() == "2027-01-31T12:00:00Z".len() && !written.starts_with("0000");
    Date::from_xml_format(&written).ok().filter(|_| years)
}

fn data(text: &str) -> Result<Vec<u8>, String> {
    if text.contains("-----BEGIN ") {
        let blocks =
            pem::blocks(text).map_err(|wrong| format!("the PEM text cannot be read: {}", wrong.reason))?;
        return match <[_; 1]>::try_from(blocks) {
            Ok([(_, der)]) => Ok(der),
            Err(blocks) => Err(format!("the PEM text has {} blocks; give one of them", blocks.len())),
        };
    }
    pem::decode_base64(text).map_err(|_| "type base64 or PEM, or choose a file".to_owned())
}

/// An uploaded file as the value of a key: a certificate in PEM becomes DER, a file for a text must be UTF-8; whatever
/// else is taken byte for byte.
///
/// # Errors
/// `profile.value`: of another kind than a file can be, not text, or not legal for the key.
pub fn file(key: &Key, bytes: &[u8]) -> Result<Value, Refusal> {
    let wrong = |said: &str| Refusal::invalid("profile.value", format!("{}: {said}", key.label));
    let text = || std::str::from_utf8(bytes).map_err(|_| wrong("the file is not text in UTF-8"));
    let value = match key.kind {
        Kind::Data => match text().ok().filter(|text| text.contains("-----BEGIN CERTIFICATE-----")) {
            Some(text) => Value::Data(data(text).map_err(|said| wrong(&said))?),
            None => Value::Data(bytes.to_vec()),
        },
        Kind::String => return parse(key, text()?),
        Kind::Any => Value::Data(bytes.to_vec()),
        _ => return Err(wrong("this setting cannot be taken from a file")),
    };
    key.judge(&value).map_err(|said| wrong(&said))?;
    Ok(value)
}

/// Reads a value without a key of the catalogue: a fragment of an XML property list, as `<integer>3</integer>`, or a
/// whole property list.
///
/// # Errors
/// `profile.fragment`, with the line.
pub fn fragment(text: &str) -> Result<Value, Refusal> {
    let text = text.trim_end();
    let whole = ["<?xml", "<!DOCTYPE", "<plist"].iter().any(|begins| text.trim_start().starts_with(begins));
    let wrapped = if whole { text.to_owned() } else { format!("<plist version=\"1.0\">{text}</plist>") };
    plist::parse(wrapped.as_bytes(), Limits::DEVICE).map_err(|wrong| {
        let said = format!("This is no fragment of a property list: {}.", wrong.reason);
        Refusal::invalid("profile.fragment", said)
    })
}

/// The line that an error of an XML property list tells, from 1.
pub fn line_of(said: &str) -> Option<usize> {
    let (_, rest) = said.rsplit_once("(line ")?;
    rest.split_once(')')?.0.parse().ok()
}
