//! Whole fleets at the real server: over TLS, rung by a pretend APNs, with everything that goes wrong.

use std::sync::Arc;
use std::time::Duration;

use pomona::model::command::State;
use pomona::model::enrollment::EnrollmentId;
use pomona::simulator::fleet::{Report, Wake};
use pomona::simulator::{DeviceOptions, Faults, Fleet, Kind, Plan};
use pomona::store;
use pomona::wire::Secret;
use pomona::wire::mdm::command::Request;
use tokio_util::sync::CancellationToken;

use super::commands::profile;
use super::server::{Server, eventually};

/// A fleet at a server, living until it is dropped.
pub(super) struct Life {
    pub(super) server: Server,
    pub(super) fleet: Arc<Fleet>,
    stop: CancellationToken,
}

impl Life {
    async fn of(devices: usize, options: DeviceOptions) -> Self {
        Self::planned(|plan| {
            plan.devices = devices;
            plan.options = options;
        })
        .await
    }

    async fn planned(change: impl FnOnce(&mut Plan)) -> Self {
        Self::at(Server::start().await, change).await
    }

    pub(super) async fn at(server: Server, change: impl FnOnce(&mut Plan)) -> Self {
        let wake = Wake::Rung(server.apple.bells().clone());
        let mut plan = Plan::new(server.link.clone(), server.trust(), 1, wake);
        plan.shared_keys = Some(2);
        change(&mut plan);
        let devices = plan.devices;
        let fleet = Arc::new(Fleet::new(plan, Arc::new(|_| {})));
        assert_eq!(fleet.enroll().await, devices, "{:?}", fleet.report().troubles);
        let stop = CancellationToken::new();
        let (living, until) = (fleet.clone(), stop.clone());
        tokio::spawn(async move { living.run(until).await });
        Self { server, fleet, stop }
    }

