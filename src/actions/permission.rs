//! Whether an actor may do a thing now, told in the very transaction that does it.

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::activity::Activity;
use crate::model::enrollment::EnrollmentId;
use crate::rules::Refusal;
use crate::rules::access::{Right, authorize};
use crate::store::{self, Broken, View, Write};

use super::Failure;

/// Prefix of a token's name where it stands for an actor, as in `token:nightly`.
pub const TOKEN_PREFIX: &str = "token:";

/// Passes if `by` has `right` as the store knows it now: an account that was suspended, or a token that was
/// revoked, after the request came in is refused (rule W21). The server itself and its console need no row.
pub fn require(view: &impl View, by: &Actor, right: Right, now: Time) -> Result<(), Failure> {
    let gone =
        || Refusal::forbidden("access.gone", "Your account or token was suspended or removed meanwhile.");
    let role = if let Some(name) = by.name.strip_prefix(TOKEN_PREFIX) {
        let tokens = store::accounts::tokens(view)?;
        tokens.iter().find(|(_, t)| t.name == name && now < t.expires).ok_or_else(gone)?.1.role
    } else if matches!(by.name.as_str(), "console" | "pomona") {
        by.role
    } else {
        let account = store::accounts::get(view, &by.name)?.ok_or_else(gone)?;
        if account.suspended {
            return Err(gone().into());
        }
        account.role
    };
    Ok(authorize(role, right)?)
}

/// Writes down that the level of the logs was changed.
pub fn note_log_level(
    w: &mut Write,
    by: &Actor,
    level: &str,
    for_secs: Option<u64>,
    now: Time,
) -> Result<(), Failure> {
    require(w, by, Right::Server, now)?;
    let text = match for_secs {
        Some(secs) => format!("Set the level of the logs to {level} for {} minutes.", secs.div_ceil(60)),
        None => format!("Set the level of the logs to {level}."),
    };
    Ok(record(w, by, "server", text, None, now)?)
}

/// Adds the activity row of an action by a person or a program.
pub(super) fn record(
    w: &mut Write,
    by: &Actor,
    kind: &str,
    text: String,
    device: Option<&EnrollmentId>,
    now: Time,
) -> Result<(), Broken> {
    add(w, by, kind, text, device, false, now)
}

/// The same for what needs a person's eye.
pub(super) fn alert(
    w: &mut Write,
    by: &Actor,
    kind: &str,
    text: String,
    device: Option<&EnrollmentId>,
    now: Time,
) -> Result<(), Broken> {
    add(w, by, kind, text, device, true, now)
}

fn add(
    w: &mut Write,
    by: &Actor,
    kind: &str,
    text: String,
    device: Option<&EnrollmentId>,
    alert: bool,
    now: Time,
) -> Result<(), Broken> {
    let device = device.map(EnrollmentId::device);
    let activity = Activity { seq: 0, at: now, by: by.name.clone(), kind: kind.into(), text, device, alert };
    store::activities::add(w, activity).map(|_| ())
}
