//! One server for all tests of the command line, in this process: it ends with it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use pomona::daemon::config::{Config, Raw, RawPush};
use pomona::daemon::edge::{SystemClock, SystemDice};
use pomona::daemon::run::{Plan, start};
use pomona::model::edge::Clock;
use pomona::simulator::fleet::Wake;
use pomona::simulator::{self, Fleet, PretendApns, Trust};
use tokio_util::sync::CancellationToken;

/// A server with a fleet of one device of each family.
pub struct Shared {
    pub data: PathBuf,
    folder: tempfile::TempDir,
    pub port: u16,
    /// Family and serial number of each device that is enrolled.
    pub devices: Vec<(String, String)>,
    /// The fleet; those above are the members that are enrolled.
    pub fleet: Option<Arc<Fleet>>,
}

/// What a call of the program said and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("no JSON ({e}): {self:?}"))
    }

    /// The output of a call that must have succeeded.
    pub fn good(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// Calls the program with arguments and nothing on standard input.
pub fn pomona(arguments: &[&str]) -> Said {
    call(Command::new(env!("CARGO_BIN_EXE_pomona")).args(arguments), "")
}

pub fn call(command: &mut Command, input: &str) -> Said {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in [
        "POMONA_DATA",
        "POMONA_CONFIG",
        "POMONA_SERVER",
        "POMONA_TOKEN_FILE",
        "POMONA_CA_FILE",
        "POMONA_SOCKET",
    ] {
        if !command.get_envs().any(|(known, _)| known == name) {
            command.env_remove(name);
        }
    }
    let mut child = command.spawn().expect("the program");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("ended");
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Shared {
    /// Calls the program as a neighbor of the server.
    pub fn call(&self, arguments: &[&str]) -> Said {
        self.call_with(arguments, "")
    }

    pub fn call_with(&self, arguments: &[&str], input: &str) -> Said {
        call(Command::new(env!("CARGO_BIN_EXE_pomona")).args(arguments).env("POMONA_DATA", &self.data), input)
    }

    /// A file that tests may fill.
    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path.to_string_lossy().into_owned()
    }

    /// Serial number of a device of this family: `iphone`, `ipad`, `mac`, `appletv`.
    pub fn device(&self, family: &str) -> &str {
        &self.devices.iter().find(|(of, _)| of == family).expect("one of each").1
    }
}

/// The server, started by whoever asks first, with a push certificate imported by the program itself and a fleet
/// of one device of each family that lives until the tests end.
pub fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(boot)
}

/// A server of one's own, for tests that fill it.
pub fn boot() -> Shared {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("runtime");
        runtime.block_on(live(tell));
    });
    told.recv_timeout(Duration::from_secs(60)).expect("the server")
}

async fn live(tell: std::sync::mpsc::Sender<Shared>) {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let now = SystemClock.now().secs();
    let apns = PretendApns::start(now).await.expect("a push service");
    let roots = folder.path().join("apns.pem");
    std::fs::write(&roots, apns.authority().ca.to_pem()).expect("written");
    let raw = Raw {
        data: Some(data.clone()),
        listen: Some("127.0.0.1:0".into()),
        host: Some("localhost".into()),
        push: RawPush {
            endpoint: Some(format!("https://127.0.0.1:{}", apns.address().port())),
            roots: Some(roots),
        },
        ..Raw::default()
    };
    let plan = Plan {
        config: Config::from_raw(raw).expect("a configuration"),
        demo: None,
        levels: None,
        clock: Arc::new(SystemClock),
        dice: Arc::new(SystemDice::new()),
    };
    let running = start(plan).await.expect("a server");
    let port = running.address.port();
    let shared = Shared { data, folder, port, devices: Vec::new(), fleet: None };

    let files = apns.authority().push_certificate("com.apple.mgmt.External.cli", now).expect("a certificate");
    let certificate = shared.file("push.pem", files.certificate_pem().as_bytes());
    let key = shared.file("push.key", files.key_pem().as_bytes());
    let (mut shared, link) = tokio::task::spawn_blocking(move || {
        shared.call(&["push", "import", &certificate, "--key", &key]).good();
        let link = shared.call(&["enroll", "link"]).good().out.trim().to_owned();
        (shared, link)
    })
    .await
    .expect("prepared");

    let trust = Trust::Roots(vec![running.authority.ca.clone()]);
    let mut plan = simulator::Plan::new(link, trust, 25, Wake::Rung(apns.bells().clone()));
    plan.shared_keys = Some(2);
    let fleet = Arc::new(Fleet::new(plan, Arc::new(|_| {})));
    shared.fleet = Some(fleet.clone());
    fleet.make_keys().await;
    // The first of each family in a fleet as an organization has it.
    let mut first = Vec::new();
    for member in fleet.members() {
        let mut device = member.device.lock().await;
        let family = pomona::model::device::Platform::of(device.portrait.product).slug();
        if !shared.devices.iter().any(|(known, _)| known == family) {
            shared.devices.push((family.to_owned(), device.portrait.serial.clone()));
            device.enroll(&fleet.plan().link).await.expect("enrolled");
            first.push(family);
        }
    }
    tell.send(shared).expect("told");
    fleet.run(CancellationToken::new()).await;
}
