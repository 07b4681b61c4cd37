//! Administrators: the first one by setup code, others by an owner.

use crate::model::Time;
use crate::model::account::{Account, Actor, Role};
use crate::model::settings::Settings;
use crate::rules::access::Right;
use crate::rules::{Refusal, credentials};
use crate::store::{self, Broken, View, Write};
use crate::wire::key::sha256;

use super::Failure;
use super::permission::{alert, record, require};

/// An account to make; its password is hashed already.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// Sign-in name as typed.
    pub name: String,
    /// Name for people as typed; may be empty.
    pub full_name: String,
    /// What they may do.
    pub role: Role,
    /// Argon2id hash in PHC form, see [`super::passwords`].
    pub password: String,
}

/// Whether anybody can sign in yet.
pub fn is_set_up(view: &impl View) -> Result<bool, Broken> {
    Ok(!store::accounts::list(view)?.is_empty())
}

/// A setup code made of random bytes.
pub fn fresh_setup_code(random: &[u8; 20]) -> String {
    credentials::setup_code(random)
}

/// Keeps the SHA-256 of a fresh setup code in place of any former one. Refused once there is an account.
pub fn renew_setup_code(w: &mut Write, by: &Actor, code: &str, now: Time) -> Result<Time, Failure> {
    require(w, by, Right::Accounts, now)?;
    refuse_second_setup(w)?;
    let settings = store::settings::get(w)?.unwrap_or_default();
    let setup_code = Some(sha256(credentials::fold_code(code).as_bytes()));
    store::settings::put(w, &Settings { setup_code, setup_code_at: now, ..settings })?;
    Ok(now.plus_secs(credentials::SETUP_CODE_SECS))
}

/// Whether `typed` is the setup code that is waited for.
pub fn check_setup_code(view: &impl View, typed: &str, now: Time) -> Result<(), Failure> {
    refuse_second_setup(view)?;
    let settings = store::settings::get(view)?.unwrap_or_default();
    let typed = sha256(credentials::fold_code(typed).as_bytes());
    // Hashes are compared: how long that takes tells nothing about the code.
    if settings.setup_code != Some(typed) {
        return Err(Refusal::forbidden(
            "setup.code",
            "This is not the setup code. The server printed it when it started; on the server, \
             “pomona setup-code” makes a new one.",
        )
        .into());
    }
    if now >= settings.setup_code_at.plus_secs(credentials::SETUP_CODE_SECS) {
        return Err(Refusal::forbidden(
            "setup.expired",
            "This setup code is more than a day old. On the server, “pomona setup-code” makes a new one.",
        )
        .into());
    }
    Ok(())
}

/// Makes the first administrator, an owner, and consumes the setup code. A name for the organization is taken
/// along if one was typed.
pub fn set_up(
    w: &mut Write,
    code: &str,
    organization: &str,
    newcomer: &Newcomer,
    now: Time,
) -> Result<Account, Failure> {
    check_setup_code(w, code, now)?;
    let mut settings = store::settings::get(w)?.unwrap_or_default();
    settings.setup_code = None;
    let organization = organization.trim();
    if organization.chars().count() > 100 || organization.chars().any(char::is_control) {
        return Err(Refusal::invalid(
            "setup.organization",
            "The name of the organization has up to 100 characters, on one line.",
        )
        .into());
    }
    if !organization.is_empty() {
        settings.organization = organization.to_owned();
    }
    store::settings::put(w, &settings)?;
    let account = make(w, &Newcomer { role: Role::Owner, ..newcomer.clone() }, now)?;
    let by = Actor { name: account.name.clone(), role: account.role };
    record(
        w,
        &by,
        "account",
        format!("Set up the server and became its first owner: {}.", account.name),
        None,
        now,
    )?;
    Ok(account)
}

/// Makes an account.
pub fn add(w: &mut Write, by: &Actor, newcomer: &Newcomer, now: Time) -> Result<Account, Failure> {
    require(w, by, Right::Accounts, now)?;
    let account = make(w, newcomer, now)?;
    // An account made at the console before the first sign-in makes a waiting setup code void.
    if let Some(settings) = store::settings::get(w)?.filter(|s| s.setup_code.is_some()) {
        store::settings::put(w, &Settings { setup_code: None, ..settings })?;
    }
    let text = format!("Added the account {} as {}.", account.name, account.role.as_str());
    alert(w, by, "account", text, None, now)?;
    Ok(account)
}

