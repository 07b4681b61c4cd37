//! The JSON bodies of our own API (`/api/v1`): the server writes them and the command line reads them.
//!
//! Every top-level answer carries `"schema": 1` ([`Answer`]), or `"problem"` when it is a refusal ([`Problem`]).
//! Fields may be added within a schema; none changes its meaning. Moments are RFC 3339 in UTC. What a reader may
//! not know yet is left out and not sent as `null`.

pub mod accounts;
pub mod catalog;
pub mod commands;
pub mod devices;
pub mod drafts;
pub mod profiles;
pub mod push;
pub mod review;
pub mod server;
pub mod signing;
pub mod tickets;
pub mod tree;

pub use accounts::*;
pub use catalog::*;
pub use commands::*;
pub use devices::*;
pub use drafts::*;
pub use profiles::*;
pub use push::*;
pub use review::*;
pub use server::*;
pub use signing::*;
pub use tickets::*;
pub use tree::Tree;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// Version of the bodies in this module.
pub const SCHEMA: u32 = 1;

/// Most items a list answers at once.
pub const PAGE_MAX: usize = 500;

/// A moment in RFC 3339, UTC, as in `2026-11-24T03:15:22Z`.
pub type Moment = String;

/// A top-level answer: the body's own fields beside `schema`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer<T> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The body.
    #[serde(flatten)]
    pub body: T,
}

impl<T> Answer<T> {
    /// Wraps a body.
    pub fn new(body: T) -> Self {
        Self { schema: SCHEMA, body }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// How many there are in all, where that is known without counting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Ask again with `?after=` this to get what follows; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A refusal or a fault, as programs read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Stable word to branch on and to look up in the help, as in `profile.encrypted`.
    pub code: String,
    /// What happened, in words.
    pub said: String,
    /// What to do now.
    pub next: String,
    /// The request's id, as the log and the header `X-Request-Id` have it.
    #[serde(default)]
    pub request: String,
}

/// One finding of a self-check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was looked at, as in `push.certificate`.
    pub name: String,
    /// How it went.
    pub outcome: Outcome,
    /// What was found, in words.
    pub said: String,
    /// What to do when it did not pass; empty otherwise.
    #[serde(default)]
    pub next: String,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// It works and needs attention.
    Warn,
    /// It does not work.
    Fail,
}

/// Text that is sent but never shown: passwords, PINs, tokens. `Debug` hides it, memory is wiped on drop.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// Takes the text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Every call is a place to review.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<hidden>")
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
