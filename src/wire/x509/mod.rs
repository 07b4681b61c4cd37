//! Certificates and requests: parsed and issued.
//!
//! Nothing here decides whom to trust and nothing looks at a clock: chains, dates and purposes are questions for
//! the caller, answered from what [`Cert`] tells.

mod csr;
mod extensions;
mod issue;
mod name;

use std::ops::Range;
use std::sync::Arc;

pub use csr::{Csr, Refused, make_csr};
pub use issue::{Draft, DraftProfile, issue};

use super::asn1::{Der, Tlv, oids, tag};
use super::key::{PublicKey, SignatureAlgorithm, Unacceptable, sha256};
use super::{Malformed, pem};
use extensions::Extensions;

/// Largest certificate or request read, in bytes.
const LARGEST: usize = 64 * 1024;

/// A parsed certificate. Cheap to clone; equal when the DER is.
#[derive(Clone)]
pub struct Cert(Arc<Parsed>);

struct Parsed {
    der: Vec<u8>,
    signed_part: Range<usize>,
    serial: Range<usize>,
    issuer: Range<usize>,
    subject: Range<usize>,
    public: Range<usize>,
    signature: Range<usize>,
    not_before: i64,
    not_after: i64,
    key: Result<PublicKey, Unacceptable>,
    algorithm: Option<SignatureAlgorithm>,
    extensions: Extensions,
}

