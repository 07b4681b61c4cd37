//! The server's end: requests read, replies made.

use super::{
    FailInfo, LARGEST, MessageType, fault, for_envelope, octets, octets_of, printable, signing, text_of,
};
use crate::wire::asn1::{self, oids};
use crate::wire::cms::{self, Cipher, Message};
use crate::wire::key::{Digest, PrivateKey, PublicKey};
use crate::wire::x509::{Cert, Csr, Refused};
use crate::wire::{Malformed, asn1::tag};

/// Longest transaction identifier, in bytes. Real ones have 28 to 64.
const LONGEST_TRANSACTION: usize = 256;

/// Longest nonce echoed, in bytes. The standard says 16.
const LONGEST_NONCE: usize = 64;

/// A request whose outer structure could be read. [`parse_request`] says whether its signature holds.
#[derive(Debug, Clone)]
pub struct Request {
    /// Kind.
    pub message_type: MessageType,
    /// Echoed byte for byte.
    pub transaction_id: String,
    /// Echoed as recipientNonce; empty if the request had none.
    pub sender_nonce: Vec<u8>,
    /// The reply is encrypted to this. For PKCSReq usually self-signed, and not always with the key that asks for a
    /// certificate.
    pub signer: Cert,
    /// Mirrored in the reply (SHA-1 as SHA-256).
    pub digest: Digest,
    /// Still encrypted EnvelopedData; empty if there was none.
    pub enveloped: Vec<u8>,
    /// The transactionID attribute as it came, string type included.
    transaction_der: Vec<u8>,
}

/// Parses a PKIOperation body of at most 64 KiB. `Err`: not even a transaction identifier can be read, so no reply
/// is possible (400). `Ok` with `false`: the signature does not hold, to be answered with
/// [`FailInfo::BadMessageCheck`].
pub fn parse_request(body: &[u8]) -> Result<(Request, bool), Malformed> {
    if body.len() > LARGEST {
        return Err(fault("message of more than 64 KiB"));
    }
    let message = Message::parse(body)?;
    let transaction_der = cms::only(&message.attributes, oids::TRANSACTION_ID)
        .ok_or_else(|| fault("transactionID is missing or comes twice"))?
        .to_vec();
    let transaction_id = text_of(&message.attributes, oids::TRANSACTION_ID)
        .filter(|id| !id.is_empty() && id.len() <= LONGEST_TRANSACTION)
        .ok_or_else(|| fault("transactionID is no short text"))?;
    let sender_nonce = octets_of(&message.attributes, oids::SENDER_NONCE).unwrap_or_default();
    if sender_nonce.len() > LONGEST_NONCE {
        return Err(fault("senderNonce of more than 64 bytes"));
    }
    let message_type = match text_of(&message.attributes, oids::MESSAGE_TYPE).as_deref() {
        Some("19") => MessageType::PkcsReq,
        Some("17") => MessageType::RenewalReq,
        _ => MessageType::Other,
    };
    let holds = message.content.as_deref().is_some_and(|content| message.verify(content).is_ok());
    let request = Request {
        message_type,
        transaction_id,
        sender_nonce,
        signer: message.signer,
        digest: message.digest,
        enveloped: message.content.unwrap_or_default(),
        transaction_der,
    };
    Ok((request, holds))
}

/// Opens the request's envelope and parses the CSR inside.
///
/// [`FailInfo::BadAlg`] for what everybody can see or compute without our key: a cipher not accepted, a signer to
/// whom no reply can be encrypted, a weak key in the CSR. [`FailInfo::BadMessageCheck`] for all else, whether the
/// padding, the content or the CSR's signature was wrong. `decoy`: 32 fresh random bytes (see [`cms::decrypt`]).
pub fn open_request(
    request: &Request,
    ra: &Cert,
    ra_key: &PrivateKey,
    allow_des: bool,
    decoy: &[u8; 32],
) -> Result<(Csr, Cipher), FailInfo> {
    let replies_reach = matches!(request.signer.public_key(), Some(PublicKey::Rsa { bits: 1024..=8192, .. }));
    if !replies_reach {
        return Err(FailInfo::BadAlg);
    }
    if cms::cipher_of(&request.enveloped) == Ok(Cipher::Des) && !allow_des {
        return Err(FailInfo::BadAlg);
    }
    let (content, cipher) = cms::decrypt(&request.enveloped, ra, ra_key, allow_des, decoy)
        .map_err(|_| FailInfo::BadMessageCheck)?;
    match Csr::examine(content.expose()) {
        Ok(csr) => Ok((csr, cipher)),
        Err(Refused::Weak(_)) => Err(FailInfo::BadAlg),
        Err(Refused::Malformed(_)) => Err(FailInfo::BadMessageCheck),
    }
}

/// Who signs replies and with what randomness.
#[derive(Debug, Clone, Copy)]
pub struct Replying<'a> {
    /// CA/RA certificate.
    pub ra: &'a Cert,
    /// Its key.
    pub ra_key: &'a PrivateKey,
    /// signingTime, seconds since 1970.
    pub now: i64,
    /// 16 bytes for senderNonce, 48 for key and IV.
    pub random: &'a [u8; 64],
}

/// CertRep SUCCESS: the certificate, encrypted to the request's signer with the cipher the request used.
pub fn success(
    request: &Request,
    cipher: Cipher,
    issued: &Cert,
    by: Replying<'_>,
) -> Result<Vec<u8>, Malformed> {
    let certificates = cms::degenerate(std::slice::from_ref(issued));
    let enveloped = cms::encrypt(&certificates, &request.signer, cipher, &for_envelope(by.random))?;
    Ok(reply(request, "0", &enveloped, Vec::new(), by))
}

/// CertRep FAILURE (HTTP 200): an empty OCTET STRING as content. `text` is for whoever debugs the client and must
/// not tell more than `info` does; empty for none.
pub fn failure(request: &Request, info: FailInfo, text: &str, by: Replying<'_>) -> Vec<u8> {
    let mut more = vec![printable(oids::FAIL_INFO, &info.digit().to_string())];
    if !text.is_empty() {
        more.push((asn1::dotted(oids::FAIL_INFO_TEXT), asn1::tlv(tag::UTF8, text.as_bytes())));
    }
    reply(request, "2", &[], more, by)
}

fn reply(
    request: &Request,
    status: &str,
    content: &[u8],
    more: Vec<(String, Vec<u8>)>,
    by: Replying<'_>,
) -> Vec<u8> {
    let mut attributes = vec![
        printable(oids::MESSAGE_TYPE, "3"),
        printable(oids::PKI_STATUS, status),
        (asn1::dotted(oids::TRANSACTION_ID), request.transaction_der.clone()),
        octets(oids::RECIPIENT_NONCE, &request.sender_nonce),
        octets(oids::SENDER_NONCE, &by.random[..16]),
    ];
    attributes.extend(more);
    cms::sign(content, &signing(by.ra, by.ra_key, request.digest, by.now, attributes))
}
