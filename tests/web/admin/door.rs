//! The door: hosts, headers, where one is led, panics, sizes.

use axum::body::Body;
use axum::http::{Request, header};
use pomona::web::edge::CONTENT_SECURITY_POLICY;

use crate::web::browser::network;
use crate::web::device::pretend::World;

#[tokio::test]
async fn a_request_for_another_host_is_sent_away() {
    let world = World::new();
    let browser = world.browser();
    let ask = |host: &str, uri: &str| {
        Request::get(uri).header(header::HOST, host).body(Body::empty()).expect("a request")
    };
    for host in ["mdm.example.org", "MDM.example.org", "mdm.example.org:8443", "mdm.example.org."] {
        browser.send(ask(host, "/")).await.expect(200);
    }
    for host in
        ["evil.example", "mdm.example.org.evil.example", "evil@mdm.example.org", "127.0.0.1", "[::1]", ""]
    {
        let away = browser.send(ask(host, "/profilemanager/signin")).await;
        assert!(away.status == 421 || away.status == 400, "{host}: {}", away.status);
        assert!(!away.text().contains("evil"), "{host}");
    }
    browser.send(ask("mdm.example.org", "https://evil.example/")).await.expect(400);
    let two = Request::get("/").header(header::HOST, "mdm.example.org").header(header::HOST, "evil.example");
    browser.send(two.body(Body::empty()).expect("a request")).await.expect(400);
    browser.send(ask("evil.example", "/mdm")).await.expect(421);
}

#[tokio::test]
async fn every_page_carries_the_strict_headers_and_an_id() {
    let world = World::new();
    let browser = world.owner();
    for path in
        ["/", "/profilemanager", "/profilemanager/devices", "/nowhere", "/enroll/unknown", "/api/v1/devices"]
    {
        let shown = browser.get(path).await;
        assert_eq!(shown.header("content-security-policy"), CONTENT_SECURITY_POLICY, "{path}");
        assert_eq!(shown.header("x-content-type-options"), "nosniff");
        assert_eq!(shown.header("referrer-policy"), "no-referrer");
        assert_eq!(shown.header("cache-control"), "no-store");
        assert_eq!(shown.header("strict-transport-security"), "max-age=31536000");
        assert_eq!(shown.header("x-request-id").len(), 12);
    }
    assert_eq!(
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
}

#[tokio::test]
async fn an_error_says_what_happened_and_what_to_do_and_how_to_find_it_in_the_logs() {
    let world = World::new();
    let browser = world.owner();
    let lost = browser.get("/profilemanager/devices/NO-SUCH-DEVICE").await.expect(404);
    let id = lost.header("x-request-id").to_owned();
    for words in ["There is no such device", "What to do now", "device.unknown", id.as_str()] {
        assert!(lost.says(words), "{words}: {}", lost.words());
    }
    let nowhere = browser.get("/profilemanager/nowhere").await.expect(404);
    assert!(nowhere.says("page.unknown"));
    let wrong = browser.get("/profilemanager/signout").await.expect(405);
    assert!(wrong.says("page.method"));
    let garbled = browser.get("/profilemanager/devices/%ff%fe").await.expect(400);
    assert!(garbled.says("What to do now"), "{}", garbled.words());
}

#[tokio::test]
async fn next_leads_to_our_own_pages_only() {
    let world = World::new();
    let ada = world.account("ada", pomona::model::account::Role::Owner);
    let browser = world.signed_in(&ada);
    let to = async |next: &str| {
        let path = format!("/profilemanager/signin?{}", crate::web::browser::encode(&[("next", next)]));
        browser.get(&path).await.expect(303).location().to_owned()
    };
    for evil in [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/profilemanager",
        "%2f%2fevil.example",
        "/profilemanager/../../evil",
        "/profilemanager//evil.example",
        "/profilemanager/devices/..%2f..%2fevil",
        "/profilemanager/devices\r\nSet-Cookie: a=b",
        "/profilemanager.evil.example",
        "javascript:alert(1)",
        "/profilemanager/signout",
        "/mdm",
        "",
    ] {
        assert_eq!(to(evil).await, "/profilemanager", "{evil:?}");
    }
    assert_eq!(to("/profilemanager/devices/A%20B/profiles").await, "/profilemanager/devices/A%20B/profiles");
    assert_eq!(to("/profilemanager/devices?q=a b&x=y").await, "/profilemanager", "not an address");
    assert_eq!(to("/profilemanager/devices?q=a%26b&evil=1").await, "/profilemanager/devices?q=a%26b");
}

#[tokio::test]
async fn a_panic_is_answered_with_500_and_nothing_else_dies() {
    let world = World::new();
    let mut app = world.app.clone();
    let hooks = pomona::web::Hooks {
        log_level: std::sync::Arc::new(|| panic!("a mistake of ours, on purpose")),
        ..app.hooks.clone()
    };
    app = app.with_hooks(hooks);
    let world = World { app, ..world };
    let browser = world.owner();
    let failed = browser.get("/profilemanager/logs").await.expect(500);
    assert!(failed.says("server.panic") && !failed.says("on purpose"), "{}", failed.words());
    let token = world.token("x", pomona::model::account::Role::Owner);
    let program = crate::web::browser::Program::with_token(&world, &token);
    assert_eq!(program.get("/api/v1/log-level").await.expect(500).code(), "server.panic");
    browser.get("/profilemanager").await.expect(200);
}

#[tokio::test]
async fn a_body_larger_than_its_route_takes_is_refused() {
    let world = World::new();
    let browser = world.owner();
    let large = vec![b'x'; (10 << 20) + 20_000];
    let import = "/profilemanager/profiles/import";
    let shown = browser.upload(import, import, &[("profile", &large)], &[]).await.expect(413);
    assert!(shown.says("body.large"));
    let token = world.token("x", pomona::model::account::Role::Owner);
    let program = crate::web::browser::Program::with_token(&world, &token);
    let shown = program.send("POST", "/api/v1/tokens", vec![b' '; (1 << 20) + 1]).await.expect(413);
    assert_eq!(shown.code(), "body.large");
}

#[tokio::test]
async fn pages_are_compressed_for_those_who_can_read_it_and_device_answers_are_not() {
    let world = World::new();
    let browser = world.owner();
    let ask = |path: &str| {
        Request::get(path).header(header::ACCEPT_ENCODING, "gzip").body(Body::empty()).expect("a request")
    };
    assert_eq!(browser.send(ask("/profilemanager/help")).await.header("content-encoding"), "gzip");
    let (_, token) = world.ticket(|_| ());
    let profile = browser.send(ask(&format!("/enroll/{token}/profile"))).await.expect(200);
    assert_eq!(profile.header("content-encoding"), "");
}

#[tokio::test]
async fn a_get_changes_nothing_whoever_asks() {
    let world = World::new();
    let office = super::matrix::Office::open(&world).await;
    let browser = world.owner();
    let _ = network(&world.app);
    let before = world.commit();
    for rule in pomona::web::routes::rules() {
        if rule.method == pomona::web::table::Method::Get && rule.path.starts_with("/") {
            browser.get(&office.path(rule.path)).await;
        }
    }
    assert_eq!(world.commit(), before, "a GET wrote into the store");
}
