//! To which profile a setting of the catalog is added.

use maud::{Markup, html};

use super::catalog::catalog_link;
use crate::catalog::{Form, Key};
use crate::views::address as at;
use crate::views::{Link, Page, draw::icon, layout};

/// A profile that a setting could be added to.
#[derive(Debug, Clone)]
pub struct AddTarget {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// It has a payload of this form already.
    pub has: bool,
}

/// To which profile? Fields of the form for a new one: `name`, `form`.
#[derive(Debug, Clone)]
pub struct CatalogAddPage<'a> {
    /// The form.
    pub form: &'a Form,
    /// Label of the key, if it is about one.
    pub key: Option<&'a Key>,
    /// What the editor is to look for.
    pub q: String,
    /// Profiles, those with such a payload first.
    pub profiles: Vec<AddTarget>,
    /// What was wrong with the previous try.
    pub wrong: Option<crate::views::form::Wrong>,
}

impl CatalogAddPage<'_> {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let what = self.key.map_or(&self.form.label, |k| &k.label);
        let trail = [
            catalog_link(),
            Link { label: self.form.label.clone(), href: at::catalog_form(&self.form.id, "") },
        ];
        layout::shell(
            page,
            &format!("Add “{what}” to a profile"),
            &trail,
            html! {},
            html! {
                section.card { h2 { "To one that is there" }
                    @if self.profiles.is_empty() { p.muted { "There is no profile yet." } }
                    ul.rows { @for p in &self.profiles { li {
                        a href=(at::profile_add(&p.id, &self.q)) { (icon("file-cog")) (p.name) }
                        @if p.has { span.muted { "has " (self.form.label) " already" } }
                    } } }
                }
                form.card.narrow method="post" action=(at::catalog_add(&self.form.id, "")) {
                    (crate::views::form::csrf(page))
                    (crate::views::form::wrong(self.wrong.as_ref()))
                    input type="hidden" name="q" value=(self.q);
                    h2 { "To a new one" }
                    (crate::views::form::Input::new("name", "Name").row(self.wrong.as_ref()))
                    div.buttons { button type="submit" { "Make the profile" } }
                }
            },
        )
    }
}
