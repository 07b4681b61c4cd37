//! `pomona device`: what is managed.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use http::Method;

use super::client::encode;
use super::output::{self, Card, Table};
use super::{Client, Exit, Failed, Form, Global};
use crate::model::standing::Standing;
use crate::wire::api::{AboutDevice, AboutInfo, DeviceDetail, DeviceSummary, OwnerInfo};

#[derive(Debug, Subcommand)]
pub(super) enum Device {
    /// List devices
    List(List),
    /// Show what is known of a device
    Show {
        /// Serial number, id or unique name
        device: String,
    },
    /// Show or write down whose device it is, and the organization's own fields
    About(About),
    /// Forget a device that is no longer managed
    Remove {
        /// Serial number, id or unique name
        device: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those whose name, serial number or model holds this
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only this family: iphone, ipad, mac, appletv, watch, vision
    #[arg(long)]
    platform: Option<String>,
    /// Only these: up-to-date, pending, attention, unreachable, enrolling, left
    #[arg(long, value_parser = standing)]
    state: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What is written here can be used in profiles, as %ShortName%, %email% or %Room%. Empty text takes it away.

Examples:
  pomona device about C02XK1ABJG5H --owner ada --full-name 'Ada Lovelace' --email ada@example.org
  pomona device about C02XK1ABJG5H --field Room=204 --field 'Asset tag=1815'")]
pub(super) struct About {
    /// Serial number, id or unique name
    device: String,
    /// Account name of its owner
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// The owner's name
    #[arg(long, value_name = "NAME")]
    full_name: Option<String>,
    /// The owner's mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// A field about the device
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = field)]
    fields: Vec<(String, String)>,
    /// A field about its owner
    #[arg(long = "owner-field", value_name = "NAME=VALUE", value_parser = field)]
    owner_fields: Vec<(String, String)>,
}

