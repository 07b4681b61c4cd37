//! What a draft would change and for whom, before it is published.

use maud::{Markup, html};

use super::badges::{Count, counts};
use crate::model::device::Platform;
use crate::model::document::{Difference, Finding, Shown, Weight};
use crate::model::enrollment::EnrollmentId;
use crate::model::profile::Distribution;
use crate::rules::access::Right;
use crate::views::address::{self as at, DeviceTab, ProfileTab};
use crate::views::admin::profile::ProfileHead;
use crate::views::admin::profiles::assigned_words;
use crate::views::form::{self, Wrong};
use crate::views::{Page, Tone, confirm, draw, draw::icon, parts, words};
use crate::wire::profile::Place;

/// One setting, and what the devices it would reach make of it.
#[derive(Debug, Clone)]
pub struct LintRow {
    /// Label of the payload.
    pub payload: String,
    /// Label of the key; empty for the payload as a whole.
    pub label: String,
    /// Where it is set.
    pub place: Place,
    /// Devices by verdict.
    pub counts: Vec<Count>,
}

impl LintRow {
    fn is_plain(&self) -> bool {
        self.counts.iter().all(|c| c.tone == Tone::Ok)
    }
}

/// The review. Fields of the form: `version`, `note`.
#[derive(Debug, Clone)]
pub struct ReviewPage {
    /// The profile; its draft is what is reviewed.
    pub head: ProfileHead,
    /// What is in it, a sentence each payload.
    pub sentences: Vec<String>,
    /// What differs from the published revision.
    pub differences: Vec<Difference>,
    /// The draft began from an older revision than the published one.
    pub behind: Option<u32>,
    /// What was found in it.
    pub findings: Vec<Finding>,
    /// What devices make of it.
    pub lint: Vec<LintRow>,
    /// Devices it would reach, or for one that is not sent, devices there are.
    pub devices: u64,
    /// Devices among them whose system is not known.
    pub unjudged: u64,
    /// What the person wrote about it.
    pub note: String,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl ReviewPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let id = &self.head.profile.id;
        let title = format!("Review {}", self.head.profile.name);
        let edit =
            html! { a.button href=(at::profile(id, ProfileTab::Payloads)) { (icon("pencil")) "Edit" } };
        let Some(draft) = &self.head.draft else {
            return self.head.below(
                page,
                &title,
                edit,
                parts::empty(
                    "circle-check",
                    "There is no draft: everything is published.",
                    html! {
                        a.button href=(at::profile(id, ProfileTab::History)) { "History" }
                    },
                ),
            );
        };
        let blocked = self.findings.iter().filter(|f| f.weight == Weight::Error).count() as u64;
        self.head.below(page, &title, edit, html! {
            (form::wrong(self.wrong.as_ref()))
            @if let Some(base) = self.behind {
                (confirm::notice(Tone::Warn, &format!("Meanwhile revision {} was published. This draft began from revision {base}; publishing it replaces what came between. The differences below are those to revision {}.", self.head.profile.revision, self.head.profile.revision)))
            }
            @if !draft.others.is_empty() {
                (confirm::notice(Tone::Plain, &format!("{} {} this draft too at this moment.", draft.others.join(", "), if draft.others.len() == 1 { "has" } else { "have" })))
            }
            div.two {
                section.card {
                    h2 { "What it does" }
                    @if self.sentences.is_empty() { p.muted { "Nothing: it has no payload yet." } }
                    @else { ul { @for s in &self.sentences { li { (s) } } } }
                }
                (self.whom())
            }
            (self.found(blocked))
            section.card { h2 { "What changes" }
                @if self.head.profile.revision == 0 { p.muted { "All of it is new: nothing was published yet." } }
                (differences(&self.differences))
            }
            (self.lint_card())
            @if page.may(Right::EditProfiles) { (self.publish(page, draft.version, blocked)) }
        })
    }

    fn whom(&self) -> Markup {
        let p = &self.head.profile;
        html! {
            section.card {
                h2 { "Who gets it" }
                @match p.distribution {
                    Distribution::Pushed => {
                        p { strong { (assigned_words(p.everyone, self.head.assigned)) }
                            @if self.devices > 0 { ": " (words::count(self.devices, "enrolled device", "enrolled devices")) " now" @if p.everyone { ", and each that enrolls later" } "." }
                            @else if p.everyone { ": no device is enrolled yet; each that enrolls gets it." }
                            @else { ". Nothing is sent until you choose." }
                        }
                        p { a.button href=(at::with_query(&at::profile(&p.id, ProfileTab::Assigned), &[("then", "review")])) { "Choose who gets it" } }
                    }
                    Distribution::Offered => p { "Whoever signs in to the user portal may install it. It is sent to no device." },
                    Distribution::Manual => p { "Nobody by itself: you download the file and hand it on." },
                }
            }
        }
    }

    fn found(&self, blocked: u64) -> Markup {
        html! {
            section.card #findings {
                h2 { "Checked" }
                @if self.findings.is_empty() {
                    p.calm { (icon("circle-check")) span { "Every required setting is there and every value is legal." } }
                } @else {
                    @if blocked > 0 { p { (words::count(blocked, "thing keeps", "things keep")) " it from being published. Each leads to its row." } }
                    ul.rows.findings { @for f in &self.findings {
                        li {
                            div {
                                (parts::chip(tone(f.weight), match f.weight { Weight::Error => "Must be set right", Weight::Warning => "Warning", Weight::Note => "Note" }))
                                " " (f.says)
                            }
                            a href=(at::place(&self.head.profile.id, &f.place)) { "Go to the row" span.vh { ": " (f.says) } }
                        }
                    } }
                }
            }
        }
    }

    fn lint_card(&self) -> Markup {
        let (plain, odd): (Vec<&LintRow>, Vec<&LintRow>) = self.lint.iter().partition(|r| r.is_plain());
        html! {
            section.card {
                h2 { "Will devices obey?" }
                @if self.devices == 0 {
                    p.muted { "It reaches no enrolled device yet, so there is nobody to ask." }
                } @else {
                    @if odd.is_empty() {
                        p.calm { (icon("circle-check")) span { "Every setting works on " @if self.devices == 1 { "the device." } @else { "all " (words::number(self.devices)) " devices." } } }
                    } @else { (lint_table("Settings that not every device obeys", &odd)) }
                    @if self.unjudged > 0 { p.muted { (words::count(self.unjudged, "device has", "devices have")) " not told their system yet." } }
                    @if !plain.is_empty() {
                        details.fold { summary {
                                @if odd.is_empty() { "Setting by setting" }
                                @else { (words::count(plain.len() as u64, "other setting works", "other settings work")) " everywhere" }
                            }
                            (lint_table("Settings that every device obeys", &plain))
                        }
                    }
                }
            }
        }
    }

    fn publish(&self, page: &Page, version: u64, blocked: u64) -> Markup {
        let p = &self.head.profile;
        let word = match p.distribution {
            Distribution::Pushed if self.devices == 0 => "Publish".to_owned(),
            Distribution::Pushed => format!("Publish to {}", words::count(self.devices, "device", "devices")),
            Distribution::Offered => "Publish to the user portal".to_owned(),
            Distribution::Manual => "Publish".to_owned(),
        };
        html! {
            form.card method="post" action=(at::profile_publish(&p.id)) {
                (form::csrf(page))
                input type="hidden" name="version" value=(version);
                h2 { "Publish" }
                div.field {
                    label for="note" { "Note " span.muted { "(optional)" } }
                    input #note type="text" name="note" value=(self.note) maxlength="500" autocomplete="off" aria-describedby="note-hint";
                    p.hint #note-hint { "What you changed and why, for whoever reads the history." }
                }
                @if blocked > 0 { p.muted { "It can be published when " a href="#findings" { "what was found" } " is set right." } }
                div.buttons {
                    a.button href=(at::profile_discard(&p.id)) { "Discard draft…" }
                    @if blocked == 0 { button.primary type="submit" { (word) } }
                }
            }
        }
    }
}