    async fn ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for member in self.fleet.members() {
            ids.push(member.device.lock().await.portrait.udid.clone());
        }
        ids
    }

    /// Everything is done, and each device holds what the server believes.
    pub(super) async fn agrees(&self) -> Report {
        self.server.settled().await;
        let server = &self.server;
        let found = self.fleet.compare(|holds| async move { Ok(server.belief(&holds.udid)) }).await;
        assert_eq!(found, []);
        self.fleet.report()
    }

    fn state(&self, udid: &str, uuid: &str) -> State {
        let id = EnrollmentId::parse(udid).expect("an id");
        store::commands::get(&self.server.read(), &id, uuid).expect("read").expect("a command").state
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_enrolls_tells_about_itself_and_gets_a_profile() {
    let life = Life::of(10, DeviceOptions { user_channel: true, ..DeviceOptions::default() }).await;
    life.server.settled().await;
    let view = life.server.read();
    for member in life.fleet.members() {
        let device = member.device.lock().await;
        let id = EnrollmentId::parse(&device.portrait.udid).expect("an id");
        let known = store::devices::get(&view, &id).expect("read").expect("known");
        assert_eq!(known.serial.as_deref(), Some(device.portrait.serial.as_str()));
        assert_eq!(known.product.as_deref(), Some(device.portrait.product));
        assert_eq!(known.supervised, Some(device.portrait.supervised));
        assert!(known.security_at.is_some() && known.app_count.is_some());
        let users = store::enrollments::children(&view, &id).expect("read").len();
        assert_eq!(users, usize::from(device.portrait.kind == Kind::Mac));
        let outcome = store::dues::push_outcome(&view, &id).expect("read").expect("rung");
        assert!(outcome.accepted && !outcome.unreachable, "{outcome:?}");
    }
    drop(view);
    life.server.give_everyone(profile("org.wifi", "REVISION-1")).await;
    let report = life.agrees().await;
    for member in life.fleet.members() {
        let holds = member.device.lock().await.holdings();
        assert_eq!(holds.profiles, [("org.wifi".to_owned(), "REVISION-1".to_owned())]);
    }
    assert_eq!(report.failed_sessions, 0, "{:?}", report.troubles);
    life.server.give_everyone(profile("org.wifi", "REVISION-2")).await;
    life.agrees().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_device_of_a_fleet_gets_its_own_values_and_the_server_knows_which() {
    use pomona::actions::{devices, drafts, profiles};
    use pomona::model::account::Actor;
    use pomona::model::device::Owner;
    use pomona::model::document::Change;
    let life = Life::of(6, DeviceOptions::default()).await;
    life.server.settled().await;
    let by = Actor::console();
    let now = pomona::model::Time::from_secs(1_795_000_000);
    let starts = vec![
        ("Account".to_owned(), "%SerialNumber%@example.org".into()),
        ("Owner".to_owned(), "%email%".into()),
    ];
    let add = Change::AddPayload { form: "org.example.settings".into(), uuid: "A1".into(), starts };
    let new = drafts::New {
        id: "mail".into(),
        uuid: "REVISION-1".into(),
        identifier: "org.example.mail".into(),
        name: "Mail".into(),
    };
    life.server
        .write(move |w| {
            drafts::create(w, &by, new, &[add], now)?;
            drafts::publish(w, &by, "mail", 1, "", "REVISION-1".into(), now)?;
            profiles::assign(w, &by, "mail", &[], true, now).map(drop)
        })
        .await;
    life.agrees().await;
    let ids = life.ids().await;
    let failed = |udid: &str| {
        let id = EnrollmentId::parse(udid).expect("an id");
        store::profiles::placement(&life.server.read(), &id, "mail").expect("read").and_then(|p| p.said)
    };
    for id in &ids {
        assert_eq!(
            failed(id).as_deref(),
            Some("This device has no value for %email%; set it on the device page.")
        );
    }
    for round in ["ada", "bob"] {
        for udid in &ids {
            let id = EnrollmentId::parse(udid).expect("an id");
            let owner = Owner { email: format!("{round}-{udid}@example.org"), ..Owner::default() };
            let none = std::collections::BTreeMap::new();
            let by = Actor::console();
            life.server.write(move |w| devices::describe(w, &by, &id, &owner, &none, now).map(drop)).await;
        }
        life.agrees().await;
        let mut uuids = std::collections::BTreeSet::new();
        for member in life.fleet.members() {
            let device = member.device.lock().await;
            let [(identifier, uuid)] = &device.holdings().profiles[..] else { panic!("one profile") };
            assert_eq!(identifier, "org.example.mail");
            uuids.insert(uuid.clone());
            let held = device.shelf().get("org.example.mail").expect("held").profile.body.clone();
            let payload = held["PayloadContent"].as_array().expect("payloads")[0].clone();
            let payload = payload.into_dictionary().expect("a payload");
            let text = |key: &str| payload[key].as_string().expect("text").to_owned();
            assert_eq!(text("Account"), format!("{}@example.org", device.portrait.serial));
            assert_eq!(text("Owner"), format!("{round}-{}@example.org", device.portrait.udid));
        }
        assert_eq!(uuids.len(), ids.len(), "each has a file of its own");
    }
}

/// The same work under one fault: afterwards everything is done once, and both sides agree.
async fn survives(faults: Faults) -> Report {
    let life = Life::of(5, DeviceOptions { faults, ..DeviceOptions::default() }).await;
    life.server.give_everyone(profile("org.wifi", "W")).await;
    life.server.give_everyone(profile("org.vpn", "V")).await;
    let report = life.agrees().await;
    let view = life.server.read();
    for udid in life.ids().await {
        let id = EnrollmentId::parse(&udid).expect("an id");
        let all = store::commands::history(&view, &id, None, 100).expect("read");
        let installs: Vec<_> = all.iter().filter(|c| c.request_type == "InstallProfile").collect();
        assert_eq!(installs.len(), 2, "{all:?}");
        assert!(all.iter().all(|c| c.state == State::Acknowledged), "{all:?}");
        assert!(store::commands::orphans(&view, &id).expect("read").is_empty());
        assert!(all.iter().all(|c| c.not_understood.is_none()), "{all:?}");
    }
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_that_are_busy_get_everything_later() {
    let faults = Faults { not_now: 1, ..Faults::default() };
    let life = Life::of(5, DeviceOptions { faults, ..DeviceOptions::default() }).await;
    life.server.give_everyone(profile("org.wifi", "W")).await;
    life.server.give_everyone(profile("org.vpn", "V")).await;
    // A device whose last word was not NotNow does not come back by itself: it is rung a quarter of an hour later.
    let busy = || life.fleet.report().answers.get("NotNow").copied().unwrap_or_default();
    eventually("everybody was busy", || busy() >= 5).await;
    // However late it said so, it is rung a quarter of an hour after that.
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        life.server.pass(16 * 60).await;
        if life.server.due() == 0 {
            break;
        }
    }
    let report = life.agrees().await;
    assert!(report.answers.get("NotNow").is_some_and(|n| *n >= 5), "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_replies_lose_nothing_and_double_nothing() {
    survives(Faults { lose_reply_every: Some(2), ..Faults::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doubled_answers_count_once() {
    survives(Faults { repeat_every: Some(2), ..Faults::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_break_in_the_middle_of_an_answer_are_survived() {
    survives(Faults { cut_every: Some(2), ..Faults::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_devices_with_wrong_clocks_are_served() {
    let slow = Duration::from_millis(30);
    survives(Faults { slow, skew_secs: -3 * 3_600, ..Faults::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_and_unknown_commands_are_final_and_told() {
    let faults = Faults {
        failing: vec!["InstallProfile".into()],
        unknown: vec!["CertificateList".into()],
        ..Faults::default()
    };
    let life = Life::of(3, DeviceOptions { faults, ..DeviceOptions::default() }).await;
    life.server.give_everyone(profile("org.wifi", "W")).await;
    life.agrees().await;
    let view = life.server.read();
    for udid in life.ids().await {
        let id = EnrollmentId::parse(&udid).expect("an id");
        let placements = store::profiles::placements_of_device(&view, &id).expect("read");
        assert_eq!(placements[0].state, pomona::model::profile::Delivery::Failed);
        assert!(placements[0].said.as_deref().is_some_and(|s| s.contains("on request")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passcode_is_cleared_with_the_escrowed_token_and_a_mac_locked_with_the_escrowed_pin() {
    let phone = Life::planned(|plan| plan.kind = Some(Kind::IPhone)).await;
    let udid = phone.ids().await.remove(0);
    let clear = Request::ClearPasscode { unlock_token: Secret::new(Vec::new()) };
    let uuid = phone.server.ask(&udid, clear).await;
    phone.agrees().await;
    assert_eq!(phone.state(&udid, &uuid), State::Acknowledged);
    assert!(!phone.fleet.members()[0].device.lock().await.holdings().condition.passcode);

    let mac = Life::planned(|plan| plan.kind = Some(Kind::Mac)).await;
    let udid = mac.ids().await.remove(0);
    let lock = Request::DeviceLock { pin: None, message: Some("Lost".into()), phone_number: None };
    let uuid = mac.server.ask(&udid, lock).await;
    mac.agrees().await;
    assert_eq!(mac.state(&udid, &uuid), State::Acknowledged);
    let locked = mac.fleet.members()[0].device.lock().await.holdings().condition.locked;
    let id = EnrollmentId::parse(&udid).expect("an id");
    let kind = pomona::model::enrollment::EscrowKind::LockPin;
    let escrow = store::enrollments::escrow(&mac.server.read(), &id, kind).expect("read").expect("a PIN");
    assert_eq!(locked, Some(Some(escrow.secret)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_device_enrolls_again_and_gets_its_profiles_anew() {
    let life = Life::planned(|plan| {
        plan.kind = Some(Kind::IPad);
        plan.enrolls_again_after = Some(Duration::from_millis(300));
    })
    .await;
    life.server.give_everyone(profile("org.wifi", "W")).await;
    life.agrees().await;
    let udid = life.ids().await.remove(0);
    let erase = Request::EraseDevice {
        pin: None,
        preserve_data_plan: None,
        disallow_proximity_setup: None,
        obliteration_behavior: None,
    };
    life.server.ask(&udid, erase).await;
    eventually("it enrolled again", || life.fleet.report().enrolled == 2).await;
    eventually("the profile is there again", || {
        life.server.belief(&udid).is_some_and(|b| b.enrolled && b.profiles.len() == 1)
    })
    .await;
    let report = life.agrees().await;
    assert_eq!(report.not_enrolled, 0, "{:?}", report.troubles);
}

/// F9: whatever Apple does, devices that come by themselves are served.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stuck_apple_slows_no_check_in() {
    use pomona::simulator::apns::Answer;
    let server = Server::start().await;
    server.apple.bells().answer_always(Some(Answer::Stall(Duration::from_secs(60))));
    let wake = Wake::Polls(Duration::from_secs(600));
    let mut plan = Plan::new(server.link.clone(), server.trust(), 5, wake);
    plan.shared_keys = Some(1);
    let fleet = Fleet::new(plan, Arc::new(|_| {}));
    assert_eq!(fleet.enroll().await, 5);
    server.give_everyone(profile("org.wifi", "W")).await;
    let bells = server.apple.bells().clone();
    eventually("pushes are stuck", || bells.connections() > 0).await;
    eventually("profiles are queued", || {
        let view = server.read();
        store::dues::count(&view, pomona::model::due::Work::Reconcile).expect("counted") == 0
    })
    .await;
    let began = std::time::Instant::now();
    for member in fleet.members() {
        member.device.lock().await.connect().await.expect("served");
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    server.settled().await;
    for member in fleet.members() {
        assert_eq!(member.device.lock().await.holdings().profiles.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_sign_and_to_enroll_is_accepted() {
    use pomona::simulator::keychain::SignatureForm::{Attached, Sha512, Timeless, Usual};
    let server = Server::start().await;
    for (seed, signature) in [Usual, Timeless, Sha512, Attached].into_iter().enumerate() {
        for (kind, ec_identity, scep_by_get) in [(Kind::IPhone, false, true), (Kind::Mac, true, false)] {
            let wake = Wake::Polls(Duration::from_secs(60));
            let mut plan = Plan::new(server.link.clone(), server.trust(), 1, wake);
            plan.kind = Some(kind);
            plan.seed = seed as u64;
            plan.shared_keys = Some(1);
            plan.options = DeviceOptions { signature, ec_identity, scep_by_get, ..DeviceOptions::default() };
            let fleet = Fleet::new(plan, Arc::new(|_| {}));
            assert_eq!(fleet.enroll().await, 1, "{signature:?} {:?}", fleet.report().troubles);
            let session = fleet.members()[0].device.lock().await.connect().await.expect("connected");
            assert!(session.done.iter().all(|d| d.status == "Acknowledged"), "{session:?}");
            assert!(!session.done.is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn setup_assistant_is_let_go_after_the_first_answers() {
    let options = DeviceOptions { await_configuration: true, ..DeviceOptions::default() };
    let life = Life::of(3, options).await;
    life.server.give_everyone(profile("org.wifi", "W")).await;
    life.agrees().await;
    for member in life.fleet.members() {
        assert!(!member.device.lock().await.holdings().awaiting);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn measurements_count_what_they_did() {
    use pomona::simulator::measure::{command_round_trips, enrollments, idle_polls, new_connections};
    let server = Server::start().await;
    let wake = Wake::Polls(Duration::from_secs(600));
    let mut plan = Plan::new(server.link.clone(), server.trust(), 4, wake);
    plan.shared_keys = Some(1);
    plan.options.reuse_idle = true;
    let (fleet, rate) = enrollments(plan).await;
    assert_eq!((rate.count, rate.failed), (4, 0));
    let rate = command_round_trips(&fleet, 2).await;
    assert!(rate.count >= 4 * 5, "the first questions: {rate:?}");
    let rate = idle_polls(&fleet, 4, Duration::from_millis(300)).await;
    assert!(rate.failed == 0 && rate.count > 20 && rate.latency.count == rate.count, "{rate:?}");
    let rate = new_connections(&fleet, 2).await;
    assert_eq!((rate.count, rate.failed), (4, 0));
}
