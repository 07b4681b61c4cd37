//! The log files: rotation by day and by size, room kept for the rest of the computer, and no trust in the folder.
//!
//! tracing-appender's own files rotate by time only, can be read by everybody and lose lines without a word when
//! the disk is full. This writer stands behind its queue instead, on the queue's thread: it never returns an
//! error, but counts what it could not write and says so when it can write again.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tracing_appender::non_blocking::ErrorCounter;

use super::line::{self, Fields};
use super::rotated::{Packer, Rotated};
use super::{Level, Log};
use crate::daemon::config::LogConfig;
use crate::model::Time;
use crate::model::edge::Clock;

/// How often an open file is compared with the one that has its name now.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Pause after a failure.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Makes the folder (0750, with those above it) unless it is there.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o750).create(folder)
}

/// Writes lines that begin with one byte, the number of their [`Log`].
pub struct Files {
    folder: PathBuf,
    rotate: u64,
    keep_days: u32,
    keep: u64,
    clock: Arc<dyn Clock>,
    slots: [Slot; Log::ALL.len()],
    dropped: Arc<OnceLock<ErrorCounter>>,
    announced: usize,
    written: Arc<AtomicU64>,
    packer: Packer,
}

#[derive(Default)]
struct Slot {
    open: Option<Open>,
    retry: Option<Instant>,
    lost: u64,
    /// The last write broke inside a line.
    torn: bool,
}

struct Open {
    file: File,
    size: u64,
    day: i64,
    identity: (u64, u64),
    looked: Instant,
}

/// Days since 1970 in UTC.
fn day_of(now: Time) -> i64 {
    now.secs().div_euclid(86_400)
}

/// `2026-11-24` of a day number.
fn day_name(day: i64) -> String {
    Time::from_secs(day.saturating_mul(86_400)).rfc3339().chars().take(10).collect()
}

impl Files {
    /// A writer into the folder of `config`, which must exist. `written` counts bytes; `dropped` tells of lines
    /// that the queue before this writer had no room for.
    pub fn new(
        config: &LogConfig,
        clock: Arc<dyn Clock>,
        written: Arc<AtomicU64>,
        dropped: Arc<OnceLock<ErrorCounter>>,
    ) -> Self {
        let files = Self {
            packer: Packer::start(&config.folder),
            folder: config.folder.clone(),
            rotate: config.rotate,
            keep_days: config.keep_days,
            keep: config.keep,
            clock,
            slots: Default::default(),
            dropped,
            announced: 0,
            written,
        };
        files.prune(day_of(files.clock.now()));
        files
    }

    fn path(&self, log: Log) -> PathBuf {
        self.folder.join(format!("{}.log", log.name()))
    }

