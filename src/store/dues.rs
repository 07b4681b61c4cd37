//! Work that must still reach the outside, and how the latest push went.

use super::devices::id_part;
use super::key::Key;
use super::row::{self, Row};
use super::tables::Table;
use super::{Broken, View, Write};
use crate::model::Time;
use crate::model::due::{Due, PushOutcome, Work};
use crate::model::enrollment::EnrollmentId;

impl Row for Due {}
impl Row for PushOutcome {}

fn row_key(work: Work, id: &EnrollmentId) -> Key {
    Key::of(work.as_str()).text(id.as_str())
}

fn time_key(due: &Due) -> Key {
    Key::of(due.work.as_str()).time(due.at).text(due.enrollment.as_str())
}

fn counter(work: Work) -> String {
    format!("due {}", work.as_str())
}

fn put(w: &mut Write, old: Option<&Due>, due: &Due) -> Result<(), Broken> {
    match old {
        Some(old) if old.at == due.at => {}
        Some(old) => {
            row::remove(w, Table::DuesByTime, &time_key(old))?;
            row::mark(w, Table::DuesByTime, &time_key(due))?;
        }
        None => {
            row::mark(w, Table::DuesByTime, &time_key(due))?;
            row::count(w, &counter(due.work), 1)?;
        }
    }
    row::put(w, Table::Dues, &row_key(due.work, &due.enrollment), due)
}

/// Makes work due at `at`. An earlier time that is kept already stays; a new cause is counted and resets the attempts.
pub fn raise(w: &mut Write, work: Work, id: &EnrollmentId, at: Time) -> Result<(), Broken> {
    let old = get(w, work, id)?;
    let at = old.as_ref().map_or(at, |old| old.at.min(at));
    let cause = row::count(w, "causes", 1)?;
    put(w, old.as_ref(), &Due { work, enrollment: id.clone(), at, attempts: 0, cause })
}

/// Makes work due at `at` and at no other time, whatever was kept. Counts as a new cause.
pub fn plan(w: &mut Write, work: Work, id: &EnrollmentId, at: Time) -> Result<(), Broken> {
    let old = get(w, work, id)?;
    let cause = row::count(w, "causes", 1)?;
    put(w, old.as_ref(), &Due { work, enrollment: id.clone(), at, attempts: 0, cause })
}

/// The work of this kind that is due for a channel.
pub fn get(v: &impl View, work: Work, id: &EnrollmentId) -> Result<Option<Due>, Broken> {
    row::get(v, Table::Dues, &row_key(work, id))
}

/// What is due by `now`, oldest first, at most `limit`.
pub fn ready(v: &impl View, work: Work, now: Time, limit: usize) -> Result<Vec<Due>, Broken> {
    let span = Key::of(work.as_str()).span().before(&Key::of(work.as_str()).time(now.plus_ms(1)));
    row::keys(v, Table::DuesByTime, span, false, limit, |parts| {
        parts.text()?;
        parts.time()?;
        id_part(Table::DuesByTime, parts)
    })?
    .into_iter()
    .map(|id| row::must(Table::DuesByTime, get(v, work, &id)?))
    .collect()
}

/// When the next piece of this work is due.
pub fn next_at(v: &impl View, work: Work) -> Result<Option<Time>, Broken> {
    let first = row::keys(v, Table::DuesByTime, Key::of(work.as_str()).span(), false, 1, |parts| {
        parts.text()?;
        parts.time()
    })?;
    Ok(first.first().copied())
}

/// The row as it is now, unless a newer cause came since `due` was read.
fn same_cause(w: &Write, due: &Due) -> Result<Option<Due>, Broken> {
    Ok(get(w, due.work, &due.enrollment)?.filter(|now| now.cause == due.cause))
}

fn take(w: &mut Write, due: &Due) -> Result<(), Broken> {
    row::remove(w, Table::DuesByTime, &time_key(due))?;
    row::count(w, &counter(due.work), -1)?;
    row::remove(w, Table::Dues, &row_key(due.work, &due.enrollment))
}

/// Removes it unless a newer cause came.
pub fn done(w: &mut Write, due: &Due) -> Result<(), Broken> {
    match same_cause(w, due)? {
        Some(now) => take(w, &now),
        None => Ok(()),
    }
}

/// Puts it off to `at` with one more attempt, unless a newer cause came.
pub fn later(w: &mut Write, due: &Due, at: Time) -> Result<(), Broken> {
    match same_cause(w, due)? {
        Some(now) => {
            let due = Due { at, attempts: now.attempts.saturating_add(1), ..now.clone() };
            put(w, Some(&now), &due)
        }
        None => Ok(()),
    }
}

/// Removes it whatever its cause.
pub fn cancel(w: &mut Write, work: Work, id: &EnrollmentId) -> Result<(), Broken> {
    match get(w, work, id)? {
        Some(due) => take(w, &due),
        None => Ok(()),
    }
}

/// How much work of this kind is due at any time (kept, not counted).
pub fn count(v: &impl View, work: Work) -> Result<u64, Broken> {
    row::counter(v, &counter(work))
}

/// How the latest push of a channel went.
pub fn push_outcome(v: &impl View, id: &EnrollmentId) -> Result<Option<PushOutcome>, Broken> {
    row::get(v, Table::PushOutcomes, &Key::of(id.as_str()))
}

/// Puts how the latest push of a channel went.
pub fn put_push_outcome(w: &mut Write, id: &EnrollmentId, outcome: &PushOutcome) -> Result<(), Broken> {
    row::put(w, Table::PushOutcomes, &Key::of(id.as_str()), outcome)
}
