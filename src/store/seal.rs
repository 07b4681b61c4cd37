//! Secrets at rest: AES-256-GCM with a key of its own for every record.
//!
//! `record key = HKDF-SHA256(master key, table | 16 random bytes)`. As no key ever encrypts twice, the nonce is
//! constant. The additional data is `table | key | version`: a record moved to another row, another table or
//! another version does not open. The master key is 32 random bytes in a 0600 file beside the database, so that a
//! copy of the database alone tells nothing.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::rand;
use zeroize::{Zeroize, Zeroizing};

use super::tables::Table;

const SALT: usize = 16;
const TAG: usize = 16;

/// The key from which the keys of all records are drawn. Wiped from memory on drop.
pub struct Vault(Prk);

struct Len32;

impl KeyType for Len32 {
    fn len(&self) -> usize {
        32
    }
}

impl Vault {
    /// A vault that opens with `master`.
    pub fn new(master: &[u8; 32]) -> Self {
        Self(Salt::new(HKDF_SHA256, b"pomona store 1").extract(master))
    }

    /// A fresh master key. The error says that the system gives no random bytes.
    pub fn fresh_master() -> Result<Zeroizing<[u8; 32]>, String> {
        let mut key = Zeroizing::new([0; 32]);
        rand::fill(key.as_mut()).map_err(|_| "the system gives no random bytes".to_owned())?;
        Ok(key)
    }

    fn record_key(&self, table: Table, salt: &[u8]) -> Result<LessSafeKey, &'static str> {
        const FAILED: &str = "cannot derive the key of the record";
        let mut bytes = [0; 32];
        let info = [table.name().as_bytes(), b"|", salt];
        self.0.expand(&info, Len32).and_then(|okm| okm.fill(&mut bytes)).map_err(|_| FAILED)?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| FAILED);
        bytes.zeroize();
        key.map(LessSafeKey::new)
    }

    /// Appends the sealed form of `body` to `out`.
    pub fn seal(
        &self,
        table: Table,
        key: &[u8],
        version: u8,
        body: Zeroizing<Vec<u8>>,
        out: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        let mut salt = [0; SALT];
        rand::fill(&mut salt).map_err(|_| "the system gives no random bytes")?;
        let mut body = body;
        let tag = self
            .record_key(table, &salt)?
            .seal_in_place_separate_tag(nonce(), Aad::from(place(table, key, version)), &mut body)
            .map_err(|_| "cannot encrypt")?;
        out.extend_from_slice(&salt);
        out.extend_from_slice(&body);
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Opens what [`Self::seal`] made for this very place.
    pub fn open(
        &self,
        table: Table,
        key: &[u8],
        version: u8,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, &'static str> {
        let (salt, body) = sealed
            .split_at_checked(SALT)
            .filter(|(_, b)| b.len() >= TAG)
            .ok_or("the sealed row is cut off")?;
        let mut body = Zeroizing::new(body.to_vec());
        let len = self
            .record_key(table, salt)?
            .open_in_place(nonce(), Aad::from(place(table, key, version)), &mut body)
            .map_err(|_| "the sealed row does not open: damaged, moved, or of another master key")?
            .len();
        body.truncate(len);
        Ok(body)
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

/// Table names hold no zero byte, and the version has a fixed length: no two places read the same.
fn place(table: Table, key: &[u8], version: u8) -> Vec<u8> {
    [table.name().as_bytes(), &[0], key, &[version]].concat()
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}
