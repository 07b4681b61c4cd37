//! Lets devices out of Setup Assistant when a command they were to answer first never was answered.

use tokio_util::sync::CancellationToken;

use super::{Context, REST_AFTER_FAILURE, pause, until_due};
use crate::actions::{self, Failure};
use crate::model::due::Work;
use crate::store;

/// Devices looked at in one round.
const PAGE: usize = 64;

/// Runs until `stop`.
pub async fn run(ctx: Context, stop: CancellationToken) {
    while until_due(&ctx, Work::Release, &stop).await {
        if let Err(failure) = round(&ctx).await {
            tracing::error!(code = failure.code(), "devices were not released: {failure}");
            if !pause(REST_AFTER_FAILURE, &stop).await {
                return;
            }
        }
    }
}

/// One page of overdue devices. Says how many it was.
pub async fn round(ctx: &Context) -> Result<usize, Failure> {
    let now = ctx.clock.now();
    let ready = store::dues::ready(&ctx.store.read()?, Work::Release, now, PAGE)?;
    let found = ready.len();
    for due in ready {
        let dice = ctx.dice.clone();
        ctx.store.write(move |w| actions::setup::overdue(w, &due, dice.as_ref(), now)).await?;
    }
    Ok(found)
}
