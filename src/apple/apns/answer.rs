//! What APNs answered, in words: the status decides first, the reason second (Apple, *Handling notification
//! responses from APNs*). Reasons that we do not know keep their text.

use std::time::Duration;

use crate::apple::{Error, Retry, Whose};
use crate::model::Time;

/// A refusal of APNs. `reason` is the text of the JSON body's `reason`, `timestamp_ms` its `timestamp`.
pub fn classify(
    status: u16,
    reason: Option<&str>,
    timestamp_ms: Option<i64>,
    retry_after: Option<Duration>,
) -> Error {
    use Whose::{Apple, Certificate, Channel, Ours};
    let later = Retry::Later { after: retry_after };
    let word = reason.unwrap_or("no reason given");
    let (whose, retry, text) = match (status, reason) {
        (410, _) => (
            Channel,
            Retry::NewToken { dead_since: timestamp_ms.map(Time) },
            "Apple says that this device's push token is no longer active. It becomes reachable again when it \
             sends a new one",
        ),
        (400, Some("BadDeviceToken" | "MissingDeviceToken")) => (
            Channel,
            Retry::NewToken { dead_since: None },
            "Apple does not know this device's push token. The device becomes reachable when it sends a new one",
        ),
        (400, Some("DeviceTokenNotForTopic" | "BadTopic" | "MissingTopic" | "TopicDisallowed")) => (
            Certificate,
            later,
            "The push certificate does not match the one this device enrolled with. Usually the certificate was \
             replaced by a new one instead of being renewed",
        ),
        (400, Some("IdleTimeout")) => (Apple, later, "Apple closed an idle connection"),
        (403, _) => (
            Certificate,
            Retry::NewCertificate,
            "Apple refuses the push certificate. It may be revoked, expired, or meant for something else",
        ),
        (413, _) => (Ours, Retry::Never, "Apple found the push too large"),
        (429, _) => (Channel, later, "Apple was asked to ring this device too often"),
        (500..=599, _) => (Apple, later, "Apple's push service has a problem of its own"),
        (400 | 404 | 405, _) => (Ours, Retry::Never, "Apple did not understand the push"),
        _ => (Apple, later, "Apple gave an unexpected answer"),
    };
    Error { whose, retry, said: format!("{text} ({status} {word})."), status: Some(status) }
}

/// A failure without an answer, told by the texts of an error and of its causes.
pub fn unreached(chain: &str) -> Error {
    if let Some(alert) = certificate_alert(chain) {
        return Error::certificate(format!("Apple refused the push certificate while connecting: {alert}."));
    }
    if chain.contains("invalid peer certificate") || chain.contains("InvalidCertificate") {
        return Error::network(format!(
            "Whoever answered in Apple's place has no certificate we trust; a proxy that opens TLS must let \
             api.push.apple.com pass untouched. ({chain})"
        ));
    }
    Error::network(format!("Apple's push service could not be reached: {chain}."))
}

/// The TLS alerts by which a server refuses a client certificate (RFC 8446 section 6.2), as rustls names them.
fn certificate_alert(chain: &str) -> Option<&'static str> {
    const ALERTS: &[(&str, &str)] = &[
        ("CertificateExpired", "it has expired"),
        ("CertificateRevoked", "it has been revoked"),
        ("CertificateUnknown", "it is not acceptable"),
        ("CertificateRequired", "it was not presented"),
        ("UnsupportedCertificate", "it is of a kind that is not supported"),
        ("BadCertificate", "it is damaged"),
        ("UnknownCA", "its issuer is unknown"),
        ("UnknownCa", "its issuer is unknown"),
        ("DecryptError", "its signature does not hold"),
        ("AccessDenied", "access was denied"),
    ];
    if !chain.contains("alert") {
        return None;
    }
    ALERTS.iter().find(|(word, _)| chain.contains(word)).map(|(_, text)| *text)
}

/// An error and its causes in one line.
pub(crate) fn chain_of(error: &dyn std::error::Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !texts.last().is_some_and(|last| last.contains(&text)) {
            texts.push(text);
        }
        cause = error.source();
    }
    texts.join(": ")
}
