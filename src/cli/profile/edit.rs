//! Edits of a draft. Secrets are read from standard input or a file, never from the command line, where everyone on
//! the machine could read them.

use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use http::Method;

use super::place::{self, Found, Opened, open, spoken};
use super::{Client, Exit, Failed, Form, PLACES, input, library, output, path};
use crate::catalog::Kind;
use crate::cli::output::Card;
use crate::rules::entry;
use crate::wire::api::{
    DraftSaved, Edit, EditDraft, Given, Hidden, NewProfile, ProfileInfo, ShownValue, Tree,
};
use crate::wire::plist::{Date, Value};

#[derive(Debug, Args)]
pub(in crate::cli) struct New {
    /// Its name, as people and devices see it
    name: String,
    /// PayloadIdentifier, for ever [default: made of the server's name and this one]
    #[arg(long, value_name = "IDENTIFIER")]
    identifier: Option<String>,
    /// A payload to begin with: a payload type, or a form's id
    #[arg(long, value_name = "FORM")]
    add: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = PLACES)]
pub(in crate::cli) struct Set {
    /// Id, identifier or unique name
    profile: String,
    /// Where, as in wifi.managed/SSID_STR; a payload that is missing is added
    place: String,
    /// What: on, off, 15, a text, a date; several for a list of texts or numbers
    #[arg(allow_negative_numbers = true)]
    value: Vec<String>,
    /// Read the text from this file: passwords, keys
    #[arg(long, value_name = "FILE", group = "from")]
    from_file: Option<PathBuf>,
    /// Read a fragment of an XML property list from this file, - for standard input: dictionaries, lists
    #[arg(long, value_name = "FILE", group = "from")]
    xml: Option<PathBuf>,
    /// Take this file as data: certificates, images, fonts
    #[arg(long, value_name = "FILE", group = "from")]
    data_file: Option<PathBuf>,
    /// Append to a list instead of replacing it
    #[arg(long)]
    append: bool,
    /// The type of a key that Apple does not document
    #[arg(long = "type", value_name = "TYPE", conflicts_with_all = ["xml", "data_file"])]
    kind: Option<Typed>,
}

/// Types of values, for keys that the catalogue does not know.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Typed {
    /// Text
    String,
    /// on or off
    Boolean,
    /// Whole number
    Integer,
    /// Number with a fraction
    Real,
    /// 2026-11-24T03:15:22Z
    Date,
    /// Base64
    Data,
}

