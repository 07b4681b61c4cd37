//! A payload on the bench: what is at a path, and what the catalogue knows of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Field, Form, Key, Kind, catalog, kind_of};
use crate::model::Time;
use crate::model::document::{Conflict, Finding, Stamp};
use crate::rules::document::{mark, secret_mark};
use crate::rules::secrets;
use crate::views::admin::library::badges::Count;
use crate::wire::plist::{Dictionary, Value};
use crate::wire::profile::{Document, Path, Place};

use super::rivals::Told;
use super::start::plain;

/// Texts longer than this get several lines.
const LINE: usize = 120;

/// One payload of a draft, with all that its page needs.
pub(super) struct Bench<'a> {
    pub(super) document: &'a Document,
    /// Its id.
    pub(super) payload: &'a str,
    pub(super) body: &'a Dictionary,
    pub(super) form: Option<&'static Form>,
    /// Who set which secret of the document.
    pub(super) stamps: &'a [(String, Stamp)],
    /// Secrets of this payload by path.
    pub(super) secret: BTreeSet<String>,
    /// What was found in this payload.
    pub(super) findings: Vec<Finding>,
    /// Their paths, as text.
    pub(super) found_at: Vec<String>,
    /// What devices make of what is set, by path, where some do not simply obey.
    pub(super) reach: BTreeMap<String, Vec<Count>>,
    /// What other profiles make of it, by path.
    pub(super) rivals: Told,
    /// What was typed and could not be saved.
    pub(super) typed: Typed,
    /// The row that the person came for.
    pub(super) focus: String,
    pub(super) now: Time,
}

/// What a person typed that is not in the draft, by path.
#[derive(Default)]
pub(super) struct Typed {
    /// Texts, and items of lists.
    pub(super) said: BTreeMap<String, Vec<String>>,
    /// What is wrong with them.
    pub(super) wrong: BTreeMap<String, String>,
    /// What met another's change, with the mark that the form had.
    pub(super) clashes: BTreeMap<String, (Conflict, String, bool)>,
}

/// How a value is edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Bool,
    Choice,
    Line,
    Text,
    Secret,
    File,
    Moment,
    List,
    Ticks,
    Table,
    Group,
    Raw,
    /// It holds secrets deep inside: it can be replaced, and is not shown.
    Sealed,
}

