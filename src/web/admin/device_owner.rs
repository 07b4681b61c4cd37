//! Whose a device is, and the organization's own fields.

use std::collections::BTreeMap;

use axum::response::Response;

use super::device::id;
use crate::actions::devices;
use crate::model::device::Owner;
use crate::rules::variables;
use crate::store;
use crate::views::address::{self as at, DeviceTab};
use crate::views::admin::device_owner::DeviceOwnerPage;
use crate::web::ask::Ask;
use crate::web::problem::Fault;

fn content(ask: &Ask) -> Result<DeviceOwnerPage, Fault> {
    let view = ask.read()?;
    let device = devices::known(&view, &id(ask)?)?;
    let enrollment = store::enrollments::get(&view, &device.id)?;
    let mut values = variables::values(&device, enrollment.as_ref());
    let mut told: Vec<(String, String, Option<String>)> = variables::VARIABLES
        .iter()
        .map(|v| (v.name.to_owned(), v.help.to_owned(), values.remove(&v.name.to_ascii_lowercase())))
        .collect();
    told.extend(values.into_iter().map(|(name, value)| (name, "A field of your own.".into(), Some(value))));
    Ok(DeviceOwnerPage {
        known: devices::field_names(&view)?,
        short_name: device.owner.short_name,
        full_name: device.owner.full_name,
        email: device.owner.email,
        fields: device.fields.into_iter().collect(),
        person: device.owner.fields.into_iter().collect(),
        values: told,
        wrong: None,
        id: device.id,
        name: device.name,
    })
}

/// `GET /profilemanager/devices/{id}/owner`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let content = content(&ask)?;
    ask.page(|page| content.render(page))
}

/// Names and values of a form, without those that are empty.
fn pairs(ask: &Ask, names: &str, values: &str) -> Vec<(String, String)> {
    let fields = &ask.said.fields;
    let all =
        fields.all(names).zip(fields.all(values)).map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned()));
    all.filter(|(name, value)| !(name.is_empty() && value.is_empty())).collect()
}

fn filled(rows: &[(String, String)]) -> Result<BTreeMap<String, String>, Fault> {
    let mut out = BTreeMap::new();
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        if out.insert(name.clone(), value.clone()).is_some() {
            return Err(Fault::new("device.field-twice", format!("The field “{name}” is there twice.")));
        }
    }
    Ok(out)
}

/// `POST /profilemanager/devices/{id}/owner`
pub(in crate::web) async fn save(ask: Ask) -> Result<Response, Fault> {
    let (own, person) = (pairs(&ask, "field", "value"), pairs(&ask, "person_field", "person_value"));
    let text = |name: &str| ask.said.fields.some(name).unwrap_or_default().to_owned();
    let device = id(&ask)?;
    let saved = match (filled(&own), filled(&person)) {
        (Ok(own), Ok(fields)) => {
            let owner = Owner {
                short_name: text("short_name"),
                full_name: text("full_name"),
                email: text("email"),
                fields,
            };
            let device = device.clone();
            ask.act(move |w, by, now| devices::describe(w, by, &device, &owner, &own, now)).await
        }
        (Err(fault), _) | (_, Err(fault)) => Err(fault),
    };
    match saved {
        Ok(saved) => {
            ask.app.memory.fleet.changed();
            let text = format!("Saved. Profiles with variables reach {} again if they change.", saved.name);
            ask.done(&at::device(&device, DeviceTab::About), text)
        }
        Err(fault) if fault.status.is_client_error() && fault.code != "device.unknown" => {
            let content = DeviceOwnerPage {
                short_name: text("short_name"),
                full_name: text("full_name"),
                email: text("email"),
                fields: own,
                person,
                wrong: Some(fault.about(&[])),
                ..content(&ask)?
            };
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}
