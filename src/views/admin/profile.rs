//! One profile: what is in it, who it is for, how far it got, its text.

use maud::{Markup, html};

use super::profiles::{assigned_words, payload_name};
use crate::model::Time;
use crate::model::device::Platform;
use crate::model::enrollment::EnrollmentId;
use crate::model::profile::{Delivery, Profile};
use crate::rules::access::Right;
use crate::views::address::{self as at, DeviceTab, ProfileTab};
use crate::views::confirm::Confirm;
use crate::views::{Link, Page, draw, draw::icon, form, layout, parts, words};

/// What every tab of a profile shows on top.
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
}

impl ProfileHead {
    fn frame(&self, page: &Page, tab: ProfileTab, content: Markup) -> Markup {
        let p = &self.profile;
        let link = |t| at::profile(&p.id, t);
        let trail = [Link { label: "Profiles".into(), href: at::PROFILES.into() }];
        let actions = html! {
            a.button href=(at::profile_download(&p.id)) { (icon("download")) "Download" }
            @if page.may(Right::EditProfiles) {
                a.button href=(at::profile_remove(&p.id)) { (icon("trash-2")) "Remove…" }
                a.button.primary href=(link(ProfileTab::Assigned)) { "Assign" }
            }
        };
        layout::shell(
            page,
            &p.name,
            &trail,
            actions,
            html! {
                p.state {
                    (icon("file-cog"))
                    "Goes to " (assigned_words(p.everyone, self.assigned)) ". "
                    @if self.wanted > 0 {
                        "Installed on " (words::number(self.installed)) " of " (words::number(self.wanted)) "."
                        @if self.failed > 0 { " Failed on " (words::number(self.failed)) "." }
                    }
                }
                (parts::tabs("Profile", &[
                    ("Payloads", link(ProfileTab::Payloads), tab == ProfileTab::Payloads),
                    ("Assigned to", link(ProfileTab::Assigned), tab == ProfileTab::Assigned),
                    ("Status", link(ProfileTab::Status), tab == ProfileTab::Status),
                    ("Source", link(ProfileTab::Source), tab == ProfileTab::Source),
                ]))
                (content)
            },
        )
    }
}

/// A former or present revision.
#[derive(Debug, Clone)]
pub struct Revision {
    /// Its number, from 1.
    pub number: u32,
    /// When it was imported, and by whom, as far as the activity list still tells.
    pub at: Option<Time>,
}

/// What is in a profile.
#[derive(Debug, Clone)]
pub struct ProfilePayloads {
    /// Top of the page.
    pub head: ProfileHead,
    /// Revisions kept, newest first.
    pub revisions: Vec<Revision>,
}

impl ProfilePayloads {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        self.head.frame(page, ProfileTab::Payloads, html! {
            section.card {
                h2 { "Payloads" }
                @if p.payloads.is_empty() { p.muted { "The profile holds no payload." } }
                @else {
                    ul.rows { @for (kind, name) in &p.payloads {
                        li {
                            strong { (payload_name(kind)) }
                            @if !name.is_empty() && name != payload_name(kind) { span { (name) } }
                            code.muted { (kind) }
                        }
                    } }
                }
            }
            section.card {
                h2 { "About" }
                (parts::facts(&[
                    ("Description", html! { (parts::text_or((!p.description.is_empty()).then_some(p.description.as_str()), "none")) }),
                    ("Signed by", html! { (parts::text_or(p.signed_by.as_deref(), "not signed")) }),
                    ("Identifier", html! { code { (p.identifier) } }),
                    ("UUID", html! { code { (p.uuid) } }),
                    ("First import", parts::when_full(page, p.created)),
                    ("Changed", parts::when_full(page, p.updated)),
                ]))
            }
            section.card {
                h2 { "Revisions" }
                ol.rows { @for r in &self.revisions {
                    li {
                        strong { "Revision " (r.number) @if r.number == p.revision { " (present)" } }
                        @if let Some(at) = r.at { span.muted { (parts::when(page, at)) } }
                    }
                } }
            }
        })
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
}

