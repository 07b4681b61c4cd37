//! Browser sessions: opened at sign-in, kept while used, ended in time.

use crate::model::Time;
use crate::model::account::{Account, Actor, Session};
use crate::rules::Refusal;
use crate::store::{self, Broken, View, Write};

use super::Failure;
use super::permission::{alert, record};

/// How long sessions live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Seconds without a request.
    pub idle_secs: i64,
    /// Seconds since sign-in.
    pub max_secs: i64,
    /// Sessions of one account.
    pub per_account: usize,
}

/// Seconds between two notes that a session is used: `Session::used` is right to the minute.
const NOTE_SECS: i64 = 60;

/// The account and session behind a cookie, if both are alive. `hash` is the SHA-256 of the cookie's secret.
pub fn who(
    view: &impl View,
    hash: &[u8; 32],
    span: Span,
    now: Time,
) -> Result<Option<(Account, Session)>, Broken> {
    let Some(session) = store::accounts::session(view, hash)?.filter(|s| lives(s, span, now)) else {
        return Ok(None);
    };
    let account = store::accounts::get(view, &session.account)?.filter(|a| !a.suspended);
    Ok(account.map(|account| (account, session)))
}

/// Whether the use of a session must be noted.
pub fn is_stale(session: &Session, now: Time) -> bool {
    now.since_ms(session.used) >= NOTE_SECS * 1000
}

/// Notes that a session is used, if it still is there.
pub fn note_use(w: &mut Write, hash: &[u8; 32], now: Time) -> Result<(), Broken> {
    match store::accounts::session(w, hash)? {
        Some(session) => store::accounts::put_session(w, hash, &Session { used: now, ..session }),
        None => Ok(()),
    }
}

/// Opens a session for whoever proved the password of `account`. The account is read again: one that was
/// suspended, or given another password, while the hash was computed is refused. Dead sessions of the account are
/// swept, and the longest unused ones make room.
pub fn open(
    w: &mut Write,
    account: &Account,
    hash: &[u8; 32],
    session: Session,
    span: Span,
    now: Time,
) -> Result<(), Failure> {
    let current = store::accounts::get(w, &account.name)?;
    if !current.is_some_and(|c| !c.suspended && c.password == account.password) {
        return Err(Refusal::forbidden("sign-in.refused", "Name or password is wrong.").into());
    }
    let mut others = store::accounts::sessions_of(w, &account.name)?;
    others.sort_by_key(|(_, s)| std::cmp::Reverse(s.used));
    let mut kept = 1;
    for (other, session) in others {
        if lives(&session, span, now) && kept < span.per_account {
            kept += 1;
        } else {
            store::accounts::remove_session(w, &other)?;
        }
    }
    store::accounts::put_session(w, hash, &session)?;
    let by = Actor { name: account.name.clone(), role: account.role };
    record(w, &by, "sign-in", format!("Signed in from {}.", session.from), None, now)?;
    Ok(())
}

/// Ends a session.
pub fn close(w: &mut Write, by: &Actor, hash: &[u8; 32], now: Time) -> Result<(), Broken> {
    if store::accounts::session(w, hash)?.is_some() {
        store::accounts::remove_session(w, hash)?;
        record(w, by, "sign-in", "Signed out.".into(), None, now)?;
    }
    Ok(())
}

/// Ends every session of the actor but the present one.
pub fn close_others(w: &mut Write, by: &Actor, hash: &[u8; 32], now: Time) -> Result<usize, Broken> {
    let mut ended = 0;
    for (other, _) in store::accounts::sessions_of(w, &by.name)? {
        if &other != hash {
            store::accounts::remove_session(w, &other)?;
            ended += 1;
        }
    }
    if ended > 0 {
        record(w, by, "sign-in", format!("Ended {ended} other sessions."), None, now)?;
    }
    Ok(ended)
}

/// Writes down that somebody keeps guessing a password. Called at few of the failures, so that guessing does not
/// fill the store.
pub fn guessed(w: &mut Write, account: &str, failures: u32, from: &str, now: Time) -> Result<(), Broken> {
    let by = Actor { name: "pomona".into(), role: crate::model::account::Role::Auditor };
    let text = format!("{failures} failed sign-ins as {account}, the latest from {from}.");
    alert(w, &by, "sign-in", text, None, now)
}

fn lives(session: &Session, span: Span, now: Time) -> bool {
    now < session.used.plus_secs(span.idle_secs) && now < session.created.plus_secs(span.max_secs)
}
