//! What one change does.

use super::known::payload_label;
use super::reach::{Holder, content, holder, missing, no_such_place, not_a_list, position};
use crate::catalog::catalog;
use crate::model::document::Change;
use crate::rules::Refusal;
use crate::wire::plist::{self, Dictionary, Limits, Value};
use crate::wire::profile::{Document, Path, Place, index};

/// Does one change, or says why not (`profile.no-such-place`, `profile.no-such-payload`, `profile.not-a-list` …). A
/// refused change leaves the document as it was.
///
/// `Change::AddPayload` gives the common keys, with an identifier below the profile's own. Dictionaries that are
/// missing on the way to a place are made (an array where the catalogue says so, which then takes item 0). What would
/// make the document unreadable is refused: keys that every profile needs, and more than [`Limits::DEVICE`].
pub fn apply(document: &mut Document, change: &Change) -> Result<(), Refusal> {
    let mut work = document.clone();
    alter(&mut work, change)?;
    settle(&work)?;
    *document = work;
    Ok(())
}

/// Whether a document can be written and read again.
pub(super) fn settle(document: &Document) -> Result<(), Refusal> {
    document.check_envelope().map_err(|wrong| {
        Refusal::invalid("profile.envelope", format!("Every profile needs this: {}.", wrong.reason))
    })?;
    // Reading it again is the one test that cannot disagree with reading it again.
    if plist::parse(&document.to_xml(), Limits::DEVICE).is_err() {
        return Err(Refusal::invalid(
            "profile.too-large",
            "A profile has at most 16 MiB and about 50,000 values. Split it into several profiles.",
        ));
    }
    Ok(())
}

/// Does a change without looking at the whole.
pub(super) fn alter(document: &mut Document, change: &Change) -> Result<(), Refusal> {
    match change {
        Change::Set { place, value, .. } => set(document, place, value),
        Change::Unset { place, .. } => unset(document, place),
        Change::Append { place, value } => append(document, place, value),
        Change::Move { place, by } => {
            let (Holder::Array(items), part) = holder(document, place, &[])? else {
                return Err(not_a_list(place));
            };
            let from = index(part).filter(|at| *at < items.len()).ok_or_else(|| no_such_place(place))?;
            shift(items, from, *by);
            Ok(())
        }
        Change::AddPayload { form, uuid, starts } => add(document, form, uuid, starts),
        Change::RemovePayload { payload } => {
            let at = position(document, payload)?;
            content(document)?.remove(at);
            Ok(())
        }
        Change::DuplicatePayload { payload, uuid } => {
            let at = position(document, payload)?;
            unused(document, uuid)?;
            let identifier = below(document, uuid);
            let items = content(document)?;
            let mut copy = items[at].clone();
            if let Value::Dictionary(keys) = &mut copy {
                keys.insert("PayloadIdentifier".into(), Value::String(identifier));
                keys.insert("PayloadUUID".into(), Value::String(uuid.clone()));
                if let Some(Value::String(name)) = keys.get_mut("PayloadDisplayName")
                    && name.len() < 1000
                {
                    name.push_str(" copy");
                }
            }
            items.insert(at + 1, copy);
            Ok(())
        }
        Change::MovePayload { payload, by } => {
            let at = position(document, payload)?;
            shift(content(document)?, at, *by);
            Ok(())
        }
        Change::Replace { document: new, .. } => {
            *document = new.clone();
            Ok(())
        }
    }
}

fn set(document: &mut Document, place: &Place, value: &Value) -> Result<(), Refusal> {
    fits(place, 0, value)?;
    if place.path.0.is_empty() {
        let Some(id) = &place.payload else { return Err(no_such_place(place)) };
        if !matches!(value, Value::Dictionary(_)) {
            return Err(Refusal::invalid("profile.envelope", "A payload is a dictionary."));
        }
        let at = position(document, id)?;
        content(document)?[at] = value.clone();
        return Ok(());
    }
    let missing = missing(document, place);
    let made = !missing.is_empty();
    match holder(document, place, &missing)? {
        (Holder::Dictionary(entries), key) => {
            entries.insert(key.to_owned(), value.clone());
        }
        (Holder::Array(items), part) => match index(part) {
            Some(at) if at < items.len() => items[at] = value.clone(),
            // A list that was made on the way here begins with what is set in it.
            Some(0) if made => items.push(value.clone()),
            _ => return Err(no_such_place(place)),
        },
    }
    Ok(())
}

