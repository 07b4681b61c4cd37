//! What a profile says of itself: read from its document, and written into its draft.

use axum::response::Response;

use crate::actions::drafts::Open;
use crate::catalog::catalog;
use crate::model::document::{Change, Conflict, Shown};
use crate::model::edge::roll_uuid;
use crate::model::profile::Distribution;
use crate::rules::document::mark;
use crate::rules::entry;
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::library::general::{GeneralPage, Removal};
use crate::views::admin::library::short::Met;
use crate::views::admin::profile::ProfileHead;
use crate::views::words::date;
use crate::web::admin::profile::opened;
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::wire::plist::{Dictionary, Value};
use crate::wire::profile::{Document, Path, Place};

/// Payload that holds the removal password, and its key.
const PASSWORD_PAYLOAD: &str = "com.apple.profileRemovalPassword";
const PASSWORD_KEY: &str = "RemovalPassword";
const DAY: f64 = 86_400.0;
/// Top-level keys that this page writes.
const KEYS: [&str; 9] = [
    "PayloadDisplayName",
    "PayloadOrganization",
    "PayloadDescription",
    "PayloadIdentifier",
    "PayloadRemovalDisallowed",
    "RemovalDate",
    "DurationUntilRemoval",
    "PayloadScope",
    "ConsentText",
];

fn text(document: &Document, key: &str) -> String {
    document.body.get(key).and_then(Value::as_string).unwrap_or_default().to_owned()
}

/// The payload with the removal password, if there is one.
fn password_payload(document: &Document) -> Option<String> {
    let payloads = document.payloads();
    payloads.iter().find(|p| p.payload_type() == PASSWORD_PAYLOAD).map(|p| p.id(document))
}

fn page(head: ProfileHead, open: &Open) -> GeneralPage {
    let document = &open.document;
    let disallowed =
        document.body.get("PayloadRemovalDisallowed").and_then(Value::as_boolean).unwrap_or(false);
    let payload = password_payload(document);
    let password_set = payload.as_ref().map(|id| {
        let place = format!("{id}:{PASSWORD_KEY}");
        match open.secrets.iter().find(|(at, _)| *at == place) {
            Some((_, stamp)) => format!("{} by {}", date(stamp.at), stamp.by),
            None => "already".into(),
        }
    });
    let seconds = match document.body.get("DurationUntilRemoval") {
        Some(Value::Real(r)) => Some(*r),
        Some(Value::Integer(n)) => n.as_signed().map(|n| n as f64),
        _ => None,
    };
    let removal_date = match document.body.get("RemovalDate") {
        Some(Value::Date(date)) => date.to_xml_format().trim_end_matches('Z').chars().take(16).collect(),
        _ => String::new(),
    };
    let mut consent: Vec<(String, String)> = match document.body.get("ConsentText") {
        Some(Value::Dictionary(texts)) => texts
            .iter()
            .filter_map(|(lang, text)| Some((lang.clone(), text.as_string()?.to_owned())))
            .collect(),
        _ => Vec::new(),
    };
    consent.sort_by_key(|(lang, _)| (lang != "default", lang.clone()));
    if consent.first().is_none_or(|(lang, _)| lang != "default") {
        consent.insert(0, ("default".into(), String::new()));
    }
    consent.push((String::new(), String::new()));
    GeneralPage {
        name: text(document, "PayloadDisplayName"),
        organization: text(document, "PayloadOrganization"),
        description: text(document, "PayloadDescription"),
        identifier: text(document, "PayloadIdentifier"),
        removal: match (disallowed, &payload) {
            (_, Some(_)) => Removal::Password,
            (true, None) => Removal::Never,
            (false, None) => Removal::Always,
        },
        password_set,
        removal_date,
        removal_days: seconds.map(|s| (s / DAY).to_string()).unwrap_or_default(),
        user_scope: text(document, "PayloadScope") == "User",
        consent,
        distribution: open.draft.as_ref().map_or(open.profile.distribution, |d| d.distribution),
        marks: KEYS.iter().map(|key| (format!("was-{key}"), mark(document.body.get(key)))).collect(),
        met: Vec::new(),
        wrong: None,
        head,
    }
}

/// `GET /profilemanager/profiles/{id}/general`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let (head, open) = opened(&ask).await?;
    let content = page(head, &open);
    ask.page(|page| content.render(page))
}

