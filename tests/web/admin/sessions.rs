//! Sessions: how they live and end.

use pomona::actions::accounts;
use pomona::model::account::{Actor, Role};
use pomona::store;

use crate::web::browser::{PASSWORD, password_hash};
use crate::web::device::pretend::World;

const SIGN_IN: &str = "/profilemanager/signin";

#[tokio::test]
async fn a_session_ends_a_quarter_of_an_hour_after_its_last_request() {
    let world = World::new();
    let browser = world.owner();
    for _ in 0..4 {
        world.pass(14 * 60);
        browser.get("/profilemanager").await.expect(200);
    }
    world.pass(15 * 60);
    browser.get("/profilemanager").await.expect(303);
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_whatever_is_done_with_it() {
    let world = World::new();
    let browser = world.owner();
    for _ in 0..(12 * 6 - 1) {
        world.pass(600);
        browser.get("/profilemanager/help").await.expect(200);
    }
    world.pass(600);
    browser.get("/profilemanager/help").await.expect(303);
}

#[tokio::test]
async fn signing_in_gives_a_new_secret_and_ends_the_old_session() {
    let world = World::new();
    world.account("ada", Role::Owner);
    let browser = world.browser();
    browser.set_cookie("__Host-pomona", "chosen-by-somebody-else");
    browser.fill(SIGN_IN, SIGN_IN, &[("name", "ada"), ("password", PASSWORD)]).await.expect(303);
    let first = browser.cookie("__Host-pomona").expect("a session");
    assert_ne!(first, "chosen-by-somebody-else");
    assert_eq!(first.len(), 43, "256 bits in base64url");
    // Once more, from a page that was open before.
    let page = browser.get("/profilemanager").await.expect(200);
    let csrf = page.form("/profilemanager/signout")[0].1.clone();
    let fields = [("csrf", csrf.as_str()), ("name", "ada"), ("password", PASSWORD)];
    browser.post(SIGN_IN, &fields).await.expect(303);
    assert_ne!(browser.cookie("__Host-pomona").expect("a session"), first);
    let thief = world.browser();
    thief.set_cookie("__Host-pomona", &first);
    thief.get("/profilemanager").await.expect(303);
}

#[tokio::test]
async fn only_the_hash_of_the_secret_is_stored() {
    let world = World::new();
    world.account("ada", Role::Owner);
    let browser = world.browser();
    browser.fill(SIGN_IN, SIGN_IN, &[("name", "ada"), ("password", PASSWORD)]).await.expect(303);
    let secret = browser.cookie("__Host-pomona").expect("a session");
    let sessions = store::accounts::sessions_of(&world.read(), "ada").expect("readable");
    assert_eq!(sessions[0].0, pomona::wire::key::sha256(secret.as_bytes()));
    assert!(!format!("{sessions:?}").contains(&secret));
}

#[tokio::test]
async fn the_sixth_session_makes_the_longest_unused_one_go() {
    let world = World::new();
    world.account("ada", Role::Owner);
    let mut browsers = Vec::new();
    for _ in 0..6 {
        let browser = world.browser();
        browser.fill(SIGN_IN, SIGN_IN, &[("name", "ada"), ("password", PASSWORD)]).await.expect(303);
        browsers.push(browser);
        world.pass(1);
    }
    browsers[0].get("/profilemanager").await.expect(303);
    for browser in &browsers[1..] {
        browser.get("/profilemanager").await.expect(200);
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server_too() {
    let world = World::new();
    let browser = world.owner();
    let secret = browser.cookie("__Host-pomona").expect("a session");
    browser.fill("/profilemanager", "/profilemanager/signout", &[]).await.expect(200);
    assert!(browser.cookie("__Host-pomona").is_none());
    browser.set_cookie("__Host-pomona", &secret);
    browser.get("/profilemanager").await.expect(303);
}

#[tokio::test]
async fn a_suspended_account_is_signed_out_everywhere_and_its_tokens_are_void() {
    let world = World::new();
    let owner = world.owner();
    let eve = world.account("eve", Role::Owner);
    let (one, other) = (world.signed_in(&eve), world.signed_in(&eve));
    let made = one
        .fill(
            "/profilemanager/tokens/new",
            "/profilemanager/tokens/new",
            &[("name", "nightly"), ("role", "admin")],
        )
        .await
        .expect(200);
    let token = made.tags().into_iter().find(|t| t.get("id") == Some("token")).expect("the token").text;
    let program = crate::web::browser::Program::with_token(&world, &token);
    program.get("/api/v1/devices").await.expect(200);
    owner.fill("/profilemanager/accounts", "/profilemanager/accounts/eve/suspend", &[]).await.expect(303);
    one.get("/profilemanager").await.expect(303);
    other.get("/profilemanager").await.expect(303);
    assert_eq!(program.get("/api/v1/devices").await.expect(401).code(), "access.token");
    owner.fill("/profilemanager/accounts", "/profilemanager/accounts/eve/resume", &[]).await.expect(303);
    one.get("/profilemanager").await.expect(303);
    program.get("/api/v1/devices").await.expect(401);
}

#[tokio::test]
async fn another_password_ends_every_session_of_the_account() {
    let world = World::new();
    let eve = world.account("eve", Role::Owner);
    let browser = world.signed_in(&eve);
    let other = world.owner();
    let now = world.now();
    let new =
        pomona::actions::passwords::hash("quite another long password", b"sixteen bytes ok").expect("hash");
    world.write(move |w| accounts::change_password(w, &Actor::console(), "eve", None, &new, now));
    browser.get("/profilemanager").await.expect(303);
    other.get("/profilemanager").await.expect(200);
}

#[tokio::test]
async fn nobody_changes_another_ones_password_over_the_network() {
    let world = World::new();
    world.account("eve", Role::Admin);
    let ada = Actor { name: "ada".into(), role: Role::Owner };
    world.account("ada", Role::Owner);
    let (now, new) = (world.now(), password_hash());
    for proved in [None, Some("$argon2id$something else")] {
        let (ada, new) = (ada.clone(), new.clone());
        let tried = world
            .app
            .store
            .write_blocking(move |w| accounts::change_password(w, &ada, "eve", proved, &new, now));
        assert_eq!(tried.expect_err("refused").code(), "account.password-others");
    }
}

#[tokio::test]
async fn an_action_by_someone_suspended_meanwhile_is_refused_in_its_own_transaction() {
    let world = World::new();
    world.account("ada", Role::Owner);
    world.account("eve", Role::Owner);
    let eve = Actor { name: "eve".into(), role: Role::Owner };
    let now = world.now();
    world.write(move |w| accounts::suspend(w, &Actor::console(), "eve", now).map(|_| ()));
    let tried = world.app.store.write_blocking(move |w| accounts::suspend(w, &eve, "ada", now));
    assert_eq!(tried.expect_err("refused").code(), "access.gone");
}

#[tokio::test]
async fn people_change_their_own_password_having_proved_the_present_one() {
    let world = World::new();
    let eve = world.account("eve", Role::Auditor);
    let (browser, other) = (world.signed_in(&eve), world.signed_in(&eve));
    let (me, form) = ("/profilemanager/me", "/profilemanager/me/password");
    let new = "quite another long password";
    let typed = |current: &'static str, new: &'static str, again: &'static str| {
        [("current", current), ("password", new), ("password_again", again)]
    };
    for (fields, status, words) in [
        (typed(PASSWORD, new, "something else entirely"), 422, "not the same"),
        (typed(PASSWORD, "short", "short"), 422, "at least 15 characters"),
        (typed(PASSWORD, PASSWORD, PASSWORD), 422, "the present one"),
        (typed("not the present one", new, new), 403, "The present password is wrong."),
    ] {
        let shown = browser.fill(me, form, &fields).await.expect(status);
        assert!(shown.says(words), "{words}: {}", shown.words());
    }
    browser.fill(me, form, &typed(PASSWORD, new, new)).await.expect(429);
    world.pass(1);
    let before = browser.cookie("__Host-pomona");
    let done = browser.fill(me, form, &typed(PASSWORD, new, new)).await;
    assert_ne!(browser.cookie("__Host-pomona"), before, "a new session");
    assert!(browser.follow(&done).await.says("Your password is changed."));
    other.get("/profilemanager").await.expect(303);
    world.browser().fill(SIGN_IN, SIGN_IN, &[("name", "eve"), ("password", new)]).await.expect(303);
}

#[tokio::test]
async fn people_see_where_they_are_signed_in_and_end_it_elsewhere() {
    let world = World::new();
    let eve = world.account("eve", Role::Auditor);
    let (browser, other) = (world.signed_in(&eve), world.signed_in(&eve));
    let page = browser.get("/profilemanager/me").await.expect(200);
    assert!(page.says("192.0.2.10, Safari on Mac") && page.says("this browser"), "{}", page.words());
    let done = browser.submit(&page, "/profilemanager/me/sessions/end", &[]).await;
    let shown = browser.follow(&done).await;
    assert!(shown.says("You are signed out in one other browser."));
    assert!(!shown.text().contains("/profilemanager/me/sessions/end"));
    other.get("/profilemanager").await.expect(303);
}

#[tokio::test]
async fn one_can_sign_out_from_the_page_of_an_error() {
    let world = World::new();
    let browser = world.owner();
    let lost = browser.get("/profilemanager/devices/NO-SUCH-DEVICE").await.expect(404);
    browser.submit(&lost, "/profilemanager/signout", &[]).await.expect(200);
    browser.get("/profilemanager").await.expect(303);
}
