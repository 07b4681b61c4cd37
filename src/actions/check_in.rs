//! Check-in: a device enrolls, renews itself, tells how it can be rung, entrusts secrets, says goodbye.

use crate::model::Time;
use crate::model::certificate::Fingerprint;
use crate::model::device::Device;
use crate::model::due::Work;
use crate::model::edge::Dice;
use crate::model::enrollment::{Enrollment, EnrollmentId, Escrow, EscrowKind, Kind, PushInfo, State};
use crate::rules::enrollment::{self as life, Arrival};
use crate::rules::issue::{Admission, Claim, Known, Standing, may_authenticate};
use crate::rules::{Refusal, results};
use crate::store::{self, Broken, View, Write};
use crate::wire::mdm::checkin::{self, Authenticate, CheckIn, Message, TokenUpdate};
use crate::wire::mdm::{Channel, ChannelKind};
use crate::wire::{Malformed, Secret};

use super::{DEVICE, Failure, Tone, enrollments, identity, note, reconcile, renewal, setup};

/// Who sent a check-in, as the edge established it.
#[derive(Debug, Clone)]
pub struct Caller {
    /// SHA-256 of the certificate that signed the message.
    pub fingerprint: Fingerprint,
    /// The account of the bearer token, when there was a known one.
    pub account: Option<String>,
    /// The push topic of this server; none while it has no push certificate.
    pub topic: Option<String>,
}

/// What a check-in is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Done: 200 without a body.
    Empty,
    /// A property list.
    Plist(Vec<u8>),
    /// This user is not managed (410); only ever said to `UserAuthenticate`.
    NotManaged,
    /// There is no such declaration (404).
    NoDeclaration,
}

/// The channel of a message as an id of ours.
pub fn channel_id(channel: &Channel) -> Result<EnrollmentId, Failure> {
    EnrollmentId::parse(&channel.id).map_err(|m| malformed(&m))
}

fn malformed(m: &Malformed) -> Failure {
    Refusal::invalid("check-in.malformed", m.to_string()).into()
}

/// Answers the messages that change nothing, from a snapshot; none for those that do ([`receive`]).
pub fn answer(view: &impl View, by: &Caller, said: &CheckIn, now: Time) -> Result<Option<Reply>, Failure> {
    let id = channel_id(&said.channel)?;
    let standing = || identity::standing(view, &by.fingerprint, &id.device(), now);
    let reply = match &said.message {
        Message::Authenticate(_)
        | Message::TokenUpdate(_)
        | Message::CheckOut
        | Message::SetBootstrapToken { .. } => return Ok(None),
        Message::GetBootstrapToken => {
            let token = match standing()? {
                Standing::Full => store::enrollments::escrow(view, &id.device(), EscrowKind::BootstrapToken)?,
                Standing::RenewOnly => None,
            };
            token.map_or(Reply::Empty, |t| Reply::Plist(checkin::bootstrap_reply(&t.secret)))
        }
        Message::UserAuthenticate { .. } => {
            standing()?;
            let policy = store::settings::get(view)?.map(|s| s.policy).unwrap_or_default();
            if policy.network_users { Reply::Empty } else { Reply::NotManaged }
        }
        Message::DeclarativeManagement { .. } => {
            standing()?;
            Reply::NoDeclaration
        }
        // A device that comes back from an erase is nobody we know, and the answer is the same for all.
        Message::ReturnToService => Reply::Plist(checkin::return_to_service_refusal()),
        Message::GetToken { service } => {
            standing()?;
            let said = format!("This server gives no tokens for {service:?}.");
            return Err(Refusal::invalid("check-in.token_service", said).into());
        }
        Message::Unknown(kind) => {
            let said = format!("This server does not know the message {kind:?}.");
            return Err(Refusal::invalid("check-in.unknown_message", said).into());
        }
    };
    Ok(Some(reply))
}

/// Takes a check-in that changes something.
pub fn receive(
    w: &mut Write,
    by: &Caller,
    said: &CheckIn,
    dice: &dyn Dice,
    now: Time,
) -> Result<Reply, Failure> {
    let id = channel_id(&said.channel)?;
    match &said.message {
        Message::Authenticate(authenticate_) => authenticate(w, by, &said.channel, id, authenticate_, now)?,
        Message::TokenUpdate(update) if id.is_user() => {
            user_token_update(w, by, &said.channel, id, update, dice, now)?;
        }
        Message::TokenUpdate(update) => token_update(w, by, id, update, dice, now)?,
        Message::CheckOut => check_out(w, by, &id, now)?,
        Message::SetBootstrapToken { token, .. } => {
            set_bootstrap_token(w, by, &id.device(), token.as_ref(), now)?
        }
        _ => return Ok(answer(w, by, said, now)?.unwrap_or(Reply::Empty)),
    }
    Ok(Reply::Empty)
}

