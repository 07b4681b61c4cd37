//! Drafts and versions of profiles, below `/api/v1/profiles/{id}`: `GET|POST|DELETE .../draft[?version=]`,
//! `POST .../publish`, `GET .../versions`, `GET .../versions/{n}`, `POST .../restore`, `POST .../duplicate`,
//! `POST .../archive`, `GET .../diff?from=&to=` (0 is the draft), `GET .../check?revision=`,
//! `GET .../lint?all=&devices=&place=`, `GET .../preview?device=`,
//! `GET .../file?wrapping=plain|signed|encrypted&device=&revision=`.
//!
//! `POST /api/v1/profiles` with a JSON body ([`NewProfile`]) makes a new one; a file imported with `?draft=1` becomes
//! a draft and waits to be published.
//!
//! Secrets are in no answer but the file itself: a string is [`REDACTED`], data is empty. Whoever sends such a
//! document back keeps them.

use serde::{Deserialize, Serialize};

use super::{Hidden, Moment, Tree};

/// What stands for a secret text.
pub const REDACTED: &str = "••••••";

/// A new profile; it exists as a draft until it is published.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NewProfile {
    /// `PayloadDisplayName`.
    pub name: String,
    /// `PayloadIdentifier`, for ever; made from the organization and the name when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Done at once: payloads added, keys set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Edit>,
}

/// `POST .../draft`: all or nothing, but for what another changed meanwhile; that is left out and told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EditDraft {
    /// In this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Edit>,
    /// `pushed`, `offered` or `manual`; absent leaves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<String>,
    /// The version that was read; another one by now refuses everything. Absent does not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// One edit. A place is `PAYLOAD/PATH` or `PAYLOAD:PATH`: PAYLOAD is an id, `#` and a position from 1, or a payload
/// type that occurs once, with or without `com.apple.`; nothing before the sign is the profile itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Edit {
    /// Sets a value; dictionaries on the way are made.
    Set {
        /// Where.
        place: String,
        /// What.
        #[serde(flatten)]
        given: Given,
        /// `now` of a [`ConflictInfo`], to overwrite knowingly; absent does not ask.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<String>,
    },
    /// Takes a value out.
    Unset {
        /// Where.
        place: String,
        /// As in `set`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<String>,
    },
    /// Appends to an array, which is made if it is missing.
    Append {
        /// The array.
        place: String,
        /// The item.
        #[serde(flatten)]
        given: Given,
    },
    /// Moves an item of an array.
    Move {
        /// The item.
        place: String,
        /// Places; down is positive.
        by: i32,
    },
    /// Adds a payload at the end.
    Add {
        /// Id of a form (`GET /api/v1/catalog/forms`), a payload type with one form, or any other payload type.
        form: String,
        /// `PayloadUUID`; a fresh one when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uuid: Option<String>,
    },
    /// Takes a payload out.
    Remove {
        /// PAYLOAD as in places.
        payload: String,
    },
    /// Copies a payload; the copy stands behind it.
    Duplicate {
        /// PAYLOAD as in places.
        payload: String,
    },
    /// Moves a payload.
    MovePayload {
        /// PAYLOAD as in places.
        payload: String,
        /// Places; down is positive.
        by: i32,
    },
    /// Replaces the whole document. Secrets that are still redacted stay as they are.
    Replace {
        /// The property list, XML.
        xml: Hidden,
    },
}

/// A value, in one of three ways.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// As JSON, see [`Tree`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Tree>,
    /// As a person types it: `on`, `15`, `2026-11-24`, one item a line, base64. Only for keys of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Hidden>,
    /// As a fragment of an XML property list, as in `<integer>3</integer>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xml: Option<Hidden>,
}

