//! Conformance cases 49 to 64: the command channel.

use axum::http::StatusCode;
use pomona::model::command::State;
use pomona::model::due::Work;
use pomona::model::enrollment::{EnrollmentId, EscrowKind};
use pomona::rules::queue::{BURST_SECS, MAX_OFFERS};
use pomona::store;
use pomona::wire::Secret;
use pomona::wire::mdm::command::Request as Ask;
use pomona::wire::plist::{self, Dictionary, Limits, Value};

use super::pretend::{Pretend, World};

const UDID: &str = "00008020-000123456789ABCD";

/// An enrolled device with these commands in its queue, and their UUIDs.
async fn with(requests: Vec<Ask>) -> (World, Pretend, Vec<String>) {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let uuids = world.ask(&device.id(), requests);
    (world, device, uuids)
}

fn restart() -> Ask {
    Ask::RestartDevice { notify_user: None }
}

fn error_chain() -> (&'static str, Value) {
    let mut first = Dictionary::new();
    first.insert("ErrorCode".into(), 12_021.into());
    first.insert("ErrorDomain".into(), "MCMDMErrorDomain".into());
    first.insert("USEnglishDescription".into(), "It is not allowed.".into());
    ("ErrorChain", Value::Array(vec![Value::Dictionary(first)]))
}

#[tokio::test]
async fn q_empty_idle() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let commits = *world.app.store.watch().borrow();
    let idle = device.idle().await;
    idle.assert_empty_ok();
    assert_eq!(idle.content_type, None);
    assert_eq!(*world.app.store.watch().borrow(), commits, "an Idle with nothing queued costs no write");
    assert_eq!(world.app.seen.get(&device.id()), Some(world.now()));
}

#[tokio::test]
async fn q_basic() {
    let (world, device, uuids) = with(vec![restart(), Ask::ShutDownDevice]).await;
    let first = device.idle().await;
    assert_eq!(first.command(), Some((uuids[0].clone(), "RestartDevice".into())));
    assert_eq!(first.content_type.as_deref(), Some("application/xml; charset=UTF-8"));
    assert_eq!(device.acknowledge(&uuids[0]).await.uuid(), uuids[1]);
    device.acknowledge(&uuids[1]).await.assert_empty_ok();
    device.idle().await.assert_empty_ok();
    for uuid in &uuids {
        assert_eq!(world.state(&device.id(), uuid), State::Acknowledged);
    }
    assert_eq!(world.due(Work::Push, &device.id()), None, "nobody rings for an empty queue");
}

#[tokio::test]
async fn q_notnow() {
    let (world, device, uuids) = with(vec![restart()]).await;
    assert_eq!(device.idle().await.uuid(), uuids[0]);
    device.answer(&uuids[0], "NotNow", &[]).await.assert_empty_ok();
    let command = world.command(&device.id(), &uuids[0]);
    assert_eq!((command.state, command.not_now_count), (State::NotNow, 1));
    assert_eq!(device.idle().await.uuid(), uuids[0]);
    device.acknowledge(&uuids[0]).await.assert_empty_ok();
    device.idle().await.assert_empty_ok();
}

#[tokio::test]
async fn a_notnow_to_nothing_is_no_accident() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    device.answer("UNKNOWN", "NotNow", &[]).await.assert_empty_ok();
    device.report(&[("Status", "NotNow".into())]).await.assert_empty_ok();
}

#[tokio::test]
async fn q_notnow_other() {
    let (world, device, uuids) = with(vec![restart(), Ask::ShutDownDevice]).await;
    world.write({
        let id = device.id();
        move |w| Ok(store::dues::cancel(w, Work::Push, &id)?)
    });
    assert_eq!(device.idle().await.uuid(), uuids[0]);
    assert_eq!(device.answer(&uuids[0], "NotNow", &[]).await.uuid(), uuids[1]);
    device.acknowledge(&uuids[1]).await.assert_empty_ok();
    let ring = world.due(Work::Push, &device.id()).expect("a push is scheduled");
    assert_eq!(ring, world.now().plus_secs(15 * 60));
    assert_eq!(device.idle().await.uuid(), uuids[0]);
}

#[tokio::test]
async fn after_the_burst_a_notnow_command_may_follow_another_answer() {
    let (world, device, uuids) = with(vec![restart(), Ask::ShutDownDevice]).await;
    device.idle().await;
    device.answer(&uuids[0], "NotNow", &[]).await;
    world.pass(BURST_SECS);
    assert_eq!(device.acknowledge(&uuids[1]).await.uuid(), uuids[0]);
}

