//! Devices as people handle them in the portal.

use pomona::model::account::Role;
use pomona::model::command::State;
use pomona::model::device::{Device, Platform};
use pomona::model::enrollment::{EnrollmentId, EscrowKind};
use pomona::store;
use pomona::wire::plist::Value;

use crate::web::device::pretend::{Pretend, World};

fn named(world: &World, device: &Pretend, name: &str) {
    let (id, name) = (device.id(), name.to_owned());
    world.write(move |w| {
        let device = store::devices::get(w, &id)?.expect("a device");
        Ok(store::devices::put(w, &Device { name, ..device })?)
    });
}

fn page(device: &Pretend, tail: &str) -> String {
    format!("/profilemanager/devices/{}{tail}", device.id())
}

fn queue(world: &World, device: &Pretend) -> Vec<String> {
    let queue = store::commands::queue(&world.read(), &device.id()).expect("readable");
    queue.into_iter().map(|c| c.request_type).collect()
}

#[tokio::test]
async fn a_device_that_enrolled_is_in_the_list_and_its_page_tells_the_truth_about_it() {
    let world = World::new();
    let browser = world.owner();
    assert!(browser.get("/profilemanager/devices").await.expect(200).says("No devices yet."));
    let device = world.enrolled("00008120-000000000000001A").await;
    let list = browser.get("/profilemanager/devices").await.expect(200);
    for words in ["Renamed device", "Up to date", device.serial.as_str(), "1 device", "26.2"] {
        assert!(list.says(words), "{words}: {}", list.words());
    }
    let about = browser.get(&page(&device, "")).await.expect(200);
    for words in ["Renamed device", "Nothing is waiting.", "26.2", device.serial.as_str()] {
        assert!(about.says(words), "{words}: {}", about.words());
    }
    world.ask(&device.id(), vec![pomona::wire::mdm::command::Request::SecurityInfo]);
    let waiting = browser.get(&page(&device, "")).await.expect(200);
    assert!(waiting.says("1 command is waiting.") && waiting.says("Pending"), "{}", waiting.words());
    let commands = browser.get(&page(&device, "/commands")).await.expect(200);
    assert!(commands.says("Waiting for device") && commands.says("SecurityInfo"));
    device.check_in("CheckOut", &[]).await.assert_empty_ok();
    let left = browser.get(&page(&device, "")).await.expect(200);
    assert!(left.says("Not managed") && left.says("It is no longer managed."));
}

#[tokio::test]
async fn a_device_is_locked_and_the_answer_is_shown() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-000000000000002A").await;
    let lock = page(&device, "/lock");
    let asked = browser.get(&lock).await.expect(200);
    assert!(asked.says("Lock Renamed device?"));
    let fields = [("message", "Please call"), ("phone", "+44 20 7946 0000")];
    let done = browser.submit(&asked, &lock, &fields).await;
    assert_eq!(done.location(), page(&device, "/commands"));
    let shown = browser.follow(&done).await;
    assert!(shown.says("Renamed device locks as soon as it hears of it."), "{}", shown.words());
    assert!(!browser.get(done.location()).await.says("as soon as it hears of it"), "told once");
    let (uuid, kind) = device.idle().await.command().expect("a command");
    assert_eq!(kind, "DeviceLock");
    let command = page(&device, &format!("/commands/{uuid}"));
    let sent = browser.get(&command).await.expect(200);
    assert!(sent.says("Please call") && sent.says("The device fetched it and has not answered yet."));
    device.answer(&uuid, "Acknowledged", &[("MessageResult", "Success".into())]).await;
    let done = browser.get(&command).await.expect(200);
    assert!(done.says("The device did it.") && done.says("MessageResult"), "{}", done.words());
}

#[tokio::test]
async fn a_mac_gets_a_pin_that_is_kept_before_it_can_be_fetched_and_reading_it_is_recorded() {
    let world = World::new();
    let browser = world.owner();
    let mac = world.device("564D1111-0000-0000-0000-000000000001").mac();
    mac.enroll().await;
    mac.drain().await;
    let lock = page(&mac, "/lock");
    browser.fill(&lock, &lock, &[]).await.expect(303);
    let kept = world.escrow(&mac.id(), EscrowKind::LockPin).expect("a PIN");
    let pin = kept.expose_str().expect("digits").to_owned();
    assert!(pin.len() == 6 && pin.bytes().all(|b| b.is_ascii_digit()));
    let ask = page(&mac, "/pin");
    let question = browser.get(&ask).await.expect(200);
    assert!(!question.text().contains(&pin), "a GET shows no secret");
    let before = world.activities().len();
    let shown = browser.submit(&question, &ask, &[]).await.expect(200);
    assert!(shown.says(&pin) && shown.header("cache-control") == "no-store");
    let told = &world.activities()[0];
    assert_eq!(world.activities().len(), before + 1);
    assert_eq!((told.by.as_str(), told.kind.as_str()), ("ada", "secret"));
    assert!(told.text.starts_with("Read the lock PIN of ") && !told.text.contains(&pin));
}

