//! Fields and buttons: every input has a label, a hint where one helps, and its error beside it.

use maud::{Markup, html};

use super::{Page, Tone};

/// The hidden field of every form that changes something.
pub fn csrf(page: &Page) -> Markup {
    html! { input type="hidden" name="csrf" value=(page.csrf); }
}

/// What a person got wrong: the sentence on top of the form, and the field it is about.
#[derive(Debug, Clone, Default)]
pub struct Wrong {
    /// What is wrong and how to set it right.
    pub said: String,
    /// Name of the field, if it is about one.
    pub field: Option<String>,
}

/// The sentence on top of a form that was refused.
pub fn wrong(wrong: Option<&Wrong>) -> Markup {
    html! {
        @if let Some(wrong) = wrong {
            div.notice.bad role="alert" {
                p #form-error { (super::parts::tone_icon(Tone::Bad)) (wrong.said) }
                @if let Some(field) = &wrong.field { p { a href={ "#" (field) } { "Go to the field" } } }
            }
        }
    }
}

/// One line of input. Build with [`Input::new`] and set what differs.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// Name of the field, also its id.
    pub name: &'a str,
    /// Its label.
    pub label: &'a str,
    /// HTML type.
    pub kind: &'static str,
    /// Present value; never given for passwords.
    pub value: &'a str,
    /// One sentence of help.
    pub hint: &'a str,
    /// Must be filled.
    pub required: bool,
    /// The `autocomplete` word.
    pub autocomplete: &'static str,
    /// The `inputmode` word.
    pub inputmode: Option<&'static str>,
    /// Fewest characters.
    pub minlength: Option<u32>,
    /// Most characters.
    pub maxlength: Option<u32>,
    /// File types.
    pub accept: Option<&'static str>,
}

impl<'a> Input<'a> {
    /// A required line of text.
    pub fn new(name: &'a str, label: &'a str) -> Self {
        Self {
            name,
            label,
            kind: "text",
            value: "",
            hint: "",
            required: true,
            autocomplete: "off",
            inputmode: None,
            minlength: None,
            maxlength: Some(200),
            accept: None,
        }
    }

    /// The row: label, input, hint; marked when `wrong` is about it.
    pub fn row(&self, wrong: Option<&Wrong>) -> Markup {
        self.one(wrong, false)
    }

    /// The same for several files.
    pub fn files(&self, wrong: Option<&Wrong>) -> Markup {
        self.one(wrong, true)
    }

    fn one(&self, wrong: Option<&Wrong>, several: bool) -> Markup {
        let bad = wrong.is_some_and(|w| w.field.as_deref() == Some(self.name));
        let mut described = Vec::new();
        if !self.hint.is_empty() {
            described.push(format!("{}-hint", self.name));
        }
        if bad {
            described.push("form-error".to_owned());
        }
        let described = (!described.is_empty()).then(|| described.join(" "));
        let value = (!matches!(self.kind, "password" | "file")).then_some(self.value);
        let typed = self.kind != "file";
        html! {
            div.field {
                label for=(self.name) { (self.label) @if !self.required { span.muted { " (optional)" } } }
                input id=(self.name) name=(self.name) type=(self.kind) value=[value] required[self.required]
                    autocomplete=[typed.then_some(self.autocomplete)] inputmode=[self.inputmode]
                    minlength=[self.minlength.filter(|_| typed)] maxlength=[self.maxlength.filter(|_| typed)]
                    accept=[self.accept] multiple[several] spellcheck=[typed.then_some("false")] aria-invalid=[bad.then_some("true")]
                    aria-describedby=[described];
                @if !self.hint.is_empty() { p.hint id={ (self.name) "-hint" } { (self.hint) } }
            }
        }
    }
}

/// A choice of one.
pub fn select(name: &str, label: &str, hint: &str, options: &[(&str, &str)], chosen: &str) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            select id=(name) name=(name) aria-describedby=[(!hint.is_empty()).then(|| format!("{name}-hint"))] {
                @for (value, word) in options { option value=(value) selected[*value == chosen] { (word) } }
            }
            @if !hint.is_empty() { p.hint id={ (name) "-hint" } { (hint) } }
        }
    }
}

/// A tick box; its field arrives as `on` when ticked.
pub fn tick(name: &str, label: &str, hint: &str, ticked: bool) -> Markup {
    html! {
        div.field.tick {
            label { input type="checkbox" name=(name) value="on" checked[ticked]; span { (label) } }
            @if !hint.is_empty() { p.hint { (hint) } }
        }
    }
}

/// A form of one button.
pub fn one_button(page: &Page, action: &str, class: &str, fields: &[(&str, &str)], label: Markup) -> Markup {
    html! {
        form.inline method="post" action=(action) {
            (csrf(page))
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button class=[(!class.is_empty()).then_some(class)] type="submit" { (label) }
        }
    }
}
