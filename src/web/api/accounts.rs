//! Accounts, tokens, the setup code.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::moment;
use crate::actions::accounts::{self, Newcomer};
use crate::actions::tokens;
use crate::model::account::{Account, ApiToken, Role};
use crate::model::edge::roll;
use crate::store::{self, Read};
use crate::views::address as at;
use crate::web::admin::sign_in::hashed;
use crate::web::ask::Ask;
use crate::web::identity::fresh_secret;
use crate::web::problem::Fault;
use crate::wire::api::{
    AccountInfo, Hidden, NewAccount, NewPassword, NewToken, Page, SetupCode, TokenInfo, TokenMade,
};

fn role(word: &str) -> Result<Role, Fault> {
    Role::parse(word)
        .ok_or_else(|| Fault::new("account.role", "Roles are owner, admin, helpdesk and auditor."))
}

fn info(view: &Read, account: Account) -> Result<AccountInfo, Fault> {
    let sessions = store::accounts::sessions_of(view, &account.name)?.len();
    Ok(AccountInfo {
        name: account.name,
        full_name: account.full_name,
        role: account.role.as_str().into(),
        created: moment(account.created),
        suspended: account.suspended,
        sessions: u32::try_from(sessions).unwrap_or(u32::MAX),
    })
}

/// `GET /api/v1/accounts`
pub(in crate::web) async fn list(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let all = store::accounts::list(&view)?;
    let total = Some(all.len() as u64);
    let items = all.into_iter().map(|a| info(&view, a)).collect::<Result<Vec<_>, _>>()?;
    ask.answer(Page { items, total, next: None })
}

/// `POST /api/v1/accounts`
pub(in crate::web) async fn make(ask: Ask) -> Result<Response, Fault> {
    let wish: NewAccount = ask.json()?;
    let role = role(&wish.role)?;
    let password = hashed(&ask, wish.password.expose(), &wish.name).await?;
    let newcomer = Newcomer { name: wish.name, full_name: wish.full_name, role, password };
    let account = ask.act(move |w, by, now| accounts::add(w, by, &newcomer, now)).await?;
    ask.made(info(&ask.read()?, account)?)
}

/// `POST /api/v1/accounts/{name}/suspend`
pub(in crate::web) async fn suspend(ask: Ask) -> Result<Response, Fault> {
    let name = ask.part("name").to_owned();
    let account = ask.act(move |w, by, now| accounts::suspend(w, by, &name, now)).await?;
    ask.answer(info(&ask.read()?, account)?)
}

/// `POST /api/v1/accounts/{name}/resume`
pub(in crate::web) async fn resume(ask: Ask) -> Result<Response, Fault> {
    let name = ask.part("name").to_owned();
    let account = ask.act(move |w, by, now| accounts::resume(w, by, &name, now)).await?;
    ask.answer(info(&ask.read()?, account)?)
}

/// `POST /api/v1/accounts/{name}/password`, at the socket: no password is asked for there, so that an owner who
/// forgot theirs gets in again.
pub(in crate::web) async fn password(ask: Ask) -> Result<Response, Fault> {
    let wish: NewPassword = ask.json()?;
    let account = accounts::known(&ask.read()?, ask.part("name"))?;
    let password = hashed(&ask, wish.password.expose(), &account.name).await?;
    let name = account.name.clone();
    ask.act(move |w, by, now| accounts::change_password(w, by, &name, None, &password, now)).await?;
    ask.answer(info(&ask.read()?, account)?)
}

fn token_info(hash: &[u8; 32], token: ApiToken) -> TokenInfo {
    TokenInfo {
        id: tokens::id(hash),
        name: token.name,
        role: token.role.as_str().into(),
        created: moment(token.created),
        expires: moment(token.expires),
    }
}

/// `GET /api/v1/tokens`
pub(in crate::web) async fn list_tokens(ask: Ask) -> Result<Response, Fault> {
    let all = store::accounts::tokens(&ask.read()?)?;
    let total = Some(all.len() as u64);
    let items: Vec<TokenInfo> = all.into_iter().map(|(hash, token)| token_info(&hash, token)).collect();
    ask.answer(Page { items, total, next: None })
}

/// `POST /api/v1/tokens`
pub(in crate::web) async fn make_token(ask: Ask) -> Result<Response, Fault> {
    let wish: NewToken = ask.json()?;
    let role = role(&wish.role)?;
    let (text, hash) = fresh_secret(&ask.app, tokens::TEXT_PREFIX);
    let token =
        ask.act(move |w, by, now| tokens::make(w, by, &wish.name, role, wish.days, &hash, now)).await?;
    ask.made(TokenMade { info: token_info(&hash, token), token: Hidden::new(text) })
}

/// `DELETE /api/v1/tokens/{id}`
pub(in crate::web) async fn revoke_token(ask: Ask) -> Result<Response, Fault> {
    let id = ask.part("id").to_owned();
    ask.act(move |w, by, now| tokens::revoke(w, by, &id, now)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /api/v1/setup-code`, at the socket.
pub(in crate::web) async fn setup_code(ask: Ask) -> Result<Response, Fault> {
    let code = accounts::fresh_setup_code(&roll(ask.app.dice.as_ref()));
    let kept = code.clone();
    let expires = ask.act(move |w, by, now| accounts::renew_setup_code(w, by, &kept, now)).await?;
    let url = format!("{}{}", ask.app.site.base_url(), at::SETUP);
    ask.made(SetupCode { code: Hidden::new(code), url, expires: moment(expires) })
}
