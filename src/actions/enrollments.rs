//! Enrollment profiles go out here, and the lives of enrollments end here.

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::certificate::Purpose;
use crate::model::command::{Command, Errand, State};
use crate::model::due::Work;
use crate::model::edge::{Dice, roll, roll_uuid};
use crate::model::enrollment::{Enrollment, EnrollmentId, EscrowKind, PendingRenewal};
use crate::model::settings::IdentityUse;
use crate::model::site::Site;
use crate::model::ticket::{Challenge, Ticket};
use crate::rules::access::{Right, authorize};
use crate::rules::issue::CHALLENGE_SECS;
use crate::rules::renewal::CHALLENGE_SECS as CHALLENGE_OF_RENEWAL_SECS;
use crate::rules::{Refusal, enrollment as life};
use crate::store::{self, Broken, View, Write};
use crate::wire::Secret;
use crate::wire::cms::{self, Signing};
use crate::wire::enroll::EnrollmentProfile;
use crate::wire::key::{Digest, sha256};
use crate::wire::mdm::command::Request;
use crate::wire::x509::Cert;

use super::authority::Authority;
use super::{Failure, Tone, commands, note};

/// Random bytes of a challenge.
const CHALLENGE_BYTES: usize = 32;

/// An enrollment profile that was made, and the challenge in it, still unknown to the store.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The profile, unsigned XML: it holds the challenge.
    pub profile: Secret,
    /// SHA-256 of the challenge: all of it that is ever stored.
    pub hash: [u8; 32],
    /// What the challenge will be good for.
    pub challenge: Challenge,
}

/// Finds an enrollment link by the secret part of its address.
///
/// # Errors
/// `ticket.unknown` when there is none, `ticket.closed` when it was taken back, is too old or used up.
pub fn open_ticket(view: &impl View, token: &str, now: Time) -> Result<Ticket, Failure> {
    let ticket = store::tickets::by_token(view, &sha256(token.as_bytes()))?
        .ok_or_else(|| Refusal::missing("ticket.unknown", "There is no such enrollment link."))?;
    if !ticket.is_open(now) {
        let said = "This enrollment link does not work any more. Ask your administrator for a new one.";
        return Err(Refusal::conflict("ticket.closed", said).into());
    }
    Ok(ticket)
}

/// Makes the profile for one download of a link. Each download holds a challenge of its own, so a browser that
/// fetches twice and a trolley of iPads that fetch at once are both right; what nobody uses ends after an hour.
pub fn prepare_download(
    view: &impl View,
    token: &str,
    site: &Site,
    authority: &Authority,
    dice: &dyn Dice,
    now: Time,
) -> Result<Prepared, Failure> {
    let ticket = open_ticket(view, token, now)?;
    let purpose = Purpose::Portal { ticket: ticket.id, serial: ticket.serial };
    prepare(view, purpose, site, authority, dice, now)
}

/// Makes the challenge of a download good. The link is looked at again: it may have closed meanwhile.
pub fn download(w: &mut Write, token: &str, prepared: &Prepared, now: Time) -> Result<(), Failure> {
    open_ticket(w, token, now)?;
    Ok(store::tickets::put_challenge(w, &prepared.hash, &prepared.challenge)?)
}

/// Makes the profile that renews the identity of one enrollment.
pub fn prepare_renewal(
    view: &impl View,
    id: &EnrollmentId,
    site: &Site,
    authority: &Authority,
    dice: &dyn Dice,
    now: Time,
) -> Result<Prepared, Failure> {
    let mut prepared =
        prepare(view, Purpose::Renewal { enrollment: id.clone() }, site, authority, dice, now)?;
    // It waits in the queue until the device connects.
    prepared.challenge.expires = now.plus_secs(CHALLENGE_OF_RENEWAL_SECS);
    Ok(prepared)
}

