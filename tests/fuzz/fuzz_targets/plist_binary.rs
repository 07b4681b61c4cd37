//! Binary property lists: what is read can be written and read again. The header is given, so that none of the
//! time goes into finding it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::plist::{Limits, parse, to_binary, to_xml};

/// A shared string may make a document of ours larger than the one it was read from.
const WIDE: Limits = Limits { bytes: usize::MAX, depth: 64, events: 100_000 };

fuzz_target!(|bytes: &[u8]| {
    let mut file = b"bplist00".to_vec();
    file.extend_from_slice(bytes.strip_prefix(b"bplist00").unwrap_or(bytes));
    if let Ok(value) = parse(&file, Limits::DEVICE) {
        let written = to_binary(&value);
        assert_eq!(format!("{:?}", parse(&written, WIDE).expect("our own document")), format!("{value:?}"));
        parse(&to_xml(&value), WIDE).expect("our own document");
    }
});
