//! From a value to its control.

use super::bench::{Bench, Sort, Spot, name};
use super::facts;
use crate::catalog::{Field, Key, Kind};
use crate::model::document::Weight;
use crate::rules::entry;
use crate::views::admin::editor::{Choice, Control, Item, Line};
use crate::views::words;
use crate::wire::plist::{Dictionary, Value};

/// Choices that are shown at once; more become a menu.
const RADIOS: usize = 4;

impl Bench<'_> {
    /// The text that a control shows for a value; what comes back the same was not touched.
    pub(super) fn shown(&self, spot: &Spot<'_>) -> String {
        match (spot.sort, spot.value) {
            (Sort::Secret | Sort::Sealed | Sort::File, _) | (_, None) => String::new(),
            (Sort::Raw, Some(value)) => entry::xml(value),
            (Sort::Moment, Some(Value::Date(date))) => {
                date.to_xml_format().split(['Z', '.']).next().unwrap_or_default().to_owned()
            }
            (_, Some(value)) => entry::write(value),
        }
    }

    /// The items that a list shows.
    pub(super) fn shown_items(&self, spot: &Spot<'_>) -> Vec<String> {
        let items = spot.value.and_then(Value::as_array);
        items.map(|all| all.iter().map(entry::write).collect()).unwrap_or_default()
    }

    /// The control of a spot. Dictionaries and tables are made by whoever makes rows.
    pub(super) fn control(&self, spot: &Spot<'_>) -> Control {
        let said = self.typed.said.get(&spot.text);
        let text = said.and_then(|s| s.first().cloned()).unwrap_or_else(|| self.shown(spot));
        let items = said.cloned().unwrap_or_else(|| self.shown_items(spot));
        match spot.sort {
            Sort::Bool => {
                let states = spot.key.and_then(|k| k.states.clone());
                let (on, off) = states.unwrap_or_else(|| ("On".into(), "Off".into()));
                let choice = |value: &str, label: String| Choice {
                    chosen: text == value,
                    value: value.into(),
                    label,
                    raw: None,
                };
                Control::Radios(vec![choice("true", on), choice("false", off)])
            }
            Sort::Choice => {
                let choices = self.choices(spot.key, std::slice::from_ref(&text));
                if choices.len() <= RADIOS && !spot.key.is_some_and(|k| is_reference(k.field)) {
                    Control::Radios(choices)
                } else {
                    Control::Select(choices)
                }
            }
            Sort::Ticks => Control::Ticks(self.choices(self.item(spot.key), &items)),
            Sort::List => Control::List { inputmode: self.item(spot.key).and_then(inputmode), items },
            Sort::Line => Control::Line(self.line(spot, text)),
            Sort::Text => Control::Text { value: text, code: false, hint: String::new() },
            Sort::Raw => {
                Control::Text { value: text, code: true, hint: "A value of a property list, as XML.".into() }
            }
            Sort::Sealed => Control::Text {
                value: text,
                code: true,
                hint: "It holds secrets and is not shown. What you write here, as XML, replaces all of it."
                    .into(),
            },
            Sort::Secret => {
                Control::Secret { set: spot.value.filter(|v| !is_empty(v)).map(|_| self.set_by(spot)) }
            }
            Sort::File => {
                let bytes = spot.value.and_then(Value::as_data).unwrap_or_default();
                let secret = self.secret.contains(&spot.text);
                let mut holds = facts::file(bytes, secret);
                if secret && !bytes.is_empty() {
                    holds.push(("Secret".into(), self.set_by(spot)));
                }
                Control::File { holds }
            }
            Sort::Moment => Control::Moment { value: text },
            Sort::Table | Sort::Group => Control::Inside { summary: self.count(spot.value) },
        }
    }

    fn set_by(&self, spot: &Spot<'_>) -> String {
        match self.stamp(&spot.path) {
            Some(stamp) => format!("Set on {} by {}.", words::date(stamp.at), stamp.by),
            None => "Set.".into(),
        }
    }

    /// Allowed values, those that are chosen marked. What is there and not allowed stays to be chosen.
    fn choices(&self, key: Option<&Key>, chosen: &[String]) -> Vec<Choice> {
        let Some(key) = key else { return Vec::new() };
        let mut out: Vec<Choice> = Vec::new();
        for value in &key.values {
            let text = entry::write(value);
            let label = key.value_labels.iter().find(|(v, _)| *v == text).map(|(_, label)| label.clone());
            out.push(Choice {
                chosen: chosen.contains(&text),
                raw: label.as_ref().filter(|label| !label.eq_ignore_ascii_case(&text)).map(|_| text.clone()),
                label: label.unwrap_or_else(|| text.clone()),
                value: text,
            });
        }
        for (uuid, label) in self.candidates(key.field) {
            let chosen = chosen.iter().any(|c| c.eq_ignore_ascii_case(&uuid));
            out.push(Choice { chosen, value: uuid, label, raw: None });
        }
        for text in chosen.iter().filter(|c| !c.is_empty()) {
            if !out.iter().any(|c| c.value.eq_ignore_ascii_case(text)) {
                let label = if is_reference(key.field) { "Not in this profile" } else { "Other" };
                out.push(Choice {
                    value: text.clone(),
                    label: format!("{label}: {text}"),
                    raw: None,
                    chosen: true,
                });
            }
        }
        out
    }

    fn line(&self, spot: &Spot<'_>, value: String) -> Line {
        let key = spot.reader();
        let mut hint = facts::bounds(&key, spot.value);
        if is_reference(key.field) {
            hint = match key.field {
                Field::Identity => {
                    "No identity in this profile yet: add a certificate with its key, SCEP or ACME first."
                }
                Field::Certificate => "No certificate in this profile yet: add one first.",
                _ => "The UUID of a payload.",
            }
            .into();
        }
        Line {
            kind: "text",
            value,
            inputmode: inputmode(&key),
            unit: key.unit.clone().unwrap_or_default(),
            hint,
        }
    }

    /// How much is in a dictionary or a list.
    pub(super) fn count(&self, value: Option<&Value>) -> String {
        match value {
            Some(Value::Dictionary(d)) if !d.is_empty() => {
                words::count(d.len() as u64, "setting", "settings")
            }
            Some(Value::Array(a)) if !a.is_empty() => words::count(a.len() as u64, "item", "items"),
            _ => "Nothing is set in it.".into(),
        }
    }

    /// The items of an array as a table.
    pub(super) fn table(&self, spot: &Spot<'_>) -> Control {
        let item = self.item(spot.key);
        let all = spot.value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let items = all
            .iter()
            .enumerate()
            .map(|(n, value)| {
                let at = self.spot(spot.path.then(n.to_string()));
                let below = format!("{}/", at.text);
                let bad = self.findings.iter().zip(&self.found_at).any(|(f, path)| {
                    f.weight == Weight::Error && (*path == at.text || path.starts_with(&below))
                });
                Item { summary: self.summary(&at, value, n), mark: self.mark(&at), path: at.text, bad }
            })
            .collect();
        let one = item.map(|k| k.label.to_lowercase()).filter(|l| !l.is_empty() && l.len() < 24);
        Control::Table { items, one: one.unwrap_or_else(|| "item".into()) }
    }

    fn summary(&self, at: &Spot<'_>, value: &Value, n: usize) -> String {
        let told = match value {
            Value::Dictionary(d) => self.told(at, d),
            Value::Array(a) if a.iter().all(|v| v.as_string().is_some()) && !self.holds_secrets(&at.text) => {
                a.iter().filter_map(Value::as_string).take(4).collect::<Vec<_>>().join(" = ")
            }
            Value::Array(_) => self.count(Some(value)),
            Value::Data(bytes) => facts::file(bytes, self.secret.contains(&at.text))
                .first()
                .map_or(String::new(), |(_, size)| size.clone()),
            value => entry::show(at.key, value),
        };
        if told.is_empty() { format!("Item {}", n + 1) } else { told.chars().take(160).collect() }
    }

    /// The first few things that a dictionary says and that are no secret: texts that people chose before others.
    fn told(&self, at: &Spot<'_>, d: &Dictionary) -> String {
        if let Some(name) = name(d) {
            return name.to_owned();
        }
        let (mut names, mut rest) = (Vec::new(), Vec::new());
        self.tell(at, d, &mut names, &mut rest, 0);
        names.append(&mut rest);
        names.truncate(3);
        names.join(", ")
    }

    fn tell(&self, at: &Spot<'_>, d: &Dictionary, names: &mut Vec<String>, rest: &mut Vec<String>, deep: u8) {
        for (key, value) in d {
            let spot = self.spot(at.path.then(key.as_str()));
            let secret = spot.sort == Sort::Secret || self.secret.contains(&spot.text);
            match value {
                Value::Dictionary(inner) if deep == 0 => self.tell(&spot, inner, names, rest, 1),
                _ if secret || is_empty(value) => {}
                Value::String(_) => {
                    let said = entry::show(spot.key, value);
                    let chosen = spot.key.is_some_and(|k| !k.values.is_empty());
                    if chosen { rest.push(said) } else { names.push(said) }
                }
                Value::Integer(_) | Value::Boolean(_) | Value::Real(_) if deep == 0 => {
                    let label = spot.key.map_or(key.as_str(), |k| k.label.as_str());
                    rest.push(format!("{label}: {}", entry::show(spot.key, value)));
                }
                _ => {}
            }
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(s) => s.is_empty(),
        Value::Data(d) => d.is_empty(),
        _ => false,
    }
}

/// A text that names another payload.
pub(super) fn is_reference(field: Field) -> bool {
    matches!(field, Field::Identity | Field::Certificate | Field::Payload)
}

fn inputmode(key: &Key) -> Option<&'static str> {
    // Keypads for numbers have no minus sign.
    let negative = key.range.and_then(|r| r.min).is_none_or(|min| min < 0.0) && key.range.is_some();
    match (key.kind, key.field) {
        (Kind::Integer, _) if !negative => Some("numeric"),
        (Kind::Real, _) if !negative => Some("decimal"),
        (_, Field::Url | Field::Hostname) => Some("url"),
        (_, Field::Email) => Some("email"),
        _ => None,
    }
}
