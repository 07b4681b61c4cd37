//! EnvelopedData for one RSA recipient (PKCS #1 v1.5 key transport, which is what SCEP and FileVault escrow use).

use super::{Cipher, ber, cbc_decrypt, cbc_encrypt, content_of, fault};
use crate::wire::asn1::{self, Der, oids, tag};
use crate::wire::key::PrivateKey;
use crate::wire::x509::Cert;
use crate::wire::{Malformed, Secret};

/// Most recipients looked at.
const MOST_RECIPIENTS: usize = 16;

/// Makes EnvelopedData (ContentInfo DER) for an RSA recipient named by issuer and serial number. `random` supplies
/// key (first 32 bytes) and initialization vector (last 16). Refused: recipients without an RSA key, and, as good
/// as never, random bytes that make a weak DES key.
pub fn encrypt(content: &[u8], to: &Cert, cipher: Cipher, random: &[u8; 48]) -> Result<Vec<u8>, Malformed> {
    let public = to.public_key().ok_or_else(|| fault("the recipient's key is of an unknown kind"))?;
    let key = cipher.key_from(&random[..32]);
    let iv = &random[32..32 + cipher.block_len()];
    let encrypted = cbc_encrypt(cipher, key.expose(), iv, content)?;
    let recipient = asn1::sequence(&[
        &asn1::uint(&[0]),
        &asn1::sequence(&[to.issuer_der(), &asn1::integer(to.serial())]),
        &asn1::sequence(&[&asn1::oid(oids::RSA), &asn1::null()]),
        &asn1::octets(&public.encrypt_pkcs1(key.expose())?),
    ]);
    let body = asn1::sequence(&[
        &asn1::uint(&[0]),
        &asn1::set(&[&recipient]),
        &asn1::sequence(&[
            &asn1::oid(oids::DATA),
            &asn1::sequence(&[&asn1::oid(cipher.oid()), &asn1::octets(iv)]),
            &asn1::primitive(0, &encrypted),
        ]),
    ]);
    Ok(asn1::sequence(&[&asn1::oid(oids::ENVELOPED_DATA), &asn1::context(0, &body)]))
}

/// Opens EnvelopedData (BER or DER) addressed to `cert` by issuer and serial number or by key identifier.
///
/// Everything that depends on the key fails with one and the same error. A content key that does not open, or is
/// of the wrong length, is replaced by `decoy` (random, fresh for each call) and decryption goes on: whoever sends
/// forged messages learns nothing from the answer or its time. One such message in 256 comes out as noise instead
/// of an error, so a caller must check what it gets. `allow_des` is a switch for tests.
pub fn decrypt(
    enveloped: &[u8],
    cert: &Cert,
    key: &PrivateKey,
    allow_des: bool,
    decoy: &[u8; 32],
) -> Result<(Secret, Cipher), Malformed> {
    let der = ber::normalize(enveloped)?;
    let envelope = Envelope::read(&der)?;
    let cipher = envelope.cipher;
    if cipher == Cipher::Des && !allow_des {
        return Err(fault("single DES is not accepted"));
    }
    let transported = addressed_to(envelope.recipients, cert)?;
    let opened = key.decrypt_pkcs1(transported);
    let content_key = match &opened {
        Ok(content_key) if content_key.len() == cipher.key_len() => content_key.expose(),
        _ => &decoy[..cipher.key_len()],
    };
    Ok((cbc_decrypt(cipher, content_key, envelope.iv, envelope.content)?, cipher))
}

/// The content cipher of EnvelopedData, which everybody can read; nothing is opened.
pub fn cipher_of(enveloped: &[u8]) -> Result<Cipher, Malformed> {
    Ok(Envelope::read(&ber::normalize(enveloped)?)?.cipher)
}

/// The parts of an EnvelopedData.
struct Envelope<'a> {
    recipients: Der<'a>,
    cipher: Cipher,
    iv: &'a [u8],
    content: &'a [u8],
}

impl<'a> Envelope<'a> {
    fn read(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut body = content_of(der, oids::ENVELOPED_DATA, "enveloped data")?;
        body.small()?;
        body.optional(tag::context(0))?;
        let recipients = body.enter(tag::SET)?;
        let mut info = body.sequence()?;
        body.optional(tag::context(1))?;
        body.end()?;
        info.oid()?;
        let mut algorithm = info.sequence()?;
        let cipher = Cipher::from_oid(algorithm.oid()?).ok_or_else(|| fault("unknown content cipher"))?;
        let iv = algorithm.octets()?;
        algorithm.end()?;
        if iv.len() != cipher.block_len() {
            return Err(fault("initialization vector of the wrong length"));
        }
        let content = info.take(tag::context_primitive(0))?.value;
        info.end()?;
        Ok(Self { recipients, cipher, iv, content })
    }
}

/// The encrypted content key meant for `cert`.
fn addressed_to<'a>(mut recipients: Der<'a>, cert: &Cert) -> Result<&'a [u8], Malformed> {
    let mut count = 0;
    while !recipients.is_empty() {
        count += 1;
        if count > MOST_RECIPIENTS {
            return Err(fault("more than 16 recipients"));
        }
        let recipient = recipients.any()?;
        if recipient.tag != tag::SEQUENCE {
            continue;
        }
        let mut recipient = recipients.inside(recipient);
        recipient.small()?;
        let who = recipient.any()?;
        let mut id = recipient.inside(who);
        let ours = match who.tag {
            tag::SEQUENCE => {
                id.take(tag::SEQUENCE)?.raw == cert.issuer_der() && id.integer()? == cert.serial()
            }
            0x80 => cert.subject_key_id() == Some(who.value),
            _ => false,
        };
        let mut algorithm = recipient.sequence()?;
        let transport = algorithm.oid()?;
        let transported = recipient.octets()?;
        if ours {
            if transport != oids::RSA {
                return Err(fault("the content key is not transported with RSA PKCS #1 v1.5"));
            }
            return Ok(transported);
        }
    }
    Err(fault("not addressed to this certificate"))
}
