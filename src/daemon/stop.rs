//! Signals: when to stop, and what else they ask.

use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::certificate::Certificate;
use super::logs::{Level, Levels, level};
use crate::model::edge::Clock;

/// The signals a server listens to.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    louder: Signal,
    quieter: Signal,
}

impl Signals {
    /// Begins to listen. Before this, a signal ends the process at once, so call it early.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            louder: signal(SignalKind::user_defined1())?,
            quieter: signal(SignalKind::user_defined2())?,
        })
    }

    /// Obeys until it is time to stop: SIGTERM or SIGINT, or `stop`. SIGHUP reads the certificate files again,
    /// SIGUSR1 raises the level of the logs for half an hour, SIGUSR2 ends that.
    pub async fn obey(
        &mut self,
        stop: &CancellationToken,
        certificate: &Arc<Certificate>,
        levels: Option<&Levels>,
        clock: &dyn Clock,
    ) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => {
                    let certificate = Arc::clone(certificate);
                    tokio::task::spawn_blocking(move || certificate.refresh());
                }
                _ = self.louder.recv() => {
                    if let Some(levels) = levels
                        && let Err(error) = levels.raise(Level::Debug, None, level::USUAL, clock.now())
                    {
                        tracing::warn!(%error, "the level of the logs stays as it is");
                    }
                }
                _ = self.quieter.recv() => {
                    if let Some(levels) = levels {
                        levels.reset();
                    }
                }
            }
        }
    }
}
