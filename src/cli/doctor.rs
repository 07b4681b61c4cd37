//! `pomona doctor`: looks for what is wrong and says what to do about it.

use std::io::IsTerminal;

use super::output::{self, harmless};
use super::{Client, Exit, Failed, Form, Global};
use crate::daemon::config::Raw;
use crate::daemon::doctor;
use crate::daemon::edge::SystemClock;
use crate::model::edge::Clock;
use crate::wire::api::{Check, Facts, Outcome};

/// One line a finding, with the next step below it.
pub(super) fn text(checks: &[Check], form: Form) -> String {
    let colored =
        form == Form::Table && std::env::var_os("NO_COLOR").is_none() && std::io::stdout().is_terminal();
    checks
        .iter()
        .map(|check| {
            let (mark, color) = match check.outcome {
                Outcome::Pass => ("✓", "32"),
                Outcome::Warn => ("!", "33"),
                Outcome::Fail => ("✗", "31"),
            };
            let mark = if colored { format!("\u{1b}[{color}m{mark}\u{1b}[0m") } else { mark.to_owned() };
            match form {
                Form::Tsv => {
                    format!("{mark}\t{}\t{}\t{}\n", check.name, harmless(&check.said), harmless(&check.next))
                }
                _ if check.next.is_empty() => format!("{mark} {}\n", harmless(&check.said)),
                _ => format!("{mark} {}\n  {}\n", harmless(&check.said), harmless(&check.next)),
            }
        })
        .collect()
}

pub(super) async fn run(global: &Global) -> Result<Exit, Failed> {
    let mut checks = Vec::new();
    let now = SystemClock.now();
    if global.server.is_none() {
        let config = global.config(Raw::default())?;
        let client = Client::socket(&config.socket);
        let asked = client.get::<Facts>("/api/v1/facts").await;
        let is_running = !matches!(&asked, Err(failed) if failed.exit == Exit::Unreachable);
        let resting = tokio::task::spawn_blocking(move || doctor::resting(&config, is_running, now))
            .await
            .map_err(std::io::Error::other)?;
        checks.extend(resting);
        match asked {
            Ok(facts) => checks.extend(facts.checks),
            Err(failed) if failed.exit == Exit::Unreachable => {}
            Err(failed) => checks.push(Check {
                name: "server.facts".into(),
                outcome: Outcome::Fail,
                said: failed.said,
                next: failed.next,
            }),
        }
    } else {
        let facts: Facts = global.client()?.get("/api/v1/facts").await?;
        checks.extend(facts.checks);
    }
    // A running server looks at some of the same things.
    let mut seen = Vec::new();
    checks.retain(|check| {
        let fresh = !seen.contains(&check.name);
        seen.push(check.name.clone());
        fresh
    });
    output::show(global.form(), &serde_json::json!({ "checks": checks }), |form| text(&checks, form))?;
    Ok(match checks.iter().map(|check| check.outcome).max() {
        Some(Outcome::Fail) => Exit::Usage,
        Some(Outcome::Warn) => Exit::Failure,
        _ => Exit::Ok,
    })
}
