//! The TLS certificate of the server: from the configured files, or from our own authority.

use std::path::Path;
use std::sync::Arc;

use super::config::Config;
use super::run::StartError;
use crate::actions::authority::Authority;
use crate::actions::server;
use crate::model::edge::{Clock, Dice};
use crate::store::Store;
use crate::web::tls::Shown;
use crate::wire::key::PrivateKey;
use crate::wire::x509::{Cert, certs_from_pem};

/// Where the certificate comes from, and where it is shown.
pub struct Certificate {
    /// What every handshake gets.
    pub shown: Shown,
    source: Source,
}

enum Source {
    Files(Box<Config>),
    Own {
        store: Store,
        authority: Arc<Authority>,
        hosts: Vec<String>,
        clock: Arc<dyn Clock>,
        dice: Arc<dyn Dice>,
    },
}

/// Names a certificate of ours bears: the canonical one first.
pub fn hosts(config: &Config) -> Vec<String> {
    let mut hosts = vec![config.host.clone()];
    for name in &config.names {
        if !hosts.contains(name) {
            hosts.push(name.clone());
        }
    }
    hosts
}

/// Reads a chain and its key from two PEM files.
pub fn read(certificate: &Path, key: &Path) -> Result<(Vec<Cert>, PrivateKey), String> {
    let text = |path: &Path| std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()));
    let chain = certs_from_pem(&text(certificate)?).map_err(|e| format!("{}: {e}", certificate.display()))?;
    if chain.is_empty() {
        return Err(format!("{} holds no certificate", certificate.display()));
    }
    let key_text = text(key)?;
    let parsed = PrivateKey::from_pem(&key_text).map_err(|e| format!("{}: {e}", key.display()))?;
    Ok((chain, parsed))
}

impl Certificate {
    /// Loads the configured files, or takes (and at need makes) our own certificate. Blocks.
    pub fn load(
        config: &Config,
        store: &Store,
        authority: &Arc<Authority>,
        clock: &Arc<dyn Clock>,
        dice: &Arc<dyn Dice>,
    ) -> Result<Self, StartError> {
        if let Some((certificate, key)) = &config.tls {
            let (chain, key) = read(certificate, key).map_err(StartError::Config)?;
            let shown = Shown::new(&chain, &key).map_err(|e| StartError::Config(e.to_string()))?;
            warn_about(&chain, config, clock.now().secs());
            return Ok(Self { shown, source: Source::Files(Box::new(config.clone())) });
        }
        let hosts = hosts(config);
        let (chain, key) = server::tls_identity(store, authority, &hosts, &**dice, clock.now())
            .map_err(|e| StartError::Failure(e.to_string()))?;
        let shown = Shown::new(&chain, &key).map_err(|e| StartError::Failure(e.to_string()))?;
        let source = Source::Own {
            store: store.clone(),
            authority: Arc::clone(authority),
            hosts,
            clock: Arc::clone(clock),
            dice: Arc::clone(dice),
        };
        Ok(Self { shown, source })
    }

    /// Reads the files again, or renews our own certificate when its end is near. A certificate that cannot be
    /// used changes nothing: the present one stays. Blocks.
    pub fn refresh(&self) {
        let fresh = match &self.source {
            Source::Files(config) => {
                let Some((certificate, key)) = &config.tls else { return };
                read(certificate, key)
            }
            Source::Own { store, authority, hosts, clock, dice } => {
                server::tls_identity(store, authority, hosts, &**dice, clock.now()).map_err(|e| e.to_string())
            }
        };
        let (chain, key) = match fresh {
            Ok(fresh) => fresh,
            Err(why) => {
                tracing::error!("the TLS certificate stays as it is: {why}");
                return;
            }
        };
        if chain.first().is_some_and(|leaf| leaf.der() == self.shown.leaf_der()) {
            return;
        }
        match self.shown.replace(&chain, &key) {
            Ok(()) => {
                let until = chain.first().map(Cert::not_after).unwrap_or_default();
                tracing::info!("another TLS certificate is shown from now on, good until {}", day(until));
                if let Source::Files(config) = &self.source {
                    warn_about(&chain, config, 0);
                }
            }
            Err(why) => tracing::error!("the TLS certificate stays as it is: {why}"),
        }
    }
}

fn day(secs: i64) -> String {
    crate::model::Time::from_secs(secs).rfc3339().chars().take(10).collect()
}

fn warn_about(chain: &[Cert], config: &Config, now: i64) {
    let Some(leaf) = chain.first() else { return };
    if leaf.not_after() < now {
        tracing::warn!("the TLS certificate ended on {}: devices will not connect", day(leaf.not_after()));
    }
    let named = leaf.hosts();
    if !named.iter().any(|name| covers(name, &config.host)) {
        tracing::warn!(
            "the TLS certificate is for {}, not for {}: devices will not connect",
            named.join(", "),
            config.host
        );
    }
}

/// Whether a name of a certificate is this host, or a wildcard for its last label but the first (RFC 9525, 6.3).
pub fn covers(name: &str, host: &str) -> bool {
    name.eq_ignore_ascii_case(host)
        || name.strip_prefix("*.").is_some_and(|parent| {
            host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
        })
}