#[tokio::test]
async fn erasing_asks_for_the_name_and_is_generous_about_quotes_and_spaces() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-000000000000003A").await;
    named(&world, &device, "Ada’s  iPhone");
    let erase = page(&device, "/erase");
    for wrong in ["", " ", "Ada", "Adas iPhone", "Renamed device"] {
        let shown = browser.fill(&erase, &erase, &[("name", wrong)]).await.expect(409);
        assert!(shown.says("Type") && shown.says("Ada’s  iPhone"), "{wrong:?}: {}", shown.words());
        assert!(queue(&world, &device).is_empty(), "{wrong:?}");
    }
    let done = browser.fill(&erase, &erase, &[("name", " ada's iphone ")]).await;
    assert!(browser.follow(&done).await.says("Until then the command can be taken back."));
    assert_eq!(queue(&world, &device), ["EraseDevice"]);
}

#[tokio::test]
async fn an_erase_can_be_taken_back_until_the_device_fetches_it() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-000000000000004A").await;
    let erase = page(&device, "/erase");
    browser.fill(&erase, &erase, &[("name", "Renamed device")]).await.expect(303);
    let uuid = store::commands::queue(&world.read(), &device.id()).expect("readable")[0].uuid.clone();
    let command = page(&device, &format!("/commands/{uuid}"));
    let done = browser.fill(&command, &format!("{command}/cancel"), &[]).await;
    assert!(browser.follow(&done).await.says("Canceled"));
    assert_eq!(world.state(&device.id(), &uuid), State::Canceled);
    device.idle().await.assert_empty_ok();
}

#[tokio::test]
async fn helpdesk_locks_but_does_not_erase_and_an_auditor_does_neither() {
    let world = World::new();
    let device = world.enrolled("00008120-000000000000005A").await;
    let helpdesk = world.signed_in(&world.account("helpdesk", Role::Helpdesk));
    let lock = page(&device, "/lock");
    helpdesk.fill(&lock, &lock, &[]).await.expect(303);
    helpdesk.get(&page(&device, "/erase")).await.expect(403);
    let csrf = helpdesk.get("/profilemanager").await.form("/profilemanager/signout")[0].1.clone();
    let fields = [("csrf", csrf.as_str()), ("name", "Renamed device")];
    helpdesk.post(&page(&device, "/erase"), &fields).await.expect(403);
    assert_eq!(queue(&world, &device), ["DeviceLock"]);
    let auditor = world.signed_in(&world.account("auditor", Role::Auditor));
    let shown = auditor.get(&page(&device, "")).await.expect(200);
    assert!(!shown.text().contains("/erase\"") && !shown.text().contains("/lock\""), "nothing is offered");
    auditor.get(&lock).await.expect(403);
}

#[tokio::test]
async fn what_a_device_cannot_do_is_said_and_not_sent() {
    let world = World::new();
    let browser = world.owner();
    let mac = world.device("564D1111-0000-0000-0000-000000000002").mac();
    mac.enroll().await;
    mac.drain().await;
    let clear = page(&mac, "/clear-passcode");
    let shown = browser.get(&clear).await.expect(200);
    assert!(shown.says("A Mac has no passcode to clear."), "{}", shown.words());
    let csrf = browser.get("/profilemanager").await.form("/profilemanager/signout")[0].1.clone();
    let refused = browser.post(&clear, &[("csrf", &csrf)]).await.expect(409);
    assert!(refused.says("command.impossible") && refused.says("A Mac has no passcode to clear."));
    assert!(queue(&world, &mac).is_empty());
}

#[tokio::test]
async fn a_passcode_is_cleared_with_the_token_the_device_entrusted() {
    let world = World::new();
    let browser = world.owner();
    let phone = world.device("00008120-000000000000006A");
    phone.authenticate().await.assert_empty_ok();
    phone.token_update(&[("UnlockToken", Value::Data(b"unlock me".to_vec()))]).await.assert_empty_ok();
    phone.drain().await;
    let clear = page(&phone, "/clear-passcode");
    browser.fill(&clear, &clear, &[]).await.expect(303);
    let reply = phone.idle().await;
    assert_eq!(reply.command().expect("a command").1, "ClearPasscode");
    assert!(String::from_utf8_lossy(&reply.body).contains("dW5sb2NrIG1l"));
}

