//! Writes down who was heard of, and sweeps away challenges that nobody used.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Context, pause};
use crate::store::{self, Broken};

/// Time between two flushes: what a crash may forget of "last seen".
const EVERY: Duration = Duration::from_secs(5);
/// Moments written in one job, so that check-ins never wait long behind a flush.
const PER_JOB: usize = 500;
/// Challenges removed in one job.
const SWEEP: usize = 500;
/// Challenges are kept this long beyond their end, to tell a late device what happened; in seconds.
const KEEP_CHALLENGES_SECS: i64 = 86_400;
/// Flushes between two sweeps.
const SWEEP_EACH: u32 = 60;

/// Flushes every few seconds, and once more at the end.
pub async fn run(ctx: Context, stop: CancellationToken) {
    let mut round = 0_u32;
    loop {
        let goes_on = pause(EVERY, &stop).await;
        if let Err(broken) = flush(&ctx).await {
            tracing::warn!("last-seen times were not written: {broken}");
        }
        if !goes_on {
            return;
        }
        if round.is_multiple_of(SWEEP_EACH)
            && let Err(broken) = sweep(&ctx).await
        {
            tracing::warn!("old challenges were not removed: {broken}");
        }
        round = round.wrapping_add(1);
    }
}

/// Writes everything noted since the latest flush. What could not be written is noted again.
pub async fn flush(ctx: &Context) -> Result<(), Broken> {
    let mut noted = ctx.seen.drain();
    let mut failed = None;
    while !noted.is_empty() {
        let part = noted.split_off(noted.len().saturating_sub(PER_JOB));
        let again = part.clone();
        let written = ctx
            .store
            .write(move |w| part.iter().try_for_each(|(id, at)| store::devices::put_seen(w, id, *at)))
            .await;
        if let Err(broken) = written {
            again.iter().for_each(|(id, at)| ctx.seen.note(id, *at));
            failed = Some(broken);
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Removes challenges that ended more than a day ago.
pub async fn sweep(ctx: &Context) -> Result<(), Broken> {
    let before = ctx.clock.now().plus_secs(-KEEP_CHALLENGES_SECS);
    loop {
        let removed = ctx.store.write(move |w| store::tickets::sweep_challenges(w, before, SWEEP)).await?;
        if removed < SWEEP {
            return Ok(());
        }
    }
}
