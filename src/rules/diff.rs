//! The difference of two documents, key by key.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::catalog::catalog;
use crate::model::document::{Difference, Shown};
use crate::rules::document::{key_at, label_at, payload_label};
use crate::rules::{entry, secrets};
use crate::wire::plist::Value;
use crate::wire::profile::{Document, Path, Payload, Place};

/// Keys that every payload has and that tell nothing by themselves when a payload comes or goes.
const ENVELOPE: &[&str] = &["PayloadType", "PayloadUUID", "PayloadIdentifier", "PayloadVersion"];

/// What differs, in the order of the newer document, removed ones last. Payloads are matched by their UUID, then by
/// identifier, then by type and position. Secrets show only that they changed; identifiers of revisions
/// (`PayloadUUID` of the top level) are no difference, nor is the order of keys.
///
/// A payload that came or went is told as such, then key by key. Where payloads changed their order, that is told of
/// [`order`]'s place.
pub fn diff(old: &Document, new: &Document) -> Vec<Difference> {
    let mut differing = Differing { old, new, out: Vec::new() };
    for (key, value) in new.body.iter().filter(|(key, _)| is_general(key)) {
        let place = Place::top(key);
        differing.values((place.clone(), old.body.get(key)), (place, Some(value)));
    }
    let (before, after) = (old.ids(), new.ids());
    let pairs = matches(old, new);
    let partner: HashMap<usize, usize> = pairs.iter().map(|(old, new)| (*new, *old)).collect();
    let by_position: HashMap<usize, &(String, Payload<'_>)> =
        before.iter().map(|b| (b.1.position, b)).collect();
    for (id, payload) in &after {
        let place = |id: &str| Place { payload: Some(id.to_owned()), path: Path::default() };
        let partner = partner.get(&payload.position).and_then(|old| by_position.get(old));
        match partner {
            Some((old_id, was)) => differing.payload((place(old_id), *was), (place(id), *payload)),
            None => {
                differing.whole(place(id), *payload, true);
            }
        }
    }
    differing.order(&pairs);
    for (key, value) in old.body.iter().filter(|(key, _)| is_general(key) && !new.body.contains_key(key)) {
        let place = Place::top(key);
        differing.values((place.clone(), Some(value)), (place, None));
    }
    let kept: HashSet<usize> = pairs.iter().map(|(old, _)| *old).collect();
    for (id, payload) in &before {
        if !kept.contains(&payload.position) {
            let place = Place { payload: Some(id.clone()), path: Path::default() };
            differing.whole(place, *payload, false);
        }
    }
    differing.out
}

/// The place that stands for the order of payloads in a difference.
pub fn order() -> Place {
    Place::top("PayloadContent")
}

fn is_general(key: &str) -> bool {
    key != "PayloadContent" && key != "PayloadUUID"
}

/// Positions of payloads that are the same one in both documents: by UUID, then by identifier, then by type in order.
pub(in crate::rules) fn matches(old: &Document, new: &Document) -> Vec<(usize, usize)> {
    let (before, after) = (old.payloads(), new.payloads());
    let (mut old_done, mut new_done) = (HashSet::new(), HashSet::new());
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for key in ["PayloadUUID", "PayloadIdentifier", "PayloadType"] {
        // Two payloads of different types are not the same one, whatever else they share.
        let word = |payload: &Payload<'_>| {
            let text = payload.body.get(key).and_then(Value::as_string)?;
            Some((payload.payload_type().to_owned(), text.to_ascii_lowercase()))
        };
        let mut waiting: HashMap<_, VecDeque<usize>> = HashMap::new();
        for payload in before.iter().filter(|payload| !old_done.contains(&payload.position)) {
            if let Some(word) = word(payload) {
                waiting.entry(word).or_default().push_back(payload.position);
            }
        }
        for payload in &after {
            if new_done.contains(&payload.position) {
                continue;
            }
            if let Some(old) = word(payload).and_then(|word| waiting.get_mut(&word)?.pop_front()) {
                old_done.insert(old);
                new_done.insert(payload.position);
                pairs.push((old, payload.position));
            }
        }
    }
    pairs
}

struct Differing<'a> {
    old: &'a Document,
    new: &'a Document,
    out: Vec<Difference>,
}

