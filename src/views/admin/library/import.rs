//! Bringing profiles in, and what was understood of them.

use maud::{Markup, html};

use crate::rules::access::Right;
use crate::views::address::{self as at, ProfileTab};
use crate::views::form::{self, Input, Wrong};
use crate::views::{Link, Page, Tone, confirm, draw::icon, layout, parts, words};

/// Import of `.mobileconfig` files. The form is multipart: files `profile` (several), text `paste`.
#[derive(Debug, Clone, Default)]
pub struct ImportPage {
    /// Text pasted before.
    pub paste: String,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl ImportPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let trail = [Link { label: "Profiles".into(), href: at::PROFILES.into() }];
        let file = Input {
            kind: "file",
            accept: Some(".mobileconfig,.xml,.plist,application/x-apple-aspen-config"),
            required: false,
            hint: "One or several, signed or not. You can also drop them here.",
            ..Input::new("profile", "Configuration profiles (.mobileconfig)")
        };
        layout::shell(
            page,
            "Import profiles",
            &trail,
            html! {},
            html! {
                form.card.narrow method="post" action=(at::PROFILE_IMPORT) enctype="multipart/form-data" {
                    (form::csrf(page))
                    (form::wrong(self.wrong.as_ref()))
                    p { "Settings are kept as they are, also those this server has never heard of. You see afterwards what was understood." }
                    (file.files(self.wrong.as_ref()))
                    details.fold open[!self.paste.is_empty()] {
                        summary { "Paste the text of a profile instead" }
                        div.field {
                            label for="paste" { "Text of a profile" }
                            textarea.code #paste name="paste" rows="10" spellcheck="false" autocapitalize="off" wrap="off" { "\n" (self.paste) }
                        }
                    }
                    p.muted { "Importing sends nothing new: you choose afterwards who gets it. A profile with an identifier that is here already becomes its next revision, and reaches its devices again." }
                    div.buttons {
                        a.button href=(at::PROFILES) { "Cancel" }
                        button.primary type="submit" { "Import" }
                    }
                }
            },
        )
    }
}

/// What was understood of one profile.
#[derive(Debug, Clone)]
pub struct ImportedProfile {
    /// Profile id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its revision now.
    pub revision: u32,
    /// What is in it, a sentence each payload.
    pub sentences: Vec<String>,
    /// Keys the catalog knows.
    pub keys: u64,
    /// Payloads it knows.
    pub payloads: u64,
    /// Payload types it does not know.
    pub raw_payloads: Vec<String>,
    /// Keys it does not know: payload, key.
    pub raw_keys: Vec<(String, String)>,
    /// Keys that are deprecated: payload, key.
    pub deprecated: Vec<(String, String)>,
    /// Secrets in it.
    pub secrets: u64,
    /// Who signed it.
    pub signed_by: Option<String>,
    /// Assigned to somebody.
    pub assigned: bool,
}

impl ImportedProfile {
    /// `38 keys understood, 2 kept as raw, 1 deprecated`.
    pub fn in_short(&self) -> String {
        let raw = (self.raw_keys.len() + self.raw_payloads.len()) as u64;
        let mut said = words::count(self.keys, "setting understood", "settings understood");
        if raw > 0 {
            said.push_str(&format!(", {} kept as raw", words::number(raw)));
        }
        if !self.deprecated.is_empty() {
            said.push_str(&format!(", {} deprecated", words::number(self.deprecated.len() as u64)));
        }
        said
    }
}

/// The report of an import.
#[derive(Debug, Clone)]
pub struct ImportedPage {
    /// What came in.
    pub profiles: Vec<ImportedProfile>,
}

impl ImportedPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let trail = [Link { label: "Profiles".into(), href: at::PROFILES.into() }];
        let title = match self.profiles.as_slice() {
            [one] => one.name.clone(),
            many => words::count(many.len() as u64, "imported profile", "imported profiles"),
        };
        let only = self.profiles.as_slice();
        let actions = html! {
            @if let ([one], true) = (only, page.may(Right::EditProfiles)) {
                a.button href=(at::profile(&one.id, ProfileTab::Payloads)) { (icon("pencil")) "Edit" }
                a.button.primary href=(at::profile(&one.id, ProfileTab::Assigned)) { "Choose who gets it" }
            }
        };
        layout::shell(
            page,
            &title,
            &trail,
            actions,
            html! {
                @if self.profiles.is_empty() { (parts::empty("file-cog", "No such profile is here.", html! { a.button href=(at::PROFILES) { "Profiles" } })) }
                @for p in &self.profiles { (one(page, p, self.profiles.len() > 1)) }
            },
        )
    }
}

fn one(page: &Page, p: &ImportedProfile, with_name: bool) -> Markup {
    html! {
        section.card.understood {
            @if with_name {
                div.head {
                    h2 { a href=(at::profile(&p.id, ProfileTab::Payloads)) { (p.name) } }
                    @if page.may(Right::EditProfiles) { div.do {
                        a.button href=(at::profile(&p.id, ProfileTab::Payloads)) { "Edit" }
                        a.button href=(at::profile(&p.id, ProfileTab::Assigned)) { "Assign" }
                    } }
                }
            } @else { h2 { "What was understood" } }
            p.lead { (p.in_short()) "." }
            @if !p.sentences.is_empty() { ul { @for s in &p.sentences { li { (s) } } } }
            @match &p.signed_by {
                Some(signer) => (confirm::notice(Tone::Ok, &format!("Signed by {signer}. The signature fits: nobody changed the file since. Whether you trust the signer is yours to say. Once you edit the profile the signature no longer holds; downloads are signed by your organization then."))),
                None => p.muted { "The file was not signed." },
            }
            @if p.secrets > 0 { p.muted { (words::count(p.secrets, "password or key is", "passwords or keys are")) " in it. They are stored sealed and not shown again." } }
            @if !p.raw_payloads.is_empty() || !p.raw_keys.is_empty() {
                details.fold { summary { "Kept as raw" }
                    p.muted { "Apple's documentation does not know these. They are kept to the letter and sent as they came." }
                    ul {
                        @for kind in &p.raw_payloads { li { "Payload " code { (kind) } } }
                        @for (payload, key) in &p.raw_keys { li { (payload) ": " code { (key) } } }
                    }
                }
            }
            @if !p.deprecated.is_empty() {
                details.fold { summary { "Deprecated" } ul { @for (payload, key) in &p.deprecated { li { (payload) ": " (key) } } } }
            }
        }
    }
}
