//! What the server tells about itself.

use pomona::daemon::config::{Config, Raw};
use pomona::daemon::doctor;
use pomona::model::Time;
use pomona::wire::api::{Check, Outcome};

use crate::web::device::pretend::World;

const DAY: i64 = 86_400;

#[tokio::test]
async fn devices_whose_identity_ends_soon_are_named() {
    let world = World::new();
    let device = world.enrolled("00008020-0000000000000001").await;
    let folder = tempfile::tempdir().expect("a folder");
    let data = format!("data = {:?}", folder.path());
    let config = Config::from_raw(Raw::parse(&data).expect("TOML")).expect("a configuration");
    let identities = || -> Check {
        let found = doctor::running(&config, &world.app.store, world.now());
        found.into_iter().find(|c| c.name == "devices.identities").expect("it is looked at")
    };
    assert_eq!(identities().outcome, Outcome::Pass);
    let end = Time::from_secs(device.cert.not_after());
    world.pass(end.since_ms(world.now()) / 1000 - 15 * DAY);
    assert_eq!(identities().outcome, Outcome::Pass, "fifteen days are left");
    world.pass(2 * DAY);
    let found = identities();
    assert_eq!(found.outcome, Outcome::Warn);
    assert!(
        found.said.contains("of 1 device ") && found.said.contains("00008020-0000000000000001"),
        "{}",
        found.said
    );
    assert!(!found.next.is_empty());
    world.pass(14 * DAY);
    assert!(identities().said.contains("has ended (1)"), "{}", identities().said);
    device.check_in("CheckOut", &[]).await;
    assert_eq!(identities().outcome, Outcome::Pass, "who left needs no identity");
}
