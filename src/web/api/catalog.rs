//! What Apple documents, for programs.

use axum::response::Response;

use super::limit;
use crate::catalog::{Availability, Form, Hit, Key, Kind, Os, Version, catalog};
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::wire::api::{FormDetail, FormInfo, HitInfo, KeyInfo, Page, SystemInfo, Tree, ValueInfo};

fn version(version: Version) -> String {
    match version {
        Version(major, minor, 0) => format!("{major}.{minor}"),
        Version(major, minor, patch) => format!("{major}.{minor}.{patch}"),
    }
}

fn systems(availability: &Availability) -> Vec<SystemInfo> {
    let known = Os::ALL.into_iter().filter_map(|os| {
        let facts = availability.on(os);
        Some(SystemInfo {
            os: os.as_str().into(),
            since: version(facts.introduced?),
            deprecated: facts.deprecated.map(version),
            removed: facts.removed.map(version),
            supervised: facts.supervised.unwrap_or_default(),
        })
    });
    known.collect()
}

fn info(form: &Form) -> FormInfo {
    FormInfo {
        id: form.id.clone(),
        payload_type: form.payload_type.clone(),
        label: form.label.clone(),
        help: form.help.clone(),
        category: form.category.clone(),
        keys: form.keys.len() as u64,
        internal: form.internal,
        systems: systems(&form.availability),
    }
}

fn key(key: &Key) -> KeyInfo {
    let label = |value: &crate::wire::plist::Value| {
        let text = crate::rules::entry::write(value);
        key.value_labels.iter().find(|(known, _)| *known == text).map(|(_, label)| label.clone())
    };
    KeyInfo {
        name: key.name.clone(),
        label: key.label.clone(),
        help: key.help.clone(),
        kind: kind(key.kind).into(),
        required: key.required,
        secret: key.secret,
        default: key.default.as_ref().map(Tree::of),
        values: key.values.iter().map(|v| ValueInfo { value: Tree::of(v), label: label(v) }).collect(),
        min: key.range.and_then(|range| range.min),
        max: key.range.and_then(|range| range.max),
        unit: key.unit.clone(),
        pattern: key.pattern.clone(),
        example: key.example.clone(),
        replaced_by: key.replaced_by.clone(),
        systems: systems(&key.availability),
        fields: key.keys.iter().map(self::key).collect(),
        same: key.same.as_ref().map(|path| path.join("/")),
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "string",
        Kind::Integer => "integer",
        Kind::Real => "real",
        Kind::Boolean => "boolean",
        Kind::Date => "date",
        Kind::Data => "data",
        Kind::Array => "array",
        Kind::Dictionary => "dictionary",
        Kind::Any => "any",
    }
}

/// `GET /api/v1/catalog/forms`
pub(in crate::web) async fn forms(ask: Ask) -> Result<Response, Fault> {
    let items: Vec<FormInfo> = catalog().forms().iter().map(info).collect();
    let total = Some(items.len() as u64);
    ask.answer(Page { items, total, next: None })
}

/// `GET /api/v1/catalog/forms/{form}`: by id, or by a payload type that has one form.
pub(in crate::web) async fn form(ask: Ask) -> Result<Response, Fault> {
    let word = ask.part("form");
    let mut of_type = catalog().forms_of(word);
    let only = of_type.next().filter(|_| of_type.next().is_none());
    let form = catalog().form(word).or(only);
    let form = form.ok_or_else(|| Fault::new("catalog.form", "The catalogue has no form of this name."))?;
    ask.answer(FormDetail {
        info: info(form),
        synonyms: form.synonyms.clone(),
        release: form.release.clone(),
        rules: form.rules.iter().map(|rule| rule.says.clone()).collect(),
        fields: form.keys.iter().map(key).collect(),
    })
}

/// `GET /api/v1/catalog/search?q=&limit=`
pub(in crate::web) async fn search(ask: Ask) -> Result<Response, Fault> {
    let query: String = ask.said.query.text("q").chars().take(200).collect();
    let items: Vec<HitInfo> = catalog().search(&query, limit(&ask)?).iter().map(hit).collect();
    ask.answer(Page { total: None, items, next: None })
}

fn hit(hit: &Hit) -> HitInfo {
    HitInfo {
        form: hit.form.id.clone(),
        form_label: hit.form.label.clone(),
        place: place(hit),
        label: hit.key.map_or(&hit.form.label, |key| &key.label).clone(),
        help: hit.key.map_or(&hit.form.help, |key| &key.help).clone(),
        systems: systems(hit.key.map_or(&hit.form.availability, |key| &key.availability)),
    }
}

/// Where its value would be: the first item of each array on the way.
fn place(hit: &Hit) -> String {
    let payload = hit.form.payload_type.strip_prefix("com.apple.").unwrap_or(&hit.form.payload_type);
    let mut place = payload.to_owned();
    for (depth, name) in hit.address.iter().enumerate() {
        let of_array = hit.form.at(&hit.address[..depth]).is_some_and(|key| key.kind == Kind::Array);
        place.push('/');
        place.push_str(if of_array { "0" } else { name });
    }
    place
}