#[tokio::test]
async fn q_error() {
    let (world, device, uuids) = with(vec![restart(), Ask::ShutDownDevice]).await;
    device.idle().await;
    assert_eq!(device.answer(&uuids[0], "Error", &[error_chain()]).await.uuid(), uuids[1]);
    let command = world.command(&device.id(), &uuids[0]);
    assert_eq!(command.state, State::Error);
    assert_eq!((command.errors[0].code, command.errors[0].domain.as_str()), (12_021, "MCMDMErrorDomain"));
    assert_eq!(command.errors[0].text, "It is not allowed.");
    assert_eq!(command.finished, Some(world.now()));
}

#[tokio::test]
async fn q_formaterror() {
    let (world, device, uuids) = with(vec![restart(), Ask::ShutDownDevice]).await;
    device.idle().await;
    assert_eq!(device.answer(&uuids[0], "CommandFormatError", &[error_chain()]).await.uuid(), uuids[1]);
    let command = world.command(&device.id(), &uuids[0]);
    assert_eq!((command.state, command.errors.len()), (State::FormatError, 1));
    assert_eq!(world.alerts(&device.id()).len(), 1, "a bug of ours, or an OS too old: somebody should look");
}

#[tokio::test]
async fn q_lost_reply() {
    let (world, device, uuids) = with(vec![restart(), Ask::ShutDownDevice]).await;
    device.idle().await;
    // The reply to the first is lost; the device repeats its result, now with another word in it.
    assert_eq!(device.acknowledge(&uuids[0]).await.uuid(), uuids[1]);
    let kept = store::commands::report(&world.read(), &device.id(), &uuids[0]).expect("readable");
    world.pass(5);
    let again = device.answer(&uuids[0], "Error", &[error_chain()]).await;
    assert_eq!(again.uuid(), uuids[1]);
    assert_eq!(world.state(&device.id(), &uuids[0]), State::Acknowledged, "the first final answer wins");
    assert_eq!(store::commands::report(&world.read(), &device.id(), &uuids[0]).expect("readable"), kept);
    assert!(store::commands::orphans(&world.read(), &device.id()).expect("readable").is_empty());
}

#[tokio::test]
async fn q_lost_command() {
    let (_, device, uuids) = with(vec![restart()]).await;
    assert_eq!(device.idle().await.uuid(), uuids[0]);
    assert_eq!(device.idle().await.uuid(), uuids[0]);
}

#[tokio::test]
async fn q_unknown_uuid() {
    let (world, device, uuids) = with(vec![restart()]).await;
    assert_eq!(device.acknowledge("1B2C3D4E-0000-4000-8000-000000000000").await.uuid(), uuids[0]);
    let orphans = store::commands::orphans(&world.read(), &device.id()).expect("readable");
    assert_eq!(orphans.len(), 1);
}

#[tokio::test]
async fn q_result_undecodable() {
    let (world, device, uuids) = with(vec![Ask::ProfileList, Ask::SecurityInfo]).await;
    device.idle().await;
    let odd = [("ProfileList", "this should be a list".into())];
    assert_eq!(device.answer(&uuids[0], "Acknowledged", &odd).await.uuid(), uuids[1]);
    let command = world.command(&device.id(), &uuids[0]);
    assert_eq!(command.state, State::Acknowledged);
    assert!(command.not_understood.is_some());
    let raw = store::commands::report(&world.read(), &device.id(), &uuids[0]).expect("readable");
    assert!(raw.expect("stored").expose_str().expect("text").contains("this should be a list"));
}

#[tokio::test]
async fn q_clear_on_authenticate() {
    let (world, device, uuids) = with(vec![restart(), Ask::ShutDownDevice, Ask::SecurityInfo]).await;
    let user = device.user("ADA");
    user.token_update(&[]).await.assert_empty_ok();
    let of_user = world.ask(&user.id(), vec![Ask::ProfileList]);
    device.idle().await;
    device.acknowledge(&uuids[0]).await;
    device.answer(&uuids[1], "NotNow", &[]).await;
    device.authenticate().await.assert_empty_ok();
    assert_eq!(world.state(&device.id(), &uuids[0]), State::Acknowledged, "finished results are kept");
    assert!(store::commands::report(&world.read(), &device.id(), &uuids[0]).expect("readable").is_some());
    assert_eq!(world.state(&device.id(), &uuids[1]), State::Dropped);
    assert_eq!(world.state(&device.id(), &uuids[2]), State::Dropped);
    assert_eq!(world.state(&user.id(), &of_user[0]), State::Dropped);
    device.token_update(&[]).await.assert_empty_ok();
    let offered = device.drain().await;
    assert!(!offered.contains(&"ShutDownDevice".to_owned()), "{offered:?}");
}

