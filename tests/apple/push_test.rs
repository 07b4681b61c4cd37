//! `pomona push test`: what is wrong, in words.

use pomona::apple::PushSwitch;
use pomona::apple::apns::{Check, PushIdentity, push_test};
use pomona::model::Time;
use pomona::model::settings::Identity;
use pomona::simulator::apns::{Answer, PushFiles};
use pomona::wire::key::PrivateKey;

use super::{Apple, TOPIC, certificate, now};

fn stored(files: &PushFiles) -> Identity {
    Identity {
        key: files.key.to_pkcs8(),
        certificate: files.certificate.der().to_vec(),
        chain: Vec::new(),
        since: Time::from_secs(now()),
    }
}

async fn check(apple: &Apple, files: &PushFiles, enrolled: Option<&str>) -> Vec<Check> {
    let transport = apple.transport_with(files);
    push_test(Some(&stored(files)), enrolled, &transport, Time::from_secs(now())).await
}

fn only_fault(found: &[Check]) -> &Check {
    let bad: Vec<_> = found.iter().filter(|c| !c.ok).collect();
    let [bad] = bad.as_slice() else { panic!("one fault: {found:?}") };
    assert!(bad.next.is_some(), "a fault says what to do next: {bad:?}");
    bad
}

#[tokio::test]
async fn a_good_certificate_passes_every_check_and_rings_nobody() {
    let apple = Apple::start().await;
    let (_, rings) = apple.device(1);
    let found = check(&apple, &apple.files, Some(TOPIC)).await;
    assert!(found.iter().all(|c| c.ok), "{found:?}");
    assert_eq!(found.len(), 5);
    assert_eq!(rings.load(std::sync::atomic::Ordering::Relaxed), 0);
    let journal = apple.bells().journal();
    assert_eq!(journal[0].status, 400, "the token that cannot exist was refused");
}

#[tokio::test]
async fn no_certificate_at_all_tells_where_to_get_one() {
    let switch = PushSwitch::new();
    let found = push_test(None, None, &switch, Time::from_secs(now())).await;
    assert!(only_fault(&found).next.as_deref().is_some_and(|n| n.contains("identity.apple.com")));
}

#[tokio::test]
async fn an_expired_certificate_is_not_even_tried() {
    let apple = Apple::start().await;
    let found = check(&apple, &certificate(&apple.apns, TOPIC, -1), None).await;
    assert!(only_fault(&found).text.contains("expired"));
    assert_eq!(apple.bells().connections(), 0);
}

#[tokio::test]
async fn one_that_ends_soon_passes_with_a_word() {
    let apple = Apple::start().await;
    let found = check(&apple, &certificate(&apple.apns, TOPIC, 10), None).await;
    assert!(found.iter().all(|c| c.ok), "{found:?}");
    assert!(found.iter().any(|c| c.text.contains("more days") && c.next.is_some()), "{found:?}");
}

#[tokio::test]
async fn the_certificate_of_an_app_is_no_push_certificate() {
    let apple = Apple::start().await;
    let found = check(&apple, &certificate(&apple.apns, "org.example.app", 365), None).await;
    assert!(only_fault(&found).text.contains("no MDM push certificate"));
}

#[tokio::test]
async fn the_key_of_another_certificate_is_noticed() {
    let apple = Apple::start().await;
    let mut identity = stored(&apple.files);
    identity.key = PrivateKey::generate_p256().to_pkcs8();
    let found = push_test(Some(&identity), None, &apple.transport(), Time::from_secs(now())).await;
    assert!(only_fault(&found).text.contains("another certificate"));
}

#[tokio::test]
async fn another_topic_than_the_enrolled_devices_is_noticed() {
    let apple = Apple::start().await;
    let found = check(&apple, &apple.files, Some("com.apple.mgmt.External.former")).await;
    assert!(only_fault(&found).text.contains("com.apple.mgmt.External.former"));
}

#[tokio::test]
async fn what_apple_or_the_network_says_comes_with_advice() {
    let apple = Apple::start().await;
    apple.bells().answer_next([Answer::refuse(403, "BadCertificate")]);
    let found = check(&apple, &apple.files, None).await;
    assert!(only_fault(&found).text.contains("403 BadCertificate"));

    apple.apns.set_down(true);
    let found = check(&apple, &apple.files, None).await;
    assert!(only_fault(&found).next.as_deref().is_some_and(|n| n.contains("443")));
}

#[tokio::test]
async fn garbage_in_the_store_is_said_and_not_tried() {
    let apple = Apple::start().await;
    let mut identity = stored(&apple.files);
    identity.certificate = b"nothing".to_vec();
    let found = push_test(Some(&identity), None, &apple.transport(), Time::from_secs(now())).await;
    assert!(only_fault(&found).text.contains("cannot be read"));
    assert!(PushIdentity::from_stored(&identity).is_err());
}
