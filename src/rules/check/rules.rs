//! Conditional rules of a form.

use super::Found;
use crate::catalog::{Form, Key, Kind, Rule};
use crate::model::document::Weight;
use crate::wire::plist::{Dictionary, Value};
use crate::wire::profile::Place;

/// Most dictionaries of one payload that a rule is asked of.
const INSTANCES_MAX: usize = 10_000;

/// Tells every rule of a form that does not hold in a payload (or in the general settings).
pub(super) fn hold(form: &Form, place: &Place, body: &Dictionary, found: &mut Found) {
    for rule in &form.rules {
        let within = rule.within.as_deref().unwrap_or_default();
        for (at, entries) in instances(form, within, place, body) {
            let scope = Scope { form, within, entries };
            if let Some(key) = scope.broken(rule) {
                let place = key.iter().fold(at, |at, part| at.then(part));
                found.put(place, Weight::Error, "profile.rule", rule.says.clone());
            }
        }
    }
}

/// Every dictionary that an address means: one, unless it leads through arrays.
fn instances<'a>(
    form: &Form,
    address: &[String],
    place: &Place,
    body: &'a Dictionary,
) -> Vec<(Place, &'a Dictionary)> {
    // Where each stands, how many names of the address lie behind it, and the value.
    let mut open: Vec<(Place, usize, &'a Value)> = Vec::new();
    let Some(first) = address.first() else { return vec![(place.clone(), body)] };
    open.extend(body.get(first).map(|value| (place.then(first), 1, value)));
    let mut found = Vec::new();
    while let Some((at, used, value)) = open.pop() {
        if found.len() > INSTANCES_MAX {
            break;
        }
        match value {
            Value::Array(items) => {
                // An address may name the item or stop at the array.
                let named = address.get(used).is_some_and(|name| {
                    form.at(&address[..used])
                        .and_then(|array| form.keys_of(array).first())
                        .is_some_and(|item| item.name == *name)
                });
                let used = used + usize::from(named);
                open.extend(
                    items.iter().enumerate().rev().map(|(n, item)| (at.then(n.to_string()), used, item)),
                );
            }
            Value::Dictionary(entries) => match address.get(used) {
                None => found.push((at, entries)),
                Some(name) if name.starts_with("ANY") => {
                    let from = open.len();
                    open.extend(entries.iter().map(|(key, value)| (at.then(key), used + 1, value)));
                    open[from..].reverse();
                }
                Some(name) => open.extend(entries.get(name).map(|value| (at.then(name), used + 1, value))),
            },
            _ => {}
        }
    }
    found
}

/// The dictionary that a rule is asked of.
struct Scope<'a> {
    form: &'a Form,
    within: &'a [String],
    entries: &'a Dictionary,
}

impl Scope<'_> {
    /// Where a rule does not hold: the address of the key that a person would look at. None if it holds.
    fn broken<'r>(&self, rule: &'r Rule) -> Option<&'r [String]> {
        if !rule.when.iter().all(|(address, values)| self.has(address, values)) {
            return None;
        }
        if let Some(needed) = rule.needs.iter().find(|address| !self.is_set(address)) {
            return Some(needed);
        }
        if let Some(forbidden) = rule.forbids.iter().find(|address| self.is_set(address)) {
            return Some(forbidden);
        }
        let none = !rule.one_of.is_empty() && !rule.one_of.iter().any(|address| self.is_set(address));
        rule.one_of.first().filter(|_| none).map(Vec::as_slice)
    }

    fn is_set(&self, address: &[String]) -> bool {
        !self.values(address).is_empty()
    }

    /// Whether a key has one of the values; without values, whether it is set. Not set, its default counts.
    fn has(&self, address: &[String], values: &[Value]) -> bool {
        let there = self.values(address);
        if values.is_empty() {
            return !there.is_empty();
        }
        if there.is_empty() {
            let default = self.key(address).and_then(|key| key.default.as_ref());
            return default.is_some_and(|default| values.iter().any(|value| alike(value, default)));
        }
        there.iter().any(|there| values.iter().any(|value| alike(value, there)))
    }

    fn key(&self, address: &[String]) -> Option<&Key> {
        let whole: Vec<&String> = self.within.iter().chain(address).collect();
        self.form.at(&whole)
    }

    /// The values that an address means here; several where it leads through arrays.
    fn values(&self, address: &[String]) -> Vec<&Value> {
        let Some((first, rest)) = address.split_first() else { return Vec::new() };
        let mut there: Vec<&Value> = self.entries.get(first).into_iter().collect();
        for (at, name) in rest.iter().enumerate() {
            let array = self.key(&address[..=at]).is_some_and(|key| key.kind == Kind::Array);
            there = there
                .into_iter()
                .flat_map(|value| match value {
                    Value::Array(items) if array => items.iter().collect(),
                    Value::Dictionary(entries) => entries.get(name).into_iter().collect(),
                    _ => Vec::new(),
                })
                .take(INSTANCES_MAX)
                .collect();
        }
        there
    }
}

/// A whole number stands for the same number with a fraction.
fn alike(a: &Value, b: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Integer(n) => n.as_signed().map(|n| n as f64),
        Value::Real(n) => Some(*n),
        _ => None,
    };
    a == b || matches!((number(a), number(b)), (Some(a), Some(b)) if a == b)
}
