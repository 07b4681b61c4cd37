//! Apple Push Notification service, for MDM: HTTP/2 with our push certificate as client certificate
//! (Apple, *Setting up push notifications for your MDM customers*).

mod a2_transport;
mod answer;
mod check;
mod direct;
mod identity;
mod refusal;
mod watched;

pub use a2_transport::A2Transport;
pub use answer::{classify, unreached};
pub use check::{Check, push_test};
pub use direct::{DirectTransport, Endpoint};
pub use identity::PushIdentity;

use std::fmt::Write as _;

use crate::wire::Secret;

/// Longest wait for an answer of APNs, connecting included.
pub const ANSWER_WITHIN: std::time::Duration = std::time::Duration::from_secs(20);

/// The token as APNs wants it in the path: lowercase hexadecimal of the raw bytes.
pub(crate) fn token_path(token: &Secret) -> String {
    token.expose().iter().fold(String::with_capacity(token.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
