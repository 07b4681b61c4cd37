//! The JSON API, as programs and the command line use it.

mod drafts;
mod imports;
mod server;
mod signing;

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as B64;
use pomona::model::account::Role;
use pomona::store;
use pomona::wire::api::{
    Answer, CommandDetail, CommandInfo, DeviceDetail, DeviceSummary, Imported, Page, Problem, ProfileStatus,
    TicketInfo,
};
use pomona::wire::enroll::EnrollmentOrder;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::web::browser::{Program, Shown, mobileconfig};
use crate::web::device::pretend::{TOPIC, World};

/// Reads an answer as the command line does.
fn read<T: DeserializeOwned>(shown: &Shown) -> T {
    let answer: Answer<T> =
        serde_json::from_slice(&shown.body).unwrap_or_else(|e| panic!("{e}: {}", shown.text()));
    assert_eq!(answer.schema, 1);
    answer.body
}

#[tokio::test]
async fn a_refusal_is_a_problem_with_a_code_and_a_way_on() {
    let world = World::new();
    let stranger = Program::stranger(&world);
    let shown = stranger.get("/api/v1/devices").await.expect(401);
    assert_eq!(shown.header("www-authenticate"), "Bearer");
    assert_eq!(shown.header("content-type"), "application/json");
    let problem: Problem = serde_json::from_slice(&shown.body).expect("a problem");
    assert_eq!((problem.schema, problem.code.as_str()), (1, "access.token"));
    assert!(!problem.said.is_empty() && !problem.next.is_empty());
    assert_eq!(problem.request, shown.header("x-request-id"));
    let auditor = Program::with_token(&world, &world.token("a", Role::Auditor));
    assert_eq!(auditor.post("/api/v1/enrollment-links", json!({})).await.expect(403).code(), "access.role");
    assert_eq!(auditor.get("/api/v1/devices/none").await.expect(404).code(), "device.unknown");
    assert_eq!(auditor.get("/api/v1/none").await.expect(404).code(), "page.unknown");
    assert_eq!(auditor.send("PUT", "/api/v1/devices", "").await.expect(405).code(), "page.method");
    assert_eq!(auditor.get("/api/v1/devices?limit=0").await.expect(400).code(), "api.query");
    assert_eq!(auditor.get("/api/v1/devices?platform=toaster").await.expect(400).code(), "api.query");
    let owner = Program::with_token(&world, &world.token("o", Role::Owner));
    let bad = owner
        .send("POST", "/api/v1/tokens", "{\"name\": \"a secret that is not repeated\", }")
        .await
        .expect(400);
    assert_eq!(bad.code(), "api.body");
    assert!(!bad.text().contains("not repeated"));
}

#[tokio::test]
async fn cookies_open_no_api_and_tokens_open_no_page() {
    let world = World::new();
    let browser = world.owner();
    browser.get("/api/v1/devices").await.expect(401);
    let token = world.token("o", Role::Owner);
    let program = Program::with_token(&world, &token);
    program.get("/profilemanager/devices").await.expect(303);
    let basic = axum::http::Request::get("/api/v1/devices").header("authorization", format!("Basic {token}"));
    browser.send(basic.body(axum::body::Body::empty()).expect("a request")).await.expect(401);
}

#[tokio::test]
async fn devices_are_listed_by_pages_and_shown_by_id_or_serial_number() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("a", Role::Auditor));
    let mut serials = Vec::new();
    for n in 0..3 {
        serials.push(world.enrolled(&format!("00008120-00000000000000{n}E")).await.serial.clone());
    }
    let first: Page<DeviceSummary> = read(&program.get("/api/v1/devices?limit=2").await.expect(200));
    assert_eq!((first.items.len(), first.total), (2, Some(3)));
    let next = first.next.expect("more");
    let second: Page<DeviceSummary> =
        read(&program.get(&format!("/api/v1/devices?limit=2&after={next}")).await);
    assert_eq!((second.items.len(), second.next), (1, None));
    assert_eq!(second.items[0].state, "enrolled");
    let shown: DeviceDetail =
        read(&program.get(&format!("/api/v1/devices/{}", serials[1].to_lowercase())).await);
    assert_eq!(shown.summary.serial.as_ref(), Some(&serials[1]));
    assert_eq!(shown.summary.os_version.as_deref(), Some("26.2"));
    assert_eq!(shown.apps[0].name, "Notes");
    assert!(shown.certificate_expires.is_some() && shown.unfinished_commands == 0);
    let by_id: DeviceDetail = read(&program.get(&format!("/api/v1/devices/{}", shown.summary.id)).await);
    assert_eq!(by_id, shown);
}

