//! The files of `assets/catalog` inside the program.

use rust_embed::RustEmbed;
use serde::de::DeserializeOwned;

#[derive(RustEmbed)]
#[folder = "assets/catalog"]
struct Files;

/// A file that belongs to the program.
///
/// # Panics
/// Never in a program that passed its tests: they read every file.
pub(super) fn read<T: DeserializeOwned>(name: &str) -> T {
    let file = Files::get(name).unwrap_or_else(|| panic!("{name} is part of the program"));
    serde_json::from_slice(&file.data).unwrap_or_else(|error| panic!("{name} reads: {error}"))
}

/// As [`read`], for a file that may be missing.
pub(super) fn read_if<T: DeserializeOwned>(name: &str) -> Option<T> {
    Files::get(name).map(|_| read(name))
}

/// The files of the words, by name.
pub(super) fn words() -> Vec<String> {
    let mut names: Vec<String> = Files::iter()
        .filter(|name| name.starts_with("words/") && name.ends_with(".json"))
        .map(std::borrow::Cow::into_owned)
        .collect();
    names.sort_unstable();
    names
}
