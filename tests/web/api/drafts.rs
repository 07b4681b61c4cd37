//! Drafts and versions over the API: edited, reviewed, published, put back; secrets stay where they are.

use pomona::model::account::Role;
use pomona::wire::api::{
    CheckInfo, DiffInfo, DraftInfo, DraftSaved, FormDetail, FormInfo, HitInfo, LintInfo, Page, PreviewInfo,
    ProfileInfo, REDACTED, VersionDetail, VersionInfo,
};
use pomona::wire::profile;
use serde_json::json;

use super::read;
use crate::web::browser::Program;
use crate::web::device::pretend::World;

const SECRET: &str = "seven green bottles";

/// A Wi-Fi profile as a draft.
async fn wifi(program: &Program) -> (ProfileInfo, String) {
    let made = program
        .post(
            "/api/v1/profiles",
            json!({"name": "Office Wi-Fi", "changes": [
                {"do": "add", "form": "com.apple.wifi.managed"},
                {"do": "set", "place": "wifi.managed/SSID_STR", "text": "Orchard"},
                {"do": "set", "place": "wifi.managed/EncryptionType", "value": "WPA2"},
                {"do": "set", "place": "wifi.managed/Password", "text": SECRET},
            ]}),
        )
        .await
        .expect(201);
    let profile: ProfileInfo = read(&made);
    let path = format!("/api/v1/profiles/{}", profile.id);
    (profile, path)
}

async fn publish(program: &Program, path: &str, note: &str) -> ProfileInfo {
    let draft: DraftInfo = read(&program.get(&format!("{path}/draft")).await.expect(200));
    let wish = json!({"version": draft.version, "note": note});
    read(&program.post(&format!("{path}/publish"), wish).await.expect(200))
}

#[tokio::test]
async fn a_profile_is_made_edited_published_changed_and_put_back() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("a", Role::Admin));
    let (profile, path) = wifi(&program).await;
    assert_eq!((profile.identifier.as_str(), profile.revision), ("org.example.mdm.office-wi-fi", 0));
    assert_eq!(profile.draft.as_ref().map(|draft| draft.by.as_str()), Some("token:a"));
    let draft: DraftInfo = read(&program.get(&format!("{path}/draft")).await.expect(200));
    assert!(draft.publishable && draft.version > 0, "{:?}", draft.findings);
    assert_eq!(draft.payloads[0].form.as_deref(), Some("com.apple.wifi.managed"));
    assert_eq!(draft.secrets.len(), 1);
    assert_eq!(draft.secrets[0].set.as_ref().map(|set| set.by.as_str()), Some("token:a"));
    assert!(draft.summary[0].contains("Orchard"), "{:?}", draft.summary);

    let first = publish(&program, &path, "New").await;
    assert_eq!((first.revision, first.draft), (1, None));
    let edit = json!({"changes": [
        {"do": "set", "place": "wifi.managed/SSID_STR", "text": "Orchard 2"},
        {"do": "set", "place": "wifi.managed/AutoJoin", "value": false},
    ], "distribution": "offered"});
    let saved: DraftSaved = read(&program.post(&format!("{path}/draft"), edit).await.expect(200));
    assert_eq!((saved.draft.base, saved.draft.distribution.as_str()), (1, "offered"));
    let diff: DiffInfo = read(&program.get(&format!("{path}/diff")).await.expect(200));
    assert_eq!((diff.from, diff.to, diff.items.len()), (1, 0, 2), "{diff:?}");
    assert_eq!(diff.items[0].old.text.as_deref(), Some("Orchard"));
    assert_eq!(diff.items[0].new.text.as_deref(), Some("Orchard 2"));
    assert!(!diff.items[1].old.set);
    let second = publish(&program, &path, "Renamed").await;
    assert_eq!((second.revision, second.distribution.as_str()), (2, "offered"));

    let versions: Page<VersionInfo> = read(&program.get(&format!("{path}/versions")).await.expect(200));
    let told: Vec<_> =
        versions.items.iter().map(|v| (v.revision, v.current, v.note.as_str(), v.origin.as_str())).collect();
    assert_eq!(told, [(2, true, "Renamed", "published"), (1, false, "New", "published")]);
    let back: ProfileInfo = read(
        &program.post(&format!("{path}/restore"), json!({"revision": 1, "note": "Back"})).await.expect(200),
    );
    assert_eq!(back.revision, 3);
    let shown: VersionDetail = read(&program.get(&format!("{path}/versions/3")).await.expect(200));
    assert_eq!((shown.info.restored, shown.info.note.as_str()), (Some(1), "Back"));
    let same: DiffInfo = read(&program.get(&format!("{path}/diff?from=1&to=3")).await.expect(200));
    assert_eq!(same.items, [], "the old content");
    assert_eq!(program.get(&format!("{path}/versions/9")).await.expect(404).code(), "profile.no-revision");
}

