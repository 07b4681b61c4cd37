//! A copy of a profile under another identifier.

use std::collections::BTreeMap;

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::document::Stamp;
use crate::model::profile::Profile;
use crate::rules::access::Right;
use crate::store::{self, Store, View, Write};
use crate::wire::plist::{Dictionary, Value};
use crate::wire::profile::{Document, Place};

use super::{Begun, New, begin, begun, drafted, named, published};
use crate::actions::Failure;
use crate::actions::permission::require;
use crate::actions::profiles::known;

/// A copy of a profile's newest content, as a draft under a new identifier, assigned to nobody. Newest is what was
/// published, and the draft where nothing was. Payloads get fresh UUIDs, and what refers to them follows.
///
/// # Errors
/// As [`super::create`].
pub fn duplicate(
    w: &mut Write,
    by: &Actor,
    profile: &str,
    new: New,
    uuids: &mut dyn FnMut() -> String,
    now: Time,
) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let (begun, text) = copy(w, by, profile, new, uuids, now)?;
    begin(w, by, begun, text, now)
}

/// [`duplicate`] with the long work outside of the writing thread. Blocks: not for async code.
pub fn duplicate_beside(
    store: &Store,
    by: &Actor,
    profile: &str,
    new: New,
    uuids: &mut dyn FnMut() -> String,
    now: Time,
) -> Result<Profile, Failure> {
    let view = store.read()?;
    require(&view, by, Right::EditProfiles, now)?;
    let (begun, text) = copy(&view, by, profile, new, uuids, now)?;
    let by = by.clone();
    store.write_blocking(move |w| {
        require(w, &by, Right::EditProfiles, now)?;
        begin(w, &by, begun, text, now)
    })
}

fn copy(
    v: &impl View,
    by: &Actor,
    profile: &str,
    new: New,
    uuids: &mut dyn FnMut() -> String,
    now: Time,
) -> Result<(Begun, String), Failure> {
    let profile = known(v, profile)?;
    let (document, stamps) = match store::drafts::get(v, &profile.id)? {
        Some(draft) if profile.revision == 0 => (drafted(&draft)?, draft.secrets),
        _ => published(v, &profile)?,
    };
    let (copy, renamed) = renewed(&document, &profile.identifier, &new, uuids)?;
    let stamps = stamps.into_iter().map(|(place, stamp)| moved(&place, stamp, &renamed)).collect();
    let mut begun = begun(by, &new, &copy, stamps, now)?;
    begun.profile.distribution = profile.distribution;
    begun.draft.distribution = profile.distribution;
    let text = format!("Duplicated “{}” as “{}”.", profile.name, begun.profile.name);
    Ok((begun, text))
}

/// The copy, and its payloads' new ids by the old ones (both in lower case).
fn renewed(
    document: &Document,
    identifier: &str,
    new: &New,
    uuids: &mut dyn FnMut() -> String,
) -> Result<(Document, BTreeMap<String, String>), Failure> {
    let mut renamed = BTreeMap::new();
    for payload in document.payloads() {
        // Another word than a UUID may stand elsewhere with another meaning.
        let uuid = payload.body.get("PayloadUUID").and_then(Value::as_string);
        if let Some(uuid) = uuid.filter(|uuid| uuid::Uuid::try_parse(uuid).is_ok()) {
            renamed.entry(uuid.to_lowercase()).or_insert_with(&mut *uuids);
        }
    }
    let mut body = document.body.clone();
    follow(&mut body, &renamed);
    let below = format!("{identifier}.");
    for payload in body.get_mut("PayloadContent").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(Value::String(own)) =
            payload.as_dictionary_mut().and_then(|d| d.get_mut("PayloadIdentifier"))
            && let Some(rest) = own.strip_prefix(&below)
        {
            *own = format!("{}.{rest}", new.identifier.trim());
        }
    }
    body.insert("PayloadIdentifier".into(), Value::String(new.identifier.trim().to_owned()));
    body.insert("PayloadUUID".into(), Value::String(new.uuid.clone()));
    body.insert("PayloadDisplayName".into(), Value::String(named(&new.name)?));
    Ok((Document { body }, renamed))
}

/// Every text that is one of the old UUIDs becomes the new one, wherever it stands: payloads name each other by them.
fn follow(dictionary: &mut Dictionary, renamed: &BTreeMap<String, String>) {
    for (_, value) in dictionary.iter_mut() {
        follow_value(value, renamed);
    }
}

fn follow_value(value: &mut Value, renamed: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(new) = renamed.get(&text.to_lowercase()) {
                *text = new.clone();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| follow_value(item, renamed)),
        Value::Dictionary(inner) => follow(inner, renamed),
        _ => {}
    }
}

fn moved(place: &str, stamp: Stamp, renamed: &BTreeMap<String, String>) -> (String, Stamp) {
    let Ok(mut at) = Place::parse(place) else { return (place.to_owned(), stamp) };
    if let Some(new) = at.payload.as_ref().and_then(|id| renamed.get(id)) {
        at.payload = Some(new.to_lowercase());
    }
    (at.to_string(), stamp)
}
