//! The loops behind the device endpoint.

use std::time::Duration;

use pomona::model::due::Work;
use pomona::model::profile::Delivery;
use pomona::rules::enrollment::HOLD_SECS;
use pomona::store;
use pomona::workers;
use tokio_util::sync::CancellationToken;

use super::context;
use crate::web::device::pretend::{Pretend, World};

fn raise(world: &World, work: Work, device: &Pretend) {
    let (id, now) = (device.id(), world.now());
    world.write(move |w| Ok(store::dues::raise(w, work, &id, now)?));
}

/// Runs a worker until `done`, and stops it.
async fn until<F: Future<Output = ()> + Send + 'static>(
    worker: impl FnOnce(CancellationToken) -> F,
    done: impl Fn() -> bool,
) {
    let stop = CancellationToken::new();
    let running = tokio::spawn(worker(stop.clone()));
    for _ in 0..500 {
        if done() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(done(), "it was not done in five seconds");
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(2), running).await.expect("it stops at once").expect("it ran");
}

#[tokio::test]
async fn what_is_due_is_reconciled_and_nothing_stays_due() {
    let world = World::new();
    let mut devices = vec![];
    for n in 0..40 {
        devices.push(world.enrolled(&format!("00008020-00000000000000{n:02X}")).await);
    }
    world.profile("wifi", 1, true);
    for device in &devices {
        raise(&world, Work::Reconcile, device);
    }
    let count = || store::dues::count(&world.read(), Work::Reconcile).expect("a count");
    until(|stop| workers::reconcile::run(context(&world), stop), || count() == 0).await;
    for device in &devices {
        let placed = store::profiles::placement(&world.read(), &device.id(), "wifi").expect("readable");
        assert_eq!(placed.expect("a placement").state, Delivery::Waiting);
        assert!(world.due(Work::Push, &device.id()).is_some());
    }
}

#[tokio::test]
async fn a_device_that_left_is_not_reconciled_and_not_due_for_ever() {
    let world = World::new();
    let device = world.enrolled("00008020-0000000000000001").await;
    device.check_in("CheckOut", &[]).await.assert_empty_ok();
    world.profile("wifi", 1, true);
    raise(&world, Work::Reconcile, &device);
    workers::reconcile::round(&context(&world)).await.expect("a round");
    assert_eq!(world.due(Work::Reconcile, &device.id()), None);
    assert!(store::commands::queue(&world.read(), &device.id()).expect("a queue").is_empty());
}

#[tokio::test]
async fn work_raised_while_the_loop_sleeps_wakes_it() {
    let world = World::new();
    let device = world.enrolled("00008020-0000000000000001").await;
    world.profile("wifi", 1, true);
    let stop = CancellationToken::new();
    let running = tokio::spawn(workers::reconcile::run(context(&world), stop.clone()));
    tokio::time::sleep(Duration::from_millis(100)).await;
    raise(&world, Work::Reconcile, &device);
    let started = std::time::Instant::now();
    while world.due(Work::Reconcile, &device.id()).is_some() {
        assert!(started.elapsed() < Duration::from_secs(5), "it sleeps on");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.cancel();
    running.await.expect("it ran");
}

#[tokio::test]
async fn a_waiting_setup_assistant_is_released_when_its_time_has_come() {
    let world = World::new();
    let device = world.device("00008020-0000000000000001");
    device.authenticate().await.assert_empty_ok();
    device.token_update(&[("AwaitingConfiguration", true.into())]).await.assert_empty_ok();
    let ctx = context(&world);
    assert_eq!(workers::release::round(&ctx).await.expect("a round"), 0);
    world.pass(HOLD_SECS);
    let release = |c: &pomona::model::command::Command| c.request_type == "DeviceConfigured";
    let queued = || store::commands::queue(&world.read(), &device.id()).expect("a queue").iter().any(release);
    until(|stop| workers::release::run(ctx, stop), queued).await;
    assert_eq!(world.due(Work::Release, &device.id()), Some(world.now().plus_secs(HOLD_SECS)));
}

#[tokio::test]
async fn who_was_heard_of_is_written_down_in_bulk_and_once_more_at_the_end() {
    let world = World::new();
    let device = world.enrolled("00008020-0000000000000001").await;
    let id = device.id();
    let written = || store::devices::seen(&world.read(), &id).expect("readable");
    assert_eq!(written(), None);
    workers::flush::flush(&context(&world)).await.expect("written");
    assert_eq!(written(), Some(world.now()));
    assert_eq!(world.app.seen.get(&id), None, "the store knows it now");

    world.pass(60);
    device.idle().await.assert_empty_ok();
    let stop = CancellationToken::new();
    stop.cancel();
    workers::flush::run(context(&world), stop).await;
    assert_eq!(written(), Some(world.now()));
}

#[tokio::test]
async fn challenges_that_nobody_used_are_swept_away() {
    use pomona::model::certificate::Purpose;
    use pomona::wire::key::sha256;
    let world = World::new();
    let enrollment = pomona::model::enrollment::EnrollmentId::parse("D").expect("an id");
    let purpose = || Purpose::Renewal { enrollment: enrollment.clone() };
    let old = world.challenge(purpose());
    world.pass(2 * 86_400);
    let fresh = world.challenge(purpose());
    workers::flush::sweep(&context(&world)).await.expect("swept");
    let there = |text: &str| {
        store::tickets::challenge(&world.read(), &sha256(text.as_bytes())).expect("readable").is_some()
    };
    assert!(!there(&old) && there(&fresh));
}
