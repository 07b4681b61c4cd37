//! What goes wrong on request goes wrong exactly so.

use std::time::{Duration, Instant};

use pomona::simulator::{DeviceOptions, Faults, Kind};
use pomona::wire::mdm::command::Request;

use super::commands::profile;
use super::peer::Peer;
use super::{device_with, enrolled};

async fn faulty(peer: &Peer, faults: Faults) -> pomona::simulator::Device {
    let options = DeviceOptions { faults, ..DeviceOptions::default() };
    let mut device = device_with(peer, Kind::IPhone, options);
    device.enroll(&peer.link()).await.expect("enrolled");
    device
}

fn install(identifier: &str) -> Request {
    Request::InstallProfile { payload: profile(identifier, identifier) }
}

#[tokio::test]
async fn not_now_is_said_as_often_as_asked_and_never_to_what_a_locked_device_does_anyway() {
    let peer = Peer::start().await;
    let mut phone = faulty(&peer, Faults { not_now: 2, ..Faults::default() }).await;
    let put_off = peer.queue(&install("org.a"));
    let at_once = peer.queue(&Request::ProfileList);
    let first = phone.connect().await.expect("connected");
    assert!(!first.comes_back, "something else was said last: {first:?}");
    let second = phone.connect().await.expect("connected");
    assert!(second.comes_back);
    let statuses = |uuid: &str| {
        let all = peer.reports(uuid);
        all.iter().filter_map(|h| h.text("Status")).map(str::to_owned).collect::<Vec<_>>()
    };
    phone.connect().await.expect("connected");
    assert_eq!(statuses(&put_off), ["NotNow", "NotNow", "Acknowledged"]);
    assert_eq!(statuses(&at_once), ["Acknowledged"]);
    assert_eq!(phone.holdings().profiles.len(), 1);
}

#[tokio::test]
async fn a_lost_reply_makes_the_device_repeat_its_answer_byte_for_byte() {
    let peer = Peer::start().await;
    let mut phone = faulty(&peer, Faults { lose_reply_every: Some(1), ..Faults::default() }).await;
    let uuid = peer.queue(&install("org.a"));
    phone.connect().await.expect("connected");
    let reports = peer.reports(&uuid);
    let [one, two] = reports.as_slice() else { panic!("twice: {}", reports.len()) };
    assert_eq!(one.body, two.body);
    assert_ne!(one.connection, two.connection, "over a new connection");
    assert_eq!(phone.holdings().profiles.len(), 1);
}

#[tokio::test]
async fn a_doubled_answer_comes_twice_over_the_same_connection() {
    let peer = Peer::start().await;
    let mut phone = faulty(&peer, Faults { repeat_every: Some(2), ..Faults::default() }).await;
    let once = peer.queue(&install("org.a"));
    let twice = peer.queue(&install("org.b"));
    phone.connect().await.expect("connected");
    assert_eq!(peer.reports(&once).len(), 1);
    let reports = peer.reports(&twice);
    assert_eq!(reports.len(), 2);
    assert_eq!(reports[0].connection, reports[1].connection);
}

#[tokio::test]
async fn a_cut_connection_delivers_nothing_and_the_answer_comes_whole_afterwards() {
    let peer = Peer::start().await;
    let mut phone = faulty(&peer, Faults { cut_every: Some(1), ..Faults::default() }).await;
    let before = peer.state.lock().expect("state").connections;
    let uuid = peer.queue(&install("org.a"));
    phone.connect().await.expect("connected");
    assert_eq!(peer.reports(&uuid).len(), 1);
    assert!(peer.state.lock().expect("state").connections > before);
}

#[tokio::test]
async fn a_silent_device_goes_away_without_an_answer() {
    let peer = Peer::start().await;
    let faults = Faults { silent: vec!["SecurityInfo".into()], ..Faults::default() };
    let mut phone = faulty(&peer, faults).await;
    let uuid = peer.queue(&Request::SecurityInfo);
    let session = phone.connect().await.expect("connected");
    assert_eq!(session.done[0].status, "");
    assert!(peer.reports(&uuid).is_empty());
}

#[tokio::test]
async fn errors_and_unknown_commands_are_said_on_request() {
    let peer = Peer::start().await;
    let faults = Faults {
        failing: vec!["InstallProfile".into()],
        unknown: vec!["SecurityInfo".into()],
        ..Faults::default()
    };
    let mut phone = faulty(&peer, faults).await;
    let (fails, unknown) = (peer.queue(&install("org.a")), peer.queue(&Request::SecurityInfo));
    phone.connect().await.expect("connected");
    assert_eq!(peer.reports(&fails)[0].text("Status"), Some("Error"));
    assert_eq!(peer.reports(&unknown)[0].text("Status"), Some("CommandFormatError"));
    assert!(phone.holdings().profiles.is_empty());
}

#[tokio::test]
async fn a_slow_device_takes_its_time_and_a_wrong_clock_shows_in_its_signatures() {
    let peer = Peer::start().await;
    let faults = Faults { slow: Duration::from_millis(120), skew_secs: -86_400, ..Faults::default() };
    let mut phone = faulty(&peer, faults).await;
    peer.queue(&Request::SecurityInfo);
    let began = Instant::now();
    phone.connect().await.expect("connected");
    assert!(began.elapsed() >= Duration::from_millis(120));
    let report = peer.heard_of("Acknowledged").remove(0);
    let (_, time) = report
        .signature
        .attributes
        .iter()
        .find(|(oid, _)| oid == "1.2.840.113549.1.9.5")
        .expect("a signing time");
    let yesterday = pomona::model::Time::from_secs(crate::apple::now() - 86_400).rfc3339();
    let said = String::from_utf8_lossy(&time[2..]).into_owned();
    assert!(said.starts_with(&yesterday[2..10].replace('-', "")), "{said} is not {yesterday}");
}

#[tokio::test]
async fn a_server_with_a_bad_moment_gets_the_answer_again() {
    let peer = Peer::start().await;
    let mut phone = enrolled(&peer, Kind::IPhone).await;
    let uuid = peer.queue(&install("org.a"));
    peer.state.lock().expect("state").refuse_answers.extend([500, 503]);
    phone.connect().await.expect("connected");
    let reports = peer.reports(&uuid);
    assert_eq!(reports.len(), 3);
    assert!(reports.iter().all(|h| h.body == reports[0].body));

    peer.state.lock().expect("state").refuse_next.push_back(503);
    phone.connect().await.expect_err("an Idle is not repeated");
}
