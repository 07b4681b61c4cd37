//! What people do is one transaction each, with its row in the activity list.

use pomona::actions::profiles::{self, Draft, Outcome};
use pomona::actions::tickets::{self, Wish};
use pomona::actions::{Failure, accounts, devices, orders, passwords, push_certificate, sessions, tokens};
use pomona::model::account::{Account, Actor, Role, Session};
use pomona::model::due::Work;
use pomona::model::settings::IdentityUse;
use pomona::store;
use pomona::wire::mdm::command::Request;
use pomona::wire::{Secret, pem};

use crate::web::browser::mobileconfig;
use crate::web::device::pretend::{TOPIC, World};

fn as_role(world: &World, role: Role) -> Actor {
    let account = world.account(role.as_str(), role);
    Actor { name: account.name, role }
}

#[test]
fn a_password_matches_its_own_hash_alone_and_an_unknown_name_costs_as_much() {
    let salt = b"sixteen bytes ok";
    let hash = passwords::hash("eight pears in a wooden bowl", salt).expect("a hash");
    assert!(passwords::matches("eight pears in a wooden bowl", Some(&hash)));
    assert!(!passwords::matches("eight pears in a wooden bowL", Some(&hash)));
    assert!(!passwords::matches("", Some(&hash)));
    assert!(!passwords::matches("x", Some("no hash at all")));
    let time = |stored: Option<&str>| {
        let began = std::time::Instant::now();
        assert!(!passwords::matches("not the password at all", stored));
        began.elapsed()
    };
    // The least of some that take turns, so that a busy machine does not decide.
    let (mut known, mut unknown) = (std::time::Duration::MAX, std::time::Duration::MAX);
    for _ in 0..6 {
        known = known.min(time(Some(&hash)));
        unknown = unknown.min(time(None));
    }
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    assert!((0.3..3.0).contains(&ratio), "known {known:?}, unknown {unknown:?}");
}

#[tokio::test]
async fn nothing_of_a_refused_action_remains() {
    let world = World::new();
    let device = world.enrolled("00008120-000000000000001P").await;
    let auditor = as_role(&world, Role::Auditor);
    let file = mobileconfig(
        "org.example.wifi",
        "Wi-Fi",
        "AAAAAAAA-0000-4000-8000-000000000001",
        "com.apple.wifi.managed",
        "pw",
    );
    let draft = Draft::read(&file).expect("a profile");
    world.profile("wifi", 1, false);
    let before = world.activities().len();
    let (id, now, dice) = (device.id(), world.now(), world.app.dice.clone());
    type Job = Box<dyn FnOnce(&mut store::Write) -> Result<(), Failure> + Send>;
    let by = || auditor.clone();
    let (a, b, c, d, e, f, g, h, i) = (by(), by(), by(), by(), by(), by(), by(), by(), by());
    let ids = vec![id.clone(); 7];
    let mut ids = ids.into_iter();
    let mut next = || ids.next().expect("an id");
    let (id1, id2, id3, id4, id5) = (next(), next(), next(), next(), next());
    let jobs: Vec<Job> = vec![
        Box::new(move |w| profiles::import(w, &a, &draft, "new".into(), now).map(|_| ())),
        Box::new(move |w| profiles::assign(w, &b, "wifi", &[id1], true, now).map(|_| ())),
        Box::new(move |w| profiles::remove(w, &c, "wifi", now).map(|_| ())),
        Box::new(move |w| {
            tickets::make(w, &d, &Wish::default(), "t".into(), Secret::new(b"x"), now).map(|_| ())
        }),
        Box::new(move |w| tokens::make(w, &e, "x", Role::Auditor, None, &[1; 32], now).map(|_| ())),
        Box::new(move |w| devices::reveal_pin(w, &f, &id2, now).map(|_| ())),
        Box::new(move |w| devices::forget(w, &g, &id3, now).map(|_| ())),
        Box::new(move |w| {
            let wish =
                orders::Wish { device: &id4, user: None, request: Request::SecurityInfo, confirm: None };
            orders::order(w, &h, wish, dice.as_ref(), now).map(|_| ())
        }),
        Box::new(move |w| accounts::suspend(w, &i, "auditor", now).map(|_| ())),
    ];
    for job in jobs {
        let refused = world.app.store.write_blocking(job).expect_err("refused");
        assert_eq!(refused.code(), "access.role");
    }
    assert_eq!(world.activities().len(), before);
    assert!(store::commands::queue(&world.read(), &id5).expect("readable").is_empty());
    assert_eq!(store::profiles::list(&world.read()).expect("readable").len(), 1);
    assert!(store::tickets::list(&world.read()).expect("readable").iter().all(|t| t.id != "t"));
}

#[tokio::test]
async fn what_a_person_does_is_written_down_with_their_name() {
    let world = World::new();
    let device = world.enrolled("00008120-000000000000002P").await;
    let ada = as_role(&world, Role::Admin);
    let file = mobileconfig(
        "org.example.wifi",
        "Office",
        "AAAAAAAA-0000-4000-8000-000000000001",
        "com.apple.wifi.managed",
        "pw",
    );
    let draft = Draft::read(&file).expect("a profile");
    let (id, now) = (device.id(), world.now());
    let (profile, outcome) = world.write(move |w| {
        let (profile, outcome) = profiles::import(w, &ada, &draft, "p1".into(), now)?;
        profiles::assign(w, &ada, "p1", std::slice::from_ref(&id), true, now)?;
        profiles::unassign(w, &ada, "p1", &[id], true, now)?;
        profiles::remove(w, &ada, "p1", now)?;
        Ok((profile, outcome))
    });
    assert_eq!((profile.name.as_str(), outcome), ("Office", Outcome::Created));
    let mut told: Vec<String> =
        world.activities().into_iter().filter(|a| a.by == "admin").map(|a| a.text).collect();
    told.reverse();
    assert_eq!(
        told,
        [
            "Imported the profile “Office”, revision 1.",
            "Assigned “Office” to Renamed device.",
            "Assigned “Office” to Everyone.",
            "Took “Office” from Renamed device.",
            "Took “Office” from Everyone.",
            "Removed the profile “Office”.",
        ]
    );
    assert!(world.due(Work::Reconcile, &device.id()).is_some());
}

