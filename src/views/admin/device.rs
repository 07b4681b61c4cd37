//! One device: its head, its tabs, and what can be asked of it.

use maud::{Markup, html};

use super::activity::{self, ActivityRow};
use crate::model::Time;
use crate::model::account::Role;
use crate::model::deed::{Deed, Facts};
use crate::model::device::Device;
use crate::model::due::PushOutcome;
use crate::model::enrollment::Enrollment;
use crate::model::standing::Standing;
use crate::rules::access::{Right, allowed};
use crate::views::address::{self as at, DeviceTab};
use crate::views::{Link, Page, draw, draw::icon, form, layout, parts, words};

/// What every tab of a device shows on top.
#[derive(Debug, Clone)]
pub struct DeviceHead {
    /// What it told of itself.
    pub device: Device,
    /// Its device channel.
    pub enrollment: Enrollment,
    /// How it stands.
    pub standing: Standing,
    /// When it last spoke.
    pub seen: Option<Time>,
    /// Commands that wait for it.
    pub waiting: u64,
    /// Commands and profiles that failed on it.
    pub failed: u64,
    /// It entrusted us its unlock token.
    pub unlock_token: bool,
    /// It entrusted us its bootstrap token.
    pub bootstrap_token: bool,
    /// When the lock PIN kept for it was made.
    pub pin_at: Option<Time>,
    /// How the latest push went.
    pub push: Option<PushOutcome>,
}

impl DeviceHead {
    /// What decides which deeds make sense.
    pub fn facts(&self) -> Facts {
        Facts {
            platform: self.device.platform,
            kind: self.enrollment.kind,
            state: self.enrollment.state,
            supervised: self.device.supervised,
            unlock_token: self.unlock_token,
        }
    }

    /// State in one or two sentences.
    pub fn sentence(&self, now: Time) -> String {
        let spoke = match self.seen {
            Some(at) => format!("Checked in {}.", words::relative(at, now)),
            None => "It has not checked in yet.".to_owned(),
        };
        let more = match self.standing {
            Standing::UpToDate => "Nothing is waiting.".to_owned(),
            Standing::Pending => format!("{} waiting.", are(self.waiting, "command")),
            Standing::Attention => format!("{} failed.", words::count(self.failed, "thing", "things")),
            Standing::Unreachable => {
                "Apple says that it can no longer be notified; it may still call by itself.".to_owned()
            }
            Standing::Enrolling => "It has not finished enrolling.".to_owned(),
            Standing::Left => "It is no longer managed.".to_owned(),
        };
        format!("{spoke} {more}")
    }

    /// The frame of every tab.
    pub fn frame(&self, page: &Page, tab: DeviceTab, content: Markup) -> Markup {
        let id = &self.device.id;
        let link = |t| at::device(id, t);
        layout::shell(
            page,
            &self.device.name,
            &[Link { label: "Devices".into(), href: at::DEVICES.into() }],
            self.actions(page),
            html! {
                p.state { (draw::platform(self.device.platform)) (parts::standing_chip(self.standing)) " " (self.sentence(page.now)) }
                (parts::tabs("Device", &[
                    ("About", link(DeviceTab::About), tab == DeviceTab::About),
                    ("Profiles", link(DeviceTab::Profiles), tab == DeviceTab::Profiles),
                    ("Commands", link(DeviceTab::Commands), tab == DeviceTab::Commands),
                    ("Activity", link(DeviceTab::Activity), tab == DeviceTab::Activity),
                ]))
                (content)
            },
        )
    }

    fn actions(&self, page: &Page) -> Markup {
        let facts = self.facts();
        let role = page.me.as_ref().map_or(Role::Auditor, |me| me.role);
        let offered: Vec<Deed> = Deed::ALL
            .into_iter()
            .filter(|d| *d != Deed::Update && allowed(role, right(*d)) && d.obstacle(&facts).is_none())
            .collect();
        html! {
            @if allowed(role, Right::Operate) && Deed::Update.obstacle(&facts).is_none() {
                (form::one_button(page, &at::deed(&self.device.id, Deed::Update), "", &[], html! { (icon("refresh-cw")) "Update information" }))
            }
            @if !offered.is_empty() {
                details.menu {
                    summary.button { "Actions" }
                    div.panel {
                        @let (safe, dangerous): (Vec<Deed>, Vec<Deed>) = offered.iter().partition(|d| !dangerous(**d));
                        @if !safe.is_empty() { ul { @for deed in &safe { (self.action(*deed)) } } }
                        @if !safe.is_empty() && !dangerous.is_empty() { hr; }
                        @if !dangerous.is_empty() { ul { @for deed in &dangerous { (self.action(*deed)) } } }
                    }
                }
            }
        }
    }

    fn action(&self, deed: Deed) -> Markup {
        html! {
            li { a class=[dangerous(deed).then_some("danger")] href=(at::deed(&self.device.id, deed)) { (icon(glyph(deed))) (deed.label()) "…" } }
        }
    }

    /// Deeds that are not offered, each with the reason.
    pub(crate) fn refused(&self, page: &Page) -> Vec<(Deed, &'static str)> {
        let role = page.me.as_ref().map_or(Role::Auditor, |me| me.role);
        let facts = self.facts();
        Deed::ALL
            .into_iter()
            .filter(|d| allowed(role, right(*d)))
            .filter_map(|d| d.obstacle(&facts).map(|why| (d, why)))
            .collect()
    }
}

/// The right that a deed needs.
pub fn right(deed: Deed) -> Right {
    match deed {
        Deed::Update | Deed::Restart | Deed::ShutDown => Right::Operate,
        Deed::Lock | Deed::ClearPasscode => Right::Lock,
        Deed::Erase => Right::Erase,
        Deed::Remove => Right::RemoveDevice,
    }
}

fn dangerous(deed: Deed) -> bool {
    matches!(deed, Deed::Erase | Deed::Remove)
}

fn glyph(deed: Deed) -> &'static str {
    match deed {
        Deed::Update => "refresh-cw",
        Deed::Lock => "lock",
        Deed::ClearPasscode => "key-round",
        Deed::Restart => "rotate-cw",
        Deed::ShutDown => "power",
        Deed::Erase => "eraser",
        Deed::Remove => "user-minus",
    }
}

fn are(n: u64, noun: &str) -> String {
    format!("{} {}", words::count(n, noun, &format!("{noun}s")), if n == 1 { "is" } else { "are" })
}

/// What happened to one device. Query: `after` (cursor).
#[derive(Debug, Clone)]
pub struct DeviceActivity {
    /// Top of the page.
    pub head: DeviceHead,
    /// Newest first.
    pub rows: Vec<ActivityRow>,
    /// This is not the first page.
    pub later: bool,
    /// Cursor of the next page.
    pub next: Option<String>,
}

impl DeviceActivity {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let here = at::device(&self.head.device.id, DeviceTab::Activity);
        self.head.frame(page, DeviceTab::Activity, html! {
            @if self.rows.is_empty() {
                (parts::empty("activity", "Nothing has happened to this device yet.", html! {}))
            } @else {
                section.card { h2.vh { "Activity" } (activity::list(page, &self.rows)) }
                (parts::pager(self.later.then_some(here.as_str()),
                    self.next.as_deref().map(|next| at::with_query(&here, &[("after", next)])).as_deref()))
            }
        })
    }
}
