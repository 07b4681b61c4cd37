//! One command: what was asked, what the device answered, when.

use maud::{Markup, html};

use crate::model::command::{Command, State};
use crate::views::address::{self as at, DeviceTab};
use crate::views::{Link, Page, Tone, confirm, draw::icon, form, layout, parts, words};

/// The page of one command.
#[derive(Debug, Clone)]
pub struct CommandPage {
    /// The command.
    pub command: Command,
    /// Name of its device.
    pub device_name: String,
    /// The request as XML, its secrets replaced.
    pub request: Option<String>,
    /// The answer as XML, its secrets replaced.
    pub answer: Option<String>,
    /// The person may take it back.
    pub may_cancel: bool,
}

impl CommandPage {
    /// The page.
    pub fn render(&self, page: &Page) -> Markup {
        let c = &self.command;
        let device = c.enrollment.device();
        let trail = [
            Link { label: "Devices".into(), href: at::DEVICES.into() },
            Link { label: self.device_name.clone(), href: at::device(&device, DeviceTab::About) },
            Link { label: "Commands".into(), href: at::device(&device, DeviceTab::Commands) },
        ];
        // Once a device fetched a command it may carry it out, so only what still waits can be taken back.
        let open = self.may_cancel && matches!(c.state, State::Queued | State::NotNow);
        let cancel = html! {
            @if open {
                (form::one_button(page, &at::command_cancel(&c.enrollment, &c.uuid), "", &[], html! { (icon("circle-x")) "Cancel command" }))
            }
        };
        layout::shell(
            page,
            &c.request_type,
            &trail,
            cancel,
            html! {
                p.state { (parts::command_chip(c.state)) " " (sentence(c.state)) }
                section.card { h2 { "Times" } (parts::facts(&times(page, c))) }
                @if !c.errors.is_empty() {
                    section.card {
                        h2 { "What the device said" }
                        ol.errors { @for error in &c.errors {
                            li { p { (error.text) } p.muted { code { (error.domain) " " (error.code) } } }
                        } }
                    }
                }
                @if let Some(why) = &c.not_understood {
                    (confirm::notice(Tone::Warn, &format!("The answer was kept but could not be read: {why}")))
                }
                section.card {
                    h2 { "Request" }
                    @match &self.request {
                        Some(xml) => { p.muted { "Secrets are replaced by “redacted”." } (parts::source("Request", xml)) }
                        None => p.muted { "The request is no longer kept." },
                    }
                }
                section.card {
                    h2 { "Answer" }
                    @match &self.answer {
                        Some(xml) => { (parts::source("Answer", xml)) }
                        None => p.muted { "The device has not answered." },
                    }
                }
            },
        )
    }
}

fn sentence(state: State) -> &'static str {
    match state {
        State::Queued => "The device fetches it when it next connects.",
        State::Sent => "The device fetched it and has not answered yet.",
        State::NotNow => "The device is locked or busy and will be offered it again.",
        State::NoAnswer => {
            "The device fetched it several times and never answered, so it is no longer offered."
        }
        State::Acknowledged => "The device did it.",
        State::Error => "The device tried and failed.",
        State::FormatError => "The device does not know such a command.",
        State::Canceled => "It was taken back before the device answered.",
        State::Dropped => "It was dropped because the device enrolled anew.",
    }
}

fn times(page: &Page, c: &Command) -> Vec<(&'static str, Markup)> {
    let mut rows = vec![("Asked", html! { (parts::when_full(page, c.created)) " by " (c.by) })];
    if let Some(sent) = c.sent_at {
        rows.push((
            "Handed out",
            html! {
                (parts::when_full(page, sent))
                @if c.offers > 1 { " · " (c.offers) " times without an answer" }
            },
        ));
    }
    if let (Some(first), Some(last)) = (c.not_now_first, c.not_now_last) {
        rows.push(("Not now", html! {
            (words::count(u64::from(c.not_now_count), "time", "times")) ", first " (parts::when(page, first)) ", last " (parts::when(page, last))
        }));
    }
    rows.push(("Answered", html! {
        @match c.finished { Some(at) => { (parts::when_full(page, at)) } None => span.muted { "not yet" } }
    }));
    rows.push(("Command", html! { code { (c.uuid) } }));
    if c.enrollment.is_user() {
        rows.push(("Channel", html! { code { (c.enrollment) } }));
    }
    rows
}
