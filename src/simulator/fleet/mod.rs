//! Many devices against one server.

mod compare;
mod run;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::Trouble;
use super::apns::Doorbells;
use super::device::{Channel, Device, DeviceOptions};
use super::keychain::KeyPool;
use super::latency::{Latencies, Summary};
use super::portrait::{Kind, Portrait};
use super::trust::{Anchors, Trust};

pub use compare::{Belief, Mismatch};

/// What fleet to make.
#[derive(Clone)]
pub struct Plan {
    /// An enrollment link, `https://HOST/enroll/TOKEN`.
    pub link: String,
    /// Whom the devices trust before they are enrolled.
    pub trust: Trust,
    /// How many devices.
    pub devices: usize,
    /// All of this family; none: mixed as in an organization.
    pub kind: Option<Kind>,
    /// The same seed makes the same devices.
    pub seed: u64,
    /// Enrollments under way at once.
    pub at_once: usize,
    /// So many RSA keys for all together; none: one for each device, at a tenth of a second of work each.
    pub shared_keys: Option<usize>,
    /// How each device behaves.
    pub options: DeviceOptions,
    /// What makes devices connect.
    pub wake: Wake,
    /// A device that was shut down is switched on again after this time.
    pub switched_on_after: Duration,
    /// A device that was erased enrolls again after this time; none: it stays out of management.
    pub enrolls_again_after: Option<Duration>,
}

/// What makes devices connect.
#[derive(Debug, Clone)]
pub enum Wake {
    /// A pretend APNs in this process.
    Rung(Doorbells),
    /// They poll: the server rings through the real Apple, which does not know them.
    Polls(Duration),
}

impl Plan {
    /// A fleet of `devices` with everything else as usual: individual keys, no faults, four enrollments at once.
    pub fn new(link: impl Into<String>, trust: Trust, devices: usize, wake: Wake) -> Self {
        Self {
            link: link.into(),
            trust,
            devices,
            kind: None,
            seed: 1,
            at_once: 4,
            shared_keys: None,
            options: DeviceOptions::default(),
            wake,
            switched_on_after: Duration::from_secs(60),
            enrolls_again_after: None,
        }
    }
}

/// Something that happened, for whoever shows progress.
#[derive(Debug, Clone)]
pub enum Event {
    /// A device came under management.
    Enrolled {
        /// Serial number.
        serial: String,
        /// Name.
        name: String,
    },
    /// A device did not.
    NotEnrolled {
        /// Serial number.
        serial: String,
        /// Why.
        trouble: Trouble,
    },
    /// A device answered a command, or left it unanswered (empty status).
    Did {
        /// Serial number.
        serial: String,
        /// `RequestType`.
        request_type: String,
        /// `Status`.
        status: &'static str,
    },
    /// A session failed; the device tries again by itself.
    Failed {
        /// Serial number.
        serial: String,
        /// Why.
        trouble: Trouble,
    },
    /// A device is no longer under management.
    Left {
        /// Serial number.
        serial: String,
    },
}

/// Hears of events; called from many tasks and must not block.
pub type Listener = Arc<dyn Fn(Event) + Send + Sync>;

/// Figures of a fleet.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Report {
    /// Devices in the fleet.
    pub devices: usize,
    /// Enrollments that succeeded, repeated ones included.
    pub enrolled: usize,
    /// Enrollments that failed.
    pub not_enrolled: usize,
    /// Sessions: from an Idle to the empty reply.
    pub sessions: u64,
    /// Sessions that failed.
    pub failed_sessions: u64,
    /// Answers by status; an empty status counts commands left unanswered.
    pub answers: BTreeMap<&'static str, u64>,
    /// The first few troubles, in words.
    pub troubles: Vec<String>,
    /// What took how long.
    pub latencies: Vec<(&'static str, Summary)>,
    /// Seconds since the fleet began.
    pub seconds: f64,
}

/// Troubles that a report keeps in words.
const TROUBLES: usize = 20;

#[derive(Default)]
struct Tally {
    enrolled: AtomicUsize,
    not_enrolled: AtomicUsize,
    sessions: AtomicU64,
    failed_sessions: AtomicU64,
    answers: Mutex<BTreeMap<&'static str, u64>>,
    troubles: Mutex<Vec<String>>,
}

/// One device of a fleet, with the rings it hears.
pub struct Member {
    /// The device; locked while it is in a session.
    pub device: tokio::sync::Mutex<Device>,
    serial: String,
    rings: Mutex<Option<mpsc::Receiver<Channel>>>,
}

