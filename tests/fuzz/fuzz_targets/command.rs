//! Command property lists: written by hand, sent to a device, shown to eyes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::mdm::command::{Request, envelope, parse_envelope, redacted};

fuzz_target!(|bytes: &[u8]| {
    let _ = parse_envelope(bytes);
    if let Ok(request) = Request::from_plist(bytes) {
        let command = request.to_dictionary();
        let _ = redacted(&command);
        // An event more than allowed may be what the envelope adds.
        if let Ok((uuid, read)) = parse_envelope(&envelope("C-1", &command)) {
            assert_eq!(uuid, "C-1");
            assert_eq!(read, command);
        }
    }
});
