//! Legal payloads of a form in which, taken together, every key is set.
//!
//! Rules of a form exclude each other's keys, so one payload rarely can hold them all. From the sample with everything
//! in it, keys are taken out or given other legal values until nothing is found wrong; what is left out is wanted in the
//! next payload.

use std::collections::BTreeSet;

use pomona::catalog::{Form, Key, Kind, Rule};
use pomona::model::document::{Change, Finding, Weight};
use pomona::rules::{check, document};
use pomona::wire::plist::{Dictionary, Value};
use pomona::wire::profile::{Document, Place};

/// Payloads of one form at most.
const MOST: usize = 40;
const UUID: &str = "0B1E7A00-0000-4000-8000-000000000001";

/// The way to a key in a sample: items of arrays are first ones, free keys have the name of samples.
pub fn way(form: &Form, address: &[&str]) -> Vec<String> {
    let mut way = Vec::new();
    for (depth, name) in address.iter().enumerate() {
        let of_array = form.at(&address[..depth]).is_some_and(|key| key.kind == Kind::Array);
        let key = form.at(&address[..=depth]).expect("a key of the form");
        way.push(if of_array {
            "0".to_owned()
        } else if key.is_free() {
            key.sample_name()
        } else {
            (*name).to_owned()
        });
    }
    way
}

/// Every key of a form, with its way in a sample.
pub fn keys(form: &Form) -> Vec<(Vec<String>, &Key)> {
    let mut keys = Vec::new();
    form.walk(&mut |address, key| keys.push((way(form, address), key)));
    keys
}

/// A profile with one payload of this form, and the place of that payload.
pub fn document_with(form: &Form, body: &Dictionary) -> (Document, Place) {
    let mut document = Document::new("org.example.sweep", "0B1E7A00-0000-4000-8000-000000000000", "Sweep");
    let add = Change::AddPayload { form: form.id.clone(), uuid: UUID.into(), starts: Vec::new() };
    document::apply(&mut document, &add).unwrap_or_else(|e| panic!("{}: {}", form.id, e.said));
    let Some(Value::Array(payloads)) = document.body.get_mut("PayloadContent") else { panic!("no payloads") };
    let Some(Value::Dictionary(payload)) = payloads.get_mut(0) else { panic!("no payload") };
    for (key, value) in body {
        payload.insert(key.clone(), value.clone());
    }
    (document, Place::parse(&format!("{}:", UUID.to_lowercase())).expect("a place"))
}

fn errors(form: &Form, body: &Dictionary) -> Vec<Finding> {
    let mut found = check::check(&document_with(form, body).0);
    found.retain(|finding| finding.weight == Weight::Error);
    found
}

/// The payloads, and nothing missing.
pub fn bodies(form: &Form) -> Vec<Dictionary> {
    let mut wanted: BTreeSet<Vec<String>> = keys(form).into_iter().map(|(way, _)| way).collect();
    let sample = Value::Dictionary(form.sample());
    // Recursion ends somewhere: what the sample itself leaves out is held by the same key further up.
    wanted.retain(|way| get(&sample, way).is_some());
    let mut bodies = Vec::new();
    while !wanted.is_empty() {
        let body = legal(form, &wanted);
        let value = Value::Dictionary(body.clone());
        let before = wanted.len();
        wanted.retain(|way| get(&value, way).is_none());
        assert!(wanted.len() < before && bodies.len() < MOST, "{}: no legal payload has {wanted:?}", form.id);
        bodies.push(body);
    }
    bodies
}

/// A legal payload with as many of the wanted keys as can be.
fn legal(form: &Form, wanted: &BTreeSet<Vec<String>>) -> Dictionary {
    let mut body = Value::Dictionary(form.sample());
    let mut seen: Vec<Value> = Vec::new();
    loop {
        let entries = body.as_dictionary().expect("a dictionary");
        let found = errors(form, entries);
        let Some(first) = found.first() else { return entries.clone() };
        assert!(seen.len() < 200, "{}: this never becomes legal: {found:?}", form.id);
        let lost = |body: &Value| wanted.iter().filter(|way| get(body, way).is_none()).count();
        let mut ways_out: Vec<(usize, usize, Value)> = repairs(form, &body, first)
            .into_iter()
            .filter(|repaired| !seen.contains(repaired))
            .map(|repaired| {
                (lost(&repaired), errors(form, repaired.as_dictionary().expect("one")).len(), repaired)
            })
            .filter(|(_, left, _)| *left <= found.len())
            .collect();
        // What leads on without losing what is wanted comes first.
        ways_out.sort_by_key(|(lost, left, _)| (*left >= found.len(), *lost, *left));
        assert!(!ways_out.is_empty(), "{}: no way out of {first:?}", form.id);
        seen.push(std::mem::replace(&mut body, ways_out.remove(0).2));
    }
}

