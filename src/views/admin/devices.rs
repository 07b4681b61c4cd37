//! The list of devices: a hundred rows, search, facets by family and standing.

use maud::{Markup, html};

use crate::model::Time;
use crate::model::device::Platform;
use crate::model::enrollment::EnrollmentId;
use crate::model::standing::Standing;
use crate::rules::access::Right;
use crate::views::address::{self as at, DeviceTab};
use crate::views::{Page, draw, layout, parts, words};

/// Rows of one page.
pub const ROWS: usize = 100;

/// One device in the list.
#[derive(Debug, Clone)]
pub struct DeviceRow {
    /// Its id.
    pub id: EnrollmentId,
    /// Its name.
    pub name: String,
    /// Family.
    pub platform: Platform,
    /// Marketing name.
    pub model_name: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
    /// OS version.
    pub os_version: Option<String>,
    /// How it stands.
    pub standing: Standing,
    /// When it last spoke.
    pub seen: Option<Time>,
}

/// The devices page. Query: `q` (text), `platform` and `state` (slugs), `after` (cursor).
#[derive(Debug, Clone)]
pub struct DevicesPage {
    /// At most [`ROWS`].
    pub rows: Vec<DeviceRow>,
    /// Devices there are at all.
    pub total: u64,
    /// Devices that match the filter.
    pub matching: u64,
    /// Text searched for.
    pub q: String,
    /// Family filtered by.
    pub platform: Option<Platform>,
    /// Standing filtered by.
    pub standing: Option<Standing>,
    /// Families with the number of devices that match the other filters.
    pub platforms: Vec<(Platform, u64)>,
    /// Standings with the number of devices that match the other filters.
    pub standings: Vec<(Standing, u64)>,
    /// This is not the first page.
    pub later: bool,
    /// Cursor of the next page.
    pub next: Option<String>,
}

impl DevicesPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let enroll = html! {
            @if page.may(Right::Enroll) {
                a.button.primary href=(at::ENROLLMENT_NEW) { (draw::icon("plus")) "Enroll a device" }
            }
        };
        if self.total == 0 {
            return layout::shell(
                page,
                "Devices",
                &[],
                html! {},
                parts::empty(
                    "laptop",
                    "No devices yet. Make an enrollment link and open it on an iPhone, iPad or Mac, or scan its QR code.",
                    enroll,
                ),
            );
        }
        layout::shell(
            page,
            "Devices",
            &[],
            enroll,
            html! {
                (self.search())
                (self.facets())
                @if self.rows.is_empty() {
                    (parts::empty("search", "No device matches.", html! {
                        a.button href=(at::DEVICES) { "Show all devices" }
                    }))
                } @else {
                    (self.table(page))
                    (parts::pager(
                        self.later.then(|| self.link(self.platform, self.standing, "")).as_deref(),
                        self.next.as_deref().map(|next| self.link(self.platform, self.standing, next)).as_deref(),
                    ))
                }
            },
        )
    }

    fn search(&self) -> Markup {
        html! {
            form.find role="search" aria-label="In this list" action=(at::DEVICES) method="get" {
                label for="q" { "Name, serial number or model" }
                div.row {
                    input #q type="search" name="q" value=(self.q) autocomplete="off" spellcheck="false" enterkeyhint="search" maxlength="100";
                    @if let Some(platform) = self.platform { input type="hidden" name="platform" value=(platform.slug()); }
                    @if let Some(standing) = self.standing { input type="hidden" name="state" value=(standing.slug()); }
                    button type="submit" { "Search" }
                }
            }
        }
    }

    fn facets(&self) -> Markup {
        html! {
            div.facetrow {
                nav.facets aria-label="Platform" {
                    ul {
                        (facet("All platforms", None, self.link(None, self.standing, ""), self.platform.is_none()))
                        @for (platform, count) in &self.platforms {
                            (facet(parts::family(*platform), Some(*count), self.link(Some(*platform), self.standing, ""),
                                self.platform == Some(*platform)))
                        }
                    }
                }
                nav.facets aria-label="State" {
                    ul {
                        (facet("Any state", None, self.link(self.platform, None, ""), self.standing.is_none()))
                        @for (standing, count) in &self.standings {
                            (facet(standing.label(), Some(*count), self.link(self.platform, Some(*standing), ""),
                                self.standing == Some(*standing)))
                        }
                    }
                }
            }
        }
    }

    fn table(&self, page: &Page) -> Markup {
        html! {
            table.list {
                caption {
                    @if self.matching == self.total { (words::count(self.total, "device", "devices")) }
                    @else { (words::number(self.matching)) " of " (words::count(self.total, "device", "devices")) }
                    @if self.later || self.next.is_some() { ", " (self.rows.len()) " on this page" }
                }
                thead { tr {
                    th scope="col" { "Name" }
                    th scope="col" { "Model" }
                    th scope="col" { "Serial number" }
                    th scope="col" { "OS" }
                    th scope="col" { "State" }
                    th scope="col" { "Last seen" }
                } }
                tbody { @for row in &self.rows {
                    tr {
                        th scope="row" { a href=(at::device(&row.id, DeviceTab::About)) { (draw::platform(row.platform)) (row.name) } }
                        td data-l="Model" { (parts::text_or(row.model_name.as_deref(), row.platform.label())) }
                        td.code data-l="Serial number" { (parts::text_or(row.serial.as_deref(), "none")) }
                        td data-l="OS" { (parts::text_or(row.os_version.as_deref(), "not told")) }
                        td data-l="State" { (parts::standing_chip(row.standing)) }
                        td data-l="Last seen" { (parts::when_or(page, row.seen, "never")) }
                    }
                } }
            }
        }
    }

    fn link(&self, platform: Option<Platform>, standing: Option<Standing>, after: &str) -> String {
        at::with_query(
            at::DEVICES,
            &[
                ("q", &self.q),
                ("platform", platform.map_or("", Platform::slug)),
                ("state", standing.map_or("", Standing::slug)),
                ("after", after),
            ],
        )
    }
}

fn facet(word: &str, count: Option<u64>, href: String, here: bool) -> Markup {
    html! {
        li { a href=(href) aria-current=[here.then_some("true")] {
            (word)
            @if let Some(count) = count { " " span.n { (words::number(count)) } }
        } }
    }
}