impl Prepared {
    /// The profile as it shall be delivered, signed by the authority that devices trust from then on. Takes an RSA
    /// signature's time.
    pub fn signed(&self, authority: &Authority, now: Time) -> Secret {
        let how = Signing {
            signer: &authority.ca,
            key: &authority.key,
            chain: &[],
            digest: Digest::Sha256,
            time: Some(now.secs()),
            attributes: Vec::new(),
            detached: false,
        };
        Secret::new(cms::sign(self.profile.expose(), &how))
    }
}

/// Sends a device the profile that renews its identity. `file` is the prepared profile as it shall be delivered,
/// signed or not. The Authenticate that follows is told from a new enrollment by this very challenge.
pub fn renew(
    w: &mut Write,
    by: &Actor,
    id: &EnrollmentId,
    prepared: &Prepared,
    file: Secret,
    dice: &dyn Dice,
    now: Time,
) -> Result<Command, Failure> {
    authorize(by.role, Right::Operate)?;
    let command = send_renewal(w, &by.name, id, prepared, file, dice, now)?;
    note(w, &by.name, "enrolled", "Sent a new identity.".into(), id, Tone::Plain, now)?;
    Ok(command)
}

/// [`renew`] without asking for a right, and without telling.
pub(super) fn send_renewal(
    w: &mut Write,
    by: &str,
    id: &EnrollmentId,
    prepared: &Prepared,
    file: Secret,
    dice: &dyn Dice,
    now: Time,
) -> Result<Command, Failure> {
    let mut enrollment = enrolled(w, id)?;
    let tries = enrollment.renewal.map_or(0, |former| former.tries).saturating_add(1);
    enrollment.renewal = Some(PendingRenewal { challenge: prepared.hash, sent_at: now, tries });
    store::enrollments::put(w, &enrollment)?;
    store::tickets::put_challenge(w, &prepared.hash, &prepared.challenge)?;
    let request = Request::InstallProfile { payload: file };
    let command = commands::ask(w, by, id, &request, Errand::Renewal, dice, now)?;
    store::dues::raise(w, Work::Push, id, now)?;
    Ok(command)
}

/// Ends the management of a device from here: it may enroll again, and until then it is refused. Its row and its
/// secrets stay.
pub fn retire(w: &mut Write, by: &Actor, id: &EnrollmentId, now: Time) -> Result<(), Failure> {
    authorize(by.role, Right::RemoveDevice)?;
    let enrollment = store::enrollments::get(w, id)?
        .ok_or_else(|| Refusal::missing("enrollment.unknown", "There is no such device."))?;
    if enrollment.state == crate::model::enrollment::State::CheckedOut {
        return Ok(());
    }
    end(w, enrollment, now)?;
    Ok(note(w, &by.name, "checked-out", "Ended its management.".into(), id, Tone::Plain, now)?)
}

fn enrolled(view: &impl View, id: &EnrollmentId) -> Result<Enrollment, Failure> {
    store::enrollments::get(view, id)?
        .filter(Enrollment::is_enrolled)
        .ok_or_else(|| Refusal::conflict("enrollment.not_enrolled", "The device is not enrolled.").into())
}

fn prepare(
    view: &impl View,
    purpose: Purpose,
    site: &Site,
    authority: &Authority,
    dice: &dyn Dice,
    now: Time,
) -> Result<Prepared, Failure> {
    let settings = store::settings::get(view)?.unwrap_or_default();
    let topic = push_topic(view)?.ok_or_else(|| {
        let said = "This server has no push certificate yet, so it cannot enroll devices.";
        Refusal::conflict("push.missing", said)
    })?;
    let mut roots = vec![authority.ca.clone()];
    roots.extend(private_tls_root(view)?.filter(|root| root != &authority.ca));
    let text = hex::encode(roll::<CHALLENGE_BYTES>(dice));
    let mut server_capabilities = vec!["com.apple.mdm.bootstraptoken".to_owned()];
    if settings.policy.network_users {
        server_capabilities.push("com.apple.mdm.per-user-connections".into());
    }
    let profile = EnrollmentProfile {
        organization: settings.organization,
        identifier: settings.enrollment_identifier,
        uuids: std::array::from_fn(|_| roll_uuid(dice)),
        roots,
        topic,
        server_url: site.mdm_url(),
        scep_url: site.scep_url(),
        challenge: Secret::from(text.clone()),
        subject_common_name: roll_uuid(dice),
        ca: authority.ca.clone(),
        server_capabilities,
    };
    let challenge = Challenge { purpose, created: now, expires: now.plus_secs(CHALLENGE_SECS), used: None };
    Ok(Prepared { profile: profile.to_xml(), hash: sha256(text.as_bytes()), challenge })
}

