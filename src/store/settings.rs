//! The server's own facts, and its keys (sealed).

use super::key::Key;
use super::row::{self, Row};
use super::tables::Table;
use super::{Broken, View, Write};
use crate::model::settings::{Identity, IdentityUse, Settings};

impl Row for Settings {}
impl Row for Identity {}

/// The server's own facts; none before the first start.
pub fn get(v: &impl View) -> Result<Option<Settings>, Broken> {
    row::get(v, Table::Settings, &Key::of("settings"))
}

/// Puts the server's own facts.
pub fn put(w: &mut Write, settings: &Settings) -> Result<(), Broken> {
    row::put(w, Table::Settings, &Key::of("settings"), settings)
}

/// The private key and certificate for a use.
pub fn identity(v: &impl View, of: IdentityUse) -> Result<Option<Identity>, Broken> {
    row::get(v, Table::Identities, &Key::of(of.as_str()))
}

/// Puts the private key and certificate for a use, in place of the former.
pub fn put_identity(w: &mut Write, of: IdentityUse, identity: &Identity) -> Result<(), Broken> {
    row::put(w, Table::Identities, &Key::of(of.as_str()), identity)
}
