//! Drafts of profiles, sealed: they hold passwords.

use super::key::{Key, Span};
use super::row::{self, Row};
use super::tables::Table;
use super::{Broken, View, Write};
use crate::model::profile::Draft;

impl Row for Draft {}

/// The draft of a profile.
pub fn get(v: &impl View, profile: &str) -> Result<Option<Draft>, Broken> {
    row::get(v, Table::Drafts, &Key::of(profile))
}

/// All drafts, by profile.
pub fn list(v: &impl View) -> Result<Vec<Draft>, Broken> {
    row::list(v, Table::Drafts, Span::all(), false, usize::MAX)
}

/// Puts a draft, new or changed.
pub fn put(w: &mut Write, draft: &Draft) -> Result<(), Broken> {
    row::put(w, Table::Drafts, &Key::of(&draft.profile), draft)
}

/// Removes a draft, if there is one.
pub fn remove(w: &mut Write, profile: &str) -> Result<(), Broken> {
    row::remove(w, Table::Drafts, &Key::of(profile))
}
