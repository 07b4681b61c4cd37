//! Accounts, their sessions, and the tokens of programs.

use super::key::{Key, Span};
use super::row::{self, Row};
use super::tables::Table;
use super::{Broken, View, Write};
use crate::model::account::{Account, ApiToken, Session};

impl Row for Account {}
impl Row for Session {}
impl Row for ApiToken {}

/// The account of this sign-in name.
pub fn get(v: &impl View, name: &str) -> Result<Option<Account>, Broken> {
    row::get(v, Table::Accounts, &Key::of(name))
}

/// All accounts by name.
pub fn list(v: &impl View) -> Result<Vec<Account>, Broken> {
    row::list(v, Table::Accounts, Span::all(), false, usize::MAX)
}

/// Puts an account, new or changed.
pub fn put(w: &mut Write, account: &Account) -> Result<(), Broken> {
    row::put(w, Table::Accounts, &Key::of(&account.name), account)
}

/// Removes an account and its sessions.
pub fn remove(w: &mut Write, name: &str) -> Result<(), Broken> {
    for (hash, _) in sessions_of(w, name)? {
        remove_session(w, &hash)?;
    }
    row::remove(w, Table::Accounts, &Key::of(name))
}

/// The session stored under the SHA-256 of its cookie.
pub fn session(v: &impl View, hash: &[u8; 32]) -> Result<Option<Session>, Broken> {
    row::get(v, Table::Sessions, &Key::hash(hash))
}

/// Puts a session, new or changed.
pub fn put_session(w: &mut Write, hash: &[u8; 32], session: &Session) -> Result<(), Broken> {
    if let Some(old) = self::session(w, hash)?
        && old.account != session.account
    {
        row::remove(w, Table::SessionsByAccount, &Key::of(&old.account).bytes32(hash))?;
    }
    row::mark(w, Table::SessionsByAccount, &Key::of(&session.account).bytes32(hash))?;
    row::put(w, Table::Sessions, &Key::hash(hash), session)
}

/// Ends a session, if there is one.
pub fn remove_session(w: &mut Write, hash: &[u8; 32]) -> Result<(), Broken> {
    if let Some(old) = session(w, hash)? {
        row::remove(w, Table::SessionsByAccount, &Key::of(&old.account).bytes32(hash))?;
        row::remove(w, Table::Sessions, &Key::hash(hash))?;
    }
    Ok(())
}

/// Sessions of an account, each with the hash it is stored under.
pub fn sessions_of(v: &impl View, account: &str) -> Result<Vec<([u8; 32], Session)>, Broken> {
    let hashes =
        row::keys(v, Table::SessionsByAccount, Key::of(account).span(), false, usize::MAX, |parts| {
            parts.text()?;
            parts.bytes32()
        })?;
    hashes
        .into_iter()
        .map(|hash| Ok((hash, row::must(Table::SessionsByAccount, session(v, &hash)?)?)))
        .collect()
}

/// The token stored under the SHA-256 of its text.
pub fn token(v: &impl View, hash: &[u8; 32]) -> Result<Option<ApiToken>, Broken> {
    row::get(v, Table::Tokens, &Key::hash(hash))
}

/// Puts a token, new or changed.
pub fn put_token(w: &mut Write, hash: &[u8; 32], token: &ApiToken) -> Result<(), Broken> {
    row::put(w, Table::Tokens, &Key::hash(hash), token)
}

/// Removes a token, if there is one.
pub fn remove_token(w: &mut Write, hash: &[u8; 32]) -> Result<(), Broken> {
    row::remove(w, Table::Tokens, &Key::hash(hash))
}

/// All tokens, each with the hash it is stored under.
pub fn tokens(v: &impl View) -> Result<Vec<([u8; 32], ApiToken)>, Broken> {
    row::keys(v, Table::Tokens, Span::all(), false, usize::MAX, |parts| parts.bytes32())?
        .into_iter()
        .map(|hash| Ok((hash, row::must(Table::Tokens, token(v, &hash)?)?)))
        .collect()
}
