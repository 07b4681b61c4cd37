//! The first administrator, sign-in, and those who guess.

use pomona::actions::accounts;
use pomona::model::account::{Account, Actor, Role};
use pomona::store;

use crate::web::browser::{PASSWORD, encode};
use crate::web::device::pretend::World;

const SETUP: &str = "/profilemanager/setup";
const SIGN_IN: &str = "/profilemanager/signin";

fn code(world: &World) -> String {
    let code = accounts::fresh_setup_code(&pomona::model::edge::roll(world.dice()));
    let (kept, now) = (code.clone(), world.now());
    world.write(move |w| accounts::renew_setup_code(w, &Actor::console(), &kept, now));
    code
}

fn newcomer(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("code", code),
        ("organization", "Orchard Ltd"),
        ("full_name", "Ada Lovelace"),
        ("name", "Ada"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ]
}

fn accounts_of(world: &World) -> Vec<Account> {
    store::accounts::list(&world.read()).expect("readable")
}

#[tokio::test]
async fn the_first_administrator_is_made_with_the_setup_code_and_is_signed_in() {
    let world = World::new();
    let code = code(&world);
    let browser = world.browser();
    assert_eq!(browser.get("/profilemanager").await.expect(303).location(), SIGN_IN);
    assert_eq!(browser.get(SIGN_IN).await.expect(303).location(), SETUP, "nobody can sign in yet");
    // People type codes in their own way.
    let typed = code.to_lowercase().replace('-', " ");
    let done = browser.fill(SETUP, SETUP, &newcomer(&typed)).await;
    let overview = browser.follow(&done).await;
    assert!(overview.says("Ada Lovelace"), "{}", overview.words());
    let made = accounts_of(&world);
    assert_eq!((made[0].name.as_str(), made[0].role), ("ada", Role::Owner));
    assert!(made[0].password.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    let settings = store::settings::get(&world.read()).expect("readable").expect("settings");
    assert_eq!((settings.organization.as_str(), settings.setup_code), ("Orchard Ltd", None));
}

#[tokio::test]
async fn a_setup_code_works_once() {
    let world = World::new();
    let code = code(&world);
    let (first, second) = (world.browser(), world.browser());
    let page = second.get(SETUP).await.expect(200);
    first.fill(SETUP, SETUP, &newcomer(&code)).await.expect(303);
    let late = second.submit(&page, SETUP, &newcomer(&code)).await.expect(409);
    assert!(late.says("setup.done"), "{}", late.words());
    assert_eq!(accounts_of(&world).len(), 1);
    assert_eq!(second.get(SETUP).await.expect(303).location(), SIGN_IN);
}

#[tokio::test]
async fn a_wrong_or_old_setup_code_makes_nobody() {
    let world = World::new();
    let code = code(&world);
    let browser = world.browser();
    let wrong = browser.fill(SETUP, SETUP, &newcomer("00000-00000-00000-00000")).await.expect(403);
    assert!(wrong.says("not the setup code") && wrong.text().contains("value=\"Ada Lovelace\""));
    assert!(!wrong.text().contains(PASSWORD), "a password is never sent back");
    world.pass(24 * 3600);
    assert!(browser.fill(SETUP, SETUP, &newcomer(&code)).await.expect(403).says("more than a day old"));
    assert!(accounts_of(&world).is_empty());
}

#[tokio::test]
async fn weak_or_different_passwords_are_refused_with_the_reason() {
    let world = World::new();
    let code = code(&world);
    let browser = world.browser();
    for (password, again, words) in [
        ("short", "short", "at least 15 characters"),
        (PASSWORD, "eight pears in a wooden bowL", "not the same"),
        ("aaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaa", "same few characters"),
        ("password1234567890", "password1234567890", "guesser"),
        ("Ada.ada.ada-ada_1!", "Ada.ada.ada-ada_1!", "sign-in name"),
    ] {
        let mut fields = newcomer(&code);
        fields.retain(|(name, _)| !name.starts_with("password"));
        fields.extend([("password", password), ("password_again", again)]);
        let shown = browser.fill(SETUP, SETUP, &fields).await.expect(422);
        assert!(shown.says(words), "{password}: {}", shown.words());
    }
    assert!(accounts_of(&world).is_empty());
}

#[tokio::test]
async fn an_account_made_at_the_console_ends_the_setup() {
    let world = World::new();
    let code = code(&world);
    world.account("grace", Role::Owner);
    assert_eq!(world.browser().get(SETUP).await.expect(303).location(), SIGN_IN);
    let page = world.browser();
    let form = page.get(SIGN_IN).await.expect(200);
    let csrf = form.form(SIGN_IN)[0].1.clone();
    let mut fields = newcomer(&code);
    fields.push(("csrf", &csrf));
    assert!(page.post(SETUP, &fields).await.expect(409).says("set up already"));
}

#[tokio::test]
async fn name_and_password_open_a_session_and_lead_to_where_one_wanted_to_go() {
    let world = World::new();
    world.account("ada", Role::Owner);
    let browser = world.browser();
    let away = browser.get("/profilemanager/devices?q=ipad&state=pending").await.expect(303);
    let sign_in = away.location().to_owned();
    let page = browser.get(&sign_in).await.expect(200);
    let done = browser.submit(&page, SIGN_IN, &[("name", " ADA "), ("password", PASSWORD)]).await.expect(303);
    assert_eq!(done.location(), "/profilemanager/devices?q=ipad&state=pending");
    browser.follow(&done).await;
    assert_eq!(browser.get(SIGN_IN).await.expect(303).location(), "/profilemanager", "signed in already");
}

#[tokio::test]
async fn what_is_wrong_is_not_told_apart() {
    let world = World::new();
    let suspended = world.account("eve", Role::Admin);
    world.account("ada", Role::Owner);
    let now = world.now();
    world.write(move |w| accounts::suspend(w, &Actor::console(), &suspended.name, now).map(|_| ()));
    let mut said = Vec::new();
    for (name, password) in [
        ("ada", "not the password at all"),
        ("nobody", PASSWORD),
        ("eve", PASSWORD),
        ("", ""),
        ("ada'; --", PASSWORD),
    ] {
        let browser = world.browser();
        let shown =
            browser.fill(SIGN_IN, SIGN_IN, &[("name", name), ("password", password)]).await.expect(403);
        said.push(shown.words().replace(name, ""));
        assert!(browser.cookie("__Host-pomona").is_none());
    }
    assert!(said.iter().all(|s| s.contains("The name or the password is wrong.")));
}

#[tokio::test]
async fn a_guesser_waits_longer_each_time_even_when_right_and_nobody_else_waits() {
    let world = World::new();
    world.account("ada", Role::Owner);
    world.account("grace", Role::Owner);
    let wrong = [("name", "ada"), ("password", "not the password at all")];
    let right = [("name", "ada"), ("password", PASSWORD)];
    let browser = world.browser();
    browser.fill(SIGN_IN, SIGN_IN, &wrong).await.expect(403);
    let locked = browser.fill(SIGN_IN, SIGN_IN, &right).await.expect(429);
    assert_eq!(locked.header("retry-after"), "1");
    // Headers about other addresses change nothing, and neither does another address.
    let page = browser.get(SIGN_IN).await.expect(200);
    let csrf = page.form(SIGN_IN)[0].1.clone();
    let mut fields = right.to_vec();
    fields.push(("csrf", &csrf));
    for header in ["x-forwarded-for", "true-client-ip", "x-real-ip", "forwarded"] {
        let request = axum::http::Request::post(SIGN_IN)
            .header("origin", crate::web::browser::ORIGIN)
            .header("content-type", "application/x-www-form-urlencoded")
            .header(header, "203.0.113.7")
            .body(axum::body::Body::from(encode(&fields)));
        browser.send(request.expect("a request")).await.expect(429);
    }
    world.browser().at("203.0.113.7").fill(SIGN_IN, SIGN_IN, &right).await.expect(429);
    world.browser().fill(SIGN_IN, SIGN_IN, &[("name", "grace"), ("password", PASSWORD)]).await.expect(303);
    let mut waits = Vec::new();
    for _ in 0..4 {
        world.pass(
            browser.fill(SIGN_IN, SIGN_IN, &right).await.header("retry-after").parse().expect("seconds"),
        );
        browser.fill(SIGN_IN, SIGN_IN, &wrong).await.expect(403);
        waits.push(browser.fill(SIGN_IN, SIGN_IN, &right).await.expect(429).header("retry-after").to_owned());
    }
    assert_eq!(waits, ["2", "4", "8", "16"]);
    world.pass(16);
    browser.fill(SIGN_IN, SIGN_IN, &right).await.expect(303);
    let told: Vec<_> =
        world.activities().into_iter().filter(|a| a.alert && a.text.contains("failed sign-ins")).collect();
    assert_eq!(told.len(), 1, "the list hears of it, once");
}

#[tokio::test]
async fn tries_at_once_are_not_cheaper_than_one_after_the_other() {
    let world = World::new();
    world.account("ada", Role::Owner);
    let browser = world.browser();
    let page = browser.get(SIGN_IN).await.expect(200);
    let tries = [("name", "ada"), ("password", "not the password at all")];
    let (a, b, c) = tokio::join!(
        browser.submit(&page, SIGN_IN, &tries),
        browser.submit(&page, SIGN_IN, &tries),
        browser.submit(&page, SIGN_IN, &tries),
    );
    let mut statuses = [a.status.as_u16(), b.status.as_u16(), c.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [403, 429, 429], "one password was looked at");
}

#[tokio::test]
async fn a_demo_tells_how_to_sign_in_and_a_server_does_not() {
    let world = World::new();
    world.account("ada", Role::Owner);
    assert!(!world.browser().get(SIGN_IN).await.expect(200).says("demo"));
    let config = pomona::web::WebConfig {
        demo: true,
        demo_sign_in: Some(("demo".into(), "walk among the apple trees".into())),
        ..pomona::web::WebConfig::default()
    };
    let demo = World { app: world.app.clone().with_config(config), ..world };
    let page = demo.browser().get(SIGN_IN).await.expect(200);
    assert!(page.says("Sign in as demo with the password walk among the apple trees"));
    assert!(page.headers.get("strict-transport-security").is_none());
}

#[tokio::test]
async fn few_passwords_are_looked_at_at_once_and_the_rest_are_sent_away_not_counted() {
    let world = World::new();
    world.account("ada", Role::Owner);
    let config =
        pomona::web::WebConfig { hashes_at_once: 1, hashes_waiting: 2, ..pomona::web::WebConfig::default() };
    let world = World { app: world.app.clone().with_config(config), ..world };
    let mut tries = Vec::new();
    for n in 0..12 {
        let browser = world.browser().at(&format!("192.0.{n}.1"));
        let page = browser.get(SIGN_IN).await.expect(200);
        tries.push(tokio::spawn(async move {
            let name = format!("stranger{n}");
            let fields = [("name", name.as_str()), ("password", "not the password at all")];
            let answer = browser.submit(&page, SIGN_IN, &fields).await;
            (browser, page, answer)
        }));
    }
    let (mut refused, mut busy) = (0, Vec::new());
    for one in tries {
        let (browser, page, answer) = one.await.expect("an answer");
        match answer.status.as_u16() {
            403 => refused += 1,
            503 => {
                assert!(answer.says("Too many people are signing in") && answer.header("retry-after") == "2");
                busy.push((browser, page));
            }
            other => panic!("{other}: {}", answer.words()),
        }
    }
    assert_eq!((refused, busy.len()), (3, 9));
    // It was no failure: the right password works at once.
    let (browser, page) = busy.remove(0);
    browser.submit(&page, SIGN_IN, &[("name", "ada"), ("password", PASSWORD)]).await.expect(303);
}
