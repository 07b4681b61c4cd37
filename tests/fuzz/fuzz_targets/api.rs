//! Bodies of the JSON API, as requests of strangers. The first byte picks the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::wire::api;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What is read can be written, and reads as the same again.
fn body<T: Serialize + DeserializeOwned>(json: &[u8]) {
    if let Ok(read) = serde_json::from_slice::<T>(json) {
        let written = serde_json::to_vec(&read).expect("a body that was read");
        let again: T = serde_json::from_slice(&written).expect("our own body");
        assert_eq!(serde_json::to_vec(&again).expect("our own body"), written);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, json)) = bytes.split_first() else { return };
    match kind {
        b'a' => body::<api::NewAccount>(json),
        b'b' => body::<api::NewPassword>(json),
        b'c' => body::<api::NewToken>(json),
        b'd' => body::<api::CommandRequest>(json),
        b'e' => body::<api::Assignment>(json),
        b'f' => body::<api::NewPushCertificate>(json),
        b'g' => body::<api::LogLevel>(json),
        b'h' => body::<api::NewTicket>(json),
        b'i' => body::<api::RemoveDevice>(json),
        b'j' => body::<api::NewProfile>(json),
        b'k' => body::<api::EditDraft>(json),
        b'l' => body::<api::PublishDraft>(json),
        b'm' => body::<api::AboutDevice>(json),
        b'n' => body::<api::NewSigningCertificate>(json),
        _ => {}
    }
});
