//! The tabs of a profile; assigning it.

use axum::response::Response;

use crate::actions::{devices, profiles};
use crate::model::enrollment::EnrollmentId;
use crate::model::profile::Delivery;
use crate::store;
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::profile::{
    AssignRow, PlacementRow, ProfileAssigned, ProfileHead, ProfilePayloads, ProfileSource, ProfileStatus,
    Revision,
};
use crate::views::words::count;
use crate::views::{Toast, Tone, Undo};
use crate::web::ask::Ask;
use crate::web::fleet::{self, Entry, Filter, Tally};
use crate::web::problem::Fault;
use crate::wire::mdm::command::redacted;
use crate::wire::plist::{Value, to_xml};

/// Devices shown that a profile is assigned to by name.
const ASSIGNED: usize = 300;
/// Devices shown that could be added.
const FOUND: usize = 50;
/// Rows of one page of the status.
const ROWS: usize = 100;
/// Devices that one form may name.
const AT_ONCE: usize = 1_000;

/// Devices that have a profile, and devices on which it failed.
pub(super) fn sums(tally: &Tally) -> (u64, u64) {
    let sum = |wanted: &[Delivery]| tally.iter().filter(|(d, _)| wanted.contains(d)).map(|(_, n)| n).sum();
    (sum(&[Delivery::Installed, Delivery::Confirmed]), sum(&[Delivery::Failed, Delivery::NoAnswer]))
}

/// Top of every tab.
pub(super) async fn head(ask: &Ask) -> Result<ProfileHead, Fault> {
    let devices = fleet::snapshot(&ask.app).await?;
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?;
    let assigned = store::profiles::assigned_to(&view, &profile.id)?.len() as u64;
    let (installed, failed) = sums(&devices.tally(&profile.id));
    let wanted = if profile.everyone { devices.enrolled } else { assigned };
    Ok(ProfileHead { profile, installed, wanted, failed, assigned })
}

/// `GET /profilemanager/profiles/{id}`
pub(in crate::web) async fn payloads(ask: Ask) -> Result<Response, Fault> {
    let head = head(&ask).await?;
    let (present, profile) = (head.profile.revision, &head.profile);
    let revisions = (1..=present)
        .rev()
        .take(100)
        .map(|number| Revision {
            number,
            at: if number == present {
                Some(profile.updated)
            } else if number == 1 {
                Some(profile.created)
            } else {
                None
            },
        })
        .collect();
    let content = ProfilePayloads { revisions, head };
    ask.page(|page| content.render(page))
}

/// `GET /profilemanager/profiles/{id}/assigned`
pub(in crate::web) async fn assigned(ask: Ask) -> Result<Response, Fault> {
    let head = head(&ask).await?;
    let snapshot = fleet::snapshot(&ask.app).await?;
    let ids = store::profiles::assigned_to(&ask.read()?, &head.profile.id)?;
    let mut assigned: Vec<&Entry> = ids.iter().filter_map(|id| snapshot.get(id)).collect();
    assigned.sort_by_key(|entry| entry.name.to_lowercase());
    let q: String = ask.said.query.text("q").chars().take(100).collect();
    let all = snapshot.find(&Filter::new(&q, None, None), None, usize::MAX);
    let mut found: Vec<&Entry> =
        all.entries.into_iter().filter(|e| !ids.contains(&e.id)).take(FOUND + 1).collect();
    let found_more = found.len() > FOUND;
    found.truncate(FOUND);
    let content = ProfileAssigned {
        devices: assigned.into_iter().take(ASSIGNED).map(row).collect(),
        found: found.into_iter().map(row).collect(),
        found_more,
        q,
        head,
    };
    ask.page(|page| content.render(page))
}

fn row(entry: &Entry) -> AssignRow {
    AssignRow {
        id: entry.id.clone(),
        name: entry.name.clone(),
        platform: entry.platform,
        serial: entry.serial.clone(),
    }
}

