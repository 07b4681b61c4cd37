//! The published revisions of a profile: listed, compared, looked at, put back.

use maud::{Markup, html};

use super::review::differences;
use crate::model::document::Difference;
use crate::model::profile::{Origin, Revision};
use crate::rules::access::Right;
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::profile::ProfileHead;
use crate::views::form::Input;
use crate::views::{Link, Page, Tone, confirm::Confirm, draw::icon, parts};

/// A revision in the list. Those imported before this was kept have no facts.
#[derive(Debug, Clone)]
pub struct RevisionRow {
    /// Its number, from 1.
    pub number: u32,
    /// What is told about it.
    pub facts: Option<Revision>,
}

impl RevisionRow {
    fn origin(&self) -> String {
        match self.facts.as_ref().map(|f| (&f.origin, &f.signed_by)) {
            Some((Origin::Imported, Some(signer))) => format!("Imported, signed by {signer}"),
            Some((Origin::Imported, None)) => "Imported".into(),
            Some((Origin::Published, _)) => "Published".into(),
            Some((Origin::Restored(n), _)) => format!("Revision {n} put back"),
            None => "Imported before such things were noted".into(),
        }
    }
}

/// All revisions, and the difference of two. Query: `from`, `to`.
#[derive(Debug, Clone)]
pub struct HistoryPage {
    /// Top of the page.
    pub head: ProfileHead,
    /// Newest first.
    pub rows: Vec<RevisionRow>,
    /// The two that are compared, and what differs.
    pub compared: Option<(u32, u32, Vec<Difference>)>,
}

impl HistoryPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        let newest = p.revision;
        let (from, to) = match &self.compared {
            Some((from, to, _)) => (*from, *to),
            None => (newest.saturating_sub(1).max(1), newest),
        };
        self.head.frame(page, ProfileTab::History, html! {
            @if self.rows.is_empty() {
                (parts::empty("history", "Nothing was published yet. Each publishing becomes a revision here, and none is ever changed.", html! {
                    @if self.head.draft.is_some() { a.button href=(at::profile_review(&p.id)) { "Review the draft" } }
                }))
            } @else {
                @if let Some((from, to, differences_)) = &self.compared {
                    section.card { h2 { "From revision " (from) " to revision " (to) } (differences(differences_)) }
                }
                form.compare method="get" action=(at::profile(&p.id, ProfileTab::History)) {
                    table.list {
                        caption.vh { "Revisions" }
                        thead { tr {
                            th scope="col" { "Revision" } th scope="col" { "Published" } th scope="col" { "By" } th scope="col" { "Note" }
                            @if self.rows.len() > 1 { th scope="col" { "From" } th scope="col" { "To" } }
                            @if page.may(Right::EditProfiles) { th scope="col" { span.vh { "What to do" } } }
                        } }
                        tbody { @for row in &self.rows { (self.row(page, row, from, to)) } }
                    }
                    @if self.rows.len() > 1 { div.buttons { button type="submit" { "Compare the two" } } }
                }
            }
        })
    }

    fn row(&self, page: &Page, row: &RevisionRow, from: u32, to: u32) -> Markup {
        let p = &self.head.profile;
        let n = row.number;
        let by = row.facts.as_ref().map(|f| f.by.as_str());
        let note = row.facts.as_ref().map(|f| f.note.as_str()).filter(|n| !n.is_empty());
        html! {
            tr {
                th scope="row" { a href=(at::profile_revision(&p.id, n)) { "Revision " (n) } @if n == p.revision { " " (parts::chip(Tone::Ok, "present")) } }
                td data-l="Published" { (parts::when_or(page, row.facts.as_ref().map(|f| f.at), "not noted")) }
                td data-l="By" { (parts::text_or(by, "not noted")) }
                td data-l="Note" { span { @if let Some(note) = note { (note) br; } span.muted { (row.origin()) } } }
                @if self.rows.len() > 1 {
                    td data-l="Compare from" { input type="radio" name="from" id={ "from-" (n) } value=(n) checked[n == from]; label.vh for={ "from-" (n) } { "From revision " (n) } }
                    td data-l="Compare to" { input type="radio" name="to" id={ "to-" (n) } value=(n) checked[n == to]; label.vh for={ "to-" (n) } { "To revision " (n) } }
                }
                @if page.may(Right::EditProfiles) {
                    td.do_ data-l="" {
                        a href=(at::with_query(&at::profile_file(&p.id), &[("revision", &n.to_string())])) { "Download" span.vh { " revision " (n) } }
                        @if n != p.revision { " · " a href=(at::profile_restore(&p.id, n)) { "Put back…" span.vh { " revision " (n) } } }
                    }
                }
            }
        }
    }
}