/// What the editor shows: the draft, else the newest revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DraftInfo {
    /// Profile id.
    pub profile: String,
    /// Grows with each edit; 0 when there is no draft.
    pub version: u64,
    /// Revision it began from; 0 for a new profile.
    pub base: u32,
    /// `pushed`, `offered` or `manual`.
    pub distribution: String,
    /// The property list, secrets redacted.
    pub document: Tree,
    /// The same as XML.
    pub xml: String,
    /// Payloads in order.
    pub payloads: Vec<DraftPayload>,
    /// Secrets that are set.
    #[serde(default)]
    pub secrets: Vec<SecretInfo>,
    /// What was found in it.
    #[serde(default)]
    pub findings: Vec<FindingInfo>,
    /// No finding is an error.
    pub publishable: bool,
    /// In plain words, a sentence a payload.
    #[serde(default)]
    pub summary: Vec<String>,
    /// Who looked at it lately, latest first.
    #[serde(default)]
    pub editors: Vec<Doing>,
    /// Who edited last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Doing>,
}

/// Somebody, sometime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doing {
    /// Who.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// A payload of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftPayload {
    /// PAYLOAD in places.
    pub id: String,
    /// `PayloadType`.
    #[serde(rename = "type")]
    pub payload_type: String,
    /// Its form; absent when the catalogue has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// What it is called.
    pub label: String,
}

/// A secret that is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretInfo {
    /// Where.
    pub place: String,
    /// Who set it, and when; absent when it came with a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Doing>,
}

/// Something found in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingInfo {
    /// Where.
    pub place: String,
    /// Line of the file, from 1, where a file was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// `note`, `warning` or `error`; an error blocks publishing.
    pub weight: String,
    /// Stable word.
    pub code: String,
    /// What is wrong and what would be right.
    pub says: String,
}

/// What a save did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DraftSaved {
    /// The draft as it is now.
    pub draft: DraftInfo,
    /// What was not done because another changed it meanwhile.
    #[serde(default)]
    pub conflicts: Vec<ConflictInfo>,
}

/// An edit that met another person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictInfo {
    /// Where.
    pub place: String,
    /// Label of the key.
    pub label: String,
    /// What was wanted.
    pub mine: ShownValue,
    /// What is there now.
    pub theirs: ShownValue,
    /// Send it as `was` to overwrite it.
    pub now: String,
}

/// A value as a person may see it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownValue {
    /// Something is set.
    pub set: bool,
    /// It is a secret.
    #[serde(default)]
    pub secret: bool,
    /// Its text, unless it is a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// `POST .../publish`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishDraft {
    /// The version that was reviewed; another one by now is refused.
    pub version: u64,
    /// What others shall know about it.
    #[serde(default)]
    pub note: String,
}

/// `POST .../restore`: an older revision becomes the newest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreRevision {
    /// From 1.
    pub revision: u32,
    /// What others shall know about it.
    #[serde(default)]
    pub note: String,
}

/// `POST .../duplicate`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateProfile {
    /// Name of the copy.
    pub name: String,
    /// Its identifier; made when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
}

/// `POST .../archive`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveProfile {
    /// Take it back out.
    #[serde(default)]
    pub back: bool,
}

/// A published revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionInfo {
    /// From 1.
    pub revision: u32,
    /// Devices have this one, or should.
    pub current: bool,
    /// Its `PayloadUUID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Who published it, and when; absent for what was imported before that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Doing>,
    /// What was said about it.
    #[serde(default)]
    pub note: String,
    /// `imported`, `published` or `restored`.
    pub origin: String,
    /// The revision that was put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored: Option<u32>,
    /// Who signed the imported file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
}

/// A published revision with its content, secrets redacted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionDetail {
    /// As in the list.
    #[serde(flatten)]
    pub info: VersionInfo,
    /// The property list.
    pub document: Tree,
    /// The same as XML.
    pub xml: String,
    /// In plain words.
    #[serde(default)]
    pub summary: Vec<String>,
}

/// `GET .../preview`: what a device would get, variables filled in, secrets redacted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewInfo {
    /// Device id.
    pub device: String,
    /// Its name.
    pub device_name: String,
    /// The property list.
    pub document: Tree,
    /// The same as XML.
    pub xml: String,
}
