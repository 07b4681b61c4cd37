//! How far a profile got on each device.

use maud::{Markup, html};

use super::profile::ProfileHead;
use crate::model::Time;
use crate::model::device::Platform;
use crate::model::enrollment::EnrollmentId;
use crate::model::profile::Delivery;
use crate::rules::access::Right;
use crate::views::address::{self as at, DeviceTab, ProfileTab};
use crate::views::{Page, draw, parts, words};

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
