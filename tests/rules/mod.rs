//! Sentences about `rules`.

mod access;
mod check;
mod credentials;
mod diff;
mod document;
pub mod documents;
mod enrollment;
mod entry;
mod fields;
mod issue;
mod lint;
mod merge;
mod push_certificate;
mod queue;
mod reconcile;
mod renewal;
mod results;
mod secrets;
mod summary;
mod variables;
