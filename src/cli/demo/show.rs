//! What a person sees of the demo in the terminal.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use super::furnish::Furniture;
use crate::cli::output::harmless;
use crate::daemon::run::Running;
use crate::simulator::fleet::Event;

/// The address, how to sign in, where things are.
pub(super) fn welcome(
    running: &Running,
    (name, password): &(String, String),
    furniture: &Furniture,
    data: &Path,
    is_ours: bool,
) {
    let data_shown = data.display();
    let kept = if is_ours { " (removed at the end)" } else { "" };
    let _ = writeln!(
        std::io::stdout(),
        "\n  Pomona demo is ready\n\n  \
         Open      {}/profilemanager\n  \
         Sign in   {name}  {password}\n  \
         Enroll    {}\n  \
         Logs      {}\n  \
         Data      {data_shown}{kept}\n  \
         Try       pomona --data {data_shown} device list\n\n  \
         The browser warns about the certificate: this server made it itself.\n  \
         Ctrl-C ends the demo.\n",
        running.site.base_url(),
        furniture.link,
        data.join("logs").display(),
    );
}

/// Opens the page where there is a desktop; a browser that does not come is no failure.
pub(super) fn open_browser(address: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if std::env::var_os("DISPLAY").is_some() || std::env::var_os("WAYLAND_DISPLAY").is_some() {
        "xdg-open"
    } else {
        return;
    };
    let _ = Command::new(program)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}

/// Progress of the fleet: one line that is drawn over on a terminal, a line now and then elsewhere.
pub(super) struct Progress {
    devices: usize,
    enrolled: AtomicUsize,
    failed: AtomicUsize,
    answers: AtomicU64,
    drawn: Mutex<Option<Instant>>,
    began: Instant,
    is_terminal: bool,
}

impl Progress {
    pub(super) fn new(devices: usize) -> Self {
        Self {
            devices,
            enrolled: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
            answers: AtomicU64::new(0),
            drawn: Mutex::new(None),
            began: Instant::now(),
            is_terminal: std::io::stdout().is_terminal(),
        }
    }

    /// Takes an event in. Called from many tasks.
    pub(super) fn hear(&self, event: &Event) {
        match event {
            Event::Enrolled { .. } => {
                self.enrolled.fetch_add(1, Ordering::Relaxed);
            }
            Event::NotEnrolled { serial, trouble } => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                self.say(&format!("  {serial} did not enroll: {}", harmless(&trouble.to_string())));
            }
            Event::Did { status, .. } if !status.is_empty() => {
                self.answers.fetch_add(1, Ordering::Relaxed);
            }
            Event::Failed { serial, trouble } => {
                tracing::debug!(serial = serial.as_str(), "a pretend device tries again: {trouble}");
            }
            Event::Did { .. } | Event::Left { .. } => {}
        }
        self.draw(false);
    }

    fn line(&self) -> String {
        format!(
            "  {} of {} devices enrolled, {} commands answered",
            self.enrolled.load(Ordering::Relaxed),
            self.devices,
            self.answers.load(Ordering::Relaxed)
        )
    }

    fn draw(&self, last: bool) {
        let Ok(mut drawn) = self.drawn.lock() else { return };
        let pause = if self.is_terminal { 100 } else { 2_000 };
        if !last && drawn.is_some_and(|at| at.elapsed().as_millis() < pause) {
            return;
        }
        *drawn = Some(Instant::now());
        let mut out = std::io::stdout().lock();
        let _ = if self.is_terminal {
            write!(out, "\r{}\u{1b}[K", self.line())
        } else {
            writeln!(out, "{}", self.line())
        };
        let _ = out.flush();
    }

    fn say(&self, text: &str) {
        let start = if self.is_terminal { "\r\u{1b}[K" } else { "" };
        let _ = writeln!(std::io::stdout(), "{start}{text}");
    }

    /// Every device had its turn.
    pub(super) fn all_enrolled(&self, enrolled: usize) {
        let seconds = self.began.elapsed().as_secs_f64();
        self.say(&format!("  {enrolled} of {} devices enrolled in {seconds:.1} s", self.devices));
        self.draw(true);
    }
}
