//! Configuration profiles: the envelope that every profile shares.
//!
//! Source: Apple's device management schema, `TopLevel` and `CommonPayloadKeys`.

mod document;
mod path;
mod visit;

use super::plist::{self, Dictionary, Limits, Value};
use super::x509::Cert;
use super::{Malformed, cms};
pub use document::{Document, Payload};
pub use path::{Path, Place, index};
pub use visit::{Step, Visited};

/// Bytes of an identifier, a UUID or a display name.
const NAME_BYTES: usize = 1024;
/// Bytes of a description.
const DESCRIPTION_BYTES: usize = 16 << 10;

/// A profile as far as its envelope tells.
#[derive(Clone)]
pub struct Profile {
    /// `PayloadIdentifier`: a profile with the same one replaces it on a device.
    pub identifier: String,
    /// `PayloadUUID`: tells revisions apart.
    pub uuid: String,
    /// `PayloadDisplayName`, or the identifier if there is none.
    pub name: String,
    /// `PayloadDescription`, possibly empty.
    pub description: String,
    /// `PayloadOrganization`.
    pub organization: Option<String>,
    /// Its payloads in order: `PayloadType`, and `PayloadDisplayName` or the type again.
    pub payloads: Vec<(String, String)>,
    /// `PayloadRemovalDisallowed`; devices honor it if they are supervised.
    pub removal_disallowed: bool,
    /// Who signed the file, if anybody did. The signature fits the bytes; whether to trust the signer is for the
    /// caller.
    pub signer: Option<Cert>,
    /// The property list inside the signature, or the file itself.
    pub plain: Vec<u8>,
    /// The property list, read.
    pub body: Dictionary,
}

/// Profiles hold passwords.
impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile")
            .field("identifier", &self.identifier)
            .field("uuid", &self.uuid)
            .finish_non_exhaustive()
    }
}

/// Parses a `.mobileconfig`: XML or binary, signed or not.
///
/// # Errors
/// Larger than 16 MiB; a signature that does not fit; encrypted for one device; not a property list within
/// [`Limits::DEVICE`]; or not a configuration profile: `PayloadType`, `PayloadIdentifier`, `PayloadUUID` and the
/// `PayloadType` of every payload must be there.
pub fn parse(file: &[u8]) -> Result<Profile, Malformed> {
    if file.len() > Limits::DEVICE.bytes {
        return Err(malformed(format!("larger than {} bytes", Limits::DEVICE.bytes)));
    }
    let (plain, signer) = unwrapped(file)?;
    let body = plist::parse_dictionary(&plain, Limits::DEVICE)?;
    read(body, plain, signer).map_err(|e| Malformed { format: "profile", ..e })
}

/// The property list of a file, and its signer if it is signed.
fn unwrapped(file: &[u8]) -> Result<(Vec<u8>, Option<Cert>), Malformed> {
    // A SEQUENCE: the start of a CMS message and of nothing that a property list can start with.
    if file.first() != Some(&0x30) {
        return Ok((file.to_vec(), None));
    }
    let signed = cms::verify_attached(file)?;
    let content = signed.content.ok_or_else(|| malformed("a signature without a profile inside"))?;
    Ok((content, Some(signed.signer)))
}

fn read(body: Dictionary, plain: Vec<u8>, signer: Option<Cert>) -> Result<Profile, Malformed> {
    let told = envelope(&body)?;
    Ok(Profile { signer, plain, body, ..told })
}

/// What the envelope tells; without the file and the property list itself.
fn envelope(d: &Dictionary) -> Result<Profile, Malformed> {
    if d.contains_key("EncryptedPayloadContent") {
        return Err(malformed("encrypted for one device, so nobody else can read it"));
    }
    if required(d, "PayloadType")? != "Configuration" {
        return Err(malformed("PayloadType is not Configuration"));
    }
    let identifier = required(d, "PayloadIdentifier")?;
    let content = plist::array(d, "PayloadContent")?;
    let content = content.ok_or_else(|| malformed("PayloadContent is missing"))?;
    Ok(Profile {
        uuid: required(d, "PayloadUUID")?,
        name: bounded(d, "PayloadDisplayName", NAME_BYTES)?.unwrap_or_else(|| identifier.clone()),
        description: bounded(d, "PayloadDescription", DESCRIPTION_BYTES)?.unwrap_or_default(),
        organization: bounded(d, "PayloadOrganization", NAME_BYTES)?,
        payloads: content.iter().map(payload).collect::<Result<_, _>>()?,
        removal_disallowed: plist::boolean(d, "PayloadRemovalDisallowed")?.unwrap_or_default(),
        identifier,
        signer: None,
        plain: Vec::new(),
        body: Dictionary::new(),
    })
}

fn payload(value: &Value) -> Result<(String, String), Malformed> {
    let d = value.as_dictionary().ok_or_else(|| malformed("a payload that is not a dictionary"))?;
    let kind = required(d, "PayloadType")?;
    let name = bounded(d, "PayloadDisplayName", NAME_BYTES)?.unwrap_or_else(|| kind.clone());
    Ok((kind, name))
}

fn malformed(reason: impl Into<String>) -> Malformed {
    Malformed::new("profile", reason)
}

fn bounded(d: &Dictionary, key: &str, most: usize) -> Result<Option<String>, Malformed> {
    match plist::text(d, key)? {
        None | Some("") => Ok(None),
        Some(text) if text.len() > most => Err(malformed(format!("{key} is longer than {most} bytes"))),
        Some(text) => Ok(Some(text.to_string())),
    }
}

fn required(d: &Dictionary, key: &str) -> Result<String, Malformed> {
    bounded(d, key, NAME_BYTES)?.ok_or_else(|| malformed(format!("{key} is missing")))
}
