//! The life of an enrollment: begun, completed, renewed, begun anew, ended.

use crate::model::Time;
use crate::model::certificate::{Certificate, Purpose};
use crate::model::enrollment::{Enrollment, EnrollmentId, Kind, State};

/// How long Setup Assistant waits for the first commands before it is released anyway, in seconds.
pub const HOLD_SECS: i64 = 15 * 60;

/// What an Authenticate means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// We never heard of this id.
    New,
    /// The identity certificate is being renewed: swap it and clear nothing. (Clearing here cost other servers
    /// their bootstrap tokens, and wipes then failed.)
    Renewal,
    /// The device was erased or the profile removed, and it comes again: clear what belonged to its former life.
    Anew,
}

/// Tells an Authenticate's meaning from what we know and from the certificate that signed it.
pub fn arrival(known: Option<&Enrollment>, certificate: &Certificate) -> Arrival {
    let Some(known) = known else { return Arrival::New };
    let Purpose::Renewal { enrollment } = &certificate.purpose else { return Arrival::Anew };
    let pending = known.renewal.as_ref().is_some_and(|r| r.challenge == certificate.challenge);
    // The reply to the first message of a renewal was lost, and the device says it again.
    let said_again = known.renewed_at.is_some() && known.certificate == Some(certificate.fingerprint);
    let renews = enrollment == &known.id && known.state == State::Enrolled && (pending || said_again);
    if renews { Arrival::Renewal } else { Arrival::Anew }
}

/// The enrollment after an Authenticate. A renewal keeps it enrolled.
pub fn begin(
    known: Option<Enrollment>,
    id: EnrollmentId,
    kind: Kind,
    certificate: &Certificate,
    arrival: Arrival,
    now: Time,
) -> Enrollment {
    let bound = Some(certificate.fingerprint);
    match (known, arrival) {
        (Some(known), Arrival::Renewal) => {
            Enrollment { certificate: bound, renewal: None, renewed_at: Some(now), ..known }
        }
        (known, _) => Enrollment {
            first_seen: known.map_or(now, |k| k.first_seen),
            certificate: bound,
            ..blank(id, kind, now)
        },
    }
}

/// A user channel at its first message.
pub fn begin_user(id: EnrollmentId, now: Time) -> Enrollment {
    blank(id, Kind::User, now)
}

fn blank(id: EnrollmentId, kind: Kind, now: Time) -> Enrollment {
    Enrollment {
        id,
        kind,
        state: State::Authenticated,
        tally: 0,
        first_seen: now,
        authenticated_at: now,
        enrolled_at: None,
        checked_out_at: None,
        awaiting: false,
        user_short_name: None,
        user_long_name: None,
        certificate: None,
        renewal: None,
        renewed_at: None,
    }
}

/// A user channel of a device that begins anew: it opens again with its next TokenUpdate.
pub fn close_user(user: &mut Enrollment) {
    user.state = State::Authenticated;
    user.tally = 0;
    user.enrolled_at = None;
    user.awaiting = false;
}

/// What a TokenUpdate brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completed {
    /// The enrollment was completed by this very message.
    pub first: bool,
    /// What looked like a renewal was a new enrollment after all: clear now.
    pub was_anew: bool,
}

/// Records a TokenUpdate. Setup Assistant waiting right after a "renewal" betrays a true re-enrollment.
pub fn token_update(enrollment: &mut Enrollment, awaiting: bool, now: Time) -> Completed {
    let was_anew = enrollment.renewed_at.is_some() && awaiting;
    enrollment.renewed_at = None;
    if was_anew {
        enrollment.tally = 0;
        enrollment.enrolled_at = None;
    }
    let first = enrollment.tally == 0;
    enrollment.tally = enrollment.tally.saturating_add(1);
    enrollment.state = State::Enrolled;
    enrollment.checked_out_at = None;
    if first {
        enrollment.enrolled_at = Some(now);
    }
    enrollment.awaiting = awaiting;
    Completed { first, was_anew }
}

/// Records a CheckOut. The row stays for ever, and so do escrowed secrets.
pub fn check_out(enrollment: &mut Enrollment, now: Time) {
    enrollment.state = State::CheckedOut;
    enrollment.checked_out_at = Some(now);
    enrollment.awaiting = false;
    enrollment.renewal = None;
    enrollment.renewed_at = None;
}
