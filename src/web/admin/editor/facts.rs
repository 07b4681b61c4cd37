//! What is told beside a setting: where it works, what it may hold, what devices do without it; and what a file is.

use crate::catalog::{Availability, Combine, Form, Key, Kind, Os, OsFacts, Version};
use crate::rules::entry;
use crate::views::words;
use crate::wire::key::sha256;
use crate::wire::plist::Value;
use crate::wire::x509::Cert;
use crate::{model::Time, wire::pem};

fn version(v: Version) -> String {
    match v {
        Version(major, minor, 0) => format!("{major}.{minor}").trim_end_matches(".0").to_owned(),
        Version(major, minor, patch) => format!("{major}.{minor}.{patch}"),
    }
}

fn known(facts: &OsFacts) -> bool {
    facts.introduced.is_some()
}

/// Systems on which it exists.
pub(super) fn systems(of: &Availability) -> impl Iterator<Item = Os> {
    Os::ALL.into_iter().filter(|os| known(of.on(*os)))
}

/// Only supervised devices obey, whatever the system.
pub(super) fn only_supervised(of: &Availability) -> bool {
    let mut some = false;
    for os in systems(of) {
        // A Mac's supervision comes with its enrollment; the schema marks iOS and tvOS.
        if os != Os::Macos {
            some = true;
            if of.on(os).supervised != Some(true) {
                return false;
            }
        }
    }
    some
}

/// Deprecated or removed on every system that knows it.
pub(super) fn is_old(of: &Availability) -> bool {
    let mut any = false;
    for os in systems(of) {
        any = true;
        let facts = of.on(os);
        if facts.deprecated.is_none() && facts.removed.is_none() {
            return false;
        }
    }
    any
}

/// Short facts of a key, where they differ from those of its form.
pub(super) fn badges(form: Option<&Form>, key: &Key) -> Vec<String> {
    let of = &key.availability;
    let whole = form.map(|f| &f.availability);
    let mut out = Vec::new();
    let fewer = whole.is_some_and(|w| systems(w).count() != systems(of).count());
    for os in systems(of) {
        let since = of.on(os).introduced;
        let later = since > whole.and_then(|w| w.on(os).introduced);
        match since {
            Some(v) if later => out.push(format!("{} {}+", os.as_str(), version(v))),
            _ if fewer => out.push(os.as_str().to_owned()),
            _ => {}
        }
    }
    if only_supervised(of) && !whole.is_some_and(only_supervised) {
        out.push("supervised".into());
    }
    if is_old(of) && !whole.is_some_and(is_old) {
        let gone = systems(of).all(|os| of.on(os).removed.is_some());
        out.push(if gone { "removed".into() } else { "deprecated".into() });
    }
    out
}

/// Short facts of a whole form.
pub(super) fn form_badges(form: &Form) -> Vec<String> {
    let of = &form.availability;
    let mut out: Vec<String> = systems(of).map(|os| os.as_str().to_owned()).collect();
    if only_supervised(of) {
        out.push("supervised".into());
    }
    if is_old(of) {
        out.push("deprecated".into());
    }
    out
}

/// What else there is to know of a key.
pub(super) fn more(key: &Key) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut tell = |word: &str, text: String| out.push((word.to_owned(), text));
    if let Some(needed) = &key.needed {
        tell("Needed", needed.clone());
    }
    if let Some(usual) = &key.default {
        tell("When not set", entry::show(Some(key), usual));
    }
    let since: Vec<String> = systems(&key.availability)
        .filter_map(|os| {
            key.availability.on(os).introduced.map(|v| format!("{} {}", os.as_str(), version(v)))
        })
        .collect();
    if !since.is_empty() {
        tell("Since", since.join(", "));
    }
    for (word, when) in [
        ("Deprecated since", (|f: &OsFacts| f.deprecated) as fn(&OsFacts) -> Option<Version>),
        ("Removed in", |f| f.removed),
    ] {
        let list: Vec<String> = systems(&key.availability)
            .filter_map(|os| when(key.availability.on(os)).map(|v| format!("{} {}", os.as_str(), version(v))))
            .collect();
        if !list.is_empty() {
            tell(word, list.join(", "));
        }
    }
    if let Some(instead) = &key.replaced_by {
        tell("Use instead", instead.clone());
    }
    if let Some(rule) = key.combine {
        tell("Set by several profiles", combine(rule).to_owned());
    }
    if let Some(example) = &key.example {
        tell("Example", example.clone());
    }
    if let Some(pattern) = &key.pattern {
        tell("Form", pattern.clone());
    }
    out
}

/// What becomes of several values of one key, in words.
pub(super) fn combine(rule: Combine) -> &'static str {
    match rule {
        Combine::Or => "on if one of them says on",
        Combine::And => "on if all of them say on",
        Combine::Min => "the smallest counts",
        Combine::Max => "the largest counts",
        Combine::Append => "all of them, one after the other",
        Combine::Union => "all of them together",
        Combine::Intersection => "what all of them have",
        Combine::First => "the first one counts",
        Combine::EnumLowest => "the earliest in the list of values counts",
        Combine::EnumHighest => "the latest in the list of values counts",
    }
}

/// Bounds of a number, and a length of time in other words.
pub(super) fn bounds(key: &Key, value: Option<&Value>) -> String {
    let number = |n: f64| if n.fract() == 0.0 { format!("{n:.0}") } else { n.to_string() };
    let mut said = match key.range.map(|r| (r.min, r.max)) {
        Some((Some(min), Some(max))) => format!("{} to {}.", number(min), number(max)),
        Some((Some(min), None)) => format!("{} or more.", number(min)),
        Some((None, Some(max))) => format!("{} or less.", number(max)),
        _ => String::new(),
    };
    let secs = value.and_then(Value::as_signed_integer);
    let minutes = match (key.kind, key.unit.as_deref(), secs) {
        (Kind::Integer, Some("s"), Some(n)) if n >= 120 => Some(n),
        (Kind::Integer, Some("min"), Some(n)) if n >= 120 => n.checked_mul(60),
        _ => None,
    };
    if let Some(n) = minutes {
        said = format!("{said} That is {}.", words::span(n)).trim_start().to_owned();
    }
    said
}

/// What a file is: its size, its digest, and of a certificate whom it names and when it ends.
pub(super) fn file(bytes: &[u8], secret: bool) -> Vec<(String, String)> {
    if bytes.is_empty() {
        return vec![("File".into(), "none yet".into())];
    }
    let mut out = vec![("Size".to_owned(), format!("{} bytes", words::number(bytes.len() as u64)))];
    if secret {
        return out;
    }
    let text = std::str::from_utf8(bytes).ok().filter(|t| t.contains("-----BEGIN CERTIFICATE"));
    let der = match text.and_then(|t| pem::blocks(t).ok()) {
        Some(blocks) => blocks.into_iter().next().map(|(_, der)| der),
        None => Some(bytes.to_vec()),
    };
    if let Some(cert) = der.and_then(|der| Cert::parse(&der).ok()) {
        out.push(("Certificate".into(), cert.common_name().unwrap_or_else(|| cert.subject())));
        out.push(("Valid until".into(), words::date(Time::from_secs(cert.not_after()))));
    }
    out.push(("SHA-256".into(), hex::encode(sha256(bytes))));
    out
}
