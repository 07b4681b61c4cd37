//! Looking into the database: a snapshot, and a transaction that sees its own writes over one.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, OnceLock};

use super::Broken;
use super::key::Span;
use super::seal::Vault;
use super::state::Shared;
use super::tables::Table;

/// Largest value a row may have. A profile or report is limited far below that where it enters.
pub const LARGEST_VALUE: usize = 64 << 20;

type Definition = redb::TableDefinition<'static, &'static [u8], &'static [u8]>;
type Opened = redb::ReadOnlyTable<&'static [u8], &'static [u8]>;

/// How redb knows `table`.
pub(super) fn definition(table: Table) -> Definition {
    Definition::new(table.name())
}

/// Called with key and value; says whether to go on.
pub type Each<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> Result<bool, Broken>;

/// Called with a value.
pub type Reader<'a> = &'a mut dyn FnMut(&[u8]) -> Result<(), Broken>;

/// Reading: a snapshot, or a transaction that sees its own writes. Raw bytes by table; noun files give types.
pub trait View {
    /// Calls `read` with the value of `key` where it lies, unless there is none.
    #[doc(hidden)]
    fn raw_read(&self, table: Table, key: &[u8], read: Reader<'_>) -> Result<(), Broken>;
    #[doc(hidden)]
    fn raw_get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, Broken> {
        let mut found = None;
        self.raw_read(table, key, &mut |value| {
            found = Some(value.to_vec());
            Ok(())
        })?;
        Ok(found)
    }
    #[doc(hidden)]
    fn raw_scan(&self, table: Table, span: &Span, reverse: bool, each: Each<'_>) -> Result<(), Broken>;
    #[doc(hidden)]
    fn vault(&self) -> &Vault;
}

/// A snapshot: what was durable when it was taken, unchanged however long it is held. Holding one keeps its pages
/// from being used again, so drop it before waiting for anything.
pub struct Read {
    shared: Arc<Shared>,
    generation: u64,
    transaction: redb::ReadTransaction,
    tables: [OnceLock<Box<Opened>>; Table::COUNT],
}

impl Read {
    pub(super) fn new(shared: Arc<Shared>, generation: u64, transaction: redb::ReadTransaction) -> Self {
        Self { shared, generation, transaction, tables: [const { OnceLock::new() }; Table::COUNT] }
    }

    fn table(&self, table: Table) -> Result<&Opened, Broken> {
        let slot = &self.tables[table as usize];
        if let Some(opened) = slot.get() {
            return Ok(opened);
        }
        let opened =
            self.transaction.open_table(definition(table)).map_err(|e| self.fault(table, e.into()))?;
        Ok(slot.get_or_init(|| Box::new(opened)))
    }

    /// Turns an error of the database into ours, and lets the writer look whether it must reopen.
    fn fault(&self, table: Table, error: redb::Error) -> Broken {
        if matches!(error, redb::Error::Io(_) | redb::Error::PreviousIo | redb::Error::LockPoisoned(_)) {
            self.shared.suspect(self.generation);
        }
        Broken::row(table, error)
    }

    /// Rows of `table`, without reading them.
    pub(super) fn len(&self, table: Table) -> Result<u64, Broken> {
        use redb::ReadableTableMetadata;
        self.table(table)?.len().map_err(|e| self.fault(table, e.into()))
    }

    fn walk(&self, table: Table, span: &Span) -> Result<Walk<'_>, Broken> {
        let to = span.to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let range = self
            .table(table)?
            .range::<&[u8]>((Bound::Included(span.from.as_slice()), to))
            .map_err(|e| self.fault(table, e.into()))?;
        Ok(Walk { read: self, table, range })
    }
}

/// A damaged page may make redb panic; a reader must get an error instead.
fn guarded<T>(table: Table, read: impl FnOnce() -> Result<T, Broken>) -> Result<T, Broken> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        .unwrap_or_else(|panic| Err(Broken::row(table, format!("damaged: {}", super::said(&*panic)))))
}

struct Walk<'a> {
    read: &'a Read,
    table: Table,
    range: redb::Range<'static, &'static [u8], &'static [u8]>,
}

type Entry = (redb::AccessGuard<'static, &'static [u8]>, redb::AccessGuard<'static, &'static [u8]>);

impl Walk<'_> {
    fn next(&mut self, reverse: bool) -> Result<Option<Entry>, Broken> {
        guarded(self.table, || {
            let next = if reverse { self.range.next_back() } else { self.range.next() };
            next.transpose().map_err(|e| self.read.fault(self.table, e.into()))
        })
    }
}

impl View for Read {
    fn raw_read(&self, table: Table, key: &[u8], read: Reader<'_>) -> Result<(), Broken> {
        guarded(table, || match self.table(table)?.get(key).map_err(|e| self.fault(table, e.into()))? {
            Some(value) => read(value.value()),
            None => Ok(()),
        })
    }

