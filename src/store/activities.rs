//! What happened.

use super::key::{Key, Span};
use super::row::{self, Row};
use super::tables::Table;
use super::{Broken, View, Write};
use crate::model::activity::Activity;
use crate::model::enrollment::EnrollmentId;

impl Row for Activity {}

/// Adds one; its `seq` is set here and returned.
pub fn add(w: &mut Write, mut activity: Activity) -> Result<u64, Broken> {
    activity.seq = row::count(w, "activities", 1)?;
    if let Some(device) = &activity.device {
        row::mark(w, Table::ActivitiesOfDevice, &Key::of(device.as_str()).u64(activity.seq))?;
    }
    row::put(w, Table::Activities, &Key::number(activity.seq), &activity)?;
    Ok(activity.seq)
}

/// Newest first, those with a `seq` below `before`, at most `limit`.
pub fn list(v: &impl View, before: Option<u64>, limit: usize) -> Result<Vec<Activity>, Broken> {
    let span = match before {
        Some(seq) => Span::all().before(&Key::number(seq)),
        None => Span::all(),
    };
    row::list(v, Table::Activities, span, true, limit)
}

/// Those of a device, newest first, with a `seq` below `before`, at most `limit`.
pub fn of_device(
    v: &impl View,
    id: &EnrollmentId,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<Activity>, Broken> {
    let mut span = Key::of(id.as_str()).span();
    if let Some(seq) = before {
        span = span.before(&Key::of(id.as_str()).u64(seq));
    }
    row::keys(v, Table::ActivitiesOfDevice, span, true, limit, |parts| {
        parts.text()?;
        parts.u64()
    })?
    .into_iter()
    .map(|seq| row::must(Table::ActivitiesOfDevice, row::get(v, Table::Activities, &Key::number(seq))?))
    .collect()
}
