//! The push payload.

use crate::wire::Secret;

/// Exactly `{"mdm":"<PushMagic>"}`, with the magic escaped as JSON asks. A push carries no command: it only says
/// "connect". (Apple: Sending push notifications to devices.)
pub fn payload(magic: &Secret) -> Secret {
    let magic = String::from_utf8_lossy(magic.expose());
    let quoted = serde_json::Value::String(magic.into_owned());
    Secret::from(format!("{{\"mdm\":{quoted}}}"))
}
