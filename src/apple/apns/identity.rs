//! The push certificate with its key, ready to speak for us.

use crate::model::settings::Identity;
use crate::wire::key::PrivateKey;
use crate::wire::x509::{Cert, certs_from_pem};
use crate::wire::{Malformed, Secret};

/// What every MDM push topic begins with.
pub const TOPIC_PREFIX: &str = "com.apple.mgmt.";

/// An MDM push certificate, the certificates above it, and its private key.
#[derive(Debug, Clone)]
pub struct PushIdentity {
    /// The certificate Apple issued.
    pub certificate: Cert,
    /// Certificates up to the root, if they came along.
    pub chain: Vec<Cert>,
    /// Its key.
    pub key: PrivateKey,
}

impl PushIdentity {
    /// Reads PEM texts: the certificate first, then its chain; and the key as PKCS#8 or in an older form.
    pub fn from_pem(certificates: &str, key: &str) -> Result<Self, Malformed> {
        let mut certs = certs_from_pem(certificates)?.into_iter();
        let certificate =
            certs.next().ok_or_else(|| Malformed::new("x509", "there is no certificate here"))?;
        Ok(Self { certificate, chain: certs.collect(), key: PrivateKey::from_pem(key)? })
    }

    /// Reads what the store keeps.
    pub fn from_stored(stored: &Identity) -> Result<Self, Malformed> {
        Ok(Self {
            certificate: Cert::parse(&stored.certificate)?,
            chain: stored.chain.iter().map(|der| Cert::parse(der)).collect::<Result<_, _>>()?,
            key: PrivateKey::from_pkcs8(stored.key.expose())?,
        })
    }

    /// The topic it may push to: the UID attribute of its subject, as devices must name it.
    pub fn topic(&self) -> Option<String> {
        self.certificate.uid().filter(|uid| uid.starts_with(TOPIC_PREFIX))
    }

    /// Whether the key belongs to the certificate.
    pub fn key_fits(&self) -> bool {
        self.key.public_der() == self.certificate.public_der()
    }

    /// Certificates as PEM, the key as PKCS#8 PEM: the one form that a2 reads.
    pub(crate) fn to_pem(&self) -> (String, Secret) {
        let certificates =
            std::iter::once(&self.certificate).chain(&self.chain).map(Cert::to_pem).collect::<String>();
        (certificates, self.key.to_pem())
    }
}
