//! Commands, declarations, status items, skip keys and messages: sections that are read when somebody asks.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use serde::Deserialize;

use super::build::Builder;
use super::facts::Entry;
use super::form::{Form, Key};
use super::search::{Hit, Index};
use super::words::Words;
use super::{Availability, embedded};

/// Things of one kind, with the form that each has.
#[derive(Debug)]
pub struct Section<T> {
    items: Vec<T>,
    index: OnceLock<Index>,
}

impl<T: AsRef<Form>> Section<T> {
    fn new(items: Vec<T>) -> Self {
        Self { items, index: OnceLock::new() }
    }

    /// All of them, by type and then by file.
    pub fn all(&self) -> &[T] {
        &self.items
    }

    /// The one of this type: `DeviceLock`, `com.apple.configuration.passcode.settings`, `device.model.family`.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.items.iter().find(|item| item.as_ref().payload_type == name)
    }

    /// Things and keys that hold every word of `query`, best first.
    pub fn search(&self, query: &str, most: usize) -> Vec<Hit<'_>> {
        let index = self.index.get_or_init(|| Index::new(self.items.iter().map(AsRef::as_ref)));
        index.find(&|number| self.items[number].as_ref(), query, most)
    }
}

/// A command, or a message of a device, with the answer to it.
#[derive(Debug)]
pub struct Command {
    /// What is sent. Its type is the `RequestType` of a command, the `MessageType` of a check-in message.
    pub form: Form,
    /// Keys of the answer.
    pub answer: Vec<Key>,
}

impl AsRef<Form> for Command {
    fn as_ref(&self) -> &Form {
        &self.form
    }
}

/// What a declaration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Says which configurations apply, and when.
    Activation,
    /// Settings.
    Configuration,
    /// Data that configurations refer to.
    Asset,
    /// What a data asset holds.
    Credential,
    /// About the management itself.
    Management,
    /// What all declarations share.
    Base,
}

/// A declaration.
#[derive(Debug)]
pub struct Declaration {
    /// Its type and the keys of its `Payload`.
    pub form: Form,
    /// What it is for.
    pub family: Family,
    /// Several of its type combine key by key (`combined`), stand side by side (`multiple`), or only one counts
    /// (`single`); none where Apple does not say.
    pub apply: Option<String>,
    /// Status items that report about it.
    pub status: Vec<String>,
    /// Error codes, with the keys of their details.
    pub reasons: Vec<(String, Vec<Key>)>,
}

impl AsRef<Form> for Declaration {
    fn as_ref(&self) -> &Form {
        &self.form
    }
}

/// A status item.
#[derive(Debug)]
pub struct StatusItem {
    /// Its name and keys.
    pub form: Form,
    /// Not final yet.
    pub beta: bool,
    /// Error codes, with the keys of their details.
    pub reasons: Vec<(String, Vec<Key>)>,
}

impl AsRef<Form> for StatusItem {
    fn as_ref(&self) -> &Form {
        &self.form
    }
}

impl AsRef<Form> for Form {
    fn as_ref(&self) -> &Form {
        self
    }
}

/// Our names of declarations in `groups.json`, by type.
#[derive(Deserialize)]
struct Labels {
    declarations: HashMap<String, Label>,
}

#[derive(Deserialize)]
struct Label {
    label: String,
}

fn section<T: AsRef<Form>>(file: &str, make: impl Fn(&Builder<'_>, Entry) -> T) -> Section<T> {
    let words = Words::glossary_only();
    let builder = Builder::new(&words);
    Section::new(embedded::read::<Vec<Entry>>(file).into_iter().map(|entry| make(&builder, entry)).collect())
}

fn command(builder: &Builder<'_>, mut entry: Entry, category: &str) -> Command {
    let answer = std::mem::take(&mut entry.resp);
    let form = builder.form(entry, category, None);
    let answer = builder.loose(answer, &form.availability);
    Command { form, answer }
}

fn reasons(builder: &Builder<'_>, entry: &mut Entry) -> Vec<(String, Vec<Key>)> {
    let all = Availability::default();
    std::mem::take(&mut entry.reasons)
        .into_iter()
        .map(|reason| (reason.v, builder.loose(reason.keys, &all)))
        .collect()
}

fn family(name: Option<&str>) -> Family {
    match name {
        Some("activation") => Family::Activation,
        Some("asset") => Family::Asset,
        Some("credential-data") => Family::Credential,
        Some("management") => Family::Management,
        Some("base") => Family::Base,
        _ => Family::Configuration,
    }
}

/// The commands, requests and answers.
pub fn commands() -> &'static Section<Command> {
    static SECTION: LazyLock<Section<Command>> =
        LazyLock::new(|| section("commands.json", |builder, entry| command(builder, entry, "commands")));
    &SECTION
}

/// The messages that a device sends at check-in, with the answers.
pub fn check_ins() -> &'static Section<Command> {
    static SECTION: LazyLock<Section<Command>> =
        LazyLock::new(|| section("checkin.json", |builder, entry| command(builder, entry, "checkin")));
    &SECTION
}

/// The declarations.
pub fn declarations() -> &'static Section<Declaration> {
    static SECTION: LazyLock<Section<Declaration>> = LazyLock::new(|| {
        let labels: Labels = embedded::read("groups.json");
        section("declarations.json", |builder, mut entry| Declaration {
            family: family(entry.family.as_deref()),
            apply: entry.apply.clone(),
            status: std::mem::take(&mut entry.status),
            reasons: reasons(builder, &mut entry),
            form: {
                let known = labels.declarations.get(&entry.kind);
                builder.form(entry, "declarations", known.map(|known| known.label.as_str()))
            },
        })
    });
    &SECTION
}

/// The status items.
pub fn status_items() -> &'static Section<StatusItem> {
    static SECTION: LazyLock<Section<StatusItem>> = LazyLock::new(|| {
        section("status.json", |builder, mut entry| StatusItem {
            beta: entry.beta,
            reasons: reasons(builder, &mut entry),
            form: builder.form(entry, "status", None),
        })
    });
    &SECTION
}

/// The panes of Setup Assistant that can be skipped: one form (`SkipKeys`), a key for each pane.
pub fn skip_keys() -> &'static Section<Form> {
    static SECTION: LazyLock<Section<Form>> = LazyLock::new(|| {
        let panes: HashMap<String, String> = embedded::read("panes.json");
        section("skipkeys.json", |builder, entry| {
            let mut form = builder.form(entry, "skipkeys", Some("Setup Assistant panes"));
            for key in &mut form.keys {
                if let Some(label) = panes.get(&key.name) {
                    key.label.clone_from(label);
                }
            }
            form
        })
    });
    &SECTION
}

/// Other documents between device and server: the protocol of declarations, errors, enrollment documents.
pub fn messages() -> &'static Section<Form> {
    static SECTION: LazyLock<Section<Form>> = LazyLock::new(|| {
        let mut all = Vec::new();
        for file in ["protocol.json", "errors.json", "other.json"] {
            all.extend(section(file, |builder, entry| builder.form(entry, "messages", None)).items);
        }
        Section::new(all)
    });
    &SECTION
}
