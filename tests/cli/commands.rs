//! Each command against a running server: what it does, what it prints, how it ends.

use serde_json::Value;

use super::server::{Said, Shared, shared};

const PROFILE: &str = include_str!("../../src/cli/demo/welcome.mobileconfig");

fn profile(name: &str) -> Vec<u8> {
    PROFILE
        .replace("org.example.welcome", &format!("org.example.{name}"))
        .replace("Welcome", name)
        .into_bytes()
}

fn items(said: Said) -> Vec<Value> {
    let value = said.good().json();
    assert_eq!(value["schema"], 1);
    value["items"].as_array().expect("a list").clone()
}

/// Asks again until the answer is as wished.
fn until(what: &str, mut ask: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !ask() {
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "never: {what}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

#[test]
fn devices_are_listed_filtered_and_found_by_serial_id_or_name() {
    let server = shared();
    let all = items(server.call(&["device", "list", "--json"]));
    assert!(all.len() >= 4, "{all:?}");
    let macs = items(server.call(&["device", "list", "--json", "--platform", "mac"]));
    assert!(!macs.is_empty() && macs.iter().all(|device| device["platform"] == "mac"), "{macs:?}");
    let known = items(server.call(&["device", "list", "--json", "--search", server.device("ipad")]));
    assert_eq!(known.len(), 1, "{known:?}");
    items(server.call(&["device", "list", "--json", "--state", "up-to-date"]));
    assert_eq!(server.call(&["device", "list", "--state", "happy"]).code, 2);
    let serial = server.device("mac");
    let mac = server.call(&["device", "show", serial, "--json"]).good().json();
    assert_eq!((mac["schema"].as_u64(), mac["serial"].as_str()), (Some(1), Some(serial)));
    let (id, name) = (mac["id"].as_str().expect("id"), mac["name"].as_str().expect("name"));
    for by in [id, name] {
        let same = server.call(&["device", "show", by, "--json"]).good().json();
        assert_eq!(same["serial"].as_str(), Some(serial), "by {by}");
    }
    // Piped output has a line a device, tabs between, no heading.
    let lines = server.call(&["device", "list"]).good().out;
    let line = lines.lines().find(|line| line.contains(serial)).expect("the Mac");
    assert_eq!(line.split('\t').nth(1), Some(serial));
    assert_eq!(line.split('\t').count(), 8);
    assert_eq!(server.call(&["device", "show", "no such thing"]).code, 3);
}

#[test]
fn a_profile_is_imported_assigned_confirmed_exported_and_removed() {
    let server = shared();
    let file = server.file("office.mobileconfig", &profile("office"));
    let imported = server.call(&["profile", "import", &file, "--json"]).good().json();
    assert_eq!(imported["outcome"], "created");
    let again = server.call(&["profile", "import", &file, "--json"]).good().json();
    assert_eq!(again["outcome"], "unchanged");
    let id = imported["profile"]["id"].as_str().expect("id").to_owned();
    assert!(items(server.call(&["profile", "list", "--json"])).iter().any(|p| p["id"] == id.as_str()));
    let exported = server.call(&["profile", "export", "org.example.office"]).good();
    assert_eq!(exported.out.as_bytes(), profile("office"));

    let (phone, mac) = (server.device("iphone"), server.device("mac"));
    server.call(&["profile", "assign", &id, phone, mac]).good();
    until("both devices confirm the profile", || {
        let shown = server.call(&["profile", "show", &id, "--json"]).good().json();
        let status = shown["status"].as_array().expect("status");
        status.len() == 2 && status.iter().all(|s| s["state"] == "confirmed" || s["state"] == "installed")
    });
    server.call(&["profile", "unassign", &id, mac]).good();
    until("the Mac gives it back", || {
        let shown = server.call(&["device", "show", mac, "--json"]).good().json();
        shown["profiles"].as_array().is_none_or(|held| held.iter().all(|p| p["profile"] != id.as_str()))
    });
    server.call(&["profile", "remove", &id]).good();
    assert_eq!(server.call(&["profile", "show", &id]).code, 3);
    let broken = server.file("broken.mobileconfig", b"<plist>");
    let said = server.call(&["profile", "import", &broken, "--json"]);
    assert_eq!(said.code, 1);
    assert!(said.json()["problem"]["code"].as_str().expect("code").starts_with("profile."), "{said:?}");
}

#[test]
fn commands_are_sent_waited_for_and_shown_with_their_answers() {
    let server = shared();
    let pad = server.device("ipad");
    let lock =
        ["command", "send", pad, "device-lock", "--message", "Please call 555-0100", "--wait", "--json"];
    let locked = server.call(&lock).good().json();
    assert_eq!(
        (locked["type"].as_str(), locked["state"].as_str()),
        (Some("DeviceLock"), Some("acknowledged"))
    );
    assert!(locked["request"].as_str().expect("request").contains("555-0100"));
    let uuid = locked["uuid"].as_str().expect("uuid");
    assert_eq!(server.call(&["command", "show", uuid, "--json"]).good().json()["state"], "acknowledged");
    assert!(items(server.call(&["command", "list", pad, "--json"])).iter().any(|c| c["uuid"] == uuid));
    let cleared = server.call(&["command", "send", pad, "clear-passcode", "--wait", "--json"]).good().json();
    assert_eq!(cleared["state"], "acknowledged");
    assert!(!cleared.to_string().contains("UnlockToken</key><data>"), "the token is blanked out");

    let plist = server.file(
        "by-hand.plist",
        b"<plist version=\"1.0\"><dict><key>RequestType</key><string>DeviceInformation</string><key>Queries</key><array><string>OSVersion</string></array></dict></plist>",
    );
    let by_hand = server.call(&["command", "send", pad, "--plist", &plist, "--wait", "--json"]).good().json();
    assert_eq!(by_hand["type"], "DeviceInformation");
    assert!(by_hand["report"].as_str().expect("report").contains("OSVersion"));
    assert_eq!(server.call(&["command", "show", "00000000-0000-0000-0000-000000000000"]).code, 3);
    assert_eq!(server.call(&["command", "send", pad]).code, 2, "neither a command nor a file");
}

#[test]
fn erasing_needs_the_name_of_the_device() {
    let server = shared();
    let tv = server.device("appletv");
    let erase =
        |more: &[&str]| server.call(&[&["command", "send", tv, "erase-device", "--json"], more].concat());
    assert_eq!(erase(&[]).code, 4);
    let wrong = erase(&["--confirm", "somebody else's"]);
    assert_eq!(wrong.code, 4, "{wrong:?}");
    assert!(
        items(server.call(&["command", "list", tv, "--json"])).iter().all(|c| c["type"] != "EraseDevice")
    );
    let name = server.call(&["device", "show", tv, "--json"]).good().json()["name"]
        .as_str()
        .expect("name")
        .to_owned();
    let erased = erase(&["--confirm", &name, "--wait"]).good().json();
    assert_eq!(erased["state"], "acknowledged");
}

#[test]
fn people_and_programs_get_accounts_and_tokens_whose_secrets_are_no_arguments() {
    let server = shared();
    let added = server.call_with(
        &["admin", "add", "grace", "--role", "helpdesk", "--json"],
        "correct horse battery staple\n",
    );
    assert_eq!(added.good().json()["role"], "helpdesk");
    let twice = server.call_with(&["admin", "add", "grace"], "correct horse battery staple\n");
    assert_eq!(twice.code, 7, "{twice:?}");
    let weak = server.call_with(&["admin", "add", "linus"], "short\n");
    assert_eq!(weak.code, 1, "{weak:?}");
    let names: Vec<_> =
        items(server.call(&["admin", "list", "--json"])).iter().map(|a| a["name"].clone()).collect();
    assert!(names.contains(&"grace".into()) && !names.contains(&"linus".into()), "{names:?}");

    let made = server.call(&["token", "create", "nightly", "--days", "1"]).good();
    let token = made.out.trim();
    assert!(token.len() > 40 && !token.contains(char::is_whitespace), "{token}");
    over_tls(server, token);
    let tokens = items(server.call(&["token", "list", "--json"]));
    assert!(!tokens.iter().any(|t| t.to_string().contains(token)), "a list shows no token's text");
    let id =
        tokens.iter().find(|t| t["name"] == "nightly").expect("it")["id"].as_str().expect("id").to_owned();
    server.call(&["token", "revoke", &id]).good();
}

/// The same questions from another computer, with a token and the CA pinned.
fn over_tls(server: &Shared, token: &str) {
    let ca = server.call(&["cert", "ca"]).good().out;
    assert!(ca.starts_with("-----BEGIN CERTIFICATE-----"));
    let (ca, token) =
        (server.file("ca.pem", ca.as_bytes()), server.file("token", format!("{token}\n").as_bytes()));
    let url = format!("https://localhost:{}", server.port);
    let far = ["--server", &url, "--token-file", &token];
    let listed = server.call(&[&["device", "list", "--json", "--ca", &ca], &far[..]].concat());
    assert!(!items(listed).is_empty());
    // An auditor's token changes nothing.
    let refused = server.call(&[&["enroll", "link", "--ca", &ca], &far[..]].concat());
    assert_eq!(refused.code, 4, "{refused:?}");
    let untrusted = server.call(&[&["device", "list"], &far[..]].concat());
    assert_eq!(untrusted.code, 5, "{untrusted:?}");
    assert!(untrusted.err.contains("pomona cert ca"), "{untrusted:?}");
    let wrong = server.file("wrong", b"pomona_nonsense");
    let stranger = server.call(&["device", "list", "--server", &url, "--ca", &ca, "--token-file", &wrong]);
    assert_eq!(stranger.code, 4, "{stranger:?}");
}

#[test]
fn enrollment_links_and_profiles_are_made_listed_and_taken_back() {
    let server = shared();
    let made = server
        .call(&["enroll", "link", "--label", "lab", "--valid", "2h", "--max-uses", "3", "--json"])
        .good()
        .json();
    assert!(
        made["url"].as_str().expect("url").starts_with(&format!("https://localhost:{}/enroll/", server.port))
    );
    assert_eq!((made["max_uses"].as_u64(), made["state"].as_str()), (Some(3), Some("open")));
    let id = made["id"].as_str().expect("id");
    server.call(&["enroll", "revoke", id]).good();
    let links = items(server.call(&["enroll", "links", "--json"]));
    assert_eq!(links.iter().find(|link| link["id"] == id).expect("listed")["state"], "revoked");

    let path = server.file("enroll.mobileconfig", b"");
    server.call(&["enroll", "profile", "--unsigned", "--out", &path]).good();
    let text = std::fs::read_to_string(&path).expect("a file");
    assert!(text.contains("com.apple.mdm") && text.contains("com.apple.security.scep"), "{text}");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).expect("there").permissions());
    assert_eq!(mode & 0o777, 0o600, "it holds a challenge");
    assert_eq!(server.call(&["enroll", "profile"]).code, 2, "signed ones are behind links");
}

