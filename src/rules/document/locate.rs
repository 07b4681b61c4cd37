//! The places that people name.

use super::known::payload_label;
use crate::catalog::catalog;
use crate::rules::Refusal;
use crate::wire::profile::{Document, Path, Payload, Place};

/// The place that a person means: `PAYLOAD/PATH` or `PAYLOAD:PATH` with PAYLOAD an id, a `#position`, a payload type
/// (also without `com.apple.`), a form's id or label that occurs once; `:KEY` or `/KEY` for the general settings.
/// PAYLOAD alone is the payload itself. Types and labels are compared without case.
///
/// # Errors
/// `profile.no-such-payload`, `profile.many-payloads`.
pub fn locate(document: &Document, text: &str) -> Result<Place, Refusal> {
    let at = text.find([':', '/']).unwrap_or(text.len());
    let (named, path) = (text[..at].trim(), Path::parse(text.get(at + 1..).unwrap_or_default()));
    if named.is_empty() {
        return Ok(Place { payload: None, path });
    }
    let ids = document.ids();
    let found: Vec<&String> = match document.payload(named) {
        Some(payload) => {
            ids.iter().filter(|(_, p)| p.position == payload.position).map(|(id, _)| id).collect()
        }
        None => ids.iter().filter(|(_, payload)| is_called(*payload, named)).map(|(id, _)| id).collect(),
    };
    match found.as_slice() {
        [one] => Ok(Place { payload: Some((*one).clone()), path }),
        [] => {
            let there: Vec<_> = ids.iter().take(20).map(|(_, payload)| payload.payload_type()).collect();
            let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
            let said = format!("The profile has no payload {}. Its payloads: {there}.", short(named));
            Err(Refusal::missing("profile.no-such-payload", said))
        }
        many => {
            let ids: Vec<_> = many.iter().take(20).map(|id| id.as_str()).collect();
            let said = format!(
                "{} payloads are called {}. Name one by its id: {}.",
                many.len(),
                short(named),
                ids.join(", ")
            );
            Err(Refusal::invalid("profile.many-payloads", said))
        }
    }
}

fn is_called(payload: Payload<'_>, name: &str) -> bool {
    let kind = payload.payload_type();
    if kind.eq_ignore_ascii_case(name) {
        return true;
    }
    if let Some(("com.apple.", rest)) = kind.split_at_checked("com.apple.".len())
        && rest.eq_ignore_ascii_case(name)
    {
        return true;
    }
    catalog().form_for(payload.body).is_some_and(|form| {
        form.id.eq_ignore_ascii_case(name)
            || payload_label(payload, Some(form)).to_lowercase() == name.to_lowercase()
    })
}

/// What somebody typed, as far as it fits into a sentence.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}
