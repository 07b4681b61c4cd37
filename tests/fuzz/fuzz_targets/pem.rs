//! PEM files: blocks, certificates, private keys.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::key::PrivateKey;
use pomona::wire::x509::certs_from_pem;
use pomona::wire::{Secret, pem};

fuzz_target!(|text: &str| {
    if let Ok(blocks) = pem::blocks(text) {
        for (label, der) in blocks {
            let again = pem::blocks(&pem::block(&label, &der)).expect("our own block");
            assert_eq!(again, [(label, der)]);
        }
    }
    let _ = certs_from_pem(text);
    let _ = PrivateKey::from_pem_with(text, &Secret::new("sesame"));
});
