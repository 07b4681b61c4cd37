//! The page of a payload: shown, and saved by each of its buttons.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;

use super::bench::{Bench, Typed, called, label, name};
use super::offers::facets;
use super::read::{Said, read};
use super::rivals::rivals;
use super::rows::{DOMAINS, tone};
use super::{Opened, edit, opened};
use crate::actions::drafts::Saved;
use crate::catalog::{Key, Kind, Verdict, catalog};
use crate::model::document::Conflict;
use crate::rules::variables::VARIABLES;
use crate::rules::{Refusal, lint};
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::editor::payload::Adds;
use crate::views::admin::editor::{Facets, PayloadEditor, anchor};
use crate::views::admin::library::badges::Count;
use crate::views::{Link, Tone, words};
use crate::web::admin::library::{counts, reached, targets};
use crate::web::ask::Ask;
use crate::web::fleet;
use crate::web::page::go;
use crate::web::problem::Fault;
use crate::wire::plist::Value;
use crate::wire::profile::Path;

/// `GET /profilemanager/profiles/{id}/payloads/{pid}`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    super::attend(&ask).await;
    let opened = opened(&ask)?;
    let mut facets = facets(&ask.said.query);
    let reach = reach(&ask, &opened).await?;
    let content = content(&ask, &opened, reach, Typed::default(), &mut facets, Vec::new())?;
    ask.page(|page| content.render(page))
}

/// The way to what the page edits; empty for the payload itself.
fn base(ask: &Ask) -> Path {
    let text = ask.part("path");
    if text.is_empty() { Path::default() } else { Path::parse(text) }
}

pub(super) fn gone() -> Fault {
    let said = "This payload is no longer in the profile. Somebody may have taken it out.";
    Refusal::missing("profile.no-such-payload", said).into()
}

/// `POST /profilemanager/profiles/{id}/payloads/{pid}`
pub(in crate::web) async fn save(ask: Ask) -> Result<Response, Fault> {
    let before = opened(&ask)?;
    let bench =
        Bench::new(&before.open.document, ask.part("pid"), &before.stamps, ask.now).ok_or_else(gone)?;
    let mut said = read(&bench, &ask.said.fields);
    let outcome = if said.changes.is_empty() {
        Ok(Vec::new())
    } else {
        let saved = edit(&ask, std::mem::take(&mut said.changes)).await;
        saved.map(|Saved { conflicts, .. }| conflicts)
    };
    match outcome {
        Ok(conflicts) if conflicts.is_empty() && said.wrong.is_empty() => Ok(onward(&ask, &said)),
        Ok(conflicts) => again(&ask, said, conflicts, None).await,
        Err(fault) if fault.status.is_client_error() && fault.status != StatusCode::FORBIDDEN => {
            again(&ask, said, Vec::new(), Some(fault)).await
        }
        Err(fault) => Err(fault),
    }
}

/// Where a page that was saved leads.
fn onward(ask: &Ask, said: &Said) -> Response {
    let (id, pid) = (ask.part("id"), ask.part("pid"));
    if let Some(path) = &said.open {
        return go(&at::payload_inside(id, pid, &path.to_string()));
    }
    let facets = facets(&ask.said.fields);
    let on = |yes: bool| if yes { "on" } else { "" };
    let to = said.to.as_deref().unwrap_or_default();
    let query = [
        ("add_q", facets.q.as_str()),
        ("add_os", facets.os.as_str()),
        ("add_supervised", on(facets.supervised)),
        ("add_set", on(facets.set)),
        ("to", to),
    ];
    let mut address = at::with_query(&here(ask), &query);
    if ask.said.fields.some("find").is_some() {
        address.push_str("#add");
    } else if !to.is_empty() {
        address.push('#');
        address.push_str(&anchor(to));
    }
    go(&address)
}

fn here(ask: &Ask) -> String {
    let (id, pid, path) = (ask.part("id"), ask.part("pid"), ask.part("path"));
    if path.is_empty() { at::payload(id, pid) } else { at::payload_inside(id, pid, path) }
}

