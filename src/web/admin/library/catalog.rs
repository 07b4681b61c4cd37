//! The catalog: searched, looked at, asked of our devices.

use axum::http::StatusCode;
use axum::response::Response;

use super::review::{BEHIND, device};
use super::{counts, name, targets, tone};
use crate::catalog::{Availability, Form, Key, Os, catalog};
use crate::rules::lint;
use crate::store;
use crate::views::address as at;
use crate::views::admin::library::catalog::{CatalogFormPage, CatalogKeyPage, CatalogPage, Found};
use crate::views::admin::library::catalog_add::{AddTarget, CatalogAddPage};
use crate::views::admin::library::review::VerdictPage;
use crate::views::{Link, Tone};
use crate::web::ask::Ask;
use crate::web::fleet::{self, Entry, Snapshot};
use crate::web::page::go;
use crate::web::problem::Fault;
use crate::wire::profile::Path;

/// Things shown of what was found.
const FOUND: usize = 60;

fn count_keys(keys: &[Key]) -> u64 {
    keys.iter().map(|k| 1 + count_keys(&k.keys)).sum()
}

fn enrolled(devices: &Snapshot) -> impl Iterator<Item = &Entry> {
    devices.entries.iter().filter(|e| e.state == crate::model::enrollment::State::Enrolled)
}

/// `GET /profilemanager/catalog?q=&os=&supervised=`
pub(in crate::web) async fn search(ask: Ask) -> Result<Response, Fault> {
    let devices = fleet::snapshot(&ask.app).await?;
    let (known, _) = targets(enrolled(&devices));
    let q: String = ask.said.query.text("q").trim().chars().take(100).collect();
    let os = Os::ALL.into_iter().find(|os| os.as_str() == ask.said.query.text("os"));
    let supervised = ask.said.query.ticked("supervised");
    let fits = |availability: &Availability| {
        let on = |os: Os| {
            let facts = availability.on(os);
            facts.introduced.is_some() && (!supervised || facts.supervised == Some(true))
        };
        os.map_or_else(|| Os::ALL.into_iter().any(on), on)
    };
    let (mut found, mut more) = (Vec::new(), false);
    if !q.is_empty() {
        for hit in catalog().search(&q, FOUND * 6) {
            let availability = hit.key.map_or(&hit.form.availability, |k| &k.availability);
            if hit.form.internal || !fits(availability) {
                continue;
            }
            if found.len() == FOUND {
                more = true;
                break;
            }
            let key = hit.key.map(|key| (key, hit.address.to_vec()));
            let text = key.as_ref().map(|(_, p)| Path(p.clone()).to_string()).unwrap_or_default();
            let survey = lint::survey_key(hit.form, hit.key, &known);
            let counts = counts(&survey, |words| at::catalog_devices(&hit.form.id, &text, words));
            found.push(Found { form: hit.form, key, counts });
        }
    }
    let shelves = if q.is_empty() { shelves(|form| fits(&form.availability)) } else { Vec::new() };
    let forms = catalog().forms();
    let content = CatalogPage {
        totals: (forms.len() as u64, forms.iter().map(|f| count_keys(&f.keys)).sum()),
        q,
        os,
        supervised,
        found,
        more,
        shelves,
    };
    ask.page(|page| content.render(page))
}

fn shelves(fits: impl Fn(&Form) -> bool) -> Vec<(String, Vec<&'static Form>)> {
    let all = catalog().forms();
    let shelf = |c: &crate::catalog::Category| {
        let own = all.iter().filter(|f| f.category == c.id && !f.internal && fits(f)).collect();
        (c.label.clone(), own)
    };
    catalog().categories().iter().map(shelf).filter(|(_, forms): &(_, Vec<_>)| !forms.is_empty()).collect()
}

/// A key and its address.
type Named = (&'static Key, Path);

/// The form and the key that an address names.
fn named(ask: &Ask) -> Result<(&'static Form, Option<Named>), Fault> {
    let missing =
        |said: &str| Fault { status: StatusCode::NOT_FOUND, ..Fault::new("profile.no-such-form", said) };
    let form =
        catalog().form(ask.part("form")).ok_or_else(|| missing("There is no payload of this name."))?;
    let said = ask.said.query.some("key").or_else(|| ask.said.fields.some("key"));
    let Some(said) = said else { return Ok((form, None)) };
    let path = Path::parse(said);
    let key = by_name(form, &path.0).ok_or_else(|| missing("This payload has no such setting."))?;
    Ok((form, Some((key, path))))
}

/// The key at an address made of names alone, as the pages link to them.
fn by_name<'a>(form: &'a Form, path: &[String]) -> Option<&'a Key> {
    let (first, rest) = path.split_first()?;
    let mut key = form.keys.iter().find(|k| k.name == *first)?;
    for part in rest {
        key = form.keys_of(key).iter().find(|k| k.name == *part)?;
    }
    Some(key)
}

