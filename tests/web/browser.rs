//! A browser without a screen: cookies, forms as they stand on the page, and what browsers say about where a
//! request comes from. And an office: a server with people of each role and a few things in it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use pomona::actions::passwords;
use pomona::actions::sessions::{self, Span};
use pomona::actions::{accounts, tokens};
use pomona::model::account::{Account, Actor, ApiToken, Role, Session};
use pomona::model::edge::roll;
use pomona::store;
use pomona::web::{self, App, Peer};
use pomona::wire::key::sha256;
use serde_json::Value as Json;
use tower::ServiceExt;

use super::device::pretend::World;
pub use super::program::{Program, mobileconfig};
use crate::views::html::{self, Tag};

/// A password that is long enough.
pub const PASSWORD: &str = "eight pears in a wooden bowl";
/// The server's own address.
pub const ORIGIN: &str = "https://mdm.example.org";

/// What came back.
#[derive(Debug, Clone)]
pub struct Shown {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Shown {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).expect("text")
    }

    pub fn says(&self, words: &str) -> bool {
        self.words().contains(words)
    }

    /// The text of the page without its markup, entities resolved.
    pub fn words(&self) -> String {
        let text = self.text();
        let mut out = String::new();
        let mut inside = false;
        for c in text.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => out.push(c),
                _ => {}
            }
        }
        out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }

    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().expect("ascii"))
    }

    pub fn location(&self) -> &str {
        self.header(header::LOCATION)
    }

    /// The page's elements, read strictly.
    pub fn tags(&self) -> Vec<Tag> {
        html::read(&self.text()).unwrap_or_else(|e| panic!("{e}\n{}", self.text()))
    }

    /// What the first form that posts to `action` would send as it stands.
    pub fn form(&self, action: &str) -> Vec<(String, String)> {
        self.form_with(action, &[])
    }

    /// The same of the first form that has fields of these names.
    pub fn form_with(&self, action: &str, names: &[&str]) -> Vec<(String, String)> {
        let tags = self.tags();
        let fits = |at: &usize| {
            let fields = tags[at + 1..].iter().take_while(|t| t.name != "form");
            let known: Vec<&str> = fields.filter_map(|t| t.get("name")).collect();
            names.iter().all(|name| known.contains(name))
        };
        let mut forms =
            (0..tags.len()).filter(|at| tags[*at].name == "form" && tags[*at].get("action") == Some(action));
        let at = forms
            .find(fits)
            .unwrap_or_else(|| panic!("no form to {action} with {names:?} on this page:\n{}", self.words()));
        let mut fields = Vec::new();
        let mut select: Option<String> = None;
        for tag in tags[at + 1..].iter().take_while(|t| t.name != "form") {
            let name = tag.get("name").unwrap_or_default().to_owned();
            match tag.name.as_str() {
                "input" if name.is_empty() => {}
                "input" if matches!(tag.get("type"), Some("checkbox" | "file")) => {}
                "input" if tag.get("type") == Some("radio") && tag.get("checked").is_none() => {}
                "input" => fields.push((name, tag.get("value").unwrap_or_default().to_owned())),
                // Browsers leave out the line break right after the start tag.
                "textarea" if !name.is_empty() => {
                    fields.push((name, tag.text.strip_prefix('\n').unwrap_or(&tag.text).to_owned()))
                }
                "select" => select = Some(name),
                "option" if tag.get("selected").is_some() => {
                    let name = select.clone().expect("an option inside a select");
                    fields.push((name, tag.get("value").unwrap_or_default().to_owned()));
                }
                _ => {}
            }
        }
        fields
    }

    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    /// The code of a JSON problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.words());
        self
    }
}

/// One browser.
pub struct Browser {
    router: Router,
    jar: Mutex<BTreeMap<String, String>>,
    from: IpAddr,
}

impl Browser {
    pub fn new(router: Router) -> Self {
        Self { router, jar: Mutex::default(), from: "192.0.2.10".parse().expect("address") }
    }

    /// The same browser elsewhere in the world.
    pub fn at(mut self, from: &str) -> Self {
        self.from = from.parse().expect("address");
        self
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().expect("jar").get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar.lock().expect("jar").insert(name.into(), value.into());
    }

