//! The short forms: what they ask, and what was answered.

use axum::response::Response;

use super::general::met;
use crate::actions::drafts::{self, Open};
use crate::catalog::{Field, Form, Key, Kind, Recipe, catalog};
use crate::model::document::{Change, Stamp, Weight};
use crate::rules::document::{mark, secret_mark};
use crate::rules::{check, entry, secrets};
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::library::form_rows::{Ask as How, FormRow};
use crate::views::admin::library::short::{ShortForm, ShortPage};
use crate::views::words::date;
use crate::web::admin::profile::opened;
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::wire::plist::Value;
use crate::wire::profile::{Document, Path, Payload, Place};

/// Keys that every payload has and no short form counts.
const ENVELOPE: [&str; 7] = [
    "PayloadType",
    "PayloadVersion",
    "PayloadIdentifier",
    "PayloadUUID",
    "PayloadDisplayName",
    "PayloadDescription",
    "PayloadOrganization",
];

/// One setting that a short form asks.
struct Asked {
    place: Place,
    key: &'static Key,
    row: FormRow,
}

/// The short form that fits a payload best: the one whose beginnings it still has.
fn recipe_of(form: &Form, payload: &Payload<'_>) -> Option<&'static Recipe> {
    let at = |address: &[String]| {
        let (first, rest) = address.split_first()?;
        let mut value = payload.body.get(first)?;
        for part in rest {
            value = value.as_dictionary()?.get(part)?;
        }
        Some(value)
    };
    let fits = |r: &&Recipe| r.starts.iter().filter(|(address, v)| at(address) == Some(v)).count();
    let mut own: Vec<&'static Recipe> = catalog().recipes().iter().filter(|r| r.form == form.id).collect();
    own.reverse();
    own.into_iter().max_by_key(fits)
}

/// A short form and what it asks.
type Filled = (ShortForm, Vec<Asked>);

/// What is asked of a profile: a form for each payload that has one.
fn forms(open: &Open) -> (Vec<Filled>, Vec<(String, String, String)>) {
    let document = &open.document;
    let missing = unready(document);
    let (mut forms, mut others) = (Vec::new(), Vec::new());
    for payload in document.payloads() {
        let (id, kind) = (payload.id(document), payload.payload_type().to_owned());
        let form = catalog().form_for(payload.body);
        let Some((form, recipe)) = form.and_then(|form| Some((form, recipe_of(form, &payload)?))) else {
            let label = form.map_or(kind.clone(), |form| form.label.clone());
            others.push((id, kind, label));
            continue;
        };
        let asked: Vec<Asked> = recipe
            .keys
            .iter()
            .filter_map(|address| {
                let key = form.key(address)?;
                let place = Place { payload: Some(id.clone()), path: Path(address.clone()) };
                let mut row = row(form, key, &place, document, &open.secrets)?;
                row.required |= missing.iter().any(|(at, _)| *at == place) && document.get(&place).is_none();
                Some(Asked { place, key, row })
            })
            .collect();
        let shown: Vec<&String> = recipe.keys.iter().filter_map(|address| address.first()).collect();
        let more = payload
            .body
            .keys()
            .filter(|key| !ENVELOPE.contains(&key.as_str()) && !shown.contains(key))
            .count() as u64;
        let short = ShortForm {
            payload: id,
            kind,
            label: recipe.label.clone(),
            help: recipe.help.clone(),
            rows: Vec::new(),
            more,
        };
        forms.push((short, asked));
    }
    (forms, others)
}

/// What blocks publishing, by place.
fn unready(document: &Document) -> Vec<(Place, String)> {
    let findings = check::check(document);
    findings.into_iter().filter(|f| f.weight == Weight::Error).map(|f| (f.place, f.says)).collect()
}

fn row(
    form: &Form,
    key: &'static Key,
    place: &Place,
    document: &Document,
    stamps: &[(String, Stamp)],
) -> Option<FormRow> {
    let value = document.get(place);
    let field = place.to_string();
    let stamp = stamps.iter().find(|(at, _)| *at == field).map(|(_, stamp)| stamp);
    let secret = key.secret || (value.is_some() && secrets::is_secret(document, place));
    let set = || {
        let by = stamp.map(|s| format!("on {} by {}", date(s.at), s.by));
        value.is_some().then(|| by.unwrap_or_else(|| "already".into()))
    };
    let how = match key.kind {
        Kind::Data => How::File(value.map(|v| entry::show(Some(key), v))),
        Kind::Dictionary | Kind::Any | Kind::Date => return None,
        Kind::Array if form.keys_of(key).first().is_none_or(|item| !is_line(item.kind)) => return None,
        _ if secret => How::Secret(set()),
        Kind::Array => How::Lines,
        Kind::Boolean => How::Choice(states(key)),
        _ if !key.values.is_empty() => How::Choice(choices(key, value)),
        Kind::Integer | Kind::Real => How::Number,
        Kind::String => match key.field {
            Field::Identity | Field::Certificate | Field::Payload => How::Choice(references(document, place)),
            Field::Multiline => How::Lines,
            Field::Url => How::Line("url"),
            Field::Email => How::Line("email"),
            _ => How::Line("text"),
        },
    };
    let shown = match &how {
        How::Secret(_) | How::File(_) => String::new(),
        _ => value.map(entry::write).unwrap_or_default(),
    };
    let seen = match (secret, value) {
        (true, Some(_)) => secret_mark(stamp),
        _ => mark(value),
    };
    Some(FormRow {
        mark: (format!("was:{field}"), seen),
        field,
        label: key.label.clone(),
        key: key.name.clone(),
        help: help(key),
        required: key.required,
        value: shown,
        ask: how,
        wrong: None,
    })
}

fn is_line(kind: Kind) -> bool {
    matches!(kind, Kind::String | Kind::Integer | Kind::Real)
}

/// Help, unit, bounds, and what holds when nothing is set.
fn help(key: &Key) -> String {
    let mut said = key.help.clone().unwrap_or_default();
    let mut add = |words: String| {
        if !said.is_empty() {
            said.push(' ');
        }
        said.push_str(&words);
    };
    if matches!(key.kind, Kind::Integer | Kind::Real) && key.values.is_empty() {
        let unit = key.unit.as_deref().map(|u| format!(" {u}")).unwrap_or_default();
        match key.range.map(|r| (r.min, r.max)) {
            Some((Some(min), Some(max))) => add(format!("{min} to {max}{unit}.")),
            Some((Some(min), None)) => add(format!("{min}{unit} or more.")),
            Some((None, Some(max))) => add(format!("Up to {max}{unit}.")),
            _ if !unit.is_empty() => add(format!("In{unit}.")),
            _ => {}
        }
    }
    if key.kind == Kind::Array {
        add("One a line.".into());
    }
    let plain = key.kind != Kind::Boolean && key.values.is_empty();
    if let Some(default) = key.default.as_ref().filter(|_| plain) {
        let shown = entry::show(Some(key), default);
        if !shown.is_empty() {
            add(format!("When not set: {shown}."));
        }
    }
    said
}

fn not_set(key: &Key) -> Option<(String, String)> {
    if key.required {
        return None;
    }
    let word = match &key.default {
        Some(default) => format!("Not set ({})", entry::show(Some(key), default)),
        None => "Not set".into(),
    };
    Some((String::new(), word))
}

fn states(key: &Key) -> Vec<(String, String)> {
    let (yes, no) = key.states.clone().unwrap_or_else(|| ("On".into(), "Off".into()));
    let word = |value: bool| entry::write(&Value::Boolean(value));
    not_set(key).into_iter().chain([(word(true), yes), (word(false), no)]).collect()
}

fn choices(key: &Key, value: Option<&Value>) -> Vec<(String, String)> {
    let known = key.values.iter().map(|v| (entry::write(v), entry::show(Some(key), v)));
    let other = value.filter(|v| !key.values.contains(v)).map(|v| {
        let text = entry::write(v);
        (text.clone(), format!("Other: {text}"))
    });
    not_set(key).into_iter().chain(known).chain(other).collect()
}

/// The other payloads of the profile, by UUID.
fn references(document: &Document, place: &Place) -> Vec<(String, String)> {
    let mut out = vec![(String::new(), "None".to_owned())];
    for payload in document.payloads() {
        let id = payload.id(document);
        let uuid = payload.body.get("PayloadUUID").and_then(Value::as_string);
        if let Some(uuid) = uuid.filter(|_| Some(&id) != place.payload.as_ref()) {
            let own = Place { payload: Some(id), path: Path::default() };
            out.push((uuid.to_owned(), super::review::payload_label(document, &own)));
        }
    }
    out
}

/// `GET /profilemanager/profiles/{id}/short`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let (head, open) = opened(&ask).await?;
    let (forms, others) = forms(&open);
    let forms = forms.into_iter().map(finished).collect();
    let content = ShortPage { head, forms, others, met: Vec::new(), wrong: None };
    ask.page(|page| content.render(page))
}

