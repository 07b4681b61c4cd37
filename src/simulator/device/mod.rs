//! One simulated device.

mod answers;
mod check_in;
mod connect;
mod enroll;
mod inventory;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Uri;
use tokio::sync::mpsc;

use super::apns::Doorbells;
use super::chance::{self, Chance};
use super::faults::Faults;
use super::keychain::{Identity, KeyPool, SignatureForm};
use super::latency::Latencies;
use super::line::Line;
use super::portrait::Portrait;
use super::profiles::Shelf;
use super::trust::Anchors;
use super::{Trouble, now_secs};
use crate::wire::Secret;
use crate::wire::enroll::EnrollmentOrder;

pub use connect::{Done, Session};

/// How a device behaves where real ones differ.
#[derive(Debug, Clone, Default)]
pub struct DeviceOptions {
    /// What goes wrong.
    pub faults: Faults,
    /// How messages are signed.
    pub signature: SignatureForm,
    /// A P-256 identity instead of RSA; SCEP's own messages stay RSA.
    pub ec_identity: bool,
    /// SCEP by GET alone.
    pub scep_by_get: bool,
    /// Setup Assistant waits after the first TokenUpdate (`AwaitingConfiguration`) until `DeviceConfigured`.
    pub await_configuration: bool,
    /// A Mac's local user gets a channel of its own right after the device's.
    pub user_channel: bool,
    /// Signs one Idle and sends it again for up to a minute: a load generator then costs little beside the server.
    pub reuse_idle: bool,
}

/// One simulated device.
pub struct Device {
    /// What it says of itself.
    pub portrait: Portrait,
    /// How it behaves. May be changed at any time.
    pub options: DeviceOptions,
    index: usize,
    chance: Chance,
    keys: Arc<KeyPool>,
    anchors: Arc<Anchors>,
    latencies: Latencies,
    lines: Vec<Line>,
    enrollment: Option<Enrollment>,
    shelf: Shelf,
    condition: Condition,
    put_off: HashMap<String, u32>,
    answers: u32,
    ears: Option<Ears>,
}

/// Where a device listens for rings, and whom it tells.
struct Ears {
    bells: Doorbells,
    heard: mpsc::Sender<Channel>,
}

/// Rings that wait for a device that is busy; further ones are merged, as APNs merges them.
const RINGS_THAT_WAIT: usize = 4;

/// What one enrollment consists of.
struct Enrollment {
    order: EnrollmentOrder,
    identity: Identity,
    server: Uri,
    check_in: Uri,
    door: Door,
    users: Vec<User>,
    /// Opens [`Device::clear_passcode`]; iPhones and iPads only.
    unlock_token: Option<Secret>,
    unlock_token_told: bool,
    awaiting: bool,
    bootstrap_token: Option<Secret>,
    idle: Option<(Instant, String)>,
}

/// How one channel is rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// APNs token.
    pub token: Secret,
    /// PushMagic.
    pub magic: Secret,
}

impl Door {
    fn new() -> Self {
        let magic = uuid::Builder::from_random_bytes(chance::secure()).into_uuid();
        Self {
            token: Secret::new(chance::secure::<32>().to_vec()),
            magic: Secret::new(magic.hyphenated().to_string().to_uppercase().into_bytes()),
        }
    }
}

/// A user of a Mac with a channel of its own.
struct User {
    id: String,
    short_name: String,
    long_name: String,
    door: Door,
    shelf: Shelf,
}

/// How the device is just now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// Locked by command; with this PIN on a Mac.
    pub locked: Option<Option<Secret>>,
    /// A passcode is set (iPhone and iPad).
    pub passcode: bool,
    /// How often it was erased.
    pub erased: u32,
    /// How often it restarted.
    pub restarted: u32,
    /// Switched off or starting: it does not connect before that moment; none: until somebody switches it on.
    pub off_until: Option<Option<Instant>>,
}

/// Which channel of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The device itself.
    Device,
    /// One of its users, by number.
    User(usize),
}

/// What a device holds: the truth that a server's belief is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings {
    /// `UDID`.
    pub udid: String,
    /// `SerialNumber`.
    pub serial: String,
    /// Under management.
    pub enrolled: bool,
    /// `PayloadIdentifier` and `PayloadUUID` of each profile that came by a command, sorted.
    pub profiles: Vec<(String, String)>,
    /// Setup Assistant still waits.
    pub awaiting: bool,
    /// How it is just now.
    pub condition: Condition,
}

impl Device {
    /// A device out of the box, member `index` of its fleet. Makes no key and no connection yet.
    pub fn new(
        portrait: Portrait,
        index: usize,
        options: DeviceOptions,
        keys: Arc<KeyPool>,
        anchors: Arc<Anchors>,
        latencies: Latencies,
    ) -> Self {
        let passcode = portrait.kind.has_passcode();
        let seed = portrait.serial.bytes().fold(0_u64, |sum, b| sum.wrapping_mul(31) + u64::from(b));
        Self {
            portrait,
            options,
            index,
            chance: Chance::new(seed, index as u64),
            keys,
            anchors,
            latencies,
            lines: Vec::new(),
            enrollment: None,
            shelf: Shelf::default(),
            condition: Condition { passcode, ..Condition::default() },
            put_off: HashMap::new(),
            answers: 0,
            ears: None,
        }
    }

