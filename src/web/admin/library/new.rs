//! A new profile.

use axum::response::Response;

use super::{base, fresh, name};
use crate::actions::drafts;
use crate::catalog::{Recipe, catalog};
use crate::model::document::Change;
use crate::model::edge::roll_uuid;
use crate::store;
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::library::new::{NewProfilePage, Shelf};
use crate::web::ask::Ask;
use crate::web::page::go;
use crate::web::problem::Fault;
use crate::wire::plist::{Dictionary, Value};
use crate::wire::profile::Place;

/// Short forms by shelf, in the order of the catalog.
fn shelves() -> Vec<Shelf> {
    let mut shelves: Vec<(String, Shelf)> = Vec::new();
    for recipe in catalog().recipes() {
        let category = catalog().form(&recipe.form).map_or("", |form| form.category.as_str());
        match shelves.iter_mut().find(|(id, _)| id == category) {
            Some((_, shelf)) => shelf.recipes.push(recipe.clone()),
            None => {
                let known = catalog().categories().iter().find(|c| c.id == category);
                let label = known.map_or("More", |c| c.label.as_str()).to_owned();
                shelves.push((category.to_owned(), Shelf { label, recipes: vec![recipe.clone()] }));
            }
        }
    }
    shelves.into_iter().map(|(_, shelf)| shelf).collect()
}

/// `GET /profilemanager/profiles/new`
pub(in crate::web) async fn ask_new(ask: Ask) -> Result<Response, Fault> {
    let ticked = ask.said.query.all("recipe").map(str::to_owned).collect();
    let content = NewProfilePage { name: String::new(), ticked, shelves: shelves(), wrong: None };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/profiles/new`
pub(in crate::web) async fn make(ask: Ask) -> Result<Response, Fault> {
    let made = match name(&ask) {
        Ok(name) => {
            let ticked: Vec<&str> = ask.said.fields.all("recipe").collect();
            let recipes: Vec<&Recipe> =
                catalog().recipes().iter().filter(|r| ticked.contains(&r.id.as_str())).collect();
            create(&ask, &name, &recipes).await.map(|id| (id, recipes.is_empty()))
        }
        Err(fault) => Err(fault),
    };
    match made {
        Ok((id, true)) => Ok(go(&at::profile(&id, ProfileTab::Payloads))),
        Ok((id, false)) => Ok(go(&at::profile_short(&id))),
        Err(fault) if fault.code == "profile.name" => {
            let content = NewProfilePage {
                name: ask.said.fields.text("name").to_owned(),
                ticked: ask.said.fields.all("recipe").map(str::to_owned).collect(),
                shelves: shelves(),
                wrong: Some(fault.about(&[("profile.name", "name")])),
            };
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}

/// Makes a draft with what these short forms begin with; its id.
pub(super) async fn create(ask: &Ask, name: &str, recipes: &[&Recipe]) -> Result<String, Fault> {
    let organization = store::settings::get(&ask.read()?)?.map(|s| s.organization).unwrap_or_default();
    let mut changes = Vec::new();
    if !organization.is_empty() {
        changes.push(Change::Set {
            place: Place::top("PayloadOrganization"),
            value: Value::String(organization),
            was: None,
        });
    }
    for recipe in recipes {
        changes.push(Change::AddPayload {
            form: recipe.form.clone(),
            uuid: roll_uuid(ask.app.dice.as_ref()),
            starts: starts(recipe),
        });
    }
    let new = fresh(&ask.app, &base(&ask.app), name);
    let profile = ask.act(move |w, by, now| drafts::create(w, by, new, &changes, now)).await?;
    Ok(profile.id)
}

/// What a payload begins with: the addresses of a short form as nested dictionaries.
fn starts(recipe: &Recipe) -> Vec<(String, Value)> {
    let mut top = Dictionary::new();
    for (address, value) in &recipe.starts {
        put(&mut top, address, value);
    }
    top.into_iter().collect()
}

fn put(into: &mut Dictionary, address: &[String], value: &Value) {
    match address {
        [] => {}
        [last] => {
            into.insert(last.clone(), value.clone());
        }
        [first, rest @ ..] => {
            if into.get(first).and_then(Value::as_dictionary).is_none() {
                into.insert(first.clone(), Value::Dictionary(Dictionary::new()));
            }
            if let Some(Value::Dictionary(inner)) = into.get_mut(first) {
                put(inner, rest, value);
            }
        }
    }
}
