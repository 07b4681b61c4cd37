//! The client's end, for simulated devices.

use subtle::ConstantTimeEq;

use super::{fault, for_envelope, octets, octets_of, printable, signing, text_of};
use crate::wire::Malformed;
use crate::wire::asn1::{Der, oids};
use crate::wire::cms::{self, Cipher};
use crate::wire::key::{Digest, PrivateKey};
use crate::wire::x509::Cert;

/// Makes a PKCSReq (`message_type` "19"; others for tests). `signer_key` may differ from the CSR's key; the reply
/// is encrypted to `signer`, which must be RSA for that. `random`: the first 16 bytes are the senderNonce, the
/// rest content key and initialization vector.
#[allow(clippy::too_many_arguments)]
pub fn make_request(
    csr_der: &[u8],
    signer: &Cert,
    signer_key: &PrivateKey,
    ca: &Cert,
    cipher: Cipher,
    digest: Digest,
    message_type: &str,
    random: &[u8; 64],
    transaction_id: &str,
    now: i64,
) -> Result<Vec<u8>, Malformed> {
    let enveloped = cms::encrypt(csr_der, ca, cipher, &for_envelope(random))?;
    let attributes = vec![
        printable(oids::MESSAGE_TYPE, message_type),
        printable(oids::TRANSACTION_ID, transaction_id),
        octets(oids::SENDER_NONCE, &random[..16]),
    ];
    Ok(cms::sign(&enveloped, &signing(signer, signer_key, digest, now, attributes)))
}

/// Client side: what a CertRep says.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The certificate.
    Issued(Cert),
    /// failInfo digit and text.
    Failed {
        /// Digit.
        info: Option<u8>,
        /// Text.
        text: Option<String>,
    },
    /// Pending.
    Pending,
}

/// Client side: reads a CertRep for this transaction. Refused: a signature that does not hold or is not by `ca`
/// (or a certificate it issued), another transaction, a nonce that is not ours, an envelope we cannot open.
pub fn read_reply(
    body: &[u8],
    transaction_id: &str,
    sender_nonce: &[u8],
    ca: &Cert,
    signer: &Cert,
    signer_key: &PrivateKey,
) -> Result<Reply, Malformed> {
    let message = cms::verify_attached(body)?;
    if message.signer != *ca && !message.signer.is_issued_by(ca) {
        return Err(fault("the reply is not signed by the CA"));
    }
    let text = |oid: &[u8]| text_of(&message.attributes, oid);
    if text(oids::MESSAGE_TYPE).as_deref() != Some("3") {
        return Err(fault("not a CertRep"));
    }
    if text(oids::TRANSACTION_ID).as_deref() != Some(transaction_id) {
        return Err(fault("the reply is for another transaction"));
    }
    let echoed = octets_of(&message.attributes, oids::RECIPIENT_NONCE).unwrap_or_default();
    if !bool::from(echoed.ct_eq(sender_nonce)) {
        return Err(fault("the reply does not repeat our nonce"));
    }
    match text(oids::PKI_STATUS).as_deref() {
        Some("0") => {}
        Some("2") => {
            let info = text(oids::FAIL_INFO).and_then(|digit| digit.parse().ok());
            return Ok(Reply::Failed { info, text: text(oids::FAIL_INFO_TEXT) });
        }
        Some("3") => return Ok(Reply::Pending),
        _ => return Err(fault("pkiStatus unknown")),
    }
    let enveloped = message.content.unwrap_or_default();
    // No oracle to guard against: the envelope's sender is the CA, and nobody sees the outcome.
    let (certificates, _) = cms::decrypt(&enveloped, signer, signer_key, true, &[0; 32])?;
    let mut issued = cms::certificates(certificates.expose())?.into_iter();
    issued.next().map(Reply::Issued).ok_or_else(|| fault("the reply has no certificate"))
}

/// SHA-1 of the public key's bits in hex: a transaction identifier as devices make it.
pub fn transaction_id_for(public_der: &[u8]) -> Result<String, Malformed> {
    let mut outer = Der::new("scep", public_der);
    let mut info = outer.sequence()?;
    info.sequence()?;
    Ok(hex::encode_upper(Digest::Sha1.of(info.bits()?)))
}
