//! The page that asks before something happens.

use maud::{Markup, html};

use super::form::{self, Input, Wrong};
use super::{Link, Page, Tone, layout, parts};

/// A question with one button for yes and one way back.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// The question's headline, as in `Erase Ada’s iPhone?`.
    pub title: String,
    /// Where this page hangs.
    pub trail: Vec<Link>,
    /// What will happen, one sentence.
    pub lead: String,
    /// Consequences, one sentence each.
    pub points: Vec<String>,
    /// Address of the form.
    pub action: String,
    /// Further hidden fields of the form.
    pub hidden: Vec<(String, String)>,
    /// Words of the button that does it.
    pub yes: String,
    /// It cannot be undone: the button is red.
    pub danger: bool,
    /// Where `Cancel` leads.
    pub cancel: String,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl Confirm {
    /// The page without further fields.
    pub fn render(&self, page: &Page) -> Markup {
        self.render_with(page, html! {})
    }

    /// The page with fields of its own between the consequences and the buttons.
    pub fn render_with(&self, page: &Page, fields: Markup) -> Markup {
        let class = if self.danger { "danger" } else { "primary" };
        layout::shell(
            page,
            &self.title,
            &self.trail,
            html! {},
            html! {
                form.card.narrow method="post" action=(self.action) {
                    (form::csrf(page))
                    (form::wrong(self.wrong.as_ref()))
                    p.lead { (self.lead) }
                    @if !self.points.is_empty() { ul.points { @for point in &self.points { li { (point) } } } }
                    @for (name, value) in &self.hidden { input type="hidden" name=(name) value=(value); }
                    (fields)
                    div.buttons {
                        a.button href=(self.cancel) { "Cancel" }
                        button class=(class) type="submit" { (self.yes) }
                    }
                }
            },
        )
    }
}

/// The field in which a person types the thing's name before it is destroyed.
pub fn typed_name(field: &str, name: &str, wrong: Option<&Wrong>) -> Markup {
    let label = format!("Type the name “{name}” to confirm");
    html! {
        (Input { hint: "Capital letters, curly quotes and extra spaces do not matter.", ..Input::new(field, &label) }.row(wrong))
    }
}

/// A sentence of warning inside a page.
pub fn notice(tone: Tone, text: &str) -> Markup {
    html! { p class={ "notice " (tone.class()) } { (parts::tone_icon(tone)) (text) } }
}
