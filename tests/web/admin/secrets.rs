//! What is stored as a secret is on no page and in no answer; what devices and people write is text and never markup.

use base64::Engine as _;
use pomona::actions::permission;
use pomona::model::account::Role;
use pomona::model::activity::Activity;
use pomona::model::device::{Device, InstalledApp, InstalledCertificate, InstalledProfile, Inventory};
use pomona::model::enrollment::{Escrow, EscrowKind};
use pomona::model::profile::Profile;
use pomona::store;
use pomona::web::routes::rules;
use pomona::web::table::{Audience, Method};
use pomona::wire::Secret;
use pomona::wire::mdm::command::Request as Command;
use pomona::wire::plist::Value;

use super::matrix::Office;
use crate::web::browser::{Program, Shown, mobileconfig};
use crate::web::device::pretend::World;

/// Every page, and every answer of the API, that a role can read.
async fn everything(world: &World, office: &Office, role: Role) -> Vec<(String, Shown)> {
    let account = store::accounts::get(&world.read(), role.as_str()).expect("readable");
    let account = account.unwrap_or_else(|| world.account(role.as_str(), role));
    let browser = world.signed_in(&account);
    let name = format!("{} reads {}", role.as_str(), world.commit());
    let program = Program::with_token(world, &world.token(&name, role));
    let mut all = Vec::new();
    for rule in rules().into_iter().filter(|r| r.method == Method::Get) {
        let path = office.path(rule.path);
        let shown = match rule.audience {
            Audience::People => browser.get(&path).await,
            Audience::Programs => program.get(&path).await,
        };
        if shown.status == 200 {
            all.push((path, shown));
        }
    }
    all
}

#[tokio::test]
async fn no_page_and_no_answer_holds_a_stored_secret() {
    let world = World::new();
    let office = Office::open(&world).await;
    let device = world.device("00008120-0012345678901234");
    let id = device.id();
    let file = mobileconfig(
        "org.example.wifi",
        "Wi-Fi",
        "AAAAAAAA-0000-4000-8000-000000000001",
        "com.apple.wifi.managed",
        "canary-of-a-profile",
    );
    let kinds = [
        (EscrowKind::UnlockToken, "canary-of-an-unlock-token"),
        (EscrowKind::BootstrapToken, "canary-of-a-bootstrap-token"),
        (EscrowKind::LockPin, "918273"),
    ];
    let (kept, now, seen) = (id.clone(), world.now(), Secret::new(file.clone()));
    world.write(move |w| {
        for (kind, canary) in kinds {
            let escrow = Escrow { secret: Secret::from(canary.to_owned()), at: now };
            store::enrollments::put_escrow(w, &kept, kind, &escrow)?;
        }
        store::profiles::put_revision(w, "wifi", 1, &seen)?;
        let push = store::enrollments::push_info(w, &kept)?.expect("push information");
        let push = pomona::model::enrollment::PushInfo {
            token: Secret::from("canary-of-a-push-token".to_owned()),
            magic: Secret::from("canary-of-a-push-magic".to_owned()),
            ..push
        };
        Ok(store::enrollments::put_push_info(w, &kept, &push)?)
    });
    // Commands that carry secrets, sent and waiting.
    let pin = Secret::from("564738".to_owned());
    let token = Secret::from("canary-of-a-clear-passcode".to_owned());
    let payload = Secret::new(mobileconfig(
        "org.example.x",
        "X",
        "AAAAAAAA-0000-4000-8000-000000000009",
        "com.apple.vpn.managed",
        "canary-of-a-command",
    ));
    let mut raw = pomona::wire::plist::Dictionary::new();
    raw.insert("RequestType".into(), "SetFirmwarePassword".into());
    raw.insert("NewPassword".into(), "canary-of-a-raw-command".into());
    let uuids = world.ask(
        &id,
        vec![
            Command::DeviceLock { pin: Some(pin), message: None, phone_number: None },
            Command::ClearPasscode { unlock_token: token },
            Command::InstallProfile { payload },
            Command::Raw(raw),
        ],
    );
    let mut all = everything(&world, &office, Role::Owner).await;
    all.extend(everything(&world, &office, Role::Auditor).await);
    let browser = world.owner();
    for uuid in &uuids {
        let path = format!("/profilemanager/devices/{id}/commands/{uuid}");
        all.push((path.clone(), browser.get(&path).await.expect(200)));
    }
    assert!(all.len() > 90, "{}", all.len());
    let key = store::settings::identity(&world.read(), pomona::model::settings::IdentityUse::Push)
        .expect("readable")
        .expect("an identity")
        .key;
    let mut canaries: Vec<(&str, Vec<u8>)> = [
        "canary-of-an-unlock-token",
        "canary-of-a-bootstrap-token",
        "918273",
        "564738",
        "canary-of-a-push-token",
        "canary-of-a-push-magic",
        "canary-of-a-clear-passcode",
        "canary-of-a-command",
        "canary-of-a-raw-command",
        "canary-of-a-profile",
        "$argon2id$",
    ]
    .into_iter()
    .map(|text| (text, text.as_bytes().to_vec()))
    .collect();
    canaries.push(("the push key", key.expose().to_vec()));
    canaries.push(("the key of the CA", world.app.authority.key.to_pkcs8().expose().to_vec()));
    for (path, shown) in &all {
        // The file itself is for those who edit profiles, and is no page.
        if path.ends_with("/download") || path.ends_with("/file") {
            continue;
        }
        let text = String::from_utf8_lossy(&shown.body);
        for (what, canary) in &canaries {
            let b64 = base64::engine::general_purpose::STANDARD.encode(canary);
            let forms = [String::from_utf8_lossy(canary).into_owned(), hex::encode(canary), b64];
            for form in forms {
                assert!(!text.contains(form.as_str()), "{path} holds {what}");
            }
        }
    }
}

