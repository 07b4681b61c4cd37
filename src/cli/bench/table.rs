//! The table of figures.

use std::time::Duration;

use serde::Serialize;

use crate::cli::Form;
use crate::cli::output::Table;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Unit {
    /// More is better.
    PerSecond,
    /// Less is better.
    Milliseconds,
    /// Less is better.
    MiB,
}

impl Unit {
    fn write(self, value: f64) -> String {
        match self {
            Self::PerSecond if value < 100.0 => format!("{value:.1}/s"),
            Self::PerSecond => format!("{value:.0}/s"),
            Self::Milliseconds => format!("{value:.0} ms"),
            Self::MiB => format!("{value:.0} MiB"),
        }
    }
}

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    what: String,
    value: f64,
    unit: Unit,
    #[serde(skip_serializing_if = "Option::is_none")]
    p99_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    goal: Option<f64>,
    /// Whether the goal is reached, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    reached: Option<bool>,
    /// The physical limit it is compared with, and its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<(f64, &'static str)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<u64>,
}

impl Line {
    pub(super) fn new(what: &str, value: f64, unit: Unit) -> Self {
        let what = what.to_owned();
        Self { what, value, unit, p99_ms: None, goal: None, reached: None, floor: None, failed: None }
    }

    pub(super) fn p99(mut self, took: Duration) -> Self {
        self.p99_ms = Some(took.as_secs_f64() * 1e3);
        self
    }

    /// What design promises.
    pub(super) fn goal(mut self, goal: f64) -> Self {
        self.goal = Some(goal);
        self.reached = Some(match self.unit {
            Unit::PerSecond => self.value >= goal,
            Unit::Milliseconds | Unit::MiB => self.value < goal,
        });
        self
    }

    pub(super) fn floor(mut self, floor: f64, name: &'static str) -> Self {
        self.floor = Some((floor, name));
        self
    }

    /// How many tries failed; zero is not shown.
    pub(super) fn failed(mut self, failed: u64) -> Self {
        self.failed = (failed > 0).then_some(failed);
        self
    }
}

pub(super) fn text(lines: &[Line], form: Form) -> String {
    let mut table = Table::new(&["what", "measured", "p99", "goal", "", "of the physical limit"]);
    for line in lines {
        let failed = line.failed.map(|count| format!(" ({count} failed)")).unwrap_or_default();
        let sign = if line.unit == Unit::PerSecond { "≥" } else { "<" };
        table.row(vec![
            line.what.clone(),
            line.unit.write(line.value) + &failed,
            line.p99_ms.map(|ms| format!("{ms:.1} ms")).unwrap_or_default(),
            line.goal.map(|goal| format!("{sign} {}", line.unit.write(goal))).unwrap_or_default(),
            line.reached.map(|reached| if reached { "✓" } else { "✗" }).unwrap_or_default().into(),
            line.floor.map(|(floor, name)| format!("{:.2} × {name}", line.value / floor)).unwrap_or_default(),
        ]);
    }
    table.text(form)
}
