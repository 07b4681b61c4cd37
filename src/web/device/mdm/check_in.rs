//! Check-ins, from the signature to the reply.

use axum::body::Bytes;
use axum::http::HeaderMap;

use super::refuse::{adopts, refuse, settle};
use super::{Outside, seen};
use crate::actions::check_in::{self, Caller, Reply};
use crate::actions::{Failure, enrollments};
use crate::model::Time;
use crate::web::app::App;
use crate::web::device::desk::Desk;
use crate::web::device::reply::{DeviceReply, Trace};
use crate::web::device::verified::{self, Verified};
use crate::wire::mdm::checkin::{CheckIn, Message};

/// Longest name of an unknown message in the log, in characters.
const LONGEST_NAME: usize = 64;

/// What was established before anything is written.
enum Step {
    Answered(Reply),
    Write(Caller),
}

pub(super) async fn take(
    app: &App,
    desk: &Desk,
    headers: HeaderMap,
    body: Bytes,
    now: Time,
    trace: &mut Trace,
) -> Result<DeviceReply, DeviceReply> {
    let outside = Outside::of(&body);
    let at_hand = body.clone();
    let read = desk.read(&at_hand, move || verified::check_in(&headers, body)).await?;
    drop(at_hand);
    let message = read.map_err(|m| outside.unreadable(trace, "check-in", &m))?;
    trace.kind = name_of(&message.said().message).chars().take(LONGEST_NAME).collect();
    let id = check_in::channel_id(&message.said().channel).map_err(|f| settle(app, trace, f))?;
    trace.device = Some(id.clone());
    let signer = message.signer().clone();
    let mut step = consider(app, &message, now);
    if adopts(app, &step, &signer, &id, now).await {
        step = consider(app, &message, now);
    }
    let outcome = match step {
        Ok(Step::Answered(reply)) => Ok(reply),
        Ok(Step::Write(caller)) => {
            let dice = app.dice.clone();
            let (said, _) = message.into_parts();
            app.store.write(move |w| check_in::receive(w, &caller, &said, dice.as_ref(), now)).await
        }
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(reply) => {
            seen(app, &id, now);
            Ok(match reply {
                Reply::Empty => DeviceReply::Empty,
                Reply::Plist(body) => DeviceReply::Plist(body),
                Reply::NotManaged => DeviceReply::NotManaged,
                Reply::NoDeclaration => DeviceReply::NotFound,
            })
        }
        Err(failure) => Err(refuse(app, trace, failure, &signer, &id, now).await),
    }
}

fn consider(app: &App, message: &Verified<CheckIn>, now: Time) -> Result<Step, Failure> {
    let view = app.store.read()?;
    let caller = Caller {
        fingerprint: message.signer().fingerprint(),
        account: None,
        topic: match message.said().message {
            Message::TokenUpdate(_) => enrollments::push_topic(&view)?,
            _ => None,
        },
    };
    Ok(match check_in::answer(&view, &caller, message.said(), now)? {
        Some(reply) => Step::Answered(reply),
        None => Step::Write(caller),
    })
}

fn name_of(message: &Message) -> &str {
    match message {
        Message::Authenticate(_) => "Authenticate",
        Message::TokenUpdate(_) => "TokenUpdate",
        Message::CheckOut => "CheckOut",
        Message::SetBootstrapToken { .. } => "SetBootstrapToken",
        Message::GetBootstrapToken => "GetBootstrapToken",
        Message::GetToken { .. } => "GetToken",
        Message::UserAuthenticate { .. } => "UserAuthenticate",
        Message::DeclarativeManagement { .. } => "DeclarativeManagement",
        Message::ReturnToService => "ReturnToService",
        Message::Unknown(name) => name,
    }
}
