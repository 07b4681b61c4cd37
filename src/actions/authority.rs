//! The device CA, which is also the SCEP registration authority: made once, at the first start.

use crate::model::Time;
use crate::model::edge::{Dice, roll};
use crate::model::settings::{Identity, IdentityUse};
use crate::store::{self, Broken, Store, View};
use crate::wire::key::PrivateKey;
use crate::wire::x509::{self, Cert, Draft, DraftProfile};

use super::Failure;

/// Bits of the CA's RSA key. SCEP clients encrypt to it, so it must be RSA (protocol reference d.3).
pub const KEY_BITS: u32 = 2048;
/// Validity of the CA certificate: 20 years. Devices cannot move to another CA without enrolling again.
pub const VALID_SECS: i64 = 20 * 365 * 86_400;

/// The device CA with its key.
#[derive(Debug, Clone)]
pub struct Authority {
    /// The self-signed certificate that devices trust and SCEP clients encrypt to.
    pub ca: Cert,
    /// Its RSA key.
    pub key: PrivateKey,
}

/// Reads the CA; none before the first start.
pub fn load(view: &impl View) -> Result<Option<Authority>, Failure> {
    let Some(identity) = store::settings::identity(view, IdentityUse::DeviceCa)? else { return Ok(None) };
    let unreadable = |m: crate::wire::Malformed| Broken(format!("the device CA cannot be read: {m}"));
    let ca = Cert::parse(&identity.certificate).map_err(unreadable)?;
    let key = PrivateKey::from_pkcs8(identity.key.expose()).map_err(unreadable)?;
    Ok(Some(Authority { ca, key }))
}

/// Loads the CA, or makes and keeps one at the first start. Making the key takes about a tenth of a second and
/// happens outside the writer; if two callers race, both get the one that was kept. Blocks: not for async code.
pub fn ensure(store: &Store, dice: &dyn Dice, organization: &str, now: Time) -> Result<Authority, Failure> {
    if let Some(authority) = load(&store.read()?)? {
        return Ok(authority);
    }
    let made = make(dice, organization, now)?;
    let identity = Identity {
        key: made.key.to_pkcs8(),
        certificate: made.ca.der().to_vec(),
        chain: Vec::new(),
        since: now,
    };
    store.write_blocking(move |w| {
        if let Some(authority) = load(w)? {
            return Ok(authority);
        }
        store::settings::put_identity(w, IdentityUse::DeviceCa, &identity)?;
        Ok::<_, Failure>(made)
    })
}

fn make(dice: &dyn Dice, organization: &str, now: Time) -> Result<Authority, Failure> {
    let key = PrivateKey::generate_rsa(KEY_BITS);
    let organization = if organization.is_empty() { "Pomona" } else { organization };
    let draft = Draft {
        common_name: format!("{organization} Device CA"),
        organization: Some(organization.to_owned()),
        uid: None,
        serial: roll(dice),
        not_before: now.plus_secs(-crate::rules::issue::BACKDATE_SECS).secs(),
        not_after: now.plus_secs(VALID_SECS).secs(),
        profile: DraftProfile::DeviceCa,
    };
    let ca = x509::issue(&draft, &key.public_der(), None, &key)
        .map_err(|m| Broken(format!("the device CA cannot be made: {m}")))?;
    Ok(Authority { ca, key })
}
