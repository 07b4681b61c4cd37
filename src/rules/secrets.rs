//! Which values of a document nobody may see again.

mod names;
mod redact;

use std::collections::{HashMap, HashSet};

use crate::catalog::Key;
use crate::model::document::Stamp;
use crate::rules::document::{self, visit_known};
use crate::wire::plist::Value;
use crate::wire::profile::{Document, Path, Place, Step};

pub use names::speaks;
pub use redact::{MARK, redacted, restore};

/// Whether the value at this place is a secret: by the catalogue, by its parents, and for unknown keys by a name that
/// speaks of passwords, tokens, private keys. Private keys and identity files are secrets wherever they stand.
///
/// Also answers for a place where nothing is set yet.
pub fn is_secret(document: &Document, place: &Place) -> bool {
    if let [only] = place.path.0.as_slice()
        && names_it(only)
    {
        return false;
    }
    let above = (1..=place.path.0.len())
        .map(|length| Place { payload: place.payload.clone(), path: Path(place.path.0[..length].to_vec()) });
    if crate::rules::document::secret_by_key(document, place) {
        // A switch that a name mistakes for a secret is none.
        return !matches!(document.get(place), Some(Value::Boolean(_))) || above_is_secret(document, place);
    }
    above.into_iter().any(|place| document.get(&place).is_some_and(holds_key))
}

/// Whether what holds the value is a secret as a whole.
fn above_is_secret(document: &Document, place: &Place) -> bool {
    let Some((_, above)) = place.path.0.split_last() else { return false };
    let above = Place { payload: place.payload.clone(), path: Path(above.to_vec()) };
    crate::rules::document::secret_by_key(document, &above)
}

/// Keys by which a payload or a profile is known: hidden, it would be another one.
pub(in crate::rules) fn names_it(key: &str) -> bool {
    matches!(key, "PayloadType" | "PayloadUUID" | "PayloadIdentifier" | "PayloadVersion")
}

/// Whether a value under this key is a secret for itself.
pub(in crate::rules) fn tells(key: Option<&Key>, name: &str, value: &Value) -> bool {
    let named = match key {
        Some(key) => key.secret,
        None => speaks(name),
    };
    (named && !matches!(value, Value::Boolean(_))) || holds_key(value)
}

/// A private key, alone or with its certificates, tells itself by its bytes.
fn holds_key(value: &Value) -> bool {
    const PEM: &[u8] = b"PRIVATE KEY-----";
    match value {
        Value::String(text) => text.contains("PRIVATE KEY-----"),
        Value::Data(bytes) => is_pkcs12(bytes) || bytes.windows(PEM.len()).any(|window| window == PEM),
        _ => false,
    }
}

/// Whether bytes look like a PKCS#12 file (RFC 7292): a sequence of the version 3 and a sequence.
pub fn is_pkcs12(bytes: &[u8]) -> bool {
    let inside = match bytes {
        [0x30, length, rest @ ..] if *length <= 0x80 => rest,
        [0x30, length @ 0x81..=0x84, rest @ ..] => rest.get(usize::from(length & 0x7f)..).unwrap_or_default(),
        _ => return false,
    };
    inside.starts_with(&[0x02, 0x01, 0x03, 0x30])
}

/// All secrets that are set, in order. A dictionary or array that is a secret as a whole is told by what it holds.
pub fn places(document: &Document) -> Vec<Place> {
    let mut found = Vec::new();
    visit_known(document, &mut |at| {
        if at.secret && is_leaf(at.value) {
            found.push(at.place());
        }
        Step::Into
    });
    found
}

/// Whether a value holds no others, and something to hide: not a switch or a date.
fn is_leaf(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Data(_) | Value::Integer(_) | Value::Real(_))
}

/// The stamps after a change: those of unchanged secrets stay (also where they moved within their payload), changed and
/// new ones get `stamp`, removed ones go.
pub fn stamps(
    before: &Document,
    stamps: &[(String, Stamp)],
    after: &Document,
    stamp: &Stamp,
) -> Vec<(String, Stamp)> {
    let told: HashMap<&str, &Stamp> = stamps.iter().map(|(at, stamp)| (at.as_str(), stamp)).collect();
    // Where each secret of a payload was, by the name of its key and its value.
    let named = |place: &Place, value: Option<&Value>| {
        (place.payload.clone(), place.path.0.last().cloned(), document::mark(value))
    };
    let old = places(before);
    let moved: HashMap<_, &Place> = old.iter().rev().map(|at| (named(at, before.get(at)), at)).collect();
    let old: HashSet<&Place> = old.iter().collect();
    let mut next = Vec::new();
    for place in places(after) {
        let value = after.get(&place);
        let kept = match old.contains(&place) && before.get(&place) == value {
            true => Some(&place),
            false => moved.get(&named(&place, value)).copied(),
        };
        // One that is unchanged and never had a stamp gets none: nobody knows.
        let stamp = match kept {
            None => Some(stamp),
            Some(kept) => told.get(kept.to_string().as_str()).copied(),
        };
        next.extend(stamp.map(|stamp| (place.to_string(), stamp.clone())));
    }
    next
}