/// Suspends an account: its sessions end now and its tokens are removed.
pub fn suspend(w: &mut Write, by: &Actor, name: &str, now: Time) -> Result<Account, Failure> {
    require(w, by, Right::Accounts, now)?;
    let mut account = known(w, name)?;
    if account.suspended {
        return Ok(account);
    }
    credentials::may_suspend(&account, &by.name, &store::accounts::list(w)?)?;
    account.suspended = true;
    store::accounts::put(w, &account)?;
    let tokens = void(w, &account.name)?;
    alert(w, by, "account", format!("Suspended the account {}{}.", account.name, told(tokens)), None, now)?;
    Ok(account)
}

/// Lets a suspended account in again.
pub fn resume(w: &mut Write, by: &Actor, name: &str, now: Time) -> Result<Account, Failure> {
    require(w, by, Right::Accounts, now)?;
    let mut account = known(w, name)?;
    if !account.suspended {
        return Ok(account);
    }
    account.suspended = false;
    store::accounts::put(w, &account)?;
    alert(w, by, "account", format!("Let the account {} in again.", account.name), None, now)?;
    Ok(account)
}

/// Gives an account another password. People change their own, having proved the old one (`proved` is the stored
/// hash they proved it against); anybody's is changed at the console only. All sessions of the account end and
/// its tokens are removed.
pub fn change_password(
    w: &mut Write,
    by: &Actor,
    name: &str,
    proved: Option<&str>,
    password: &str,
    now: Time,
) -> Result<(), Failure> {
    let mut account = known(w, name)?;
    match proved {
        Some(proved) if by.name == account.name && !account.suspended => {
            if account.password != proved {
                return Err(Refusal::conflict(
                    "account.changed",
                    "The password was changed meanwhile. Sign in again.",
                )
                .into());
            }
        }
        None if by.name == "console" => {}
        _ => {
            return Err(Refusal::forbidden(
                "account.password-others",
                "Only the account itself, or “pomona admin password” on the server, changes a password.",
            )
            .into());
        }
    }
    account.password = password.to_owned();
    store::accounts::put(w, &account)?;
    let tokens = void(w, &account.name)?;
    alert(w, by, "account", format!("Changed the password of {}{}.", account.name, told(tokens)), None, now)?;
    Ok(())
}

/// Whether a new password is good enough for an account of this name; asked before it is hashed.
pub fn judge_password(password: &str, name: &str) -> Result<(), Failure> {
    Ok(credentials::password(password, &name.trim().to_lowercase())?)
}

/// The account of this name.
pub fn known(view: &impl View, name: &str) -> Result<Account, Failure> {
    let name = name.trim().to_lowercase();
    Ok(store::accounts::get(view, &name)?
        .ok_or_else(|| Refusal::missing("account.unknown", "There is no account of this name."))?)
}

fn refuse_second_setup(view: &impl View) -> Result<(), Failure> {
    if is_set_up(view)? {
        return Err(Refusal::conflict("setup.done", "This server is set up already. Sign in instead.").into());
    }
    Ok(())
}

fn make(w: &mut Write, newcomer: &Newcomer, now: Time) -> Result<Account, Failure> {
    let name = credentials::account_name(&newcomer.name)?;
    if store::accounts::get(w, &name)?.is_some() {
        return Err(
            Refusal::conflict("account.exists", format!("There is an account {name} already.")).into()
        );
    }
    let full_name = credentials::full_name(&newcomer.full_name, &name)?;
    let account = Account {
        name,
        full_name,
        role: newcomer.role,
        password: newcomer.password.clone(),
        created: now,
        suspended: false,
    };
    store::accounts::put(w, &account)?;
    Ok(account)
}

/// Ends all sessions and removes all tokens of an account; tells how many tokens.
fn void(w: &mut Write, name: &str) -> Result<usize, Broken> {
    for (hash, _) in store::accounts::sessions_of(w, name)? {
        store::accounts::remove_session(w, &hash)?;
    }
    let mut removed = 0;
    for (hash, token) in store::accounts::tokens(w)? {
        if token.by == name {
            store::accounts::remove_token(w, &hash)?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn told(tokens: usize) -> String {
    match tokens {
        0 => String::new(),
        1 => " and removed its token".into(),
        n => format!(" and removed its {n} tokens"),
    }
}