impl ProfileAssigned {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        let edit = page.may(Right::EditProfiles);
        self.head.frame(page, ProfileTab::Assigned, html! {
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

    fn assign(&self, page: &Page) -> Markup {
        let p = &self.head.profile;
        html! {
            @if !p.everyone {
                section.card {
                    h2 { "Everyone" }
                    p { "Every enrolled device gets the profile now, and every new one when it enrolls." }
                    (form::one_button(page, &at::profile_assign(&p.id), "", &[("everyone", "on")], html! { "Assign to Everyone" }))
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
                        div.buttons { button.primary type="submit" { "Assign to ticked devices" } }
                    }
                }
            }
        }
    }
}

/// A device and how far the profile got there.
#[derive(Debug, Clone)]
pub struct PlacementRow {
    /// The device.
    pub id: EnrollmentId,
    /// Its name.
    pub name: String,
    /// Family.
    pub platform: Platform,
    /// How far.
    pub state: Delivery,
    /// Since when.
    pub at: Time,
    /// Revision last asked for.
    pub revision: u32,
    /// The command that carries it.
    pub command: Option<String>,
    /// What the device said when it refused.
    pub said: Option<String>,
}

/// How far a profile got. Query: `after` (cursor).
#[derive(Debug, Clone)]
pub struct ProfileStatus {
    /// Top of the page.
    pub head: ProfileHead,
    /// How many devices stand where, for those there are.
    pub tally: Vec<(Delivery, u64)>,
    /// At most a hundred.
    pub rows: Vec<PlacementRow>,
    /// This is not the first page.
    pub later: bool,
    /// Cursor of the next page.
    pub next: Option<String>,
}

impl ProfileStatus {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let here = at::profile(&self.head.profile.id, ProfileTab::Status);
        self.head.frame(page, ProfileTab::Status, html! {
            @if self.rows.is_empty() {
                (parts::empty("clock", "The profile is on its way to no device.", html! {
                    @if page.may(Right::EditProfiles) {
                        a.button href=(at::profile(&self.head.profile.id, ProfileTab::Assigned)) { "Assign it" }
                    }
                }))
            } @else {
                ul.tally aria-label="Devices by state" { @for (state, n) in &self.tally { li { (parts::delivery_chip(*state)) " " (words::number(*n)) } } }
                table.list {
                    caption.vh { "State on each device" }
                    thead { tr { th scope="col" { "Device" } th scope="col" { "State" } th scope="col" { "Since" } th scope="col" { "Revision" } } }
                    tbody { @for row in &self.rows { tr {
                        th scope="row" { a href=(at::device(&row.id, DeviceTab::Profiles)) { (draw::platform(row.platform)) (row.name) } }
                        td data-l="State" {
                            @if let Some(command) = &row.command { a.plain href=(at::command(&row.id, command)) { (parts::delivery_chip(row.state)) } }
                            @else { (parts::delivery_chip(row.state)) }
                            @if let Some(said) = &row.said { p.said { (said) } }
                        }
                        td data-l="Since" { (parts::when(page, row.at)) }
                        td data-l="Revision" { (row.revision) }
                    } } }
                }
                (parts::pager(self.later.then_some(here.as_str()),
                    self.next.as_deref().map(|next| at::with_query(&here, &[("after", next)])).as_deref()))
            }
        })
    }
}

/// A profile's text.
#[derive(Debug, Clone)]
pub struct ProfileSource {
    /// Top of the page.
    pub head: ProfileHead,
    /// The present revision as XML, its secrets replaced.
    pub xml: String,
}

impl ProfileSource {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        self.head.frame(
            page,
            ProfileTab::Source,
            html! {
                section.card {
                    h2 { "Revision " (self.head.profile.revision) }
                    p.muted { "Passwords and keys are replaced by “redacted”; the download holds them." }
                    (parts::source("Source of the profile", &self.xml))
                }
            },
        )
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