/// What the form wants at the top level: a value, or nothing there.
fn wanted(ask: &Ask, published: bool) -> Result<Vec<(&'static str, Option<Value>)>, Fault> {
    let fields = &ask.said.fields;
    let line = |name: &str| fields.some(name).map(|text| Value::String(text.to_owned()));
    let (on_date, after) = (fields.some("removal_date"), fields.some("removal_days"));
    if on_date.is_some() && after.is_some() {
        return Err(Fault::new(
            "profile.removal-both",
            "Give a date or a number of days for the removal, not both.",
        ));
    }
    let top = catalog().top_level();
    let read = |key: &'static str, said: Option<&str>| match (said, top.key(&[key])) {
        (Some(said), Some(known)) => entry::parse(known, said).map(Some).map_err(Fault::from),
        _ => Ok(None),
    };
    let removal_date =
        read("RemovalDate", on_date).map_err(|fault| Fault { code: "profile.removal-date", ..fault })?;
    let duration = match after {
        None => None,
        Some(days) => {
            let days: f64 = days.replace(',', ".").parse().unwrap_or(f64::NAN);
            if !(days.is_finite() && days > 0.0 && days <= 36_500.0) {
                let said = "The days until removal are a number above 0, as in 30 or 0.5.";
                return Err(Fault::new("profile.removal-days", said));
            }
            Some(Value::Real(days * DAY))
        }
    };
    let mut texts = Dictionary::new();
    let dropped = fields.some("remove").unwrap_or_default();
    for (lang, said) in fields.all("lang").zip(fields.all("text")) {
        let (lang, said) = (lang.trim(), said.trim());
        if said.is_empty() || lang == dropped {
            continue;
        }
        let word = !lang.is_empty() && lang.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        if !word {
            let said = "A consent text needs its language: a code as in de or fr-CA.";
            return Err(Fault::new("profile.consent-language", said));
        }
        texts.insert(lang.to_owned(), Value::String(said.replace("\r\n", "\n")));
    }
    let never = fields.text("removal") == Removal::Never.as_str();
    let scope = Value::String(if fields.text("scope") == "User" { "User" } else { "System" }.into());
    let mut out = vec![
        ("PayloadDisplayName", line("name")),
        ("PayloadOrganization", line("organization")),
        (
            "PayloadDescription",
            fields.some("description").map(|text| Value::String(text.replace("\r\n", "\n"))),
        ),
        ("PayloadRemovalDisallowed", never.then_some(Value::Boolean(true))),
        ("RemovalDate", removal_date),
        ("DurationUntilRemoval", duration),
        ("PayloadScope", Some(scope)),
        ("ConsentText", (!texts.is_empty()).then_some(Value::Dictionary(texts))),
    ];
    if !published {
        out.push(("PayloadIdentifier", line("identifier")));
    }
    Ok(out)
}

fn changes(ask: &Ask, open: &Open) -> Result<Vec<Change>, Fault> {
    let fields = &ask.said.fields;
    let mut changes = Vec::new();
    for (key, value) in wanted(ask, open.profile.revision > 0)? {
        let was = fields.text(&format!("was-{key}")).to_owned();
        let there = open.document.body.get(key);
        // What nobody touched is not written: not a default that was not set, nor the same moment without its seconds.
        let same = match (key, there, &value) {
            ("PayloadRemovalDisallowed", Some(Value::Boolean(false)), None) => true,
            ("PayloadScope", None, Some(Value::String(scope))) => scope == "System",
            ("RemovalDate", Some(Value::Date(a)), Some(Value::Date(b))) => {
                a.to_xml_format().get(..16) == b.to_xml_format().get(..16)
            }
            ("DurationUntilRemoval", Some(Value::Integer(n)), Some(Value::Real(r))) => {
                n.as_signed().is_some_and(|n| n as f64 == *r)
            }
            _ => mark(value.as_ref()) == was,
        };
        if !same {
            let (place, was) = (Place::top(key), Some(was));
            changes.push(match value {
                Some(value) => Change::Set { place, value, was },
                None => Change::Unset { place, was },
            });
        }
    }
    password(ask, open, &mut changes)?;
    Ok(changes)
}

