//! Profiles in plain words.

use super::documents::{any_document, documented, office, payload, profile};
use pomona::rules::summary::{sentences, understood};
use proptest::prelude::*;

fn one(kind: &str, rest: &str) -> String {
    sentences(&profile(&[payload(kind, "X", rest)])).remove(0)
}

#[test]
fn the_payloads_of_every_day_read_as_sentences() {
    assert_eq!(
        sentences(&office()),
        ["Wi-Fi “Office” with a password", "Passcode required, of at least 6 characters",]
    );
    for (kind, rest, wanted) in [
        (
            "com.apple.wifi.managed",
            "<key>SSID_STR</key><string>Cafe</string><key>EncryptionType</key><string>None</string>",
            "Wi-Fi “Cafe”, an open network",
        ),
        (
            "com.apple.webClip.managed",
            "<key>Label</key><string>Help</string><key>URL</key><string>https://x.example</string>",
            "Web clip “Help”",
        ),
        (
            "com.apple.security.scep",
            "<key>PayloadContent</key><dict><key>URL</key><string>https://ca.example</string></dict>",
            "Certificate by SCEP from “https://ca.example”",
        ),
        (
            "com.apple.mail.managed",
            "<key>EmailAddress</key><string>%email%</string>",
            "Mail account “%email%”",
        ),
        (
            "com.apple.security.root",
            "<key>PayloadContent</key><data>AA==</data>",
            "A certificate that cannot be read",
        ),
        (
            "com.vendor.agent",
            "<key>server</key><string>x</string><key>api_token</key><string>hush</string>",
            "com.vendor.agent: server: x and 1 more",
        ),
        ("com.vendor.agent", "", "com.vendor.agent, nothing set yet"),
    ] {
        assert_eq!(one(kind, rest), wanted);
    }
    let said =
        one("com.apple.applicationaccess", "<key>allowCamera</key><false/><key>allowSafari</key><true/>");
    assert!(said.starts_with("Restrictions: 2 settings, off: “"), "{said}");
    let dock = one(
        "com.apple.dock",
        "<key>orientation</key><string>left</string><key>tilesize</key><integer>40</integer>",
    );
    assert!(dock.starts_with("Dock: ") && dock.contains(", "), "{dock}");
}

#[test]
fn an_import_tells_what_was_understood() {
    let d = profile(&[
        payload(
            "com.apple.wifi.managed",
            "W",
            "<key>SSID_STR</key><string>x</string><key>Password</key><string>y</string>\
             <key>EAPClientConfiguration</key><dict><key>UserName</key><string>u</string><key>Odd</key><true/></dict>\
             <key>Vendor</key><dict><key>inside</key><true/></dict>",
        ),
        payload("com.vendor.agent", "V", "<key>token</key><string>z</string>"),
    ]);
    let told = understood(&d);
    assert_eq!((told.payloads, told.keys, told.secrets), (1, 4, 2));
    assert_eq!(told.raw_payloads, ["com.vendor.agent"]);
    let raw = |key: &str| ("Wi-Fi network".to_owned(), key.to_owned());
    assert_eq!(told.raw_keys, [raw("EAPClientConfiguration/Odd"), raw("Vendor")]);
    assert!(told.deprecated.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn every_payload_has_a_sentence_without_secrets(document in prop_oneof![any_document(), documented()]) {
        let said = sentences(&document);
        prop_assert_eq!(said.len(), document.payloads().len());
        let secrets: Vec<String> = pomona::rules::secrets::places(&document)
            .iter()
            .filter_map(|place| document.get(place)?.as_string().map(str::to_owned))
            .filter(|secret| secret.len() > 14)
            .collect();
        for line in &said {
            prop_assert!(!line.is_empty() && !line.chars().any(char::is_control));
            prop_assert!(secrets.iter().all(|secret| !line.contains(secret.as_str())), "{line}");
        }
        let told = understood(&document);
        prop_assert!(told.payloads + told.raw_payloads.len() == document.payloads().len());
    }
}
