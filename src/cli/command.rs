//! `pomona command`: commands to devices and their answers.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};

use super::client::encode;
use super::device::{self, find};
use super::output::{self, Card, Table};
use super::{Client, Exit, Failed, Form, Global, input};
use crate::wire::api::{CommandDetail, CommandInfo, CommandRequest, Order};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Send a command to a device
    Send(Send),
    /// Show a command and the device's answer
    Show {
        /// Its UUID
        uuid: String,
    },
    /// List the commands of a device, newest first
    List {
        /// Serial number, id or unique name
        device: String,
    },
    /// Take back a command that the device has not answered yet
    Cancel {
        /// Its UUID
        uuid: String,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = false, subcommand_negates_reqs = true)]
pub(super) struct Send {
    /// Serial number, id or unique name of the device
    device: String,
    /// A command written by hand: a property list with RequestType
    #[arg(long, value_name = "FILE", required = true)]
    plist: Option<PathBuf>,
    /// Wait for the device's answer
    #[arg(long, global = true)]
    wait: bool,
    /// How long to wait
    #[arg(long, global = true, value_name = "TIME", value_parser = input::seconds, default_value = "10m")]
    timeout: i64,
    /// The device's name, typed: needed to erase
    #[arg(long, global = true, value_name = "NAME")]
    confirm: Option<String>,
    /// A user channel of the device, by short name
    #[arg(long, global = true, value_name = "NAME")]
    user: Option<String>,
    #[command(subcommand)]
    kind: Option<Kind>,
}

#[derive(Debug, Subcommand)]
enum Kind {
    /// Ask for facts, all or those named
    DeviceInformation {
        /// Names of queries, as in OSVersion
        queries: Vec<String>,
    },
    /// Ask for encryption and passcode facts
    SecurityInfo,
    /// Ask which profiles are installed
    ProfileList,
    /// Ask which certificates are installed
    CertificateList,
    /// Ask which apps are installed
    InstalledApplicationList,
    /// Install a profile once, outside the library
    InstallProfile {
        /// The .mobileconfig
        file: PathBuf,
    },
    /// Remove a profile
    RemoveProfile {
        /// Its PayloadIdentifier
        identifier: String,
    },
    /// Lock the screen; a Mac gets a PIN, which is kept
    DeviceLock {
        /// Shown on the lock screen
        #[arg(long)]
        message: Option<String>,
        /// Shown on the lock screen of an iPhone or iPad
        #[arg(long)]
        phone_number: Option<String>,
    },
    /// Remove the passcode with the token kept for the device
    ClearPasscode,
    /// Erase everything; needs --confirm NAME
    EraseDevice {
        /// Keep the eSIM plan
        #[arg(long)]
        preserve_data_plan: bool,
        /// Skip Quick Start on the next setup
        #[arg(long)]
        disallow_proximity_setup: bool,
        /// When a Mac cannot erase all content and settings: Default, DoNotObliterate, ObliterateWithWarning, Always
        #[arg(long)]
        obliteration_behavior: Option<String>,
    },
    /// Restart
    RestartDevice {
        /// Ask the user first (Mac)
        #[arg(long)]
        notify_user: bool,
    },
    /// Shut down
    ShutDownDevice,
}

fn base64_of(path: &Path) -> Result<String, Failed> {
    let bytes = std::fs::read(path)
        .map_err(|e| Failed::new(Exit::Failure, format!("cannot read {}: {e}", path.display()), ""))?;
    Ok(STANDARD.encode(bytes))
}

impl Kind {
    fn order(self) -> Result<Order, Failed> {
        let given = |flag: bool| flag.then_some(true);
        Ok(match self {
            Self::DeviceInformation { queries } => Order::DeviceInformation { queries },
            Self::SecurityInfo => Order::SecurityInfo,
            Self::ProfileList => Order::ProfileList,
            Self::CertificateList => Order::CertificateList,
            Self::InstalledApplicationList => Order::InstalledApplicationList,
            Self::InstallProfile { file } => Order::InstallProfile { payload: base64_of(&file)? },
            Self::RemoveProfile { identifier } => Order::RemoveProfile { identifier },
            Self::DeviceLock { message, phone_number } => {
                Order::DeviceLock { pin: None, message, phone_number }
            }
            Self::ClearPasscode => Order::ClearPasscode,
            Self::EraseDevice { preserve_data_plan, disallow_proximity_setup, obliteration_behavior } => {
                Order::EraseDevice {
                    pin: None,
                    preserve_data_plan: given(preserve_data_plan),
                    disallow_proximity_setup: given(disallow_proximity_setup),
                    obliteration_behavior,
                }
            }
            Self::RestartDevice { notify_user } => Order::RestartDevice { notify_user: given(notify_user) },
            Self::ShutDownDevice => Order::ShutDownDevice,
        })
    }
}

