//! The library: list and removal.

use axum::response::Response;

use super::profile::head;
use crate::actions::profiles;
use crate::catalog::{Os, catalog};
use crate::model::profile::{Distribution, Profile};
use crate::store::{self, Read};
use crate::views::address as at;
use crate::views::admin::profile::ProfileRemove;
use crate::views::admin::profiles::{ProfileRow, ProfilesPage, payload_name};
use crate::web::ask::Ask;
use crate::web::fleet::{self, Snapshot};
use crate::web::problem::Fault;

/// `GET /profilemanager/profiles`
pub(in crate::web) async fn list(ask: Ask) -> Result<Response, Fault> {
    let devices = fleet::snapshot(&ask.app).await?;
    let view = ask.read()?;
    let q: String = ask.said.query.text("q").trim().chars().take(100).collect();
    let archived = ask.said.query.ticked("archived");
    let words: Vec<String> = q.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let (mut rows, mut away, mut total) = (Vec::new(), 0, 0);
    for profile in store::profiles::list(&view)? {
        if profile.archived.is_some() {
            away += 1;
        } else {
            total += 1;
        }
        if profile.archived.is_some() != archived {
            continue;
        }
        let facts = store::profiles::facts(&view, &profile.id, profile.revision)?;
        let mut text = format!("{}\n{}\n{}", profile.name, profile.identifier, profile.description);
        for (kind, name) in &profile.payloads {
            text.push_str(&format!("\n{kind}\n{name}\n{}", payload_name(kind)));
        }
        if let Some(facts) = &facts {
            text.push_str(&format!("\n{}", facts.note));
        }
        let text = text.to_lowercase();
        if words.iter().all(|word| text.contains(word.as_str())) {
            rows.push(row(&view, &devices, profile, facts.map(|f| f.by))?);
        }
    }
    rows.sort_by_key(|row| row.name.to_lowercase());
    let content = ProfilesPage { rows, q, archived, away, total };
    ask.page(|page| content.render(page))
}

fn row(view: &Read, devices: &Snapshot, profile: Profile, by: Option<String>) -> Result<ProfileRow, Fault> {
    let assigned = store::profiles::assigned_to(view, &profile.id)?.len() as u64;
    let draft = store::drafts::get(view, &profile.id)?;
    let (installed, failed) = super::profile::sums(&devices.tally(&profile.id));
    let payloads: Vec<String> = profile.payloads.iter().map(|(kind, _)| kind.clone()).collect();
    let knows = |os: &Os| {
        let on = |kind: &String| {
            catalog().forms_of(kind).any(|form| form.availability.on(*os).introduced.is_some())
        };
        payloads.iter().any(on)
    };
    Ok(ProfileRow {
        wanted: match profile.distribution {
            Distribution::Pushed if profile.archived.is_some() => 0,
            Distribution::Pushed if profile.everyone => devices.enrolled,
            Distribution::Pushed => assigned,
            Distribution::Offered | Distribution::Manual => 0,
        },
        assigned,
        installed,
        failed,
        systems: Os::ALL.into_iter().filter(knows).collect(),
        published: profile.revision > 0,
        distribution: draft.as_ref().map_or(profile.distribution, |d| d.distribution),
        updated: draft.as_ref().map_or(profile.updated, |d| d.edited.at),
        by: draft.as_ref().map(|d| d.edited.by.clone()).or(by),
        draft: draft.is_some(),
        payloads,
        id: profile.id,
        name: profile.name,
        identifier: profile.identifier,
        everyone: profile.everyone,
    })
}

/// `GET /profilemanager/profiles/{id}/remove`
pub(in crate::web) async fn ask_remove(ask: Ask) -> Result<Response, Fault> {
    let content = ProfileRemove { head: head(&ask).await? };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/profiles/{id}/remove`
pub(in crate::web) async fn remove(ask: Ask) -> Result<Response, Fault> {
    let id = ask.part("id").to_owned();
    let profile = ask.act(move |w, by, now| profiles::remove(w, by, &id, now)).await?;
    ask.done(at::PROFILES, format!("“{}” is removed. Devices take it off as they hear of it.", profile.name))
}
