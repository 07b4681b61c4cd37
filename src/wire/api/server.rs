//! The server itself: `GET /api/v1/{ca,activity,log-level,facts}`, `POST /api/v1/log-level`, `GET /healthz`,
//! `GET /readyz`.

use serde::{Deserialize, Serialize};

use super::Moment;

/// The device CA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaInfo {
    /// The certificate in PEM.
    pub pem: String,
    /// SHA-256 of the DER, hex.
    pub sha256: String,
    /// Subject.
    pub subject: String,
    /// End of validity.
    pub expires: Moment,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityInfo {
    /// Grows by one.
    pub seq: u64,
    /// When.
    pub at: Moment,
    /// Who.
    pub by: String,
    /// A word to filter by.
    pub kind: String,
    /// The sentence.
    pub text: String,
    /// The device concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Needs a person's eye.
    #[serde(default)]
    pub alert: bool,
}

/// The level of the logs. As a request: what to set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLevel {
    /// `error`, `warn`, `info`, `debug`, `trace`.
    pub level: String,
    /// Seconds until it falls back by itself; needed for `debug` and `trace`, at most a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_secs: Option<u64>,
    /// In an answer: when it falls back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

/// Whether the server works: `GET /healthz` (alive) and `GET /readyz` (its store answers).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `ok`, or what is wrong.
    pub status: String,
    /// Version of the program; only told to those who are signed in or on the socket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// What `doctor` asks a running server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Version of the program.
    pub version: String,
    /// Canonical address.
    pub address: String,
    /// Name of the organization.
    pub organization: String,
    /// Devices known.
    pub devices: u64,
    /// Devices enrolled.
    pub enrolled: u64,
    /// Profiles in the library.
    pub profiles: u64,
    /// Accounts.
    pub accounts: u64,
    /// Due work by kind.
    pub due: Vec<DueCount>,
    /// What the store did since it was opened.
    #[serde(default)]
    pub store: StoreFacts,
    /// The server's time, to compare clocks.
    pub now: Moment,
    /// What was looked at.
    pub checks: Vec<super::Check>,
}

/// Due work of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueCount {
    /// `push`, `reconcile`, `release`.
    pub work: String,
    /// Rows.
    pub rows: u64,
}

/// What the store did since it was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreFacts {
    /// The database is open: writes are taken.
    pub open: bool,
    /// Durable commits.
    pub commits: u64,
    /// Transactions answered.
    pub jobs: u64,
    /// Transactions that failed because the disk did.
    pub failed: u64,
    /// Transactions that panicked: mistakes of ours.
    pub panics: u64,
    /// Times the database was opened again after a fault.
    pub reopened: u64,
    /// Transactions that wait now.
    pub queued: u64,
    /// The latest fault of the disk, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}
