//! Who can be rung, what was rung, and what is answered.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::wire::Secret;

/// Rings that are remembered.
const JOURNAL: usize = 20_000;

/// One answer of the pretend APNs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 200, and the device is rung.
    Take,
    /// A refusal with its reason.
    Refuse {
        /// HTTP status.
        status: u16,
        /// `reason`.
        reason: String,
        /// `timestamp`, milliseconds since 1970.
        timestamp_ms: Option<i64>,
        /// `Retry-After`, seconds.
        retry_after: Option<u64>,
    },
    /// Nothing for so long, then 200.
    Stall(Duration),
    /// The stream is reset.
    Reset,
    /// The connection breaks off.
    Cut,
    /// 200, and the connection takes no more (GOAWAY).
    GoAway,
}

impl Answer {
    /// A refusal without more.
    pub fn refuse(status: u16, reason: &str) -> Self {
        Self::Refuse { status, reason: reason.to_owned(), timestamp_ms: None, retry_after: None }
    }
}

/// One push as it came in.
#[derive(Debug, Clone)]
pub struct Rung {
    /// When.
    pub at: Instant,
    /// Path of the request.
    pub path: String,
    /// All headers, names in lowercase.
    pub headers: Vec<(String, String)>,
    /// Body, byte for byte.
    pub body: Vec<u8>,
    /// Which connection it came over, counted from 1.
    pub connection: u64,
    /// SHA-256 of the client's certificate.
    pub certificate: [u8; 32],
    /// Status that was answered; 0 if none was.
    pub status: u16,
}

impl Rung {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The token in the path.
    pub fn token(&self) -> Vec<u8> {
        hex::decode(self.path.rsplit('/').next().unwrap_or_default()).unwrap_or_default()
    }
}

struct Bell {
    magic: Secret,
    ring: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct Inner {
    bells: HashMap<Vec<u8>, Bell>,
    /// Tokens that were good once, and when they ceased to be, in milliseconds since 1970.
    gone: HashMap<Vec<u8>, i64>,
    next: VecDeque<Answer>,
    standing: Option<Answer>,
    by_token: HashMap<Vec<u8>, Answer>,
    journal: VecDeque<Rung>,
    connections: u64,
}

/// The doorbells of one pretend APNs. Clones are the same.
#[derive(Clone, Default)]
pub struct Doorbells(Arc<Mutex<Inner>>);

impl Doorbells {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on a push to this token is good, and `ring` is called if it has the right magic: a device ignores
    /// any other. `ring` must not block.
    pub fn listen(&self, token: &Secret, magic: &Secret, ring: impl Fn() + Send + Sync + 'static) {
        let bell = Bell { magic: magic.clone(), ring: Box::new(ring) };
        let mut inner = self.inner();
        inner.gone.remove(token.expose());
        inner.bells.insert(token.expose().to_vec(), bell);
    }

    /// The token ceases to be good: pushes to it get 410 from now on. `now_ms`: milliseconds since 1970.
    pub fn gone(&self, token: &Secret, now_ms: i64) {
        let mut inner = self.inner();
        if inner.bells.remove(token.expose()).is_some() {
            inner.gone.insert(token.expose().to_vec(), now_ms);
        }
    }

    /// What the next pushes are answered, in this order, whoever they are for.
    pub fn answer_next(&self, answers: impl IntoIterator<Item = Answer>) {
        self.inner().next.extend(answers);
    }

    /// What all pushes are answered from now on; none: what is true.
    pub fn answer_always(&self, answer: Option<Answer>) {
        self.inner().standing = answer;
    }

    /// What pushes to one token are answered from now on; none: what is true.
    pub fn answer_token(&self, token: &Secret, answer: Option<Answer>) {
        let mut inner = self.inner();
        match answer {
            Some(answer) => inner.by_token.insert(token.expose().to_vec(), answer),
            None => inner.by_token.remove(token.expose()),
        };
    }

    /// The pushes so far, oldest first; the latest 20,000.
    pub fn journal(&self) -> Vec<Rung> {
        self.inner().journal.iter().cloned().collect()
    }

    /// Connections so far that passed the TLS handshake.
    pub fn connections(&self) -> u64 {
        self.inner().connections
    }

    pub(super) fn connected(&self) -> u64 {
        let mut inner = self.inner();
        inner.connections += 1;
        inner.connections
    }

    pub(super) fn note(&self, rung: Rung) {
        let mut inner = self.inner();
        if inner.journal.len() >= JOURNAL {
            inner.journal.pop_front();
        }
        inner.journal.push_back(rung);
    }

    /// What was ordered for this push, if anything.
    pub(super) fn ordered(&self, token: &[u8]) -> Option<Answer> {
        let mut inner = self.inner();
        inner
            .next
            .pop_front()
            .or_else(|| inner.by_token.get(token).cloned())
            .or_else(|| inner.standing.clone())
    }

    /// What is true of this token.
    pub(super) fn truth(&self, token: &[u8]) -> Answer {
        let inner = self.inner();
        if inner.bells.contains_key(token) {
            return Answer::Take;
        }
        match inner.gone.get(token) {
            Some(since) => Answer::Refuse {
                status: 410,
                reason: "Unregistered".into(),
                timestamp_ms: Some(*since),
                retry_after: None,
            },
            None => Answer::refuse(400, "BadDeviceToken"),
        }
    }

    /// Rings.
    pub(super) fn ring(&self, token: &[u8], magic: &str) {
        let inner = self.inner();
        if let Some(bell) = inner.bells.get(token)
            && bell.magic.expose() == magic.as_bytes()
        {
            (bell.ring)();
        }
    }
}

impl std::fmt::Debug for Doorbells {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Doorbells {{ {} }}", self.inner().bells.len())
    }
}
