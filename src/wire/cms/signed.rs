//! Verifying SignedData.

use subtle::ConstantTimeEq;

use super::{MOST_CERTIFICATES, ber, content_of, fault};
use crate::wire::Malformed;
use crate::wire::asn1::{self, Der, Tlv, oids, tag};
use crate::wire::key::{Digest, SignatureAlgorithm};
use crate::wire::x509::Cert;

/// Most attribute values a signer may sign.
const MOST_ATTRIBUTES: usize = 64;

/// A verified SignedData with exactly one signer. The mathematics alone: whether the signer may speak is for
/// the caller.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Embedded content, if attached.
    pub content: Option<Vec<u8>>,
    /// The signer's certificate.
    pub signer: Cert,
    /// All certificates of the bag that can be read, the signer's included, in order.
    pub certificates: Vec<Cert>,
    /// Digest algorithm used.
    pub digest: Digest,
    /// Signed attributes: (OID dotted, DER of the value), one entry for each value, in order.
    pub attributes: Vec<(String, Vec<u8>)>,
}

/// Verifies over `content` (detached; embedded content, if any, must equal it).
///
/// Accepts BER; one signer, at most 8 certificates; RSA PKCS #1 v1.5 and ECDSA (P-256, P-384) with SHA-1 and
/// SHA-2, with or without signed attributes. Signed attributes must hold contentType and messageDigest, once each.
pub fn verify_detached(cms: &[u8], content: &[u8]) -> Result<Signed, Malformed> {
    let message = Message::parse(cms)?;
    if message.content.as_deref().is_some_and(|embedded| embedded != content) {
        return Err(fault("the embedded content is not the body"));
    }
    message.verify(content)?;
    Ok(message.into_signed())
}

/// Verifies over the embedded content; the same rules as [`verify_detached`].
pub fn verify_attached(cms: &[u8]) -> Result<Signed, Malformed> {
    let message = Message::parse(cms)?;
    let Some(content) = &message.content else { return Err(fault("no content is embedded")) };
    message.verify(content)?;
    Ok(message.into_signed())
}

/// The certificates of a SignedData, in order, whether anybody signed it or not: at most 8, each of which must be
/// readable. For degenerate messages (SCEP replies, `.p7b` files).
pub fn certificates(cms: &[u8]) -> Result<Vec<Cert>, Malformed> {
    let der = ber::normalize(cms)?;
    let body = Body::read(&der)?;
    body.certificates.into_iter().map(|one| Cert::parse(one.raw)).collect()
}

/// A SignedData with one signer, parsed and not yet verified.
#[derive(Debug, Clone)]
pub struct Message {
    /// Embedded content.
    pub content: Option<Vec<u8>>,
    /// The signer's certificate, found in the bag by issuer and serial number, or key identifier.
    pub signer: Cert,
    /// All readable certificates of the bag.
    pub certificates: Vec<Cert>,
    /// The signer's digest algorithm.
    pub digest: Digest,
    /// Signed attributes, as in [`Signed`]. Nobody vouches for them yet.
    pub attributes: Vec<(String, Vec<u8>)>,
    content_type: Vec<u8>,
    algorithm: SignatureAlgorithm,
    /// Content of the SET OF attributes as received.
    signed_attributes: Option<Vec<u8>>,
    signature: Vec<u8>,
}

/// The parts of a SignedData.
struct Body<'a> {
    content_type: &'a [u8],
    content: Option<&'a [u8]>,
    certificates: Vec<Tlv<'a>>,
    signers: Vec<Tlv<'a>>,
}

impl<'a> Body<'a> {
    fn read(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut body = content_of(der, oids::SIGNED_DATA, "signed data")?;
        body.small()?;
        body.take(tag::SET)?;
        let mut encapsulated = body.sequence()?;
        let content_type = encapsulated.oid()?;
        let content = match encapsulated.optional(tag::context(0))? {
            Some(wrapped) => {
                let mut wrapped = encapsulated.inside(wrapped);
                let octets = wrapped.octets()?;
                wrapped.end()?;
                Some(octets)
            }
            None => None,
        };
        encapsulated.end()?;
        let mut certificates = Vec::new();
        if let Some(bag) = body.optional(tag::context(0))? {
            let mut bag = body.inside(bag);
            let mut count = 0;
            while !bag.is_empty() {
                let one = bag.any()?;
                count += 1;
                if count > MOST_CERTIFICATES {
                    return Err(fault("more than 8 certificates"));
                }
                if one.tag == tag::SEQUENCE {
                    certificates.push(one);
                }
            }
        }
        body.optional(tag::context(1))?;
        let mut set = body.enter(tag::SET)?;
        body.end()?;
        let mut signers = Vec::new();
        while !set.is_empty() && signers.len() < 2 {
            signers.push(set.take(tag::SEQUENCE)?);
        }
        Ok(Self { content_type, content, certificates, signers })
    }
}