#[derive(Debug, Args)]
#[command(after_help = PLACES)]
pub(in crate::cli) struct Unset {
    /// Id, identifier or unique name
    profile: String,
    /// Where
    place: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Add {
    /// Id, identifier or unique name
    profile: String,
    /// Payload types, or ids of forms
    #[arg(required = true)]
    forms: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Drop {
    /// Id, identifier or unique name
    profile: String,
    /// A payload type that occurs once, # and its position, or its UUID
    payload: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Distribute {
    /// Id, identifier or unique name
    profile: String,
    /// How
    #[arg(value_parser = ["pushed", "offered", "manual"])]
    how: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Discard {
    /// Id, identifier or unique name
    profile: String,
    /// Only if the draft is at this version
    #[arg(long, value_name = "VERSION")]
    expect: Option<u64>,
}

/// Sends edits, and tells what became of them.
pub(super) async fn send(
    client: &Client,
    form: Form,
    profile: &str,
    edit: EditDraft,
) -> Result<Exit, Failed> {
    let saved: DraftSaved = client.post(&format!("{}/draft", path(profile)), &edit).await?;
    output::show(form, &saved, |form| text(&saved, form))?;
    if saved.conflicts.is_empty() {
        return Ok(Exit::Ok);
    }
    Err(Failed::new(
        Exit::Conflict,
        "somebody else changed this meanwhile, and it was not overwritten",
        "Look at it with `pomona profile diff`, then say it again.",
    ))
}

fn text(saved: &DraftSaved, form: Form) -> String {
    let draft = &saved.draft;
    let document = crate::wire::profile::Document::read(draft.xml.as_bytes()).ok();
    let at = |place: &str| document.as_ref().map_or(place.to_owned(), |d| place::spoken_text(d, place));
    let mut card = Card::new();
    card.line("draft", format!("version {}", draft.version)).line("distribution", &draft.distribution);
    for line in &draft.summary {
        card.line("has", line);
    }
    for finding in &draft.findings {
        card.line(&finding.weight, format!("{}: {}", at(&finding.place), finding.says));
    }
    for conflict in &saved.conflicts {
        let shown = |value: &ShownValue| match (&value.text, value.set) {
            (Some(text), _) => text.clone(),
            (None, true) => "a secret".into(),
            (None, false) => "not set".into(),
        };
        let (mine, theirs) = (shown(&conflict.mine), shown(&conflict.theirs));
        card.line("conflict", format!("{}: you wanted {mine}, it is {theirs} now", at(&conflict.place)));
    }
    card.text(form)
}

impl New {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let mut changes = Vec::new();
        for word in &self.add {
            changes.push(Edit::Add { form: named(word)?, uuid: None });
        }
        let new = NewProfile { name: self.name, identifier: self.identifier, changes };
        let profile: ProfileInfo = client.post("/api/v1/profiles", &new).await?;
        library::told(form, &profile)
    }
}

/// The id of the form that a word names. A payload type that Apple does not document is taken as it is.
fn named(word: &str) -> Result<String, Failed> {
    if let Some(form) = place::the_form(word, None)? {
        return Ok(form.id.clone());
    }
    // The preference domain of an app, say.
    if word.contains('.') && !word.starts_with("com.apple.") && !word.contains(char::is_whitespace) {
        return Ok(word.to_owned());
    }
    Err(place::no_payload(&crate::wire::profile::Document::new("", "", ""), word))
}

impl Add {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let mut changes = Vec::new();
        for word in &self.forms {
            changes.push(Edit::Add { form: named(word)?, uuid: None });
        }
        send(client, form, &self.profile, EditDraft { changes, ..EditDraft::default() }).await
    }
}

impl Drop {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let changes = vec![Edit::Remove { payload: self.payload }];
        send(client, form, &self.profile, EditDraft { changes, ..EditDraft::default() }).await
    }
}

impl Distribute {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let edit = EditDraft { distribution: Some(self.how), ..EditDraft::default() };
        send(client, form, &self.profile, edit).await
    }
}

impl Discard {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let version = match self.expect {
            Some(version) => version,
            None => open(client, &self.profile).await?.info.version,
        };
        let address = format!("{}/draft?version={version}", path(&self.profile));
        client.raw(Method::DELETE, &address, "", "".into()).await?;
        if form == Form::Table {
            eprintln!("The draft is gone.");
        }
        Ok(Exit::Ok)
    }
}

impl Unset {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let opened = open(client, &self.profile).await?;
        let place = match crate::rules::document::locate(&opened.document, &self.place) {
            Ok(place) => place,
            Err(refusal) => {
                let failed = Failed::new(Exit::NotFound, refusal.said, "");
                return Err(Failed { code: Some(refusal.code.into()), ..failed });
            }
        };
        if opened.document.get(&place).is_none() {
            return Err(Failed::new(
                Exit::NotFound,
                format!("{} is not set", spoken(&opened.document, &place)),
                "`pomona profile text` shows what is.",
            ));
        }
        let changes = vec![Edit::Unset { place: place.to_string(), was: None }];
        send(client, form, &self.profile, EditDraft { changes, ..EditDraft::default() }).await
    }
}

