//! Apple's MDM push certificate: read from a file, judged, taken up.

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::settings::{Identity, IdentityUse};
use crate::rules::Refusal;
use crate::rules::access::Right;
use crate::rules::push_certificate::{Candidate, change, fit};
use crate::store::{self, View, Write};
use crate::wire::Secret;
use crate::wire::key::PrivateKey;
use crate::wire::pkcs12;
use crate::wire::x509::{Cert, certs_from_pem};

use super::Failure;
use super::permission::{alert, require};

/// A push certificate that was read and found fit. Made before the transaction.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its topic.
    pub topic: String,
    /// The certificate.
    pub certificate: Cert,
    key: Secret,
    chain: Vec<Cert>,
}

impl Draft {
    /// Reads PEM (certificate, with the key in the same text or in `key`) or PKCS#12 (with its passphrase).
    ///
    /// # Errors
    /// `push.unreadable`, `push.no-key`, `push.passphrase`, and what [`fit`] refuses.
    pub fn read(
        file: &Secret,
        key: Option<&Secret>,
        passphrase: Option<&Secret>,
        now: Time,
    ) -> Result<Self, Refusal> {
        let (key, certificates) = key_and_certificates(file, key, passphrase)?;
        let public = key.public_der();
        let own = certificates.iter().position(|c| c.public_der() == public);
        let leaf = own.or_else(|| certificates.iter().position(|c| c.uid().is_some())).unwrap_or(0);
        let mut chain = certificates;
        if chain.is_empty() {
            return Err(Refusal::invalid("push.unreadable", "There is no certificate in this file."));
        }
        let certificate = chain.remove(leaf);
        let uid = certificate.uid();
        let candidate = Candidate {
            topic: uid.as_deref(),
            key_fits: own.is_some(),
            not_before: Time::from_secs(certificate.not_before()),
            not_after: Time::from_secs(certificate.not_after()),
        };
        let topic = fit(&candidate, now)?.to_owned();
        Ok(Self { topic, certificate, key: key.to_pkcs8(), chain })
    }
}

/// A key and the certificates that came with it: PEM (with the key in the same text or in `key`) or PKCS#12.
pub(super) fn key_and_certificates(
    file: &Secret,
    key: Option<&Secret>,
    passphrase: Option<&Secret>,
) -> Result<(PrivateKey, Vec<Cert>), Refusal> {
    match file.expose_str().filter(|text| text.contains("-----BEGIN")) {
        Some(pem) => from_pem(pem, key, passphrase),
        None => from_pkcs12(file, passphrase),
    }
}

fn from_pem(
    pem: &str,
    key: Option<&Secret>,
    passphrase: Option<&Secret>,
) -> Result<(PrivateKey, Vec<Cert>), Refusal> {
    let certificates = certs_from_pem(pem).map_err(|e| {
        Refusal::invalid("push.unreadable", format!("The certificate cannot be read: {}.", e.reason))
    })?;
    let key_pem = match key {
        Some(key) => key.expose_str().unwrap_or_default(),
        None if pem.contains("PRIVATE KEY-----") => pem,
        None => {
            return Err(Refusal::invalid(
                "push.no-key",
                "The private key is missing. It was made with the certificate request; add it in PEM.",
            ));
        }
    };
    let key = match passphrase {
        Some(passphrase) => PrivateKey::from_pem_with(key_pem, passphrase),
        None => PrivateKey::from_pem(key_pem),
    };
    let key = key.map_err(|e| {
        let code = if is_protected(key_pem) { "push.passphrase" } else { "push.key-unreadable" };
        Refusal::invalid(code, format!("The private key cannot be read: {}.", e.reason))
    })?;
    Ok((key, certificates))
}

fn is_protected(key_pem: &str) -> bool {
    key_pem.contains("ENCRYPTED")
}

fn from_pkcs12(file: &Secret, passphrase: Option<&Secret>) -> Result<(PrivateKey, Vec<Cert>), Refusal> {
    let none = Secret::new(Vec::new());
    let bundle = pkcs12::open(file.expose(), passphrase.unwrap_or(&none)).map_err(|e| {
        let code = if e.reason.contains("passphrase") { "push.passphrase" } else { "push.unreadable" };
        Refusal::invalid(code, format!("The file cannot be opened: {}.", e.reason))
    })?;
    Ok((bundle.key, bundle.certificates))
}

/// Takes a push certificate up. The old one stays in force when this is refused.
pub fn import(
    w: &mut Write,
    by: &Actor,
    draft: &Draft,
    confirm_topic: Option<&str>,
    now: Time,
) -> Result<(), Failure> {
    require(w, by, Right::Server, now)?;
    let old = topic(w)?;
    change(old.as_deref(), &draft.topic, store::enrollments::enrolled_count(w)?, confirm_topic)?;
    let identity = Identity {
        key: draft.key.clone(),
        certificate: draft.certificate.der().to_vec(),
        chain: draft.chain.iter().map(|c| serde_bytes::ByteBuf::from(c.der().to_vec())).collect(),
        since: now,
    };
    store::settings::put_identity(w, IdentityUse::Push, &identity)?;
    let what = match old {
        None => "Imported the push certificate",
        Some(old) if old == draft.topic => "Renewed the push certificate",
        Some(_) => "Replaced the push certificate by one with another topic",
    };
    let until = Time::from_secs(draft.certificate.not_after()).rfc3339();
    alert(w, by, "push", format!("{what}: {}, until {}.", draft.topic, &until[..10]), None, now)?;
    Ok(())
}

/// The topic of the present push certificate.
pub fn topic(view: &impl View) -> Result<Option<String>, Failure> {
    Ok(present(view)?.and_then(|(c, _)| c.uid()))
}

/// The present push certificate and when it was imported.
pub fn present(view: &impl View) -> Result<Option<(Cert, Time)>, Failure> {
    let Some(identity) = store::settings::identity(view, IdentityUse::Push)? else { return Ok(None) };
    let certificate = Cert::parse(&identity.certificate)
        .map_err(|e| store::Broken(format!("the stored push certificate cannot be read: {e}")))?;
    Ok(Some((certificate, identity.since)))
}
