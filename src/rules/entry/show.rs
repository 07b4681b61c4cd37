//! Values as people read them.

use crate::catalog::{Key, Kind};
use crate::rules::secrets::{MARK, is_pkcs12, speaks};
use crate::wire::key::sha256;
use crate::wire::plist::Value;
use crate::wire::x509::{Cert, certs_from_pem};

/// Most characters of a shown value.
const WIDTH: usize = 200;

/// A value as a person reads it, in one line of at most 200 characters: labels of values and states, units, sizes of
/// data. Never for secrets; those inside a dictionary are veiled.
pub fn show(key: Option<&Key>, value: &Value) -> String {
    let mut line = String::new();
    // Twice the width is enough for whatever is cut off in the end.
    put(&mut line, key, value, 0);
    one_line(&line)
}

fn put(line: &mut String, key: Option<&Key>, value: &Value, depth: usize) {
    if let Some(label) = key.and_then(|key| value_label(key, value)) {
        return line.push_str(label);
    }
    match value {
        Value::String(text) if text.is_empty() => line.push_str("(empty)"),
        Value::String(text) => line.extend(text.chars().take(WIDTH + 1)),
        Value::Boolean(on) => line.push_str(state(key, *on)),
        Value::Integer(number) => {
            line.push_str(&with_unit(&number.to_string(), number.as_signed().map(|n| n as f64), key));
        }
        Value::Real(number) => line.push_str(&with_unit(&number.to_string(), Some(*number), key)),
        Value::Date(date) => {
            let text = date.to_xml_format();
            let whole = text.split(['.', 'Z']).next().unwrap_or_default();
            line.push_str(&whole.replace('T', " "));
            line.push_str(" UTC");
        }
        Value::Data(bytes) => line.push_str(&bytes_in_words(bytes)),
        Value::Array(items) => list(line, key, items, depth),
        Value::Dictionary(entries) => {
            if entries.is_empty() {
                return line.push_str("nothing");
            }
            if depth > 1 {
                let keys = if entries.len() == 1 { "key" } else { "keys" };
                return line.push_str(&format!("{} {keys}", entries.len()));
            }
            for (at, (name, value)) in entries.iter().enumerate() {
                if at > 0 {
                    line.push_str(", ");
                }
                if line.len() > WIDTH * 4 {
                    return;
                }
                let child = key.and_then(|key| {
                    let named = key.keys.iter().find(|child| child.name == *name);
                    named.or_else(|| key.keys.iter().find(|child| child.is_free()))
                });
                line.extend(
                    child.filter(|c| !c.is_free()).map_or(name, |child| &child.label).chars().take(WIDTH),
                );
                line.push_str(": ");
                let secret = child.map_or_else(|| speaks(name), |child| child.secret);
                if secret { line.push_str(MARK) } else { put(line, child, value, depth + 1) }
            }
        }
        _ => line.push('?'),
    }
}

fn list(line: &mut String, key: Option<&Key>, items: &[Value], depth: usize) {
    let item = key.filter(|key| key.kind == Kind::Array).and_then(|key| key.keys.first());
    match items {
        [] => line.push_str("no items"),
        // A secret item is told by its array already; here nobody knows better than its count.
        items if item.is_some_and(|item| item.secret) => line.push_str(&format!("{} items", items.len())),
        items if depth > 1 => line.push_str(&format!("{} items", items.len())),
        [one] => put(line, item, one, depth + 1),
        items => {
            line.push_str(&format!("{} items: ", items.len()));
            for (at, value) in items.iter().enumerate() {
                if line.len() > WIDTH * 4 {
                    return;
                }
                line.push_str(if at == 0 {
                    ""
                } else if is_container(value) {
                    "; "
                } else {
                    ", "
                });
                put(line, item, value, depth + 1);
            }
        }
    }
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Dictionary(_))
}

/// What the catalogue calls one of a key's own values.
fn value_label<'a>(key: &'a Key, value: &Value) -> Option<&'a str> {
    if is_container(value) || matches!(value, Value::Data(_) | Value::Boolean(_)) {
        return None;
    }
    let text = super::write(value);
    key.value_labels.iter().find(|(value, _)| *value == text).map(|(_, label)| label.as_str())
}

fn state(key: Option<&Key>, on: bool) -> &str {
    match (key.and_then(|key| key.states.as_ref()), on) {
        (Some((name, _)), true) | (Some((_, name)), false) => name,
        (None, true) => "On",
        (None, false) => "Off",
    }
}

/// A number with its unit, and in larger units where those read better: `900 s = 15 min`.
fn with_unit(number: &str, size: Option<f64>, key: Option<&Key>) -> String {
    let Some(unit) = key.and_then(|key| key.unit.as_deref()) else { return number.to_owned() };
    let words = size.filter(|size| size.fract() == 0.0 && *size > 0.0 && *size < 1e15);
    let larger = words.and_then(|size| {
        let size = size as u64;
        match unit {
            "s" | "sec" | "seconds" => span(size).filter(|_| size >= 60),
            "min" | "minutes" => span(size * 60).filter(|_| size >= 60),
            "h" | "hours" => span(size * 3600).filter(|_| size >= 24),
            "ms" => (size >= 1000 && size.is_multiple_of(100)).then(|| format!("{} s", size as f64 / 1000.0)),
            "bytes" | "B" => (size >= 1000).then(|| sized(size)),
            _ => None,
        }
    });
    match (larger, number) {
        (Some(larger), number) => format!("{number} {unit} = {larger}"),
        (None, "1") if unit == "days" => "1 day".to_owned(),
        (None, number) => format!("{number} {unit}"),
    }
}

/// Seconds in days, hours, minutes and seconds.
fn span(seconds: u64) -> Option<String> {
    let days = seconds / 86_400;
    let parts = [
        (days, if days == 1 { "day" } else { "days" }),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let said: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// Bytes in decimal units, as Apple counts.
fn sized(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} KB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// Data in words: a certificate with its subject and end, an identity file, else size and the begin of its SHA-256.
fn bytes_in_words(bytes: &[u8]) -> String {
    if let Some(cert) = certificate(bytes) {
        let name = cert.common_name().unwrap_or_else(|| cert.subject());
        let end = jiff::Timestamp::from_second(cert.not_after()).unwrap_or(jiff::Timestamp::MAX).to_string();
        let day = end.split('T').next().unwrap_or_default();
        return format!("certificate “{}”, until {day}", name.chars().take(100).collect::<String>());
    }
    let size = sized(bytes.len() as u64);
    if is_pkcs12(bytes) {
        return format!("identity file (PKCS #12), {size}");
    }
    match bytes.is_empty() {
        true => "no data".to_owned(),
        false => format!("{size}, SHA-256 {}…", &hex::encode(sha256(bytes))[..12]),
    }
}

/// The certificate in data, in DER or PEM, if it is one.
pub fn certificate(bytes: &[u8]) -> Option<Cert> {
    match bytes.first()? {
        0x30 => Cert::parse(bytes).ok(),
        _ => {
            let text = std::str::from_utf8(bytes).ok().filter(|text| text.contains("-----BEGIN CERT"))?;
            certs_from_pem(text).ok()?.into_iter().next()
        }
    }
}

/// On one line, cut at the width.
fn one_line(text: &str) -> String {
    let clean = |c: char| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c };
    let mut line: String = text.chars().map(clean).take(WIDTH + 1).collect();
    if let Some((at, _)) = line.char_indices().nth(WIDTH) {
        // The last place is for the mark that something is missing.
        let cut = line[..at].char_indices().last().map_or(0, |(at, _)| at);
        line.truncate(cut);
        line.push('…');
    }
    line
}
