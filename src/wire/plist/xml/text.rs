//! The text of an XML document: white space, attributes, references, characters.

use super::super::malformed;
use crate::wire::Malformed;
use std::borrow::Cow;

/// Attributes on one element.
const ATTRIBUTES: usize = 16;

pub(super) const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Splits what follows a tag's name at its `>`: the text before, and how many bytes it all took. A `>` inside
/// quotes does not count.
pub(super) fn tag_end(text: &str) -> Result<(&str, usize), Malformed> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Ok((&text[..at], at + 1)),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    Err(malformed("an element without an end"))
}

/// `name="value"` pairs, at most [`ATTRIBUTES`], none twice.
pub(super) fn attributes_of(mut text: &str) -> Result<Vec<(&str, &str)>, Malformed> {
    let wrong = || malformed("an attribute that is not name=\"value\"");
    let mut found: Vec<(&str, &str)> = Vec::new();
    loop {
        let trimmed = text.trim_start_matches(SPACE);
        if trimmed.is_empty() {
            return Ok(found);
        }
        if trimmed.len() == text.len() {
            return Err(wrong());
        }
        if found.len() == ATTRIBUTES {
            return Err(malformed(format!("more than {ATTRIBUTES} attributes on an element")));
        }
        let (name, rest) = trimmed.split_once('=').ok_or_else(wrong)?;
        let name = name.trim_end_matches(SPACE);
        let rest = rest.trim_start_matches(SPACE);
        let quote = rest.chars().next().filter(|c| *c == '"' || *c == '\'').ok_or_else(wrong)?;
        let (value, rest) = rest[1..].split_once(quote).ok_or_else(wrong)?;
        let named = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_' | b'.');
        if name.is_empty() || !name.bytes().all(named) || value.contains(['<', '&']) {
            return Err(wrong());
        }
        if found.iter().any(|(other, _)| *other == name) {
            return Err(malformed("an attribute that stands twice"));
        }
        found.push((name, value));
        text = rest;
    }
}

/// Adds `raw` to `text`: line ends become `\n` as XML asks, and references are resolved if `references`.
pub(super) fn append<'a>(text: &mut Cow<'a, str>, raw: &'a str, references: bool) -> Result<(), Malformed> {
    if raw.bytes().any(|b| b < 0x20 && !is_space(b))
        || (!raw.is_ascii() && raw.contains(['\u{fffe}', '\u{ffff}']))
    {
        return Err(malformed("a character that XML does not have"));
    }
    let plain = !raw.contains('\r') && (!references || !raw.contains('&'));
    if plain {
        if text.is_empty() {
            *text = Cow::Borrowed(raw);
        } else {
            text.to_mut().push_str(raw);
        }
        return Ok(());
    }
    let out = text.to_mut();
    let mut rest = raw;
    while let Some(at) = rest.find(['\r', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('\r') {
            out.push('\n');
            rest = after.strip_prefix('\n').unwrap_or(after);
        } else if references {
            let (character, after) = reference(&rest[1..])?;
            out.push(character);
            rest = after;
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    Ok(())
}

/// One of the five entities or a numeric reference, after its `&`.
fn reference(text: &str) -> Result<(char, &str), Malformed> {
    let wrong = || malformed("an entity beyond the five predefined ones");
    let end = text.bytes().take(12).position(|b| b == b';').ok_or_else(wrong)?;
    let (name, rest) = (&text[..end], &text[end + 1..]);
    let character = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#').ok_or_else(wrong)?;
            let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
            if digits.is_empty() || !digits.bytes().all(|b| (b as char).is_digit(radix)) {
                return Err(wrong());
            }
            u32::from_str_radix(digits, radix)
                .ok()
                .and_then(char::from_u32)
                .filter(|c| is_xml_character(*c))
                .ok_or_else(|| malformed("a character that XML does not have"))?
        }
    };
    Ok((character, rest))
}

/// XML 1.0, production 2 (Char).
pub(in crate::wire::plist) fn is_xml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}
