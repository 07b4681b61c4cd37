//! Public keys as certificates carry them, and the signatures they verify.

use aws_lc_rs::rsa::{Pkcs1PublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::{self as lc, UnparsedPublicKey, VerificationAlgorithm};

use super::Digest;
use crate::wire::Malformed;
use crate::wire::asn1::{self, Der, Tlv, oids, tag};

/// A signature algorithm of a certificate, request or signed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RSA PKCS #1 v1.5 over this digest.
    Rsa(Digest),
    /// ECDSA over this digest.
    Ecdsa(Digest),
}

impl SignatureAlgorithm {
    /// Its digest.
    pub fn digest(self) -> Digest {
        match self {
            Self::Rsa(digest) | Self::Ecdsa(digest) => digest,
        }
    }

    /// AlgorithmIdentifier DER: RSA with NULL parameters, ECDSA without (RFC 5758).
    pub fn identifier(self) -> Vec<u8> {
        let oid = match self {
            Self::Rsa(Digest::Sha1) => oids::RSA_SHA1,
            Self::Rsa(Digest::Sha256) => oids::RSA_SHA256,
            Self::Rsa(Digest::Sha384) => oids::RSA_SHA384,
            Self::Rsa(Digest::Sha512) => oids::RSA_SHA512,
            Self::Ecdsa(Digest::Sha1) => oids::ECDSA_SHA1,
            Self::Ecdsa(Digest::Sha256) => oids::ECDSA_SHA256,
            Self::Ecdsa(Digest::Sha384) => oids::ECDSA_SHA384,
            Self::Ecdsa(Digest::Sha512) => oids::ECDSA_SHA512,
        };
        match self {
            Self::Rsa(_) => asn1::sequence(&[&asn1::oid(oid), &asn1::null()]),
            Self::Ecdsa(_) => asn1::sequence(&[&asn1::oid(oid)]),
        }
    }

    /// Reads an AlgorithmIdentifier. Bare key algorithms (rsaEncryption, id-ecPublicKey), which CMS allows, take
    /// `digest` as the hash; without one they are refused. Parameters: NULL or absent; for id-ecPublicKey also a
    /// curve, which some devices repeat.
    pub fn read(identifier: &mut Der<'_>, digest: Option<Digest>) -> Result<Self, Malformed> {
        let oid = identifier.oid()?;
        let bare = || digest.ok_or_else(|| identifier.fault("signature algorithm without its digest"));
        let algorithm = match oid {
            oids::RSA => Self::Rsa(bare()?),
            oids::RSA_SHA1 | oids::RSA_SHA1_OIW => Self::Rsa(Digest::Sha1),
            oids::RSA_SHA256 => Self::Rsa(Digest::Sha256),
            oids::RSA_SHA384 => Self::Rsa(Digest::Sha384),
            oids::RSA_SHA512 => Self::Rsa(Digest::Sha512),
            oids::EC => Self::Ecdsa(bare()?),
            oids::ECDSA_SHA1 => Self::Ecdsa(Digest::Sha1),
            oids::ECDSA_SHA256 => Self::Ecdsa(Digest::Sha256),
            oids::ECDSA_SHA384 => Self::Ecdsa(Digest::Sha384),
            oids::ECDSA_SHA512 => Self::Ecdsa(Digest::Sha512),
            oids::RSA_PSS => return Err(identifier.fault("RSA-PSS signatures are not supported")),
            _ => return Err(identifier.fault("unknown signature algorithm")),
        };
        identifier.optional(tag::NULL)?;
        if oid == oids::EC {
            identifier.optional(tag::OID)?;
        }
        identifier.end()?;
        Ok(algorithm)
    }
}

/// A public key. Its size is known, its strength not yet judged: see [`PublicKey::weakness`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA.
    Rsa {
        /// RSAPublicKey DER (RFC 8017).
        der: Vec<u8>,
        /// Length of the modulus in bits.
        bits: u32,
    },
    /// P-256, uncompressed point.
    P256(Vec<u8>),
    /// P-384, uncompressed point.
    P384(Vec<u8>),
}