fn tone(weight: Weight) -> Tone {
    match weight {
        Weight::Error => Tone::Bad,
        Weight::Warning => Tone::Warn,
        Weight::Note => Tone::Plain,
    }
}

fn lint_table(caption: &str, rows: &[&LintRow]) -> Markup {
    html! {
        table.list {
            caption.vh { (caption) }
            thead { tr { th scope="col" { "Setting" } th scope="col" { "Payload" } th scope="col" { "Devices" } } }
            tbody { @for row in rows { tr {
                th scope="row" { @if row.label.is_empty() { "The whole payload" } @else { (row.label) } }
                td data-l="Payload" { (row.payload) }
                td.counts data-l="Devices" { (counts(&row.counts)) }
            } } }
        }
    }
}

/// What differs, key by key.
pub fn differences(rows: &[Difference]) -> Markup {
    html! {
        @if rows.is_empty() { p.muted { "Nothing differs." } }
        @else {
            table.list.diff {
                caption.vh { "Differences" }
                thead { tr { th scope="col" { "Setting" } th scope="col" { "Payload" } th scope="col" { "Before" } th scope="col" { "After" } } }
                tbody { @for d in rows { tr {
                    th scope="row" { (d.label) }
                    td data-l="Payload" { (d.payload) }
                    td data-l="Before" { (shown(&d.old, &d.new)) }
                    td data-l="After" { (shown(&d.new, &d.old)) }
                } } }
            }
        }
    }
}

