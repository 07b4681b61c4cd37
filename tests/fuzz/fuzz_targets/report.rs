//! Command reports, and every reading of their results.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::mdm::report::{self, Report};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(read) = Report::parse(bytes) {
        let _ = report::device_information(&read.body);
        let _ = report::security_info(&read.body);
        let _ = report::profile_list(&read.body);
        let _ = report::certificate_list(&read.body);
        let _ = report::installed_application_list(&read.body);
    }
});
