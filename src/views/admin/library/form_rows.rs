//! Rows of the short forms: one setting each, its control by type.

use maud::{Markup, html};

use crate::views::form::Wrong;

/// How a setting is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// One of a few: value, label. The first may be the empty value, "not set".
    Choice(Vec<(String, String)>),
    /// A line of text, with the HTML type.
    Line(&'static str),
    /// A number, with what to say of its bounds and unit.
    Number,
    /// Several lines.
    Lines,
    /// A secret; when and by whom it was set.
    Secret(Option<String>),
    /// A file; what is there.
    File(Option<String>),
}

/// One setting in a short form.
#[derive(Debug, Clone)]
pub struct FormRow {
    /// Name of its field, also its id.
    pub field: String,
    /// Name of the hidden field with the mark of what was shown, and the mark.
    pub mark: (String, String),
    /// Its label.
    pub label: String,
    /// Its name in the property list.
    pub key: String,
    /// How it is asked.
    pub ask: Ask,
    /// Its present value.
    pub value: String,
    /// One line of help.
    pub help: String,
    /// Devices need it.
    pub required: bool,
    /// What is wrong with it.
    pub wrong: Option<String>,
}

impl FormRow {
    /// The row.
    pub fn render(&self) -> Markup {
        let id = self.field.as_str();
        let mut described = Vec::new();
        if !self.help.is_empty() {
            described.push(format!("{id}-hint"));
        }
        if self.wrong.is_some() {
            described.push(format!("{id}-wrong"));
        }
        let described = (!described.is_empty()).then(|| described.join(" "));
        let invalid = self.wrong.as_ref().map(|_| "true");
        let needed = html! { @if self.required { span.muted { " (required)" } } };
        html! {
            @match &self.ask {
                Ask::Choice(options) if options.len() <= 4 => fieldset.field.choice id=(id) aria-describedby=[described.as_deref()] aria-invalid=[invalid] tabindex="-1" {
                    (self.marked())
                    legend { (self.label) (needed) }
                    div.options { @for (n, (value, word)) in options.iter().enumerate() {
                        label for={ (id) "-" (n) } {
                            input type="radio" id={ (id) "-" (n) } name=(self.field) value=(value) checked[*value == self.value];
                            span { (word) }
                        }
                    } }
                    (self.below(id))
                },
                _ => div.field {
                    (self.marked())
                    label for=(id) { (self.label) (needed) }
                    @match &self.ask {
                        Ask::Choice(options) => select id=(id) name=(self.field) aria-describedby=[described.as_deref()] aria-invalid=[invalid] {
                            @for (value, word) in options { option value=(value) selected[*value == self.value] { (word) } }
                        },
                        Ask::Lines => textarea id=(id) name=(self.field) rows="3" spellcheck="false" aria-describedby=[described.as_deref()] aria-invalid=[invalid] { "\n" (self.value) },
                        Ask::Secret(_) => input id=(id) type="password" name=(self.field) autocomplete="new-password" maxlength="2000" aria-describedby=[described.as_deref()] aria-invalid=[invalid];,
                        Ask::File(_) => input id=(id) type="file" name=(self.field) aria-describedby=[described.as_deref()] aria-invalid=[invalid];,
                        Ask::Number => input id=(id) type="text" inputmode="numeric" name=(self.field) value=(self.value) autocomplete="off" maxlength="30" aria-describedby=[described.as_deref()] aria-invalid=[invalid];,
                        Ask::Line(kind) => input id=(id) type=(kind) name=(self.field) value=(self.value) autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="2000" aria-describedby=[described.as_deref()] aria-invalid=[invalid];,
                    }
                    (self.below(id))
                },
            }
        }
    }

    fn marked(&self) -> Markup {
        html! { input type="hidden" name=(self.mark.0) value=(self.mark.1); }
    }

    fn below(&self, id: &str) -> Markup {
        html! {
            @if let Some(wrong) = &self.wrong { p.hint.bad id={ (id) "-wrong" } { (wrong) } }
            @match &self.ask {
                Ask::Secret(Some(set)) => p.hint { "Set " (set) ". Leave it empty to keep it." },
                Ask::File(Some(there)) => p.hint { "There is " (there) ". Choose a file to replace it." },
                _ => {},
            }
            @if !self.help.is_empty() { p.hint id={ (id) "-hint" } { (self.help) } }
        }
    }
}

/// What is wrong with the rows, on top of their form: each leads to its row.
pub fn summary<'a>(wrong: Option<&Wrong>, rows: impl Iterator<Item = &'a FormRow>) -> Markup {
    let bad: Vec<&FormRow> = rows.filter(|r| r.wrong.is_some()).collect();
    html! {
        @if wrong.is_some() || !bad.is_empty() {
            div.notice.bad role="alert" {
                p #form-error { (crate::views::parts::tone_icon(crate::views::Tone::Bad))
                    @match wrong { Some(w) => (w.said), None => "Something is not right yet. Nothing of what you typed is lost." }
                }
                @if !bad.is_empty() { ul { @for row in bad { li { a href={ "#" (row.field) } { (row.label) } } } } }
            }
        }
    }
}
