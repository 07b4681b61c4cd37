//! How fast the store is on this machine, against what its disk and processor can do at all.

use std::fmt;
use std::io::{Seek, SeekFrom, Write as _};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::{Broken, OpenError, Store, activities, commands, devices};
use crate::model::Time;
use crate::model::activity::Activity;
use crate::model::device::{Device, Platform};
use crate::model::enrollment::EnrollmentId;

/// What many callers at once got.
#[derive(Debug, Clone, PartialEq)]
pub struct Grouped {
    /// Callers, each with one job at a time.
    pub writers: usize,
    /// Durable jobs a second.
    pub jobs_per_s: f64,
    /// Jobs that shared a commit, on average.
    pub group: f64,
    /// 99 of 100 jobs were answered within this.
    pub p99: Duration,
}

/// Figures of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// The disk's own rate of 4 KiB overwritten and synced.
    pub overwrites_per_s: f64,
    /// The disk's own rate of 4 KiB appended and synced.
    pub appends_per_s: f64,
    /// By number of callers, ascending from one.
    pub grouped: Vec<Grouped>,
    /// The question of an Idle poll: a snapshot and one lookup, one thread.
    pub idle_per_s: f64,
    /// Device rows read and understood out of one snapshot, one thread.
    pub gets_per_s: f64,
    /// Number of device rows.
    pub devices: usize,
    /// Walking over all of them.
    pub walk: Duration,
    /// Opening the store with those devices after a clean close.
    pub open: Duration,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "disk: {:.0} overwrites/s, {:.0} appends/s (4 KiB, synced)",
            self.overwrites_per_s, self.appends_per_s
        )?;
        let single = self.grouped.first().map_or(1.0, |g| g.jobs_per_s);
        for g in &self.grouped {
            writeln!(
                f,
                "{:>4} writers: {:>7.0} durable jobs/s, {:.2} of the disk's syncs, {:.1} times one writer, groups of {:.1}, p99 {:.1} ms",
                g.writers,
                g.jobs_per_s,
                g.jobs_per_s / self.overwrites_per_s,
                g.jobs_per_s / single,
                g.group,
                g.p99.as_secs_f64() * 1e3
            )?;
        }
        writeln!(f, "idle lookups: {:.0}/s; device rows: {:.0}/s", self.idle_per_s, self.gets_per_s)?;
        write!(
            f,
            "{} devices: walked in {:.1} ms, opened in {:.1} ms",
            self.devices,
            self.walk.as_secs_f64() * 1e3,
            self.open.as_secs_f64() * 1e3
        )
    }
}

/// Callers at once.
const WRITERS: &[usize] = &[1, 10, 50, 200];

/// Measures in `dir`, which should be empty and on the disk that is meant. Each figure takes about `each`; `devices` is
/// how many rows there are to write to and to read, 10,000 for the figures we promise. Leaves its files behind.
pub fn group_commit(dir: &Path, each: Duration, devices: usize) -> Result<Figures, Broken> {
    let broken = |e: OpenError| Broken(e.to_string());
    let (overwrites_per_s, appends_per_s) =
        disk(&dir.join("measure.bin"), each).map_err(|e| Broken::file(dir, e))?;
    let data = dir.join("measure");
    let store = Store::open(&data, Time::default()).map_err(broken)?;
    let ids = fill(&store, devices)?;
    let mut grouped = Vec::new();
    for writers in WRITERS {
        grouped.push(write(&store, &ids, *writers, each)?);
    }
    let idle_per_s = rate(each, |n| commands::has_queue(&store.read()?, &ids[n % ids.len()]).map(drop))?;
    let snapshot = store.read()?;
    let gets_per_s = rate(each, |n| devices::get(&snapshot, &ids[(n * 7919) % ids.len()]).map(drop))?;
    let mut walk = Duration::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        let mut count = 0;
        devices::each(&snapshot, |_| {
            count += 1;
            true
        })?;
        debug_assert_eq!(count, ids.len());
        walk = walk.min(started.elapsed());
    }
    drop(snapshot);
    store.close();
    let started = Instant::now();
    let store = Store::open(&data, Time::default()).map_err(broken)?;
    let open = started.elapsed();
    store.close();
    Ok(Figures { overwrites_per_s, appends_per_s, grouped, idle_per_s, gets_per_s, devices, walk, open })
}

