//! Property lists as JSON: what JSON has a word for is written plainly, the rest in an object with one key.
//!
//! | property list | JSON |
//! |---|---|
//! | string, boolean, integer, array, dictionary | the same |
//! | real | `{"$real": 1.5}`; read as a number with a fraction, too |
//! | data | `{"$data": "base64"}` |
//! | date | `{"$date": "2026-11-24T03:15:22Z"}` |
//!
//! A key that begins with `$` has a second one before it: `$x` is written `$$x`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::wire::Malformed;
use crate::wire::plist::{Date, Dictionary, Value};

/// Nesting that is read; deeper is refused. Property lists themselves have 64 levels.
const DEPTH: usize = 64;

/// A property list value as JSON. It may be a password: `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tree(pub Json);

impl std::fmt::Debug for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<tree>")
    }
}

impl Tree {
    /// Writes a value.
    pub fn of(value: &Value) -> Self {
        Self(json(value))
    }

    /// Reads the value back.
    ///
    /// # Errors
    /// `null`, a number beyond 64 bits, an object with an unknown `$` key, data that is not base64, a date that is
    /// none, more than 64 levels.
    pub fn value(&self) -> Result<Value, Malformed> {
        value(&self.0, DEPTH)
    }
}

fn malformed(reason: impl Into<String>) -> Malformed {
    Malformed::new("api", reason)
}

fn json(value: &Value) -> Json {
    let typed = |name: &str, inside: Json| Json::Object(Map::from_iter([(name.to_owned(), inside)]));
    match value {
        Value::Array(items) => Json::Array(items.iter().map(json).collect()),
        Value::Dictionary(keys) => {
            let escaped = |key: &String| if key.starts_with('$') { format!("${key}") } else { key.clone() };
            Json::Object(keys.iter().map(|(key, value)| (escaped(key), json(value))).collect())
        }
        Value::Boolean(on) => Json::Bool(*on),
        Value::Integer(n) => match (n.as_signed(), n.as_unsigned()) {
            (Some(n), _) => Json::from(n),
            (None, n) => Json::from(n.unwrap_or_default()),
        },
        Value::Real(n) => typed(
            "$real",
            // JSON has no word for these.
            if n.is_finite() { Json::from(*n) } else { Json::from(n.to_string()) },
        ),
        Value::String(text) => Json::from(text.as_str()),
        Value::Data(bytes) => typed("$data", Json::from(STANDARD.encode(bytes))),
        Value::Date(date) => typed("$date", Json::from(date.to_xml_format())),
        // Keyed archives have UIDs, and profiles none.
        _ => Json::Null,
    }
}

fn value(json: &Json, depth: usize) -> Result<Value, Malformed> {
    let depth = depth.checked_sub(1).ok_or_else(|| malformed(format!("more than {DEPTH} levels")))?;
    Ok(match json {
        Json::Null => return Err(malformed("a property list has no null; take the key out instead")),
        Json::Bool(on) => Value::Boolean(*on),
        Json::Number(n) => match (n.as_i64(), n.as_u64(), n.as_f64()) {
            (Some(n), _, _) => Value::Integer(n.into()),
            (_, Some(n), _) => Value::Integer(n.into()),
            (_, _, Some(n)) => Value::Real(n),
            _ => return Err(malformed("a number that cannot be kept")),
        },
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => {
            Value::Array(items.iter().map(|item| value(item, depth)).collect::<Result<_, _>>()?)
        }
        Json::Object(keys) => match typed(keys)? {
            Some(typed) => typed,
            None => {
                let mut read = Dictionary::new();
                for (key, inside) in keys {
                    read.insert(key.strip_prefix('$').unwrap_or(key).to_owned(), value(inside, depth)?);
                }
                Value::Dictionary(read)
            }
        },
    })
}

/// The value of an object with one `$` key; none for a dictionary.
fn typed(keys: &Map<String, Json>) -> Result<Option<Value>, Malformed> {
    let Some(name) = keys.keys().find(|key| key.starts_with('$') && !key.starts_with("$$")) else {
        return Ok(None);
    };
    let inside = &keys[name];
    let value = match (name.as_str(), inside, keys.len()) {
        ("$data", Json::String(text), 1) => {
            let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            STANDARD.decode(bare).ok().map(Value::Data)
        }
        ("$date", Json::String(text), 1) => Date::from_xml_format(text).ok().map(Value::Date),
        ("$real", Json::Number(n), 1) => n.as_f64().map(Value::Real),
        ("$real", Json::String(text), 1) => text.parse().ok().map(Value::Real),
        _ => None,
    };
    value.map(Some).ok_or_else(|| {
        malformed("an object with a “$” key is {\"$data\": …}, {\"$date\": …} or {\"$real\": …}; a key that begins with $ is written with two")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_type_comes_back_as_it_was() {
        let mut inside = Dictionary::new();
        inside.insert("$ref".into(), Value::Boolean(true));
        inside.insert("plain".into(), Value::Integer(u64::MAX.into()));
        let date = Date::from_xml_format("2026-11-24T03:15:22Z").expect("a date");
        let all = Value::Array(vec![
            Value::String("$data".into()),
            Value::Real(1.0),
            Value::Real(f64::INFINITY),
            Value::Integer((-5).into()),
            Value::Data(vec![0, 255]),
            Value::Date(date),
            Value::Dictionary(inside),
            Value::Dictionary(Dictionary::new()),
        ]);
        assert_eq!(Tree::of(&all).value(), Ok(all));
    }

    #[test]
    fn what_no_property_list_says_is_refused() {
        for wrong in [
            json!(null),
            json!([null]),
            json!({"$data": "no base64!"}),
            json!({"$date": "yesterday"}),
            json!({"$real": "many"}),
            json!({"$xml": "<true/>"}),
            json!({"$data": "AAAA", "more": 1}),
        ] {
            assert!(Tree(wrong.clone()).value().is_err(), "{wrong}");
        }
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!([deep]);
        }
        assert!(Tree(deep).value().is_err());
        assert_eq!(Tree(json!(1.5)).value(), Ok(Value::Real(1.5)));
    }
}
