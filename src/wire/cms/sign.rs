//! Making SignedData.

use crate::wire::asn1::{self, oids, tag};
use crate::wire::key::{Digest, PrivateKey, SignatureAlgorithm};
use crate::wire::x509::Cert;

/// How to sign.
#[derive(Debug, Clone)]
pub struct Signing<'a> {
    /// Signer's certificate.
    pub signer: &'a Cert,
    /// Its key.
    pub key: &'a PrivateKey,
    /// Further certificates to include.
    pub chain: &'a [Cert],
    /// Digest wished for; [`PrivateKey::signs_with`] says which one is used.
    pub digest: Digest,
    /// signingTime, seconds since 1970.
    pub time: Option<i64>,
    /// Further signed attributes: (OID dotted, DER of the value). Entries whose OID is not one are left out.
    pub attributes: Vec<(String, Vec<u8>)>,
    /// Leave the content out.
    pub detached: bool,
}

/// Makes SignedData (ContentInfo DER) of id-data with signed attributes contentType, messageDigest and what `how`
/// adds, sorted as DER wants.
pub fn sign(content: &[u8], how: &Signing<'_>) -> Vec<u8> {
    let algorithm = how.key.signs_with(how.digest);
    let digest = algorithm.digest();
    let digest_id = match algorithm {
        SignatureAlgorithm::Rsa(_) => asn1::sequence(&[&asn1::oid(digest.oid()), &asn1::null()]),
        SignatureAlgorithm::Ecdsa(_) => asn1::sequence(&[&asn1::oid(digest.oid())]),
    };
    let mut attributes = vec![
        attribute(oids::CONTENT_TYPE, &asn1::oid(oids::DATA)),
        attribute(oids::MESSAGE_DIGEST, &asn1::octets(&digest.of(content))),
    ];
    attributes.extend(how.time.map(|at| attribute(oids::SIGNING_TIME, &asn1::utc_or_generalized(at))));
    attributes.extend(
        how.attributes
            .iter()
            .filter_map(|(oid, value)| asn1::undotted(oid).map(|oid| attribute(&oid, value))),
    );
    let attributes = asn1::set_of(attributes);
    let signature = how.key.sign(digest, &asn1::tlv(tag::SET, &attributes));
    let who = asn1::sequence(&[how.signer.issuer_der(), &asn1::integer(how.signer.serial())]);
    let info = asn1::sequence(&[
        &asn1::uint(&[1]),
        &who,
        &digest_id,
        &asn1::context(0, &attributes),
        &algorithm.identifier(),
        &asn1::octets(&signature),
    ]);
    let embedded = if how.detached { Vec::new() } else { asn1::context(0, &asn1::octets(content)) };
    let mut certificates = vec![how.signer];
    certificates.extend(how.chain.iter().filter(|one| *one != how.signer));
    signed_data(&digest_id, &embedded, &certificates, &info)
}

/// A SignedData that only carries certificates, in this order.
pub fn degenerate(certs: &[Cert]) -> Vec<u8> {
    let certificates: Vec<&Cert> = certs.iter().collect();
    signed_data(&[], &[], &certificates, &[])
}

fn signed_data(digests: &[u8], embedded: &[u8], certificates: &[&Cert], signers: &[u8]) -> Vec<u8> {
    let bag: Vec<&[u8]> = certificates.iter().map(|one| one.der()).collect();
    let body = asn1::sequence(&[
        &asn1::uint(&[1]),
        &asn1::set(&[digests]),
        &asn1::sequence(&[&asn1::oid(oids::DATA), embedded]),
        &asn1::context(0, &bag.concat()),
        &asn1::set(&[signers]),
    ]);
    asn1::sequence(&[&asn1::oid(oids::SIGNED_DATA), &asn1::context(0, &body)])
}

fn attribute(oid: &[u8], value: &[u8]) -> Vec<u8> {
    asn1::sequence(&[&asn1::oid(oid), &asn1::set(&[value])])
}
