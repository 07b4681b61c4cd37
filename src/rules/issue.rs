//! What certificate goes to whom, and whom a certificate may speak for.

use crate::model::Time;
use crate::model::certificate::{Certificate, Fingerprint, Purpose};
use crate::model::enrollment::{Enrollment, EnrollmentId, Kind, State};
use crate::model::ticket::{Challenge, Ticket};
use crate::rules::Refusal;

/// How long the same key may ask again and gets the same certificate, in seconds.
pub const RETRY_SECS: i64 = 15 * 60;
/// How long the challenge of a downloaded enrollment profile can be used, in seconds.
pub const CHALLENGE_SECS: i64 = 60 * 60;
/// Validity of an identity certificate, in days. Apple refuses server certificates beyond 398; we keep to it.
pub const VALID_DAYS: i64 = 397;
/// A certificate begins this many seconds before it is made: device clocks run behind.
pub const BACKDATE_SECS: i64 = 3600;
/// A certificate this young, in seconds, may take over the enrollment of the device it belongs to.
pub const FRESH_SECS: i64 = 60 * 60;

/// What to do with a certificate request that carries a known challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issue {
    /// Make a new certificate.
    New,
    /// Send the certificate made before.
    Again(Fingerprint),
}

/// Decides on a request for a challenge that exists. `key` is the SHA-256 of the requester's public key; `ticket`
/// is the enrollment link the challenge was made from, when it was made from one. A link that was taken back or
/// is used up issues nothing, but a device that already got its certificate may fetch it again.
pub fn redeem(
    challenge: &Challenge,
    ticket: Option<&Ticket>,
    key: &[u8; 32],
    now: Time,
) -> Result<Issue, Refusal> {
    let no = |code, said: &str| Err(Refusal::forbidden(code, said));
    match &challenge.used {
        Some(used) if &used.key == key && now < used.at.plus_secs(RETRY_SECS) => {
            return Ok(Issue::Again(used.certificate));
        }
        Some(_) => return no("scep.used", "This enrollment profile was used already. Download a new one."),
        None if now >= challenge.expires => {
            return no("scep.expired", "This enrollment profile is too old. Download a new one.");
        }
        None => {}
    }
    match (&challenge.purpose, ticket) {
        (Purpose::Portal { .. }, None) => no("scep.link", "The enrollment link is gone."),
        (_, Some(ticket)) if ticket.revoked.is_some() => {
            no("scep.link", "The enrollment link was taken back.")
        }
        (_, Some(ticket)) if ticket.max_uses.is_some_and(|max| ticket.uses >= max) => {
            no("scep.link", "The enrollment link was used as often as it may be.")
        }
        _ => Ok(Issue::New),
    }
}

/// How far a certificate is listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As any.
    Full,
    /// It is past its end: only its renewal is still given, for otherwise the device would be lost.
    RenewOnly,
}

/// Whether `certificate` may speak for the device channel `device` in anything but an Authenticate. `enrollment`
/// is that channel. What is no row of ours was not issued by us: a certificate is looked up by its own hash, so
/// no foreign issuer and no forged name gets here.
pub fn may_speak(
    certificate: Option<&Certificate>,
    device: &EnrollmentId,
    enrollment: Option<&Enrollment>,
    now: Time,
) -> Result<Standing, Refusal> {
    let no = |code, said: &str| Err(Refusal::forbidden(code, said));
    let Some(certificate) = certificate else {
        return no("identity.unknown", "The certificate was not issued by this server.");
    };
    if certificate.revoked.is_some() {
        return no("identity.revoked", "The certificate was revoked.");
    }
    match &certificate.enrollment {
        None => return no("identity.unbound", "The certificate never enrolled a device."),
        Some(bound) if bound != device => {
            return no("identity.other", "The certificate belongs to another device.");
        }
        Some(_) => {}
    }
    let Some(enrollment) = enrollment else {
        return no("enrollment.unknown", "No such device is enrolled.");
    };
    // Until the first TokenUpdate settles a renewal, the device may fall back to the certificate it had.
    let current = enrollment.certificate == Some(certificate.fingerprint) || enrollment.renewed_at.is_some();
    if !current {
        return no("identity.superseded", "The device has a newer certificate.");
    }
    if enrollment.state == State::CheckedOut {
        return no("enrollment.checked_out", "The device checked out. It has to enroll again.");
    }
    Ok(if now >= certificate.not_after { Standing::RenewOnly } else { Standing::Full })
}

/// What an Authenticate claims, beside its certificate.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Kind of the enrollment id.
    pub kind: Kind,
    /// The id.
    pub id: &'a str,
    /// `UDID`, when the id is one.
    pub udid: Option<&'a str>,
    /// `SerialNumber`.
    pub serial: Option<&'a str>,
    /// Account of a known bearer token.
    pub account: Option<&'a str>,
}

