//! Administrators and tokens.

use pomona::model::account::Role;

use crate::web::browser::{PASSWORD, Program};
use crate::web::device::pretend::World;

const NEW: &str = "/profilemanager/accounts/new";
const NEW_TOKEN: &str = "/profilemanager/tokens/new";

#[tokio::test]
async fn an_owner_adds_an_administrator_who_can_sign_in() {
    let world = World::new();
    let owner = world.owner();
    let fields = [
        ("full_name", "Grace Hopper"),
        ("name", "Grace"),
        ("role", "helpdesk"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    let done = owner.fill(NEW, NEW, &fields).await;
    assert!(owner.follow(&done).await.says("Grace Hopper can sign in as grace."));
    let grace = world.browser();
    let sign_in = "/profilemanager/signin";
    grace.fill(sign_in, sign_in, &[("name", "grace"), ("password", PASSWORD)]).await.expect(303);
    grace.get("/profilemanager/devices").await.expect(200);
    let refused = grace.get(NEW).await.expect(403);
    assert!(refused.says("manage accounts and tokens") && refused.says("access.role"));
}

#[tokio::test]
async fn what_is_wrong_with_a_new_account_is_said_beside_its_field() {
    let world = World::new();
    let owner = world.owner();
    for (name, role, words) in [
        ("ada", "admin", "There is an account ada already."),
        ("Ada Lovelace", "admin", "without spaces"),
        ("console", "admin", "stands for the server itself"),
        ("grace", "emperor", "Roles are owner, admin, helpdesk and auditor."),
    ] {
        let fields = [
            ("full_name", "x"),
            ("name", name),
            ("role", role),
            ("password", PASSWORD),
            ("password_again", PASSWORD),
        ];
        let shown = owner.fill(NEW, NEW, &fields).await;
        assert!(shown.status.is_client_error() && shown.says(words), "{name}: {}", shown.words());
        assert!(!shown.text().contains(PASSWORD));
    }
}

#[tokio::test]
async fn the_last_owner_stays_and_nobody_suspends_themselves() {
    let world = World::new();
    let owner = world.owner();
    let csrf = owner.get("/profilemanager").await.form("/profilemanager/signout")[0].1.clone();
    let tried = owner.post("/profilemanager/accounts/ada/suspend", &[("csrf", &csrf)]).await.expect(409);
    assert!(tried.says("account.yourself"));
    let program = Program::at_socket(&world);
    let tried = program.post("/api/v1/accounts/ada/suspend", serde_json::json!({})).await.expect(409);
    assert_eq!(tried.code(), "account.last-owner");
    world.account("grace", Role::Owner);
    program.post("/api/v1/accounts/ada/suspend", serde_json::json!({})).await.expect(200);
}

#[tokio::test]
async fn a_token_is_shown_once_and_only_its_hash_is_kept() {
    let world = World::new();
    let owner = world.owner();
    let fields = [("name", "nightly report"), ("role", "auditor"), ("days", "30")];
    let made = owner.fill(NEW_TOKEN, NEW_TOKEN, &fields).await.expect(200);
    let token = made.tags().into_iter().find(|t| t.get("id") == Some("token")).expect("the token").text;
    assert!(token.starts_with("pomona_") && token.len() == 50);
    assert_eq!(made.header("cache-control"), "no-store");
    let list = owner.get("/profilemanager/accounts").await.expect(200);
    assert!(list.says("nightly report") && !list.text().contains(&token));
    let row = world.token_row(&token).expect("a row");
    assert_eq!((row.role, row.expires), (Role::Auditor, world.now().plus_secs(30 * 86_400)));
    Program::with_token(&world, &token).get("/api/v1/devices").await.expect(200);
}

#[tokio::test]
async fn a_token_ends_in_time_and_when_it_is_revoked() {
    let world = World::new();
    let owner = world.owner();
    let token = world.token("nightly", Role::Admin);
    let program = Program::with_token(&world, &token);
    program.get("/api/v1/devices").await.expect(200);
    let list = owner.get("/profilemanager/accounts").await.expect(200);
    let revoke = list
        .tags()
        .into_iter()
        .find_map(|t| t.get("href").filter(|h| h.ends_with("/revoke")).map(str::to_owned))
        .expect("a link");
    owner.fill(&revoke, &revoke, &[]).await.expect(303);
    program.get("/api/v1/devices").await.expect(401);
    let late = Program::with_token(&world, &world.token("weekly", Role::Admin));
    late.get("/api/v1/devices").await.expect(200);
    world.pass(30 * 86_400);
    late.get("/api/v1/devices").await.expect(401);
}

#[tokio::test]
async fn a_token_never_lives_longer_than_a_year() {
    let world = World::new();
    let owner = world.owner();
    for days in ["0", "366", "many", "-1"] {
        let fields = [("name", "x"), ("role", "auditor"), ("days", days)];
        let shown = owner.fill(NEW_TOKEN, NEW_TOKEN, &fields).await.expect(422);
        assert!(shown.says("days"), "{days}: {}", shown.words());
    }
}
