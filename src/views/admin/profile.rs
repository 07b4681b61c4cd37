//! One profile: what is in it, who it is for, how far it got, its text.

use maud::{Markup, html};

use super::profiles::assigned_words;
use crate::model::Time;
use crate::model::device::Platform;
use crate::model::enrollment::EnrollmentId;
use crate::model::profile::{Distribution, Profile};
use crate::rules::access::Right;
use crate::views::address::{self as at, DeviceTab, ProfileTab};
use crate::views::confirm::Confirm;
use crate::views::{Link, Page, Tone, draw, draw::icon, form, layout, parts, words};

/// What every page of a profile shows on top.
#[derive(Debug, Clone)]
pub struct ProfileHead {
    /// The profile.
    pub profile: Profile,
    /// Devices that acknowledged or confirmed it.
    pub installed: u64,
    /// Devices that it is meant for.
    pub wanted: u64,
    /// Devices on which it failed.
    pub failed: u64,
    /// Devices it is assigned to by name.
    pub assigned: u64,
    /// Its draft, if somebody is changing it.
    pub draft: Option<DraftState>,
}

/// What is told about a draft on every page of its profile.
#[derive(Debug, Clone)]
pub struct DraftState {
    /// Grows with each edit; forms that publish or throw it away carry it.
    pub version: u64,
    /// Keys that differ from the published revision.
    pub changes: u64,
    /// Who edited last.
    pub by: String,
    /// When.
    pub at: Time,
    /// Who else looked at it within five minutes.
    pub others: Vec<String>,
    /// Findings that block publishing.
    pub errors: u64,
    /// Findings that are worth a look.
    pub warnings: u64,
}

impl ProfileHead {
    /// The frame of every tab.
    pub fn frame(&self, page: &Page, tab: ProfileTab, content: Markup) -> Markup {
        let p = &self.profile;
        let link = |t| at::profile(&p.id, t);
        let trail = [Link { label: "Profiles".into(), href: at::PROFILES.into() }];
        let tabs = [
            ("Payloads", ProfileTab::Payloads),
            ("General", ProfileTab::General),
            ("Assigned to", ProfileTab::Assigned),
            ("Status", ProfileTab::Status),
            ("History", ProfileTab::History),
            ("Source", ProfileTab::Source),
        ]
        .map(|(word, t)| (word, link(t), t == tab));
        layout::shell(
            page,
            &p.name,
            &trail,
            self.actions(page),
            html! { (self.state(page)) (parts::tabs("Profile", &tabs)) (content) },
        )
    }

    /// The frame of a page that hangs below the profile.
    pub fn below(&self, page: &Page, title: &str, actions: Markup, content: Markup) -> Markup {
        let p = &self.profile;
        let trail = [
            Link { label: "Profiles".into(), href: at::PROFILES.into() },
            Link { label: p.name.clone(), href: at::profile(&p.id, ProfileTab::Payloads) },
        ];
        layout::shell(page, title, &trail, actions, content)
    }

    fn actions(&self, page: &Page) -> Markup {
        let id = &self.profile.id;
        html! {
            @if page.may(Right::EditProfiles) {
                (self.menu())
                @if self.profile.archived.is_some() {
                    a.button.primary href=(at::profile_archive(id)) { "Put back…" }
                } @else if self.draft.is_some() {
                    a.button.primary href=(at::profile_review(id)) { "Review" }
                } @else {
                    a.button.primary href=(at::profile(id, ProfileTab::Assigned)) { "Assign" }
                }
            }
        }
    }

    fn menu(&self) -> Markup {
        let p = &self.profile;
        html! {
            details.menu {
                summary.button { "More" }
                div.panel {
                    ul {
                        li { a href=(at::profile_short(&p.id)) { (icon("list-checks")) "Short forms" } }
                        li { a href=(at::profile_preview(&p.id, "")) { (icon("eye")) "Preview for a device…" } }
                        li { a href=(at::profile_download(&p.id)) { (icon("download")) "Download…" } }
                        li { a href=(at::profile_duplicate(&p.id)) { (icon("copy")) "Duplicate…" } }
                    }
                    hr;
                    ul {
                        @if p.archived.is_none() && p.revision > 0 {
                            li { a href=(at::profile_archive(&p.id)) { (icon("archive")) "Archive…" } }
                        }
                        @if self.draft.is_some() {
                            li { a.danger href=(at::profile_discard(&p.id)) { (icon("undo-2")) "Discard draft…" } }
                        }
                        li { a.danger href=(at::profile_remove(&p.id)) { (icon("trash-2")) "Remove…" } }
                    }
                }
            }
        }
    }

