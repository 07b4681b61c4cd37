//! Tokens of programs.

use crate::model::Time;
use crate::model::account::{Actor, ApiToken, Role};
use crate::rules::access::Right;
use crate::rules::{Refusal, credentials};
use crate::store::{self, Broken, View, Write};

use super::Failure;
use super::permission::{TOKEN_PREFIX, alert, require};

/// What every token's text begins with, so that scanners for leaked secrets can know it.
pub const TEXT_PREFIX: &str = "pomona_";

/// The public id of a token: the first 16 hex digits of its hash.
pub fn id(hash: &[u8; 32]) -> String {
    hex::encode(&hash[..8])
}

/// Makes a token whose text has the SHA-256 `hash`.
pub fn make(
    w: &mut Write,
    by: &Actor,
    name: &str,
    role: Role,
    days: Option<u32>,
    hash: &[u8; 32],
    now: Time,
) -> Result<ApiToken, Failure> {
    require(w, by, Right::Accounts, now)?;
    let name = credentials::token_name(name)?;
    let days = credentials::token_days(days)?;
    for (other, token) in store::accounts::tokens(w)? {
        if now >= token.expires {
            store::accounts::remove_token(w, &other)?;
        } else if token.name == name {
            return Err(Refusal::conflict("token.exists", format!("There is a token {name} already.")).into());
        }
    }
    let expires = now.plus_secs(i64::from(days) * 86_400);
    let maker = if by.name.starts_with(TOKEN_PREFIX) || by.name == "console" { "" } else { &by.name };
    let token = ApiToken { name, role, created: now, expires, by: maker.to_owned() };
    store::accounts::put_token(w, hash, &token)?;
    let text = format!("Made the token {} as {} for {days} days.", token.name, role.as_str());
    alert(w, by, "account", text, None, now)?;
    Ok(token)
}

/// Removes the token with this [`id`].
pub fn revoke(w: &mut Write, by: &Actor, token_id: &str, now: Time) -> Result<ApiToken, Failure> {
    require(w, by, Right::Accounts, now)?;
    let found = store::accounts::tokens(w)?.into_iter().find(|(hash, _)| id(hash) == token_id);
    let (hash, token) = found.ok_or_else(|| Refusal::missing("token.unknown", "There is no such token."))?;
    store::accounts::remove_token(w, &hash)?;
    alert(w, by, "account", format!("Removed the token {}.", token.name), None, now)?;
    Ok(token)
}

/// The actor behind a token's text, if the token works. `hash` is the SHA-256 of the text.
pub fn who(view: &impl View, hash: &[u8; 32], now: Time) -> Result<Option<Actor>, Broken> {
    let token = store::accounts::token(view, hash)?.filter(|t| now < t.expires);
    Ok(token.map(|t| Actor { name: format!("{TOKEN_PREFIX}{}", t.name), role: t.role }))
}
