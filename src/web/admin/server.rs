//! The logs' level, and the help.

use axum::response::Response;

use crate::model::Time;
use crate::rules::access::Right;
use crate::views::address as at;
use crate::views::admin::help::{CodeHelp, HelpPage};
use crate::views::admin::logs::LogsPage;
use crate::web::ask::Ask;
use crate::web::codes::CODES;
use crate::web::problem::Fault;
use crate::wire::api::LogLevel;

/// Levels, quietest first.
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];
/// Levels that fall back by themselves: they tell much, and fill a disk.
const LOUD: [&str; 2] = ["debug", "trace"];
/// Longest time at a loud level, in seconds.
const LONGEST_SECS: u64 = 24 * 3600;

/// The log files and what each tells.
const FILES: [(&str, &str); 5] = [
    ("devicemgrd.log", "The server itself: start, stop, store, workers."),
    ("mdm.log", "Check-ins, commands and answers."),
    ("enroll.log", "Enrollment profiles and certificates."),
    ("apns.log", "Pushes and what Apple answered."),
    ("profilemanager.log", "This portal and the API: who asked for what."),
];

/// `GET /profilemanager/logs`
pub(in crate::web) async fn logs(ask: Ask) -> Result<Response, Fault> {
    let now = (ask.app.hooks.log_level)();
    let until = now.until.and_then(|until| until.parse::<jiff::Timestamp>().ok());
    let content = LogsPage {
        folder: ask.app.config.log_folder.clone(),
        files: FILES.iter().map(|(name, tells)| ((*name).to_owned(), (*tells).to_owned())).collect(),
        level: now.level,
        levels: LEVELS.iter().map(|l| (*l).to_owned()).collect(),
        until: until.map(|at| Time(at.as_millisecond())),
    };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/logs/level`
pub(in crate::web) async fn set_level(ask: Ask) -> Result<Response, Fault> {
    let level = ask.said.fields.text("level").to_owned();
    let minutes = ask.said.fields.some("minutes").map(str::parse::<u64>).transpose();
    let minutes = minutes.map_err(|_| Fault::new("log.level", "The time is no number of minutes."))?;
    let set = change_level(&ask, &level, minutes.map(|m| m.saturating_mul(60))).await?;
    ask.done(at::LOGS, format!("The level of the logs is {} now.", set.level))
}

/// Changes the level of the logs and writes that down.
pub(in crate::web) async fn change_level(
    ask: &Ask,
    level: &str,
    for_secs: Option<u64>,
) -> Result<LogLevel, Fault> {
    ask.require(Right::Server)?;
    if level != "reset" && !LEVELS.contains(&level) {
        return Err(Fault::new("log.level", "Levels are error, warn, info, debug and trace."));
    }
    if LOUD.contains(&level) && for_secs.is_none() {
        return Err(Fault::new("log.level", "This level needs a time after which it falls back by itself."));
    }
    if for_secs.is_some_and(|secs| secs == 0 || secs > LONGEST_SECS) {
        return Err(Fault::new("log.level", "A level is set for at most a day."));
    }
    let set = (ask.app.hooks.set_log_level)(level, for_secs).map_err(|said| Fault::new("log.level", said))?;
    let word = set.level.clone();
    ask.act(move |w, by, now| crate::actions::permission::note_log_level(w, by, &word, for_secs, now))
        .await?;
    Ok(set)
}

/// `GET /profilemanager/help`
pub(in crate::web) async fn help(ask: Ask) -> Result<Response, Fault> {
    let row = |code: &crate::web::codes::Code| CodeHelp {
        code: code.code.into(),
        meaning: format!("{}.", code.title),
        next: code.next.into(),
    };
    let content = HelpPage { codes: CODES.iter().map(row).collect() };
    ask.page(|page| content.render(page))
}
