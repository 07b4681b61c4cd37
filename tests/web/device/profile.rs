//! Conformance case 66, and what a download of an enrollment link gives.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use pomona::model::edge::roll;
use pomona::model::settings::IdentityUse;
use pomona::store::{self, Store};
use pomona::web::device::DeviceConfig;
use pomona::wire::cms;
use pomona::wire::enroll::EnrollmentOrder;
use pomona::wire::key::sha256;
use pomona::wire::plist::{self, Dictionary, Limits, Value};

use super::pretend::{Answer, TOPIC, World};

async fn download(world: &World, token: &str) -> Answer {
    world.send(Request::get(format!("/enroll/{token}/profile")).body(Body::empty()).expect("a request")).await
}

fn payload<'a>(profile: &'a Dictionary, kind: &str) -> &'a Dictionary {
    let payloads = profile.get("PayloadContent").and_then(Value::as_array).expect("payloads");
    let of = |d: &&Dictionary| d.get("PayloadType").and_then(Value::as_string) == Some(kind);
    payloads.iter().filter_map(Value::as_dictionary).find(of).expect("the payload")
}

#[tokio::test]
async fn pf_golden() {
    let world = World::new();
    let (_, token) = world.ticket(|_| ());
    let answer = download(&world, &token).await;
    assert_eq!(answer.content_type.as_deref(), Some("application/x-apple-aspen-config"));
    let profile = plist::parse_dictionary(&answer.body, Limits::DEVICE).expect("unsigned XML");
    assert!(!profile.contains_key("PayloadScope"));
    assert_eq!(
        profile.get("PayloadIdentifier").and_then(Value::as_string),
        Some("org.example.pomona.enroll")
    );
    let kinds: Vec<_> = profile
        .get("PayloadContent")
        .and_then(Value::as_array)
        .expect("payloads")
        .iter()
        .filter_map(|p| p.as_dictionary()?.get("PayloadType")?.as_string())
        .collect();
    assert_eq!(kinds, ["com.apple.security.root", "com.apple.security.scep", "com.apple.mdm"]);

    let scep = payload(&profile, "com.apple.security.scep");
    let inner = scep.get("PayloadContent").and_then(Value::as_dictionary).expect("a dictionary");
    for key in ["URL", "Name", "Subject", "Challenge", "Keysize", "Key Type", "Key Usage", "CAFingerprint"] {
        assert!(inner.contains_key(key), "{key}");
    }
    assert_eq!(inner.get("URL").and_then(Value::as_string), Some("https://mdm.example.org/scep"));
    assert_eq!(inner.get("Keysize").and_then(Value::as_signed_integer), Some(2048));
    assert_eq!(inner.get("Key Type").and_then(Value::as_string), Some("RSA"));
    assert_eq!(inner.get("Key Usage").and_then(Value::as_signed_integer), Some(5));

    let mdm = payload(&profile, "com.apple.mdm");
    assert_eq!(mdm.get("ServerURL").and_then(Value::as_string), Some("https://mdm.example.org/mdm"));
    assert_eq!(mdm.get("Topic").and_then(Value::as_string), Some(TOPIC));
    assert_eq!(mdm.get("SignMessage").and_then(Value::as_boolean), Some(true));
    assert_eq!(mdm.get("CheckOutWhenRemoved").and_then(Value::as_boolean), Some(true));
    assert_eq!(mdm.get("AccessRights").and_then(Value::as_signed_integer), Some(8191));
    assert_eq!(mdm.get("IdentityCertificateUUID"), scep.get("PayloadUUID"));
}

#[tokio::test]
async fn each_download_holds_a_challenge_of_its_own_that_is_stored_as_its_hash_alone() {
    let world = World::new();
    let (ticket, token) = world.ticket(|_| ());
    let mut seen = Vec::new();
    for _ in 0..2 {
        let answer = download(&world, &token).await;
        let order = EnrollmentOrder::parse(&answer.body).expect("a profile");
        let challenge = order.challenge.expect("a challenge");
        let kept = store::tickets::challenge(&world.read(), &sha256(challenge.expose())).expect("readable");
        let kept = kept.expect("it is good");
        assert_eq!((kept.used, kept.expires), (None, world.now().plus_secs(3600)));
        seen.push(challenge);
    }
    assert_ne!(seen[0], seen[1]);
    let uses = store::tickets::get(&world.read(), &ticket.id).expect("readable").expect("a ticket").uses;
    assert_eq!(uses, 0, "a download is no use yet");
}

#[tokio::test]
async fn a_download_is_kept_by_nobody_on_the_way_and_named_for_people() {
    let world = World::new();
    let (_, token) = world.ticket(|_| ());
    let request = Request::get(format!("/enroll/{token}/profile")).body(Body::empty()).expect("a request");
    let response = tower::ServiceExt::oneshot(world.router.clone(), request).await.expect("an answer");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(
        response.headers()[header::CONTENT_DISPOSITION],
        "attachment; filename=\"enroll.mobileconfig\""
    );
}

#[tokio::test]
async fn the_profile_is_signed_by_our_ca_unless_the_configuration_says_otherwise() {
    let world = World::with(Store::in_memory(), DeviceConfig::default());
    let (_, token) = world.ticket(|_| ());
    let answer = download(&world, &token).await;
    let signed = cms::verify_attached(&answer.body).expect("signed");
    assert_eq!(signed.signer, world.app.authority.ca);
    assert!(EnrollmentOrder::parse(&answer.body).is_ok());
}

#[tokio::test]
async fn links_that_do_not_work_say_so() {
    let world = World::new();
    let now = world.now();
    let (_, old) = world.ticket(|t| t.expires = now);
    let (_, taken_back) = world.ticket(|t| t.revoked = Some(now));
    let (_, used_up) = world.ticket(|t| {
        t.max_uses = Some(1);
        t.uses = 1;
    });
    for token in [old, taken_back, used_up] {
        let answer = download(&world, &token).await;
        assert_eq!(answer.status, StatusCode::GONE);
        assert!(std::str::from_utf8(&answer.body).expect("text").contains("administrator"));
    }
    let guess = hex::encode(roll::<32>(world.dice()));
    assert_eq!(download(&world, &guess).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn guessing_links_gets_slow() {
    let world = World::new();
    let (_, token) = world.ticket(|_| ());
    for n in 0..30 {
        assert_eq!(download(&world, &format!("guess-{n}")).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(download(&world, "guess").await.status, StatusCode::TOO_MANY_REQUESTS);
    world.pass(60);
    assert_eq!(download(&world, &token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn without_a_push_certificate_nobody_is_enrolled_into_silence() {
    let world = World::new();
    let (_, token) = world.ticket(|_| ());
    world.write(|w| {
        let mut identity = store::settings::identity(w, IdentityUse::Push)?.expect("one");
        identity.certificate = store::settings::identity(w, IdentityUse::DeviceCa)?.expect("one").certificate;
        Ok(store::settings::put_identity(w, IdentityUse::Push, &identity)?)
    });
    let answer = download(&world, &token).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(std::str::from_utf8(&answer.body).expect("text").contains("push certificate"));
}
