//! Keys from passphrases: PBES2 and PBMAC1 (RFC 8018, RFC 9579), and PKCS #12's own derivation (RFC 7292
//! appendix B).

use std::num::NonZeroU32;

use aws_lc_rs::{hmac, pbkdf2};
use zeroize::Zeroizing;

use super::{fault, rc2};
use crate::wire::asn1::{Der, oids, tag};
use crate::wire::cms::{Cipher, cbc_decrypt};
use crate::wire::key::Digest;
use crate::wire::{Malformed, Secret};

/// Rounds of key derivation in one file, all together. openssl writes 2,048 each, NIST's advice is 600,000.
const MOST_ROUNDS: u32 = 4_000_000;

/// Longest passphrase, in bytes of UTF-8.
const LONGEST_PASSPHRASE: usize = 1024;

const WRONG: &str = "the passphrase is wrong, or the file is damaged";

/// A passphrase in both spellings that the schemes use, and what work it may still cost.
pub(super) struct Passphrase {
    utf8: Zeroizing<Vec<u8>>,
    /// UTF-16, big-endian, with the closing zero that PKCS #12 counts in.
    wide: Zeroizing<Vec<u8>>,
    rounds_left: u32,
}

impl Passphrase {
    pub(super) fn new(passphrase: &Secret) -> Result<Self, Malformed> {
        let text = passphrase
            .expose_str()
            .filter(|text| text.len() <= LONGEST_PASSPHRASE)
            .ok_or_else(|| fault("the passphrase is no text of at most 1,024 bytes"))?;
        let wide = text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
        Ok(Self {
            utf8: Zeroizing::new(text.as_bytes().to_vec()),
            wide: Zeroizing::new(wide),
            rounds_left: MOST_ROUNDS,
        })
    }

    fn spend(&mut self, rounds: u32) -> Result<NonZeroU32, Malformed> {
        self.rounds_left = self
            .rounds_left
            .checked_sub(rounds)
            .ok_or_else(|| fault("asks for too many rounds of key derivation"))?;
        NonZeroU32::new(rounds).ok_or_else(|| fault("asks for no rounds of key derivation"))
    }

    /// PKCS #12's derivation for `purpose` 1 (key), 2 (initialization vector) or 3 (MAC key).
    fn derive_wide(
        &mut self,
        digest: Digest,
        purpose: u8,
        salt: &[u8],
        rounds: u32,
        length: usize,
    ) -> Result<Zeroizing<Vec<u8>>, Malformed> {
        let rounds = self.spend(rounds)?.get();
        let block = if matches!(digest, Digest::Sha1 | Digest::Sha256) { 64 } else { 128 };
        let fill = |bytes: &[u8]| {
            let whole = bytes.len().div_ceil(block) * block;
            bytes.iter().copied().cycle().take(if bytes.is_empty() { 0 } else { whole }).collect::<Vec<u8>>()
        };
        let mut input = Zeroizing::new([fill(salt), fill(&self.wide)].concat());
        let mut out = Zeroizing::new(Vec::new());
        loop {
            let mut hash = Zeroizing::new(digest.of(&[&vec![purpose; block], input.as_slice()].concat()));
            for _ in 1..rounds {
                *hash = digest.of(&hash);
            }
            out.extend_from_slice(&hash);
            if out.len() >= length {
                out.truncate(length);
                return Ok(out);
            }
            // Each block of the input plus the hash, repeated to a block, plus one.
            let addend: Vec<u8> = hash.iter().copied().cycle().take(block).collect();
            for part in input.chunks_exact_mut(block) {
                let mut carry = 1u16;
                for (byte, add) in part.iter_mut().zip(&addend).rev() {
                    carry += u16::from(*byte) + u16::from(*add);
                    *byte = carry as u8;
                    carry >>= 8;
                }
            }
        }
    }

    /// PBKDF2 from its AlgorithmIdentifier.
    fn derive_pbkdf2(
        &mut self,
        function: &mut Der<'_>,
        length: usize,
    ) -> Result<Zeroizing<Vec<u8>>, Malformed> {
        if function.oid()? != oids::PBKDF2 {
            return Err(fault("key derivation other than PBKDF2; export it with openssl's defaults"));
        }
        let mut parameters = function.sequence()?;
        let salt = parameters.octets()?;
        let rounds = self.spend(parameters.small()?)?;
        if parameters.peek() == Some(tag::INTEGER) && parameters.small()? as usize != length {
            return Err(fault("derived key of another length than the cipher's"));
        }
        let algorithm = match parameters.optional(tag::SEQUENCE)? {
            Some(prf) => match parameters.inside(prf).oid()? {
                oids::HMAC_SHA1 => pbkdf2::PBKDF2_HMAC_SHA1,
                oids::HMAC_SHA256 => pbkdf2::PBKDF2_HMAC_SHA256,
                oids::HMAC_SHA384 => pbkdf2::PBKDF2_HMAC_SHA384,
                oids::HMAC_SHA512 => pbkdf2::PBKDF2_HMAC_SHA512,
                _ => return Err(fault("PBKDF2 with a hash not known here")),
            },
            None => pbkdf2::PBKDF2_HMAC_SHA1,
        };
        let mut out = Zeroizing::new(vec![0; length]);
        pbkdf2::derive(algorithm, rounds, salt, &self.utf8, &mut out);
        Ok(out)
    }
}