#[tokio::test]
async fn a_command_is_sent_with_typed_arguments_and_waited_for() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("h", Role::Helpdesk));
    let device = world.enrolled("00008120-000000000000001F").await;
    let path = format!("/api/v1/devices/{}/commands", device.id());
    let body = json!({"type": "DeviceLock", "message": "Please call", "phone_number": "112"});
    let sent: CommandInfo = read(&program.post(&path, body).await.expect(201));
    assert_eq!((sent.state.as_str(), sent.by.as_str(), sent.finished), ("queued", "token:h", false));
    let began = Instant::now();
    let wait = format!("/api/v1/commands/{}?wait=20", sent.uuid.to_lowercase());
    let (shown, ()) = tokio::join!(program.get(&wait), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let uuid = device.idle().await.uuid();
        device.acknowledge(&uuid).await;
    });
    let done: CommandDetail = read(&shown.expect(200));
    assert_eq!((done.info.state.as_str(), done.info.label.as_str()), ("acknowledged", "Done"));
    assert!(began.elapsed() < Duration::from_secs(5), "it did not wait for the whole time");
    assert!(done.request.expect("a request").contains("Please call"));
    assert!(done.report.expect("a report").contains("Acknowledged"));
    let began = Instant::now();
    let sent: CommandInfo = read(&program.post(&path, json!({"type": "RestartDevice"})).await.expect(201));
    let shown = program.get(&format!("/api/v1/commands/{}?wait=1", sent.uuid)).await.expect(200);
    assert_eq!(read::<CommandDetail>(&shown).info.state, "queued");
    assert!(began.elapsed() >= Duration::from_secs(1));
    let taken: CommandInfo =
        read(&program.post(&format!("/api/v1/commands/{}/cancel", sent.uuid), json!({})).await);
    assert_eq!(taken.state, "canceled");
    let again = program.post(&format!("/api/v1/commands/{}/cancel", sent.uuid), json!({})).await.expect(409);
    assert_eq!(again.code(), "command.finished");
    let list: Page<CommandInfo> = read(&program.get(&format!("{path}?limit=2")).await);
    assert_eq!(list.items[0].uuid, sent.uuid);
    assert!(list.next.is_some());
}

#[tokio::test]
async fn an_erase_needs_the_name_however_it_is_written() {
    let world = World::new();
    let owner = Program::at_socket(&world);
    let device = world.enrolled("00008120-000000000000002F").await;
    let path = format!("/api/v1/devices/{}/commands", device.id());
    let mut raw = pomona::wire::plist::Dictionary::new();
    raw.insert("RequestType".into(), "EraseDevice".into());
    let raw = B64.encode(pomona::wire::plist::to_xml(&pomona::wire::plist::Value::Dictionary(raw)));
    for order in [json!({"type": "EraseDevice"}), json!({"type": "Raw", "plist": raw})] {
        for confirm in [json!(null), json!(""), json!("Another device")] {
            let mut body = order.clone();
            body["confirm"] = confirm;
            assert_eq!(owner.post(&path, body).await.expect(409).code(), "device.name");
        }
    }
    assert!(store::commands::queue(&world.read(), &device.id()).expect("readable").is_empty());
    let body = json!({"type": "Raw", "plist": raw, "confirm": "renamed DEVICE"});
    owner.post(&path, body).await.expect(201);
    let admin = Program::with_token(&world, &world.token("a", Role::Helpdesk));
    let body = json!({"type": "Raw", "plist": raw, "confirm": "Renamed device"});
    assert_eq!(admin.post(&path, body).await.expect(403).code(), "access.role");
}

