//! Access rights of a server: the bits of `AccessRights` in an enrollment.

use std::sync::LazyLock;

use serde::Deserialize;

/// One right.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Right {
    /// Its bit.
    pub bit: u16,
    /// What Apple's schema calls it.
    pub ids: Vec<String>,
    /// For people: what the server may do with it.
    pub label: String,
}

#[derive(Deserialize)]
struct Table {
    bits: Vec<Right>,
}

static RIGHTS: LazyLock<Vec<Right>> = LazyLock::new(|| {
    let table: Table = super::embedded::read("rights.json");
    table.bits
});

/// All rights, lowest bit first. Together they are 8191.
pub fn rights() -> &'static [Right] {
    &RIGHTS
}

/// The bits of a right by the name that the schema gives it. "None", and what the schema leaves open, is 0.
pub(super) fn bits(name: &str) -> u16 {
    RIGHTS.iter().find(|right| right.ids.iter().any(|id| id == name)).map_or(0, |right| right.bit)
}
