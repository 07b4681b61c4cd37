//! Decisions, pure: compare and choose.

pub mod access;
pub mod check;
pub mod credentials;
pub mod diff;
pub mod document;
pub mod enrollment;
pub mod entry;
pub mod fields;
pub mod issue;
pub mod lint;
pub mod push_certificate;
pub mod queue;
pub mod reconcile;
pub mod renewal;
pub mod results;
pub mod retry;
pub mod secrets;
pub mod summary;
pub mod variables;

/// The answer is no, and a person can read why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct Refusal {
    /// A stable word that the help explains, as in `enrollment.unknown`.
    pub code: &'static str,
    /// What was refused and what to do next, for its reader.
    pub said: String,
    /// Of what sort the no is.
    pub sort: Sort,
}

/// Of what sort a refusal is; the edge turns it into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The request itself is wrong.
    Invalid,
    /// No such thing.
    Missing,
    /// This caller may not.
    Forbidden,
    /// It does not fit what is there now.
    Conflict,
}

impl Refusal {
    /// The request itself is wrong.
    pub fn invalid(code: &'static str, said: impl Into<String>) -> Self {
        Self { code, said: said.into(), sort: Sort::Invalid }
    }

    /// No such thing.
    pub fn missing(code: &'static str, said: impl Into<String>) -> Self {
        Self { code, said: said.into(), sort: Sort::Missing }
    }

    /// This caller may not.
    pub fn forbidden(code: &'static str, said: impl Into<String>) -> Self {
        Self { code, said: said.into(), sort: Sort::Forbidden }
    }

    /// It does not fit what is there now.
    pub fn conflict(code: &'static str, said: impl Into<String>) -> Self {
        Self { code, said: said.into(), sort: Sort::Conflict }
    }
}
