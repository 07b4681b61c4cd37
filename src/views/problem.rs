//! The page of an error: what happened, what it means, what to do now.

use maud::{Markup, html};

use super::{Link, Page, address as at, layout};

/// An error in words.
#[derive(Debug, Clone)]
pub struct Problem {
    /// HTTP status, shown small.
    pub status: u16,
    /// What happened, as a headline of a few words.
    pub title: String,
    /// What it means, one or two sentences.
    pub meaning: String,
    /// What to do now.
    pub next: String,
    /// Stable code that the help explains.
    pub code: String,
    /// Finds this request in the logs.
    pub request_id: String,
    /// Where to go from here; the overview when none is given.
    pub back: Option<Link>,
}

impl Problem {
    /// The page: inside the portal for whoever is signed in, bare for others.
    pub fn render(&self, page: &Page) -> Markup {
        let content = html! {
            p.lead { (self.meaning) }
            h2 { "What to do now" }
            p { (self.next) }
            p {
                @if let Some(back) = &self.back { a.button.primary href=(back.href) { (back.label) } }
                @else if page.me.is_some() { a.button.primary href=(at::OVERVIEW) { "Go to the overview" } }
                @else { a.button.primary href=(at::HOME) { "Go to the start page" } }
            }
            dl.facts.small {
                div { dt { "Code" } dd { @if page.me.is_some() { a href=(at::help_code(&self.code)) { code { (self.code) } } }
                    @else { code { (self.code) } } } }
                div { dt { "Status" } dd { (self.status) } }
                div { dt { "Request" } dd { code { (self.request_id) } } }
            }
        };
        if page.me.is_some() {
            layout::shell(page, &self.title, &[], html! {}, html! { section.card { (content) } })
        } else {
            layout::bare(page, &self.title, content)
        }
    }
}
