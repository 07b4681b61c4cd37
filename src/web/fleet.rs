//! All devices in short, in memory, in the order of their names: lists, filters and counts of ten thousand
//! devices are answered from here in a few milliseconds.
//!
//! A small list is made anew whenever the store has changed since. A large one is kept up to date in the
//! background while somebody looks, taking at most about a fifth of a processor: then what is shown is a moment old
//! and nobody waits for it. Whoever removes a device does not see it again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::App;
use crate::catalog::Target;
use crate::model::Time;
use crate::model::device::Platform;
use crate::model::enrollment::{EnrollmentId, State};
use crate::model::profile::Delivery;
use crate::model::standing::Standing;
use crate::rules::lint;
use crate::store::{self, Broken, Read};

/// A list of so many devices is made at once, whoever asks: it takes a few milliseconds.
const SMALL: usize = 500;
/// Nobody is shown anything older than this; only the first look after a while meets one.
const OLDEST: Duration = Duration::from_secs(5);
/// Rest between two makings, as a multiple of what one takes, and the shortest.
const REST: u32 = 4;
const SHORTEST_REST: Duration = Duration::from_millis(200);
/// A list that nobody looked at for so long is left alone.
const INTEREST: Duration = Duration::from_secs(300);
/// Rows read at once.
const PAGE: usize = 1_000;

/// One device in short.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) id: EnrollmentId,
    pub(super) name: String,
    pub(super) platform: Platform,
    pub(super) serial: Option<String>,
    pub(super) model_name: Option<String>,
    pub(super) os_version: Option<String>,
    pub(super) supervised: Option<bool>,
    pub(super) state: State,
    pub(super) enrolled_at: Option<Time>,
    pub(super) standing: Standing,
    /// What it is to the catalog; none when its system is not known.
    pub(super) target: Option<Target>,
    /// Account name of its owner, in lower case.
    owner: String,
    seen: Option<Time>,
    /// Name in lower case: the order of the list.
    order: String,
    /// Everything that is searched, in lower case, a line each.
    text: String,
}

impl Entry {
    /// When it was last heard of.
    pub(super) fn seen(&self, app: &App) -> Option<Time> {
        app.seen.get(&self.id).max(self.seen)
    }

    /// Whether it is the device of this account.
    pub(super) fn owned_by(&self, account: &str) -> bool {
        !account.is_empty() && self.owner == account.to_lowercase()
    }

    /// Whether every word of a folded search is found in it.
    fn has(&self, words: &[&str]) -> bool {
        words.iter().all(|word| self.text.contains(word))
    }
}

/// How many devices of a profile are in each state.
pub(super) type Tally = Vec<(Delivery, u64)>;

/// All devices at one moment.
pub(super) struct Snapshot {
    /// By name, then id.
    pub(super) entries: Vec<Entry>,
    /// Where profiles stand, by profile id.
    tallies: HashMap<String, HashMap<Delivery, u64>>,
    by_id: HashMap<EnrollmentId, usize>,
    /// Enrolled devices.
    pub(super) enrolled: u64,
    commit: u64,
    made: Instant,
    took: Duration,
}

impl Snapshot {
    /// The device with this id.
    pub(super) fn get(&self, id: &EnrollmentId) -> Option<&Entry> {
        self.by_id.get(id).and_then(|at| self.entries.get(*at))
    }

    /// How many devices of a profile are in each state, in the order of the states.
    pub(super) fn tally(&self, profile: &str) -> Tally {
        let Some(counts) = self.tallies.get(profile) else { return Vec::new() };
        DELIVERIES.iter().filter_map(|d| counts.get(d).map(|n| (*d, *n))).collect()
    }

    /// The devices that a filter lets through, in order, from `after` on; and how many match it in all.
    pub(super) fn find(&self, filter: &Filter, after: Option<&str>, limit: usize) -> Found<'_> {
        let words: Vec<&str> = filter.text.split_whitespace().collect();
        let mut found = Found::default();
        let after = after.and_then(cursor_key);
        for entry in self.entries.iter().filter(|e| e.has(&words)) {
            let platform = filter.platform.is_none_or(|p| p == entry.platform);
            let standing = filter.standing.is_none_or(|s| s == entry.standing);
            if standing {
                *found.platforms.entry(entry.platform).or_default() += 1;
            }
            if platform {
                *found.standings.entry(entry.standing).or_default() += 1;
            }
            if !(platform && standing) {
                continue;
            }
            found.matching += 1;
            let key = (entry.order.as_str(), entry.id.as_str());
            if after.as_ref().is_some_and(|(order, id)| key <= (order.as_str(), id.as_str())) {
                continue;
            }
            if found.entries.len() < limit {
                found.entries.push(entry);
            } else {
                found.more = true;
            }
        }
        found
    }
}

