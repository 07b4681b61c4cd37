//! What a profile says of itself: name, removal, scope, consent, and how devices come by it.

use maud::{Markup, html};

use super::short::{Met, met};
use crate::model::profile::Distribution;
use crate::rules::access::Right;
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::profile::ProfileHead;
use crate::views::form::{self, Input, Wrong};
use crate::views::{Page, draw::icon, parts};

/// May people take the profile off?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Whenever they like.
    Always,
    /// With a password.
    Password,
    /// Not while the device is managed.
    Never,
}

impl Removal {
    /// The word in the form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Password => "password",
            Self::Never => "never",
        }
    }
}

/// The general settings. Fields: as they are called here; `lang` and `text` once for each language; `was-…` the marks
/// of what was shown; `distribution`. Buttons: `remove` = a language.
#[derive(Debug, Clone)]
pub struct GeneralPage {
    /// Top of the page.
    pub head: ProfileHead,
    /// `PayloadDisplayName`.
    pub name: String,
    /// `PayloadOrganization`.
    pub organization: String,
    /// `PayloadDescription`.
    pub description: String,
    /// `PayloadIdentifier`.
    pub identifier: String,
    /// May people take it off?
    pub removal: Removal,
    /// When and by whom the removal password was set.
    pub password_set: Option<String>,
    /// `RemovalDate`, as `2026-12-31T18:00`, UTC.
    pub removal_date: String,
    /// `DurationUntilRemoval` in days, or as it was typed.
    pub removal_days: String,
    /// `PayloadScope` is User.
    pub user_scope: bool,
    /// `ConsentText`: language and text; `default` first.
    pub consent: Vec<(String, String)>,
    /// How devices come by it.
    pub distribution: Distribution,
    /// Names and marks of what is shown.
    pub marks: Vec<(String, String)>,
    /// What others changed meanwhile.
    pub met: Vec<Met>,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl GeneralPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        if !page.may(Right::EditProfiles) {
            return self.head.frame(page, ProfileTab::General, self.told());
        }
        let w = self.wrong.as_ref();
        self.head.frame(
            page,
            ProfileTab::General,
            html! {
                (form::wrong(w))
                (met(&self.met))
                form.stack method="post" action=(at::profile(&p.id, ProfileTab::General)) {
                    (form::csrf(page))
                    @for (name, mark) in &self.marks { input type="hidden" name=(name) value=(mark); }
                    // Enter in a field saves, and does not remove a language.
                    button.vh type="submit" tabindex="-1" aria-hidden="true" { "Save" }
                    div.two {
                        div.column { (self.about(w)) (self.distribution()) (self.scope()) }
                    div.column { (self.removal(w)) }
                    }
                    (self.consent())
                    div.buttons { button.primary type="submit" { "Save as draft" } }
                }
            },
        )
    }

    fn about(&self, w: Option<&Wrong>) -> Markup {
        let locked = self.head.profile.revision > 0;
        html! {
            section.card {
                h2 { "About" }
                (Input { value: &self.name, ..Input::new("name", "Name") }.row(w))
                (Input { value: &self.organization, required: false, ..Input::new("organization", "Organization") }.row(w))
                div.field {
                    label for="description" { "Description" span.muted { " (optional)" } }
                    textarea #description name="description" rows="3" maxlength="4000" aria-describedby="description-hint" { "\n" (self.description) }
                    p.hint #description-hint { "Shown to people when they look at the profile on their device." }
                }
                @if locked {
                    (parts::facts(&[("Identifier", html! { code { (self.identifier) } })]))
                    p.hint { "The identifier is fixed since the first publishing: devices know the profile by it, and under another one they would keep the old profile beside the new." }
                } @else {
                    (Input { value: &self.identifier, hint: "Devices know the profile by it. It is fixed with the first publishing.", ..Input::new("identifier", "Identifier") }.row(w))
                }
            }
        }
    }

    fn distribution(&self) -> Markup {
        let choice = |d: Distribution, word: &str, help: &str| {
            radio("distribution", d.as_str(), word, help, self.distribution == d)
        };
        html! {
            section.card {
                fieldset.options { legend { "How devices get it" }
                    (choice(Distribution::Pushed, "Sent to devices", "It is installed on the devices it is assigned to, kept up to date, and taken off when you unassign it."))
                    (choice(Distribution::Offered, "Offered to people", "People who sign in to the user portal find it there and install it themselves. They may also remove it; new revisions are not sent."))
                    (choice(Distribution::Manual, "Handed on as a file", "You download the file and pass it on. This server does not know where it ends up."))
                }
            }
        }
    }

    fn removal(&self, w: Option<&Wrong>) -> Markup {
        let choice =
            |r: Removal, word: &str, help: &str| radio("removal", r.as_str(), word, help, self.removal == r);
        let secret = match &self.password_set {
            Some(set) => format!("Set {set}. Leave it empty to keep it."),
            None => "Whoever removes the profile by hand must type it.".into(),
        };
        html! {
            section.card {
                fieldset.options { legend { "May people remove it?" }
                    (choice(Removal::Always, "Always", "For a profile that was installed by hand. One that was sent by this server is removed by unassigning it, or with all of management."))
                    (choice(Removal::Password, "With a password", "The device asks for the password below."))
                    (choice(Removal::Never, "Never", "Honored by supervised devices, and on a Mac for profiles that management installed. Others still let people remove it."))
                }
                (Input { kind: "password", required: false, autocomplete: "new-password", hint: &secret, ..Input::new("password", "Removal password") }.row(w))
                h2 { "Remove by itself" }
                (Input { kind: "datetime-local", value: &self.removal_date, required: false, hint: "UTC. The device removes the profile at this moment.", maxlength: None, ..Input::new("removal_date", "On a date") }.row(w))
                (Input { value: &self.removal_days, required: false, inputmode: Some("decimal"), hint: "Counted from when the profile is installed. Give a date or days, not both.", ..Input::new("removal_days", "After days") }.row(w))
            }
        }
    }

    fn scope(&self) -> Markup {
        html! {
            section.card {
                fieldset.options { legend { "Scope on a Mac" }
                    (radio("scope", "System", "The whole Mac", "Its settings hold for everybody who uses it.", !self.user_scope))
                    (radio("scope", "User", "One user", "Its settings hold for the user it is installed for.", self.user_scope))
                }
                p.hint { "iPhone, iPad and Apple TV have one scope and do not look at this." }
            }
        }
    }

    fn consent(&self) -> Markup {
        html! {
            section.card {
                h2 { "Consent" }
                p.muted { "A text that people must agree to when they install the profile by hand. The device shows the language it is set to, else the default." }
                @for (n, (lang, text)) in self.consent.iter().enumerate() {
                    div.language {
                        div.field {
                            label for={ "lang-" (n) } { "Language" }
                            input id={ "lang-" (n) } name="lang" value=(lang) maxlength="20" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="de" readonly[lang == "default"];
                        }
                        div.field {
                            label for={ "text-" (n) } { "Text" span.vh { " in the language " (lang) } }
                            textarea id={ "text-" (n) } name="text" rows="3" maxlength="4000" { "\n" (text) }
                        }
                        @if lang != "default" && !lang.is_empty() {
                            button.quiet type="submit" name="remove" value=(lang) { (icon("trash-2")) "Remove" span.vh { " the language " (lang) } }
                        }
                    }
                }
                p.hint { "The last row is for one more language: its code, as in de or fr-CA, and its text. Save to get another row." }
            }
        }
    }

    /// For whoever may only look.
    fn told(&self) -> Markup {
        let p = &self.head.profile;
        let removal = match self.removal {
            Removal::Always => "Always",
            Removal::Password => "With a password",
            Removal::Never => "Never",
        };
        let distribution = match self.distribution {
            Distribution::Pushed => "Sent to devices",
            Distribution::Offered => "Offered to people",
            Distribution::Manual => "Handed on as a file",
        };
        let some = |text: &str| parts::text_or((!text.is_empty()).then_some(text), "none");
        html! {
            section.card { h2 { "About" } (parts::facts(&[
                ("Name", html! { (self.name) }),
                ("Organization", some(&self.organization)),
                ("Description", some(&self.description)),
                ("Identifier", html! { code { (self.identifier) } }),
                ("UUID", html! { code { (p.uuid) } }),
                ("Distribution", html! { (distribution) }),
                ("May be removed", html! { (removal) }),
                ("Removes itself", some(&if self.removal_days.is_empty() { self.removal_date.clone() } else { format!("after {} days", self.removal_days) })),
                ("Scope", html! { @if self.user_scope { "User" } @else { "System" } }),
            ])) }
        }
    }
}

fn radio(name: &str, value: &str, word: &str, help: &str, chosen: bool) -> Markup {
    let id = format!("{name}-{value}");
    html! {
        div.option {
            input type="radio" id=(id) name=(name) value=(value) checked[chosen] aria-describedby={ (id) "-hint" };
            label for=(id) { (word) }
            p.hint id={ (id) "-hint" } { (help) }
        }
    }
}
