//! One command: what was asked and answered; taking it back.

use axum::response::Response;

use super::device::id;
use crate::actions::{commands, orders};
use crate::model::command::Command;
use crate::rules::access::Right;
use crate::store;
use crate::views::address as at;
use crate::views::admin::commands::CommandPage;
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::wire::Secret;
use crate::wire::mdm::command::redacted;
use crate::wire::plist::{Limits, Value, parse_dictionary, to_xml};

/// The command that the path names: of this very device or of one of its users.
fn named(ask: &Ask) -> Result<Command, Fault> {
    let device = id(ask)?;
    let command = orders::known(&ask.read()?, ask.part("uuid"))?;
    if command.enrollment.device() != device.device() {
        return Err(Fault {
            status: axum::http::StatusCode::NOT_FOUND,
            ..Fault::new("command.unknown", "There is no such command.")
        });
    }
    Ok(command)
}

/// `GET /profilemanager/devices/{id}/commands/{uuid}`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let command = named(&ask)?;
    let view = ask.read()?;
    let device = command.enrollment.device();
    let name = store::devices::get(&view, &device)?.map_or_else(|| device.to_string(), |d| d.name);
    let request = commands::request(&view, &command)?;
    let answer = store::commands::report(&view, &command.enrollment, &command.uuid)?;
    let content = CommandPage {
        device_name: name,
        request: request.as_ref().map(for_eyes),
        answer: answer.as_ref().map(for_eyes),
        may_cancel: ask.may(right_to_cancel(&command)),
        command,
    };
    ask.page(|page| content.render(page))
}

/// A message as XML without its secrets.
pub(in crate::web) fn for_eyes(raw: &Secret) -> String {
    match parse_dictionary(raw.expose(), Limits::DEVICE) {
        Ok(dictionary) => {
            let xml = to_xml(&Value::Dictionary(redacted(&dictionary)));
            String::from_utf8(xml).unwrap_or_else(|_| "This message is not text.".into())
        }
        Err(malformed) => format!("This message cannot be read: {}.", malformed.reason),
    }
}

fn right_to_cancel(command: &Command) -> Right {
    match command.request_type.as_str() {
        "EraseDevice" => Right::Erase,
        "DeviceLock" | "ClearPasscode" => Right::Lock,
        "InstallProfile" | "RemoveProfile" => Right::EditProfiles,
        _ => Right::Operate,
    }
}

/// `POST /profilemanager/devices/{id}/commands/{uuid}/cancel`
pub(in crate::web) async fn cancel(ask: Ask) -> Result<Response, Fault> {
    let command = named(&ask)?;
    let (enrollment, uuid) = (command.enrollment.clone(), command.uuid.clone());
    let canceled = ask.act(move |w, by, now| orders::cancel(w, by, &uuid, now)).await?;
    let text = match command.sent_at {
        None => format!("{} was taken back.", canceled.request_type),
        Some(_) => format!(
            "{} was taken back. The device had fetched it and may have done it.",
            canceled.request_type
        ),
    };
    ask.done(&at::command(&enrollment, &canceled.uuid), text)
}