fn authenticate(
    w: &mut Write,
    by: &Caller,
    channel: &Channel,
    id: EnrollmentId,
    said: &Authenticate,
    now: Time,
) -> Result<(), Failure> {
    let kind = match channel.kind {
        ChannelKind::Device => Kind::Device,
        ChannelKind::UserEnrollment => Kind::UserEnrollment,
        ChannelKind::User | ChannelKind::UserEnrollmentUser => {
            return Err(
                Refusal::invalid("check-in.channel", "A user channel begins with a TokenUpdate.").into()
            );
        }
    };
    let known = store::enrollments::get(w, &id)?;
    let device = store::devices::get(w, &id)?;
    let certificate = store::certificates::get(w, &by.fingerprint)?;
    let claim = Claim {
        kind,
        id: id.as_str(),
        udid: said.udid.as_deref(),
        serial: said.serial.as_deref(),
        account: by.account.as_deref(),
    };
    let known_as = known
        .as_ref()
        .map(|enrollment| Known { enrollment, serial: device.as_ref().and_then(|d| d.serial.as_deref()) });
    let admission = may_authenticate(certificate.as_ref(), &claim, known_as, now)?;
    // `may_authenticate` lets nothing in without a row.
    let Some(mut certificate) = certificate else { return Ok(()) };
    let arrival = life::arrival(known.as_ref(), &certificate);
    if arrival == Arrival::Anew {
        enrollments::clear_former_life(w, &id, now)?;
    }
    if admission == Admission::Takeover {
        enrollments::set_secrets_aside(w, &id)?;
        let text = "Enrolled again with a new certificate while it was enrolled. \
                    If nobody removed its profile, somebody may be posing as this device.";
        note(w, DEVICE, "alert", text.to_owned(), &id, Tone::Alert, now)?;
    }
    if certificate.enrollment.as_ref() != Some(&id) {
        certificate.enrollment = Some(id.clone());
        store::certificates::put(w, &certificate)?;
    }
    let begun = life::begin(known, id.clone(), kind, &certificate, arrival, now);
    store::enrollments::put(w, &begun)?;
    renewal::plan(w, &id, kind, certificate.not_after, now)?;
    let before = device.unwrap_or_else(|| Device::unknown(id.clone()));
    let mut device = before.clone();
    results::introduce(&mut device, said);
    if arrival != Arrival::Renewal {
        device.erased_at = None;
    }
    store::devices::put(w, &device)?;
    reconcile::values_changed(w, &before, &device, now)?;
    if arrival == Arrival::Renewal {
        let text = "Renewed its identity certificate.".to_owned();
        note(w, DEVICE, "enrolled", text, &id, Tone::Plain, now)?;
    }
    Ok(())
}

fn token_update(
    w: &mut Write,
    by: &Caller,
    id: EnrollmentId,
    said: &TokenUpdate,
    dice: &dyn Dice,
    now: Time,
) -> Result<(), Failure> {
    identity::standing(w, &by.fingerprint, &id, now)?;
    let mut enrollment = known(w, &id)?;
    let was_awaiting = enrollment.awaiting;
    let completed = life::token_update(&mut enrollment, said.awaiting, now);
    if completed.was_anew {
        enrollments::clear_former_life(w, &id, now)?;
    }
    store::enrollments::put(w, &enrollment)?;
    put_push_info(w, by, &id, said, now)?;
    if let Some(token) = &said.unlock_token {
        keep_secret(w, &id, EscrowKind::UnlockToken, token, now)?;
    }
    if said.awaiting && (completed.first || !was_awaiting) {
        setup::hold(w, &id, now)?;
    }
    if completed.first {
        let name = store::devices::get(w, &id)?.map_or_else(|| id.to_string(), |d| d.name);
        note(w, DEVICE, "enrolled", format!("{name} enrolled."), &id, Tone::Plain, now)?;
        // Profiles before questions: Setup Assistant shall not end before they are there.
        reconcile::device(w, &id, dice, now)?;
        setup::begin(w, &id, dice, now)?;
    } else if store::commands::has_queue(w, &id)? {
        store::dues::raise(w, Work::Push, &id, now)?;
    }
    Ok(())
}

