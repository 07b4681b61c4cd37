//! Enrollment links: the list, a new one, one with its QR code, and the question before it is revoked.

use maud::{Markup, html};

use crate::model::Time;
use crate::rules::access::Right;
use crate::views::confirm::Confirm;
use crate::views::form::{self, Input, Wrong};
use crate::views::{Link, Page, Tone, address as at, draw, draw::icon, layout, parts, words};

/// An enrollment link without its secret part.
#[derive(Debug, Clone)]
pub struct LinkRow {
    /// Public id.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// Who made it.
    pub by: String,
    /// When.
    pub created: Time,
    /// Until when it works.
    pub expires: Time,
    /// How many devices may use it; none means any number.
    pub max_uses: Option<u32>,
    /// How many did.
    pub uses: u32,
    /// Only for this serial number.
    pub serial: Option<String>,
    /// Taken back.
    pub revoked: Option<Time>,
}

impl LinkRow {
    fn state(&self, now: Time) -> (Tone, &'static str) {
        if self.revoked.is_some() {
            (Tone::Plain, "Revoked")
        } else if now >= self.expires {
            (Tone::Plain, "Expired")
        } else if self.max_uses.is_some_and(|max| self.uses >= max) {
            (Tone::Plain, "Used up")
        } else {
            (Tone::Ok, "Open")
        }
    }

    fn used(&self) -> String {
        match self.max_uses {
            Some(max) => {
                format!("{} of {}", words::number(u64::from(self.uses)), words::number(u64::from(max)))
            }
            None => words::count(u64::from(self.uses), "device", "devices"),
        }
    }
}

/// The list of links.
#[derive(Debug, Clone)]
pub struct EnrollmentPage {
    /// Newest first.
    pub rows: Vec<LinkRow>,
}

impl EnrollmentPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let new = html! {
            @if page.may(Right::Enroll) {
                a.button.primary href=(at::ENROLLMENT_NEW) { (icon("plus")) "New enrollment link" }
            }
        };
        if self.rows.is_empty() {
            return layout::shell(
                page,
                "Enrollment",
                &[],
                html! {},
                parts::empty(
                    "qr-code",
                    "An enrollment link brings a device under management: open it on the device, or scan its QR code.",
                    new,
                ),
            );
        }
        layout::shell(
            page,
            "Enrollment",
            &[],
            new,
            html! {
                table.list {
                    caption { (words::count(self.rows.len() as u64, "link", "links")) }
                    thead { tr { th scope="col" { "Link" } th scope="col" { "State" } th scope="col" { "Used" } th scope="col" { "Works until" } th scope="col" { "Made" } } }
                    tbody { @for row in &self.rows {
                        @let (tone, word) = row.state(page.now);
                        tr {
                            th scope="row" { a href=(at::ticket(&row.id)) { (icon("link")) (row.label) } }
                            td data-l="State" { (parts::chip(tone, word)) }
                            td data-l="Used" { (row.used()) }
                            td data-l="Works until" { (parts::when(page, row.expires)) }
                            td data-l="Made" { (parts::when(page, row.created)) " by " (row.by) }
                        }
                    } }
                }
            },
        )
    }
}

/// The form of a new link. Fields: `label`, `hours` (one of [`NewLinkPage::HOURS`]), `devices` (a number, empty for any),
/// `serial` (optional).
#[derive(Debug, Clone)]
pub struct NewLinkPage {
    /// `label` of the previous try.
    pub label: String,
    /// `hours` of the previous try.
    pub hours: String,
    /// `devices` of the previous try.
    pub devices: String,
    /// `serial` of the previous try.
    pub serial: String,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
}

impl Default for NewLinkPage {
    fn default() -> Self {
        Self {
            label: String::new(),
            hours: "24".into(),
            devices: "1".into(),
            serial: String::new(),
            wrong: None,
        }
    }
}

