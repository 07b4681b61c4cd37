//! A program: it speaks JSON, over the network with a token or at the socket.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt;
use pomona::web;
use serde_json::Value as Json;
use tower::ServiceExt;

use super::browser::{Shown, network};
use super::device::pretend::World;

/// A program: over the network with a token, or at the socket.
pub struct Program {
    router: Router,
    token: Option<String>,
}

impl Program {
    pub fn with_token(world: &World, token: &str) -> Self {
        Self { router: network(&world.app), token: Some(token.into()) }
    }

    pub fn stranger(world: &World) -> Self {
        Self { router: network(&world.app), token: None }
    }

    pub fn at_socket(world: &World) -> Self {
        Self { router: web::socket_routes(world.app.clone()), token: None }
    }

    pub async fn send(&self, method: &str, path: &str, body: impl Into<Body>) -> Shown {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "mdm.example.org");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let response = self.router.clone().oneshot(request.body(body.into()).expect("a request"));
        let (parts, body) = response.await.expect("an answer").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Shown { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Shown {
        self.send("GET", path, Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Json) -> Shown {
        self.send("POST", path, body.to_string()).await
    }
}

/// A profile file with one payload.
pub fn mobileconfig(identifier: &str, name: &str, uuid: &str, payload_type: &str, secret: &str) -> Vec<u8> {
    use pomona::wire::plist::{Dictionary, Value, to_xml};
    let dictionary = |pairs: Vec<(&str, Value)>| {
        let mut d = Dictionary::new();
        for (key, value) in pairs {
            d.insert(key.into(), value);
        }
        Value::Dictionary(d)
    };
    let payload = dictionary(vec![
        ("PayloadType", payload_type.into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", format!("{identifier}.wifi").into()),
        ("PayloadUUID", "11111111-2222-4333-8444-555555555555".into()),
        ("PayloadDisplayName", "Office network".into()),
        ("SSID_STR", "Orchard".into()),
        ("Password", secret.into()),
    ]);
    to_xml(&dictionary(vec![
        ("PayloadType", "Configuration".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", identifier.into()),
        ("PayloadUUID", uuid.into()),
        ("PayloadDisplayName", name.into()),
        ("PayloadDescription", "For everyone in the orchard.".into()),
        ("PayloadContent", Value::Array(vec![payload])),
    ]))
}
