//! Marks: what a form remembers of what it showed.

use crate::model::document::Stamp;
use crate::rules::secrets;
use crate::wire::key::sha256;
use crate::wire::plist::Value;
use crate::wire::profile::{Document, Path, Place};

/// A short word (16 hexadecimal digits) that differs when the value differs: what a form remembers of what it showed.
/// None for nothing set. The order of a dictionary's keys makes no difference, types do.
///
/// A secret's mark must be asked with [`secret_mark`] or [`mark_at`], as it must not tell anything about the secret.
pub fn mark(value: Option<&Value>) -> String {
    let mut bytes = Vec::new();
    if let Some(value) = value {
        feed(&mut bytes, value);
    }
    short(&bytes)
}

/// The mark of a secret that is set: when it was set, and by whom.
pub fn secret_mark(stamp: Option<&Stamp>) -> String {
    let mut bytes = b"secret".to_vec();
    if let Some(stamp) = stamp {
        bytes.extend(stamp.at.0.to_be_bytes());
        bytes.extend(stamp.by.as_bytes());
    }
    short(&bytes)
}

/// The mark of whatever is at a place, for forms: secrets are told by their stamps, also those inside a dictionary or
/// an array. Below an item of an array it also tells which item that was (16 more digits behind a dot), so that an
/// edit of a moved or removed item is noticed.
pub fn mark_at(document: &Document, place: &Place, stamps: &[(String, Stamp)]) -> String {
    let own = match document.get(place) {
        None => mark(None),
        Some(value @ (Value::Array(_) | Value::Dictionary(_))) => {
            let inside: Vec<Place> =
                secrets::places(document).into_iter().filter(|secret| place.holds(secret)).collect();
            if inside.is_empty() { mark(Some(value)) } else { hidden(document, place, &inside, stamps) }
        }
        Some(_) if secrets::is_secret(document, place) => secret_mark(stamp_of(place, stamps)),
        value => mark(value),
    };
    match items(document, place) {
        Some(items) => format!("{own}.{items}"),
        None => own,
    }
}

/// The mark of a whole document, for editing it as text.
pub fn document_mark(document: &Document, stamps: &[(String, Stamp)]) -> String {
    let mut bytes = Vec::new();
    feed(&mut bytes, &Value::Dictionary(secrets::redacted(document).body));
    feed_stamps(&mut bytes, &secrets::places(document), stamps);
    short(&bytes)
}

/// The mark of a container whose secrets count by their stamps alone.
fn hidden(document: &Document, place: &Place, inside: &[Place], stamps: &[(String, Stamp)]) -> String {
    let mut bytes = Vec::new();
    if let Some(value) = secrets::redacted(document).get(place) {
        feed(&mut bytes, value);
    }
    feed_stamps(&mut bytes, inside, stamps);
    short(&bytes)
}

fn feed_stamps(bytes: &mut Vec<u8>, places: &[Place], stamps: &[(String, Stamp)]) {
    for place in places {
        bytes.extend(place.to_string().as_bytes());
        bytes.extend(secret_mark(stamp_of(place, stamps)).as_bytes());
    }
}

fn stamp_of<'a>(place: &Place, stamps: &'a [(String, Stamp)]) -> Option<&'a Stamp> {
    let text = place.to_string();
    stamps.iter().find(|(at, _)| *at == text).map(|(_, stamp)| stamp)
}

/// Which items of arrays the way leads through: how many there are, and how the item begins. None without such.
fn items(document: &Document, place: &Place) -> Option<String> {
    let mut bytes = Vec::new();
    for length in 1..place.path.0.len() {
        let parts = place.path.0[..length].to_vec();
        let above = Place { payload: place.payload.clone(), path: Path(parts[..length - 1].to_vec()) };
        let Some(Value::Array(items)) = document.get(&above) else { continue };
        let item = document.get(&Place { payload: place.payload.clone(), path: Path(parts) });
        bytes.extend((items.len() as u64).to_be_bytes());
        // Its first plain value is nearly always what names it. Secrets are no names.
        let entries = item.and_then(Value::as_dictionary).into_iter().flatten();
        let plain = |value: &Value| !matches!(value, Value::Array(_) | Value::Dictionary(_) | Value::Data(_));
        let named = entries.filter(|(key, value)| plain(value) && !secrets::speaks(key)).take(1);
        // The value being edited does not name the item: changing it twice is the business of its own mark.
        for (key, value) in named.filter(|(key, _)| place.path.0.get(length) != Some(*key)) {
            let at = above.then(place.path.0[length - 1].clone()).then(key.clone());
            if !secrets::is_secret(document, &at) {
                feed(&mut bytes, value);
            }
        }
    }
    (!bytes.is_empty()).then(|| short(&bytes))
}

fn short(bytes: &[u8]) -> String {
    hex::encode(&sha256(bytes)[..8])
}

/// One text for equal values, another for others: each value says its type and its length.
fn feed(bytes: &mut Vec<u8>, value: &Value) {
    let mut sized = |kind: u8, content: &[u8]| {
        bytes.push(kind);
        bytes.extend((content.len() as u64).to_be_bytes());
        bytes.extend(content);
    };
    match value {
        Value::String(text) => sized(b's', text.as_bytes()),
        Value::Data(data) => sized(b'd', data),
        Value::Integer(number) => sized(b'i', number.to_string().as_bytes()),
        // Zero has two signs and one value.
        Value::Real(number) => sized(b'r', &(number + 0.0).to_bits().to_be_bytes()),
        Value::Date(date) => sized(b't', date.to_xml_format().as_bytes()),
        Value::Boolean(on) => sized(b'b', &[u8::from(*on)]),
        Value::Array(items) => {
            sized(b'a', &(items.len() as u64).to_be_bytes());
            items.iter().for_each(|item| feed(bytes, item));
        }
        Value::Dictionary(entries) => {
            sized(b'k', &(entries.len() as u64).to_be_bytes());
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            for (key, value) in sorted {
                bytes.extend((key.len() as u64).to_be_bytes());
                bytes.extend(key.as_bytes());
                feed(bytes, value);
            }
        }
        // Property lists of profiles have no other kind.
        _ => sized(b'?', &[]),
    }
}
