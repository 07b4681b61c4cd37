//! What a person reads before anything happens.

use super::server::pomona;

#[test]
fn help_tells_every_command_with_examples_and_exit_codes() {
    let short = pomona(&["-h"]).good().out;
    for word in
        ["serve", "demo", "device", "command", "profile", "enroll", "doctor", "Examples:", "pomona demo"]
    {
        assert!(short.contains(word), "{word} is missing: {short}");
    }
    let long = pomona(&["--help"]).good().out;
    for word in ["Exit codes:", "75", "78", "no server answers"] {
        assert!(long.contains(word), "{word} is missing: {long}");
    }
    for command in [
        "serve",
        "demo",
        "simulate",
        "setup-code",
        "admin add",
        "token create",
        "device list",
        "device show",
        "command send",
        "command show",
        "profile import",
        "profile list",
        "profile show",
        "profile export",
        "profile assign",
        "profile unassign",
        "profile remove",
        "profile new",
        "profile set",
        "profile unset",
        "profile add",
        "profile drop",
        "profile distribute",
        "profile text",
        "profile apply",
        "profile validate",
        "profile find",
        "profile diff",
        "profile lint",
        "profile review",
        "profile publish",
        "profile discard",
        "profile versions",
        "profile restore",
        "profile duplicate",
        "profile archive",
        "profile preview",
        "device about",
        "cert signing show",
        "cert signing import",
        "enroll link",
        "enroll profile",
        "push status",
        "push import",
        "push test",
        "cert ca",
        "log level",
        "logs",
        "doctor",
        "bench",
        "version",
        "completions",
    ] {
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.push("--help");
        let said = pomona(&arguments).good();
        assert!(said.out.contains("Usage: pomona"), "{command}: {}", said.out);
    }
}

#[test]
fn a_mistyped_command_is_usage_and_names_the_one_that_was_meant() {
    let said = pomona(&["devise", "list"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("device"), "{}", said.err);
    assert_eq!(pomona(&["device"]).code, 2);
    assert_eq!(pomona(&["log", "level", "debug", "--for", "forever"]).code, 2);
    // A password is never an argument: everyone on the machine could read it.
    assert_eq!(pomona(&["admin", "add", "ada", "--password", "secret"]).code, 2);
}

#[test]
fn completions_are_made_for_each_shell() {
    for (shell, word) in [("bash", "_pomona()"), ("zsh", "#compdef pomona"), ("fish", "complete -c pomona")] {
        let said = pomona(&["completions", shell]).good();
        assert!(said.out.contains(word), "{shell}");
    }
    assert_eq!(pomona(&["completions", "tcsh"]).code, 2);
}

#[test]
fn manual_pages_are_written_for_each_command() {
    let folder = tempfile::tempdir().expect("folder");
    pomona(&["man", "--dir", &folder.path().to_string_lossy()]).good();
    let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    assert!(page("pomona.1").contains(".SH COMMANDS"));
    let send = page("pomona-command-send.1");
    assert!(send.contains("\\-\\-confirm") && send.contains("device\\-lock"), "{send}");
    let set = page("pomona-profile-set.1");
    assert!(set.contains("\\-\\-from\\-file") && set.contains("wifi.managed/SSID_STR"), "{set}");
    assert!(page("pomona-profile.1").contains("pomona profile publish"), "examples");
}

#[test]
fn the_version_is_told_to_people_and_programs() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(pomona(&["version"]).good().out.starts_with(&format!("pomona {version} (")));
    let value = pomona(&["version", "--json"]).good().json();
    assert_eq!(value["schema"], 1);
    assert_eq!(value["version"], version);
}

#[test]
fn without_a_server_a_command_says_how_to_start_one() {
    let said = pomona(&["device", "list", "--data", "/nowhere/at/all"]);
    assert_eq!(said.code, 5);
    assert!(said.err.contains("pomona serve"), "{}", said.err);
    let value = pomona(&["device", "list", "--data", "/nowhere/at/all", "--json"]).json();
    assert_eq!(value["problem"]["exit"], 5);
}

#[test]
fn doctor_works_without_a_server_and_each_finding_has_a_next_step() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().to_string_lossy().into_owned();
    std::fs::write(folder.path().join("pomona.redb"), b"not a database at all").expect("written");
    let said = pomona(&["doctor", "--data", &data, "--json"]);
    assert_eq!(said.code, 2, "{said:?}");
    let value = said.json();
    let checks = value["checks"].as_array().expect("checks");
    let find = |name: &str| {
        checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{name}: {value}"))
    };
    assert_eq!(find("data.master-key")["outcome"], "fail");
    assert_eq!(find("store")["outcome"], "fail");
    assert_eq!(find("clock")["outcome"], "pass");
    for check in checks {
        let passed = check["outcome"] == "pass";
        assert_eq!(check["next"].as_str().expect("next").is_empty(), passed, "{check}");
    }
}
