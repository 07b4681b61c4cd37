//! Loops that empty due rows: what must reach the outside is a row, written in the transaction of its cause.
//!
//! A worker reads what is due, does it, and records the outcome; a crash anywhere means that it is done again, so
//! each step is idempotent.

pub mod flush;
pub mod push;
pub mod reconcile;
pub mod release;
pub mod renew;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::apple::PushTransport;
use crate::model::Time;
use crate::model::due::Work;
use crate::model::edge::{Clock, Dice};
use crate::model::seen::Seen;
use crate::model::site::Site;
use crate::store::{Broken, Store};

/// What every worker is given. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The store.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub dice: Arc<dyn Dice>,
    /// Where this server lives.
    pub site: Arc<Site>,
    /// The way to Apple's push service.
    pub push: Arc<dyn PushTransport>,
    /// Who was heard of since the latest flush.
    pub seen: Seen,
}

/// Longest sleep: a clock that was set forward is noticed within it.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// Rest after a failure of the store, which reopens by itself.
pub(super) const REST_AFTER_FAILURE: Duration = Duration::from_secs(2);
/// Commits come by the thousand a second; looking at the due rows this often is enough.
pub(super) const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(20);

/// Waits until work of this kind may be due: its time has come, or something was committed that may have raised
/// it. False when it is time to stop.
pub async fn until_due(ctx: &Context, work: Work, stop: &CancellationToken) -> bool {
    let mut commits = ctx.store.watch();
    loop {
        commits.borrow_and_update();
        let wait = match next_at(ctx, work) {
            Ok(Some(at)) => {
                let ms = at.since_ms(ctx.clock.now());
                if ms <= 0 {
                    return !stop.is_cancelled();
                }
                Duration::from_millis(ms.unsigned_abs()).min(LONGEST_SLEEP)
            }
            Ok(None) => LONGEST_SLEEP,
            Err(broken) => {
                tracing::warn!(work = work.as_str(), "{broken}");
                REST_AFTER_FAILURE
            }
        };
        tokio::select! {
            () = stop.cancelled() => return false,
            () = tokio::time::sleep(wait) => {}
            changed = commits.changed() => {
                // A closed store ends the server; until then its loops only rest.
                let rest = if changed.is_ok() { LOOK_AT_MOST_EVERY } else { REST_AFTER_FAILURE };
                if !pause(rest, stop).await {
                    return false;
                }
            }
        }
    }
}

fn next_at(ctx: &Context, work: Work) -> Result<Option<Time>, Broken> {
    crate::store::dues::next_at(&ctx.store.read()?, work)
}

/// Sleeps, unless it is time to stop. False then.
pub async fn pause(time: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(time) => true,
    }
}