impl NewLinkPage {
    /// Lengths of validity offered, in hours.
    pub const HOURS: [u32; 5] = [1, 24, 24 * 7, 24 * 30, 24 * 365];

    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let wrong = self.wrong.as_ref();
        let trail = [Link { label: "Enrollment".into(), href: at::ENROLLMENT.into() }];
        let hours: Vec<(String, String)> =
            Self::HOURS.iter().map(|h| (h.to_string(), words::span(i64::from(*h) * 3600))).collect();
        let hours: Vec<(&str, &str)> = hours.iter().map(|(v, w)| (v.as_str(), w.as_str())).collect();
        layout::shell(
            page,
            "New enrollment link",
            &trail,
            html! {},
            html! {
                form.card.narrow method="post" action=(at::ENROLLMENT_NEW) {
                    (form::csrf(page))
                    (form::wrong(wrong))
                    (Input { value: &self.label, maxlength: Some(100), hint: "So that you know it again, as in “Sales iPhones”.", ..Input::new("label", "What is it for?") }.row(wrong))
                    (form::select("hours", "Works for", "Counted from now.", &hours, &self.hours))
                    (Input { value: &self.devices, required: false, inputmode: Some("numeric"), maxlength: Some(6),
                        hint: "Leave empty for any number.", ..Input::new("devices", "Number of devices") }.row(wrong))
                    (Input { value: &self.serial, required: false, maxlength: Some(20),
                        hint: "Then only this device can use the link.", ..Input::new("serial", "Serial number") }.row(wrong))
                    div.buttons {
                        a.button href=(at::ENROLLMENT) { "Cancel" }
                        button.primary type="submit" { "Make link" }
                    }
                }
            },
        )
    }
}

/// One link.
#[derive(Debug, Clone)]
pub struct LinkPage {
    /// The link.
    pub link: LinkRow,
    /// Its full address, for those who may make links and while it is open.
    pub url: Option<String>,
    /// Devices that enrolled through it: address and name.
    pub devices: Vec<Link>,
}

impl LinkPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let trail = [Link { label: "Enrollment".into(), href: at::ENROLLMENT.into() }];
        let (tone, word) = self.link.state(page.now);
        let open = word == "Open";
        let revoke = html! {
            @if open && page.may(Right::Enroll) { a.button href=(at::ticket_revoke(&self.link.id)) { (icon("circle-x")) "Revoke…" } }
        };
        layout::shell(
            page,
            &self.link.label,
            &trail,
            revoke,
            html! {
                p.state { (parts::chip(tone, word)) " Used by " (self.link.used()) "." }
                @if let (true, Some(url)) = (open, &self.url) {
                    section.card.qrcard {
                        div {
                            h2 { "On the device" }
                            ol {
                                li { "Scan the code with the camera, or open the address in Safari." }
                                li { "Follow the steps on the page that opens." }
                            }
                            p.address { code #address { (url) } button.quiet type="button" data-copy="address" hidden { (icon("copy")) "Copy" } }
                            p.muted { "Treat the address like a key: whoever has it can enroll a device." }
                        }
                        @if let Some(code) = draw::qr(url, "QR code of the enrollment address") { (code) }
                    }
                }
                section.card {
                    h2 { "About" }
                    (parts::facts(&[
                        ("Works until", parts::when_full(page, self.link.expires)),
                        ("Made", html! { (parts::when_full(page, self.link.created)) " by " (self.link.by) }),
                        ("Only for", html! { @if let Some(serial) = &self.link.serial { code { (serial) } } @else { "any device" } }),
                        ("Revoked", parts::when_or(page, self.link.revoked, "no")),
                    ]))
                }
                @if !self.devices.is_empty() {
                    section.card { h2 { "Devices" } ul.rows { @for d in &self.devices { li { a href=(d.href) { (d.label) } } } } }
                }
            },
        )
    }
}

/// The question before a link is revoked.
#[derive(Debug, Clone)]
pub struct LinkRevoke {
    /// The link.
    pub link: LinkRow,
}

impl LinkRevoke {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        Confirm {
            title: format!("Revoke {}?", self.link.label),
            trail: vec![
                Link { label: "Enrollment".into(), href: at::ENROLLMENT.into() },
                Link { label: self.link.label.clone(), href: at::ticket(&self.link.id) },
            ],
            lead: "The link and its QR code stop working at once.".into(),
            points: vec!["Devices that enrolled through it stay enrolled.".into()],
            action: at::ticket_revoke(&self.link.id),
            hidden: Vec::new(),
            yes: "Revoke link".into(),
            danger: true,
            cancel: at::ticket(&self.link.id),
            wrong: None,
        }
        .render(page)
    }
}
