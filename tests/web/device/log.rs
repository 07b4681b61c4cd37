//! What the log says of devices, and what it never says.

use std::io::Write;
use std::sync::{Arc, Mutex};

use pomona::model::enrollment::EscrowKind;
use pomona::wire::Secret;
use pomona::wire::mdm::command::Request as Ask;
use pomona::wire::plist::Value;
use tracing_subscriber::fmt::MakeWriter;

use super::pretend::{CHECK_IN, TOPIC, World};

/// Lines as they are written.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("unpoisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("unpoisoned").clone()).expect("text")
    }

    fn about<'t>(&self, text: &'t str, target: &str) -> Vec<&'t str> {
        text.lines().filter(|l| l.contains(&format!(" {target}: "))).collect()
    }
}

/// What is logged on this thread, in full detail, while a scenario runs. It runs twice and the second run counts:
/// a place that logs for the first time while another thread does may be taken for one that nobody listens to.
async fn heard<T, F: Future<Output = T>>(scenario: impl Fn() -> F) -> (Lines, T) {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(lines.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    scenario().await;
    tracing::callsite::rebuild_interest_cache();
    lines.0.lock().expect("unpoisoned").clear();
    let told = scenario().await;
    (lines, told)
}

#[tokio::test]
async fn each_request_of_a_device_is_one_line_with_its_device_and_its_command() {
    let (lines, uuid) = heard(|| async {
        let world = World::new();
        let device = world.device("00008020-000123456789ABCD");
        device.enroll().await;
        let uuid = world.ask(&device.id(), vec![Ask::ShutDownDevice]).remove(0);
        device.idle().await;
        device.acknowledge(&uuid).await;
        device.check_in("Foo", &[]).await;
        world.send(device.request(Some(CHECK_IN), b"garbage".to_vec())).await;
        device.check_in("CheckOut", &[]).await;
        uuid
    })
    .await;
    let text = lines.text();
    let of_mdm = lines.about(&text, "mdm");
    assert_eq!(of_mdm.len(), 7, "{text}");
    assert!(of_mdm.iter().all(|l| l.contains("completed") && l.contains("req=") && l.contains("status=")));
    for (line, words) in of_mdm.iter().zip([
        vec!["status=200", "Authenticate", "dev=\"00008020-000123456789ABCD\""],
        vec!["status=200", "TokenUpdate"],
        vec!["status=200", "Idle", "sent=\"ShutDownDevice\"", &uuid],
        vec!["status=200", "Acknowledged", &uuid],
        vec!["status=400", "check-in.unknown_message", "Foo"],
        vec!["status=400", "mdm.unreadable", "garbage"],
        vec!["status=200", "CheckOut"],
    ]) {
        for word in words {
            assert!(line.contains(word), "{word} is missing in {line}");
        }
    }
}

#[tokio::test]
async fn cm_secret_redaction() {
    let (lines, secrets) = heard(|| async {
        let world = World::new();
        let (_, token) = world.ticket(|_| ());
        let profile = format!("/enroll/{token}/profile");
        let get = axum::http::Request::get(profile).body(axum::body::Body::empty()).expect("a request");
        let file = world.send(get).await;
        let order = pomona::wire::enroll::EnrollmentOrder::parse(&file.body).expect("a profile");
        let challenge = order.challenge.expect("a challenge");

        let device = world.device("0E1B6E1C-1111-4222-8333-444455556666").mac();
        device.authenticate().await.assert_empty_ok();
        let canaries = [
            ("PushMagic", Value::String("canary-magic-1".into())),
            ("Token", Value::Data(b"canary-token-2".to_vec())),
            ("UnlockToken", Value::Data(b"canary-unlock-3".to_vec())),
            ("Topic", TOPIC.into()),
        ];
        device.check_in("TokenUpdate", &canaries).await.assert_empty_ok();
        device
            .check_in("SetBootstrapToken", &[("BootstrapToken", Value::Data(b"canary-bootstrap-4".to_vec()))])
            .await
            .assert_empty_ok();
        device.check_in("GetBootstrapToken", &[]).await;
        device.check_in("NoSuchMessage", &canaries).await.assert_refused();
        device.check_in("TokenUpdate", &canaries[..2]).await.assert_refused();
        device.drain().await;
        world.ask(
            &device.id(),
            vec![
                Ask::DeviceLock { pin: None, message: None, phone_number: None },
                Ask::ClearPasscode { unlock_token: Secret::new(Vec::new()) },
            ],
        );
        device.drain().await;
        let pin = world.escrow(&device.id(), EscrowKind::LockPin).expect("a PIN");
        [challenge, pin, Secret::from(token)]
    })
    .await;
    let text = lines.text();
    assert!(lines.about(&text, "mdm").len() > 12 && !lines.about(&text, "enroll").is_empty(), "{text}");
    let base64 = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    for secret in ["canary-magic-1", "canary-token-2", "canary-unlock-3", "canary-bootstrap-4"] {
        assert!(!text.contains(secret) && !text.contains(&base64(secret.as_bytes())[..12]), "{secret}");
        assert!(!text.contains(&hex::encode(secret)), "{secret}");
    }
    for secret in &secrets {
        assert!(!text.contains(secret.expose_str().expect("text")), "a challenge, a PIN or a link");
    }
}
