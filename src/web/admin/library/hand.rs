//! Profiles as files, as what one device would get, copied, put away.

use axum::response::Response;

use super::{fresh, name, tone};
use crate::actions::drafts;
use crate::actions::exports::{self, Wrapping};
use crate::actions::{devices, profiles, signing};
use crate::model::edge::roll_uuid;
use crate::model::enrollment::EnrollmentId;
use crate::rules::{lint, secrets, variables};
use crate::store::{self, Read};
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::library::badges::Count;
use crate::views::admin::library::hand::{ArchivePage, DownloadPage, PreviewOf, PreviewPage};
use crate::views::admin::library::new::DuplicatePage;
use crate::views::admin::library::review::LintRow;
use crate::views::form::Wrong;
use crate::web::admin::profile::{find, head, opened};
use crate::web::ask::Ask;
use crate::web::fleet;
use crate::web::problem::Fault;
use crate::wire::profile::Document;

/// A configuration profile, as Apple's systems know it.
pub(in crate::web) const PROFILE_TYPE: &str = "application/x-apple-aspen-config";

/// Names of the variables in a document, each once.
pub(super) fn names(document: &Document) -> Vec<String> {
    let mut names: Vec<String> = variables::used(document).into_iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    names
}

/// `GET /profilemanager/profiles/{id}/download`
pub(in crate::web) async fn ask_download(ask: Ask) -> Result<Response, Fault> {
    let content = download_page(&ask, None).await?;
    ask.page(|page| content.render(page))
}

async fn download_page(ask: &Ask, wrong: Option<Wrong>) -> Result<DownloadPage, Fault> {
    let (head, open) = opened(ask).await?;
    let fleet = fleet::snapshot(&ask.app).await?;
    let q: String = ask.said.query.text("q").chars().take(100).collect();
    let document = match open.profile.revision {
        0 => open.document,
        n => drafts::revision(&ask.read()?, &open.profile.id, n)?,
    };
    let (devices, more) = find(&fleet, &q, |_| true);
    Ok(DownloadPage { variables: names(&document), devices, more, q, wrong, head })
}

/// The device that the query names.
fn device(ask: &Ask, view: &Read) -> Result<Option<EnrollmentId>, Fault> {
    match ask.said.query.some("device") {
        Some(text) => Ok(Some(devices::find(view, text)?.id)),
        None => Ok(None),
    }
}

/// `GET /profilemanager/profiles/{id}/file?wrap=&device=&revision=`
pub(in crate::web) async fn file(ask: Ask) -> Result<Response, Fault> {
    let (profile, revision, device) = {
        let view = ask.read()?;
        let profile = profiles::known(&view, ask.part("id"))?;
        let revision = ask.number("revision")?.and_then(|n| u32::try_from(n).ok());
        (profile.clone(), revision.unwrap_or(profile.revision), device(&ask, &view)?)
    };
    let wrapping = match (ask.said.query.text("wrap"), &device) {
        ("signed", _) => Wrapping::Signed,
        ("encrypted", Some(device)) => Wrapping::Encrypted(device.clone()),
        ("encrypted", None) => {
            let fault = Fault::new("profile.no-device", "Choose the device that the file is encrypted to.");
            return wrong(&ask, fault).await;
        }
        _ => Wrapping::Plain,
    };
    match made(&ask, &profile.id, revision, device, wrapping).await {
        Ok(bytes) => ask.file(PROFILE_TYPE, &format!("{}.mobileconfig", profile.identifier), bytes),
        Err(fault) if fault.status.is_client_error() && fault.code.starts_with("profile.") => {
            wrong(&ask, fault).await
        }
        Err(fault) => Err(fault),
    }
}

async fn wrong(ask: &Ask, fault: Fault) -> Result<Response, Fault> {
    let wrong = fault.about(&[
        ("profile.no-device", "device"),
        ("profile.cannot-encrypt", "device"),
        ("profile.variable-missing", "device"),
    ]);
    let content = download_page(ask, Some(wrong)).await?;
    ask.again(&fault, |page| content.render(page))
}

/// The file, made off the async threads: signing and encrypting take a while.
pub(in crate::web) async fn made(
    ask: &Ask,
    profile: &str,
    revision: u32,
    device: Option<EnrollmentId>,
    wrapping: Wrapping,
) -> Result<Vec<u8>, Fault> {
    let (store, dice, now) = (ask.app.store.clone(), ask.app.dice.clone(), ask.now);
    let profile = profile.to_owned();
    let work = tokio::task::spawn_blocking(move || {
        if wrapping != Wrapping::Plain {
            signing::ensure(&store, dice.as_ref(), now)?;
        }
        exports::file(&store.read()?, &profile, revision, device.as_ref(), &wrapping, dice.as_ref())
    });
    Ok(work.await.map_err(|_| Fault::panicked())??)
}

