//! Apple's services, as a client.
//!
//! An answer of Apple is either good or an [`Error`] that says whose matter it is and when a retry makes sense;
//! nobody above compares status codes or reason texts.

pub mod apns;
mod push_switch;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::model::Time;
use crate::wire::Secret;

pub use push_switch::PushSwitch;

/// A future that can be kept in a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One ring at one channel's door. It carries no command: the device connects and asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// `apns-topic`: the topic the channel named in its TokenUpdate.
    pub topic: String,
    /// The channel's token as raw bytes, of any length.
    pub token: Secret,
    /// The channel's PushMagic.
    pub magic: Secret,
    /// `apns-expiration`, seconds since 1970: until then APNs keeps the push for a device that is away. 0 means
    /// it is not kept at all. APNs clamps at about 30 days (Apple, *Sending notification requests to APNs*).
    pub expiration_secs: u64,
}

/// APNs took the push. That says nothing about the device being awake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// `apns-id`, by which Apple's support finds the push.
    pub apns_id: Option<String>,
}

/// Whose matter a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// This one channel: its token is dead, or was rung too often.
    Channel,
    /// Our push certificate: missing, expired, revoked, or for another topic.
    Certificate,
    /// A request that we should never have made.
    Ours,
    /// Apple's service has a bad moment.
    Apple,
    /// The way to Apple: names, routes, firewalls, time limits.
    Network,
}

/// When to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Only after the channel's next TokenUpdate. The moment is Apple's: since then the token is known to be
    /// dead, and a TokenUpdate later than that has already replaced it.
    NewToken {
        /// `timestamp` of a 410.
        dead_since: Option<Time>,
    },
    /// Only after another push certificate was imported, or seldom, in case Apple's view of it changes.
    NewCertificate,
    /// Later, and not before `after` if Apple named a time.
    Later {
        /// `Retry-After`.
        after: Option<Duration>,
    },
    /// Never: the same request would fail again.
    Never,
}

/// Why Apple did not do what we asked, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct Error {
    /// Whose matter it is.
    pub whose: Whose,
    /// When to try again.
    pub retry: Retry,
    /// What happened, for people. Holds no token, no magic and no key.
    pub said: String,
    /// HTTP status, if there was an answer at all.
    pub status: Option<u16>,
}

impl Error {
    /// A failure before any answer.
    pub(crate) fn network(said: impl Into<String>) -> Self {
        Self { whose: Whose::Network, retry: Retry::Later { after: None }, said: said.into(), status: None }
    }

    /// A failure of our push certificate before any answer.
    pub(crate) fn certificate(said: impl Into<String>) -> Self {
        Self { whose: Whose::Certificate, retry: Retry::NewCertificate, said: said.into(), status: None }
    }

    /// Whether Apple says that this token is gone.
    pub fn is_dead_token(&self) -> bool {
        matches!(self.retry, Retry::NewToken { .. })
    }
}

/// A way to ring devices.
pub trait PushTransport: Send + Sync {
    /// Sends one push and waits for Apple's answer, at most about half a minute.
    fn push(&self, push: Push) -> BoxFuture<'_, Result<Accepted, Error>>;

    /// Grows whenever the push certificate was replaced: then what Apple said of the former one no longer counts.
    fn generation(&self) -> u64 {
        0
    }
}