const DELIVERIES: [Delivery; 9] = [
    Delivery::Waiting,
    Delivery::Sent,
    Delivery::Busy,
    Delivery::Installed,
    Delivery::Confirmed,
    Delivery::Failed,
    Delivery::RemovedByUser,
    Delivery::NoAnswer,
    Delivery::Removing,
];

/// What to look for.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    text: String,
    pub(super) platform: Option<Platform>,
    pub(super) standing: Option<Standing>,
}

impl Filter {
    /// Words in any order, each somewhere in name, serial number, model, OS version or id.
    pub(super) fn new(text: &str, platform: Option<Platform>, standing: Option<Standing>) -> Self {
        let text: String = text.chars().take(100).collect();
        Self { text: text.to_lowercase(), platform, standing }
    }
}

/// What was found.
#[derive(Default)]
pub(super) struct Found<'a> {
    pub(super) entries: Vec<&'a Entry>,
    pub(super) matching: u64,
    /// Matching devices by family, the family filter aside.
    pub(super) platforms: HashMap<Platform, u64>,
    /// Matching devices by standing, the standing filter aside.
    pub(super) standings: HashMap<Standing, u64>,
    more: bool,
}

impl Found<'_> {
    /// Cursor of what follows.
    pub(super) fn next(&self) -> Option<String> {
        let last = self.entries.last().filter(|_| self.more)?;
        Some(hex::encode(format!("{}\n{}", last.order, last.id)))
    }
}

fn cursor_key(cursor: &str) -> Option<(String, String)> {
    let text = String::from_utf8(hex::decode(cursor).ok()?).ok()?;
    let (order, id) = text.rsplit_once('\n')?;
    Some((order.to_owned(), id.to_owned()))
}

/// Keeps the latest snapshot.
#[derive(Default)]
pub(super) struct Fleet {
    latest: Mutex<Option<Arc<Snapshot>>>,
    making: tokio::sync::Mutex<()>,
    stale: AtomicBool,
    looked: Mutex<Option<Instant>>,
    kept: AtomicBool,
}

impl Fleet {
    /// Somebody removed a device, or added one by hand, and will want to see that.
    pub(super) fn changed(&self) {
        self.stale.store(true, SeqCst);
    }

