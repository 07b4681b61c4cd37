//! Where to go after sign-in: one of our own pages, never an address (rule W4).
//!
//! What a stranger may put into `next` is matched against the pages there are, part by part, and spelled anew. So
//! nothing of it survives that could lead elsewhere.

use axum::http::Uri;

use super::routes;
use super::table::{Audience, Method};
use crate::views::address as at;

/// Longest `next`, in bytes.
const LONGEST: usize = 2_000;

/// The page that `next` names, spelled by us; the overview when it names none.
pub(super) fn page(next: &str) -> String {
    parse(next).unwrap_or_else(|| at::OVERVIEW.to_owned())
}

/// The sign-in page that leads back to `uri`.
pub(super) fn sign_in_then(uri: &Uri) -> String {
    let wanted = uri.path_and_query().map_or("", |pq| pq.as_str());
    match parse(wanted) {
        Some(page) if page != at::OVERVIEW => at::with_query(at::SIGN_IN, &[("next", &page)]),
        _ => at::SIGN_IN.to_owned(),
    }
}

fn parse(next: &str) -> Option<String> {
    if next.len() > LONGEST || !(next.starts_with(at::OVERVIEW) || next.starts_with(at::MY_DEVICES)) {
        return None;
    }
    let uri: Uri = next.parse().ok()?;
    if uri.authority().is_some() || uri.scheme().is_some() {
        return None;
    }
    let parts: Vec<String> = uri.path().split('/').map(decode).collect::<Option<_>>()?;
    let page = routes::rules()
        .into_iter()
        .filter(|rule| rule.method == Method::Get && rule.audience == Audience::People)
        .find(|rule| fits(rule.path, &parts))?;
    let _ = page;
    let path: Vec<String> = parts.iter().map(|part| encode(part)).collect();
    let query = super::fields::Fields::of_query(&uri);
    let names = [
        "q",
        "platform",
        "state",
        "kind",
        "alert",
        "after",
        "archived",
        "os",
        "supervised",
        "key",
        "verdict",
        "place",
        "device",
        "from",
        "to",
    ];
    let pairs: Vec<(&str, &str)> = names.iter().map(|name| (*name, query.text(name))).collect();
    Some(at::with_query(&path.join("/"), &pairs))
}

fn fits(pattern: &str, parts: &[String]) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    pattern.len() == parts.len()
        && pattern
            .iter()
            .zip(parts)
            .all(|(p, part)| if p.starts_with('{') { !part.is_empty() } else { p == part })
}

/// One part of a path, decoded; none when it hides a separator or a control character.
fn decode(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first == b'%' {
            let hex = rest.get(..2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(first);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    let hidden =
        text.contains(['/', '\\']) || text.chars().any(char::is_control) || text == "." || text == "..";
    (!hidden).then_some(text)
}

fn encode(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
