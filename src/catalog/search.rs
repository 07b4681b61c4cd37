//! Finding a form or a key by the words people use.

use super::{Form, Key};

/// Something found.
#[derive(Debug, Clone, Copy)]
pub struct Hit<'a> {
    /// The form.
    pub form: &'a Form,
    /// The key in it; none when the form itself was found.
    pub key: Option<&'a Key>,
    /// Address of the key: names from the top of the form, items of arrays included. Empty for a form.
    pub address: &'a [String],
}

/// What is searched of one form or key, folded once.
#[derive(Debug)]
struct Text {
    form: usize,
    /// Places from the top of the form; empty for the form itself.
    places: Vec<usize>,
    address: Vec<String>,
    name: String,
    label: String,
    synonyms: String,
    help: String,
}

/// The folded texts of many forms.
#[derive(Debug)]
pub(super) struct Index {
    texts: Vec<Text>,
}

impl Index {
    pub(super) fn new<'a>(forms: impl Iterator<Item = &'a Form>) -> Self {
        let mut texts = Vec::new();
        for (number, form) in forms.enumerate() {
            texts.push(Text {
                form: number,
                places: Vec::new(),
                address: Vec::new(),
                name: squeeze(&form.payload_type),
                label: fold(&form.label),
                synonyms: fold(&form.synonyms.join(" ")),
                help: fold(form.help.as_deref().unwrap_or_default()),
            });
            add(&mut texts, number, &form.keys, &mut Vec::new(), &mut Vec::new());
        }
        Self { texts }
    }

    /// The best `most` hits, in an order that depends on nothing but the query.
    pub(super) fn find<'a>(
        &'a self,
        forms: &dyn Fn(usize) -> &'a Form,
        query: &str,
        most: usize,
    ) -> Vec<Hit<'a>> {
        let folded = fold(query);
        let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let whole = words.join(" ");
        let tight = words.concat();
        let mut heads = 0;
        let mut found: Vec<(i32, usize)> = Vec::new();
        for (at, text) in self.texts.iter().enumerate() {
            if text.places.is_empty() {
                heads = at;
            }
            if let Some(score) = text.score(&words, &whole, &tight, &self.texts[heads]) {
                found.push((score, at));
            }
        }
        found.sort_by(|(a, x), (b, y)| b.cmp(a).then(x.cmp(y)));
        found
            .into_iter()
            .take(most)
            .map(|(_, at)| {
                let text = &self.texts[at];
                let form = forms(text.form);
                Hit { form, key: key_at(form, &text.places), address: &text.address }
            })
            .collect()
    }
}

fn add(texts: &mut Vec<Text>, form: usize, keys: &[Key], places: &mut Vec<usize>, address: &mut Vec<String>) {
    for (place, key) in keys.iter().enumerate() {
        places.push(place);
        address.push(key.name.clone());
        let values = key.value_labels.iter().map(|(_, label)| label.as_str());
        let synonyms: Vec<&str> = key.synonyms.iter().map(String::as_str).chain(values).collect();
        texts.push(Text {
            form,
            places: places.clone(),
            address: address.clone(),
            name: squeeze(&key.name),
            label: fold(&key.label),
            synonyms: fold(&synonyms.join(" ")),
            help: fold(key.help.as_deref().unwrap_or_default()),
        });
        add(texts, form, &key.keys, places, address);
        places.pop();
        address.pop();
    }
}

fn key_at<'a>(form: &'a Form, places: &[usize]) -> Option<&'a Key> {
    let (first, rest) = places.split_first()?;
    rest.iter().try_fold(form.keys.get(*first)?, |key, place| key.keys.get(*place))
}

impl Text {
    /// How well all words fit; none when one is nowhere, or when all are in the name of the payload alone.
    fn score(&self, words: &[&str], whole: &str, tight: &str, head: &Text) -> Option<i32> {
        let mut own = false;
        let mut score = 0;
        for word in words {
            score += match self.weight(word) {
                0 if head.label.contains(word) || head.synonyms.contains(word) => 300,
                0 => return None,
                weight => {
                    own = true;
                    weight
                }
            };
        }
        if !own {
            return None;
        }
        if self.name == tight || self.label == whole {
            score += 2000;
        } else if self.label.starts_with(whole) {
            score += 500;
        }
        // The payload before its keys when it is called so, the shallow before the deep, the short before the long.
        let depth = i32::try_from(self.places.len()).unwrap_or(i32::MAX);
        let length = i32::try_from(self.label.len()).unwrap_or(i32::MAX);
        let place = match depth {
            0 if self.label.starts_with(whole) => 2500,
            0 => 250,
            _ => -10 * depth,
        };
        Some(score + place - length / 4)
    }

    fn weight(&self, word: &str) -> i32 {
        if self.name == word {
            1000
        } else if self.label.starts_with(word) {
            800
        } else if starts_a_word(&self.label, word) {
            600
        } else if self.name.contains(word) {
            500
        } else if self.label.contains(word) {
            450
        } else if starts_a_word(&self.synonyms, word) {
            400
        } else if self.synonyms.contains(word) {
            350
        } else if starts_a_word(&self.help, word) {
            150
        } else if self.help.contains(word) {
            100
        } else {
            0
        }
    }
}

fn starts_a_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| at == 0 || text.as_bytes()[at - 1] == b' ')
}

/// Small letters and single blanks; hyphens and apostrophes fall away, so that "wifi" finds "Wi-Fi".
fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '-' | '\'' | '\u{2019}' | '\u{2011}' => {}
            c if c.is_alphanumeric() => out.extend(c.to_lowercase()),
            _ if out.ends_with(' ') || out.is_empty() => {}
            _ => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn squeeze(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
