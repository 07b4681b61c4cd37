//! XML property lists: what is read can be written and read again, in both formats.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::plist::{Limits, parse, to_binary, to_xml};

fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(b"bplist") {
        return;
    }
    if let Ok(value) = parse(bytes, Limits::DEVICE) {
        let shown = format!("{value:?}");
        for written in [to_xml(&value), to_binary(&value)] {
            assert_eq!(format!("{:?}", parse(&written, Limits::DEVICE).expect("our own document")), shown);
        }
    }
});
