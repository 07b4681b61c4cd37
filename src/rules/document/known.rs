//! What is set, with what the catalogue knows of it.

use crate::catalog::{Form, Key, Kind, catalog};
use crate::rules::secrets;
use crate::wire::plist::Value;
use crate::wire::profile::{Document, Payload, Place, Step, index};

/// A value on a walk through a document.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The payload and its id; none at the top level of the profile.
    pub payload: Option<(&'a str, Payload<'a>)>,
    /// The form of the payload, or of the top level; none for a payload that the catalogue does not know.
    pub form: Option<&'static Form>,
    /// Its key, and the form which that is from (the one of the payload, or the one all payloads share). None for the
    /// payload itself, and for keys that the catalogue does not know.
    pub key: Option<(&'static Form, &'static Key)>,
    /// The way to it. Empty: the payload itself.
    pub path: &'a [String],
    /// The value.
    pub value: &'a Value,
    /// It, or something that it is part of, is a secret.
    pub secret: bool,
}

impl Known<'_> {
    /// Its place.
    pub fn place(&self) -> Place {
        let path = crate::wire::profile::Path(self.path.to_vec());
        Place { payload: self.payload.map(|(id, _)| id.to_owned()), path }
    }

    /// What people call it.
    pub fn label(&self) -> String {
        match (self.key, self.path, self.payload) {
            (Some((_, key)), _, _) => key.label.clone(),
            (None, [.., last], _) => on_a_line(last),
            (None, [], Some((_, payload))) => payload_label(payload, self.form),
            (None, [], None) => "Profile".to_owned(),
        }
    }
}

/// What people call a payload: the label of its form, else its `PayloadType`.
pub fn payload_label(payload: Payload<'_>, form: Option<&Form>) -> String {
    form.map_or_else(|| on_a_line(payload.payload_type()), |form| form.label.clone())
}

/// A name of somebody's own, as it may stand in a line: on terminals too.
fn on_a_line(name: &str) -> String {
    name.replace(char::is_control, " ")
}

/// The key of a name in one dictionary, or of an item in an array.
fn child(form: &'static Form, parent: &'static Key, part: &str) -> Option<&'static Key> {
    let keys = form.keys_of(parent);
    match parent.kind {
        Kind::Array => keys.first().filter(|_| index(part).is_some()),
        _ => named(keys, part),
    }
}

fn named(keys: &'static [Key], part: &str) -> Option<&'static Key> {
    keys.iter()
        .find(|key| key.name == part && !key.is_free())
        .or_else(|| keys.iter().find(|key| key.is_free()))
}

/// The key at the top of a payload (or of the profile) with its form: the form's own, then what all payloads share,
/// then the form's free key.
fn first(form: Option<&'static Form>, in_payload: bool, part: &str) -> Option<(&'static Form, &'static Key)> {
    let own =
        |form: &'static Form| Some((form, form.keys.iter().find(|key| key.name == part && !key.is_free())?));
    let free = |form: &'static Form| Some((form, form.keys.iter().find(|key| key.is_free())?));
    let common = || own(catalog().common()).filter(|_| in_payload);
    form.and_then(own).or_else(common).or_else(|| form.and_then(free))
}

/// The way of keys to a place, as far as the catalogue knows it.
fn chain(document: &Document, place: &Place) -> Vec<Option<(&'static Form, &'static Key)>> {
    let form = match &place.payload {
        None => Some(catalog().top_level()),
        Some(id) => document.payload(id).and_then(|payload| catalog().form_for(payload.body)),
    };
    let mut found: Vec<Option<(&'static Form, &'static Key)>> = Vec::new();
    for part in &place.path.0 {
        let next = match found.last() {
            None => first(form, place.payload.is_some(), part),
            Some(above) => above.and_then(|(form, key)| Some((form, child(form, key, part)?))),
        };
        found.push(next);
    }
    found
}

/// What the catalogue knows of the key at a place, with the form it is from: the payload's own, or the one that all
/// payloads share.
pub fn key_at(document: &Document, place: &Place) -> Option<(&'static Form, &'static Key)> {
    chain(document, place).pop()?
}

/// What people call the key at a place.
pub fn label_at(document: &Document, place: &Place) -> String {
    if let Some((_, key)) = key_at(document, place) {
        return key.label.clone();
    }
    match (place.path.0.last(), place.payload.as_deref().and_then(|id| document.payload(id))) {
        (Some(last), _) => on_a_line(last),
        (None, Some(payload)) => payload_label(payload, catalog().form_for(payload.body)),
        (None, None) => "Profile".to_owned(),
    }
}

/// Whether the catalogue, or else a name, says that the key at a place is a secret, or something that it is part of.
pub(in crate::rules) fn secret_by_key(document: &Document, place: &Place) -> bool {
    let chain = chain(document, place);
    chain.iter().zip(&place.path.0).any(|(known, part)| match known {
        Some((_, key)) => key.secret,
        None => secrets::speaks(part),
    })
}

/// Shows everything that is set, as [`Document::visit`] does, with what the catalogue knows of it.
pub fn visit_known(document: &Document, each: &mut dyn FnMut(&Known<'_>) -> Step) {
    // The keys and secrecy of what stands above, by depth.
    let mut above: Vec<(Option<(&'static Form, &'static Key)>, bool)> = Vec::new();
    let mut form: Option<&'static Form> = None;
    document.visit(&mut |at| {
        let depth = at.path.len();
        above.truncate(depth.saturating_sub(1));
        let Some(part) = at.path.last() else {
            form = at.payload.and_then(|(_, payload)| catalog().form_for(payload.body));
            let (payload, value) = (at.payload, at.value);
            return each(&Known { payload, form, key: None, path: at.path, value, secret: false });
        };
        let (key, inherited) = match above.last() {
            Some((above, secret)) => {
                (above.and_then(|(form, key)| Some((form, child(form, key, part)?))), *secret)
            }
            None => {
                if at.payload.is_none() {
                    form = Some(catalog().top_level());
                }
                (first(form, at.payload.is_some(), part), false)
            }
        };
        let names_it = depth == 1 && secrets::names_it(part);
        let secret = inherited || (!names_it && secrets::tells(key.map(|(_, key)| key), part, at.value));
        above.push((key, secret));
        each(&Known { payload: at.payload, form, key, path: at.path, value: at.value, secret })
    });
}
