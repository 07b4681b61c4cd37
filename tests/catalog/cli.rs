//! `pomona catalog` answers without a server.

use std::process::{Command, Output};

fn pomona(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pomona"))
        .arg("catalog")
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn said(arguments: &[&str]) -> String {
    let output = pomona(arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn json(arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&said(&[arguments, &["--json"]].concat())).expect("JSON")
}

#[test]
fn a_search_names_the_payload_and_the_systems() {
    let found = said(&["search", "air", "drop"]);
    let line = found.lines().find(|line| line.contains("allowAirDrop")).expect("found");
    assert!(
        line.starts_with("com.apple.applicationaccess\tallowAirDrop\t") && line.contains("iOS 7.0"),
        "{line}"
    );
    let found = json(&["search", "DeviceLock", "--in", "commands", "--most", "1"]);
    assert_eq!(found["found"][0]["form"], "device.lock");
    assert!(said(&["search", "siri", "--in", "skip-keys"]).contains("Siri"));
}

#[test]
fn a_setting_is_shown_with_values_and_versions() {
    let card = said(&["show", "com.apple.applicationaccess", "allowAirDrop"]);
    for word in ["true or false", "iOS\tsince 7.0, supervised devices only", "Needed\tno"] {
        assert!(card.contains(word), "{word}: {card}");
    }
    assert_eq!(said(&["show", "allowAirDrop"]), card);
    let form = json(&["show", "com.apple.wifi.managed"]);
    assert_eq!(form["type"], "com.apple.wifi.managed");
    assert!(form["keys"].as_array().expect("keys").len() > 60);
    let deep = json(&["show", "com.apple.wifi.managed", "EAPClientConfiguration/AcceptEAPTypes"]);
    assert_eq!(deep["found"][0]["key"]["type"], "array");
}

#[test]
fn what_is_unknown_or_ambiguous_is_told() {
    assert_eq!(pomona(&["show", "com.example.nothing"]).status.code(), Some(3));
    assert_eq!(pomona(&["show", "com.apple.dock", "nothing"]).status.code(), Some(3));
    let several = pomona(&["show", "com.apple.MCX"]);
    assert_eq!(several.status.code(), Some(7));
    assert!(String::from_utf8_lossy(&several.stderr).contains("com.apple.MCX(WiFi)"));
}
