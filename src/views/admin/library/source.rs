//! A profile as text: shown with line numbers, and edited.

use maud::{Markup, html};

use crate::rules::access::Right;
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::profile::ProfileHead;
use crate::views::form;
use crate::views::{Page, Tone, confirm, draw::icon, parts};

/// Lines shown; a longer text is a download.
const MOST: usize = 1_500;

/// A text with a number before each line, which is also its anchor: `#L12`.
pub fn numbered(label: &str, text: &str) -> Markup {
    let lines: Vec<&str> = text.lines().collect();
    html! {
        ol.source.lines tabindex="0" aria-label=(label) {
            @for (n, line) in lines.iter().take(MOST).enumerate() { li id={ "L" (n + 1) } { code { (line) } } }
        }
        @if lines.len() > MOST { p.muted { "The rest, " (crate::views::words::number((lines.len() - MOST) as u64)) " lines, is in the file." } }
    }
}

/// A profile's text.
#[derive(Debug, Clone)]
pub struct ProfileSource {
    /// Top of the page.
    pub head: ProfileHead,
    /// The draft, else the published revision, as XML, its secrets replaced.
    pub xml: String,
}

impl ProfileSource {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        self.head.frame(page, ProfileTab::Source, html! {
            section.card {
                div.head {
                    h2 { @if self.head.draft.is_some() { "Draft" } @else { "Revision " (p.revision) } }
                    div.do {
                        button type="button" hidden data-copy="source-text" { (icon("copy")) "Copy" }
                        @if page.may(Right::EditProfiles) {
                            a.button href=(at::profile_download(&p.id)) { (icon("download")) "Download…" }
                            a.button href=(at::profile_source_edit(&p.id)) { (icon("file-pen")) "Edit as text" }
                        }
                    }
                }
                p.muted { "Passwords and keys are shown as dots; the download holds them." }
                div #source-text { (numbered("Text of the profile", &self.xml)) }
            }
        })
    }
}

/// What is wrong with a text that somebody wrote.
#[derive(Debug, Clone)]
pub struct TextFault {
    /// What is wrong and what would be right.
    pub said: String,
    /// In which line, from 1, where that is known.
    pub line: Option<u32>,
}

/// Editing as text. Fields: `xml`, `version` (of the draft it was taken from, 0 without one).
#[derive(Debug, Clone)]
pub struct SourceEditPage {
    /// The profile.
    pub head: ProfileHead,
    /// The text.
    pub xml: String,
    /// Version of the draft it was taken from.
    pub version: u64,
    /// Why it was not taken.
    pub fault: Option<TextFault>,
}

impl SourceEditPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        let lines = self.xml.lines().count().clamp(12, 36);
        self.head.below(page, "Edit as text", html! {}, html! {
            @if let Some(fault) = &self.fault {
                div.notice.bad role="alert" {
                    p #form-error { (parts::tone_icon(Tone::Bad)) @if let Some(line) = fault.line { strong { "Line " (line) ": " } } (fault.said) }
                    p { a href="#xml" { "Go to the text" } @if let Some(line) = fault.line { " · " a href={ "#L" (line) } { "Show the line" } } }
                }
            }
            form.card method="post" action=(at::profile_source_edit(&p.id)) enctype="multipart/form-data" {
                (form::csrf(page))
                input type="hidden" name="version" value=(self.version);
                p { "The whole profile as a property list. It is checked when you save, and kept as a draft: nothing is sent." }
                (confirm::notice(Tone::Plain, "Passwords and keys are dots. Leave the dots and the secret stays; write over them to replace it."))
                div.field {
                    label for="xml" { "Property list" }
                    textarea.code #xml name="xml" rows=(lines) spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off"
                        aria-invalid=[self.fault.is_some().then_some("true")] aria-describedby=[self.fault.is_some().then_some("form-error")] { "\n" (self.xml) }
                }
                div.buttons {
                    a.button href=(at::profile(&p.id, ProfileTab::Source)) { "Cancel" }
                    button.primary type="submit" { "Save as draft" }
                }
            }
            @if let Some(line) = self.fault.as_ref().and_then(|f| f.line) {
                section.card { h2 { "Around line " (line) } (around(&self.xml, line)) }
            }
        })
    }
}

/// The lines near the one that is wrong.
fn around(text: &str, line: u32) -> Markup {
    let line = line as usize;
    let first = line.saturating_sub(4).max(1);
    html! {
        ul.source.near aria-label="Lines near the fault" tabindex="0" {
            @for (n, words) in text.lines().enumerate().map(|(n, l)| (n + 1, l)).skip(first - 1).take(8) {
                li id={ "L" (n) } class=[(n == line).then_some("off")] { span.n { "L" (n) } " " code { (words) } }
            }
        }
    }
}