/// What is known of the id that an Authenticate claims.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The enrollment.
    pub enrollment: &'a Enrollment,
    /// The serial number of the device, as it told before.
    pub serial: Option<&'a str>,
}

/// What letting an Authenticate in means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// As expected.
    Plain,
    /// It replaces an enrollment that never said goodbye: worth an alert, and nothing of the former life may pass
    /// to whoever this is.
    Takeover,
}

/// Whether `certificate` may begin an enrollment as `claim`. A resend by the certificate that is bound now is
/// let through; anything else must fit why the certificate was issued ([`fits_purpose`]).
pub fn may_authenticate(
    certificate: Option<&Certificate>,
    claim: &Claim<'_>,
    known: Option<Known<'_>>,
    now: Time,
) -> Result<Admission, Refusal> {
    let no = |code, said: &str| Err(Refusal::forbidden(code, said));
    let Some(certificate) = certificate else {
        return no("identity.unknown", "The certificate was not issued by this server.");
    };
    if certificate.revoked.is_some() {
        return no("identity.revoked", "The certificate was revoked.");
    }
    if now >= certificate.not_after {
        return no("identity.expired", "The certificate is past its end. Download a new enrollment profile.");
    }
    match &certificate.enrollment {
        Some(bound) if bound.as_str() != claim.id => {
            no("identity.other", "The certificate belongs to another device.")
        }
        Some(_) if known.is_some_and(|k| k.enrollment.certificate != Some(certificate.fingerprint)) => {
            no("identity.superseded", "The device has a newer certificate.")
        }
        // Whoever left, or was sent away, comes back with a new certificate: the old one may be in other hands.
        Some(_) if known.is_some_and(|k| k.enrollment.state == State::CheckedOut) => no(
            "identity.ended",
            "The enrollment of this certificate ended. Download a new enrollment profile.",
        ),
        Some(_) => Ok(Admission::Plain),
        None => fits_purpose(certificate, claim, known, now),
    }
}

/// The purpose table of protocol reference a.9, for a certificate that has not spoken yet.
///
/// A certificate from an enrollment link says nothing about which device holds it, and a UDID is only a claim. If
/// that UDID is enrolled, the honest case is common: somebody removed the profile without the device being able
/// to say goodbye, and enrolls again within the hour. It is let in when the serial number is the one we know,
/// with an alert, and with nothing carried over: the queue is dropped, the bootstrap token and the unlock token
/// leave the current place. Any other claim on an enrolled UDID is held until an administrator ends the old
/// enrollment; approving the certificate itself would not help, since a refused device throws it away.
fn fits_purpose(
    certificate: &Certificate,
    claim: &Claim<'_>,
    known: Option<Known<'_>>,
    now: Time,
) -> Result<Admission, Refusal> {
    let no = |code, said: &str| Err(Refusal::forbidden(code, said));
    let living = known.filter(|k| k.enrollment.state == State::Enrolled);
    match &certificate.purpose {
        Purpose::Portal { serial, .. } => {
            match (serial, claim.serial) {
                (Some(bound), Some(said)) if bound != said => {
                    return no("identity.serial", "The certificate was issued for another serial number.");
                }
                (Some(_), None) => {
                    return no("identity.serial", "The certificate needs a serial number and none was told.");
                }
                _ => {}
            }
            let Some(living) = living else { return Ok(Admission::Plain) };
            let same_serial = claim.serial.is_some() && claim.serial == living.serial;
            if same_serial && now < certificate.issued.plus_secs(FRESH_SECS) {
                Ok(Admission::Takeover)
            } else {
                no("identity.held", "This id is enrolled. End its management first, then enroll again.")
            }
        }
        Purpose::Machine { serial, udid } => {
            let fits = claim.kind == Kind::Device
                && !serial.is_empty()
                && !udid.is_empty()
                && claim.serial == Some(serial.as_str())
                && claim.udid == Some(udid.as_str());
            if fits {
                Ok(Admission::Plain)
            } else {
                no("identity.machine", "The certificate was issued for another device.")
            }
        }
        Purpose::Renewal { enrollment } => {
            if enrollment.as_str() == claim.id {
                Ok(Admission::Plain)
            } else {
                no("identity.renewal", "The certificate renews another enrollment.")
            }
        }
        Purpose::Account { account } => {
            let fits = claim.kind == Kind::UserEnrollment
                && living.is_none()
                && claim.account == Some(account.as_str());
            if fits {
                Ok(Admission::Plain)
            } else {
                no("identity.account", "The certificate was issued for another account or enrollment.")
            }
        }
        Purpose::OtaPhase1 => no("identity.phase1", "The certificate is good for the first phase only."),
    }
}