/// `GET /profilemanager/profiles/{id}/preview?device=&q=`
pub(in crate::web) async fn preview(ask: Ask) -> Result<Response, Fault> {
    let (head, open) = opened(&ask).await?;
    let fleet = fleet::snapshot(&ask.app).await?;
    let view = ask.read()?;
    let of = match device(&ask, &view)? {
        Some(id) => Some(preview_of(&view, &id, &open.document)?),
        None => None,
    };
    let q: String = ask.said.query.text("q").chars().take(100).collect();
    let (devices, more) = find(&fleet, &q, |entry| of.as_ref().is_none_or(|of| of.id != entry.id));
    let content = PreviewPage { q, devices, more, of, head };
    ask.page(|page| content.render(page))
}

fn preview_of(view: &Read, id: &EnrollmentId, document: &Document) -> Result<PreviewOf, Fault> {
    let device = devices::known(view, id)?;
    let enrollment = store::enrollments::get(view, id)?;
    let target = enrollment.as_ref().and_then(|e| lint::target(&device, e));
    let remarks = target.map(|target| (target.os, lint::lint(document, &target)));
    let known = variables::values(&device, enrollment.as_ref());
    let value = |name: String| {
        let value = known.get(&name.to_ascii_lowercase()).cloned();
        (name, value)
    };
    let lint = remarks.map(|(os, remarks)| {
        let row = |r: lint::Remark| LintRow {
            payload: super::review::payload_label(document, &r.place),
            label: if r.place.path.0.is_empty() { String::new() } else { r.label },
            counts: vec![Count {
                words: lint::words(r.verdict, Some(os)),
                tone: tone(r.verdict),
                devices: 1,
                href: String::new(),
            }],
            place: r.place,
        };
        remarks.into_iter().map(row).collect()
    });
    let xml = match exports::preview(view, document, id) {
        Ok(filled) => Ok(String::from_utf8_lossy(&secrets::redacted(&filled).to_xml()).into_owned()),
        Err(crate::actions::Failure::Refused(refusal)) => Err(refusal.said),
        Err(broken) => return Err(broken.into()),
    };
    Ok(PreviewOf {
        values: names(document).into_iter().map(value).collect(),
        lint: lint.unwrap_or_default(),
        xml,
        id: device.id,
        name: device.name,
        platform: device.platform,
    })
}

/// `GET /profilemanager/profiles/{id}/duplicate`
pub(in crate::web) async fn ask_duplicate(ask: Ask) -> Result<Response, Fault> {
    let head = head(&ask).await?;
    let content = DuplicatePage { name: format!("{} copy", head.profile.name), wrong: None, head };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/profiles/{id}/duplicate`
pub(in crate::web) async fn duplicate(ask: Ask) -> Result<Response, Fault> {
    let copied = match name(&ask) {
        Ok(name) => {
            let new = fresh(&ask.app, &super::base(&ask.app), &name);
            let (id, dice) = (ask.part("id").to_owned(), ask.app.dice.clone());
            let (store, by, now) = (ask.app.store.clone(), ask.actor()?, ask.now);
            let work = tokio::task::spawn_blocking(move || {
                let mut uuids = || roll_uuid(dice.as_ref());
                drafts::duplicate_beside(&store, &by, &id, new, &mut uuids, now)
            });
            work.await.map_err(|_| Fault::panicked())?.map_err(Fault::from)
        }
        Err(fault) => Err(fault),
    };
    match copied {
        Ok(profile) => {
            let text = format!("“{}” is a draft of its own now.", profile.name);
            ask.done(&at::profile(&profile.id, ProfileTab::Payloads), text)
        }
        Err(fault) if fault.code == "profile.name" => {
            let content = DuplicatePage {
                name: ask.said.fields.text("name").to_owned(),
                wrong: Some(fault.about(&[("profile.name", "name")])),
                head: head(&ask).await?,
            };
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}

/// `GET /profilemanager/profiles/{id}/archive`
pub(in crate::web) async fn ask_archive(ask: Ask) -> Result<Response, Fault> {
    let content = ArchivePage { head: head(&ask).await? };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/profiles/{id}/archive`
pub(in crate::web) async fn archive(ask: Ask) -> Result<Response, Fault> {
    let away = ask.said.fields.text("away") == "on";
    let id = ask.part("id").to_owned();
    let profile = ask.act(move |w, by, now| drafts::archive(w, by, &id, away, now)).await?;
    if away {
        return ask.done(at::PROFILES, format!("“{}” is archived. Devices take it off.", profile.name));
    }
    ask.done(&at::profile(&profile.id, ProfileTab::Assigned), format!("“{}” is back.", profile.name))
}
