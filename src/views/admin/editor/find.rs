//! Looking for a setting without knowing in which payload it lives, and adding it.

use maud::{Markup, html};

use super::{badges, reach};
use crate::views::admin::library::badges::Count;
use crate::views::draw::icon;
use crate::views::{Link, Page, address as at, form, layout, words};

/// A payload on its shelf.
#[derive(Debug, Clone)]
pub struct ShelfForm {
    /// [`crate::catalog::Form::id`].
    pub form: String,
    /// For people.
    pub label: String,
    /// One sentence.
    pub help: Option<String>,
    /// Short facts.
    pub badges: Vec<String>,
    /// How many of it are in the profile.
    pub there: usize,
}

/// Payloads of one sort.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// Heading.
    pub label: String,
    /// The payloads.
    pub forms: Vec<ShelfForm>,
}

/// Something that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// [`crate::catalog::Form::id`].
    pub form: String,
    /// Label of the payload.
    pub payload: String,
    /// Path of the key in it, and its name; none for the payload itself.
    pub key: Option<(String, String)>,
    /// Label of the key, or of the payload.
    pub label: String,
    /// Short facts.
    pub badges: Vec<String>,
    /// One line of help.
    pub help: Option<String>,
    /// What the devices of this server make of it.
    pub reach: Vec<Count>,
    /// Payloads of the form that are in the profile already: id, name, and whether it is set there.
    pub there: Vec<(String, String, bool)>,
    /// A further one makes sense.
    pub another: bool,
}

/// The search. Query: `q`, `form`. Fields of the form: `form`, `key` (a path, may be empty), `payload` (an id, empty
/// for a new one).
#[derive(Debug, Clone)]
pub struct FindPage {
    /// Profile id.
    pub profile: String,
    /// Its name.
    pub profile_name: String,
    /// Words searched for.
    pub q: String,
    /// Only in this form: id and label.
    pub within: Option<(String, String)>,
    /// What was found, best first.
    pub found: Vec<Found>,
    /// Every payload, when nothing is searched for.
    pub shelves: Vec<Shelf>,
}

impl FindPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let here = at::profile_add(&self.profile, "");
        let trail = [
            Link { label: "Profiles".into(), href: at::PROFILES.into() },
            Link {
                label: self.profile_name.clone(),
                href: at::profile(&self.profile, at::ProfileTab::Payloads),
            },
        ];
        layout::shell(
            page,
            "Add settings",
            &trail,
            html! {},
            html! {
                form.find.card role="search" aria-label="Settings" method="get" action=(here) {
                    @if let Some((id, _)) = &self.within { input type="hidden" name="form" value=(id); }
                    label for="q" {
                        @match &self.within {
                            Some((_, label)) => { "What do you want to set in " (label) "?" },
                            None => "What do you want to set?",
                        }
                    }
                    div.row {
                        input #q type="search" name="q" value=(self.q) autocomplete="off" spellcheck="false" maxlength="100"
                            placeholder="AirDrop, screen lock, printer…" enterkeyhint="search";
                        button type="submit" { "Search" }
                    }
                    @if self.within.is_some() { p.hint { a href=(at::with_query(&here, &[("q", &self.q)])) { "Search in all payloads" } } }
                }
                @if !self.q.is_empty() || self.within.is_some() {
                    p.muted role="status" {
                        @if self.found.is_empty() { "Nothing found. Try another word, or part of it." }
                        @else { (words::count(self.found.len() as u64, "setting", "settings")) " found" }
                    }
                    @if !self.found.is_empty() { ul.finds { @for found in &self.found { (self.found(page, &here, found)) } } }
                }
                @for shelf in &self.shelves {
                    section.card {
                        h2 { (shelf.label) }
                        ul.shelves { @for f in &shelf.forms { (self.shelf(page, &here, f)) } }
                    }
                }
            },
        )
    }

    fn shelf(&self, page: &Page, here: &str, f: &ShelfForm) -> Markup {
        html! {
            li {
                div {
                    strong { (f.label) } (badges(&f.badges))
                    @if f.there > 0 { " " span.badge.here { @if f.there == 1 { "in the profile" } @else { (f.there) " in the profile" } } }
                    @if let Some(help) = &f.help { p.hint { (help) } }
                }
                (form::one_button(page, here, "", &[("form", &f.form)], html! { (icon("plus")) "Add" span.vh { " " (f.label) } }))
            }
        }
    }

    fn found(&self, page: &Page, here: &str, f: &Found) -> Markup {
        let key = f.key.as_ref().map_or("", |(path, _)| path.as_str());
        let what = html! { span.vh { ": " (f.label) } };
        html! {
            li.card {
                div {
                    h2 { (f.label) @if let Some((_, name)) = &f.key { " " code { (name) } } }
                    p.meta { @if f.key.is_some() { "in " (f.payload) } @else { "Payload" } (badges(&f.badges)) }
                    @if let Some(help) = &f.help { p { (help) } }
                    (reach(&f.reach))
                }
                div.do {
                    @for (id, name, set) in &f.there {
                        @let fields = [("form", f.form.as_str()), ("key", key), ("payload", id.as_str())];
                        (form::one_button(page, here, "", &fields, html! {
                            @if f.key.is_some() && !set { "Add to “" (name) "”" } @else { "Open “" (name) "”" } (what)
                        }))
                    }
                    @if f.there.is_empty() || f.another {
                        (form::one_button(page, here, "",
                            &[("form", f.form.as_str()), ("key", key)], html! {
                                (icon("plus")) @if f.there.is_empty() { "Add" } @else { "Add in a new payload" } (what)
                            }))
                    }
                }
            }
        }
    }
}
