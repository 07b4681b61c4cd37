//! The certificate that signs profiles.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::moment;
use crate::actions::signing::{self, Draft};
use crate::model::Time;
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::wire::Secret;
use crate::wire::api::{Hidden, NewSigningCertificate, SigningCertificate, SigningInfo};

fn info(ask: &Ask) -> Result<SigningInfo, Fault> {
    let certificate = signing::present(&ask.read()?)?.map(|signer| SigningCertificate {
        own: signer.own,
        subject: signer.certificate.subject(),
        sha256: hex::encode(signer.certificate.fingerprint()),
        expires: moment(Time::from_secs(signer.certificate.not_after())),
        since: moment(signer.since),
        chain: signer.chain.iter().map(|certificate| certificate.subject()).collect(),
    });
    Ok(SigningInfo { certificate })
}

/// `GET /api/v1/signing`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    ask.answer(info(&ask)?)
}

/// `POST /api/v1/signing/certificate`
pub(in crate::web) async fn import(ask: Ask) -> Result<Response, Fault> {
    let wish: NewSigningCertificate = ask.json()?;
    let bare: String = wish.file.expose().chars().filter(|c| !c.is_whitespace()).collect();
    let file = STANDARD.decode(bare).map_err(|_| Fault::new("api.body", "“file” is not valid base64."))?;
    let secret = |text: Option<Hidden>| text.map(|t| Secret::from(t.expose().to_owned()));
    let (file, key, passphrase, now) =
        (Secret::new(file), secret(wish.key), secret(wish.passphrase), ask.now);
    // A passphrase is stretched.
    let read =
        tokio::task::spawn_blocking(move || Draft::read(&file, key.as_ref(), passphrase.as_ref(), now));
    let draft = read.await.map_err(|_| Fault::panicked())??;
    ask.act(move |w, by, now| signing::import(w, by, &draft, now)).await?;
    ask.answer(info(&ask)?)
}
