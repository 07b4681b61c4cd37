//! Forms from elsewhere change nothing.

use axum::body::Body;
use axum::http::{Request, header};
use pomona::model::account::Role;
use pomona::web::routes::rules;
use pomona::web::table::{Audience, Method};

use super::matrix::Office;
use crate::web::browser::{ORIGIN, encode};
use crate::web::device::pretend::World;

#[tokio::test]
async fn every_form_without_its_own_token_or_from_elsewhere_is_refused_and_changes_nothing() {
    let world = World::new();
    let office = Office::open(&world).await;
    let (browser, other) = (world.owner(), world.signed_in(&world.account("eve", Role::Owner)));
    let token_of = async |b: &crate::web::browser::Browser| {
        b.get("/profilemanager").await.form("/profilemanager/signout")[0].1.clone()
    };
    let (own, foreign) = (token_of(&browser).await, token_of(&other).await);
    let before = world.commit();
    let posts = rules().into_iter().filter(|r| r.method == Method::Post && r.audience == Audience::People);
    for rule in posts {
        let path = office.path(rule.path);
        let form = "application/x-www-form-urlencoded";
        let cases = [
            ("no token", Some(ORIGIN), Some("same-origin"), form, String::new()),
            (
                "another session's token",
                Some(ORIGIN),
                Some("same-origin"),
                form,
                encode(&[("csrf", &foreign)]),
            ),
            (
                "a made-up token",
                Some(ORIGIN),
                Some("same-origin"),
                form,
                encode(&[("csrf", &"A".repeat(86))]),
            ),
            (
                "another site",
                Some("https://evil.example"),
                Some("cross-site"),
                form,
                encode(&[("csrf", &own)]),
            ),
            (
                "a sister site",
                Some("https://www.example.org"),
                Some("same-site"),
                form,
                encode(&[("csrf", &own)]),
            ),
            ("no origin at all", None, None, form, encode(&[("csrf", &own)])),
            ("origin null", Some("null"), None, form, encode(&[("csrf", &own)])),
            (
                "only its origin is wrong",
                Some("http://mdm.example.org"),
                Some("same-origin"),
                form,
                encode(&[("csrf", &own)]),
            ),
            ("no form", Some(ORIGIN), Some("same-origin"), "text/plain", encode(&[("csrf", &own)])),
        ];
        for (what, origin, site, kind, body) in cases {
            let mut request = Request::post(&path).header(header::CONTENT_TYPE, kind);
            if let Some(origin) = origin {
                request = request.header(header::ORIGIN, origin);
            }
            if let Some(site) = site {
                request = request.header("sec-fetch-site", site);
            }
            let answer = browser.send(request.body(Body::from(body)).expect("a request")).await;
            let refused = answer.status == 403 || answer.status == 400;
            assert!(refused, "{what}: POST {path} answered {}", answer.status);
        }
    }
    assert_eq!(world.commit(), before, "a refused form wrote into the store");
}

#[tokio::test]
async fn the_form_token_looks_different_on_each_page_and_works_on_each() {
    let world = World::new();
    let browser = world.owner();
    let page = async || browser.get("/profilemanager").await.form("/profilemanager/signout")[0].1.clone();
    let (first, second) = (page().await, page().await);
    assert_ne!(first, second);
    let new = "/profilemanager/enrollment/new";
    for token in [first, second] {
        browser.post(new, &[("csrf", &token), ("label", "x"), ("hours", "1")]).await.expect(303);
    }
}

#[tokio::test]
async fn sign_in_itself_cannot_be_sent_from_elsewhere() {
    let world = World::new();
    world.account("ada", Role::Owner);
    let (victim, attacker) = (world.browser(), world.browser());
    let page = attacker.get("/profilemanager/signin").await.expect(200);
    let token = page.form("/profilemanager/signin")[0].1.clone();
    let fields = [("csrf", token.as_str()), ("name", "ada"), ("password", crate::web::browser::PASSWORD)];
    victim.post("/profilemanager/signin", &fields).await.expect(403);
    assert!(victim.cookie("__Host-pomona").is_none());
}
