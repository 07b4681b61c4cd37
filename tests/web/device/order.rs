//! Messages that come twice, late or in another order end in the same state (fault F17).

use std::collections::BTreeMap;

use pomona::actions::check_in::{self, Caller};
use pomona::actions::connect::{self, Said};
use pomona::model::command::{DeviceError, State};
use pomona::model::enrollment::EscrowKind;
use pomona::model::profile::Delivery;
use pomona::store;
use pomona::wire::Secret;
use pomona::wire::mdm::checkin::CheckIn;
use pomona::wire::mdm::command::Request as Ask;
use pomona::wire::mdm::report::Report;
use pomona::wire::plist::{self, Value};
use proptest::prelude::*;

use super::pretend::{Pretend, TOPIC, World};

/// One message of a trace.
#[derive(Debug, Clone)]
enum Line {
    Report(Vec<u8>),
    CheckIn(Vec<u8>),
}

/// Everything of the end that must not depend on the order: no counters, no times.
#[derive(Debug, Clone, PartialEq)]
struct End {
    commands: BTreeMap<String, (State, Option<String>, Vec<DeviceError>)>,
    orphans: Vec<String>,
    encrypted: Option<bool>,
    certificates: usize,
    placement: Option<(Delivery, Option<u32>)>,
    bootstrap: Option<Vec<u8>>,
    push_token: Vec<u8>,
    enrolled: bool,
    unfinished: Vec<String>,
}

fn say(world: &World, device: &Pretend, line: &Line) {
    let (fingerprint, channel, now) = (device.cert.fingerprint(), device.id(), world.now());
    let dice = world.app.dice.clone();
    match line.clone() {
        Line::CheckIn(body) => {
            let said = CheckIn::parse(&body).expect("a check-in");
            let caller = Caller { fingerprint, account: None, topic: Some(TOPIC.into()) };
            world.write(move |w| check_in::receive(w, &caller, &said, dice.as_ref(), now));
        }
        Line::Report(body) => {
            let report = Report::parse(&body).expect("a report");
            let errors = report.errors.iter().map(|e| DeviceError {
                code: e.code,
                domain: e.domain.clone(),
                text: e.text.clone(),
            });
            let said = Said {
                understood: connect::understand(&world.read(), &channel, &report).expect("readable"),
                status: report.status,
                command: report.command_uuid.clone(),
                errors: errors.collect(),
                raw: Secret::new(body),
                channel,
            };
            world.write(move |w| connect::report(w, &fingerprint, said, dice.as_ref(), now));
        }
    }
}