#[tokio::test]
async fn no_answer_but_the_file_holds_a_secret() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("a", Role::Admin));
    let device = world.enrolled("00008120-00000000000000AA").await;
    let (_, path) = wifi(&program).await;
    publish(&program, &path, "").await;
    let edit =
        json!({"changes": [{"do": "set", "place": "wifi.managed/Password", "text": "eight green bottles"}]});
    let saved = program.post(&format!("{path}/draft"), edit).await.expect(200);
    assert!(saved.text().contains(REDACTED));
    let mut answers = vec![saved];
    let preview = format!("preview?device={}", device.id());
    for what in
        ["", "draft", "diff", "check", "lint?devices=1", "versions", "versions/1", "status", preview.as_str()]
    {
        answers.push(program.get(format!("{path}/{what}").trim_end_matches('/')).await.expect(200));
    }
    answers.push(program.get("/api/v1/profiles").await.expect(200));
    answers.push(program.get("/api/v1/activity").await.expect(200));
    for answer in &answers {
        assert!(!answer.text().contains("green bottles"), "{}", answer.text());
    }
    let diff: DiffInfo = read(&answers[3]);
    assert!(diff.items[0].new.secret && diff.items[0].new.text.is_none());
    let file = program.get(&format!("{path}/file")).await.expect(200);
    assert!(file.text().contains(SECRET), "the newest revision");
    let auditor = Program::with_token(&world, &world.token("b", Role::Auditor));
    assert_eq!(auditor.get(&format!("{path}/file")).await.expect(403).code(), "access.role");
    auditor.get(&format!("{path}/draft")).await.expect(200);
    // Sent back as text, the blank stays what it was.
    let draft: DraftInfo = read(&program.get(&format!("{path}/draft")).await);
    let text = draft.xml.replace("Orchard", "Orchard 5");
    let replace = json!({"changes": [{"do": "replace", "xml": text}], "version": draft.version});
    program.post(&format!("{path}/draft"), replace).await.expect(200);
    let file = program.get(&format!("{path}/file?revision=0")).await.expect(200);
    assert!(file.says("eight green bottles") && file.says("Orchard 5"), "{}", file.text());
}