fn unset(document: &mut Document, place: &Place) -> Result<(), Refusal> {
    if place.path.0.is_empty() {
        let Some(id) = &place.payload else { return Err(no_such_place(place)) };
        let at = position(document, id)?;
        content(document)?.remove(at);
        return Ok(());
    }
    if document.get(place).is_none() {
        document_has(document, place)?;
        return Err(no_such_place(place));
    }
    match holder(document, place, &[])? {
        // In order: the list of keys closes up.
        (Holder::Dictionary(entries), gone) => entries.retain(|key, _| key != gone),
        (Holder::Array(items), part) => {
            let at = index(part).filter(|at| *at < items.len()).ok_or_else(|| no_such_place(place))?;
            items.remove(at);
        }
    }
    Ok(())
}

fn append(document: &mut Document, place: &Place, value: &Value) -> Result<(), Refusal> {
    fits(place, 1, value)?;
    if document.get(place).is_none() {
        set(document, place, &Value::Array(Vec::new()))?;
    }
    match holder(document, &place.then("0"), &[])? {
        (Holder::Array(items), _) => {
            items.push(value.clone());
            Ok(())
        }
        (Holder::Dictionary(_), _) => Err(not_a_list(place)),
    }
}

fn add(document: &mut Document, form: &str, uuid: &str, starts: &[(String, Value)]) -> Result<(), Refusal> {
    let known = catalog().form(form).or_else(|| catalog().forms_of(form).next());
    if form == "com.apple.mdm" || known.is_some_and(|form| form.internal) {
        return Err(Refusal::invalid(
            "profile.mdm",
            "Payloads of this type are written by the server itself when a device enrolls.",
        ));
    }
    unused(document, uuid)?;
    let kind = known.map_or(form, |form| &form.payload_type);
    let text = |text: &str| Value::String(text.to_owned());
    let mut keys: Dictionary = [
        ("PayloadDisplayName", text(known.map_or(form, |form| &form.label))),
        ("PayloadIdentifier", Value::String(below(document, uuid))),
        ("PayloadType", text(kind)),
        ("PayloadUUID", text(uuid)),
        ("PayloadVersion", Value::Integer(1.into())),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    for (key, value) in starts {
        fits(&Place { payload: Some(uuid.to_owned()), path: Path(vec![key.clone()]) }, 0, value)?;
        keys.insert(key.clone(), value.clone());
    }
    content(document)?.push(Value::Dictionary(keys));
    Ok(())
}

/// An identifier for a payload, below the profile's own.
fn below(document: &Document, uuid: &str) -> String {
    let own = document.body.get("PayloadIdentifier").and_then(Value::as_string).unwrap_or("profile");
    format!("{own}.{}", uuid.to_ascii_lowercase())
}

fn unused(document: &Document, uuid: &str) -> Result<(), Refusal> {
    match document.payload(uuid) {
        None => Ok(()),
        Some(other) => {
            let name = payload_label(other, catalog().form_for(other.body));
            let said = format!("A payload ({name}) has this PayloadUUID already.");
            Err(Refusal::conflict("profile.payload-exists", said))
        }
    }
}

fn document_has(document: &Document, place: &Place) -> Result<(), Refusal> {
    place.payload.as_deref().map_or(Ok(()), |id| position(document, id).map(|_| ()))
}

/// Moves an item by this many places, kept inside.
fn shift(items: &mut Vec<Value>, from: usize, by: i32) {
    let far = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
    let to = if by < 0 { from.saturating_sub(far) } else { from.saturating_add(far).min(items.len() - 1) };
    let item = items.remove(from);
    items.insert(to, item);
}

/// Whether a value may stand so deep.
fn fits(place: &Place, deeper: usize, value: &Value) -> Result<(), Refusal> {
    // A payload is the third container of a profile, the general settings are the first.
    let above = if place.payload.is_some() { 3 } else { 1 };
    if above + place.path.0.len().saturating_sub(1) + deeper + height(value) > Limits::DEVICE.depth {
        let most = Limits::DEVICE.depth;
        return Err(Refusal::invalid(
            "profile.too-deep",
            format!("A profile nests at most {most} levels deep."),
        ));
    }
    Ok(())
}

/// Containers above the deepest value, the value itself included.
fn height(value: &Value) -> usize {
    let (mut highest, mut open) = (0, vec![(value, 1)]);
    while let Some((value, level)) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, level + 1))),
            Value::Dictionary(entries) => open.extend(entries.values().map(|item| (item, level + 1))),
            _ => continue,
        }
        highest = highest.max(level);
    }
    highest
}
