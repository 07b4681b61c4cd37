//! A profile leaves the library: as a file, as what one device would get, put away, its draft thrown away.

use maud::{Markup, html};

use super::badges::Count;
use super::review::LintRow;
use crate::model::device::Platform;
use crate::model::enrollment::EnrollmentId;
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::profile::{AssignRow, ProfileHead};
use crate::views::{Link, Page, Tone, confirm, confirm::Confirm, draw, draw::icon, parts, words};

/// In which form to download. Query of the file: `wrap`, `device`, `revision`.
#[derive(Debug, Clone)]
pub struct DownloadPage {
    /// The profile.
    pub head: ProfileHead,
    /// Text searched for among devices.
    pub q: String,
    /// Devices found, at most fifty.
    pub devices: Vec<AssignRow>,
    /// More were found than are shown.
    pub more: bool,
    /// Names of the variables in it.
    pub variables: Vec<String>,
    /// What was wrong with the previous try.
    pub wrong: Option<crate::views::form::Wrong>,
}

impl DownloadPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        let revision =
            if p.revision == 0 { "the draft".to_owned() } else { format!("revision {}", p.revision) };
        self.head.below(page, &format!("Download {}", p.name), html! {}, html! {
            (crate::views::form::wrong(self.wrong.as_ref()))
            @if self.head.draft.is_some() && p.revision > 0 {
                (confirm::notice(Tone::Plain, &format!("The file holds {revision}, as it is published, and not the draft.")))
            }
            @if !self.variables.is_empty() {
                (confirm::notice(Tone::Warn, &format!("It has variables: {}. Choose a device to have them filled in; without one the file keeps them as they are written.", self.variables.join(", "))))
            }
            form.find role="search" aria-label="Devices" method="get" action=(at::profile_download(&p.id)) {
                label for="q" { "Find the device it is for: name, serial number or model" }
                div.row { input #q type="search" name="q" value=(self.q) autocomplete="off" spellcheck="false" maxlength="100"; button type="submit" { "Search" } }
            }
            form.card.narrow method="get" action=(at::profile_file(&p.id)) {
                fieldset.options {
                    legend { "Form of the file" }
                    (choice("signed", "Signed", "By your organization, its certificates included: devices show who it is from, and notice if it was changed.", true))
                    (choice("plain", "Plain", "A property list as text, to look at or to edit elsewhere. An imported profile comes as it was imported.", false))
                    (choice("encrypted", "Encrypted to one device", "Only the device chosen below can read it. It is signed too.", false))
                }
                div.field {
                    label for="device" { "For the device" }
                    select #device name="device" aria-describedby="device-hint" {
                        option value="" { "None: the same file for all" }
                        @for d in &self.devices { option value=(d.id) { (d.name) @if let Some(serial) = &d.serial { " · " (serial) } } }
                    }
                    p.hint #device-hint { "Fills in the variables, and is whom it is encrypted to." @if self.more { " There are more devices: search above." } }
                }
                (confirm::notice(Tone::Plain, "The file holds passwords and keys as devices need them. Keep it as you keep passwords."))
                div.buttons {
                    a.button href=(at::profile(&p.id, ProfileTab::Payloads)) { "Back" }
                    button.primary type="submit" { (icon("download")) "Download" }
                }
            }
        })
    }
}

fn choice(value: &str, word: &str, help: &str, chosen: bool) -> Markup {
    html! {
        div.option {
            input type="radio" id={ "wrap-" (value) } name="wrap" value=(value) checked[chosen] aria-describedby={ "wrap-" (value) "-hint" };
            label for={ "wrap-" (value) } { (word) }
            p.hint id={ "wrap-" (value) "-hint" } { (help) }
        }
    }
}

/// What one device would get.
#[derive(Debug, Clone)]
pub struct PreviewOf {
    /// The device.
    pub id: EnrollmentId,
    /// Its name.
    pub name: String,
    /// Family.
    pub platform: Platform,
    /// Variables and their values for this device; none where it has no value.
    pub values: Vec<(String, Option<String>)>,
    /// What it makes of each setting; one count each.
    pub lint: Vec<LintRow>,
    /// The text, variables filled in, secrets replaced; or why there is none.
    pub xml: Result<String, String>,
}

/// A preview. Query: `device`, `q`.
#[derive(Debug, Clone)]
pub struct PreviewPage {
    /// The profile.
    pub head: ProfileHead,
    /// Text searched for.
    pub q: String,
    /// Devices found, at most fifty.
    pub devices: Vec<AssignRow>,
    /// More were found.
    pub more: bool,
    /// The device that was chosen.
    pub of: Option<PreviewOf>,
}

impl PreviewPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        let title = match &self.of {
            Some(of) => format!("{} on {}", p.name, of.name),
            None => format!("Preview {}", p.name),
        };
        self.head.below(page, &title, html! {}, html! {
            @if let Some(of) = &self.of { (preview(of)) }
            section.card {
                h2 { @if self.of.is_some() { "Another device" } @else { "Which device?" } }
                form.find role="search" aria-label="Devices" method="get" action=(at::profile_preview(&p.id, "")) {
                    label for="q" { "Name, serial number or model" }
                    div.row { input #q type="search" name="q" value=(self.q) autocomplete="off" spellcheck="false" maxlength="100"; button type="submit" { "Search" } }
                }
                @if self.devices.is_empty() { p.muted { "No device matches." } }
                ul.rows { @for d in &self.devices { li {
                    a href=(at::profile_preview(&p.id, d.id.as_str())) { (draw::platform(d.platform)) (d.name) }
                    @if let Some(serial) = &d.serial { code.muted { (serial) } }
                } } }
                @if self.more { p.muted { "There are more. Search to narrow the list." } }
            }
        })
    }
}

