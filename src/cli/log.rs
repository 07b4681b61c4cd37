//! `pomona log`: how much is logged.

use clap::{Subcommand, ValueEnum};

use super::output::{self, Card};
use super::{Exit, Failed, Form, Global, input};
use crate::wire::api::LogLevel;

#[derive(Debug, Subcommand)]
pub(super) enum Log {
    /// Show the level, or change it for a while
    Level {
        /// What to log; `reset` returns to the configured level at once
        level: Option<Word>,
        /// How long, at most 24h
        #[arg(long = "for", value_name = "TIME", value_parser = input::seconds, default_value = "30m", requires = "level")]
        seconds: i64,
    },
}

/// A level as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Word {
    /// Something failed
    Error,
    /// Something may fail
    Warn,
    /// What happened
    Info,
    /// How it happened
    Debug,
    /// Every step
    Trace,
    /// Back to the configured level
    Reset,
}

impl Word {
    fn text(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
            Self::Reset => "reset",
        }
    }
}

impl Log {
    pub(super) async fn run(self, global: &Global) -> Result<Exit, Failed> {
        let Self::Level { level, seconds } = self;
        let client = global.client()?;
        let now: LogLevel = match level {
            None => client.get("/api/v1/log-level").await?,
            Some(word) => {
                let for_secs = (word != Word::Reset).then(|| seconds.unsigned_abs());
                let asked = LogLevel { level: word.text().into(), for_secs, until: None };
                client.post("/api/v1/log-level", &asked).await?
            }
        };
        output::show(global.form(), &now, |form| {
            let mut card = Card::new();
            card.line("level", &now.level);
            card.maybe("until", now.until.as_deref().map(|until| output::moment(form, until)));
            if form == Form::Table && now.until.is_none() {
                card.line("until", "it is changed");
            }
            card.text(form)
        })?;
        Ok(Exit::Ok)
    }
}
