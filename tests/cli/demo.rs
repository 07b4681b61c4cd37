//! `pomona demo`: the first thing a newcomer types.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::server::{Said, call};

struct Demo {
    child: Child,
    data: String,
    said: String,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Demo {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pomona"))
            .args(["demo", "--no-open", "--devices", "5", "--port", "18643"])
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let (mut data, mut said) = (String::new(), String::new());
        while !said.contains("Ctrl-C") {
            let line = lines.next().expect("more to come").expect("text");
            if let Some(rest) = line.trim().strip_prefix("Data") {
                data = rest.trim().trim_end_matches(" (removed at the end)").to_owned();
            }
            said += &format!("{line}\n");
        }
        // Somebody must read on, or the demo waits for it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, data, said }
    }

    fn call(&self, arguments: &[&str]) -> Said {
        call(Command::new(env!("CARGO_BIN_EXE_pomona")).args(arguments).env("POMONA_DATA", &self.data), "")
    }

    fn devices(&self) -> Vec<Value> {
        let value = self.call(&["device", "list", "--json"]).good().json();
        value["items"].as_array().expect("a list").clone()
    }
}

/// The library has a history, and devices have owners whose names reach their profiles.
fn library(demo: &Demo) {
    let profiles = demo.call(&["profile", "list", "--archived", "--json"]).good().json();
    let profiles = profiles["items"].as_array().expect("a list");
    let named =
        |name: &str| profiles.iter().find(|p| p["name"] == name).unwrap_or_else(|| panic!("no {name}"));
    assert!(named("Summer School Wi-Fi")["archived"].is_string());
    assert_eq!(named("Printers")["distribution"], "offered");
    assert_eq!(named("Northwind Sentinel")["signed_by"], "Northwind Security");
    assert_eq!(named("Pupils’ iPads")["draft"]["by"], "mary");
    assert!(named("Mail")["variables"].as_array().is_some_and(|variables| !variables.is_empty()));
    let versions = demo.call(&["profile", "versions", "org.example.wifi", "--json"]).good().json();
    assert_eq!(versions["items"].as_array().map(Vec::len), Some(2));
    let mac = demo.devices().into_iter().find(|d| d["platform"] == "mac").expect("a Mac");
    let mac = mac["serial"].as_str().expect("serial");
    let about = demo.call(&["device", "about", mac, "--json"]).good().json();
    let email = about["owner"]["email"].as_str().expect("mail").to_owned();
    assert!(email.ends_with("@example.org") && about["fields"]["Room"].is_string(), "{about}");
    let mail = demo.call(&["profile", "preview", "org.example.mail", mac]).good().out;
    assert!(mail.contains(&email), "{mail}");
    let deadline = Instant::now() + Duration::from_secs(40);
    for profile in ["org.example.mac-basics", "org.example.mail", "com.northwind.sentinel.profile"] {
        let arrived = || {
            let shown = demo.call(&["profile", "show", profile, "--json"]).good().json();
            let status = shown["status"].as_array().expect("status").clone();
            !status.is_empty()
                && status.iter().all(|s| s["state"] == "confirmed" || s["state"] == "installed")
        };
        while !arrived() {
            assert!(Instant::now() < deadline, "{profile} never arrives");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

#[test]
fn the_story_of_the_demo() {
    let began = Instant::now();
    let mut demo = Demo::start();
    assert!(began.elapsed() < Duration::from_secs(10), "it must feel instant");
    for word in ["Open", "https://localhost:", "/profilemanager", "Sign in", "admin", "Enroll", "Logs"] {
        assert!(demo.said.contains(word), "{word}: {}", demo.said);
    }
    let deadline = Instant::now() + Duration::from_secs(40);
    let everyone_has_it = |demo: &Demo| {
        let shown = demo.call(&["profile", "show", "org.example.welcome", "--json"]).good().json();
        let status = shown["status"].as_array().expect("status");
        status.len() == 5 && status.iter().all(|s| s["state"] == "confirmed" || s["state"] == "installed")
    };
    while demo.devices().len() < 5 || !everyone_has_it(&demo) {
        assert!(Instant::now() < deadline, "not all enrolled and configured: {:?}", demo.devices());
        std::thread::sleep(Duration::from_millis(200));
    }
    library(&demo);
    let phone = demo
        .devices()
        .into_iter()
        .find(|d| d["platform"] == "iphone" || d["platform"] == "ipad")
        .expect("one");
    let serial = phone["serial"].as_str().expect("serial");
    for kind in ["device-lock", "clear-passcode"] {
        let answered = demo.call(&["command", "send", serial, kind, "--wait", "--json"]).good().json();
        assert_eq!(answered["state"], "acknowledged", "{kind}");
    }
    let logs = demo.call(&["logs", "-n", "2000", "--only", "mdm"]).good().out;
    assert!(logs.contains("DeviceLock"), "the lock is told in the log");

    rustix::process::kill_process(
        rustix::process::Pid::from_child(&demo.child),
        rustix::process::Signal::INT,
    )
    .expect("Ctrl-C");
    let began = Instant::now();
    let status = loop {
        if let Some(status) = demo.child.try_wait().expect("a child") {
            break status;
        }
        assert!(began.elapsed() < Duration::from_secs(15), "it does not end");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(status.code(), Some(0));
    assert!(!std::path::Path::new(&demo.data).exists(), "it leaves its folder behind");
}