/// Many devices against one server.
pub struct Fleet {
    plan: Plan,
    members: Vec<Arc<Member>>,
    keys: Arc<KeyPool>,
    latencies: Latencies,
    tally: Arc<Tally>,
    listener: Listener,
    began: Instant,
}

impl Fleet {
    /// Makes the devices, which cost nothing yet.
    pub fn new(plan: Plan, listener: Listener) -> Self {
        let keys = plan.shared_keys.map_or_else(KeyPool::individual, KeyPool::shared);
        let anchors = Anchors::new(plan.trust.clone());
        let latencies = Latencies::default();
        let members = (0..plan.devices).map(|index| {
            let portrait = match plan.kind {
                Some(kind) => Portrait::of(kind, plan.seed, index),
                None => Portrait::in_fleet(plan.seed, index),
            };
            let serial = portrait.serial.clone();
            let mut device = Device::new(
                portrait,
                index,
                plan.options.clone(),
                keys.clone(),
                anchors.clone(),
                latencies.clone(),
            );
            let rings = match &plan.wake {
                Wake::Rung(bells) => Some(device.listen_at(bells.clone())),
                Wake::Polls(_) => None,
            };
            let device = tokio::sync::Mutex::new(device);
            Arc::new(Member { device, serial, rings: Mutex::new(rings) })
        });
        let members: Vec<_> = members.collect();
        Self { plan, members, keys, latencies, tally: Arc::default(), listener, began: Instant::now() }
    }

    /// All devices.
    pub fn members(&self) -> &[Arc<Member>] {
        &self.members
    }

    /// The fleet's plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What took how long.
    pub fn latencies(&self) -> &Latencies {
        &self.latencies
    }

    /// Makes the shared keys, if there are any, before a clock starts.
    pub async fn make_keys(&self) {
        self.keys.make(2048).await;
    }

    /// Enrolls all devices that are not, a few at once. Says how many are enrolled then. A failure is an event and
    /// counted; it does not keep the others from enrolling.
    pub async fn enroll(&self) -> usize {
        let places = Arc::new(Semaphore::new(self.plan.at_once.max(1)));
        let mut tasks = JoinSet::new();
        for member in &self.members {
            let (member, places) = (member.clone(), places.clone());
            let (link, listener, tally) = (self.plan.link.clone(), self.listener.clone(), self.tally.clone());
            tasks.spawn(async move {
                let _place = places.acquire().await;
                let mut device = member.device.lock().await;
                device.is_enrolled() || enroll(&mut device, &link, &listener, &tally).await
            });
        }
        let mut enrolled = 0;
        while let Some(done) = tasks.join_next().await {
            enrolled += usize::from(done.unwrap_or(false));
        }
        enrolled
    }

    /// Figures so far.
    pub fn report(&self) -> Report {
        let latencies = self.latencies.summaries();
        Report {
            devices: self.members.len(),
            enrolled: self.tally.enrolled.load(Ordering::Relaxed),
            not_enrolled: self.tally.not_enrolled.load(Ordering::Relaxed),
            sessions: self.tally.sessions.load(Ordering::Relaxed),
            failed_sessions: self.tally.failed_sessions.load(Ordering::Relaxed),
            answers: self.tally.answers.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            troubles: self.tally.troubles.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            latencies: latencies.into_iter().map(|(leg, summary)| (leg.label(), summary)).collect(),
            seconds: self.began.elapsed().as_secs_f64(),
        }
    }
}

async fn enroll(device: &mut Device, link: &str, listener: &Listener, tally: &Tally) -> bool {
    let serial = device.portrait.serial.clone();
    match device.enroll(link).await {
        Ok(()) => {
            tally.enrolled.fetch_add(1, Ordering::Relaxed);
            listener(Event::Enrolled { serial, name: device.portrait.name.clone() });
            true
        }
        Err(trouble) => {
            tally.not_enrolled.fetch_add(1, Ordering::Relaxed);
            tally.note(&serial, &trouble);
            listener(Event::NotEnrolled { serial, trouble });
            false
        }
    }
}

impl Tally {
    fn note(&self, serial: &str, trouble: &Trouble) {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        if troubles.len() < TROUBLES {
            troubles.push(format!("{serial}: {trouble}"));
        }
    }
}

impl std::fmt::Debug for Fleet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fleet {{ {} devices }}", self.members.len())
    }
}
