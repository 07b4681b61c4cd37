//! Certificates by SCEP. The only function that lets one out is [`issue`], and it asks for the challenge itself.

use crate::model::Time;
use crate::model::certificate::{Certificate, Fingerprint, Purpose};
use crate::model::edge::{Dice, roll, roll_uuid};
use crate::model::ticket::{Challenge, Ticket, Used};
use crate::rules::Refusal;
use crate::rules::issue::{self, BACKDATE_SECS, Issue, VALID_DAYS};
use crate::store::{self, Broken, View, Write};
use crate::wire::x509::{Cert, Draft, DraftProfile};

use super::Failure;

/// A certificate request that arrived, as far as the decision needs it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// SHA-256 of the challenge.
    pub challenge: [u8; 32],
    /// SHA-256 of the subject public key info.
    pub key: [u8; 32],
    /// The certificate that signed a RenewalReq; none for a PKCSReq.
    pub renews: Option<Fingerprint>,
}

/// Decides from a snapshot, so that a request that will be refused costs no signature. [`issue`] decides again.
/// The certificate is there when the same key already got one.
pub fn look(view: &impl View, asked: &Asked, now: Time) -> Result<Option<Cert>, Failure> {
    match decide(view, asked, now)?.2 {
        Issue::New => Ok(None),
        Issue::Again(fingerprint) => made_before(view, &fingerprint).map(Some),
    }
}

/// Names and dates for the next certificate, from policy alone: nothing of a request gets in. The common name is
/// drawn here, because a name that a requester chose would be a claim.
pub fn draft(dice: &dyn Dice, organization: &str, now: Time) -> Draft {
    Draft {
        common_name: roll_uuid(dice),
        organization: (!organization.is_empty()).then(|| organization.to_owned()),
        uid: None,
        serial: roll(dice),
        not_before: now.plus_secs(-BACKDATE_SECS).secs(),
        not_after: now.plus_secs(VALID_DAYS * 86_400).secs(),
        profile: DraftProfile::DeviceIdentity,
    }
}

/// Lets `made` out for the challenge, or gives back the certificate that this key got for it before and drops
/// `made`. Consuming the challenge and issuing are this one transaction, however many ask at once.
pub fn issue(w: &mut Write, asked: &Asked, made: &Cert, now: Time) -> Result<Cert, Failure> {
    let (mut challenge, ticket, decision) = decide(w, asked, now)?;
    if let Issue::Again(fingerprint) = decision {
        return made_before(w, &fingerprint);
    }
    let certificate = Certificate {
        fingerprint: made.fingerprint(),
        der: made.der().to_vec(),
        purpose: challenge.purpose.clone(),
        challenge: asked.challenge,
        issued: now,
        not_after: Time::from_secs(made.not_after()),
        enrollment: None,
        revoked: None,
    };
    challenge.used = Some(Used { at: now, key: asked.key, certificate: certificate.fingerprint });
    store::certificates::put(w, &certificate)?;
    store::tickets::put_challenge(w, &asked.challenge, &challenge)?;
    if let Some(mut ticket) = ticket {
        ticket.uses = ticket.uses.saturating_add(1);
        store::tickets::put(w, &ticket)?;
    }
    Ok(made.clone())
}

fn decide(view: &impl View, asked: &Asked, now: Time) -> Result<(Challenge, Option<Ticket>, Issue), Failure> {
    let Some(challenge) = store::tickets::challenge(view, &asked.challenge)? else {
        return Err(Refusal::forbidden("scep.challenge", "There is no such challenge.").into());
    };
    let ticket = match &challenge.purpose {
        Purpose::Portal { ticket, .. } => store::tickets::get(view, ticket)?,
        _ => None,
    };
    if let Some(signer) = &asked.renews {
        may_renew(view, signer, &challenge.purpose, now)?;
    }
    let decision = issue::redeem(&challenge, ticket.as_ref(), &asked.key, now)?;
    Ok((challenge, ticket, decision))
}

/// A RenewalReq proves a second thing beside its challenge: the certificate that is to be renewed.
fn may_renew(view: &impl View, signer: &Fingerprint, purpose: &Purpose, now: Time) -> Result<(), Failure> {
    let signer = store::certificates::get(view, signer)?;
    let bound = signer.filter(|c| c.revoked.is_none() && now < c.not_after).and_then(|c| c.enrollment);
    let fits = match (purpose, &bound) {
        (_, None) => false,
        (Purpose::Renewal { enrollment }, Some(bound)) => enrollment == bound,
        (_, Some(_)) => true,
    };
    if fits {
        return Ok(());
    }
    Err(Refusal::forbidden("scep.renewal", "The certificate to be renewed is not one of an enrolled device.")
        .into())
}

fn made_before(view: &impl View, fingerprint: &Fingerprint) -> Result<Cert, Failure> {
    let row = store::certificates::get(view, fingerprint)?
        .ok_or_else(|| Broken("a used challenge names a certificate that is not there".into()))?;
    Cert::parse(&row.der).map_err(|m| Broken(format!("an issued certificate cannot be read: {m}")).into())
}
