//! The page of one payload, or of something deep inside it.

use maud::{Markup, html};

use super::control::adder;
use super::{Facets, OfferGroup, Row, anchor, notes, offers, reach};
use crate::model::Time;
use crate::views::admin::library::badges::Count;
use crate::views::draw::icon;
use crate::views::{Link, Page, Tone, address as at, form, layout, parts, words};

/// Settings under one heading.
#[derive(Debug, Clone)]
pub struct Section {
    /// The heading; none for the first ones.
    pub title: Option<String>,
    /// What is set.
    pub rows: Vec<Row>,
}

/// What can be added by name, beside what Apple documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adds {
    /// Keys of any name: the dictionary is made for them.
    Keys,
    /// Keys that Apple does not document: possible, and rarely meant.
    Unknown,
    /// Preference domains.
    Domains,
    /// Nothing: this is no dictionary.
    Nothing,
}

/// The editor. Fields: those of [`super::field`] and [`Facets`].
#[derive(Debug, Clone)]
pub struct PayloadEditor {
    /// Profile id.
    pub profile: String,
    /// Path of what is edited, from the top of the payload; empty for the payload itself.
    pub base: String,
    /// Headline.
    pub title: String,
    /// Where the page hangs.
    pub trail: Vec<Link>,
    /// Address of the page and of its form.
    pub action: String,
    /// One sentence of what it is.
    pub lead: Option<String>,
    /// What was found about the payload as a whole.
    pub notes: Vec<(Tone, String)>,
    /// What devices make of the payload as a whole, where some do not simply obey.
    pub reach: Vec<Count>,
    /// Type, identifier and the like, for whoever wants to know.
    pub facts: Vec<(String, String)>,
    /// What is set.
    pub sections: Vec<Section>,
    /// What could be set.
    pub offers: Vec<OfferGroup>,
    /// What the list of it is narrowed to.
    pub facets: Facets,
    /// What else can be added.
    pub adds: Adds,
    /// What could not be saved: path, label, reason.
    pub wrong: Vec<(String, String, String)>,
    /// Rows that another changed meanwhile.
    pub clashes: usize,
    /// Who else has the draft open.
    pub others: Vec<String>,
    /// When the draft was last changed, and by whom; none when there is no draft.
    pub edited: Option<(Time, String)>,
    /// Variables for texts: name and what it stands for.
    pub variables: Vec<(String, String)>,
}

impl PayloadEditor {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let rows: usize = self.sections.iter().map(|s| s.rows.len()).sum();
        let list = self.adds != Adds::Nothing && !(self.adds == Adds::Domains && self.offers.is_empty());
        layout::shell(
            page,
            &self.title,
            &self.trail,
            html! {},
            html! {
                @if let Some(lead) = &self.lead { p.lead.muted { (lead) } }
                (notes(&self.notes))
                (reach(&self.reach))
                form.editor method="post" action=(self.action) enctype="multipart/form-data" novalidate data-editor {
                    (form::csrf(page))
                    // For password managers: what the secrets on this page belong to.
                    label hidden for="secrets-of" { "Payload" }
                    input #secrets-of type="text" autocomplete="username" value=(self.title) readonly hidden;
                    (self.bar(page, list))
                    (self.trouble())
                    div.bench.alone[!list] {
                        div.rowsets {
                            @if rows == 0 {
                                section.card { p.muted { "Nothing is set here. Only what you add is sent to devices." } }
                            }
                            @for section in &self.sections {
                                section.card {
                                    @if let Some(title) = &section.title { h2 { (title) } }
                                    @for row in &section.rows { (row.render(0)) }
                                }
                            }
                            @if self.adds == Adds::Domains { (self.domain()) }
                            (self.about())
                        }
                        @if list { (offers::list(&self.offers, &self.facets, self.by_name())) }
                    }
                }
            },
        )
    }

    fn bar(&self, page: &Page, list: bool) -> Markup {
        html! {
            div.savebar {
                output role="status" data-saved {
                    @match &self.edited {
                        Some((at, by)) => { "Draft, last changed " (parts::when(page, *at)) " by " (by) ". Not published." },
                        None => "No draft: nothing is changed.",
                    }
                }
                @if !self.others.is_empty() {
                    span.chip.busy { (icon("users")) (words::names(&self.others)) @if self.others.len() == 1 { " is" } @else { " are" } " here too" }
                }
                span.do {
                    @if list { a.button.jump href="#add" { (icon("plus")) "Add a setting" } }
                    @if self.edited.is_some() { a.button href=(at::profile_review(&self.profile)) { "Review" } }
                    button.primary type="submit" name="save" value="on" { "Save" }
                }
            }
        }
    }

    fn trouble(&self) -> Markup {
        html! {
            @if !self.wrong.is_empty() || self.clashes > 0 {
                div.notice.bad role="alert" tabindex="-1" autofocus {
                    p { (parts::tone_icon(Tone::Bad))
                        @if self.clashes > 0 { "Somebody else changed the same settings. Nothing of yours is lost: choose which ones stay, then save." }
                        @else { "Not everything could be saved. The rest is." }
                    }
                    ul {
                        @for (path, label, reason) in &self.wrong {
                            li { a href={ "#" (anchor(path)) } { (label) } ": " (reason) }
                        }
                    }
                }
            }
        }
    }

    fn domain(&self) -> Markup {
        html! {
            section.card {
                h2 { "Add an app or domain" }
                p.muted { "The preference domain of an app, as in com.example.editor. Its keys are added to it then." }
                div.adder { div.row {
                    div {
                        label for="new-domain" { "Domain" }
                        input #new-domain name="domain" autocomplete="off" spellcheck="false" maxlength="250";
                    }
                    div {
                        label for="new-often" { "Set" }
                        select #new-often name="often" {
                            option value="Forced" selected { "Always" }
                            option value="Set-Once" { "Once" }
                        }
                    }
                    button type="submit" name="add_domain" value="on" { (icon("plus")) "Add domain" }
                } }
            }
        }
    }

    fn by_name(&self) -> Markup {
        html! {
            @match self.adds {
                Adds::Keys => (adder(&self.base, "")),
                Adds::Unknown => details.more {
                    summary { "A key that is not in the list" }
                    p.hint { "Apple’s schema does not know every key of every app. What you add here is sent as it is." }
                    (adder(&self.base, ""))
                },
                Adds::Domains | Adds::Nothing => {},
            }
        }
    }

    fn about(&self) -> Markup {
        html! {
            @if !self.facts.is_empty() || !self.variables.is_empty() {
                section.card.quietly {
                    @if !self.variables.is_empty() {
                        details.fold {
                            summary { "Variables for texts" }
                            p.hint { "Write one of these into a text; each device gets its own value." }
                            dl.facts.small.codes { @for (name, help) in &self.variables { div { dt { code { "%" (name) "%" } } dd { (help) } } } }
                        }
                    }
                    @if !self.facts.is_empty() {
                        details.fold {
                            summary { "About this payload" }
                            dl.facts.small { @for (word, value) in &self.facts { div { dt { (word) } dd { (value) } } } }
                        }
                    }
                }
            }
            p { a href=(at::profile(&self.profile, at::ProfileTab::Payloads)) { "All payloads of this profile" } }
        }
    }
}