#[tokio::test]
async fn what_moved_meanwhile_is_a_conflict_and_nothing_is_lost() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("a", Role::Admin));
    let (_, path) = wifi(&program).await;
    let draft: DraftInfo = read(&program.get(&format!("{path}/draft")).await);
    let set = |text: &str| json!([{"do": "set", "place": "wifi.managed/SSID_STR", "text": text}]);
    let edit = json!({"changes": set("Mine"), "version": draft.version});
    program.post(&format!("{path}/draft"), edit.clone()).await.expect(200);
    let late = program.post(&format!("{path}/draft"), edit).await.expect(409);
    assert_eq!(late.code(), "profile.draft-moved");
    let wish = json!({"version": draft.version});
    assert_eq!(
        program.post(&format!("{path}/publish"), wish).await.expect(409).code(),
        "profile.draft-moved"
    );
    let gone = program.send("DELETE", &format!("{path}/draft?version={}", draft.version), "").await;
    assert_eq!(gone.expect(409).code(), "profile.draft-moved");
    let lost =
        json!({"changes": [{"do": "set", "place": "wifi.managed/SSID_STR", "text": "X", "was": "another"}]});
    let saved: DraftSaved = read(&program.post(&format!("{path}/draft"), lost).await.expect(200));
    assert_eq!(saved.conflicts[0].theirs.text.as_deref(), Some("Mine"));
    let knowing = json!({"changes": [
        {"do": "set", "place": "wifi.managed/SSID_STR", "text": "X", "was": saved.conflicts[0].now}
    ]});
    let saved: DraftSaved = read(&program.post(&format!("{path}/draft"), knowing).await.expect(200));
    assert_eq!(saved.conflicts, []);
    assert_eq!(program.send("DELETE", &format!("{path}/draft"), "").await.expect(400).code(), "api.query");
    let version = saved.draft.version;
    program.send("DELETE", &format!("{path}/draft?version={version}"), "").await.expect(204);
    assert_eq!(program.get(&path).await.expect(404).code(), "profile.unknown");
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_reason() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("a", Role::Admin));
    let (_, path) = wifi(&program).await;
    let draft = format!("{path}/draft");
    for (edit, status, code) in [
        (json!({"do": "set", "place": "wifi.managed/EncryptionType", "text": "WPA9"}), 422, "profile.value"),
        (json!({"do": "set", "place": "wifi.managed/NoSuchKey", "text": "1"}), 422, "profile.untyped"),
        (
            json!({"do": "set", "place": "vpn.managed/VPNType", "text": "IPSec"}),
            404,
            "profile.no-such-payload",
        ),
        (json!({"do": "set", "place": "wifi.managed/SSID_STR"}), 400, "api.body"),
        (json!({"do": "set", "place": "wifi.managed/SSID_STR", "value": null}), 400, "api.body"),
        (json!({"do": "set", "place": "wifi.managed/SSID_STR", "value": "a", "text": "b"}), 400, "api.body"),
        (json!({"do": "set", "place": "wifi.managed/SSID_STR", "value": {"$data": "?"}}), 400, "api.body"),
        (json!({"do": "add", "form": "no form"}), 422, "profile.form"),
        (json!({"do": "add", "form": "com.apple.MCX"}), 422, "profile.form"),
        (json!({"do": "replace", "xml": "<plist"}), 422, "profile.unreadable"),
        (json!({"do": "sing"}), 400, "api.body"),
    ] {
        let shown = program.post(&draft, json!({"changes": [edit.clone()]})).await;
        assert_eq!(
            (shown.status.as_u16(), shown.code().as_str()),
            (status, code),
            "{edit}: {}",
            shown.text()
        );
    }
    let odd = json!({"changes": [{"do": "set", "place": "wifi.managed/NoSuchKey", "value": {"$real": 1.0}}]});
    let saved: DraftSaved = read(&program.post(&draft, odd).await.expect(200));
    assert!(saved.draft.findings.iter().any(|finding| finding.weight == "note"), "kept, and marked");
    let bad = json!({"changes": [{"do": "set", "place": "wifi.managed/SSID_STR", "value": 7}]});
    let saved: DraftSaved = read(&program.post(&draft, bad).await.expect(200));
    assert!(!saved.draft.publishable);
    let check: CheckInfo = read(&program.get(&format!("{path}/check")).await.expect(200));
    assert!(check.findings.iter().any(|f| f.place.ends_with(":SSID_STR") && f.code == "profile.value"));
    assert_eq!(check.understood.raw_keys[0].key, "NoSuchKey");
    let wish = json!({"version": saved.draft.version});
    assert_eq!(program.post(&format!("{path}/publish"), wish).await.expect(422).code(), "profile.not-ready");
    let again =
        program.post("/api/v1/profiles", json!({"name": "A", "identifier": "org.example.mdm.office-wi-fi"}));
    assert_eq!(again.await.expect(409).code(), "profile.identifier-taken");
    assert_eq!(
        program.post("/api/v1/profiles", json!({"name": " "})).await.expect(422).code(),
        "profile.name"
    );
    let helpdesk = Program::with_token(&world, &world.token("h", Role::Helpdesk));
    assert_eq!(helpdesk.post(&draft, json!({"changes": []})).await.expect(403).code(), "access.role");
}

#[tokio::test]
async fn copies_archives_and_files_of_every_wrapping() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("a", Role::Admin));
    let device = world.enrolled("00008120-00000000000000AB").await;
    let (_, path) = wifi(&program).await;
    publish(&program, &path, "").await;
    let copy: ProfileInfo =
        read(&program.post(&format!("{path}/duplicate"), json!({"name": "Copy"})).await.expect(201));
    assert_eq!((copy.identifier.as_str(), copy.revision), ("org.example.mdm.copy", 0));
    let away: ProfileInfo = read(&program.post(&format!("{path}/archive"), json!({})).await.expect(200));
    assert!(away.archived.is_some());
    let back: ProfileInfo =
        read(&program.post(&format!("{path}/archive"), json!({"back": true})).await.expect(200));
    assert_eq!(back.archived, None);
    let plain = program.get(&format!("{path}/file")).await.expect(200);
    assert_eq!(plain.header("content-type"), "application/x-apple-aspen-config");
    let signed = program.get(&format!("{path}/file?wrapping=signed")).await.expect(200);
    let read_back = profile::parse(&signed.body).expect("a signed profile");
    assert!(read_back.signer.is_some());
    assert_eq!(read_back.body, profile::parse(&plain.body).expect("a profile").body);
    for (query, code) in [
        ("wrapping=gift", "api.query"),
        ("wrapping=encrypted", "api.query"),
        ("device=nobody", "device.unknown"),
        ("revision=7", "profile.no-revision"),
        ("revision=0", "profile.no-draft"),
    ] {
        let refused = program.get(&format!("{path}/file?{query}")).await;
        assert_eq!(refused.code(), code, "{query}");
    }
    // Its identity is a P-256 key, which no device decrypts with.
    let to = format!("{path}/file?wrapping=encrypted&device={}", device.id());
    assert_eq!(program.get(&to).await.expect(409).code(), "profile.cannot-encrypt");
}

