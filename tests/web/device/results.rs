//! Answers change what the device page shows; profiles are followed to the device and back.

use pomona::model::command::State;
use pomona::model::device::{Device, Inventory, Platform};
use pomona::model::due::Work;
use pomona::model::profile::{Delivery, Placement, Profile};
use pomona::store;
use pomona::wire::key::sha256;
use pomona::wire::mdm::command::Request as Ask;
use pomona::wire::plist::{self, Dictionary, Limits, Value};

use super::pretend::{Pretend, World};

const UDID: &str = "00008020-000123456789ABCD";
const MAC: &str = "0E1B6E1C-1111-4222-8333-444455556666";

fn row(world: &World, device: &Pretend) -> Device {
    store::devices::get(&world.read(), &device.id()).expect("readable").expect("a device")
}

fn inventory(world: &World, device: &Pretend) -> Inventory {
    store::devices::inventory(&world.read(), &device.id()).expect("readable")
}

fn placement(world: &World, device: &Pretend, profile: &str) -> Option<Placement> {
    store::profiles::placement(&world.read(), &device.id(), profile).expect("readable")
}

fn state(world: &World, device: &Pretend, profile: &str) -> Delivery {
    placement(world, device, profile).expect("a placement").state
}

#[tokio::test]
async fn the_first_answers_fill_the_device_page() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let row = row(&world, &device);
    assert_eq!((row.name.as_str(), row.platform), ("Renamed device", Platform::IPhone));
    assert_eq!(row.os_version.as_deref(), Some("26.2"));
    assert_eq!((row.battery, row.capacity_gb, row.available_gb), (Some(0.5), Some(128.0), Some(64.5)));
    assert_eq!((row.supervised, row.encrypted, row.passcode_present), (Some(true), Some(true), Some(true)));
    assert_eq!((row.app_count, row.information_at), (Some(1), Some(world.now())));
    let lists = inventory(&world, &device);
    let (_, certificates) = lists.certificates.expect("a list");
    assert_eq!(certificates[0].sha256, hex::encode(sha256(device.cert.der())));
    assert!(certificates[0].is_identity);
    let (_, apps) = lists.apps.expect("a list");
    assert_eq!(apps[0].version.as_deref(), Some("4.11"));
    assert_eq!(lists.profiles.expect("a list").1, vec![]);
}

#[tokio::test]
async fn the_lists_of_a_user_are_not_those_of_the_device() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let user = device.user("ADA");
    user.token_update(&[]).await.assert_empty_ok();
    let before = inventory(&world, &device);
    let uuid = world.ask(&user.id(), vec![Ask::CertificateList]).remove(0);
    user.idle().await;
    world.pass(60);
    user.answer(&uuid, "Acknowledged", &[("CertificateList", Value::Array(vec![]))]).await.assert_empty_ok();
    assert_eq!(inventory(&world, &device), before);
    assert_eq!(world.state(&user.id(), &uuid), State::Acknowledged);
}

fn listed(entries: &[(&str, &str)]) -> (&'static str, Value) {
    let entry = |(identifier, uuid): &(&str, &str)| {
        let mut d = Dictionary::new();
        d.insert("PayloadIdentifier".into(), (*identifier).into());
        d.insert("PayloadUUID".into(), (*uuid).into());
        d.insert("IsManaged".into(), true.into());
        Value::Dictionary(d)
    };
    ("ProfileList", Value::Array(entries.iter().map(entry).collect()))
}

/// The device installs what it is offered, and a list of its profiles confirms it.
async fn install(device: &Pretend, profile: &Profile) {
    let install = device.idle().await.uuid();
    let list = device.acknowledge(&install).await.uuid();
    let there = listed(&[(&profile.identifier, &profile.uuid)]);
    device.answer(&list, "Acknowledged", &[there]).await.assert_empty_ok();
}

