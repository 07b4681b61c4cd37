//! What could be added to a page.

use super::bench::Bench;
use super::facts;
use super::rows::ENVELOPE;
use crate::catalog::{Availability, Key, Os};
use crate::views::admin::editor::{Facets, Offer, OfferGroup, anchor};
use crate::web::fields::Fields;
use crate::wire::plist::{Dictionary, Value};
use crate::wire::profile::Path;

/// Lists up to this length are unfolded.
const SHORT: usize = 24;

/// What the list is narrowed to, from the query or from the form.
pub(super) fn facets(fields: &Fields) -> Facets {
    let os = fields.text("add_os");
    Facets {
        q: fields.text("add_q").trim().chars().take(100).collect(),
        os: Os::ALL.iter().map(|o| o.as_str().to_lowercase()).find(|o| o == os).unwrap_or_default(),
        supervised: fields.ticked("add_supervised"),
        set: fields.ticked("add_set"),
        systems: Vec::new(),
    }
}

impl Bench<'_> {
    /// The settings that a page at `base` could have, under their headings.
    pub(super) fn offers(&self, base: &Path, facets: &mut Facets) -> Vec<OfferGroup> {
        let empty = Dictionary::new();
        let dict = match self.value(base) {
            _ if base.0.is_empty() => self.body,
            Some(Value::Dictionary(d)) => d,
            _ => &empty,
        };
        let keys = self.children(base, self.key(base));
        let whole = self.form.map(|f| &f.availability);
        facets.systems = whole.map(|w| facts::systems(w).map(Os::as_str).collect()).unwrap_or_default();
        let mut groups: Vec<OfferGroup> = Vec::new();
        for key in keys.iter().filter(|k| !k.is_free()) {
            if base.0.is_empty()
                && (ENVELOPE.contains(&key.name.as_str())
                    || (self.is_domains() && key.name == "PayloadContent"))
            {
                continue;
            }
            let offer = self.offer(base, key, dict, facets);
            // What is required has its row already.
            if key.required && offer.set.is_none() {
                continue;
            }
            let label = key.section.clone().unwrap_or_default();
            match groups.iter_mut().find(|g| g.label == label) {
                Some(group) => group.offers.push(offer),
                None => groups.push(OfferGroup { label, offers: vec![offer], open: false }),
            }
        }
        let all: usize = groups.iter().map(|g| g.offers.len()).sum();
        let many = groups.len() > 1;
        for group in &mut groups {
            if many && group.label.is_empty() {
                group.label = "Further settings".into();
            }
            group.open = all <= SHORT || !facets.q.is_empty();
        }
        groups
    }

    /// The settings that a dictionary on a page could have.
    pub(super) fn offers_inside(&self, base: &Path, keys: &[Key], dict: &Dictionary) -> Vec<Offer> {
        let none = Facets::default();
        keys.iter()
            .filter(|k| {
                !k.is_free() && !dict.contains_key(&k.name) && (!k.required || self.value(base).is_none())
            })
            .map(|key| self.offer(base, key, dict, &none))
            .filter(|offer| !offer.hidden)
            .collect()
    }

    fn offer(&self, base: &Path, key: &Key, dict: &Dictionary, facets: &Facets) -> Offer {
        let path = base.then(key.name.as_str()).to_string();
        let set = dict.contains_key(&key.name).then(|| anchor(&path));
        let supervised = facts::only_supervised(&key.availability);
        let old = facts::is_old(&key.availability);
        let found = !facets.q.is_empty() && matches(key, &facets.q);
        let fits = (facets.q.is_empty() || found)
            && (facets.os.is_empty() || on(&key.availability, &facets.os))
            && (!facets.supervised || supervised);
        Offer {
            hidden: !fits || (old && !found) || (set.is_some() && !facets.set && !found),
            label: key.label.clone(),
            name: if key.name == key.label { String::new() } else { key.name.clone() },
            badges: if set.is_some() { Vec::new() } else { facts::badges(self.form, key) },
            help: key.help.clone().filter(|_| set.is_none()),
            words: key.synonyms.join(" "),
            systems: facts::systems(&key.availability)
                .map(|os| os.as_str().to_lowercase())
                .collect::<Vec<_>>()
                .join(" "),
            supervised,
            old,
            path,
            set,
        }
    }
}

fn on(of: &Availability, os: &str) -> bool {
    facts::systems(of).any(|o| o.as_str().to_lowercase() == os)
}

/// Every word of `q` is somewhere in the key's names, help or synonyms.
fn matches(key: &Key, q: &str) -> bool {
    let mut all = format!("{} {} {}", key.label, key.name, key.help.as_deref().unwrap_or_default());
    for word in &key.synonyms {
        all.push(' ');
        all.push_str(word);
    }
    let all = all.to_lowercase();
    q.to_lowercase().split_whitespace().all(|word| all.contains(word))
}
