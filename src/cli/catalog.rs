//! `pomona catalog`: what Apple documents, without a server.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value as Json, json};

use super::output::{self, Card, Table};
use super::{Exit, Failed, Form, Global};
use crate::catalog::{
    self as documented, Availability, Catalog as Payloads, Form as Entry, Hit, Key, Kind, Os, OsFacts,
};

#[derive(Debug, Subcommand)]
pub(super) enum Catalog {
    /// Find payloads and settings by the words people use
    Search(Search),
    /// Show a payload, a command, a declaration, or one of its settings: for which systems, since when, which values
    Show(Show),
}

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shelf {
    /// Payloads of configuration profiles
    Profiles,
    /// Commands to devices
    Commands,
    /// Messages of devices at check-in
    CheckIns,
    /// Declarations
    Declarations,
    /// Status items
    Status,
    /// Panes of Setup Assistant
    SkipKeys,
    /// Other documents between device and server
    Messages,
}

impl Shelf {
    const ALL: [Self; 7] = [
        Self::Profiles,
        Self::Commands,
        Self::CheckIns,
        Self::Declarations,
        Self::Status,
        Self::SkipKeys,
        Self::Messages,
    ];

    fn search(self, query: &str, most: usize) -> Vec<Hit<'static>> {
        match self {
            Self::Profiles => documented::catalog().search(query, most),
            Self::Commands => documented::commands().search(query, most),
            Self::CheckIns => documented::check_ins().search(query, most),
            Self::Declarations => documented::declarations().search(query, most),
            Self::Status => documented::status_items().search(query, most),
            Self::SkipKeys => documented::skip_keys().search(query, most),
            Self::Messages => documented::messages().search(query, most),
        }
    }

    fn forms(self) -> Vec<&'static Entry> {
        let payloads: &Payloads = documented::catalog();
        match self {
            Self::Profiles => {
                payloads.forms().iter().chain([payloads.top_level(), payloads.common()]).collect()
            }
            Self::Commands => documented::commands().all().iter().map(|each| &each.form).collect(),
            Self::CheckIns => documented::check_ins().all().iter().map(|each| &each.form).collect(),
            Self::Declarations => documented::declarations().all().iter().map(|each| &each.form).collect(),
            Self::Status => documented::status_items().all().iter().map(|each| &each.form).collect(),
            Self::SkipKeys => documented::skip_keys().all().iter().collect(),
            Self::Messages => documented::messages().all().iter().collect(),
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Search {
    /// Words that must all be found: in labels, names, help or synonyms
    #[arg(required = true)]
    words: Vec<String>,
    /// Where to look
    #[arg(long = "in", value_enum, value_name = "SHELF", default_value = "profiles")]
    shelf: Shelf,
    /// At most so many
    #[arg(long, default_value_t = 30)]
    most: usize,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Type or file of a payload, command, declaration or status item; or the name of a setting
    name: String,
    /// A setting in it: its name, or its address with `/` between the names
    key: Option<String>,
}

impl Catalog {
    pub(super) fn run(self, global: &Global) -> Result<Exit, Failed> {
        match self {
            Self::Search(search) => search.run(global.form()),
            Self::Show(show) => show.run(global.form()),
        }
    }
}

impl Search {
    fn run(&self, form: Form) -> Result<Exit, Failed> {
        let hits = self.shelf.search(&self.words.join(" "), self.most);
        if hits.is_empty() && form == Form::Table {
            return Err(Failed::new(Exit::NotFound, "nothing holds all of these words", "Try fewer words."));
        }
        print_hits(form, &hits)?;
        Ok(Exit::Ok)
    }
}

fn print_hits(form: Form, hits: &[Hit<'_>]) -> Result<(), Failed> {
    let json = json!({ "found": hits.iter().map(hit_json).collect::<Vec<_>>() });
    output::show(form, &json, |form| {
        let mut table = Table::new(&["payload", "setting", "label", "systems"]);
        for hit in hits {
            let (label, systems) = match hit.key {
                Some(key) => (&key.label, &key.availability),
                None => (&hit.form.label, &hit.form.availability),
            };
            table.row(vec![hit.form.id.clone(), hit.address.join("/"), label.clone(), since(systems)]);
        }
        table.text(form)
    })
}

fn hit_json(hit: &Hit<'_>) -> Json {
    match hit.key {
        Some(key) => json!({ "form": hit.form.id, "address": hit.address, "key": key_json(key) }),
        None => {
            json!({ "form": hit.form.id, "label": hit.form.label, "systems": systems_json(&hit.form.availability) })
        }
    }
}

impl Show {
    fn run(&self, form: Form) -> Result<Exit, Failed> {
        let all: Vec<&'static Entry> = Shelf::ALL.iter().flat_map(|shelf| shelf.forms()).collect();
        let name = self.name.as_str();
        let mut named: Vec<&Entry> = all.iter().copied().filter(|entry| entry.id == name).collect();
        if named.is_empty() {
            named =
                all.iter().copied().filter(|entry| entry.payload_type.eq_ignore_ascii_case(name)).collect();
        }
        match (&self.key, named.as_slice()) {
            (None, [one]) => show_form(form, one)?,
            (None, []) => show_keys(form, &keys_called(&all, name), name)?,
            (None, several) => {
                let ids: Vec<&str> = several.iter().map(|entry| entry.id.as_str()).collect();
                let next = format!("Name one of them: {}", ids.join(", "));
                return Err(Failed::new(Exit::Conflict, format!("{name} has several forms"), next));
            }
            (Some(_), []) => return Err(missing(name)),
            (Some(key), forms) => show_keys(form, &keys_called(forms, key), key)?,
        }
        Ok(Exit::Ok)
    }
}

fn missing(name: &str) -> Failed {
    let next = "pomona catalog search WORDS finds payloads and settings.";
    Failed::new(Exit::NotFound, format!("Apple documents nothing that is called {name}"), next)
}

/// A setting with its form and address.
type Found<'a> = (&'a Entry, String, &'a Key);

fn keys_called<'a>(forms: &[&'a Entry], name: &str) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for form in forms {
        form.walk(&mut |address, key| {
            if key.name == name || address.join("/") == name {
                found.push((*form, address.join("/"), key));
            }
        });
    }
    found
}

