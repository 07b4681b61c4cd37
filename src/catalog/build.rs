//! Facts and words become forms.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::Availability;
use super::facts::{Entry, Fact};
use super::form::{Combine, Field, Form, Key, Kind, Range, Rule};
use super::inherit::{below, within};
use super::labels::{Speller, part};
use super::words::{FormWords, KeyWords, Lookup, RuleWords, Words};
use crate::wire::plist::Value;

/// Written by the server alone.
const INTERNAL: &[&str] = &["com.apple.mdm", "com.apple.declarations"];

/// Makes forms.
pub(super) struct Builder<'a> {
    pub(super) words: &'a Words,
    speller: Speller<'a>,
}

/// What the keys of a form have in common.
struct Scope<'a> {
    lookup: Lookup<'a>,
    /// Borrowed keys exist where the borrowing form exists, and not where they came from.
    bound: Option<&'a Availability>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(words: &'a Words) -> Self {
        Self { words, speller: Speller::new(&words.glossary) }
    }

    /// A form with its own keys.
    pub(super) fn form(&self, mut entry: Entry, category: &str, plain_label: Option<&str>) -> Form {
        let id = entry.id().to_owned();
        let words = self.words.forms.get(&id);
        if let Some(adds) = words.map(|words| &words.adds) {
            let free =
                entry.keys.iter().position(|fact| fact.k.starts_with("ANY")).unwrap_or(entry.keys.len());
            entry.keys.splice(free..free, adds.iter().cloned());
        }
        let availability = below(&Availability::default(), &entry.os);
        let scope = Scope { lookup: Lookup::new(words), bound: None };
        let keys = self.keys(entry.keys, &availability, &mut String::new(), &scope);
        let label = words.and_then(|words| words.label.clone()).or_else(|| plain_label.map(str::to_owned));
        let mut form = Form {
            label: label.unwrap_or_else(|| self.speller.form(&entry.n, &entry.kind)),
            help: words.and_then(|words| words.help.clone()),
            category: category.to_owned(),
            synonyms: words.map(|words| words.synonyms.clone()).unwrap_or_default(),
            availability,
            keys,
            rules: Vec::new(),
            combine: (entry.apply.as_deref() == Some("single")).then_some(Combine::First),
            internal: INTERNAL.contains(&id.as_str()),
            release: entry.rel,
            payload_type: entry.kind,
            id,
        };
        form.rules = words.map(|words| rules_of(&form, words)).unwrap_or_default();
        form
    }

    /// Keys that are not the payload's, as the answer to a command.
    pub(super) fn loose(&self, facts: Vec<Fact>, availability: &Availability) -> Vec<Key> {
        let scope = Scope { lookup: Lookup::new(None), bound: None };
        self.keys(facts, availability, &mut String::new(), &scope)
    }

    /// The keys that a form takes from another: its own words for them come first, then those that they have there.
    /// None for a form that borrows nothing.
    pub(super) fn borrowed(&self, into: &Entry, entries: &HashMap<String, Entry>) -> Vec<Key> {
        let words = self.words.forms.get(into.id());
        let Some(borrows) = words.and_then(|words| words.borrows.as_ref()) else { return Vec::new() };
        let Some(from) = entries.get(&borrows.from) else { return Vec::new() };
        let systems = below(&Availability::default(), &into.os);
        let lookup = Lookup::new(words).over(Lookup::new(self.words.forms.get(from.id())));
        let scope = Scope { lookup, bound: Some(&systems) };
        let facts = borrows.keys.iter().filter_map(|name| from.keys.iter().find(|fact| fact.k == *name));
        self.keys(facts.cloned().collect(), &systems, &mut String::new(), &scope)
    }

    fn keys(
        &self,
        facts: Vec<Fact>,
        parent: &Availability,
        address: &mut String,
        scope: &Scope<'_>,
    ) -> Vec<Key> {
        let mut written = Vec::with_capacity(facts.len());
        let mut keys: Vec<Key> = Vec::with_capacity(facts.len());
        for fact in facts {
            let (key, by_hand) = self.key(fact, parent, address, scope);
            written.push(by_hand);
            keys.push(key);
        }
        self.tell_apart(&mut keys, &written);
        keys
    }

    /// Siblings that would be called the same get labels from their names, and at last their names.
    fn tell_apart(&self, keys: &mut [Key], written: &[bool]) {
        if written.iter().all(|by_hand| *by_hand) {
            return;
        }
        for last in [false, true] {
            let labels: Vec<String> = keys.iter().map(|key| key.label.to_lowercase()).collect();
            for (at, key) in keys.iter_mut().enumerate() {
                let twin =
                    labels.iter().enumerate().any(|(other, label)| other != at && *label == labels[at]);
                if twin && !written[at] {
                    let derived = self.speller.derive(&key.name);
                    key.label = if last { format!("{derived} ({})", key.name) } else { derived };
                }
            }
        }
    }

    fn key(
        &self,
        mut fact: Fact,
        parent: &Availability,
        address: &mut String,
        scope: &Scope<'_>,
    ) -> (Key, bool) {
        let mut availability = below(parent, &fact.os);
        if let Some(bound) = scope.bound {
            within(&mut availability, bound);
        }
        let parent = address.len();
        if parent > 0 {
            address.push('/');
        }
        address.push_str(&fact.k);
        let words = scope.lookup.of(address);
        // How often an item stands in its list is said of the item.
        let repeats = fact.keys.first().and_then(|item| item.rep).filter(|_| fact.t == "array");
        let children = std::mem::take(&mut fact.keys);
        let keys = self.keys(children, &availability, address, scope);
        address.truncate(parent);
        let kind = kind(&fact.t);
        let (values, range) = bounds(kind, &fact);
        let none = KeyWords::default();
        let said = words.unwrap_or(&none);
        let key = Key {
            label: said.label.clone().unwrap_or_else(|| {
                let title = fact.n.as_deref().and_then(|title| self.speller.title(title, &fact.k));
                title.unwrap_or_else(|| self.speller.derive(&fact.k))
            }),
            help: said.help.clone(),
            required: fact.req == Some(1) && said.required != Some(false),
            default: fact.def.as_ref().and_then(|value| value_of(kind, value)),
            values,
            value_labels: said
                .values
                .iter()
                .filter_map(|(raw, label)| Some((raw.clone(), label.as_str()?.to_owned())))
                .collect(),
            states: said.on.clone().zip(said.off.clone()),
            range,
            repeats: repeats.map(|rep| (rep.min.unwrap_or(0.0) as u32, rep.max.map(|most| most as u32))),
            field: field(fact.sub.as_deref(), said),
            pattern: fact.re,
            secret: said.secret || sounds_secret(kind, &fact.k),
            unit: said.unit.clone(),
            example: said.example.clone(),
            synonyms: said.synonyms.clone(),
            section: said.section.clone(),
            needed: said.needed.clone(),
            replaced_by: said.replaced_by.clone(),
            combine: fact.comb.as_deref().and_then(combine),
            availability,
            keys,
            same: fact.same.map(|path| part(&path)),
            kind,
            name: fact.k,
        };
        (key, said.label.is_some())
    }
}

