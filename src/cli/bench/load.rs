//! What is asked of the measured server, and how it did.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Size;
use super::server::{Server, configure, give_push_certificate};
use super::table::{Line, Unit};
use crate::cli::client::encode;
use crate::cli::{Client, Exit, Failed};
use crate::daemon::edge::SystemClock;
use crate::model::edge::Clock;
use crate::simulator::fleet::Wake;
use crate::simulator::measure::{self, Rate, RsaRate};
use crate::simulator::{Fleet, Plan, PretendApns, Trust};
use crate::wire::api::{
    Assignment, CaInfo, CommandInfo, CommandRequest, DeviceSummary, Facts, Imported, NewTicket, Order, Page,
    ProfileInfo, TicketInfo,
};
use crate::wire::x509::certs_from_pem;

/// Devices that enroll with their connections open; then they hang up, as devices do.
const WAVE: usize = 500;
/// Conversations under way at once.
const AT_ONCE: usize = 64;
/// Commands for each device in the round trips.
const COMMANDS: usize = 3;
/// What they ask for, beside the name.
const QUESTIONS: [&str; COMMANDS] = ["OSVersion", "ModelName", "SerialNumber"];

fn per_second(what: &str, rate: &Rate) -> Line {
    Line::new(what, rate.per_second, Unit::PerSecond).p99(rate.latency.p99).failed(rate.failed)
}

fn ms(what: &str, took: Duration) -> Line {
    Line::new(what, took.as_secs_f64() * 1e3, Unit::Milliseconds)
}

/// Runs everything.
pub(super) async fn run(place: &Path, size: Size, rsa: &RsaRate, cores: usize) -> Result<Vec<Line>, Failed> {
    let now = SystemClock.now().secs();
    let apns = PretendApns::start(now).await?;
    configure(place, &apns)?;
    let mut lines = Vec::new();
    let (server, first) = Server::start(place).await?;
    lines.push(ms("first start, keys made", first));
    let client = server.client();
    give_push_certificate(&client, &apns, now).await?;

    eprintln!("enrollments…");
    let (fleet, rate) = enroll(&client, &apns, size).await?;
    let allowed = rsa.enrollments_per_core() * cores as f64;
    lines.push(per_second("full enrollments (SCEP, RSA-2048)", &rate).goal(50.0).floor(allowed, "RSA rate"));
    let mib = |what: &str| server.memory().map(|mib| Line::new(what, mib, Unit::MiB));
    lines.extend(mib("memory after the enrollments"));

    eprintln!("polls and commands…");
    settle(&client, &fleet).await?;
    let idle = measure::idle_polls(&fleet, AT_ONCE, size.each * 2).await;
    lines.push(per_second("Idle polls over kept connections", &idle).goal(5_000.0));
    order(&client, &fleet, COMMANDS).await?;
    let commands = measure::command_round_trips(&fleet, AT_ONCE).await;
    eprintln!("MARK end {commands:?}");
    if std::env::var("BENCH_ONLY").is_ok() {
        std::process::exit(0)
    }
    let line = per_second("commands delivered and answered, durable", &commands).goal(2_000.0);
    // Each answer is signed by its device, here on the same processors.
    lines.push(line.floor(rsa.signs * cores as f64, "RSA signatures"));
    order(&client, &fleet, 1).await?;
    let fresh = measure::new_connections(&fleet, AT_ONCE).await;
    lines.push(per_second("new TLS connection, Idle, command, answer", &fresh).goal(300.0));
    lines.extend(mib("memory with all these connections open").map(|line| line.goal(384.0)));
    for member in fleet.members() {
        member.device.lock().await.hang_up();
    }

    eprintln!("a profile for everyone…");
    lines.extend(publish(&client, size).await?);
    lines.push(searches(&client).await?);

    eprintln!("starts…");
    server.stop().await?;
    let (server, again) = Server::start(place).await?;
    lines.push(ms("start to ready, clean", again).goal(500.0));
    client.list::<DeviceSummary>("/api/v1/devices").await?;
    let line =
        server.memory().map(|mib| Line::new("memory after that, all devices read once", mib, Unit::MiB));
    lines.extend(line.map(|line| line.goal(128.0)));
    server.stop().await?;
    Ok(lines)
}

