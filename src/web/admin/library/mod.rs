//! Profiles beside their list and their old tabs: made, described, reviewed, published, put back, shown as text,
//! handed on; and the catalog of what they may hold.

pub(in crate::web) mod catalog;
pub(in crate::web) mod general;
pub(in crate::web) mod hand;
pub(in crate::web) mod history;
pub(in crate::web) mod import;
pub(in crate::web) mod new;
pub(in crate::web) mod review;
pub(in crate::web) mod short;
pub(in crate::web) mod source;

use std::collections::BTreeMap;

use crate::actions::drafts::{self, New, Saved};
use crate::catalog::{Target, Verdict};
use crate::model::document::Change;
use crate::model::edge::{roll, roll_uuid};
use crate::model::profile::{Distribution, Profile};
use crate::rules::lint;
use crate::store;
use crate::views::Tone;
use crate::views::admin::library::badges::Count;
use crate::web::App;
use crate::web::ask::Ask;
use crate::web::fleet::{Entry, Snapshot};
use crate::web::identity::fresh_id;
use crate::web::problem::Fault;

/// What a new profile is known by: fresh ids, and an identifier below the organization's.
fn fresh(app: &App, base: &str, name: &str) -> New {
    let mut slug: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(40)
        .collect();
    while slug.contains("--") {
        slug = slug.replace("--", "-");
    }
    let random: [u8; 3] = roll(app.dice.as_ref());
    let slug = slug.trim_matches('-');
    let slug = if slug.is_empty() { "profile" } else { slug };
    New {
        id: fresh_id(app),
        uuid: roll_uuid(app.dice.as_ref()),
        identifier: format!("{base}.{slug}.{}", hex::encode(random)),
        name: name.to_owned(),
    }
}

/// The organization's identifiers begin like this: the host name, the other way round.
fn base(app: &App) -> String {
    let mut parts: Vec<&str> = app.site.host.split('.').filter(|p| !p.is_empty()).collect();
    parts.reverse();
    parts.join(".")
}

/// Edits a draft, the long work outside of the writing thread.
async fn save(ask: &Ask, changes: Vec<Change>, distribution: Option<Distribution>) -> Result<Saved, Fault> {
    let (store, by, now) = (ask.app.store.clone(), ask.actor()?, ask.now);
    let id = ask.part("id").to_owned();
    let work = tokio::task::spawn_blocking(move || {
        drafts::save_beside(&store, &by, &id, &changes, distribution, now)
    });
    Ok(work.await.map_err(|_| Fault::panicked())??)
}

/// A name that a form gives.
fn name(ask: &Ask) -> Result<String, Fault> {
    let name = ask.said.fields.some("name").unwrap_or_default();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(Fault::new("profile.name", "Give the profile a name, on one line."));
    }
    Ok(name.to_owned())
}

/// The devices that a profile reaches, or for one that is not sent, all that could have it.
pub(super) fn reached<'a>(
    devices: &'a Snapshot,
    view: &store::Read,
    profile: &Profile,
    distribution: Distribution,
) -> Result<Vec<&'a Entry>, Fault> {
    let enrolled = devices.entries.iter().filter(|e| e.state == crate::model::enrollment::State::Enrolled);
    if distribution != Distribution::Pushed || profile.everyone {
        return Ok(enrolled.collect());
    }
    let assigned: std::collections::HashSet<_> =
        store::profiles::assigned_to(view, &profile.id)?.into_iter().collect();
    Ok(enrolled.filter(|e| assigned.contains(&e.id)).collect())
}

/// Kinds of devices with how many there are of each; and how many whose system is not known.
pub(super) fn targets<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> (BTreeMap<Target, u64>, u64) {
    let (mut known, mut unknown) = (BTreeMap::new(), 0);
    for entry in entries {
        match entry.target {
            Some(target) => *known.entry(target).or_default() += 1,
            None => unknown += 1,
        }
    }
    (known, unknown)
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Works => Tone::Ok,
        Verdict::Deprecated(_) => Tone::Warn,
        Verdict::Ignored(_) | Verdict::Unknown => Tone::Plain,
    }
}

/// Numbers with the lists behind them. Verdicts that read the same are one number.
pub(super) fn counts(devices: &BTreeMap<Verdict, u64>, href: impl Fn(&str) -> String) -> Vec<Count> {
    let mut out: Vec<Count> = Vec::new();
    for (verdict, n) in devices {
        let words = lint::words(*verdict, None);
        match out.iter_mut().find(|c| c.words == words) {
            Some(same) => same.devices += n,
            None => out.push(Count { href: href(&words), tone: tone(*verdict), devices: *n, words }),
        }
    }
    out
}
