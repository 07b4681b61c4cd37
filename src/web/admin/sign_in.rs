//! Sign-in, the first administrator, signing out.

use axum::http::header;
use axum::response::Response;

use crate::actions::accounts::{self, Newcomer};
use crate::actions::{passwords, sessions};
use crate::model::account::{Account, Role, Session};
use crate::model::edge::roll;
use crate::store;
use crate::views::public::signin::{SetupPage, SignInPage, SignedOutPage};
use crate::views::{Toast, Tone, address as at};
use crate::web::ask::Ask;
use crate::web::identity::{self, FORM_COOKIE, SESSION_COOKIE, fresh_secret, set_cookie};
use crate::web::problem::Fault;
use crate::web::{csrf, next, page};

/// Failures at which the activity list hears of them: few, so that guessing does not fill the store.
const TOLD_AT: [u32; 6] = [5, 10, 20, 50, 100, 1_000];

/// `GET /profilemanager/signin`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    if !accounts::is_set_up(&ask.read()?)? {
        return Ok(page::go(at::SETUP));
    }
    let next = ask.said.query.some("next").map(next::page);
    if ask.person().is_ok() {
        return Ok(page::go(next.as_deref().unwrap_or(at::OVERVIEW)));
    }
    let content = SignInPage { name: String::new(), next: next.unwrap_or_default(), wrong: None };
    ask.page(|frame| content.render(&with_demo(&ask, frame)))
}

/// `POST /profilemanager/signin`
pub(in crate::web) async fn sign_in(ask: Ask) -> Result<Response, Fault> {
    let name = ask.said.fields.text("name").trim().to_lowercase();
    match prove(&ask, &name).await {
        Ok(account) => {
            let to = ask.said.fields.some("next").map_or_else(|| at::OVERVIEW.to_owned(), next::page);
            open(&ask, account, &to, None).await
        }
        Err(fault) => {
            let next = ask.said.fields.some("next").map(next::page).unwrap_or_default();
            let content = SignInPage { name, next, wrong: Some(fault.about(&[])) };
            ask.again(&fault, |frame| content.render(&with_demo(&ask, frame)))
        }
    }
}

/// The account whose name and password were typed. The failure is counted before the password is looked at and
/// forgiven when it was right: so many tries at once are not cheaper than one after the other.
async fn prove(ask: &Ask, name: &str) -> Result<Account, Fault> {
    let password = ask.said.fields.text("password").to_owned();
    let throttle = &ask.app.memory.throttle;
    if let Some(secs) = throttle.wait(name, ask.peer, ask.now) {
        return Err(Fault::sign_in_wait(secs));
    }
    let failures = throttle.failed(name, ask.peer, ask.now);
    let account = store::accounts::get(&ask.read()?, name)?;
    let stored = account.as_ref().map(|a| a.password.clone());
    let turn = ask.app.memory.hashing.turn(move || passwords::matches(&password, stored.as_deref())).await;
    let right = match turn {
        Ok(right) => right,
        Err(busy) => {
            // It was not looked at, so it was no failure.
            throttle.succeeded(name, ask.peer);
            return Err(busy);
        }
    };
    match account.filter(|account| right && !account.suspended) {
        Some(account) => {
            throttle.succeeded(name, ask.peer);
            Ok(account)
        }
        None => {
            if TOLD_AT.contains(&failures) {
                let (name, now) = (shown_name(name), ask.now);
                let from = identity::origin(ask.peer, &ask.headers);
                ask.app.store.write(move |w| sessions::guessed(w, &name, failures, &from, now)).await?;
            }
            Err(Fault::new("sign-in.refused", "The name or the password is wrong."))
        }
    }
}

/// A stranger's text in our list: short and without what could pretend to be something else.
fn shown_name(typed: &str) -> String {
    let clean: String = typed.chars().filter(|c| c.is_ascii_graphic()).take(64).collect();
    format!("“{clean}”")
}