impl Set {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let Opened { mut document, .. } = open(client, &self.profile).await?;
        let mut found = place::find(&mut document, &self.place)?;
        if self.append {
            // The item decides what may be written.
            let item =
                crate::wire::profile::Place { path: found.place.path.then("0"), ..found.place.clone() };
            found.key = crate::rules::document::key_at(&document, &item);
        }
        let given = self.given(&document, &found)?;
        let place = found.place.to_string();
        let edit =
            if self.append { Edit::Append { place, given } } else { Edit::Set { place, given, was: None } };
        let changes = found.before.into_iter().chain([edit]).collect();
        send(client, form, &self.profile, EditDraft { changes, ..EditDraft::default() }).await
    }

    fn given(&self, document: &crate::wire::profile::Document, found: &Found) -> Result<Given, Failed> {
        let label = found.key.map_or_else(|| spoken(document, &found.place), |(_, key)| key.label.clone());
        let key = found.key.map(|(_, key)| key);
        if !self.value.is_empty()
            && (self.from_file.is_some() || self.xml.is_some() || self.data_file.is_some())
        {
            return Err(Failed::new(Exit::Usage, "give a value or a file, not both", ""));
        }
        let judged = |value: Value| match key.map(|key| key.judge(&value)) {
            Some(Err(said)) => {
                Err(Failed { code: Some("profile.value".into()), ..Failed::new(Exit::Failure, said, "") })
            }
            _ => Ok(Given { value: Some(Tree::of(&value)), ..Given::default() }),
        };
        if let Some(file) = &self.xml {
            let fragment =
                entry::fragment(&text_of(file)?).map_err(|e| Failed::new(Exit::Failure, e.said, ""))?;
            return judged(fragment);
        }
        if let Some(file) = &self.data_file {
            let bytes = bytes_of(file)?;
            return judged(match key {
                Some(key) if key.kind == Kind::Data => {
                    entry::file(key, &bytes).map_err(|e| Failed::new(Exit::Failure, e.said, ""))?
                }
                _ => Value::Data(bytes),
            });
        }
        if found.secret && !self.value.is_empty() {
            return Err(Failed::new(
                Exit::Refused,
                format!("{label} is a secret, and everyone on this machine can read a command line"),
                "Leave the value out: it is then asked for, or read from standard input; or name a file with --from-file. \
                 Change the secret if it was a real one: it may be in your shell's history now.",
            ));
        }
        let typed = match &self.from_file {
            Some(file) => Hidden::new(text_of(file)?.trim_end_matches(['\r', '\n'])),
            None if found.secret => input::secret(&label)?,
            None if self.value.is_empty() => {
                return Err(Failed::new(
                    Exit::Usage,
                    format!("what shall {label} be?"),
                    "Give a value, or a file with --from-file, --xml or --data-file.",
                ));
            }
            None => Hidden::new(self.value.join("\n")),
        };
        match (key, self.kind) {
            (_, Some(kind)) => judged(kind.read(typed.expose())?),
            (Some(_), None) => Ok(Given { text: Some(typed), ..Given::default() }),
            (None, None) => Err(place::no_key(
                document,
                &found.place,
                "To set it all the same, say what it is with --type, or give it with --xml.",
            )),
        }
    }
}

impl Typed {
    fn read(self, text: &str) -> Result<Value, Failed> {
        let value = match self {
            Self::String => Some(Value::String(text.to_owned())),
            Self::Boolean => match text.to_lowercase().as_str() {
                "on" | "true" | "yes" => Some(Value::Boolean(true)),
                "off" | "false" | "no" => Some(Value::Boolean(false)),
                _ => None,
            },
            Self::Integer => text.parse::<i64>().ok().map(|n| Value::Integer(n.into())),
            Self::Real => text.parse::<f64>().ok().filter(|n| n.is_finite()).map(Value::Real),
            Self::Date => Date::from_xml_format(text).ok().map(Value::Date),
            Self::Data => STANDARD.decode(text.split_whitespace().collect::<String>()).ok().map(Value::Data),
        };
        value.ok_or_else(|| Failed::new(Exit::Usage, format!("this is no {self:?}").to_lowercase(), ""))
    }
}

/// The bytes of a file, - for standard input.
pub(super) fn bytes_of(file: &Path) -> Result<Vec<u8>, Failed> {
    let cannot = |e| Failed::new(Exit::Failure, format!("cannot read {}: {e}", file.display()), "");
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(cannot)?;
        return Ok(bytes);
    }
    std::fs::read(file).map_err(cannot)
}

fn text_of(file: &Path) -> Result<String, Failed> {
    String::from_utf8(bytes_of(file)?)
        .map_err(|_| Failed::new(Exit::Failure, format!("{} is no text in UTF-8", file.display()), ""))
}
