//! Who may call what: every route, every sort of caller, against the table in `matrix.txt`.
//!
//! A new route without a row fails, and so does a row whose answer changed. To accept a change, put the printed
//! table into the file and read the difference.

use axum::body::Body;
use axum::http::{Request, header};
use pomona::actions::accounts;
use pomona::model::account::{Account, Actor, Role};
use pomona::model::enrollment::{Escrow, EscrowKind};
use pomona::store;
use pomona::web::routes::rules;
use pomona::web::table::{Audience, Method, Rule};
use pomona::wire::Secret;
use pomona::wire::mdm::command::Request as Command;

use crate::web::browser::{Browser, ORIGIN, Program, Shown, encode};
use crate::web::device::pretend::World;

const TABLE: &str = include_str!("matrix.txt");

/// A server with one of everything.
pub struct Office {
    names: Vec<(&'static str, String)>,
}

impl Office {
    pub async fn open(world: &World) -> Self {
        let device = world.enrolled("00008120-0012345678901234").await;
        let id = device.id();
        let uuid = world.ask(&id, vec![Command::RestartDevice { notify_user: None }]).remove(0);
        world.profile("wifi", 1, false);
        let (ticket, token) = world.ticket(|t| t.label = "Sales".into());
        let victim = world.account("victim", Role::Admin);
        let text = world.token("victim", Role::Auditor);
        let token_id = hex::encode(&pomona::wire::key::sha256(text.as_bytes())[..8]);
        let escrow = Escrow { secret: Secret::from("123456".to_owned()), at: world.now() };
        let kept = id.clone();
        world.write(move |w| Ok(store::enrollments::put_escrow(w, &kept, EscrowKind::LockPin, &escrow)?));
        Self {
            names: vec![
                ("devices/{id}", format!("devices/{id}")),
                ("{device}", id.to_string()),
                ("{uuid}", uuid),
                ("profiles/{id}", "profiles/wifi".into()),
                ("enrollment/{id}", format!("enrollment/{}", ticket.id)),
                ("enrollment-links/{id}", format!("enrollment-links/{}", ticket.id)),
                ("tokens/{id}", format!("tokens/{token_id}")),
                ("{n}", "1".into()),
                ("{form}", "com.apple.wifi.managed".into()),
                ("{pid}", "none".into()),
                ("{path}", "none".into()),
                ("{token}", token),
                ("{name}", victim.name),
            ],
        }
    }

    /// The path with its names filled in.
    pub fn path(&self, pattern: &str) -> String {
        let mut path = pattern.to_owned();
        for (name, value) in &self.names {
            path = path.replace(name, value);
        }
        assert!(!path.contains('{'), "{pattern}: a name that the office does not know");
        path
    }
}

/// In a word: whether the caller was let in.
fn word(answer: &Shown) -> &'static str {
    match answer.status.as_u16() {
        303 if answer.location().starts_with("/profilemanager/signin") => "sign-in",
        401 => "401",
        403 if !answer.says("The name or the password is wrong.") => "403",
        // A deed on something that is gone, or with nothing filled in: the door was passed.
        200..=400 | 403 | 404 | 409 | 422 | 429 => "in",
        _ => panic!("unexpected {}: {}", answer.status, answer.words()),
    }
}

async fn page(world: &World, rule: &Rule, path: &str, who: Option<&Account>) -> Shown {
    let browser = who.map_or_else(|| world.browser(), |account| world.signed_in(account));
    call(&browser, rule, path, true).await
}

async fn call(browser: &Browser, rule: &Rule, path: &str, with_token: bool) -> Shown {
    if rule.method == Method::Get {
        return browser.get(path).await;
    }
    let mut fields = Vec::new();
    let help = browser.get("/profilemanager/help").await;
    let form = if help.status == 200 {
        help.form("/profilemanager/signout")
    } else {
        let sign_in = browser.get("/profilemanager/signin").await.expect(200);
        sign_in.form("/profilemanager/signin")
    };
    if with_token {
        fields.push(("csrf", form[0].1.as_str()));
    }
    let request = Request::post(path)
        .header(header::ORIGIN, ORIGIN)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(encode(&fields)));
    browser.send(request.expect("a request")).await
}

