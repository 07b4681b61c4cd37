//! Everything that can happen: one function is one transaction.
//!
//! An action gets what it needs, decides by [`crate::rules`], puts rows, and writes the activity row and the due
//! rows of what it did, all in the transaction it was given. Time and random bytes come from the caller; slow
//! cryptography is done before the transaction and its result handed in.

pub mod accounts;
mod answers;
pub mod authority;
pub mod certificates;
pub mod check_in;
pub mod commands;
pub mod connect;
pub mod devices;
pub mod drafts;
pub mod enrollments;
pub mod exports;
pub mod identity;
pub mod orders;
pub mod passwords;
pub mod permission;
pub mod profiles;
pub mod push_certificate;
pub mod reconcile;
pub mod renewal;
pub mod server;
pub mod sessions;
pub mod setup;
pub mod signing;
pub mod tickets;
pub mod tokens;

use crate::model::Time;
use crate::model::account::{Actor, Role};
use crate::model::activity::Activity;
use crate::model::enrollment::EnrollmentId;
pub use crate::rules::{Refusal, Sort};
use crate::store::{self, Broken, Write};

/// Why an action did not happen. Nothing of it remains in the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The answer is no, and a person can read why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Our disk or our bug.
    #[error(transparent)]
    Broken(#[from] Broken),
}

impl Failure {
    /// The stable word for logs and for the edge: the refusal's own code, or `store.broken`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::Broken(_) => "store.broken",
        }
    }
}

/// The server itself, where it does something that nobody asked for.
pub fn pomona() -> Actor {
    Actor { name: POMONA.into(), role: Role::Owner }
}

/// Name of [`pomona`] in rows.
const POMONA: &str = "pomona";
/// Name of whoever speaks at the device endpoint, in activity rows.
const DEVICE: &str = "device";

/// What an activity row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    /// One of many.
    Plain,
    /// Needs a person's eye.
    Alert,
}

/// Adds an activity row about a device.
fn note(
    w: &mut Write,
    by: &str,
    kind: &str,
    text: String,
    device: &EnrollmentId,
    tone: Tone,
    now: Time,
) -> Result<(), Broken> {
    let activity = Activity {
        seq: 0,
        at: now,
        by: by.to_owned(),
        kind: kind.to_owned(),
        text,
        device: Some(device.device()),
        alert: tone == Tone::Alert,
    };
    store::activities::add(w, activity).map(|_| ())
}
