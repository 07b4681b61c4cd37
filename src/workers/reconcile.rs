//! Brings each device nearer to what it should have, a bounded number of devices a transaction.

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Context, REST_AFTER_FAILURE, pause, until_due};
use crate::actions::Failure;
use crate::actions::reconcile::{Library, device_with};
use crate::model::Time;
use crate::model::due::{Due, Work};
use crate::model::edge::Dice;
use crate::store::{self, Broken, Write};

/// Devices looked at in one round.
const PAGE: usize = 256;
/// Devices in one transaction: a profile for everybody must not make check-ins wait.
const PER_JOB: usize = 16;

/// Runs until `stop`.
pub async fn run(ctx: Context, stop: CancellationToken) {
    while until_due(&ctx, Work::Reconcile, &stop).await {
        if let Err(failure) = round(&ctx).await {
            tracing::error!(code = failure.code(), "devices were not reconciled: {failure}");
            if !pause(REST_AFTER_FAILURE, &stop).await {
                return;
            }
        }
    }
}

/// One page of due devices. Says how many it was.
pub async fn round(ctx: &Context) -> Result<usize, Failure> {
    let now = ctx.clock.now();
    let ready = store::dues::ready(&ctx.store.read()?, Work::Reconcile, now, PAGE)?;
    let found = ready.len();
    // All at once, so that they share a durable commit; each job is short, and others come between.
    let mut jobs = JoinSet::new();
    for part in ready.chunks(PER_JOB) {
        let (part, dice, store) = (part.to_vec(), ctx.dice.clone(), ctx.store.clone());
        jobs.spawn(async move { store.write(move |w| bring_nearer(w, &part, dice.as_ref(), now)).await });
    }
    while let Some(done) = jobs.join_next().await {
        done.map_err(|e| Broken(format!("reconciling: {e}")))??;
    }
    Ok(found)
}

/// One transaction's share.
fn bring_nearer(w: &mut Write, part: &[Due], dice: &dyn Dice, now: Time) -> Result<(), Failure> {
    let library = Library::load(w)?;
    for due in part {
        device_with(w, &library, &due.enrollment, dice, now)?;
        store::dues::done(w, due)?;
    }
    Ok(())
}
