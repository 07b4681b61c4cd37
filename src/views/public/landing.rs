//! The start page.

use maud::{Markup, html};

use crate::views::{Page, address as at, layout};

/// The start page.
#[derive(Debug, Clone, Copy)]
pub struct LandingPage;

impl LandingPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        layout::bare(
            page,
            "Device management",
            html! {
                p.lead { "This server manages iPhone, iPad, Mac and Apple TV devices" @if !page.organization.is_empty() { " of " (page.organization) } "." }
                p { a.button.primary.wide href=(at::OVERVIEW) { "Manage devices" } }
                p { a.button.wide href=(at::MY_DEVICES) { "Profiles for my devices" } }
                h2 { "Enroll a device" }
                p { "Open the enrollment link you were given in Safari on the device itself, or scan its QR code with the camera. No link? Ask whoever manages devices in your organization." }
            },
        )
    }
}
