//! The editor of payloads over the whole web app: what is on its pages, and what its forms do to a draft.

use pomona::actions::drafts::{self, New};
use pomona::catalog::{Form, Key, catalog};
use pomona::model::account::{Actor, Role};
use pomona::model::document::Change;
use pomona::model::edge::roll_uuid;
use pomona::wire::plist::{Dictionary, Value};
use pomona::wire::profile::{Document, Path, Place};

use crate::web::browser::{Browser, Shown};
use crate::web::device::pretend::World;

type Fields = Vec<(String, String)>;

const WIFI: &str = "com.apple.wifi.managed";
const RESTRICTIONS: &str = "com.apple.applicationaccess";

/// A profile that exists as a draft, with one payload: the payload's address.
fn draft(world: &World, form: &str, starts: &[(&str, Value)]) -> String {
    let (id, uuid) = (format!("p{}", roll_uuid(world.dice())[..8].to_lowercase()), roll_uuid(world.dice()));
    let change = Change::AddPayload {
        form: form.into(),
        uuid: uuid.clone(),
        starts: starts.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
    };
    let new = New {
        id: id.clone(),
        uuid: roll_uuid(world.dice()),
        identifier: format!("org.example.{id}"),
        name: "Staff".into(),
    };
    let now = world.now();
    world.write(move |w| drafts::create(w, &Actor::console(), new, &[change], now).map(|_| ()));
    format!("/profilemanager/profiles/{id}/payloads/{}", uuid.to_lowercase())
}

/// The profile and the payload of an address.
fn parts(page: &str) -> (String, String) {
    let mut parts = page.split('/').skip(3);
    let id = parts.next().expect("a profile");
    (id.to_owned(), parts.nth(1).expect("a payload").to_owned())
}

fn document(world: &World, page: &str) -> Document {
    drafts::open(&world.read(), &parts(page).0).expect("a profile").document
}

fn value(world: &World, page: &str, path: &str) -> Option<Value> {
    let place = Place { payload: Some(parts(page).1), path: Path::parse(path) };
    document(world, page).get(&place).cloned()
}

/// Somebody else's hand on the draft.
fn other(world: &World, page: &str, path: &str, to: Value) {
    let (id, payload) = parts(page);
    let place = Place { payload: Some(payload), path: Path::parse(path) };
    let change = Change::Set { place, value: to, was: None };
    let (by, now) = (Actor { name: "grace".into(), role: Role::Owner }, world.now());
    world.account("grace", Role::Owner);
    world.write(move |w| drafts::save(w, &by, &id, &[change], None, now).map(|_| ()));
}

/// What the editor's form would send as it stands.
fn fields(page: &Shown) -> Fields {
    let tags = page.tags();
    let at = tags.iter().position(|t| t.get("data-editor").is_some()).expect("the editor's form");
    let mut out = Vec::new();
    let mut select = String::new();
    for tag in tags[at + 1..].iter().take_while(|t| t.name != "form" && t.name != "footer") {
        let name = tag.get("name").unwrap_or_default().to_owned();
        let value = tag.get("value").unwrap_or_default().to_owned();
        match (tag.name.as_str(), tag.get("type").unwrap_or_default()) {
            ("input", "radio" | "checkbox") if tag.get("checked").is_none() => {}
            ("input", "file") => {}
            ("input", _) => out.push((name, value)),
            ("textarea", _) => out.push((name, tag.text.trim_start_matches('\n').replace('\n', "\r\n"))),
            ("select", _) => select = name,
            ("option", _) if tag.get("selected").is_some() => out.push((select.clone(), value)),
            _ => {}
        }
    }
    out
}

