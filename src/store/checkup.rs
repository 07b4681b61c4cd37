//! How the store itself fares: sizes, counts, damage.

use std::sync::PoisonError;

use aws_lc_rs::digest::{Context, SHA256};

use super::key::Span;
use super::tables::{Kind, Table};
use super::{Broken, Read, Store, View, devices, dues, enrollments, row};
use crate::model::due::Work;

impl Store {
    /// Every table with its number of rows, in the order of the page of tables. Counts are kept by the database: this
    /// reads no rows.
    pub fn tables(&self) -> Result<Vec<(&'static str, u64)>, Broken> {
        let read = self.read()?;
        Table::ALL.iter().map(|table| Ok((table.name(), read.len(*table)?))).collect()
    }

    /// Reads every row of a snapshot, proves checksums and seals, holds rows, indexes and kept counts against each other,
    /// and returns what is wrong: empty when all is well. Others read and write meanwhile. Stops at 100 faults a table.
    pub fn verify(&self) -> Result<Vec<Broken>, Broken> {
        let read = self.read()?;
        let mut faults = Vec::new();
        for table in Table::ALL {
            let before = faults.len();
            let walked = read.raw_scan(*table, &Span::all(), false, &mut |key, value| {
                if let Err(fault) = whole(&read, *table, key, value) {
                    faults.push(fault);
                }
                Ok(faults.len() < before + 100)
            });
            faults.extend(walked.err());
        }
        for (rows, index) in TWINS {
            let (rows_len, index_len) = (read.len(*rows)?, read.len(*index)?);
            if rows_len != index_len {
                let reason = format!("{index_len} entries for {rows_len} rows of {rows}");
                faults.push(Broken::row(*index, reason));
            }
        }
        // With a damaged row there is nothing to count against, and the row was told above.
        for (what, kept, counted) in counts(&read).unwrap_or_default() {
            if kept != counted {
                faults.push(Broken::row(Table::Counters, format!("{kept} {what} kept, {counted} counted")));
            }
        }
        Ok(faults)
    }

    /// SHA-256 over all facts, sealed ones opened: equal for equal contents, whatever the file and the master key.
    pub fn digest(&self) -> Result<[u8; 32], Broken> {
        let read = self.read()?;
        let mut sum = Context::new(&SHA256);
        let mut add = |bytes: &[u8]| {
            sum.update(&(bytes.len() as u64).to_be_bytes());
            sum.update(bytes);
        };
        for table in Table::ALL {
            add(table.name().as_bytes());
            read.raw_scan(*table, &Span::all(), false, &mut |key, value| {
                add(key);
                if table.kind() != Kind::Index {
                    let (version, body) = row::open(&read, *table, key, value)?;
                    add(&[version]);
                    add(&body);
                }
                Ok(true)
            })?;
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(sum.finish().as_ref());
        Ok(digest)
    }

    /// Has the database prove every page of the file. True when all is well, false when it repaired something; an
    /// error when it could not. Nobody reads or writes meanwhile, and it fails while somebody holds a snapshot: for
    /// `doctor` on a server that is stopped. About two seconds for a GiB.
    pub fn check_pages(&self) -> Result<bool, Broken> {
        let mut database = self.0.shared.database.write().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_mut().ok_or_else(super::writer::stopped)?;
        database.check_integrity().map_err(|e| Broken(format!("the database file is damaged: {e}")))
    }

    /// Bytes of the database file; none for a store in memory.
    pub fn file_size(&self) -> Option<u64> {
        let path = self.0.shared.path.as_ref()?;
        std::fs::metadata(path).ok().map(|m| m.len())
    }
}

/// Rows, and the index that has one entry for each of them.
const TWINS: &[(Table, Table)] = &[
    (Table::Sessions, Table::SessionsByAccount),
    (Table::Commands, Table::CommandIds),
    (Table::Commands, Table::CommandHistory),
    (Table::Profiles, Table::ProfilesByIdentifier),
    (Table::Assignments, Table::AssignmentsOfDevice),
    (Table::Placements, Table::PlacementsByProfile),
    (Table::Tickets, Table::TicketsByToken),
    (Table::Challenges, Table::ChallengesByExpiry),
    (Table::Dues, Table::DuesByTime),
];

/// Each kept count with its name and the truth.
fn counts(read: &Read) -> Result<Vec<(&'static str, u64, u64)>, Broken> {
    let enrolled =
        enrollments::page(read, None, usize::MAX)?.iter().filter(|e| e.is_enrolled()).count() as u64;
    let mut due = 0;
    for work in [Work::Push, Work::Reconcile, Work::Release] {
        due += dues::count(read, work)?;
    }
    Ok(vec![
        ("devices", devices::count(read)?, read.len(Table::Devices)?),
        ("enrolled devices", enrollments::enrolled_count(read)?, enrolled),
        ("dues", due, read.len(Table::Dues)?),
    ])
}

fn whole(v: &impl View, table: Table, key: &[u8], value: &[u8]) -> Result<(), Broken> {
    match table.kind() {
        Kind::Index if value.is_empty() => Ok(()),
        Kind::Index => Err(Broken::row(table, "an index entry has a value")),
        Kind::Plain | Kind::Sealed => row::open(v, table, key, value).map(drop),
    }
}