impl Command {
    pub(super) async fn run(self, global: &Global) -> Result<Exit, Failed> {
        let (client, form) = (global.client()?, global.form());
        match self {
            Self::Send(send) => return send.run(&client, form).await,
            Self::Show { uuid } => {
                let detail: CommandDetail = client.get(&path(&uuid)).await?;
                output::show(form, &detail, |form| text(&detail, form))?;
            }
            Self::List { device } => {
                let found = find(&client, &device).await?;
                let commands: Vec<CommandInfo> =
                    client.list(&format!("{}/commands", device::path(&found.id))).await?;
                output::show(form, &serde_json::json!({ "items": commands }), |form| table(&commands, form))?;
            }
            Self::Cancel { uuid } => {
                let info: CommandInfo =
                    client.post(&format!("{}/cancel", path(&uuid)), &serde_json::json!({})).await?;
                output::show(form, &info, |form| table(std::slice::from_ref(&info), form))?;
            }
        }
        Ok(Exit::Ok)
    }
}

fn path(uuid: &str) -> String {
    format!("/api/v1/commands/{}", encode(uuid))
}

impl Send {
    async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let order = match (self.kind, self.plist) {
            (Some(kind), None) => kind.order()?,
            (None, Some(file)) => Order::Raw { plist: base64_of(&file)? },
            _ => return Err(Failed::new(Exit::Usage, "name a command or give --plist, not both", "")),
        };
        if matches!(order, Order::EraseDevice { .. }) && self.confirm.is_none() {
            return Err(Failed::new(
                Exit::Refused,
                "erasing removes everything from the device and cannot be undone",
                "If you mean it, add --confirm with the device's name.",
            ));
        }
        let found = find(client, &self.device).await?;
        let request = CommandRequest { order, confirm: self.confirm, user: self.user };
        let queued: CommandInfo =
            client.post(&format!("{}/commands", device::path(&found.id)), &request).await?;
        if !self.wait {
            output::show(form, &queued, |form| table(std::slice::from_ref(&queued), form))?;
            return Ok(Exit::Ok);
        }
        let answered = answer(client, &queued.uuid, self.timeout).await?;
        output::show(form, &answered, |form| text(&answered, form))?;
        Ok(if answered.info.state == "acknowledged" { Exit::Ok } else { Exit::Failure })
    }
}

/// Waits until the command is finished. The server holds each question for a while, so this is no busy loop.
async fn answer(client: &Client, uuid: &str, seconds: i64) -> Result<CommandDetail, Failed> {
    let end = Instant::now() + Duration::from_secs(seconds.unsigned_abs());
    loop {
        let left = end.saturating_duration_since(Instant::now()).as_secs().min(20);
        let began = Instant::now();
        let detail: CommandDetail = client.get(&format!("{}?wait={left}", path(uuid))).await?;
        if detail.info.finished {
            return Ok(detail);
        }
        if Instant::now() >= end {
            return Err(Failed::new(
                Exit::Failure,
                format!("no answer yet: {}", detail.info.label),
                format!("The command stays queued. Look again with `pomona command show {uuid}`."),
            ));
        }
        if began.elapsed() < Duration::from_millis(200) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

fn table(commands: &[CommandInfo], form: Form) -> String {
    let mut table = Table::new(&["uuid", "type", "state", "by", "created"]);
    for command in commands {
        table.row(vec![
            command.uuid.clone(),
            command.request_type.clone(),
            if form == Form::Table { command.label.clone() } else { command.state.clone() },
            command.by.clone(),
            output::moment(form, &command.created),
        ]);
    }
    table.text(form)
}

fn text(detail: &CommandDetail, form: Form) -> String {
    let info = &detail.info;
    let at = |moment: &Option<String>| moment.as_deref().map(|text| output::moment(form, text));
    let mut card = Card::new();
    card.line("uuid", &info.uuid)
        .line("type", &info.request_type)
        .line("device", &info.device)
        .line("state", if form == Form::Table { &info.label } else { &info.state })
        .line("by", &info.by)
        .maybe("created", at(&Some(info.created.clone())))
        .maybe("sent", at(&info.sent_at))
        .maybe("finished", at(&info.finished_at));
    for error in &info.errors {
        card.line("error", format!("{} ({} {})", error.text, error.domain, error.code));
    }
    card.maybe("not understood", info.not_understood.as_deref());
    let mut text = card.text(form);
    if form == Form::Table {
        for (heading, xml) in [("Request", &detail.request), ("Answer", &detail.report)] {
            if let Some(xml) = xml {
                let lines: String = xml
                    .lines()
                    .map(|line| format!("  {}\n", output::harmless(&line.replace('\t', "  "))))
                    .collect();
                text.push_str(&format!("\n{heading}:\n{lines}"));
            }
        }
    }
    text
}
