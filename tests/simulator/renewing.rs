//! A year later: a fleet renews its identities by itself, over real sockets and the real protocol.

use std::collections::BTreeMap;

use pomona::model::due::Work;
use pomona::model::enrollment::EnrollmentId;
use pomona::rules::renewal::{FIRST_DAYS, SPREAD_DAYS};
use pomona::store;
use pomona::workers::push::Limits;

use super::commands::profile;
use super::real::Life;
use super::server::{Server, eventually};

const DAY: i64 = 86_400;
const DEVICES: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_renews_its_identities_spread_over_days_and_loses_nothing() {
    let quick = Limits { group_ms: 0, gap_ms: 0, ..Limits::default() };
    let life = Life::at(Server::start_with(quick).await, |plan| plan.devices = DEVICES).await;
    life.server.give_everyone(profile("org.wifi", "W")).await;
    life.agrees().await;
    let mut before = BTreeMap::new();
    let mut kept = BTreeMap::new();
    for member in life.fleet.members() {
        let device = member.device.lock().await;
        let certificate = device.identity().expect("enrolled").certificate.clone();
        kept.insert(
            device.portrait.udid.clone(),
            (device.bootstrap_token().cloned(), device.unlock_token().cloned()),
        );
        before.insert(device.portrait.udid.clone(), certificate);
    }
    let valid = pomona::rules::issue::VALID_DAYS;
    life.server.pass((valid - FIRST_DAYS - 1) * DAY).await;
    assert_eq!(life.server.renew().await, 0, "nothing is due more than sixty days before the end");

    let mut renewed: BTreeMap<String, i64> = BTreeMap::new();
    for day in -1..=SPREAD_DAYS {
        // Devices poll now and then, so the server knows that they are there.
        for member in life.fleet.members() {
            member.device.lock().await.connect().await.expect("an idle poll");
        }
        life.server.renew().await;
        life.server.settled().await;
        for member in life.fleet.members() {
            let device = member.device.lock().await;
            let udid = device.portrait.udid.clone();
            if !renewed.contains_key(&udid)
                && device.identity().expect("enrolled").certificate != before[&udid]
            {
                renewed.insert(udid, day);
            }
        }
        life.server.pass(DAY).await;
    }
    assert_eq!(renewed.len(), DEVICES, "{renewed:?}");
    let days: std::collections::BTreeSet<_> = renewed.values().collect();
    assert!(days.len() > 2, "all at once: {renewed:?}");

    life.agrees().await;
    let view = life.server.read();
    for member in life.fleet.members() {
        let device = member.device.lock().await;
        let udid = device.portrait.udid.clone();
        let id = EnrollmentId::parse(&udid).expect("an id");
        let enrollment = store::enrollments::get(&view, &id).expect("read").expect("a row");
        assert_eq!(
            enrollment.certificate,
            Some(device.identity().expect("enrolled").certificate.fingerprint())
        );
        assert_eq!(enrollment.renewal, None);
        assert_eq!((device.bootstrap_token().cloned(), device.unlock_token().cloned()), kept[&udid]);
        let certificates = store::certificates::of_enrollment(&view, &id).expect("read");
        assert_eq!(certificates.len(), 2, "renewed once");
        let next = store::dues::get(&view, Work::Renew, &id).expect("read").expect("a plan");
        assert!(next.at > life.server.now().plus_secs(300 * DAY));
        let told = store::activities::of_device(&view, &id, None, 100).expect("read");
        for text in ["Sent a new identity: ", "Renewed its identity certificate."] {
            assert_eq!(told.iter().filter(|a| a.text.starts_with(text)).count(), 1, "{told:?}");
        }
        assert!(told.iter().all(|a| !a.alert), "{told:?}");
    }
    eventually("nothing is due", || life.server.due() == 0).await;
}
