//! For which systems something exists, and what devices make of it, in short words.

use maud::{Markup, html};

use crate::catalog::{Availability, Os, Version};
use crate::views::{Tone, draw::icon, parts, words};

/// A version as people write it: `26`, `26.4`, `26.4.1`.
pub fn version(v: Version) -> String {
    match v {
        Version(a, 0, 0) => a.to_string(),
        Version(a, b, 0) => format!("{a}.{b}"),
        Version(a, b, c) => format!("{a}.{b}.{c}"),
    }
}

/// The icon of a system.
pub fn os_icon(os: Os) -> Markup {
    icon(match os {
        Os::Ios => "smartphone",
        Os::Macos => "laptop",
        Os::Tvos => "tv",
        Os::Visionos => "glasses",
        Os::Watchos => "watch",
    })
}

/// Each system that knows a thing, with the version it came with, and when it went: `iOS 13+`, `macOS 10.15 to 14`.
pub fn systems(availability: &Availability) -> Markup {
    let mut known = Vec::new();
    for os in Os::ALL {
        let facts = availability.on(os);
        let Some(from) = facts.introduced else { continue };
        let text = match (facts.removed, facts.deprecated) {
            (Some(gone), _) => format!("{} {} until {}", os.as_str(), version(from), version(gone)),
            (None, Some(old)) => {
                format!("{} {}+, deprecated since {}", os.as_str(), version(from), version(old))
            }
            (None, None) => format!("{} {}+", os.as_str(), version(from)),
        };
        known.push((os, text, facts.removed.is_some() || facts.deprecated.is_some()));
    }
    html! {
        @if known.is_empty() { span.muted { "no system yet" } }
        @else { ul.badges { @for (os, text, old) in known { li class=[old.then_some("old")] { (os_icon(os)) (text) } } } }
    }
}

/// What a thing asks of a device, where any system asks it.
pub fn needs(availability: &Availability) -> Markup {
    let on = |wanted: fn(&crate::catalog::OsFacts) -> bool| -> Vec<&str> {
        Os::ALL
            .into_iter()
            .filter(|os| availability.on(*os).introduced.is_some() && wanted(availability.on(*os)))
            .map(Os::as_str)
            .collect()
    };
    let supervised = on(|f| f.supervised == Some(true));
    let automated = on(|f| f.automated == Some(true));
    let approved = on(|f| f.approved == Some(true));
    html! {
        @if supervised.is_empty() && automated.is_empty() && approved.is_empty() { span.muted.none { "nothing special" } }
        @if !supervised.is_empty() { span.badge { (icon("shield-check")) "Supervised: " (supervised.join(", ")) } }
        @if !automated.is_empty() { span.badge { "Automated enrollment: " (automated.join(", ")) } }
        @if !approved.is_empty() { span.badge { "Approved by a person: " (approved.join(", ")) } }
    }
}

/// How many devices make one thing of a setting.
#[derive(Debug, Clone)]
pub struct Count {
    /// In words, as in `ignored: needs supervision`.
    pub words: String,
    /// Good, worth a look, or of no effect.
    pub tone: Tone,
    /// Devices.
    pub devices: u64,
    /// The list of them.
    pub href: String,
}

impl Count {
    /// The words behind a number of devices.
    fn said(&self) -> &str {
        match (self.words.as_str(), self.devices) {
            ("works", 1) => "obeys",
            ("works", _) => "obey",
            (words, _) => words,
        }
    }
}

/// The counts of one setting, each a link to its devices.
pub fn counts(counts: &[Count]) -> Markup {
    html! {
        @if counts.is_empty() { span.muted { "no device to ask" } }
        @if !counts.is_empty() { span.counts { @for c in counts {
            a.count href=(c.href) { (parts::chip(c.tone, &format!("{} {}", words::number(c.devices), c.said()))) }
        } } }
    }
}