    fn open(&self, log: Log, today: i64) -> io::Result<Open> {
        // Not through a symbolic link: whoever may write into the folder must not choose the file (rule W6).
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::CLOEXEC;
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o640)
            .custom_flags(flags.bits() as i32)
            .open(self.path(log))?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        if meta.permissions().mode() & 0o7777 != 0o640 {
            file.set_permissions(std::fs::Permissions::from_mode(0o640))?;
        }
        let day = if meta.len() == 0 { today } else { meta.mtime().div_euclid(86_400).min(today) };
        Ok(Open { size: meta.len(), day, identity: (meta.dev(), meta.ino()), file, looked: Instant::now() })
    }

    /// Moves the present file to `NAME.DAY.N.log`, which is compressed when there is time.
    fn rotate(&mut self, log: Log, today: i64) {
        let Some(open) = self.slots[log as usize].open.take() else { return };
        let day = day_name(open.day);
        drop(open);
        let number = Rotated::all(&self.folder)
            .into_iter()
            .filter(|old| old.log == log && old.day == day)
            .map(|old| old.number + 1)
            .max()
            .unwrap_or(1);
        let target = self.folder.join(format!("{}.{day}.{number}.log", log.name()));
        // A failure leaves a long file, which is better than none.
        if std::fs::rename(self.path(log), &target).is_ok() {
            self.packer.pack(target);
        }
        self.prune(today);
    }

    /// Removes rotated files that are too old, then the oldest until all logs fit into their room.
    fn prune(&self, today: i64) {
        let old = Rotated::all(&self.folder);
        let oldest_kept = day_name(today - i64::from(self.keep_days));
        let present: u64 = Log::ALL
            .iter()
            .filter_map(|log| std::fs::symlink_metadata(self.path(*log)).ok())
            .map(|m| m.len())
            .sum();
        let mut total = present + old.iter().map(|file| file.size).sum::<u64>();
        for file in old {
            if file.day < oldest_kept || total > self.keep {
                let _ = std::fs::remove_file(&file.path);
                total = total.saturating_sub(file.size);
            }
        }
    }

    fn ready(&mut self, log: Log, length: u64, today: i64) -> io::Result<&mut Open> {
        let at = log as usize;
        if let Some(open) = &mut self.slots[at].open
            && open.looked.elapsed() >= LOOK_EVERY
        {
            open.looked = Instant::now();
            let identity = std::fs::symlink_metadata(self.folder.join(format!("{}.log", log.name())))
                .map(|meta| (meta.dev(), meta.ino()))
                .ok();
            if identity != Some(open.identity) {
                self.slots[at].open = None;
            }
        }
        if self.slots[at].open.is_none() {
            self.slots[at].open = Some(self.open(log, today)?);
        }
        if let Some(open) = &mut self.slots[at].open {
            // A clock that went back by more than a day starts no new file, nor does its return.
            if open.day > today + 1 {
                open.day = today;
            }
            if open.size > 0 && (open.day < today || open.size + length > self.rotate) {
                self.rotate(log, today);
                self.slots[at].open = Some(self.open(log, today)?);
            }
        }
        self.slots[at].open.as_mut().ok_or_else(|| io::Error::other("no file"))
    }

    fn put(&mut self, log: Log, text: &[u8], today: i64) -> io::Result<()> {
        let torn = self.slots[log as usize].torn;
        let open = self.ready(log, text.len() as u64, today)?;
        if torn {
            open.file.write_all(b"\n")?;
        }
        let outcome = open.file.write_all(text);
        open.size += text.len() as u64;
        self.slots[log as usize].torn = outcome.is_err();
        if outcome.is_ok() {
            self.written.fetch_add(text.len() as u64, Relaxed);
        }
        outcome
    }

    fn note(&self, log: Log, message: String) -> String {
        line::line(self.clock.now(), Level::Warn, log, Fields { message, pairs: Vec::new() }, None)
    }

    fn line(&mut self, log: Log, text: &[u8]) {
        let today = day_of(self.clock.now());
        let slot = &mut self.slots[log as usize];
        if slot.retry.is_some_and(|at| Instant::now() < at) {
            slot.lost += 1;
            return;
        }
        slot.retry = None;
        let mut outcome = Ok(());
        if slot.lost > 0 {
            let lost = slot.lost;
            let note = self.note(log, format!("{lost} lines lost: this file could not be written"));
            outcome = self.put(log, note.as_bytes(), today);
            if outcome.is_ok() {
                self.slots[log as usize].lost = 0;
            }
        }
        if let Err(error) = outcome.and_then(|()| self.put(log, text, today)) {
            let slot = &mut self.slots[log as usize];
            if slot.lost == 0 {
                eprintln!("pomona: cannot write {}: {error}", self.folder.join(log.name()).display());
            }
            slot.lost += 1;
            slot.open = None;
            slot.retry = Some(Instant::now() + RETRY_AFTER);
        }
    }

    fn announce_drops(&mut self) {
        let dropped = self.dropped.get().map_or(0, ErrorCounter::dropped_lines);
        if dropped > self.announced {
            let count = dropped - self.announced;
            self.announced = dropped;
            let note = self.note(
                Log::Devicemgrd,
                format!("{count} lines lost: they came faster than the disk takes them"),
            );
            self.line(Log::Devicemgrd, note.as_bytes());
        }
    }
}

impl Write for Files {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if let Some((number, text)) = buf.split_first() {
            let log = Log::ALL.get(usize::from(*number)).copied().unwrap_or(Log::Devicemgrd);
            self.line(log, text);
            self.announce_drops();
        }
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