fn shown(value: &Shown, other: &Shown) -> Markup {
    html! {
        @match (value, other) {
            (Shown::Unset, _) => span.muted { "not set" },
            (Shown::Secret, Shown::Secret) => span.muted { "changed" },
            (Shown::Secret, _) => span.muted { "set, not shown" },
            (Shown::Text(text), _) => span.value { (text) },
        }
    }
}

/// A device behind a number.
#[derive(Debug, Clone)]
pub struct VerdictDevice {
    /// Its id.
    pub id: EnrollmentId,
    /// Its name.
    pub name: String,
    /// Family.
    pub platform: Platform,
    /// Model, if told.
    pub model: Option<String>,
    /// OS version, if told.
    pub os_version: Option<String>,
    /// Supervised, if told.
    pub supervised: Option<bool>,
}

/// The devices behind a number of the review or of the catalog.
#[derive(Debug, Clone)]
pub struct VerdictPage {
    /// Where it hangs.
    pub trail: Vec<crate::views::Link>,
    /// The setting.
    pub setting: String,
    /// What these devices make of it.
    pub words: String,
    /// Good, worth a look, or of no effect.
    pub tone: Tone,
    /// At most some hundred, by name.
    pub devices: Vec<VerdictDevice>,
    /// How many there are.
    pub total: u64,
}

impl VerdictPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        crate::views::layout::shell(
            page,
            &self.setting,
            &self.trail,
            html! {},
            html! {
                p.state { (parts::chip(self.tone, &self.words)) span { "on " (words::count(self.total, "device", "devices")) "." } }
                @if self.devices.is_empty() { (parts::empty("laptop", "No device any more.", html! {})) }
                @else {
                    table.list {
                        caption { @if (self.devices.len() as u64) < self.total { "The first " (words::number(self.devices.len() as u64)) " of " } (words::count(self.total, "device", "devices")) }
                        thead { tr { th scope="col" { "Device" } th scope="col" { "Model" } th scope="col" { "System" } th scope="col" { "Supervised" } } }
                        tbody { @for d in &self.devices { tr {
                            th scope="row" { a href=(at::device(&d.id, DeviceTab::Profiles)) { (draw::platform(d.platform)) (d.name) } }
                            td data-l="Model" { (parts::text_or(d.model.as_deref(), "not told")) }
                            td data-l="System" { (parts::text_or(d.os_version.as_deref(), "not told")) }
                            td data-l="Supervised" { @match d.supervised { Some(true) => "Yes", Some(false) => "No", None => span.muted { "not told" } } }
                        } } }
                    }
                }
            },
        )
    }
}