/// What is at a path.
pub(super) struct Spot<'a> {
    pub(super) path: Path,
    pub(super) text: String,
    pub(super) key: Option<&'static Key>,
    pub(super) value: Option<&'a Value>,
    pub(super) sort: Sort,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        document: &'a Document,
        payload: &'a str,
        stamps: &'a [(String, Stamp)],
        now: Time,
    ) -> Option<Self> {
        let body = document.payload(payload)?.body;
        let own = |place: &Place| place.payload.as_deref() == Some(payload);
        let secret = secrets::places(document).into_iter().filter(own).map(|p| p.path.to_string()).collect();
        let findings: Vec<Finding> =
            crate::rules::check::check(document).into_iter().filter(|f| own(&f.place)).collect();
        Some(Self {
            document,
            payload,
            body,
            form: catalog().form_for(body),
            stamps,
            secret,
            found_at: findings.iter().map(|f| f.place.path.to_string()).collect(),
            findings,
            reach: BTreeMap::new(),
            rivals: Told::new(),
            typed: Typed::default(),
            focus: String::new(),
            now,
        })
    }

    pub(super) fn place(&self, path: &Path) -> Place {
        Place { payload: Some(self.payload.to_owned()), path: path.clone() }
    }

    /// The key of a path: of the form, or one that every payload shares.
    pub(super) fn key(&self, path: &Path) -> Option<&'static Key> {
        let known = self.form.and_then(|form| form.key(&path.0));
        known.or_else(|| catalog().common().key(&path.0))
    }

    pub(super) fn value(&self, path: &Path) -> Option<&'a Value> {
        self.document.get(&self.place(path))
    }

    pub(super) fn spot(&self, path: Path) -> Spot<'a> {
        let (key, value, text) = (self.key(&path), self.value(&path), path.to_string());
        let sort = self.sort(key, value, &text);
        Spot { path, text, key, value, sort }
    }

    /// Mark of what is there.
    pub(super) fn mark(&self, spot: &Spot<'_>) -> String {
        if spot.value.is_some() && self.secret.contains(&spot.text) {
            return secret_mark(self.stamp(&spot.path));
        }
        mark(spot.value)
    }

    /// Who set the secret at a path.
    pub(super) fn stamp(&self, path: &Path) -> Option<&'a Stamp> {
        let place = self.place(path).to_string();
        self.stamps.iter().find(|(at, _)| *at == place).map(|(_, stamp)| stamp)
    }

    /// Something below this path is a secret.
    pub(super) fn holds_secrets(&self, text: &str) -> bool {
        let below = format!("{text}/");
        self.secret.range(below.clone()..).next().is_some_and(|path| path.starts_with(&below))
    }

    fn sort(&self, key: Option<&'static Key>, value: Option<&Value>, text: &str) -> Sort {
        let known = key.filter(|k| k.kind != Kind::Any);
        let kind = match (known, value) {
            (Some(key), Some(value)) if !fits(key.kind, value) => return self.raw(text),
            (Some(key), _) => key.kind,
            (None, Some(value)) => kind_of(value),
            (None, None) => Kind::String,
        };
        let secret = self.secret.contains(text) || (value.is_none() && key.is_some_and(|k| k.secret));
        match kind {
            Kind::Data => Sort::File,
            Kind::String | Kind::Integer | Kind::Real if secret => Sort::Secret,
            Kind::Boolean => Sort::Bool,
            Kind::Date => Sort::Moment,
            Kind::Integer | Kind::Real => {
                if key.is_some_and(|k| !k.values.is_empty()) {
                    Sort::Choice
                } else {
                    Sort::Line
                }
            }
            Kind::String => string_sort(key, value, self.has_candidates(key)),
            Kind::Dictionary => Sort::Group,
            Kind::Array => self.array(key, value, text),
            Kind::Any => self.raw(text),
        }
    }

    fn raw(&self, text: &str) -> Sort {
        if self.secret.contains(text) || self.holds_secrets(text) { Sort::Sealed } else { Sort::Raw }
    }

    fn array(&self, key: Option<&'static Key>, value: Option<&Value>, text: &str) -> Sort {
        let item = self.item(key);
        let kind = item.map_or(Kind::Any, |k| k.kind);
        let items = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        match kind {
            Kind::Dictionary | Kind::Array | Kind::Data => return Sort::Table,
            _ if self.secret.contains(text) || self.holds_secrets(text) => return Sort::Sealed,
            _ => {}
        }
        let plain = |v: &Value| match kind {
            Kind::Any => matches!(v, Value::String(_)),
            kind => fits(kind, v),
        };
        let texts = items.iter().all(|v| plain(v) && !v.as_string().is_some_and(|s| s.contains('\n')));
        match kind {
            _ if !texts => self.raw(text),
            Kind::String | Kind::Integer | Kind::Real | Kind::Any => {
                let few = item.is_some_and(|k| !k.values.is_empty()) || self.has_candidates(item);
                if few { Sort::Ticks } else { Sort::List }
            }
            _ => self.raw(text),
        }
    }

    /// The item of an array.
    pub(super) fn item(&self, key: Option<&'static Key>) -> Option<&'static Key> {
        let (form, key) = (self.form?, key?);
        form.keys_of(key).first()
    }

    /// The keys of a dictionary.
    pub(super) fn children(&self, path: &Path, key: Option<&'static Key>) -> &'static [Key] {
        match (self.form, key) {
            (Some(form), _) if path.0.is_empty() => &form.keys,
            (Some(form), Some(key)) if key.kind == Kind::Dictionary => form.keys_of(key),
            _ => &[],
        }
    }

    /// Payloads of this profile that a reference may name: their UUID and what they are called.
    pub(super) fn candidates(&self, field: Field) -> Vec<(String, String)> {
        let fits = |kind: &str| match field {
            Field::Identity => IDENTITIES.contains(&kind),
            Field::Certificate => CERTIFICATES.contains(&kind),
            Field::Payload => true,
            _ => false,
        };
        let mut found = Vec::new();
        for payload in self.document.payloads() {
            let uuid = payload.body.get("PayloadUUID").and_then(Value::as_string);
            if let Some(uuid) = uuid.filter(|_| fits(payload.payload_type()) && payload.body != self.body) {
                found.push((uuid.to_owned(), called(payload.body)));
            }
        }
        found
    }

    fn has_candidates(&self, key: Option<&Key>) -> bool {
        key.is_some_and(|k| !self.candidates(k.field).is_empty())
    }
}

/// Payloads that bring an identity: a certificate with its key.
const IDENTITIES: &[&str] = &[
    "com.apple.security.pkcs12",
    "com.apple.security.scep",
    "com.apple.security.acme",
    "com.apple.ADCertificate.managed",
];

/// Payloads that bring a certificate.
const CERTIFICATES: &[&str] =
    &["com.apple.security.root", "com.apple.security.pem", "com.apple.security.pkcs1"];

/// What a payload is called: its sort, and its own name.
pub(super) fn called(body: &Dictionary) -> String {
    let sort = label(body);
    match name(body) {
        Some(name) if name != sort => format!("{sort}: {name}"),
        _ => sort,
    }
}

/// What sort of payload it is.
pub(super) fn label(body: &Dictionary) -> String {
    match catalog().form_for(body) {
        Some(form) => form.label.clone(),
        None => body.get("PayloadType").and_then(Value::as_string).unwrap_or("Payload").to_owned(),
    }
}

/// Its own name.
pub(super) fn name(body: &Dictionary) -> Option<&str> {
    body.get("PayloadDisplayName").and_then(Value::as_string).filter(|name| !name.is_empty())
}

fn string_sort(key: Option<&Key>, value: Option<&Value>, named: bool) -> Sort {
    let text = value.and_then(Value::as_string).unwrap_or_default();
    match key {
        Some(key) if !key.values.is_empty() || named => Sort::Choice,
        Some(Key { field: Field::Multiline, .. }) => Sort::Text,
        _ if text.chars().count() > LINE || text.contains(['\n', '\r']) => Sort::Text,
        _ => Sort::Line,
    }
}

fn fits(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Any, _) | (Kind::Real, Value::Integer(_)) => true,
        (kind, value) => kind == kind_of(value),
    }
}

impl Spot<'_> {
    /// The key to read what was typed by: the catalogue's, or a plain one of the value's type.
    pub(super) fn reader(&self) -> std::borrow::Cow<'static, Key> {
        match (self.key, self.value) {
            (Some(key), _) if key.kind != Kind::Any => std::borrow::Cow::Borrowed(key),
            (_, value) => {
                let kind = value.map_or(Kind::String, kind_of);
                std::borrow::Cow::Owned(plain(self.path.0.last().map_or("", String::as_str), kind))
            }
        }
    }
}
