//! What a person may install on their own device, written for an iPhone first.

use maud::{Markup, html};

use crate::views::Tone;
use crate::views::{Page, address as at, confirm, draw::icon, form, layout};

/// An offered profile.
#[derive(Debug, Clone)]
pub struct OfferedProfile {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What is in it, a sentence each payload.
    pub sentences: Vec<String>,
    /// It differs from device to device: the person's devices it can be made for, by id and name. None: it is the
    /// same for all.
    pub devices: Option<Vec<(String, String)>>,
}

/// The page of a person.
#[derive(Debug, Clone)]
pub struct MyDevicesPage {
    /// By name.
    pub profiles: Vec<OfferedProfile>,
}

impl MyDevicesPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let name = page.me.as_ref().map_or("", |me| me.full_name.as_str());
        layout::personal(
            page,
            "Profiles for you",
            html! {
                @if self.profiles.is_empty() {
                    p { "Nothing is offered to you at this moment. What your organization sends to your devices arrives by itself." }
                } @else {
                    p { "Install what you need on the device you are holding. Your organization offers it to everybody with an account." }
                    ol.offered { @for p in &self.profiles { li {
                        h2 { (p.name) }
                        @if !p.description.is_empty() { p { (p.description) } }
                        @if !p.sentences.is_empty() { ul { @for s in &p.sentences { li { (s) } } } }
                        @match &p.devices {
                            None => a.button.primary.wide href=(at::my_profile(&p.id, "")) { (icon("download")) "Install" span.vh { " " (p.name) } },
                            Some(devices) if devices.is_empty() => (confirm::notice(Tone::Plain, "It is made for one device each, and none is written down as yours. Ask whoever manages devices.")),
                            Some(devices) => {
                                @for (id, device) in devices { a.button.primary.wide href=(at::my_profile(&p.id, id)) { (icon("download")) "Install on " (device) span.vh { ": " (p.name) } } }
                            },
                        }
                    } } }
                    details {
                        summary { "What happens when I tap Install?" }
                        p { "iPhone and iPad: Safari asks whether it may download a profile. Allow it, then open Settings; “Profile Downloaded” stands near the top. Look at it and tap Install." }
                        p { "Mac: the file is downloaded. Open System Settings, General, Device Management, and double-click the profile." }
                        p { "You can remove it at the same place." }
                    }
                }
                div.signed {
                    p.muted { "Signed in as " (name) "." }
                    form method="post" action=(at::SIGN_OUT) { (form::csrf(page)) button type="submit" { "Sign out" } }
                }
            },
        )
    }
}
