//! `pomona profile`: a profile from its first key to its devices, by hand and as a text file.

use serde_json::Value;

use super::server::{Said, pomona, shared};

fn json(said: Said) -> Value {
    let value = said.good().json();
    assert_eq!(value["schema"], 1);
    value
}

/// A draft of its own.
fn draft(name: &str, forms: &[&str]) -> String {
    let identifier = format!("org.example.cli.{name}");
    let mut arguments = vec!["profile", "new", name, "--identifier", &identifier, "--json"];
    for form in forms {
        arguments.extend(["--add", form]);
    }
    let made = json(shared().call(&arguments));
    assert_eq!(
        (made["revision"].as_u64(), made["identifier"].as_str()),
        (Some(0), Some(identifier.as_str()))
    );
    identifier
}

#[test]
fn a_profile_is_written_key_by_key_reviewed_published_and_put_back() {
    let server = shared();
    let id = draft("keys", &["wifi.managed"]);
    let set = |place: &str, value: &str| server.call(&["profile", "set", &id, place, value]);
    set("wifi.managed/SSID_STR", "Orchard").good();
    set("wifi.managed/EncryptionType", "WPA2").good();
    // The payload is not there yet, and is added.
    set("mobiledevice.passwordpolicy/minLength", "6").good();
    let secret = ["profile", "set", &id, "wifi.managed/Password"];
    let said = server.call_with(&[&secret[..], &["--json"]].concat(), "forty two pears\n").good();
    assert!(!said.out.contains("pears") && !said.err.contains("pears"), "{said:?}");
    let refused = set("wifi.managed/Password", "on the command line");
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.err.contains("standard input") && refused.err.contains("--from-file"), "{refused:?}");
    let file = server.file("password", b"from a file\n");
    server.call(&[&secret[..], &["--from-file", &file]].concat()).good();

    let review = json(server.call(&["profile", "review", &id, "--json"]));
    assert_eq!(review["check"]["publishable"], true);
    assert!(review["diff"]["items"].as_array().expect("changes").len() > 4, "{review}");
    assert!(!review.to_string().contains("from a file"));
    server.call(&["profile", "publish", &id, "--dry-run"]).good();
    assert_eq!(json(server.call(&["profile", "show", &id, "--json"]))["profile"]["revision"], 0);
    let published = json(server.call(&["profile", "publish", &id, "--note", "First", "--json"]));
    assert_eq!((published["revision"].as_u64(), &published["draft"]), (Some(1), &Value::Null));
    let nothing = server.call(&["profile", "publish", &id, "--json"]);
    assert_eq!((nothing.code, nothing.json()["problem"]["code"].as_str()), (7, Some("profile.no-draft")));

    set("wifi.managed/SSID_STR", "Orchard 5").good();
    let diff = server.call(&["profile", "diff", &id]).good().out;
    let line: Vec<&str> = diff.trim_end().split('\t').collect();
    assert_eq!(&line[2..], ["Orchard", "Orchard 5", "wifi.managed/SSID_STR"], "{diff}");
    assert_eq!(server.call(&["profile", "publish", &id, "--expect", "999"]).code, 7);
    server.call(&["profile", "publish", &id]).good();
    server.call(&["profile", "unset", &id, "mobiledevice.passwordpolicy/minLength"]).good();
    assert_eq!(server.call(&["profile", "unset", &id, "mobiledevice.passwordpolicy/minLength"]).code, 3);
    server.call(&["profile", "discard", &id]).good();
    json(server.call(&["profile", "restore", &id, "1", "--note", "Back", "--json"]));
    let versions = json(server.call(&["profile", "versions", &id, "--json"]));
    let notes: Vec<_> = versions["items"].as_array().expect("a list").iter().map(|v| &v["note"]).collect();
    assert_eq!(notes, ["Back", "", "First"]);
    let shown = server.call(&["profile", "versions", &id, "--show", "1"]).good().out;
    assert!(shown.contains("Orchard") && !shown.contains("pears"), "{shown}");
    let copy = json(server.call(&["profile", "duplicate", &id, "Copy of keys", "--json"]));
    server.call(&["profile", "remove", copy["id"].as_str().expect("id")]).good();
    server.call(&["profile", "archive", &id]).good();
    let listed = json(server.call(&["profile", "list", "--json"])).to_string();
    assert!(!listed.contains(&id), "put away");
    server.call(&["profile", "archive", &id, "--back"]).good();
    server.call(&["profile", "remove", &id]).good();
}