#[tokio::test]
async fn the_address_of_an_enrollment_link_is_for_those_who_may_make_links() {
    let world = World::new();
    let office = Office::open(&world).await;
    let tickets = store::tickets::list(&world.read()).expect("readable");
    let secrets: Vec<String> =
        tickets.iter().map(|t| t.token.expose_str().expect("text").to_owned()).collect();
    for (path, shown) in everything(&world, &office, Role::Auditor).await {
        if !path.starts_with("/enroll/") {
            let text = shown.text();
            assert!(secrets.iter().all(|secret| !text.contains(secret)), "{path}");
        }
    }
    let link = office.path("/profilemanager/enrollment/{id}");
    let admin = world.signed_in(&world.account("grace", Role::Admin));
    let shown = admin.get(&link).await.expect(200).text();
    assert!(secrets.iter().any(|secret| shown.contains(secret)), "shown again to whoever may");
}

const PAYLOADS: [&str; 14] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "javascript:alert(1)",
    "\" onmouseover=\"alert(1)",
    "' autofocus onfocus='alert(1)",
    "<!--<img src=x onerror=alert(1)>-->",
    "<iframe srcdoc=\"<script>alert(1)</script>\">",
    "{{7*7}}${7*7}%{7*7}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u{202e}<b>\u{0}\u{7}\n\r\t",
    "</pre></code></body></html><script>",
];

