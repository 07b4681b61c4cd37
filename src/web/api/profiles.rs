//! Profiles.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::facts::{delivery, delivery_word};
use super::{limit, moment};
use crate::actions::profiles::Outcome;
use crate::actions::{devices, profiles};
use crate::model::enrollment::EnrollmentId;
use crate::model::profile::Profile;
use crate::store::{self, Read};
use crate::web::admin::profiles::bring_in;
use crate::web::ask::Ask;
use crate::web::fleet::{self, Snapshot};
use crate::web::problem::Fault;
use crate::wire::api::{Assignment, Imported, Page, PayloadInfo, ProfileInfo, ProfileStatus, StateCount};

fn info(view: &Read, devices: &Snapshot, profile: Profile) -> Result<ProfileInfo, Fault> {
    let assigned = store::profiles::assigned_to(view, &profile.id)?;
    let counts = devices.tally(&profile.id).into_iter().map(|(state, devices)| StateCount {
        state: delivery_word(state).into(),
        label: state.label().into(),
        devices,
    });
    Ok(ProfileInfo {
        counts: counts.collect(),
        assigned: assigned.iter().map(ToString::to_string).collect(),
        payloads: profile
            .payloads
            .into_iter()
            .map(|(payload_type, name)| PayloadInfo { payload_type, name })
            .collect(),
        id: profile.id,
        identifier: profile.identifier,
        name: profile.name,
        description: profile.description,
        revision: profile.revision,
        uuid: profile.uuid,
        signed_by: profile.signed_by,
        everyone: profile.everyone,
        created: moment(profile.created),
        updated: moment(profile.updated),
    })
}

/// `GET /api/v1/profiles`
pub(in crate::web) async fn list(ask: Ask) -> Result<Response, Fault> {
    let devices = fleet::snapshot(&ask.app).await?;
    let view = ask.read()?;
    let all = store::profiles::list(&view)?;
    let total = Some(all.len() as u64);
    let items = all.into_iter().map(|p| info(&view, &devices, p)).collect::<Result<Vec<_>, _>>()?;
    ask.answer(Page { items, total, next: None })
}

/// `GET /api/v1/profiles/{id}`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let devices = fleet::snapshot(&ask.app).await?;
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?;
    ask.answer(info(&view, &devices, profile)?)
}

/// `POST /api/v1/profiles`: the body is the `.mobileconfig` itself.
pub(in crate::web) async fn import(ask: Ask) -> Result<Response, Fault> {
    if ask.said.body.is_empty() {
        return Err(Fault::new("profile.no-file", "The request has no body. Send the .mobileconfig itself."));
    }
    let (profile, outcome) = bring_in(&ask, ask.said.body.to_vec()).await?;
    let devices = fleet::snapshot(&ask.app).await?;
    let body = Imported { outcome: outcome.as_str().into(), profile: info(&ask.read()?, &devices, profile)? };
    if outcome == Outcome::Created { ask.made(body) } else { ask.answer(body) }
}

/// `GET /api/v1/profiles/{id}/status?after=&limit=`
pub(in crate::web) async fn status(ask: Ask) -> Result<Response, Fault> {
    let devices = fleet::snapshot(&ask.app).await?;
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?;
    let limit = limit(&ask)?;
    let after = ask.said.query.some("after").map(EnrollmentId::parse).transpose();
    let after = after.map_err(|_| Fault::new("api.query", "“after” is no device id."))?;
    let mut found = store::profiles::placements_of_profile(&view, &profile.id, after.as_ref(), limit + 1)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|p| p.enrollment.to_string());
    let items: Vec<ProfileStatus> = found
        .iter()
        .map(|placement| {
            let entry = devices.get(&placement.enrollment);
            ProfileStatus {
                device: placement.enrollment.to_string(),
                device_name: entry.map_or_else(|| placement.enrollment.to_string(), |e| e.name.clone()),
                serial: entry.and_then(|e| e.serial.clone()),
                delivery: delivery(placement, Some(&profile.name)),
            }
        })
        .collect();
    ask.answer(Page { items, total: None, next })
}

/// `POST /api/v1/profiles/{id}/assign`
pub(in crate::web) async fn assign(ask: Ask) -> Result<Response, Fault> {
    change(ask, true).await
}

/// `POST /api/v1/profiles/{id}/unassign`
pub(in crate::web) async fn unassign(ask: Ask) -> Result<Response, Fault> {
    change(ask, false).await
}

async fn change(ask: Ask, assign: bool) -> Result<Response, Fault> {
    let wish: Assignment = ask.json()?;
    let view = ask.read()?;
    let mut ids = Vec::new();
    for text in &wish.devices {
        ids.push(devices::find(&view, text)?.id);
    }
    if ids.is_empty() && !wish.everyone {
        return Err(Fault::new("profile.assign-nobody", "The request names no device, and not Everyone."));
    }
    let id = ask.part("id").to_owned();
    let profile = ask
        .act(move |w, by, now| {
            if assign {
                profiles::assign(w, by, &id, &ids, wish.everyone, now)
            } else {
                profiles::unassign(w, by, &id, &ids, wish.everyone, now)
            }
        })
        .await?;
    let snapshot = fleet::snapshot(&ask.app).await?;
    ask.answer(info(&ask.read()?, &snapshot, profile)?)
}

/// `DELETE /api/v1/profiles/{id}`
pub(in crate::web) async fn remove(ask: Ask) -> Result<Response, Fault> {
    let id = ask.part("id").to_owned();
    ask.act(move |w, by, now| profiles::remove(w, by, &id, now)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
