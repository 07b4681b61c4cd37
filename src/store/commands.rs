//! Commands: state rows, sealed requests, raw reports, the queue of each channel.

use serde::{Deserialize, Serialize};

use super::key::Key;
use super::row::{self, Row};
use super::tables::Table;
use super::{Broken, View, Write};
use crate::model::Time;
use crate::model::command::Command;
use crate::model::enrollment::EnrollmentId;
use crate::wire::Secret;

impl Row for Command {}
impl Row for Secret {}

/// A report for a command we do not know.
#[derive(Serialize, Deserialize)]
struct Orphan {
    at: Time,
    raw: Secret,
}

impl Row for Orphan {}

fn row_key(id: &EnrollmentId, uuid: &str) -> Key {
    Key::of(id.as_str()).text(uuid)
}

fn queue_key(command: &Command) -> Key {
    Key::of(command.enrollment.as_str()).u8(command.priority.rank()).u64(command.seq)
}

/// The next queue number of the server, from 1.
pub fn next_seq(w: &mut Write) -> Result<u64, Broken> {
    row::count(w, "commands", 1)
}

/// Puts the state row and keeps the queue index (unfinished only) and the history index.
pub fn put(w: &mut Write, command: &Command) -> Result<(), Broken> {
    let old = get(w, &command.enrollment, &command.uuid)?;
    put_over(w, old.as_ref(), command)
}

/// [`put`] in place of `before`, which this transaction read and which is still there.
pub fn change(w: &mut Write, before: &Command, command: &Command) -> Result<(), Broken> {
    debug_assert_eq!(get(w, &command.enrollment, &command.uuid)?.as_ref(), Some(before));
    put_over(w, Some(before), command)
}

fn put_over(w: &mut Write, old: Option<&Command>, command: &Command) -> Result<(), Broken> {
    let id = command.enrollment.as_str();
    let queued = old.filter(|c| !c.state.is_final()).map(queue_key);
    let queues = (!command.state.is_final()).then(|| queue_key(command));
    if queued != queues {
        if let Some(key) = queued {
            row::remove(w, Table::CommandQueue, &key)?;
        }
        if let Some(key) = queues {
            row::put(w, Table::CommandQueue, &key, &command.uuid)?;
        }
    }
    match old.map(|c| c.seq) {
        Some(seq) if seq == command.seq => {}
        former => {
            if let Some(seq) = former {
                row::remove(w, Table::CommandHistory, &Key::of(id).u64(seq))?;
            }
            row::put(w, Table::CommandHistory, &Key::of(id).u64(command.seq), &command.uuid)?;
            row::put(w, Table::CommandIds, &Key::of(&command.uuid), &id.to_owned())?;
        }
    }
    row::put(w, Table::Commands, &row_key(&command.enrollment, &command.uuid), command)
}

/// The command `uuid` of a channel.
pub fn get(v: &impl View, id: &EnrollmentId, uuid: &str) -> Result<Option<Command>, Broken> {
    row::get(v, Table::Commands, &row_key(id, uuid))
}

/// Finds a command by its UUID alone.
pub fn find(v: &impl View, uuid: &str) -> Result<Option<Command>, Broken> {
    let Some(id) = row::get::<String>(v, Table::CommandIds, &Key::of(uuid))? else { return Ok(None) };
    let id = EnrollmentId::parse(&id).map_err(|e| Broken::row(Table::CommandIds, e))?;
    row::must(Table::CommandIds, get(v, &id, uuid)?).map(Some)
}

fn named(v: &impl View, table: Table, id: &EnrollmentId, uuids: Vec<String>) -> Result<Vec<Command>, Broken> {
    uuids.into_iter().map(|uuid| row::must(table, get(v, id, &uuid)?)).collect()
}

/// Unfinished commands in queue order: priority, then seq.
pub fn queue(v: &impl View, id: &EnrollmentId) -> Result<Vec<Command>, Broken> {
    named(v, Table::CommandQueue, id, queued(v, id)?)
}

