//! The tabs of a device.

use axum::response::Response;

use super::activity;
use crate::actions::devices;
use crate::model::device::Device;
use crate::model::enrollment::{Enrollment, EnrollmentId, EscrowKind, Kind, State};
use crate::model::profile::Delivery;
use crate::model::standing::Standing;
use crate::store::{self, Read};
use crate::views::admin::device::{DeviceActivity, DeviceHead};
use crate::views::admin::device_parts::{
    CommandRow, DeviceAbout, DeviceCommands, DeviceProfileRow, DeviceProfiles,
};
use crate::web::ask::Ask;
use crate::web::fleet;
use crate::web::problem::Fault;

/// Rows of one page of commands or activity.
const ROWS: usize = 50;

/// The id of the device that the path names.
pub(super) fn id(ask: &Ask) -> Result<EnrollmentId, Fault> {
    EnrollmentId::parse(ask.part("id"))
        .map_err(|_| Fault { status: axum::http::StatusCode::NOT_FOUND, ..unknown() })
}

fn unknown() -> Fault {
    Fault::new("device.unknown", "There is no such device.")
}

/// Top of every tab, read from one snapshot.
pub(super) fn head(ask: &Ask, view: &Read) -> Result<DeviceHead, Fault> {
    let id = id(ask)?;
    let device = devices::known(view, &id)?;
    let enrollment = store::enrollments::get(view, &id)?.unwrap_or_else(|| never_enrolled(&device));
    let waiting = store::commands::queue(view, &id)?.len() as u64;
    let placements = store::profiles::placements_of_device(view, &id)?;
    let failed =
        placements.iter().filter(|p| matches!(p.state, Delivery::Failed | Delivery::NoAnswer)).count();
    let moving = placements
        .iter()
        .filter(|p| {
            matches!(p.state, Delivery::Waiting | Delivery::Sent | Delivery::Busy | Delivery::Removing)
        })
        .count();
    let push = store::dues::push_outcome(view, &id)?;
    let unreachable = push.as_ref().is_some_and(|p| p.unreachable);
    let kept = |kind| store::enrollments::escrow(view, &id, kind);
    Ok(DeviceHead {
        standing: Standing::of(enrollment.state, unreachable, failed as u64, waiting + moving as u64),
        seen: ask.app.seen.get(&id).max(store::devices::seen(view, &id)?),
        waiting,
        failed: failed as u64,
        unlock_token: kept(EscrowKind::UnlockToken)?.is_some(),
        bootstrap_token: kept(EscrowKind::BootstrapToken)?.is_some(),
        pin_at: kept(EscrowKind::LockPin)?.map(|e| e.at),
        push,
        device,
        enrollment,
    })
}

/// A device whose enrollment row is gone is shown as one that left.
fn never_enrolled(device: &Device) -> Enrollment {
    let epoch = crate::model::Time::default();
    Enrollment {
        id: device.id.clone(),
        kind: Kind::Device,
        state: State::CheckedOut,
        tally: 0,
        first_seen: epoch,
        authenticated_at: epoch,
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

/// `GET /profilemanager/devices/{id}`
pub(in crate::web) async fn about(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let head = head(&ask, &view)?;
    let content = DeviceAbout {
        inventory: store::devices::inventory(&view, &head.device.id)?,
        users: store::enrollments::children(&view, &head.device.id)?,
        head,
    };
    ask.page(|page| content.render(page))
}

/// `GET /profilemanager/devices/{id}/profiles`
pub(in crate::web) async fn profiles(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let head = head(&ask, &view)?;
    let id = &head.device.id;
    let library = store::profiles::list(&view)?;
    let mut ours = Vec::new();
    let placements = store::profiles::placements_of_device(&view, id)?;
    for placement in &placements {
        let known = library.iter().find(|p| p.id == placement.profile);
        ours.push(DeviceProfileRow {
            profile: known.map(|p| p.id.clone()),
            name: known.map_or_else(|| placement.identifier.clone(), |p| p.name.clone()),
            revision: placement.revision,
            state: placement.state,
            at: placement.at,
            command: Some(placement.command.clone()).filter(|c| !c.is_empty()),
            said: placement.said.clone(),
        });
    }
    let by_name = store::profiles::assigned_of(&view, id)?;
    let wanted = library.iter().filter(|p| p.everyone || by_name.contains(&p.id));
    if head.enrollment.is_enrolled() {
        for profile in wanted.filter(|p| placements.iter().all(|placed| placed.profile != p.id)) {
            ours.push(DeviceProfileRow {
                profile: Some(profile.id.clone()),
                name: profile.name.clone(),
                revision: profile.revision,
                state: Delivery::Waiting,
                at: ask.now,
                command: None,
                said: None,
            });
        }
    }
    ours.sort_by_key(|row| row.name.to_lowercase());
    let content = DeviceProfiles { ours, inventory: store::devices::inventory(&view, id)?, head };
    ask.page(|page| content.render(page))
}

/// `GET /profilemanager/devices/{id}/commands`
pub(in crate::web) async fn commands(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let head = head(&ask, &view)?;
    let before = ask.number("after")?;
    let mut found = store::commands::history(&view, &head.device.id, before, ROWS + 1)?;
    let more = found.len() > ROWS;
    found.truncate(ROWS);
    let next = found.last().filter(|_| more).map(|c| c.seq.to_string());
    let rows = found
        .into_iter()
        .map(|c| CommandRow {
            uuid: c.uuid,
            request_type: c.request_type,
            state: c.state,
            by: c.by,
            created: c.created,
            finished: c.finished,
        })
        .collect();
    let content = DeviceCommands { head, rows, later: before.is_some(), next };
    ask.page(|page| content.render(page))
}

/// `GET /profilemanager/devices/{id}/activity`
pub(in crate::web) async fn activity(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let head = head(&ask, &view)?;
    let before = ask.number("after")?;
    let mut found = store::activities::of_device(&view, &head.device.id, before, ROWS + 1)?;
    let more = found.len() > ROWS;
    found.truncate(ROWS);
    let next = found.last().filter(|_| more).map(|a| a.seq.to_string());
    let devices = fleet::snapshot(&ask.app).await?;
    let content =
        DeviceActivity { head, rows: activity::rows(&devices, found), later: before.is_some(), next };
    ask.page(|page| content.render(page))
}
