//! The editor of payloads: only what is set has a row, and everything else waits in a list to be added.
//!
//! One form holds a whole page of it. Each button of the form saves the page first and then does its own deed, so
//! nothing that was typed is lost on the way. Names of fields are those of [`field`].

pub mod control;
pub mod find;
pub mod list;
pub mod offers;
pub mod payload;
pub mod row;

pub use control::{Choice, Control, Item, Line};
pub use find::{FindPage, Found, Shelf, ShelfForm};
pub use list::{PayloadCard, PayloadList, PayloadRemove};
pub use offers::{Facets, Offer, OfferGroup};
pub use payload::{PayloadEditor, Section};
pub use row::{Clash, Row};

use maud::{Markup, html};

use super::library::badges::Count;
use crate::views::{Tone, parts, words};

/// Names of the editor's fields. `path` is the text form of the way from the top of the payload.
///
/// Buttons of the form: `add` (a setting, by path), `append` (an item to an array), `remove`, `up`, `down` (by path),
/// `free` (a key of any name, to the dictionary at `/` and a path), `find` (filters the list of settings).
pub mod field {
    /// Mark of the value that was shown: there is one for each row on the page.
    pub fn mark(path: &str) -> String {
        format!("w:{path}")
    }
    /// Mark of an item that was shown in a table.
    pub fn item_mark(path: &str) -> String {
        format!("m:{path}")
    }
    /// A value as text.
    pub fn value(path: &str) -> String {
        format!("v:{path}")
    }
    /// An item of an array of plain values, as often as there are items.
    pub fn item(path: &str) -> String {
        format!("i:{path}")
    }
    /// All items of an array of plain values, one a line.
    pub fn lines(path: &str) -> String {
        format!("l:{path}")
    }
    /// A file.
    pub fn file(path: &str) -> String {
        format!("f:{path}")
    }
    /// `mine` or `theirs`, after a conflict.
    pub fn choice(path: &str) -> String {
        format!("c:{path}")
    }
    /// Mark of what another set meanwhile.
    pub fn now(path: &str) -> String {
        format!("n:{path}")
    }
    /// The person took this out (after a conflict).
    pub fn gone(path: &str) -> String {
        format!("g:{path}")
    }
    /// Name of a new key in the dictionary at this path.
    pub fn new_name(path: &str) -> String {
        format!("a:{path}")
    }
    /// Kind of its value.
    pub fn new_kind(path: &str) -> String {
        format!("k:{path}")
    }
}

/// What a new key of any name may hold: word in forms, and words for people.
pub const KINDS: &[(&str, &str)] = &[
    ("string", "Text"),
    ("boolean", "On or off"),
    ("integer", "Whole number"),
    ("real", "Number with fraction"),
    ("strings", "List of texts"),
    ("date", "Date and time"),
    ("data", "Data (file)"),
    ("xml", "Anything else (XML)"),
];

/// A path as part of an id: letters and digits stay, the rest is written as numbers, so that two paths never meet.
pub fn slug(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c),
            '/' => out.push('-'),
            c => out.push_str(&format!("_{:x}_", u32::from(c))),
        }
    }
    out
}

/// Where the row of a path is on its page.
pub fn anchor(path: &str) -> String {
    format!("row-{}", slug(path))
}

/// What was found about a setting, each with its sign.
pub(super) fn notes(notes: &[(Tone, String)]) -> Markup {
    html! {
        @if !notes.is_empty() {
            ul.notes { @for (tone, text) in notes { li class=(tone.class()) { (parts::tone_icon(*tone)) span { (text) } } } }
        }
    }
}

/// What devices make of a setting, each with the list behind its number.
pub(super) fn reach(counts: &[Count]) -> Markup {
    html! {
        @if !counts.is_empty() {
            ul.notes {
                @for c in counts {
                    li class=(c.tone.class()) {
                        (parts::tone_icon(c.tone))
                        span { (c.words) ": " a href=(c.href) { (words::count(c.devices, "device", "devices")) } }
                    }
                }
            }
        }
    }
}

/// Short facts beside a name, as in `macOS 14+` and `supervised`.
pub(super) fn badges(badges: &[String]) -> Markup {
    html! { @for badge in badges { " " span.badge { (badge) } } }
}
