//! Putting the values in.

use super::scan::{Piece, is_fixed, pieces};
use super::{Values, canonical};
use crate::wire::plist::{Dictionary, Limits, Value};
use crate::wire::profile::Document;

/// The document with the values in place. A value is never looked at again: percent signs in it are text.
///
/// # Errors
/// The variables without a value, by name as written. Also one whose value would make the document larger than a
/// profile may be.
pub fn expand(document: &Document, values: &Values) -> Result<Document, Vec<String>> {
    let mut filling = Filling { values, missing: Vec::new(), room: Limits::DEVICE.bytes };
    let mut body = document.body.clone();
    for (key, value) in body.iter_mut() {
        match value {
            Value::Array(payloads) if key == "PayloadContent" => {
                payloads.iter_mut().for_each(|payload| match payload {
                    Value::Dictionary(keys) => filling.top(keys),
                    other => filling.fill(other),
                });
            }
            value if !is_fixed(std::slice::from_ref(key)) => filling.fill(value),
            _ => {}
        }
    }
    if filling.missing.is_empty() { Ok(Document { body }) } else { Err(filling.missing) }
}

struct Filling<'a> {
    values: &'a Values,
    missing: Vec<String>,
    /// Bytes that may still be put in.
    room: usize,
}

impl Filling<'_> {
    fn top(&mut self, keys: &mut Dictionary) {
        for (key, value) in keys.iter_mut() {
            if !is_fixed(std::slice::from_ref(key)) {
                self.fill(value);
            }
        }
    }

    /// Every string below. Documents are read and edited within [`Limits::DEVICE`], so the stack of what is still to
    /// be looked at is as small as they are.
    fn fill(&mut self, value: &mut Value) {
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match value {
                Value::String(text) if text.contains('%') => self.text(text),
                // Last first, so that what is missing is told in the order of the document.
                Value::Array(items) => open.extend(items.iter_mut().rev()),
                Value::Dictionary(entries) => {
                    let from = open.len();
                    open.extend(entries.iter_mut().map(|(_, value)| value));
                    open[from..].reverse();
                }
                _ => {}
            }
        }
    }

    fn text(&mut self, text: &mut String) {
        let mut out = String::with_capacity(text.len());
        for piece in pieces(text) {
            match piece {
                Piece::Text(part) => out.push_str(part),
                Piece::Variable(name) => match self.values.get(&canonical(name)) {
                    Some(value) if value.len() <= self.room => {
                        self.room -= value.len();
                        out.push_str(value);
                    }
                    _ => self.miss(name),
                },
            }
        }
        *text = out;
    }

    fn miss(&mut self, name: &str) {
        if !self.missing.iter().any(|missing| missing.eq_ignore_ascii_case(name)) {
            self.missing.push(name.to_owned());
        }
    }
}