/// The page again, with everything that was typed and is not in the draft.
async fn again(
    ask: &Ask,
    said: Said,
    conflicts: Vec<Conflict>,
    refused: Option<Fault>,
) -> Result<Response, Fault> {
    let after = opened(ask)?;
    let mut typed = Typed { wrong: said.wrong, ..Typed::default() };
    let fault = match (&refused, conflicts.is_empty()) {
        (Some(fault), _) => fault.clone(),
        (None, false) => {
            Fault::new("profile.edit-conflict", "Somebody else changed the same setting meanwhile.")
        }
        (None, true) => Fault::new("profile.edit-wrong", "Something that was typed cannot be used."),
    };
    for conflict in conflicts {
        let path = conflict.place.path.to_string();
        let mark = said.marks.get(&path).cloned().unwrap_or_default();
        let gone = said.gone.contains(&path);
        typed.clashes.insert(path, (conflict, mark, gone));
    }
    for (path, texts) in said.typed {
        // What another's change kept out, what cannot be read, and all of it when nothing was saved.
        let kept = typed.wrong.contains_key(&path) || typed.clashes.contains_key(&path) || refused.is_some();
        if kept && !texts.is_empty() {
            typed.said.insert(path, texts);
        }
    }
    let notes = refused.map(|fault| vec![(Tone::Bad, fault.said)]).unwrap_or_default();
    let mut facets = facets(&ask.said.fields);
    let reach = reach(ask, &after).await?;
    let content = content(ask, &after, reach, typed, &mut facets, notes)?;
    ask.again(&fault, |page| content.render(page))
}

/// What the devices that the profile reaches make of what is set in this payload, by path.
async fn reach(ask: &Ask, opened: &Opened) -> Result<BTreeMap<String, Vec<Count>>, Fault> {
    let devices = fleet::snapshot(&ask.app).await?;
    let open = &opened.open;
    let distribution = open.draft.as_ref().map_or(open.profile.distribution, |d| d.distribution);
    let reached = reached(&devices, &ask.read()?, &open.profile, distribution)?;
    let (known, _) = targets(reached);
    let mut out = BTreeMap::new();
    if known.is_empty() {
        return Ok(out);
    }
    for row in lint::survey(&open.document, &known) {
        let own = row.place.payload.as_deref() == Some(ask.part("pid"));
        if own && row.devices.keys().any(|verdict| *verdict != Verdict::Works) {
            let place = row.place.to_string();
            let link = |words: &str| at::profile_review_devices(&open.profile.id, &place, words);
            out.insert(row.place.path.to_string(), counts(&row.devices, link));
        }
    }
    Ok(out)
}

fn content(
    ask: &Ask,
    opened: &Opened,
    reach: BTreeMap<String, Vec<Count>>,
    typed: Typed,
    facets: &mut Facets,
    mut notes: Vec<(Tone, String)>,
) -> Result<PayloadEditor, Fault> {
    let pid = ask.part("pid");
    let document = &opened.open.document;
    let mut bench = Bench::new(document, pid, &opened.stamps, ask.now).ok_or_else(gone)?;
    bench.rivals = rivals(&ask.read()?, &opened.open.profile, &bench)?;
    bench.reach = reach;
    bench.typed = typed;
    bench.focus = ask.said.query.text("to").to_owned();
    let base = base(ask);
    if !base.0.is_empty() && bench.value(&base).is_none() && bench.key(&base).is_none() {
        let said = "This is no longer in the payload. Somebody may have taken it out.";
        return Err(Refusal::missing("profile.no-such-place", said).into());
    }
    let top = base.0.is_empty();
    notes.extend(
        bench
            .findings
            .iter()
            .filter(|f| f.place.path.0.is_empty() && top)
            .map(|f| (tone(f.weight), f.says.clone())),
    );
    let id = ask.part("id");
    let sections = bench.sections(&base);
    let wrong = bench
        .typed
        .wrong
        .iter()
        .map(|(path, why)| (path.clone(), label_of(&bench, path), why.clone()))
        .collect();
    let key = bench.key(&base);
    Ok(PayloadEditor {
        profile: id.to_owned(),
        base: base.to_string(),
        title: if top { called(bench.body) } else { step(&bench, &base) },
        trail: trail(&bench, opened, id, pid, &base),
        action: here(ask),
        lead: if top { bench.form.and_then(|f| f.help.clone()) } else { key.and_then(|k| k.help.clone()) },
        notes,
        reach: if top { bench.reach.remove("").unwrap_or_default() } else { Vec::new() },
        facts: if top { about(&bench) } else { Vec::new() },
        offers: bench.offers(&base, facets),
        facets: facets.clone(),
        adds: adds(&bench, &base),
        clashes: bench.typed.clashes.len(),
        others: super::others(opened.open.draft.as_ref(), ask),
        edited: opened.open.draft.as_ref().map(|d| (d.edited.at, d.edited.by.clone())),
        variables: VARIABLES.iter().map(|v| (v.name.to_owned(), v.help.to_owned())).collect(),
        sections,
        wrong,
    })
}

