//! Conformance case 65: the way out of Setup Assistant.

use pomona::actions;
use pomona::model::command::{Errand, State};
use pomona::model::due::Work;
use pomona::rules::enrollment::HOLD_SECS;
use pomona::store::{self, Store};

use super::pretend::{Pretend, START, World};

const UDID: &str = "00008020-000123456789ABCD";

async fn awaiting(world: &World) -> Pretend {
    let device = world.device(UDID);
    device.authenticate().await.assert_empty_ok();
    device.token_update(&[("AwaitingConfiguration", true.into())]).await.assert_empty_ok();
    device
}

/// Does what the release worker does when its time has come.
fn release(world: &World) -> usize {
    let now = world.now();
    let ready = store::dues::ready(&world.read(), Work::Release, now, 100).expect("readable");
    for due in ready.clone() {
        let dice = world.app.dice.clone();
        world.write(move |w| actions::setup::overdue(w, &due, dice.as_ref(), now));
    }
    ready.len()
}

#[tokio::test]
async fn q_await_flow() {
    let world = World::new();
    world.profile("wifi", 1, true);
    let device = awaiting(&world).await;
    let offered = device.drain().await;
    assert_eq!(offered[0], "InstallProfile", "profiles come before questions");
    let release = offered.iter().position(|k| k == "DeviceConfigured").expect("it is released");
    assert_eq!(release, offered.len() - 1, "and last of all released: {offered:?}");
    assert!(!world.enrollment(&device.id()).expect("a row").awaiting);
    assert_eq!(world.due(Work::Release, &device.id()), None);
    assert_eq!(world.due(Work::Push, &device.id()), None);
}

#[tokio::test]
async fn a_device_is_released_also_when_its_first_commands_fail() {
    let world = World::new();
    world.profile("wifi", 1, true);
    let device = awaiting(&world).await;
    let mut reply = device.idle().await;
    let mut last = String::new();
    while let Some((uuid, kind)) = reply.command() {
        let status = if kind == "DeviceConfigured" { "Acknowledged" } else { "Error" };
        reply = device.answer(&uuid, status, &[]).await;
        last = kind;
    }
    assert_eq!(last, "DeviceConfigured");
    assert!(!world.enrollment(&device.id()).expect("a row").awaiting);
}

#[tokio::test]
async fn q_await_flow_with_a_command_never_answered() {
    let world = World::new();
    let device = awaiting(&world).await;
    let (stuck, _) = device.idle().await.command().expect("a command");
    assert_eq!(release(&world), 0, "not before its time");
    world.pass(HOLD_SECS);
    assert_eq!(release(&world), 1);
    assert!(world.due(Work::Push, &device.id()).is_some(), "the device is rung");
    let (uuid, kind) = device.idle().await.command().expect("a command");
    assert_eq!(kind, "DeviceConfigured", "before everything else");
    assert_ne!(uuid, stuck);
    device.acknowledge(&uuid).await;
    assert!(!world.enrollment(&device.id()).expect("a row").awaiting);
}

#[tokio::test]
async fn q_await_flow_over_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), START).expect("opens");
    let world = World::with_store(store.clone());
    let device = awaiting(&world).await;
    device.idle().await;
    store.close();
    let (keys, key, cert) = (device.keys.clone(), device.key.clone(), device.cert.clone());
    drop((world, device, store));

    let world = World::with_store(Store::open(folder.path(), START).expect("opens again"));
    world.pass(HOLD_SECS);
    assert_eq!(release(&world), 1);
    let device =
        Pretend { world: world.clone(), keys, serial: String::new(), product: "iPad13,1".into(), key, cert };
    assert_eq!(device.idle().await.command().expect("a command").1, "DeviceConfigured");
}

#[tokio::test]
async fn a_release_that_fails_is_tried_again_later_and_not_at_once() {
    let world = World::new();
    let device = awaiting(&world).await;
    let mut reply = device.idle().await;
    while let Some((uuid, kind)) = reply.command() {
        let status = if kind == "DeviceConfigured" { "Error" } else { "Acknowledged" };
        reply = device.answer(&uuid, status, &device.contents(&kind)).await;
    }
    assert!(world.enrollment(&device.id()).expect("a row").awaiting);
    device.idle().await.assert_empty_ok();
    world.pass(HOLD_SECS);
    assert_eq!(release(&world), 1);
    let (uuid, kind) = device.idle().await.command().expect("a command");
    assert_eq!(kind, "DeviceConfigured");
    device.acknowledge(&uuid).await;
    world.pass(HOLD_SECS);
    release(&world);
    device.idle().await.assert_empty_ok();
    assert_eq!(world.due(Work::Release, &device.id()), None);
}

#[tokio::test]
async fn a_device_that_never_comes_back_is_not_released_for_ever() {
    let world = World::new();
    let device = awaiting(&world).await;
    for _ in 0..30 {
        world.pass(HOLD_SECS);
        release(&world);
    }
    assert_eq!(world.due(Work::Release, &device.id()), None);
    assert_eq!(world.alerts(&device.id()).len(), 1);
    let queue = store::commands::queue(&world.read(), &device.id()).expect("a queue");
    assert_eq!(queue.iter().filter(|c| c.request_type == "DeviceConfigured").count(), 1);
}

#[tokio::test]
async fn the_user_of_a_shared_ipad_is_released_too() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let user = device.user("ADA");
    user.token_update(&[("AwaitingConfiguration", true.into())]).await.assert_empty_ok();
    let (uuid, kind) = user.idle().await.command().expect("a command");
    assert_eq!(kind, "UserConfigured");
    user.acknowledge(&uuid).await.assert_empty_ok();
    assert!(!world.enrollment(&user.id()).expect("a row").awaiting);
}

#[tokio::test]
async fn a_device_that_does_not_wait_is_not_released() {
    let world = World::new();
    let device = world.device(UDID);
    device.enroll().await;
    let offered = device.drain().await;
    assert!(!offered.contains(&"DeviceConfigured".to_owned()));
    let history = store::commands::history(&world.read(), &device.id(), None, 100).expect("a history");
    assert!(history.iter().all(|c| c.errand == Errand::Setup && c.state == State::Acknowledged));
}