#[tokio::test]
async fn a_profile_is_followed_from_waiting_to_confirmed_and_to_removed_by_its_user() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let profile = world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    assert_eq!(state(&world, &device, "wifi"), Delivery::Waiting);
    assert!(world.due(Work::Push, &device.id()).is_some());
    world.reconcile(&device.id());
    let queue = store::commands::queue(&world.read(), &device.id()).expect("a queue");
    assert_eq!(queue.len(), 1, "asked twice, it asks once");

    let sent = device.idle().await;
    let message = plist::parse_dictionary(&sent.body, Limits::DEVICE).expect("a command");
    let command = message.get("Command").and_then(Value::as_dictionary).expect("a dictionary");
    let payload = plist::data(command, "Payload").expect("data").expect("a payload");
    let file = store::profiles::revision(&world.read(), "wifi", 1).expect("readable").expect("a file");
    assert_eq!(payload, file.expose(), "byte for byte");
    assert_eq!(state(&world, &device, "wifi"), Delivery::Sent);
    let install = sent.uuid();
    device.answer(&install, "NotNow", &[]).await.assert_empty_ok();
    assert_eq!(state(&world, &device, "wifi"), Delivery::Busy);
    assert_eq!(device.idle().await.uuid(), install);
    world.pass(1);
    let (list, kind) = device.acknowledge(&install).await.command().expect("a question");
    assert_eq!((kind.as_str(), state(&world, &device, "wifi")), ("ProfileList", Delivery::Installed));
    let there = listed(&[(&profile.identifier, &profile.uuid.to_uppercase())]);
    device.answer(&list, "Acknowledged", &[there]).await.assert_empty_ok();
    assert_eq!(state(&world, &device, "wifi"), Delivery::Confirmed);
    assert_eq!(world.due(Work::Push, &device.id()), None);

    world.pass(60);
    world.ask(&device.id(), vec![Ask::ProfileList]);
    device.drain().await;
    assert_eq!(state(&world, &device, "wifi"), Delivery::RemovedByUser);
    world.reconcile(&device.id());
    device.idle().await.assert_empty_ok();
}

#[tokio::test]
async fn a_list_that_was_asked_before_an_installation_does_not_judge_it() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let list = world.ask(&device.id(), vec![Ask::ProfileList]).remove(0);
    assert_eq!(device.idle().await.uuid(), list);
    world.pass(1);
    world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    let install = device.idle().await.uuid();
    device.acknowledge(&install).await;
    device.answer(&list, "Acknowledged", &[listed(&[])]).await;
    assert_eq!(state(&world, &device, "wifi"), Delivery::Installed);
}

#[tokio::test]
async fn a_profile_that_the_device_refuses_says_why_and_is_not_sent_again() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    let uuid = device.idle().await.uuid();
    let mut why = Dictionary::new();
    why.insert("ErrorCode".into(), 4001.into());
    why.insert("ErrorDomain".into(), "MCInstallationErrorDomain".into());
    why.insert("LocalizedDescription".into(), "Installation failed.".into());
    device.answer(&uuid, "Error", &[("ErrorChain", Value::Array(vec![Value::Dictionary(why)]))]).await;
    let placed = placement(&world, &device, "wifi").expect("a placement");
    assert_eq!(placed.state, Delivery::Failed);
    assert!(placed.said.expect("a reason").contains("Installation failed."));
    world.reconcile(&device.id());
    device.idle().await.assert_empty_ok();
    world.profile("wifi", 2, true);
    world.reconcile(&device.id());
    assert_eq!(device.idle().await.command().expect("the new revision").1, "InstallProfile");
}

#[tokio::test]
async fn an_older_revision_that_nobody_fetched_is_taken_back() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    let first = placement(&world, &device, "wifi").expect("a placement").command;
    world.profile("wifi", 2, true);
    world.reconcile(&device.id());
    assert_eq!(world.state(&device.id(), &first), State::Canceled);
    let placed = placement(&world, &device, "wifi").expect("a placement");
    assert_eq!((placed.revision, placed.state), (2, Delivery::Waiting));
    assert_eq!(device.idle().await.uuid(), placed.command);
}

#[tokio::test]
async fn the_late_answer_to_an_older_revision_does_not_pass_for_the_newer() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    let first = device.idle().await.uuid();
    world.profile("wifi", 2, true);
    world.reconcile(&device.id());
    device.acknowledge(&first).await;
    let placed = placement(&world, &device, "wifi").expect("a placement");
    assert_ne!(placed.state, Delivery::Installed);
    assert_eq!(placed.revision, 2);
}

#[tokio::test]
async fn a_profile_that_is_no_longer_wanted_is_removed() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let profile = world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    install(&device, &profile).await;
    world.profile("wifi", 1, false);
    world.reconcile(&device.id());
    assert_eq!(state(&world, &device, "wifi"), Delivery::Removing);
    let sent = device.idle().await;
    let message = plist::parse_dictionary(&sent.body, Limits::DEVICE).expect("a command");
    let command = message.get("Command").and_then(Value::as_dictionary).expect("a dictionary");
    assert_eq!(plist::text(command, "RequestType").expect("text"), Some("RemoveProfile"));
    assert_eq!(plist::text(command, "Identifier").expect("text"), Some(profile.identifier.as_str()));
    device.acknowledge(&sent.uuid()).await;
    assert_eq!(placement(&world, &device, "wifi"), None);
}

