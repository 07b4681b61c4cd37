//! The push certificate can be replaced while the server runs.

use std::sync::{Arc, PoisonError, RwLock};

use super::{Accepted, BoxFuture, Error, Push, PushTransport};

/// Holds the transport of the moment, if there is a push certificate at all. Pushes under way finish with the
/// transport they began with; all later ones take the new one. Clones are the same switch.
#[derive(Clone, Default)]
pub struct PushSwitch(Arc<RwLock<Held>>);

#[derive(Default)]
struct Held {
    transport: Option<Arc<dyn PushTransport>>,
    generation: u64,
}

impl PushSwitch {
    /// A switch without any transport: each push is refused with the words that a certificate is missing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts another transport in place, or none.
    pub fn replace(&self, transport: Option<Arc<dyn PushTransport>>) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        held.transport = transport;
        held.generation += 1;
    }

    /// Whether a push could be tried.
    pub fn is_ready(&self) -> bool {
        self.current().is_some()
    }

    fn current(&self) -> Option<Arc<dyn PushTransport>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).transport.clone()
    }
}

impl PushTransport for PushSwitch {
    fn push(&self, push: Push) -> BoxFuture<'_, Result<Accepted, Error>> {
        let transport = self.current();
        Box::pin(async move {
            match transport {
                Some(transport) => transport.push(push).await,
                None => Err(Error::certificate("No push certificate has been imported yet.")),
            }
        })
    }

    fn generation(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).generation
    }
}

impl std::fmt::Debug for PushSwitch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PushSwitch {{ ready: {} }}", self.is_ready())
    }
}
