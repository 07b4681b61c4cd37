//! `pomona bench`: this machine against the goals, server and load together on it, in one table.

mod load;
mod server;
mod table;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;

use super::output;
use super::{Exit, Failed, Form, Global};
use crate::daemon::edge::SystemDice;
use crate::model::edge::roll;
use crate::simulator::measure::{RsaRate, rsa_rate};
use crate::store::measure::{Figures, group_commit};
use table::{Line, Unit};

#[derive(Debug, Args)]
pub(super) struct Bench {
    /// A short run with fewer devices, to see that nothing became much slower
    #[arg(long)]
    quick: bool,
    /// Enrolled devices [default: 10000, or 300 with --quick]
    #[arg(long)]
    devices: Option<usize>,
    /// Where to measure: the disk of the data folder matters [default: the system's folder for temporary files]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// How much of everything.
#[derive(Debug, Clone, Copy)]
struct Size {
    /// Enrolled devices.
    devices: usize,
    /// Devices that poll and get commands over kept connections.
    active: usize,
    /// Time for each figure of a second.
    each: Duration,
}

/// A folder that is removed at the end.
struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Bench {
    fn size(&self) -> Size {
        let devices = self.devices.unwrap_or(if self.quick { 300 } else { 10_000 }).max(10);
        let active = if self.quick { 100 } else { 1_000 };
        let each = Duration::from_millis(if self.quick { 500 } else { 3_000 });
        Size { devices, active: active.min(devices), each }
    }

    pub(super) fn run(self, global: &Global) -> Result<Exit, Failed> {
        let size = self.size();
        let dir = self.dir.clone().unwrap_or_else(std::env::temp_dir);
        let place = Place(dir.join(format!("pomona-bench-{}", hex::encode(roll::<4>(&SystemDice::new())))));
        std::fs::create_dir(&place.0)?;
        crate::daemon::process::settle();

        eprintln!("the disk and the store…");
        let broken = |e: crate::store::Broken| Failed::new(Exit::Failure, e.to_string(), "");
        let figures =
            group_commit(&place.0, size.each.min(Duration::from_secs(1)), size.devices).map_err(broken)?;
        eprintln!("RSA…");
        let rsa = rsa_rate();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut lines = floors(&figures, &rsa, cores);
        lines.extend(documented());
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        lines.extend(runtime.block_on(load::run(&place.0, size, &rsa, cores))?);

        let value = serde_json::json!({ "cores": cores, "devices": size.devices, "lines": lines });
        output::show(global.form(), &value, |form| {
            let heading = format!("{cores} cores, server and load together, {} devices\n\n", size.devices);
            let text = table::text(&lines, form);
            if form == Form::Table { heading + &text } else { text }
        })?;
        Ok(Exit::Ok)
    }
}

/// What the store alone does, against the disk.
fn floors(figures: &Figures, rsa: &RsaRate, cores: usize) -> Vec<Line> {
    let disk = figures.overwrites_per_s;
    let mut lines = vec![
        Line::new("the disk: 4 KiB written and synced", disk, Unit::PerSecond),
        Line::new("RSA-2048 signatures, one core", rsa.signs, Unit::PerSecond),
        Line::new("enrollments that RSA allows", rsa.enrollments_per_core() * cores as f64, Unit::PerSecond),
    ];
    for grouped in &figures.grouped {
        let what = format!("durable jobs, {} callers at once", grouped.writers);
        let line =
            Line::new(&what, grouped.jobs_per_s, Unit::PerSecond).p99(grouped.p99).floor(disk, "disk syncs");
        lines.push(line);
    }
    lines
}

/// What reading and searching the catalogue costs: the median of some rounds.
fn documented() -> [Line; 2] {
    const ROUNDS: usize = 9;
    const QUERIES: [&str; 3] = ["a", "airdrop", "wifi certificate"];
    let mut reads = Vec::new();
    let mut searches = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let catalog = crate::catalog::Catalog::load();
        reads.push(start.elapsed());
        // The first search makes the index.
        catalog.search(QUERIES[0], 1);
        for query in QUERIES {
            let start = Instant::now();
            catalog.search(query, 50);
            searches.push(start.elapsed());
        }
    }
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64() * 1e3
    };
    [
        Line::new("the catalogue of settings, read", median(reads), Unit::Milliseconds).goal(10.0),
        Line::new("a search over all settings", median(searches), Unit::Milliseconds).goal(5.0),
    ]
}
