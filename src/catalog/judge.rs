//! Whether a value is legal.

use super::form::{Field, Key, Kind};
use super::pattern;
use crate::wire::plist::Value;

impl Key {
    /// Whether a value is legal for this key alone: type, allowed values, range, pattern, sort of text. Children are
    /// not looked at. The sentence says what is wrong and what would be right, and never repeats a secret.
    ///
    /// A whole number stands for a number with a fraction, as devices read it. A text with a variable (`%email%`) is
    /// judged by its type and the allowed values alone: what it becomes depends on the device.
    pub fn judge(&self, value: &Value) -> Result<(), String> {
        if !self.takes(value) {
            return Err(format!("must be {}, not {}", self.kind.words(), kind_of(value).words()));
        }
        // Some of Apple's defaults stand outside its own bounds (0 for never); devices take them all the same.
        if self.default.as_ref().is_some_and(|default| equal(default, value)) {
            return Ok(());
        }
        if !self.values.is_empty() && !self.values.iter().any(|legal| equal(legal, value)) {
            let legal: Vec<String> = self.values.iter().map(text).collect();
            return Err(match self.secret {
                true => format!("must be one of: {}", legal.join(", ")),
                false => format!("must be one of: {}; it is {}", legal.join(", "), shown(value)),
            });
        }
        if let Some(number) = number(value) {
            self.judge_number(number)?;
        }
        if let Some(items) = value.as_array() {
            self.judge_count(items.len())?;
        }
        match value.as_string() {
            Some(text) if !has_variable(text) => self.judge_text(text),
            _ => Ok(()),
        }
    }

    fn takes(&self, value: &Value) -> bool {
        let kind = kind_of(value);
        self.kind == Kind::Any || kind == self.kind || (self.kind == Kind::Real && kind == Kind::Integer)
    }

    fn judge_number(&self, number: f64) -> Result<(), String> {
        let Some(range) = self.range else { return Ok(()) };
        let low = range.min.is_some_and(|min| number < min);
        let high = range.max.is_some_and(|max| number > max);
        if !low && !high {
            return Ok(());
        }
        Err(match (range.min, range.max) {
            (Some(min), Some(max)) => format!("must be between {min} and {max}"),
            (Some(min), None) => format!("must be at least {min}"),
            (_, Some(max)) => format!("must be at most {max}"),
            (None, None) => return Ok(()),
        })
    }

    fn judge_count(&self, count: usize) -> Result<(), String> {
        let Some((fewest, most)) = self.repeats else { return Ok(()) };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if count >= fewest && most.is_none_or(|most| count <= most) {
            return Ok(());
        }
        Err(match most {
            Some(most) if most == fewest => format!("must have exactly {fewest} items, not {count}"),
            Some(most) => format!("must have {fewest} to {most} items, not {count}"),
            None => format!("must have at least {fewest} items, not {count}"),
        })
    }

    fn judge_text(&self, text: &str) -> Result<(), String> {
        if let Some(wanted) = &self.pattern
            && !pattern::matches(wanted, text)
        {
            let like = pattern::sample(wanted).unwrap_or_else(|| wanted.clone());
            return Err(format!("must look like {like}"));
        }
        match self.field.fault(text) {
            Some(fault) => Err(fault.to_owned()),
            None => Ok(()),
        }
    }
}

impl Kind {
    /// With its article, as in "must be a whole number".
    pub fn words(self) -> &'static str {
        match self {
            Kind::String => "a text",
            Kind::Integer => "a whole number",
            Kind::Real => "a number",
            Kind::Boolean => "true or false",
            Kind::Date => "a date",
            Kind::Data => "data",
            Kind::Array => "a list",
            Kind::Dictionary => "a dictionary",
            Kind::Any => "any value",
        }
    }
}

/// The kind of a value in a document.
pub fn kind_of(value: &Value) -> Kind {
    match value {
        Value::String(_) => Kind::String,
        Value::Integer(_) => Kind::Integer,
        Value::Real(_) => Kind::Real,
        Value::Boolean(_) => Kind::Boolean,
        Value::Date(_) => Kind::Date,
        Value::Data(_) => Kind::Data,
        Value::Array(_) => Kind::Array,
        Value::Dictionary(_) => Kind::Dictionary,
        _ => Kind::Any,
    }
}

impl Field {
    /// What is wrong with a text of this sort. Only what no device could use is wrong.
    fn fault(self, text: &str) -> Option<&'static str> {
        let blank = text.chars().any(|c| c.is_whitespace() || c.is_control());
        let bad = match self {
            Field::Url => blank || !has_scheme(text),
            Field::Email => {
                let sides = text.rsplit_once('@');
                blank || !sides.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
            }
            Field::Hostname => {
                let odd = |c: char| !(c.is_alphanumeric() || "-._:[]*%".contains(c));
                text.is_empty() || text.chars().any(odd)
            }
            Field::BundleId => {
                text.is_empty() || !text.chars().all(|c| c.is_ascii_alphanumeric() || "-._*".contains(c))
            }
            Field::Oid => {
                !text.split('.').all(|arc| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()))
            }
            Field::TeamId => text.len() != 10 || !text.bytes().all(|b| b.is_ascii_alphanumeric()),
            Field::Path | Field::CodeRequirement => text.is_empty(),
            // Apple's expressions know more than our engine, and a UUID of a payload is any text.
            Field::Plain
            | Field::Multiline
            | Field::Regexp
            | Field::Identity
            | Field::Certificate
            | Field::Payload => false,
        };
        bad.then_some(match self {
            Field::Url => "must be a web address with its scheme, as https://example.com/",
            Field::Email => "must be an email address, as ada@example.com",
            Field::Hostname => "must be a host name or an IP address, as example.com",
            Field::BundleId => "must be a bundle identifier, as com.example.app",
            Field::Oid => "must be an object identifier, as 1.2.840.113549",
            Field::TeamId => "must be a team identifier of ten letters and digits",
            _ => "must not be empty",
        })
    }
}

fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !rest.is_empty()
    })
}

/// Whether a text holds a variable: a name between two percent signs.
fn has_variable(text: &str) -> bool {
    text.split('%').skip(1).any(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    }) && text.matches('%').count() > 1
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(whole) => {
            whole.as_signed().map(|n| n as f64).or(whole.as_unsigned().map(|n| n as f64))
        }
        Value::Real(real) => Some(*real),
        _ => None,
    }
}

fn equal(a: &Value, b: &Value) -> bool {
    a == b || number(a).zip(number(b)).is_some_and(|(a, b)| a == b)
}

/// A plain value as a text, as [`Key::value_labels`] name it: `13`, `1.5`, `true`, `on`.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Integer(whole) => whole.to_string(),
        Value::Real(real) => real.to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Date(date) => date.to_xml_format(),
        Value::Data(bytes) => format!("{} bytes", bytes.len()),
        Value::Array(items) => format!("{} items", items.len()),
        Value::Dictionary(keys) => format!("{} keys", keys.len()),
        _ => String::new(),
    }
}

/// The value that was refused, short enough for a sentence.
fn shown(value: &Value) -> String {
    const MOST: usize = 40;
    let text = text(value);
    if text.is_empty() {
        return "empty".to_owned();
    }
    match text.char_indices().nth(MOST) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}
