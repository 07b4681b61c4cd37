//! Enveloped data, opened with the key of the vectors.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::cms;
use pomona::wire::key::PrivateKey;
use pomona::wire::x509::{Cert, certs_from_pem};
use std::sync::LazyLock;

static RECIPIENT: LazyLock<(Cert, PrivateKey)> = LazyLock::new(|| {
    let cert = certs_from_pem(include_str!("../../vectors/fde.pem")).expect("a vector").remove(0);
    (cert, PrivateKey::from_pkcs8(include_bytes!("../../vectors/fde.pk8.der")).expect("a vector"))
});

fuzz_target!(|bytes: &[u8]| {
    let (cert, key) = &*RECIPIENT;
    let _ = cms::cipher_of(bytes);
    let _ = cms::decrypt(bytes, cert, key, true, &[7; 32]);
});
