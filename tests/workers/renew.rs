//! Devices get new identities in time, and nobody has to think of it.

use pomona::model::command::{Errand, State};
use pomona::model::due::Work;
use pomona::rules::renewal::begins;
use pomona::store;
use pomona::workers::renew::{Issuer, plan_missing, round, run};
use tokio_util::sync::CancellationToken;

use super::context;
use crate::web::device::pretend::{Pretend, World};

const DAY: i64 = 86_400;

fn issuer(world: &World) -> Issuer {
    Issuer { authority: world.app.authority.clone(), sign: false }
}

async fn look(world: &World) -> usize {
    round(&context(world), &issuer(world)).await.expect("a round")
}

/// The renewals that wait in a device's queue.
fn waiting(world: &World, device: &Pretend) -> usize {
    let queue = store::commands::queue(&world.read(), &device.id()).expect("a queue");
    queue.iter().filter(|c| c.errand == Errand::Renewal).count()
}

/// A device whose renewal is due now, and which was heard of just now.
async fn nearly_over(world: &World) -> Pretend {
    let device = world.enrolled("00008020-0000000000000001").await;
    let planned = world.due(Work::Renew, &device.id()).expect("a plan");
    world.pass(planned.since_ms(world.now()) / 1000 + 1);
    device.idle().await.assert_empty_ok();
    device
}

#[tokio::test]
async fn enrolling_plans_the_renewal_and_leaving_ends_the_plan() {
    let world = World::new();
    let device = world.enrolled("00008020-0000000000000001").await;
    let end = pomona::model::Time::from_secs(device.cert.not_after());
    assert_eq!(world.due(Work::Renew, &device.id()), Some(begins(&device.id(), end, world.now())));
    assert_eq!(look(&world).await, 0, "not before its time");
    device.check_in("CheckOut", &[]).await.assert_empty_ok();
    assert_eq!(world.due(Work::Renew, &device.id()), None);
}

#[tokio::test]
async fn a_device_gets_its_new_identity_by_a_command_and_is_rung_for_it() {
    let world = World::new();
    let device = nearly_over(&world).await;
    assert_eq!(look(&world).await, 1);
    assert_eq!(waiting(&world, &device), 1);
    assert!(world.due(Work::Push, &device.id()).is_some());
    let told = &world.activities()[0];
    assert!(told.text.starts_with("Sent a new identity: the present one ends in "), "{}", told.text);
    assert!(!told.alert);
    assert_eq!(look(&world).await, 0, "once");

    // It waits in a queue: nothing more is sent meanwhile.
    world.pass(DAY);
    assert_eq!(look(&world).await, 1);
    assert_eq!(waiting(&world, &device), 1);
    let sent = device.idle().await;
    let (uuid, kind) = sent.command().expect("a command");
    assert_eq!(kind, "InstallProfile");

    // Answered, but no message by a new certificate came: the answer proves nothing.
    device.acknowledge(&uuid).await.assert_empty_ok();
    world.pass(DAY);
    look(&world).await;
    assert_eq!(waiting(&world, &device), 1);
    assert!(world.activities()[0].text.starts_with("Sent a new identity again"));
    assert_eq!(world.enrollment(&device.id()).expect("a row").renewal.expect("pending").tries, 2);
}

#[tokio::test]
async fn the_first_message_of_the_new_identity_plans_the_next_renewal() {
    use pomona::model::certificate::Purpose;
    use pomona::wire::key::PrivateKey;
    let world = World::new();
    let device = nearly_over(&world).await;
    look(&world).await;
    let uuid = device.idle().await.uuid();
    let key = PrivateKey::generate_p256();
    let cert = world.certify(&key, Purpose::Renewal { enrollment: device.id() });
    let issued = store::certificates::get(&world.read(), &cert.fingerprint()).expect("read").expect("a row");
    let (id, challenge) = (device.id(), issued.challenge);
    world.write(move |w| {
        let mut enrollment = store::enrollments::get(w, &id)?.expect("a row");
        enrollment.renewal.as_mut().expect("pending").challenge = challenge;
        Ok(store::enrollments::put(w, &enrollment)?)
    });
    let renewed = device.with_identity(key, cert);
    renewed.authenticate().await.assert_empty_ok();
    renewed.token_update(&[]).await.assert_empty_ok();
    assert_eq!(renewed.acknowledge(&uuid).await.command(), None);
    let planned = world.due(Work::Renew, &device.id()).expect("a plan");
    assert!(planned > world.now().plus_secs(330 * DAY), "{planned:?}");
    assert_eq!(world.enrollment(&device.id()).expect("a row").renewal, None);
    assert!(
        store::certificates::ending(&world.read(), world.now().plus_secs(60 * DAY)).expect("read").is_empty()
    );
}