fn field(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

impl About {
    async fn run(self, client: &Client, form: Form) -> Result<(), Failed> {
        let found = find(client, &self.device).await?;
        let wish = AboutDevice {
            short_name: self.owner,
            full_name: self.full_name,
            email: self.email,
            owner_fields: self.owner_fields.into_iter().collect(),
            fields: self.fields.into_iter().collect(),
        };
        let about: AboutInfo = if wish == AboutDevice::default() {
            let detail: DeviceDetail = client.get(&path(&found.id)).await?;
            AboutInfo { id: found.id, owner: detail.owner, fields: detail.fields }
        } else {
            client.post(&format!("{}/about", path(&found.id)), &wish).await?
        };
        output::show(form, &about, |form| {
            let mut card = Card::new();
            card.line("name", &found.name);
            owned(&mut card, &about.owner, &about.fields);
            card.text(form)
        })
    }
}

/// Whose device it is, and the organization's own fields.
fn owned(card: &mut Card, owner: &OwnerInfo, fields: &BTreeMap<String, String>) {
    for (name, text) in
        [("owner", &owner.short_name), ("full name", &owner.full_name), ("email", &owner.email)]
    {
        card.maybe(name, Some(text).filter(|text| !text.is_empty()));
    }
    for (name, value) in fields {
        card.line("field", format!("{name}={value}"));
    }
    for (name, value) in &owner.fields {
        card.line("owner field", format!("{name}={value}"));
    }
}

fn standing(word: &str) -> Result<String, String> {
    Standing::parse(word).map(|standing| standing.slug().to_owned()).ok_or_else(|| {
        let all: Vec<&str> = Standing::ALL.into_iter().map(Standing::slug).collect();
        format!("write one of {}", all.join(", "))
    })
}

/// Finds the device that a person means: by serial number or id, else by its name if only one has it.
pub(super) async fn find(client: &Client, device: &str) -> Result<DeviceSummary, Failed> {
    match client.get::<DeviceDetail>(&path(device)).await {
        Ok(detail) => return Ok(detail.summary),
        Err(failed) if failed.exit == Exit::NotFound => {}
        Err(failed) => return Err(failed),
    }
    let near: Vec<DeviceSummary> = client.list(&format!("/api/v1/devices?q={}", encode(device))).await?;
    let mut named: Vec<DeviceSummary> =
        near.into_iter().filter(|found| found.name.eq_ignore_ascii_case(device)).collect();
    match (named.pop(), named.len()) {
        (Some(only), 0) => Ok(only),
        (Some(_), others) => Err(Failed::new(
            Exit::Conflict,
            format!("{} devices are called {device:?}", others + 1),
            "Use the serial number: `pomona device list`.",
        )),
        (None, _) => Err(Failed::new(
            Exit::NotFound,
            format!("no device has the serial number, id or name {device:?}"),
            "`pomona device list` shows them all.",
        )),
    }
}

pub(super) fn path(device: &str) -> String {
    format!("/api/v1/devices/{}", encode(device))
}

impl Device {
    pub(super) async fn run(self, global: &Global) -> Result<Exit, Failed> {
        let (client, form) = (global.client()?, global.form());
        match self {
            Self::List(list) => {
                let query: Vec<String> =
                    [("q", list.search), ("platform", list.platform), ("state", list.state)]
                        .into_iter()
                        .filter_map(|(name, value)| Some(format!("{name}={}", encode(&value?))))
                        .collect();
                let devices: Vec<DeviceSummary> =
                    client.list(&format!("/api/v1/devices?{}", query.join("&"))).await?;
                output::show(form, &serde_json::json!({ "items": devices }), |form| table(&devices, form))?;
            }
            Self::Show { device } => {
                let found = find(&client, &device).await?;
                let detail: DeviceDetail = client.get(&path(&found.id)).await?;
                output::show(form, &detail, |form| text(&detail, form))?;
            }
            Self::About(about) => about.run(&client, form).await?,
            Self::Remove { device } => {
                let found = find(&client, &device).await?;
                client.raw(Method::DELETE, &path(&found.id), "", "".into()).await?;
                if form == Form::Table {
                    eprintln!("{} is forgotten.", output::harmless(&found.name));
                }
            }
        }
        Ok(Exit::Ok)
    }
}

fn table(devices: &[DeviceSummary], form: Form) -> String {
    let mut table = Table::new(&["name", "serial", "platform", "model", "os", "state", "last seen", "id"]);
    for device in devices {
        let or_dash = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
        table.row(vec![
            device.name.clone(),
            or_dash(&device.serial),
            device.platform.clone(),
            or_dash(&device.model),
            or_dash(&device.os_version),
            device.state.clone(),
            output::moment(form, &or_dash(&device.last_seen)),
            device.id.clone(),
        ]);
    }
    table.text(form)
}

fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

fn text(device: &DeviceDetail, form: Form) -> String {
    let at = |moment: &Option<String>| moment.as_deref().map(|text| output::moment(form, text));
    let summary = &device.summary;
    let mut card = Card::new();
    card.line("name", &summary.name)
        .line("id", &summary.id)
        .maybe("serial", summary.serial.as_deref())
        .line("platform", &summary.platform)
        .maybe("model", summary.model.as_deref())
        .maybe("product", device.product.as_deref())
        .maybe("os", summary.os_version.as_deref())
        .maybe("build", device.build.as_deref())
        .line("state", &summary.state)
        .maybe("enrolled", at(&summary.enrolled_at))
        .maybe("last seen", at(&summary.last_seen))
        .maybe("supervised", summary.supervised.map(yes))
        .maybe("battery", device.battery.map(|level| format!("{:.0} %", level * 100.0)))
        .maybe("storage", device.capacity_gb.map(|gb| format!("{gb} GB")))
        .maybe("free", device.available_gb.map(|gb| format!("{gb} GB")))
        .maybe("encrypted", device.encrypted.map(yes))
        .maybe("passcode", device.passcode_present.map(yes))
        .maybe("certificate until", at(&device.certificate_expires))
        .maybe("erased", at(&device.erased_at))
        .line("waiting commands", device.unfinished_commands.to_string());
    owned(&mut card, &device.owner, &device.fields);
    if let Some(push) = &device.push {
        card.line("last push", format!("{} ({})", push.said, output::moment(form, &push.at)));
    }
    for user in &device.users {
        card.line("user", user.short_name.clone().unwrap_or_else(|| user.id.clone()));
    }
    for profile in &device.profiles {
        let name = profile.name.as_deref().unwrap_or(&profile.identifier);
        let said = profile.said.as_deref().map(|said| format!(": {said}")).unwrap_or_default();
        card.line("profile", format!("{name}: {}{said}", profile.label));
    }
    card.text(form)
}
