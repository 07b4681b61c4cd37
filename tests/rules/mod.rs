//! Sentences about `rules`.

mod access;
mod credentials;
mod enrollment;
mod issue;
mod push_certificate;
mod queue;
mod reconcile;
mod renewal;
mod results;