#[tokio::test]
async fn a_removal_that_fails_because_it_was_gone_already_is_done() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let profile = world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    install(&device, &profile).await;
    world.profile("wifi", 1, false);
    world.reconcile(&device.id());
    world.pass(1);
    let remove = device.idle().await.uuid();
    let (list, kind) = device.answer(&remove, "Error", &[]).await.command().expect("a question");
    assert_eq!(kind, "ProfileList");
    device.answer(&list, "Acknowledged", &[listed(&[])]).await;
    assert_eq!(
        placement(&world, &device, "wifi").map(|p| (p.state, p.said)),
        Some((Delivery::Removing, None))
    );
}

#[tokio::test]
async fn what_was_assigned_and_taken_back_before_anybody_fetched_it_sends_nothing() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    world.profile("wifi", 1, false);
    world.reconcile(&device.id());
    assert_eq!(placement(&world, &device, "wifi"), None);
    device.idle().await.assert_empty_ok();

    // The same the other way round: on the device, unassigned, assigned again.
    let profile = world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    install(&device, &profile).await;
    world.profile("wifi", 1, false);
    world.reconcile(&device.id());
    world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    device.idle().await.assert_empty_ok();
    assert!(matches!(state(&world, &device, "wifi"), Delivery::Installed | Delivery::Confirmed));
}

#[tokio::test]
async fn a_profile_of_the_library_that_is_gone_is_taken_off_and_never_sent() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    world.profile("wifi", 1, true);
    world.profile("mail", 1, true);
    world.reconcile(&device.id());
    let install = device.idle().await.uuid();
    world.write(|w| {
        store::profiles::remove(w, "wifi")?;
        Ok(store::profiles::remove(w, "mail")?)
    });
    // Nobody compared yet: the one that was not fetched cannot be sent any more, and stops nothing.
    assert_eq!(device.acknowledge(&install).await.command().expect("a question").1, "ProfileList");
    world.reconcile(&device.id());
    assert_eq!(device.drain().await.iter().filter(|k| *k == "RemoveProfile").count(), 1);
}

#[tokio::test]
async fn the_enrollment_profile_is_never_touched() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    world.set(|s| s.enrollment_identifier = "org.example.wifi".into());
    world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    device.idle().await.assert_empty_ok();
    assert_eq!(placement(&world, &device, "wifi"), None);
}

#[tokio::test]
async fn a_device_that_enrolls_again_gets_its_profiles_again() {
    let world = World::new();
    world.profile("wifi", 1, true);
    let device = world.enrolled(UDID).await;
    assert!(matches!(state(&world, &device, "wifi"), Delivery::Installed | Delivery::RemovedByUser));
    device.authenticate().await.assert_empty_ok();
    assert_eq!(placement(&world, &device, "wifi"), None);
    assert_eq!(inventory(&world, &device), Inventory::default());
    device.token_update(&[]).await.assert_empty_ok();
    assert_eq!(device.drain().await[0], "InstallProfile");
}

#[tokio::test]
async fn a_profile_that_never_got_an_answer_says_so() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    for _ in 0..6 {
        device.idle().await;
    }
    assert_eq!(state(&world, &device, "wifi"), Delivery::NoAnswer);
}

#[tokio::test]
async fn an_acknowledged_erase_is_remembered_until_the_device_enrolls_again() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let erase = Ask::EraseDevice {
        pin: None,
        preserve_data_plan: None,
        disallow_proximity_setup: None,
        obliteration_behavior: None,
    };
    let uuid = world.ask(&device.id(), vec![erase]).remove(0);
    device.idle().await;
    device.acknowledge(&uuid).await.assert_empty_ok();
    assert_eq!(row(&world, &device).erased_at, Some(world.now()));
    device.authenticate().await.assert_empty_ok();
    assert_eq!(row(&world, &device).erased_at, None);
}

#[tokio::test]
async fn cm_erase_error_not_final_state() {
    let world = World::new();
    let erase = || Ask::EraseDevice {
        pin: None,
        preserve_data_plan: None,
        disallow_proximity_setup: None,
        obliteration_behavior: None,
    };
    let mac = world.device(MAC).mac();
    let phone = world.device(UDID);
    for device in [&mac, &phone] {
        device.enroll().await;
        device.drain().await;
        let uuid = world.ask(&device.id(), vec![erase()]).remove(0);
        device.idle().await;
        device.answer(&uuid, "Error", &[]).await.assert_empty_ok();
    }
    assert!(row(&world, &mac).erased_at.is_some(), "a Mac may erase itself and say Error");
    assert_eq!(row(&world, &phone).erased_at, None);
}
