//! `pomona enroll`: ways for devices to enroll.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use http::Method;

use super::client::encode;
use super::output::{self, Card, Table};
use super::{Exit, Failed, Global, input};
use crate::wire::api::{NewTicket, TicketInfo};

#[derive(Debug, Subcommand)]
pub(super) enum Enroll {
    /// Make an enrollment link: open it on the device
    Link(Link),
    /// List enrollment links
    Links,
    /// Take an enrollment link back
    Revoke {
        /// Its id, as in the list
        id: String,
    },
    /// Write an enrollment profile itself; it works for one device
    Profile(Profile),
}

#[derive(Debug, Args)]
pub(super) struct Link {
    /// What it is for
    #[arg(long, default_value = "")]
    label: String,
    /// How long it works
    #[arg(long, value_name = "TIME", value_parser = input::seconds, default_value = "7d")]
    valid: i64,
    /// How many devices may use it [default: any number]
    #[arg(long, value_name = "COUNT")]
    max_uses: Option<u32>,
    /// Only for the device with this serial number
    #[arg(long)]
    serial: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Profile {
    /// Leave it unsigned, which some test tools need. The signed one is behind a link: see `pomona enroll link`
    #[arg(long, required = true)]
    unsigned: bool,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Enroll {
    pub(super) async fn run(self, global: &Global) -> Result<Exit, Failed> {
        let (client, form) = (global.client()?, global.form());
        match self {
            Self::Link(link) => {
                let new = NewTicket {
                    label: link.label,
                    valid_secs: Some(link.valid),
                    max_uses: link.max_uses,
                    serial: link.serial,
                };
                let ticket: TicketInfo = client.post("/api/v1/enrollment-links", &new).await?;
                output::show(form, &ticket, |form| match (form, &ticket.url) {
                    (super::Form::Tsv, Some(url)) => format!("{url}\n"),
                    _ => {
                        let mut card = Card::new();
                        card.maybe("address", ticket.url.as_deref());
                        card.line("good until", output::moment(form, &ticket.expires)).line("id", &ticket.id);
                        card.text(form)
                    }
                })?;
            }
            Self::Links => {
                let tickets: Vec<TicketInfo> = client.list("/api/v1/enrollment-links").await?;
                output::show(form, &serde_json::json!({ "items": tickets }), |form| {
                    let mut table = Table::new(&["id", "label", "state", "uses", "until"]);
                    for ticket in &tickets {
                        let most = ticket.max_uses.map(|most| format!(" of {most}")).unwrap_or_default();
                        table.row(vec![
                            ticket.id.clone(),
                            ticket.label.clone(),
                            ticket.state.clone(),
                            format!("{}{most}", ticket.uses),
                            output::moment(form, &ticket.expires),
                        ]);
                    }
                    table.text(form)
                })?;
            }
            Self::Revoke { id } => {
                let path = format!("/api/v1/enrollment-links/{}/revoke", encode(&id));
                client.raw(Method::POST, &path, "application/json", "{}".into()).await?;
            }
            Self::Profile(profile) => {
                let body = "{}".into();
                let file =
                    client.raw(Method::POST, "/api/v1/enrollment-profile", "application/json", body).await?;
                match profile.out {
                    // It holds the challenge of one certificate: for its owner's eyes alone.
                    Some(path) => input::write_private(&path, &file)?,
                    None => output::print_bytes(&file)?,
                }
            }
        }
        Ok(Exit::Ok)
    }
}
