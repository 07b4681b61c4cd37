//! The organization's signing certificate over the API.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pomona::model::account::Role;
use pomona::wire::api::{ProfileInfo, SigningInfo};
use pomona::wire::key::PrivateKey;
use pomona::wire::profile;
use pomona::wire::x509::{DraftProfile, issue};
use serde_json::json;

use super::read;
use crate::web::browser::{Program, mobileconfig};
use crate::web::device::pretend::{World, rsa_key};

#[tokio::test]
async fn profiles_are_signed_by_the_server_until_a_certificate_is_imported() {
    let world = World::new();
    let owner = Program::with_token(&world, &world.token("o", Role::Owner));
    let file = mobileconfig(
        "org.example.wifi",
        "Wi-Fi",
        "AAAAAAAA-0000-4000-8000-000000000001",
        "com.apple.wifi.managed",
        "pw",
    );
    owner.send("POST", "/api/v1/profiles", file).await.expect(201);
    let none: SigningInfo = read(&owner.get("/api/v1/signing").await.expect(200));
    assert_eq!(none.certificate, None);
    let signed = owner.get("/api/v1/profiles/org.example.wifi/file?wrapping=signed").await.expect(200);
    let by = profile::parse(&signed.body).expect("a profile").signer.expect("a signer");
    let ours =
        read::<SigningInfo>(&owner.get("/api/v1/signing").await.expect(200)).certificate.expect("made");
    assert!(ours.own && ours.chain.len() == 1);
    assert_eq!(ours.sha256, hex::encode(by.fingerprint()));

    let key = rsa_key(1);
    let draft = pomona::wire::x509::Draft {
        common_name: "Example Orchard".into(),
        organization: None,
        uid: None,
        serial: [7; 16],
        not_before: world.now().secs() - 3600,
        not_after: world.now().secs() + 86_400 * 300,
        profile: DraftProfile::Signer,
    };
    let certificate = issue(&draft, &key.public_der(), None, &key).expect("a certificate");
    let import = "/api/v1/signing/certificate";
    let pem = STANDARD.encode(certificate.to_pem());
    let with = |key: &PrivateKey| {
        let key = String::from_utf8(key.to_pem().expose().to_vec()).expect("text");
        json!({"file": pem, "key": key})
    };
    assert_eq!(owner.post(import, json!({"file": pem})).await.expect(422).code(), "signing.no-key");
    let wrong = owner.post(import, with(&rsa_key(2))).await.expect(422);
    assert_eq!(wrong.code(), "signing.key");
    let imported = owner.post(import, with(&key)).await.expect(200);
    assert!(!imported.text().contains("PRIVATE"));
    let theirs = read::<SigningInfo>(&imported).certificate.expect("imported");
    assert!(!theirs.own && theirs.subject.contains("Example Orchard"));
    let signed = owner.get("/api/v1/profiles/org.example.wifi/file?wrapping=signed").await.expect(200);
    let by = profile::parse(&signed.body).expect("a profile").signer.expect("a signer");
    assert_eq!(by.common_name().as_deref(), Some("Example Orchard"));
    let admin = Program::with_token(&world, &world.token("a", Role::Admin));
    assert_eq!(admin.post(import, with(&key)).await.expect(403).code(), "access.role");
    let _: ProfileInfo = read(&admin.get("/api/v1/profiles/org.example.wifi").await.expect(200));
}
