//! Commands whose servers need a process of their own: logs and their level, `simulate`.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::server::{Said, call, shared};

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn pomona(data: &Path, arguments: &[&str]) -> Said {
    call(Command::new(env!("CARGO_BIN_EXE_pomona")).args(arguments).env("POMONA_DATA", data), "")
}

fn serve(data: &Path) -> Server {
    let port =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port").local_addr().expect("address").port();
    let child = Command::new(env!("CARGO_BIN_EXE_pomona"))
        .args(["serve", "--host", "localhost", "--listen", &format!("127.0.0.1:{port}"), "--data"])
        .arg(data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    let server = Server(child);
    let began = Instant::now();
    while pomona(data, &["push", "status"]).code == 5 {
        assert!(began.elapsed() < Duration::from_secs(20), "not ready");
        std::thread::sleep(Duration::from_millis(50));
    }
    server
}

#[test]
fn the_level_of_the_logs_is_changed_while_the_server_runs_and_outlives_a_kill() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path();
    let mut server = serve(data);
    let level =
        |arguments: &[&str]| pomona(data, &[&["log", "level", "--json"], arguments].concat()).good().json();
    assert_eq!(level(&[])["level"], "info");
    let raised = level(&["debug", "--for", "30m"]);
    assert_eq!(raised["level"], "debug");
    let until = raised["until"].as_str().expect("an end").to_owned();
    server.0.kill().expect("killed");
    server.0.wait().expect("ended");
    drop(server);
    let _again = serve(data);
    let still = level(&[]);
    assert_eq!((still["level"].as_str(), still["until"].as_str()), (Some("debug"), Some(until.as_str())));
    assert_eq!(level(&["reset"])["level"], "info");
    assert_eq!(pomona(data, &["log", "level", "debug", "--for", "25h"]).code, 1);

    let lines =
        pomona(data, &["logs", "-n", "1000", "--only", "devicemgrd", "--match", "listening on"]).good().out;
    assert_eq!(lines.lines().count(), 2, "one for each start: {lines}");
    let errors = pomona(data, &["logs", "--level", "error"]).good().out;
    assert!(errors.is_empty(), "{errors}");
    let nowhere = call(Command::new(env!("CARGO_BIN_EXE_pomona")).args(["logs", "--data", "/nowhere"]), "");
    assert_eq!(nowhere.code, 3);
}

#[test]
fn a_simulated_fleet_enrolls_lives_and_holds_what_the_server_believes() {
    let server = shared();
    let link = server.call(&["enroll", "link", "--label", "simulate"]).good().out;
    let said = server.call(&[
        "simulate",
        "--enroll",
        link.trim(),
        "--devices",
        "3",
        "--seed",
        "77",
        "--shared-keys",
        "1",
        "--poll",
        "1s",
        "--for",
        "4s",
        "--json",
    ]);
    let value = said.good().json();
    assert_eq!(
        (value["report"]["enrolled"].as_u64(), value["report"]["not_enrolled"].as_u64()),
        (Some(3), Some(0))
    );
    assert!(value["report"]["sessions"].as_u64().expect("sessions") >= 3, "{value}");
    assert_eq!(value["mismatches"], serde_json::json!([]), "{value}");
    assert_eq!(value["compared"], true);
    let wrong = server.call(&[
        "simulate",
        "--enroll",
        &format!("{}x", link.trim()),
        "--devices",
        "1",
        "--for",
        "1s",
        "--json",
    ]);
    assert_eq!(wrong.code, 1, "{wrong:?}");
    assert!(wrong.err.contains("the first failure"), "{wrong:?}");
}
