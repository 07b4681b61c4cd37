//! `pomona push`: Apple's push service and the certificate for it.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};

use super::output::{self, Card};
use super::{Exit, Failed, Global, doctor, input};
use crate::wire::api::{Hidden, NewPushCertificate, Outcome, PushStatus, PushTest};

#[derive(Debug, Subcommand)]
pub(super) enum Push {
    /// Show the push certificate and what waits for it
    Status,
    /// Import a push certificate: PEM, or PKCS#12 whose passphrase is asked for
    Import(Import),
    /// Try the way to Apple's push service and say in words what is wrong
    Test,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The certificate
    file: PathBuf,
    /// The private key, when it is a file of its own
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The new topic, typed: only when it changes although devices are enrolled, which loses them all
    #[arg(long, value_name = "TOPIC")]
    confirm_topic: Option<String>,
}

impl Push {
    pub(super) async fn run(self, global: &Global) -> Result<Exit, Failed> {
        let client = global.client()?;
        match self {
            Self::Status => show(global, &client.get("/api/v1/push").await?)?,
            Self::Import(import) => {
                let read = |path: &PathBuf| {
                    std::fs::read(path).map_err(|e| {
                        Failed::new(Exit::Failure, format!("cannot read {}: {e}", path.display()), "")
                    })
                };
                let file = read(&import.file)?;
                let is_pem = file.windows(10).any(|part| part == b"-----BEGIN");
                let key = match &import.key {
                    Some(path) => Some(Hidden::new(String::from_utf8_lossy(&read(path)?))),
                    None => None,
                };
                let new = NewPushCertificate {
                    passphrase: if is_pem { None } else { Some(input::secret("Passphrase of the file")?) },
                    file: Hidden::new(STANDARD.encode(&file)),
                    key,
                    confirm_topic: import.confirm_topic,
                };
                show(global, &client.post("/api/v1/push/certificate", &new).await?)?;
            }
            Self::Test => {
                let test: PushTest = client.post("/api/v1/push/test", &serde_json::json!({})).await?;
                output::show(global.form(), &test, |form| doctor::text(&test.checks, form))?;
                let failed = test.checks.iter().any(|check| check.outcome == Outcome::Fail);
                return Ok(if failed { Exit::Failure } else { Exit::Ok });
            }
        }
        Ok(Exit::Ok)
    }
}

fn show(global: &Global, status: &PushStatus) -> Result<(), Failed> {
    output::show(global.form(), status, |form| {
        let mut card = Card::new();
        card.line(
            "certificate",
            if status.configured { "imported" } else { "missing: import one with `pomona push import`" },
        )
        .maybe("topic", status.topic.as_deref())
        .maybe("subject", status.subject.as_deref())
        .maybe("serial", status.serial.as_deref())
        .maybe("good until", status.expires.as_deref().map(|at| output::moment(form, at)))
        .maybe("days left", status.days_left.map(|days| days.to_string()))
        .line("waiting pushes", status.waiting.to_string())
        .line("enrolled devices", status.enrolled.to_string());
        card.text(form)
    })
}
