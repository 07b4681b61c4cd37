//! Push.

use axum::response::Response;
use base64::Engine as _;

use super::moment;
use crate::actions::push_certificate;
use crate::model::Time;
use crate::model::due::Work;
use crate::store;
use crate::web::admin::push::{run_test, take_up};
use crate::web::ask::Ask;
use crate::web::page::days_left;
use crate::web::problem::Fault;
use crate::wire::Secret;
use crate::wire::api::{Hidden, NewPushCertificate, PushStatus, PushTest};

fn status(ask: &Ask) -> Result<PushStatus, Fault> {
    let view = ask.read()?;
    let present = push_certificate::present(&view)?;
    let certificate = present.as_ref().map(|(certificate, _)| certificate);
    Ok(PushStatus {
        configured: present.is_some(),
        topic: certificate.and_then(|c| c.uid()),
        subject: certificate.map(|c| c.subject()),
        serial: certificate.map(|c| c.serial_hex()),
        expires: certificate.map(|c| moment(Time::from_secs(c.not_after()))),
        days_left: certificate.map(|c| days_left(c.not_after(), ask.now)),
        imported: present.as_ref().map(|(_, since)| moment(*since)),
        waiting: store::dues::count(&view, Work::Push)?,
        enrolled: store::enrollments::enrolled_count(&view)?,
    })
}

/// `GET /api/v1/push`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    ask.answer(status(&ask)?)
}

/// `POST /api/v1/push/certificate`
pub(in crate::web) async fn import(ask: Ask) -> Result<Response, Fault> {
    let wish: NewPushCertificate = ask.json()?;
    let bare: String = wish.file.expose().chars().filter(|c| !c.is_whitespace()).collect();
    let file = base64::engine::general_purpose::STANDARD
        .decode(bare)
        .map_err(|_| Fault::new("api.body", "“file” is not valid base64."))?;
    let secret = |text: Option<Hidden>| text.map(|t| Secret::from(t.expose().to_owned()));
    take_up(&ask, Secret::new(file), secret(wish.key), secret(wish.passphrase), wish.confirm_topic).await?;
    ask.answer(status(&ask)?)
}

/// `POST /api/v1/push/test`
pub(in crate::web) async fn test(ask: Ask) -> Result<Response, Fault> {
    let checks = run_test(&ask).await?;
    ask.answer(PushTest { checks })
}
