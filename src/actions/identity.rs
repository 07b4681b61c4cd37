//! Who speaks: the certificate that signed a message against the device it claims to be, at every message.

use crate::model::Time;
use crate::model::certificate::{Certificate, Fingerprint, Purpose};
use crate::model::enrollment::{Enrollment, EnrollmentId};
use crate::rules::issue::{self, Standing};
use crate::rules::{Refusal, issue::may_speak};
use crate::store::{self, Broken, View, Write};
use crate::wire::x509::Cert;

use super::{DEVICE, Failure, Tone, note, renewal};

/// Alerts about one device within [`ALERT_WINDOW_SECS`]: whoever misuses a certificate must not fill the list.
const ALERTS_PER_WINDOW: usize = 4;
/// Window of [`ALERTS_PER_WINDOW`], in seconds.
const ALERT_WINDOW_SECS: i64 = 3600;

/// Whether the certificate may speak for this device channel now; see [`issue::may_speak`].
pub fn standing(
    view: &impl View,
    fingerprint: &Fingerprint,
    device: &EnrollmentId,
    now: Time,
) -> Result<Standing, Failure> {
    let enrollment = store::enrollments::get(view, device)?;
    standing_in(view, fingerprint, device, enrollment.as_ref(), now)
}

/// [`standing`] where the enrollment of the device channel was read already.
pub(super) fn standing_in(
    view: &impl View,
    fingerprint: &Fingerprint,
    device: &EnrollmentId,
    enrollment: Option<&Enrollment>,
    now: Time,
) -> Result<Standing, Failure> {
    let certificate = store::certificates::get(view, fingerprint)?;
    Ok(may_speak(certificate.as_ref(), device, enrollment, now)?)
}

/// Whether a refusal means that somebody speaks for a device that is not theirs.
pub fn is_alarming(refusal: &Refusal) -> bool {
    matches!(
        refusal.code,
        "identity.other"
            | "identity.superseded"
            | "identity.serial"
            | "identity.machine"
            | "identity.renewal"
            | "identity.account"
            | "identity.phase1"
            | "identity.held"
    )
}

/// Records that `fingerprint` was refused when it spoke as `claimed`: at the device it claimed to be, and at the
/// one it belongs to, for that one may have been cloned.
pub fn alarm(
    w: &mut Write,
    fingerprint: &Fingerprint,
    claimed: &EnrollmentId,
    refusal: &Refusal,
    now: Time,
) -> Result<(), Failure> {
    let claimed = claimed.device();
    let owner = store::certificates::get(w, fingerprint)?.and_then(|c| c.enrollment);
    if store::enrollments::get(w, &claimed)?.is_some() && !has_enough_alerts(w, &claimed, now)? {
        let text = match &owner {
            Some(owner) if owner != &claimed => {
                format!("A device with the certificate of {owner} spoke as this one and was refused.")
            }
            _ => format!("Somebody spoke as this device and was refused: {}", refusal.said),
        };
        note(w, DEVICE, "alert", text, &claimed, Tone::Alert, now)?;
    }
    if let Some(owner) = owner
        && owner != claimed
        && !has_enough_alerts(w, &owner, now)?
    {
        let text = format!(
            "Its certificate was used by a device that claims to be {claimed}. \
             The certificate may have been cloned: enroll this device again."
        );
        note(w, DEVICE, "alert", text, &owner, Tone::Alert, now)?;
    }
    Ok(())
}

/// Whether another alert would change anything; asked of a snapshot first, so that misuse costs no writes.
pub fn wants_alarm(
    view: &impl View,
    fingerprint: &Fingerprint,
    claimed: &EnrollmentId,
    now: Time,
) -> Result<bool, Broken> {
    let claimed = claimed.device();
    if store::enrollments::get(view, &claimed)?.is_some() && !has_enough_alerts(view, &claimed, now)? {
        return Ok(true);
    }
    match store::certificates::get(view, fingerprint)?.and_then(|c| c.enrollment) {
        Some(owner) if owner != claimed => Ok(!has_enough_alerts(view, &owner, now)?),
        _ => Ok(false),
    }
}

fn has_enough_alerts(view: &impl View, device: &EnrollmentId, now: Time) -> Result<bool, Broken> {
    let recent = store::activities::of_device(view, device, None, 4 * ALERTS_PER_WINDOW)?;
    let window = |at: Time| now.since_ms(at) < ALERT_WINDOW_SECS * 1000;
    Ok(recent.iter().filter(|a| a.alert && window(a.at)).count() >= ALERTS_PER_WINDOW)
}

/// Binds a certificate of our CA that has no row to an enrollment that has no certificate: both came from another
/// server, and the administrator allowed it for the migration. The caller has checked that our CA signed it.
pub fn adopt(w: &mut Write, cert: &Cert, device: &EnrollmentId, now: Time) -> Result<(), Failure> {
    let allowed = store::settings::get(w)?.is_some_and(|s| s.policy.adopt_unbound);
    let unknown = store::certificates::get(w, &cert.fingerprint())?.is_none();
    let enrollment = store::enrollments::get(w, device)?.filter(|e| e.certificate.is_none());
    let (true, true, Some(mut enrollment)) = (allowed, unknown, enrollment) else {
        return Err(
            Refusal::forbidden("identity.unknown", "The certificate was not issued by this server.").into()
        );
    };
    enrollment.certificate = Some(cert.fingerprint());
    store::enrollments::put(w, &enrollment)?;
    let certificate = Certificate {
        fingerprint: cert.fingerprint(),
        der: cert.der().to_vec(),
        purpose: Purpose::Renewal { enrollment: device.clone() },
        challenge: [0; 32],
        issued: Time::from_secs(cert.not_before()).plus_secs(issue::BACKDATE_SECS),
        not_after: Time::from_secs(cert.not_after()),
        enrollment: Some(device.clone()),
        revoked: None,
    };
    store::certificates::put(w, &certificate)?;
    renewal::plan(w, device, enrollment.kind, certificate.not_after, now)?;
    let text = "Took over the certificate it had on the former server.".to_owned();
    Ok(note(w, DEVICE, "enrolled", text, device, Tone::Plain, now)?)
}
