//! Copies of commands and answers for eyes: pages, logs, exports.

use crate::wire::plist::{Dictionary, Value};

/// Keys whose value is secret whatever its type. A PIN, for one, may be written as an integer.
const SECRET: &[&str] = &[
    "ActivationLockBypassCode",
    "AppleCareToken",
    "AuthToken",
    "BootstrapToken",
    "Challenge",
    "DigestResponse",
    "EncryptedNewRecoveryKey",
    "EscrowKey",
    "FDE_PersonalRecoveryKeyCMS",
    "FDE_PersonalRecoveryKeyDeviceKey",
    "MDMProfileData",
    "PIN",
    "PairingToken",
    "Payload",
    "PushMagic",
    "PushToken",
    "RecoveryKey",
    "RegistrationToken",
    "Token",
    "TokenData",
    "UnlockToken",
    "WiFiProfileData",
];

/// Parts of a key that make a string or data under it secret: `CurrentPassword`, `passwordHash`, `SharedSecret`.
/// Booleans such as `PasscodePresent` stay to be read.
const SECRET_PARTS: &[&str] = &["password", "passwd", "passcode", "passphrase", "secret", "privatekey"];

/// A copy in which every secret is replaced by `<secret: n bytes>`, at every level.
pub fn redacted(d: &Dictionary) -> Dictionary {
    d.iter().map(|(key, value)| (key.clone(), under(key, value))).collect()
}

fn under(key: &str, value: &Value) -> Value {
    let lower = key.to_ascii_lowercase();
    if SECRET.iter().any(|name| name.eq_ignore_ascii_case(key)) {
        return hidden(value);
    }
    match value {
        Value::Dictionary(d) => Value::Dictionary(redacted(d)),
        // The items of an array have no key of their own: `Passwords` makes each of its items secret.
        Value::Array(items) => Value::Array(items.iter().map(|item| under(key, item)).collect()),
        Value::String(_) | Value::Data(_) if SECRET_PARTS.iter().any(|part| lower.contains(part)) => {
            hidden(value)
        }
        other => other.clone(),
    }
}

/// The replacement of a whole value, so that not even its shape shows.
fn hidden(value: &Value) -> Value {
    let bytes = match value {
        Value::String(text) => text.len(),
        Value::Data(bytes) => bytes.len(),
        Value::Integer(number) => number.to_string().len(),
        _ => return Value::String("<secret>".to_string()),
    };
    Value::String(format!("<secret: {bytes} bytes>"))
}
