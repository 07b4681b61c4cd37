//! What is done to a profile document, and what is said about it.

use serde::{Deserialize, Serialize};

use super::Time;
use crate::wire::plist::Value;
use crate::wire::profile::Place;

/// One edit of a draft.
#[derive(Clone, PartialEq)]
pub enum Change {
    /// Sets a value; missing dictionaries on the way are made. `was` is the [`mark`](crate::rules::document::mark) of
    /// what the person saw when they changed it (none: nothing was set, or nobody looked): if another has changed it
    /// since, that is a conflict.
    Set {
        /// Where.
        place: Place,
        /// What.
        value: Value,
        /// What it replaces; none does not ask.
        was: Option<String>,
    },
    /// Takes a value out. With an index: the item.
    Unset {
        /// Where.
        place: Place,
        /// What it replaces; none does not ask.
        was: Option<String>,
    },
    /// Appends an item to an array, which is made if it is missing.
    Append {
        /// The array.
        place: Place,
        /// The item.
        value: Value,
    },
    /// Moves an item of an array by this many places, kept inside.
    Move {
        /// The item.
        place: Place,
        /// Down is positive.
        by: i32,
    },
    /// Adds a payload at the end.
    AddPayload {
        /// [`crate::catalog::Form::id`], or a payload type that the catalogue does not know.
        form: String,
        /// A fresh `PayloadUUID`.
        uuid: String,
        /// What it starts with, beside the common keys.
        starts: Vec<(String, Value)>,
    },
    /// Takes a payload out.
    RemovePayload {
        /// Its id.
        payload: String,
    },
    /// A copy of a payload behind it.
    DuplicatePayload {
        /// Its id.
        payload: String,
        /// A fresh `PayloadUUID`.
        uuid: String,
    },
    /// Moves a payload.
    MovePayload {
        /// Its id.
        payload: String,
        /// Down is positive.
        by: i32,
    },
    /// Replaces the whole document ("edit as text").
    Replace {
        /// The new property list.
        document: crate::wire::profile::Document,
        /// [`document_mark`](crate::rules::document::document_mark) of what it replaces; none does not ask.
        was: Option<String>,
    },
}

/// Values may be passwords.
impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Change(..)")
    }
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Worth knowing.
    Note,
    /// Probably not what was meant.
    Warning,
    /// Blocks publishing.
    Error,
}

/// Something found in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// How grave.
    pub weight: Weight,
    /// A stable word, as `profile.key-missing`.
    pub code: &'static str,
    /// What is wrong and what would be right.
    pub says: String,
}

/// One key that differs between two documents. Secrets show no values.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where, in the newer document (in the older when it was removed).
    pub place: Place,
    /// Label of the payload it is in; the profile's general settings otherwise.
    pub payload: String,
    /// Label of the key.
    pub label: String,
    /// What it was.
    pub old: Shown,
    /// What it is.
    pub new: Shown,
}

/// A value as a person may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Not set.
    Unset,
    /// A secret that is set.
    Secret,
    /// Its text.
    Text(String),
}

/// Somebody changed what another changed meanwhile. The draft keeps theirs until a person chose.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// Where.
    pub place: Place,
    /// Label of the key.
    pub label: String,
    /// What the person wanted.
    pub mine: Shown,
    /// What is there now.
    pub theirs: Shown,
    /// [`mark`](crate::rules::document::mark) of what is there now, to overwrite it knowingly.
    pub now: String,
}

/// Who set a secret, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// When.
    pub at: Time,
    /// Name of the actor.
    pub by: String,
}