    fn latest(&self) -> Option<Arc<Snapshot>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn look(&self) {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_looked_at(&self) -> bool {
        let looked = *self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.is_some_and(|at| at.elapsed() < INTEREST)
    }
}

/// The devices as they are now, or were a moment ago.
pub(super) async fn snapshot(app: &App) -> Result<Arc<Snapshot>, Broken> {
    let fleet = &app.memory.fleet;
    fleet.look();
    if let Some(latest) = fleet.latest() {
        if latest.commit == *app.store.watch().borrow() {
            return Ok(latest);
        }
        if latest.entries.len() > SMALL {
            keep(app);
            if !fleet.stale.load(SeqCst) && latest.made.elapsed() < OLDEST + latest.took * (REST + 1) {
                return Ok(latest);
            }
        }
    }
    let began = Instant::now();
    let _turn = fleet.making.lock().await;
    // Whoever waited for another's making takes that one, if it began after the question.
    if let Some(latest) = fleet.latest()
        && latest.made >= began
    {
        return Ok(latest);
    }
    make(app).await
}

/// Keeps a large list up to date while somebody looks. There is one keeper at most; it ends with the interest, or
/// with the store.
fn keep(app: &App) {
    if app.memory.fleet.kept.swap(true, SeqCst) {
        return;
    }
    let app = app.clone();
    tokio::spawn(async move {
        let mut commits = app.store.watch();
        while app.memory.fleet.is_looked_at() {
            match tokio::time::timeout(INTEREST, commits.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => break,
                Err(_) => continue,
            }
            commits.borrow_and_update();
            let turn = app.memory.fleet.making.lock().await;
            let took = match make(&app).await {
                Ok(made) => made.took,
                Err(broken) => {
                    tracing::warn!(target: "profilemanager", "the list of devices is old: {broken}");
                    OLDEST
                }
            };
            drop(turn);
            tokio::time::sleep((took * REST).max(SHORTEST_REST)).await;
        }
        app.memory.fleet.kept.store(false, SeqCst);
    });
}

async fn make(app: &App) -> Result<Arc<Snapshot>, Broken> {
    let store = app.store.clone();
    let commit = *store.watch().borrow();
    app.memory.fleet.stale.store(false, SeqCst);
    let made = Instant::now();
    let work = tokio::task::spawn_blocking(move || scan(&store.read()?, commit, made));
    let snapshot = work.await.map_err(|_| Broken("the list of devices could not be made".into()))??;
    let snapshot = Arc::new(snapshot);
    *app.memory.fleet.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(snapshot.clone());
    Ok(snapshot)
}

fn scan(view: &Read, commit: u64, made: Instant) -> Result<Snapshot, Broken> {
    let mut tallies: HashMap<String, HashMap<Delivery, u64>> = HashMap::new();
    let mut troubles: HashMap<EnrollmentId, (u64, u64)> = HashMap::new();
    for profile in store::profiles::list(view)? {
        let tally = tallies.entry(profile.id.clone()).or_default();
        let mut after = None;
        loop {
            let page = store::profiles::placements_of_profile(view, &profile.id, after.as_ref(), PAGE)?;
            for placement in &page {
                *tally.entry(placement.state).or_default() += 1;
                let trouble = match placement.state {
                    Delivery::Failed | Delivery::NoAnswer => (1, 0),
                    Delivery::Waiting | Delivery::Sent | Delivery::Busy | Delivery::Removing => (0, 1),
                    Delivery::Installed | Delivery::Confirmed | Delivery::RemovedByUser => continue,
                };
                let sum = troubles.entry(placement.enrollment.clone()).or_default();
                *sum = (sum.0 + trouble.0, sum.1 + trouble.1);
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.enrollment.clone()),
                _ => break,
            }
        }
    }
    let mut channels = HashMap::new();
    let mut after = None;
    loop {
        let page = store::enrollments::page(view, after.as_ref(), PAGE)?;
        after = page.last().filter(|_| page.len() == PAGE).map(|last| last.id.clone());
        channels.extend(page.into_iter().map(|e| (e.id.clone(), e)));
        if after.is_none() {
            break;
        }
    }
    let seen: HashMap<EnrollmentId, Time> = store::devices::all_seen(view)?.into_iter().collect();
    let mut devices = Vec::new();
    store::devices::each(view, |device| {
        devices.push(device);
        true
    })?;
    let mut entries = Vec::with_capacity(devices.len());
    let mut enrolled = 0;
    for device in devices {
        let channel = channels.get(&device.id);
        let (state, enrolled_at) = channel.map_or((State::CheckedOut, None), |e| (e.state, e.enrolled_at));
        let target = channel.and_then(|enrollment| lint::target(&device, enrollment));
        let (failed, mut waiting) = troubles.get(&device.id).copied().unwrap_or_default();
        let mut unreachable = false;
        if state == State::Enrolled {
            enrolled += 1;
            waiting += u64::from(store::commands::has_queue(view, &device.id)?);
            unreachable = store::dues::push_outcome(view, &device.id)?.is_some_and(|o| o.unreachable);
        }
        let text = [
            Some(device.name.as_str()),
            device.serial.as_deref(),
            device.model_name.as_deref(),
            device.product.as_deref(),
            device.os_version.as_deref(),
            Some(device.id.as_str()),
        ];
        let text = text.into_iter().flatten().collect::<Vec<_>>().join("\n").to_lowercase();
        entries.push(Entry {
            seen: seen.get(&device.id).copied(),
            order: device.name.to_lowercase(),
            text,
            standing: Standing::of(state, unreachable, failed, waiting),
            state,
            owner: device.owner.short_name.to_lowercase(),
            target,
            enrolled_at,
            name: device.name,
            platform: device.platform,
            serial: device.serial,
            model_name: device.model_name,
            os_version: device.os_version,
            supervised: device.supervised,
            id: device.id,
        });
    }
    entries.sort_by(|a, b| (&a.order, &a.id).cmp(&(&b.order, &b.id)));
    let by_id = entries.iter().enumerate().map(|(at, entry)| (entry.id.clone(), at)).collect();
    Ok(Snapshot { entries, tallies, by_id, enrolled, commit, made, took: made.elapsed() })
}
