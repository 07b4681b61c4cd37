//! The server's own first facts and its TLS certificate.

use crate::model::Time;
use crate::model::activity::Activity;
use crate::model::edge::{Dice, roll, roll_uuid};
use crate::model::settings::{Identity, IdentityUse, Settings};
use crate::rules::credentials;
use crate::store::{self, Broken, Store, View, Write};
use crate::wire::key::PrivateKey;
use crate::wire::x509::{self, Cert, Draft, DraftProfile};

use super::authority::Authority;
use super::{Failure, pomona};

/// Life of our own TLS certificate. Apple's systems refuse server certificates of private authorities that live
/// longer than 825 days, and those of public ones beyond 398 (Apple, *Requirements for trusted certificates*).
const TLS_SECS: i64 = 397 * 86_400;
/// A TLS certificate with less than this left is made anew.
const TLS_RENEW_SECS: i64 = 30 * 86_400;
/// Devices' clocks may run behind ours.
const BACKDATE_SECS: i64 = 86_400;

/// At the first start: puts the settings, with an identifier for enrollment profiles that stays for the server's
/// life. Later the settings win over `organization`, unless they name none; `network_users` is always taken over.
pub fn settle(
    w: &mut Write,
    organization: &str,
    network_users: bool,
    dice: &dyn Dice,
    now: Time,
) -> Result<Settings, Failure> {
    let known = store::settings::get(w)?;
    let mut settings = known.clone().unwrap_or(Settings { created: now, ..Settings::default() });
    if settings.organization.is_empty() {
        settings.organization = organization.to_owned();
    }
    if settings.enrollment_identifier.is_empty() {
        settings.enrollment_identifier = format!("pomona.{}.enrollment", roll_uuid(dice).to_lowercase());
    }
    settings.policy.network_users = network_users;
    if known.as_ref() == Some(&settings) {
        return Ok(settings);
    }
    store::settings::put(w, &settings)?;
    Ok(settings)
}

/// A fresh setup code, to be kept with [`super::accounts::renew_setup_code`].
pub fn fresh_setup_code(dice: &dyn Dice) -> String {
    credentials::setup_code(&roll(dice))
}

/// Writes down something the server noticed by itself.
pub fn note(w: &mut Write, kind: &str, text: String, alert: bool, now: Time) -> Result<(), Broken> {
    let activity =
        Activity { seq: 0, at: now, by: pomona().name, kind: kind.into(), text, device: None, alert };
    store::activities::add(w, activity).map(|_| ())
}

/// Our own TLS certificate for `hosts`, P-256, issued by the device CA: the stored one while it fits, else a new
/// one. Blocks: not for async code.
pub fn tls_identity(
    store: &Store,
    authority: &Authority,
    hosts: &[String],
    dice: &dyn Dice,
    now: Time,
) -> Result<(Vec<Cert>, PrivateKey), Failure> {
    if let Some(present) = stored_tls(&store.read()?, authority, hosts, now)? {
        return Ok(present);
    }
    let key = PrivateKey::generate_p256();
    let draft = Draft {
        common_name: hosts.first().cloned().unwrap_or_default(),
        organization: None,
        uid: None,
        serial: roll(dice),
        not_before: now.plus_secs(-BACKDATE_SECS).secs(),
        not_after: now.plus_secs(TLS_SECS).secs(),
        profile: DraftProfile::Server { hosts: hosts.to_vec() },
    };
    let cert = x509::issue(&draft, &key.public_der(), Some(&authority.ca), &authority.key)
        .map_err(|m| Broken(format!("the TLS certificate cannot be made: {m}")))?;
    let identity = Identity {
        key: key.to_pkcs8(),
        certificate: cert.der().to_vec(),
        chain: vec![serde_bytes::ByteBuf::from(authority.ca.der().to_vec())],
        since: now,
    };
    store.write_blocking(move |w| store::settings::put_identity(w, IdentityUse::Tls, &identity))?;
    Ok((vec![cert, authority.ca.clone()], key))
}

fn stored_tls(
    view: &impl View,
    authority: &Authority,
    hosts: &[String],
    now: Time,
) -> Result<Option<(Vec<Cert>, PrivateKey)>, Failure> {
    let Some(identity) = store::settings::identity(view, IdentityUse::Tls)? else { return Ok(None) };
    let (Ok(cert), Ok(key)) =
        (Cert::parse(&identity.certificate), PrivateKey::from_pkcs8(identity.key.expose()))
    else {
        return Ok(None);
    };
    let named = cert.hosts();
    let fits = cert.is_issued_by(&authority.ca)
        && hosts.iter().all(|host| named.contains(host))
        && cert.not_after() - now.secs() > TLS_RENEW_SECS;
    Ok(fits.then(|| (vec![cert, authority.ca.clone()], key)))
}
