//! Certificate requests.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::x509::Csr;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(csr) = Csr::parse(bytes) {
        let _ = (csr.public_der(), csr.challenge(), csr.common_name());
    }
});
