//! What programs ask to be done to a draft, as changes of the document they saw.

use crate::catalog::catalog;
use crate::model::document::Change;
use crate::model::edge::{Dice, roll_uuid};
use crate::rules::{document, entry, secrets};
use crate::web::problem::Fault;
use crate::wire::api::{Edit, Given};
use crate::wire::plist::Value;
use crate::wire::profile::{Document, Place};

/// The changes, each read against the document as the ones before it leave it. All or nothing.
pub(super) fn changes(document: &Document, edits: &[Edit], dice: &dyn Dice) -> Result<Vec<Change>, Fault> {
    let mut scratch = document.clone();
    let mut changes = Vec::with_capacity(edits.len());
    for edit in edits {
        let change = change(&scratch, edit, dice)?;
        document::apply(&mut scratch, &change)?;
        changes.push(change);
    }
    Ok(changes)
}

fn change(document: &Document, edit: &Edit, dice: &dyn Dice) -> Result<Change, Fault> {
    let at = |text: &str| document::locate(document, text).map_err(Fault::from);
    Ok(match edit {
        Edit::Set { place, given, was } => {
            let place = at(place)?;
            Change::Set { value: value(document, &place, given)?, place, was: was.clone() }
        }
        Edit::Unset { place, was } => Change::Unset { place: at(place)?, was: was.clone() },
        Edit::Append { place, given } => {
            let place = at(place)?;
            let item = Place { path: place.path.then("0"), ..place.clone() };
            Change::Append { value: value(document, &item, given)?, place }
        }
        Edit::Move { place, by } => Change::Move { place: at(place)?, by: *by },
        Edit::Add { form, uuid } => Change::AddPayload {
            form: form_named(form)?,
            uuid: uuid.clone().unwrap_or_else(|| roll_uuid(dice)),
            starts: Vec::new(),
        },
        Edit::Remove { payload } => Change::RemovePayload { payload: named(document, payload)? },
        Edit::Duplicate { payload } => {
            Change::DuplicatePayload { payload: named(document, payload)?, uuid: roll_uuid(dice) }
        }
        Edit::MovePayload { payload, by } => {
            Change::MovePayload { payload: named(document, payload)?, by: *by }
        }
        Edit::Replace { xml } => {
            Change::Replace { document: replacement(document, xml.expose().as_bytes())?, was: None }
        }
    })
}

/// A document written by hand, with the secrets that it leaves redacted.
pub(super) fn replacement(before: &Document, text: &[u8]) -> Result<Document, Fault> {
    let mut edited = Document::read(text).map_err(|malformed| {
        let reason = malformed.reason.trim_end_matches('.');
        Fault::new("profile.unreadable", format!("The text is no profile: {reason}."))
    })?;
    secrets::restore(&mut edited, before);
    Ok(edited)
}

/// The form's id, for an id or for a type that has one form; any other payload type stands for itself.
fn form_named(word: &str) -> Result<String, Fault> {
    if catalog().form(word).is_some() {
        return Ok(word.to_owned());
    }
    for payload_type in [word.to_owned(), format!("com.apple.{word}")] {
        let mut forms = catalog().forms_of(&payload_type);
        match (forms.next(), forms.next()) {
            (Some(only), None) => return Ok(only.id.clone()),
            (Some(first), Some(second)) => {
                return Err(Fault::new(
                    "profile.form",
                    format!(
                        "{payload_type} has several forms: give the id of one, as {} or {}.",
                        first.id, second.id
                    ),
                ));
            }
            (None, _) => {}
        }
    }
    if word.contains('.') && !word.contains(char::is_whitespace) {
        return Ok(word.to_owned());
    }
    Err(Fault::new("profile.form", format!("There is no form called “{word}”, and it is no payload type.")))
}

fn named(document: &Document, payload: &str) -> Result<String, Fault> {
    let place = document::locate(document, &format!("{payload}:"))?;
    place.payload.ok_or_else(|| Fault::new("profile.no-such-payload", "No payload is named."))
}

fn value(document: &Document, place: &Place, given: &Given) -> Result<Value, Fault> {
    match (&given.value, &given.text, &given.xml) {
        (Some(tree), None, None) => {
            let malformed = |e: crate::wire::Malformed| {
                Fault::new("api.body", format!("The value cannot be read: {}.", e.reason))
            };
            tree.value().map_err(malformed)
        }
        (None, Some(text), None) => match document::key_at(document, place) {
            Some((_, key)) => Ok(entry::parse(key, text.expose())?),
            None => Err(Fault::new(
                "profile.untyped",
                "The catalogue does not know this key, so a text alone does not tell its type.",
            )),
        },
        (None, None, Some(xml)) => Ok(entry::fragment(xml.expose())?),
        _ => Err(Fault::new("api.body", "An edit has exactly one of “value”, “text” and “xml”.")),
    }
}
