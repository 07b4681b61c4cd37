//! Attached signatures and certificate bags.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::cms;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(signed) = cms::verify_attached(bytes) {
        assert!(signed.content.is_some());
    }
    let _ = cms::certificates(bytes);
});