/// Allowed values and range. A number beside a range (0 for never, or 1 to 180) widens the range: the list alone
/// would forbid all of it.
fn bounds(kind: Kind, fact: &Fact) -> (Vec<Value>, Option<Range>) {
    let values = fact.vals.iter().filter_map(|value| value_of(kind, value)).collect();
    match fact.range {
        Some(range) if !fact.vals.is_empty() => {
            let extra = fact.vals.iter().filter_map(Json::as_f64);
            let widen = |bound: Option<f64>, choose: fn(f64, f64) -> f64| {
                bound.map(|bound| extra.clone().fold(bound, choose))
            };
            (Vec::new(), Some(Range { min: widen(range.min, f64::min), max: widen(range.max, f64::max) }))
        }
        Some(range) => (values, Some(Range { min: range.min, max: range.max })),
        None => (values, None),
    }
}

fn kind(name: &str) -> Kind {
    match name {
        "string" => Kind::String,
        "integer" => Kind::Integer,
        "real" => Kind::Real,
        "boolean" => Kind::Boolean,
        "date" => Kind::Date,
        "data" => Kind::Data,
        "array" => Kind::Array,
        "dictionary" => Kind::Dictionary,
        _ => Kind::Any,
    }
}

pub(super) fn combine(name: &str) -> Option<Combine> {
    Some(match name {
        "boolean-or" => Combine::Or,
        "boolean-and" => Combine::And,
        "number-min" => Combine::Min,
        "number-max" => Combine::Max,
        "set-union" => Combine::Union,
        "set-intersection" => Combine::Intersection,
        "array-append" => Combine::Append,
        "first" => Combine::First,
        "enum-first" | "enum-lowest" => Combine::EnumLowest,
        "enum-last" | "enum-highest" => Combine::EnumHighest,
        _ => return None,
    })
}

