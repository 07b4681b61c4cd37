//! Profiles as files: text to edit, what a device would get, the file itself.

use std::path::PathBuf;

use clap::Args;
use http::Method;

use super::edit::{bytes_of, send};
use super::place::open;
use super::{Client, Exit, Failed, Form, encode, input, library, output, path};
use crate::cli::device::find;
use crate::wire::api::{Edit, EditDraft, Hidden, PreviewInfo, ProfileInfo};
use crate::wire::plist::Value;
use crate::wire::profile::Document;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  pomona profile text org.example.wifi > wifi.xml
  pomona profile validate wifi.xml
  pomona profile apply wifi.xml")]
pub(in crate::cli) struct Text {
    /// Id, identifier or unique name
    profile: String,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Apply {
    /// The file, - for standard input; its PayloadIdentifier says which profile it is. One that is not in the library
    /// becomes a new draft
    file: PathBuf,
    /// Only if the draft is at this version
    #[arg(long, value_name = "VERSION")]
    expect: Option<u64>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Preview {
    /// Id, identifier or unique name
    profile: String,
    /// Serial number, id or unique name of the device
    device: String,
    /// This revision instead of the draft
    #[arg(long, value_name = "N")]
    revision: Option<u32>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  pomona profile export org.example.wifi --signed --out wifi.mobileconfig
  pomona profile export org.example.mail --device C02XK1ABJG5H --out for-ada.mobileconfig
  pomona profile export org.example.wifi --encrypted-for C02XK1ABJG5H --out wifi.mobileconfig")]
pub(in crate::cli) struct Export {
    /// Id, identifier or unique name
    profile: String,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Sign it with the organization's signing certificate
    #[arg(long, conflicts_with = "encrypted_for")]
    signed: bool,
    /// Encrypt its payloads so that this device alone can read them, and sign it
    #[arg(long, value_name = "DEVICE")]
    encrypted_for: Option<String>,
    /// Fill the variables in for this device
    #[arg(long, value_name = "DEVICE", conflicts_with = "encrypted_for")]
    device: Option<String>,
    /// An older revision; 0 is the draft
    #[arg(long, value_name = "N")]
    revision: Option<u32>,
}

impl Text {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let opened = open(client, &self.profile).await?;
        match self.out {
            Some(path) => input::write_private(&path, opened.info.xml.as_bytes())?,
            None => output::show(form, &opened.info, |_| opened.info.xml.clone())?,
        }
        Ok(Exit::Ok)
    }
}

impl Apply {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let bytes = bytes_of(&self.file)?;
        let document = Document::read(&bytes).map_err(|e| {
            Failed::new(
                Exit::Failure,
                format!("{}: {e}", self.file.display()),
                "`pomona profile validate` says more.",
            )
        })?;
        let identifier =
            document.body.get("PayloadIdentifier").and_then(Value::as_string).unwrap_or_default();
        match client.get::<ProfileInfo>(&path(identifier)).await {
            Ok(known) => {
                let version = match self.expect {
                    Some(version) => version,
                    None => open(client, &known.id).await?.info.version,
                };
                // Binary and signed files are text by now.
                let xml = Hidden::new(String::from_utf8_lossy(&document.to_xml()));
                let edit = EditDraft {
                    changes: vec![Edit::Replace { xml }],
                    version: Some(version),
                    ..EditDraft::default()
                };
                send(client, form, &known.id, edit).await
            }
            Err(failed) if failed.exit == Exit::NotFound && self.expect.is_none() => {
                let imported = library::bring(client, bytes, true, false).await?;
                library::told(form, &imported.profile)
            }
            Err(failed) => Err(failed),
        }
    }
}

impl Preview {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let device = find(client, &self.device).await?.id;
        let revision = self.revision.map(|n| format!("&revision={n}")).unwrap_or_default();
        let address = format!("{}/preview?device={}{revision}", path(&self.profile), encode(&device));
        let preview: PreviewInfo = client.get(&address).await?;
        output::show(form, &preview, |_| preview.xml.clone())?;
        Ok(Exit::Ok)
    }
}

impl Export {
    pub(super) async fn run(self, client: &Client) -> Result<Exit, Failed> {
        let mut query = Vec::new();
        if self.signed {
            query.push("wrapping=signed".to_owned());
        }
        if let Some(device) = &self.encrypted_for {
            query.push(format!("wrapping=encrypted&device={}", encode(&find(client, device).await?.id)));
        }
        if let Some(device) = &self.device {
            query.push(format!("device={}", encode(&find(client, device).await?.id)));
        }
        if let Some(revision) = self.revision {
            query.push(format!("revision={revision}"));
        }
        let address = format!("{}/file?{}", path(&self.profile), query.join("&"));
        let file = client.raw(Method::GET, &address, "", "".into()).await?;
        match self.out {
            // Profiles hold passwords.
            Some(path) => input::write_private(&path, &file)?,
            None => output::print_bytes(&file)?,
        }
        Ok(Exit::Ok)
    }
}
