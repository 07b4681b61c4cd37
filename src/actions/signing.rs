//! The organization's signing certificate: what profiles that people download are signed with.
//!
//! Made at first use and signed by the device CA, which enrolled devices trust; or imported, for devices that trust another
//! authority already.

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::edge::{Dice, roll};
use crate::model::settings::{Identity, IdentityUse};
use crate::rules::Refusal;
use crate::rules::access::Right;
use crate::rules::issue::BACKDATE_SECS;
use crate::store::{self, Broken, Store, View, Write};
use crate::wire::cms::{self, Signing};
use crate::wire::key::{Digest, PrivateKey};
use crate::wire::x509::{self, Cert, Draft as CertDraft, DraftProfile};
use crate::wire::{Malformed, Secret};

use super::permission::{alert, require};
use super::{Failure, authority, push_certificate};

/// Validity of a certificate made here: five years.
const VALID_SECS: i64 = 5 * 365 * 86_400;
/// One made here is made anew when less than this is left of it, so that what it signed lives for a while.
const RENEW_SECS: i64 = 90 * 86_400;
/// Bits of a key made here. RSA is what every system that reads profiles can verify.
const KEY_BITS: u32 = 2048;
/// Characters of an organization in a certificate.
const NAME_CHARS: usize = 64;

/// The signing certificate with its key.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The certificate.
    pub certificate: Cert,
    /// Those above it, up to the root.
    pub chain: Vec<Cert>,
    /// When it was made or imported.
    pub since: Time,
    /// Made here, and signed by the device CA.
    pub own: bool,
    key: PrivateKey,
}

impl Signer {
    /// A profile, signed, with the chain.
    pub fn sign(&self, profile: &[u8]) -> Vec<u8> {
        let signing = Signing {
            signer: &self.certificate,
            key: &self.key,
            chain: &self.chain,
            digest: Digest::Sha256,
            time: None,
            attributes: Vec::new(),
            detached: false,
        };
        cms::sign(profile, &signing)
    }
}

/// The present signing certificate; none before the first use.
pub fn present(view: &impl View) -> Result<Option<Signer>, Failure> {
    let Some(identity) = store::settings::identity(view, IdentityUse::Signing)? else { return Ok(None) };
    let unreadable = |m: Malformed| Broken(format!("the signing certificate cannot be read: {m}"));
    let certificate = Cert::parse(&identity.certificate).map_err(unreadable)?;
    let chain: Result<Vec<Cert>, _> = identity.chain.iter().map(|der| Cert::parse(der)).collect();
    let key = PrivateKey::from_pkcs8(identity.key.expose()).map_err(unreadable)?;
    let ca = authority::load(view)?.map(|authority| authority.ca);
    let own = ca.is_some_and(|ca| certificate.is_issued_by(&ca));
    Ok(Some(Signer { certificate, chain: chain.map_err(unreadable)?, since: identity.since, own, key }))
}

/// The signing certificate, made now if there is none or if ours is near its end. Making the key takes about a tenth of a
/// second and happens outside the writer. Blocks: not for async code.
///
/// # Errors
/// `signing.expired` for an imported one that is past its end: another must be imported.
pub fn ensure(store: &Store, dice: &dyn Dice, now: Time) -> Result<Signer, Failure> {
    if let Some(signer) = usable(&store.read()?, now)? {
        return Ok(signer);
    }
    let identity = make(&store.read()?, dice, now)?;
    store.write_blocking(move |w| {
        // If two callers race, both get the one that was kept.
        if usable(w, now)?.is_none() {
            store::settings::put_identity(w, IdentityUse::Signing, &identity)?;
        }
        present(w)?.ok_or_else(|| Broken("the signing certificate was not kept".into()).into())
    })
}

fn usable(view: &impl View, now: Time) -> Result<Option<Signer>, Failure> {
    let Some(signer) = present(view)? else { return Ok(None) };
    let left = signer.certificate.not_after() - now.secs();
    if !signer.own && left <= 0 {
        let said = "The signing certificate is past its end. Import a new one.";
        return Err(Refusal::conflict("signing.expired", said).into());
    }
    Ok(Some(signer).filter(|signer| !signer.own || left > RENEW_SECS))
}