/// UUIDs of the unfinished commands in queue order.
pub fn queued(v: &impl View, id: &EnrollmentId) -> Result<Vec<String>, Broken> {
    row::list(v, Table::CommandQueue, Key::of(id.as_str()).span(), false, usize::MAX)
}

/// A command that [`queued`] named.
pub fn in_queue(v: &impl View, id: &EnrollmentId, uuid: &str) -> Result<Command, Broken> {
    row::must(Table::CommandQueue, get(v, id, uuid)?)
}

/// Whether anything is unfinished: one key lookup.
pub fn has_queue(v: &impl View, id: &EnrollmentId) -> Result<bool, Broken> {
    let mut found = false;
    v.raw_scan(Table::CommandQueue, &Key::of(id.as_str()).span(), false, &mut |_, _| {
        found = true;
        Ok(false)
    })?;
    Ok(found)
}

/// Newest first, seq below `before`, at most `limit`.
pub fn history(
    v: &impl View,
    id: &EnrollmentId,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<Command>, Broken> {
    let mut span = Key::of(id.as_str()).span();
    if let Some(seq) = before {
        span = span.before(&Key::of(id.as_str()).u64(seq));
    }
    let uuids = row::list(v, Table::CommandHistory, span, true, limit)?;
    named(v, Table::CommandHistory, id, uuids)
}

/// The `Command` dictionary as XML (sealed).
pub fn request(v: &impl View, uuid: &str) -> Result<Option<Secret>, Broken> {
    row::get(v, Table::Requests, &Key::of(uuid))
}

/// Puts the `Command` dictionary as XML.
pub fn put_request(w: &mut Write, uuid: &str, xml: &Secret) -> Result<(), Broken> {
    row::put(w, Table::Requests, &Key::of(uuid), xml)
}

/// The final report as it came (sealed).
pub fn report(v: &impl View, id: &EnrollmentId, uuid: &str) -> Result<Option<Secret>, Broken> {
    row::get(v, Table::Reports, &row_key(id, uuid))
}

/// Puts the final report as it came. The first final one wins: the caller decides.
pub fn put_report(w: &mut Write, id: &EnrollmentId, uuid: &str, raw: &Secret) -> Result<(), Broken> {
    row::put(w, Table::Reports, &row_key(id, uuid), raw)
}

/// Reports for unknown commands that are kept of a channel: a device that sends them all the time does not fill the disk.
const ORPHANS: usize = 50;

/// Puts a report for a command we do not know. Of a UUID the latest is kept, of a channel the latest 50.
pub fn put_orphan(
    w: &mut Write,
    id: &EnrollmentId,
    uuid: &str,
    at: Time,
    raw: &Secret,
) -> Result<(), Broken> {
    let mut others = orphans(w, id)?;
    others.retain(|(other, _)| other != uuid);
    if others.len() >= ORPHANS {
        others.sort_by_key(|(_, at)| *at);
        for (oldest, _) in &others[..=others.len() - ORPHANS] {
            row::remove(w, Table::Orphans, &row_key(id, oldest))?;
        }
    }
    row::put(w, Table::Orphans, &row_key(id, uuid), &Orphan { at, raw: raw.clone() })
}

/// The report for a command we do not know, as it came (sealed).
pub fn orphan(v: &impl View, id: &EnrollmentId, uuid: &str) -> Result<Option<Secret>, Broken> {
    Ok(row::get::<Orphan>(v, Table::Orphans, &row_key(id, uuid))?.map(|o| o.raw))
}

/// UUIDs and times of reports for commands we do not know.
pub fn orphans(v: &impl View, id: &EnrollmentId) -> Result<Vec<(String, Time)>, Broken> {
    let mut all = Vec::new();
    v.raw_scan(Table::Orphans, &Key::of(id.as_str()).span(), false, &mut |key, value| {
        let mut parts = super::key::Parts::of(Table::Orphans, key);
        parts.text()?;
        let orphan: Orphan = row::decode(v, Table::Orphans, key, value)?;
        all.push((parts.text()?, orphan.at));
        Ok(true)
    })?;
    Ok(all)
}