/// Opens a session under a fresh secret and leads on; one that the browser had before ends.
pub(in crate::web) async fn open(
    ask: &Ask,
    account: Account,
    to: &str,
    told: Option<&str>,
) -> Result<Response, Fault> {
    let (secret, hash) = fresh_secret(&ask.app, "");
    let session = Session {
        account: account.name.clone(),
        csrf: csrf::fresh(&ask.app),
        created: ask.now,
        used: ask.now,
        from: identity::origin(ask.peer, &ask.headers),
    };
    let former = ask.person().ok().map(|p| p.hash);
    let (span, now) = (ask.app.config.sessions(), ask.now);
    ask.app
        .store
        .write(move |w| {
            if let Some(former) = former {
                store::accounts::remove_session(w, &former)?;
            }
            sessions::open(w, &account, &hash, session, span, now)
        })
        .await?;
    if let Some(text) = told {
        let toast = Toast { tone: Tone::Ok, text: text.to_owned(), undo: None };
        ask.app.memory.toasts.keep(hash, toast);
    }
    let mut response = page::go(to);
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, set_cookie(SESSION_COOKIE, &secret, ask.app.config.session_max_secs));
    headers.append(header::SET_COOKIE, set_cookie(FORM_COOKIE, "", 0));
    Ok(response)
}

/// `GET /profilemanager/setup`
pub(in crate::web) async fn show_setup(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    if accounts::is_set_up(&view)? {
        return Ok(page::go(at::SIGN_IN));
    }
    let organization = store::settings::get(&view)?.map(|s| s.organization).unwrap_or_default();
    let code = ask.said.query.text("code").to_owned();
    let content = SetupPage { organization, code, ..SetupPage::default() };
    ask.page(|frame| content.render(frame))
}

/// `POST /profilemanager/setup`
pub(in crate::web) async fn set_up(ask: Ask) -> Result<Response, Fault> {
    match make_first(&ask).await {
        Ok(account) => open(&ask, account, at::OVERVIEW, None).await,
        Err(fault) if fault.code == "setup.done" => Err(fault),
        Err(fault) => {
            let field = |name: &str| ask.said.fields.text(name).to_owned();
            let wrong = fault.about(&[
                ("setup.code", "code"),
                ("setup.expired", "code"),
                ("setup.organization", "organization"),
                ("account.full-name", "full_name"),
                ("account.name", "name"),
                ("account.password", "password"),
                ("account.password-again", "password_again"),
            ]);
            let content = SetupPage {
                organization: field("organization"),
                full_name: field("full_name"),
                name: field("name"),
                code: field("code"),
                wrong: Some(wrong),
            };
            ask.again(&fault, |frame| content.render(frame))
        }
    }
}

async fn make_first(ask: &Ask) -> Result<Account, Fault> {
    let field = |name: &str| ask.said.fields.text(name).to_owned();
    let (code, organization, now) = (field("code"), field("organization"), ask.now);
    // A stranger without the code costs no hash.
    accounts::check_setup_code(&ask.read()?, &code, now)?;
    let password = hashed(ask, &super::typed_twice(ask)?, &field("name")).await?;
    let newcomer =
        Newcomer { name: field("name"), full_name: field("full_name"), role: Role::Owner, password };
    Ok(ask.app.store.write(move |w| accounts::set_up(w, &code, &organization, &newcomer, now)).await?)
}

/// A new password, judged and hashed.
pub(in crate::web) async fn hashed(ask: &Ask, password: &str, name: &str) -> Result<String, Fault> {
    accounts::judge_password(password, name)?;
    let (password, salt) = (password.to_owned(), roll::<16>(ask.app.dice.as_ref()));
    Ok(ask.app.memory.hashing.turn(move || passwords::hash(&password, &salt)).await??)
}

/// `POST /profilemanager/signout`
pub(in crate::web) async fn sign_out(ask: Ask) -> Result<Response, Fault> {
    let (hash, by, now) = (ask.person()?.hash, ask.actor()?, ask.now);
    ask.app.store.write(move |w| sessions::close(w, &by, &hash, now)).await?;
    let frame = page::frame(&ask.app, None, ask.uri.path(), ask.now, String::new());
    let mut response =
        axum::response::IntoResponse::into_response(crate::web::problem::html(SignedOutPage.render(&frame)));
    response.headers_mut().append(header::SET_COOKIE, set_cookie(SESSION_COOKIE, "", 0));
    Ok(response)
}

/// A demo tells how to sign in to it.
fn with_demo(ask: &Ask, frame: &crate::views::Page) -> crate::views::Page {
    let toast = ask.app.config.demo_sign_in.as_ref().map(|(name, password)| Toast {
        tone: Tone::Plain,
        text: format!("This is a demo. Sign in as {name} with the password {password}"),
        undo: None,
    });
    crate::views::Page { toast, ..frame.clone() }
}