#[tokio::test]
async fn q_priority() {
    let lock = Ask::DeviceLock { pin: None, message: None, phone_number: None };
    let (_, device, uuids) = with(vec![Ask::SecurityInfo, restart(), lock]).await;
    assert_eq!(device.idle().await.uuid(), uuids[2]);
    assert_eq!(device.acknowledge(&uuids[2]).await.uuid(), uuids[1]);
    assert_eq!(device.acknowledge(&uuids[1]).await.uuid(), uuids[0]);
}

#[tokio::test]
async fn q_two_channels() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let user = device.user("ADA");
    user.token_update(&[]).await.assert_empty_ok();
    let uuid = world.ask(&user.id(), vec![Ask::ProfileList]).remove(0);
    device.idle().await.assert_empty_ok();
    assert_eq!(user.idle().await.uuid(), uuid);
    assert!(world.due(Work::Push, &user.id()).is_some());
    assert_eq!(world.due(Work::Push, &device.id()), None, "each channel is rung for itself");
}

/// Whoever sees that a push is due also sees the command it is for: both are one commit.
#[tokio::test(flavor = "multi_thread")]
async fn q_commit_before_push() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let (watching, id) = (world.clone(), device.id());
    let watcher = tokio::spawn(async move {
        let mut commits = watching.app.store.watch();
        loop {
            let view = watching.read();
            if store::dues::get(&view, Work::Push, &id).expect("readable").is_some() {
                return store::commands::has_queue(&view, &id).expect("readable");
            }
            commits.changed().await.expect("the store is open");
        }
    });
    world.ask(&device.id(), vec![restart()]);
    assert!(watcher.await.expect("the watcher ends"), "rung for an empty queue");
}

#[tokio::test]
async fn q_poison() {
    let (world, device, uuids) = with(vec![restart(), Ask::ShutDownDevice]).await;
    for _ in 0..MAX_OFFERS {
        assert_eq!(device.idle().await.uuid(), uuids[0]);
        world.pass(10);
    }
    assert_eq!(device.idle().await.uuid(), uuids[1]);
    assert_eq!(world.state(&device.id(), &uuids[0]), State::NoAnswer);
    // It was only slow: a late answer still counts.
    device.acknowledge(&uuids[0]).await;
    assert_eq!(world.state(&device.id(), &uuids[0]), State::Acknowledged);
}

