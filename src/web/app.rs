//! What every request handler is given.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use crate::actions::authority::Authority;
use crate::actions::sessions::Span;
use crate::model::Time;
use crate::model::edge::{Clock, Dice};
use crate::model::site::Site;
use crate::store::Store;
use crate::web::fleet::Fleet;
use crate::web::hashing::Hashing;
use crate::web::seen::Seen;
use crate::web::throttle::Throttle;
use crate::web::toasts::Toasts;
use crate::wire::api::{Check, LogLevel};

/// The server as its request handlers see it. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct App {
    /// Rows.
    pub store: Store,
    /// The canonical address: every absolute URL is built from it.
    pub site: Arc<Site>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub dice: Arc<dyn Dice>,
    /// The device CA and SCEP registration authority.
    pub authority: Arc<Authority>,
    /// Who was heard of since the latest flush.
    pub seen: Seen,
    /// What the configuration says about pages and sessions.
    pub config: Arc<WebConfig>,
    /// What the daemon does for a page or a program and this room may not.
    pub hooks: Hooks,
    /// What pages remember between requests.
    pub(super) memory: Arc<Memory>,
}

/// What pages remember between requests, in memory alone: a restart forgets it and nobody is worse off.
pub(super) struct Memory {
    /// Devices in short, for lists and counts.
    pub(super) fleet: Fleet,
    /// Failed sign-ins.
    pub(super) throttle: Throttle,
    /// Turns at hashing passwords.
    pub(super) hashing: Hashing,
    /// What the latest action of a session did, until its next page.
    pub(super) toasts: Toasts,
    /// The latest test of the way to Apple, with its time.
    pub(super) push_test: Mutex<Option<(Time, Vec<Check>)>>,
}

impl Memory {
    fn new(config: &WebConfig) -> Arc<Self> {
        Arc::new(Self {
            fleet: Fleet::default(),
            throttle: Throttle::default(),
            hashing: Hashing::new(config.hashes_at_once, config.hashes_waiting),
            toasts: Toasts::default(),
            push_test: Mutex::new(None),
        })
    }
}

impl App {
    /// An app with the usual configuration and with hooks that say that nobody is behind them.
    pub fn new(
        store: Store,
        site: Site,
        clock: Arc<dyn Clock>,
        dice: Arc<dyn Dice>,
        authority: Arc<Authority>,
    ) -> Self {
        let config = WebConfig::default();
        Self {
            store,
            site: Arc::new(site),
            clock,
            dice,
            authority,
            seen: Seen::default(),
            memory: Memory::new(&config),
            config: Arc::new(config),
            hooks: Hooks::default(),
        }
    }

    /// The same with this configuration.
    pub fn with_config(mut self, config: WebConfig) -> Self {
        self.memory = Memory::new(&config);
        self.config = Arc::new(config);
        self
    }

    /// The same with these hooks.
    pub fn with_hooks(mut self, hooks: Hooks) -> Self {
        self.hooks = hooks;
        self
    }

    /// The same with a last-seen map that workers flush.
    pub fn with_seen(mut self, seen: Seen) -> Self {
        self.seen = seen;
        self
    }
}

/// What the configuration says about pages, sessions and the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebConfig {
    /// This is `pomona demo`: no HSTS (the address is a throw-away one) and a note on the sign-in page.
    pub demo: bool,
    /// How to sign in to a demo, shown on its sign-in page: name and password. None on a real server.
    pub demo_sign_in: Option<(String, String)>,
    /// Further host names that are answered beside the canonical one, as in `localhost`. Addresses that we print
    /// are always canonical.
    pub other_hosts: Vec<String>,
    /// Our own certificate authority signed the TLS certificate: people must trust it first.
    pub private_tls: bool,
    /// A browser session ends after this many seconds without a request.
    pub session_idle_secs: i64,
    /// A browser session ends this many seconds after sign-in, whatever happens.
    pub session_max_secs: i64,
    /// Sessions of one account; the oldest makes room.
    pub sessions_per_account: usize,
    /// Largest `.mobileconfig` that can be imported, in bytes.
    pub import_max: usize,
    /// Largest other body, in bytes.
    pub body_max: usize,
    /// Password hashes computed at once. Each takes 19 MiB and about 30 ms of a processor.
    pub hashes_at_once: usize,
    /// Sign-ins that may wait for a hash; more are answered 503.
    pub hashes_waiting: usize,
    /// Folder of the log files, shown to whoever may change their level.
    pub log_folder: String,
    /// Version of the program, for the foot of pages and for `version`.
    pub version: String,
    /// How devices are served.
    pub devices: crate::web::device::DeviceConfig,
}

impl Default for WebConfig {
    fn default() -> Self {
        Self {
            demo: false,
            demo_sign_in: None,
            other_hosts: Vec::new(),
            private_tls: true,
            session_idle_secs: 15 * 60,
            session_max_secs: 12 * 3600,
            sessions_per_account: 5,
            import_max: 10 << 20,
            body_max: 1 << 20,
            hashes_at_once: 2,
            hashes_waiting: 32,
            log_folder: String::new(),
            version: env!("CARGO_PKG_VERSION").into(),
            devices: crate::web::device::DeviceConfig::default(),
        }
    }
}

impl WebConfig {
    /// How long sessions live.
    pub fn sessions(&self) -> Span {
        Span {
            idle_secs: self.session_idle_secs,
            max_secs: self.session_max_secs,
            per_account: self.sessions_per_account,
        }
    }
}

/// A future without a name.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Takes a level and for how many seconds; gives what was set, or says to people why not.
pub type SetLogLevel = dyn Fn(&str, Option<u64>) -> Result<LogLevel, String> + Send + Sync;

/// What the daemon does for a page or a program and this room may not: talk to Apple, turn the logs up.
#[derive(Clone)]
pub struct Hooks {
    /// Tries the way to Apple's push service and says what it found.
    pub push_test: Arc<dyn Fn() -> BoxFuture<Vec<Check>> + Send + Sync>,
    /// Called after another push certificate was stored: take it up without a restart.
    pub push_changed: Arc<dyn Fn() + Send + Sync>,
    /// The level of the logs now.
    pub log_level: Arc<dyn Fn() -> LogLevel + Send + Sync>,
    /// Sets the level of the logs, for so many seconds if told; the error is for people.
    pub set_log_level: Arc<SetLogLevel>,
    /// What only the daemon can look at for `doctor`: ports, disk, certificate files.
    pub checks: Arc<dyn Fn() -> BoxFuture<Vec<Check>> + Send + Sync>,
}

impl Default for Hooks {
    fn default() -> Self {
        Self {
            push_test: Arc::new(|| Box::pin(async { Vec::new() })),
            push_changed: Arc::new(|| {}),
            log_level: Arc::new(|| LogLevel { level: "info".into(), ..LogLevel::default() }),
            set_log_level: Arc::new(|_, _| Err("The logs of this server cannot be changed.".into())),
            checks: Arc::new(|| Box::pin(async { Vec::new() })),
        }
    }
}

/// Address of the other side of the connection, put into each request's extensions by the listener. Never read
/// from a header: those are the other side's own words (rule W9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

impl Default for Peer {
    /// The address of a request that came from no network: the unix socket, and tests.
    fn default() -> Self {
        Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

/// Id of a request, put into its extensions by the outermost layer; in the header `X-Request-Id`, on error pages
/// and as `req=` in the logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);
