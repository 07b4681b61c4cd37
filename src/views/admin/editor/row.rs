//! One setting: what it is, its control, what is wrong with it, and the button that takes it out.

use maud::{Markup, html};

use super::control::Control;
use super::{badges, field, notes, reach, slug};
use crate::views::Tone;
use crate::views::admin::library::badges::Count;
use crate::views::draw::icon;

/// A setting that is set, or that must be.
#[derive(Debug, Clone)]
pub struct Row {
    /// The way from the top of the payload, as text.
    pub path: String,
    /// For people.
    pub label: String,
    /// Name of the key.
    pub name: String,
    /// Short facts: systems, supervision.
    pub badges: Vec<String>,
    /// One line of help.
    pub help: Option<String>,
    /// What else there is to know: words and values.
    pub more: Vec<(String, String)>,
    /// What was found about it.
    pub notes: Vec<(Tone, String)>,
    /// What devices make of it, where some do not simply obey.
    pub reach: Vec<Count>,
    /// What is wrong with what was typed.
    pub wrong: Option<String>,
    /// Another changed it meanwhile.
    pub clash: Option<Clash>,
    /// It must be set and is not.
    pub missing: bool,
    /// Mark of the value that is shown.
    pub mark: String,
    /// It can be taken out.
    pub removable: bool,
    /// The person just came here for it.
    pub focus: bool,
    /// Its control.
    pub control: Control,
}

/// Two people changed one setting.
#[derive(Debug, Clone)]
pub struct Clash {
    /// What this person wants.
    pub mine: String,
    /// What the other set.
    pub theirs: String,
    /// Mark of what the other set.
    pub now: String,
    /// This person took it out.
    pub gone: bool,
}

impl Row {
    pub(super) fn slug(&self) -> String {
        slug(&self.path)
    }

    /// Id of the element that the label is for.
    pub(super) fn field_id(&self) -> String {
        format!("f-{}", self.slug())
    }

    /// Ids of what describes the control.
    pub(super) fn described(&self) -> Option<String> {
        let slug = self.slug();
        let mut ids = Vec::new();
        if self.help.is_some() {
            ids.push(format!("h-{slug}"));
        }
        if self.control.hints() {
            ids.push(format!("u-{slug}"));
        }
        if self.wrong.is_some() {
            ids.push(format!("e-{slug}"));
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    /// The row; `deep` is how many dictionaries are around it.
    pub fn render(&self, deep: usize) -> Markup {
        let wide = self.control.is_wide();
        html! {
            div.set.wide[wide].bad[self.wrong.is_some() || self.clash.is_some()] id={ "row-" (self.slug()) } data-row=(self.path) {
                @if !matches!(self.control, Control::Group { .. }) {
                    div.what {
                        (self.title())
                        (self.about())
                    }
                }
                div.how {
                    @if let Some(clash) = &self.clash { (self.clash(clash)) }
                    (self.control.render(self, deep))
                    @if let Some(wrong) = &self.wrong {
                        p.wrong id={ "e-" (self.slug()) } { (icon("circle-x")) span { (wrong) } }
                    }
                    div.found { (notes(&self.notes)) (reach(&self.reach)) }
                }
                @if self.removable {
                    button.quiet.out type="submit" name="remove" value=(self.path) formnovalidate { "Remove" span.vh { " " (self.label) } }
                }
                input type="hidden" name=(field::mark(&self.path)) value=(self.mark);
            }
        }
    }

    /// Label, name and badges. The label of a control with several parts is no `label`.
    pub(super) fn title(&self) -> Markup {
        let slug = self.slug();
        html! {
            p.title {
                @if self.control.has_one_field() { label for=(self.field_id()) id={ "l-" (slug) } { (self.label) } }
                @else { strong id={ "l-" (slug) } { (self.label) } }
                @if self.missing { " " span.badge.must { "required" } }
                (badges(&self.badges))
                @if !self.name.is_empty() { code { (self.name) } }
            }
        }
    }

    pub(super) fn about(&self) -> Markup {
        html! {
            @if let Some(help) = &self.help { p.hint id={ "h-" (self.slug()) } { (help) } }
            @if !self.more.is_empty() {
                details.more {
                    summary { "More" span.vh { " about " (self.label) } }
                    dl { @for (word, value) in &self.more { div { dt { (word) } dd { (value) } } } }
                }
            }
        }
    }

    fn clash(&self, clash: &Clash) -> Markup {
        let (slug, choice) = (self.slug(), field::choice(&self.path));
        html! {
            fieldset.clash {
                legend { (icon("triangle-alert")) "Somebody else changed this too" }
                p { "Choose which one stays." }
                div.choices {
                    label for={ "cm-" (slug) } {
                        input id={ "cm-" (slug) } type="radio" name=(choice) value="mine" required;
                        span { "Yours: " strong { (clash.mine) } }
                    }
                    label for={ "ct-" (slug) } {
                        input id={ "ct-" (slug) } type="radio" name=(choice) value="theirs" required;
                        span { "Theirs: " strong { (clash.theirs) } }
                    }
                }
                input type="hidden" name=(field::now(&self.path)) value=(clash.now);
                @if clash.gone { input type="hidden" name=(field::gone(&self.path)) value="on"; }
            }
        }
    }
}
