//! Imported profiles, signed or not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::profile;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(read) = profile::parse(bytes) {
        assert!(!read.identifier.is_empty() && !read.name.is_empty());
        if read.signer.is_none() {
            assert_eq!(read.plain, bytes);
        }
    }
});
