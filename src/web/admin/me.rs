//! One's own account: another password, and where one is signed in.

use axum::response::Response;

use super::sign_in::{hashed, open};
use super::typed_twice;
use crate::actions::{accounts, passwords, sessions};
use crate::model::account::Account;
use crate::store;
use crate::views::address as at;
use crate::views::admin::me::{MePage, SessionRow};
use crate::views::form::Wrong;
use crate::web::ask::Ask;
use crate::web::problem::Fault;

/// `GET /profilemanager/me`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let content = content(&ask, None)?;
    ask.page(|page| content.render(page))
}

fn content(ask: &Ask, wrong: Option<Wrong>) -> Result<MePage, Fault> {
    let person = ask.person()?;
    let row = |(hash, session): ([u8; 32], crate::model::account::Session)| SessionRow {
        from: session.from,
        created: session.created,
        used: session.used,
        here: hash == person.hash,
    };
    let all = store::accounts::sessions_of(&ask.read()?, &person.account.name)?;
    let mut sessions: Vec<SessionRow> = all.into_iter().map(row).collect();
    sessions.sort_by_key(|session| std::cmp::Reverse((session.here, session.used)));
    Ok(MePage { sessions, wrong })
}

/// `POST /profilemanager/me/password`: every session ends, and this browser gets a new one.
pub(in crate::web) async fn change_password(ask: Ask) -> Result<Response, Fault> {
    match change(&ask).await {
        Ok(account) => open(&ask, account, at::ME, Some("Your password is changed.")).await,
        Err(fault) if fault.status.is_client_error() => {
            let wrong = fault.about(&[
                ("sign-in.refused", "current"),
                ("account.password", "password"),
                ("account.password-again", "password_again"),
            ]);
            let content = content(&ask, Some(wrong))?;
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}

async fn change(ask: &Ask) -> Result<Account, Fault> {
    let account = ask.person()?.account.clone();
    let (name, throttle) = (account.name.clone(), &ask.app.memory.throttle);
    // Whoever found a browser open may not guess here what they may not guess at the sign-in.
    if let Some(secs) = throttle.wait(&name, ask.peer, ask.now) {
        return Err(Fault::sign_in_wait(secs));
    }
    let (new, current) = (typed_twice(ask)?, ask.said.fields.text("current").to_owned());
    accounts::judge_password(&new, &name)?;
    if new == current {
        return Err(Fault::new("account.password", "The new password is the present one. Choose another."));
    }
    throttle.failed(&name, ask.peer, ask.now);
    let proved = account.password.clone();
    let stored = proved.clone();
    let right = ask.app.memory.hashing.turn(move || passwords::matches(&current, Some(&stored))).await;
    if !matches!(right, Ok(false)) {
        throttle.succeeded(&name, ask.peer);
    }
    if !right? {
        return Err(Fault::new("sign-in.refused", "The present password is wrong."));
    }
    let password = hashed(ask, &new, &name).await?;
    let kept = password.clone();
    ask.act(move |w, by, now| accounts::change_password(w, by, &name, Some(&proved), &kept, now)).await?;
    Ok(Account { password, ..account })
}

/// `POST /profilemanager/me/sessions/end`
pub(in crate::web) async fn end_others(ask: Ask) -> Result<Response, Fault> {
    let hash = ask.person()?.hash;
    let ended = ask.act(move |w, by, now| Ok(sessions::close_others(w, by, &hash, now)?)).await?;
    let text = match ended {
        0 => "You were signed in here alone.".to_owned(),
        1 => "You are signed out in one other browser.".to_owned(),
        n => format!("You are signed out in {n} other browsers."),
    };
    ask.done(at::ME, text)
}
