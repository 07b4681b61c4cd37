//! SCEP replies as the simulator reads them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::key::PrivateKey;
use pomona::wire::scep;
use pomona::wire::x509::{Cert, certs_from_pem};
use std::sync::LazyLock;

static PARTIES: LazyLock<(Cert, Cert, PrivateKey)> = LazyLock::new(|| {
    let ca = certs_from_pem(include_str!("../../vectors/scep_test_ca.pem")).expect("a vector").remove(0);
    let signer = certs_from_pem(include_str!("../../vectors/dev-rsa.pem")).expect("a vector").remove(0);
    (ca, signer, PrivateKey::from_pkcs8(include_bytes!("../../vectors/dev-rsa.pk8.der")).expect("a vector"))
});

fuzz_target!(|bytes: &[u8]| {
    let (ca, signer, key) = &*PARTIES;
    let _ = scep::read_reply(bytes, "A", &[0; 16], ca, signer, key);
});
