//! Detached signatures, as `Mdm-Signature` carries them. Nothing but the vectors may verify.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::cms;

const BODY: &[u8] = include_bytes!("../../vectors/body.plist");

fuzz_target!(|bytes: &[u8]| {
    let _ = cms::verify_detached(bytes, BODY);
});
