//! The query of a SCEP GET.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::scep;

fuzz_target!(|query: &str| {
    let _ = scep::message_from_query(query);
});