/// What the disk itself can do.
fn disk(path: &Path, each: Duration) -> std::io::Result<(f64, f64)> {
    let mut file = super::lock::private().create(true).truncate(true).open(path)?;
    let page = [0xA5; 4096];
    file.write_all(&page.repeat(256))?;
    file.sync_all()?;
    let timed = |act: &mut dyn FnMut(u64) -> std::io::Result<()>| {
        let (started, mut count) = (Instant::now(), 0);
        while started.elapsed() < each {
            act(count)?;
            count += 1;
        }
        Ok::<_, std::io::Error>(count as f64 / started.elapsed().as_secs_f64())
    };
    let overwrites = timed(&mut |n| {
        file.write_all_at(&page, (n * 37 % 256) * 4096)?;
        file.sync_data()
    })?;
    file.seek(SeekFrom::End(0))?;
    let appends = timed(&mut |_| {
        file.write_all(&page)?;
        file.sync_data()
    })?;
    std::fs::remove_file(path)?;
    Ok((overwrites, appends))
}

fn fill(store: &Store, devices: usize) -> Result<Arc<[EnrollmentId]>, Broken> {
    let ids = (0..devices.max(1))
        .map(|n| EnrollmentId::parse(&format!("00008110-{n:016X}")))
        .collect::<Result<Arc<[_]>, _>>()
        .map_err(|e| Broken(e.to_string()))?;
    for part in ids.chunks(1000) {
        let part = part.to_vec();
        store.write_blocking(move |w| -> Result<(), Broken> {
            for (n, id) in part.into_iter().enumerate() {
                let device = Device {
                    name: format!("iPhone {n} of the orchard"),
                    serial: Some(format!("F{n:011}")),
                    platform: Platform::IPhone,
                    model_name: Some("iPhone 16".into()),
                    product: Some("iPhone17,3".into()),
                    os_version: Some("26.1".into()),
                    build: Some("23B85".into()),
                    battery: Some(0.8),
                    capacity_gb: Some(128.0),
                    available_gb: Some(64.5),
                    supervised: Some(true),
                    information_at: Some(Time(1_760_000_000_000)),
                    ..Device::unknown(id)
                };
                devices::put(w, &device)?;
            }
            Ok(())
        })?;
    }
    Ok(ids)
}

/// A job like most: one row changes, one thing happened.
fn job(w: &mut super::Write, id: EnrollmentId, now: Time) -> Result<(), Broken> {
    devices::put_seen(w, &id, now)?;
    let activity = Activity {
        seq: 0,
        at: now,
        by: "device".into(),
        kind: "command".into(),
        text: "DeviceInformation was answered".into(),
        device: Some(id),
        alert: false,
    };
    activities::add(w, activity).map(drop)
}

fn write(
    store: &Store,
    ids: &Arc<[EnrollmentId]>,
    writers: usize,
    each: Duration,
) -> Result<Grouped, Broken> {
    let before = store.stats();
    let started = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let (store_, ids) = (store.clone(), ids.clone());
    // A runtime of its own on a thread of its own: the caller may be inside another.
    let run = std::thread::spawn(move || -> Result<Vec<Duration>, Broken> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|e| Broken(format!("cannot start a runtime: {e}")))?;
        runtime.block_on(async {
            let tasks: Vec<_> = (0..writers)
                .map(|_| {
                    let (store, ids, next) = (store_.clone(), ids.clone(), next.clone());
                    tokio::spawn(async move {
                        let mut took = Vec::new();
                        while took.is_empty() || started.elapsed() < each {
                            let n = next.fetch_add(1, Ordering::Relaxed);
                            let id = ids[n as usize * 7919 % ids.len()].clone();
                            let asked = Instant::now();
                            store.write(move |w| job(w, id, Time(n as i64))).await?;
                            took.push(asked.elapsed());
                        }
                        Ok::<_, Broken>(took)
                    })
                })
                .collect();
            let mut all = Vec::new();
            for task in tasks {
                all.extend(task.await.map_err(|e| Broken(e.to_string()))??);
            }
            Ok(all)
        })
    });
    let mut took = run.join().map_err(|_| Broken("a measuring thread panicked".into()))??;
    let seconds = started.elapsed().as_secs_f64();
    took.sort_unstable();
    let after = store.stats();
    Ok(Grouped {
        writers,
        jobs_per_s: took.len() as f64 / seconds,
        group: (after.jobs - before.jobs) as f64 / (after.commits - before.commits).max(1) as f64,
        p99: took.get(took.len() * 99 / 100).copied().unwrap_or_default(),
    })
}

fn rate(each: Duration, mut act: impl FnMut(usize) -> Result<(), Broken>) -> Result<f64, Broken> {
    let (started, mut count) = (Instant::now(), 0);
    while started.elapsed() < each {
        for _ in 0..100 {
            act(count)?;
            count += 1;
        }
    }
    Ok(count as f64 / started.elapsed().as_secs_f64())
}