impl Message {
    /// Parses BER or DER. Refused: no signer or several, a signer whose certificate is not in the bag, attributes
    /// that are not a set of attributes, algorithms not known here.
    pub fn parse(cms: &[u8]) -> Result<Self, Malformed> {
        let der = ber::normalize(cms)?;
        let body = Body::read(&der)?;
        let mut signer = match body.signers.as_slice() {
            [one] => Der::new("cms", one.value),
            [] => return Err(fault("nobody signed it")),
            _ => return Err(fault("more than one signer")),
        };
        signer.small()?;
        let who = signer.any()?;
        let mut digest = signer.sequence()?;
        let digest = Digest::from_oid(digest.oid()?).ok_or_else(|| fault("unknown digest algorithm"))?;
        let attributes = signer.optional(tag::context(0))?;
        let algorithm = SignatureAlgorithm::read(&mut signer.sequence()?, Some(digest))?;
        if algorithm.digest() != digest {
            return Err(fault("signature and digest algorithms disagree"));
        }
        let signature = signer.octets()?.to_vec();
        signer.optional(tag::context(1))?;
        signer.end()?;

        let certificates: Vec<Cert> =
            body.certificates.iter().filter_map(|one| Cert::parse(one.raw).ok()).collect();
        let found = find(who, &certificates)?.ok_or_else(|| fault("the signer's certificate is missing"))?;
        Ok(Self {
            content: body.content.map(<[u8]>::to_vec),
            signer: found,
            certificates,
            digest,
            attributes: attributes.map(|set| read_attributes(set.value)).transpose()?.unwrap_or_default(),
            content_type: body.content_type.to_vec(),
            algorithm,
            signed_attributes: attributes.map(|set| set.value.to_vec()),
            signature,
        })
    }

    /// Whether the signer signed `content`.
    pub fn verify(&self, content: &[u8]) -> Result<(), Malformed> {
        let key = self.signer.public_key().ok_or_else(|| fault("the signer's key is of an unknown kind"))?;
        let holds = |bytes: &[u8]| key.verify(self.algorithm, bytes, &self.signature);
        let Some(received) = &self.signed_attributes else {
            if looks_like_attributes(content) {
                return Err(fault("attributes offered as content"));
            }
            return if holds(content) { Ok(()) } else { Err(fault("the signature does not hold")) };
        };
        let mut kind = Der::new("cms", self.one(oids::CONTENT_TYPE, "contentType")?);
        if !bool::from(kind.oid()?.ct_eq(&self.content_type)) {
            return Err(fault("contentType is not the content's"));
        }
        let mut stated = Der::new("cms", self.one(oids::MESSAGE_DIGEST, "messageDigest")?);
        if !bool::from(stated.octets()?.ct_eq(&self.digest.of(content))) {
            return Err(fault("messageDigest is not the content's"));
        }
        // The signature is over the attributes as a SET OF. Some signers hash the order they send, some sort first
        // and send otherwise: both sign the same attributes.
        if holds(&asn1::tlv(tag::SET, received)) {
            return Ok(());
        }
        let sorted = sorted(received)?;
        if sorted != *received && holds(&asn1::tlv(tag::SET, &sorted)) {
            return Ok(());
        }
        Err(fault("the signature does not hold"))
    }

    /// The only value of an attribute.
    fn one(&self, oid: &[u8], name: &str) -> Result<&[u8], Malformed> {
        match only(&self.attributes, oid) {
            Some(value) => Ok(value),
            None => Err(fault(&format!("{name} is missing or comes twice"))),
        }
    }

    /// Takes the message as verified.
    pub(in crate::wire) fn into_signed(self) -> Signed {
        Signed {
            content: self.content,
            signer: self.signer,
            certificates: self.certificates,
            digest: self.digest,
            attributes: self.attributes,
        }
    }
}

/// The value of the attribute `oid` (content octets) if there is exactly one.
pub(in crate::wire) fn only<'a>(attributes: &'a [(String, Vec<u8>)], oid: &[u8]) -> Option<&'a [u8]> {
    let dotted = asn1::dotted(oid);
    let mut values = attributes.iter().filter(|(name, _)| *name == dotted);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

fn find(who: Tlv<'_>, certificates: &[Cert]) -> Result<Option<Cert>, Malformed> {
    let mut id = Der::new("cms", who.value);
    match who.tag {
        tag::SEQUENCE => {
            let issuer = id.take(tag::SEQUENCE)?.raw;
            let serial = id.integer()?;
            id.end()?;
            Ok(certificates.iter().find(|one| one.issuer_der() == issuer && one.serial() == serial).cloned())
        }
        0x80 => Ok(certificates.iter().find(|one| one.subject_key_id() == Some(who.value)).cloned()),
        _ => Err(fault("the signer is named in no known way")),
    }
}

fn read_attributes(set: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Malformed> {
    let mut all = Vec::new();
    let mut set = Der::new("cms", set);
    while !set.is_empty() {
        let mut attribute = set.sequence()?;
        let oid = asn1::dotted(attribute.oid()?);
        let mut values = attribute.enter(tag::SET)?;
        attribute.end()?;
        while !values.is_empty() {
            if all.len() == MOST_ATTRIBUTES {
                return Err(fault("more than 64 signed attributes"));
            }
            all.push((oid.clone(), values.any()?.raw.to_vec()));
        }
    }
    Ok(all)
}

fn sorted(set: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut elements = Vec::new();
    let mut set = Der::new("cms", set);
    while !set.is_empty() {
        elements.push(set.any()?.raw.to_vec());
    }
    Ok(asn1::set_of(elements))
}

/// Whether `content` could be the signed attributes of another message: a signature over those, offered without
/// attributes, would hold for content its signer never saw.
fn looks_like_attributes(content: &[u8]) -> bool {
    content.first() == Some(&tag::SET)
        && Der::new("cms", content)
            .any()
            .ok()
            .and_then(|set| read_attributes(set.value).ok())
            .is_some_and(|all| only(&all, oids::MESSAGE_DIGEST).is_some())
}
