//! Enrollment profiles, as the simulator reads them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::enroll::EnrollmentOrder;

fuzz_target!(|bytes: &[u8]| {
    let _ = EnrollmentOrder::parse(bytes);
});
