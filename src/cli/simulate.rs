//! `pomona simulate`: pretend devices against any server.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::output::{self, Card};
use super::{Client, Exit, Failed, Form, Global, device, input};
use crate::simulator::device::Holdings;
use crate::simulator::fleet::{Belief, Event, Mismatch, Report, Wake};
use crate::simulator::{DeviceOptions, Faults, Fleet, Kind, Plan, Trouble, Trust};
use crate::wire::api::{CaInfo, DeviceDetail, ProfileInfo};
use crate::wire::x509::certs_from_pem;

/// Time for deliveries under way before devices are compared with the server.
const SETTLE: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
pub(super) struct Simulate {
    /// An enrollment link: see `pomona enroll link`
    #[arg(long, value_name = "LINK")]
    enroll: String,
    /// How many devices
    #[arg(long, default_value = "10", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    devices: u32,
    /// All of one family; otherwise mixed
    #[arg(long, value_enum)]
    kind: Option<Family>,
    /// The same seed makes the same devices
    #[arg(long, default_value = "1")]
    seed: u64,
    /// Enrollments under way at once
    #[arg(long, default_value = "4", value_name = "COUNT")]
    at_once: usize,
    /// How often a device looks for commands: the real push service does not know pretend devices
    #[arg(long, value_name = "TIME", value_parser = input::seconds, default_value = "10s")]
    poll: i64,
    /// End after this time; otherwise at Ctrl-C
    #[arg(long = "for", value_name = "TIME", value_parser = input::seconds)]
    time: Option<i64>,
    /// Make only so many keys and share them: faster, and not like real devices
    #[arg(long, value_name = "COUNT")]
    shared_keys: Option<usize>,
    /// Devices say NotNow so often before they obey
    #[arg(long, default_value = "0", value_name = "TIMES")]
    not_now: u32,
    /// The reply to every so-manieth answer is lost on its way
    #[arg(long, value_name = "N")]
    lose_reply_every: Option<u32>,
    /// Every so-manieth answer is sent twice
    #[arg(long, value_name = "N")]
    repeat_every: Option<u32>,
    /// Devices answer these request types with an error
    #[arg(long, value_name = "TYPE", value_delimiter = ',')]
    failing: Vec<String>,
    /// Devices' clocks are wrong by so many seconds
    #[arg(long, default_value = "0", allow_negative_numbers = true)]
    skew: i64,
    /// Believe only certificates under the ones in this file before enrollment [default: those of --ca, else the
    /// server's own authority if it runs here, else the system's]
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
}

/// A family of devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Family {
    Iphone,
    Ipad,
    Mac,
    Appletv,
}

impl Family {
    fn kind(self) -> Kind {
        match self {
            Self::Iphone => Kind::IPhone,
            Self::Ipad => Kind::IPad,
            Self::Mac => Kind::Mac,
            Self::Appletv => Kind::AppleTv,
        }
    }
}

impl Simulate {
    pub(super) fn run(self, global: &Global) -> Result<Exit, Failed> {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(self.live(global))
    }

    fn plan(&self, trust: Trust) -> Plan {
        let poll = Duration::from_secs(self.poll.unsigned_abs());
        let faults = Faults {
            not_now: self.not_now,
            failing: self.failing.clone(),
            lose_reply_every: self.lose_reply_every,
            repeat_every: self.repeat_every,
            skew_secs: self.skew,
            ..Faults::default()
        };
        Plan {
            kind: self.kind.map(Family::kind),
            seed: self.seed,
            at_once: self.at_once,
            shared_keys: self.shared_keys,
            options: DeviceOptions { faults, ..DeviceOptions::default() },
            ..Plan::new(self.enroll.clone(), trust, self.devices as usize, Wake::Polls(poll))
        }
    }

    async fn live(self, global: &Global) -> Result<Exit, Failed> {
        let form = global.form();
        // Without a way to ask the server, devices live all the same; they are only not compared with it.
        let client = global.client().ok();
        let trust = self.trust(global, client.as_ref()).await?;
        let progress = Arc::new(Shown::default());
        let heard = Arc::clone(&progress);
        let fleet = Arc::new(Fleet::new(self.plan(trust), Arc::new(move |event| heard.hear(&event))));
        fleet.make_keys().await;

        let stop = CancellationToken::new();
        let showing = tokio::spawn(Arc::clone(&progress).show(self.devices as usize, stop.clone()));
        let (life, until) = (Arc::clone(&fleet), stop.clone());
        let living = tokio::spawn(async move {
            tokio::join!(life.enroll(), life.run(until));
        });
        let end = async {
            match self.time {
                Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds.unsigned_abs())).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = end => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        stop.cancel();
        // An enrollment under way is not waited for: it may hang.
        let _ = tokio::time::timeout(SETTLE, living).await;
        let _ = showing.await;
        let mismatches = match &client {
            Some(client) => compare(&fleet, client).await,
            None => Vec::new(),
        };
        let report = fleet.report();
        let value =
            serde_json::json!({ "report": report, "mismatches": mismatches, "compared": client.is_some() });
        output::show(form, &value, |form| text(&report, &mismatches, client.is_some(), form))?;
        Ok(match (mismatches.is_empty(), report.not_enrolled) {
            (false, _) => Exit::Failure,
            (true, 0) => Exit::Ok,
            (true, _) if report.enrolled == 0 => Exit::Failure,
            (true, _) => Exit::Partial,
        })
    }

