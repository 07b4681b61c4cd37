//! A pretend APNs rings simulated devices, and a fleet lives by it.

use std::sync::Arc;
use std::time::Duration;

use pomona::apple::{Push, PushTransport};
use pomona::simulator::device::Channel;
use pomona::simulator::fleet::{Belief, Event, Wake};
use pomona::simulator::{Fleet, Kind, Plan, Trust};
use pomona::wire::mdm::command::Request;
use tokio_util::sync::CancellationToken;

use super::commands::profile;
use super::peer::{Peer, TOPIC};
use super::server::eventually;
use super::{device, enrolled};
use crate::apple::{Apple, certificate};

async fn apple_for_peer() -> (Apple, Arc<dyn PushTransport>) {
    let mut apple = Apple::start().await;
    apple.files = certificate(&apple.apns, TOPIC, 30);
    let transport = Arc::new(apple.transport());
    (apple, transport)
}

fn push(token: &[u8], magic: &str) -> Push {
    Push {
        topic: TOPIC.into(),
        token: token.to_vec().into(),
        magic: magic.to_owned().into(),
        expiration_secs: 0,
    }
}

#[tokio::test]
async fn a_device_hears_which_of_its_channels_is_rung() {
    let (apple, transport) = apple_for_peer().await;
    let peer = Peer::start().await;
    let mut mac = device(&peer, Kind::Mac);
    let mut rings = mac.listen_at(apple.bells().clone());
    mac.enroll(&peer.link()).await.expect("enrolled");
    mac.open_user_channel("ada", "Ada").await.expect("a user");
    let updates = peer.heard_of("TokenUpdate");
    for (update, channel) in [(&updates[1], Channel::User(0)), (&updates[0], Channel::Device)] {
        let magic = update.text("PushMagic").expect("a magic");
        transport.push(push(update.data("Token").expect("a token"), magic)).await.expect("accepted");
        assert_eq!(rings.recv().await, Some(channel));
    }
}

#[tokio::test]
async fn the_token_of_an_erased_device_is_gone_and_a_changed_one_replaced() {
    let (apple, transport) = apple_for_peer().await;
    let peer = Peer::start().await;
    let mut phone = device(&peer, Kind::IPhone);
    let _rings = phone.listen_at(apple.bells().clone());
    phone.enroll(&peer.link()).await.expect("enrolled");
    phone.change_token().await.expect("changed");
    let updates = peer.heard_of("TokenUpdate");
    let ring = |n: usize| {
        let magic = updates[n].text("PushMagic").expect("a magic").to_owned();
        transport.push(push(updates[n].data("Token").expect("a token"), &magic))
    };
    assert_eq!(ring(0).await.expect_err("replaced").status, Some(410));
    ring(1).await.expect("the new one is good");
    phone.erase();
    assert_eq!(ring(1).await.expect_err("erased").status, Some(410));
}

#[tokio::test]
async fn a_fleet_enrolls_is_rung_and_does_what_it_is_told() {
    let (apple, transport) = apple_for_peer().await;
    let peer = Peer::start().await;
    let events = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = events.clone();
    let mut plan =
        Plan::new(peer.link(), Trust::Roots(vec![peer.ca.clone()]), 6, Wake::Rung(apple.bells().clone()));
    plan.shared_keys = Some(1);
    let fleet = Arc::new(Fleet::new(plan, Arc::new(move |event| told.lock().expect("events").push(event))));
    assert_eq!(fleet.enroll().await, 6);

    let stop = CancellationToken::new();
    let (life, until) = (fleet.clone(), stop.clone());
    let life = tokio::spawn(async move { life.run(until).await });
    peer.queue(&Request::InstallProfile { payload: profile("org.a", "A") });
    for update in peer.heard_of("TokenUpdate") {
        let magic = update.text("PushMagic").expect("a magic");
        transport.push(push(update.data("Token").expect("a token"), magic)).await.expect("accepted");
    }
    eventually("all were rung", || fleet.report().sessions == 6).await;
    stop.cancel();
    life.await.expect("ended");

    let report = fleet.report();
    assert_eq!((report.enrolled, report.not_enrolled, report.sessions), (6, 0, 6));
    // The peer has one queue for all: whoever answers first takes the command off it.
    assert!(report.answers.get("Acknowledged").is_some_and(|n| *n >= 1), "{report:?}");
    let events = std::mem::take(&mut *events.lock().expect("events"));
    assert_eq!(events.iter().filter(|e| matches!(e, Event::Enrolled { .. })).count(), 6);

    let blind = fleet.compare(|_| async { Ok(Some(Belief { enrolled: true, ..Belief::default() })) }).await;
    assert!(!blind.is_empty() && blind[0].what.contains("org.a"), "{blind:?}");
    let right = fleet
        .compare(|holds| async move { Ok(Some(Belief { enrolled: true, profiles: holds.profiles })) })
        .await;
    assert_eq!(right, []);
    let unknown = fleet.compare(|_| async { Ok(None) }).await;
    assert_eq!(unknown.len(), 6);
}

#[tokio::test]
async fn without_an_apns_of_its_own_a_fleet_polls() {
    let peer = Peer::start().await;
    let wake = Wake::Polls(Duration::from_millis(30));
    let mut plan = Plan::new(peer.link(), Trust::Fingerprint(peer.tls_fingerprint()), 2, wake);
    plan.shared_keys = Some(1);
    let fleet = Fleet::new(plan, Arc::new(|_| {}));
    let stop = CancellationToken::new();
    let ended = stop.clone();
    let end = async {
        eventually("both poll, again and again", || peer.heard_of("Idle").len() >= 6).await;
        ended.cancel();
    };
    // Devices begin to poll whenever they are enrolled.
    let (enrolled, (), ()) = tokio::join!(fleet.enroll(), fleet.run(stop), end);
    assert_eq!(enrolled, 2);
    let who: std::collections::HashSet<_> =
        peer.heard_of("Idle").iter().filter_map(|h| h.text("UDID").map(str::to_owned)).collect();
    assert_eq!(who.len(), 2);
}

#[tokio::test]
async fn a_server_that_refuses_everybody_is_reported_in_words() {
    let peer = Peer::start().await;
    peer.state.lock().expect("state").refuse_next.extend([400, 400, 400]);
    let wake = Wake::Polls(Duration::from_secs(60));
    let mut plan = Plan::new(peer.link(), Trust::Roots(vec![peer.ca.clone()]), 3, wake);
    plan.shared_keys = Some(1);
    let fleet = Fleet::new(plan, Arc::new(|_| {}));
    assert_eq!(fleet.enroll().await, 0);
    let report = fleet.report();
    assert_eq!(report.not_enrolled, 3);
    assert!(report.troubles[0].contains("Authenticate"), "{:?}", report.troubles);
    drop(enrolled(&peer, Kind::IPad).await);
}
