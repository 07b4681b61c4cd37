//! How much is logged, and for how long more than usual. A raised level ends by itself: its end is kept in a
//! file, so it ends even when the server was killed and started again meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::Log;
use crate::model::Time;

/// Longest time a level may stay raised, in seconds.
pub const LONGEST: i64 = 24 * 3_600;
/// Time a level stays raised unless told otherwise, in seconds.
pub const USUAL: i64 = 30 * 60;
/// Bytes after which a raised level ends before its time.
const MOST_BYTES: u64 = 500 << 20;
/// Free bytes on the logs' disk below which nothing below `info` is written, and below which errors alone are.
const SCARCE: u64 = 1 << 30;
const DIRE: u64 = 300 << 20;

/// How much a line matters, most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something failed.
    Error,
    /// Something may fail.
    Warn,
    /// What happened.
    Info,
    /// How it happened.
    Debug,
    /// Every step.
    Trace,
}

impl Level {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }

    pub(super) fn of(level: tracing::Level) -> Self {
        match level {
            tracing::Level::ERROR => Self::Error,
            tracing::Level::WARN => Self::Warn,
            tracing::Level::INFO => Self::Info,
            tracing::Level::DEBUG => Self::Debug,
            tracing::Level::TRACE => Self::Trace,
        }
    }

    fn from_rank(rank: u8) -> Self {
        Self::ALL.get(usize::from(rank)).copied().unwrap_or(Self::Error)
    }
}

/// A level that is raised for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raise {
    /// What is logged meanwhile.
    pub level: Level,
    /// Only in this log; none means in all.
    pub log: Option<Log>,
    /// When it ends.
    pub until: Time,
}

/// The levels that hold now. Shared by the layer, which asks them for each line, and by whoever changes them.
#[derive(Debug)]
pub struct Levels {
    base: Level,
    now: [AtomicU8; Log::ALL.len()],
    state: Mutex<State>,
    kept: PathBuf,
    written: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct State {
    raise: Option<Raise>,
    written_before: u64,
    ceiling: Option<Level>,
}

impl Levels {
    /// Levels with `base` when nothing is raised. What was raised before the last stop is read back from the file
    /// `kept`, unless its end has passed.
    pub fn new(base: Level, kept: &Path, written: Arc<AtomicU64>, now: Time) -> Self {
        let raise = fs::read(kept).ok().and_then(|bytes| serde_json::from_slice::<Raise>(&bytes).ok());
        // A clock that went back must not keep a level raised for longer than anyone may ask.
        let raise = raise.filter(|raise| now < raise.until && raise.until <= now.plus_secs(LONGEST));
        if raise.is_none() {
            let _ = fs::remove_file(kept);
        }
        let levels = Self {
            base,
            now: Default::default(),
            state: Mutex::new(State { raise, ..State::default() }),
            kept: kept.to_owned(),
            written,
        };
        levels.apply(&levels.lock());
        levels
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn apply(&self, state: &State) {
        for log in Log::ALL {
            let raised = state.raise.as_ref().filter(|raise| raise.log.is_none_or(|only| only == log));
            let mut level = raised.map_or(self.base, |raise| raise.level);
            if let Some(ceiling) = state.ceiling {
                level = level.min(ceiling);
            }
            self.now[log as usize].store(level as u8, Relaxed);
        }
    }

    /// What is logged in `log` now.
    pub fn of(&self, log: Log) -> Level {
        Level::from_rank(self.now[log as usize].load(Relaxed))
    }

    /// The most that is logged anywhere.
    pub fn most(&self) -> Level {
        Log::ALL.into_iter().map(|log| self.of(log)).max().unwrap_or(self.base)
    }

    /// What holds when nothing is raised.
    pub fn base(&self) -> Level {
        self.base
    }

    /// What is raised now.
    pub fn raised(&self) -> Option<Raise> {
        self.lock().raise.clone()
    }

    /// Raises (or lowers) the level for `seconds`, at most a day.
    pub fn raise(&self, level: Level, log: Option<Log>, seconds: i64, now: Time) -> std::io::Result<Raise> {
        let raise = Raise { level, log, until: now.plus_secs(seconds.clamp(1, LONGEST)) };
        self.keep(&raise)?;
        let mut state = self.lock();
        state.written_before = self.written.load(Relaxed);
        state.raise = Some(raise.clone());
        self.apply(&state);
        drop(state);
        tracing::callsite::rebuild_interest_cache();
        Ok(raise)
    }

    /// Renamed into place, so that a kill leaves the old end or the new one.
    fn keep(&self, raise: &Raise) -> std::io::Result<()> {
        let fresh = self.kept.with_extension("new");
        fs::write(&fresh, serde_json::to_vec(raise).map_err(std::io::Error::other)?)?;
        fs::rename(&fresh, &self.kept)
    }

    /// Ends a raise.
    pub fn reset(&self) {
        let mut state = self.lock();
        state.raise = None;
        self.apply(&state);
        drop(state);
        let _ = fs::remove_file(&self.kept);
        tracing::callsite::rebuild_interest_cache();
    }

    /// Called every few seconds: ends a raise whose time or room is over, and holds back when the disk is nearly
    /// full. Tells what it ended, in words.
    pub fn tend(&self, now: Time, free: Option<u64>) -> Option<&'static str> {
        let mut state = self.lock();
        let ceiling = match free {
            Some(free) if free < DIRE => Some(Level::Error),
            Some(free) if free < SCARCE => Some(Level::Info),
            _ => None,
        };
        let changed = ceiling != state.ceiling;
        state.ceiling = ceiling;
        let over = state.raise.as_ref().and_then(|raise| {
            let written = self.written.load(Relaxed).saturating_sub(state.written_before);
            if now >= raise.until {
                Some("its time is over")
            } else if written > MOST_BYTES {
                Some("it has written 500 MiB")
            } else {
                None
            }
        });
        if over.is_some() {
            state.raise = None;
            let _ = fs::remove_file(&self.kept);
        }
        if over.is_some() || changed {
            self.apply(&state);
            drop(state);
            tracing::callsite::rebuild_interest_cache();
        }
        over
    }
}
