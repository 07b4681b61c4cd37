//! The MDM protocol's messages: check-ins and reports from devices, commands and pushes to them.
//!
//! Every field that a device may leave out is an `Option`, and every field is bounded: what is longer than
//! Apple's devices ever send is refused before anything stores it. Keys that we do not know are ignored.
//!
//! Source: Apple's device management schema, `mdm/checkin/*.yaml` and `mdm/commands/*.yaml`.

pub mod checkin;
pub mod command;
pub mod push;
pub mod report;

use super::plist::{self, Dictionary, Value};
use super::{Malformed, Secret};

/// The user id that every user of a Shared iPad has: the short name tells them apart.
pub const SHARED_IPAD_USER: &str = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF";

/// Bytes of a UDID, enrollment id or user id.
pub const ID_BYTES: usize = 64;
/// Bytes of a serial number.
pub const SERIAL_BYTES: usize = 32;
/// Bytes of a name, a version, a topic or a push magic.
pub const NAME_BYTES: usize = 256;
/// Bytes of a push token, an unlock token or a bootstrap token.
pub const TOKEN_BYTES: usize = 64 << 10;

/// The enrollment id keys of a message, normalized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Normalized id, the key of everything: `UDID`, `UDID:UserID`, `UDID:UserShortName` on a Shared iPad,
    /// `EnrollmentID` or `EnrollmentID:EnrollmentUserID`. Compared byte for byte.
    pub id: String,
    /// What kind of channel the keys describe.
    pub kind: ChannelKind,
    /// `UserShortName`.
    pub user_short_name: Option<String>,
    /// `UserLongName`.
    pub user_long_name: Option<String>,
}

/// Kinds of channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelKind {
    /// `UDID` alone: a device.
    Device,
    /// `UDID` with a user: a Mac's or a Shared iPad's user.
    User,
    /// `EnrollmentID` alone: a device enrolled by its user, whose UDID we never learn.
    UserEnrollment,
    /// `EnrollmentID` with `EnrollmentUserID`: the user on such a device.
    UserEnrollmentUser,
}

impl Channel {
    /// Reads the id keys. `UDID` wins if `EnrollmentID` is there too.
    ///
    /// # Errors
    /// No id at all, or an id of another type, longer than [`ID_BYTES`] or with characters beyond `0-9A-Za-z-`.
    pub fn read(d: &Dictionary) -> Result<Self, Malformed> {
        let user_short_name = bounded(d, "UserShortName", NAME_BYTES)?;
        let user_long_name = bounded(d, "UserLongName", NAME_BYTES)?;
        let (id, kind) = if let Some(udid) = identifier(d, "UDID")? {
            match identifier(d, "UserID")? {
                None => (udid, ChannelKind::Device),
                Some(user) if user == SHARED_IPAD_USER => {
                    let name = user_short_name.as_deref();
                    let name = name.ok_or_else(|| malformed("a Shared iPad user without UserShortName"))?;
                    (format!("{udid}:{name}"), ChannelKind::User)
                }
                Some(user) => (format!("{udid}:{user}"), ChannelKind::User),
            }
        } else if let Some(enrollment) = identifier(d, "EnrollmentID")? {
            match identifier(d, "EnrollmentUserID")? {
                None => (enrollment, ChannelKind::UserEnrollment),
                Some(user) => (format!("{enrollment}:{user}"), ChannelKind::UserEnrollmentUser),
            }
        } else {
            return Err(malformed("neither UDID nor EnrollmentID"));
        };
        Ok(Self { id, kind, user_short_name, user_long_name })
    }

    /// Id of the device channel: the part before the colon.
    pub fn device_id(&self) -> &str {
        self.id.split_once(':').map_or(&self.id, |(device, _)| device)
    }

    /// Adds the id keys to a message, as the device of this channel writes them.
    pub fn write(&self, d: &mut Dictionary) {
        let (device, user) = match self.id.split_once(':') {
            Some((device, user)) => (device, Some(user)),
            None => (self.id.as_str(), None),
        };
        let (device_key, user_key) = match self.kind {
            ChannelKind::Device | ChannelKind::User => ("UDID", "UserID"),
            ChannelKind::UserEnrollment | ChannelKind::UserEnrollmentUser => {
                ("EnrollmentID", "EnrollmentUserID")
            }
        };
        put(d, device_key, Some(device));
        let shared = self.kind == ChannelKind::User && user == self.user_short_name.as_deref();
        put(d, user_key, user.map(|id| if shared { SHARED_IPAD_USER } else { id }));
        put(d, "UserShortName", self.user_short_name.as_deref());
        put(d, "UserLongName", self.user_long_name.as_deref());
    }
}

/// A refusal of a message that names no kind yet.
fn malformed(reason: impl Into<String>) -> Malformed {
    Malformed::new("mdm", reason)
}

/// A string of at most `most` bytes; absent and empty are none.
fn bounded(d: &Dictionary, key: &str, most: usize) -> Result<Option<String>, Malformed> {
    match plist::text(d, key)? {
        None | Some("") => Ok(None),
        Some(text) if text.len() > most => Err(malformed(format!("{key} is longer than {most} bytes"))),
        Some(text) => Ok(Some(text.to_string())),
    }
}

/// A string that must be there.
fn required(d: &Dictionary, key: &str, most: usize) -> Result<String, Malformed> {
    bounded(d, key, most)?.ok_or_else(|| malformed(format!("{key} is missing")))
}

/// An id: absent is none, empty is wrong.
fn identifier(d: &Dictionary, key: &str) -> Result<Option<String>, Malformed> {
    let Some(text) = plist::text(d, key)? else { return Ok(None) };
    let fits = (1..=ID_BYTES).contains(&text.len());
    if !fits || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(malformed(format!("{key} is not 1 to {ID_BYTES} letters, digits and hyphens")));
    }
    Ok(Some(text.to_string()))
}

/// Secret bytes of at most [`TOKEN_BYTES`]; absent and empty are none.
fn secret(d: &Dictionary, key: &str) -> Result<Option<Secret>, Malformed> {
    match plist::data(d, key)? {
        None | Some([]) => Ok(None),
        Some(bytes) if bytes.len() > TOKEN_BYTES => {
            Err(malformed(format!("{key} is longer than {TOKEN_BYTES} bytes")))
        }
        Some(bytes) => Ok(Some(Secret::new(bytes))),
    }
}

/// Adds a string, if there is one.
fn put(d: &mut Dictionary, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        d.insert(key.to_string(), Value::String(text.to_string()));
    }
}

/// Adds data, if there are any.
fn put_data(d: &mut Dictionary, key: &str, bytes: Option<&Secret>) {
    if let Some(bytes) = bytes {
        d.insert(key.to_string(), Value::Data(bytes.expose().to_vec()));
    }
}

/// Adds a secret that the protocol writes as a string.
fn put_secret_text(d: &mut Dictionary, key: &str, text: Option<&Secret>) {
    put(d, key, text.map(|t| String::from_utf8_lossy(t.expose())).as_deref());
}

/// Adds a boolean, if one is meant: `false` is written, absent is not.
fn put_boolean(d: &mut Dictionary, key: &str, value: Option<bool>) {
    if let Some(value) = value {
        d.insert(key.to_string(), Value::Boolean(value));
    }
}
