//! Our words for the facts: `assets/catalog/words/*.json`, in the format of `assets/catalog/README.md`.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::embedded;
use super::facts::Fact;

/// Words of a form.
#[derive(Debug, Default, Deserialize)]
pub(super) struct FormWords {
    pub(super) label: Option<String>,
    pub(super) help: Option<String>,
    #[serde(default)]
    pub(super) synonyms: Vec<String>,
    #[serde(default)]
    pub(super) rules: Vec<RuleWords>,
    #[serde(default)]
    keys: HashMap<String, KeyWords>,
    /// Keys that Apple documents in prose alone.
    #[serde(default)]
    pub(super) adds: Vec<Fact>,
    pub(super) borrows: Option<Borrows>,
}

/// A form that takes keys of another.
#[derive(Debug, Deserialize)]
pub(super) struct Borrows {
    pub(super) from: String,
    pub(super) keys: Vec<String>,
}

/// Words of a key.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct KeyWords {
    pub(super) section: Option<String>,
    pub(super) label: Option<String>,
    pub(super) help: Option<String>,
    pub(super) synonyms: Vec<String>,
    pub(super) unit: Option<String>,
    pub(super) secret: bool,
    pub(super) values: Map<String, Json>,
    pub(super) on: Option<String>,
    pub(super) off: Option<String>,
    pub(super) format: Option<String>,
    pub(super) refers: Option<String>,
    pub(super) example: Option<String>,
    pub(super) needed: Option<String>,
    pub(super) replaced_by: Option<String>,
    /// False lifts what the facts say.
    pub(super) required: Option<bool>,
}

/// A conditional rule as written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RuleWords {
    #[serde(rename = "in")]
    pub(super) within: Option<String>,
    #[serde(rename = "if")]
    pub(super) when: Map<String, Json>,
    pub(super) if_set: Vec<String>,
    pub(super) needs: Vec<String>,
    pub(super) forbids: Vec<String>,
    pub(super) one_of: Vec<String>,
    pub(super) says: String,
}

/// A recipe as written.
#[derive(Debug, Deserialize)]
pub(super) struct RecipeWords {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) help: String,
    pub(super) form: String,
    pub(super) keys: Vec<String>,
    #[serde(default)]
    pub(super) starts: Map<String, Json>,
}

#[derive(Default, Deserialize)]
struct Recipes {
    recipes: Vec<RecipeWords>,
}

#[derive(Default, Deserialize)]
struct Glossary {
    words: HashMap<String, String>,
}

/// All words.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) forms: HashMap<String, FormWords>,
    pub(super) recipes: Vec<RecipeWords>,
    pub(super) glossary: HashMap<String, String>,
}

impl Words {
    /// How words are written, without the words of payloads: what the sections of commands and declarations need.
    pub(super) fn glossary_only() -> Self {
        let glossary = embedded::read_if::<Glossary>("words/glossary.json").unwrap_or_default();
        Self { glossary: glossary.words, ..Self::default() }
    }

    pub(super) fn read() -> Self {
        let mut out = Self::default();
        for name in embedded::words() {
            match name.as_str() {
                "words/glossary.json" => out.glossary = embedded::read::<Glossary>(&name).words,
                "words/recipes.json" => out.recipes = embedded::read::<Recipes>(&name).recipes,
                _ => out.forms.extend(embedded::read::<HashMap<String, FormWords>>(&name)),
            }
        }
        out
    }
}

/// The words of one form, ready to be asked by address.
pub(super) struct Lookup<'a> {
    /// Whoever is asked when these words are silent.
    next: Option<Box<Lookup<'a>>>,
    exact: Option<&'a HashMap<String, KeyWords>>,
    /// Wildcards, the one that wins first.
    wild: Vec<(Vec<&'a str>, &'a KeyWords)>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(words: Option<&'a FormWords>) -> Self {
        let Some(words) = words else { return Self { next: None, exact: None, wild: Vec::new() } };
        let mut wild: Vec<(&str, Vec<&str>, &KeyWords)> = words
            .keys
            .iter()
            .filter(|(address, _)| address.contains('*'))
            .map(|(address, key)| (address.as_str(), address.split('/').collect(), key))
            .collect();
        wild.sort_by(|(a, x, _), (b, y, _)| {
            let weight =
                |text: &str, parts: &[&str]| (parts.iter().filter(|p| !is_wild(p)).count(), text.len());
            weight(b, y).cmp(&weight(a, x)).then(a.cmp(b))
        });
        Self {
            next: None,
            exact: Some(&words.keys),
            wild: wild.into_iter().map(|(_, parts, key)| (parts, key)).collect(),
        }
    }

    /// These words, and those of another form where these are silent.
    pub(super) fn over(self, other: Self) -> Self {
        Self { next: Some(Box::new(other)), ..self }
    }

    /// The words of the key at this address.
    pub(super) fn of(&self, address: &str) -> Option<&'a KeyWords> {
        let exact = self.exact.and_then(|exact| exact.get(address));
        exact
            .or_else(|| self.wild.iter().find(|(pattern, _)| fits(pattern, address)).map(|(_, words)| *words))
            .or_else(|| self.next.as_ref()?.of(address))
    }
}

fn fits(pattern: &[&str], address: &str) -> bool {
    // The last segment tells almost always, without splitting the address.
    let last = pattern.last().copied().unwrap_or_default();
    (is_wild(last) || address.ends_with(last)) && matches(pattern, &address.split('/').collect::<Vec<_>>())
}

fn is_wild(segment: &str) -> bool {
    matches!(segment, "*" | "**")
}

/// `*` is one segment, `**` any number of them, none included.
fn matches(pattern: &[&str], address: &[&str]) -> bool {
    match (pattern, address) {
        ([], []) => true,
        (["**", rest @ ..], _) => {
            matches(rest, address) || (!address.is_empty() && matches(pattern, &address[1..]))
        }
        (["*", rest @ ..], [_, left @ ..]) => matches(rest, left),
        ([first, rest @ ..], [name, left @ ..]) if first == name => matches(rest, left),
        _ => false,
    }
}
