//! What Apple documents: `GET /api/v1/catalog/forms`, `GET /api/v1/catalog/forms/{id}`,
//! `GET /api/v1/catalog/search?q=&limit=`.

use serde::{Deserialize, Serialize};

use super::Tree;

/// A form of a payload, in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormInfo {
    /// Its id.
    pub id: String,
    /// `PayloadType`.
    #[serde(rename = "type")]
    pub payload_type: String,
    /// For people.
    pub label: String,
    /// One sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Its shelf.
    pub category: String,
    /// Keys on its top level.
    pub keys: u64,
    /// The server writes it, and people cannot.
    #[serde(default)]
    pub internal: bool,
    /// Systems that know it.
    pub systems: Vec<SystemInfo>,
}

/// An operating system that knows a form or a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemInfo {
    /// `iOS` (with iPadOS), `macOS`, `tvOS`, `visionOS`, `watchOS`.
    pub os: String,
    /// First version.
    pub since: String,
    /// Deprecated from this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Gone from this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<String>,
    /// Only supervised devices obey.
    #[serde(default)]
    pub supervised: bool,
}

/// A form with its keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormDetail {
    /// As in the list.
    #[serde(flatten)]
    pub info: FormInfo,
    /// Other words for it.
    #[serde(default)]
    pub synonyms: Vec<String>,
    /// Release of Apple's schema that states it.
    pub release: String,
    /// Rules between keys, in words.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Its keys, in Apple's order. Named `fields` because the list has a count of that name.
    pub fields: Vec<KeyInfo>,
}

/// A key of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// Name in the property list; the item of an array has a mere name.
    pub name: String,
    /// For people.
    pub label: String,
    /// One line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// `string`, `integer`, `real`, `boolean`, `date`, `data`, `array`, `dictionary` or `any`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Must be there.
    #[serde(default)]
    pub required: bool,
    /// Never shown again once set.
    #[serde(default)]
    pub secret: bool,
    /// What devices take when it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Tree>,
    /// The only values allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ValueInfo>,
    /// Smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Unit of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Regular expression of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// An example.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// What to use instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// Systems that know it.
    pub systems: Vec<SystemInfo>,
    /// Keys of a dictionary, the item of an array.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<KeyInfo>,
    /// Its fields are those of the key at this path of the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same: Option<String>,
}

/// A value that a key may have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValueInfo {
    /// The value.
    pub value: Tree,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Something found by its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HitInfo {
    /// Id of the form.
    pub form: String,
    /// Its label.
    pub form_label: String,
    /// What to write as the place of `profile set`; the payload alone when the form itself was found.
    pub place: String,
    /// Label of what was found.
    pub label: String,
    /// One line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Systems that know it.
    pub systems: Vec<SystemInfo>,
}
