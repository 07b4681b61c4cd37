//! Actions of the device side that no device can ask for.

use std::thread;

use pomona::actions::authority::{self, KEY_BITS};
use pomona::actions::{Failure, commands, enrollments};
use pomona::model::account::{Actor, Role};
use pomona::model::settings::IdentityUse;
use pomona::store::{self, Store};
use pomona::wire::mdm::command::Request as Ask;
use pomona::wire::plist::Dictionary;

use crate::web::device::pretend::{START, TestDice, World};

#[test]
fn the_device_ca_is_made_once_however_many_start() {
    let store = Store::in_memory();
    let starts: Vec<_> = (0..3)
        .map(|_| {
            let store = store.clone();
            thread::spawn(move || {
                authority::ensure(&store, &TestDice::default(), "Orchard", START).expect("a CA")
            })
        })
        .collect();
    let made: Vec<_> = starts.into_iter().map(|s| s.join().expect("it ran").ca).collect();
    assert!(made.iter().all(|ca| *ca == made[0]));
    let again = authority::ensure(&store, &TestDice::default(), "Another name", START).expect("a CA");
    assert_eq!(again.ca, made[0]);
    assert_eq!(again.key.public_der(), again.ca.public_der());
    assert!(again.key.is_rsa() && again.ca.is_issued_by(&again.ca));
    assert_eq!(again.ca.organization().as_deref(), Some("Orchard"));
    assert!(again.ca.not_after() - again.ca.not_before() > 19 * 365 * 86_400);
    let identity = store::settings::identity(&store.read().expect("a snapshot"), IdentityUse::DeviceCa);
    let identity = identity.expect("readable").expect("kept");
    assert!(!format!("{identity:?}").contains(&hex::encode(identity.key.expose())));
    assert!(identity.key.len() > (KEY_BITS / 8) as usize);
}

#[tokio::test]
async fn what_a_role_may_not_do_is_not_queued() {
    let world = World::new();
    let device = world.enrolled("00008020-0000000000000001").await;
    let raw = || {
        let mut dictionary = Dictionary::new();
        dictionary.insert("RequestType".into(), "DeviceInformation".into());
        Ask::Raw(dictionary)
    };
    let erase = || Ask::EraseDevice {
        pin: None,
        preserve_data_plan: None,
        disallow_proximity_setup: None,
        obliteration_behavior: None,
    };
    let table: Vec<(Role, Ask, bool)> = vec![
        (Role::Auditor, Ask::SecurityInfo, false),
        (Role::Helpdesk, Ask::SecurityInfo, true),
        (Role::Helpdesk, Ask::DeviceLock { pin: None, message: None, phone_number: None }, true),
        (Role::Helpdesk, Ask::RemoveProfile { identifier: "x".into() }, false),
        (Role::Helpdesk, erase(), false),
        (Role::Helpdesk, raw(), false),
        (Role::Admin, erase(), true),
        (Role::Admin, raw(), true),
    ];
    for (role, ask, allowed) in table {
        let (id, dice, now) = (device.id(), world.app.dice.clone(), world.now());
        let by = Actor { name: "ada".into(), role };
        let kind = ask.request_type().to_owned();
        let done =
            world.app.store.write_blocking(move |w| commands::enqueue(w, &by, &id, ask, dice.as_ref(), now));
        match done {
            Ok(command) => assert!(allowed && command.by == "ada", "{role:?} {kind}"),
            Err(failure) => {
                assert!(!allowed && failure.code() == "access.role", "{role:?} {kind}: {failure}")
            }
        }
    }
}

#[tokio::test]
async fn ending_the_management_of_a_device_needs_the_right_and_keeps_its_secrets() {
    use pomona::model::enrollment::{EscrowKind, State};
    use pomona::wire::plist::Value;
    let world = World::new();
    let device = world.device("00008020-0000000000000001");
    device.authenticate().await.assert_empty_ok();
    device.token_update(&[("UnlockToken", Value::Data(b"unlock".to_vec()))]).await.assert_empty_ok();
    let retire = |role| {
        let (id, now) = (device.id(), world.now());
        let by = Actor { name: "ada".into(), role };
        world.app.store.write_blocking(move |w| enrollments::retire(w, &by, &id, now))
    };
    assert!(matches!(retire(Role::Helpdesk), Err(Failure::Refused(r)) if r.code == "access.role"));
    assert!(world.enrollment(&device.id()).expect("a row").is_enrolled());
    retire(Role::Admin).expect("retired");
    assert_eq!(world.enrollment(&device.id()).expect("a row").state, State::CheckedOut);
    assert!(world.escrow(&device.id(), EscrowKind::UnlockToken).is_some());
    device.idle().await.assert_refused();
    device.authenticate().await.assert_refused();
}

#[tokio::test]
async fn a_whole_renewal_from_the_profile_to_the_new_identity() {
    use pomona::model::certificate::Purpose;
    use pomona::wire::enroll::EnrollmentOrder;
    use pomona::wire::key::{PrivateKey, sha256};
    use pomona::wire::plist;
    let world = World::new();
    let device = world.enrolled("00008020-0000000000000001").await;
    let app = world.app.clone();
    let prepared = enrollments::prepare_renewal(
        &world.read(),
        &device.id(),
        &app.site,
        &app.authority,
        app.dice.as_ref(),
        world.now(),
    );
    let (prepared, id, now) = (prepared.expect("a profile"), device.id(), world.now());
    world.write(move |w| {
        let file = prepared.profile.clone();
        enrollments::renew(w, &Actor::console(), &id, &prepared, file, app.dice.as_ref(), now)
    });
    let sent = device.idle().await;
    let command = sent.dictionary();
    let command = command.get("Command").and_then(plist::Value::as_dictionary).expect("a command");
    let file = plist::data(command, "Payload").expect("data").expect("a profile");
    let order = EnrollmentOrder::parse(file).expect("an enrollment profile");
    assert_eq!(order.identifier, "org.example.pomona.enroll", "it updates the one that is there");
    let challenge = sha256(order.challenge.expect("a challenge").expose());

    // SCEP with that challenge, and the first words of the new identity.
    let key = PrivateKey::generate_p256();
    let asked =
        pomona::actions::certificates::Asked { challenge, key: sha256(&key.public_der()), renews: None };
    let draft = pomona::actions::certificates::draft(world.dice(), "Orchard", now);
    let authority = &world.app.authority;
    let made = pomona::wire::x509::issue(&draft, &key.public_der(), Some(&authority.ca), &authority.key);
    let made = made.expect("issued");
    let cert = world.write(move |w| pomona::actions::certificates::issue(w, &asked, &made, now));
    let renewed = device.with_identity(key, cert);
    let row = store::certificates::get(&world.read(), &renewed.cert.fingerprint()).expect("readable");
    assert_eq!(row.expect("a row").purpose, Purpose::Renewal { enrollment: device.id() });
    renewed.authenticate().await.assert_empty_ok();
    renewed.token_update(&[]).await.assert_empty_ok();
    assert_eq!(renewed.acknowledge(&sent.uuid()).await.command(), None);
    device.idle().await.assert_refused();
    assert_eq!(world.enrollment(&device.id()).expect("a row").tally, 2, "it never was enrolled anew");
    let history = store::certificates::of_enrollment(&world.read(), &device.id()).expect("readable");
    assert_eq!(history.len(), 2);
}
