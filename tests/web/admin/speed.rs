//! How long lists of ten thousand devices take. Measured, not judged: run with `--ignored --nocapture`.

use std::time::{Duration, Instant};

use pomona::model::device::{Device, Platform};
use pomona::model::enrollment::{Enrollment, EnrollmentId, Kind, State};
use pomona::model::profile::{Delivery, Placement};
use pomona::store;

use crate::web::device::pretend::World;

const DEVICES: usize = 10_000;

fn fill(world: &World) {
    world.profile("wifi", 1, true);
    world.profile("passcode", 1, true);
    let now = world.now();
    for part in 0..DEVICES / 1_000 {
        world.write(move |w| {
            for n in part * 1_000..(part + 1) * 1_000 {
                let id = EnrollmentId::parse(&format!("00008120-{n:016}")).expect("an id");
                let platform = [Platform::IPhone, Platform::IPad, Platform::Mac, Platform::AppleTv][n % 4];
                let device = Device {
                    name: format!("{} of person {}", platform.label(), (n * 7919) % DEVICES),
                    platform,
                    serial: Some(format!("SN{n:08}")),
                    model_name: Some(platform.label().into()),
                    os_version: Some(format!("26.{}", n % 3)),
                    ..Device::unknown(id.clone())
                };
                store::devices::put(w, &device)?;
                let enrollment = Enrollment {
                    id: id.clone(),
                    kind: Kind::Device,
                    state: State::Enrolled,
                    tally: 1,
                    first_seen: now,
                    authenticated_at: now,
                    enrolled_at: Some(now),
                    checked_out_at: None,
                    awaiting: false,
                    user_short_name: None,
                    user_long_name: None,
                    certificate: Some([7; 32]),
                    renewal: None,
                    renewed_at: None,
                };
                store::enrollments::put(w, &enrollment)?;
                store::devices::put_seen(w, &id, now)?;
                for profile in ["wifi", "passcode"] {
                    let placement = Placement {
                        enrollment: id.clone(),
                        profile: profile.into(),
                        identifier: format!("org.example.{profile}"),
                        revision: 1,
                        state: if n % 50 == 0 { Delivery::Failed } else { Delivery::Confirmed },
                        at: now,
                        command: format!("C{n}"),
                        said: None,
                        installed: Some(1),
                        uuid: None,
                        holds: None,
                        lacks: Vec::new(),
                    };
                    store::profiles::put_placement(w, &placement)?;
                }
            }
            Ok(())
        });
    }
}

#[tokio::test]
#[ignore = "a measurement"]
async fn lists_of_ten_thousand_devices_are_quick() {
    let world = World::new();
    fill(&world);
    let browser = world.owner();
    let began = Instant::now();
    browser.get("/profilemanager/devices").await.expect(200);
    println!("first list, made from the store: {:?}", began.elapsed());
    for path in [
        "/profilemanager/devices",
        "/profilemanager/devices?q=person+77",
        "/profilemanager/devices?platform=mac&state=attention",
        "/profilemanager/profiles",
        "/profilemanager/profiles/wifi/status",
        "/profilemanager/profiles/wifi/assigned?q=mac",
        "/profilemanager",
    ] {
        let mut times = Vec::new();
        for _ in 0..40 {
            // Devices report all the while.
            let now = world.now();
            let id = EnrollmentId::parse(&format!("00008120-{:016}", times.len())).expect("an id");
            world.write(move |w| Ok(store::devices::put_seen(w, &id, now)?));
            let began = Instant::now();
            let shown = browser.get(path).await.expect(200);
            times.push(began.elapsed());
            assert!(!shown.body.is_empty());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        times.sort();
        println!("{path}: median {:?}, p95 {:?}, worst {:?}", times[20], times[37], times[39]);
    }
}
