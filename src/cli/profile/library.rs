//! The library: import, list, show, assign.

use std::path::PathBuf;

use clap::Args;
use http::Method;

use super::{Client, Exit, Failed, Form, output, path};
use crate::cli::device::find;
use crate::cli::output::{Card, Table};
use crate::wire::api::{Answer, Assignment, Imported, KeyOf, ProfileInfo, ProfileStatus, UnderstoodInfo};

#[derive(Debug, Args)]
pub(in crate::cli) struct Import {
    /// The file
    file: PathBuf,
    /// Keep it as a draft, to look at it before anything is sent
    #[arg(long)]
    draft: bool,
    /// Import although somebody has a draft of the profile; the draft stays
    #[arg(long, conflicts_with = "draft")]
    keep_draft: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    /// Also those that were put away
    #[arg(long)]
    archived: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Assign {
    /// Id, identifier or unique name
    profile: String,
    /// Serial numbers, ids or unique names of devices
    #[arg(required_unless_present = "everyone")]
    devices: Vec<String>,
    /// Every enrolled device, now and later
    #[arg(long)]
    everyone: bool,
}

impl Import {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let bytes = std::fs::read(&self.file).map_err(|e| {
            Failed::new(Exit::Failure, format!("cannot read {}: {e}", self.file.display()), "")
        })?;
        let imported = bring(client, bytes, self.draft, self.keep_draft).await?;
        output::show(form, &imported, |form| {
            let mut card = Card::new();
            card.line("outcome", &imported.outcome);
            about(&mut card, &imported.profile, form);
            understood(&mut card, &imported.understood);
            card.text(form)
        })?;
        Ok(Exit::Ok)
    }
}

/// Sends a file to the library.
pub(super) async fn bring(
    client: &Client,
    bytes: Vec<u8>,
    draft: bool,
    keep_draft: bool,
) -> Result<Imported, Failed> {
    let query = match (draft, keep_draft) {
        (true, _) => "?draft=1",
        (_, true) => "?keep-draft=1",
        _ => "",
    };
    let kind = "application/x-apple-aspen-config";
    let answer = client.raw(Method::POST, &format!("/api/v1/profiles{query}"), kind, bytes.into()).await?;
    let answer: Answer<Imported> = serde_json::from_slice(&answer).map_err(std::io::Error::other)?;
    Ok(answer.body)
}

impl List {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let mut profiles: Vec<ProfileInfo> = client.list("/api/v1/profiles").await?;
        profiles.retain(|profile| self.archived || profile.archived.is_none());
        output::show(form, &serde_json::json!({ "items": profiles }), |form| table(&profiles, form))?;
        Ok(Exit::Ok)
    }
}

pub(super) async fn show(client: &Client, form: Form, profile: &str) -> Result<Exit, Failed> {
    let profile: ProfileInfo = client.get(&path(profile)).await?;
    let status: Vec<ProfileStatus> = client.list(&format!("{}/status", path(&profile.id))).await?;
    let value = serde_json::json!({ "profile": profile, "status": status });
    output::show(form, &value, |form| {
        let mut card = Card::new();
        about(&mut card, &profile, form);
        for on in &status {
            let said = on.delivery.said.as_deref().map(|said| format!(": {said}")).unwrap_or_default();
            let serial = on.serial.as_deref().unwrap_or(&on.device);
            card.line("device", format!("{} ({serial}): {}{said}", on.device_name, on.delivery.label));
        }
        card.text(form)
    })?;
    Ok(Exit::Ok)
}

impl Assign {
    pub(super) async fn run(self, client: &Client, form: Form, verb: &str) -> Result<Exit, Failed> {
        let mut devices = Vec::new();
        for device in &self.devices {
            devices.push(find(client, device).await?.id);
        }
        let assignment = Assignment { devices, everyone: self.everyone };
        let profile = client.post(&format!("{}/{verb}", path(&self.profile)), &assignment).await?;
        told(form, &profile)
    }
}

/// Prints a profile as it is now.
pub(super) fn told(form: Form, profile: &ProfileInfo) -> Result<Exit, Failed> {
    output::show(form, profile, |form| {
        let mut card = Card::new();
        about(&mut card, profile, form);
        card.text(form)
    })?;
    Ok(Exit::Ok)
}

fn audience(profile: &ProfileInfo) -> String {
    match (profile.everyone, profile.assigned.len()) {
        (true, _) => "everyone".into(),
        (false, 0) => "nobody".into(),
        (false, 1) => "1 device".into(),
        (false, n) => format!("{n} devices"),
    }
}

/// `0` is a profile that was never published.
fn revision(profile: &ProfileInfo) -> String {
    match (profile.revision, &profile.draft) {
        (0, _) => "draft".into(),
        (revision, Some(_)) => format!("{revision} + draft"),
        (revision, None) => revision.to_string(),
    }
}

fn about(card: &mut Card, profile: &ProfileInfo, form: Form) {
    card.line("name", &profile.name)
        .line("id", &profile.id)
        .line("identifier", &profile.identifier)
        .line("revision", format!("{} ({})", revision(profile), output::moment(form, &profile.updated)))
        .maybe("signed by", profile.signed_by.as_deref())
        .line("distribution", &profile.distribution)
        .line("for", audience(profile))
        .maybe("archived", profile.archived.as_deref().map(|at| output::moment(form, at)));
    if let Some(draft) = &profile.draft {
        card.line("draft", format!("by {}, {}", draft.by, output::moment(form, &draft.at)));
    }
    if !profile.variables.is_empty() {
        card.line("variables", profile.variables.join(", "));
    }
    for payload in &profile.payloads {
        card.line("payload", format!("{} ({})", payload.name, payload.payload_type));
    }
    for count in profile.counts.iter().filter(|count| count.devices > 0) {
        card.line("devices", format!("{} {}", count.devices, count.label));
    }
}

/// What of a file the catalogue knows.
pub(super) fn understood(card: &mut Card, known: &UnderstoodInfo) {
    card.line("understood", format!("{} keys in {} payloads", known.keys, known.payloads));
    let keys = |keys: &[KeyOf]| {
        keys.iter().map(|of| format!("{} / {}", of.payload, of.key)).collect::<Vec<_>>().join(", ")
    };
    if !known.raw_payloads.is_empty() {
        card.line("kept as it is", known.raw_payloads.join(", "));
    }
    if !known.raw_keys.is_empty() {
        card.line("kept as it is", keys(&known.raw_keys));
    }
    if !known.deprecated.is_empty() {
        card.line("deprecated", keys(&known.deprecated));
    }
    if known.secrets > 0 {
        card.line("secrets", known.secrets.to_string());
    }
}

fn table(profiles: &[ProfileInfo], form: Form) -> String {
    let mut table = Table::new(&["name", "identifier", "revision", "for", "updated", "id"]);
    for profile in profiles {
        table.row(vec![
            profile.name.clone(),
            profile.identifier.clone(),
            revision(profile),
            audience(profile),
            output::moment(form, &profile.updated),
            profile.id.clone(),
        ]);
    }
    table.text(form)
}
