//! Documents without their secrets, and the secrets back in.

use std::collections::{HashMap, HashSet};

use super::places;
use crate::rules::diff::matches;
use crate::rules::document::mark;
use crate::wire::plist::{Dictionary, Value};
use crate::wire::profile::{Document, Place};

/// What stands for a secret text or number.
pub const MARK: &str = "••••••";

/// A copy in which each secret string or number is [`MARK`] and each secret data is empty.
pub fn redacted(document: &Document) -> Document {
    let secrets: HashSet<Place> = places(document).into_iter().collect();
    if secrets.is_empty() {
        return document.clone();
    }
    let mut copy = document.clone();
    let ids: Vec<(usize, String)> = document.ids().into_iter().map(|(id, p)| (p.position, id)).collect();
    for (key, value) in copy.body.iter_mut() {
        match value {
            Value::Array(payloads) if key == "PayloadContent" => {
                for (position, id) in &ids {
                    if let Some(payload) = payloads.get_mut(*position) {
                        hide(
                            payload,
                            Place { payload: Some(id.clone()), path: Default::default() },
                            &secrets,
                        );
                    }
                }
            }
            value => hide(value, Place::top(key), &secrets),
        }
    }
    copy
}

fn hide(value: &mut Value, place: Place, secrets: &HashSet<Place>) {
    let mut open = vec![(value, place)];
    while let Some((value, place)) = open.pop() {
        match value {
            Value::Array(items) => {
                open.extend(items.iter_mut().enumerate().map(|(at, v)| (v, place.then(at.to_string()))));
            }
            Value::Dictionary(entries) => {
                open.extend(entries.iter_mut().map(|(key, v)| (v, place.then(key.clone()))));
            }
            Value::Data(bytes) if secrets.contains(&place) => bytes.clear(),
            value if secrets.contains(&place) => *value = Value::String(MARK.to_owned()),
            _ => {}
        }
    }
}

/// Takes the secrets of `before` for those that are still the redaction mark in `edited` (someone edited the redacted
/// text).
///
/// Payloads are paired as in a difference. Items of arrays are paired by what can be seen of them, then, in arrays that
/// kept their length, by position: a secret never goes to another item. What finds no partner keeps its mark, which
/// [`crate::rules::check`] refuses.
pub fn restore(edited: &mut Document, before: &Document) {
    let veiled = redacted(before);
    let pairs = matches(before, edited);
    for (key, value) in edited.body.iter_mut().filter(|(key, _)| *key != "PayloadContent") {
        if let (Some(seen), Some(real)) = (veiled.body.get(key), before.body.get(key)) {
            unveil(value, seen, real);
        }
    }
    let list =
        |document: &'_ Document| document.body.get("PayloadContent").and_then(Value::as_array).cloned();
    let (Some(seen), Some(real)) = (list(&veiled), list(before)) else { return };
    let Some(Value::Array(payloads)) = edited.body.get_mut("PayloadContent") else { return };
    for (old, new) in pairs {
        if let (Some(value), Some(seen), Some(real)) = (payloads.get_mut(new), seen.get(old), real.get(old)) {
            unveil(value, seen, real);
        }
    }
}

/// `seen` is `real` without its secrets; `edited` is what somebody made of `seen`.
fn unveil(edited: &mut Value, seen: &Value, real: &Value) {
    // As deep as a document may be, see `Limits::DEVICE`.
    match (edited, seen, real) {
        (Value::Dictionary(edited), Value::Dictionary(seen), Value::Dictionary(real)) => {
            entries(edited, seen, real);
        }
        (Value::Array(edited), Value::Array(seen), Value::Array(real)) => {
            for (new, old) in partners(edited, seen, real) {
                unveil(&mut edited[new], &seen[old], &real[old]);
            }
        }
        // Only what was hidden differs: an honest text of six dots stays what it is.
        (edited, seen, real) if *edited == *seen && seen != real => *edited = real.clone(),
        _ => {}
    }
}

fn entries(edited: &mut Dictionary, seen: &Dictionary, real: &Dictionary) {
    for (key, value) in edited.iter_mut() {
        if let (Some(seen), Some(real)) = (seen.get(key), real.get(key)) {
            unveil(value, seen, real);
        }
    }
}

/// Pairs of items: those that look alike, then those left over by position if none came or went. Where several look
/// alike and hide different things, they must all still be there: nobody could tell which one went.
fn partners(edited: &[Value], seen: &[Value], real: &[Value]) -> Vec<(usize, usize)> {
    let mut groups: HashMap<String, (Vec<usize>, Vec<usize>)> = HashMap::new();
    for (old, value) in seen.iter().enumerate() {
        groups.entry(mark(Some(value))).or_default().0.push(old);
    }
    for (new, value) in edited.iter().enumerate() {
        groups.entry(mark(Some(value))).or_default().1.push(new);
    }
    let mut pairs: HashMap<usize, usize> = HashMap::new();
    for (old, new) in groups.values() {
        let one_secret = old.windows(2).all(|pair| real[pair[0]] == real[pair[1]]);
        if old.len() == new.len() {
            pairs.extend(new.iter().copied().zip(old.iter().copied()));
        } else if let Some(any) = old.first().filter(|_| one_secret) {
            // A copy of an item hides what the item hides.
            pairs.extend(new.iter().map(|new| (*new, *any)));
        }
    }
    if edited.len() == seen.len() {
        let taken: HashSet<usize> = pairs.values().copied().collect();
        for at in (0..edited.len()).filter(|at| !taken.contains(at)) {
            pairs.entry(at).or_insert(at);
        }
    }
    pairs.into_iter().collect()
}
