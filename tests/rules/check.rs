//! Whether a document may be published.

use super::documents::{
    any_document, documented, office, payload, place, profile, sample, text, with_bodies,
};
use pomona::catalog::catalog;
use pomona::model::document::{Change, Weight};
use pomona::rules::check::{blocks, check};
use pomona::rules::document::apply;
use pomona::rules::secrets::MARK;
use pomona::wire::plist::Value;
use pomona::wire::profile::Document;
use proptest::prelude::*;

fn told(document: &Document) -> Vec<String> {
    let found = check(document);
    found.iter().map(|f| format!("{:?} {} {}", f.weight, f.code, f.place)).collect()
}

fn has(document: &Document, wanted: &str) {
    let all = told(document);
    assert!(all.iter().any(|line| line == wanted), "{wanted} is not in {all:#?}");
}

fn lacks(document: &Document, word: &str) {
    let all = told(document);
    assert!(!all.iter().any(|line| line.contains(word)), "{word} is in {all:#?}");
}

fn with(change: Change) -> Document {
    let mut d = office();
    apply(&mut d, &change).unwrap_or_else(|e| panic!("{}", e.said));
    d
}

fn set(at: &str, value: Value) -> Document {
    with(Change::Set { place: place(at), value, was: None })
}

fn unset(at: &str) -> Document {
    with(Change::Unset { place: place(at), was: None })
}

#[test]
fn a_good_profile_has_nothing_to_tell() {
    assert_eq!(told(&office()), [""; 0]);
}

#[test]
fn a_missing_required_key_is_an_error_with_a_way_to_its_row() {
    for at in ["w-1:PayloadVersion", "w-1:PayloadIdentifier", "w-1:PayloadUUID", ":PayloadVersion"] {
        let d = unset(at);
        let at = at.replace("w-1:PayloadUUID", "#1:PayloadUUID");
        has(&d, &format!("Error profile.key-missing {at}"));
        assert!(blocks(&check(&d)));
    }
    // Required inside what is set: a dictionary of a list.
    let d = profile(&[payload(
        "com.apple.vpn.managed.appmapping",
        "M",
        "<key>AppLayerVPNMapping</key><array><dict><key>Identifier</key><string>com.example.app</string></dict></array>",
    )]);
    has(&d, "Error profile.key-missing m:AppLayerVPNMapping/0/VPNUUID");
}

#[test]
fn an_illegal_value_is_an_error_where_it_stands() {
    for (at, value) in [
        ("p-1:minLength", Value::Integer(99.into())),
        ("p-1:minLength", text("6")),
        ("w-1:EncryptionType", text("WPA9")),
        ("w-1:EAPClientConfiguration", text("no dictionary")),
        ("w-1:EAPClientConfiguration/AcceptEAPTypes", Value::Array(vec![Value::Integer(1.into())])),
    ] {
        let d = set(at, value);
        assert!(blocks(&check(&d)), "{at}");
        let found = check(&d);
        let finding = found.iter().find(|f| f.code == "profile.value").unwrap();
        assert!(finding.place.to_string().starts_with(at) && !finding.says.is_empty());
    }
    // A variable stands for what it becomes.
    lacks(&set("w-1:SSID_STR", text("%Building% guests")), "profile.value");
}

#[test]
fn a_rule_between_keys_counts_defaults_and_is_asked_of_each_dictionary() {
    has(&set("w-1:ProxyType", text("Manual")), "Error profile.rule w-1:ProxyServer");
    let mut d = set("w-1:ProxyType", text("Manual"));
    for (at, value) in
        [("w-1:ProxyServer", text("proxy.example.org")), ("w-1:ProxyServerPort", Value::Integer(3128.into()))]
    {
        apply(&mut d, &Change::Set { place: place(at), value, was: None }).unwrap();
    }
    lacks(&d, "profile.rule");
    has(&unset("w-1:SSID_STR"), "Error profile.rule w-1:SSID_STR");
    let tls = set("w-1:EAPClientConfiguration/TLSMinimumVersion", text("1.3"));
    has(&tls, "Error profile.rule w-1:EAPClientConfiguration/OuterIdentity");
}

#[test]
fn a_payload_that_devices_take_once_may_not_come_twice() {
    let dock = |uuid: &str| payload("com.apple.dock", uuid, "<key>orientation</key><string>left</string>");
    has(&profile(&[dock("A"), dock("B")]), "Error profile.payload-twice b:");
    lacks(&profile(&[dock("A")]), "profile.payload-twice");
    let wifi = |uuid: &str| payload("com.apple.wifi.managed", uuid, "<key>SSID_STR</key><string>x</string>");
    lacks(&profile(&[wifi("A"), wifi("B")]), "profile.payload-twice");
}

#[test]
fn uuids_and_identifiers_are_one_of_a_kind() {
    let d = profile(&[payload("com.apple.wifi.managed", "TOP-1", "<key>SSID_STR</key><string>x</string>")]);
    has(&d, "Error profile.uuid-twice top-1:PayloadUUID");
    let one = payload("com.apple.wifi.managed", "A", "<key>SSID_STR</key><string>x</string>");
    let d = profile(&[one.clone(), one.replace("<string>A</string>", "<string>a</string>")]);
    has(&d, "Error profile.uuid-twice #2:PayloadUUID");
    has(&d, "Error profile.identifier-twice #2:PayloadIdentifier");
}