/// Decrypts content under a password-based AlgorithmIdentifier. Wrong padding means a wrong passphrase.
pub(super) fn decrypt(
    algorithm: &mut Der<'_>,
    content: &[u8],
    passphrase: &mut Passphrase,
) -> Result<Secret, Malformed> {
    let scheme = algorithm.oid()?;
    let mut parameters = algorithm.sequence()?;
    if scheme == oids::PBES2 {
        let mut function = parameters.sequence()?;
        let mut encryption = parameters.sequence()?;
        let cipher = Cipher::from_oid(encryption.oid()?)
            .filter(|cipher| *cipher != Cipher::Des)
            .ok_or_else(|| fault("a cipher other than AES and triple DES; export it with AES-256"))?;
        let iv = encryption.octets()?;
        let key = passphrase.derive_pbkdf2(&mut function, cipher.key_len())?;
        return cbc_decrypt(cipher, &key, iv, content).map_err(|_| fault(WRONG));
    }
    let key_len = match scheme {
        oids::PBE_SHA1_3DES => 24,
        oids::PBE_SHA1_RC2_128 => 16,
        oids::PBE_SHA1_RC2_40 => 5,
        _ => {
            return Err(fault(
                "encryption that is not supported; export it again, for example with \
                 openssl pkcs12 -export -keypbe AES-256-CBC -certpbe AES-256-CBC",
            ));
        }
    };
    let (salt, rounds) = (parameters.octets()?, parameters.small()?);
    let key = passphrase.derive_wide(Digest::Sha1, 1, salt, rounds, key_len)?;
    let iv = passphrase.derive_wide(Digest::Sha1, 2, salt, rounds, 8)?;
    let plain = if scheme == oids::PBE_SHA1_3DES {
        cbc_decrypt(Cipher::TripleDes, &key, &iv, content).ok()
    } else {
        rc2::cbc_decrypt(&key, &iv, content)
    };
    plain.ok_or_else(|| fault(WRONG))
}

/// Whether the MacData of a file holds for its contents.
pub(super) fn mac_holds(
    mac: &mut Der<'_>,
    contents: &[u8],
    passphrase: &mut Passphrase,
) -> Result<bool, Malformed> {
    let mut info = mac.sequence()?;
    let mut algorithm = info.sequence()?;
    let stated = info.octets()?;
    let salt = mac.octets()?;
    let rounds = if mac.is_empty() { 1 } else { mac.small()? };
    let kind = algorithm.oid()?;
    let (with, key) = if kind == oids::PBMAC1 {
        let mut parameters = algorithm.sequence()?;
        let mut function = parameters.sequence()?;
        let mut scheme = parameters.sequence()?;
        let (with, length) = match scheme.oid()? {
            oids::HMAC_SHA256 => (hmac::HMAC_SHA256, 32),
            oids::HMAC_SHA384 => (hmac::HMAC_SHA384, 48),
            oids::HMAC_SHA512 => (hmac::HMAC_SHA512, 64),
            _ => return Err(fault("integrity check with a hash not known here")),
        };
        (with, passphrase.derive_pbkdf2(&mut function, length)?)
    } else {
        let digest =
            Digest::from_oid(kind).ok_or_else(|| fault("integrity check with a hash not known here"))?;
        let (with, length) = match digest {
            Digest::Sha1 => (hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, 20),
            Digest::Sha256 => (hmac::HMAC_SHA256, 32),
            Digest::Sha384 => (hmac::HMAC_SHA384, 48),
            Digest::Sha512 => (hmac::HMAC_SHA512, 64),
        };
        (with, passphrase.derive_wide(digest, 3, salt, rounds, length)?)
    };
    let holds = |key: &[u8]| hmac::verify(&hmac::Key::new(with, key), contents, stated).is_ok();
    if holds(&key) {
        return Ok(true);
    }
    // No passphrase at all is written in two ways; the other one has not even the closing zero.
    if passphrase.utf8.is_empty() && kind != oids::PBMAC1 && !passphrase.wide.is_empty() {
        passphrase.wide.clear();
        let digest = Digest::from_oid(kind).ok_or_else(|| fault(WRONG))?;
        let key = passphrase.derive_wide(digest, 3, salt, rounds, key.len())?;
        return Ok(holds(&key));
    }
    Ok(false)
}
