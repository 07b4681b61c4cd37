//! SCEP requests as the server reads and opens them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::key::PrivateKey;
use pomona::wire::scep;
use pomona::wire::x509::{Cert, certs_from_pem};
use std::sync::LazyLock;

static RA: LazyLock<(Cert, PrivateKey)> = LazyLock::new(|| {
    let cert = certs_from_pem(include_str!("../../vectors/scep_test_ca.pem")).expect("a vector").remove(0);
    (
        cert,
        PrivateKey::from_pkcs8(include_bytes!("../../vectors/scep_test_ca_key.pk8.der")).expect("a vector"),
    )
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok((request, _)) = scep::parse_request(bytes) {
        let (ra, key) = &*RA;
        let _ = scep::open_request(&request, ra, key, true, &[7; 32]);
    }
});