#[tokio::test]
async fn everyone_reaches_each_enrolled_device_and_no_other() {
    let world = World::new();
    let mut devices = Vec::new();
    for n in 0..4 {
        devices.push(world.enrolled(&format!("00008120-00000000000010{n}P")).await);
    }
    devices[3].check_in("CheckOut", &[]).await.assert_empty_ok();
    let half = world.device("00008120-000000000000200P");
    half.authenticate().await.assert_empty_ok();
    world.profile("wifi", 1, false);
    for device in &devices {
        world.reconcile(&device.id());
    }
    let now = world.now().plus_secs(5);
    world.write(move |w| profiles::assign(w, &Actor::console(), "wifi", &[], true, now).map(|_| ()));
    for device in &devices[..3] {
        assert!(world.due(Work::Reconcile, &device.id()).is_some());
    }
    assert!(world.due(Work::Reconcile, &half.id()).is_none(), "it is compared when it has enrolled");
}

#[tokio::test]
async fn a_device_with_two_rows_of_one_serial_number_is_the_enrolled_one() {
    let world = World::new();
    let old = world.enrolled("00008120-000000000000003P").await;
    old.check_in("CheckOut", &[]).await.assert_empty_ok();
    let mut new = world.device("00008120-000000000000004P");
    new.serial = old.serial.clone();
    new.enroll().await;
    let found = devices::find(&world.read(), &old.serial.to_lowercase()).expect("found");
    assert_eq!(found.id, new.id());
    assert_eq!(devices::find(&world.read(), old.id().as_str()).expect("found").id, old.id());
    new.check_in("CheckOut", &[]).await.assert_empty_ok();
    assert_eq!(devices::find(&world.read(), &old.serial).expect_err("two").code(), "device.ambiguous");
    assert_eq!(devices::find(&world.read(), "nothing").expect_err("none").code(), "device.unknown");
}

#[test]
fn a_session_is_not_opened_for_a_password_that_was_changed_while_it_was_checked() {
    let world = World::new();
    let proved = world.account("ada", Role::Owner);
    let (now, changed) = (world.now(), Account { password: "$argon2id$other".into(), ..proved.clone() });
    world.write(move |w| Ok(store::accounts::put(w, &changed)?));
    let session =
        Session { account: "ada".into(), csrf: String::new(), created: now, used: now, from: String::new() };
    let span = sessions::Span { idle_secs: 900, max_secs: 43_200, per_account: 5 };
    let opened =
        world.app.store.write_blocking(move |w| sessions::open(w, &proved, &[1; 32], session, span, now));
    assert_eq!(opened.expect_err("refused").code(), "sign-in.refused");
}

#[test]
fn a_push_certificate_comes_out_of_pkcs12_and_of_a_protected_key_with_the_right_passphrase() {
    let world = World::new();
    let identity =
        store::settings::identity(&world.read(), IdentityUse::Push).expect("readable").expect("one");
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    put("key.pem", &pem::block("PRIVATE KEY", identity.key.expose()));
    put("cert.pem", &pem::block("CERTIFICATE", &identity.certificate));
    let openssl = |arguments: &str| {
        let mut command = std::process::Command::new("openssl");
        let run = command.args(arguments.split(' ')).current_dir(folder.path()).output().expect("openssl");
        assert!(run.status.success(), "{arguments}: {}", String::from_utf8_lossy(&run.stderr));
    };
    openssl("pkcs12 -export -in cert.pem -inkey key.pem -passout pass:orchard -out push.p12");
    openssl("pkcs8 -topk8 -in key.pem -passout pass:orchard -out locked.pem");
    let get = |name: &str| Secret::new(std::fs::read(folder.path().join(name)).expect("read"));
    let read = |file: &str, key: Option<&str>, passphrase: Option<&str>| {
        let (key, passphrase) = (key.map(get), passphrase.map(|p| Secret::from(p.to_owned())));
        push_certificate::Draft::read(&get(file), key.as_ref(), passphrase.as_ref(), world.now())
    };
    for (file, key) in [("push.p12", None), ("cert.pem", Some("locked.pem"))] {
        let draft = read(file, key, Some("orchard")).unwrap_or_else(|e| panic!("{file}: {e:?}"));
        assert_eq!(draft.topic, TOPIC);
        assert_eq!(draft.certificate.der(), identity.certificate);
        assert_eq!(read(file, key, Some("mule")).expect_err("wrong").code, "push.passphrase", "{file}");
        assert_eq!(read(file, key, None).expect_err("none").code, "push.passphrase", "{file}");
    }
    assert_eq!(read("cert.pem", Some("key.pem"), None).expect("plain").topic, TOPIC);
    assert_eq!(read("cert.pem", Some("cert.pem"), None).expect_err("no key").code, "push.key-unreadable");
    assert_eq!(read("cert.pem", None, None).expect_err("no key").code, "push.no-key");
}