#[tokio::test]
async fn rights_go_by_the_command_and_a_command_by_hand_needs_its_own() {
    let world = World::new();
    let device = world.enrolled("00008120-000000000000003F").await;
    let path = format!("/api/v1/devices/{}/commands", device.id());
    let helpdesk = Program::with_token(&world, &world.token("h", Role::Helpdesk));
    let mut raw = pomona::wire::plist::Dictionary::new();
    raw.insert("RequestType".into(), "DeviceLocation".into());
    let raw = B64.encode(pomona::wire::plist::to_xml(&pomona::wire::plist::Value::Dictionary(raw)));
    for (body, status) in [
        (json!({"type": "SecurityInfo"}), 201),
        (json!({"type": "DeviceLock"}), 201),
        (json!({"type": "EraseDevice", "confirm": "Renamed device"}), 403),
        (json!({"type": "RemoveProfile", "identifier": "org.example.x"}), 403),
        (json!({"type": "Raw", "plist": raw}), 403),
        (json!({"type": "Raw", "plist": "not base64!"}), 422),
        (json!({"type": "NoSuchCommand"}), 400),
    ] {
        let shown = helpdesk.post(&path, body.clone()).await;
        assert_eq!(shown.status.as_u16(), status, "{body}: {}", shown.text());
    }
    let admin = Program::with_token(&world, &world.token("a", Role::Admin));
    admin.post(&path, json!({"type": "Raw", "plist": raw})).await.expect(201);
    let unknown = json!({"type": "SecurityInfo", "user": "grace"});
    assert_eq!(admin.post(&path, unknown).await.expect(404).code(), "device.user");
}

#[tokio::test]
async fn a_lock_pin_is_revealed_to_whoever_may_and_that_is_recorded() {
    let world = World::new();
    let mac = world.device("564D1111-0000-0000-0000-000000000009").mac();
    mac.enroll().await;
    mac.drain().await;
    let helpdesk = Program::with_token(&world, &world.token("h", Role::Helpdesk));
    let pin = format!("/api/v1/devices/{}/lock-pin", mac.id());
    assert_eq!(helpdesk.post(&pin, json!({})).await.expect(404).code(), "device.no-pin");
    let lock = json!({"type": "DeviceLock", "pin": "246810"});
    helpdesk.post(&format!("/api/v1/devices/{}/commands", mac.id()), lock).await.expect(201);
    let shown = helpdesk.post(&pin, json!({})).await.expect(200);
    assert_eq!(shown.json()["pin"], "246810");
    assert_eq!(world.activities()[0].by, "token:h");
    let bad = json!({"type": "DeviceLock", "pin": "12345"});
    let bad = helpdesk.post(&format!("/api/v1/devices/{}/commands", mac.id()), bad).await.expect(422);
    assert_eq!(bad.code(), "command.pin");
}

#[tokio::test]
async fn a_profile_goes_through_its_life_over_the_api() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("a", Role::Admin));
    let device = world.enrolled("00008120-000000000000004F").await;
    let file = mobileconfig(
        "org.example.wifi",
        "Wi-Fi",
        "AAAAAAAA-0000-4000-8000-000000000001",
        "com.apple.wifi.managed",
        "pw",
    );
    let made: Imported = read(&program.send("POST", "/api/v1/profiles", file.clone()).await.expect(201));
    assert_eq!(made.outcome, "created");
    let again: Imported = read(&program.send("POST", "/api/v1/profiles", file.clone()).await.expect(200));
    assert_eq!(again.outcome, "unchanged");
    // By identifier as well as by id.
    let path = "/api/v1/profiles/org.example.wifi";
    let shown =
        program.post(&format!("{path}/assign"), json!({"devices": [device.serial]})).await.expect(200);
    assert_eq!(shown.json()["assigned"], json!([device.id().as_str()]));
    world.reconcile(&device.id());
    let install = device.idle().await.uuid();
    device.acknowledge(&install).await;
    let status: Page<ProfileStatus> = read(&program.get(&format!("{path}/status")).await.expect(200));
    assert_eq!(
        (status.items[0].delivery.state.as_str(), status.items[0].delivery.revision),
        ("installed", 1)
    );
    let shown = program.get(path).await.expect(200).json();
    assert_eq!(shown["counts"][0]["label"], "Installed");
    assert_eq!(program.get(&format!("{path}/file")).await.expect(200).body, file);
    assert_eq!(
        program.post(&format!("{path}/assign"), json!({})).await.expect(422).code(),
        "profile.assign-nobody"
    );
    program.post(&format!("{path}/assign"), json!({"everyone": true})).await.expect(200);
    program
        .post(&format!("{path}/unassign"), json!({"everyone": true, "devices": [device.serial]}))
        .await
        .expect(200);
    world.reconcile(&device.id());
    assert!(device.drain().await.contains(&"RemoveProfile".to_owned()));
    program.send("DELETE", path, "").await.expect(204);
    assert_eq!(program.get(path).await.expect(404).code(), "profile.unknown");
}

