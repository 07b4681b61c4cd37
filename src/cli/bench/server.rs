//! The measured server: this program again, in a process of its own, so that its memory is its own.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::cli::{Client, Exit, Failed};
use crate::simulator::PretendApns;
use crate::wire::api::{Facts, Hidden, NewPushCertificate, PushStatus};

/// A running server; killed when it goes out of scope.
pub(super) struct Server {
    child: Child,
    place: PathBuf,
}

/// Connections the measured server takes: more than it usually would, for the storm.
const CONNECTIONS: usize = 16_000;

/// Writes the configuration of the measured server.
pub(super) fn configure(place: &Path, apns: &PretendApns) -> Result<(), Failed> {
    let roots = place.join("apns.pem");
    std::fs::write(&roots, apns.authority().ca.to_pem())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let text = format!(
        "data = \"data\"\nlisten = \"127.0.0.1:{port}\"\nhost = \"localhost\"\n\
         [push]\nendpoint = \"https://127.0.0.1:{}\"\nroots = \"apns.pem\"\n\
         [limits]\nconnections = {CONNECTIONS}\n",
        apns.address().port()
    );
    std::fs::write(place.join("pomona.toml"), text)?;
    Ok(())
}

impl Server {
    /// Starts it, and says how long it took until it answered.
    pub(super) async fn start(place: &Path) -> Result<(Self, Duration), Failed> {
        let began = Instant::now();
        let child = Command::new(std::env::current_exe()?)
            .args(["serve", "--config"])
            .arg(place.join("pomona.toml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let server = Self { child, place: place.to_owned() };
        loop {
            match server.client().get::<Facts>("/api/v1/facts").await {
                Ok(_) => return Ok((server, began.elapsed())),
                Err(failed) if began.elapsed() > Duration::from_secs(30) => return Err(failed),
                Err(_) => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        }
    }

    pub(super) fn client(&self) -> Client {
        Client::socket(&self.place.join("data/pomona.sock"))
    }

    /// Stops it in order.
    pub(super) async fn stop(mut self) -> Result<(), Failed> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).map_err(std::io::Error::from)?;
        let began = Instant::now();
        while self.child.try_wait()?.is_none() {
            if began.elapsed() > Duration::from_secs(20) {
                return Err(Failed::new(Exit::Failure, "the measured server does not stop", ""));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Memory in use, in MiB: resident pages as the system counts them.
    pub(super) fn memory(&self) -> Option<f64> {
        let pid = self.child.id();
        if let Ok(status) = std::fs::read_to_string(format!("/proc/{pid}/status")) {
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            return Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? / 1_024.0);
        }
        let output = Command::new("ps").args(["-o", "rss=", "-p", &pid.to_string()]).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().parse::<f64>().ok()? / 1_024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Gives the server a push certificate of the pretend Apple.
pub(super) async fn give_push_certificate(
    client: &Client,
    apns: &PretendApns,
    now: i64,
) -> Result<(), Failed> {
    let files = apns
        .authority()
        .push_certificate("com.apple.mgmt.External.bench", now)
        .map_err(|e| Failed::new(Exit::Failure, e.to_string(), ""))?;
    let new = NewPushCertificate {
        file: Hidden::new(STANDARD.encode(files.certificate_pem())),
        key: Some(Hidden::new(files.key_pem())),
        ..NewPushCertificate::default()
    };
    client.post::<PushStatus>("/api/v1/push/certificate", &new).await.map(drop)
}