/// Enrolls everybody in waves. Keeps the first wave for the rest; the others hang up.
async fn enroll(client: &Client, apns: &PretendApns, size: Size) -> Result<(Fleet, Rate), Failed> {
    let ca: CaInfo = client.get("/api/v1/ca").await?;
    let roots = certs_from_pem(&ca.pem).map_err(|e| Failed::new(Exit::Failure, e.to_string(), ""))?;
    let link: TicketInfo = client.post("/api/v1/enrollment-links", &NewTicket::default()).await?;
    let link = link.url.ok_or_else(|| Failed::new(Exit::Failure, "the link has no address", ""))?;
    let plan = |seed: u64, devices: usize| {
        let wake = Wake::Rung(apns.bells().clone());
        let mut plan = Plan::new(link.clone(), Trust::Roots(roots.clone()), devices, wake);
        plan.seed = seed;
        plan.at_once = 16;
        plan.shared_keys = Some(2);
        plan.options.reuse_idle = true;
        plan
    };
    let (kept, first) = measure::enrollments(plan(1, size.active)).await;
    let (mut count, mut failed, mut seconds) = (first.count, first.failed, first.seconds);
    let mut left = size.devices.saturating_sub(size.active);
    let mut seed = 1;
    while left > 0 {
        seed += 1;
        let (wave, rate) = measure::enrollments(plan(seed, left.min(WAVE))).await;
        count += rate.count;
        failed += rate.failed;
        seconds += rate.seconds;
        left -= left.min(WAVE);
        for member in wave.members() {
            member.device.lock().await.hang_up();
        }
    }
    let rate = Rate { count, failed, seconds, per_second: count as f64 / seconds, ..first };
    Ok((kept, rate))
}

/// Lets the devices answer what every server asks after an enrollment, so that their queues are empty.
async fn settle(client: &Client, fleet: &Fleet) -> Result<(), Failed> {
    reconciled(client, Duration::from_secs(60)).await?;
    measure::command_round_trips(fleet, AT_ONCE).await;
    measure::command_round_trips(fleet, AT_ONCE).await;
    Ok(())
}

/// Waits until no device's settings are still to be compared with what it should have.
async fn reconciled(client: &Client, limit: Duration) -> Result<(), Failed> {
    let began = Instant::now();
    loop {
        let facts: Facts = client.get("/api/v1/facts").await?;
        if facts.due.iter().all(|due| due.work != "reconcile" || due.rows == 0) {
            return Ok(());
        }
        if began.elapsed() > limit {
            return Err(Failed::new(
                Exit::Failure,
                format!("devices are not reconciled after {limit:?}"),
                "",
            ));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Queues commands for each device of the fleet.
async fn order(client: &Client, fleet: &Fleet, each: usize) -> Result<(), Failed> {
    let places = Arc::new(Semaphore::new(32));
    let mut tasks = JoinSet::new();
    for member in fleet.members() {
        let device = member.device.lock().await;
        if !device.is_enrolled() {
            continue;
        }
        let path = format!("/api/v1/devices/{}/commands", encode(&device.portrait.udid));
        let (client, places) = (client.clone(), Arc::clone(&places));
        tasks.spawn(async move {
            let _place = places.acquire().await;
            for n in 0..each {
                // Different ones: a question that waits already is not asked twice.
                let queries = vec!["DeviceName".into(), QUESTIONS[n % QUESTIONS.len()].into()];
                let order = Order::DeviceInformation { queries };
                let request = CommandRequest { order, confirm: None, user: None };
                client.post::<CommandInfo>(&path, &request).await?;
            }
            Ok::<_, Failed>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.map_err(std::io::Error::other)??;
    }
    Ok(())
}

/// A profile for everyone: how long until it is queued for each device.
async fn publish(client: &Client, size: Size) -> Result<Vec<Line>, Failed> {
    let file = include_str!("../demo/welcome.mobileconfig").as_bytes().to_vec();
    let kind = "application/x-apple-aspen-config";
    let answer = client.raw(http::Method::POST, "/api/v1/profiles", kind, file.into()).await?;
    let imported: crate::wire::api::Answer<Imported> =
        serde_json::from_slice(&answer).map_err(std::io::Error::other)?;
    let id = imported.body.profile.id;
    let began = Instant::now();
    let everyone = Assignment { devices: Vec::new(), everyone: true };
    client.post::<ProfileInfo>(&format!("/api/v1/profiles/{id}/assign"), &everyone).await?;
    let planned = began.elapsed();
    reconciled(client, Duration::from_secs(300)).await?;
    let queued = began.elapsed();
    let what = |verb: &str| format!("a profile for {} devices, {verb}", size.devices);
    let (planned, queued) = (ms(&what("planned"), planned), ms(&what("queued"), queued));
    // The promises are for this many.
    Ok(if size.devices < 10_000 {
        vec![planned, queued]
    } else {
        vec![planned.goal(1_000.0), queued.goal(2_000.0)]
    })
}

/// Searches of the device list: the 95th of a hundred.
async fn searches(client: &Client) -> Result<Line, Failed> {
    let mut took = Vec::new();
    for n in 0..40 {
        let query = ["q=ada", "platform=mac", "q=iPhone&platform=iphone", "q=zzz"][n % 4];
        let began = Instant::now();
        client.get::<Page<DeviceSummary>>(&format!("/api/v1/devices?{query}")).await?;
        took.push(began.elapsed());
    }
    took.sort();
    Ok(ms("device list, search and filter, p95", took[took.len() * 95 / 100]).goal(50.0))
}
