//! `pomona admin`: people who administer.

use clap::{Args, Subcommand, ValueEnum};

use super::client::encode;
use super::output::{self, Table};
use super::{Exit, Failed, Global, input};
use crate::wire::api::{AccountInfo, NewAccount, NewPassword};

/// What an account or token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Role {
    /// Everything
    Owner,
    /// Everything but keys, certificates and accounts
    Admin,
    /// Sees all, acts on single devices without erasing
    Helpdesk,
    /// Sees all, changes nothing
    Auditor,
}

impl Role {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Helpdesk => "helpdesk",
            Self::Auditor => "auditor",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Add an administrator; the password is asked for, or read from standard input
    Add(Add),
    /// List administrators
    List,
    /// Give an administrator another password; all their sessions end
    Password {
        /// Sign-in name
        name: String,
    },
    /// Keep an administrator from signing in; all their sessions end
    Suspend {
        /// Sign-in name
        name: String,
    },
    /// Let a suspended administrator sign in again
    Restore {
        /// Sign-in name
        name: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Sign-in name
    name: String,
    /// What they may do
    #[arg(long, value_enum, default_value = "admin")]
    role: Role,
    /// Name for people
    #[arg(long, default_value = "")]
    full_name: String,
}

impl Admin {
    pub(super) async fn run(self, global: &Global) -> Result<Exit, Failed> {
        let client = global.client()?;
        let account: AccountInfo = match self {
            Self::List => {
                let accounts: Vec<AccountInfo> = client.list("/api/v1/accounts").await?;
                show(global, accounts)?;
                return Ok(Exit::Ok);
            }
            Self::Add(add) => {
                let password = input::new_secret("Password (at least 15 characters)")?;
                let new = NewAccount {
                    name: add.name,
                    full_name: add.full_name,
                    role: add.role.word().into(),
                    password,
                };
                client.post("/api/v1/accounts", &new).await?
            }
            Self::Password { name } => {
                let password = input::new_secret("New password (at least 15 characters)")?;
                let path = format!("/api/v1/accounts/{}/password", encode(&name));
                client.post(&path, &NewPassword { password }).await?
            }
            Self::Suspend { name } => change(&client, &name, "suspend").await?,
            Self::Restore { name } => change(&client, &name, "restore").await?,
        };
        let form = global.form();
        output::show(form, &account, |form| table(std::slice::from_ref(&account), form))?;
        Ok(Exit::Ok)
    }
}

async fn change(client: &super::Client, name: &str, verb: &str) -> Result<AccountInfo, Failed> {
    client.post(&format!("/api/v1/accounts/{}/{verb}", encode(name)), &serde_json::json!({})).await
}

fn show(global: &Global, accounts: Vec<AccountInfo>) -> Result<(), Failed> {
    output::show(global.form(), &serde_json::json!({ "items": accounts }), |form| table(&accounts, form))
}

fn table(accounts: &[AccountInfo], form: super::Form) -> String {
    let mut table = Table::new(&["name", "full name", "role", "state", "since"]);
    for account in accounts {
        table.row(vec![
            account.name.clone(),
            account.full_name.clone(),
            account.role.clone(),
            if account.suspended { "suspended" } else { "active" }.into(),
            output::moment(form, &account.created),
        ]);
    }
    table.text(form)
}
