//! Check-ins: what is read can be written as a device writes it, and is then the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::mdm::checkin::CheckIn;
use pomona::wire::plist::{Value, to_xml};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(read) = CheckIn::parse(bytes) {
        assert!(read.channel.id.starts_with(read.channel.device_id()));
        let written = to_xml(&Value::Dictionary(read.to_dictionary()));
        let again = CheckIn::parse(&written).expect("our own message");
        assert_eq!(again.channel.id, read.channel.id);
        assert_eq!(format!("{:?}", again.message), format!("{:?}", read.message));
    }
});
