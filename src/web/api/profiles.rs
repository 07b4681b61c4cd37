//! Profiles.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::facts::{delivery, delivery_word};
use super::{documents, drafts, limit, moment};
use crate::actions::profiles::{Draft, Outcome};
use crate::actions::{devices, profiles};
use crate::model::enrollment::EnrollmentId;
use crate::model::profile::Profile;
use crate::store::{self, Read};
use crate::web::ask::Ask;
use crate::web::fleet::{self, Snapshot};
use crate::web::identity::fresh_id;
use crate::web::problem::Fault;
use crate::wire::api::{
    Assignment, Doing, Imported, Page, PayloadInfo, ProfileInfo, ProfileStatus, StateCount,
};

fn info(view: &Read, devices: &Snapshot, profile: Profile) -> Result<ProfileInfo, Fault> {
    let assigned = store::profiles::assigned_to(view, &profile.id)?;
    let draft = store::drafts::get(view, &profile.id)?;
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
        distribution: profile.distribution.as_str().into(),
        archived: profile.archived.map(moment),
        variables: profile.variables,
        draft: draft.map(|draft| Doing { by: draft.edited.by, at: moment(draft.edited.at) }),
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

/// A profile as it is now.
pub(super) async fn told(ask: &Ask, profile: Profile) -> Result<ProfileInfo, Fault> {
    let devices = fleet::snapshot(&ask.app).await?;
    info(&ask.read()?, &devices, profile)
}

/// `POST /api/v1/profiles[?draft=1][&keep-draft=1]`: the body is the `.mobileconfig` itself, or JSON that describes a
/// new profile.
pub(in crate::web) async fn import(ask: Ask) -> Result<Response, Fault> {
    if drafts::is_json(&ask) {
        return drafts::make(&ask).await;
    }
    if ask.said.body.is_empty() {
        return Err(Fault::new("profile.no-file", "The request has no body. Send the .mobileconfig itself."));
    }
    let asked = |name: &'static str| ask.said.query.some(name).is_some_and(|word| word != "0");
    let (file, store, as_draft) = (ask.said.body.clone(), ask.app.store.clone(), asked("draft"));
    let keeps = asked("keep-draft");
    // A signature is verified, and every key is looked at.
    let read = tokio::task::spawn_blocking(move || {
        let draft = Draft::read(&file)?.keeping_draft(keeps);
        let understood = documents::understood(&draft.understood());
        let same = if as_draft { None } else { profiles::unchanged(&store.read()?, &draft)? };
        let draft = if as_draft { draft.for_editing() } else { draft };
        Ok::<_, Fault>((draft, understood, same))
    });
    let (draft, understood, same) = read.await.map_err(|_| Fault::panicked())??;
    let id = fresh_id(&ask.app);
    let (profile, outcome) = match same {
        Some(profile) => (profile, Outcome::Unchanged.as_str()),
        None if as_draft => {
            let work = ask.act(move |w, by, now| profiles::import_as_draft(w, by, &draft, id, now));
            (work.await?, "draft")
        }
        None => {
            let work = ask.act(move |w, by, now| profiles::import(w, by, &draft, id, now));
            let (profile, outcome) = work.await?;
            (profile, outcome.as_str())
        }
    };
    let is_new = outcome == "draft" || outcome == Outcome::Created.as_str();
    let body = Imported { outcome: outcome.into(), profile: told(&ask, profile).await?, understood };
    if is_new { ask.made(body) } else { ask.answer(body) }
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
