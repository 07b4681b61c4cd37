//! Between a value and what a person types and reads.

mod parse;
mod show;

pub use parse::{file, fragment, line_of, parse};
pub use show::{certificate, show};

use crate::catalog::{Key, Kind};
use crate::wire::plist::{self, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The text that [`parse`] reads back as this value, for a key of the value's own kind: text and numbers as they are,
/// `true` and `false`, dates as RFC 3339, data in base64, arrays of plain values one a line; whatever else as a
/// fragment of an XML property list.
pub fn write(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => format!("{number:?}"),
        Value::Boolean(on) => on.to_string(),
        Value::Date(date) => whole_seconds(&date.to_xml_format()),
        Value::Data(bytes) => STANDARD.encode(bytes),
        Value::Array(items) => lines(items).unwrap_or_else(|| xml(value)),
        value => xml(value),
    }
}

/// What goes into the control of a key, so that [`parse`] reads back the very same value whatever its type: a value of
/// another type than the key's is written as a fragment.
pub fn text(key: Option<&Key>, value: &Value) -> String {
    let Some(key) = key else { return xml(value) };
    let own = match (key.kind, value) {
        (Kind::String, Value::String(_))
        | (Kind::Integer, Value::Integer(_))
        | (Kind::Real, Value::Real(_))
        | (Kind::Boolean, Value::Boolean(_))
        | (Kind::Date, Value::Date(_))
        | (Kind::Data, Value::Data(_)) => true,
        (Kind::Any, Value::String(text)) => is_plain(text),
        (Kind::Array, Value::Array(items)) => match key.keys.first() {
            Some(item) => items.iter().all(|value| {
                matches!(
                    (item.kind, value),
                    (Kind::String, Value::String(_))
                        | (Kind::Integer, Value::Integer(_))
                        | (Kind::Real, Value::Real(_))
                        | (Kind::Boolean, Value::Boolean(_))
                        | (Kind::Date, Value::Date(_))
                        | (Kind::Data, Value::Data(_))
                )
            }),
            None => false,
        },
        _ => false,
    };
    if own { write(value) } else { xml(value) }
}

/// The value as a fragment of an XML property list, indented.
pub fn xml(value: &Value) -> String {
    plist::to_fragment(value)
}

/// Whether a text comes back from a form as it is: forms turn line ends, and what begins like a fragment is one.
fn is_plain(text: &str) -> bool {
    !text.contains('\r') && !text.trim_start().starts_with('<')
}

/// Plain values one a line, if they are all of one kind and fit on lines.
fn lines(items: &[Value]) -> Option<String> {
    let kind = std::mem::discriminant::<Value>;
    if items.windows(2).any(|pair| kind(&pair[0]) != kind(&pair[1])) {
        return None;
    }
    let line = |item: &Value| match item {
        Value::Array(_) | Value::Dictionary(_) => None,
        item => Some(write(item)).filter(|line| {
            !line.is_empty() && !line.contains('\n') && line.trim() == line && !line.starts_with('<')
        }),
    };
    items.iter().map(line).collect::<Option<Vec<_>>>().map(|lines| lines.join("\n"))
}

/// Property lists keep whole seconds.
fn whole_seconds(date: &str) -> String {
    format!("{}Z", date.split(['.', 'Z']).next().unwrap_or_default())
}
