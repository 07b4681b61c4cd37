//! The push certificate is replaced while the server runs.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use pomona::apple::{PushSwitch, PushTransport, Whose};

use super::{Apple, TOPIC, certificate, push_to};

#[tokio::test]
async fn without_a_certificate_a_push_says_so() {
    let switch = PushSwitch::new();
    let apple = Apple::start().await;
    let (token, _) = apple.device(1);
    let error = switch.push(push_to(&token)).await.expect_err("no certificate");
    assert_eq!(error.whose, Whose::Certificate);
    assert!(error.said.contains("No push certificate"), "{}", error.said);
    assert!(!switch.is_ready());
}

#[tokio::test]
async fn a_new_certificate_works_at_once_and_without_restart() {
    let apple = Apple::start().await;
    let (token, rings) = apple.device(2);
    let switch = PushSwitch::new();
    let user = switch.clone();

    switch.replace(Some(Arc::new(apple.transport_with(&certificate(&apple.apns, TOPIC, -1)))));
    let before = user.generation();
    let error = user.push(push_to(&token)).await.expect_err("expired");
    assert_eq!(error.whose, Whose::Certificate);

    let renewed = certificate(&apple.apns, TOPIC, 365);
    switch.replace(Some(Arc::new(apple.transport_with(&renewed))));
    assert!(user.generation() > before);
    user.push(push_to(&token)).await.expect("the renewed one is used");
    assert_eq!(rings.load(Ordering::Relaxed), 1);
    assert_eq!(apple.bells().journal()[0].certificate, renewed.certificate.fingerprint());

    let again = certificate(&apple.apns, TOPIC, 366);
    switch.replace(Some(Arc::new(apple.transport_with(&again))));
    user.push(push_to(&token)).await.expect("and the next one");
    assert_eq!(apple.bells().journal()[1].certificate, again.certificate.fingerprint());
    assert_eq!(apple.bells().connections(), 2);
}
