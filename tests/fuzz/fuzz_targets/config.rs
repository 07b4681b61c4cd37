//! The configuration file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::daemon::config::{Config, Raw};

fuzz_target!(|text: &str| {
    if let Ok(raw) = Raw::parse(text) {
        let _ = Config::from_raw(raw);
    }
});
