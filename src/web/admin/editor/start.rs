//! What a setting holds at first, and keys that no catalogue knows.

use std::time::{Duration, UNIX_EPOCH};

use crate::catalog::{Availability, Field, Key, Kind};
use crate::model::Time;
use crate::wire::plist::{Date, Dictionary, Value};

/// A key that nobody documents.
pub(super) fn plain(name: &str, kind: Kind) -> Key {
    Key {
        name: name.to_owned(),
        kind,
        label: name.to_owned(),
        help: None,
        required: false,
        needed: None,
        default: None,
        values: Vec::new(),
        value_labels: Vec::new(),
        states: None,
        range: None,
        repeats: None,
        pattern: None,
        field: Field::Plain,
        secret: false,
        unit: None,
        example: None,
        synonyms: Vec::new(),
        section: None,
        replaced_by: None,
        combine: None,
        availability: Availability::default(),
        keys: Vec::new(),
        same: None,
    }
}

/// What a setting holds when it is added: what the person probably wants, and nothing invented. A switch is added to
/// be thrown, so it starts as the opposite of what devices do anyway. `only` is the one payload a reference may name.
pub(super) fn first(key: &Key, only: Option<String>, now: Time) -> Value {
    if let Some(Value::Boolean(usual)) = key.default.as_ref().filter(|_| key.kind == Kind::Boolean) {
        return Value::Boolean(!usual);
    }
    if let Some(value) = key.values.first() {
        return key
            .default
            .clone()
            .filter(|usual| key.values.contains(usual))
            .unwrap_or_else(|| value.clone());
    }
    let least = key.range.and_then(|range| range.min).unwrap_or(0.0);
    match key.kind {
        Kind::Boolean => Value::Boolean(true),
        Kind::Integer => key.default.clone().unwrap_or_else(|| Value::Integer((least.ceil() as i64).into())),
        Kind::Real => key.default.clone().unwrap_or(Value::Real(least)),
        Kind::String if key.secret => Value::String(String::new()),
        Kind::String => {
            let usual = key.default.clone().filter(|v| v.as_string().is_some());
            only.map(Value::String).or(usual).unwrap_or_else(|| Value::String(String::new()))
        }
        Kind::Date => Value::Date(date(now.plus_secs(30 * 86_400))),
        Kind::Data => Value::Data(Vec::new()),
        Kind::Array => Value::Array(Vec::new()),
        Kind::Dictionary => Value::Dictionary(Dictionary::new()),
        Kind::Any => Value::String(String::new()),
    }
}

/// What a key of any name holds at first, by the word of its kind. None for a word that is none.
pub(super) fn of_kind(word: &str, now: Time) -> Option<Value> {
    Some(match word {
        "string" => Value::String(String::new()),
        "boolean" => Value::Boolean(true),
        "integer" => Value::Integer(0.into()),
        "real" => Value::Real(0.0),
        "strings" => Value::Array(Vec::new()),
        "date" => Value::Date(date(now)),
        "data" => Value::Data(Vec::new()),
        "xml" => Value::Dictionary(Dictionary::new()),
        _ => return None,
    })
}

fn date(at: Time) -> Date {
    Date::from(UNIX_EPOCH + Duration::from_secs(at.secs().max(0).unsigned_abs()))
}
