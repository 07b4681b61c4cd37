//! New identity certificates for enrolled devices, in time and by themselves.

use crate::model::Time;
use crate::model::command::{Errand, State};
use crate::model::due::{Due, Work};
use crate::model::edge::Dice;
use crate::model::enrollment::{EnrollmentId, Kind};
use crate::rules::renewal::{self as rule, Facts, Step};
use crate::store::{self, Broken, View, Write};
use crate::wire::Secret;

use super::enrollments::Prepared;
use super::{Failure, POMONA, Tone, commands, enrollments, note};

/// Plans the renewal of the certificate a device just began to speak with, in place of any former plan.
/// An account-driven enrollment takes another kind of profile, and has to be enrolled again.
pub(super) fn plan(
    w: &mut Write,
    id: &EnrollmentId,
    kind: Kind,
    not_after: Time,
    now: Time,
) -> Result<(), Broken> {
    match kind {
        Kind::Device => store::dues::plan(w, Work::Renew, id, rule::begins(id, not_after, now)),
        Kind::UserEnrollment | Kind::User => Ok(()),
    }
}

/// Which of the device channels after `after`, `limit` at most, have no plan though they need one, and where to
/// go on; none at the end. For databases from before there were plans.
pub fn unplanned(
    view: &impl View,
    after: Option<&EnrollmentId>,
    limit: usize,
) -> Result<(Vec<EnrollmentId>, Option<EnrollmentId>), Broken> {
    let page = store::enrollments::page(view, after, limit)?;
    let next = page.last().filter(|_| page.len() == limit).map(|last| last.id.clone());
    let mut found = Vec::new();
    for enrollment in page {
        let concerned = enrollment.is_enrolled() && enrollment.kind == Kind::Device;
        if concerned
            && enrollment.certificate.is_some()
            && store::dues::get(view, Work::Renew, &enrollment.id)?.is_none()
        {
            found.push(enrollment.id);
        }
    }
    Ok((found, next))
}

/// Plans what [`unplanned`] found.
pub fn plan_all(w: &mut Write, ids: &[EnrollmentId], now: Time) -> Result<(), Broken> {
    for id in ids {
        let Some(enrollment) = store::enrollments::get(w, id)?.filter(|e| e.is_enrolled()) else { continue };
        let unplanned = store::dues::get(w, Work::Renew, id)?.is_none();
        if let Some(not_after) = ends(w, &enrollment.certificate)?.filter(|_| unplanned) {
            plan(w, id, enrollment.kind, not_after, now)?;
        }
    }
    Ok(())
}

fn ends(view: &impl View, certificate: &Option<[u8; 32]>) -> Result<Option<Time>, Broken> {
    let Some(fingerprint) = certificate else { return Ok(None) };
    Ok(store::certificates::get(view, fingerprint)?.map(|c| c.not_after))
}

/// What to do about a due renewal. `seen`: when the device was last heard of.
pub fn look(view: &impl View, id: &EnrollmentId, seen: Option<Time>, now: Time) -> Result<Step, Broken> {
    let Some(enrollment) = store::enrollments::get(view, id)? else { return Ok(Step::Over) };
    let queue = store::commands::queue(view, id)?;
    let facts = Facts {
        not_after: ends(view, &enrollment.certificate)?,
        waits: queue.iter().any(|c| c.errand == Errand::Renewal),
        seen: seen.max(store::devices::seen(view, id)?),
        enrollment: &enrollment,
    };
    Ok(rule::step(&facts, now))
}

/// Puts a due renewal off, or ends it, when there is nothing to send.
pub fn put_off(w: &mut Write, due: &Due, step: Step) -> Result<(), Broken> {
    match step {
        Step::Over => store::dues::done(w, due),
        Step::Later(at) => store::dues::later(w, due, at),
        Step::Send => Ok(()),
    }
}

/// Sends the prepared profile, looking again at what was decided from a snapshot. `file` is the profile as it
/// shall be delivered.
pub fn send(
    w: &mut Write,
    due: &Due,
    prepared: &Prepared,
    file: Secret,
    seen: Option<Time>,
    dice: &dyn Dice,
    now: Time,
) -> Result<(), Failure> {
    let id = &due.enrollment;
    let step = look(w, id, seen, now)?;
    if step != Step::Send {
        return Ok(put_off(w, due, step)?);
    }
    // What an earlier attempt left carries a challenge that is no good any more.
    for mut command in store::commands::queue(w, id)? {
        if command.errand == Errand::Renewal {
            commands::finish(w, &mut command, State::Canceled, now)?;
        }
    }
    let Some(enrollment) = store::enrollments::get(w, id)? else { return Ok(()) };
    let (former, not_after) = (enrollment.renewal, ends(w, &enrollment.certificate)?.unwrap_or(now));
    enrollments::send_renewal(w, POMONA, id, prepared, file, dice, now)?;
    let days = rule::days_left(not_after, now);
    let (text, tone) = if rule::is_alarming(former.as_ref(), not_after, now) {
        let ends = if days < 0 { "has ended".to_owned() } else { format!("ends in {days} days") };
        (
            format!("Its identity certificate {ends}, and it has not taken a new one yet. Sent one."),
            Tone::Alert,
        )
    } else if former.is_some() {
        ("Sent a new identity again: it did not take the one before.".to_owned(), Tone::Plain)
    } else {
        (format!("Sent a new identity: the present one ends in {days} days."), Tone::Plain)
    };
    note(w, POMONA, "enrolled", text, id, tone, now)?;
    // The next look is the rule's to decide; a day later at the earliest.
    store::dues::later(w, due, now.plus_secs(86_400))?;
    Ok(())
}
