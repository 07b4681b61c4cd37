//! A profile as an ordered tree: what is set is there, what is not set is not.
//!
//! Types and order are kept exactly, also of keys and payloads that nobody has heard of.

use std::collections::HashSet;

use super::path::{Path, Place};
use crate::wire::Malformed;
use crate::wire::plist::{self, Dictionary, Limits, Value};

/// The property list of a profile, without a signature.
#[derive(Clone, PartialEq)]
pub struct Document {
    /// The top level, with `PayloadContent`.
    pub body: Dictionary,
}

/// Profiles hold passwords.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Document(..)")
    }
}

/// A payload of a document.
#[derive(Clone, Copy)]
pub struct Payload<'a> {
    /// Position, from 0.
    pub position: usize,
    /// Its keys, with the common ones.
    pub body: &'a Dictionary,
}

/// Payloads hold passwords.
impl std::fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Payload({}, ..)", self.position)
    }
}

impl<'a> Payload<'a> {
    /// What it is called in addresses: its `PayloadUUID` in lower case if it has one that no payload before it has,
    /// else `#` and its position from 1.
    ///
    /// An UUID counts that can stand in an address and before a colon: at most 128 ASCII letters, digits and `- _ .`,
    /// beginning with a letter or digit. Costs a look at each payload before: for all of them take [`Document::ids`].
    pub fn id(&self, of: &Document) -> String {
        let uuid = self.uuid();
        let first = uuid.and_then(|uuid| of.named(uuid));
        match (uuid, first) {
            (Some(uuid), Some(first)) if first.position == self.position => uuid.to_ascii_lowercase(),
            _ => numbered(self.position),
        }
    }

    /// Its UUID as it is written, if it can be one in addresses.
    fn uuid(&self) -> Option<&'a str> {
        let uuid = self.body.get("PayloadUUID").and_then(Value::as_string)?;
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let named = uuid.len() <= 128
            && uuid.starts_with(|c: char| c.is_ascii_alphanumeric())
            && uuid.bytes().all(fits);
        named.then_some(uuid)
    }

    /// `PayloadType`.
    pub fn payload_type(&self) -> &'a str {
        self.body.get("PayloadType").and_then(Value::as_string).unwrap_or_default()
    }
}

fn numbered(position: usize) -> String {
    format!("#{}", position + 1)
}

impl Document {
    /// An empty profile: `PayloadType` Configuration, version 1, identifier, UUID, name, no payloads.
    pub fn new(identifier: &str, uuid: &str, name: &str) -> Self {
        let text = |text: &str| Value::String(text.to_owned());
        let body = [
            ("PayloadContent", Value::Array(Vec::new())),
            ("PayloadDisplayName", text(name)),
            ("PayloadIdentifier", text(identifier)),
            ("PayloadType", text("Configuration")),
            ("PayloadUUID", text(uuid)),
            ("PayloadVersion", Value::Integer(1.into())),
        ];
        Self { body: body.map(|(key, value)| (key.to_owned(), value)).into_iter().collect() }
    }

    /// Reads a `.mobileconfig`, signed or not; see [`super::parse`].
    ///
    /// # Errors
    /// As [`super::parse`]. Also a file whose text as XML would be larger than a profile may be: binary ones and
    /// dense ones grow when they are written again.
    pub fn read(file: &[u8]) -> Result<Self, Malformed> {
        let document = super::parse(file).map(|profile| Self { body: profile.body })?;
        if document.to_xml().len() > Limits::DEVICE.bytes {
            let most = Limits::DEVICE.bytes;
            return Err(Malformed::new("profile", format!("larger than {most} bytes once written as XML")));
        }
        Ok(document)
    }

    /// Whether the envelope is what [`super::parse`] asks for.
    ///
    /// # Errors
    /// What is missing or of another type.
    pub fn check_envelope(&self) -> Result<(), Malformed> {
        super::envelope(&self.body).map(|_| ())
    }

    fn content(&self) -> &[Value] {
        self.body.get("PayloadContent").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn all(&self) -> impl Iterator<Item = Payload<'_>> {
        let items = self.content().iter().enumerate();
        items.filter_map(|(position, value)| Some(Payload { position, body: value.as_dictionary()? }))
    }

    /// The first payload with this UUID; upper and lower case are the same.
    fn named(&self, uuid: &str) -> Option<Payload<'_>> {
        self.all().find(|payload| payload.uuid().is_some_and(|own| own.eq_ignore_ascii_case(uuid)))
    }

    /// Its payloads, in order.
    pub fn payloads(&self) -> Vec<Payload<'_>> {
        self.all().collect()
    }

    /// Its payloads, in order, each with its [`Payload::id`].
    pub fn ids(&self) -> Vec<(String, Payload<'_>)> {
        let mut seen = HashSet::new();
        let mut id = |payload: &Payload<'_>| match payload.uuid().map(str::to_ascii_lowercase) {
            Some(uuid) if seen.insert(uuid.clone()) => uuid,
            _ => numbered(payload.position),
        };
        self.all().map(|payload| (id(&payload), payload)).collect()
    }

    /// The payload of this id; upper and lower case are the same.
    pub fn payload(&self, id: &str) -> Option<Payload<'_>> {
        match id.strip_prefix('#') {
            Some(number) => {
                let position = super::path::index(number)?.checked_sub(1)?;
                let body = self.content().get(position)?.as_dictionary()?;
                Some(Payload { position, body })
            }
            None => self.named(id),
        }
    }

    /// The value at a place. The list of payloads is no value of the top level: each payload has its own places.
    pub fn get(&self, place: &Place) -> Option<&Value> {
        match &place.payload {
            Some(id) => place.path.walk(&self.content()[self.payload(id)?.position]),
            None => {
                let (key, rest) = place.path.0.split_first()?;
                let value = self.body.get(key).filter(|_| key != "PayloadContent")?;
                Path(rest.to_vec()).walk(value)
            }
        }
    }

    /// As XML, stable: the same document gives the same bytes.
    ///
    /// A date that came with a fraction of a second (only binary files have them) loses it.
    pub fn to_xml(&self) -> Vec<u8> {
        plist::dictionary_to_xml(&self.body)
    }
}
