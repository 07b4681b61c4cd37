//! What callers and the writer share: the handle of the database, the queue, the figures.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use redb::{Database, ReadableDatabase};
use tokio::sync::{Semaphore, watch};

use super::Broken;
use super::seal::Vault;
use super::view::Read;
use super::writer::{Message, QUEUE};

/// What the writer did since the store was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Durable commits of groups.
    pub commits: u64,
    /// Jobs answered after a commit, those that refused or erred themselves included.
    pub jobs: u64,
    /// Most jobs that shared one commit.
    pub largest_group: u64,
    /// Jobs told that their writes failed because the disk did.
    pub failed: u64,
    /// Jobs that panicked.
    pub panics: u64,
    /// Times the database was opened again after a fault.
    pub reopened: u64,
    /// Commits that make the next start quick even after a crash.
    pub quick_repairs: u64,
    /// Jobs that wait now.
    pub queued: u64,
    /// Whether the database is open now.
    pub open: bool,
    /// The latest fault of the disk, in words.
    pub last_error: Option<String>,
}

/// What callers and the writer share.
pub(super) struct Shared {
    /// None while it is closed after a fault, and for good when the store is.
    pub(super) database: RwLock<Option<Database>>,
    /// The database file; none in memory.
    pub(super) path: Option<PathBuf>,
    /// Counts openings, so that a stale snapshot's error does not close a healthy handle.
    pub(super) generation: AtomicU64,
    /// Opens what is sealed.
    pub(super) vault: Vault,
    /// Number of the last durable commit.
    pub(super) commits: watch::Sender<u64>,
    /// Why the writer died, if it did.
    pub(super) died: watch::Sender<Option<Broken>>,
    /// Places in the queue: a full queue makes callers wait.
    pub(super) places: Semaphore,
    /// None once the store is closed.
    pub(super) queue: Mutex<Option<Sender<Message>>>,
    pub(super) stats: Mutex<Stats>,
}

impl Shared {
    /// A snapshot of the last commit.
    pub(super) fn snapshot(self: &Arc<Self>) -> Result<Read, Broken> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let generation = self.generation.load(Ordering::Acquire);
        let Some(open) = database.as_ref() else { return Err(self.why_closed()) };
        match open.begin_read() {
            Ok(transaction) => Ok(Read::new(self.clone(), generation, transaction)),
            Err(e) => {
                self.suspect(generation);
                Err(Broken(format!("cannot read: {e}")))
            }
        }
    }

    /// Why nothing can be read now.
    pub(super) fn why_closed(&self) -> Broken {
        match self.stats().last_error {
            Some(error) => Broken(format!("the database is closed after a fault: {error}")),
            None => super::writer::stopped(),
        }
    }

    /// Sends to the writer; false when the store is closed.
    pub(super) fn send(&self, message: Message) -> bool {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.as_ref().is_some_and(|queue| queue.send(message).is_ok())
    }

    /// No more messages: the writer finishes what is queued and ends.
    pub(super) fn hang_up(&self) {
        self.places.close();
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// A reader saw the handle of `generation` fail.
    pub(super) fn suspect(&self, generation: u64) {
        if self.generation.load(Ordering::Acquire) == generation {
            self.send(Message::Suspect(generation));
        }
    }

    pub(super) fn stats(&self) -> Stats {
        let queued = QUEUE.saturating_sub(self.places.available_permits()) as u64;
        Stats { queued, ..self.stats.lock().unwrap_or_else(PoisonError::into_inner).clone() }
    }

    pub(super) fn note(&self, what: impl FnOnce(&mut Stats)) {
        what(&mut self.stats.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Puts another handle in place, or none, and closes the former.
    pub(super) fn set_database(&self, open: Option<Database>) {
        let is_open = open.is_some();
        let old = {
            let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
            self.generation.fetch_add(1, Ordering::AcqRel);
            std::mem::replace(&mut *database, open)
        };
        self.note(|s| s.open = is_open);
        // Closing syncs, which may take its time: never under the lock.
        if let Some(old) = old
            && let Err(e) = old.close()
        {
            tracing::debug!("closing the database: {e}");
        }
    }

    /// Whether there is a handle; it may have failed since.
    pub(super) fn is_open(&self) -> bool {
        self.database.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Why no write is tried now.
    pub(super) fn why_resting(&self) -> Broken {
        let error = self.stats().last_error.unwrap_or_default();
        Broken(format!("the disk failed a moment ago and is left alone for a while: {error}"))
    }
}
