//! What happened: the whole list, and the short one of other pages.

use maud::{Markup, html};

use crate::model::Time;
use crate::model::enrollment::EnrollmentId;
use crate::views::address::{self as at, DeviceTab};
use crate::views::{Page, draw::icon, layout, parts};

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct ActivityRow {
    /// When.
    pub at: Time,
    /// Who.
    pub by: String,
    /// The word it is filtered by.
    pub kind: String,
    /// The sentence.
    pub text: String,
    /// The device concerned with its name, when it still exists.
    pub device: Option<(EnrollmentId, String)>,
    /// Needs a person's eye.
    pub alert: bool,
}

/// The activity page. Query: `kind` (a word), `alert` (`1`), `after` (cursor).
#[derive(Debug, Clone)]
pub struct ActivityPage {
    /// Newest first.
    pub rows: Vec<ActivityRow>,
    /// Kinds to filter by: the word in the address and the words for people.
    pub kinds: Vec<(String, String)>,
    /// The kind shown; empty for all.
    pub kind: String,
    /// Only alerts are shown.
    pub alerts_only: bool,
    /// This is not the first page.
    pub later: bool,
    /// Cursor of the next page.
    pub next: Option<String>,
}

impl ActivityPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let alert = if self.alerts_only { "1" } else { "" };
        let here = at::with_query(at::ACTIVITY, &[("kind", &self.kind), ("alert", alert)]);
        layout::shell(
            page,
            "Activity",
            &[],
            html! {},
            html! {
                nav.facets aria-label="Filter" {
                    ul {
                        (facet("Everything", at::ACTIVITY.into(), self.kind.is_empty() && !self.alerts_only))
                        (facet("Alerts", at::with_query(at::ACTIVITY, &[("alert", "1")]), self.alerts_only))
                        @for (kind, word) in &self.kinds {
                            (facet(word, at::with_query(at::ACTIVITY, &[("kind", kind)]), *kind == self.kind))
                        }
                    }
                }
                @if self.rows.is_empty() {
                    @if self.kind.is_empty() && !self.alerts_only {
                        (parts::empty("activity", "Everything that people, devices and the server do is written here. Nothing has happened yet.", html! {}))
                    } @else {
                        (parts::empty("activity", "Nothing of this sort has happened.", html! { a.button href=(at::ACTIVITY) { "Show everything" } }))
                    }
                } @else {
                    section.card { (list(page, &self.rows)) }
                    (parts::pager(self.later.then_some(here.as_str()), self.next.as_deref().map(|next| {
                        at::with_query(at::ACTIVITY, &[("kind", &self.kind), ("alert", alert), ("after", next)])
                    }).as_deref()))
                }
            },
        )
    }
}

fn facet(word: &str, href: String, here: bool) -> Markup {
    html! { li { a href=(href) aria-current=[here.then_some("true")] { (word) } } }
}

/// The list alone, for other pages.
pub fn list(page: &Page, rows: &[ActivityRow]) -> Markup {
    html! {
        ol.timeline {
            @for row in rows {
                li class=[row.alert.then_some("alert")] {
                    (icon(glyph(row)))
                    p {
                        @if row.alert { span.vh { "Alert: " } }
                        (row.text)
                        span.meta {
                            (parts::when(page, row.at)) " · " (row.by)
                            @if let Some((id, name)) = &row.device {
                                " · " a href=(at::device(id, DeviceTab::About)) { (name) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn glyph(row: &ActivityRow) -> &'static str {
    if row.alert {
        return "triangle-alert";
    }
    match row.kind.as_str() {
        "enrolled" => "plus",
        "checked-out" => "user-minus",
        "command" => "terminal",
        "profile" => "file-cog",
        "sign-in" => "key-round",
        "push" => "bell-ring",
        _ => "info",
    }
}
