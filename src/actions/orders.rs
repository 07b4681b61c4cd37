//! Commands as people and programs order them: the typed name before an erase, and who may order what.

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::command::Command;
use crate::model::device::{Device, same_name};
use crate::model::edge::Dice;
use crate::model::enrollment::EnrollmentId;
use crate::rules::Refusal;
use crate::rules::access::Right;
use crate::store::{self, View, Write};
use crate::wire::Secret;
use crate::wire::api::Order;
use crate::wire::mdm::command::Request;

use super::Failure;
use super::permission::require;
use super::{commands, devices};

/// Turns an order of our API into Apple's request. Nothing is decided here but whether it can be read.
pub fn request(order: Order) -> Result<Request, Refusal> {
    let hidden = |pin: Option<crate::wire::api::Hidden>| pin.map(|p| Secret::from(p.expose().to_owned()));
    Ok(match order {
        Order::DeviceInformation { queries } if queries.is_empty() => Request::all_device_information(),
        Order::DeviceInformation { queries } => Request::DeviceInformation { queries },
        Order::SecurityInfo => Request::SecurityInfo,
        Order::ProfileList => Request::ProfileList,
        Order::CertificateList => Request::CertificateList,
        Order::InstalledApplicationList => Request::InstalledApplicationList,
        Order::InstallProfile { payload } => {
            Request::InstallProfile { payload: Secret::new(base64(&payload)?) }
        }
        Order::RemoveProfile { identifier } => Request::RemoveProfile { identifier },
        Order::DeviceLock { pin, message, phone_number } => {
            Request::DeviceLock { pin: hidden(pin), message, phone_number }
        }
        Order::ClearPasscode => Request::ClearPasscode { unlock_token: Secret::new(Vec::new()) },
        Order::EraseDevice { pin, preserve_data_plan, disallow_proximity_setup, obliteration_behavior } => {
            Request::EraseDevice {
                pin: hidden(pin),
                preserve_data_plan,
                disallow_proximity_setup,
                obliteration_behavior,
            }
        }
        Order::RestartDevice { notify_user } => Request::RestartDevice { notify_user },
        Order::ShutDownDevice => Request::ShutDownDevice,
        Order::Raw { plist } => Request::from_plist(&base64(&plist)?).map_err(|malformed| {
            Refusal::invalid("command.unreadable", format!("This is no command: {}.", malformed.reason))
        })?,
    })
}

/// A command to order.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    /// The device.
    pub device: &'a EnrollmentId,
    /// Short name or id of one of its users; none for the device itself.
    pub user: Option<&'a str>,
    /// The command.
    pub request: Request,
    /// The device's name as it was typed: an erase, however it is written, needs it.
    pub confirm: Option<&'a str>,
}

/// Orders a command for a device, or for a user channel of it.
pub fn order(
    w: &mut Write,
    by: &Actor,
    wish: Wish<'_>,
    dice: &dyn Dice,
    now: Time,
) -> Result<Command, Failure> {
    let Wish { device, user, request, confirm } = wish;
    require(w, by, right(&request), now)?;
    let known = devices::known(w, device)?;
    if request.request_type() == "EraseDevice" {
        confirm_name(&known, confirm)?;
    }
    if matches!(request, Request::Raw(_)) {
        require(w, by, Right::SendRaw, now)?;
    }
    let channel = match user {
        None => device.clone(),
        Some(user) => user_channel(w, device, user)?,
    };
    commands::enqueue(w, by, &channel, request, dice, now)
}

/// Takes a command back.
pub fn cancel(w: &mut Write, by: &Actor, uuid: &str, now: Time) -> Result<Command, Failure> {
    require(w, by, Right::SeeInventory, now)?;
    let command = known(w, uuid)?;
    commands::cancel(w, by, &command.enrollment, &command.uuid, now)
}

/// The command with this UUID, however its letters are written.
pub fn known(view: &impl View, uuid: &str) -> Result<Command, Failure> {
    Ok(store::commands::find(view, &uuid.to_uppercase())?
        .ok_or_else(|| Refusal::missing("command.unknown", "There is no such command."))?)
}

/// Whether the name typed is the device's. Capitals, curly quotes and spaces do not matter.
pub fn confirm_name(device: &Device, typed: Option<&str>) -> Result<(), Refusal> {
    let typed = typed.unwrap_or_default();
    if same_name(typed, &device.name) {
        return Ok(());
    }
    let said = if typed.trim().is_empty() {
        format!("Erasing cannot be undone. Type the device's name to confirm: {}", device.name)
    } else {
        format!("That is not the device's name. Type exactly this to confirm: {}", device.name)
    };
    Err(Refusal::conflict("device.name", said))
}

/// What a request needs, as its main right; `commands::enqueue` knows the rest.
fn right(request: &Request) -> Right {
    match request.request_type() {
        "EraseDevice" => Right::Erase,
        "DeviceLock" | "ClearPasscode" => Right::Lock,
        "InstallProfile" | "RemoveProfile" => Right::EditProfiles,
        _ => Right::Operate,
    }
}

fn user_channel(view: &impl View, device: &EnrollmentId, user: &str) -> Result<EnrollmentId, Failure> {
    let channels = store::enrollments::children(view, device)?;
    let wanted = |c: &&crate::model::enrollment::Enrollment| {
        c.id.as_str() == user
            || c.user_short_name.as_deref().is_some_and(|short| short.eq_ignore_ascii_case(user))
    };
    let found = channels
        .iter()
        .find(wanted)
        .ok_or_else(|| Refusal::missing("device.user", "This device has no managed user of that name."))?;
    Ok(found.id.clone())
}

fn base64(text: &str) -> Result<Vec<u8>, Refusal> {
    use ::base64::Engine as _;
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    ::base64::engine::general_purpose::STANDARD
        .decode(bare)
        .map_err(|_| Refusal::invalid("command.base64", "The property list is not valid base64."))
}
