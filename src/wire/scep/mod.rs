//! SCEP messages (the part of RFC 8894 that Apple devices speak), both ends.
//!
//! What an outsider can make us do here is decided by two closed lists: the message types a request may have, and
//! the ciphers an envelope may use. Whether a request gets a certificate is decided elsewhere, from its challenge.

mod client;
mod server;

pub use client::{Reply, make_request, read_reply, transaction_id_for};
pub use server::{Replying, Request, failure, open_request, parse_request, success};

use super::asn1::{self, Der};
use super::cms::Signing;
use super::key::{Digest, PrivateKey};
use super::x509::Cert;
use super::{Malformed, pem};

/// Largest message read, in bytes.
pub const LARGEST: usize = 64 * 1024;

/// What GetCACaps says. `Renewal` because macOS complains without it; no `GetNextCACert`, no `UpdateReq`.
pub const CAPABILITIES: &str = "Renewal\nSHA-1\nSHA-256\nSHA-512\nAES\nDES3\nSCEPStandard\nPOSTPKIOperation";

/// messageType of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageType {
    /// 19.
    PkcsReq,
    /// 17.
    RenewalReq,
    /// Anything else: every other number, no number, two numbers, spaces around one. Always answered with
    /// badRequest; the obsolete UpdateReq (18) once was a way around authorization in another server
    /// (CVE-2026-30836).
    Other,
}

/// failInfo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailInfo {
    /// 0: an algorithm or key that is not accepted.
    BadAlg,
    /// 1: the signature or the envelope does not hold; one answer for all reasons.
    BadMessageCheck,
    /// 2: not permitted or not supported; also the answer to a wrong challenge.
    BadRequest,
    /// 3: signingTime too far off.
    BadTime,
    /// 4: no such certificate.
    BadCertId,
}

impl FailInfo {
    /// Its digit.
    pub fn digit(self) -> u8 {
        match self {
            Self::BadAlg => 0,
            Self::BadMessageCheck => 1,
            Self::BadRequest => 2,
            Self::BadTime => 3,
            Self::BadCertId => 4,
        }
    }
}

fn fault(reason: &str) -> Malformed {
    Malformed::new("scep", reason)
}

/// The message of a GET PKIOperation, from the raw query string as received.
///
/// macOS leaves `+` and `/` as they are and other clients use the URL-safe alphabet or leave padding out, so the
/// query must not go through a form decoder, which would turn `+` into a space. Percent escapes are resolved, both
/// alphabets are read, padding may be missing. A message of more than 64 KiB, none or two of them are refused.
pub fn message_from_query(raw_query: &str) -> Result<Vec<u8>, Malformed> {
    let mut values = raw_query.split('&').filter_map(|pair| pair.strip_prefix("message="));
    let value = values.next().ok_or_else(|| fault("no message in the query"))?;
    if values.next().is_some() {
        return Err(fault("two messages in the query"));
    }
    // Four characters for three bytes, each of which may come as a three-character escape.
    if value.len() > LARGEST * 4 {
        return Err(fault("message of more than 64 KiB"));
    }
    let mut text = String::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        let byte = if byte == b'%' {
            let digits = [bytes.next().unwrap_or(0), bytes.next().unwrap_or(0)];
            let mut one = [0];
            hex::decode_to_slice(digits, &mut one).map_err(|_| fault("a broken percent escape"))?;
            one[0]
        } else {
            byte
        };
        text.push(match byte {
            b'-' => '+',
            b'_' => '/',
            // A proxy on the way may have decoded the plus already.
            b' ' => '+',
            other => char::from(other),
        });
    }
    let message = pem::decode_base64(&text).map_err(|_| fault("the message is not base64"))?;
    if message.len() > LARGEST {
        return Err(fault("message of more than 64 KiB"));
    }
    Ok(message)
}

/// A PrintableString attribute.
fn printable(oid: &[u8], text: &str) -> (String, Vec<u8>) {
    (asn1::dotted(oid), asn1::tlv(asn1::tag::PRINTABLE, text.as_bytes()))
}

/// An OCTET STRING attribute.
fn octets(oid: &[u8], value: &[u8]) -> (String, Vec<u8>) {
    (asn1::dotted(oid), asn1::octets(value))
}

/// Text of an attribute that comes exactly once.
fn text_of(attributes: &[(String, Vec<u8>)], oid: &[u8]) -> Option<String> {
    super::cms::only(attributes, oid)
        .and_then(|der| Der::new("scep", der).any().ok())
        .and_then(|one| one.text())
}

/// Octets of an attribute that comes exactly once.
fn octets_of(attributes: &[(String, Vec<u8>)], oid: &[u8]) -> Option<Vec<u8>> {
    super::cms::only(attributes, oid).and_then(|der| Der::new("scep", der).octets().ok()).map(<[u8]>::to_vec)
}

fn signing<'a>(
    signer: &'a Cert,
    key: &'a PrivateKey,
    digest: Digest,
    now: i64,
    attributes: Vec<(String, Vec<u8>)>,
) -> Signing<'a> {
    Signing { signer, key, chain: &[], digest, time: Some(now), attributes, detached: false }
}

/// The last 48 of the 64 random bytes that a message uses: content key and initialization vector.
fn for_envelope(random: &[u8; 64]) -> [u8; 48] {
    let mut part = [0; 48];
    part.copy_from_slice(&random[16..]);
    part
}