    async fn trust(&self, global: &Global, client: Option<&Client>) -> Result<Trust, Failed> {
        let pem = match self.roots.as_ref().or(global.ca.as_ref()) {
            Some(file) => std::fs::read_to_string(file)
                .map_err(|e| Failed::new(Exit::Usage, format!("cannot read {}: {e}", file.display()), ""))?,
            None => match client {
                Some(client) => match client.get::<CaInfo>("/api/v1/ca").await {
                    Ok(ca) => ca.pem,
                    Err(_) => return Ok(Trust::System),
                },
                None => return Ok(Trust::System),
            },
        };
        let roots = certs_from_pem(&pem).map_err(|e| Failed::new(Exit::Usage, e.to_string(), ""))?;
        Ok(Trust::Roots(roots))
    }
}

/// Compares each device with what the server believes of it.
async fn compare(fleet: &Fleet, client: &Client) -> Vec<Mismatch> {
    let uuids: Mutex<HashMap<String, ProfileInfo>> = Mutex::default();
    fleet
        .compare(|holds: Holdings| {
            let uuids = &uuids;
            async move {
                let detail = match client.get::<DeviceDetail>(&device::path(&holds.udid)).await {
                    Ok(detail) => detail,
                    Err(failed) if failed.exit == Exit::NotFound => return Ok(None),
                    Err(failed) => return Err(failed.said),
                };
                let mut belief =
                    Belief { enrolled: detail.summary.state == "enrolled", profiles: Vec::new() };
                let here = |state: &str| state == "installed" || state == "confirmed";
                for delivery in detail.profiles.iter().filter(|delivery| here(&delivery.state)) {
                    let mut uuids = uuids.lock().await;
                    if !uuids.contains_key(&delivery.profile) {
                        let path = format!("/api/v1/profiles/{}", super::client::encode(&delivery.profile));
                        let profile = client.get::<ProfileInfo>(&path).await.map_err(|failed| failed.said)?;
                        uuids.insert(delivery.profile.clone(), profile);
                    }
                    let profile = &uuids[&delivery.profile];
                    // An older revision's UUID is not told: then the identifier alone is compared.
                    let uuid = if let Some(uuid) = &delivery.uuid {
                        uuid.clone()
                    } else if profile.revision == delivery.revision {
                        profile.uuid.clone()
                    } else {
                        let held =
                            holds.profiles.iter().find(|(identifier, _)| *identifier == delivery.identifier);
                        held.map(|(_, uuid)| uuid.clone()).unwrap_or_default()
                    };
                    belief.profiles.push((delivery.identifier.clone(), uuid));
                }
                Ok(Some(belief))
            }
        })
        .await
}

/// Progress on standard error: a line that is drawn over on a terminal, a line in ten seconds elsewhere.
#[derive(Default)]
struct Shown {
    enrolled: AtomicU64,
    failed: AtomicU64,
    answered: AtomicU64,
    broken: AtomicU64,
    first: std::sync::Mutex<Option<Trouble>>,
}

impl Shown {
    fn hear(&self, event: &Event) {
        let one = match event {
            Event::Enrolled { .. } => &self.enrolled,
            Event::NotEnrolled { trouble, .. } => {
                if let Ok(mut first) = self.first.lock() {
                    first.get_or_insert_with(|| trouble.clone());
                }
                &self.failed
            }
            Event::Did { status, .. } if !status.is_empty() => &self.answered,
            Event::Failed { .. } => &self.broken,
            Event::Did { .. } | Event::Left { .. } => return,
        };
        one.fetch_add(1, Ordering::Relaxed);
    }

    async fn show(self: Arc<Self>, devices: usize, stop: CancellationToken) {
        let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        let pause = Duration::from_millis(if is_terminal { 250 } else { 10_000 });
        let mut told = false;
        loop {
            let ended = tokio::select! {
                () = stop.cancelled() => true,
                () = tokio::time::sleep(pause) => false,
            };
            let count = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
            let line = format!(
                "{} of {devices} enrolled, {} failed, {} commands answered, {} sessions broken",
                count(&self.enrolled),
                count(&self.failed),
                count(&self.answered),
                count(&self.broken)
            );
            if is_terminal {
                eprint!("\r{line}\u{1b}[K{}", if ended { "\n" } else { "" });
            } else {
                eprintln!("{line}");
            }
            let first = self.first.lock().ok().and_then(|first| first.clone());
            if let Some(trouble) = first.filter(|_| !told) {
                told = true;
                eprintln!(
                    "{}the first failure: {}",
                    if is_terminal { "\n" } else { "" },
                    output::harmless(&trouble.to_string())
                );
            }
            if ended {
                return;
            }
        }
    }
}

fn text(report: &Report, mismatches: &[Mismatch], compared: bool, form: Form) -> String {
    let mut card = Card::new();
    card.line("devices", report.devices.to_string())
        .line("enrolled", report.enrolled.to_string())
        .line("not enrolled", report.not_enrolled.to_string())
        .line("sessions", report.sessions.to_string())
        .line("broken sessions", report.failed_sessions.to_string());
    for (status, count) in &report.answers {
        let status = if status.is_empty() { "unanswered" } else { status };
        card.line(status, count.to_string());
    }
    let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
    for (what, took) in &report.latencies {
        let text = format!(
            "p50 {} ms, p95 {} ms, p99 {} ms, longest {} ms ({})",
            ms(took.p50),
            ms(took.p95),
            ms(took.p99),
            ms(took.longest),
            took.count
        );
        card.line(what, text);
    }
    for trouble in &report.troubles {
        card.line("trouble", trouble);
    }
    card.line(
        "differences",
        match (compared, mismatches.len()) {
            (false, _) => "not compared: name the server with --data, or with --server and a token".into(),
            (true, 0) => "none: every device holds what the server believes".to_owned(),
            (true, count) => count.to_string(),
        },
    );
    for mismatch in mismatches {
        card.line(&mismatch.serial, &mismatch.what);
    }
    card.text(form)
}