#[tokio::test]
async fn devices_are_judged_key_by_key_and_variables_are_filled_for_one() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("a", Role::Admin));
    let device = world.enrolled("00008120-00000000000000AC").await;
    let about = format!("/api/v1/devices/{}/about", device.id());
    let owner = json!({"short_name": "ada", "email": "ada@example.org", "fields": {"Room": "204"}});
    let told = program.post(&about, owner).await.expect(200).json();
    assert_eq!(
        (&told["owner"]["email"], &told["fields"]["Room"]),
        (&json!("ada@example.org"), &json!("204"))
    );
    let told = program.post(&about, json!({"full_name": "Ada Lovelace", "fields": {"Room": ""}})).await;
    let told = told.expect(200).json();
    assert_eq!((&told["owner"]["short_name"], &told["fields"]), (&json!("ada"), &json!({})));
    let bad = program.post(&about, json!({"email": "no\naddress"})).await;
    assert!(bad.status.is_client_error(), "{}", bad.text());
    let made = program.post(
        "/api/v1/profiles",
        json!({"name": "Mail and Mac", "changes": [
            {"do": "add", "form": "mail.managed"},
            {"do": "set", "place": "mail.managed/EmailAccountType", "text": "EmailTypeIMAP"},
            {"do": "set", "place": "mail.managed/EmailAddress", "text": "%email%"},
            {"do": "add", "form": "com.apple.dock"},
            {"do": "set", "place": "dock/autohide", "text": "on"},
        ]}),
    );
    let profile: ProfileInfo = read(&made.await.expect(201));
    let path = format!("/api/v1/profiles/{}", profile.id);
    let preview: PreviewInfo =
        read(&program.get(&format!("{path}/preview?device={}", device.serial)).await.expect(200));
    assert!(preview.xml.contains("ada@example.org") && !preview.xml.contains("%email%"));
    assert_eq!(program.get(&format!("{path}/preview")).await.expect(400).code(), "api.query");
    let lint: LintInfo = read(&program.get(&format!("{path}/lint?devices=1")).await.expect(200));
    assert_eq!((lint.devices, lint.reached_only), (1, false));
    let dock = lint.items.iter().find(|item| item.label == "Dock").expect("the Dock");
    assert_eq!((dock.verdicts[0].verdict.as_str(), dock.verdicts[0].devices), ("ignored", 1));
    assert_eq!(dock.verdicts[0].which[0].serial.as_ref(), Some(&device.serial));
    assert!(dock.verdicts[0].which[0].system.starts_with("iOS 26"), "{:?}", dock.verdicts[0].which);
    let one = program.get(&format!("{path}/lint?place={}", dock.place.replace(':', "%3A"))).await;
    assert_eq!(read::<LintInfo>(&one.expect(200)).items.len(), 1);
}

#[tokio::test]
async fn the_catalogue_is_listed_searched_and_shown() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("a", Role::Auditor));
    let forms: Page<FormInfo> = read(&program.get("/api/v1/catalog/forms").await.expect(200));
    assert!(forms.items.len() >= 126 && forms.total == Some(forms.items.len() as u64));
    let wifi: FormDetail =
        read(&program.get("/api/v1/catalog/forms/com.apple.wifi.managed").await.expect(200));
    let key = |name: &str| wifi.fields.iter().find(|key| key.name == name).expect(name);
    assert!(key("Password").secret && !key("SSID_STR").secret);
    assert!(key("EncryptionType").values.len() >= 5);
    assert!(key("SSID_STR").systems.iter().any(|system| system.os == "iOS"));
    let all: Vec<&FormInfo> = forms.items.iter().collect();
    for form in all.iter().take(200) {
        let path = format!("/api/v1/catalog/forms/{}", pomona::cli::encode(&form.id));
        read::<FormDetail>(&program.get(&path).await.expect(200));
    }
    let hits: Page<HitInfo> =
        read(&program.get("/api/v1/catalog/search?q=airdrop&limit=5").await.expect(200));
    assert_eq!(hits.items[0].place, "applicationaccess/allowAirDrop");
    assert!(hits.items.len() <= 5);
    let none: Page<HitInfo> = read(&program.get("/api/v1/catalog/search?q=").await.expect(200));
    assert!(none.items.len() <= 100);
    assert_eq!(program.get("/api/v1/catalog/forms/none").await.expect(404).code(), "catalog.form");
}
