//! Administrators and tokens.

use axum::response::Response;

use super::sign_in::hashed;
use super::{role, typed_twice};
use crate::actions::accounts::{self, Newcomer};
use crate::actions::tokens;
use crate::model::account::{Account, Role};
use crate::store;
use crate::views::address as at;
use crate::views::admin::accounts::{
    AccountNewPage, AccountRow, AccountsPage, TokenMadePage, TokenNewPage, TokenRevoke, TokenRow,
};
use crate::web::ask::Ask;
use crate::web::identity::fresh_secret;
use crate::web::problem::Fault;

/// `GET /profilemanager/accounts`
pub(in crate::web) async fn list(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let mut rows = Vec::new();
    for account in store::accounts::list(&view)? {
        let sessions = store::accounts::sessions_of(&view, &account.name)?;
        rows.push(AccountRow {
            used: sessions.iter().map(|(_, s)| s.used).max(),
            name: account.name,
            full_name: account.full_name,
            role: account.role,
            created: account.created,
            suspended: account.suspended,
        });
    }
    let content = AccountsPage { accounts: rows, tokens: token_rows(&ask)? };
    ask.page(|page| content.render(page))
}

fn token_rows(ask: &Ask) -> Result<Vec<TokenRow>, Fault> {
    let row = |(hash, token): ([u8; 32], crate::model::account::ApiToken)| TokenRow {
        id: tokens::id(&hash),
        name: token.name,
        role: token.role,
        created: token.created,
        expires: token.expires,
    };
    let mut rows: Vec<TokenRow> = store::accounts::tokens(&ask.read()?)?.into_iter().map(row).collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(rows)
}

/// `GET /profilemanager/accounts/new`
pub(in crate::web) async fn ask_new(ask: Ask) -> Result<Response, Fault> {
    let content =
        AccountNewPage { name: String::new(), full_name: String::new(), role: Role::Admin, wrong: None };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/accounts/new`
pub(in crate::web) async fn make(ask: Ask) -> Result<Response, Fault> {
    match add(&ask).await {
        Ok(account) => {
            ask.done(at::ACCOUNTS, format!("{} can sign in as {}.", account.full_name, account.name))
        }
        Err(fault) if fault.code.starts_with("account.") => {
            let wrong = fault.about(&[
                ("account.name", "name"),
                ("account.exists", "name"),
                ("account.full-name", "full_name"),
                ("account.role", "role"),
                ("account.password", "password"),
                ("account.password-again", "password_again"),
            ]);
            let content = AccountNewPage {
                name: ask.said.fields.text("name").to_owned(),
                full_name: ask.said.fields.text("full_name").to_owned(),
                role: role(ask.said.fields.text("role")).unwrap_or(Role::Auditor),
                wrong: Some(wrong),
            };
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}

async fn add(ask: &Ask) -> Result<Account, Fault> {
    let text = |name: &str| ask.said.fields.text(name).to_owned();
    let role = role(&text("role"))?;
    let password = hashed(ask, &typed_twice(ask)?, &text("name")).await?;
    let newcomer = Newcomer { name: text("name"), full_name: text("full_name"), role, password };
    ask.act(move |w, by, now| accounts::add(w, by, &newcomer, now)).await
}

/// `POST /profilemanager/accounts/{name}/suspend`
pub(in crate::web) async fn suspend(ask: Ask) -> Result<Response, Fault> {
    let name = ask.part("name").to_owned();
    let account = ask.act(move |w, by, now| accounts::suspend(w, by, &name, now)).await?;
    ask.done(at::ACCOUNTS, format!("{} is suspended and signed out everywhere.", account.full_name))
}

/// `POST /profilemanager/accounts/{name}/resume`
pub(in crate::web) async fn resume(ask: Ask) -> Result<Response, Fault> {
    let name = ask.part("name").to_owned();
    let account = ask.act(move |w, by, now| accounts::resume(w, by, &name, now)).await?;
    ask.done(at::ACCOUNTS, format!("{} can sign in again.", account.full_name))
}

/// `GET /profilemanager/tokens/new`
pub(in crate::web) async fn ask_new_token(ask: Ask) -> Result<Response, Fault> {
    let content = TokenNewPage { name: String::new(), role: Role::Auditor, days: "90".into(), wrong: None };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/tokens/new`
pub(in crate::web) async fn make_token(ask: Ask) -> Result<Response, Fault> {
    match add_token(&ask).await {
        Ok((token, text)) => {
            let content = TokenMadePage { name: token.name, token: text, expires: token.expires };
            ask.page(|page| content.render(page))
        }
        Err(fault) if fault.code.starts_with("token.") || fault.code == "account.role" => {
            let wrong = fault.about(&[
                ("token.name", "name"),
                ("token.exists", "name"),
                ("account.role", "role"),
                ("token.days", "days"),
            ]);
            let content = TokenNewPage {
                name: ask.said.fields.text("name").to_owned(),
                role: role(ask.said.fields.text("role")).unwrap_or(Role::Auditor),
                days: ask.said.fields.text("days").to_owned(),
                wrong: Some(wrong),
            };
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}

async fn add_token(ask: &Ask) -> Result<(crate::model::account::ApiToken, String), Fault> {
    let name = ask.said.fields.text("name").to_owned();
    let role = role(ask.said.fields.text("role"))?;
    let days = ask.said.fields.some("days").map(str::parse::<u32>).transpose();
    let days = days.map_err(|_| Fault::new("token.days", "The number of days is no number."))?;
    let (text, hash) = fresh_secret(&ask.app, tokens::TEXT_PREFIX);
    let token = ask.act(move |w, by, now| tokens::make(w, by, &name, role, days, &hash, now)).await?;
    Ok((token, text))
}

/// `GET /profilemanager/tokens/{id}/revoke`
pub(in crate::web) async fn ask_revoke(ask: Ask) -> Result<Response, Fault> {
    let id = ask.part("id");
    let token = token_rows(&ask)?.into_iter().find(|t| t.id == id).ok_or_else(|| Fault {
        status: axum::http::StatusCode::NOT_FOUND,
        ..Fault::new("token.unknown", "There is no such token.")
    })?;
    ask.page(|page| TokenRevoke { token }.render(page))
}

/// `POST /profilemanager/tokens/{id}/revoke`
pub(in crate::web) async fn revoke(ask: Ask) -> Result<Response, Fault> {
    let id = ask.part("id").to_owned();
    let token = ask.act(move |w, by, now| tokens::revoke(w, by, &id, now)).await?;
    ask.done(at::ACCOUNTS, format!("The token {} no longer works.", token.name))
}
