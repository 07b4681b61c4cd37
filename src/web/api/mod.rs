//! The JSON API under `/api/v1`: the same actions as the portal's, for programs with tokens and for the command
//! line at the socket. Bodies are in [`crate::wire::api`].

pub(super) mod accounts;
pub(super) mod catalog;
pub(super) mod commands;
pub(super) mod devices;
mod documents;
pub(super) mod drafts;
mod edits;
mod facts;
pub(super) mod lint;
pub(super) mod profiles;
pub(super) mod push;
pub(super) mod server;
pub(super) mod signing;
pub(super) mod tickets;
pub(super) mod versions;

use super::ask::Ask;
use super::problem::Fault;
use crate::model::Time;
use crate::wire::api::PAGE_MAX;

/// Items of a page when nobody says otherwise.
const PAGE: usize = 100;

/// How many items were asked for.
fn limit(ask: &Ask) -> Result<usize, Fault> {
    match ask.number("limit")? {
        None => Ok(PAGE),
        Some(n) => match usize::try_from(n) {
            Ok(n) if (1..=PAGE_MAX).contains(&n) => Ok(n),
            _ => Err(Fault::new("api.query", format!("“limit” is a number from 1 to {PAGE_MAX}."))),
        },
    }
}

fn moment(at: Time) -> String {
    at.rfc3339()
}
