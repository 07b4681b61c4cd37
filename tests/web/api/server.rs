//! The server itself over the API: accounts, tokens, push, logs, facts.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as B64;
use pomona::model::account::Role;
use pomona::web::Hooks;
use pomona::wire::api::{AccountInfo, CaInfo, Facts, LogLevel, PushStatus, SetupCode, TokenMade};
use serde_json::json;

use super::read;
use crate::web::browser::{PASSWORD, Program};
use crate::web::device::pretend::{TOPIC, World};

#[tokio::test]
async fn accounts_and_tokens_are_made_at_the_socket() {
    let world = World::new();
    let console = Program::at_socket(&world);
    let wish = json!({"name": "Ada", "full_name": "Ada Lovelace", "role": "owner", "password": PASSWORD});
    let made: AccountInfo = read(&console.post("/api/v1/accounts", wish.clone()).await.expect(201));
    assert_eq!((made.name.as_str(), made.role.as_str()), ("ada", "owner"));
    assert_eq!(console.post("/api/v1/accounts", wish).await.expect(409).code(), "account.exists");
    let made: TokenMade =
        read(&console.post("/api/v1/tokens", json!({"name": "ci", "role": "admin"})).await.expect(201));
    let program = Program::with_token(&world, made.token.expose());
    program.get("/api/v1/profiles").await.expect(200);
    let listed = console.get("/api/v1/tokens").await.expect(200);
    assert!(!listed.text().contains(made.token.expose()));
    console.send("DELETE", &format!("/api/v1/tokens/{}", made.info.id), "").await.expect(204);
    program.get("/api/v1/profiles").await.expect(401);
    let password = json!({"password": "quite another long password"});
    console.post("/api/v1/accounts/ada/password", password.clone()).await.expect(200);
    let sign_in = "/profilemanager/signin";
    let fields = [("name", "ada"), ("password", "quite another long password")];
    world.browser().fill(sign_in, sign_in, &fields).await.expect(303);
    let owner = Program::with_token(&world, &world.token("o", Role::Owner));
    let refused = owner.post("/api/v1/accounts/ada/password", password).await.expect(403);
    assert_eq!(refused.code(), "access.console");
}

#[tokio::test]
async fn the_setup_code_is_made_anew_at_the_socket_until_somebody_is_there() {
    let world = World::new();
    let console = Program::at_socket(&world);
    let first: SetupCode = read(&console.post("/api/v1/setup-code", json!({})).await.expect(201));
    let second: SetupCode = read(&console.post("/api/v1/setup-code", json!({})).await.expect(201));
    assert_eq!(first.code.expose().len(), 23);
    assert_ne!(first.code, second.code);
    assert_eq!(second.url, "https://mdm.example.org/profilemanager/setup");
    let browser = world.browser();
    let setup = "/profilemanager/setup";
    let fields = |code: &'static str| {
        [("code", code), ("name", "ada"), ("password", PASSWORD), ("password_again", PASSWORD)]
    };
    let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    browser.fill(setup, setup, &fields(leak(first.code.expose()))).await.expect(403);
    browser.fill(setup, setup, &fields(leak(second.code.expose()))).await.expect(303);
    assert_eq!(console.post("/api/v1/setup-code", json!({})).await.expect(409).code(), "setup.done");
    let stranger = Program::stranger(&world);
    assert_eq!(stranger.post("/api/v1/setup-code", json!({})).await.expect(403).code(), "access.console");
}

#[tokio::test]
async fn the_push_certificate_is_told_and_replaced_only_with_care() {
    let world = World::new();
    world.enrolled("00008120-000000000000005F").await;
    let owner = Program::with_token(&world, &world.token("o", Role::Owner));
    let status: PushStatus = read(&owner.get("/api/v1/push").await.expect(200));
    assert_eq!((status.topic.as_deref(), status.enrolled, status.days_left), (Some(TOPIC), 1, Some(400)));
    let key = pomona::wire::key::PrivateKey::generate_p256();
    let other = "com.apple.mgmt.External.22222222-aaaa-4000-8000-000000000000";
    let draft = pomona::wire::x509::Draft {
        common_name: "APSP:other".into(),
        organization: None,
        uid: Some(other.into()),
        serial: [7; 16],
        not_before: world.now().secs(),
        not_after: world.now().plus_secs(86_400 * 365).secs(),
        profile: pomona::wire::x509::DraftProfile::PushClient,
    };
    let cert = pomona::wire::x509::issue(&draft, &key.public_der(), None, &key).expect("issued");
    let key = pomona::wire::pem::block("PRIVATE KEY", key.to_pkcs8().expose());
    let wish = |confirm: Option<&str>| json!({"file": B64.encode(cert.to_pem()), "key": key, "confirm_topic": confirm});
    let import = "/api/v1/push/certificate";
    assert_eq!(owner.post(import, wish(None)).await.expect(409).code(), "push.topic");
    assert_eq!(owner.post(import, wish(Some(TOPIC))).await.expect(409).code(), "push.topic");
    let status: PushStatus = read(&owner.post(import, wish(Some(other))).await.expect(200));
    assert_eq!(status.topic.as_deref(), Some(other));
}

#[tokio::test]
async fn the_level_of_the_logs_is_changed_and_loud_ones_need_an_end() {
    let world = World::new();
    let hooks = Hooks {
        set_log_level: Arc::new(|level, for_secs| {
            Ok(LogLevel { level: level.into(), for_secs, until: None })
        }),
        ..Hooks::default()
    };
    let world = World { app: world.app.clone().with_hooks(hooks), ..world };
    let owner = Program::with_token(&world, &world.token("o", Role::Owner));
    let path = "/api/v1/log-level";
    for bad in [
        json!({"level": "debug"}),
        json!({"level": "loud", "for_secs": 60}),
        json!({"level": "trace", "for_secs": 90_000}),
    ] {
        assert_eq!(owner.post(path, bad).await.expect(422).code(), "log.level");
    }
    let set: LogLevel =
        read(&owner.post(path, json!({"level": "debug", "for_secs": 1800})).await.expect(200));
    assert_eq!(set.level, "debug");
    assert_eq!(world.activities()[0].text, "Set the level of the logs to debug for 30 minutes.");
}

#[tokio::test]
async fn the_server_tells_its_ca_its_facts_and_its_health() {
    let world = World::new();
    world.enrolled("00008120-000000000000006F").await;
    let console = Program::at_socket(&world);
    let ca: CaInfo = read(&console.get("/api/v1/ca").await.expect(200));
    let parsed = pomona::wire::x509::certs_from_pem(&ca.pem).expect("PEM").remove(0);
    assert_eq!(hex::encode(parsed.fingerprint()), ca.sha256);
    let facts: Facts = read(&console.get("/api/v1/facts").await.expect(200));
    assert_eq!((facts.devices, facts.enrolled, facts.address.as_str()), (1, 1, "https://mdm.example.org"));
    assert!(facts.store.open && facts.store.commits > 0 && facts.store.panics == 0, "{:?}", facts.store);
    let stranger = Program::stranger(&world);
    for path in ["/healthz", "/readyz"] {
        let health = stranger.get(path).await.expect(200).json();
        assert_eq!(health["status"], "ok");
        assert_eq!(health.get("version"), None, "strangers are not told the version");
        assert!(console.get(path).await.json()["version"].is_string());
    }
    world.enrolled("00008120-000000000000009F").await;
    let activity = console.get("/api/v1/activity?limit=1").await.expect(200).json();
    assert_eq!(activity["items"].as_array().expect("items").len(), 1);
    assert!(activity["next"].is_string());
}
