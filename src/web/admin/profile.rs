//! The tabs of a profile; assigning it.

use axum::response::Response;

use crate::actions::drafts::{self, Open};
use crate::actions::{devices, profiles};
use crate::model::document::Weight;
use crate::model::enrollment::EnrollmentId;
use crate::model::profile::{Delivery, Distribution, Draft};
use crate::rules::access::Right;
use crate::rules::{check, diff};
use crate::store;
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::profile::{AssignRow, DraftState, ProfileAssigned, ProfileHead};
use crate::views::admin::profile_status::{PlacementRow, ProfileStatus};
use crate::views::words::count;
use crate::views::{Toast, Tone, Undo};
use crate::web::ask::Ask;
use crate::web::fleet::{self, Entry, Filter, Snapshot, Tally};
use crate::web::problem::Fault;

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

/// Top of every page of a profile, and what is in it: the draft if there is one.
pub(in crate::web) async fn opened(ask: &Ask) -> Result<(ProfileHead, Open), Fault> {
    attend(ask).await;
    let devices = fleet::snapshot(&ask.app).await?;
    let view = ask.read()?;
    let open = drafts::open(&view, ask.part("id"))?;
    let profile = open.profile.clone();
    let draft = match &open.draft {
        Some(draft) => Some(draft_state(ask, &view, &open, draft)?),
        None => None,
    };
    let assigned = store::profiles::assigned_to(&view, &profile.id)?.len() as u64;
    let (installed, failed) = sums(&devices.tally(&profile.id));
    let wanted = match profile.distribution {
        Distribution::Pushed if profile.archived.is_some() => 0,
        Distribution::Pushed if profile.everyone => devices.enrolled,
        Distribution::Pushed => assigned,
        Distribution::Offered | Distribution::Manual => 0,
    };
    Ok((ProfileHead { profile, installed, wanted, failed, assigned, draft }, open))
}

fn draft_state(ask: &Ask, view: &store::Read, open: &Open, draft: &Draft) -> Result<DraftState, Fault> {
    let findings = check::check(&open.document);
    let count = |weight| findings.iter().filter(|f| f.weight == weight).count() as u64;
    let changes = match open.profile.revision {
        0 => 0,
        n => {
            let same = draft.distribution == open.profile.distribution;
            let newest = drafts::revision(view, &open.profile.id, n)?;
            diff::diff(&newest, &open.document).len() as u64 + u64::from(!same)
        }
    };
    let others = drafts::others(draft, &ask.actor()?, ask.now).iter().map(|(name, _)| name.clone()).collect();
    Ok(DraftState {
        version: draft.version,
        changes,
        by: draft.edited.by.clone(),
        at: draft.edited.at,
        others,
        errors: count(Weight::Error),
        warnings: count(Weight::Warning),
    })
}

/// Lets others who work on the draft see who looks at it. The page neither fails nor waits long for that.
async fn attend(ask: &Ask) {
    let id = ask.part("id").to_owned();
    let news = ask.may(Right::EditProfiles)
        && matches!((ask.read(), ask.actor()), (Ok(view), Ok(by))
            if drafts::wants_attend(&view, &by, &id, ask.now).unwrap_or(false));
    if news && let Err(fault) = ask.act(move |w, by, now| drafts::attend(w, by, &id, now)).await {
        tracing::warn!(target: "profilemanager", "it was not noted who looks at a draft: {}", fault.said);
    }
}

/// Top of every page of a profile.
pub(in crate::web) async fn head(ask: &Ask) -> Result<ProfileHead, Fault> {
    Ok(opened(ask).await?.0)
}

/// `GET /profilemanager/profiles/{id}/assigned`
pub(in crate::web) async fn assigned(ask: Ask) -> Result<Response, Fault> {
    let head = head(&ask).await?;
    let snapshot = fleet::snapshot(&ask.app).await?;
    let ids = store::profiles::assigned_to(&ask.read()?, &head.profile.id)?;
    let mut assigned: Vec<&Entry> = ids.iter().filter_map(|id| snapshot.get(id)).collect();
    assigned.sort_by_key(|entry| entry.name.to_lowercase());
    let q: String = ask.said.query.text("q").chars().take(100).collect();
    let (found, found_more) = find(&snapshot, &q, |entry| !ids.contains(&entry.id));
    let content = ProfileAssigned {
        devices: assigned.into_iter().take(ASSIGNED).map(row).collect(),
        found,
        found_more,
        q,
        then_review: ask.said.query.text("then") == "review" || head.draft.is_some(),
        head,
    };
    ask.page(|page| content.render(page))
}

/// The devices that a search finds, at most fifty, and whether there are more.
pub(super) fn find(snapshot: &Snapshot, q: &str, wanted: impl Fn(&Entry) -> bool) -> (Vec<AssignRow>, bool) {
    let all = snapshot.find(&Filter::new(q, None, None), None, usize::MAX);
    let mut found: Vec<&Entry> = all.entries.into_iter().filter(|e| wanted(e)).take(FOUND + 1).collect();
    let more = found.len() > FOUND;
    found.truncate(FOUND);
    (found.into_iter().map(row).collect(), more)
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
    let to = match ask.said.fields.text("then") {
        "review" => at::profile_review(&profile.id),
        _ => at::profile(&profile.id, ProfileTab::Assigned),
    };
    ask.done_with(&to, toast)
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