fn label_of(bench: &Bench<'_>, path: &str) -> String {
    let at = Path::parse(path);
    let last = at.0.last().cloned().unwrap_or_default();
    match bench.key(&at).filter(|k| !k.is_free()) {
        Some(key) => key.label.clone(),
        None if path.is_empty() => "A new key".into(),
        None => last,
    }
}

/// What the end of a path is called: the key's label, or for an item its number.
fn step(bench: &Bench<'_>, path: &Path) -> String {
    let last = path.0.last().cloned().unwrap_or_default();
    let parent = Path(path.0[..path.0.len() - 1].to_vec());
    let in_list = !parent.0.is_empty() && matches!(bench.value(&parent), Some(Value::Array(_)));
    let key = bench.key(path).filter(|k| !k.is_free());
    match (in_list, key) {
        (true, key) => {
            let what =
                key.map(|k| k.label.clone()).filter(|l| !l.is_empty()).unwrap_or_else(|| "Item".into());
            match last.parse::<usize>() {
                Ok(n) => format!("{what} {}", n + 1),
                Err(_) => last,
            }
        }
        (false, Some(key)) => key.label.clone(),
        (false, None) => last,
    }
}

fn trail(bench: &Bench<'_>, opened: &Opened, id: &str, pid: &str, base: &Path) -> Vec<Link> {
    let mut trail = vec![
        Link { label: "Profiles".into(), href: at::PROFILES.into() },
        Link { label: opened.open.profile.name.clone(), href: at::profile(id, ProfileTab::Payloads) },
    ];
    if !base.0.is_empty() {
        trail.push(Link { label: called(bench.body), href: at::payload(id, pid) });
        for n in 1..base.0.len() {
            let path = Path(base.0[..n].to_vec());
            trail.push(Link {
                label: step(bench, &path),
                href: at::payload_inside(id, pid, &path.to_string()),
            });
        }
    }
    trail
}

/// What the payload is, for whoever wants to know.
fn about(bench: &Bench<'_>) -> Vec<(String, String)> {
    let text = |key: &str| bench.body.get(key).and_then(Value::as_string).map(str::to_owned);
    let mut out = vec![("Sort".to_owned(), label(bench.body))];
    if bench.form.is_none() {
        out.push(("Known".into(), "Not in Apple’s schema. Everything in it is kept as it is.".into()));
    }
    for (word, key) in [
        ("Type", "PayloadType"),
        ("Identifier", "PayloadIdentifier"),
        ("UUID", "PayloadUUID"),
        ("Organization", "PayloadOrganization"),
        ("Description", "PayloadDescription"),
    ] {
        if let Some(value) = text(key) {
            out.push((word.into(), value));
        }
    }
    if let Some(form) = bench.form {
        out.push(("Systems".into(), super::facts::form_badges(form).join(", ")));
        out.push(("Schema".into(), form.release.clone()));
        out.push(("Settings".into(), words::count(form.keys.len() as u64, "setting", "settings")));
    }
    out
}

fn adds(bench: &Bench<'_>, base: &Path) -> Adds {
    let key = bench.key(base);
    let top = base.0.is_empty();
    match bench.value(base) {
        _ if top && bench.form.is_some_and(|f| f.id == DOMAINS) && bench.is_domains() => Adds::Domains,
        _ if top && bench.form.is_none() => Adds::Keys,
        Some(Value::Dictionary(_)) | None if !top => match bench.children(base, key) {
            [] if key.is_none_or(|k| matches!(k.kind, Kind::Any | Kind::Dictionary)) => Adds::Keys,
            keys if keys.iter().any(Key::is_free) => Adds::Keys,
            _ if key.is_some_and(|k| k.kind == Kind::Array) => Adds::Nothing,
            _ => Adds::Unknown,
        },
        _ if !top => Adds::Nothing,
        _ if bench.children(base, None).iter().any(Key::is_free) => Adds::Keys,
        _ => Adds::Unknown,
    }
}

/// Whether a name says something that the sort does not.
pub(super) fn own_name(body: &crate::wire::plist::Dictionary) -> Option<String> {
    name(body).filter(|n| *n != label(body)).map(str::to_owned)
}

/// The form of an id that people may fill.
pub(super) fn form(id: &str) -> Option<&'static crate::catalog::Form> {
    catalog().forms().iter().find(|f| f.id == id && !f.internal)
}
