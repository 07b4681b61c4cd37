//! Keeps the database open: opens it, and opens it again after the disk failed.
//!
//! redb refuses all further work on a handle once any I/O failed, as it cannot know what reached the disk. So the
//! handle is closed and opened anew, at once the first time and then with growing pauses. Snapshots taken before fail;
//! new ones work as soon as the database is open again.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use redb::{Database, ReadableDatabase, StorageBackend};
use tokio::sync::{Semaphore, watch};

use super::lock::Folder;
use super::migrate::Step;
use super::seal::Vault;
use super::state::Shared;
use super::tables::Table;
use super::view::{Overlay, Read, Write, definition};
use super::writer::{Message, QUEUE};
use super::{Broken, OpenError, migrate, said};
use crate::model::Time;

/// Memory for pages of the database. The operating system caches the file as well.
const CACHE: usize = 32 << 20;
/// The same for a store in memory or on a test's disk.
const SMALL_CACHE: usize = 4 << 20;
/// Files up to this size are proven page by page when they are opened (about 2 ms a MiB): redb itself trusts a file that
/// was closed cleanly, and a damaged index would answer wrongly without a word.
const PROVEN_WHEN_OPENED: u64 = 64 << 20;
/// First pause after a second failure, doubled up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// With a disk that is full or gone the database is tried again this often.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Opens the database; called again after each fault.
pub(super) type Opener = Box<dyn FnMut() -> Result<Database, String> + Send>;

/// A damaged file may make redb panic where an error was due.
fn guarded(open: impl FnOnce() -> Result<Database, redb::DatabaseError>) -> Result<Database, String> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(open)) {
        Ok(opened) => opened.map_err(|e| e.to_string()),
        Err(panic) => Err(format!("damaged: {}", said(&*panic))),
    }
}

/// Makes a database in an empty file.
pub(super) fn file_maker(path: PathBuf) -> Opener {
    Box::new(move || guarded(|| Database::builder().create(&path)))
}

/// Opens a database file. One that vanished or is empty is told and not made anew.
pub(super) fn file_opener(path: PathBuf) -> Opener {
    let mut is_again = false;
    Box::new(move || {
        if std::mem::replace(&mut is_again, true) {
            forget_cached(&path);
        }
        let is_small = std::fs::metadata(&path).is_ok_and(|m| m.len() <= PROVEN_WHEN_OPENED);
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE).set_check_integrity_on_open(is_small);
        if !is_small {
            builder.set_repair_callback(|repair| {
                let percent = repair.progress() * 100.0;
                tracing::warn!("the database was not closed cleanly; proving it: {percent:.0} %");
            });
        }
        guarded(|| builder.open(&path)).map_err(|e| format!("{}: {e}", path.display()))
    })
}

/// After a failed sync Linux keeps the pages it could not write, as if they were on the disk: what is read then is not
/// what a power cut would leave. This has them read anew. Elsewhere the kernel offers no such thing.
fn forget_cached(path: &std::path::Path) {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    if let Ok(file) = std::fs::File::open(path) {
        let _ = file.sync_data();
        let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    let _ = path;
}

/// Opens whatever storage the caller gives.
pub(super) fn backend_opener<B: StorageBackend>(
    mut backend: impl FnMut() -> std::io::Result<B> + Send + 'static,
) -> Opener {
    Box::new(move || {
        let backend = backend().map_err(|e| e.to_string())?;
        guarded(|| Database::builder().set_cache_size(SMALL_CACHE).create_with_backend(backend))
    })
}

/// How a store is run.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    /// Its migrations.
    pub steps: &'static [Step],
    /// A crash costs a walk through the whole file at the next start, unless the last commit was a quick-repair one:
    /// they are no further apart than this while there are writes.
    pub quick_repair_every: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self { steps: migrate::STEPS, quick_repair_every: Duration::from_secs(30) }
    }
}

/// The writer's side: the database and how it fares.
pub(super) struct Engine {
    pub(super) shared: Arc<Shared>,
    opener: Opener,
    pub(super) terms: Terms,
    pause: Duration,
    /// After a fault that opening anew did not cure: not before this.
    pub(super) retry_at: Option<Instant>,
    believe_readers_at: Option<Instant>,
    _folder: Option<Folder>,
}

/// Opens the database, brings its schema up to date.
pub(super) fn open(
    mut opener: Opener,
    vault: Vault,
    folder: Option<Folder>,
    terms: Terms,
    now: Time,
) -> Result<(Arc<Shared>, Engine, Receiver<Message>), OpenError> {
    let database = opener().map_err(Broken)?;
    make_tables(&database)?;
    let (queue, messages) = channel();
    let shared = Arc::new(Shared {
        database: RwLock::new(None),
        path: folder.as_ref().map(Folder::database),
        generation: AtomicU64::new(0),
        vault,
        commits: watch::Sender::new(0),
        died: watch::Sender::new(None),
        places: Semaphore::new(QUEUE),
        queue: Mutex::new(Some(queue)),
        stats: Mutex::default(),
    });
    shared.set_database(Some(database));
    let engine = Engine {
        shared: shared.clone(),
        opener,
        terms,
        pause: FIRST_PAUSE,
        retry_at: None,
        believe_readers_at: None,
        _folder: folder,
    };
    while let Some(number) = migrate::pending(&shared.snapshot()?, terms.steps)? {
        let mut w = Write::new(shared.snapshot()?);
        let what = migrate::step(&mut w, terms.steps, number, now)?;
        engine.apply(&w.into_overlay(), true).map_err(Broken)?;
        tracing::info!("schema {number}: {what}");
    }
    Ok((shared, engine, messages))
}

