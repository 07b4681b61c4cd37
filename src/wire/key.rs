//! Keys: RSA and EC (P-256, P-384), held by AWS-LC.
//!
//! The one file that names a random source: AWS-LC's signing calls ask for it. Making a key, padding an RSA
//! message and blinding draw on AWS-LC's own generator.

mod public;

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize, Pkcs1PrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaSignatureEncoding,
};
use zeroize::Zeroize;

pub use public::{PublicKey, SignatureAlgorithm, Unacceptable};

use super::asn1::{self, Der, oids, tag};
use super::{Malformed, Secret, pem, pkcs12};

/// Hash of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// SHA-1: verified, for old devices and Apple's old messages; never signed with.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Digest {
    fn algorithm(self) -> &'static aws_lc_rs::digest::Algorithm {
        match self {
            Self::Sha1 => &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &aws_lc_rs::digest::SHA256,
            Self::Sha384 => &aws_lc_rs::digest::SHA384,
            Self::Sha512 => &aws_lc_rs::digest::SHA512,
        }
    }

    /// The hash of `bytes`: 20, 32, 48 or 64 bytes.
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        aws_lc_rs::digest::digest(self.algorithm(), bytes).as_ref().to_vec()
    }

    /// Content octets of its object identifier.
    pub fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha1 => oids::SHA1,
            Self::Sha256 => oids::SHA256,
            Self::Sha384 => oids::SHA384,
            Self::Sha512 => oids::SHA512,
        }
    }

    /// The digest with these content octets; `None` for MD5 and all others.
    pub fn from_oid(oid: &[u8]) -> Option<Self> {
        [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|d| d.oid() == oid)
    }
}

/// SHA-256 in one call.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref());
    out
}

/// A private key, parsed once. Clones share it. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct PrivateKey(Arc<Held>);

struct Held {
    kind: Kind,
    public_der: Vec<u8>,
    pkcs8: Secret,
}

enum Kind {
    Rsa { sign: RsaKeyPair, open: Pkcs1PrivateDecryptingKey },
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
}

fn fault(reason: &str) -> Malformed {
    Malformed::new("key", reason)
}

impl PrivateKey {
    /// Makes an RSA key of 2048, 3072 or 4096 bits (about 0.1 s for 2048). Other sizes are raised to the next of
    /// these; 4096 is the largest.
    ///
    /// # Panics
    /// Where AWS-LC has no memory or no entropy, in which case nothing secret can be done at all.
    pub fn generate_rsa(bits: u32) -> Self {
        let size = match bits {
            0..=2048 => KeySize::Rsa2048,
            2049..=3072 => KeySize::Rsa3072,
            _ => KeySize::Rsa4096,
        };
        let pair = RsaKeyPair::generate(size).expect("AWS-LC makes RSA keys");
        let der: Pkcs8V1Der<'_> = pair.as_der().expect("AWS-LC writes its own key");
        Self::from_pkcs8(der.as_ref()).expect("AWS-LC reads its own key")
    }