    /// From now on its doors are known to a pretend APNs, and whoever holds the receiver hears which channel was
    /// rung.
    pub fn listen_at(&mut self, bells: Doorbells) -> mpsc::Receiver<Channel> {
        let (heard, rings) = mpsc::channel(RINGS_THAT_WAIT);
        self.ears = Some(Ears { bells, heard });
        for (channel, door) in self.doors() {
            self.hang(channel, &door);
        }
        rings
    }

    /// Hangs a bell at a door, before the server learns of that door.
    fn hang(&self, channel: Channel, door: &Door) {
        if let Some(Ears { bells, heard }) = &self.ears {
            let heard = heard.clone();
            bells.listen(&door.token, &door.magic, move || {
                let _ = heard.try_send(channel);
            });
        }
    }

    /// Takes the bells off all doors: Apple answers 410 from now on.
    fn unhang_all(&self) {
        if let Some(Ears { bells, .. }) = &self.ears {
            let now = now_secs() * 1_000;
            self.doors().iter().for_each(|(_, door)| bells.gone(&door.token, now));
        }
    }

    /// What it holds.
    pub fn holdings(&self) -> Holdings {
        let managed = self.shelf.all().iter().filter(|i| i.managed);
        let mut profiles: Vec<_> =
            managed.map(|i| (i.profile.identifier.clone(), i.profile.uuid.clone())).collect();
        if let Some(enrollment) = &self.enrollment {
            profiles.retain(|(identifier, _)| *identifier != enrollment.order.identifier);
        }
        profiles.sort();
        Holdings {
            udid: self.portrait.udid.clone(),
            serial: self.portrait.serial.clone(),
            enrolled: self.enrollment.is_some(),
            profiles,
            awaiting: self.enrollment.as_ref().is_some_and(|e| e.awaiting),
            condition: self.condition.clone(),
        }
    }

    /// Profiles of a user channel: identifier and UUID, sorted. None if there is no such user.
    pub fn user_profiles(&self, user: usize) -> Option<Vec<(String, String)>> {
        let shelf = &self.enrollment.as_ref()?.users.get(user)?.shelf;
        let mut all: Vec<_> =
            shelf.all().iter().map(|i| (i.profile.identifier.clone(), i.profile.uuid.clone())).collect();
        all.sort();
        Some(all)
    }

    /// The profile with this identifier, if it is installed on the device itself.
    pub fn profile(&self, identifier: &str) -> Option<&crate::wire::profile::Profile> {
        self.shelf.get(identifier).map(|installed| &installed.profile)
    }

    /// Whether it is under management.
    pub fn is_enrolled(&self) -> bool {
        self.enrollment.is_some()
    }

    /// The profiles it holds.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Its identity certificate, if it is enrolled.
    pub fn identity(&self) -> Option<&Identity> {
        self.enrollment.as_ref().map(|e| &e.identity)
    }

    /// The doors it can be rung at.
    pub fn doors(&self) -> Vec<(Channel, Door)> {
        let Some(enrollment) = &self.enrollment else { return Vec::new() };
        let users = enrollment.users.iter().enumerate();
        std::iter::once((Channel::Device, enrollment.door.clone()))
            .chain(users.map(|(n, user)| (Channel::User(n), user.door.clone())))
            .collect()
    }

    /// The token that clears its passcode, as told to the server.
    pub fn unlock_token(&self) -> Option<&Secret> {
        self.enrollment.as_ref()?.unlock_token.as_ref()
    }

    /// The bootstrap token that was entrusted to the server.
    pub fn bootstrap_token(&self) -> Option<&Secret> {
        self.enrollment.as_ref()?.bootstrap_token.as_ref()
    }

    /// How long it stays off from now; none: it is on.
    pub fn off_for(&self) -> Option<Duration> {
        match self.condition.off_until? {
            None => Some(Duration::MAX),
            Some(until) => Some(until.saturating_duration_since(Instant::now())).filter(|d| !d.is_zero()),
        }
    }

    /// Somebody switches it on.
    pub fn switch_on(&mut self) {
        self.condition.off_until = None;
    }

    /// Somebody types the PIN or passcode.
    pub fn unlock(&mut self) {
        self.condition.locked = None;
    }

    /// Closes every connection, as when the network changes.
    pub fn hang_up(&mut self) {
        self.lines.iter_mut().for_each(Line::hang_up);
    }

    /// The device's own clock.
    fn now(&self) -> i64 {
        now_secs() + self.options.faults.skew_secs
    }

    /// The kept line to the server of `url`, made with the roots that are trusted now.
    fn line(&mut self, url: &Uri) -> Result<&mut Line, Trouble> {
        if let Some(at) = self.lines.iter().position(|line| line.reaches(url)) {
            return Ok(&mut self.lines[at]);
        }
        let roots = self.enrollment.as_ref().map_or(&[][..], |e| &e.order.roots);
        let tls = self.anchors.config(roots)?;
        self.lines.push(Line::to(url, tls, self.latencies.clone())?);
        let last = self.lines.len() - 1;
        Ok(&mut self.lines[last])
    }

    fn enrolled(&self) -> Result<&Enrollment, Trouble> {
        self.enrollment.as_ref().ok_or_else(|| Trouble::Rule("the device is not enrolled".into()))
    }
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Device {{ {} {} }}", self.portrait.product, self.portrait.serial)
    }
}
