//! Gives devices new identity certificates before theirs end: they do not do it by themselves.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Context, REST_AFTER_FAILURE, pause, until_due};
use crate::actions::authority::Authority;
use crate::actions::{Failure, enrollments, renewal};
use crate::model::Time;
use crate::model::due::{Due, Work};
use crate::rules::renewal::Step;
use crate::store::{self, Broken};

/// Devices in one round.
const PAGE: usize = 32;
/// Rest between two rounds. After a long stop of the server many are due at once, and each makes a key, two
/// signatures of ours and an enrollment of its own: ten thousand then take five hours.
const REST: Duration = Duration::from_secs(60);
/// Wait after a refusal, in seconds: without a push certificate, say, there is no profile to send.
const REFUSED_SECS: i64 = 86_400;
/// Devices looked at in one step of [`plan_missing`].
const STEP: usize = 256;

/// How the profiles are made.
#[derive(Clone)]
pub struct Issuer {
    /// Who issues the certificates.
    pub authority: Arc<Authority>,
    /// Whether enrollment profiles are signed.
    pub sign: bool,
}

/// Runs until `stop`.
pub async fn run(ctx: Context, issuer: Issuer, stop: CancellationToken) {
    while let Err(broken) = plan_missing(&ctx).await {
        tracing::error!("the renewal of identities was not planned: {broken}");
        if !pause(REST_AFTER_FAILURE, &stop).await {
            return;
        }
    }
    while until_due(&ctx, Work::Renew, &stop).await {
        let rest = match round(&ctx, &issuer).await {
            Ok(_) => REST,
            Err(failure) => {
                tracing::error!(code = failure.code(), "identities were not renewed: {failure}");
                REST_AFTER_FAILURE
            }
        };
        if !pause(rest, &stop).await {
            return;
        }
    }
}

/// Plans for devices that have no plan: they enrolled before there were any.
pub async fn plan_missing(ctx: &Context) -> Result<(), Broken> {
    let mut after = None;
    loop {
        let (found, next) = renewal::unplanned(&ctx.store.read()?, after.as_ref(), STEP)?;
        if !found.is_empty() {
            let now = ctx.clock.now();
            ctx.store.write(move |w| renewal::plan_all(w, &found, now)).await?;
        }
        match next {
            Some(last) => after = Some(last),
            None => return Ok(()),
        }
    }
}

/// One page of due devices. Says how many it was.
pub async fn round(ctx: &Context, issuer: &Issuer) -> Result<usize, Failure> {
    let now = ctx.clock.now();
    let ready = store::dues::ready(&ctx.store.read()?, Work::Renew, now, PAGE)?;
    let found = ready.len();
    for due in ready {
        match one(ctx, issuer, &due, now).await {
            Err(Failure::Refused(refusal)) => {
                tracing::warn!(target: "enroll", dev = %due.enrollment, code = refusal.code, "not renewed: {refusal}");
                let again = now.plus_secs(REFUSED_SECS);
                ctx.store.write(move |w| store::dues::later(w, &due, again)).await?;
            }
            other => other?,
        }
    }
    Ok(found)
}

async fn one(ctx: &Context, issuer: &Issuer, due: &Due, now: Time) -> Result<(), Failure> {
    let id = due.enrollment.clone();
    let seen = ctx.seen.get(&id);
    let step = renewal::look(&ctx.store.read()?, &id, seen, now)?;
    let due = due.clone();
    if step != Step::Send {
        return Ok(ctx.store.write(move |w| renewal::put_off(w, &due, step)).await?);
    }
    let (at, issuer) = (ctx.clone(), issuer.clone());
    let made = tokio::task::spawn_blocking(move || {
        let view = at.store.read()?;
        let authority = issuer.authority.as_ref();
        let prepared = enrollments::prepare_renewal(&view, &id, &at.site, authority, at.dice.as_ref(), now)?;
        let file = if issuer.sign { prepared.signed(authority, now) } else { prepared.profile.clone() };
        Ok::<_, Failure>((prepared, file))
    });
    let (prepared, file) = made.await.map_err(|e| Broken(format!("a profile was not made: {e}")))??;
    let dice = ctx.dice.clone();
    let id = due.enrollment.clone();
    ctx.store.write(move |w| renewal::send(w, &due, &prepared, file, seen, dice.as_ref(), now)).await?;
    tracing::info!(target: "enroll", dev = %id, "sent a new identity");
    Ok(())
}