#[tokio::test]
async fn an_enrollment_link_is_made_listed_and_revoked() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("a", Role::Admin));
    let wish = json!({"label": "Sales", "valid_secs": 3600, "max_uses": 5, "serial": "c02xyz"});
    let made: TicketInfo = read(&program.post("/api/v1/enrollment-links", wish).await.expect(201));
    let url = made.url.clone().expect("an address");
    assert!(url.starts_with("https://mdm.example.org/enroll/") && made.serial.as_deref() == Some("C02XYZ"));
    let token = url.rsplit('/').next().expect("a token");
    assert_eq!(token.len(), 43, "256 bits in base64url");
    world.browser().get(&format!("/enroll/{token}")).await.expect(200);
    let list: Page<TicketInfo> = read(&program.get("/api/v1/enrollment-links").await);
    assert_eq!((list.items[0].url.as_ref(), list.items[0].state.as_str()), (Some(&url), "open"));
    let auditor = Program::with_token(&world, &world.token("b", Role::Auditor));
    let list: Page<TicketInfo> = read(&auditor.get("/api/v1/enrollment-links").await);
    assert_eq!(list.items[0].url, None);
    let gone: TicketInfo = read(
        &program.post(&format!("/api/v1/enrollment-links/{}/revoke", made.id), json!({})).await.expect(200),
    );
    assert_eq!((gone.state.as_str(), gone.url), ("revoked", None));
    world.browser().get(&format!("/enroll/{token}")).await.expect(410);
    for wish in [
        json!({"valid_secs": 1}),
        json!({"max_uses": 0}),
        json!({"serial": "no spaces"}),
        json!({"label": "x".repeat(101)}),
    ] {
        let refused = program.post("/api/v1/enrollment-links", wish.clone()).await.expect(422);
        assert!(refused.code().starts_with("link."), "{wish}");
    }
}

#[tokio::test]
async fn the_enrollment_profile_itself_is_given_out_unsigned_and_good_for_one_device() {
    let world = World::new();
    let program = Program::at_socket(&world);
    let file = program.post("/api/v1/enrollment-profile", json!({})).await.expect(200);
    assert_eq!(file.header("content-type"), "application/x-apple-aspen-config");
    let order = EnrollmentOrder::parse(&file.body).expect("an enrollment profile");
    assert_eq!((order.topic.as_str(), order.server_url.as_str()), (TOPIC, "https://mdm.example.org/mdm"));
    let challenge = order.challenge.expect("a challenge");
    let hash = pomona::wire::key::sha256(challenge.expose());
    assert!(store::tickets::challenge(&world.read(), &hash).expect("readable").is_some());
    assert_eq!(store::tickets::list(&world.read()).expect("readable")[0].max_uses, Some(1));
}

#[tokio::test]
async fn a_device_is_removed_and_forgotten_over_the_api() {
    let world = World::new();
    let admin = Program::with_token(&world, &world.token("a", Role::Admin));
    let device = world.enrolled("00008120-000000000000007F").await;
    world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    let remove = format!("/api/v1/devices/{}/remove", device.id());
    let asked: CommandInfo = read(&admin.post(&remove, json!({})).await.expect(200));
    let again: CommandInfo = read(&admin.post(&remove, json!({})).await.expect(200));
    assert_eq!((asked.request_type.as_str(), asked.uuid), ("RemoveProfile", again.uuid));
    admin.post(&remove, json!({"forget": true})).await.expect(204);
    admin.get(&format!("/api/v1/devices/{}", device.id())).await.expect(404);
    assert!(store::commands::queue(&world.read(), &device.id()).expect("readable").is_empty());
    assert!(store::profiles::placements_of_device(&world.read(), &device.id()).expect("readable").is_empty());
    for work in [pomona::model::due::Work::Push, pomona::model::due::Work::Reconcile] {
        assert_eq!(world.due(work, &device.id()), None);
    }
    device.idle().await.assert_refused();
}