impl Differing<'_> {
    fn payload(&mut self, old: (Place, Payload<'_>), new: (Place, Payload<'_>)) {
        for (key, value) in new.1.body {
            self.values((old.0.then(key), old.1.body.get(key)), (new.0.then(key), Some(value)));
        }
        for (key, value) in old.1.body.iter().filter(|(key, _)| !new.1.body.contains_key(key)) {
            self.values((old.0.then(key), Some(value)), (new.0.then(key), None));
        }
    }

    /// A payload that came or went.
    fn whole(&mut self, place: Place, payload: Payload<'_>, came: bool) {
        let label = payload_label(payload, catalog().form_for(payload.body));
        let name = payload.body.get("PayloadDisplayName").and_then(Value::as_string).unwrap_or(&label);
        let there = Shown::Text(entry::show(None, &Value::String(name.to_owned())));
        let (old, new) = if came { (Shown::Unset, there) } else { (there, Shown::Unset) };
        self.out.push(Difference { place: place.clone(), payload: label, label: "Payload".into(), old, new });
        for (key, value) in payload.body.iter().filter(|(key, _)| !ENVELOPE.contains(&key.as_str())) {
            let at = place.then(key);
            let sides = if came { (None, Some(value)) } else { (Some(value), None) };
            self.values((at.clone(), sides.0), (at, sides.1));
        }
    }

    /// Two values and what they hold; as deep as documents are.
    fn values(&mut self, old: (Place, Option<&Value>), new: (Place, Option<&Value>)) {
        if old.1 == new.1 {
            return;
        }
        match (old.1, new.1) {
            (Some(Value::Dictionary(before)), Some(Value::Dictionary(after))) => {
                for (key, value) in after {
                    self.values((old.0.then(key), before.get(key)), (new.0.then(key), Some(value)));
                }
                for (key, value) in before.iter().filter(|(key, _)| !after.contains_key(key)) {
                    self.values((old.0.then(key), Some(value)), (new.0.then(key), None));
                }
            }
            // Items that are dictionaries have keys of their own to tell of.
            (Some(Value::Array(before)), Some(Value::Array(after)))
                if before.len() == after.len() && before.iter().chain(after).all(is_dictionary) =>
            {
                for (at, (before, after)) in before.iter().zip(after).enumerate() {
                    let part = at.to_string();
                    self.values((old.0.then(&part), Some(before)), (new.0.then(&part), Some(after)));
                }
            }
            _ => self.tell(old, new),
        }
    }

    fn tell(&mut self, old: (Place, Option<&Value>), new: (Place, Option<&Value>)) {
        // What was removed lies in the older document alone.
        let (document, place) = if new.1.is_some() { (self.new, &new.0) } else { (self.old, &old.0) };
        // Where a document has no such payload, its form is not known, and a name alone would be judged.
        let hides = |document, (place, value): &(Place, Option<&Value>)| {
            value.is_some() && secrets::is_secret(document, place)
        };
        let secret = hides(self.new, &new) || hides(self.old, &old);
        let key = key_at(document, place).map(|(_, key)| key);
        let shown = |value: Option<&Value>| match value {
            None => Shown::Unset,
            Some(_) if secret => Shown::Secret,
            Some(value) => Shown::Text(entry::show(key, value)),
        };
        let payload = place.payload.as_deref().and_then(|id| document.payload(id));
        let payload = payload.map_or_else(
            || "General".to_owned(),
            |payload| payload_label(payload, catalog().form_for(payload.body)),
        );
        let (label, place) = (label_at(document, place), place.clone());
        self.out.push(Difference { place, payload, label, old: shown(old.1), new: shown(new.1) });
    }

    fn order(&mut self, pairs: &[(usize, usize)]) {
        let mut by_new = pairs.to_vec();
        by_new.sort_by_key(|(_, new)| *new);
        if by_new.is_sorted_by_key(|(old, _)| *old) {
            return;
        }
        let names = |document: &Document| {
            let labels =
                document.payloads().into_iter().map(|p| payload_label(p, catalog().form_for(p.body)));
            Shown::Text(entry::show(None, &Value::String(labels.collect::<Vec<_>>().join(", "))))
        };
        self.out.push(Difference {
            place: order(),
            payload: "General".into(),
            label: "Order of payloads".into(),
            old: names(self.old),
            new: names(self.new),
        });
    }
}

fn is_dictionary(value: &Value) -> bool {
    matches!(value, Value::Dictionary(_))
}
