//! Small parts that many pages are made of.

use maud::{Markup, html};

use super::draw::icon;
use super::{Page, Tone, words};
use crate::model::Time;
use crate::model::command::State;
use crate::model::device::Platform;
use crate::model::profile::Delivery;
use crate::model::standing::Standing;

/// A moment relative to the page's, with the full one for whoever points at it.
pub fn when(page: &Page, at: Time) -> Markup {
    html! { time datetime=(at.rfc3339()) title=(words::absolute(at)) { (words::relative(at, page.now)) } }
}

/// A moment in full.
pub fn moment(at: Time) -> Markup {
    html! { time datetime=(at.rfc3339()) { (words::absolute(at)) } }
}

/// Both: `4 min ago, 24 Nov 2026, 21:22 UTC`.
pub fn when_full(page: &Page, at: Time) -> Markup {
    html! { (when(page, at)) span.muted { " · " (words::absolute(at)) } }
}

/// A moment that may not have come.
pub fn when_or(page: &Page, at: Option<Time>, never: &str) -> Markup {
    html! { @if let Some(at) = at { (when(page, at)) } @else { span.muted { (never) } } }
}

/// An optional text, with a word where it is missing.
pub fn text_or(text: Option<&str>, missing: &str) -> Markup {
    html! { @if let Some(text) = text { (text) } @else { span.muted { (missing) } } }
}

/// The icon that goes with a tone.
pub fn tone_icon(tone: Tone) -> Markup {
    icon(match tone {
        Tone::Plain => "info",
        Tone::Ok => "circle-check",
        Tone::Busy => "clock",
        Tone::Warn => "triangle-alert",
        Tone::Bad => "circle-x",
    })
}

/// A status chip: icon and word, colored.
pub fn chip(tone: Tone, word: &str) -> Markup {
    html! { span class={ "chip " (tone.class()) } { (tone_icon(tone)) (word) } }
}

/// The chip of a device.
pub fn standing_chip(standing: Standing) -> Markup {
    chip(standing_tone(standing), standing.label())
}

/// The tone of a device's standing.
pub fn standing_tone(standing: Standing) -> Tone {
    match standing {
        Standing::UpToDate => Tone::Ok,
        Standing::Pending | Standing::Enrolling => Tone::Busy,
        Standing::Attention => Tone::Bad,
        Standing::Unreachable => Tone::Warn,
        Standing::Left => Tone::Plain,
    }
}

/// The chip of a profile on a device.
pub fn delivery_chip(delivery: Delivery) -> Markup {
    let tone = match delivery {
        Delivery::Installed | Delivery::Confirmed => Tone::Ok,
        Delivery::Waiting | Delivery::Sent | Delivery::Removing => Tone::Busy,
        Delivery::Busy | Delivery::NoAnswer | Delivery::RemovedByUser => Tone::Warn,
        Delivery::Failed => Tone::Bad,
    };
    chip(tone, delivery.label())
}

/// The words of a command's state.
pub fn command_word(state: State) -> &'static str {
    match state {
        State::Queued => "Waiting for device",
        State::Sent => "Sent",
        State::NotNow => "Device busy (locked)",
        State::NoAnswer => "No answer",
        State::Acknowledged => "Done",
        State::Error => "Failed",
        State::FormatError => "Not understood by device",
        State::Canceled => "Canceled",
        State::Dropped => "Dropped",
    }
}

/// The chip of a command.
pub fn command_chip(state: State) -> Markup {
    let tone = match state {
        State::Acknowledged => Tone::Ok,
        State::Queued | State::Sent => Tone::Busy,
        State::NotNow | State::NoAnswer => Tone::Warn,
        State::Error | State::FormatError => Tone::Bad,
        State::Canceled | State::Dropped => Tone::Plain,
    };
    chip(tone, command_word(state))
}

/// The word for a family where many are counted: what is not known is one of the others.
pub fn family(platform: Platform) -> &'static str {
    if platform == Platform::Unknown { "Other" } else { platform.label() }
}

/// Tabs as links; the present one is marked.
pub fn tabs(label: &str, tabs: &[(&str, String, bool)]) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            ul { @for (word, href, here) in tabs {
                li { a href=(href) aria-current=[here.then_some("page")] { (word) } }
            } }
        }
    }
}

/// A list with nothing in it: what it is for, and the one thing to do.
pub fn empty(glyph: &'static str, sentence: &str, action: Markup) -> Markup {
    html! { div.empty { (icon(glyph)) p { (sentence) } (action) } }
}

/// Pages by cursor: onward, and back to the start.
pub fn pager(first: Option<&str>, next: Option<&str>) -> Markup {
    html! {
        @if first.is_some() || next.is_some() {
            nav.pager aria-label="Pages" {
                @if let Some(href) = first { a.button href=(href) { "First page" } }
                @if let Some(href) = next { a.button href=(href) rel="next" { "Next page" (icon("chevron-right")) } }
            }
        }
    }
}

/// A text of many lines, as it is; can be scrolled with the keyboard.
pub fn source(label: &str, text: &str) -> Markup {
    html! { pre.source tabindex="0" role="region" aria-label=(label) { code { (text) } } }
}

/// A list of names and values.
pub fn facts(rows: &[(&str, Markup)]) -> Markup {
    html! { dl.facts { @for (name, value) in rows { div { dt { (name) } dd { (value) } } } } }
}
