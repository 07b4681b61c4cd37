//! PKCS #10 certificate requests (RFC 2986): a proof of possession and a challenge, and nothing else of theirs
//! ever reaches a certificate.

use super::{LARGEST, name};
use crate::wire::asn1::{self, Der, oids, tag};
use crate::wire::key::{Digest, PrivateKey, PublicKey, SignatureAlgorithm, Unacceptable};
use crate::wire::{Malformed, Secret};

/// Longest challengePassword accepted, in bytes of its text.
const LONGEST_CHALLENGE: usize = 1024;

/// A PKCS #10 request whose own signature was verified and whose key is acceptable
/// (RSA 2048-4096 with a sane exponent, P-256, P-384).
#[derive(Debug, Clone)]
pub struct Csr {
    public_der: Vec<u8>,
    common_name: Option<String>,
    challenge: Option<Secret>,
}

/// Why a request was refused: SCEP answers the two differently.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not a request, or its signature does not hold.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The key or the signature algorithm gets no certificate here.
    #[error("x509: {0}")]
    Weak(Unacceptable),
}

impl From<Refused> for Malformed {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Malformed(malformed) => malformed,
            Refused::Weak(kind) => Malformed::new("x509", kind.to_string()),
        }
    }
}

impl Csr {
    /// Parses and verifies DER of at most 64 KiB.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        Ok(Self::examine(der)?)
    }

    /// [`Csr::parse`] that tells a weak key from a malformed request. The key is judged before any arithmetic
    /// with it, so a hostile one costs microseconds.
    pub fn examine(der: &[u8]) -> Result<Self, Refused> {
        let mut outer = Der::new("x509", der);
        if der.len() > LARGEST {
            return Err(outer.fault("request of more than 64 KiB").into());
        }
        let mut request = outer.sequence()?;
        outer.end()?;
        let signed_part = request.take(tag::SEQUENCE)?;
        let mut algorithm = request.sequence()?;
        let signature = request.bits()?;
        request.end()?;

        let mut body = request.inside(signed_part);
        body.small()?;
        let subject = body.take(tag::SEQUENCE)?;
        name::check(subject)?;
        let public = body.take(tag::SEQUENCE)?;
        let challenge = match body.optional(tag::context(0))? {
            Some(attributes) => challenge_in(body.inside(attributes))?,
            None => None,
        };
        body.end()?;

        let key = PublicKey::read(public)?.map_err(Refused::Weak)?;
        if let Some(weakness) = key.weakness() {
            return Err(Refused::Weak(weakness));
        }
        let algorithm = SignatureAlgorithm::read(&mut algorithm, None)?;
        if !key.verify(algorithm, signed_part.raw, signature) {
            return Err(outer.fault("the request's own signature does not hold").into());
        }
        Ok(Self {
            public_der: public.raw.to_vec(),
            common_name: name::attribute(subject, oids::COMMON_NAME),
            challenge,
        })
    }

    /// SubjectPublicKeyInfo DER.
    pub fn public_der(&self) -> &[u8] {
        &self.public_der
    }

    /// challengePassword: the one-time secret from the enrollment profile.
    pub fn challenge(&self) -> Option<&str> {
        self.challenge.as_ref().and_then(Secret::expose_str)
    }

    /// Common name asked for (never used for issuing).
    pub fn common_name(&self) -> Option<String> {
        self.common_name.clone()
    }
}

/// The challengePassword among a request's attributes. Two of them, or one with two values, are refused.
fn challenge_in(mut attributes: Der<'_>) -> Result<Option<Secret>, Malformed> {
    let mut found = None;
    while !attributes.is_empty() {
        let mut attribute = attributes.sequence()?;
        let oid = attribute.oid()?;
        let mut values = attribute.enter(tag::SET)?;
        attribute.end()?;
        if oid != oids::CHALLENGE_PASSWORD {
            continue;
        }
        let text = values.any()?.text().filter(|text| text.len() <= LONGEST_CHALLENGE);
        let Some(text) = text else { return Err(values.fault("challengePassword is no short text")) };
        values.end()?;
        if found.replace(Secret::from(text)).is_some() {
            return Err(attributes.fault("two challengePasswords"));
        }
    }
    Ok(found)
}

/// Makes a request (simulator; push certificate request). `challenge` becomes challengePassword.
pub fn make_csr(key: &PrivateKey, common_name: &str, challenge: Option<&str>) -> Vec<u8> {
    let attributes = challenge.map_or_else(Vec::new, |challenge| {
        let values = asn1::set(&[&asn1::string(challenge)]);
        asn1::sequence(&[&asn1::oid(oids::CHALLENGE_PASSWORD), &values])
    });
    let body = asn1::sequence(&[
        &asn1::uint(&[]),
        &name::write(&[(oids::COMMON_NAME, common_name)]),
        &key.public_der(),
        &asn1::context(0, &attributes),
    ]);
    signed(&body, key)
}

/// `body`, its signature algorithm and its signature, in a SEQUENCE: a request or a certificate.
pub(super) fn signed(body: &[u8], key: &PrivateKey) -> Vec<u8> {
    let algorithm = key.signs_with(Digest::Sha256).identifier();
    let signature = key.sign(Digest::Sha256, body);
    asn1::sequence(&[body, &algorithm, &asn1::tlv(tag::BITS, &[&[0], signature.as_slice()].concat())])
}
