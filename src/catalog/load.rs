//! Reading the payloads of the catalogue.

use std::collections::HashMap;

use serde::Deserialize;

use super::build::{Builder, value_of};
use super::facts::Entry;
use super::form::{Form, Key, Kind, Recipe};
use super::labels::part;
use super::words::Words;
use super::{Catalog, Category, embedded};

#[derive(Deserialize)]
struct Groups {
    categories: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    id: String,
    label: String,
    payloads: Vec<Payload>,
}

#[derive(Deserialize)]
struct Payload {
    file: String,
    label: String,
}

impl Catalog {
    /// Reads facts, shelves and words anew; [`catalog`](super::catalog) keeps what it read. The outcome depends on the
    /// files in the program alone.
    pub fn load() -> Self {
        let words = Words::read();
        let builder = Builder::new(&words);
        let groups: Groups = embedded::read("groups.json");
        let mut entries: HashMap<String, Entry> = embedded::read::<Vec<Entry>>("profiles.json")
            .into_iter()
            .map(|e| (e.id().to_owned(), e))
            .collect();

        for addition in embedded::read::<Vec<Entry>>("additions.json") {
            add(&mut entries, addition);
        }
        let mut borrowed: HashMap<String, Vec<Key>> = entries
            .values()
            .map(|entry| (entry.id().to_owned(), builder.borrowed(entry, &entries)))
            .collect();

        let mut forms = Vec::new();
        let mut categories = Vec::new();
        for group in groups.categories {
            for payload in &group.payloads {
                let Some(entry) = entries.remove(&payload.file) else { continue };
                let mut form = builder.form(entry, &group.id, Some(&payload.label));
                if let Some(keys) = borrowed.remove(&form.id) {
                    form.lend(keys);
                }
                forms.push(form);
            }
            categories.push(Category { id: group.id, label: group.label });
        }
        // What a newer schema brings stands on the last shelf until somebody sorts it in.
        let mut rest: Vec<Entry> = entries.into_values().collect();
        rest.sort_by(|a, b| a.file.cmp(&b.file));
        if let Some(last) = categories.last() {
            forms.extend(rest.into_iter().map(|entry| builder.form(entry, &last.id, None)));
        }
        let mut take = |id: &str| {
            let at = forms.iter().position(|form: &Form| form.id == id);
            forms.remove(at.unwrap_or_else(|| panic!("{id} is part of the facts")))
        };
        let (top_level, common) = (take("TopLevel"), take("CommonPayloadKeys"));
        let recipes = recipes(&words, &forms);
        Self { forms, top_level, common, categories, recipes, index: std::sync::OnceLock::new() }
    }
}

impl Form {
    /// Takes keys that the schema covers by "any key", before that free key, which stays for all others.
    fn lend(&mut self, mut keys: Vec<Key>) {
        keys.retain(|key| self.keys.iter().all(|own| own.name != key.name));
        let free = self.keys.iter().position(Key::is_free).unwrap_or(self.keys.len());
        self.keys.splice(free..free, keys);
    }
}

/// A payload that the schema lacks, or rules for keys of one that it has.
fn add(entries: &mut HashMap<String, Entry>, addition: Entry) {
    match entries.get_mut(addition.id()) {
        Some(entry) => {
            for fact in &mut entry.keys {
                fact.comb = addition.comb.get(&fact.k).cloned().or(fact.comb.take());
            }
        }
        None => {
            entries.insert(addition.id().to_owned(), addition);
        }
    }
}

fn recipes(words: &Words, forms: &[Form]) -> Vec<Recipe> {
    words
        .recipes
        .iter()
        .map(|recipe| {
            let form = forms.iter().find(|form| form.id == recipe.form);
            let starts = recipe.starts.iter().filter_map(|(address, value)| {
                let address = part(address);
                let kind = form.and_then(|form| form.at(&address)).map_or(Kind::Any, |key| key.kind);
                Some((address, value_of(kind, value)?))
            });
            Recipe {
                id: recipe.id.clone(),
                label: recipe.label.clone(),
                help: recipe.help.clone(),
                form: recipe.form.clone(),
                keys: recipe.keys.iter().map(|address| part(address)).collect(),
                starts: starts.collect(),
            }
        })
        .collect()
}
