//! Figures for benchmarks: what a server bears. Devices and server share the machine, so each figure is a lower
//! bound of what the server alone could do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::Trouble;
use super::device::{Channel, Device};
use super::fleet::{Fleet, Plan};
use super::latency::{Histogram, Leg, Summary};
use crate::wire::key::{Digest, PrivateKey};

/// One measured rate.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Rate {
    /// What was counted.
    pub what: &'static str,
    /// How many.
    pub count: u64,
    /// How many failed.
    pub failed: u64,
    /// In how many seconds.
    pub seconds: f64,
    /// How many a second.
    pub per_second: f64,
    /// How long one took.
    pub latency: Summary,
}

impl Rate {
    fn of(what: &'static str, tally: &Tally, began: Instant) -> Self {
        let seconds = began.elapsed().as_secs_f64();
        let per_second = tally.count as f64 / seconds.max(f64::EPSILON);
        Self {
            what,
            count: tally.count,
            failed: tally.failed,
            seconds,
            per_second,
            latency: tally.took.summary(),
        }
    }
}

#[derive(Default)]
struct Tally {
    count: u64,
    failed: u64,
    took: Histogram,
}

impl Tally {
    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.failed += other.failed;
        self.took.merge(&other.took);
    }
}

/// What each device does in one round.
#[derive(Debug, Clone, Copy)]
enum Visit {
    Idle,
    Session,
    NewConnection,
}

impl Visit {
    /// Says how much was done.
    async fn pay(self, device: &mut Device) -> Result<u64, Trouble> {
        match self {
            Self::Idle => device.idle(Channel::Device).await.map(|_| 1),
            Self::Session => device.connect().await.map(|session| session.done.len() as u64),
            Self::NewConnection => {
                device.hang_up();
                device.connect().await.map(|_| 1)
            }
        }
    }
}

/// Lets all enrolled devices of a fleet pay a visit, `at_once` at a time, round after round until `until` (or one
/// round if that is none).
async fn rounds(fleet: &Fleet, at_once: usize, until: Option<Instant>, visit: Visit) -> Tally {
    let at_once = at_once.clamp(1, fleet.members().len().max(1));
    let mut tasks = JoinSet::new();
    for first in 0..at_once {
        let share: Vec<_> = fleet.members().iter().skip(first).step_by(at_once).cloned().collect();
        tasks.spawn(async move {
            let mut tally = Tally::default();
            loop {
                for member in &share {
                    if until.is_some_and(|until| Instant::now() >= until) {
                        return tally;
                    }
                    let mut device = member.device.lock().await;
                    if !device.is_enrolled() {
                        continue;
                    }
                    let began = Instant::now();
                    match visit.pay(&mut device).await {
                        Ok(did) => {
                            tally.count += did;
                            tally.took.add(began.elapsed());
                        }
                        Err(_) => tally.failed += 1,
                    }
                }
                if until.is_none() || share.is_empty() {
                    return tally;
                }
            }
        });
    }
    let mut all = Tally::default();
    while let Some(done) = tasks.join_next().await {
        if let Ok(tally) = done {
            all.merge(&tally);
        }
    }
    all
}

/// Idle polls over kept connections, for `time`. Commands that are handed out are left unanswered, so there should
/// be none. Connections are opened before the clock starts.
pub async fn idle_polls(fleet: &Fleet, at_once: usize, time: Duration) -> Rate {
    rounds(fleet, at_once, None, Visit::Idle).await;
    let began = Instant::now();
    let tally = rounds(fleet, at_once, Some(began + time), Visit::Idle).await;
    Rate::of("Idle polls over kept connections", &tally, began)
}

/// Commands fetched and answered over kept connections: every device connects and empties its queue. The caller
/// queues the commands before; connections should be open already (see [`idle_polls`]).
pub async fn command_round_trips(fleet: &Fleet, at_once: usize) -> Rate {
    let began = Instant::now();
    let tally = rounds(fleet, at_once, None, Visit::Session).await;
    Rate::of("commands delivered and answered", &tally, began)
}

/// New connections: TCP, TLS, Idle, and whatever commands wait (the caller queues one for each device before).
pub async fn new_connections(fleet: &Fleet, at_once: usize) -> Rate {
    let began = Instant::now();
    let tally = rounds(fleet, at_once, None, Visit::NewConnection).await;
    Rate::of("new connections with their commands", &tally, began)
}

/// Full enrollments: download, SCEP, Authenticate, TokenUpdate. Keys should be shared and made before the clock
/// starts: making RSA keys is the devices' work, a tenth of a second each.
pub async fn enrollments(plan: Plan) -> (Fleet, Rate) {
    let fleet = Fleet::new(plan, Arc::new(|_| {}));
    fleet.make_keys().await;
    let began = Instant::now();
    let enrolled = fleet.enroll().await;
    let tally = Tally {
        count: enrolled as u64,
        failed: (fleet.members().len() - enrolled) as u64,
        took: fleet.latencies().of(Leg::Enrollment),
    };
    let rate = Rate::of("full enrollments", &tally, began);
    (fleet, rate)
}

/// What RSA-2048 costs on one core of this machine.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct RsaRate {
    /// Signatures a second.
    pub signs: f64,
    /// Decryptions a second.
    pub decrypts: f64,
    /// Keys made a second.
    pub keys: f64,
}

impl RsaRate {
    /// The most enrollments a second that one core's RSA allows. Server: open the SCEP request, sign the
    /// certificate, sign the reply. Device, on the same machine: sign CSR, request and its own certificate, open
    /// the reply, sign Authenticate and TokenUpdate.
    pub fn enrollments_per_core(&self) -> f64 {
        let server = 1.0 / self.decrypts + 2.0 / self.signs;
        let device = 1.0 / self.decrypts + 5.0 / self.signs;
        1.0 / (server + device)
    }
}

/// Measures RSA-2048, a quarter of a second for each operation. Blocks.
pub fn rsa_rate() -> RsaRate {
    const TIME: Duration = Duration::from_millis(250);
    let rate = |mut each: Box<dyn FnMut() + '_>| {
        let began = Instant::now();
        let mut count = 0_u32;
        while began.elapsed() < TIME || count == 0 {
            each();
            count += 1;
        }
        f64::from(count) / began.elapsed().as_secs_f64()
    };
    let key = PrivateKey::generate_rsa(2048);
    let public = crate::wire::key::PublicKey::from_der(&key.public_der());
    let sealed = public.and_then(|public| public.encrypt_pkcs1(&[7; 32])).unwrap_or_default();
    RsaRate {
        signs: rate(Box::new(|| drop(key.sign(Digest::Sha256, b"measured")))),
        decrypts: rate(Box::new(|| drop(key.decrypt_pkcs1(&sealed)))),
        keys: rate(Box::new(|| drop(PrivateKey::generate_rsa(2048)))),
    }
}
