//! The short forms of a profile: the few settings that matter most of each payload, on one page.

use maud::{Markup, html};

use super::form_rows::{FormRow, summary};
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::profile::ProfileHead;
use crate::views::admin::profiles::payload_icon;
use crate::views::form::{self, Wrong};
use crate::views::{Page, Tone, draw::icon, parts};

/// One payload's short form.
#[derive(Debug, Clone)]
pub struct ShortForm {
    /// Id of the payload.
    pub payload: String,
    /// Its type.
    pub kind: String,
    /// What it is.
    pub label: String,
    /// One sentence.
    pub help: String,
    /// Its rows.
    pub rows: Vec<FormRow>,
    /// Settings of it that are set and not shown here.
    pub more: u64,
}

/// What another person changed meanwhile.
#[derive(Debug, Clone)]
pub struct Met {
    /// Label of the setting.
    pub label: String,
    /// What this person wanted.
    pub mine: String,
    /// What is there now.
    pub theirs: String,
}

/// The short forms. Fields: those of the rows, and the button `then`: `assign`, `stay`, or `payload:` and an id.
#[derive(Debug, Clone)]
pub struct ShortPage {
    /// The profile.
    pub head: ProfileHead,
    /// Its payloads that have a short form.
    pub forms: Vec<ShortForm>,
    /// Its payloads that have none: id, type, label.
    pub others: Vec<(String, String, String)>,
    /// What others changed meanwhile.
    pub met: Vec<Met>,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl ShortPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        let add = html! { a.button href=(at::profile_add(&p.id, "")) { (icon("plus")) "Add a payload" } };
        if self.forms.is_empty() {
            return self.head.below(page, &p.name, html! {}, parts::empty(
                "list-checks",
                "No payload of this profile has a short form. The full editor shows everything it sets.",
                html! { a.button.primary href=(at::profile(&p.id, ProfileTab::Payloads)) { "Open the editor" } },
            ));
        }
        self.head.below(page, &p.name, add, html! {
            (summary(self.wrong.as_ref(), self.forms.iter().flat_map(|f| &f.rows)))
            (met(&self.met))
            form method="post" action=(at::profile_short(&p.id)) enctype="multipart/form-data" {
                (form::csrf(page))
                div.two { @for f in &self.forms {
                    section.card {
                        div.head { h2 { (icon(payload_icon(&f.kind))) " " (f.label) } }
                        @if !f.help.is_empty() { p.muted { (f.help) } }
                        @for row in &f.rows { (row.render()) }
                        p.more { button.quiet type="submit" name="then" value={ "payload:" (f.payload) } formnovalidate {
                            "All settings of " (f.label) @if f.more > 0 { " (" (f.more) " more set)" } (icon("chevron-right"))
                        } }
                    }
                } }
                div.buttons {
                    button type="submit" name="then" value="stay" { "Save draft" }
                    button.primary type="submit" name="then" value="assign" { "Choose who gets it" }
                }
            }
            @if !self.others.is_empty() {
                section.card { h2 { "Also in this profile" }
                    ul.rows { @for (id, kind, label) in &self.others { li { a href=(at::payload(&p.id, id)) { (icon(payload_icon(kind))) (label) } } } }
                }
            }
        })
    }
}

/// What another person changed meanwhile: both values, and what to do.
pub fn met(rows: &[Met]) -> Markup {
    html! {
        @if !rows.is_empty() {
            div.notice.warn role="alert" {
                p { (parts::tone_icon(Tone::Warn)) "Somebody else changed the same settings meanwhile. Everything else you typed is saved. The form now holds your value again: send it to replace theirs, or put theirs in." }
                dl.facts { @for m in rows { div { dt { (m.label) } dd { "Theirs: " strong { (m.theirs) } " · Yours: " strong { (m.mine) } } } } }
            }
        }
    }
}
