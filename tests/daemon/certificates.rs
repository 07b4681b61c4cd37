//! The TLS certificate: our own until files are configured, renewed while the server runs.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pomona::daemon::config::{Config, Raw, RawTls};
use pomona::daemon::edge::{SystemClock, SystemDice};
use pomona::daemon::run::{Plan, Running, StartError, start};
use pomona::wire::key::PrivateKey;
use pomona::wire::x509::{Cert, Draft, DraftProfile, issue};

/// A self-signed certificate as two PEM files.
fn write_pair(folder: &Path, host: &str, key: &PrivateKey, certified: &PrivateKey) {
    let draft = Draft {
        common_name: host.into(),
        organization: None,
        uid: None,
        serial: [1; 16],
        not_before: 1_700_000_000,
        not_after: 4_000_000_000,
        profile: DraftProfile::Server { hosts: vec![host.into()] },
    };
    let cert = issue(&draft, &certified.public_der(), None, certified).expect("a certificate");
    std::fs::write(folder.join("cert.pem"), cert.to_pem()).expect("written");
    let key = key.to_pkcs8();
    let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, key.expose());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    std::fs::write(folder.join("key.pem"), pem).expect("written");
}

fn config(folder: &Path, tls: RawTls) -> Config {
    let raw = Raw {
        data: Some(folder.join("data")),
        listen: Some("127.0.0.1:0".into()),
        host: Some("mdm.example.org".into()),
        tls,
        ..Raw::default()
    };
    Config::from_raw(raw).expect("a configuration")
}

async fn server(config: Config) -> Result<Running, StartError> {
    let plan = Plan {
        config,
        demo: None,
        levels: None,
        clock: Arc::new(SystemClock),
        dice: Arc::new(SystemDice::new()),
    };
    start(plan).await
}

fn files(folder: &Path) -> RawTls {
    RawTls { certificate: Some(folder.join("cert.pem")), key: Some(folder.join("key.pem")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_files_our_own_authority_issues_a_certificate_that_stays() {
    let folder = tempfile::tempdir().expect("folder");
    let running = server(config(folder.path(), RawTls::default())).await.expect("started");
    let first = running.certificate.shown.leaf_der();
    let leaf = Cert::parse(&first).expect("a certificate");
    assert_eq!(leaf.hosts(), ["mdm.example.org"]);
    assert!(leaf.is_issued_by(&running.authority.ca));
    let days = (leaf.not_after() - leaf.not_before()) / 86_400;
    assert!(days <= 398, "{days} days are more than Apple's systems take");
    running.finish().await;
    let again = server(config(folder.path(), RawTls::default())).await.expect("started again");
    assert_eq!(again.certificate.shown.leaf_der(), first, "a restart changes no certificate");
    again.finish().await;
    let raw = Raw { names: Some(vec!["other.example.org".into()]), ..Raw::default() };
    let other = Config {
        names: Config::from_raw(raw).expect("names").names,
        ..config(folder.path(), RawTls::default())
    };
    let renamed = server(other).await.expect("started with another name");
    let leaf = Cert::parse(&renamed.certificate.shown.leaf_der()).expect("a certificate");
    assert_eq!(leaf.hosts(), ["mdm.example.org", "other.example.org"]);
    renamed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn renewed_files_are_shown_without_a_restart_and_bad_ones_change_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let (old, new) = (PrivateKey::generate_p256(), PrivateKey::generate_p256());
    write_pair(folder.path(), "mdm.example.org", &old, &old);
    let running = server(config(folder.path(), files(folder.path()))).await.expect("started");
    let shown = || running.certificate.shown.leaf_der();
    let first = shown();
    // A key that does not fit: the present certificate stays.
    write_pair(folder.path(), "mdm.example.org", &old, &new);
    running.certificate.refresh();
    assert_eq!(shown(), first);
    write_pair(folder.path(), "mdm.example.org", &new, &new);
    let began = Instant::now();
    while shown() == first {
        assert!(began.elapsed() < Duration::from_secs(10), "the new files were not noticed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(Cert::parse(&shown()).expect("a certificate").public_der(), new.public_der());
    running.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_used_are_a_matter_of_configuration() {
    let folder = tempfile::tempdir().expect("folder");
    let (one, two) = (PrivateKey::generate_p256(), PrivateKey::generate_p256());
    write_pair(folder.path(), "mdm.example.org", &one, &two);
    let failed = server(config(folder.path(), files(folder.path()))).await;
    let Err(StartError::Config(said)) = failed else { panic!("started with a key that does not fit") };
    assert!(said.contains("does not belong"), "{said}");
    std::fs::remove_file(folder.path().join("key.pem")).expect("removed");
    let failed = server(config(folder.path(), files(folder.path()))).await;
    let Err(StartError::Config(said)) = failed else { panic!("started without a key") };
    assert!(said.contains("key.pem"), "{said}");
}
