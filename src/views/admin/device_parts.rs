//! The tabs of a device that show what it is, what is configured on it and what it was asked.

use maud::{Markup, html};

use super::device::DeviceHead;
use crate::model::Time;
use crate::model::command::State;
use crate::model::device::{Device, Inventory, Platform};
use crate::model::enrollment::Enrollment;
use crate::model::profile::Delivery;
use crate::rules::access::Right;
use crate::views::address::{self as at, DeviceTab, ProfileTab};
use crate::views::{Page, parts, words};

/// What a device is.
#[derive(Debug, Clone)]
pub struct DeviceAbout {
    /// Top of the page.
    pub head: DeviceHead,
    /// Lists it reported.
    pub inventory: Inventory,
    /// Its user channels.
    pub users: Vec<Enrollment>,
}

impl DeviceAbout {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let (head, device) = (&self.head, &self.head.device);
        let refused = head.refused(page);
        head.frame(page, DeviceTab::About, html! {
            div.two {
                section.card { h2 { "Hardware" } (parts::facts(&hardware(device))) }
                section.card { h2 { "Security" } (parts::facts(&self.security(page))) }
                section.card { h2 { "Management" } (parts::facts(&self.management(page))) }
                (owner(page, device))
                @if !refused.is_empty() {
                    section.card {
                        h2 { "Not offered for this device" }
                        dl.facts { @for (deed, why) in &refused { div { dt { (deed.label()) } dd { (why) } } } }
                    }
                }
            }
            (self.apps(page))
            (self.certificates(page))
        })
    }

    fn security(&self, page: &Page) -> Vec<(&'static str, Markup)> {
        let (head, device) = (&self.head, &self.head.device);
        let kept = |kept: bool| html! { @if kept { "Kept, sealed" } @else { span.muted { "None" } } };
        let mut rows =
            vec![("Encrypted", yes_no(device.encrypted)), ("Supervised", yes_no(device.supervised))];
        // A Mac has users with passwords and no passcode; an Apple TV has neither.
        match device.platform {
            Platform::Mac => rows.push(("Bootstrap token", kept(head.bootstrap_token))),
            Platform::AppleTv => {}
            _ => {
                rows.push(("Passcode set", yes_no(device.passcode_present)));
                rows.push(("Unlock token", kept(head.unlock_token)));
            }
        }
        if let Some(made) = head.pin_at {
            rows.push((
                "Lock PIN",
                html! {
                    "Made " (parts::when(page, made))
                    @if page.may(Right::Reveal) { " · " a href=(at::pin(&device.id)) { "Show lock PIN" } }
                },
            ));
        }
        rows.push(("As of", parts::when_or(page, device.security_at, "not yet")));
        rows
    }

    fn management(&self, page: &Page) -> Vec<(&'static str, Markup)> {
        let enrollment = &self.head.enrollment;
        let mut rows = vec![
            ("Enrolled", parts::when_or(page, enrollment.enrolled_at, "not yet")),
            ("Last seen", parts::when_or(page, self.head.seen, "never")),
            (
                "Last push",
                html! {
                    @match &self.head.push {
                        Some(push) => { (parts::when(page, push.at)) " · " (push.said) }
                        None => { span.muted { "none yet" } }
                    }
                },
            ),
            ("Identifier", html! { code { (enrollment.id) } }),
        ];
        if let Some(left) = enrollment.checked_out_at {
            rows.push(("Left", parts::when(page, left)));
        }
        if let Some(erased) = self.head.device.erased_at {
            rows.push(("Erased", parts::when(page, erased)));
        }
        for user in &self.users {
            let name = user.user_long_name.as_deref().or(user.user_short_name.as_deref());
            rows.push(("User", html! { (parts::text_or(name, "no name told")) }));
        }
        rows
    }

    fn apps(&self, page: &Page) -> Markup {
        html! {
            @if let Some((at, apps)) = &self.inventory.apps {
                details.card.fold {
                    summary { h2 { "Apps " span.n { (words::number(apps.len() as u64)) } } }
                    p.muted { "As of " (parts::when(page, *at)) }
                    @if !apps.is_empty() {
                        table.list {
                            caption.vh { "Apps" }
                            thead { tr { th scope="col" { "Name" } th scope="col" { "Version" } th scope="col" { "Bundle identifier" } } }
                            tbody { @for app in apps { tr {
                                th scope="row" { (app.name) }
                                td data-l="Version" { (parts::text_or(app.version.as_deref(), "not told")) }
                                td.code data-l="Bundle identifier" { (parts::text_or(app.identifier.as_deref(), "not told")) }
                            } } }
                        }
                    }
                }
            }
        }
    }

    fn certificates(&self, page: &Page) -> Markup {
        html! {
            @if let Some((at, certificates)) = &self.inventory.certificates {
                details.card.fold {
                    summary { h2 { "Certificates " span.n { (words::number(certificates.len() as u64)) } } }
                    p.muted { "As of " (parts::when(page, *at)) }
                    @if !certificates.is_empty() {
                        table.list {
                            caption.vh { "Certificates" }
                            thead { tr { th scope="col" { "Name" } th scope="col" { "Kind" } th scope="col" { "SHA-256" } } }
                            tbody { @for c in certificates { tr {
                                th scope="row" { (c.common_name) }
                                td data-l="Kind" { @if c.is_identity { "Identity" } @else { "Certificate" } }
                                td.code data-l="SHA-256" { (c.sha256) }
                            } } }
                        }
                    }
                }
            }
        }
    }
}

