//! Help that needs no network: how to begin, what the words mean, what each code means.

use maud::{Markup, html};

use crate::model::profile::Delivery;
use crate::model::standing::Standing;
use crate::views::{Page, address as at, layout, parts};

/// What a code means.
#[derive(Debug, Clone)]
pub struct CodeHelp {
    /// The code.
    pub code: String,
    /// What happened and what it means.
    pub meaning: String,
    /// What to do.
    pub next: String,
}

/// The help.
#[derive(Debug, Clone)]
pub struct HelpPage {
    /// Every code this server can show, in order.
    pub codes: Vec<CodeHelp>,
}

impl HelpPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        layout::shell(
            page,
            "Help",
            &[],
            html! {},
            html! {
                section.card.prose {
                    h2 { "How to begin" }
                    ol {
                        li { "Import the push certificate, so that devices can be told that something waits for them." }
                        li { a href=(at::ENROLLMENT) { "Make an enrollment link" } " and open it on the device, or scan its QR code." }
                        li { a href=(at::PROFILES) { "Make a profile" } ": tick what it shall set, fill in the short forms, choose who gets it, review and publish. Or import a .mobileconfig." }
                        li { "Open a " a href=(at::DEVICES) { "device" } " to lock it, clear its passcode or erase it." }
                    }
                }
                section.card.prose {
                    h2 { "Profiles" }
                    ul {
                        li { "Whatever you change becomes a draft first. Nobody’s device hears of it before you review and publish it. A draft is one for all administrators: who else is there is shown, and where two change the same setting, the second is asked." }
                        li { "The review says in plain words what the profile does, what differs from the published revision, who gets it, and which devices would ignore a setting and why." }
                        li { "Each publishing is a revision that is never changed. Compare any two, and put an old one back, in the profile’s history." }
                        li { "A profile sets what you set, and nothing else. What is not set is not sent." }
                        li { "Passwords and keys are stored sealed and not shown again: replace them, or leave them. They are in the files you download." }
                        li { "A variable, as in " code { "%SerialNumber%" } ", is filled in for each device. The page of a device’s owner lists them all with their values; a profile’s preview shows what a device would get." }
                        li { "Search the " a href=(at::CATALOG) { "settings catalog" } " for anything Apple documents: for which systems it exists, and whether your devices will obey." }
                        li { "A profile can be sent to devices, offered to people at " code { (at::MY_DEVICES) } ", or handed on as a file." }
                    }
                }
                section.card {
                    h2 { "States of a profile on a device" }
                    dl.facts.words { @for (state, meaning) in deliveries() { div { dt { (parts::delivery_chip(state)) } dd { (meaning) } } } }
                }
                section.card {
                    h2 { "States of a device" }
                    dl.facts.words { @for (standing, meaning) in standings() { div { dt { (parts::standing_chip(standing)) } dd { (meaning) } } } }
                }
                @if !self.codes.is_empty() {
                    section.card {
                        h2 { "Codes" }
                        dl.facts.codes { @for c in &self.codes { div id=(c.code) {
                            dt { code { (c.code) } }
                            dd { p { (c.meaning) } p.muted { (c.next) } }
                        } } }
                    }
                }
            },
        )
    }
}

fn deliveries() -> [(Delivery, &'static str); 9] {
    [
        (Delivery::Waiting, "The command is ready; the device has not connected yet."),
        (Delivery::Sent, "The device fetched the command and has not answered."),
        (Delivery::Busy, "The device said “not now”, most often because it is locked. It is offered again."),
        (Delivery::Installed, "The device says that it installed the profile."),
        (Delivery::Confirmed, "A later list of the device’s profiles shows this very revision."),
        (Delivery::Failed, "The device refused; what it said is shown beside it."),
        (Delivery::RemovedByUser, "It was installed, and a later list no longer shows it."),
        (Delivery::NoAnswer, "The device fetched the command several times and never answered."),
        (Delivery::Removing, "The device has been asked to take it off."),
    ]
}

fn standings() -> [(Standing, &'static str); 6] {
    [
        (Standing::UpToDate, "Managed; nothing waits and nothing failed."),
        (Standing::Pending, "A command or profile is on its way."),
        (Standing::Attention, "A command or profile failed. Open the device to see which."),
        (
            Standing::Unreachable,
            "Apple says that the device can no longer be notified. It may still call by itself; else enroll it again.",
        ),
        (Standing::Enrolling, "It began to enroll and has not finished."),
        (Standing::Left, "It left management. Remove it, or enroll it again."),
    ]
}