#[tokio::test]
async fn what_was_never_fetched_is_replaced_before_its_challenge_ends() {
    let world = World::new();
    let device = nearly_over(&world).await;
    look(&world).await;
    let first = store::commands::queue(&world.read(), &device.id()).expect("a queue")[0].uuid.clone();
    world.pass(28 * DAY);
    look(&world).await;
    assert_eq!(world.state(&device.id(), &first), State::Queued);
    world.pass(2 * DAY);
    look(&world).await;
    // It was not heard of for a month, so it is not rung; when it comes, it gets a fresh one.
    device.world.app.seen.note(&device.id(), world.now());
    world.pass(DAY);
    look(&world).await;
    assert_eq!(world.state(&device.id(), &first), State::Canceled);
    assert_eq!(waiting(&world, &device), 1);
}

#[tokio::test]
async fn near_the_end_and_past_it_a_person_hears_of_it_once() {
    let world = World::new();
    let device = nearly_over(&world).await;
    let end = pomona::model::Time::from_secs(device.cert.not_after());
    world.pass(end.since_ms(world.now()) / 1000 - 10 * DAY);
    let soon =
        |days| store::certificates::ending(&world.read(), world.now().plus_secs(days * DAY)).expect("read");
    assert_eq!((soon(9).len(), soon(14)), (0, vec![(device.id(), end)]));
    device.idle().await.assert_empty_ok();
    look(&world).await;
    let alerts = world.alerts(&device.id());
    assert_eq!(alerts.len(), 1);
    assert!(alerts[0].text.contains("ends in 10 days"), "{}", alerts[0].text);
    for _ in 0..3 {
        let uuid = device.idle().await.uuid();
        device.answer(&uuid, "Error", &[]).await.assert_empty_ok();
        world.pass(DAY);
        look(&world).await;
    }
    assert_eq!(world.alerts(&device.id()).len(), 1);

    // Past its end the device is given its renewal and nothing else.
    world.pass(30 * DAY);
    look(&world).await;
    let (_, kind) = device.idle().await.command().expect("its renewal");
    assert_eq!(kind, "InstallProfile");
}

#[tokio::test]
async fn a_device_that_is_away_is_not_rung_and_asked_once_it_is_back() {
    let world = World::new();
    let device = world.enrolled("00008020-0000000000000001").await;
    let planned = world.due(Work::Renew, &device.id()).expect("a plan");
    world.pass(planned.since_ms(world.now()) / 1000 + 1);
    assert_eq!(look(&world).await, 1);
    assert_eq!(waiting(&world, &device), 0);
    device.idle().await.assert_empty_ok();
    world.pass(DAY);
    assert_eq!(look(&world).await, 1);
    assert_eq!(waiting(&world, &device), 1);
}

#[tokio::test]
async fn without_a_push_certificate_nothing_is_sent_and_nothing_is_lost() {
    let store = store::Store::in_memory();
    let settings = pomona::model::settings::Settings::default();
    store.write_blocking(move |w| store::settings::put(w, &settings)).expect("settings without identities");
    let world = World::with_store(store);
    let device = nearly_over(&world).await;
    assert_eq!(look(&world).await, 1);
    assert_eq!(waiting(&world, &device), 0);
    assert_eq!(world.due(Work::Renew, &device.id()), Some(world.now().plus_secs(DAY)));
}

#[tokio::test]
async fn devices_from_before_there_were_plans_are_planned_at_the_start() {
    let world = World::new();
    let device = world.enrolled("00008020-0000000000000001").await;
    let gone = world.enrolled("00008020-0000000000000002").await;
    gone.check_in("CheckOut", &[]).await.assert_empty_ok();
    let planned = world.due(Work::Renew, &device.id());
    let id = device.id();
    world.write(move |w| Ok(store::dues::cancel(w, Work::Renew, &id)?));
    assert_eq!(world.due(Work::Renew, &device.id()), None);
    plan_missing(&context(&world)).await.expect("planned");
    assert_eq!(world.due(Work::Renew, &device.id()), planned);
    assert_eq!(world.due(Work::Renew, &gone.id()), None);
}

#[tokio::test]
async fn the_loop_notices_by_itself_what_is_due_and_ends_when_told() {
    let world = World::new();
    let device = nearly_over(&world).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(run(context(&world), issuer(&world), stop.clone()));
    for _ in 0..500 {
        if waiting(&world, &device) == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(waiting(&world, &device), 1);
    stop.cancel();
    tokio::time::timeout(std::time::Duration::from_secs(2), running).await.expect("at once").expect("it ran");
}
