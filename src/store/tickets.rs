//! Enrollment links (sealed) and SCEP challenges.

use aws_lc_rs::digest::{SHA256, digest};

use super::key::{Key, Span};
use super::row::{self, Row};
use super::tables::Table;
use super::{Broken, View, Write};
use crate::model::Time;
use crate::model::ticket::{Challenge, Ticket};

impl Row for Ticket {}
impl Row for Challenge {}

/// The link of this id.
pub fn get(v: &impl View, id: &str) -> Result<Option<Ticket>, Broken> {
    row::get(v, Table::Tickets, &Key::of(id))
}

/// By SHA-256 of the token.
pub fn by_token(v: &impl View, hash: &[u8; 32]) -> Result<Option<Ticket>, Broken> {
    match row::get::<String>(v, Table::TicketsByToken, &Key::hash(hash))? {
        Some(id) => row::must(Table::TicketsByToken, get(v, &id)?).map(Some),
        None => Ok(None),
    }
}

/// All links by id.
pub fn list(v: &impl View) -> Result<Vec<Ticket>, Broken> {
    row::list(v, Table::Tickets, Span::all(), false, usize::MAX)
}

fn token_key(ticket: &Ticket) -> Key {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, ticket.token.expose()).as_ref());
    Key::hash(&hash)
}

/// Puts a link, new or changed, and keeps the index by its token.
pub fn put(w: &mut Write, ticket: &Ticket) -> Result<(), Broken> {
    let former = get(w, &ticket.id)?;
    if former.as_ref().is_none_or(|old| old.token != ticket.token) {
        if let Some(old) = former {
            row::remove(w, Table::TicketsByToken, &token_key(&old))?;
        }
        row::put(w, Table::TicketsByToken, &token_key(ticket), &ticket.id)?;
    }
    row::put(w, Table::Tickets, &Key::of(&ticket.id), ticket)
}

/// By SHA-256 of the challenge.
pub fn challenge(v: &impl View, hash: &[u8; 32]) -> Result<Option<Challenge>, Broken> {
    row::get(v, Table::Challenges, &Key::hash(hash))
}

/// Puts a challenge, new or used, and keeps the index by expiry.
pub fn put_challenge(w: &mut Write, hash: &[u8; 32], challenge: &Challenge) -> Result<(), Broken> {
    match self::challenge(w, hash)?.map(|old| old.expires) {
        Some(expires) if expires == challenge.expires => {}
        former => {
            if let Some(expires) = former {
                row::remove(w, Table::ChallengesByExpiry, &Key::moment(expires).bytes32(hash))?;
            }
            row::mark(w, Table::ChallengesByExpiry, &Key::moment(challenge.expires).bytes32(hash))?;
        }
    }
    row::put(w, Table::Challenges, &Key::hash(hash), challenge)
}

/// Removes challenges that expired before `before`; at most `limit`. Returns how many.
pub fn sweep_challenges(w: &mut Write, before: Time, limit: usize) -> Result<usize, Broken> {
    let span = Span::all().before(&Key::moment(before));
    let expired = row::keys(w, Table::ChallengesByExpiry, span, false, limit, |parts| {
        Ok((parts.time()?, parts.bytes32()?))
    })?;
    for (expires, hash) in &expired {
        row::remove(w, Table::ChallengesByExpiry, &Key::moment(*expires).bytes32(hash))?;
        row::remove(w, Table::Challenges, &Key::hash(hash))?;
    }
    Ok(expired.len())
}
