//! `pomona cert`: what others must trust.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};

use super::output::{self, Card};
use super::{Exit, Failed, Global, input};
use crate::wire::api::{CaInfo, Hidden, NewSigningCertificate, SigningInfo};

#[derive(Debug, Subcommand)]
pub(super) enum Cert {
    /// Print the certificate of the server's own authority in PEM
    Ca {
        /// Write it to this file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// The certificate that signs profiles
    #[command(subcommand)]
    Signing(Signing),
}

#[derive(Debug, Subcommand)]
pub(super) enum Signing {
    /// Show it
    Show,
    /// Use one of the organization's own: PEM, or PKCS#12 whose passphrase is asked for
    Import(Import),
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The certificate, with those above it
    file: PathBuf,
    /// The private key, when it is a file of its own
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl Cert {
    pub(super) async fn run(self, global: &Global) -> Result<Exit, Failed> {
        let client = global.client()?;
        match self {
            Self::Ca { out } => {
                let ca: CaInfo = client.get("/api/v1/ca").await?;
                match out {
                    Some(file) => std::fs::write(file, &ca.pem)?,
                    None => output::show(global.form(), &ca, |_| ca.pem.clone())?,
                }
            }
            Self::Signing(Signing::Show) => show(global, &client.get("/api/v1/signing").await?)?,
            Self::Signing(Signing::Import(import)) => {
                let wish = import.read()?;
                show(global, &client.post("/api/v1/signing/certificate", &wish).await?)?;
            }
        }
        Ok(Exit::Ok)
    }
}

impl Import {
    fn read(&self) -> Result<NewSigningCertificate, Failed> {
        let read = |path: &PathBuf| {
            std::fs::read(path)
                .map_err(|e| Failed::new(Exit::Failure, format!("cannot read {}: {e}", path.display()), ""))
        };
        let file = read(&self.file)?;
        let is_pem = file.windows(10).any(|part| part == b"-----BEGIN");
        let key = self.key.as_ref().map(read).transpose()?;
        Ok(NewSigningCertificate {
            passphrase: if is_pem { None } else { Some(input::secret("Passphrase of the file")?) },
            file: Hidden::new(STANDARD.encode(&file)),
            key: key.map(|bytes| Hidden::new(String::from_utf8_lossy(&bytes))),
        })
    }
}

fn show(global: &Global, info: &SigningInfo) -> Result<(), Failed> {
    output::show(global.form(), info, |form| {
        let mut card = Card::new();
        match &info.certificate {
            None => {
                card.line(
                    "certificate",
                    "none yet: the first signed profile makes one under the server's authority",
                );
            }
            Some(certificate) => {
                card.line("subject", &certificate.subject)
                    .line("from", if certificate.own { "the server's own authority" } else { "an import" })
                    .line("good until", output::moment(form, &certificate.expires))
                    .line("since", output::moment(form, &certificate.since))
                    .line("sha256", &certificate.sha256);
                for above in &certificate.chain {
                    card.line("chain", above);
                }
            }
        }
        card.text(form)
    })
}
