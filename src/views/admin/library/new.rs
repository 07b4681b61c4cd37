//! A new profile: its name, and what to begin with. And a copy of one.

use maud::{Markup, html};

use crate::catalog::Recipe;
use crate::views::address as at;
use crate::views::admin::profile::ProfileHead;
use crate::views::form::{self, Input, Wrong};
use crate::views::{Link, Page, confirm::Confirm, layout};

/// Short forms on one shelf.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// The shelf's name.
    pub label: String,
    /// Its short forms.
    pub recipes: Vec<Recipe>,
}

/// A new profile. Fields: `name`, `recipe` once for each ticked short form.
#[derive(Debug, Clone)]
pub struct NewProfilePage {
    /// Name typed before.
    pub name: String,
    /// Ids ticked before.
    pub ticked: Vec<String>,
    /// What there is to tick.
    pub shelves: Vec<Shelf>,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl NewProfilePage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let trail = [Link { label: "Profiles".into(), href: at::PROFILES.into() }];
        layout::shell(
            page,
            "New profile",
            &trail,
            html! {},
            html! {
                form.card method="post" action=(at::PROFILE_NEW) {
                    (form::csrf(page))
                    (form::wrong(self.wrong.as_ref()))
                    (Input { value: &self.name, hint: "People read it on their devices. You can change it later.", ..Input::new("name", "Name") }.row(self.wrong.as_ref()))
                    h2 { "What shall it set?" }
                    p.muted { "Tick what you need; more can be added at any time. Tick nothing to start empty." }
                    div.picks { @for shelf in &self.shelves {
                        fieldset.pick {
                            legend { (shelf.label) }
                            ul { @for r in &shelf.recipes { li {
                                label { input type="checkbox" name="recipe" value=(r.id) checked[self.ticked.contains(&r.id)]; span { strong { (r.label) } span.hint { (r.help) } } }
                            } } }
                        }
                    } }
                    div.buttons {
                        a.button href=(at::PROFILES) { "Cancel" }
                        button.primary type="submit" { "Continue" }
                    }
                }
            },
        )
    }
}

/// A copy of a profile. Field: `name`.
#[derive(Debug, Clone)]
pub struct DuplicatePage {
    /// The profile.
    pub head: ProfileHead,
    /// Proposed name.
    pub name: String,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl DuplicatePage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        let name = Input { value: &self.name, ..Input::new("name", "Name of the copy") };
        Confirm {
            title: format!("Duplicate {}", p.name),
            trail: vec![
                Link { label: "Profiles".into(), href: at::PROFILES.into() },
                Link { label: p.name.clone(), href: at::profile(&p.id, at::ProfileTab::Payloads) },
            ],
            lead: "The copy begins as a draft with the same settings, passwords included.".into(),
            points: vec![
                "It has an identifier of its own: on a device both can stand side by side.".into(),
                "It is assigned to nobody.".into(),
            ],
            action: at::profile_duplicate(&p.id),
            hidden: Vec::new(),
            yes: "Duplicate".into(),
            danger: false,
            cancel: at::profile(&p.id, at::ProfileTab::Payloads),
            wrong: self.wrong.clone(),
        }
        .render_with(page, name.row(self.wrong.as_ref()))
    }
}
