//! Who is asking: a person with a session, a program with a token, whoever runs the server at its socket.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;

use super::App;
use crate::actions::{sessions, tokens};
use crate::model::Time;
use crate::model::account::{Account, Actor, Session};
use crate::model::edge::roll;
use crate::store::{Broken, View};
use crate::wire::key::sha256;

/// Cookie of a session. The prefix makes browsers insist on https, this very host, and every path.
pub(super) const SESSION_COOKIE: &str = "__Host-pomona";
/// Cookie of the forms that people fill in before they have a session.
pub(super) const FORM_COOKIE: &str = "__Host-pomona-form";

/// Whoever asks.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// Name and role, for actions.
    pub(super) actor: Actor,
    /// A person's account and session; none for programs and the console.
    pub(super) person: Option<Person>,
}

/// A person who is signed in.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// Their account.
    pub(super) account: Account,
    /// SHA-256 of the cookie's secret.
    pub(super) hash: [u8; 32],
    /// Their session.
    pub(super) session: Session,
}

/// The person behind the session cookie, if it lives.
pub(super) fn person(
    app: &App,
    view: &impl View,
    headers: &HeaderMap,
    now: Time,
) -> Result<Option<Caller>, Broken> {
    let Some(secret) = cookie(headers, SESSION_COOKIE) else { return Ok(None) };
    let hash = sha256(secret.as_bytes());
    let found = sessions::who(view, &hash, app.config.sessions(), now)?;
    Ok(found.map(|(account, session)| Caller {
        actor: Actor { name: account.name.clone(), role: account.role },
        person: Some(Person { account, hash, session }),
    }))
}

/// The program behind a bearer token, if it works.
pub(super) fn program(view: &impl View, headers: &HeaderMap, now: Time) -> Result<Option<Caller>, Broken> {
    let Some(text) = bearer(headers) else { return Ok(None) };
    let actor = tokens::who(view, &sha256(text.as_bytes()), now)?;
    Ok(actor.map(|actor| Caller { actor, person: None }))
}

/// Whoever may open the socket in the data folder.
pub(super) fn console() -> Caller {
    Caller { actor: Actor::console(), person: None }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, text) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| text.trim())
}

/// The value of a cookie. With two of the same name the first counts, as RFC 6265 has browsers send the more
/// specific path first, and ours have no paths.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, value)| value)
}

/// Sets a cookie for this host alone. Lax: a link from elsewhere shows the page to whoever is signed in, and
/// nothing that changes state is done by following a link.
pub(super) fn set_cookie(name: &str, value: &str, max_secs: i64) -> HeaderValue {
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={max_secs}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// A fresh secret of 256 bits in base64url, and its SHA-256, which is all of it that is stored.
pub(super) fn fresh_secret(app: &App, prefix: &str) -> (String, [u8; 32]) {
    let text = format!("{prefix}{}", B64.encode(roll::<32>(app.dice.as_ref())));
    let hash = sha256(text.as_bytes());
    (text, hash)
}

/// A fresh public id: 12 of 32 letters and digits.
pub(super) fn fresh_id(app: &App) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let random: [u8; 12] = roll(app.dice.as_ref());
    random.iter().map(|b| char::from(LETTERS[usize::from(b % 32)])).collect()
}

/// Where a session was opened, for its owner: the address and the browser's family.
pub(super) fn origin(peer: IpAddr, headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    format!("{peer}, {}", browser(agent))
}

/// Family and system of a browser by its user agent, in two words. The agent's own text is a stranger's: it is
/// not repeated.
fn browser(agent: &str) -> String {
    let first = |table: &[(&'static str, &'static str)], other: &'static str| {
        table.iter().find(|(mark, _)| agent.contains(mark)).map_or(other, |(_, word)| *word)
    };
    let families = [
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Macintosh", "Mac"),
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("Linux", "Linux"),
    ];
    let family = first(&families, "a browser");
    match first(&systems, "") {
        "" => family.to_owned(),
        system => format!("{family} on {system}"),
    }
}