/// Why a key gets no certificate from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unacceptable {
    /// RSA under 2048 bits.
    #[error("RSA key of fewer than 2048 bits")]
    Short,
    /// RSA over 4096 bits: every verification would be paid for by us.
    #[error("RSA key of more than 4096 bits")]
    Long,
    /// Public exponent even, under 65537 or over 32 bits.
    #[error("RSA key with a bad public exponent")]
    Exponent,
    /// Modulus divisible by a small prime, 2 included.
    #[error("RSA key whose modulus has a small factor")]
    Factor,
    /// A curve other than P-256 and P-384, a compressed point, or no key algorithm known here.
    #[error("a key that is neither RSA, P-256 nor P-384")]
    Kind,
}

/// Modulus and exponent of an RSAPublicKey, without leading zeros.
fn rsa_parts(der: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let mut outer = Der::new("key", der);
    let mut key = outer.sequence()?;
    outer.end()?;
    let (modulus, exponent) = (key.magnitude()?, key.magnitude()?);
    key.end()?;
    Ok((modulus, exponent))
}

fn bit_length(magnitude: &[u8]) -> u32 {
    match magnitude {
        [] | [0] => 0,
        [first, rest @ ..] => rest.len() as u32 * 8 + (8 - first.leading_zeros()),
    }
}

impl PublicKey {
    /// Reads SubjectPublicKeyInfo. `Err` with [`Unacceptable::Kind`] inside for key kinds not known here.
    pub fn read(info: Tlv<'_>) -> Result<Result<Self, Unacceptable>, Malformed> {
        let mut outer = Der::new("key", info.raw);
        let mut info = outer.sequence()?;
        outer.end()?;
        let mut algorithm = info.sequence()?;
        let kind = algorithm.oid()?;
        let bits = info.bits()?;
        info.end()?;
        match kind {
            oids::RSA => {
                algorithm.optional(tag::NULL)?;
                algorithm.end()?;
                let (modulus, _) = rsa_parts(bits)?;
                Ok(Ok(Self::Rsa { der: bits.to_vec(), bits: bit_length(modulus) }))
            }
            oids::EC => {
                if algorithm.peek() != Some(tag::OID) {
                    return Ok(Err(Unacceptable::Kind));
                }
                Ok(match (algorithm.oid()?, bits.first(), bits.len()) {
                    (oids::P256, Some(4), 65) => Ok(Self::P256(bits.to_vec())),
                    (oids::P384, Some(4), 97) => Ok(Self::P384(bits.to_vec())),
                    _ => Err(Unacceptable::Kind),
                })
            }
            _ => Ok(Err(Unacceptable::Kind)),
        }
    }

    /// Reads SubjectPublicKeyInfo DER; kinds not known here are refused.
    pub fn from_der(der: &[u8]) -> Result<Self, Malformed> {
        let mut outer = Der::new("key", der);
        let info = outer.take(tag::SEQUENCE)?;
        outer.end()?;
        Self::read(info)?.map_err(|kind| Malformed::new("key", kind.to_string()))
    }

    /// Whether this is RSA.
    pub fn is_rsa(&self) -> bool {
        matches!(self, Self::Rsa { .. })
    }

    /// Why this key gets no certificate from us; `None` for RSA of 2048 to 4096 bits with an odd exponent of at
    /// least 65537 and no small factor, and for P-256 and P-384. No arithmetic on large numbers: microseconds
    /// whatever the key. Whether an EC point lies on its curve is told by the first verification.
    pub fn weakness(&self) -> Option<Unacceptable> {
        let Self::Rsa { der, bits } = self else { return None };
        let Ok((modulus, exponent)) = rsa_parts(der) else { return Some(Unacceptable::Kind) };
        if *bits < 2048 {
            return Some(Unacceptable::Short);
        }
        if *bits > 4096 {
            return Some(Unacceptable::Long);
        }
        let exponent_bits = bit_length(exponent);
        let value = exponent.iter().take(8).fold(0u64, |all, byte| all << 8 | u64::from(*byte));
        if exponent_bits > 32 || value < 65_537 || value % 2 == 0 {
            return Some(Unacceptable::Exponent);
        }
        has_small_factor(modulus).then_some(Unacceptable::Factor)
    }

