//! What payloads have to do with each other.

use std::collections::{HashMap, HashSet};

use super::Found;
use crate::catalog::{Field, Form, Key, Os};
use crate::model::document::Weight;
use crate::rules::document::Known;
use crate::wire::plist::Value;
use crate::wire::profile::{Document, Path, Place};

/// Payload types that bring a certificate with its private key.
const IDENTITIES: &[&str] = &[
    "com.apple.security.pkcs12",
    "com.apple.security.scep",
    "com.apple.security.acme",
    "com.apple.security.wapi-identity",
    "com.apple.ADCertificate.managed",
];

/// Payload types that bring a certificate alone.
const CERTIFICATES: &[&str] =
    &["com.apple.security.root", "com.apple.security.pkcs1", "com.apple.security.pem"];

const REMOVAL_PASSWORD: &str = "com.apple.profileRemovalPassword";

/// What every profile needs as a whole: payloads, each known by a UUID and an identifier of its own.
pub(super) fn whole(document: &Document, found: &mut Found) {
    let payloads = document.ids();
    if payloads.is_empty() {
        let place = Place { payload: None, path: Path::default() };
        let said = "The profile has no payloads: it does nothing on a device.".to_owned();
        found.put(place, Weight::Warning, "profile.empty", said);
    }
    for (key, code) in
        [("PayloadUUID", "profile.uuid-twice"), ("PayloadIdentifier", "profile.identifier-twice")]
    {
        let mut seen = HashSet::new();
        // The profile itself counts: a device keeps all of them in one place.
        seen.extend(document.body.get(key).and_then(Value::as_string).map(str::to_ascii_lowercase));
        for (id, payload) in &payloads {
            let Some(text) = payload.body.get(key).and_then(Value::as_string) else { continue };
            if !seen.insert(text.to_ascii_lowercase()) {
                let place = Place { payload: Some(id.clone()), path: Path(vec![key.to_owned()]) };
                let said = format!(
                    "{key}: another payload, or the profile itself, has the same. Each needs its own."
                );
                found.put(place, Weight::Error, code, said);
            }
        }
    }
}

/// A payload that a device takes once must not come a second time. `seen` are the forms of the payloads before.
pub(super) fn once(form: &'static Form, seen: &mut HashSet<&'static str>, place: &Place, found: &mut Found) {
    if seen.insert(&form.id) {
        return;
    }
    let systems: Vec<Os> = form.availability.systems().collect();
    let single: Vec<&str> =
        systems.iter().filter(|os| form.may_repeat(**os) == Some(false)).map(|os| os.as_str()).collect();
    let (weight, said) = match single.len() {
        0 => return,
        all if all == systems.len() => (
            Weight::Error,
            format!("{} is in the profile twice, and devices take it once. Put both into one.", form.label),
        ),
        _ => (
            Weight::Warning,
            format!("{} is in the profile twice; {} takes it once.", form.label, single.join(" and ")),
        ),
    };
    found.put(place.clone(), weight, "profile.payload-twice", said);
}

/// Payloads that others may point to, by their UUID in lower case.
pub(super) struct References {
    types: HashMap<String, String>,
}

impl References {
    pub(super) fn of(document: &Document) -> Self {
        let types = document.payloads().into_iter().filter_map(|payload| {
            let uuid = payload.body.get("PayloadUUID").and_then(Value::as_string)?;
            Some((uuid.to_ascii_lowercase(), payload.payload_type().to_owned()))
        });
        Self { types: types.collect() }
    }

    /// Whether a key points to payloads and its value is the UUID of one.
    pub(super) fn leads(&self, key: &Key, value: &Value) -> bool {
        matches!(key.field, Field::Identity | Field::Certificate | Field::Payload)
            && value.as_string().is_some_and(|uuid| self.types.contains_key(&uuid.to_ascii_lowercase()))
    }

    /// A reference must lead to a payload of its kind. A certificate may also be on the device already, put there by
    /// another profile, but then a device does not find it by this UUID: a warning.
    pub(super) fn look(&self, at: &Known<'_>, found: &mut Found) {
        let (Some((_, key)), Some(uuid)) = (at.key, at.value.as_string()) else { return };
        let wanted = match key.field {
            Field::Identity => "an identity (PKCS #12, SCEP, ACME, Active Directory certificate)",
            Field::Certificate => "a certificate",
            Field::Payload => "a payload",
            _ => return,
        };
        let kind = self.types.get(&uuid.to_ascii_lowercase());
        let fits = kind.is_some_and(|kind| {
            let identity = IDENTITIES.contains(&kind.as_str());
            match key.field {
                Field::Identity => identity,
                Field::Certificate => identity || CERTIFICATES.contains(&kind.as_str()),
                _ => true,
            }
        });
        if !fits {
            let said = match kind {
                None => {
                    format!("{}: no payload of this profile has this UUID. It needs {wanted}.", key.label)
                }
                Some(kind) => {
                    format!("{}: points to a payload of type {kind}. It needs {wanted}.", key.label)
                }
            };
            found.put(at.place(), Weight::Warning, "profile.reference", said);
        }
    }
}

/// Settings about removal that undo each other.
pub(super) fn removal(document: &Document, found: &mut Found) {
    let password = document.ids().into_iter().find(|(_, payload)| payload.payload_type() == REMOVAL_PASSWORD);
    let locked = document.body.get("PayloadRemovalDisallowed").and_then(Value::as_boolean) == Some(true);
    if let Some((id, _)) = password.filter(|_| !locked) {
        let place = Place { payload: Some(id), path: Path::default() };
        let said = "The removal password does nothing while everyone may remove the profile: \
                    set removal to “with password”."
            .to_owned();
        found.put(place, Weight::Warning, "profile.removal-password-unused", said);
    }
    if document.body.contains_key("RemovalDate") && document.body.contains_key("DurationUntilRemoval") {
        let said =
            "A date and a duration are both set: the profile goes at the earlier of the two.".to_owned();
        found.put(Place::top("RemovalDate"), Weight::Note, "profile.removal-twice", said);
    }
}
