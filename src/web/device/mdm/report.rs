//! Command reports, from the signature to the next command.

use super::refuse::{adopts, refuse};
use super::{Call, channel, seen};
use crate::actions::connect::{self, Handed, Said};
use crate::actions::{Failure, check_in, identity};
use crate::model::Time;
use crate::model::command::DeviceError;
use crate::web::app::App;
use crate::web::device::desk::Desk;
use crate::web::device::reply::{DeviceReply, Trace};
use crate::web::device::verified::{self, Verified};
use crate::wire::mdm::command;
use crate::wire::mdm::report::{Report, Status};
use crate::wire::{Malformed, Secret};

/// Requests larger than this are put into their message on a thread for work, in bytes.
const LARGE_REQUEST: usize = 32 << 10;

/// What was established before anything is written.
enum Step {
    Nothing,
    Write(Said),
}

pub(super) async fn take(call: Call<'_>, trace: &mut Trace) -> Result<DeviceReply, DeviceReply> {
    let (app, desk, now) = (call.app, call.desk, call.now);
    let at = app.clone();
    let read = call.read("report", trace, move |headers, body| {
        let message = verified::report(headers, body)?;
        let step = consider(&at, &message, now);
        Ok((message, step))
    });
    let (message, mut step) = read.await?;
    trace.kind = format!("{:?}", message.said().status);
    trace.answered.clone_from(&message.said().command_uuid);
    let id = channel(app, trace, &message.said().channel)?;
    let signer = message.signer().clone();
    if adopts(app, &step, &signer, &id, now).await {
        step = consider(app, &message, now);
    }
    let handed = match step {
        Ok(Step::Nothing) => Ok(None),
        Ok(Step::Write(mut said)) => {
            let dice = app.dice.clone();
            let fingerprint = signer.fingerprint();
            said.raw = Secret::new(message.into_parts().1);
            app.store.write(move |w| connect::report(w, &fingerprint, said, dice.as_ref(), now)).await
        }
        Err(failure) => Err(failure),
    };
    match handed {
        Ok(None) => {
            seen(app, &id, now);
            Ok(DeviceReply::Empty)
        }
        Ok(Some(handed)) => {
            seen(app, &id, now);
            trace.handed = Some((handed.uuid.clone(), handed.request_type.clone()));
            hand_over(desk, handed).await
        }
        Err(failure) => Err(refuse(app, trace, failure, &signer, &id, now).await),
    }
}

/// Reads what the report answers, and ends here when an Idle finds nothing waiting: that costs no write.
fn consider(app: &App, message: &Verified<Report>, now: Time) -> Result<Step, Failure> {
    let report = message.said();
    let channel = check_in::channel_id(&report.channel)?;
    let view = app.store.read()?;
    if report.status == Status::Idle {
        if connect::is_quiet(&view, &message.signer().fingerprint(), &channel, now)? {
            return Ok(Step::Nothing);
        }
    } else {
        identity::standing(&view, &message.signer().fingerprint(), &channel.device(), now)?;
    }
    let errors = report.errors.iter().map(|e| DeviceError {
        code: e.code,
        domain: e.domain.clone(),
        text: e.text.clone(),
    });
    Ok(Step::Write(Said {
        understood: connect::understand(&view, &channel, report)?,
        status: report.status,
        command: report.command_uuid.clone(),
        errors: errors.collect(),
        raw: Secret::new(Vec::new()),
        channel,
    }))
}

async fn hand_over(desk: &Desk, handed: Handed) -> Result<DeviceReply, DeviceReply> {
    let size = handed.body.size();
    let put = move || Ok::<_, Malformed>(command::envelope(&handed.uuid, &handed.body.dictionary()?));
    let message = if size > LARGE_REQUEST { desk.work(put).await? } else { put() };
    message.map(DeviceReply::Plist).map_err(|m| {
        tracing::error!(target: "mdm", "a queued command cannot be read: {m}");
        DeviceReply::Failed
    })
}
