//! Whom a simulated device trusts at TLS.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::Trouble;
use crate::wire::key::sha256;
use crate::wire::x509::{Cert, roots_from_pem};

/// Whom to trust before any profile is installed.
#[derive(Debug, Clone)]
pub enum Trust {
    /// These roots.
    Roots(Vec<Cert>),
    /// This computer's own list of roots: `SSL_CERT_FILE`, else where Linux and macOS keep it.
    System,
    /// Whoever presents a certificate with this SHA-256, whatever name it bears.
    Fingerprint([u8; 32]),
}

/// Where systems keep their roots as PEM.
const SYSTEM_ROOTS: &[&str] =
    &["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// TLS settings, made once for each set of roots and shared by a whole fleet.
#[derive(Debug)]
pub struct Anchors {
    trust: Trust,
    made: Mutex<HashMap<Vec<[u8; 32]>, Arc<ClientConfig>>>,
}

impl Anchors {
    /// Nothing is read before the first connection.
    pub fn new(trust: Trust) -> Arc<Self> {
        Arc::new(Self { trust, made: Mutex::default() })
    }

    /// Settings that also trust `installed`, the roots of installed profiles. Sessions are never resumed: each
    /// connection is a whole handshake, as after a night's sleep.
    pub fn config(&self, installed: &[Cert]) -> Result<Arc<ClientConfig>, Trouble> {
        let key: Vec<_> = installed.iter().map(Cert::fingerprint).collect();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = made.get(&key) {
            return Ok(config.clone());
        }
        let config = Arc::new(self.make(installed)?);
        made.insert(key, config.clone());
        Ok(config)
    }

    fn make(&self, installed: &[Cert]) -> Result<ClientConfig, Trouble> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        let mut pinned = None;
        match &self.trust {
            Trust::Roots(own) => add(&mut roots, own),
            Trust::System => add(&mut roots, &system_roots()?),
            Trust::Fingerprint(sha256) => pinned = Some(*sha256),
        }
        add(&mut roots, installed);
        let usual = if roots.is_empty() {
            None
        } else {
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
            Some(verifier.build().map_err(|e| Trouble::unreachable("trust", e))?)
        };
        let verifier = Arc::new(Verifier { usual, pinned, provider: provider.clone() });
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| Trouble::unreachable("TLS", e))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.resumption = Resumption::disabled();
        Ok(config)
    }
}

/// Roots that TLS cannot use are left out, as devices do: a profile may carry others.
fn add(store: &mut RootCertStore, roots: &[Cert]) {
    store.add_parsable_certificates(roots.iter().map(|root| CertificateDer::from(root.der().to_vec())));
}

/// The roots that this computer trusts: those of `SSL_CERT_FILE`, else of its list.
pub fn system_roots() -> Result<Vec<Cert>, Trouble> {
    let named = std::env::var("SSL_CERT_FILE").ok();
    let paths = named.as_deref().into_iter().chain(SYSTEM_ROOTS.iter().copied());
    let text = paths.filter_map(|path| std::fs::read_to_string(path).ok()).next();
    let text = text.ok_or_else(|| Trouble::Unreachable("this computer has no list of roots".into()))?;
    roots_from_pem(&text).map_err(Trouble::malformed("the system's roots"))
}

/// The usual rules, and before them one certificate that is trusted by its fingerprint.
#[derive(Debug)]
struct Verifier {
    usual: Option<Arc<WebPkiServerVerifier>>,
    pinned: Option<[u8; 32]>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.pinned.is_some_and(|pinned| sha256(end) == pinned) {
            return Ok(ServerCertVerified::assertion());
        }
        match &self.usual {
            Some(usual) => usual.verify_server_cert(end, between, name, ocsp, now),
            None => Err(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
