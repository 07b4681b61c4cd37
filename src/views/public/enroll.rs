//! The page behind an enrollment link, for whoever holds the device.

use maud::{Markup, html};

use crate::views::{Page, address as at, draw::icon, layout};

/// What the address and the browser suggest this device is; everybody can look at the other steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    /// iPhone or iPad.
    Mobile,
    /// Mac. iPads say this too.
    Mac,
    /// Something that cannot be enrolled, or unknown.
    Other,
}

/// The page of an open link.
#[derive(Debug, Clone)]
pub struct EnrollPage {
    /// Secret part of the address.
    pub token: String,
    /// What the link is for, as the administrator called it.
    pub label: String,
    /// The browser's user agent suggests this.
    pub guess: Guess,
    /// The browser is not Safari, so an iPhone or iPad will not offer to install the profile.
    pub not_safari: bool,
}

impl EnrollPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let organization =
            if page.organization.is_empty() { "your organization" } else { &page.organization };
        layout::bare(
            page,
            "Enroll this device",
            html! {
                p.lead { "You are about to let " strong { (organization) } " manage this device (" (self.label) ")." }
                @if self.not_safari {
                    p.notice.warn { (icon("triangle-alert")) "Open this page in Safari. Other browsers on iPhone and iPad cannot hand over the profile." }
                }
                p { a.button.primary.wide href=(at::enroll_profile(&self.token)) { (icon("download")) "Download profile" } }
                p.muted { "One download. Nothing is installed until you agree in Settings." }
                h2 { "Then, on the device" }
                details open[self.guess != Guess::Mac] {
                    summary { "On iPhone and iPad" }
                    ol {
                        li { "Tap " strong { "Allow" } " when Safari asks, then " strong { "Close" } "." }
                        li { "Open " strong { "Settings" } " and tap " strong { "Profile Downloaded" } ", near the top under your name." }
                        li { "Tap " strong { "Install" } ", enter your passcode, and tap " strong { "Install" } " again." }
                        li { "Tap " strong { "Trust" } " when asked whether to allow remote management, then " strong { "Done" } "." }
                    }
                    p.muted { "Settings forgets a downloaded profile after 8 minutes. Then download it again." }
                }
                details open[self.guess == Guess::Mac] {
                    summary { "On a Mac" }
                    ol {
                        li { "Open " strong { "System Settings" } ", then " strong { "General" } ", then " strong { "Device Management" } "." }
                        li { "Double-click the profile under " strong { "Downloaded" } "." }
                        li { "Click " strong { "Install" } " or " strong { "Enroll" } " and enter the password of an administrator of this Mac." }
                    }
                    p.muted { "On macOS 14 and earlier the place is called Profiles, under Privacy & Security." }
                }
                h2 { "What the organization can see and do" }
                ul {
                    li { "See model, serial number, OS version, storage, and the names of apps and profiles." }
                    li { "Install settings and profiles, lock the device, clear its passcode, and erase it." }
                    li { strong { "Not" } " read messages, mail, photos, browsing history, or see where the device is." }
                }
            },
        )
    }
}

/// Why a link does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// No such link.
    Unknown,
    /// Past its time.
    Expired,
    /// As many devices enrolled as it was made for.
    UsedUp,
    /// Taken back.
    Revoked,
}

/// The page of a link that does not work.
#[derive(Debug, Clone)]
pub struct EnrollClosedPage {
    /// Why.
    pub why: Closed,
}

impl EnrollClosedPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let (title, sentence) = match self.why {
            Closed::Unknown => {
                ("Link not found", "This enrollment link does not exist. Part of the address may be missing.")
            }
            Closed::Expired => {
                ("Link expired", "This enrollment link worked for a limited time, which is over.")
            }
            Closed::UsedUp => (
                "Link used up",
                "This enrollment link was made for a number of devices, and all of them have enrolled.",
            ),
            Closed::Revoked => ("Link revoked", "This enrollment link was taken back."),
        };
        layout::bare(
            page,
            title,
            html! {
                p.lead { (sentence) }
                h2 { "What to do now" }
                p { "Ask whoever gave you the link for a new one. A device that is enrolled already needs no link." }
            },
        )
    }
}