fn finished((short, asked): (ShortForm, Vec<Asked>)) -> ShortForm {
    ShortForm { rows: asked.into_iter().map(|a| a.row).collect(), ..short }
}

/// What a field was answered with: nothing new, a change, or what is wrong.
fn answer(ask: &Ask, asked: &Asked, strict: bool) -> Result<Option<Change>, String> {
    let (fields, field) = (&ask.said.fields, asked.row.field.as_str());
    let was = fields.text(&asked.row.mark.0).to_owned();
    let nothing = was == mark(None);
    let place = asked.place.clone();
    if let How::File(_) = asked.row.ask {
        let Some(file) = fields.file(field) else {
            let missing = strict && asked.row.required && nothing;
            return if missing { Err("Choose a file.".into()) } else { Ok(None) };
        };
        let text = std::str::from_utf8(file).ok().filter(|t| t.trim_start().starts_with("-----BEGIN"));
        let value = match text {
            Some(pem) => entry::parse(asked.key, pem).map_err(|refusal| refusal.said)?,
            None => Value::Data(file.to_vec()),
        };
        return Ok(Some(Change::Set { place, value, was: Some(was) }));
    }
    let typed = fields.text(field);
    let secret = matches!(asked.row.ask, How::Secret(_));
    let typed = if secret { typed } else { typed.trim() };
    if typed.is_empty() {
        if strict && asked.row.required && (nothing || !secret) {
            return Err(format!("{} is required.", asked.row.label));
        }
        return Ok((!nothing && !secret).then_some(Change::Unset { place, was: Some(was) }));
    }
    let value = entry::parse(asked.key, &typed.replace("\r\n", "\n")).map_err(|refusal| refusal.said)?;
    if !secret && mark(Some(&value)) == was {
        return Ok(None);
    }
    Ok(Some(Change::Set { place, value, was: Some(was) }))
}

