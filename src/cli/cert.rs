//! `pomona cert`: what others must trust.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Exit, Failed, Global, output};
use crate::wire::api::CaInfo;

#[derive(Debug, Subcommand)]
pub(super) enum Cert {
    /// Print the certificate of the server's own authority in PEM
    Ca {
        /// Write it to this file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

impl Cert {
    pub(super) async fn run(self, global: &Global) -> Result<Exit, Failed> {
        let Self::Ca { out } = self;
        let ca: CaInfo = global.client()?.get("/api/v1/ca").await?;
        match out {
            Some(file) => std::fs::write(file, &ca.pem)?,
            None => output::show(global.form(), &ca, |_| ca.pem.clone())?,
        }
        Ok(Exit::Ok)
    }
}
