//! The library of profiles.

use maud::{Markup, html};

use crate::catalog::{Os, catalog};
use crate::model::Time;
use crate::model::profile::Distribution;
use crate::rules::access::Right;
use crate::views::address::{self as at, ProfileTab};
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
    /// Systems that know at least one of its payloads.
    pub systems: Vec<Os>,
    /// Goes to Everyone.
    pub everyone: bool,
    /// Devices it is assigned to by name.
    pub assigned: u64,
    /// How devices come by it.
    pub distribution: Distribution,
    /// Devices that acknowledged or confirmed it.
    pub installed: u64,
    /// Devices that it is meant for.
    pub wanted: u64,
    /// Devices on which it failed.
    pub failed: u64,
    /// It was published before.
    pub published: bool,
    /// Somebody is changing it.
    pub draft: bool,
    /// Latest edit or revision.
    pub updated: Time,
    /// By whom, where that is known.
    pub by: Option<String>,
}

/// The profiles page. Query: `q`, `archived` = `1`.
#[derive(Debug, Clone)]
pub struct ProfilesPage {
    /// By name.
    pub rows: Vec<ProfileRow>,
    /// Text searched for.
    pub q: String,
    /// Those that were put away are shown.
    pub archived: bool,
    /// How many there are that were put away.
    pub away: u64,
    /// How many there are that were not.
    pub total: u64,
}

impl ProfilesPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let edit = page.may(Right::EditProfiles);
        let actions = html! {
            @if edit {
                a.button href=(at::PROFILE_IMPORT) { (icon("upload")) "Import" }
                a.button.primary href=(at::PROFILE_NEW) { (icon("plus")) "New profile" }
            }
        };
        let title = if self.archived { "Archived profiles" } else { "Profiles" };
        if self.total == 0 && !self.archived && self.q.is_empty() {
            let sentence = "No profiles yet. A profile holds settings such as Wi-Fi or a passcode rule, and goes to the devices you choose.";
            return layout::shell(
                page,
                title,
                &[],
                html! {},
                html! {
                    (parts::empty("file-cog", sentence, actions))
                    (self.archive_link())
                },
            );
        }
        let actions = if self.archived {
            html! {}
        } else {
            actions
        };
        let back = [Link { label: "Profiles".into(), href: at::PROFILES.into() }];
        let trail = if self.archived { &back[..] } else { &[] };
        layout::shell(
            page,
            title,
            trail,
            actions,
            html! {
                form.find role="search" aria-label="Profiles" method="get" action=(at::PROFILES) {
                    label for="q" { "Name, identifier, payload or note" }
                    @if self.archived { input type="hidden" name="archived" value="1"; }
                    div.row { input #q type="search" name="q" value=(self.q) autocomplete="off" spellcheck="false" maxlength="100"; button type="submit" { "Search" } }
                }
                @if self.rows.is_empty() {
                    (parts::empty("search", if self.q.is_empty() { "No profile was put away." } else { "No profile matches." }, html! { a.button href=(at::PROFILES) { "Show all profiles" } }))
                } @else { (self.table(page)) }
                (self.archive_link())
            },
        )
    }

    fn archive_link(&self) -> Markup {
        html! {
            @if self.away > 0 && !self.archived {
                p { a href=(at::with_query(at::PROFILES, &[("archived", "1")])) { (words::count(self.away, "archived profile", "archived profiles")) } }
            }
        }
    }

    fn table(&self, page: &Page) -> Markup {
        html! {
            table.list {
                caption { (words::count(self.rows.len() as u64, "profile", "profiles")) }
                thead { tr {
                    th scope="col" { "Name" } th scope="col" { "Payloads" } th scope="col" { "Assigned to" }
                    th scope="col" { "Installed" } th scope="col" { "Changed" }
                } }
                tbody { @for row in &self.rows { tr {
                    th scope="row" {
                        a href=(at::profile(&row.id, ProfileTab::Payloads)) { (icon("file-cog")) (row.name) }
                        @if let Some(badge) = row.badge() { " " span.badge.must { (badge) } }
                    }
                    td data-l="Payloads" { div.kinds { (row.payload_list()) } }
                    td data-l="Assigned to" { (row.whom()) }
                    td data-l="Installed" {
                        @if row.published && row.distribution == Distribution::Pushed {
                            a href=(at::profile(&row.id, ProfileTab::Status)) { (words::number(row.installed)) " of " (words::number(row.wanted)) }
                            @if row.failed > 0 { " " (parts::chip(crate::views::Tone::Bad, &format!("{} failed", row.failed))) }
                        } @else { span.muted { "not sent" } }
                    }
                    td data-l="Changed" { span { (parts::when(page, row.updated)) @if let Some(by) = &row.by { span.muted { " by " (by) } } } }
                } } }
            }
        }
    }
}

impl ProfileRow {
    fn badge(&self) -> Option<&'static str> {
        match (self.draft, self.published) {
            (_, false) => Some("Draft, not published"),
            (true, true) => Some("Changes not published"),
            (false, true) => None,
        }
    }

    fn whom(&self) -> String {
        match self.distribution {
            Distribution::Pushed => assigned_words(self.everyone, self.assigned),
            Distribution::Offered => "offered in the user portal".into(),
            Distribution::Manual => "handed on as a file".into(),
        }
    }

    fn payload_list(&self) -> Markup {
        let mut kinds: Vec<&str> = self.payloads.iter().map(String::as_str).collect();
        kinds.dedup();
        let systems: Vec<&str> = self.systems.iter().map(|os| os.as_str()).collect();
        html! {
            @if kinds.is_empty() { span.muted { "none" } }
            ul { @for kind in kinds.iter().take(3) { li { (icon(payload_icon(kind))) (payload_name(kind)) } }
                @if kinds.len() > 3 { li.muted { "and " (kinds.len() - 3) " more" } }
            }
            @if !systems.is_empty() { p.meta { (systems.join(", ")) } }
        }
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

/// The name people know a payload type by; the type itself when Apple documents none of that type.
pub fn payload_name(kind: &str) -> &str {
    catalog().forms().iter().find(|form| form.payload_type == kind).map_or(kind, |form| form.label.as_str())
}

/// An icon for a payload type: of the frequent ones their own, else one for all.
pub fn payload_icon(kind: &str) -> &'static str {
    const ICONS: &[(&str, &[&str])] = &[
        ("wifi", &["wifi"]),
        ("lock", &["passwordpolicy", "FileVault", "MCX.FileVault2", "screensaver"]),
        (
            "key-round",
            &[
                "security.root",
                "security.pem",
                "security.pkcs1",
                "security.pkcs12",
                "security.scep",
                "security.acme",
                "identitypreference",
            ],
        ),
        (
            "shield-check",
            &[
                "applicationaccess",
                "security.firewall",
                "TCC",
                "syspolicy",
                "system-extension",
                "webcontent-filter",
            ],
        ),
        ("mail", &["mail", "eas.account", "ews.account"]),
        ("calendar", &["caldav", "subscribedcalendar"]),
        ("users", &["carddav", "ldap", "loginwindow", "loginitems"]),
        ("globe", &["vpn", "webClip", "proxy", "dnsSettings", "dnsProxy", "relay", "cellular"]),
    ];
    ICONS
        .iter()
        .find(|(_, words)| words.iter().any(|word| kind.contains(word)))
        .map_or("sliders-horizontal", |(icon, _)| icon)
}
