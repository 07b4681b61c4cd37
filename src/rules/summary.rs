//! A profile in plain words, and what an import understood.

mod sentence;

use crate::rules::document::{payload_label, visit_known};
use crate::wire::plist::Value;
use crate::wire::profile::{Document, Step};

/// Most sentences, and most entries of each list of [`Understood`].
const MOST: usize = 200;

/// One sentence a payload: "Wi-Fi “Office” with a password", "Passcode of at least 6 characters". Never shows a secret.
pub fn sentences(document: &Document) -> Vec<String> {
    let payloads = document.payloads();
    payloads.iter().take(MOST).map(|payload| sentence::of(*payload)).collect()
}

/// What was understood of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Understood {
    /// Payloads whose form the catalogue knows.
    pub payloads: usize,
    /// Keys the catalogue knows, those that every payload has not counted.
    pub keys: usize,
    /// Payload types it does not know: kept as they are.
    pub raw_payloads: Vec<String>,
    /// Keys it does not know, with the payload's label: kept as they are.
    pub raw_keys: Vec<(String, String)>,
    /// Keys deprecated or removed on every system they exist on.
    pub deprecated: Vec<(String, String)>,
    /// Secrets found.
    pub secrets: usize,
}

/// Looks through a document. A key is told as (payload's label, name of the key for one that is not known, label for
/// one that is deprecated); lists have at most 200 entries.
pub fn understood(document: &Document) -> Understood {
    let mut told = Understood::default();
    visit_known(document, &mut |at| {
        let payload = at.payload.map_or_else(|| "General".to_owned(), |(_, p)| payload_label(p, at.form));
        if at.path.is_empty() {
            match at.form {
                Some(_) => told.payloads += 1,
                None => push(&mut told.raw_payloads, payload),
            }
            return Step::Into;
        }
        let Some((form, key)) = at.key else {
            let whole = at.form.is_none();
            let above_known = at.path.len() == 1
                || at.form.and_then(|form| form.key(&at.path[..at.path.len() - 1])).is_some_and(
                    // A dictionary without documented keys takes any.
                    |above| at.form.is_some_and(|form| !form.keys_of(above).is_empty()),
                );
            if !whole && above_known {
                push(&mut told.raw_keys, (payload, at.path.join("/")));
            }
            return Step::Into;
        };
        // What all payloads share says nothing about understanding, and items are not keys.
        let item = matches!(at.path.last().map(|part| crate::wire::profile::index(part)), Some(Some(_)))
            && at.path.len() > 1;
        if at.form.is_some_and(|own| std::ptr::eq(own, form)) && at.payload.is_some() && !item {
            told.keys += 1;
            if super::check::is_aged(&key.availability) {
                let entry = (payload, key.label.clone());
                if !told.deprecated.contains(&entry) {
                    push(&mut told.deprecated, entry);
                }
            }
        }
        Step::Into
    });
    told.secrets = super::secrets::places(document)
        .iter()
        .filter(|place| !matches!(document.get(place), Some(Value::String(text)) if text.is_empty()))
        .count();
    told
}

fn push<T>(list: &mut Vec<T>, entry: T) {
    if list.len() < MOST {
        list.push(entry);
    }
}