/// `GET /profilemanager/catalog/{form}?key=`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let (form, key) = named(&ask)?;
    let devices = fleet::snapshot(&ask.app).await?;
    let (known, _) = targets(enrolled(&devices));
    let survey = lint::survey_key(form, key.as_ref().map(|(key, _)| *key), &known);
    let text = key.as_ref().map(|(_, path)| path.to_string()).unwrap_or_default();
    let counts = counts(&survey, |words| at::catalog_devices(&form.id, &text, words));
    match key {
        Some((key, path)) => {
            let content = CatalogKeyPage { form, key, path: path.0, children: form.keys_of(key), counts };
            ask.page(|page| content.render(page))
        }
        None => ask.page(|page| CatalogFormPage { form, counts }.render(page)),
    }
}

/// `GET /profilemanager/catalog/{form}/devices?key=&verdict=`
pub(in crate::web) async fn devices(ask: Ask) -> Result<Response, Fault> {
    let (form, key) = named(&ask)?;
    let devices = fleet::snapshot(&ask.app).await?;
    let words = ask.said.query.text("verdict").to_owned();
    let availability = key.as_ref().map_or(&form.availability, |(key, _)| &key.availability);
    let mut shade = Tone::Plain;
    let behind: Vec<&Entry> = enrolled(&devices)
        .filter(|entry| {
            let Some(target) = entry.target else { return false };
            let one = lint::survey_key(form, key.as_ref().map(|(key, _)| *key), &[(target, 1)].into());
            let verdict = one.keys().next().copied().unwrap_or_else(|| availability.judge(&target));
            let fits = lint::words(verdict, None) == words;
            if fits {
                shade = tone(verdict);
            }
            fits
        })
        .collect();
    let text = key.as_ref().map(|(_, path)| path.to_string()).unwrap_or_default();
    let content = VerdictPage {
        trail: vec![
            Link { label: "Settings catalog".into(), href: at::CATALOG.into() },
            Link { label: form.label.clone(), href: at::catalog_form(&form.id, &text) },
        ],
        setting: key.map_or_else(|| form.label.clone(), |(key, _)| format!("{}: {}", form.label, key.label)),
        words,
        tone: shade,
        total: behind.len() as u64,
        devices: behind.into_iter().take(BEHIND).map(device).collect(),
    };
    ask.page(|page| content.render(page))
}

/// What the editor is to look for.
fn wanted(form: &Form, key: Option<&(&Key, Path)>) -> String {
    key.map_or_else(|| form.label.clone(), |(key, _)| key.name.clone())
}

fn add_page(
    ask: &Ask,
    form: &'static Form,
    key: Option<(&'static Key, Path)>,
) -> Result<CatalogAddPage<'static>, Fault> {
    let mut profiles: Vec<AddTarget> = store::profiles::list(&ask.read()?)?
        .into_iter()
        .filter(|p| p.archived.is_none())
        .map(|p| AddTarget {
            has: p.payloads.iter().any(|(kind, _)| *kind == form.payload_type),
            id: p.id,
            name: p.name,
        })
        .collect();
    profiles.sort_by_key(|p| (!p.has, p.name.to_lowercase()));
    let q = wanted(form, key.as_ref());
    Ok(CatalogAddPage { form, key: key.map(|(key, _)| key), q, profiles, wrong: None })
}

/// `GET /profilemanager/catalog/{form}/add?key=`
pub(in crate::web) async fn ask_add(ask: Ask) -> Result<Response, Fault> {
    let (form, key) = named(&ask)?;
    let content = add_page(&ask, form, key)?;
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/catalog/{form}/add`
pub(in crate::web) async fn add(ask: Ask) -> Result<Response, Fault> {
    let (form, key) = named(&ask)?;
    let made = match name(&ask) {
        Ok(name) => super::new::create(&ask, &name, &[]).await,
        Err(fault) => Err(fault),
    };
    match made {
        Ok(id) => {
            let q = ask.said.fields.some("q").map_or_else(|| wanted(form, key.as_ref()), str::to_owned);
            Ok(go(&at::profile_add(&id, &q)))
        }
        Err(fault) if fault.code == "profile.name" => {
            let wrong = Some(fault.about(&[("profile.name", "name")]));
            let content = CatalogAddPage { wrong, ..add_page(&ask, form, key)? };
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}