#[test]
fn what_is_mistyped_is_answered_with_what_was_meant() {
    let server = shared();
    let id = draft("typos", &["wifi.managed"]);
    let set = |place: &str, value: &str| server.call(&["profile", "set", &id, place, value]);
    let key = set("wifi.managed/SSID_SRT", "x");
    assert_eq!(key.code, 3, "{key:?}");
    assert!(key.err.contains("SSID_STR") && key.err.contains("--type"), "{key:?}");
    let payload = set("wfii.managed/SSID_STR", "x");
    assert!(payload.code == 3 && payload.err.contains("wifi.managed"), "{payload:?}");
    let form = server.call(&["profile", "add", &id, "passwordpolcy"]);
    assert!(form.code == 3 && form.err.contains("passwordpolicy"), "{form:?}");
    let several = server.call(&["profile", "add", &id, "MCX"]);
    assert!(several.code == 2 && several.err.contains("com.apple.MCX("), "{several:?}");
    let value = set("wifi.managed/EncryptionType", "WPA9");
    assert!(value.code == 1 && value.err.contains("WPA3"), "{value:?}");
    let range = set("mobiledevice.passwordpolicy/minLength", "99");
    assert!(range.code == 1 && range.err.contains("16"), "{range:?}");
    assert_eq!(set("wifi.managed/SSID_STR", "").code, 0, "an empty text is a value");
    assert_eq!(server.call(&["profile", "set", &id, "wifi.managed/SSID_STR"]).code, 2);
    // Unknown keys are possible, when that is what is meant.
    server.call(&["profile", "set", &id, "wifi.managed/New", "3", "--type", "integer"]).good();
    let xml = server.file("value.xml", b"<dict><key>a</key><real>1</real></dict>");
    server.call(&["profile", "set", &id, "wifi.managed/Newer", "--xml", &xml]).good();
    let text = server.call(&["profile", "text", &id]).good().out;
    assert!(text.contains("<integer>3</integer>") && text.contains("<real>1"), "{text}");
    let found = server.call(&["profile", "find", "airdrop"]).good().out;
    assert!(found.starts_with("applicationaccess/allowAirDrop\t"), "{found}");
    assert_eq!(server.call(&["profile", "find", "zzqqxx"]).code, 3);
    server.call(&["profile", "discard", &id]).good();
}

