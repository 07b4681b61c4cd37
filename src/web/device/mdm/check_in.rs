//! Check-ins, from the signature to the reply.

use super::refuse::{adopts, refuse};
use super::{Call, channel, seen};
use crate::actions::check_in::{self, Caller, Reply};
use crate::actions::{Failure, enrollments};
use crate::model::Time;
use crate::web::app::App;
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

pub(super) async fn take(call: Call<'_>, trace: &mut Trace) -> Result<DeviceReply, DeviceReply> {
    let (app, now) = (call.app, call.now);
    let message = call.read("check-in", trace, verified::check_in).await?;
    trace.kind = name_of(&message.said().message).chars().take(LONGEST_NAME).collect();
    let id = channel(app, trace, &message.said().channel)?;
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
