//! A draft is reviewed, published or thrown away.

use axum::response::Response;

use super::{counts, reached, targets, tone};
use crate::actions::drafts;
use crate::model::edge::roll_uuid;
use crate::rules::{check, diff, lint, summary};
use crate::store;
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::library::hand::DiscardPage;
use crate::views::admin::library::review::{LintRow, ReviewPage, VerdictDevice, VerdictPage};
use crate::views::form::Wrong;
use crate::views::words::count;
use crate::views::{Link, Toast, Tone};
use crate::web::admin::profile::opened;
use crate::web::ask::Ask;
use crate::web::fleet::{self, Entry};
use crate::web::problem::Fault;
use crate::wire::plist::Value;
use crate::wire::profile::{Document, Place};

/// Devices shown behind a number.
pub(super) const BEHIND: usize = 500;

/// `GET /profilemanager/profiles/{id}/review`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let content = content(&ask, None).await?;
    ask.page(|page| content.render(page))
}

async fn content(ask: &Ask, wrong: Option<Wrong>) -> Result<ReviewPage, Fault> {
    let (head, open) = opened(ask).await?;
    let devices = fleet::snapshot(&ask.app).await?;
    let view = ask.read()?;
    let profile = &open.profile;
    let nothing = Document { body: crate::wire::plist::Dictionary::new() };
    let newest = match profile.revision {
        0 => nothing,
        n => drafts::revision(&view, &profile.id, n)?,
    };
    let mut differences = diff::diff(&newest, &open.document);
    if profile.revision == 0 {
        // Everything is new; its envelope would only be noise.
        differences.retain(|d| d.place.payload.is_some());
    }
    let distribution = open.draft.as_ref().map_or(profile.distribution, |d| d.distribution);
    let reached = reached(&devices, &view, profile, distribution)?;
    let (known, unjudged) = targets(reached.iter().copied());
    let lint = lint::survey(&open.document, &known)
        .into_iter()
        .map(|row| LintRow {
            payload: payload_label(&open.document, &row.place),
            label: if row.place.path.0.is_empty() { String::new() } else { row.label },
            counts: counts(&row.devices, |words| {
                at::profile_review_devices(&profile.id, &row.place.to_string(), words)
            }),
            place: row.place,
        })
        .collect();
    let mut head = head;
    head.profile.distribution = distribution;
    Ok(ReviewPage {
        sentences: summary::sentences(&open.document),
        differences,
        behind: open.draft.as_ref().map(|d| d.base).filter(|base| *base != profile.revision),
        findings: check::check(&open.document),
        lint,
        devices: reached.len() as u64,
        unjudged,
        note: ask.said.fields.text("note").chars().take(1000).collect(),
        wrong,
        head,
    })
}

/// What the payload of a place is called.
pub(super) fn payload_label(document: &Document, place: &Place) -> String {
    let Some(payload) = place.payload.as_deref().and_then(|id| document.payload(id)) else {
        return "General settings".into();
    };
    let kind = payload.payload_type();
    let label = crate::catalog::catalog().form_for(payload.body).map_or(kind, |form| form.label.as_str());
    match payload.body.get("PayloadDisplayName").and_then(Value::as_string) {
        Some(name) if !name.is_empty() && name != label => format!("{label}: {name}"),
        _ => label.to_owned(),
    }
}

/// `GET /profilemanager/profiles/{id}/review/devices?place=&verdict=`
pub(in crate::web) async fn devices(ask: Ask) -> Result<Response, Fault> {
    let (head, open) = opened(&ask).await?;
    let fleet = fleet::snapshot(&ask.app).await?;
    let place = Place::parse(ask.said.query.text("place"))
        .map_err(|_| Fault::new("profile.no-such-place", "There is no such setting in the profile."))?;
    let words = ask.said.query.text("verdict").to_owned();
    let distribution = open.draft.as_ref().map_or(open.profile.distribution, |d| d.distribution);
    let entries = reached(&fleet, &ask.read()?, &open.profile, distribution)?;
    let mut known = std::collections::BTreeMap::new();
    let (mut label, mut shade) = (String::new(), Tone::Plain);
    let behind: Vec<&Entry> = entries
        .into_iter()
        .filter(|entry| {
            let Some(target) = entry.target else { return false };
            let remark = known.entry(target).or_insert_with(|| {
                lint::lint(&open.document, &target).into_iter().find(|r| r.place == place)
            });
            let Some(remark) = remark else { return false };
            let fits = lint::words(remark.verdict, None) == words;
            if fits {
                label.clone_from(&remark.label);
                shade = tone(remark.verdict);
            }
            fits
        })
        .collect();
    let payload = payload_label(&open.document, &place);
    let content = VerdictPage {
        trail: vec![
            Link { label: "Profiles".into(), href: at::PROFILES.into() },
            Link {
                label: head.profile.name.clone(),
                href: at::profile(&head.profile.id, ProfileTab::Payloads),
            },
            Link { label: "Review".into(), href: at::profile_review(&head.profile.id) },
        ],
        setting: if place.path.0.is_empty() || label.is_empty() {
            payload
        } else {
            format!("{payload}: {label}")
        },
        words,
        tone: shade,
        total: behind.len() as u64,
        devices: behind.into_iter().take(BEHIND).map(device).collect(),
    };
    ask.page(|page| content.render(page))
}

