//! `pomona token`: tokens for programs.

use clap::{Args, Subcommand};
use http::Method;

use super::admin::Role;
use super::client::encode;
use super::output::{self, Table};
use super::{Exit, Failed, Global};
use crate::wire::api::{NewToken, TokenInfo, TokenMade};

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Make a token and print it: it is never shown again
    Create(Create),
    /// List tokens, without their text
    List,
    /// Take a token back
    Revoke {
        /// Its id, as in the list
        id: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// What it is for, as in `nightly-report`
    name: String,
    /// What it may do
    #[arg(long, value_enum, default_value = "auditor")]
    role: Role,
    /// Days it works, at most 365
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=365))]
    days: Option<u32>,
}

impl Token {
    pub(super) async fn run(self, global: &Global) -> Result<Exit, Failed> {
        let (client, form) = (global.client()?, global.form());
        match self {
            Self::Create(create) => {
                let new = NewToken { name: create.name, role: create.role.word().into(), days: create.days };
                let made: TokenMade = client.post("/api/v1/tokens", &new).await?;
                output::show(form, &made, |form| {
                    if form == super::Form::Table {
                        eprintln!(
                            "Good until {}. It is never shown again:",
                            output::moment(form, &made.info.expires)
                        );
                    }
                    format!("{}\n", made.token.expose())
                })?;
            }
            Self::List => {
                let tokens: Vec<TokenInfo> = client.list("/api/v1/tokens").await?;
                output::show(form, &serde_json::json!({ "items": tokens }), |form| {
                    let mut table = Table::new(&["id", "name", "role", "until"]);
                    for token in &tokens {
                        let until = output::moment(form, &token.expires);
                        table.row(vec![token.id.clone(), token.name.clone(), token.role.clone(), until]);
                    }
                    table.text(form)
                })?;
            }
            Self::Revoke { id } => {
                client.raw(Method::DELETE, &format!("/api/v1/tokens/{}", encode(&id)), "", "".into()).await?;
            }
        }
        Ok(Exit::Ok)
    }
}
