//! What Apple documents: every payload, command, declaration, status item and skip key, as facts, with our words.
//!
//! The facts are those of `assets/catalog/*.json`, the words those of `assets/catalog/words/*.json`; both are embedded
//! in the binary and read once. Everything here is a pure question about them.

mod availability;
mod build;
mod combine;
mod embedded;
mod facts;
mod form;
mod inherit;
mod judge;
mod labels;
mod load;
mod pattern;
mod rights;
mod sample;
mod search;
mod sections;
mod words;

use std::cmp::Reverse;
use std::sync::{LazyLock, OnceLock};

use crate::wire::plist::{Dictionary, Value};

pub use availability::{Availability, Enrolled, Os, OsFacts, Target, Verdict, Version, Why};
pub use combine::combine;
pub use form::{Combine, Field, Form, Key, Kind, Range, Recipe, Rule};
pub use judge::{kind_of, text};
pub use pattern::reads as reads_pattern;
pub use rights::{Right, rights};
pub use search::Hit;
pub use sections::{
    Command, Declaration, Family, Section, StatusItem, check_ins, commands, declarations, messages,
    skip_keys, status_items,
};

/// Everything that Apple documents about profiles.
#[derive(Debug)]
pub struct Catalog {
    forms: Vec<Form>,
    top_level: Form,
    common: Form,
    categories: Vec<Category>,
    recipes: Vec<Recipe>,
    index: OnceLock<search::Index>,
}

/// A shelf of the editor's list of payloads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Word in addresses.
    pub id: String,
    /// For people.
    pub label: String,
}

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::load);

/// The catalogue, read at the first call (below 10 ms).
pub fn catalog() -> &'static Catalog {
    &CATALOG
}

impl Catalog {
    /// The forms of payloads that people may fill, in the order of the categories: the 126 of Apple's schema, and
    /// those that we added. Headers are not among them; internal forms are, and say so.
    pub fn forms(&self) -> &[Form] {
        &self.forms
    }

    /// The form of this id (file stem in Apple's schema, as `com.apple.MCX(EnergySaver)`), headers included.
    pub fn form(&self, id: &str) -> Option<&Form> {
        self.forms.iter().chain([&self.top_level, &self.common]).find(|form| form.id == id)
    }

    /// The forms of a payload type: usually one, six for `com.apple.MCX`.
    pub fn forms_of<'a>(&'a self, payload_type: &'a str) -> impl Iterator<Item = &'a Form> {
        self.forms.iter().filter(move |form| form.payload_type == payload_type)
    }

    /// The form that fits this payload best: by its `PayloadType`, and where a type has several forms by the keys
    /// that are set: the one that knows most of them and has fewest that are missing. A value that a key does not
    /// allow (`ExtensionIdentifier` of another extension) rules a form out before the keys are counted. Where no key
    /// tells, `PayloadDisplayName` does, if it is the label of a form.
    pub fn form_for(&self, payload: &Dictionary) -> Option<&Form> {
        let payload_type = payload.get("PayloadType")?.as_string()?;
        let fits = |form: &&Form| {
            let mut legal = true;
            // A value of a key's own list tells more than the bare name of the key.
            let mut known = 0;
            for (name, value) in payload {
                let Some(key) = form.keys.iter().find(|key| key.name == *name) else { continue };
                let listed = !key.values.is_empty();
                legal &= !listed || key.judge(value).is_ok();
                known += 1 + usize::from(listed);
            }
            let missing = form.keys.iter().filter(|key| key.required && !payload.contains_key(&key.name));
            let named = payload.get("PayloadDisplayName").and_then(Value::as_string) == Some(&form.label);
            (legal, known, named, Reverse(missing.count()), Reverse(form.keys.len()))
        };
        let mut best: Option<&Form> = None;
        for form in self.forms.iter().filter(|form| form.payload_type == payload_type) {
            if best.is_none_or(|best| fits(&form) > fits(&best)) {
                best = Some(form);
            }
        }
        best
    }

    /// The top level of a profile (`TopLevel`): the general settings.
    pub fn top_level(&self) -> &Form {
        &self.top_level
    }

    /// What every payload shares (`CommonPayloadKeys`).
    pub fn common(&self) -> &Form {
        &self.common
    }

    /// The shelves, in order.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// The curated short forms, in order.
    pub fn recipes(&self) -> &[Recipe] {
        &self.recipes
    }

    /// Forms and keys whose label, name, help or synonyms hold every word of `query`, best first. Words may also
    /// stand in the label of the payload, but not all of them.
    pub fn search(&self, query: &str, most: usize) -> Vec<Hit<'_>> {
        let index = self.index.get_or_init(|| search::Index::new(self.forms.iter()));
        index.find(&|number| &self.forms[number], query, most)
    }
}
