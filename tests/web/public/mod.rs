//! Pages for everybody.

use axum::body::Body;
use axum::http::{Request, header};

use crate::web::device::pretend::World;

const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/26.1 Mobile/15E148 Safari/604.1";
const CHROME: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      CriOS/140.0 Mobile/15E148 Safari/604.1";

#[tokio::test]
async fn the_start_page_leads_to_the_portal_and_tells_nothing_else() {
    let world = World::new();
    let start = world.browser().get("/").await.expect(200);
    assert!(start.says("Orchard") && start.text().contains("href=\"/profilemanager\""));
}

#[tokio::test]
async fn an_enrollment_link_says_what_happens_and_has_one_download() {
    let world = World::new();
    let (_, token) = world.ticket(|t| t.label = "Sales iPhones".into());
    let browser = world.browser();
    let page = browser.get(&format!("/enroll/{token}")).await.expect(200);
    let tags = page.tags();
    let downloads: Vec<_> =
        tags.iter().filter(|t| t.get("href").is_some_and(|h| h.ends_with("/profile"))).collect();
    assert_eq!(downloads.len(), 1);
    for words in ["Orchard", "Sales iPhones", "Profile Downloaded", "Device Management", "Not"] {
        assert!(page.says(words), "{words}");
    }
    let file = browser.get(downloads[0].get("href").expect("href")).await.expect(200);
    assert_eq!(file.header("content-type"), "application/x-apple-aspen-config");
    assert_eq!(file.header("cache-control"), "no-store");
    assert_eq!(page.header("cache-control"), "no-store", "the address is a key");
}

#[tokio::test]
async fn whoever_opens_a_link_in_another_browser_is_told_to_use_safari() {
    let world = World::new();
    let (_, token) = world.ticket(|_| ());
    let browser = world.browser();
    let as_agent = async |agent: &str| {
        let request = Request::get(format!("/enroll/{token}")).header(header::USER_AGENT, agent);
        browser
            .send(request.body(Body::empty()).expect("a request"))
            .await
            .expect(200)
            .says("Open this page in Safari.")
    };
    assert!(as_agent(CHROME).await);
    assert!(!as_agent(SAFARI).await);
    assert!(!as_agent("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Firefox/140.0").await);
}

#[tokio::test]
async fn a_closed_link_says_why() {
    let world = World::new();
    let browser = world.browser();
    let now = world.now();
    let cases = [
        (world.ticket(|t| t.revoked = Some(now)).1, "was taken back"),
        (world.ticket(|t| t.expires = now).1, "limited time"),
        (world.ticket(|t| (t.max_uses, t.uses) = (Some(1), 1)).1, "all of them have enrolled"),
    ];
    for (token, words) in cases {
        let page = browser.get(&format!("/enroll/{token}")).await.expect(410);
        assert!(page.says(words) && !page.text().contains("/profile\""), "{}", page.words());
        assert!(page.says("What to do now"));
    }
    let unknown = browser.get("/enroll/no-such-token").await.expect(404);
    assert!(unknown.says("does not exist"));
    for guess in ["00008120-000000000000001A", "SER12345678", "mdm.example.org"] {
        assert_eq!(browser.get(&format!("/enroll/{guess}")).await.expect(404).words(), unknown.words());
    }
}

#[tokio::test]
async fn files_of_the_pages_are_known_by_their_content() {
    let world = World::new();
    let browser = world.browser();
    let css = browser.get("/assets/pomona.css").await.expect(200);
    assert_eq!(css.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(css.header("cache-control"), "no-cache");
    let tag = css.header("etag").to_owned();
    let again = Request::get("/assets/pomona.css").header(header::IF_NONE_MATCH, &tag);
    let again = browser.send(again.body(Body::empty()).expect("a request")).await.expect(304);
    assert!(again.body.is_empty());
    // The catalogue lies beside it for the program alone.
    browser.get("/assets/catalog/profiles.json").await.expect(404);
    let lasting = browser.get(&format!("/assets/pomona.css?v={}", tag.trim_matches('"'))).await.expect(200);
    assert_eq!(lasting.header("cache-control"), "public, max-age=31536000, immutable");
    for missing in ["/assets/none.css", "/assets/../Cargo.toml", "/assets/%2e%2e/Cargo.toml", "/assets/"] {
        assert_eq!(browser.get(missing).await.status, 404, "{missing}");
    }
}

#[tokio::test]
async fn every_file_that_a_page_names_is_there() {
    let world = World::new();
    let browser = world.owner();
    let page = browser.get("/profilemanager").await.expect(200);
    for tag in page.tags() {
        for name in ["href", "src"] {
            if let Some(address) = tag.get(name).filter(|a| a.starts_with("/assets/")) {
                browser.get(address.split('#').next().expect("a path")).await.expect(200);
            }
        }
    }
}