fn show_form(form: Form, entry: &Entry) -> Result<(), Failed> {
    let mut keys = Vec::new();
    entry.walk(&mut |address, key| keys.push((address.join("/"), key)));
    let json = json!({
        "form": entry.id, "type": entry.payload_type, "label": entry.label, "help": entry.help,
        "category": entry.category, "release": entry.release, "systems": systems_json(&entry.availability),
        "keys": keys.iter().map(|(address, key)| json!({ "address": address, "key": key_json(key) })).collect::<Vec<_>>(),
    });
    output::show(form, &json, |form| {
        let mut card = Card::new();
        card.line("Name", &entry.label)
            .line("Type", &entry.payload_type)
            .maybe("Help", entry.help.as_deref());
        systems_lines(&mut card, &entry.availability);
        card.line("Schema", &entry.release);
        let mut table = Table::new(&["setting", "label", "value", "needed", "systems"]);
        for (address, key) in &keys {
            let needed = if key.required { "yes" } else { "" };
            let kind = key.kind.words().trim_start_matches("a ").to_owned();
            table.row(vec![
                address.clone(),
                key.label.clone(),
                kind,
                needed.to_owned(),
                since(&key.availability),
            ]);
        }
        card.text(form) + "\n" + &table.text(form)
    })
}

fn show_keys(form: Form, found: &[Found<'_>], name: &str) -> Result<(), Failed> {
    if found.is_empty() {
        return Err(missing(name));
    }
    let each = |(entry, address, key): &Found<'_>| json!({ "form": entry.id, "address": address, "key": key_json(key) });
    let json = json!({ "found": found.iter().map(each).collect::<Vec<_>>() });
    output::show(form, &json, |form| {
        let cards = found.iter().map(|(entry, address, key)| key_card(entry, address, key).text(form));
        cards.collect::<Vec<_>>().join("\n")
    })
}

fn key_card(entry: &Entry, address: &str, key: &Key) -> Card {
    let mut card = Card::new();
    card.line("Name", &key.label)
        .line("Setting", address)
        .line("Payload", format!("{} ({})", entry.label, entry.id))
        .maybe("Help", key.help.as_deref())
        .line("Value", key.kind.words());
    if !key.values.is_empty() {
        card.line(
            "One of",
            key.values
                .iter()
                .map(|value| named(key, &documented::text(value)))
                .collect::<Vec<_>>()
                .join(", "),
        );
    }
    if let Some(range) = key.range {
        let bound = |bound: Option<f64>| bound.map(|bound| bound.to_string()).unwrap_or_default();
        let unit = key.unit.as_deref().unwrap_or_default();
        card.line("Range", format!("{} to {} {unit}", bound(range.min), bound(range.max)).trim_end());
    }
    card.maybe("Pattern", key.pattern.as_deref());
    card.maybe("Default", key.default.as_ref().map(|value| named(key, &documented::text(value))));
    card.line("Needed", if key.required { "yes" } else { "no" });
    card.maybe("Needed when", key.needed.as_deref());
    if key.secret {
        card.line("Secret", "yes");
    }
    card.maybe("Example", key.example.as_deref());
    card.maybe("Instead", key.replaced_by.as_deref());
    systems_lines(&mut card, &key.availability);
    card
}

/// A raw value with what it is called: `13 (TLS)`.
fn named(key: &Key, raw: &str) -> String {
    let label = key.value_labels.iter().find(|(value, _)| value == raw).map(|(_, label)| label.as_str());
    let state = match (key.kind, raw, &key.states) {
        (Kind::Boolean, "true", Some((on, _))) => Some(on.as_str()),
        (Kind::Boolean, "false", Some((_, off))) => Some(off.as_str()),
        _ => None,
    };
    match label.or(state) {
        Some(label) => format!("{raw} ({label})"),
        None => raw.to_owned(),
    }
}

/// `iOS 7.0, macOS 10.13`.
fn since(availability: &Availability) -> String {
    let each = |os: Os| {
        let facts = availability.on(os);
        let gone = facts.removed.map(|version| format!(" to {version}")).unwrap_or_default();
        facts.introduced.map(|version| format!("{} {version}{gone}", os.as_str()))
    };
    Os::ALL.into_iter().filter_map(each).collect::<Vec<_>>().join(", ")
}

fn systems_lines(card: &mut Card, availability: &Availability) {
    for os in Os::ALL {
        let facts = availability.on(os);
        if let Some(introduced) = facts.introduced {
            let mut parts = vec![format!("since {introduced}")];
            parts.extend(facts.deprecated.map(|version| format!("deprecated since {version}")));
            parts.extend(facts.removed.map(|version| format!("removed in {version}")));
            parts.extend(conditions(facts).into_iter().map(str::to_owned));
            card.line(os.as_str(), parts.join(", "));
        }
    }
}

/// What a device must be besides having the version.
fn conditions(facts: &OsFacts) -> Vec<&'static str> {
    let mut out = Vec::new();
    let mut when = |holds: bool, words| out.extend(holds.then_some(words));
    when(facts.supervised == Some(true), "supervised devices only");
    when(facts.automated == Some(true), "automated enrollment only");
    when(facts.approved == Some(true), "an enrollment that a person approved");
    when(facts.user_enrollment == Some(false), "not in a user enrollment");
    when(facts.shared_ipad == Some(false), "not on Shared iPad");
    when(facts.shared_ipad_only, "Shared iPad only");
    when(facts.device_channel == Some(false), "not on the device channel");
    when(facts.user_channel == Some(false), "not on the user channel");
    when(facts.manual == Some(false), "not by hand");
    out
}

fn systems_json(availability: &Availability) -> Json {
    let version = |version: Option<documented::Version>| version.map(|version| version.to_string());
    let each = |os: Os| {
        let facts = availability.on(os);
        json!({
            "os": os.as_str(), "since": version(facts.introduced), "deprecated": version(facts.deprecated),
            "removed": version(facts.removed), "multiple": facts.multiple, "conditions": conditions(facts),
        })
    };
    Os::ALL.into_iter().filter(|os| availability.on(*os).introduced.is_some()).map(each).collect()
}

fn key_json(key: &Key) -> Json {
    json!({
        "name": key.name, "label": key.label, "help": key.help,
        "type": format!("{:?}", key.kind).to_lowercase(), "required": key.required, "secret": key.secret,
        "default": key.default.as_ref().map(documented::text),
        "values": key.values.iter().map(documented::text).collect::<Vec<_>>(),
        "min": key.range.and_then(|range| range.min), "max": key.range.and_then(|range| range.max),
        "unit": key.unit, "pattern": key.pattern, "replaced_by": key.replaced_by,
        "systems": systems_json(&key.availability),
    })
}
