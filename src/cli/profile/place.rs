//! Places as people write them: found in a document, explained when they are not there.

use clap::Args;

use super::near::{near, question};
use super::{Client, Exit, Failed, Form, output, path};
use crate::catalog::{Form as PayloadForm, Hit, Key, Kind, Os, catalog};
use crate::cli::output::Table;
use crate::daemon::edge::SystemDice;
use crate::model::document::Change;
use crate::model::edge::roll_uuid;
use crate::rules::{document, secrets};
use crate::wire::api::{DraftInfo, Edit};
use crate::wire::profile::{Document, Place};

/// A draft as the server shows it.
pub(super) struct Opened {
    /// What the server says of it.
    pub(super) info: DraftInfo,
    /// Its document, secrets blanked out.
    pub(super) document: Document,
}

/// Asks for the draft of a profile, or what one would begin from.
pub(super) async fn open(client: &Client, profile: &str) -> Result<Opened, Failed> {
    let info: DraftInfo = client.get(&format!("{}/draft", path(profile))).await?;
    let document = Document::read(info.xml.as_bytes()).map_err(|e| {
        Failed::new(
            Exit::Failure,
            format!("the draft cannot be read: {e}"),
            "Compare the versions: `pomona version`.",
        )
    })?;
    Ok(Opened { info, document })
}

/// A place in a document, with what must be done before it is there.
pub(super) struct Found {
    /// The place, by id.
    pub(super) place: Place,
    /// The payload that it needs and that was not there.
    pub(super) before: Option<Edit>,
    /// What the catalogue knows of it.
    pub(super) key: Option<(&'static PayloadForm, &'static Key)>,
    /// Nobody may see its value.
    pub(super) secret: bool,
}

/// Finds a place. A payload that is missing and known to the catalogue is added to `document`, and the edit that does
/// the same on the server is given back.
pub(super) fn find(document: &mut Document, text: &str) -> Result<Found, Failed> {
    let (place, before) = match document::locate(document, text) {
        Ok(place) => (place, None),
        Err(refusal) if refusal.code == "profile.no-such-payload" => {
            let (payload, rest) = split(text);
            let key = rest.split('/').next().filter(|key| !key.is_empty());
            let Some(form) = the_form(payload, key)? else {
                return Err(Failed { code: Some(refusal.code.into()), ..no_payload(document, payload) });
            };
            let uuid = roll_uuid(&SystemDice::new());
            let change = Change::AddPayload { form: form.id.clone(), uuid: uuid.clone(), starts: Vec::new() };
            document::apply(document, &change).map_err(|e| Failed::new(Exit::Failure, e.said, ""))?;
            let place = document::locate(document, &format!("{}:{rest}", uuid.to_lowercase()));
            let place = place.map_err(|e| Failed::new(Exit::Failure, e.said, ""))?;
            (place, Some(Edit::Add { form: form.id.clone(), uuid: Some(uuid) }))
        }
        Err(refusal) => {
            let failed = Failed::new(Exit::Usage, refusal.said, "");
            return Err(Failed { code: Some(refusal.code.into()), ..failed });
        }
    };
    Ok(Found {
        key: document::key_at(document, &place),
        secret: secrets::is_secret(document, &place),
        place,
        before,
    })
}

/// PAYLOAD and the rest.
fn split(text: &str) -> (&str, &str) {
    match text.find([':', '/']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    }
}

/// The one form that a word names: an id, or a payload type with or without `com.apple.`. Of several the one that has
/// the key is meant.
pub(super) fn the_form(word: &str, key: Option<&str>) -> Result<Option<&'static PayloadForm>, Failed> {
    let mut forms: Vec<&PayloadForm> = catalog()
        .forms()
        .iter()
        .filter(|form| {
            let kind = &form.payload_type;
            form.id == word || kind == word || kind.strip_prefix("com.apple.") == Some(word)
        })
        .collect();
    let has = |form: &&PayloadForm| key.is_some_and(|key| form.keys.iter().any(|known| known.name == key));
    if forms.len() > 1 && forms.iter().any(has) {
        forms.retain(has);
    } else if let Some(exact) = forms.iter().find(|form| form.id == word).copied() {
        forms = vec![exact];
    }
    match forms.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => {
            let ids: Vec<&str> = several.iter().map(|form| form.id.as_str()).collect();
            Err(Failed::new(
                Exit::Usage,
                format!("{word} has {} forms", several.len()),
                format!("Add the one you mean with `pomona profile add PROFILE FORM`: {}.", ids.join(", ")),
            ))
        }
    }
}