    /// Sends any request with this browser's cookies and address.
    pub async fn send(&self, mut request: Request<Body>) -> Shown {
        let jar: Vec<String> =
            self.jar.lock().expect("jar").iter().map(|(n, v)| format!("{n}={v}")).collect();
        if !jar.is_empty() {
            request.headers_mut().insert(header::COOKIE, jar.join("; ").parse().expect("cookies"));
        }
        request.headers_mut().entry(header::HOST).or_insert("mdm.example.org".parse().expect("host"));
        request.extensions_mut().insert(Peer(self.from));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        for set in parts.headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().expect("ascii");
            let (name, value) = set.split(';').next().expect("a pair").split_once('=').expect("a pair");
            assert!(set.contains("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{set}");
            let mut jar = self.jar.lock().expect("jar");
            if set.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.into(), value.into());
            }
        }
        let body = body.collect().await.expect("a body").to_bytes();
        Shown { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Shown {
        self.send(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// Posts fields as one of our own pages would.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let request = Request::post(path)
            .header(header::ORIGIN, ORIGIN)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(encode(fields)));
        self.send(request.expect("a request")).await
    }

    /// Fills in the form of `page` that posts to `action` and sends it.
    pub async fn submit(&self, page: &Shown, action: &str, fill: &[(&str, &str)]) -> Shown {
        let names: Vec<&str> = fill.iter().map(|(name, _)| *name).collect();
        let mut fields: Vec<(String, String)> = page.form_with(action, &names);
        fields.retain(|(name, _)| !fill.iter().any(|(filled, _)| filled == name));
        let mut all: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        all.extend_from_slice(fill);
        self.post(action, &all).await
    }

    /// Opens `page`, fills in its form to `action`, sends it.
    pub async fn fill(&self, page: &str, action: &str, fill: &[(&str, &str)]) -> Shown {
        let shown = self.get(page).await.expect(200);
        self.submit(&shown, action, fill).await
    }

    /// Opens `page`, chooses files in its form to `action`, sends it.
    pub async fn upload(
        &self,
        page: &str,
        action: &str,
        files: &[(&str, &[u8])],
        texts: &[(&str, &str)],
    ) -> Shown {
        let shown = self.get(page).await.expect(200);
        let mut fields = shown.form(action);
        fields.retain(|(name, _)| !texts.iter().any(|(n, _)| n == name));
        fields.extend(texts.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        let mut body = Vec::new();
        for (name, value) in &fields {
            let part =
                format!("--pear\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (name, bytes) in files {
            let head = format!(
                "--pear\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"x\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--pear--\r\n");
        let request = Request::post(action)
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=pear")
            .body(Body::from(body));
        self.send(request.expect("a request")).await
    }

    /// The page that a 303 leads to.
    pub async fn follow(&self, shown: &Shown) -> Shown {
        assert_eq!(shown.status, StatusCode::SEE_OTHER, "{}", shown.words());
        self.get(shown.location()).await.expect(200)
    }
}

/// Fields as a form sends them.
pub fn encode(fields: &[(&str, &str)]) -> String {
    let part = |text: &str| {
        text.bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect::<String>()
    };
    fields.iter().map(|(n, v)| format!("{}={}", part(n), part(v))).collect::<Vec<_>>().join("&")
}

/// Everything that a browser or a program reaches.
pub fn network(app: &App) -> Router {
    web::routes(app.clone())
}

/// A hash of [`PASSWORD`]: made once, it is slow on purpose.
pub fn password_hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| passwords::hash(PASSWORD, b"sixteen bytes ok").expect("a hash")).clone()
}

impl World {
    pub fn browser(&self) -> Browser {
        Browser::new(network(&self.app))
    }

    /// An account, made as the console makes it.
    pub fn account(&self, name: &str, role: Role) -> Account {
        let newcomer = accounts::Newcomer {
            name: name.into(),
            full_name: format!("{} of the orchard", name),
            role,
            password: password_hash(),
        };
        let now = self.now();
        self.write(move |w| accounts::add(w, &Actor::console(), &newcomer, now))
    }

    /// A browser in which this account is signed in. The session is put into the store as sign-in would.
    pub fn signed_in(&self, account: &Account) -> Browser {
        let secret = hex::encode(roll::<32>(self.dice()));
        let session = Session {
            account: account.name.clone(),
            csrf: {
                use base64::Engine as _;
                base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(roll::<32>(self.dice()))
            },
            created: self.now(),
            used: self.now(),
            from: "192.0.2.10, Safari on Mac".into(),
        };
        let (account, hash, now) = (account.clone(), sha256(secret.as_bytes()), self.now());
        let span = Span { idle_secs: 900, max_secs: 43_200, per_account: 100 };
        self.write(move |w| sessions::open(w, &account, &hash, session, span, now));
        let browser = self.browser();
        browser.set_cookie("__Host-pomona", &secret);
        browser
    }

    /// A browser with an owner in it.
    pub fn owner(&self) -> Browser {
        let account = store::accounts::get(&self.read(), "ada").expect("readable");
        let account = account.unwrap_or_else(|| self.account("ada", Role::Owner));
        self.signed_in(&account)
    }

    /// The text of a fresh token.
    pub fn token(&self, name: &str, role: Role) -> String {
        let text = format!("{}{}", tokens::TEXT_PREFIX, hex::encode(roll::<32>(self.dice())));
        let (hash, name, now) = (sha256(text.as_bytes()), name.to_owned(), self.now());
        self.write(move |w| {
            tokens::make(w, &Actor::console(), &name, role, Some(30), &hash, now).map(|_| ())
        });
        text
    }

    pub fn token_row(&self, text: &str) -> Option<ApiToken> {
        store::accounts::token(&self.read(), &sha256(text.as_bytes())).expect("readable")
    }

    /// Number of the latest commit: it stays while nothing is written.
    pub fn commit(&self) -> u64 {
        *self.app.store.watch().borrow()
    }
}