/// What could be done about a finding, each on its own.
fn repairs(form: &Form, body: &Value, finding: &Finding) -> Vec<Value> {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = body.clone();
        change(&mut changed);
        changed
    };
    let at = &finding.place.path.0;
    if finding.code == "profile.key-missing" {
        let sample = Value::Dictionary(form.sample());
        let value = get(&sample, at).cloned();
        let mut out: Vec<Value> =
            value.map(|value| with(&|body| set(body, at, value.clone()))).into_iter().collect();
        // Or its dictionary goes as a whole.
        if at.len() > 1 {
            out.push(with(&|body| remove(body, &at[..at.len() - 1])));
        }
        return out;
    }
    assert_eq!(finding.code, "profile.rule", "{}: its sample is not legal: {finding:?}", form.id);
    let rules = form.rules.iter().filter(|rule| rule.says == finding.says);
    rules.flat_map(|rule| repairs_of(form, body, rule, at)).collect()
}

fn repairs_of(form: &Form, body: &Value, rule: &Rule, at: &[String]) -> Vec<Value> {
    let mut within: Vec<&str> = rule.within.iter().flatten().map(String::as_str).collect();
    // An address may stop at the array.
    if let Some(array) = form.at(&within).filter(|key| key.kind == Kind::Array) {
        within.push(&form.keys_of(array)[0].name);
    }
    let prefix = &at[..way(form, &within).len()];
    let place = |address: &[String]| -> (Vec<String>, &Key) {
        let whole: Vec<&str> = within.iter().copied().chain(address.iter().map(String::as_str)).collect();
        let way: Vec<String> = way(form, &whole).into_iter().skip(prefix.len()).collect();
        (prefix.iter().cloned().chain(way).collect(), form.at(&whole).expect("a key of the form"))
    };
    let mut out = Vec::new();
    let mut add = |change: &dyn Fn(&mut Value)| {
        let mut changed = body.clone();
        change(&mut changed);
        out.push(changed);
    };
    for (address, values) in &rule.when {
        let (way, key) = place(address);
        let mut others: Vec<Value> =
            key.values.iter().filter(|value| !values.contains(value)).cloned().collect();
        if key.kind == Kind::Boolean && !values.is_empty() {
            others.extend(
                [true, false].map(Value::Boolean).into_iter().filter(|value| !values.contains(value)),
            );
        }
        if !values.is_empty() {
            for other in others {
                add(&|body| set(body, &way, other.clone()));
            }
        }
        add(&|body| remove(body, &way));
    }
    for address in &rule.forbids {
        add(&|body| remove(body, &place(address).0));
    }
    for address in rule.needs.iter().chain(&rule.one_of) {
        let (way, key) = place(address);
        if get(body, &way).is_none() {
            add(&|body| set(body, &way, key.sample(form)));
        }
    }
    out
}

pub fn get<'a>(value: &'a Value, way: &[String]) -> Option<&'a Value> {
    way.iter().try_fold(value, |value, part| match value {
        Value::Dictionary(entries) => entries.get(part),
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => None,
    })
}

fn holder<'a>(value: &'a mut Value, way: &[String]) -> Option<&'a mut Value> {
    way.iter().try_fold(value, |value, part| match value {
        Value::Dictionary(entries) => entries.get_mut(part),
        Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?),
        _ => None,
    })
}

pub fn set(value: &mut Value, way: &[String], new: Value) {
    let (last, before) = way.split_last().expect("a way");
    match holder(value, before) {
        Some(Value::Dictionary(entries)) => drop(entries.insert(last.clone(), new)),
        Some(Value::Array(items)) => match last.parse::<usize>() {
            Ok(at) if at < items.len() => items[at] = new,
            _ => items.push(new),
        },
        _ => {}
    }
}

fn remove(value: &mut Value, way: &[String]) {
    let Some((last, before)) = way.split_last() else { return };
    match holder(value, before) {
        Some(Value::Dictionary(entries)) => drop(entries.remove(last)),
        Some(Value::Array(items)) => {
            if let Some(at) = last.parse::<usize>().ok().filter(|at| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}
