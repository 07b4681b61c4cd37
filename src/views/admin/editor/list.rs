//! The payloads of a profile, one card each.

use maud::{Markup, html};

use super::notes;
use crate::rules::access::Right;
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::profile::ProfileHead;
use crate::views::confirm::Confirm;
use crate::views::draw::icon;
use crate::views::{Link, Page, Tone, form, parts, words};

/// A payload on its card.
#[derive(Debug, Clone)]
pub struct PayloadCard {
    /// [`crate::wire::profile::Payload::id`].
    pub id: String,
    /// What sort it is.
    pub label: String,
    /// What it is called, where that says more.
    pub name: Option<String>,
    /// What it does, one sentence.
    pub says: String,
    /// Settings that are set.
    pub settings: usize,
    /// What was found in it, gravest first, at most a few.
    pub notes: Vec<(Tone, String)>,
    /// More was found than is shown.
    pub more: usize,
}

/// What is in a profile. Fields of the forms: `up`, `down`, `duplicate` with the id of a payload.
#[derive(Debug, Clone)]
pub struct PayloadList {
    /// Top of the page.
    pub head: ProfileHead,
    /// In order.
    pub cards: Vec<PayloadCard>,
}

impl PayloadList {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let id = &self.head.profile.id;
        let edit = page.may(Right::EditProfiles);
        let add =
            html! { a.button.primary.big href=(at::profile_add(id, "")) { (icon("plus")) "Add settings" } };
        self.head.frame(page, ProfileTab::Payloads, html! {
            @if self.cards.is_empty() {
                (parts::empty("file-cog", "Nothing is in this profile yet. Add the settings that devices shall get.", html! { @if edit { (add) } }))
            } @else {
                ol.payloads {
                    @for (n, card) in self.cards.iter().enumerate() { (self.card(page, n, card, edit)) }
                }
                @if edit { p { (add) } }
            }
        })
    }

    fn card(&self, page: &Page, n: usize, card: &PayloadCard, edit: bool) -> Markup {
        let id = &self.head.profile.id;
        let open = at::payload(id, &card.id);
        let called = card.name.as_deref().unwrap_or(&card.label);
        html! {
            li.card {
                div.head {
                    h2 {
                        @if edit { a href=(open) { (card.label) } } @else { (card.label) }
                        @if let Some(name) = &card.name { " " span.muted { (name) } }
                    }
                    @if edit {
                        div.do {
                            @if n > 0 { (self.one(page, "up", card, html! { (icon("arrow-up")) span.vh { "Move " (called) " up" } })) }
                            @if n + 1 < self.cards.len() { (self.one(page, "down", card, html! { (icon("arrow-down")) span.vh { "Move " (called) " down" } })) }
                            (self.one(page, "duplicate", card, html! { (icon("copy")) span.vh { "Duplicate " (called) } }))
                            a.button.square href=(at::payload_remove(id, &card.id)) { (icon("trash-2")) span.vh { "Remove " (called) } }
                            a.button href=(open) { "Open" span.vh { " " (called) } }
                        }
                    }
                }
                p { (card.says) }
                (notes(&card.notes))
                p.meta {
                    (words::count(card.settings as u64, "setting", "settings"))
                    @if card.more > 0 { ", " (words::count(card.more as u64, "more remark", "more remarks")) }
                }
            }
        }
    }

    fn one(&self, page: &Page, deed: &str, card: &PayloadCard, label: Markup) -> Markup {
        form::one_button(
            page,
            &at::payloads(&self.head.profile.id),
            "square",
            &[(deed, card.id.as_str())],
            label,
        )
    }
}

/// The question before a payload leaves a draft.
#[derive(Debug, Clone)]
pub struct PayloadRemove {
    /// Profile id.
    pub profile: String,
    /// Its name.
    pub profile_name: String,
    /// Payload id.
    pub payload: String,
    /// What the payload is called.
    pub name: String,
    /// Settings that are set in it.
    pub settings: usize,
}

impl PayloadRemove {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let back = at::profile(&self.profile, ProfileTab::Payloads);
        Confirm {
            title: format!("Remove {}?", self.name),
            trail: vec![
                Link { label: "Profiles".into(), href: at::PROFILES.into() },
                Link { label: self.profile_name.clone(), href: back.clone() },
            ],
            lead: format!(
                "{} go with it, passwords too.",
                words::count(self.settings as u64, "setting", "settings")
            ),
            points: vec![
                "It leaves the draft now, and devices when you publish.".into(),
                "What is published already stays in the history.".into(),
            ],
            action: at::payload_remove(&self.profile, &self.payload),
            hidden: Vec::new(),
            yes: "Remove payload".into(),
            danger: true,
            cancel: back,
            wrong: None,
        }
        .render(page)
    }
}