/// Whose it is, and the organization's own fields.
fn owner(page: &Page, device: &Device) -> Markup {
    let (owner, some) =
        (&device.owner, |text: &str| parts::text_or((!text.is_empty()).then_some(text), "not written down"));
    html! {
        section.card {
            h2 { "Owner" }
            dl.facts {
                div { dt { "Name" } dd { (some(&owner.full_name)) @if !owner.short_name.is_empty() { span.muted { " (" (owner.short_name) ")" } } } }
                @if !owner.email.is_empty() { div { dt { "Mail" } dd { (owner.email) } } }
                @for (name, value) in owner.fields.iter().chain(&device.fields) { div { dt { (name) } dd { (value) } } }
            }
            @if page.may(Right::EditProfiles) { p { a href=(at::device_owner(&device.id)) { "Owner, own fields and variables" } } }
        }
    }
}

fn hardware(device: &Device) -> Vec<(&'static str, Markup)> {
    let told = |value: Option<&str>| parts::text_or(value, "not told");
    let mut rows = vec![
        (
            "Model",
            html! { (told(device.model_name.as_deref())) @if let Some(p) = &device.product { " (" (p) ")" } },
        ),
        ("Serial number", html! { code { (told(device.serial.as_deref())) } }),
        (
            "OS",
            html! { (told(device.os_version.as_deref())) @if let Some(b) = &device.build { " (" (b) ")" } },
        ),
    ];
    if let Some(battery) = device.battery {
        rows.push(("Battery", html! { (percent(battery)) " %" }));
    }
    if let Some(capacity) = device.capacity_gb {
        rows.push((
            "Storage",
            html! {
                @if let Some(free) = device.available_gb { (format!("{free:.1}")) " GB free of " }
                (format!("{capacity:.0}")) " GB"
            },
        ));
    }
    if let Some(mac) = &device.wifi_mac {
        rows.push(("Wi-Fi address", html! { code { (mac) } }));
    }
    if let Some(imei) = &device.imei {
        rows.push(("IMEI", html! { code { (imei) } }));
    }
    rows
}

/// Devices say 0.0 to 1.0, and -1 when there is no battery to speak of.
fn percent(battery: f64) -> u32 {
    (battery.clamp(0.0, 1.0) * 100.0).round() as u32
}

fn yes_no(value: Option<bool>) -> Markup {
    html! { @match value { Some(true) => "Yes", Some(false) => "No", None => span.muted { "not told" } } }
}

/// One of our profiles on a device.
#[derive(Debug, Clone)]
pub struct DeviceProfileRow {
    /// Profile id; none once the profile left the library.
    pub profile: Option<String>,
    /// Its name, else its identifier.
    pub name: String,
    /// Revision last asked for.
    pub revision: u32,
    /// How far it got.
    pub state: Delivery,
    /// Since when.
    pub at: Time,
    /// The command that carries it.
    pub command: Option<String>,
    /// What the device said when it refused.
    pub said: Option<String>,
}

