//! Bodies of rows: MessagePack with field names, decoded as the store decodes them. The first byte picks the noun.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::model::{
    account, activity, certificate, command, device, due, enrollment, profile, settings, ticket,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What is read can be written, and reads as the same bytes again.
fn row<T: Serialize + DeserializeOwned>(body: &[u8]) {
    if let Ok(read) = rmp_serde::from_slice::<T>(body) {
        let written = rmp_serde::to_vec_named(&read).expect("a row that was read");
        let again: T = rmp_serde::from_slice(&written).expect("our own row");
        assert_eq!(rmp_serde::to_vec_named(&again).expect("our own row"), written);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((noun, body)) = bytes.split_first() else { return };
    match noun {
        b'a' => row::<account::Account>(body),
        b'b' => row::<activity::Activity>(body),
        b'c' => row::<certificate::Certificate>(body),
        b'd' => row::<command::Command>(body),
        b'e' => row::<device::Device>(body),
        b'f' => row::<due::Due>(body),
        b'g' => row::<enrollment::Enrollment>(body),
        b'h' => row::<profile::Profile>(body),
        b'i' => row::<settings::Settings>(body),
        b'j' => row::<ticket::Ticket>(body),
        b'k' => row::<profile::Draft>(body),
        b'l' => row::<profile::Revision>(body),
        b'm' => row::<profile::Placement>(body),
        _ => {}
    }
});
