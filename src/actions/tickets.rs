//! Enrollment links: made, shown again, taken back.

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::ticket::Ticket;
use crate::rules::Refusal;
use crate::rules::access::Right;
use crate::store::{self, View, Write};
use crate::wire::Secret;

use super::Failure;
use super::permission::{record, require};

/// How long a link works when nobody says otherwise, in seconds: 7 days.
pub const VALID_SECS: i64 = 7 * 86_400;
/// Shortest and longest life of a link, in seconds.
const VALID_RANGE: std::ops::RangeInclusive<i64> = 60..=366 * 86_400;
/// Most devices of a counted link.
const MAX_USES: u32 = 100_000;

/// A link to make, as asked.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// What it is for; may be empty.
    pub label: String,
    /// Seconds it works.
    pub valid_secs: Option<i64>,
    /// How many devices may use it.
    pub max_uses: Option<u32>,
    /// Only for the device with this serial number.
    pub serial: Option<String>,
}

/// Makes a link. `id` is its public name, `token` its secret part: 256 random bits in base64url.
pub fn make(
    w: &mut Write,
    by: &Actor,
    wish: &Wish,
    id: String,
    token: Secret,
    now: Time,
) -> Result<Ticket, Failure> {
    require(w, by, Right::Enroll, now)?;
    let label = wish.label.trim();
    if label.chars().count() > 100 || label.chars().any(char::is_control) {
        return Err(Refusal::invalid("link.label", "A label has up to 100 characters, on one line.").into());
    }
    let valid_secs = wish.valid_secs.unwrap_or(VALID_SECS);
    if !VALID_RANGE.contains(&valid_secs) {
        return Err(Refusal::invalid("link.validity", "A link works for one minute to 366 days.").into());
    }
    if wish.max_uses.is_some_and(|max| !(1..=MAX_USES).contains(&max)) {
        return Err(Refusal::invalid("link.uses", "A link works for 1 to 100,000 devices.").into());
    }
    let ticket = Ticket {
        id,
        label: label.to_owned(),
        token,
        by: by.name.clone(),
        created: now,
        expires: now.plus_secs(valid_secs),
        max_uses: wish.max_uses,
        uses: 0,
        revoked: None,
        serial: wish.serial.as_deref().map(serial).transpose()?.flatten(),
    };
    store::tickets::put(w, &ticket)?;
    record(w, by, "link", format!("Made an enrollment link{}.", named(&ticket)), None, now)?;
    Ok(ticket)
}

/// Takes a link back. Devices that used it stay enrolled.
pub fn revoke(w: &mut Write, by: &Actor, id: &str, now: Time) -> Result<Ticket, Failure> {
    require(w, by, Right::Enroll, now)?;
    let mut ticket = known(w, id)?;
    if ticket.revoked.is_none() {
        ticket.revoked = Some(now);
        store::tickets::put(w, &ticket)?;
        record(w, by, "link", format!("Took back the enrollment link{}.", named(&ticket)), None, now)?;
    }
    Ok(ticket)
}

/// The link with this public id.
pub fn known(view: &impl View, id: &str) -> Result<Ticket, Failure> {
    Ok(store::tickets::get(view, id)?
        .ok_or_else(|| Refusal::missing("link.unknown", "There is no such enrollment link."))?)
}

/// A serial number as Apple prints it: up to 32 letters and digits, capitals. Nothing typed means none.
fn serial(typed: &str) -> Result<Option<String>, Refusal> {
    let typed = typed.trim().to_ascii_uppercase();
    if typed.is_empty() {
        return Ok(None);
    }
    if typed.len() > 32 || !typed.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(Refusal::invalid("link.serial", "A serial number has up to 32 letters and digits."));
    }
    Ok(Some(typed))
}

fn named(ticket: &Ticket) -> String {
    if ticket.label.is_empty() { String::new() } else { format!(" “{}”", ticket.label) }
}
