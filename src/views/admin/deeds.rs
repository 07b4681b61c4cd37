//! The pages that ask before something is done to a device, and the page of a Mac's lock PIN.

use maud::{Markup, html};

use super::device::DeviceHead;
use crate::model::Time;
use crate::model::deed::Deed;
use crate::model::device::Platform;
use crate::views::address::{self as at, DeviceTab};
use crate::views::confirm::{Confirm, typed_name};
use crate::views::form::{self, Input, Wrong};
use crate::views::{Link, Page, layout, parts};

/// The question before a deed. Fields of the form: for [`Deed::Lock`] `message` and `phone`, both optional; for
/// [`Deed::Erase`] `name` (compare with `model::device::same_name`), and the ticks `keep_data_plan` and
/// `no_proximity_setup` where the device knows them.
#[derive(Debug, Clone)]
pub struct DeedPage {
    /// The device.
    pub head: DeviceHead,
    /// What is to be done; never [`Deed::Update`], which asks nothing.
    pub deed: Deed,
    /// What was wrong with the previous try.
    pub wrong: Option<Wrong>,
    /// `message` of the previous try.
    pub message: String,
    /// `phone` of the previous try.
    pub phone: String,
}

impl DeedPage {
    /// The page: the question, or the reason why the deed is not possible.
    pub fn render(&self, page: &Page) -> Markup {
        let device = &self.head.device;
        let name = &device.name;
        let back = at::device(&device.id, DeviceTab::About);
        let trail = vec![
            Link { label: "Devices".into(), href: at::DEVICES.into() },
            Link { label: name.clone(), href: back.clone() },
        ];
        if let Some(why) = self.deed.obstacle(&self.head.facts()) {
            let title = format!("{} is not possible", self.deed.label());
            return layout::shell(
                page,
                &title,
                &trail,
                html! {},
                html! {
                    section.card.narrow { p.lead { (why) } p { a.button href=(back) { "Back to the device" } } }
                },
            );
        }
        let (question, lead, points) = self.words();
        Confirm {
            title: question,
            trail,
            lead,
            points,
            action: at::deed(&device.id, self.deed),
            hidden: Vec::new(),
            yes: match self.deed {
                Deed::Erase => format!("Erase {}", device.platform.label()),
                deed => deed.label().to_owned(),
            },
            danger: matches!(self.deed, Deed::Erase | Deed::Remove),
            cancel: back,
            wrong: self.wrong.clone(),
        }
        .render_with(
            page,
            html! {
                (identity(page, &self.head))
                @match self.deed {
                    Deed::Lock => { (self.lock_fields()) }
                    Deed::Erase => { (self.erase_fields()) }
                    _ => {}
                }
            },
        )
    }

    fn words(&self) -> (String, String, Vec<String>) {
        let name = &self.head.device.name;
        let mac = self.head.device.platform == Platform::Mac;
        let text = |s: &str| s.to_owned();
        match self.deed {
            Deed::Update => {
                (format!("Update {name}?"), text("The device is asked what it is and what it has."), vec![])
            }
            Deed::Lock if mac => (
                format!("Lock {name}?"),
                text("The Mac restarts and stays locked until someone types a six-digit PIN."),
                vec![
                    text("The PIN is made now and kept sealed on this server."),
                    text(
                        "Read it later on the device’s page under Security, Show lock PIN. Reading it is recorded.",
                    ),
                    text("Work that is not saved on the Mac is lost."),
                ],
            ),
            Deed::Lock => (
                format!("Lock {name}?"),
                text("The screen locks at once. Whoever knows the passcode can unlock it."),
                vec![text("Without a passcode on the device, a swipe is enough to open it.")],
            ),
            Deed::ClearPasscode => (
                format!("Clear the passcode of {name}?"),
                text("The passcode is removed, and whoever holds the device can use it."),
                vec![text(
                    "If a profile requires a passcode, the user has 60 minutes to set a new one that meets it.",
                )],
            ),
            Deed::Restart => (
                format!("Restart {name}?"),
                text("The device restarts as soon as it hears of it."),
                vec![text("Whoever uses it is interrupted.")],
            ),
            Deed::ShutDown => (
                format!("Shut down {name}?"),
                text("The device shuts down as soon as it hears of it."),
                vec![text("Someone must switch it on by hand before it can be managed again.")],
            ),
            Deed::Erase => {
                let mut points = vec![
                    text("Everything on it is erased. This cannot be undone."),
                    text("It leaves management and cannot be found or locked from here afterwards."),
                    text("It can be taken back only until the device fetches the command."),
                ];
                if mac {
                    points.push(text(
                        "A six-digit PIN is made and kept; an older Mac asks for it after the erase.",
                    ));
                }
                (
                    format!("Erase {name}?"),
                    text("Use this when the device is lost, or leaves the organization."),
                    points,
                )
            }
            Deed::Remove => (
                format!("Remove {name}?"),
                text(
                    "The device is released from management, and what this server installed is taken off it.",
                ),
                vec![
                    text("Personal data stays on the device."),
                    text(
                        "Its row, its commands and its kept secrets (unlock token, lock PIN) are forgotten here.",
                    ),
                    text("To manage it again, it must be enrolled again."),
                ],
            ),
        }
    }

