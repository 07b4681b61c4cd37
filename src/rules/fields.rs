//! The organization's own fields about devices and people: what they may be called and what they may hold.
//!
//! Each field is a variable in profiles (`%Room%`), so its name keeps to what [`variables`](super::variables) reads
//! between two percent signs, and never takes the name of a variable that the server fills itself.

use std::collections::{BTreeMap, BTreeSet};

use super::{Refusal, variables};
use crate::model::device::Owner;

/// Most characters of a field's name.
pub const NAME_MAX: usize = 64;
/// Most characters of a field's value, and of each text about an owner.
pub const VALUE_MAX: usize = 1_000;
/// Most fields of one device, or of one owner.
pub const FIELDS_MAX: usize = 50;

/// A field's name as it is stored: 1 to 64 of `a-z A-Z 0-9 _ . -`, a letter first, spaces around it dropped. Case is
/// kept, and does not tell names apart.
///
/// # Errors
/// `field.name`; `field.reserved` for the name of a variable that the server or the Mac itself fills.
pub fn name(typed: &str) -> Result<String, Refusal> {
    let name = typed.trim();
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !begins || name.len() > NAME_MAX || !name.chars().all(fits) {
        return Err(Refusal::invalid(
            "field.name",
            "A field's name has 1 to 64 letters, digits, or one of _ . -, and begins with a letter.",
        ));
    }
    if !variables::is_variable_name(name) {
        return Err(Refusal::invalid(
            "field.name",
            format!("%{name}% would read as part of a web address. Take a longer name."),
        ));
    }
    if variables::is_taken(name) {
        return Err(Refusal::invalid(
            "field.reserved",
            format!("%{name}% is filled by itself. Take another name for your field."),
        ));
    }
    Ok(name.to_owned())
}

/// A field's value as it is stored: up to 1,000 characters. Line ends become line feeds; other control characters are
/// refused, because a property list cannot carry them.
///
/// # Errors
/// `field.value`.
pub fn value(typed: &str) -> Result<String, Refusal> {
    let value = typed.replace("\r\n", "\n").replace('\r', "\n");
    if value.chars().count() > VALUE_MAX {
        return Err(Refusal::invalid(
            "field.value",
            format!("A value has up to {VALUE_MAX} characters; this one has {}.", value.chars().count()),
        ));
    }
    if value
        .chars()
        .any(|c| (c.is_control() && c != '\n' && c != '\t') || ('\u{fffe}'..='\u{ffff}').contains(&c))
    {
        return Err(Refusal::invalid("field.value", "A value is text, without control characters."));
    }
    Ok(value)
}

/// The fields of one device, or of one owner, as they are stored. A field with an empty value is left out: that is
/// how it is removed.
///
/// # Errors
/// As [`name`] and [`value`]; `field.twice` for two names that differ in case only; `field.many` above 50.
pub fn fields(typed: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Refusal> {
    let mut kept = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (typed_name, typed_value) in typed {
        let (name, value) = (name(typed_name)?, value(typed_value)?);
        if !seen.insert(name.to_ascii_lowercase()) {
            return Err(Refusal::invalid(
                "field.twice",
                format!("The field {name} stands there twice. Upper and lower case are the same here."),
            ));
        }
        if !value.is_empty() {
            kept.insert(name, value);
        }
    }
    if kept.len() > FIELDS_MAX {
        return Err(Refusal::invalid("field.many", format!("At most {FIELDS_MAX} fields, please.")));
    }
    Ok(kept)
}

/// An owner as it is stored: texts on one line, without spaces around them, fields as [`fields`].
///
/// # Errors
/// `owner.text` for a text over 1,000 characters or with control characters; `owner.email` for a mail address without
/// a name before and a host after its one `@`.
pub fn owner(typed: &Owner) -> Result<Owner, Refusal> {
    let line = |what: &str, text: &str| {
        let text = text.trim();
        if text.chars().count() > VALUE_MAX || text.chars().any(char::is_control) {
            let said = format!("The {what} has up to {VALUE_MAX} characters, on one line.");
            return Err(Refusal::invalid("owner.text", said));
        }
        Ok(text.to_owned())
    };
    let email = line("mail address", &typed.email)?;
    let sides = email.split_once('@');
    let fits = sides.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if !email.is_empty() && (!fits || email.contains(char::is_whitespace)) {
        return Err(Refusal::invalid("owner.email", "A mail address looks like ada@example.org."));
    }
    Ok(Owner {
        short_name: line("short name", &typed.short_name)?,
        full_name: line("full name", &typed.full_name)?,
        email,
        fields: fields(&typed.fields)?,
    })
}