/// Where a slice of `whole` lies in it.
fn place(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

impl Cert {
    /// Parses DER of at most 64 KiB, with nothing after it. Certificates whose key or signature algorithm is not
    /// known here are parsed all the same; they verify nothing.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        if der.len() > LARGEST {
            return Err(Malformed::new("x509", "certificate of more than 64 KiB"));
        }
        let mut outer = Der::new("x509", der);
        let mut certificate = outer.sequence()?;
        outer.end()?;
        let signed_part = certificate.take(tag::SEQUENCE)?;
        let outer_algorithm = certificate.take(tag::SEQUENCE)?;
        let signature = certificate.bits()?;
        certificate.end()?;

        let mut body = certificate.inside(signed_part);
        if let Some(version) = body.optional(tag::context(0))?
            && body.inside(version).small()? > 2
        {
            return Err(body.fault("version above 3"));
        }
        let serial = body.integer()?;
        if serial.len() > 64 {
            return Err(body.fault("serial number of more than 64 bytes"));
        }
        if body.take(tag::SEQUENCE)?.raw != outer_algorithm.raw {
            return Err(body.fault("two different signature algorithms"));
        }
        let issuer = body.take(tag::SEQUENCE)?;
        let mut validity = body.sequence()?;
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        validity.end()?;
        let subject = body.take(tag::SEQUENCE)?;
        name::check(issuer)?;
        name::check(subject)?;
        let public = body.take(tag::SEQUENCE)?;
        let key = PublicKey::read(public)?;
        body.optional(tag::context_primitive(1))?;
        body.optional(tag::context_primitive(2))?;
        let extensions = match body.optional(tag::context(3))? {
            Some(wrapped) => Extensions::read(body.inside(wrapped))?,
            None => Extensions::default(),
        };
        body.end()?;
        let algorithm = SignatureAlgorithm::read(&mut certificate.inside(outer_algorithm), None).ok();

        Ok(Self(Arc::new(Parsed {
            signed_part: place(der, signed_part.raw),
            serial: place(der, serial),
            issuer: place(der, issuer.raw),
            subject: place(der, subject.raw),
            public: place(der, public.raw),
            signature: place(der, signature),
            not_before,
            not_after,
            key,
            algorithm,
            extensions,
            der: der.to_vec(),
        })))
    }

    fn at(&self, range: &Range<usize>) -> &[u8] {
        &self.0.der[range.clone()]
    }

    fn name(&self, range: &Range<usize>) -> Tlv<'_> {
        let raw = self.at(range);
        Der::new("x509", raw).any().unwrap_or(Tlv { tag: tag::SEQUENCE, value: &[], raw })
    }

    /// The DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// SHA-256 of the DER.
    pub fn fingerprint(&self) -> [u8; 32] {
        sha256(&self.0.der)
    }

    /// Common name of the subject: the last one, if there are several. As the certificate has it, control
    /// characters included.
    pub fn common_name(&self) -> Option<String> {
        name::attribute(self.name(&self.0.subject), oids::COMMON_NAME)
    }

    /// Organization of the subject.
    pub fn organization(&self) -> Option<String> {
        name::attribute(self.name(&self.0.subject), oids::ORGANIZATION)
    }

    /// UID attribute (0.9.2342.19200300.100.1.1) of the subject: the topic of an MDM push certificate.
    pub fn uid(&self) -> Option<String> {
        name::attribute(self.name(&self.0.subject), oids::UID)
    }

    /// Subject for people, RFC 4514 style: last attribute first, `CN=x,O=y`, with commas, control characters and
    /// the like escaped, so that it is one line whatever the certificate says.
    pub fn subject(&self) -> String {
        name::readable(self.name(&self.0.subject))
    }

    /// Issuer for people, as [`Cert::subject`].
    pub fn issuer(&self) -> String {
        name::readable(self.name(&self.0.issuer))
    }

    /// Subject as DER Name: what an issued certificate repeats as its issuer.
    pub fn subject_der(&self) -> &[u8] {
        self.at(&self.0.subject)
    }

    /// Issuer as DER Name.
    pub fn issuer_der(&self) -> &[u8] {
        self.at(&self.0.issuer)
    }

    /// Content octets of the serial number.
    pub fn serial(&self) -> &[u8] {
        self.at(&self.0.serial)
    }

    /// Serial number in lowercase hex, without the sign octet.
    pub fn serial_hex(&self) -> String {
        match self.serial() {
            [0, rest @ ..] if !rest.is_empty() => hex::encode(rest),
            serial => hex::encode(serial),
        }
    }

    /// notBefore, seconds since 1970.
    pub fn not_before(&self) -> i64 {
        self.0.not_before
    }

    /// notAfter, seconds since 1970.
    pub fn not_after(&self) -> i64 {
        self.0.not_after
    }

    /// SubjectPublicKeyInfo DER.
    pub fn public_der(&self) -> &[u8] {
        self.at(&self.0.public)
    }

    /// The public key, if it is of a kind known here.
    pub fn public_key(&self) -> Option<&PublicKey> {
        self.0.key.as_ref().ok()
    }

    /// Content of the subjectKeyIdentifier extension.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.0.extensions.subject_key_id.as_deref()
    }

    /// Whether basicConstraints says CA:TRUE.
    pub fn is_ca(&self) -> bool {
        self.0.extensions.ca
    }

    /// Whether the certificate may be used as a TLS client: no extKeyUsage at all, or clientAuth in it.
    pub fn may_be_client(&self) -> bool {
        self.0.extensions.allows_purpose(oids::CLIENT_AUTH)
    }

    /// Whether the certificate may be used as a TLS server: no extKeyUsage at all, or serverAuth in it.
    pub fn may_be_server(&self) -> bool {
        self.0.extensions.allows_purpose(oids::SERVER_AUTH)
    }

    /// Whether keyUsage has digitalSignature, or there is no keyUsage.
    pub fn may_sign(&self) -> bool {
        self.0.extensions.allows_usage(extensions::DIGITAL_SIGNATURE)
    }

    /// Whether keyUsage has keyEncipherment, or there is no keyUsage.
    pub fn may_encipher(&self) -> bool {
        self.0.extensions.allows_usage(extensions::KEY_ENCIPHERMENT)
    }

    /// Whether `issuer` signed this certificate: names and signature; no dates. An issuer that is a version 3
    /// certificate must be a CA, unless it is this certificate itself (self-signed).
    pub fn is_issued_by(&self, issuer: &Cert) -> bool {
        let may = issuer.is_ca() || !issuer.0.extensions.present || issuer == self;
        may && self.issuer_der() == issuer.subject_der() && self.is_signed_by(issuer)
    }

    /// Whether the key of `issuer` made this certificate's signature, whatever the names say.
    pub fn is_signed_by(&self, issuer: &Cert) -> bool {
        match (issuer.public_key(), self.0.algorithm) {
            (Some(key), Some(algorithm)) => {
                key.verify(algorithm, self.at(&self.0.signed_part), self.at(&self.0.signature))
            }
            _ => false,
        }
    }

    /// DNS names and IP addresses in subjectAltName, as text.
    pub fn hosts(&self) -> Vec<String> {
        self.0.extensions.hosts.clone()
    }

    /// PEM text.
    pub fn to_pem(&self) -> String {
        pem::block("CERTIFICATE", &self.0.der)
    }
}

impl PartialEq for Cert {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

impl Eq for Cert {}

impl std::fmt::Debug for Cert {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cert({}, serial {})", self.subject(), self.serial_hex())
    }
}

/// The readable certificates of an operating system's list of roots, in order. Such lists have about 150 and carry
/// oddities of decades: what cannot be read cannot be trusted and is left out.
pub fn roots_from_pem(pem: &str) -> Result<Vec<Cert>, Malformed> {
    Ok(pem::blocks(pem)?.iter().filter_map(|(_, der)| Cert::parse(der).ok()).collect())
}

/// All certificates of a PEM text, in order; other blocks are skipped. At most 64.
pub fn certs_from_pem(pem: &str) -> Result<Vec<Cert>, Malformed> {
    let labels = ["CERTIFICATE", "X509 CERTIFICATE"];
    let certs: Vec<Cert> = pem::blocks(pem)?
        .into_iter()
        .filter(|(label, _)| labels.contains(&label.as_str()))
        .take(65)
        .map(|(_, der)| Cert::parse(&der))
        .collect::<Result<_, _>>()?;
    if certs.len() > 64 {
        return Err(Malformed::new("pem", "more than 64 certificates"));
    }
    Ok(certs)
}
