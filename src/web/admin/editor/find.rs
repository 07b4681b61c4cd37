//! Search across all payloads, and adding what was found.

use std::collections::BTreeMap;

use axum::response::Response;

use super::bench::{Bench, called};
use super::{edit, facts, opened, page, start};
use crate::catalog::{Field, Form, Key, Kind, Os, Target, catalog};
use crate::model::document::Change;
use crate::model::edge::roll_uuid;
use crate::model::enrollment::State;
use crate::rules::lint;
use crate::views::address as at;
use crate::views::admin::editor::{FindPage, Found, Shelf, ShelfForm, anchor};
use crate::views::admin::library::badges::Count;
use crate::web::admin::library::{counts, targets};
use crate::web::ask::Ask;
use crate::web::fleet;
use crate::web::page::go;
use crate::web::problem::Fault;
use crate::wire::profile::{Document, Path, Place};

/// Settings shown of what was found.
const FOUND: usize = 60;

/// `GET /profilemanager/profiles/{id}/add`
pub(in crate::web) async fn find(ask: Ask) -> Result<Response, Fault> {
    super::attend(&ask).await;
    let opened = opened(&ask)?;
    let document = &opened.open.document;
    let q: String = ask.said.query.text("q").trim().chars().take(100).collect();
    let within = ask.said.query.some("form").and_then(page::form);
    let found: Vec<(&Form, Option<(&Key, Path)>)> = match (q.is_empty(), within) {
        (true, None) => Vec::new(),
        (true, Some(form)) => {
            let keys = form.keys.iter().filter(|k| !k.is_free());
            let keys = keys.map(|key| (form, Some((key, Path(vec![key.name.clone()])))));
            std::iter::once((form, None)).chain(keys).collect()
        }
        (false, _) => {
            let mut hits = catalog().search(&q, FOUND * 4);
            hits.retain(|hit| !hit.form.internal && within.is_none_or(|form| form.id == hit.form.id));
            hits.truncate(FOUND);
            hits.into_iter()
                .map(|hit| (hit.form, hit.key.map(|key| (key, reach(hit.form, hit.address)))))
                .collect()
        }
    };
    let devices = fleet::snapshot(&ask.app).await?;
    let enrolled = devices.entries.iter().filter(|e| e.state == State::Enrolled);
    let (targets, _) = targets(enrolled);
    let content = FindPage {
        profile: opened.open.profile.id.clone(),
        profile_name: opened.open.profile.name.clone(),
        found: found.into_iter().map(|(form, key)| told(document, &targets, form, key)).collect(),
        shelves: if q.is_empty() && within.is_none() { shelves(document) } else { Vec::new() },
        within: within.map(|form| (form.id.clone(), form.label.clone())),
        q,
    };
    ask.page(|page| content.render(page))
}

fn shelves(document: &Document) -> Vec<Shelf> {
    let payloads = document.payloads();
    let there = |form: &Form| {
        payloads.iter().filter(|p| catalog().form_for(p.body).is_some_and(|f| f.id == form.id)).count()
    };
    let mut out = Vec::new();
    for category in catalog().categories() {
        let mut forms: Vec<ShelfForm> = catalog()
            .forms()
            .iter()
            .filter(|form| form.category == category.id && !form.internal)
            .map(|form| ShelfForm {
                form: form.id.clone(),
                label: form.label.clone(),
                help: form.help.clone(),
                badges: facts::form_badges(form),
                there: there(form),
            })
            .collect();
        forms.sort_by_key(|form| form.label.to_lowercase());
        if !forms.is_empty() {
            out.push(Shelf { label: category.label.clone(), forms });
        }
    }
    out
}

/// What the devices of this server make of a setting.
fn obey(targets: &BTreeMap<Target, u64>, form: &Form, key: Option<&(&Key, Path)>) -> Vec<Count> {
    let survey = lint::survey_key(form, key.map(|(key, _)| *key), targets);
    let text = key.map(|(_, path)| path.to_string()).unwrap_or_default();
    counts(&survey, |words| at::catalog_devices(&form.id, &text, words))
}

