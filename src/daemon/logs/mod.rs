//! Logs: five files that administrators of Profile Manager will recognize, one line a record, rotated, bounded,
//! and raised while the server runs.

pub mod files;
pub mod level;
pub mod line;
pub mod read;
mod rotated;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use tracing::metadata::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

pub use level::{Level, Levels, Raise};
use line::Fields;

use super::config::LogConfig;
use crate::model::edge::Clock;

/// Lines that may wait for the disk. More are dropped and counted: a log never slows a request.
const QUEUE: usize = 16_384;

/// A log file. A line goes to the file its tracing target names, and to the first one otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Log {
    /// Start and stop, workers, the store, self-checks.
    Devicemgrd,
    /// Check-in and commands.
    Mdm,
    /// Enrollment, SCEP, certificates.
    Enroll,
    /// Pushes.
    Apns,
    /// The portals and the API.
    Profilemanager,
}

impl Log {
    /// All of them; the place in this list is their number.
    pub const ALL: [Self; 5] = [Self::Devicemgrd, Self::Mdm, Self::Enroll, Self::Apns, Self::Profilemanager];

    /// The file's name without its ending, and the tracing target.
    pub fn name(self) -> &'static str {
        match self {
            Self::Devicemgrd => "devicemgrd",
            Self::Mdm => "mdm",
            Self::Enroll => "enroll",
            Self::Apns => "apns",
            Self::Profilemanager => "profilemanager",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|log| log.name() == name)
    }

    fn of_target(target: &str) -> Option<Self> {
        Self::parse(target)
            .or_else(|| (target == "pomona" || target.starts_with("pomona::")).then_some(Self::Devicemgrd))
    }
}

/// Takes every line to its file, and the important ones to the terminal.
pub struct Scribe {
    levels: Arc<Levels>,
    clock: Arc<dyn Clock>,
    queue: NonBlocking,
    terminal: Terminal,
}

/// What the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// Nothing.
    Silent,
    /// Errors, as plain lines (standard error belongs to launchd or systemd).
    Errors,
    /// What a person watching wants to know.
    Human,
}

impl Terminal {
    /// Human when a person watches standard error, errors alone otherwise.
    pub fn fitting() -> Self {
        if std::io::stderr().is_terminal() { Self::Human } else { Self::Errors }
    }
}

/// Keeps the logs open; what waits in the queue is written when it is dropped.
pub struct Logs {
    levels: Arc<Levels>,
    _guard: WorkerGuard,
}

impl Logs {
    /// The levels, to read and to change.
    pub fn levels(&self) -> Arc<Levels> {
        Arc::clone(&self.levels)
    }
}

/// Opens the logs: the layer to install, and what keeps it alive. `kept` is the file that remembers a raised
/// level. Errors when the folder cannot be made.
pub fn open(
    config: &LogConfig,
    kept: &Path,
    clock: Arc<dyn Clock>,
    terminal: Terminal,
) -> std::io::Result<(Scribe, Logs)> {
    files::make_folder(&config.folder)?;
    let written = Arc::new(AtomicU64::new(0));
    let levels = Arc::new(Levels::new(config.level, kept, Arc::clone(&written), clock.now()));
    let dropped = Arc::new(OnceLock::new());
    let writer = files::Files::new(config, Arc::clone(&clock), written, Arc::clone(&dropped));
    let (queue, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(QUEUE)
        .lossy(true)
        .thread_name("logs")
        .finish(writer);
    let _ = dropped.set(queue.error_counter());
    let scribe = Scribe { levels: Arc::clone(&levels), clock, queue, terminal };
    Ok((scribe, Logs { levels, _guard: guard }))
}

/// Makes `scribe` the one that hears this whole process. Errors when another was installed before.
pub fn install(scribe: Scribe) -> std::io::Result<()> {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(scribe))
        .map_err(std::io::Error::other)
}

impl Scribe {
    fn wants(&self, meta: &Metadata<'_>) -> bool {
        match Log::of_target(meta.target()) {
            Some(log) => Level::of(*meta.level()) <= self.levels.of(log),
            // Libraries: what worries them is worth a line, what they do is not.
            None => *meta.level() <= tracing::Level::WARN,
        }
    }

    fn to_terminal(&self, level: Level, log: Log, fields: &Fields) {
        let shown = match self.terminal {
            Terminal::Silent => false,
            Terminal::Errors => level == Level::Error,
            Terminal::Human => level <= Level::Warn || (level == Level::Info && log == Log::Devicemgrd),
        };
        if !shown {
            return;
        }
        let mut text = String::new();
        line::escape(&mut text, &fields.message);
        for (name, value) in &fields.pairs {
            text.push_str(&format!(" {name}="));
            line::escape(&mut text, value);
        }
        let time = &line::stamp(self.clock.now())[11..19];
        let colored = self.terminal == Terminal::Human && std::env::var_os("NO_COLOR").is_none();
        let mark = match (level, colored) {
            (Level::Error, true) => "\u{1b}[31merror\u{1b}[0m ",
            (Level::Warn, true) => "\u{1b}[33mwarning\u{1b}[0m ",
            (Level::Error, false) => "error ",
            (Level::Warn, false) => "warning ",
            _ => "",
        };
        let _ = writeln!(std::io::stderr(), "{time} {mark}{text}");
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Scribe {
    fn register_callsite(&self, meta: &'static Metadata<'static>) -> Interest {
        // Asked again whenever a level changes.
        if self.wants(meta) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, meta: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(meta)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match self.levels.most().max(Level::Warn) {
            Level::Error | Level::Warn => LevelFilter::WARN,
            Level::Info => LevelFilter::INFO,
            Level::Debug => LevelFilter::DEBUG,
            Level::Trace => LevelFilter::TRACE,
        })
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let meta = event.metadata();
        let level = Level::of(*meta.level());
        let log = Log::of_target(meta.target()).unwrap_or(Log::Devicemgrd);
        let mut fields = Fields::default();
        for span in
            context.event_scope(event).into_iter().flat_map(tracing_subscriber::registry::Scope::from_root)
        {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.absorb(outer);
            }
        }
        let mut own = Fields::default();
        event.record(&mut own);
        fields.absorb(&own);
        self.to_terminal(level, log, &own);
        let place =
            (level >= Level::Debug).then(|| (meta.module_path().unwrap_or("?"), meta.line().unwrap_or(0)));
        let mut bytes = vec![log as u8];
        bytes.extend_from_slice(line::line(self.clock.now(), level, log, fields, place).as_bytes());
        let _ = self.queue.clone().write_all(&bytes);
    }
}