#[tokio::test]
async fn a_parked_command_that_is_answered_notnow_waits_again() {
    let (world, device, uuids) = with(vec![restart()]).await;
    for _ in 0..=MAX_OFFERS {
        device.idle().await;
    }
    assert_eq!(world.state(&device.id(), &uuids[0]), State::NoAnswer);
    device.answer(&uuids[0], "NotNow", &[]).await.assert_empty_ok();
    assert_eq!(world.state(&device.id(), &uuids[0]), State::NotNow);
    assert_eq!(device.idle().await.uuid(), uuids[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_device_on_many_connections_gets_one_command_and_answers_it_once() {
    let (world, device, uuids) = with(vec![restart(), Ask::ShutDownDevice]).await;
    let mut running = vec![];
    for n in 0..12 {
        let (device, uuid) = (device.clone(), uuids[0].clone());
        running.push(tokio::spawn(async move {
            if n % 2 == 0 {
                device.acknowledge(&uuid).await
            } else {
                device.answer(&uuid, "Error", &[]).await
            }
        }));
    }
    for one in running {
        assert_eq!(one.await.expect("it ran").uuid(), uuids[1]);
    }
    let state = world.state(&device.id(), &uuids[0]);
    assert!(matches!(state, State::Acknowledged | State::Error));
    let told =
        world.activities().into_iter().filter(|a| a.text.contains("RestartDevice") && a.by == "device");
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn answers_to_nothing_fill_no_disk() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    for n in 0..30 {
        let filler = ("Filler", Value::String("a".repeat(200 << 10)));
        device.answer(&format!("UNKNOWN-{n}"), "Acknowledged", &[filler]).await.assert_empty_ok();
    }
    let orphans = store::commands::orphans(&world.read(), &device.id()).expect("readable");
    assert_eq!(orphans.len(), 20);
}

#[tokio::test]
async fn a_device_that_asks_seldom_is_offered_its_command_for_ever() {
    let (world, device, uuids) = with(vec![restart()]).await;
    for _ in 0..20 {
        assert_eq!(device.idle().await.uuid(), uuids[0]);
        world.pass(1800);
    }
}

#[tokio::test]
async fn q_no_content_type() {
    let (world, device, uuids) = with(vec![restart()]).await;
    let body = |status: &str| {
        let report =
            device.dictionary(&[("Status", status.into()), ("CommandUUID", uuids[0].clone().into())]);
        plist::to_xml(&Value::Dictionary(report))
    };
    let idle = plist::to_xml(&Value::Dictionary(device.dictionary(&[("Status", "Idle".into())])));
    assert_eq!(world.send(device.request(None, idle.clone())).await.uuid(), uuids[0]);
    assert_eq!(world.send(device.request(Some(""), idle)).await.uuid(), uuids[0]);
    world.send(device.request(None, body("Acknowledged"))).await.assert_empty_ok();
    assert_eq!(world.state(&device.id(), &uuids[0]), State::Acknowledged);
}

#[tokio::test]
async fn q_disabled_device() {
    let (world, device, uuids) = with(vec![restart()]).await;
    device.check_in("CheckOut", &[]).await.assert_empty_ok();
    device.idle().await.assert_refused();
    assert_eq!(world.state(&device.id(), &uuids[0]), State::Dropped);
    world.set(|s| s.policy.dismiss_checked_out = true);
    let answer = device.idle().await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.content_type.as_deref(), Some("application/json"));
    assert!(std::str::from_utf8(&answer.body).expect("text").contains("com.apple.unrecognized.device"));
}

#[tokio::test]
async fn a_report_before_the_first_token_update_gets_nothing_and_breaks_nothing() {
    let world = World::new();
    let device = world.device(UDID);
    device.authenticate().await.assert_empty_ok();
    device.idle().await.assert_empty_ok();
    device.acknowledge("SOMETHING").await.assert_empty_ok();
    assert_eq!(store::commands::orphans(&world.read(), &device.id()).expect("readable").len(), 1);
}

#[tokio::test]
async fn a_command_that_was_taken_back_is_not_offered_and_its_late_answer_is_kept() {
    let (world, device, uuids) = with(vec![restart(), Ask::ShutDownDevice]).await;
    device.idle().await;
    let (id, now) = (device.id(), world.now());
    let taken = uuids.clone();
    world.write(move |w| {
        let by = pomona::model::account::Actor::console();
        for uuid in &taken {
            pomona::actions::commands::cancel(w, &by, &id, uuid, now)?;
        }
        Ok(())
    });
    device.idle().await.assert_empty_ok();
    assert_eq!(world.state(&device.id(), &uuids[1]), State::Canceled);
    device.acknowledge(&uuids[0]).await.assert_empty_ok();
    assert_eq!(world.state(&device.id(), &uuids[0]), State::Acknowledged, "it had it already, and did it");
}

#[tokio::test]
async fn the_same_question_is_not_asked_twice() {
    let other = Ask::DeviceInformation { queries: vec!["UDID".into()] };
    let (world, device, uuids) =
        with(vec![Ask::ProfileList, Ask::ProfileList, other, restart(), restart()]).await;
    assert_eq!(uuids[0], uuids[1]);
    assert_ne!(uuids[3], uuids[4], "two restarts are two restarts");
    // One that was fetched may be answered from before the new question.
    for _ in 0..2 {
        let uuid = device.idle().await.uuid();
        device.acknowledge(&uuid).await;
    }
    let again = world.ask(&device.id(), vec![Ask::ProfileList]).remove(0);
    assert_ne!(again, uuids[0]);
}

async fn sent_dictionary(device: &Pretend) -> Dictionary {
    let message = plist::parse_dictionary(&device.idle().await.body, Limits::DEVICE).expect("a command");
    message.get("Command").and_then(Value::as_dictionary).expect("a dictionary").clone()
}

#[tokio::test]
async fn cm_pin_format() {
    let world = World::new();
    let device = world.device("0E1B6E1C-1111-4222-8333-444455556666").mac();
    device.enroll().await;
    device.drain().await;
    world.ask(&device.id(), vec![Ask::DeviceLock { pin: None, message: None, phone_number: None }]);
    let pin = world.escrow(&device.id(), EscrowKind::LockPin).expect("kept before anybody can fetch it");
    assert!(pin.len() == 6 && pin.expose().iter().all(u8::is_ascii_digit));
    let sent = sent_dictionary(&device).await;
    assert_eq!(plist::text(&sent, "PIN").expect("text").map(str::as_bytes), Some(pin.expose()));
}

#[tokio::test]
async fn a_pin_that_is_not_six_digits_is_refused_and_nothing_is_queued() {
    let world = World::new();
    let device = world.device("0E1B6E1C-1111-4222-8333-444455556666").mac();
    device.enroll().await;
    device.drain().await;
    for pin in ["12345", "1234567", "12345a", ""] {
        let (id, dice, now) = (device.id(), world.app.dice.clone(), world.now());
        let ask =
            Ask::DeviceLock { pin: Some(Secret::from(pin.to_owned())), message: None, phone_number: None };
        let by = pomona::model::account::Actor::console();
        let refused = world.app.store.write_blocking(move |w| {
            pomona::actions::commands::enqueue(w, &by, &id, ask, dice.as_ref(), now)
        });
        assert_eq!(refused.expect_err("refused").code(), "command.pin");
    }
    assert_eq!(world.escrow(&device.id(), EscrowKind::LockPin), None);
    device.idle().await.assert_empty_ok();
}

#[tokio::test]
async fn a_lock_written_by_hand_gets_a_pin_too() {
    let world = World::new();
    let device = world.device("0E1B6E1C-1111-4222-8333-444455556666").mac();
    device.enroll().await;
    device.drain().await;
    let mut raw = Dictionary::new();
    raw.insert("RequestType".into(), "EraseDevice".into());
    world.ask(&device.id(), vec![Ask::Raw(raw)]);
    let pin = world.escrow(&device.id(), EscrowKind::LockPin).expect("kept");
    let sent = sent_dictionary(&device).await;
    assert_eq!(plist::text(&sent, "PIN").expect("text").map(str::as_bytes), Some(pin.expose()));
}

#[tokio::test]
async fn an_iphone_is_locked_without_a_pin() {
    let (world, device, _) =
        with(vec![Ask::DeviceLock { pin: None, message: Some("Lost".into()), phone_number: None }]).await;
    let sent = sent_dictionary(&device).await;
    assert!(!sent.contains_key("PIN"));
    assert_eq!(world.escrow(&device.id(), EscrowKind::LockPin), None);
}

#[tokio::test]
async fn clear_passcode_sends_the_unlock_token_and_without_one_is_refused() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let clear = || Ask::ClearPasscode { unlock_token: Secret::new(Vec::new()) };
    let (id, dice, now) = (device.id(), world.app.dice.clone(), world.now());
    let by = pomona::model::account::Actor::console();
    let refused = world.app.store.write_blocking(move |w| {
        pomona::actions::commands::enqueue(w, &by, &id, clear(), dice.as_ref(), now)
    });
    assert_eq!(refused.expect_err("refused").code(), "command.no_unlock_token");
    let token: Vec<u8> = (0..=255).collect();
    device.token_update(&[("UnlockToken", Value::Data(token.clone()))]).await.assert_empty_ok();
    world.ask(&device.id(), vec![clear()]);
    let sent = sent_dictionary(&device).await;
    assert_eq!(plist::data(&sent, "UnlockToken").expect("data"), Some(token.as_slice()));
}

#[tokio::test]
async fn commands_for_who_is_not_enrolled_are_refused() {
    let world = World::new();
    let device = world.device(UDID);
    device.authenticate().await.assert_empty_ok();
    for id in [device.id(), EnrollmentId::parse("nobody").expect("an id")] {
        let (dice, now) = (world.app.dice.clone(), world.now());
        let by = pomona::model::account::Actor::console();
        let refused = world.app.store.write_blocking(move |w| {
            pomona::actions::commands::enqueue(w, &by, &id, Ask::SecurityInfo, dice.as_ref(), now)
        });
        let code = refused.expect_err("refused").code();
        assert!(["enrollment.not_enrolled", "enrollment.unknown"].contains(&code), "{code}");
    }
}
