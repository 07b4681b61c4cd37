//! A stand-in for the crate of the same name: the roots are those of the PEM file that `A2_REAL_ROOTS` names.

use std::sync::LazyLock;

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, TrustAnchor};

/// The roots. Read once, at the first use.
pub static TLS_SERVER_ROOTS: LazyLock<Vec<TrustAnchor<'static>>> = LazyLock::new(|| {
    let path = std::env::var_os("A2_REAL_ROOTS").expect("A2_REAL_ROOTS names a PEM file");
    CertificateDer::pem_file_iter(path)
        .expect("the file of roots can be read")
        .map(|root| {
            let root = root.expect("a certificate");
            webpki::anchor_from_trusted_cert(&root).expect("a trust anchor").to_owned()
        })
        .collect()
});