#[test]
fn push_tells_its_state_and_tries_its_way() {
    let server = shared();
    let status = server.call(&["push", "status", "--json"]).good().json();
    assert_eq!(
        (status["configured"].as_bool(), status["topic"].as_str()),
        (Some(true), Some("com.apple.mgmt.External.cli"))
    );
    let test = server.call(&["push", "test", "--json"]).good().json();
    assert!(
        test["checks"].as_array().expect("checks").iter().all(|check| check["outcome"] == "pass"),
        "{test}"
    );
    let other = server.file("no-certificate.pem", b"-----BEGIN NOTHING-----\n-----END NOTHING-----\n");
    assert_eq!(server.call(&["push", "import", &other]).code, 1);
}

#[test]
fn setup_is_over_once_there_is_an_administrator() {
    let server = shared();
    let said = server.call(&["setup-code", "--json"]);
    // Another test adds an administrator: before that a code is made, after it none is.
    match said.code {
        0 => assert!(said.json()["url"].as_str().expect("url").starts_with("https://localhost:")),
        7 | 4 | 1 => {
            assert!(said.json()["problem"]["code"].as_str().expect("code").starts_with("setup."), "{said:?}")
        }
        _ => panic!("{said:?}"),
    }
}

#[test]
fn doctor_asks_the_running_server_too() {
    let server = shared();
    let said = server.call(&["doctor", "--json"]);
    assert!(said.code <= 1, "{said:?}");
    let value = said.json();
    let names: Vec<&str> =
        value["checks"].as_array().expect("checks").iter().filter_map(|c| c["name"].as_str()).collect();
    for name in [
        "clock",
        "data.folder",
        "data.master-key",
        "data.disk",
        "server",
        "push.certificate",
        "ca.certificate",
    ] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
}