fn make(view: &impl View, dice: &dyn Dice, now: Time) -> Result<Identity, Failure> {
    let authority = authority::load(view)?.ok_or_else(|| {
        Refusal::conflict("profile.no-signer", "This server has no certificate authority yet.")
    })?;
    let organization = store::settings::get(view)?.map(|s| s.organization).unwrap_or_default();
    let organization: String = organization.trim().chars().take(NAME_CHARS).collect();
    let name = if organization.is_empty() { "Pomona".to_owned() } else { organization };
    let key = PrivateKey::generate_rsa(KEY_BITS);
    let draft = CertDraft {
        // A person reads this as the signer of the profile.
        common_name: name.clone(),
        organization: Some(name),
        uid: None,
        serial: roll(dice),
        not_before: now.plus_secs(-BACKDATE_SECS).secs(),
        not_after: now.plus_secs(VALID_SECS).secs().min(authority.ca.not_after()),
        profile: DraftProfile::Signer,
    };
    let certificate = x509::issue(&draft, &key.public_der(), Some(&authority.ca), &authority.key)
        .map_err(|m| Broken(format!("the signing certificate cannot be made: {m}")))?;
    Ok(Identity {
        key: key.to_pkcs8(),
        certificate: certificate.der().to_vec(),
        chain: vec![serde_bytes::ByteBuf::from(authority.ca.der().to_vec())],
        since: now,
    })
}

/// A signing certificate that was read and found fit. Made before the transaction.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The certificate.
    pub certificate: Cert,
    key: Secret,
    chain: Vec<Cert>,
}

impl Draft {
    /// Reads PEM (certificate, with the key in the same text or in `key`) or PKCS#12 (with its passphrase).
    ///
    /// # Errors
    /// `signing.unreadable`, `signing.no-key`, `signing.key-unreadable`, `signing.passphrase`, `signing.key` for a key of
    /// another certificate, `signing.purpose` for one that may not sign, `signing.expired`, `signing.not-yet`.
    pub fn read(
        file: &Secret,
        key: Option<&Secret>,
        passphrase: Option<&Secret>,
        now: Time,
    ) -> Result<Self, Refusal> {
        let (key, mut chain) = push_certificate::key_and_certificates(file, key, passphrase).map_err(ours)?;
        let public = key.public_der();
        let own = chain.iter().position(|c| c.public_der() == public).ok_or_else(|| {
            Refusal::invalid("signing.key", "The private key does not belong to a certificate in this file.")
        })?;
        let certificate = chain.remove(own);
        if !certificate.may_sign() {
            let said =
                "This certificate is not made for signing: its key usage leaves digital signatures out.";
            return Err(Refusal::invalid("signing.purpose", said));
        }
        if now.secs() >= certificate.not_after() {
            return Err(Refusal::invalid("signing.expired", "This certificate is past its end."));
        }
        if now.secs() < certificate.not_before() {
            return Err(Refusal::invalid("signing.not-yet", "This certificate has not begun."));
        }
        Ok(Self { certificate, key: key.to_pkcs8(), chain })
    }
}

/// The refusals of the other certificate that is read the same way, in words of this one.
fn ours(refusal: Refusal) -> Refusal {
    let code = match refusal.code {
        "push.no-key" => "signing.no-key",
        "push.passphrase" => "signing.passphrase",
        "push.key-unreadable" => "signing.key-unreadable",
        _ => "signing.unreadable",
    };
    Refusal { code, ..refusal }
}

/// Takes a signing certificate up, in place of the present one. What was signed before stays signed as it is.
pub fn import(w: &mut Write, by: &Actor, draft: &Draft, now: Time) -> Result<(), Failure> {
    require(w, by, Right::Server, now)?;
    let identity = Identity {
        key: draft.key.clone(),
        certificate: draft.certificate.der().to_vec(),
        chain: draft.chain.iter().map(|c| serde_bytes::ByteBuf::from(c.der().to_vec())).collect(),
        since: now,
    };
    store::settings::put_identity(w, IdentityUse::Signing, &identity)?;
    let name = draft.certificate.common_name().unwrap_or_else(|| draft.certificate.subject());
    let until = Time::from_secs(draft.certificate.not_after()).rfc3339();
    let text = format!("Imported the signing certificate of {name}, until {}.", &until[..10]);
    Ok(alert(w, by, "server", text, None, now)?)
}