/// `GET /profilemanager/profiles/{id}/status`
pub(in crate::web) async fn status(ask: Ask) -> Result<Response, Fault> {
    let head = head(&ask).await?;
    let devices = fleet::snapshot(&ask.app).await?;
    let after = ask.said.query.some("after").and_then(|id| EnrollmentId::parse(id).ok());
    let mut placements =
        store::profiles::placements_of_profile(&ask.read()?, &head.profile.id, after.as_ref(), ROWS + 1)?;
    let more = placements.len() > ROWS;
    placements.truncate(ROWS);
    let next = placements.last().filter(|_| more).map(|p| p.enrollment.to_string());
    let rows = placements
        .into_iter()
        .map(|p| {
            let known = devices.get(&p.enrollment);
            PlacementRow {
                name: known.map_or_else(|| p.enrollment.to_string(), |e| e.name.clone()),
                platform: known.map_or(crate::model::device::Platform::Unknown, |e| e.platform),
                id: p.enrollment,
                state: p.state,
                at: p.at,
                revision: p.revision,
                command: Some(p.command).filter(|c| !c.is_empty()),
                said: p.said,
            }
        })
        .collect();
    let tally = devices.tally(&head.profile.id);
    let content = ProfileStatus { tally, rows, later: after.is_some(), next, head };
    ask.page(|page| content.render(page))
}

/// `GET /profilemanager/profiles/{id}/source`
pub(in crate::web) async fn source(ask: Ask) -> Result<Response, Fault> {
    let head = head(&ask).await?;
    let file = store::profiles::revision(&ask.read()?, &head.profile.id, head.profile.revision)?;
    let xml = match file.map(|file| crate::wire::profile::parse(file.expose())) {
        Some(Ok(profile)) => {
            let xml = to_xml(&Value::Dictionary(redacted(&profile.body)));
            String::from_utf8(xml).unwrap_or_default()
        }
        Some(Err(malformed)) => format!("This revision cannot be read: {}.", malformed.reason),
        None => "This revision is no longer kept.".to_owned(),
    };
    let content = ProfileSource { head, xml };
    ask.page(|page| content.render(page))
}

/// Whom a form names.
fn named(ask: &Ask) -> Result<(Vec<EnrollmentId>, bool), Fault> {
    let view = ask.read()?;
    let mut ids = Vec::new();
    for text in ask.said.fields.all("device").take(AT_ONCE) {
        ids.push(devices::find(&view, text)?.id);
    }
    let everyone = ask.said.fields.ticked("everyone");
    if ids.is_empty() && !everyone {
        return Err(Fault::new("profile.assign-nobody", "The form names no device."));
    }
    Ok((ids, everyone))
}

fn whom(ids: &[EnrollmentId], everyone: bool) -> String {
    let devices = count(ids.len() as u64, "device", "devices");
    match (ids.is_empty(), everyone) {
        (true, _) => "Everyone".to_owned(),
        (false, false) => devices,
        (false, true) => format!("{devices} and Everyone"),
    }
}

/// The form that takes the change back.
fn undo(action: String, ids: &[EnrollmentId], everyone: bool) -> Undo {
    let mut fields: Vec<(String, String)> = ids.iter().map(|id| ("device".into(), id.to_string())).collect();
    if everyone {
        fields.push(("everyone".into(), "on".into()));
    }
    Undo { action, fields }
}

/// `POST /profilemanager/profiles/{id}/assign`
pub(in crate::web) async fn assign(ask: Ask) -> Result<Response, Fault> {
    let (ids, everyone) = named(&ask)?;
    let (id, to) = (ask.part("id").to_owned(), ids.clone());
    let profile = ask.act(move |w, by, now| profiles::assign(w, by, &id, &to, everyone, now)).await?;
    let toast = Toast {
        tone: Tone::Ok,
        text: format!("“{}” is assigned to {}.", profile.name, whom(&ids, everyone)),
        undo: Some(undo(at::profile_unassign(&profile.id), &ids, everyone)),
    };
    ask.done_with(&at::profile(&profile.id, ProfileTab::Assigned), toast)
}

/// `POST /profilemanager/profiles/{id}/unassign`
pub(in crate::web) async fn unassign(ask: Ask) -> Result<Response, Fault> {
    let (ids, everyone) = named(&ask)?;
    let (id, from) = (ask.part("id").to_owned(), ids.clone());
    let profile = ask.act(move |w, by, now| profiles::unassign(w, by, &id, &from, everyone, now)).await?;
    let toast = Toast {
        tone: Tone::Ok,
        text: format!("“{}” is taken from {}.", profile.name, whom(&ids, everyone)),
        undo: Some(undo(at::profile_assign(&profile.id), &ids, everyone)),
    };
    ask.done_with(&at::profile(&profile.id, ProfileTab::Assigned), toast)
}
