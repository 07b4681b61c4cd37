//! Enrollments, their push information and escrowed secrets (both sealed).

use super::key::{Key, Span};
use super::row::{self, Row};
use super::tables::Table;
use super::{Broken, View, Write};
use crate::model::enrollment::{Enrollment, EnrollmentId, Escrow, EscrowKind, PushInfo};

impl Row for Enrollment {}
impl Row for PushInfo {}
impl Row for Escrow {}

const ENROLLED: &str = "enrolled";

/// The enrollment of this channel.
pub fn get(v: &impl View, id: &EnrollmentId) -> Result<Option<Enrollment>, Broken> {
    row::get(v, Table::Enrollments, &Key::of(id.as_str()))
}

fn counts(enrollment: &Enrollment) -> i64 {
    i64::from(!enrollment.id.is_user() && enrollment.is_enrolled())
}

/// Puts an enrollment, new or changed, and keeps the number of enrolled device channels.
pub fn put(w: &mut Write, enrollment: &Enrollment) -> Result<(), Broken> {
    let change = counts(enrollment) - get(w, &enrollment.id)?.as_ref().map_or(0, counts);
    if change != 0 {
        row::count(w, ENROLLED, change)?;
    }
    row::put(w, Table::Enrollments, &Key::of(enrollment.id.as_str()), enrollment)
}

/// User channels of a device channel.
pub fn children(v: &impl View, device: &EnrollmentId) -> Result<Vec<Enrollment>, Broken> {
    let span = Key::default().open_text(device.as_str()).open_text(":").span();
    row::list(v, Table::Enrollments, span, false, usize::MAX)
}

/// Device channels after `after`, in id order, at most `limit`.
pub fn page(v: &impl View, after: Option<&EnrollmentId>, limit: usize) -> Result<Vec<Enrollment>, Broken> {
    let span = match after {
        Some(id) => Span::all().behind(&Key::of(id.as_str())),
        None => Span::all(),
    };
    let mut page = Vec::new();
    if limit > 0 {
        v.raw_scan(Table::Enrollments, &span, false, &mut |key, value| {
            let enrollment: Enrollment = row::decode(v, Table::Enrollments, key, value)?;
            if !enrollment.id.is_user() {
                page.push(enrollment);
            }
            Ok(page.len() < limit)
        })?;
    }
    Ok(page)
}

/// Number of enrolled device channels (kept, not counted).
pub fn enrolled_count(v: &impl View) -> Result<u64, Broken> {
    row::counter(v, ENROLLED)
}

/// How to ring a channel.
pub fn push_info(v: &impl View, id: &EnrollmentId) -> Result<Option<PushInfo>, Broken> {
    row::get(v, Table::PushInfo, &Key::of(id.as_str()))
}

/// Puts how to ring a channel, in place of the former.
pub fn put_push_info(w: &mut Write, id: &EnrollmentId, info: &PushInfo) -> Result<(), Broken> {
    row::put(w, Table::PushInfo, &Key::of(id.as_str()), info)
}

/// Forgets how to ring a channel.
pub fn remove_push_info(w: &mut Write, id: &EnrollmentId) -> Result<(), Broken> {
    row::remove(w, Table::PushInfo, &Key::of(id.as_str()))
}

fn escrow_key(id: &EnrollmentId, kind: EscrowKind) -> Key {
    Key::of(id.as_str()).text(kind.as_str())
}

/// The present secret of a kind.
pub fn escrow(v: &impl View, id: &EnrollmentId, kind: EscrowKind) -> Result<Option<Escrow>, Broken> {
    row::get(v, Table::Escrow, &escrow_key(id, kind))
}

/// Puts the present secret; the former one goes to history. The same secret again only moves its time.
pub fn put_escrow(w: &mut Write, id: &EnrollmentId, kind: EscrowKind, escrow: &Escrow) -> Result<(), Broken> {
    if let Some(former) = self::escrow(w, id, kind)?
        && former.secret != escrow.secret
    {
        to_history(w, id, kind, &former)?;
    }
    row::put(w, Table::Escrow, &escrow_key(id, kind), escrow)
}

/// Takes the present secret away; it goes to history, as it may yet be needed.
pub fn remove_escrow(w: &mut Write, id: &EnrollmentId, kind: EscrowKind) -> Result<(), Broken> {
    if let Some(former) = escrow(w, id, kind)? {
        to_history(w, id, kind, &former)?;
        row::remove(w, Table::Escrow, &escrow_key(id, kind))?;
    }
    Ok(())
}

/// Former secrets that are kept of a kind: a device that sends another one all the time does not fill the disk.
const HISTORY: usize = 20;

fn to_history(w: &mut Write, id: &EnrollmentId, kind: EscrowKind, former: &Escrow) -> Result<(), Broken> {
    let span = escrow_key(id, kind).span();
    let kept = row::keys(w, Table::EscrowHistory, span, false, usize::MAX, |parts| {
        parts.text()?;
        parts.text()?;
        parts.u64()
    })?;
    for number in kept.iter().take((kept.len() + 1).saturating_sub(HISTORY)) {
        row::remove(w, Table::EscrowHistory, &escrow_key(id, kind).u64(*number))?;
    }
    let number = row::count(w, "escrow-history", 1)?;
    row::put(w, Table::EscrowHistory, &escrow_key(id, kind).u64(number), former)
}

/// Former secrets, newest first; the latest 20 are kept.
pub fn escrow_history(v: &impl View, id: &EnrollmentId, kind: EscrowKind) -> Result<Vec<Escrow>, Broken> {
    row::list(v, Table::EscrowHistory, escrow_key(id, kind).span(), true, usize::MAX)
}
