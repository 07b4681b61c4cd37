//! The way to Apple's push service: made from the stored certificate, made anew when another is imported.

use std::sync::Arc;

use super::config::{Config, PushEndpoint};
use crate::apple::apns::{self, A2Transport, DirectTransport, Endpoint, PushIdentity};
use crate::apple::{PushSwitch, PushTransport};
use crate::model::Time;
use crate::model::settings::IdentityUse;
use crate::store::{self, Store};
use crate::wire::api::{Check, Outcome};
use crate::wire::x509::{Cert, certs_from_pem};

/// Where pushes go, with what it takes to get there.
#[derive(Clone)]
pub struct PushWay {
    /// The transport of the moment.
    pub switch: PushSwitch,
    store: Store,
    endpoint: PushEndpoint,
    roots: Arc<Vec<Cert>>,
}

impl PushWay {
    /// Ready to take up the stored certificate. Errors when the roots of a pretend service cannot be read.
    pub fn new(config: &Config, store: &Store) -> Result<Self, String> {
        let roots = match &config.push {
            PushEndpoint::Production => Vec::new(),
            PushEndpoint::Pretend { roots, .. } => {
                let text = std::fs::read_to_string(roots).map_err(|e| format!("{}: {e}", roots.display()))?;
                certs_from_pem(&text).map_err(|e| format!("{}: {e}", roots.display()))?
            }
        };
        Ok(Self {
            switch: PushSwitch::new(),
            store: store.clone(),
            endpoint: config.push.clone(),
            roots: Arc::new(roots),
        })
    }

    /// Takes up the stored certificate, or none when there is none. Blocks for a moment.
    pub fn take_up(&self) {
        match self.transport() {
            Ok(transport) => self.switch.replace(transport),
            Err(why) => {
                tracing::error!(target: "apns", "the push certificate cannot be used: {why}");
                self.switch.replace(None);
            }
        }
    }

    fn transport(&self) -> Result<Option<Arc<dyn PushTransport>>, String> {
        let view = self.store.read().map_err(|e| e.to_string())?;
        let Some(stored) = store::settings::identity(&view, IdentityUse::Push).map_err(|e| e.to_string())?
        else {
            return Ok(None);
        };
        let identity = PushIdentity::from_stored(&stored).map_err(|e| e.to_string())?;
        Ok(Some(match &self.endpoint {
            PushEndpoint::Production => Arc::new(A2Transport::new(&identity).map_err(|e| e.to_string())?),
            PushEndpoint::Pretend { host, port, .. } => {
                let endpoint = Endpoint { host: host.clone(), address: format!("{host}:{port}") };
                Arc::new(DirectTransport::new(endpoint, &self.roots, &identity).map_err(|e| e.to_string())?)
            }
        }))
    }

    /// Tries the way to the push service and says what it found.
    pub async fn test(&self, now: Time) -> Vec<Check> {
        let (stored, topic) = match self.stored() {
            Ok(found) => found,
            Err(broken) => {
                return vec![Check {
                    name: "push".into(),
                    outcome: Outcome::Fail,
                    said: broken.to_string(),
                    next: "Run `pomona doctor`.".into(),
                }];
            }
        };
        let found = apns::push_test(stored.as_ref(), topic.as_deref(), &self.switch, now).await;
        found
            .into_iter()
            .map(|check| Check {
                name: "push".into(),
                outcome: if check.ok { Outcome::Pass } else { Outcome::Fail },
                said: check.text,
                next: check.next.unwrap_or_default(),
            })
            .collect()
    }

    /// The stored certificate, and the topic an enrolled device named.
    fn stored(&self) -> Result<(Option<crate::model::settings::Identity>, Option<String>), store::Broken> {
        let view = self.store.read()?;
        let stored = store::settings::identity(&view, IdentityUse::Push)?;
        let enrolled = store::enrollments::page(&view, None, 50)?;
        for enrollment in enrolled.iter().filter(|enrollment| enrollment.is_enrolled()) {
            if let Some(info) = store::enrollments::push_info(&view, &enrollment.id)? {
                return Ok((stored, Some(info.topic)));
            }
        }
        Ok((stored, None))
    }
}
