//! The administration portal: each handler reads what its page shows, or does what its form asks, and nothing
//! else; who may is a column of `web::routes`.

pub(super) mod accounts;
pub(super) mod activity;
pub(super) mod commands;
pub(super) mod deeds;
pub(super) mod device;
pub(super) mod device_owner;
pub(super) mod devices;
pub(super) mod editor;
pub(super) mod enrollment;
pub(super) mod library;
pub(super) mod me;
pub(super) mod overview;
pub(super) mod profile;
pub(super) mod profiles;
pub(super) mod push;
pub(super) mod server;
pub(super) mod sign_in;

use super::problem::Fault;
use crate::model::account::Role;

/// A role as a form sends it.
fn role(word: &str) -> Result<Role, Fault> {
    Role::parse(word)
        .ok_or_else(|| Fault::new("account.role", "Roles are owner, admin, helpdesk and auditor."))
}

/// The two fields in which a new password is typed.
fn typed_twice(ask: &super::ask::Ask) -> Result<String, Fault> {
    let (password, again) = (ask.said.fields.text("password"), ask.said.fields.text("password_again"));
    if password == again {
        return Ok(password.to_owned());
    }
    Err(Fault::new("account.password-again", "The two passwords are not the same."))
}
