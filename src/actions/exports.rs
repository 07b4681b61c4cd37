//! Profiles as files: plain, signed, encrypted to one device.

use crate::model::edge::{Dice, roll};
use crate::model::enrollment::EnrollmentId;
use crate::rules::reconcile::uuid_of;
use crate::rules::{Refusal, variables};
use crate::store::{self, Broken, View};
use crate::wire::Secret;
use crate::wire::cms::{self, Cipher};
use crate::wire::plist::{self, Value};
use crate::wire::profile::{self as envelope, Document};
use crate::wire::x509::Cert;

use super::commands::Filling;
use super::reconcile::{filled, values_of};
use super::{Failure, drafts, profiles, signing};

/// How a file is wrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrapping {
    /// As it was imported or published.
    Plain,
    /// Signed by the organization's signing certificate, its chain included.
    Signed,
    /// Its payloads encrypted to the identity of one device, then signed.
    Encrypted(EnrollmentId),
}

/// The file of a revision (0: of the draft). With a device its variables are filled in, as they are when it is sent there;
/// a file encrypted to a device is for that one. Signing and encrypting cost milliseconds: not for the writing thread.
/// The signing certificate must be there: [`signing::ensure`] before.
///
/// # Errors
/// `profile.no-revision`, `profile.no-draft`, `profile.no-signer`, `profile.variable-missing`; `profile.cannot-encrypt`
/// for a device without an RSA identity, which is what Apple's devices decrypt with.
pub fn file(
    v: &impl View,
    profile: &str,
    revision: u32,
    device: Option<&EnrollmentId>,
    wrapping: &Wrapping,
    dice: &dyn Dice,
) -> Result<Vec<u8>, Failure> {
    let device = match (device, wrapping) {
        (None, Wrapping::Encrypted(to)) => Some(to),
        _ => device,
    };
    let plain = content(v, profile, revision, device)?;
    match wrapping {
        Wrapping::Plain => Ok(plain.expose().to_vec()),
        Wrapping::Signed => Ok(signer(v)?.sign(&unwrapped(&plain)?)),
        Wrapping::Encrypted(to) => {
            let signer = signer(v)?;
            let encrypted = encrypted(&unwrapped(&plain)?, &certificate_of(v, to)?, dice)?;
            Ok(signer.sign(&encrypted))
        }
    }
}

/// The document a device would get, variables filled in.
///
/// # Errors
/// `device.unknown`; `profile.variable-missing` with the names.
pub fn preview(v: &impl View, document: &Document, device: &EnrollmentId) -> Result<Document, Failure> {
    let enrollment = store::enrollments::get(v, device)?
        .ok_or_else(|| Refusal::missing("device.unknown", "There is no such device."))?;
    let values = values_of(v, &enrollment)?;
    Ok(variables::expand(document, &values).map_err(|lacks| missing(&lacks))?)
}

fn missing(lacks: &[String]) -> Refusal {
    Refusal::conflict("profile.variable-missing", crate::rules::reconcile::lacking(lacks))
}

/// The file before it is wrapped.
fn content(
    v: &impl View,
    profile: &str,
    revision: u32,
    device: Option<&EnrollmentId>,
) -> Result<Secret, Failure> {
    let profile = profiles::known(v, profile)?;
    if revision == 0 {
        let draft = store::drafts::get(v, &profile.id)?
            .ok_or_else(|| Refusal::conflict("profile.no-draft", "There is no draft of this profile."))?;
        let document = drafts::drafted(&draft)?;
        return Ok(match device {
            Some(device) => Secret::new(preview(v, &document, device)?.to_xml()),
            None => draft.body,
        });
    }
    let file = store::profiles::revision(v, &profile.id, revision)?.ok_or_else(|| {
        Refusal::missing("profile.no-revision", format!("“{}” has no revision {revision}.", profile.name))
    })?;
    let facts = store::profiles::facts(v, &profile.id, revision)?.filter(|f| !f.variables.is_empty());
    let (Some(facts), Some(device)) = (facts, device) else { return Ok(file) };
    let enrollment = store::enrollments::get(v, device)?
        .ok_or_else(|| Refusal::missing("device.unknown", "There is no such device."))?;
    let values = filled(&facts.variables, &values_of(v, &enrollment)?).map_err(|lacks| missing(&lacks))?;
    let filling = Filling { uuid: uuid_of(&facts.uuid, &values), values };
    let document = Document::read(file.expose()).map_err(unreadable)?;
    Ok(Secret::new(filling.fill(&document).map_err(|lacks| missing(&lacks))?.to_xml()))
}

fn unreadable(m: crate::wire::Malformed) -> Broken {
    Broken(format!("a profile cannot be read: {m}"))
}

fn signer(v: &impl View) -> Result<signing::Signer, Failure> {
    Ok(signing::present(v)?
        .ok_or_else(|| Refusal::conflict("profile.no-signer", "There is no signing certificate yet."))?)
}

/// The property list inside a signature, or the file itself.
fn unwrapped(file: &Secret) -> Result<Vec<u8>, Failure> {
    if file.expose().first() != Some(&0x30) {
        return Ok(file.expose().to_vec());
    }
    Ok(envelope::parse(file.expose()).map_err(unreadable)?.plain)
}

/// The identity certificate that a device speaks with.
fn certificate_of(v: &impl View, device: &EnrollmentId) -> Result<Cert, Failure> {
    let device = device.device();
    let enrollment = store::enrollments::get(v, &device)?
        .ok_or_else(|| Refusal::missing("device.unknown", "There is no such device."))?;
    let cannot = |why: &str| Refusal::conflict("profile.cannot-encrypt", why);
    let fingerprint =
        enrollment.certificate.ok_or_else(|| cannot("This device has no identity certificate of ours."))?;
    let row = store::certificates::get(v, &fingerprint)?
        .ok_or_else(|| cannot("This device has no identity certificate of ours."))?;
    let certificate = Cert::parse(&row.der)
        .map_err(|m| Broken(format!("the certificate of {device} cannot be read: {m}")))?;
    if !certificate.public_key().is_some_and(|key| key.is_rsa()) {
        return Err(
            cannot("The identity of this device has no RSA key, so nothing can be encrypted to it.").into()
        );
    }
    Ok(certificate)
}

/// A profile whose payloads only the owner of `to` can read: the list of payloads, as a property list of its own, enveloped
/// (Apple, *Configuration Profile Reference*, `EncryptedPayloadContent`).
fn encrypted(plain: &[u8], to: &Cert, dice: &dyn Dice) -> Result<Vec<u8>, Failure> {
    let mut body = plist::parse_dictionary(plain, plist::Limits::DEVICE).map_err(unreadable)?;
    let payloads = body.remove("PayloadContent").unwrap_or_else(|| Value::Array(Vec::new()));
    let inner = Secret::new(plist::to_xml(&payloads));
    let random = zeroize::Zeroizing::new(roll::<48>(dice));
    let sealed = cms::encrypt(inner.expose(), to, Cipher::Aes256, &random)
        .map_err(|m| Broken(format!("a profile cannot be encrypted: {m}")))?;
    body.insert("IsEncrypted".into(), Value::Boolean(true));
    body.insert("EncryptedPayloadContent".into(), Value::Data(sealed));
    Ok(plist::to_xml(&Value::Dictionary(body)))
}