fn user_token_update(
    w: &mut Write,
    by: &Caller,
    channel: &Channel,
    id: EnrollmentId,
    said: &TokenUpdate,
    dice: &dyn Dice,
    now: Time,
) -> Result<(), Failure> {
    identity::standing(w, &by.fingerprint, &id.device(), now)?;
    if !known(w, &id.device())?.is_enrolled() {
        let said = "A user channel opens after its device enrolled.";
        return Err(Refusal::conflict("enrollment.not_enrolled", said).into());
    }
    let mut user = store::enrollments::get(w, &id)?.unwrap_or_else(|| life::begin_user(id.clone(), now));
    user.user_short_name = channel.user_short_name.clone().or(user.user_short_name);
    user.user_long_name = channel.user_long_name.clone().or(user.user_long_name);
    let was_awaiting = user.awaiting;
    let completed = life::token_update(&mut user, said.awaiting, now);
    store::enrollments::put(w, &user)?;
    put_push_info(w, by, &id, said, now)?;
    if completed.first {
        let name = user.user_short_name.clone().unwrap_or_else(|| id.to_string());
        note(
            w,
            DEVICE,
            "enrolled",
            format!("{name} signed in; the channel is open."),
            &id,
            Tone::Plain,
            now,
        )?;
    }
    if said.awaiting && (completed.first || !was_awaiting) {
        setup::hold(w, &id, now)?;
        setup::release(w, &user, dice, now)?;
    }
    if store::commands::has_queue(w, &id)? {
        store::dues::raise(w, Work::Push, &id, now)?;
    }
    Ok(())
}

/// Each channel has its own token: a user's in the place of the device's would silence the device.
fn put_push_info(
    w: &mut Write,
    by: &Caller,
    id: &EnrollmentId,
    said: &TokenUpdate,
    now: Time,
) -> Result<(), Failure> {
    let info = PushInfo {
        topic: said.topic.clone(),
        token: said.token.clone(),
        magic: said.magic.clone(),
        updated: now,
    };
    let before = store::enrollments::push_info(w, id)?;
    let is_news = before.as_ref().is_none_or(|b| b.topic != info.topic);
    store::enrollments::put_push_info(w, id, &info)?;
    if let Some(mut outcome) = store::dues::push_outcome(w, id)?.filter(|o| o.unreachable) {
        outcome.unreachable = false;
        outcome.said = "The device sent a new push token.".into();
        store::dues::put_push_outcome(w, id, &outcome)?;
    }
    if is_news && by.topic.as_ref().is_some_and(|ours| ours != &info.topic) {
        let text = "Listens to another push topic than this server's: pushes will not reach it.".to_owned();
        note(w, DEVICE, "alert", text, id, Tone::Alert, now)?;
    }
    Ok(())
}

fn check_out(w: &mut Write, by: &Caller, id: &EnrollmentId, now: Time) -> Result<(), Failure> {
    match identity::standing(w, &by.fingerprint, &id.device(), now) {
        // Said twice: the first one was heard.
        Err(Failure::Refused(refusal)) if refusal.code == "enrollment.checked_out" => return Ok(()),
        other => other?,
    };
    let Some(enrollment) = store::enrollments::get(w, id)? else { return Ok(()) };
    if enrollment.state == State::CheckedOut {
        return Ok(());
    }
    enrollments::end(w, enrollment, now)?;
    let text =
        if id.is_user() { "The user's channel closed." } else { "Checked out: its management was removed." };
    Ok(note(w, DEVICE, "checked-out", text.to_owned(), id, Tone::Plain, now)?)
}

fn set_bootstrap_token(
    w: &mut Write,
    by: &Caller,
    device: &EnrollmentId,
    token: Option<&Secret>,
    now: Time,
) -> Result<(), Failure> {
    identity::standing(w, &by.fingerprint, device, now)?;
    match token.filter(|t| !t.is_empty()) {
        Some(token) => Ok(keep_secret(w, device, EscrowKind::BootstrapToken, token, now)?),
        None => Ok(store::enrollments::remove_escrow(w, device, EscrowKind::BootstrapToken)?),
    }
}

/// A repeated message must not fill the history with equal secrets.
fn keep_secret(
    w: &mut Write,
    id: &EnrollmentId,
    kind: EscrowKind,
    secret: &Secret,
    now: Time,
) -> Result<(), Broken> {
    if store::enrollments::escrow(w, id, kind)?.is_some_and(|e| &e.secret == secret) {
        return Ok(());
    }
    store::enrollments::put_escrow(w, id, kind, &Escrow { secret: secret.clone(), at: now })
}

fn known(view: &impl View, id: &EnrollmentId) -> Result<Enrollment, Failure> {
    store::enrollments::get(view, id)?
        .ok_or_else(|| Refusal::forbidden("enrollment.unknown", "No such device is enrolled.").into())
}