#[test]
fn references_lead_to_a_payload_of_their_kind() {
    let wifi = |to: &str| {
        payload(
            "com.apple.wifi.managed",
            "W",
            &format!(
                "<key>SSID_STR</key><string>x</string><key>PayloadCertificateUUID</key><string>{to}</string>"
            ),
        )
    };
    let scep = payload(
        "com.apple.security.scep",
        "S",
        "<key>PayloadContent</key><dict><key>URL</key><string>https://x.example/scep</string></dict>",
    );
    let nobody = "11111111-2222-4333-8444-555555555555";
    has(&profile(&[wifi(nobody)]), "Warning profile.reference w:PayloadCertificateUUID");
    has(&profile(&[wifi("S")]), "Error profile.value w:PayloadCertificateUUID");
    lacks(&profile(&[wifi("s"), scep.clone()]), "PayloadCertificateUUID");
    let root = payload("com.apple.security.root", "R", "<key>PayloadContent</key><data>AA==</data>");
    has(&profile(&[wifi("R"), root, scep]), "Warning profile.reference w:PayloadCertificateUUID");
}

#[test]
fn what_the_catalog_does_not_know_is_a_note_and_blocks_nothing() {
    let d = profile(&[
        payload(
            "com.apple.wifi.managed",
            "W",
            "<key>SSID_STR</key><string>x</string><key>Odd</key><dict><key>deeper</key><true/></dict>",
        ),
        payload("com.vendor.agent", "V", "<key>anything</key><true/>"),
        payload(
            "com.apple.ManagedClient.preferences",
            "M",
            "<key>PayloadContent</key><dict><key>com.vendor.app</key><dict><key>Forced</key><array><dict>\
             <key>mcx_preference_settings</key><dict><key>whatever</key><integer>1</integer></dict></dict></array></dict></dict>",
        ),
    ]);
    let all = told(&d);
    assert_eq!(all, ["Note profile.key-unknown w:Odd", "Note profile.payload-unknown v:"]);
    assert!(!blocks(&check(&d)));
}

#[test]
fn what_is_gone_everywhere_is_a_warning_told_once() {
    let form = catalog().forms().iter().find(|form| form.id.ends_with("com.apple.SoftwareUpdate")).unwrap();
    let d = with_bodies(vec![sample(form, "S")]);
    let aged: Vec<_> = check(&d).into_iter().filter(|f| f.code.starts_with("profile.key-removed")).collect();
    assert_eq!(aged.len(), 1, "{:#?}", told(&d));
    assert!(aged[0].place.path.0.is_empty() && aged[0].weight == Weight::Warning);
    assert!(aged[0].says.contains("macOS"), "{}", aged[0].says);
}

#[test]
fn only_the_server_writes_payloads_of_device_management() {
    for kind in ["com.apple.mdm", "com.apple.declarations"] {
        let d = profile(&[payload(kind, "M", "")]);
        has(&d, "Error profile.mdm m:");
    }
}

#[test]
fn settings_of_removal_fit_together() {
    let lock =
        payload("com.apple.profileRemovalPassword", "R", "<key>RemovalPassword</key><string>x</string>");
    let mut d = profile(&[lock]);
    has(&d, "Warning profile.removal-password-unused r:");
    d.body.insert("PayloadRemovalDisallowed".into(), Value::Boolean(true));
    lacks(&d, "profile.removal-password-unused");
    d.body.insert("DurationUntilRemoval".into(), Value::Real(3600.0));
    let date = pomona::wire::plist::Date::from_xml_format("2027-01-01T00:00:00Z").unwrap();
    d.body.insert("RemovalDate".into(), Value::Date(date));
    has(&d, "Note profile.removal-twice :RemovalDate");
    has(&profile(&[]), "Warning profile.empty :");
}

#[test]
fn a_secret_of_dots_is_not_published() {
    has(&set("w-1:Password", text(MARK)), "Error profile.secret-missing w-1:Password");
    lacks(&set("w-1:SSID_STR", text(MARK)), "profile.secret-missing");
}

#[test]
fn every_documented_payload_with_legal_values_is_free_of_value_errors() {
    for form in catalog().forms().iter().filter(|form| !form.internal) {
        let d = with_bodies(vec![sample(form, "S")]);
        for finding in check(&d) {
            assert!(
                !matches!(
                    finding.code,
                    "profile.value"
                        | "profile.key-missing"
                        | "profile.payload-unknown"
                        | "profile.key-unknown"
                ),
                "{}: {} {}: {}",
                form.id,
                finding.code,
                finding.place,
                finding.says
            );
        }
    }
}

#[test]
fn an_illegal_value_of_each_key_is_found_where_it_is() {
    let mut keys = 0;
    for form in catalog().forms().iter().filter(|form| !form.internal) {
        for key in form.keys.iter().filter(|key| !key.is_free()) {
            let Some((bad, words)) = key.bad_sample() else { continue };
            let mut body = sample(form, "S");
            body.insert(key.name.clone(), bad.clone());
            let d = with_bodies(vec![body]);
            // Forms of one type are told apart by their values: then it is another form's key.
            if catalog().form_for(d.payloads()[0].body).is_none_or(|found| found.id != form.id) {
                continue;
            }
            let found = check(&d);
            let finding =
                found.iter().find(|f| f.code == "profile.value" && f.place.path.0 == [key.name.clone()]);
            assert!(
                finding.is_some_and(|f| f.says.contains(words)),
                "{} {}: {bad:?} should be refused with {words}: {found:#?}",
                form.id,
                key.name
            );
            keys += 1;
        }
    }
    assert!(keys > 900, "{keys}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn whatever_a_document_holds_is_checked_and_no_secret_is_told(document in prop_oneof![any_document(), documented()]) {
        let found = check(&document);
        let secrets: Vec<String> = pomona::rules::secrets::places(&document)
            .iter()
            .filter_map(|place| document.get(place)?.as_string().map(str::to_owned))
            .filter(|secret| secret.len() > 12)
            .collect();
        for finding in &found {
            prop_assert!(secrets.iter().all(|secret| !finding.says.contains(secret.as_str())), "{}", finding.says);
        }
    }
}