/// One revision.
#[derive(Debug, Clone)]
pub struct RevisionPage {
    /// The profile.
    pub head: ProfileHead,
    /// Which one.
    pub row: RevisionRow,
    /// What is in it, a sentence each payload.
    pub sentences: Vec<String>,
    /// Its text, secrets replaced.
    pub xml: String,
}

impl RevisionPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let (p, n) = (&self.head.profile, self.row.number);
        let actions = html! {
            @if page.may(Right::EditProfiles) {
                a.button href=(at::with_query(&at::profile_file(&p.id), &[("revision", &n.to_string())])) { (icon("download")) "Download" }
                @if n != p.revision { a.button.primary href=(at::profile_restore(&p.id, n)) { "Put back…" } }
            }
        };
        let facts = self.row.facts.as_ref();
        let mut rows = vec![("Origin", html! { (self.row.origin()) })];
        if let Some(f) = facts {
            rows.push(("Published", html! { (parts::when_full(page, f.at)) }));
            rows.push(("By", html! { (f.by) }));
            rows.push(("Note", parts::text_or(Some(f.note.as_str()).filter(|n| !n.is_empty()), "none")));
            rows.push(("UUID", html! { code { (f.uuid) } }));
        }
        let compare = at::with_query(
            &at::profile(&p.id, ProfileTab::History),
            &[("from", &n.to_string()), ("to", &p.revision.to_string())],
        );
        self.head.below(page, &format!("Revision {n}"), actions, html! {
            div.two {
                section.card { h2 { "About" } (parts::facts(&rows))
                    @if n != p.revision { p { a href=(compare) { "What differs from the present revision" } } }
                }
                section.card { h2 { "What it does" }
                    @if self.sentences.is_empty() { p.muted { "Nothing: it has no payload." } }
                    @else { ul { @for s in &self.sentences { li { (s) } } } }
                }
            }
            section.card {
                h2 { "Text" }
                p.muted { "Passwords and keys are shown as dots." }
                (super::source::numbered("Text of the revision", &self.xml))
            }
        })
    }
}

/// The question before an older revision is put back. Field: `note`.
#[derive(Debug, Clone)]
pub struct RestorePage {
    /// The profile.
    pub head: ProfileHead,
    /// Which revision.
    pub number: u32,
    /// What would change.
    pub differences: Vec<Difference>,
}

impl RestorePage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        let n = self.number;
        let note = Input {
            required: false,
            hint: "Why, for whoever reads the history.",
            maxlength: Some(500),
            ..Input::new("note", "Note")
        };
        Confirm {
            title: format!("Put revision {n} back?"),
            trail: vec![
                Link { label: "Profiles".into(), href: at::PROFILES.into() },
                Link { label: p.name.clone(), href: at::profile(&p.id, ProfileTab::History) },
            ],
            lead: format!(
                "What revision {n} says is published again, as revision {}, and its devices get it.",
                p.revision + 1
            ),
            points: vec![
                "No revision is lost: you can put the present one back just so.".into(),
                if self.head.draft.is_some() { "The draft stays as it is.".into() } else { format!("{} differ.", crate::views::words::count(self.differences.len() as u64, "setting", "settings")) },
            ],
            action: at::profile_restore(&p.id, n),
            hidden: Vec::new(),
            yes: "Put it back".into(),
            danger: false,
            cancel: at::profile(&p.id, ProfileTab::History),
            wrong: None,
        }
        .render_with(page, html! { (note.row(None)) details.fold { summary { "What changes" } (differences(&self.differences)) } })
    }
}