async fn program(rule: &Rule, path: &str, program: &Program) -> Shown {
    let body = if rule.method == Method::Get { "" } else { "{}" };
    program.send(rule.method.as_str(), path, body).await
}

const ROLES: [Role; 4] = [Role::Owner, Role::Admin, Role::Helpdesk, Role::Auditor];

async fn row(world: &World, office: &Office, people: &[Account], suspended: &Account, rule: &Rule) -> String {
    let path = office.path(rule.path);
    let mut words = Vec::new();
    let people_too = rule.audience == Audience::People;
    if people_too {
        words.push(("nobody", word(&page(world, rule, &path, None).await)));
        // Their session was open when they were suspended; suspending ended it, so it is planted anew.
        words.push(("suspended", word(&page_of_suspended(world, rule, &path, suspended).await)));
        if rule.method != Method::Get {
            let owner = world.signed_in(&people[0]);
            words.push(("no-token", word(&call(&owner, rule, &path, false).await)));
        }
        for (role, account) in ROLES.iter().zip(people).rev() {
            words.push((role.as_str(), word(&page(world, rule, &path, Some(account)).await)));
        }
    } else {
        words.push(("nobody", word(&program(rule, &path, &Program::stranger(world)).await)));
        let wrong = Program::with_token(world, "pomona_of_somebody_else");
        words.push(("unknown", word(&program(rule, &path, &wrong).await)));
        for role in ROLES.iter().rev() {
            let mine = Program::with_token(world, &fresh_token(world, *role));
            words.push((role.as_str(), word(&program(rule, &path, &mine).await)));
        }
        words.push(("socket", word(&program(rule, &path, &Program::at_socket(world)).await)));
    }
    let words: Vec<String> = words.iter().map(|(who, word)| format!("{who}={word}")).collect();
    format!("{:<6} {:<62} {}", rule.method.as_str(), rule.path, words.join(" "))
}

fn fresh_token(world: &World, role: Role) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static N: AtomicU32 = AtomicU32::new(0);
    world.token(&format!("t{}", N.fetch_add(1, Ordering::SeqCst)), role)
}

async fn page_of_suspended(world: &World, rule: &Rule, path: &str, who: &Account) -> Shown {
    let alive = Account { suspended: false, ..who.clone() };
    let put = |account: Account| world.write(move |w| Ok(store::accounts::put(w, &account)?));
    put(alive.clone());
    let browser = world.signed_in(&alive);
    put(Account { suspended: true, ..alive });
    call(&browser, rule, path, true).await
}

#[tokio::test]
async fn every_route_lets_in_exactly_those_whom_the_table_names() {
    let world = World::new();
    let office = Office::open(&world).await;
    let people: Vec<Account> = ROLES.iter().map(|role| world.account(role.as_str(), *role)).collect();
    let suspended = world.account("suspended", Role::Owner);
    let now = world.now();
    let name = suspended.name.clone();
    world.write(move |w| accounts::suspend(w, &Actor::console(), &name, now).map(|_| ()));
    let mut actual = String::new();
    for rule in rules() {
        actual.push_str(&row(&world, &office, &people, &suspended, &rule).await);
        actual.push('\n');
    }
    for (n, (is, should)) in actual.lines().zip(TABLE.lines()).enumerate() {
        assert_eq!(is, should, "line {} of matrix.txt; the whole table as it is now:\n{actual}", n + 1);
    }
    assert_eq!(actual.lines().count(), TABLE.lines().count(), "the table as it is now:\n{actual}");
}

#[test]
fn the_socket_answers_the_same_calls_as_the_network_and_no_pages() {
    let calls = rules().into_iter().filter(|r| r.audience == Audience::Programs).count();
    assert!(calls > 30);
    assert!(rules().iter().all(
        |r| r.path.starts_with("/api/v1/") == (r.audience == Audience::Programs) || r.path.ends_with("z")
    ));
}
