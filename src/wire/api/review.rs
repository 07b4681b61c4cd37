//! What is told about a profile before it is published, below `/api/v1/profiles/{id}`: `GET .../diff?from=&to=`,
//! `GET .../check?revision=`, `GET .../lint?all=&devices=&place=`.

use serde::{Deserialize, Serialize};

use super::{FindingInfo, ShownValue};

/// `GET .../diff`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffInfo {
    /// The older side; 0 is the draft.
    pub from: u32,
    /// The newer side; 0 is the draft.
    pub to: u32,
    /// Key by key.
    pub items: Vec<DifferenceInfo>,
}

/// A key that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceInfo {
    /// Where.
    pub place: String,
    /// Label of its payload.
    pub payload: String,
    /// Label of the key.
    pub label: String,
    /// What it was.
    pub old: ShownValue,
    /// What it is.
    pub new: ShownValue,
}

/// `GET .../check`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckInfo {
    /// What was found.
    pub findings: Vec<FindingInfo>,
    /// No finding is an error.
    pub publishable: bool,
    /// In plain words.
    #[serde(default)]
    pub summary: Vec<String>,
    /// How much of it the catalogue knows.
    #[serde(default)]
    pub understood: UnderstoodInfo,
}

/// How much of a profile the catalogue knows. What it does not know is kept as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderstoodInfo {
    /// Payloads with a form.
    pub payloads: u64,
    /// Keys.
    pub keys: u64,
    /// Payload types without a form.
    #[serde(default)]
    pub raw_payloads: Vec<String>,
    /// Keys that their forms do not have.
    #[serde(default)]
    pub raw_keys: Vec<KeyOf>,
    /// Keys that Apple deprecated.
    #[serde(default)]
    pub deprecated: Vec<KeyOf>,
    /// Secrets.
    pub secrets: u64,
}

/// A key and the label of its payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyOf {
    /// Label of the payload.
    pub payload: String,
    /// Name of the key.
    pub key: String,
}

/// `GET .../lint`: what devices make of each key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LintInfo {
    /// Devices that were judged.
    pub devices: u64,
    /// Devices whose system the catalogue does not know.
    pub not_judged: u64,
    /// The devices are those that get the profile; false when all enrolled ones were judged.
    pub reached_only: bool,
    /// Payload by payload, key by key.
    pub items: Vec<LintItem>,
}

/// What devices make of a key, or of a whole payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LintItem {
    /// Where.
    pub place: String,
    /// Its label.
    pub label: String,
    /// How many make what of it.
    pub verdicts: Vec<VerdictInfo>,
}

/// Devices that make the same of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictInfo {
    /// `works`, `deprecated`, `ignored` or `unknown`.
    pub verdict: String,
    /// In words, with the reason.
    pub says: String,
    /// How many.
    pub devices: u64,
    /// Which, when asked for with `?devices=1`: the first 100, and all of them when one `place` is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub which: Vec<LintDevice>,
}

/// A device in a lint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LintDevice {
    /// Device id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Its system and version, as in `macOS 26.1`.
    pub system: String,
}