/// Makes the tables that are missing. An empty table is no fact, so this needs no place among the migrations.
fn make_tables(database: &Database) -> Result<(), Broken> {
    let broken = |e: redb::Error| Broken(format!("cannot make the tables: {e}"));
    let there: Vec<String> = {
        use redb::TableHandle;
        let read = database.begin_read().map_err(|e| broken(e.into()))?;
        read.list_tables().map_err(|e| broken(e.into()))?.map(|t| t.name().to_owned()).collect()
    };
    if Table::ALL.iter().all(|t| there.iter().any(|name| name == t.name())) {
        return Ok(());
    }
    let mut w = database.begin_write().map_err(|e| broken(e.into()))?;
    w.set_two_phase_commit(true);
    for table in Table::ALL {
        w.open_table(definition(*table)).map_err(|e| broken(e.into()))?;
    }
    w.commit().map_err(|e| broken(e.into()))
}

impl Engine {
    /// Commits what an overlay holds, durably and whole.
    fn apply(&self, overlay: &[Overlay], quick_repair: bool) -> Result<(), String> {
        let database = self.shared.database.read().unwrap_or_else(PoisonError::into_inner);
        let Some(database) = database.as_ref() else { return Err("the database is closed".into()) };
        let commit = || -> Result<(), redb::Error> {
            let mut w = database.begin_write()?;
            w.set_two_phase_commit(true);
            w.set_quick_repair(quick_repair);
            for (table, rows) in Table::ALL.iter().zip(overlay) {
                if rows.is_empty() {
                    continue;
                }
                let mut open = w.open_table(definition(*table))?;
                for (key, value) in rows {
                    match value {
                        Some(value) => drop(open.insert(key.as_ref(), value.as_slice())?),
                        None => drop(open.remove(key.as_ref())?),
                    }
                }
            }
            Ok(w.commit()?)
        };
        commit().map_err(|e| e.to_string())
    }

    /// Commits a group. After a fault the database is opened anew and the same writes are committed once more: they
    /// say what the rows are and not how they change, so it does not matter whether the failed commit reached the
    /// disk. The error means that this failed as well.
    pub(super) fn commit(&mut self, overlay: &[Overlay], quick_repair: bool) -> Result<(), Broken> {
        let Err(first) = self.apply(overlay, quick_repair) else {
            self.pause = FIRST_PAUSE;
            return Ok(());
        };
        self.fault("a commit failed", &first);
        self.reopen().and_then(|()| self.apply(overlay, quick_repair)).map_err(|second| {
            self.fault("a commit failed again", &second);
            self.rest();
            // For the readers: their handle is as dead as ours.
            let _ = self.reopen();
            Broken(format!("the disk failed: {second}"))
        })
    }

    /// No more tries for a while.
    fn rest(&mut self) {
        self.retry_at = Some(Instant::now() + self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    fn fault(&self, what: &str, error: &str) {
        tracing::error!("{what}: {error}");
        self.shared.note(|s| s.last_error = Some(error.to_owned()));
    }

    /// Whether the database can be written to now, after opening it when its time has come.
    pub(super) fn ready(&mut self) -> Result<(), Broken> {
        if self.retry_at.is_some_and(|at| Instant::now() < at) {
            return Err(self.shared.why_resting());
        }
        self.retry_at = None;
        if self.shared.is_open() {
            return Ok(());
        }
        self.reopen().map_err(|_| {
            self.rest();
            self.shared.why_closed()
        })
    }

    /// Closes, opens, and believes the result only when it is our database.
    fn reopen(&mut self) -> Result<(), String> {
        self.shared.set_database(None);
        let opened = (self.opener)().and_then(|database| {
            let transaction = database.begin_read().map_err(|e| e.to_string())?;
            let generation = self.shared.generation.load(Ordering::Acquire);
            let read = Read::new(self.shared.clone(), generation, transaction);
            match migrate::pending(&read, self.terms.steps) {
                Ok(None) => Ok(database),
                Ok(Some(_)) => Err("this is not the database that was open before".to_owned()),
                Err(e) => Err(e.to_string()),
            }
        });
        match opened {
            Ok(database) => {
                self.shared.set_database(Some(database));
                self.shared.note(|s| s.reopened += 1);
                tracing::warn!("the database is open again");
                Ok(())
            }
            Err(e) => {
                self.fault("cannot open the database again", &e);
                Err(e)
            }
        }
    }

    /// A reader saw a fault of the handle of `generation`. A place of the disk that cannot be read would be met again
    /// and again, so this reopens once in a while only.
    pub(super) fn suspected(&mut self, generation: u64) {
        let now = Instant::now();
        if self.shared.generation.load(Ordering::Acquire) == generation
            && self.retry_at.is_none()
            && self.believe_readers_at.is_none_or(|at| now >= at)
        {
            self.believe_readers_at = Some(now + LONGEST_PAUSE);
            self.fault("a reader failed", "the database could not be read");
            if self.reopen().is_err() {
                self.rest();
            }
        }
    }

    /// Closes for good.
    pub(super) fn close(&self) {
        self.shared.set_database(None);
    }
}