/// The messages a device has to say, with what they are about.
fn begin(world: &World) -> (Pretend, Vec<String>, Vec<Line>) {
    let device = world.device("00008020-000123456789ABCD");
    let check_in = |message: &str, more: &[(&str, Value)]| {
        Line::CheckIn(plist::to_xml(&Value::Dictionary(device.message(message, more))))
    };
    let token = [
        ("Topic", TOPIC.into()),
        ("PushMagic", "magic".into()),
        ("Token", Value::Data(vec![7; 32])),
        ("UnlockToken", Value::Data(vec![8; 8])),
    ];
    say(world, &device, &check_in("Authenticate", &[("Topic", TOPIC.into())]));
    world.profile("wifi", 1, true);
    say(world, &device, &check_in("TokenUpdate", &token));
    let mut uuids = world.ask(
        &device.id(),
        vec![
            Ask::RestartDevice { notify_user: None },
            Ask::ShutDownDevice,
            Ask::DeviceLock { pin: None, message: None, phone_number: None },
        ],
    );
    let queue = store::commands::queue(&world.read(), &device.id()).expect("a queue");
    let of = |kind: &str| queue.iter().find(|c| c.request_type == kind).expect("asked").uuid.clone();
    let (install, security, certificates) = (of("InstallProfile"), of("SecurityInfo"), of("CertificateList"));
    let report =
        |more: &[(&str, Value)]| Line::Report(plist::to_xml(&Value::Dictionary(device.dictionary(more))));
    let answer = |uuid: &str, status: &str, more: &[(&'static str, Value)]| {
        let mut all = vec![("Status", status.into()), ("CommandUUID", uuid.into())];
        all.extend_from_slice(more);
        report(&all)
    };
    let lines = vec![
        answer(&uuids[0], "Error", &[]),
        answer(&uuids[1], "NotNow", &[]),
        answer(&uuids[1], "Acknowledged", &[]),
        answer(&uuids[2], "CommandFormatError", &[]),
        answer(&install, "NotNow", &[]),
        answer(&install, "Acknowledged", &[]),
        answer(&security, "Acknowledged", &device.contents("SecurityInfo")),
        answer(&certificates, "Acknowledged", &device.contents("CertificateList")),
        answer("AN-UNKNOWN-COMMAND", "Acknowledged", &[]),
        report(&[("Status", "Idle".into())]),
        check_in("TokenUpdate", &token),
        check_in("SetBootstrapToken", &[("BootstrapToken", Value::Data(vec![9; 16]))]),
    ];
    uuids.extend([install, security, certificates]);
    (device, uuids, lines)
}

fn end(world: &World, device: &Pretend, uuids: &[String]) -> End {
    let (view, id) = (world.read(), device.id());
    let row = store::devices::get(&view, &id).expect("readable").expect("a device");
    let raw = |uuid: &String| store::commands::report(&view, &id, uuid).expect("readable");
    let command = |uuid: &String| {
        let c = world.command(&id, uuid);
        (
            c.request_type,
            (c.state, raw(uuid).map(|r| String::from_utf8(r.expose().to_vec()).expect("XML")), c.errors),
        )
    };
    // What follows by itself (the list of profiles after an installation) has a UUID of its own in each world.
    let mut unfinished: Vec<_> = store::commands::queue(&view, &id)
        .expect("a queue")
        .into_iter()
        .filter(|c| c.state == State::Queued || c.state == State::Sent)
        .map(|c| c.request_type)
        .collect();
    unfinished.sort();
    unfinished.dedup();
    let orphans = store::commands::orphans(&view, &id).expect("readable");
    let mut orphans: Vec<_> = orphans.into_iter().map(|(uuid, _)| uuid).collect();
    orphans.dedup();
    End {
        commands: uuids.iter().map(command).collect(),
        orphans,
        encrypted: row.encrypted,
        certificates: store::devices::inventory(&view, &id)
            .expect("readable")
            .certificates
            .map_or(0, |(_, list)| list.len()),
        placement: store::profiles::placement(&view, &id, "wifi")
            .expect("readable")
            .map(|p| (p.state, p.installed)),
        bootstrap: world.escrow(&id, EscrowKind::BootstrapToken).map(|t| t.expose().to_vec()),
        push_token: store::enrollments::push_info(&view, &id)
            .expect("readable")
            .expect("push info")
            .token
            .expose()
            .to_vec(),
        enrolled: world.enrollment(&id).expect("a row").is_enrolled(),
        unfinished,
    }
}

/// Raw bodies name their command, whose UUID differs between worlds.
fn without_uuids(mut end: End, uuids: &[String]) -> End {
    for (_, raw, _) in end.commands.values_mut() {
        if let Some(text) = raw {
            for uuid in uuids {
                *text = text.replace(uuid.as_str(), "UUID");
            }
            // The certificate differs between worlds as well.
            text.truncate(text.find("CertificateList").unwrap_or(text.len()));
            *text = hex::encode(pomona::wire::key::sha256(text.as_bytes()));
        }
    }
    end
}

fn run(order: &[usize]) -> End {
    let world = World::new();
    let (device, uuids, lines) = begin(&world);
    for at in order {
        say(&world, &device, &lines[*at]);
        // So slowly that nothing is parked: how often a command was offered is a count, and not a state.
        world.pass(1000);
    }
    without_uuids(end(&world, &device, &uuids), &uuids)
}

const LINES: usize = 12;

fn orders() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..LINES, 0..10).prop_flat_map(|again| {
        let all: Vec<usize> = (0..LINES).chain(again).collect();
        Just(all).prop_shuffle()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_repetition_of_a_trace_ends_in_the_same_state(order in orders()) {
        let plain: Vec<usize> = (0..LINES).collect();
        let expected = run(&plain);
        prop_assert_eq!(expected.placement, Some((Delivery::Installed, Some(1))));
        prop_assert_eq!(expected.orphans.len(), 1);
        prop_assert_eq!(run(&order), expected);
    }
}

#[tokio::test]
async fn a_goodbye_in_the_middle_ends_everything_once() {
    let world = World::new();
    let device = world.enrolled("00008020-000123456789ABCD").await;
    let uuid = world.ask(&device.id(), vec![Ask::ShutDownDevice]).remove(0);
    device.idle().await;
    device.check_in("CheckOut", &[]).await.assert_empty_ok();
    device.acknowledge(&uuid).await.assert_refused();
    device.check_in("CheckOut", &[]).await.assert_empty_ok();
    device.token_update(&[]).await.assert_refused();
    assert_eq!(world.state(&device.id(), &uuid), State::Dropped);
    device.authenticate().await.assert_refused();
    let fresh = world.device("another");
    let device = device.with_identity(fresh.key, fresh.cert);
    device.enroll().await;
    device.acknowledge(&uuid).await;
    assert_eq!(world.state(&device.id(), &uuid), State::Dropped, "an answer from a former life is no news");
}