/// `POST /profilemanager/profiles/{id}/short`
pub(in crate::web) async fn save(ask: Ask) -> Result<Response, Fault> {
    let (_, open) = opened(&ask).await?;
    let then = ask.said.fields.text("then").to_owned();
    let (before, _) = forms(&open);
    let (mut changes, mut wrong) = (Vec::new(), Vec::new());
    for asked in before.iter().flat_map(|(_, asked)| asked) {
        match answer(&ask, asked, then == "assign") {
            Ok(Some(change)) => changes.push(change),
            Ok(None) => {}
            Err(said) => wrong.push((asked.row.field.clone(), said)),
        }
    }
    // What is right is kept even if something else is wrong: nobody types a password twice.
    let saved =
        if changes.is_empty() { Vec::new() } else { super::save(&ask, changes, None).await?.conflicts };
    if then == "assign" && wrong.is_empty() && saved.is_empty() {
        // Rules between settings, as the password that a protected network needs.
        let now = drafts::open(&ask.read()?, &open.profile.id)?.document;
        let shown = |place: &Place| before.iter().flat_map(|(_, asked)| asked).any(|a| a.place == *place);
        wrong = unready(&now)
            .into_iter()
            .filter(|(p, _)| shown(p))
            .map(|(p, said)| (p.to_string(), said))
            .collect();
    }
    if wrong.is_empty() && saved.is_empty() {
        let id = &open.profile.id;
        let text = "Saved as a draft. Nothing is sent before you publish it.";
        return match then.strip_prefix("payload:") {
            Some(payload) => ask.done(&at::payload(id, payload), text),
            None if then == "assign" => {
                ask.done(&at::with_query(&at::profile(id, ProfileTab::Assigned), &[("then", "review")]), text)
            }
            None => ask.done(&at::profile_short(id), text),
        };
    }
    let (head, now) = opened(&ask).await?;
    let (mut after, others) = forms(&now);
    for asked in after.iter_mut().flat_map(|(_, asked)| asked) {
        let row = &mut asked.row;
        if let Some((_, said)) = wrong.iter().find(|(field, _)| *field == row.field) {
            row.wrong = Some(said.clone());
        }
        let conflict = saved.iter().find(|c| c.place == asked.place);
        if let Some(conflict) = conflict {
            row.mark.1.clone_from(&conflict.now);
        }
        let plain = !matches!(row.ask, How::Secret(_) | How::File(_));
        if plain && (row.wrong.is_some() || conflict.is_some()) {
            row.value = ask.said.fields.text(&row.field).to_owned();
        }
    }
    let fault = if saved.is_empty() {
        Fault::new("profile.edit-wrong", "Something that was typed cannot be used.")
    } else {
        Fault::new("profile.edit-conflict", "Somebody else changed the same setting meanwhile.")
    };
    let forms = after.into_iter().map(finished).collect();
    let content = ShortPage { head, forms, others, met: met(&saved), wrong: None };
    ask.again(&fault, |page| content.render(page))
}