    /// Makes a P-256 key.
    ///
    /// # Panics
    /// Where AWS-LC has no memory or no entropy.
    pub fn generate_p256() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("AWS-LC makes EC keys");
        Self::hold_ec(pair, false).expect("AWS-LC writes its own key")
    }

    /// Makes a P-384 key.
    ///
    /// # Panics
    /// Where AWS-LC has no memory or no entropy.
    pub fn generate_p384() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).expect("AWS-LC makes EC keys");
        Self::hold_ec(pair, true).expect("AWS-LC writes its own key")
    }

    /// Reads PKCS #8 DER, not encrypted: RSA of 2048 to 8192 bits, P-256 or P-384.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, Malformed> {
        let mut outer = Der::new("key", der);
        let mut info = outer.sequence()?;
        outer.end()?;
        info.small()?;
        let mut algorithm = info.sequence()?;
        match algorithm.oid()? {
            oids::RSA => {
                let sign = RsaKeyPair::from_pkcs8(der)
                    .map_err(|_| fault("not a valid RSA key of 2048 to 8192 bits"))?;
                let open = PrivateDecryptingKey::from_pkcs8(der)
                    .map_err(|_| fault("not a valid RSA key"))
                    .and_then(|key| {
                        Pkcs1PrivateDecryptingKey::new(key).map_err(|_| fault("not an RSA key"))
                    })?;
                let public: PublicKeyX509Der<'_> =
                    sign.public_key().as_der().map_err(|_| fault("no public half"))?;
                let public_der = public.as_ref().to_vec();
                let pkcs8 = Secret::new(der);
                Ok(Self(Arc::new(Held { kind: Kind::Rsa { sign, open }, public_der, pkcs8 })))
            }
            oids::EC => {
                let (curve, p384) = match algorithm.oid()? {
                    oids::P256 => (&ECDSA_P256_SHA256_ASN1_SIGNING, false),
                    oids::P384 => (&ECDSA_P384_SHA384_ASN1_SIGNING, true),
                    _ => return Err(fault("an elliptic curve other than P-256 and P-384")),
                };
                let pair = EcdsaKeyPair::from_pkcs8(curve, der)
                    .map_err(|_| fault("not a valid elliptic curve key"))?;
                Self::hold_ec(pair, p384)
            }
            _ => Err(fault("neither RSA nor elliptic curve")),
        }
    }

    fn hold_ec(pair: EcdsaKeyPair, p384: bool) -> Result<Self, Malformed> {
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| fault("no public half"))?;
        let public_der = public.as_ref().to_vec();
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| fault("cannot be written"))?;
        let pkcs8 = Secret::new(pkcs8.as_ref());
        let kind = if p384 { Kind::P384(pair) } else { Kind::P256(pair) };
        Ok(Self(Arc::new(Held { kind, public_der, pkcs8 })))
    }

    /// Reads the first private key of a PEM text: PKCS #8, or the older PKCS #1 and SEC 1 forms. Encrypted keys
    /// are refused with words that say so; see [`PrivateKey::from_pem_with`].
    pub fn from_pem(pem: &str) -> Result<Self, Malformed> {
        Self::read_pem(pem, |_| Err(fault("the key is encrypted; its passphrase is needed")))
    }

    /// [`PrivateKey::from_pem`] that also decrypts `ENCRYPTED PRIVATE KEY` (PKCS #8 with PBES2 or the schemes of
    /// PKCS #12).
    pub fn from_pem_with(pem: &str, passphrase: &Secret) -> Result<Self, Malformed> {
        Self::read_pem(pem, |der| pkcs12::open_key(der, passphrase))
    }

    fn read_pem(pem: &str, encrypted: impl Fn(&[u8]) -> Result<Self, Malformed>) -> Result<Self, Malformed> {
        for (label, mut der) in pem::blocks(pem)? {
            let key = match label.as_str() {
                "PRIVATE KEY" => Self::from_pkcs8(&der),
                "RSA PRIVATE KEY" => Self::from_pkcs1(&der),
                "EC PRIVATE KEY" => Self::from_sec1(&der),
                "ENCRYPTED PRIVATE KEY" => encrypted(&der),
                _ => continue,
            };
            der.zeroize();
            return key;
        }
        Err(fault("no private key in this PEM text"))
    }

    fn from_pkcs1(der: &[u8]) -> Result<Self, Malformed> {
        let algorithm = asn1::sequence(&[&asn1::oid(oids::RSA), &asn1::null()]);
        let wrapped = Secret::new(asn1::sequence(&[&asn1::uint(&[]), &algorithm, &asn1::octets(der)]));
        Self::from_pkcs8(wrapped.expose())
    }

    fn from_sec1(der: &[u8]) -> Result<Self, Malformed> {
        let mut outer = Der::new("key", der);
        let mut key = outer.sequence()?;
        key.small()?;
        let length = key.octets()?.len();
        let named = match key.optional(tag::context(0))? {
            Some(parameters) => key.inside(parameters).oid()?,
            None if length > 32 => oids::P384,
            None => oids::P256,
        };
        let (curve, p384) = match named {
            oids::P256 => (&ECDSA_P256_SHA256_ASN1_SIGNING, false),
            oids::P384 => (&ECDSA_P384_SHA384_ASN1_SIGNING, true),
            _ => return Err(fault("an elliptic curve other than P-256 and P-384")),
        };
        let pair = EcdsaKeyPair::from_private_key_der(curve, der)
            .map_err(|_| fault("not a valid elliptic curve key"))?;
        Self::hold_ec(pair, p384)
    }

    /// PKCS #8 DER.
    pub fn to_pkcs8(&self) -> Secret {
        self.0.pkcs8.clone()
    }

    /// PKCS #8 in PEM, for a file that only its owner may read.
    pub fn to_pem(&self) -> Secret {
        Secret::from(pem::block("PRIVATE KEY", self.0.pkcs8.expose()))
    }

    /// SubjectPublicKeyInfo DER.
    pub fn public_der(&self) -> Vec<u8> {
        self.0.public_der.clone()
    }

    /// Whether this is RSA: only RSA keys can open envelopes.
    pub fn is_rsa(&self) -> bool {
        matches!(self.0.kind, Kind::Rsa { .. })
    }

    /// What this key signs with when asked for `wanted`. An EC key has one digest, that of its curve. RSA signs
    /// with any SHA-2; SHA-1 is raised to SHA-256, because no new SHA-1 signature is made here (AWS-LC offers
    /// none, and every device since iOS 4 verifies SHA-256).
    pub fn signs_with(&self, wanted: Digest) -> SignatureAlgorithm {
        match (&self.0.kind, wanted) {
            (Kind::Rsa { .. }, Digest::Sha1 | Digest::Sha256) => SignatureAlgorithm::Rsa(Digest::Sha256),
            (Kind::Rsa { .. }, other) => SignatureAlgorithm::Rsa(other),
            (Kind::P256(_), _) => SignatureAlgorithm::Ecdsa(Digest::Sha256),
            (Kind::P384(_), _) => SignatureAlgorithm::Ecdsa(Digest::Sha384),
        }
    }

    /// Signs `message` (hashed here) with the digest that [`PrivateKey::signs_with`] names. RSA: PKCS #1 v1.5;
    /// EC: ECDSA in DER.
    ///
    /// # Panics
    /// Where AWS-LC has no memory.
    pub fn sign(&self, digest: Digest, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.0.kind {
            Kind::Rsa { sign, .. } => {
                let encoding: &'static RsaSignatureEncoding = match self.signs_with(digest).digest() {
                    Digest::Sha384 => &RSA_PKCS1_SHA384,
                    Digest::Sha512 => &RSA_PKCS1_SHA512,
                    Digest::Sha1 | Digest::Sha256 => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; sign.public_modulus_len()];
                sign.sign(encoding, &random, message, &mut signature).expect("AWS-LC signs");
                signature
            }
            Kind::P256(pair) | Kind::P384(pair) => {
                pair.sign(&random, message).expect("AWS-LC signs").as_ref().to_vec()
            }
        }
    }

    /// RSA PKCS #1 v1.5 decryption; one error for everything, keys that are not RSA included. A caller that
    /// answers an outsider must go on with a decoy instead of telling of the error (Bleichenbacher's oracle).
    pub fn decrypt_pkcs1(&self, ciphertext: &[u8]) -> Result<Secret, Malformed> {
        let Kind::Rsa { open, .. } = &self.0.kind else { return Err(fault("cannot be opened")) };
        let mut buffer = vec![0; open.min_output_size()];
        let opened = open.decrypt(ciphertext, &mut buffer).map(|plain| Secret::new(&*plain));
        buffer.zeroize();
        opened.map_err(|_| fault("cannot be opened"))
    }
}

impl PartialEq for PrivateKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.public_der == other.0.public_der
    }
}

impl Eq for PrivateKey {}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<private key>")
    }
}
