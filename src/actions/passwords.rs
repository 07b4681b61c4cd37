//! Argon2id. Never inside a transaction: a hash takes 19 MiB and about 30 ms of a processor.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::store::Broken;

/// Memory in KiB, passes, lanes: the first choice of OWASP's Password Storage Cheat Sheet.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A hash that no password has, made with our own figures: comparing with it takes as long as with a real one, so
/// the time of an answer does not tell whether a name exists.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cG9tb25hLW5vYm9keS0wMA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn hasher() -> Result<Argon2<'static>, Broken> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| Broken(format!("argon2: {e}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The PHC string of a password, with 16 random bytes as salt.
pub fn hash(password: &str, salt: &[u8; 16]) -> Result<String, Broken> {
    let hash = PasswordHasher::<PasswordHash>::hash_password_with_salt(&hasher()?, password.as_bytes(), salt);
    Ok(hash.map_err(|e| Broken(format!("argon2: {e}")))?.to_string())
}

/// Whether `password` is the one of `stored`; with none, works as hard and says no.
pub fn matches(password: &str, stored: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(stored.unwrap_or(NOBODY)) else { return false };
    let same = hasher().is_ok_and(|h| h.verify_password(password.as_bytes(), &parsed).is_ok());
    same && stored.is_some()
}
