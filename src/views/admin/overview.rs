//! Overview: what needs a person, four numbers, which families there are, what happened lately.

use maud::{Markup, html};

use super::activity::{ActivityRow, list};
use crate::model::device::Platform;
use crate::model::standing::Standing;
use crate::rules::access::Right;
use crate::views::draw::{self, Bar, icon};
use crate::views::{Link, Page, Tone, address as at, layout, parts, words};

/// One matter that waits for a person.
#[derive(Debug, Clone)]
pub struct Matter {
    /// How bad.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
    /// The one button.
    pub action: Link,
}

/// The overview.
#[derive(Debug, Clone)]
pub struct Overview {
    /// What needs attention, worst first.
    pub matters: Vec<Matter>,
    /// Managed devices.
    pub managed: u64,
    /// Of these, with nothing waiting and nothing failed.
    pub up_to_date: u64,
    /// Of these, with something waiting.
    pub pending: u64,
    /// Of these, with something failed.
    pub failed: u64,
    /// Managed devices by family.
    pub platforms: Vec<(Platform, u64)>,
    /// Latest activity, at most ten.
    pub recent: Vec<ActivityRow>,
}

impl Overview {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let enroll = html! {
            @if page.may(Right::Enroll) {
                a.button.primary href=(at::ENROLLMENT_NEW) { (icon("plus")) "Enroll a device" }
            }
        };
        layout::shell(
            page,
            "Overview",
            &[],
            enroll,
            html! {
                section.card aria-labelledby="attention" {
                    h2 #attention { "Needs attention" }
                    @if self.matters.is_empty() {
                        p.calm { (parts::tone_icon(Tone::Ok)) "Nothing needs you right now." }
                    } @else {
                        ul.matters { @for matter in &self.matters {
                            li class=(matter.tone.class()) {
                                p { (parts::tone_icon(matter.tone)) (matter.text) }
                                a.button href=(matter.action.href) { (matter.action.label) }
                            }
                        } }
                    }
                }
                ul.numbers aria-label="Devices in numbers" {
                    (figure(self.managed, "Managed", at::DEVICES.into()))
                    (figure(self.up_to_date, "Up to date", filtered(Standing::UpToDate)))
                    (figure(self.pending, "Pending", filtered(Standing::Pending)))
                    (figure(self.failed, "Failed", filtered(Standing::Attention)))
                }
                div.two {
                    section.card {
                        @if self.platforms.is_empty() {
                            h2 { "Devices by platform" }
                            p.muted { "No devices yet." }
                        } @else {
                            (draw::bars("Devices by platform", &self.platforms.iter().map(|(platform, count)| Bar {
                                label: parts::family(*platform).into(),
                                count: *count,
                                href: at::with_query(at::DEVICES, &[("platform", platform.slug())]),
                            }).collect::<Vec<_>>()))
                        }
                    }
                    section.card aria-labelledby="recent" {
                        h2 #recent { "Recent activity" }
                        @if self.recent.is_empty() { p.muted { "Nothing has happened yet." } }
                        @else { (list(page, &self.recent)) p.more { a href=(at::ACTIVITY) { "All activity" } } }
                    }
                }
            },
        )
    }
}

fn filtered(standing: Standing) -> String {
    at::with_query(at::DEVICES, &[("state", standing.slug())])
}

fn figure(n: u64, word: &str, href: String) -> Markup {
    html! { li { a href=(href) { strong { (words::number(n)) } span { (word) } } } }
}
