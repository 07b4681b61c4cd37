//! The writers.

use super::xml::is_xml_character;
use super::{Dictionary, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

const HEAD: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    "\n",
    r#"<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">"#,
    "\n",
    r#"<plist version="1.0">"#,
    "\n",
);

/// Writes XML with Apple's DOCTYPE, in the layout of Apple's own tools. Order and types are kept.
///
/// A date loses its fraction of a second, which the XML form does not have. A character that XML does not have (an
/// administrator can paste one) becomes U+FFFD.
pub fn to_xml(value: &Value) -> Vec<u8> {
    let mut out = String::from(HEAD);
    element(&mut out, value, 0);
    out.push_str("</plist>\n");
    out.into_bytes()
}

/// As [`to_xml`], for a document whose root is this dictionary.
pub fn dictionary_to_xml(entries: &Dictionary) -> Vec<u8> {
    let mut out = String::from(HEAD);
    dictionary(&mut out, entries, 0);
    out.push_str("</plist>\n");
    out.into_bytes()
}

/// Writes one value as XML without the document around it, in the layout of [`to_xml`] and with its losses. Ends
/// without a line feed.
pub fn to_fragment(value: &Value) -> String {
    let mut out = String::new();
    element(&mut out, value, 0);
    out.truncate(out.trim_end_matches('\n').len());
    out
}

/// Writes the binary form. Order and types are kept; equal scalars are stored once.
pub fn to_binary(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    value.to_writer_binary(&mut out).expect("a property list in memory can always be written");
    out
}

fn element(out: &mut String, value: &Value, level: usize) {
    indent(out, level);
    match value {
        Value::Array(items) if items.is_empty() => out.push_str("<array/>\n"),
        Value::Array(items) => {
            out.push_str("<array>\n");
            items.iter().for_each(|item| element(out, item, level + 1));
            indent(out, level);
            out.push_str("</array>\n");
        }
        Value::Dictionary(entries) => dictionary(out, entries, level),
        Value::Boolean(true) => out.push_str("<true/>\n"),
        Value::Boolean(false) => out.push_str("<false/>\n"),
        Value::Data(bytes) => {
            out.push_str("<data>");
            STANDARD.encode_string(bytes, out);
            out.push_str("</data>\n");
        }
        Value::Date(date) => {
            let text = date.to_xml_format();
            let whole = text.split(['.', 'Z']).next().unwrap_or_default();
            let _ = writeln!(out, "<date>{whole}Z</date>");
        }
        Value::Integer(number) => {
            let _ = writeln!(out, "<integer>{number}</integer>");
        }
        Value::Real(number) => {
            let _ = writeln!(out, "<real>{number:?}</real>");
        }
        Value::String(text) => {
            out.push_str("<string>");
            escape(out, text);
            out.push_str("</string>\n");
        }
        Value::Uid(uid) => {
            // How CoreFoundation writes it in XML, for want of an element.
            let entry = Value::Integer(uid.get().into());
            dictionary(out, &Dictionary::from_iter([("CF$UID".to_string(), entry)]), level);
        }
        other => unreachable!("the plist crate has a new kind of value: {other:?}"),
    }
}

fn dictionary(out: &mut String, entries: &Dictionary, level: usize) {
    if entries.is_empty() {
        return out.push_str("<dict/>\n");
    }
    out.push_str("<dict>\n");
    for (key, value) in entries {
        indent(out, level + 1);
        out.push_str("<key>");
        escape(out, key);
        out.push_str("</key>\n");
        element(out, value, level + 1);
    }
    indent(out, level);
    out.push_str("</dict>\n");
}

/// Apple's tools indent by the level inside the root, so the root's own entries stand one tab in.
fn indent(out: &mut String, level: usize) {
    out.extend(std::iter::repeat_n('\t', level));
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A bare one would come back as a line feed.
            '\r' => out.push_str("&#13;"),
            c if is_xml_character(c) => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
}
