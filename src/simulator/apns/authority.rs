//! The pretend Apple's own certificate authority.

use crate::simulator::chance;
use crate::wire::Malformed;
use crate::wire::key::PrivateKey;
use crate::wire::x509::{Cert, Draft, DraftProfile, issue};

/// A year, as Apple's push certificates are valid.
const YEAR_SECS: i64 = 365 * 86_400;

/// Issues pretend push certificates and the pretend APNs's own.
#[derive(Debug, Clone)]
pub struct PushAuthority {
    /// Root to trust.
    pub ca: Cert,
    /// Its key (P-256).
    pub key: PrivateKey,
}

/// A certificate with its key.
#[derive(Debug, Clone)]
pub struct PushFiles {
    /// The certificate.
    pub certificate: Cert,
    /// Its key.
    pub key: PrivateKey,
}

impl PushFiles {
    /// The certificate as Apple hands it out.
    pub fn certificate_pem(&self) -> String {
        self.certificate.to_pem()
    }

    /// The key as PKCS #8 PEM.
    pub fn key_pem(&self) -> String {
        self.key.to_pem().expose_str().unwrap_or_default().to_owned()
    }
}

impl PushAuthority {
    /// A new authority, valid for ten years from `now` (seconds since 1970).
    pub fn make(now: i64) -> Result<Self, Malformed> {
        let key = PrivateKey::generate_p256();
        let draft = Draft {
            common_name: "Pretend Apple Root CA".into(),
            organization: Some("Pretend Apple".into()),
            uid: None,
            serial: chance::secure(),
            not_before: now - 86_400,
            not_after: now + 10 * YEAR_SECS,
            profile: DraftProfile::DeviceCa,
        };
        let ca = issue(&draft, &key.public_der(), None, &key)?;
        Ok(Self { ca, key })
    }

    /// A push certificate for this topic, valid for a year from `now`.
    pub fn push_certificate(&self, topic: &str, now: i64) -> Result<PushFiles, Malformed> {
        self.push_certificate_for(topic, PrivateKey::generate_rsa(2048), now - 3_600, now + YEAR_SECS)
    }

    /// A push certificate with all that can be chosen; dates in seconds since 1970.
    pub fn push_certificate_for(
        &self,
        topic: &str,
        key: PrivateKey,
        not_before: i64,
        not_after: i64,
    ) -> Result<PushFiles, Malformed> {
        let draft = Draft {
            common_name: format!("APSP:{}", topic.rsplit('.').next().unwrap_or(topic)),
            organization: None,
            uid: Some(topic.to_owned()),
            serial: chance::secure(),
            not_before,
            not_after,
            profile: DraftProfile::PushClient,
        };
        let certificate = issue(&draft, &key.public_der(), Some(&self.ca), &self.key)?;
        Ok(PushFiles { certificate, key })
    }

    /// A TLS server certificate for these names.
    pub fn server_certificate(&self, hosts: &[&str], now: i64) -> Result<PushFiles, Malformed> {
        let key = PrivateKey::generate_p256();
        let draft = Draft {
            common_name: hosts.first().copied().unwrap_or("localhost").to_owned(),
            organization: None,
            uid: None,
            serial: chance::secure(),
            not_before: now - 3_600,
            not_after: now + YEAR_SECS,
            profile: DraftProfile::Server { hosts: hosts.iter().map(|h| (*h).to_owned()).collect() },
        };
        let certificate = issue(&draft, &key.public_der(), Some(&self.ca), &self.key)?;
        Ok(PushFiles { certificate, key })
    }
}