/// Puts a text into every field that a device or a person writes.
fn write_everywhere(world: &World, office: &Office, text: &str) {
    let id = pomona::model::enrollment::EnrollmentId::parse("00008120-0012345678901234").expect("an id");
    let (text, now) = (text.to_owned(), world.now());
    let ticket_path = office.path("/profilemanager/enrollment/{id}");
    let ticket_id = ticket_path.rsplit('/').next().expect("an id").to_owned();
    world.write(move |w| {
        let some = || Some(text.clone());
        let device = store::devices::get(w, &id)?.expect("a device");
        store::devices::put(
            w,
            &Device {
                name: text.clone(),
                model_name: some(),
                product: some(),
                os_version: some(),
                build: some(),
                imei: some(),
                wifi_mac: some(),
                ..device
            },
        )?;
        let profile = InstalledProfile {
            identifier: text.clone(),
            uuid: some(),
            name: some(),
            managed: Some(true),
            declarative: false,
        };
        let certificate =
            InstalledCertificate { common_name: text.clone(), is_identity: true, sha256: text.clone() };
        let app = InstalledApp { name: text.clone(), identifier: some(), version: some() };
        let inventory = Inventory {
            profiles: Some((now, vec![profile])),
            certificates: Some((now, vec![certificate])),
            apps: Some((now, vec![app])),
        };
        store::devices::put_inventory(w, &id, &inventory)?;
        let library = store::profiles::get(w, "wifi")?.expect("a profile");
        store::profiles::put(
            w,
            &Profile {
                name: text.clone(),
                description: text.clone(),
                signed_by: some(),
                payloads: vec![(text.clone(), text.clone())],
                ..library
            },
        )?;
        let ticket = store::tickets::get(w, &ticket_id)?.expect("a link");
        store::tickets::put(
            w,
            &pomona::model::ticket::Ticket {
                label: text.clone(),
                by: text.clone(),
                serial: some(),
                ..ticket
            },
        )?;
        let mut command = store::commands::queue(w, &id)?.remove(0);
        command.request_type = text.clone();
        command.by = text.clone();
        command.not_understood = some();
        command.errors =
            vec![pomona::model::command::DeviceError { code: 1, domain: text.clone(), text: text.clone() }];
        store::commands::put(w, &command)?;
        let mut report = pomona::wire::plist::Dictionary::new();
        report.insert("Status".into(), Value::String(text.chars().filter(|c| !c.is_control()).collect()));
        let xml = pomona::wire::plist::to_xml(&Value::Dictionary(report));
        store::commands::put_report(w, &id, &command.uuid, &Secret::new(xml))?;
        let settings = store::settings::get(w)?.expect("settings");
        store::settings::put(
            w,
            &pomona::model::settings::Settings { organization: text.clone(), ..settings },
        )?;
        let account = store::accounts::get(w, "owner")?.expect("the owner");
        store::accounts::put(w, &pomona::model::account::Account { full_name: text.clone(), ..account })?;
        let activity = Activity {
            seq: 0,
            at: now,
            by: text.clone(),
            kind: text.clone(),
            text: text.clone(),
            device: Some(id),
            alert: true,
        };
        store::activities::add(w, activity)?;
        Ok(())
    });
}

#[tokio::test]
async fn whatever_devices_and_people_write_is_text_on_every_page() {
    let world = World::new();
    let office = Office::open(&world).await;
    world.account("owner", Role::Owner);
    for payload in PAYLOADS {
        write_everywhere(&world, &office, payload);
        for (path, shown) in everything(&world, &office, Role::Owner).await {
            if !shown.header("content-type").starts_with("text/html") {
                continue;
            }
            for tag in shown.tags() {
                let script = tag.name == "script" && tag.get("src") != Some("/assets/pomona.js");
                assert!(
                    !script
                        && !["img", "iframe", "object", "embed", "base", "style"]
                            .contains(&tag.name.as_str()),
                    "{path}: <{}> by {payload:?}",
                    tag.name
                );
                for (name, value) in &tag.attributes {
                    assert!(!name.starts_with("on") && name != "style" && name != "srcdoc", "{path}: {name}");
                    let address = ["href", "action", "src", "formaction"].contains(&name.as_str());
                    let ours = value.starts_with('/') || value.starts_with('#');
                    assert!(!address || ours, "{path}: {name}={value:?} by {payload:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_typed_into_the_search_comes_back_as_text() {
    let world = World::new();
    let office = Office::open(&world).await;
    let browser = world.owner();
    for payload in PAYLOADS {
        for path in [
            "/profilemanager/devices",
            &office.path("/profilemanager/profiles/{id}/assigned"),
            "/profilemanager/activity",
        ] {
            let query = crate::web::browser::encode(&[
                ("q", payload),
                ("kind", payload),
                ("platform", payload),
                ("state", payload),
            ]);
            let shown = browser.get(&format!("{path}?{query}")).await.expect(200);
            let bad = shown.tags().into_iter().any(|t| {
                t.attributes.iter().any(|(n, _)| n.starts_with("on"))
                    || (t.name == "script" && t.get("src") != Some("/assets/pomona.js"))
            });
            assert!(!bad, "{path} with {payload:?}");
        }
    }
}

#[test]
fn a_right_is_asked_in_the_transaction_for_those_who_have_no_row_too() {
    let world = World::new();
    let stranger = pomona::model::account::Actor { name: "mallory".into(), role: Role::Owner };
    let right = pomona::rules::access::Right::SeeInventory;
    let refused = permission::require(&world.read(), &stranger, right, world.now()).expect_err("refused");
    assert_eq!(refused.code(), "access.gone");
}