/// A value of the facts or the words as the kind has it in a property list.
pub(super) fn value_of(kind: Kind, json: &Json) -> Option<Value> {
    Some(match (kind, json) {
        (Kind::Real, Json::Number(number)) => Value::Real(number.as_f64()?),
        (_, Json::Number(number)) => match number.as_i64() {
            Some(whole) => Value::Integer(whole.into()),
            None => Value::Real(number.as_f64()?),
        },
        (_, Json::Bool(yes)) => Value::Boolean(*yes),
        (_, Json::String(text)) => Value::String(text.clone()),
        (_, Json::Array(items)) => {
            Value::Array(items.iter().filter_map(|item| value_of(Kind::Any, item)).collect())
        }
        (_, Json::Object(_) | Json::Null) => return None,
    })
}

fn field(sub: Option<&str>, words: &KeyWords) -> Field {
    let said = words.format.as_deref().or(sub);
    match said {
        Some("url") => Field::Url,
        Some("email") => Field::Email,
        Some("hostname") => Field::Hostname,
        Some("bundle-id") => Field::BundleId,
        Some("regexp") => Field::Regexp,
        Some("oid") => Field::Oid,
        Some("path") => Field::Path,
        Some("multiline") => Field::Multiline,
        Some("team-id") => Field::TeamId,
        Some("code-requirement") => Field::CodeRequirement,
        Some("uuid-of-certificate") => match words.refers.as_deref() {
            Some("identity") => Field::Identity,
            Some("certificate") => Field::Certificate,
            _ => Field::Payload,
        },
        _ => Field::Plain,
    }
}

/// Texts whose very name says that they are secret, in case that no words say so.
fn sounds_secret(kind: Kind, name: &str) -> bool {
    let name = name.to_lowercase();
    matches!(kind, Kind::String | Kind::Data)
        && ["password", "passphrase", "sharedsecret", "passcode", "challenge", "privatekey"]
            .iter()
            .any(|end| name.ends_with(end))
}

fn rules_of(form: &Form, words: &FormWords) -> Vec<Rule> {
    words.rules.iter().map(|rule| rule_of(form, rule)).collect()
}

fn rule_of(form: &Form, words: &RuleWords) -> Rule {
    let within = words.within.as_deref().map(part);
    let addresses = |list: &[String]| list.iter().map(|address| part(address)).collect();
    let mut when: Vec<_> = words
        .when
        .iter()
        .map(|(address, values)| {
            let address = part(address);
            let full: Vec<&String> = within.iter().flatten().chain(&address).collect();
            let kind = form.at(&full).map_or(Kind::Any, |key| key.kind);
            let values = values.as_array().map_or(&[][..], Vec::as_slice);
            let values = values.iter().filter_map(|value| value_of(kind, value)).collect();
            (address, values)
        })
        .collect();
    when.extend(words.if_set.iter().map(|address| (part(address), Vec::new())));
    Rule {
        when,
        needs: addresses(&words.needs),
        forbids: addresses(&words.forbids),
        one_of: addresses(&words.one_of),
        says: words.says.clone(),
        within,
    }
}
