//! The push certificate in the portal.

use std::sync::Arc;

use pomona::model::edge::roll;
use pomona::store;
use pomona::web::Hooks;
use pomona::wire::api::{Check, Outcome};
use pomona::wire::key::PrivateKey;
use pomona::wire::x509::{self, Cert, Draft, DraftProfile};

use crate::web::device::pretend::{TOPIC, World};

const PUSH: &str = "/profilemanager/push";
const IMPORT: &str = "/profilemanager/push/import";

fn certificate(world: &World, topic: Option<&str>, days: i64) -> (PrivateKey, Cert) {
    let key = PrivateKey::generate_p256();
    let draft = Draft {
        common_name: "APSP:another".into(),
        organization: None,
        uid: topic.map(str::to_owned),
        serial: roll(world.dice()),
        not_before: world.now().plus_secs(-30 * 86_400).secs(),
        not_after: world.now().plus_secs(days * 86_400).secs(),
        profile: DraftProfile::PushClient,
    };
    let cert = x509::issue(&draft, &key.public_der(), None, &key).expect("issued");
    (key, cert)
}

fn key_pem(key: &PrivateKey) -> String {
    pomona::wire::pem::block("PRIVATE KEY", key.to_pkcs8().expose())
}

fn stored(world: &World) -> Vec<u8> {
    let use_ = pomona::model::settings::IdentityUse::Push;
    store::settings::identity(&world.read(), use_).expect("readable").expect("an identity").certificate
}

#[tokio::test]
async fn a_renewed_certificate_with_the_same_topic_is_taken_up_at_once() {
    let world = World::new();
    world.enrolled("00008120-000000000000001C").await;
    let told = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = told.clone();
    let hooks = Hooks {
        push_changed: Arc::new(move || {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }),
        ..Hooks::default()
    };
    let world = World { app: world.app.clone().with_hooks(hooks), ..world };
    let browser = world.owner();
    let (key, cert) = certificate(&world, Some(TOPIC), 365);
    let both = format!("{}{}", cert.to_pem(), key_pem(&key));
    let done = browser.upload(PUSH, IMPORT, &[("certificate", both.as_bytes())], &[]).await;
    assert!(browser.follow(&done).await.says(TOPIC));
    assert_eq!(stored(&world), cert.der());
    assert_eq!(told.load(std::sync::atomic::Ordering::SeqCst), 1, "without a restart");
    let (key, cert) = certificate(&world, Some(TOPIC), 365);
    let files = [("certificate", cert.to_pem()), ("key", key_pem(&key))];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, t)| (*n, t.as_bytes())).collect();
    browser.upload(PUSH, IMPORT, &files, &[]).await.expect(303);
    assert_eq!(stored(&world), cert.der());
    assert!(world.activities()[0].text.starts_with("Renewed the push certificate"));
}

#[tokio::test]
async fn a_certificate_that_would_strand_devices_or_cannot_work_is_refused_and_the_old_one_stays() {
    let world = World::new();
    world.enrolled("00008120-000000000000002C").await;
    let browser = world.owner();
    let before = stored(&world);
    let other = "com.apple.mgmt.External.00000000-aaaa-4000-8000-000000000000";
    let make = |topic: Option<&str>, days: i64| {
        let (key, cert) = certificate(&world, topic, days);
        (cert.to_pem(), key_pem(&key))
    };
    let (good, _) = make(Some(TOPIC), 365);
    let (_, wrong_key) = make(Some(TOPIC), 365);
    let both = |(cert, key): (String, String)| format!("{cert}{key}");
    for (file, status, words) in [
        (both(make(Some(other), 365)), 409, "1 device would not hear of this server again"),
        (both(make(None, 365)), 422, "not an MDM push certificate"),
        (both(make(Some("com.example.app"), 365)), 422, "not an MDM push certificate"),
        (both(make(Some(TOPIC), -1)), 422, "ended on"),
        (both((good.clone(), wrong_key)), 422, "does not belong to this certificate"),
        (good, 422, "private key is missing"),
        ("-----BEGIN nonsense".into(), 422, "cannot be read"),
        ("\u{30}\u{3}\u{2}\u{1}\u{5}".into(), 422, "cannot be opened"),
    ] {
        let shown = browser.upload(PUSH, IMPORT, &[("certificate", file.as_bytes())], &[]).await;
        assert!(shown.says(words), "{words}: {}", shown.words());
        assert_eq!(shown.status, status, "{words}");
        assert!(!shown.text().contains("PRIVATE KEY"));
        assert_eq!(stored(&world), before, "{words}");
    }
}

#[tokio::test]
async fn without_enrolled_devices_any_topic_will_do() {
    let world = World::new();
    let browser = world.owner();
    let (key, cert) =
        certificate(&world, Some("com.apple.mgmt.External.11111111-aaaa-4000-8000-000000000000"), 365);
    let both = format!("{}{}", key_pem(&key), cert.to_pem());
    browser.upload(PUSH, IMPORT, &[("certificate", both.as_bytes())], &[]).await.expect(303);
    assert_eq!(stored(&world), cert.der());
}

#[tokio::test]
async fn a_test_of_the_way_to_apple_says_in_words_what_is_wrong() {
    let world = World::new();
    let hooks = Hooks {
        push_test: Arc::new(|| {
            Box::pin(async {
                vec![
                    Check {
                        name: "push.certificate".into(),
                        outcome: Outcome::Pass,
                        said: "It is valid.".into(),
                        next: String::new(),
                    },
                    Check {
                        name: "push.apple".into(),
                        outcome: Outcome::Fail,
                        said: "Apple cannot be reached on port 443.".into(),
                        next: "Open the firewall for api.push.apple.com.".into(),
                    },
                ]
            })
        }),
        ..Hooks::default()
    };
    let world = World { app: world.app.clone().with_hooks(hooks), ..world };
    let browser = world.owner();
    assert!(browser.get(PUSH).await.expect(200).says("Not tested since the server started."));
    let done = browser.fill(PUSH, "/profilemanager/push/test", &[]).await;
    let shown = browser.follow(&done).await;
    assert!(shown.says("Apple cannot be reached on port 443. Open the firewall for api.push.apple.com."));
}

#[tokio::test]
async fn the_end_of_the_certificate_is_announced_on_every_page() {
    let world = World::new();
    let browser = world.owner();
    assert!(!browser.get("/profilemanager/devices").await.says("push certificate"));
    let (key, cert) = certificate(&world, Some(TOPIC), 20);
    let both = format!("{}{}", cert.to_pem(), key_pem(&key));
    browser.upload(PUSH, IMPORT, &[("certificate", both.as_bytes())], &[]).await.expect(303);
    assert!(browser.get("/profilemanager/help").await.says("The push certificate ends in 20 days."));
}
