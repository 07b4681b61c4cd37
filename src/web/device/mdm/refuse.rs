//! What becomes of a message that is not accepted.

use crate::actions::{Failure, Refusal, identity};
use crate::model::Time;
use crate::model::enrollment::EnrollmentId;
use crate::store;
use crate::web::app::App;
use crate::web::device::reply::{DeviceReply, Trace};
use crate::wire::x509::Cert;

/// Takes over a certificate from a former server while the administrator allows it. Says whether it did.
pub(super) async fn adopts<T>(
    app: &App,
    step: &Result<T, Failure>,
    signer: &Cert,
    id: &EnrollmentId,
    now: Time,
) -> bool {
    let unknown = matches!(step, Err(Failure::Refused(r)) if r.code == "identity.unknown");
    if !unknown || !signer.is_issued_by(&app.authority.ca) {
        return false;
    }
    let (signer, device) = (signer.clone(), id.device());
    app.store.write(move |w| identity::adopt(w, &signer, &device, now)).await.is_ok()
}

pub(super) async fn refuse(
    app: &App,
    trace: &mut Trace,
    failure: Failure,
    signer: &Cert,
    id: &EnrollmentId,
    now: Time,
) -> DeviceReply {
    if let Failure::Refused(refusal) = &failure
        && identity::is_alarming(refusal)
        && let Err(failure) = raise_alarm(app, refusal.clone(), signer, id, now).await
    {
        tracing::error!(target: "mdm", code = failure.code(), "an alert was not recorded: {failure}");
    }
    settle(app, trace, failure)
}

async fn raise_alarm(
    app: &App,
    refusal: Refusal,
    signer: &Cert,
    id: &EnrollmentId,
    now: Time,
) -> Result<(), Failure> {
    let fingerprint = signer.fingerprint();
    if !identity::wants_alarm(&app.store.read()?, &fingerprint, id, now)? {
        return Ok(());
    }
    let id = id.clone();
    app.store.write(move |w| identity::alarm(w, &fingerprint, &id, &refusal, now)).await
}

pub(super) fn settle(app: &App, trace: &mut Trace, failure: Failure) -> DeviceReply {
    match failure {
        Failure::Refused(refusal) => {
            trace.refuse(&refusal);
            if refusal.code == "enrollment.checked_out" && dismisses(app) {
                return DeviceReply::Unrecognized;
            }
            DeviceReply::BadRequest
        }
        Failure::Broken(broken) => {
            trace.refused = Some(("store.broken", broken.to_string()));
            DeviceReply::Failed
        }
    }
}

fn dismisses(app: &App) -> bool {
    let settings = app.store.read().and_then(|view| store::settings::get(&view));
    settings.ok().flatten().is_some_and(|s| s.policy.dismiss_checked_out)
}