#[tokio::test]
async fn update_information_asks_the_five_questions() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-000000000000007A").await;
    let about = page(&device, "");
    browser.fill(&about, &page(&device, "/update"), &[]).await.expect(303);
    let mut asked = queue(&world, &device);
    asked.sort();
    assert_eq!(
        asked,
        ["CertificateList", "DeviceInformation", "InstalledApplicationList", "ProfileList", "SecurityInfo"]
    );
}

#[tokio::test]
async fn an_enrolled_device_is_asked_to_leave_and_one_that_left_is_forgotten() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-000000000000008A").await;
    let remove = page(&device, "/remove");
    let done = browser.fill(&remove, &remove, &[]).await;
    assert!(browser.follow(&done).await.says("asked to give its management up"));
    let reply = device.idle().await;
    assert_eq!(reply.command().expect("a command").1, "RemoveProfile");
    assert!(String::from_utf8_lossy(&reply.body).contains("org.example.pomona.enroll"));
    device.acknowledge(&reply.uuid()).await;
    device.check_in("CheckOut", &[]).await.assert_empty_ok();
    let done = browser.fill(&remove, &remove, &[]).await;
    assert_eq!(done.location(), "/profilemanager/devices");
    assert!(browser.follow(&done).await.says("is removed."));
    browser.get(&page(&device, "")).await.expect(404);
    assert!(world.enrollment(&device.id()).is_some(), "the enrollment's own row stays");
}

/// Device rows without devices behind them.
fn plant(world: &World, devices: Vec<(String, Platform)>) {
    world.write(move |w| {
        for (n, (name, platform)) in devices.into_iter().enumerate() {
            let device = Device {
                name,
                platform,
                serial: Some(format!("SN{n:08}")),
                ..Device::unknown(EnrollmentId::parse(&format!("0000-{n:06}")).expect("an id"))
            };
            store::devices::put(w, &device)?;
        }
        Ok(())
    });
}

#[tokio::test]
async fn a_long_list_is_shown_by_the_hundred_in_the_order_of_names_and_nothing_is_lost() {
    let world = World::new();
    let browser = world.owner();
    plant(&world, (0..250).map(|n| (format!("iPad {:03}", (n * 7) % 250), Platform::IPad)).collect());
    let mut path = "/profilemanager/devices".to_owned();
    let mut seen = Vec::new();
    for _ in 0..10 {
        let page = browser.get(&path).await.expect(200);
        let tags = page.tags();
        let names = tags.iter().filter(|t| t.get("href").is_some_and(|h| h.contains("/devices/0000-")));
        let names: Vec<String> = names.map(|t| t.get("href").expect("href").to_owned()).collect();
        assert!(names.len() <= 100);
        seen.extend(names);
        match tags.iter().find(|t| t.get("rel") == Some("next")) {
            Some(next) => path = next.get("href").expect("href").to_owned(),
            None => break,
        }
    }
    assert_eq!(seen.len(), 250);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 250);
}

#[tokio::test]
async fn a_device_is_found_by_parts_of_its_name_serial_number_and_model_in_any_case() {
    let world = World::new();
    let browser = world.owner();
    let some = [
        ("Ada’s iPhone", Platform::IPhone),
        ("Reception <iPad>", Platform::IPad),
        ("STRASSE Mac", Platform::Mac),
    ];
    plant(&world, some.map(|(name, platform)| (name.to_owned(), platform)).to_vec());
    let found = async |query: &str| {
        let page = browser.get(&format!("/profilemanager/devices?{query}")).await.expect(200);
        let words = page.words();
        ["Ada’s iPhone", "Reception <iPad>", "STRASSE Mac"].map(|name| words.contains(name))
    };
    assert_eq!(found("q=ada").await, [true, false, false]);
    assert_eq!(found("q=sn00000001").await, [false, true, false]);
    assert_eq!(found("q=IPAD+reception").await, [false, true, false]);
    assert_eq!(found("q=strasse").await, [false, false, true]);
    assert_eq!(found("platform=ipad").await, [false, true, false]);
    assert_eq!(found("state=left").await, [true, true, true]);
    assert_eq!(found("state=up-to-date").await, [false, false, false]);
    assert_eq!(found("q=nobody").await, [false, false, false]);
    assert_eq!(found("platform=toaster&state=unknown&after=zz").await, [true, true, true]);
}
