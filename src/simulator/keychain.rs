//! A device's keys and its identity certificate.

use std::sync::Arc;

use base64::Engine as _;
use tokio::sync::OnceCell;

use super::Trouble;
use crate::wire::cms::{self, Signing};
use crate::wire::key::{Digest, PrivateKey};
use crate::wire::x509::Cert;

/// Where RSA keys come from. An RSA key takes about a tenth of a second to make: a big fleet may share a few, each
/// device with a certificate of its own all the same.
#[derive(Debug, Default)]
pub struct KeyPool(Vec<OnceCell<PrivateKey>>);

impl KeyPool {
    /// A key for each device, and a new one at each enrollment, as real devices make them.
    pub fn individual() -> Arc<Self> {
        Arc::new(Self(Vec::new()))
    }

    /// `count` keys (at least one) for all devices together, each made when first needed.
    pub fn shared(count: usize) -> Arc<Self> {
        Arc::new(Self((0..count.max(1)).map(|_| OnceCell::new()).collect()))
    }

    /// Makes all shared keys now.
    pub async fn make(&self, bits: u32) {
        for shared in &self.0 {
            shared.get_or_init(|| generate(bits)).await;
        }
    }

    /// A key for device `index`.
    pub async fn rsa(&self, index: usize, bits: u32) -> PrivateKey {
        match self.0.get(index % self.0.len().max(1)) {
            Some(shared) => shared.get_or_init(|| generate(bits)).await.clone(),
            None => generate(bits).await,
        }
    }
}

async fn generate(bits: u32) -> PrivateKey {
    let made = tokio::task::spawn_blocking(move || PrivateKey::generate_rsa(bits)).await;
    made.expect("making a key does not panic")
}

/// How `Mdm-Signature` is made. Apple's clients: detached, RSA or EC by the identity's key, with signing time on
/// iOS. Others appear in the wild. (SHA-1 is verified but never made here: AWS-LC does not sign with it.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignatureForm {
    /// Detached, SHA-256, with signing time.
    #[default]
    Usual,
    /// Detached, SHA-256, without signing time, as Macs do.
    Timeless,
    /// Detached, SHA-512 with an RSA key; an EC key has the digest of its curve.
    Sha512,
    /// With the content inside, as some simulators do.
    Attached,
}

/// A certificate the server issued, with its key.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: Cert,
    /// Its key.
    pub key: PrivateKey,
}

impl Identity {
    /// The value of `Mdm-Signature` over `body`: standard base64 in one line (protocol reference a.10). `now` is
    /// the device's own clock, in seconds since 1970.
    pub fn sign(&self, body: &[u8], form: SignatureForm, now: i64) -> String {
        let signing = Signing {
            signer: &self.certificate,
            key: &self.key,
            chain: &[],
            digest: if form == SignatureForm::Sha512 { Digest::Sha512 } else { Digest::Sha256 },
            time: (form != SignatureForm::Timeless).then_some(now),
            attributes: Vec::new(),
            detached: form != SignatureForm::Attached,
        };
        base64::engine::general_purpose::STANDARD.encode(cms::sign(body, &signing))
    }
}

/// A certificate that a device signs its SCEP request with before it has any other.
pub(crate) fn self_signed(key: &PrivateKey, name: &str, now: i64) -> Result<Cert, Trouble> {
    use crate::wire::x509::{Draft, DraftProfile, issue};
    let draft = Draft {
        common_name: name.to_owned(),
        organization: None,
        uid: None,
        serial: super::chance::secure(),
        not_before: now - 86_400,
        not_after: now + 7 * 86_400,
        profile: DraftProfile::DeviceIdentity,
    };
    issue(&draft, &key.public_der(), None, key).map_err(Trouble::malformed("the SCEP signer"))
}
