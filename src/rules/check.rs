//! Whether a document may be published: required keys, legal values, rules between keys, references between payloads.
//!
//! What blocks (`Weight::Error`): a required key that is missing, a value that is not legal for its key, a rule between
//! keys that does not hold, a payload twice that a device takes once, a UUID or identifier twice, a payload that only
//! the server writes, and a secret that nobody typed again after editing the veiled text. That holds for imported
//! profiles too: an import is published as the file it was and is not checked, its edited copy is. What may well be
//! meant is a warning, and what the catalogue does not know is a note.
//!
//! Variables are not looked at: which ones exist is a question for [`crate::rules::variables::unknown`].

mod between;
mod rules;

use std::collections::HashSet;

use crate::catalog::{Availability, Kind, catalog};
use crate::model::document::{Finding, Weight};
use crate::rules::document::{Known, visit_known};
use crate::rules::secrets::MARK;
use crate::wire::plist::{Dictionary, Value};
use crate::wire::profile::{Document, Path, Place, Step};

/// Most findings told: a document that is wrong everywhere is wrong, and nobody reads ten thousand lines.
pub const FINDINGS_MAX: usize = 1_000;

/// Everything found, in the order of the document. Unknown keys and payloads are notes; keys that the catalogue knows
/// and that break it are errors in what people wrote here.
pub fn check(document: &Document) -> Vec<Finding> {
    let mut found = Found { list: Vec::new() };
    between::whole(document, &mut found);
    let references = between::References::of(document);
    general(document, &mut found);
    let mut seen = HashSet::new();
    visit_known(document, &mut |at| {
        if at.path.is_empty() {
            return whole_payload(at, &mut seen, &mut found);
        }
        if at.secret && at.value.as_string() == Some(MARK) {
            found.put(
                at.place(),
                Weight::Error,
                "profile.secret-missing",
                format!("{}: type the secret again; only dots are left of it.", at.label()),
            );
            return Step::Over;
        }
        let Some((form, key)) = at.key else {
            let said = format!("{} is not in Apple's documentation; it is kept as it is.", at.label());
            found.put(at.place(), Weight::Note, "profile.key-unknown", said);
            return Step::Over;
        };
        // A UUID of another shape than Apple's is one all the same where it leads to a payload.
        let judged = if references.leads(key, at.value) { Ok(()) } else { key.judge(at.value) };
        if let Err(said) = judged {
            found.put(at.place(), Weight::Error, "profile.value", format!("{}: {said}.", key.label));
            return Step::Over;
        }
        references.look(at, &mut found);
        age(at, &key.availability, key.replaced_by.as_deref(), &mut found);
        let keys = form.keys_of(key);
        match at.value {
            // Where the catalogue names no keys, any will do.
            _ if keys.is_empty() => Step::Over,
            Value::Dictionary(entries) => {
                missing(&at.place(), keys, entries, &mut found);
                Step::Into
            }
            _ => Step::Into,
        }
    });
    between::removal(document, &mut found);
    found.list
}

/// Whether a finding blocks publishing.
pub fn blocks(findings: &[Finding]) -> bool {
    findings.iter().any(|f| f.weight == Weight::Error)
}

struct Found {
    list: Vec<Finding>,
}

impl Found {
    fn put(&mut self, place: Place, weight: Weight, code: &'static str, says: String) {
        // Errors are told even then: what blocks must be seen to block.
        if self.list.len() < FINDINGS_MAX || (weight == Weight::Error && !blocks(&self.list)) {
            self.list.push(Finding { place, weight, code, says });
        }
    }
}

/// Keys that the general settings miss.
fn general(document: &Document, found: &mut Found) {
    let top = Place { payload: None, path: Path::default() };
    let keys = catalog().top_level();
    missing(&top, &keys.keys, &document.body, found);
    rules::hold(keys, &top, &document.body, found);
}

/// A payload as a whole: known, allowed, not too often, complete.
fn whole_payload(at: &Known<'_>, seen: &mut HashSet<&'static str>, found: &mut Found) -> Step {
    let Some((_, payload)) = at.payload else { return Step::Over };
    let place = at.place();
    missing(&place, &catalog().common().keys, payload.body, found);
    let Some(form) = at.form else {
        let kind = payload.payload_type();
        if kind == "com.apple.mdm" {
            internal(place, found);
        } else {
            let said =
                format!("Payloads of type {kind} are not in Apple's documentation; it is kept as it is.");
            found.put(place, Weight::Note, "profile.payload-unknown", said);
        }
        return Step::Over;
    };
    if form.internal {
        internal(place, found);
        return Step::Over;
    }
    between::once(form, seen, &place, found);
    missing(&place, &form.keys, payload.body, found);
    rules::hold(form, &place, payload.body, found);
    age(at, &form.availability, None, found);
    Step::Into
}

fn internal(place: Place, found: &mut Found) {
    let said = "Payloads of this type are written by the server itself when a device enrolls.".to_owned();
    found.put(place, Weight::Error, "profile.mdm", said);
}

/// Required keys that are not set.
fn missing(place: &Place, keys: &[crate::catalog::Key], entries: &Dictionary, found: &mut Found) {
    for key in keys.iter().filter(|key| key.required && !key.is_free() && !entries.contains_key(&key.name)) {
        // What is gone everywhere cannot be required any more.
        if key.kind != Kind::Any && is_past(&key.availability) {
            continue;
        }
        let said = format!("{} is missing.", key.label);
        found.put(place.then(&key.name), Weight::Error, "profile.key-missing", said);
    }
}

fn is_past(availability: &Availability) -> bool {
    let mut systems = availability.systems().peekable();
    systems.peek().is_some() && systems.all(|os| availability.on(os).removed.is_some())
}

/// Deprecated or removed on every system where it ever was: told once, of the outermost that is.
fn age(at: &Known<'_>, availability: &Availability, instead: Option<&str>, found: &mut Found) {
    let Some(since) = since(availability) else { return };
    let above = match (at.path.len(), at.form) {
        (0, _) => None,
        (1, form) => form.and_then(|form| self::since(&form.availability)),
        (depth, Some(form)) => form.key(&at.path[..depth - 1]).and_then(|key| self::since(&key.availability)),
        (_, None) => None,
    };
    if above.is_some() {
        return;
    }
    let (code, word) = match is_past(availability) {
        true => ("profile.key-removed", "removed"),
        false => ("profile.key-deprecated", "deprecated"),
    };
    let instead = instead.map_or(String::new(), |instead| {
        let instead = instead.trim_end_matches('.');
        format!(" Instead: {instead}.")
    });
    found.put(at.place(), Weight::Warning, code, format!("{} is {word} since {since}.{instead}", at.label()));
}

/// Whether something is deprecated or removed on every system where it ever was.
pub(super) fn is_aged(availability: &Availability) -> bool {
    since(availability).is_some()
}

/// The versions since which something is deprecated or removed, if that holds on every system where it ever was.
fn since(availability: &Availability) -> Option<String> {
    let said: Option<Vec<String>> = availability
        .systems()
        .map(|os| {
            let facts = availability.on(os);
            facts.removed.or(facts.deprecated).map(|version| format!("{} {version}", os.as_str()))
        })
        .collect();
    said.filter(|said| !said.is_empty()).map(|said| said.join(", "))
}