#[test]
fn lists_files_and_deeper_keys_are_set_from_the_command_line() {
    let server = shared();
    let id = draft("deeper", &[]);
    let set = |more: &[&str]| server.call(&[&["profile", "set", id.as_str()], more].concat()).good();
    set(&["applicationaccess/allowListedAppBundleIDs", "com.example.a", "com.example.b"]);
    set(&["applicationaccess/allowListedAppBundleIDs", "com.example.c", "--append"]);
    set(&["wifi.managed/EAPClientConfiguration/AcceptEAPTypes", "25"]);
    set(&["/PayloadDescription", "What it is for"]);
    let der = server.call(&["cert", "ca"]).good().out;
    let pem = server.file("ca-for-profile.pem", der.as_bytes());
    set(&["security.root/PayloadContent", "--data-file", &pem]);
    let text = server.call(&["profile", "text", &id]).good().out;
    for word in ["com.example.c", "<integer>25</integer>", "What it is for", "com.apple.security.root"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    server.call(&["profile", "drop", &id, "applicationaccess"]).good();
    let offered = json(server.call(&["profile", "distribute", &id, "offered", "--json"]));
    assert_eq!(offered["draft"]["distribution"], "offered");
    assert_eq!(server.call(&["profile", "distribute", &id, "thrown"]).code, 2);
    server.call(&["profile", "discard", &id]).good();
}

#[test]
fn a_profile_is_a_text_file_too() {
    let server = shared();
    let id = draft("text", &["wifi.managed"]);
    server.call(&["profile", "set", &id, "wifi.managed/SSID_STR", "Orchard"]).good();
    server.call_with(&["profile", "set", &id, "wifi.managed/Password"], "nine pears\n").good();
    server.call(&["profile", "publish", &id]).good();
    let text = server.call(&["profile", "text", &id]).good().out;
    assert!(!text.contains("nine pears") && text.contains("••••••"));
    let edited = server.file("edited.xml", text.replace("Orchard", "Orchard 7").as_bytes());
    server.call(&["profile", "validate", &edited]).good();
    server.call(&["profile", "apply", &edited]).good();
    server.call(&["profile", "publish", &id]).good();
    let file = server.call(&["profile", "export", &id]).good().out;
    assert!(file.contains("Orchard 7") && file.contains("nine pears"), "the blanked secret stayed");
    // A new one from a file.
    let other = server.file(
        "other.xml",
        text.replace("cli.text", "cli.text-two").replace("••••••", "x y z x y z").as_bytes(),
    );
    let made = json(server.call(&["profile", "apply", &other, "--json"]));
    assert_eq!(
        (made["identifier"].as_str(), made["revision"].as_u64()),
        (Some("org.example.cli.text-two"), Some(0))
    );
    let mac = server.device("mac");
    let seen = server.call(&["profile", "preview", &id, mac]).good().out;
    assert!(seen.contains("Orchard 7") && !seen.contains("pears"));
    let signed = server.file("signed.mobileconfig", b"");
    server.call(&["profile", "export", &id, "--signed", "--out", &signed]).good();
    assert_eq!(std::fs::read(&signed).expect("a file")[0], 0x30);
    let said = json(server.call(&["profile", "validate", &signed, "--json"]));
    assert!(said["signed_by"].is_string() && said["publishable"] == true, "{said}");
    let for_mac = server.file("for-mac.mobileconfig", b"");
    server.call(&["profile", "export", &id, "--encrypted-for", mac, "--out", &for_mac]).good();
    let signing = json(server.call(&["cert", "signing", "show", "--json"]));
    assert_eq!(signing["certificate"]["own"], true);
    for id in [&id, "org.example.cli.text-two"] {
        server.call(&["profile", "remove", id]).good();
    }
}

#[test]
fn a_file_is_validated_without_a_server_each_error_with_place_and_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("wrong.mobileconfig");
    let text = "<?xml version=\"1.0\"?>\n<plist version=\"1.0\">\n<dict>\n<key>PayloadType</key><string>Configuration</string>\n\
        <key>PayloadVersion</key><integer>1</integer>\n<key>PayloadIdentifier</key><string>org.example.wrong</string>\n\
        <key>PayloadUUID</key><string>AAAAAAAA-0000-4000-8000-000000000001</string>\n<key>PayloadDisplayName</key><string>Wrong</string>\n\
        <key>PayloadContent</key>\n<array>\n<dict>\n<key>PayloadType</key><string>com.apple.mobiledevice.passwordpolicy</string>\n\
        <key>PayloadVersion</key><integer>1</integer>\n<key>PayloadIdentifier</key><string>org.example.wrong.a</string>\n\
        <key>PayloadUUID</key><string>AAAAAAAA-0000-4000-8000-000000000002</string>\n<key>minLength</key>\n<integer>99</integer>\n\
        <key>forcePIN</key>\n<string>yes</string>\n</dict>\n</array>\n</dict>\n</plist>\n";
    std::fs::write(&file, text).expect("written");
    let path = file.to_string_lossy().into_owned();
    let said = pomona(&["profile", "validate", &path, "--json"]);
    assert_eq!(said.code, 1, "{said:?}");
    let value = said.json();
    let errors: Vec<(u64, &str)> = value["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|finding| finding["weight"] == "error")
        .map(|finding| {
            (finding["line"].as_u64().expect("a line"), finding["place"].as_str().expect("a place"))
        })
        .collect();
    assert_eq!(
        errors,
        [(17, "mobiledevice.passwordpolicy/minLength"), (19, "mobiledevice.passwordpolicy/forcePIN")]
    );
    let lines = pomona(&["profile", "validate", &path]).out;
    assert!(
        lines.lines().any(|line| line.starts_with("error\t17\tmobiledevice.passwordpolicy/minLength\t")),
        "{lines}"
    );
    std::fs::write(&file, text.replace("<integer>99</integer>", "<integer>six</integer>")).expect("written");
    let broken = pomona(&["profile", "validate", &path, "--json"]);
    assert_eq!(broken.code, 1);
    assert_eq!(broken.json()["findings"][0]["line"], 17, "{broken:?}");
    std::fs::write(&file, text.replace(">99<", ">9<").replace("<string>yes</string>", "<true/>"))
        .expect("written");
    assert_eq!(pomona(&["profile", "validate", &path]).code, 0);
    assert_eq!(pomona(&["profile", "validate", "/nowhere/at/all.mobileconfig"]).code, 1);
}

#[test]
fn the_owner_and_the_fields_of_a_device_are_written_down() {
    let server = shared();
    let pad = server.device("ipad");
    let about = json(server.call(&[
        "device",
        "about",
        pad,
        "--owner",
        "ada",
        "--full-name",
        "Ada Lovelace",
        "--email",
        "ada@example.org",
        "--field",
        "Room=204",
        "--owner-field",
        "Team=Science",
        "--json",
    ]));
    assert_eq!(about["owner"]["full_name"], "Ada Lovelace");
    assert_eq!(
        (&about["fields"]["Room"], &about["owner"]["fields"]["Team"]),
        (&"204".into(), &"Science".into())
    );
    let shown = server.call(&["device", "about", pad]).good().out;
    assert!(shown.contains("field\tRoom=204"), "{shown}");
    server.call(&["device", "about", pad, "--field", "Room="]).good();
    assert!(!server.call(&["device", "about", pad]).good().out.contains("Room"));
    assert_eq!(server.call(&["device", "about", pad, "--field", "Room"]).code, 2);
    let id = draft("variables", &[]);
    let set = |place: &str, value: &str| server.call(&["profile", "set", &id, place, value]);
    set("loginwindow/LoginwindowText", "This is the Mac of %FullName%").good();
    let seen = server.call(&["profile", "preview", &id, pad]).good().out;
    assert!(seen.contains("This is the Mac of Ada Lovelace"), "{seen}");
    set("loginwindow/LoginwindowText", "%NoSuchField%").good();
    let refused = server.call(&["profile", "publish", &id, "--json"]);
    assert_eq!(refused.json()["problem"]["code"], "profile.variable-unknown", "{refused:?}");
    server.call(&["profile", "discard", &id]).good();
}
