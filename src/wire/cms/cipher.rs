//! Content ciphers, all in CBC mode with PKCS #7 padding.

// AWS-LC marks DES and triple DES as legacy; old devices have nothing else.
#![allow(deprecated)]

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DES_EDE3_FOR_LEGACY_USE_ONLY, DES_FOR_LEGACY_USE_ONLY,
    DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};

use super::fault;
use crate::wire::asn1::oids;
use crate::wire::{Malformed, Secret};

/// Content ciphers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    /// Test switch only: Debian's SCEP client uses it.
    Des,
    /// Three-key triple DES.
    TripleDes,
    /// AES-128-CBC.
    Aes128,
    /// AES-192-CBC.
    Aes192,
    /// AES-256-CBC.
    Aes256,
}

impl Cipher {
    const ALL: [Self; 5] = [Self::Des, Self::TripleDes, Self::Aes128, Self::Aes192, Self::Aes256];

    /// Length of a key in bytes.
    pub fn key_len(self) -> usize {
        match self {
            Self::Des => 8,
            Self::TripleDes | Self::Aes192 => 24,
            Self::Aes128 => 16,
            Self::Aes256 => 32,
        }
    }

    /// Length of a block, and so of the initialization vector, in bytes.
    pub fn block_len(self) -> usize {
        match self {
            Self::Des | Self::TripleDes => 8,
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
        }
    }

    /// Content octets of its object identifier.
    pub fn oid(self) -> &'static [u8] {
        match self {
            Self::Des => oids::DES_CBC,
            Self::TripleDes => oids::DES3_CBC,
            Self::Aes128 => oids::AES128_CBC,
            Self::Aes192 => oids::AES192_CBC,
            Self::Aes256 => oids::AES256_CBC,
        }
    }

    /// The cipher with these content octets.
    pub fn from_oid(oid: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|cipher| cipher.oid() == oid)
    }

    fn algorithm(self) -> &'static Algorithm {
        match self {
            Self::Des => &DES_FOR_LEGACY_USE_ONLY,
            Self::TripleDes => &DES_EDE3_FOR_LEGACY_USE_ONLY,
            Self::Aes128 => &AES_128,
            Self::Aes192 => &AES_192,
            Self::Aes256 => &AES_256,
        }
    }

    /// A key of this cipher from random bytes: for DES, with odd parity in every byte.
    pub(super) fn key_from(self, random: &[u8]) -> Secret {
        let mut key = random[..self.key_len()].to_vec();
        if self.block_len() == 8 {
            for byte in &mut key {
                *byte = (*byte & 0xfe) | ((*byte >> 1).count_ones() as u8 & 1 ^ 1);
            }
        }
        Secret::new(key)
    }
}

/// Encrypts and pads.
pub(in crate::wire) fn cbc_encrypt(
    cipher: Cipher,
    key: &[u8],
    iv: &[u8],
    content: &[u8],
) -> Result<Vec<u8>, Malformed> {
    let failed = |_| fault("the content cannot be encrypted");
    let context = match cipher.block_len() {
        8 => EncryptionContext::Iv64(iv_of::<8>(iv)?.into()),
        _ => EncryptionContext::Iv128(iv_of::<16>(iv)?.into()),
    };
    let key = UnboundCipherKey::new(cipher.algorithm(), key).map_err(failed)?;
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).map_err(failed)?;
    let mut out = Vec::with_capacity(content.len() + 16);
    out.extend_from_slice(content);
    key.less_safe_encrypt(&mut out, context).map_err(failed)?;
    Ok(out)
}

/// Decrypts and takes the padding off; one error for everything.
pub(in crate::wire) fn cbc_decrypt(
    cipher: Cipher,
    key: &[u8],
    iv: &[u8],
    content: &[u8],
) -> Result<Secret, Malformed> {
    let failed = |_| fault("the content cannot be decrypted");
    let context = match cipher.block_len() {
        8 => DecryptionContext::Iv64(iv_of::<8>(iv)?.into()),
        _ => DecryptionContext::Iv128(iv_of::<16>(iv)?.into()),
    };
    let key = UnboundCipherKey::new(cipher.algorithm(), key).map_err(failed)?;
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).map_err(failed)?;
    if content.is_empty() || !content.len().is_multiple_of(cipher.block_len()) {
        return Err(fault("the content cannot be decrypted"));
    }
    let mut buffer = zeroize::Zeroizing::new(content.to_vec());
    key.decrypt(&mut buffer, context).map(|plain| Secret::new(&*plain)).map_err(failed)
}

fn iv_of<const N: usize>(iv: &[u8]) -> Result<[u8; N], Malformed> {
    iv.try_into().map_err(|_| fault("initialization vector of the wrong length"))
}
