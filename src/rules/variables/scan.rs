//! Finding variables in texts, and the texts of a document that may have them.

use crate::rules::fields::NAME_MAX;
use crate::wire::plist::Value;
use crate::wire::profile::{Document, Place, Step};

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Taken as it is.
    Text(&'a str),
    /// The name of a variable, as written, without its percent signs.
    Variable(&'a str),
}

/// Whether a name may stand for a variable at all: two hexadecimal digits are an escaped byte of a web address.
pub fn is_variable_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let fits = |b: &u8| b.is_ascii_alphanumeric() || b"_.-".contains(b);
    bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.len() <= NAME_MAX
        && bytes.iter().all(fits)
        && !(bytes.len() == 2 && escaped(bytes))
}

/// Whether an escaped byte of a web address begins here, behind its percent sign.
fn escaped(after: &[u8]) -> bool {
    matches!(after, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

/// A text in its pieces, in order; put together they are the text again (with the percent signs of the variables).
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(percent) = text[at..].find('%').map(|found| at + found) {
        let inside = &text[percent + 1..];
        let length = inside.bytes().take(NAME_MAX + 1).take_while(|b| *b != b'%').count();
        let name = inside.get(..length).filter(|_| inside.as_bytes().get(length) == Some(&b'%'));
        let after = inside.as_bytes().get(length + 1..).unwrap_or_default();
        match name.filter(|name| is_variable_name(name)) {
            Some(name) if !(escaped(inside.as_bytes()) && escaped(after)) => {
                let end = percent + 1 + length + 1;
                if super::is_left_alone(name) {
                    at = end;
                    continue;
                }
                if from < percent {
                    pieces.push(Piece::Text(&text[from..percent]));
                }
                pieces.push(Piece::Variable(name));
                (from, at) = (end, end);
            }
            // The two digits of an escaped byte are passed over, and its percent sign cannot close a name either.
            _ if escaped(inside.as_bytes()) => at = percent + 3,
            _ => at = percent + 1,
        }
    }
    if from < text.len() {
        pieces.push(Piece::Text(&text[from..]));
    }
    pieces
}

/// Whether variables stand for themselves at this way from the top of a payload or profile: what tells profiles and
/// payloads apart is the same for every device.
pub(super) fn is_fixed(path: &[String]) -> bool {
    matches!(path, [key] if matches!(key.as_str(), "PayloadType" | "PayloadUUID" | "PayloadIdentifier"))
}

/// Shows every string of a document that may have variables.
pub(super) fn strings(document: &Document, mut each: impl FnMut(&dyn Fn() -> Place, &str)) {
    document.visit(&mut |visited| {
        if let Value::String(text) = visited.value
            && text.contains('%')
            && !is_fixed(visited.path)
        {
            each(&|| visited.place(), text);
        }
        Step::Into
    });
}