pub(super) fn device(entry: &Entry) -> VerdictDevice {
    VerdictDevice {
        id: entry.id.clone(),
        name: entry.name.clone(),
        platform: entry.platform,
        model: entry.model_name.clone(),
        os_version: entry.os_version.clone(),
        supervised: entry.supervised,
    }
}

/// The version of the draft that a form was made from.
fn version(ask: &Ask) -> Result<u64, Fault> {
    let said = ask.said.fields.text("version");
    said.parse().map_err(|_| Fault::new("body.form", "The form does not say which draft it is about."))
}

/// `POST /profilemanager/profiles/{id}/publish`
pub(in crate::web) async fn publish(ask: Ask) -> Result<Response, Fault> {
    let version = version(&ask)?;
    let (store, by, now) = (ask.app.store.clone(), ask.actor()?, ask.now);
    let (id, note) = (ask.part("id").to_owned(), ask.said.fields.text("note").trim().to_owned());
    let uuid = roll_uuid(ask.app.dice.as_ref());
    let work = tokio::task::spawn_blocking(move || {
        drafts::publish_beside(&store, &by, &id, version, &note, uuid, now)
    });
    match work.await.map_err(|_| Fault::panicked())?.map_err(Fault::from) {
        Ok(profile) => {
            let view = ask.read()?;
            let to = store::profiles::assigned_to(&view, &profile.id)?.len() as u64;
            use crate::model::profile::Distribution::{Manual, Offered, Pushed};
            let (tab, what) = match profile.distribution {
                Pushed if profile.everyone => {
                    (ProfileTab::Status, "It is on its way to every enrolled device.".into())
                }
                Pushed if to > 0 => {
                    (ProfileTab::Status, format!("It is on its way to {}.", count(to, "device", "devices")))
                }
                Pushed => (ProfileTab::Assigned, "Now choose who gets it.".to_owned()),
                Offered => (ProfileTab::General, "People find it in the user portal now.".to_owned()),
                Manual => (ProfileTab::History, "Download it and hand it on.".to_owned()),
            };
            let text = format!("“{}” is published as revision {}. {what}", profile.name, profile.revision);
            ask.done(&at::profile(&profile.id, tab), text)
        }
        Err(fault) if fault.code == "profile.no-draft" => gone(&ask, &fault),
        Err(fault) if fault.code.starts_with("profile.") && fault.code != "profile.unknown" => {
            let wrong = fault.about(&[("profile.note", "note")]);
            let said = match fault.code {
                "profile.draft-moved" => format!(
                    "Not published: {} What is below is the draft as it is now; read it, then publish.",
                    wrong.said
                ),
                _ => wrong.said,
            };
            let content = content(&ask, Some(Wrong { said, ..wrong })).await?;
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}

/// Somebody else published it, or threw it away: what is there now is shown, and says so.
fn gone(ask: &Ask, fault: &Fault) -> Result<Response, Fault> {
    let text = format!("{} Somebody else published it or threw it away.", fault.said);
    let to = at::profile(ask.part("id"), ProfileTab::History);
    ask.done_with(&to, Toast { tone: Tone::Warn, text, undo: None })
}

/// `GET /profilemanager/profiles/{id}/discard`
pub(in crate::web) async fn ask_discard(ask: Ask) -> Result<Response, Fault> {
    let (head, open) = opened(&ask).await?;
    let Some(draft) = &open.draft else {
        return Err(Fault::new("profile.no-draft", "There is no draft of this profile (any more)."));
    };
    let content = DiscardPage { version: draft.version, head };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/profiles/{id}/discard`
pub(in crate::web) async fn discard(ask: Ask) -> Result<Response, Fault> {
    let version = version(&ask)?;
    let id = ask.part("id").to_owned();
    let before = crate::actions::profiles::known(&ask.read()?, &id)?;
    let done = ask.act(move |w, by, now| drafts::discard(w, by, &id, version, now)).await;
    match done {
        Ok(()) if before.revision == 0 => ask.done(at::PROFILES, format!("“{}” is discarded.", before.name)),
        Ok(()) => ask.done(
            &at::profile(&before.id, ProfileTab::Payloads),
            format!("The draft is discarded. This is revision {} again.", before.revision),
        ),
        Err(fault) if fault.code == "profile.draft-moved" => {
            let text = format!("Not discarded: {} This is the draft as it is now.", fault.said);
            let to = at::profile_review(&before.id);
            ask.done_with(&to, Toast { tone: Tone::Warn, text, undo: None })
        }
        Err(fault) if fault.code == "profile.no-draft" => gone(&ask, &fault),
        Err(fault) => Err(fault),
    }
}
