//! The way to what a change changes.

use super::known::key_at;
use crate::catalog::Kind;
use crate::rules::Refusal;
use crate::wire::plist::{Dictionary, Value};
use crate::wire::profile::{Document, Path, Place, index};

/// What holds a value.
pub(super) enum Holder<'a> {
    Dictionary(&'a mut Dictionary),
    Array(&'a mut Vec<Value>),
}

/// For each part of the way that leads to nothing yet: whether an array belongs there.
pub(super) fn missing(document: &Document, place: &Place) -> Vec<(usize, bool)> {
    let above = |length: usize| {
        let path = Path(place.path.0[..length].to_vec());
        Place { payload: place.payload.clone(), path }
    };
    let lengths = (1..place.path.0.len()).filter(|length| document.get(&above(*length)).is_none());
    lengths
        .map(|length| {
            (length, key_at(document, &above(length)).is_some_and(|(_, key)| key.kind == Kind::Array))
        })
        .collect()
}

/// What holds the value at a place, and its name or index there. Parts of the way that are `missing` are made.
pub(super) fn holder<'a, 'p>(
    document: &'a mut Document,
    place: &'p Place,
    missing: &[(usize, bool)],
) -> Result<(Holder<'a>, &'p str), Refusal> {
    let Some((last, way)) = place.path.0.split_last() else { return Err(no_such_place(place)) };
    let mut holder = match &place.payload {
        None if place.path.0[0] == "PayloadContent" => return Err(no_such_place(place)),
        None => Holder::Dictionary(&mut document.body),
        Some(id) => {
            let at = position(document, id)?;
            into(&mut content(document)?[at]).ok_or_else(|| no_such_place(place))?
        }
    };
    for (length, part) in (1..).zip(way) {
        let make = missing.iter().find(|(at, _)| *at == length).map(|(_, array)| match array {
            true => Value::Array(Vec::new()),
            false => Value::Dictionary(Dictionary::new()),
        });
        let next = match holder {
            Holder::Dictionary(entries) => {
                if let Some(empty) = make {
                    entries.insert(part.clone(), empty);
                }
                entries.get_mut(part)
            }
            Holder::Array(items) => {
                if let Some(empty) = make.filter(|_| items.is_empty() && part == "0") {
                    items.push(empty);
                }
                index(part).and_then(|at| items.get_mut(at))
            }
        };
        holder = next.and_then(into).ok_or_else(|| no_such_place(place))?;
    }
    Ok((holder, last))
}

fn into(value: &mut Value) -> Option<Holder<'_>> {
    match value {
        Value::Dictionary(entries) => Some(Holder::Dictionary(entries)),
        Value::Array(items) => Some(Holder::Array(items)),
        _ => None,
    }
}

pub(super) fn content(document: &mut Document) -> Result<&mut Vec<Value>, Refusal> {
    let content = document.body.get_mut("PayloadContent").and_then(Value::as_array_mut);
    content.ok_or_else(|| Refusal::invalid("profile.envelope", "Every profile needs its list of payloads."))
}

pub(super) fn position(document: &Document, id: &str) -> Result<usize, Refusal> {
    document.payload(id).map(|payload| payload.position).ok_or_else(|| {
        Refusal::missing(
            "profile.no-such-payload",
            format!("The profile has no payload {id}. It may have been removed."),
        )
    })
}

pub(super) fn no_such_place(place: &Place) -> Refusal {
    Refusal::missing("profile.no-such-place", format!("There is nothing at {place} in the profile."))
}

pub(super) fn not_a_list(place: &Place) -> Refusal {
    Refusal::invalid("profile.not-a-list", format!("{place} is no list, so it has no items."))
}
