//! Legal and illegal values for every key.

use super::form::{Field, Form, Key, Kind};
use super::pattern;
use crate::wire::plist::{Date, Dictionary, Value};

/// Recursion is followed this often, so that a sample holds a folder in a folder and then ends.
const ROUNDS: u8 = 1;

impl Form {
    /// A payload body with every key set to a legal value. Rules between keys are not looked at: some keys exclude
    /// each other.
    pub fn sample(&self) -> Dictionary {
        self.keys.iter().map(|key| (key.sample_name(), key.sample(self))).collect()
    }
}

impl Key {
    /// A legal value, children included: for tests, and for the first value of a row.
    pub fn sample(&self, form: &Form) -> Value {
        self.fill(form, 0)
    }

    /// The name of the key in a sample: a free key needs one.
    pub fn sample_name(&self) -> String {
        if self.is_free() { "example".to_owned() } else { self.name.clone() }
    }

    fn fill(&self, form: &Form, rounds: u8) -> Value {
        let rounds = rounds + u8::from(self.same.is_some());
        let keys = form.keys_of(self);
        match self.kind {
            Kind::Dictionary => Value::Dictionary(
                keys.iter().map(|key| (key.sample_name(), key.fill(form, rounds))).collect(),
            ),
            Kind::Array => {
                let ends = |item: &&Key| rounds < ROUNDS || (item.same.is_none() && rounds == ROUNDS);
                let count = self.repeats.map_or(1, |(fewest, _)| fewest.max(1));
                let item = keys.first().filter(|item| self.repeats.is_some() || ends(item));
                Value::Array((0..count).filter_map(|_| item.map(|item| item.fill(form, rounds))).collect())
            }
            _ => self.plain(),
        }
    }

    fn plain(&self) -> Value {
        if let Some(first) = self.values.first() {
            return first.clone();
        }
        match self.kind {
            Kind::Integer => Value::Integer((self.bounded() as i64).into()),
            Kind::Real => Value::Real(self.bounded()),
            Kind::Boolean => Value::Boolean(true),
            Kind::Date => {
                Date::from_xml_format("2026-01-01T09:00:00Z").map_or_else(|_| "".into(), Value::Date)
            }
            Kind::Data => Value::Data(b"sample".to_vec()),
            _ => Value::String(self.sample_text()),
        }
    }

    /// The default, else the number of the range that is nearest to 1.
    fn bounded(&self) -> f64 {
        let default = match &self.default {
            Some(Value::Integer(whole)) => whole.as_signed().map(|n| n as f64),
            Some(Value::Real(real)) => Some(*real),
            _ => None,
        };
        let (min, max) = self.range.map_or((None, None), |range| (range.min, range.max));
        default.unwrap_or_else(|| 1.0_f64.max(min.unwrap_or(f64::MIN)).min(max.unwrap_or(f64::MAX)))
    }

    fn sample_text(&self) -> String {
        if let Some(text) = self.pattern.as_deref().and_then(pattern::sample) {
            return text;
        }
        match &self.example {
            Some(example) if self.judge(&Value::String(example.clone())).is_ok() => example.clone(),
            _ => self.field.sample().to_owned(),
        }
    }

    /// Illegal values, the most telling first, each with words that stand in the sentence of [`Key::judge`]. Empty
    /// for a key that takes any value.
    pub fn bad_samples(&self) -> Vec<(Value, &'static str)> {
        let mut out = Vec::new();
        if !self.values.is_empty() {
            let text = || Some(Value::String("no such value".to_owned()));
            let other = match self.kind {
                Kind::String | Kind::Any => text(),
                Kind::Integer => Some(Value::Integer(987_654_321.into())),
                Kind::Real => Some(Value::Real(987_654_321.5)),
                Kind::Boolean => {
                    [true, false].map(Value::Boolean).into_iter().find(|b| !self.values.contains(b))
                }
                _ => None,
            };
            out.extend(other.map(|value| (value, "must be one of")));
        } else if let Some(range) = self.range {
            let whole = |number: f64| match self.kind {
                Kind::Integer => Value::Integer((number as i64).into()),
                _ => Value::Real(number),
            };
            out.extend(range.min.map(|min| (whole(min - 1.0), "must be")));
            out.extend(range.max.map(|max| (whole(max + 1.0), "must be")));
        }
        if let Some((_, most)) = self.repeats {
            let count = most.map_or(0, |most| most as usize + 1);
            out.push((Value::Array(vec![Value::String("text".to_owned()); count]), "items"));
        }
        if self.pattern.is_some() {
            out.push((Value::String("?".to_owned()), "must look like"));
        }
        if self.field.refuses_blanks() && self.values.is_empty() && self.pattern.is_none() {
            out.push((Value::String("not / this".to_owned()), "must be a"));
        }
        if self.kind != Kind::Any {
            let wrong = match self.kind {
                Kind::String => Value::Boolean(true),
                _ => Value::String("text".to_owned()),
            };
            out.push((wrong, "must be"));
        }
        out.retain(|(value, _)| self.default.as_ref() != Some(value));
        out
    }

    /// The most telling illegal value and words that stand in the refusal; none for a key that takes any value.
    pub fn bad_sample(&self) -> Option<(Value, &'static str)> {
        self.bad_samples().into_iter().next()
    }
}

impl Field {
    fn sample(self) -> &'static str {
        match self {
            Field::Url => "https://example.com/",
            Field::Email => "ada@example.com",
            Field::Hostname => "example.com",
            Field::BundleId => "com.example.app",
            Field::Regexp => ".*",
            Field::Oid => "1.2.840.113549",
            Field::Path => "/Library/Example",
            Field::TeamId => "ABCDE12345",
            Field::CodeRequirement => "anchor apple",
            Field::Identity | Field::Certificate | Field::Payload => "7A4E9D0C-3B51-4C62-9E0F-5A1D2B3C4D5E",
            Field::Plain | Field::Multiline => "text",
        }
    }

    fn refuses_blanks(self) -> bool {
        matches!(
            self,
            Field::Url | Field::Email | Field::Hostname | Field::BundleId | Field::Oid | Field::TeamId
        )
    }
}