/// Nothing is called like this; what may be meant.
pub(super) fn no_payload(document: &Document, word: &str) -> Failed {
    let there = document.payloads();
    let known = catalog().forms().iter().map(|form| form.payload_type.as_str());
    let types: Vec<&str> = there.iter().map(|payload| payload.payload_type()).chain(known).collect();
    let short = types.into_iter().map(|kind| kind.strip_prefix("com.apple.").unwrap_or(kind));
    let near = near(word.strip_prefix("com.apple.").unwrap_or(word), short);
    let next = match question(&near) {
        none if none.is_empty() => "`pomona profile find WORDS` looks for it.".into(),
        question => question,
    };
    Failed::new(Exit::NotFound, format!("there is no payload {word:?}, and the catalogue has none"), next)
}

/// The catalogue does not know this key; what may be meant.
pub(super) fn no_key(document: &Document, place: &Place, next: &str) -> Failed {
    let parts = &place.path.0;
    let parent = Place {
        payload: place.payload.clone(),
        path: crate::wire::profile::Path(parts[..parts.len().saturating_sub(1)].to_vec()),
    };
    let word = parts.last().map(String::as_str).unwrap_or_default();
    let names: Vec<&str> = match document::key_at(document, &parent) {
        Some((form, key)) => form.keys_of(key).iter().map(|key| key.name.as_str()).collect(),
        None => {
            let payload = place.payload.as_deref().and_then(|id| document.payload(id));
            let form = match payload {
                Some(payload) => catalog().form_for(payload.body),
                None => Some(catalog().top_level()),
            };
            form.map(|form| form.keys.iter().map(|key| key.name.as_str()).collect()).unwrap_or_default()
        }
    };
    let question = question(&near(word, names));
    Failed::new(
        Exit::NotFound,
        format!("Apple documents no key {word:?} at {}", spoken(document, place)),
        [question.as_str(), next].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" "),
    )
}

/// A place as a person would write it: the payload by its type where that occurs once.
pub(super) fn spoken(document: &Document, place: &Place) -> String {
    let Some(id) = &place.payload else { return format!("/{}", place.path) };
    let Some(payload) = document.payload(id) else { return place.to_string() };
    let kind = payload.payload_type();
    let once = document.payloads().iter().filter(|other| other.payload_type() == kind).count() == 1;
    let payload = if once && !kind.is_empty() {
        kind.strip_prefix("com.apple.").unwrap_or(kind).to_owned()
    } else {
        format!("#{}", payload.position + 1)
    };
    if place.path.0.is_empty() { payload } else { format!("{payload}/{}", place.path) }
}

/// The same for a place as the server writes it. What is not in the document stays as it is.
pub(super) fn spoken_text(document: &Document, place: &str) -> String {
    Place::parse(place).map_or_else(|_| place.to_owned(), |place| spoken(document, &place))
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Find {
    /// Words of its label, name, help, or what people call it
    #[arg(required = true)]
    words: Vec<String>,
    /// How many at most
    #[arg(long, default_value = "20")]
    most: usize,
}

impl Find {
    pub(super) fn run(self, form: Form) -> Result<Exit, Failed> {
        let query = self.words.join(" ");
        let hits = catalog().search(&query, self.most);
        let rows: Vec<serde_json::Value> = hits
            .iter()
            .map(|hit| {
                let availability = hit.key.map_or(&hit.form.availability, |key| &key.availability);
                let systems: Vec<&str> = Os::ALL
                    .into_iter()
                    .filter(|os| availability.on(*os).introduced.is_some())
                    .map(Os::as_str)
                    .collect();
                serde_json::json!({
                    "place": place_of(hit),
                    "label": hit.key.map_or(&hit.form.label, |key| &key.label),
                    "payload": hit.form.label,
                    "form": hit.form.id,
                    "systems": systems,
                    "help": hit.key.map_or(&hit.form.help, |key| &key.help),
                })
            })
            .collect();
        output::show(form, &serde_json::json!({ "items": rows }), |form| {
            let mut table = Table::new(&["place", "label", "payload", "systems"]);
            let text =
                |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
            for row in &rows {
                let systems: Vec<&str> =
                    row["systems"].as_array().into_iter().flatten().filter_map(|os| os.as_str()).collect();
                table.row(vec![
                    text(row, "place"),
                    text(row, "label"),
                    text(row, "payload"),
                    systems.join(", "),
                ]);
            }
            table.text(form)
        })?;
        if rows.is_empty() {
            return Err(Failed::new(
                Exit::NotFound,
                format!("nothing is called {query:?}"),
                "Try fewer or other words.",
            ));
        }
        Ok(Exit::Ok)
    }
}

/// Where its value would be: the first item of each array on the way.
fn place_of(hit: &Hit) -> String {
    let kind = &hit.form.payload_type;
    let mut place = kind.strip_prefix("com.apple.").unwrap_or(kind).to_owned();
    for (depth, name) in hit.address.iter().enumerate() {
        let of_array = hit.form.at(&hit.address[..depth]).is_some_and(|key| key.kind == Kind::Array);
        place.push('/');
        place.push_str(if of_array { "0" } else { name });
    }
    place
}