    /// Where the profile stands, in words: its revision, who gets it, its draft, who else is here.
    fn state(&self, page: &Page) -> Markup {
        let p = &self.profile;
        html! {
            p.state {
                @match (p.archived, p.revision) {
                    (Some(at), _) => { (parts::chip(Tone::Plain, "Archived")) span { "Put away " (parts::when(page, at)) ". No device gets it." } }
                    (None, 0) => { (parts::chip(Tone::Warn, "Draft, not published")) span { "No device gets anything before it is published." } }
                    (None, n) => {
                        (parts::chip(Tone::Ok, &format!("Revision {n}")))
                        span { (self.reach()) }
                    }
                }
            }
            @if let Some(draft) = &self.draft {
                div.notice.draft {
                    p {
                        (icon("pencil"))
                        span {
                            strong { @if p.revision == 0 { "Draft" } @else { "Changes not published" } }
                            @if p.revision > 0 { ": " (words::count(draft.changes, "setting differs", "settings differ")) " from revision " (p.revision) }
                            ". Edited " (parts::when(page, draft.at)) " by " (draft.by) "."
                        }
                    }
                    @if !draft.others.is_empty() {
                        p { (icon("users")) span { strong { (draft.others.join(", ")) } @if draft.others.len() == 1 { " is" } @else { " are" } " here too. What you both change is never lost: you are asked." } }
                    }
                    @if draft.errors + draft.warnings > 0 {
                        p class=(if draft.errors > 0 { "bad" } else { "warn" }) {
                            (icon("triangle-alert"))
                            a href={ (at::profile_review(&p.id)) "#findings" } {
                                @if draft.errors > 0 { (words::count(draft.errors, "thing", "things")) " to set right before it can be published" }
                                @else { (words::count(draft.warnings, "warning", "warnings")) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn reach(&self) -> String {
        use Distribution::{Manual, Offered, Pushed};
        let mut said = match self.profile.distribution {
            Pushed => format!("Goes to {}.", assigned_words(self.profile.everyone, self.assigned)),
            Offered => "People find it in the user portal and install it themselves.".to_owned(),
            Manual => "It is handed on as a file, and sent to no device.".to_owned(),
        };
        if self.wanted > 0 || self.installed > 0 {
            said.push_str(&format!(
                " Installed on {} of {}.",
                words::number(self.installed),
                words::number(self.wanted.max(self.installed))
            ));
        }
        if self.failed > 0 {
            said.push_str(&format!(" Failed on {}.", words::number(self.failed)));
        }
        said
    }
}

/// A device in the lists of a profile.
#[derive(Debug, Clone)]
pub struct AssignRow {
    /// Its id.
    pub id: EnrollmentId,
    /// Its name.
    pub name: String,
    /// Family.
    pub platform: Platform,
    /// Serial number.
    pub serial: Option<String>,
}

/// Who a profile is for. Query of the search: `q`. Field of the assign form: `device`, once for each ticked device,
/// or `everyone` = `on`. Field of the unassign form: `device` or `everyone`.
#[derive(Debug, Clone)]
pub struct ProfileAssigned {
    /// Top of the page.
    pub head: ProfileHead,
    /// Devices it is assigned to by name, at most some hundred.
    pub devices: Vec<AssignRow>,
    /// Text searched for.
    pub q: String,
    /// Devices found that it is not assigned to, at most fifty.
    pub found: Vec<AssignRow>,
    /// More were found than are shown.
    pub found_more: bool,
    /// Once it is assigned, the review comes next.
    pub then_review: bool,
}

impl ProfileAssigned {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        let edit = page.may(Right::EditProfiles);
        self.head.frame(page, ProfileTab::Assigned, html! {
            @if p.distribution != Distribution::Pushed {
                (crate::views::confirm::notice(Tone::Plain, "This profile is not sent to devices. Whom it is assigned to counts again once it is sent: see its general settings."))
            }
            section.card {
                h2 { "Assigned to" }
                ul.rows {
                    @if p.everyone {
                        li {
                            div.who { strong { (icon("users")) "Everyone" } span.muted { "every enrolled device, also later ones" } }
                            @if edit { (form::one_button(page, &at::profile_unassign(&p.id), "quiet", &[("everyone", "on")], html! { "Unassign" span.vh { " from Everyone" } })) }
                        }
                    }
                    @for d in &self.devices {
                        li {
                            div.who {
                                a href=(at::device(&d.id, DeviceTab::Profiles)) { (draw::platform(d.platform)) (d.name) }
                                @if let Some(serial) = &d.serial { code.muted { (serial) } }
                            }
                            @if edit { (form::one_button(page, &at::profile_unassign(&p.id), "quiet", &[("device", d.id.as_str())], html! { "Unassign" span.vh { " from " (d.name) } })) }
                        }
                    }
                }
                @if !p.everyone && self.devices.is_empty() { p.muted { "This profile goes to nobody yet." } }
            }
            @if edit { (self.assign(page)) }
        })
    }

    /// Hidden fields with the way on.
    fn and_then<'a>(&self, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let on = self.then_review.then_some(("then", "review"));
        fields.iter().copied().chain(on).collect()
    }

    fn assign(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        if p.distribution != Distribution::Pushed {
            return html! {};
        }
        html! {
            @if !p.everyone {
                section.card {
                    h2 { "Everyone" }
                    p { "Every enrolled device gets the profile now, and every new one when it enrolls." }
                    (form::one_button(page, &at::profile_assign(&p.id), "", &self.and_then(&[("everyone", "on")]), html! { "Assign to Everyone" }))
                }
            }
            section.card {
                h2 { "Add devices" }
                form.find role="search" aria-label="Devices to add" method="get" action=(at::profile(&p.id, ProfileTab::Assigned)) {
                    label for="q" { "Name, serial number or model" }
                    div.row {
                        input #q type="search" name="q" value=(self.q) autocomplete="off" spellcheck="false" maxlength="100";
                        button type="submit" { "Search" }
                    }
                }
                @if self.found.is_empty() {
                    p.muted { @if self.q.is_empty() { "No further device to assign it to." } @else { "No further device matches." } }
                } @else {
                    form method="post" action=(at::profile_assign(&p.id)) {
                        (form::csrf(page))
                        @for (name, value) in self.and_then(&[]) { input type="hidden" name=(name) value=(value); }
                        fieldset {
                            legend { @if self.q.is_empty() { "Devices" } @else { "Devices found" } }
                            ul.ticks { @for d in &self.found {
                                li { label {
                                    input type="checkbox" name="device" value=(d.id);
                                    (draw::platform(d.platform)) span { (d.name) " " code.muted { (d.serial.as_deref().unwrap_or("")) } }
                                } }
                            } }
                        }
                        @if self.found_more { p.muted { "There are more. Search to narrow the list." } }
                        div.buttons { button type="submit" { "Assign to ticked devices" } }
                    }
                }
            }
        }
    }
}

/// The question before a profile leaves the library.
#[derive(Debug, Clone)]
pub struct ProfileRemove {
    /// The profile.
    pub head: ProfileHead,
}

impl ProfileRemove {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        let on = self.head.installed;
        Confirm {
            title: format!("Remove {}?", p.name),
            trail: vec![
                Link { label: "Profiles".into(), href: at::PROFILES.into() },
                Link { label: p.name.clone(), href: at::profile(&p.id, ProfileTab::Payloads) },
            ],
            lead: if on == 0 {
                "No device has it.".into()
            } else {
                format!(
                    "It is also taken off {}.",
                    words::count(on, "device that has it", "devices that have it")
                )
            },
            points: vec![
                "Its settings stop to hold on a device as soon as the device hears of it.".into(),
                "All its revisions leave the library. Download the file first if you may need it.".into(),
            ],
            action: at::profile_remove(&p.id),
            hidden: Vec::new(),
            yes: "Remove profile".into(),
            danger: true,
            cancel: at::profile(&p.id, ProfileTab::Payloads),
            wrong: None,
        }
        .render(page)
    }
}