/// The push topic of this server: the UID in its push certificate. None before one was imported.
pub fn push_topic(view: &impl View) -> Result<Option<String>, Broken> {
    let Some(identity) = store::settings::identity(view, IdentityUse::Push)? else { return Ok(None) };
    let cert = Cert::parse(&identity.certificate)
        .map_err(|m| Broken(format!("the push certificate cannot be read: {m}")))?;
    Ok(cert.uid())
}

/// The root of our own TLS certificate, when no public one vouches for it: the last of its chain if that one is
/// its own issuer.
fn private_tls_root(view: &impl View) -> Result<Option<Cert>, Broken> {
    let Some(identity) = store::settings::identity(view, IdentityUse::Tls)? else { return Ok(None) };
    let last = identity.chain.last().map_or(identity.certificate.as_slice(), |der| der.as_slice());
    let root = Cert::parse(last).map_err(|m| Broken(format!("the TLS certificate cannot be read: {m}")))?;
    Ok(root.is_issued_by(&root).then_some(root))
}

/// Forgets what belonged to the device's former life: its queue (an old erase must not hit the new life), what it
/// had installed, its bootstrap token, its users' channels. Escrowed secrets that the device may still need stay.
pub(super) fn clear_former_life(w: &mut Write, device: &EnrollmentId, now: Time) -> Result<(), Failure> {
    drop_queue(w, device, now)?;
    for mut user in store::enrollments::children(w, device)? {
        drop_queue(w, &user.id, now)?;
        store::enrollments::remove_push_info(w, &user.id)?;
        life::close_user(&mut user);
        store::enrollments::put(w, &user)?;
    }
    store::enrollments::remove_escrow(w, device, EscrowKind::BootstrapToken)?;
    forget_placements(w, device)?;
    store::devices::put_inventory(w, device, &Default::default())?;
    Ok(())
}

/// After a takeover nothing that was entrusted is used any more; it stays in the history for an administrator.
pub(super) fn set_secrets_aside(w: &mut Write, device: &EnrollmentId) -> Result<(), Broken> {
    store::enrollments::remove_escrow(w, device, EscrowKind::UnlockToken)
}

/// Ends an enrollment, and those of its users when it is a device. Pushes and commands stop; escrowed secrets and
/// rows stay.
pub(super) fn end(w: &mut Write, mut enrollment: Enrollment, now: Time) -> Result<(), Failure> {
    let id = enrollment.id.clone();
    drop_queue(w, &id, now)?;
    if !id.is_user() {
        for child in store::enrollments::children(w, &id)? {
            end(w, child, now)?;
        }
        forget_placements(w, &id)?;
        store::dues::cancel(w, Work::Renew, &id)?;
    }
    life::check_out(&mut enrollment, now);
    Ok(store::enrollments::put(w, &enrollment)?)
}

fn drop_queue(w: &mut Write, id: &EnrollmentId, now: Time) -> Result<(), Broken> {
    for mut command in store::commands::queue(w, id)? {
        command.state = State::Dropped;
        command.finished = Some(now);
        store::commands::put(w, &command)?;
    }
    for work in [Work::Push, Work::Release] {
        store::dues::cancel(w, work, id)?;
    }
    Ok(())
}

fn forget_placements(w: &mut Write, device: &EnrollmentId) -> Result<(), Broken> {
    for placement in store::profiles::placements_of_device(w, device)? {
        store::profiles::remove_placement(w, device, &placement.profile)?;
    }
    Ok(())
}
