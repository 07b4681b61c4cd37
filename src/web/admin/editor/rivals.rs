//! Other profiles that set the same keys on the same devices.

use std::collections::{BTreeMap, HashSet};

use super::bench::Bench;
use super::facts::combine;
use super::rows::ENVELOPE;
use crate::actions::drafts;
use crate::catalog::{Key, Os, catalog};
use crate::model::profile::{Distribution, Profile};
use crate::rules::entry;
use crate::store::{self, Read};
use crate::views::Tone;
use crate::web::problem::Fault;
use crate::wire::plist::Value;
use crate::wire::profile::Path;

/// Profiles that are looked into: more of one sort on one device are a rare and slow thing.
const MOST: usize = 30;

/// What is told about a row, by path.
pub(super) type Told = BTreeMap<String, Vec<(Tone, String)>>;

/// What other published profiles set in this form otherwise, on devices that both reach.
pub(super) fn rivals(view: &Read, own: &Profile, bench: &Bench<'_>) -> Result<Told, Fault> {
    let mut told = Told::new();
    let Some(form) = bench.form else { return Ok(told) };
    let repeats = Os::ALL.iter().any(|os| form.may_repeat(*os) == Some(true));
    let mine: HashSet<_> = store::profiles::assigned_to(view, &own.id)?.into_iter().collect();
    if !own.everyone && mine.is_empty() {
        return Ok(told);
    }
    let mut looked = 0;
    for other in store::profiles::list(view)? {
        let sent =
            other.revision > 0 && other.archived.is_none() && other.distribution == Distribution::Pushed;
        let same = other.payloads.iter().any(|(kind, _)| *kind == form.payload_type);
        if other.id == own.id || !sent || !same || looked == MOST {
            continue;
        }
        let theirs = store::profiles::assigned_to(view, &other.id)?;
        let meet = match (own.everyone, other.everyone) {
            (true, true) => true,
            (true, false) => !theirs.is_empty(),
            (false, true) => !mine.is_empty(),
            (false, false) => theirs.iter().any(|id| mine.contains(id)),
        };
        if !meet {
            continue;
        }
        looked += 1;
        let document = drafts::revision(view, &other.id, other.revision)?;
        for payload in document.payloads() {
            if catalog().form_for(payload.body).is_none_or(|f| f.id != form.id) {
                continue;
            }
            for (name, value) in payload.body {
                let differs = bench.body.get(name).is_some_and(|mine| mine != value);
                if !differs || ENVELOPE.contains(&name.as_str()) {
                    continue;
                }
                let path = Path(vec![name.clone()]);
                let key = bench.key(&path);
                let rule = key.and_then(|k| k.combine).or(form.combine);
                let says = match rule {
                    Some(rule) => format!("On devices that get both, {}.", combine(rule)),
                    None if repeats => continue,
                    None => "On devices that get both, which one counts is not known.".to_owned(),
                };
                let tone = if rule.is_some() { Tone::Plain } else { Tone::Warn };
                let what = shown(bench, key, &path, value);
                told.entry(path.to_string())
                    .or_default()
                    .push((tone, format!("“{}” sets {what}. {says}", other.name)));
            }
        }
    }
    Ok(told)
}

/// A value of another profile, never a secret one.
fn shown(bench: &Bench<'_>, key: Option<&Key>, path: &Path, value: &Value) -> String {
    let text = path.to_string();
    let secret = key.is_some_and(|k| k.secret) || bench.secret.contains(&text) || bench.holds_secrets(&text);
    match value {
        Value::Array(_) | Value::Dictionary(_) | Value::Data(_) => "it otherwise".to_owned(),
        _ if secret || key.is_none() => "it otherwise".to_owned(),
        value => format!("it to {}", entry::show(key, value)),
    }
}
