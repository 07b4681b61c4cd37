//! The library of profiles, and the import.

use maud::{Markup, html};

use crate::model::Time;
use crate::rules::access::Right;
use crate::views::address::{self as at, ProfileTab};
use crate::views::form::{self, Input, Wrong};
use crate::views::{Link, Page, draw::icon, layout, parts, words};

/// One profile in the list.
#[derive(Debug, Clone)]
pub struct ProfileRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Top-level identifier.
    pub identifier: String,
    /// Payload types, as in `com.apple.wifi.managed`.
    pub payloads: Vec<String>,
    /// Goes to Everyone.
    pub everyone: bool,
    /// Devices it is assigned to by name.
    pub assigned: u64,
    /// Devices that acknowledged or confirmed it.
    pub installed: u64,
    /// Devices that it is meant for.
    pub wanted: u64,
    /// Devices on which it failed.
    pub failed: u64,
    /// Latest revision.
    pub updated: Time,
}

/// The profiles page.
#[derive(Debug, Clone)]
pub struct ProfilesPage {
    /// By name.
    pub rows: Vec<ProfileRow>,
}

impl ProfilesPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let import = html! {
            @if page.may(Right::EditProfiles) {
                a.button.primary href=(at::PROFILE_IMPORT) { (icon("upload")) "Import a profile" }
            }
        };
        if self.rows.is_empty() {
            return layout::shell(
                page,
                "Profiles",
                &[],
                html! {},
                parts::empty(
                    "file-cog",
                    "No profiles yet. A profile holds settings such as Wi-Fi or a passcode rule; import a .mobileconfig file to begin.",
                    import,
                ),
            );
        }
        layout::shell(
            page,
            "Profiles",
            &[],
            import,
            html! {
                table.list {
                    caption { (words::count(self.rows.len() as u64, "profile", "profiles")) }
                    thead { tr {
                        th scope="col" { "Name" }
                        th scope="col" { "Payloads" }
                        th scope="col" { "Assigned to" }
                        th scope="col" { "Installed" }
                        th scope="col" { "Changed" }
                    } }
                    tbody { @for row in &self.rows { tr {
                        th scope="row" { a href=(at::profile(&row.id, ProfileTab::Payloads)) { (icon("file-cog")) (row.name) } }
                        td data-l="Payloads" { (payload_words(&row.payloads)) }
                        td data-l="Assigned to" { (assigned_words(row.everyone, row.assigned)) }
                        td data-l="Installed" {
                            a href=(at::profile(&row.id, ProfileTab::Status)) { (words::number(row.installed)) " of " (words::number(row.wanted)) }
                            @if row.failed > 0 { " " (parts::chip(crate::views::Tone::Bad, &format!("{} failed", row.failed))) }
                        }
                        td data-l="Changed" { (parts::when(page, row.updated)) }
                    } } }
                }
            },
        )
    }
}

fn payload_words(types: &[String]) -> String {
    let mut names: Vec<&str> = types.iter().map(|t| payload_name(t)).collect();
    names.dedup();
    match names.len() {
        0 => "none".into(),
        1..=3 => names.join(", "),
        n => format!("{} and {} more", names[..2].join(", "), n - 2),
    }
}

/// Who a profile goes to, in words.
pub fn assigned_words(everyone: bool, assigned: u64) -> String {
    match (everyone, assigned) {
        (true, _) => "Everyone".into(),
        (false, 0) => "nobody".into(),
        (false, n) => words::count(n, "device", "devices"),
    }
}

/// The name people know a payload type by; the type itself when it is none of the frequent ones.
pub fn payload_name(kind: &str) -> &str {
    const NAMES: &[(&str, &str)] = &[
        ("com.apple.applicationaccess", "Restrictions"),
        ("com.apple.wifi.managed", "Wi-Fi"),
        ("com.apple.vpn.managed", "VPN"),
        ("com.apple.mobiledevice.passwordpolicy", "Passcode"),
        ("com.apple.mail.managed", "Mail"),
        ("com.apple.eas.account", "Exchange"),
        ("com.apple.ews.account", "Exchange"),
        ("com.apple.caldav.account", "Calendar"),
        ("com.apple.carddav.account", "Contacts"),
        ("com.apple.subscribedcalendar.account", "Subscribed calendar"),
        ("com.apple.ldap.account", "LDAP"),
        ("com.apple.webClip.managed", "Web clip"),
        ("com.apple.security.root", "Root certificate"),
        ("com.apple.security.pem", "Certificate"),
        ("com.apple.security.pkcs1", "Certificate"),
        ("com.apple.security.pkcs12", "Identity certificate"),
        ("com.apple.security.scep", "SCEP"),
        ("com.apple.security.acme", "ACME certificate"),
        ("com.apple.security.firewall", "Firewall"),
        ("com.apple.MCX.FileVault2", "FileVault"),
        ("com.apple.dock", "Dock"),
        ("com.apple.loginwindow", "Login window"),
        ("com.apple.screensaver", "Screen saver"),
        ("com.apple.SoftwareUpdate", "Software update"),
        ("com.apple.systempolicy.control", "Gatekeeper"),
        ("com.apple.TCC.configuration-profile-policy", "Privacy preferences"),
        ("com.apple.system-extension-policy", "System extensions"),
        ("com.apple.servicemanagement", "Login items"),
        ("com.apple.homescreenlayout", "Home Screen layout"),
        ("com.apple.notificationsettings", "Notifications"),
        ("com.apple.app.lock", "Single App Mode"),
        ("com.apple.webcontent-filter", "Web content filter"),
        ("com.apple.dnsSettings.managed", "DNS settings"),
        ("com.apple.airprint", "AirPrint"),
        ("com.apple.font", "Font"),
        ("com.apple.mdm", "Device management"),
    ];
    NAMES.iter().find(|(k, _)| *k == kind).map_or(kind, |(_, name)| name)
}

/// Import of a `.mobileconfig`. The form is multipart with the file `profile`.
#[derive(Debug, Clone, Default)]
pub struct ImportPage {
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl ImportPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let trail = [Link { label: "Profiles".into(), href: at::PROFILES.into() }];
        layout::shell(
            page,
            "Import a profile",
            &trail,
            html! {},
            html! {
                form.card.narrow method="post" action=(at::PROFILE_IMPORT) enctype="multipart/form-data" {
                    (form::csrf(page))
                    (form::wrong(self.wrong.as_ref()))
                    p { "Choose a configuration profile, signed or not. Its settings are kept as they are, also those this server does not know." }
                    (Input { kind: "file", accept: Some(".mobileconfig,application/x-apple-aspen-config"),
                        hint: "A profile with the same identifier becomes a new revision and reaches its devices again.",
                        ..Input::new("profile", "Configuration profile (.mobileconfig)") }.row(self.wrong.as_ref()))
                    p.muted { "Importing sends nothing. You choose afterwards who gets it." }
                    div.buttons {
                        a.button href=(at::PROFILES) { "Cancel" }
                        button.primary type="submit" { "Import" }
                    }
                }
            },
        )
    }
}