    /// Verifies `signature` over `message`. RSA of 1024 to 8192 bits (from 2048 for SHA-384): the smallest for
    /// Apple's device CA of 2007, so whoever trusts a key judges its size apart. SHA-1 with P-384 is refused.
    pub fn verify(&self, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        use Digest::{Sha1, Sha256, Sha384, Sha512};
        let (with, bytes): (&'static dyn VerificationAlgorithm, &[u8]) = match (self, algorithm) {
            (Self::Rsa { der, bits: 1024..=8192 }, SignatureAlgorithm::Rsa(digest)) => match digest {
                Sha1 => (&lc::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, der),
                Sha256 => (&lc::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, der),
                Sha384 => (&lc::RSA_PKCS1_2048_8192_SHA384, der),
                Sha512 => (&lc::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, der),
            },
            (Self::P256(point), SignatureAlgorithm::Ecdsa(digest)) => match digest {
                Sha1 => (&lc::ECDSA_P256_SHA1_ASN1, point),
                Sha256 => (&lc::ECDSA_P256_SHA256_ASN1, point),
                Sha384 => (&lc::ECDSA_P256_SHA384_ASN1, point),
                Sha512 => (&lc::ECDSA_P256_SHA512_ASN1, point),
            },
            (Self::P384(point), SignatureAlgorithm::Ecdsa(digest)) => match digest {
                Sha1 => return false,
                Sha256 => (&lc::ECDSA_P384_SHA256_ASN1, point),
                Sha384 => (&lc::ECDSA_P384_SHA384_ASN1, point),
                Sha512 => (&lc::ECDSA_P384_SHA512_ASN1, point),
            },
            _ => return false,
        };
        UnparsedPublicKey::new(with, bytes).verify(message, signature).is_ok()
    }

    /// RSA PKCS #1 v1.5 encryption of a content key of at most 32 bytes.
    pub fn encrypt_pkcs1(&self, secret: &[u8]) -> Result<Vec<u8>, Malformed> {
        let fault = |reason: &str| Malformed::new("key", reason);
        let Self::Rsa { der, .. } = self else { return Err(fault("only RSA keys can be encrypted to")) };
        let algorithm = asn1::sequence(&[&asn1::oid(oids::RSA), &asn1::null()]);
        let bits = asn1::tlv(tag::BITS, &[&[0], der.as_slice()].concat());
        let key = PublicEncryptingKey::from_der(&asn1::sequence(&[&algorithm, &bits]))
            .map_err(|_| fault("RSA key that cannot be encrypted to"))?;
        let key = Pkcs1PublicEncryptingKey::new(key).map_err(|_| fault("RSA key of impossible size"))?;
        let mut out = vec![0; key.ciphertext_size()];
        let length = key.encrypt(secret, &mut out).map_err(|_| fault("RSA encryption failed"))?.len();
        out.truncate(length);
        Ok(out)
    }
}

/// The primes below 1,000.
const PRIMES: [u32; 168] = {
    let mut primes = [0; 168];
    let (mut found, mut candidate) = (0, 2u32);
    while found < primes.len() {
        let mut divisor = 2;
        while divisor * divisor <= candidate && candidate % divisor != 0 {
            divisor += 1;
        }
        if divisor * divisor > candidate {
            primes[found] = candidate;
            found += 1;
        }
        candidate += 1;
    }
    primes
};

/// Whether a prime below 1,000 divides the number. Primes are taken together as long as their product fits 32
/// bits, so that the large number is walked some fifty times and not 168.
fn has_small_factor(magnitude: &[u8]) -> bool {
    let head = magnitude.len() % 4;
    let words: Vec<u64> = std::iter::once(&magnitude[..head])
        .chain(magnitude[head..].chunks_exact(4))
        .map(|word| word.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)))
        .collect();
    let mut rest = PRIMES.as_slice();
    while !rest.is_empty() {
        let mut product = 1u64;
        let mut count = 0;
        while count < rest.len() && product * u64::from(rest[count]) <= u64::from(u32::MAX) {
            product *= u64::from(rest[count]);
            count += 1;
        }
        let (group, others) = rest.split_at(count);
        let remainder = words.iter().fold(0, |left, word| (left << 32 | word) % product);
        if group.iter().any(|prime| remainder % u64::from(*prime) == 0) {
            return true;
        }
        rest = others;
    }
    false
}
