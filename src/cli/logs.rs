//! `pomona logs`: reads the log files, also when no server runs.

use std::time::Duration;

use clap::Args;

use super::{Exit, Failed, Global, output};
use crate::daemon::config::Raw;
use crate::daemon::logs::read::Reader;
use crate::daemon::logs::{Level, Log};

#[derive(Debug, Args)]
pub(super) struct Logs {
    /// Go on with what is added
    #[arg(short, long)]
    follow: bool,
    /// How many lines of what is there
    #[arg(short = 'n', long, default_value = "100", value_name = "COUNT")]
    lines: usize,
    /// Only these logs: devicemgrd, mdm, enroll, apns, profilemanager
    #[arg(long, value_name = "LOG", value_delimiter = ',', value_parser = log)]
    only: Vec<Log>,
    /// Only lines that matter at least so much: error, warn, info, debug, trace
    #[arg(long, value_parser = level)]
    level: Option<Level>,
    /// Only lines that hold this text, as a serial number, a command's UUID or a request's id
    #[arg(long = "match", value_name = "TEXT")]
    text: Option<String>,
}

fn log(name: &str) -> Result<Log, String> {
    Log::parse(name).ok_or_else(|| format!("there is no log {name:?}"))
}

fn level(word: &str) -> Result<Level, String> {
    Level::parse(word).ok_or_else(|| format!("there is no level {word:?}"))
}

/// The second word of a line.
fn level_of(line: &str) -> Option<Level> {
    Level::parse(&line.split_ascii_whitespace().nth(1)?.to_lowercase())
}

impl Logs {
    pub(super) fn run(self, global: &Global) -> Result<Exit, Failed> {
        let folder = global.config(Raw::default())?.log.folder;
        if !folder.is_dir() {
            return Err(Failed::new(
                Exit::NotFound,
                format!("there are no logs in {}", folder.display()),
                "Name the server's data folder with --data or its configuration with --config.",
            ));
        }
        let wanted = if self.only.is_empty() { Log::ALL.to_vec() } else { self.only.clone() };
        let keep = |line: &str| {
            self.text.as_ref().is_none_or(|text| line.contains(text))
                && self.level.is_none_or(|least| level_of(line).is_some_and(|level| level <= least))
        };
        let mut reader = Reader::new(&folder, &wanted);
        let show = |lines: Vec<String>| {
            output::stream(lines.iter().map(|line| format!("{line}\n")).collect::<String>().as_bytes())
        };
        if !show(reader.last(self.lines, keep)?)? || !self.follow {
            return Ok(Exit::Ok);
        }
        // Until the reader has enough: Ctrl-C ends the program.
        loop {
            std::thread::sleep(Duration::from_millis(250));
            let mut lines = reader.more()?;
            lines.retain(|line| keep(line));
            if !lines.is_empty() && !show(lines)? {
                return Ok(Exit::Ok);
            }
        }
    }
}