/// The removal password is a payload of its own, kept out of people's way.
fn password(ask: &Ask, open: &Open, changes: &mut Vec<Change>) -> Result<(), Fault> {
    let typed = Some(ask.said.fields.text("password")).filter(|p| !p.is_empty());
    let wanted = ask.said.fields.text("removal") == Removal::Password.as_str();
    let value = typed.map(|p| Value::String(p.to_owned()));
    let has = open.document.body.get("HasRemovalPasscode").and_then(Value::as_boolean) == Some(true);
    if wanted != has {
        let place = Place::top("HasRemovalPasscode");
        changes.push(if wanted {
            Change::Set { place, value: Value::Boolean(true), was: None }
        } else {
            Change::Unset { place, was: None }
        });
    }
    match (password_payload(&open.document), wanted, value) {
        (Some(payload), true, Some(value)) => {
            let place = Place { payload: Some(payload), path: Path(vec![PASSWORD_KEY.into()]) };
            changes.push(Change::Set { place, value, was: None });
        }
        (None, true, Some(value)) => {
            let form = catalog().forms_of(PASSWORD_PAYLOAD).next();
            let form = form.map_or(PASSWORD_PAYLOAD, |f| f.id.as_str()).to_owned();
            let uuid = roll_uuid(ask.app.dice.as_ref());
            changes.push(Change::AddPayload { form, uuid, starts: vec![(PASSWORD_KEY.into(), value)] });
        }
        (None, true, None) => {
            let said = "Type the password that people need to remove the profile.";
            return Err(Fault::new("profile.removal-password", said));
        }
        (Some(payload), false, _) => changes.push(Change::RemovePayload { payload }),
        (Some(_), true, None) | (None, false, _) => {}
    }
    Ok(())
}

/// `POST /profilemanager/profiles/{id}/general`
pub(in crate::web) async fn save(ask: Ask) -> Result<Response, Fault> {
    let (head, open) = opened(&ask).await?;
    let distribution = Distribution::parse(ask.said.fields.text("distribution"));
    let saved = match changes(&ask, &open) {
        Ok(changes) => super::save(&ask, changes, distribution).await,
        Err(fault) => Err(fault),
    };
    match saved {
        Ok(saved) if saved.conflicts.is_empty() => {
            let to = at::profile(&open.profile.id, ProfileTab::General);
            ask.done(&to, "Saved as a draft. Nothing is sent before you publish it.")
        }
        Ok(saved) => {
            let fault =
                Fault::new("profile.edit-conflict", "Somebody else changed the same setting meanwhile.");
            let (head, now) = opened(&ask).await?;
            let mut content = typed(page(head, &now), &ask);
            for conflict in &saved.conflicts {
                let name = format!("was-{}", conflict.place.path.0.first().map_or("", String::as_str));
                for (_, mark) in content.marks.iter_mut().filter(|(n, _)| *n == name) {
                    mark.clone_from(&conflict.now);
                }
            }
            content.met = met(&saved.conflicts);
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) if fault.status.is_client_error() && fault.code.starts_with("profile.") => {
            let mut content = typed(page(head, &open), &ask);
            for (name, mark) in &mut content.marks {
                *mark = ask.said.fields.text(name).to_owned();
            }
            content.wrong = Some(fault.about(&[
                ("profile.name", "name"),
                ("profile.identifier", "identifier"),
                ("profile.identifier-taken", "identifier"),
                ("profile.removal-both", "removal_date"),
                ("profile.removal-date", "removal_date"),
                ("profile.removal-days", "removal_days"),
                ("profile.removal-password", "password"),
            ]));
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}

/// Conflicts in words.
pub(super) fn met(conflicts: &[Conflict]) -> Vec<Met> {
    let words = |shown: &Shown| match shown {
        Shown::Unset => "not set".to_owned(),
        Shown::Secret => "another one, not shown".to_owned(),
        Shown::Text(text) => text.clone(),
    };
    let met = |c: &Conflict| Met { label: c.label.clone(), mine: words(&c.mine), theirs: words(&c.theirs) };
    conflicts.iter().map(met).collect()
}

/// The page with what the person typed.
fn typed(page: GeneralPage, ask: &Ask) -> GeneralPage {
    let fields = &ask.said.fields;
    let text = |name: &str| fields.text(name).to_owned();
    let mut consent: Vec<(String, String)> =
        fields.all("lang").map(str::to_owned).zip(fields.all("text").map(str::to_owned)).collect();
    if consent.last().is_none_or(|(lang, said)| !(lang.is_empty() && said.is_empty())) {
        consent.push((String::new(), String::new()));
    }
    GeneralPage {
        name: text("name"),
        organization: text("organization"),
        description: text("description"),
        identifier: fields.some("identifier").map_or(page.identifier.clone(), str::to_owned),
        removal: match fields.text("removal") {
            "never" => Removal::Never,
            "password" => Removal::Password,
            _ => Removal::Always,
        },
        removal_date: text("removal_date"),
        removal_days: text("removal_days"),
        user_scope: fields.text("scope") == "User",
        consent,
        distribution: Distribution::parse(fields.text("distribution")).unwrap_or(page.distribution),
        ..page
    }
}