    fn raw_scan(&self, table: Table, span: &Span, reverse: bool, each: Each<'_>) -> Result<(), Broken> {
        if span.is_empty() {
            return Ok(());
        }
        let mut walk = guarded(table, || self.walk(table, span))?;
        while let Some((key, value)) = walk.next(reverse)? {
            if !each(key.value(), value.value())? {
                break;
            }
        }
        Ok(())
    }

    fn vault(&self) -> &Vault {
        &self.shared.vault
    }
}

/// What a row becomes; none removes it.
type Change = Option<Vec<u8>>;

/// What the jobs of one group have written so far to a table, over the snapshot they all read.
pub(super) type Overlay = BTreeMap<Arc<[u8]>, Change>;

/// A transaction. It reads the latest durable state with the writes of the jobs before it in its group and its
/// own; its writes reach the disk together with those of the group.
pub struct Write {
    snapshot: Read,
    pub(super) overlay: Box<[Overlay]>,
    /// What the present job replaced in the overlay, to put it back if the job fails.
    undo: Vec<(Table, Arc<[u8]>, Option<Change>)>,
    /// Bytes in the overlay, roughly: it only grows.
    pub(super) bytes: usize,
}

impl Write {
    pub(super) fn new(snapshot: Read) -> Self {
        Self { snapshot, overlay: vec![Overlay::new(); Table::COUNT].into(), undo: Vec::new(), bytes: 0 }
    }

    /// The writes since the last call stay.
    pub(super) fn keep(&mut self) {
        self.undo.clear();
    }

    /// The writes since the last [`Self::keep`] are undone.
    pub(super) fn undo(&mut self) {
        while let Some((table, key, before)) = self.undo.pop() {
            match before {
                Some(entry) => self.overlay[table as usize].insert(key, entry),
                None => self.overlay[table as usize].remove(&key),
            };
        }
    }

    /// Whether anything was written.
    pub(super) fn is_empty(&self) -> bool {
        self.overlay.iter().all(BTreeMap::is_empty)
    }

    /// Gives up the snapshot, so that the commit may use its pages again.
    pub(super) fn into_overlay(self) -> Box<[Overlay]> {
        self.overlay
    }

    pub(super) fn raw_put(&mut self, table: Table, key: &[u8], value: Vec<u8>) -> Result<(), Broken> {
        if value.len() > LARGEST_VALUE {
            return Err(Broken::row(table, format!("{} bytes are too many for a row", value.len())));
        }
        self.set(table, key, Some(value));
        Ok(())
    }

    pub(super) fn raw_remove(&mut self, table: Table, key: &[u8]) -> Result<(), Broken> {
        self.set(table, key, None);
        Ok(())
    }

    fn set(&mut self, table: Table, key: &[u8], value: Option<Vec<u8>>) {
        self.bytes += key.len() + value.as_ref().map_or(0, Vec::len) + 64;
        let key: Arc<[u8]> = key.into();
        let before = self.overlay[table as usize].insert(Arc::clone(&key), value);
        self.undo.push((table, key, before));
    }
}

impl View for Write {
    fn raw_read(&self, table: Table, key: &[u8], read: Reader<'_>) -> Result<(), Broken> {
        match self.overlay[table as usize].get(key) {
            Some(Some(value)) => read(value),
            Some(None) => Ok(()),
            None => self.snapshot.raw_read(table, key, read),
        }
    }

    fn raw_scan(&self, table: Table, span: &Span, reverse: bool, each: Each<'_>) -> Result<(), Broken> {
        let overlay = &self.overlay[table as usize];
        if overlay.is_empty() || span.is_empty() {
            return self.snapshot.raw_scan(table, span, reverse, each);
        }
        let to = span.to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut own = overlay.range::<[u8], _>((Bound::Included(span.from.as_slice()), to));
        let mut own_next = move || if reverse { own.next_back() } else { own.next() };
        let mut walk = guarded(table, || self.snapshot.walk(table, span))?;
        let (mut ours, mut theirs) = (own_next(), walk.next(reverse)?);
        // Merges the two; on the same key what was written covers what the snapshot holds.
        loop {
            let order = match (&ours, &theirs) {
                (None, None) => return Ok(()),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((a, _)), Some((b, _))) if reverse => b.value().cmp(a),
                (Some((a, _)), Some((b, _))) => a.as_ref().cmp(b.value()),
            };
            let go_on = match (order, &ours, &theirs) {
                (std::cmp::Ordering::Greater, _, Some((key, value))) => each(key.value(), value.value())?,
                (_, Some((key, Some(value))), _) => each(key, value)?,
                _ => true,
            };
            if !go_on {
                return Ok(());
            }
            if order.is_ge() {
                theirs = walk.next(reverse)?;
            }
            if order.is_le() {
                ours = own_next();
            }
        }
    }

    fn vault(&self) -> &Vault {
        self.snapshot.vault()
    }
}
