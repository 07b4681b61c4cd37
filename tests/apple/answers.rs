//! What each answer of APNs means.

use std::time::Duration;

use pomona::apple::apns::{classify, unreached};
use pomona::apple::{Retry, Whose};
use pomona::model::Time;

#[test]
fn the_status_decides_and_the_reason_refines() {
    let later = Retry::Later { after: None };
    let dead = Retry::NewToken { dead_since: None };
    let table = [
        (400, Some("BadDeviceToken"), Whose::Channel, dead),
        (400, Some("DeviceTokenNotForTopic"), Whose::Certificate, later),
        (400, Some("TopicDisallowed"), Whose::Certificate, later),
        (400, Some("BadExpirationDate"), Whose::Ours, Retry::Never),
        (400, Some("IdleTimeout"), Whose::Apple, later),
        (400, None, Whose::Ours, Retry::Never),
        (403, Some("BadCertificate"), Whose::Certificate, Retry::NewCertificate),
        (403, None, Whose::Certificate, Retry::NewCertificate),
        (404, Some("BadPath"), Whose::Ours, Retry::Never),
        (405, Some("MethodNotAllowed"), Whose::Ours, Retry::Never),
        (410, Some("Unregistered"), Whose::Channel, dead),
        (410, Some("ExpiredToken"), Whose::Channel, dead),
        (410, None, Whose::Channel, dead),
        (413, Some("PayloadTooLarge"), Whose::Ours, Retry::Never),
        (429, Some("TooManyRequests"), Whose::Channel, later),
        (500, Some("InternalServerError"), Whose::Apple, later),
        (503, Some("Shutdown"), Whose::Apple, later),
        (503, None, Whose::Apple, later),
        (302, None, Whose::Apple, later),
    ];
    for (status, reason, whose, retry) in table {
        let error = classify(status, reason, None, None);
        assert_eq!((error.whose, error.retry), (whose, retry), "{status} {reason:?}");
        assert_eq!(error.status, Some(status));
    }
}

#[test]
fn a_reason_that_nobody_knows_keeps_its_text() {
    let error = classify(400, Some("QuantumTokenDecayed"), None, None);
    assert!(error.said.contains("QuantumTokenDecayed"), "{}", error.said);
    let error = classify(418, Some("Teapot"), None, None);
    assert!(error.said.contains("418 Teapot"), "{}", error.said);
}

#[test]
fn apple_names_the_moment_and_the_wait() {
    let error = classify(410, Some("Unregistered"), Some(1_790_000_000_000), None);
    assert_eq!(error.retry, Retry::NewToken { dead_since: Some(Time(1_790_000_000_000)) });
    let wait = Duration::from_secs(30);
    let error = classify(503, Some("ServiceUnavailable"), None, Some(wait));
    assert_eq!(error.retry, Retry::Later { after: Some(wait) });
}

#[test]
fn a_handshake_that_apple_breaks_off_speaks_of_the_certificate() {
    let certificate = [
        "received fatal alert: CertificateExpired",
        "client error (SendRequest): connection error: received fatal alert: CertificateUnknown",
        "received fatal alert: UnknownCA",
        "received fatal alert: BadCertificate",
    ];
    for chain in certificate {
        assert_eq!(unreached(chain).whose, Whose::Certificate, "{chain}");
    }
    for chain in ["Connection refused (os error 111)", "received fatal alert: HandshakeFailure", "timed out"]
    {
        assert_eq!(unreached(chain).whose, Whose::Network, "{chain}");
    }
    let opened = unreached("invalid peer certificate: UnknownIssuer");
    assert_eq!(opened.whose, Whose::Network);
    assert!(opened.said.contains("proxy"), "{}", opened.said);
}