/// What is configured on a device.
#[derive(Debug, Clone)]
pub struct DeviceProfiles {
    /// Top of the page.
    pub head: DeviceHead,
    /// Profiles of our library meant for it.
    pub ours: Vec<DeviceProfileRow>,
    /// Lists it reported.
    pub inventory: Inventory,
}

impl DeviceProfiles {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let id = &self.head.device.id;
        self.head.frame(page, DeviceTab::Profiles, html! {
            section.card {
                h2 { "Assigned" }
                @if self.ours.is_empty() {
                    p.muted { "No profile is assigned to this device." }
                    p { a.button href=(at::PROFILES) { "Open profiles" } }
                } @else {
                    table.list {
                        caption.vh { "Assigned profiles" }
                        thead { tr { th scope="col" { "Profile" } th scope="col" { "State" } th scope="col" { "Since" } th scope="col" { "Revision" } } }
                        tbody { @for row in &self.ours { tr {
                            th scope="row" {
                                @if let Some(profile) = &row.profile { a href=(at::profile(profile, ProfileTab::Payloads)) { (row.name) } }
                                @else { (row.name) }
                            }
                            td data-l="State" {
                                @if let Some(command) = &row.command { a.plain href=(at::command(id, command)) { (parts::delivery_chip(row.state)) } }
                                @else { (parts::delivery_chip(row.state)) }
                                @if let Some(said) = &row.said { p.said { (said) } }
                            }
                            td data-l="Since" { (parts::when(page, row.at)) }
                            td data-l="Revision" { (row.revision) }
                        } } }
                    }
                }
            }
            section.card {
                h2 { "Installed on the device" }
                @match &self.inventory.profiles {
                    None => p.muted { "The device has not told which profiles it has." },
                    Some((at, profiles)) => {
                        p.muted { "As of " (parts::when(page, *at)) }
                        @if !profiles.is_empty() {
                            table.list {
                                caption.vh { "Installed profiles" }
                                thead { tr { th scope="col" { "Profile" } th scope="col" { "Identifier" } th scope="col" { "From" } } }
                                tbody { @for p in profiles { tr {
                                    th scope="row" { (p.name.as_deref().unwrap_or(&p.identifier)) }
                                    td.code data-l="Identifier" { (p.identifier) }
                                    td data-l="From" { @if p.declarative { "A declaration" } @else if p.managed == Some(true) { "Management" }
                                        @else if p.managed == Some(false) { "A person" } @else { span.muted { "not told" } } }
                                } } }
                            }
                        }
                    }
                }
            }
        })
    }
}

/// One command in a list.
#[derive(Debug, Clone)]
pub struct CommandRow {
    /// Its UUID.
    pub uuid: String,
    /// `RequestType`.
    pub request_type: String,
    /// Where it stands.
    pub state: State,
    /// Who asked.
    pub by: String,
    /// When it was asked.
    pub created: Time,
    /// When it was answered.
    pub finished: Option<Time>,
}

/// What a device was asked. Query: `after` (cursor).
#[derive(Debug, Clone)]
pub struct DeviceCommands {
    /// Top of the page.
    pub head: DeviceHead,
    /// Newest first.
    pub rows: Vec<CommandRow>,
    /// This is not the first page.
    pub later: bool,
    /// Cursor of the next page.
    pub next: Option<String>,
}

impl DeviceCommands {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let id = &self.head.device.id;
        let here = at::device(id, DeviceTab::Commands);
        self.head.frame(page, DeviceTab::Commands, html! {
            @if self.rows.is_empty() {
                (parts::empty("terminal", "This device was not asked anything yet.", html! {}))
            } @else {
                table.list {
                    caption.vh { "Commands" }
                    thead { tr { th scope="col" { "Command" } th scope="col" { "State" } th scope="col" { "Asked" } th scope="col" { "By" } th scope="col" { "Answered" } } }
                    tbody { @for row in &self.rows { tr {
                        th scope="row" { a href=(at::command(id, &row.uuid)) { (row.request_type) } }
                        td data-l="State" { (parts::command_chip(row.state)) }
                        td data-l="Asked" { (parts::when(page, row.created)) }
                        td data-l="By" { (row.by) }
                        td data-l="Answered" { (parts::when_or(page, row.finished, "not yet")) }
                    } } }
                }
                (parts::pager(self.later.then_some(here.as_str()),
                    self.next.as_deref().map(|next| at::with_query(&here, &[("after", next)])).as_deref()))
            }
        })
    }
}
