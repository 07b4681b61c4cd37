//! PKCS #12 files and encrypted keys, with the passphrase of the seed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::{Secret, pkcs12};

fuzz_target!(|bytes: &[u8]| {
    let passphrase = Secret::new("sesame");
    let _ = pkcs12::open(bytes, &passphrase);
    let _ = pkcs12::open_key(bytes, &passphrase);
});
