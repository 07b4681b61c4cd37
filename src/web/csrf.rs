//! Whether a form was sent from one of our own pages (rule W2).
//!
//! Two proofs are asked for: the browser's own word about where the request comes from (`Sec-Fetch-Site`,
//! `Origin`), and a token that only our page knows. The token is masked anew on each page, so that compressed
//! pages of different lengths tell nothing about it.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use subtle::ConstantTimeEq as _;

use super::App;
use crate::model::edge::roll;

/// Bytes of a token.
const LEN: usize = 32;

/// A fresh token, base64url.
pub(super) fn fresh(app: &App) -> String {
    B64.encode(roll::<LEN>(app.dice.as_ref()))
}

/// `token` as a page shows it: random bytes, then the token under them.
pub(super) fn masked(app: &App, token: &str) -> String {
    let Ok(token) = B64.decode(token) else { return String::new() };
    let mask: [u8; LEN] = roll(app.dice.as_ref());
    let mut out = mask.to_vec();
    out.extend(token.iter().zip(mask).map(|(t, m)| t ^ m));
    B64.encode(out)
}

/// Whether `sent`, as a form sent it, is `token`.
pub(super) fn fits(token: &str, sent: &str) -> bool {
    let (Ok(token), Ok(sent)) = (B64.decode(token), B64.decode(sent.trim())) else { return false };
    if token.len() != LEN || sent.len() != 2 * LEN {
        return false;
    }
    let (mask, covered) = sent.split_at(LEN);
    let bare: Vec<u8> = mask.iter().zip(covered).map(|(m, c)| m ^ c).collect();
    bare.ct_eq(&token).into()
}

/// Whether the browser says that one of our own pages sent this. One that says nothing at all is refused: every
/// browser of the last years says one or the other.
pub(super) fn is_own(app: &App, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    let site = text("sec-fetch-site").map(|site| site == "same-origin");
    let origin =
        headers.get(header::ORIGIN).map(|v| v.to_str().is_ok_and(|origin| is_our_origin(app, origin)));
    match (site, origin) {
        (None, None) => false,
        (site, origin) => site.unwrap_or(true) && origin.unwrap_or(true),
    }
}

fn is_our_origin(app: &App, origin: &str) -> bool {
    if origin.eq_ignore_ascii_case(&app.site.base_url()) {
        return true;
    }
    app.config.other_hosts.iter().any(|host| {
        let other = crate::model::site::Site { host: host.clone(), port: app.site.port };
        origin.eq_ignore_ascii_case(&other.base_url())
    })
}
