//! Rows: the one place where facts are kept.
//!
//! Three verbs. [`Store::read`] takes a snapshot. [`Store::write`] queues a transaction to the one writing thread and
//! answers when it is durable. [`Store::watch`] tells that something was committed. Each noun has a file of gets and
//! puts that keeps the noun's own indexes; nothing outside this room sees a table or a key.
//!
//! # How a write becomes durable
//! The writer takes whatever waits, runs the jobs one after the other against a snapshot and an overlay of their
//! writes (`view.rs`), then commits the overlay in one durable two-phase commit (`writer.rs`) and answers. A job that
//! fails or panics is undone alone. When the disk fails, the overlay is still in memory: the database is opened anew
//! and the same writes are committed again, or the jobs are told that it failed (`supervisor.rs`).

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, ThreadId};

use crate::model::Time;

pub mod accounts;
pub mod activities;
pub mod certificates;
mod checkup;
pub mod commands;
pub mod devices;
pub mod drafts;
pub mod dues;
pub mod enrollments;
mod key;
mod lock;
pub mod measure;
mod migrate;
pub mod profiles;
mod row;
mod seal;
pub mod settings;
mod state;
mod supervisor;
mod tables;
pub mod tickets;
mod view;
mod writer;

pub use migrate::SCHEMA;
pub use state::Stats;
pub use view::{Read, View, Write};

use state::Shared;
use supervisor::Terms;
use tables::Table;

/// Our disk or our bug. The text names the table or file and the reason, and never repeats a row's bytes.
#[derive(Debug, Clone, thiserror::Error)]
#[error("store: {0}")]
pub struct Broken(pub String);

impl Broken {
    fn row(table: Table, reason: impl std::fmt::Display) -> Self {
        Self(format!("{table}: {reason}"))
    }

    fn file(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self(format!("{}: {reason}", path.display()))
    }
}

/// What a panic said.
fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no words")
}

/// How opening failed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The lock of the data folder is held.
    #[error("another Pomona already uses this data folder")]
    InUse,
    /// Nothing was touched; the newer program must be used, or a backup from before restored.
    #[error("the data folder was written by a newer Pomona (schema {found}, this one knows {known})")]
    Newer {
        /// Schema of the database.
        found: u32,
        /// Newest schema this program knows.
        known: u32,
    },
    /// The database is there and the file that opens its secrets is not.
    #[error("{} is missing, and without it the secrets in the database cannot be read: restore it from your backup", .0.display())]
    MissingKey(PathBuf),
    /// The master key file belongs to another database.
    #[error(
        "the master key is not the one this database was made with: restore the master.key that belongs to it"
    )]
    WrongKey,
    /// Anything else: disk, permissions, damage.
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// The store. Cheap to clone. The last clone to go closes it as [`Store::close`] does.
#[derive(Clone)]
pub struct Store(Arc<Handle>);

/// Closes the store when the last clone is gone.
struct Handle {
    shared: Arc<Shared>,
    writer: ThreadId,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens or creates `DIR/pomona.redb` and `DIR/master.key` (both 0600), locks the folder, brings the schema up to
    /// date. `now` is written down as the time of a migration.
    pub fn open(dir: &Path, now: Time) -> Result<Self, OpenError> {
        let folder = lock::Folder::take(dir)?;
        let master = folder.master_key()?;
        folder.make_database(|draft| {
            let engine = supervisor::open(
                supervisor::file_maker(draft),
                seal::Vault::new(&master),
                None,
                Terms::default(),
                now,
            )?
            .1;
            engine.close();
            Ok(())
        })?;
        Self::start(supervisor::file_opener(folder.database()), &master, Some(folder), Terms::default(), now)
    }

    /// A store in memory for tests, with a random master key.
    pub fn in_memory() -> Self {
        let master = seal::Vault::fresh_master().expect("random bytes");
        let mut once = Some(redb::backends::InMemoryBackend::new());
        let opener = supervisor::backend_opener(move || {
            once.take().ok_or_else(|| std::io::Error::other("a store in memory cannot be opened again"))
        });
        Self::start(opener, &master, None, Terms::default(), Time::default())
            .expect("a store in memory opens")
    }

    /// A store over a storage of the caller's: `backend` is called for every opening, the first and those after a
    /// fault. For tests that break the disk.
    #[doc(hidden)]
    pub fn open_on<B: redb::StorageBackend>(
        backend: impl FnMut() -> std::io::Result<B> + Send + 'static,
        master: &[u8; 32],
    ) -> Result<Self, OpenError> {
        Self::start(supervisor::backend_opener(backend), master, None, Terms::default(), Time::default())
    }

    fn start(
        opener: supervisor::Opener,
        master: &[u8; 32],
        folder: Option<lock::Folder>,
        terms: Terms,
        now: Time,
    ) -> Result<Self, OpenError> {
        let (shared, engine, queue) = supervisor::open(opener, seal::Vault::new(master), folder, terms, now)?;
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || writer::run(engine, queue))
            .map_err(|e| Broken(format!("cannot start the writing thread: {e}")))?;
        let writer = thread.thread().id();
        Ok(Self(Arc::new(Handle { shared, writer, thread: Some(thread).into() })))
    }

    /// A snapshot. Takes about a microsecond and waits for nobody.
    pub fn read(&self) -> Result<Read, Broken> {
        self.0.shared.snapshot()
    }

    /// Queues `job` to the one writing thread; answered only when durable. A job that errs or panics is undone alone,
    /// and answered when everything it may have read is durable. Waits while the queue is full. Once queued the job
    /// runs, even when this future is dropped.
    ///
    /// A `Broken` answer means that the writes are not known to be durable: they may be there, so jobs must bear to
    /// be done again.
    pub async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Broken> + Send + 'static,
        F: FnOnce(&mut Write) -> Result<T, E> + Send + 'static,
    {
        writer::queue(&self.0.shared, job).await
    }

    /// The same for code that is not async (CLI, tests). Blocks the thread.
    pub fn write_blocking<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Broken> + Send + 'static,
        F: FnOnce(&mut Write) -> Result<T, E> + Send + 'static,
    {
        writer::block_on(writer::queue(&self.0.shared, job))
    }

    /// Sequence number of the last durable commit since the store was opened. Tells that something changed, not what.
    pub fn watch(&self) -> tokio::sync::watch::Receiver<u64> {
        self.0.shared.commits.subscribe()
    }

    /// Resolves when the writing thread died of a bug of ours, with the reason. What was answered is durable; nothing
    /// more will be. The process should end and be started again.
    pub async fn died(&self) -> Broken {
        let mut died = self.0.shared.died.subscribe();
        match died.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or_else(writer::stopped),
            Err(_) => writer::stopped(),
        }
    }

    /// What the writer did so far.
    pub fn stats(&self) -> Stats {
        self.0.shared.stats()
    }

    /// Finishes what is queued, makes a quick-repair commit, closes, unlocks the folder. Blocks until that is done.
    /// Afterwards reading and writing fail.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Handle {
    fn close(&self) {
        self.shared.hang_up();
        // A job may hold the last clone: the writer cannot wait for itself, and ends anyway.
        if std::thread::current().id() != self.writer
            && let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            let _ = thread.join();
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}