fn told(
    document: &Document,
    targets: &BTreeMap<Target, u64>,
    form: &Form,
    key: Option<(&Key, Path)>,
) -> Found {
    let there: Vec<(String, String, bool)> = document
        .payloads()
        .iter()
        .filter(|p| catalog().form_for(p.body).is_some_and(|f| f.id == form.id))
        .map(|p| {
            let id = p.id(document);
            let at = key.as_ref().map(|(_, path)| Place { payload: Some(id.clone()), path: path.clone() });
            let set = at.is_none_or(|place| document.get(&place).is_some());
            (id, called(p.body), set)
        })
        .collect();
    let may_repeat = Os::ALL.iter().any(|os| form.may_repeat(*os) == Some(true));
    let at_top = key.is_none();
    Found {
        form: form.id.clone(),
        payload: form.label.clone(),
        label: key.as_ref().map_or(&form.label, |(k, _)| &k.label).clone(),
        badges: match &key {
            Some((key, _)) => facts::badges(None, key),
            None => facts::form_badges(form),
        },
        help: key.as_ref().map_or(&form.help, |(k, _)| &k.help).clone(),
        key: key.as_ref().map(|(key, path)| (path.to_string(), key.name.clone())),
        reach: obey(targets, form, key.as_ref()),
        another: (may_repeat && at_top) || there.is_empty(),
        there,
    }
}

/// The way to a key, as far as it can be set without choosing an item of a list or the name of a free key.
fn reach(form: &Form, address: &[String]) -> Path {
    let (mut keys, mut path) = (&form.keys[..], Path::default());
    for name in address {
        let Some(key) = keys.iter().find(|k| k.name == *name && !k.is_free()) else { break };
        path = path.then(name.as_str());
        if key.kind != Kind::Dictionary {
            break;
        }
        keys = form.keys_of(key);
    }
    path
}

/// `POST /profilemanager/profiles/{id}/add`
pub(in crate::web) async fn add(ask: Ask) -> Result<Response, Fault> {
    let fields = &ask.said.fields;
    let form = fields.some("form").and_then(page::form);
    let form = form.ok_or_else(|| Fault::new("profile.no-such-form", "There is no payload of this name."))?;
    let opened = opened(&ask)?;
    let document = &opened.open.document;
    let known = fields.some("payload").and_then(|id| Bench::new(document, id, &opened.stamps, ask.now));
    let mut changes = Vec::new();
    let payload = match &known {
        Some(bench) => bench.payload.to_owned(),
        None => {
            let uuid = roll_uuid(ask.app.dice.as_ref());
            let id = uuid.to_lowercase();
            changes.push(Change::AddPayload { form: form.id.clone(), uuid, starts: Vec::new() });
            id
        }
    };
    let path = Path::parse(fields.text("key"));
    let key = form.key(&path.0).filter(|_| !fields.text("key").is_empty());
    if let Some(key) = key {
        let there = known.as_ref().is_some_and(|bench| bench.value(&path).is_some());
        if !there {
            let mut named = known.as_ref().map(|b| b.candidates(key.field)).unwrap_or_default();
            let only = (named.len() == 1 && key.field != Field::Plain).then(|| named.remove(0).0);
            let place = Place { payload: Some(payload.clone()), path: path.clone() };
            changes.push(Change::Set { place, value: start::first(key, only, ask.now), was: None });
        }
    }
    if !changes.is_empty() {
        edit(&ask, changes).await?;
    }
    let id = ask.part("id");
    let page = at::payload(id, &payload);
    if key.is_none() {
        return Ok(go(&page));
    }
    let row = path.to_string();
    Ok(go(&format!("{}#{}", at::with_query(&page, &[("to", &row)]), anchor(&row))))
}