    fn lock_fields(&self) -> Markup {
        let wrong = self.wrong.as_ref();
        html! {
            @if self.head.device.platform != Platform::Watch && self.head.device.platform != Platform::Vision {
                (Input { value: &self.message, required: false, hint: "Shown on the lock screen.", ..Input::new("message", "Message") }.row(wrong))
                (Input { value: &self.phone, required: false, kind: "tel", inputmode: Some("tel"), maxlength: Some(40),
                    hint: "Shown with the message, so that a finder can call.", ..Input::new("phone", "Phone number") }.row(wrong))
            }
        }
    }

    fn erase_fields(&self) -> Markup {
        let mobile = matches!(self.head.device.platform, Platform::IPhone | Platform::IPad);
        html! {
            @if mobile {
                (form::tick("keep_data_plan", "Keep the mobile data plan", "Leaves an eSIM on the device.", false))
                (form::tick("no_proximity_setup", "Skip Quick Start", "The next setup does not offer to copy from a device nearby.", false))
            }
            (typed_name("name", &self.head.device.name, self.wrong.as_ref()))
        }
    }
}

fn identity(page: &Page, head: &DeviceHead) -> Markup {
    let device = &head.device;
    parts::facts(&[
        ("Device", html! { (device.name) }),
        ("Model", html! { (parts::text_or(device.model_name.as_deref(), device.platform.label())) }),
        ("Serial number", html! { code { (parts::text_or(device.serial.as_deref(), "not told")) } }),
        ("Last seen", parts::when_or(page, head.seen, "never")),
    ])
}

/// The lock PIN of a Mac: first the question (a GET changes nothing, and reading is recorded), then the PIN.
#[derive(Debug, Clone)]
pub struct PinPage {
    /// The device.
    pub head: DeviceHead,
    /// The PIN and when it was made, in the answer to the form; none while asking.
    pub shown: Option<(String, Time)>,
}

impl PinPage {
    /// The page. The answer that holds the PIN must say `cache-control: no-store`.
    pub fn render(&self, page: &Page) -> Markup {
        let device = &self.head.device;
        let back = at::device(&device.id, DeviceTab::About);
        let trail = vec![
            Link { label: "Devices".into(), href: at::DEVICES.into() },
            Link { label: device.name.clone(), href: back.clone() },
        ];
        let Some((pin, made)) = &self.shown else {
            return Confirm {
                title: format!("Show the lock PIN of {}?", device.name),
                trail,
                lead: "Whoever knows the PIN can unlock this Mac.".into(),
                points: vec!["That you read it is recorded in the activity list.".into()],
                action: at::pin(&device.id),
                hidden: Vec::new(),
                yes: "Show lock PIN".into(),
                danger: false,
                cancel: back,
                wrong: None,
            }
            .render(page);
        };
        layout::shell(
            page,
            "Lock PIN",
            &trail,
            html! {},
            html! {
                section.card.narrow {
                    p { "Type this PIN on " strong { (device.name) } " to unlock it." }
                    p.secret { code { (pin) } }
                    p.muted { "Made " (parts::when_full(page, *made)) }
                    p { a.button href=(back) { "Back to the device" } }
                }
            },
        )
    }
}
