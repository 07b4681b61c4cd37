//! TLS of the one public listener: our certificate, nobody else's. A client certificate is never asked for,
//! because browsers would show a picker on the portal (rule W17); devices sign their messages instead.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::wire::key::PrivateKey;
use crate::wire::x509::Cert;

/// The certificate shown to everyone who connects; it can be replaced while the server runs.
#[derive(Debug, Clone)]
pub struct Shown(Arc<RwLock<Arc<CertifiedKey>>>);

/// Why a certificate cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// There is no certificate.
    #[error("there is no certificate")]
    Empty,
    /// The key belongs to another certificate.
    #[error("the private key does not belong to the first certificate")]
    Mismatch,
    /// The TLS library refuses the key.
    #[error("the private key cannot be used for TLS: {0}")]
    Unusable(#[source] rustls::Error),
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn certified(chain: &[Cert], key: &PrivateKey) -> Result<CertifiedKey, TlsFault> {
    let leaf = chain.first().ok_or(TlsFault::Empty)?;
    if leaf.public_der() != key.public_der() {
        return Err(TlsFault::Mismatch);
    }
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.to_pkcs8().expose().to_vec()));
    let signing = provider().key_provider.load_private_key(der).map_err(TlsFault::Unusable)?;
    let chain = chain.iter().map(|cert| CertificateDer::from(cert.der().to_vec())).collect();
    Ok(CertifiedKey::new(chain, signing))
}

impl Shown {
    /// Shows `chain` (leaf first) with its `key`.
    pub fn new(chain: &[Cert], key: &PrivateKey) -> Result<Self, TlsFault> {
        Ok(Self(Arc::new(RwLock::new(Arc::new(certified(chain, key)?)))))
    }

    /// Shows another certificate from the next handshake on. An error changes nothing.
    pub fn replace(&self, chain: &[Cert], key: &PrivateKey) -> Result<(), TlsFault> {
        let fresh = Arc::new(certified(chain, key)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// DER of the leaf shown now.
    pub fn leaf_der(&self) -> Vec<u8> {
        let shown = self.0.read().unwrap_or_else(PoisonError::into_inner);
        shown.cert.first().map(|der| der.as_ref().to_vec()).unwrap_or_default()
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1, resumption by tickets so that nothing is kept for each device.
pub fn server_config(shown: &Shown) -> Result<Arc<rustls::ServerConfig>, TlsFault> {
    let mut config = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(TlsFault::Unusable)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown.clone()));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new().map_err(TlsFault::Unusable)?;
    Ok(Arc::new(config))
}