/// Sends the form with some fields changed and a button pressed.
async fn send(browser: &Browser, page: &str, shown: &Shown, change: &[(&str, &str)]) -> Shown {
    let mut all = fields(shown);
    for (name, value) in change {
        match all.iter_mut().find(|(n, _)| n == name) {
            Some(field) => field.1 = (*value).to_owned(),
            None => all.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    let all: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    browser.post(page, &all).await
}

/// Opens the page, changes fields, saves.
async fn change(browser: &Browser, page: &str, change: &[(&str, &str)]) -> Shown {
    let shown = browser.get(page).await.expect(200);
    send(browser, page, &shown, change).await
}

fn marks(shown: &Shown) -> Vec<String> {
    let tags = shown.tags();
    tags.iter().filter_map(|t| t.get("data-row").map(str::to_owned)).collect()
}

#[tokio::test]
async fn only_what_is_set_and_what_must_be_has_a_row() {
    let world = World::new();
    let browser = world.owner();
    let page = draft(&world, RESTRICTIONS, &[("allowCamera", false.into())]);
    let shown = browser.get(&page).await.expect(200);
    assert_eq!(marks(&shown), ["PayloadDisplayName", "allowCamera"]);
    let sent: Vec<String> =
        fields(&shown).into_iter().map(|(n, _)| n).filter(|n| n.starts_with("v:")).collect();
    assert_eq!(sent, ["v:PayloadDisplayName", "v:allowCamera"], "nothing else can be sent");
    let adds = shown.tags().iter().filter(|t| t.get("name") == Some("add")).count();
    assert!(adds > 150, "and {adds} settings can be added");
}

#[tokio::test]
async fn a_switch_is_added_thrown_and_taken_out() {
    let world = World::new();
    let browser = world.owner();
    let page = draft(&world, RESTRICTIONS, &[]);
    let done = change(&browser, &page, &[("add", "allowCamera")]).await;
    assert!(done.location().ends_with("#row-allowCamera"), "{}", done.location());
    assert_eq!(value(&world, &page, "allowCamera"), Some(Value::Boolean(false)), "it is added to be thrown");
    let there = browser.follow(&done).await;
    assert!(there.tags().iter().any(|t| t.get("autofocus").is_some()), "and the keyboard is there");
    change(&browser, &page, &[("v:allowCamera", "true"), ("save", "on")]).await.expect(303);
    assert_eq!(value(&world, &page, "allowCamera"), Some(Value::Boolean(true)));
    change(&browser, &page, &[("remove", "allowCamera")]).await.expect(303);
    assert_eq!(value(&world, &page, "allowCamera"), None);
}

#[tokio::test]
async fn each_button_saves_what_was_typed_beside_its_own_deed() {
    let world = World::new();
    let browser = world.owner();
    let page = draft(&world, WIFI, &[("SSID_STR", "Old".into())]);
    let typed = ("v:SSID_STR", "Orchard Staff");
    change(&browser, &page, &[typed, ("add", "HIDDEN_NETWORK")]).await.expect(303);
    assert_eq!(value(&world, &page, "SSID_STR"), Some("Orchard Staff".into()));
    assert!(value(&world, &page, "HIDDEN_NETWORK").is_some());
    let found = change(&browser, &page, &[("v:SSID_STR", "Again"), ("add_q", "proxy"), ("find", "on")]).await;
    assert!(
        found.location().contains("add_q=proxy") && found.location().ends_with("#add"),
        "{}",
        found.location()
    );
    assert_eq!(value(&world, &page, "SSID_STR"), Some("Again".into()));
}

#[tokio::test]
async fn a_page_that_is_saved_as_it_stands_changes_nothing_whatever_is_in_it() {
    let world = World::new();
    let browser = world.owner();
    for form in catalog().forms().iter().filter(|f| !f.internal) {
        let full: Vec<(&str, Value)> = form
            .keys
            .iter()
            .filter(|k| !k.is_free())
            .map(|key| (key.name.as_str(), sample(form, key)))
            .collect();
        let page = draft(&world, &form.id, &full);
        let before = document(&world, &page);
        let mut pages = vec![page.clone()];
        let mut seen = 0;
        while let Some(here) = pages.pop() {
            let shown = browser.get(&here).await;
            assert_eq!(shown.status, 200, "{}: {here}: {}", form.id, shown.words());
            let saved = send(&browser, &here, &shown, &[("save", "on")]).await;
            assert_eq!(saved.status, 303, "{}: {here}: {}", form.id, saved.words());
            seen += 1;
            for tag in shown.tags() {
                if tag.get("name") == Some("open") && seen < 12 {
                    let path = tag.get("value").expect("a path").replace('/', "%2F");
                    pages.push(format!("{page}/at/{path}"));
                }
            }
        }
        let after = document(&world, &page);
        let text = |d: &Document| String::from_utf8(d.to_xml()).expect("XML");
        assert!(
            after == before,
            "{} is changed by looking at it:\n{}\n{}",
            form.id,
            text(&before),
            text(&after)
        );
    }
}

fn sample(form: &Form, key: &Key) -> Value {
    key.sample(form)
}

#[tokio::test]
async fn a_secret_is_set_told_of_and_replaced_and_never_shown() {
    let world = World::new();
    let browser = world.owner();
    let page = draft(&world, WIFI, &[("SSID_STR", "Office".into()), ("EncryptionType", "WPA2".into())]);
    change(&browser, &page, &[("add", "Password")]).await.expect(303);
    change(&browser, &page, &[("v:Password", "correct horse"), ("save", "on")]).await.expect(303);
    assert_eq!(value(&world, &page, "Password"), Some("correct horse".into()));
    let shown = browser.get(&page).await.expect(200);
    assert!(!shown.text().contains("correct horse"));
    assert!(shown.says("by ada.") && shown.says("Type to replace it."), "{}", shown.words());
    change(&browser, &page, &[("v:SSID_STR", "Office 2"), ("save", "on")]).await.expect(303);
    assert_eq!(
        value(&world, &page, "Password"),
        Some("correct horse".into()),
        "an empty field replaces nothing"
    );
    change(&browser, &page, &[("v:Password", "battery staple"), ("save", "on")]).await.expect(303);
    assert_eq!(value(&world, &page, "Password"), Some("battery staple".into()));
}

#[tokio::test]
async fn what_cannot_be_used_is_told_kept_and_does_not_stop_the_rest() {
    let world = World::new();
    let browser = world.owner();
    let page = draft(
        &world,
        "com.apple.mobiledevice.passwordpolicy",
        &[("minLength", 6.into()), ("forcePIN", true.into())],
    );
    let wrong =
        change(&browser, &page, &[("v:minLength", "many"), ("v:forcePIN", "false"), ("save", "on")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.words());
    let tags = wrong.tags();
    let field = tags.iter().find(|t| t.get("name") == Some("v:minLength")).expect("the field");
    assert_eq!((field.get("value"), field.get("aria-invalid")), (Some("many"), Some("true")));
    assert!(tags.iter().any(|t| t.get("href") == Some("#row-minLength")), "a link to the field is on top");
    assert_eq!(value(&world, &page, "minLength"), Some(6.into()));
    assert_eq!(value(&world, &page, "forcePIN"), Some(false.into()), "the rest is saved");
    let right = send(&browser, &page, &wrong, &[("v:minLength", "8"), ("save", "on")]).await;
    assert_eq!(right.status, 303, "{}", right.words());
    assert_eq!(value(&world, &page, "minLength"), Some(8.into()));
}

#[tokio::test]
async fn two_people_never_overwrite_each_other_unseen() {
    let world = World::new();
    let browser = world.owner();
    let page = draft(&world, WIFI, &[("SSID_STR", "Office".into()), ("AutoJoin", true.into())]);
    let shown = browser.get(&page).await.expect(200);
    other(&world, &page, "SSID_STR", "Guests".into());
    let calm = send(&browser, &page, &shown, &[("v:AutoJoin", "false"), ("save", "on")]).await;
    assert_eq!(calm.status, 303, "another row of theirs is no conflict: {}", calm.words());
    assert_eq!(value(&world, &page, "SSID_STR"), Some("Guests".into()), "and theirs stays");
    let clash = send(&browser, &page, &shown, &[("v:SSID_STR", "Mine"), ("save", "on")]).await;
    assert_eq!(clash.status, 409, "{}", clash.words());
    assert!(clash.says("Yours: Mine") && clash.says("Theirs: Guests"), "{}", clash.words());
    assert_eq!(value(&world, &page, "SSID_STR"), Some("Guests".into()));
    let undecided = send(&browser, &page, &clash, &[("save", "on")]).await;
    assert_eq!(undecided.status, 409, "without a choice it is asked again");
    let theirs = send(&browser, &page, &clash, &[("c:SSID_STR", "theirs"), ("save", "on")]).await;
    assert_eq!(theirs.status, 303, "{}", theirs.words());
    assert_eq!(value(&world, &page, "SSID_STR"), Some("Guests".into()));
    let mine = send(&browser, &page, &clash, &[("c:SSID_STR", "mine"), ("save", "on")]).await;
    assert_eq!(mine.status, 303, "{}", mine.words());
    assert_eq!(value(&world, &page, "SSID_STR"), Some("Mine".into()));
    assert!(browser.get(&page).await.says("grace and console are here too"), "and people see each other");
}

#[tokio::test]
async fn taking_out_what_another_changed_is_a_conflict_too() {
    let world = World::new();
    let browser = world.owner();
    let page = draft(&world, WIFI, &[("SSID_STR", "Office".into()), ("ProxyType", "Auto".into())]);
    let shown = browser.get(&page).await.expect(200);
    other(&world, &page, "ProxyType", "Manual".into());
    let clash = send(&browser, &page, &shown, &[("remove", "ProxyType")]).await;
    assert_eq!(clash.status, 409, "{}", clash.words());
    assert!(clash.says("Yours: not set"), "{}", clash.words());
    let gone = send(&browser, &page, &clash, &[("c:ProxyType", "mine"), ("save", "on")]).await;
    assert_eq!(gone.status, 303, "{}", gone.words());
    assert_eq!(value(&world, &page, "ProxyType"), None);
}

fn texts(items: &[&str]) -> Value {
    Value::Array(items.iter().map(|i| Value::String((*i).to_owned())).collect())
}

#[tokio::test]
async fn a_list_is_filled_arranged_and_edited_as_lines() {
    let world = World::new();
    let browser = world.owner();
    let page = draft(&world, "com.apple.domains", &[("EmailDomains", texts(&["a.example", "b.example"]))]);
    let list = |world: &World| value(world, &page, "EmailDomains");
    let mut with = fields(&browser.get(&page).await.expect(200));
    let last = with.iter().rposition(|(n, _)| n == "i:EmailDomains").expect("an empty item at the end");
    with[last].1 = "c.example".into();
    with.push(("append".into(), "EmailDomains".into()));
    let all: Vec<(&str, &str)> = with.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    browser.post(&page, &all).await.expect(303);
    assert_eq!(list(&world), Some(texts(&["a.example", "b.example", "c.example"])));
    change(&browser, &page, &[("up", "EmailDomains/2")]).await.expect(303);
    assert_eq!(list(&world), Some(texts(&["a.example", "c.example", "b.example"])));
    change(&browser, &page, &[("down", "EmailDomains/0")]).await.expect(303);
    assert_eq!(list(&world), Some(texts(&["c.example", "a.example", "b.example"])));
    change(&browser, &page, &[("remove", "EmailDomains/1")]).await.expect(303);
    assert_eq!(list(&world), Some(texts(&["c.example", "b.example"])));
    change(&browser, &page, &[("l:EmailDomains", "x.example\r\n\r\ny.example\r\n"), ("save", "on")])
        .await
        .expect(303);
    assert_eq!(list(&world), Some(texts(&["x.example", "y.example"])));
}

#[tokio::test]
async fn items_that_are_dictionaries_have_pages_of_their_own() {
    let world = World::new();
    let browser = world.owner();
    let page = draft(&world, "com.apple.airplay", &[]);
    change(&browser, &page, &[("add", "Passwords")]).await.expect(303);
    let made = change(&browser, &page, &[("append", "Passwords")]).await;
    assert!(made.location().ends_with("/at/Passwords%2F0"), "{}", made.location());
    let inside = made.location().to_owned();
    let shown = browser.follow(&made).await;
    assert!(shown.tags().iter().any(|t| t.get("href") == Some(page.as_str())), "the way back is on the page");
    send(
        &browser,
        &inside,
        &shown,
        &[("v:Passwords/0/DeviceName", "Lobby TV"), ("v:Passwords/0/Password", "s3cret-7"), ("save", "on")],
    )
    .await
    .expect(303);
    assert_eq!(value(&world, &page, "Passwords/0/DeviceName"), Some("Lobby TV".into()));
    let list = browser.get(&page).await.expect(200);
    assert!(list.says("Lobby TV") && !list.text().contains("s3cret-7"), "{}", list.words());
    change(&browser, &page, &[("append", "Passwords")]).await.expect(303);
    change(&browser, &page, &[("up", "Passwords/1")]).await.expect(303);
    assert_eq!(value(&world, &page, "Passwords/1/DeviceName"), Some("Lobby TV".into()));
    change(&browser, &page, &[("remove", "Passwords/0")]).await.expect(303);
    assert_eq!(value(&world, &page, "Passwords/0/DeviceName"), Some("Lobby TV".into()));
    assert_eq!(value(&world, &page, "Passwords/1"), None);
}

#[tokio::test]
async fn keys_that_nobody_documents_are_shown_changed_and_kept() {
    let world = World::new();
    let browser = world.owner();
    let mut odd = Dictionary::new();
    odd.insert("a".into(), Value::Real(0.1));
    let nested = Value::Array(vec![Value::Dictionary(odd), Value::Boolean(true)]);
    let page = draft(
        &world,
        WIFI,
        &[("SSID_STR", "Office".into()), ("VendorSecretSauce", nested.clone()), ("VendorLevel", 3.into())],
    );
    let shown = browser.get(&page).await.expect(200);
    assert!(shown.says("not in Apple’s schema"), "{}", shown.words());
    let saved = send(&browser, &page, &shown, &[("v:VendorLevel", "4"), ("save", "on")]).await;
    assert_eq!(saved.status, 303, "{}", saved.words());
    assert_eq!(value(&world, &page, "VendorLevel"), Some(4.into()), "an integer stays one");
    let odd = change(&browser, &page, &[("v:VendorLevel", "four"), ("save", "on")]).await;
    assert_eq!(odd.status, 422, "and a word is none");
}

#[tokio::test]
async fn any_preference_domain_takes_typed_keys() {
    let world = World::new();
    let browser = world.owner();
    let page = draft(&world, "com.apple.ManagedClient.preferences", &[]);
    let made = change(
        &browser,
        &page,
        &[("domain", "com.example.editor"), ("often", "Forced"), ("add_domain", "on")],
    )
    .await;
    let shown = browser.follow(&made).await;
    assert!(shown.says("com.example.editor"), "{}", shown.words());
    let at = "PayloadContent/com.example.editor/Forced/0/mcx_preference_settings";
    let (name, kind, free) = (format!("a:{at}"), format!("k:{at}"), format!("/{at}"));
    for (key, sort, typed) in
        [("FontSize", "integer", "14"), ("Greeting", "string", "Hello"), ("Wrap", "boolean", "false")]
    {
        change(&browser, &page, &[(name.as_str(), key), (kind.as_str(), sort), ("free", free.as_str())])
            .await
            .expect(303);
        let field = format!("v:{at}/{key}");
        change(&browser, &page, &[(field.as_str(), typed), ("save", "on")]).await.expect(303);
    }
    let key = |key: &str| value(&world, &page, &format!("{at}/{key}"));
    assert_eq!(key("FontSize"), Some(14.into()));
    assert_eq!(key("Greeting"), Some("Hello".into()));
    assert_eq!(key("Wrap"), Some(false.into()));
}

#[tokio::test]
async fn whoever_searches_airdrop_need_not_know_where_it_lives() {
    let world = World::new();
    let browser = world.owner();
    let page = draft(&world, WIFI, &[("SSID_STR", "Office".into())]);
    let (id, _) = parts(&page);
    let add = format!("/profilemanager/profiles/{id}/add");
    let shown = browser.get(&format!("{add}?q=airdrop")).await.expect(200);
    assert!(shown.says("AirDrop") && shown.says("in Restrictions"), "{}", shown.words());
    let done = browser.submit(&shown, &add, &[("form", RESTRICTIONS), ("key", "allowAirDrop")]).await;
    assert!(done.location().ends_with("#row-allowAirDrop"), "{}", done.location());
    browser.follow(&done).await;
    let document = document(&world, &page);
    assert_eq!(document.payloads().len(), 2, "Restrictions is there now");
    assert_eq!(document.payloads()[1].body.get("allowAirDrop"), Some(&Value::Boolean(false)));
    let again = browser.get(&format!("{add}?q=airdrop")).await.expect(200);
    assert!(again.says("Add to “Restrictions”"), "{}", again.words());
    assert!(browser.get(&add).await.expect(200).says("Wi-Fi"), "without words every payload is on its shelf");
}

#[tokio::test]
async fn another_profile_that_sets_the_same_on_the_same_devices_is_told() {
    let world = World::new();
    let browser = world.owner();
    let form = "com.apple.mobiledevice.passwordpolicy";
    let mine = draft(&world, form, &[("minLength", 6.into()), ("maxInactivity", 5.into())]);
    let theirs = draft(&world, form, &[("minLength", 9.into()), ("maxInactivity", 5.into())]);
    for page in [&mine, &theirs] {
        let (id, uuid, now) = (parts(page).0, roll_uuid(world.dice()), world.now());
        let version = drafts::open(&world.read(), &id).expect("open").draft.expect("a draft").version;
        world.write(move |w| {
            drafts::publish(w, &Actor::console(), &id, version, "", uuid, now)?;
            pomona::actions::profiles::assign(w, &Actor::console(), &id, &[], true, now)
        });
    }
    let shown = browser.get(&mine).await.expect(200);
    assert!(shown.says("“Staff” sets it to 9"), "{}", shown.words());
    assert_eq!(shown.words().matches("“Staff” sets it").count(), 1, "what is set alike is no matter");
}

#[tokio::test]
async fn payloads_are_moved_copied_and_taken_out() {
    let world = World::new();
    let browser = world.owner();
    let page = draft(&world, WIFI, &[("SSID_STR", "Office".into())]);
    let (id, payload) = parts(&page);
    let (list, post) =
        (format!("/profilemanager/profiles/{id}"), format!("/profilemanager/profiles/{id}/payloads"));
    let shown = browser.get(&list).await.expect(200);
    assert!(shown.says("Wi-Fi") && shown.says("Office"), "{}", shown.words());
    browser.submit(&shown, &post, &[("duplicate", &payload)]).await.expect(303);
    assert_eq!(document(&world, &page).payloads().len(), 2);
    let shown = browser.get(&list).await.expect(200);
    browser.submit(&shown, &post, &[("down", &payload)]).await.expect(303);
    let all = document(&world, &page);
    assert_eq!(all.payloads()[1].id(&all), payload);
    let remove = format!("{page}/remove");
    browser.fill(&remove, &remove, &[]).await.expect(303);
    assert_eq!(document(&world, &page).payloads().len(), 1);
    assert_eq!(browser.get(&page).await.status, 404, "its page is gone");
}

#[tokio::test]
async fn the_identity_of_a_payload_is_not_for_a_form_to_change() {
    let world = World::new();
    let browser = world.owner();
    let page = draft(&world, WIFI, &[("SSID_STR", "Office".into())]);
    let before = document(&world, &page);
    for path in ["PayloadUUID", "PayloadType", "PayloadIdentifier", "PayloadVersion"] {
        let (mark, field) = (format!("w:{path}"), format!("v:{path}"));
        change(&browser, &page, &[(mark.as_str(), ""), (field.as_str(), "x"), ("save", "on")])
            .await
            .expect(303);
        change(&browser, &page, &[("remove", path)]).await.expect(303);
        change(&browser, &page, &[("a:", path), ("k:", "string"), ("free", "/")]).await.expect(422);
    }
    assert!(document(&world, &page) == before);
}

#[tokio::test]
async fn restrictions_are_served_quickly_with_none_thirty_and_all_keys_set() {
    let world = World::new();
    let browser = world.owner();
    let form = catalog().form(RESTRICTIONS).expect("Restrictions");
    for n in [0, 30, form.keys.len()] {
        let full: Vec<(&str, Value)> =
            form.keys.iter().take(n).map(|key| (key.name.as_str(), sample(form, key))).collect();
        let page = draft(&world, RESTRICTIONS, &full);
        browser.get(&page).await.expect(200);
        let start = std::time::Instant::now();
        let shown = browser.get(&page).await.expect(200);
        let got = start.elapsed();
        let start = std::time::Instant::now();
        send(&browser, &page, &shown, &[("save", "on")]).await.expect(303);
        let (saved, size) = (start.elapsed(), shown.text().len());
        println!("{n} keys: page {got:?}, {size} bytes, {} elements; saved {saved:?}", shown.tags().len());
        assert!(size < 400_000, "{n} keys: {size} bytes");
    }
}
