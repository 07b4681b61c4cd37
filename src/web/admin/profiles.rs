//! The library: list, import, download, removal.

use axum::response::Response;

use super::profile::head;
use crate::actions::profiles::{self, Draft, Outcome};
use crate::store;
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::profile::ProfileRemove;
use crate::views::admin::profiles::{ImportPage, ProfileRow, ProfilesPage};
use crate::web::ask::Ask;
use crate::web::fleet;
use crate::web::identity::fresh_id;
use crate::web::problem::Fault;

/// `GET /profilemanager/profiles`
pub(in crate::web) async fn list(ask: Ask) -> Result<Response, Fault> {
    let devices = fleet::snapshot(&ask.app).await?;
    let view = ask.read()?;
    let mut rows = Vec::new();
    for profile in store::profiles::list(&view)? {
        let assigned = store::profiles::assigned_to(&view, &profile.id)?.len() as u64;
        let (installed, failed) = super::profile::sums(&devices.tally(&profile.id));
        rows.push(ProfileRow {
            wanted: if profile.everyone { devices.enrolled } else { assigned },
            assigned,
            installed,
            failed,
            payloads: profile.payloads.iter().map(|(kind, _)| kind.clone()).collect(),
            id: profile.id,
            name: profile.name,
            identifier: profile.identifier,
            everyone: profile.everyone,
            updated: profile.updated,
        });
    }
    rows.sort_by_key(|row| row.name.to_lowercase());
    let content = ProfilesPage { rows };
    ask.page(|page| content.render(page))
}

/// `GET /profilemanager/profiles/import`
pub(in crate::web) async fn ask_import(ask: Ask) -> Result<Response, Fault> {
    ask.page(|page| ImportPage { wrong: None }.render(page))
}

/// `POST /profilemanager/profiles/import`
pub(in crate::web) async fn import(ask: Ask) -> Result<Response, Fault> {
    let imported = match ask.said.fields.file("profile") {
        Some(file) => bring_in(&ask, file.to_vec()).await,
        None => Err(Fault::new("profile.no-file", "No file was chosen, or it is empty.")),
    };
    match imported {
        Ok((profile, outcome)) => {
            let text = match outcome {
                Outcome::Created => format!("“{}” is in the library. Now choose who gets it.", profile.name),
                Outcome::Revised => format!("“{}” is now revision {}.", profile.name, profile.revision),
                Outcome::Unchanged => format!("“{}” is in the library already, just so.", profile.name),
            };
            let tab = if outcome == Outcome::Created { ProfileTab::Assigned } else { ProfileTab::Payloads };
            ask.done(&at::profile(&profile.id, tab), text)
        }
        Err(fault) if fault.status.is_client_error() && fault.code.starts_with("profile.") => {
            let content = ImportPage { wrong: Some(fault.about(&[("profile.no-file", "profile")])) };
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}

/// Reads a file off the async threads (a signature is verified) and puts it into the library.
pub(in crate::web) async fn bring_in(
    ask: &Ask,
    file: Vec<u8>,
) -> Result<(crate::model::profile::Profile, Outcome), Fault> {
    let store = ask.app.store.clone();
    let read = tokio::task::spawn_blocking(move || {
        let draft = Draft::read(&file)?;
        let same = profiles::unchanged(&store.read()?, &draft)?;
        Ok::<_, Fault>((draft, same))
    });
    let (draft, same) = read.await.map_err(|_| Fault::panicked())??;
    if let Some(profile) = same {
        return Ok((profile, Outcome::Unchanged));
    }
    let id = fresh_id(&ask.app);
    let imported = ask.act(move |w, by, now| profiles::import(w, by, &draft, id, now)).await?;
    Ok(imported)
}

/// `GET /profilemanager/profiles/{id}/download`
pub(in crate::web) async fn download(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?;
    let file = store::profiles::revision(&view, &profile.id, profile.revision)?.ok_or_else(|| {
        Fault::from(crate::store::Broken(format!(
            "revision {} of {} is missing",
            profile.revision, profile.id
        )))
    })?;
    let name = format!("{}.mobileconfig", profile.identifier);
    ask.file("application/x-apple-aspen-config", &name, file.expose().to_vec())
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