fn preview(of: &PreviewOf) -> Markup {
    let counts =
        |tone| of.lint.iter().filter(|r| r.counts.iter().any(|c: &Count| c.tone == tone)).count() as u64;
    let (fine, old, ignored) =
        (counts(Tone::Ok), counts(Tone::Warn), counts(Tone::Plain) + counts(Tone::Bad));
    html! {
        p.state {
            (draw::platform(of.platform))
            (words::count(fine, "setting works", "settings work")) @if old > 0 { ", " (words::number(old)) " deprecated" } @if ignored > 0 { ", " (words::number(ignored)) " without effect" } "."
        }
        div.two {
            @if !of.values.is_empty() {
                section.card { h2 { "Variables" }
                    dl.facts { @for (name, value) in &of.values { div { dt { code { (name) } } dd { (parts::text_or(value.as_deref(), "no value on this device")) } } } }
                    p { a href=(at::device_owner(&of.id)) { "Owner and own fields of this device" } }
                }
            }
            section.card { h2 { "What this device makes of it" }
                @if of.lint.is_empty() { p.muted { "The device has not told its system yet, or the profile sets nothing." } }
                ul.rows { @for row in &of.lint { li {
                    span { (row.payload) @if !row.label.is_empty() { ": " (row.label) } }
                    @for c in &row.counts { (parts::chip(c.tone, &c.words)) }
                } } }
            }
        }
        section.card {
            h2 { "Text" }
            @match &of.xml {
                Ok(xml) => { p.muted { "Passwords and keys are shown as dots." } (super::source::numbered("Text for this device", xml)) },
                Err(why) => (confirm::notice(Tone::Bad, why)),
            }
        }
    }
}

/// The question before a draft is thrown away. Hidden field: `version`.
#[derive(Debug, Clone)]
pub struct DiscardPage {
    /// The profile with its draft.
    pub head: ProfileHead,
    /// Version of the draft.
    pub version: u64,
}

impl DiscardPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        let changes = self.head.draft.as_ref().map_or(0, |d| d.changes);
        let (lead, yes) = if p.revision == 0 {
            (
                "It was never published, so the whole profile goes with its draft.".to_owned(),
                "Discard profile",
            )
        } else {
            (
                format!(
                    "{} as revision {} has it.",
                    words::count(changes, "setting is again", "settings are again"),
                    p.revision
                ),
                "Discard draft",
            )
        };
        let others = self.head.draft.as_ref().map(|d| d.others.join(", ")).unwrap_or_default();
        let mut points = vec!["This cannot be undone.".to_owned()];
        if !others.is_empty() {
            points.insert(0, format!("{others} is working on it at this moment, and loses it too."));
        }
        Confirm {
            title: format!("Discard the draft of {}?", p.name),
            trail: below(&self.head),
            lead,
            points,
            action: at::profile_discard(&p.id),
            hidden: vec![("version".into(), self.version.to_string())],
            yes: yes.into(),
            danger: true,
            cancel: at::profile(&p.id, ProfileTab::Payloads),
            wrong: None,
        }
        .render(page)
    }
}

/// The question before a profile is put away, or back. Hidden field: `away`.
#[derive(Debug, Clone)]
pub struct ArchivePage {
    /// The profile.
    pub head: ProfileHead,
}

impl ArchivePage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        let away = p.archived.is_none();
        let on = words::count(self.head.installed, "device that has it", "devices that have it");
        Confirm {
            title: if away { format!("Archive {}?", p.name) } else { format!("Put {} back?", p.name) },
            trail: below(&self.head),
            lead: match (away, self.head.installed) {
                (true, 0) => {
                    "No device has it. It leaves the list and is kept with all its revisions.".into()
                }
                (true, _) => {
                    format!("It is taken off {on}, leaves the list, and is kept with all its revisions.")
                }
                (false, _) => "It stands in the list again, and goes to whom it is assigned.".into(),
            },
            points: if away {
                vec!["You can put it back at any time: it remembers whom it was assigned to.".into()]
            } else {
                vec![]
            },
            action: at::profile_archive(&p.id),
            hidden: vec![("away".into(), if away { "on" } else { "off" }.into())],
            yes: if away { "Archive" } else { "Put back" }.into(),
            danger: false,
            cancel: at::profile(&p.id, ProfileTab::Payloads),
            wrong: None,
        }
        .render(page)
    }
}

fn below(head: &ProfileHead) -> Vec<Link> {
    vec![
        Link { label: "Profiles".into(), href: at::PROFILES.into() },
        Link { label: head.profile.name.clone(), href: at::profile(&head.profile.id, ProfileTab::Payloads) },
    ]
}
