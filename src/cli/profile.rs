//! `pomona profile`: the library of configuration profiles.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use http::Method;

use super::client::encode;
use super::device::find;
use super::output::{self, Card, Table};
use super::{Client, Exit, Failed, Form, Global, input};
use crate::wire::api::{Answer, Assignment, Imported, ProfileInfo, ProfileStatus};

#[derive(Debug, Subcommand)]
pub(super) enum Profile {
    /// Import a .mobileconfig, signed or not; the same identifier makes a new revision
    Import {
        /// The file
        file: PathBuf,
    },
    /// List profiles
    List,
    /// Show a profile and how far it got on each device
    Show {
        /// Id or identifier
        profile: String,
    },
    /// Write the file of a profile's newest revision
    Export {
        /// Id or identifier
        profile: String,
        /// The file to write
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Send a profile to devices, now and when they return
    Assign(Assign),
    /// Take a profile from devices
    Unassign(Assign),
    /// Remove a profile from the library and from all devices
    Remove {
        /// Id or identifier
        profile: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Assign {
    /// Id or identifier
    profile: String,
    /// Serial numbers, ids or unique names of devices
    #[arg(required_unless_present = "everyone")]
    devices: Vec<String>,
    /// Every enrolled device, now and later
    #[arg(long)]
    everyone: bool,
}

fn path(profile: &str) -> String {
    format!("/api/v1/profiles/{}", encode(profile))
}

impl Assign {
    async fn send(self, client: &Client, verb: &str) -> Result<ProfileInfo, Failed> {
        let mut devices = Vec::new();
        for device in &self.devices {
            devices.push(find(client, device).await?.id);
        }
        let assignment = Assignment { devices, everyone: self.everyone };
        client.post(&format!("{}/{verb}", path(&self.profile)), &assignment).await
    }
}

impl Profile {
    pub(super) async fn run(self, global: &Global) -> Result<Exit, Failed> {
        let (client, form) = (global.client()?, global.form());
        match self {
            Self::Import { file } => {
                let bytes = std::fs::read(&file).map_err(|e| {
                    Failed::new(Exit::Failure, format!("cannot read {}: {e}", file.display()), "")
                })?;
                let kind = "application/x-apple-aspen-config";
                let answer = client.raw(Method::POST, "/api/v1/profiles", kind, bytes.into()).await?;
                let imported: Answer<Imported> =
                    serde_json::from_slice(&answer).map_err(std::io::Error::other)?;
                let imported = imported.body;
                output::show(form, &imported, |form| {
                    let mut card = Card::new();
                    card.line("outcome", &imported.outcome);
                    about(&mut card, &imported.profile, form);
                    card.text(form)
                })?;
            }
            Self::List => {
                let profiles: Vec<ProfileInfo> = client.list("/api/v1/profiles").await?;
                output::show(form, &serde_json::json!({ "items": profiles }), |form| table(&profiles, form))?;
            }
            Self::Show { profile } => {
                let profile: ProfileInfo = client.get(&path(&profile)).await?;
                let status: Vec<ProfileStatus> =
                    client.list(&format!("{}/status", path(&profile.id))).await?;
                let value = serde_json::json!({ "profile": profile, "status": status });
                output::show(form, &value, |form| {
                    let mut card = Card::new();
                    about(&mut card, &profile, form);
                    for on in &status {
                        let said =
                            on.delivery.said.as_deref().map(|said| format!(": {said}")).unwrap_or_default();
                        let serial = on.serial.as_deref().unwrap_or(&on.device);
                        card.line(
                            "device",
                            format!("{} ({serial}): {}{said}", on.device_name, on.delivery.label),
                        );
                    }
                    card.text(form)
                })?;
            }
            Self::Export { profile, out } => {
                let file =
                    client.raw(Method::GET, &format!("{}/file", path(&profile)), "", "".into()).await?;
                match out {
                    // Profiles hold passwords.
                    Some(path) => input::write_private(&path, &file)?,
                    None => output::print_bytes(&file)?,
                }
            }
            Self::Assign(assign) => show(form, &assign.send(&client, "assign").await?)?,
            Self::Unassign(assign) => show(form, &assign.send(&client, "unassign").await?)?,
            Self::Remove { profile } => {
                client.raw(Method::DELETE, &path(&profile), "", "".into()).await?;
            }
        }
        Ok(Exit::Ok)
    }
}

fn show(form: Form, profile: &ProfileInfo) -> Result<(), Failed> {
    output::show(form, profile, |form| {
        let mut card = Card::new();
        about(&mut card, profile, form);
        card.text(form)
    })
}

fn audience(profile: &ProfileInfo) -> String {
    match (profile.everyone, profile.assigned.len()) {
        (true, _) => "everyone".into(),
        (false, 0) => "nobody".into(),
        (false, 1) => "1 device".into(),
        (false, n) => format!("{n} devices"),
    }
}

fn about(card: &mut Card, profile: &ProfileInfo, form: Form) {
    card.line("name", &profile.name)
        .line("id", &profile.id)
        .line("identifier", &profile.identifier)
        .line("revision", format!("{} ({})", profile.revision, output::moment(form, &profile.updated)))
        .maybe("signed by", profile.signed_by.as_deref())
        .line("for", audience(profile));
    for payload in &profile.payloads {
        card.line("payload", format!("{} ({})", payload.name, payload.payload_type));
    }
    for count in profile.counts.iter().filter(|count| count.devices > 0) {
        card.line("devices", format!("{} {}", count.devices, count.label));
    }
}

fn table(profiles: &[ProfileInfo], form: Form) -> String {
    let mut table = Table::new(&["name", "identifier", "revision", "for", "updated", "id"]);
    for profile in profiles {
        table.row(vec![
            profile.name.clone(),
            profile.identifier.clone(),
            profile.revision.to_string(),
            audience(profile),
            output::moment(form, &profile.updated),
            profile.id.clone(),
        ]);
    }
    table.text(form)
}
