//! What is asked of one device from its page: the question, then the deed. And a Mac's lock PIN.

use axum::response::Response;

use super::device::{head, id};
use crate::actions::devices::{self, Removed};
use crate::actions::orders::{self, Wish};
use crate::model::deed::Deed;
use crate::model::device::Platform;
use crate::views::address::{self as at, DeviceTab};
use crate::views::admin::deeds::{DeedPage, PinPage};
use crate::views::admin::device::DeviceHead;
use crate::views::form::Wrong;
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::wire::Secret;
use crate::wire::mdm::command::Request;

/// `GET /profilemanager/devices/{id}/{deed}`
async fn question(ask: Ask, deed: Deed) -> Result<Response, Fault> {
    let head = head(&ask, &ask.read()?)?;
    let content = DeedPage { head, deed, wrong: None, message: String::new(), phone: String::new() };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/devices/{id}/{deed}`: done, or asked again with what was wrong.
async fn deed(ask: Ask, deed: Deed) -> Result<Response, Fault> {
    let head = head(&ask, &ask.read()?)?;
    if let Some(why) = deed.obstacle(&head.facts()) {
        return Err(Fault {
            status: axum::http::StatusCode::CONFLICT,
            ..Fault::new("command.impossible", why)
        });
    }
    match order(&ask, &head, deed).await {
        Ok(()) => {
            let tab = if deed == Deed::Update { DeviceTab::About } else { DeviceTab::Commands };
            ask.done(&at::device(&head.device.id, tab), said(deed, &head))
        }
        Err(fault) if fault.code == "device.name" => {
            let wrong = Wrong { said: fault.said.clone(), field: Some("name".into()) };
            let content = DeedPage {
                head,
                deed,
                wrong: Some(wrong),
                message: ask.said.fields.text("message").to_owned(),
                phone: ask.said.fields.text("phone").to_owned(),
            };
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}

async fn order(ask: &Ask, head: &DeviceHead, deed: Deed) -> Result<(), Fault> {
    let fields = &ask.said.fields;
    let text = |name: &str| fields.some(name).map(|t| t.chars().take(500).collect::<String>());
    let mobile = matches!(head.device.platform, Platform::IPhone | Platform::IPad);
    let requests = match deed {
        Deed::Update => vec![
            Request::all_device_information(),
            Request::SecurityInfo,
            Request::ProfileList,
            Request::CertificateList,
            Request::InstalledApplicationList,
        ],
        Deed::Lock => {
            vec![Request::DeviceLock { pin: None, message: text("message"), phone_number: text("phone") }]
        }
        Deed::ClearPasscode => vec![Request::ClearPasscode { unlock_token: Secret::new(Vec::new()) }],
        Deed::Restart => vec![Request::RestartDevice { notify_user: None }],
        Deed::ShutDown => vec![Request::ShutDownDevice],
        Deed::Erase => vec![Request::EraseDevice {
            pin: None,
            preserve_data_plan: mobile.then(|| fields.ticked("keep_data_plan")),
            disallow_proximity_setup: mobile.then(|| fields.ticked("no_proximity_setup")),
            obliteration_behavior: None,
        }],
        Deed::Remove => return Err(Fault::new("command.impossible", "Removing is no command.")),
    };
    let (id, typed, dice) = (head.device.id.clone(), fields.text("name").to_owned(), ask.app.dice.clone());
    ask.act(move |w, by, now| {
        for request in requests {
            let wish = Wish { device: &id, user: None, request, confirm: Some(&typed) };
            orders::order(w, by, wish, dice.as_ref(), now)?;
        }
        Ok(())
    })
    .await
}

fn said(deed: Deed, head: &DeviceHead) -> String {
    let name = &head.device.name;
    match deed {
        Deed::Update => format!("{name} is asked what it is and what it has."),
        Deed::Lock if head.device.platform.needs_pin() => {
            format!("{name} locks as soon as it hears of it. Its PIN is kept here.")
        }
        Deed::Lock => format!("{name} locks as soon as it hears of it."),
        Deed::ClearPasscode => format!("The passcode of {name} is cleared as soon as it hears of it."),
        Deed::Restart => format!("{name} restarts as soon as it hears of it."),
        Deed::ShutDown => format!("{name} shuts down as soon as it hears of it."),
        Deed::Erase => {
            format!("{name} is erased as soon as it hears of it. Until then the command can be taken back.")
        }
        Deed::Remove => format!("{name} is asked to leave management."),
    }
}

/// `POST /profilemanager/devices/{id}/update`
pub(in crate::web) async fn update(ask: Ask) -> Result<Response, Fault> {
    deed(ask, Deed::Update).await
}

/// `GET /profilemanager/devices/{id}/lock`
pub(in crate::web) async fn ask_lock(ask: Ask) -> Result<Response, Fault> {
    question(ask, Deed::Lock).await
}

/// `POST /profilemanager/devices/{id}/lock`
pub(in crate::web) async fn lock(ask: Ask) -> Result<Response, Fault> {
    deed(ask, Deed::Lock).await
}

/// `GET /profilemanager/devices/{id}/clear-passcode`
pub(in crate::web) async fn ask_clear_passcode(ask: Ask) -> Result<Response, Fault> {
    question(ask, Deed::ClearPasscode).await
}

/// `POST /profilemanager/devices/{id}/clear-passcode`
pub(in crate::web) async fn clear_passcode(ask: Ask) -> Result<Response, Fault> {
    deed(ask, Deed::ClearPasscode).await
}

/// `GET /profilemanager/devices/{id}/restart`
pub(in crate::web) async fn ask_restart(ask: Ask) -> Result<Response, Fault> {
    question(ask, Deed::Restart).await
}

/// `POST /profilemanager/devices/{id}/restart`
pub(in crate::web) async fn restart(ask: Ask) -> Result<Response, Fault> {
    deed(ask, Deed::Restart).await
}

/// `GET /profilemanager/devices/{id}/shut-down`
pub(in crate::web) async fn ask_shut_down(ask: Ask) -> Result<Response, Fault> {
    question(ask, Deed::ShutDown).await
}

/// `POST /profilemanager/devices/{id}/shut-down`
pub(in crate::web) async fn shut_down(ask: Ask) -> Result<Response, Fault> {
    deed(ask, Deed::ShutDown).await
}

/// `GET /profilemanager/devices/{id}/erase`
pub(in crate::web) async fn ask_erase(ask: Ask) -> Result<Response, Fault> {
    question(ask, Deed::Erase).await
}

/// `POST /profilemanager/devices/{id}/erase`
pub(in crate::web) async fn erase(ask: Ask) -> Result<Response, Fault> {
    deed(ask, Deed::Erase).await
}

/// `GET /profilemanager/devices/{id}/remove`
pub(in crate::web) async fn ask_remove(ask: Ask) -> Result<Response, Fault> {
    question(ask, Deed::Remove).await
}

/// `POST /profilemanager/devices/{id}/remove`
pub(in crate::web) async fn remove(ask: Ask) -> Result<Response, Fault> {
    let (id, dice) = (id(&ask)?, ask.app.dice.clone());
    let name = devices::known(&ask.read()?, &id)?.name;
    let device = id.clone();
    let removed = ask.act(move |w, by, now| devices::remove(w, by, &device, dice.as_ref(), now)).await?;
    ask.app.memory.fleet.changed();
    match removed {
        Removed::Asked(_) => {
            let text =
                format!("{name} is asked to give its management up. Remove it once more when it has left.");
            ask.done(&at::device(&id, DeviceTab::Commands), text)
        }
        Removed::Forgotten => ask.done(at::DEVICES, format!("{name} is removed.")),
    }
}

/// `GET /profilemanager/devices/{id}/pin`
pub(in crate::web) async fn ask_pin(ask: Ask) -> Result<Response, Fault> {
    let content = PinPage { head: head(&ask, &ask.read()?)?, shown: None };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/devices/{id}/pin`
pub(in crate::web) async fn pin(ask: Ask) -> Result<Response, Fault> {
    let head = head(&ask, &ask.read()?)?;
    let id = head.device.id.clone();
    let pin = ask.act(move |w, by, now| devices::reveal_pin(w, by, &id, now)).await?;
    let shown = pin.secret.expose_str().map(|text| (text.to_owned(), pin.at));
    let content = PinPage { head, shown };
    ask.page(|page| content.render(page))
}
