//! The library of profiles.

use pomona::model::account::Role;
use pomona::model::due::Work;
use pomona::store;
use pomona::wire::cms::{self, Signing};
use pomona::wire::key::Digest;

use crate::web::browser::mobileconfig;
use crate::web::device::pretend::World;

const IMPORT: &str = "/profilemanager/profiles/import";
const UUID: &str = "AAAAAAAA-0000-4000-8000-000000000001";
const UUID_2: &str = "AAAAAAAA-0000-4000-8000-000000000002";
const WIFI: &str = "com.apple.wifi.managed";

fn library(world: &World) -> Vec<pomona::model::profile::Profile> {
    store::profiles::list(&world.read()).expect("readable")
}

#[tokio::test]
async fn a_profile_is_imported_assigned_and_seen_to_arrive() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-000000000000001B").await;
    let file = mobileconfig("org.example.wifi", "Office Wi-Fi", UUID, WIFI, "correct horse");
    let done = browser.upload(IMPORT, IMPORT, &[("profile", &file)], &[]).await;
    let report = browser.follow(&done).await;
    assert!(report.says("“Office Wi-Fi” is in the library."), "{}", report.words());
    assert!(report.says("2 settings understood.") && report.says("The file was not signed."));
    let profile = library(&world).remove(0);
    let assigned =
        browser.get(&format!("/profilemanager/profiles/{}/assigned", profile.id)).await.expect(200);
    assert_eq!((profile.identifier.as_str(), profile.revision), ("org.example.wifi", 1));
    let page = format!("/profilemanager/profiles/{}", profile.id);
    let assign = format!("{page}/assign");
    let id = device.id();
    let done = browser.submit(&assigned, &assign, &[("device", id.as_str())]).await;
    let shown = browser.follow(&done).await;
    assert!(shown.says("“Office Wi-Fi” is assigned to 1 device."), "{}", shown.words());
    assert!(world.due(Work::Reconcile, &id).is_some());
    let own = format!("/profilemanager/devices/{id}/profiles");
    assert!(browser.get(&own).await.expect(200).says("Waiting for device"));
    world.reconcile(&id);
    assert!(browser.get(&format!("{page}/status")).await.expect(200).says("Waiting for device"));
    let reply = device.idle().await;
    assert!(browser.get(&format!("{page}/status")).await.expect(200).says("Sent"));
    device.acknowledge(&reply.uuid()).await;
    let status = browser.get(&format!("{page}/status")).await.expect(200);
    assert!(status.says("Installed") && status.says("Renamed device"), "{}", status.words());
    let list = browser.get("/profilemanager/profiles").await.expect(200);
    assert!(list.says("Office Wi-Fi") && list.says("1"), "{}", list.words());
}

#[tokio::test]
async fn what_a_device_refused_is_shown_in_its_own_words() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-000000000000002B").await;
    world.profile("camera", 1, true);
    world.reconcile(&device.id());
    let uuid = device.idle().await.uuid();
    let mut error = pomona::wire::plist::Dictionary::new();
    error.insert("ErrorCode".into(), 4001.into());
    error.insert("ErrorDomain".into(), "MCInstallationErrorDomain".into());
    error.insert("USEnglishDescription".into(), "The profile could not be <installed>.".into());
    let chain = pomona::wire::plist::Value::Array(vec![error.into()]);
    device.answer(&uuid, "Error", &[("ErrorChain", chain)]).await;
    let status = browser.get("/profilemanager/profiles/camera/status").await.expect(200);
    assert!(
        status.says("Failed") && status.says("The profile could not be <installed>."),
        "{}",
        status.words()
    );
    let list = browser.get("/profilemanager/devices?state=attention").await.expect(200);
    assert!(list.says("Needs attention") && list.says("Renamed device"));
    let command =
        browser.get(&format!("/profilemanager/devices/{}/commands/{uuid}", device.id())).await.expect(200);
    assert!(command.says("MCInstallationErrorDomain") && command.says("4001"));
    let overview = browser.get("/profilemanager").await.expect(200);
    assert!(overview.says("on 1 device"), "{}", overview.words());
}

#[tokio::test]
async fn the_same_identifier_is_another_revision_and_the_same_content_is_nothing() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-000000000000003B").await;
    let first = mobileconfig("org.example.wifi", "Office Wi-Fi", UUID, WIFI, "correct horse");
    browser.upload(IMPORT, IMPORT, &[("profile", &first)], &[]).await.expect(303);
    let id = library(&world)[0].id.clone();
    let again = browser.upload(IMPORT, IMPORT, &[("profile", &first)], &[]).await;
    assert!(browser.follow(&again).await.says("in the library already, just so"));
    let assign = format!("/profilemanager/profiles/{id}/assign");
    browser
        .fill(&format!("/profilemanager/profiles/{id}/assigned"), &assign, &[("everyone", "on")])
        .await
        .expect(303);
    world.reconcile(&device.id());
    device.drain().await;
    let now = world.now();
    let due = store::dues::get(&world.read(), Work::Reconcile, &device.id()).expect("readable").expect("due");
    world.write(move |w| Ok(store::dues::done(w, &due)?));
    let second = mobileconfig("org.example.wifi", "Office Wi-Fi 2", UUID_2, WIFI, "battery staple");
    let done = browser.upload(IMPORT, IMPORT, &[("profile", &second)], &[]).await;
    assert!(browser.follow(&done).await.says("“Office Wi-Fi 2” is now revision 2."));
    assert_eq!(library(&world).len(), 1);
    assert_eq!((library(&world)[0].id.as_str(), library(&world)[0].revision), (id.as_str(), 2));
    assert_eq!(world.due(Work::Reconcile, &device.id()), Some(now), "its devices get it");
}

fn signed(world: &World, file: &[u8]) -> Vec<u8> {
    let authority = &world.app.authority;
    let how = Signing {
        signer: &authority.ca,
        key: &authority.key,
        chain: &[],
        digest: Digest::Sha256,
        time: Some(world.now().secs()),
        attributes: vec![],
        detached: false,
    };
    cms::sign(file, &how)
}

#[tokio::test]
async fn a_signed_profile_is_kept_as_it_is_and_signing_the_same_again_is_no_revision() {
    let world = World::new();
    let browser = world.owner();
    let plain = mobileconfig("org.example.wifi", "Office Wi-Fi", UUID, WIFI, "correct horse");
    let file = signed(&world, &plain);
    browser.upload(IMPORT, IMPORT, &[("profile", &file)], &[]).await.expect(303);
    let profile = library(&world).remove(0);
    assert_eq!(profile.signed_by.as_deref(), world.app.authority.ca.common_name().as_deref());
    let download = browser.get(&format!("/profilemanager/profiles/{}/file", profile.id)).await.expect(200);
    assert_eq!(download.body, file);
    assert_eq!(download.header("content-type"), "application/x-apple-aspen-config");
    assert!(download.header("content-disposition").contains("org.example.wifi.mobileconfig"));
    world.pass(60);
    let later = signed(&world, &plain);
    assert_ne!(later, file, "the time in the signature differs");
    browser.upload(IMPORT, IMPORT, &[("profile", &later)], &[]).await.expect(303);
    assert_eq!(library(&world)[0].revision, 1);
    let mut forged = file.clone();
    let at = forged.windows(5).position(|w| w == b"horse").expect("the text");
    forged[at] = b'H';
    let refused = browser.upload(IMPORT, IMPORT, &[("profile", &forged)], &[]).await.expect(422);
    assert!(refused.says("cannot be imported"), "{}", refused.words());
    assert_eq!(library(&world)[0].revision, 1);
}

#[tokio::test]
async fn what_is_no_profile_or_manages_devices_itself_is_refused_with_the_reason() {
    let world = World::new();
    let browser = world.owner();
    let mdm = mobileconfig("org.evil.mdm", "Other server", UUID, "com.apple.mdm", "x");
    let ours = mobileconfig("org.example.pomona.enroll", "Looks like ours", UUID, WIFI, "x");
    for (file, status, words) in [
        (mdm.as_slice(), 422, "com.apple.mdm"),
        (ours.as_slice(), 409, "enrollment profile"),
        (b"not a profile at all".as_slice(), 422, "cannot be imported"),
        (b"".as_slice(), 422, "No file was chosen"),
    ] {
        let shown = browser.upload(IMPORT, IMPORT, &[("profile", file)], &[]).await.expect(status);
        assert!(shown.says(words), "{words}: {}", shown.words());
    }
    assert!(library(&world).is_empty());
}

#[tokio::test]
async fn unassigning_can_be_taken_back_with_the_button_beside_the_message() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-000000000000004B").await;
    world.profile("wifi", 1, false);
    let page = "/profilemanager/profiles/wifi/assigned";
    let id = device.id();
    let fields = [("device", id.as_str())];
    browser.fill(page, "/profilemanager/profiles/wifi/assign", &fields).await.expect(303);
    let assigned = || store::profiles::assigned_to(&world.read(), "wifi").expect("readable");
    assert_eq!(assigned(), std::slice::from_ref(&id));
    browser.get(page).await.expect(200);
    let done = browser.fill(page, "/profilemanager/profiles/wifi/unassign", &fields).await;
    assert!(assigned().is_empty());
    let shown = browser.follow(&done).await;
    assert!(shown.says("is taken from 1 device.") && shown.says("Undo"));
    browser.submit(&shown, "/profilemanager/profiles/wifi/assign", &[]).await.expect(303);
    assert_eq!(assigned(), [id]);
}

#[tokio::test]
async fn one_unknown_device_refuses_the_whole_assignment() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-000000000000005B").await;
    world.profile("wifi", 1, false);
    let id = device.id();
    let fields = [("device", id.as_str()), ("device", "NO-SUCH-DEVICE")];
    let page = "/profilemanager/profiles/wifi/assigned";
    let refused = browser.fill(page, "/profilemanager/profiles/wifi/assign", &fields).await.expect(404);
    assert!(refused.says("device.unknown"));
    let csrf = browser.get(page).await.form("/profilemanager/signout")[0].1.clone();
    browser.post("/profilemanager/profiles/wifi/assign", &[("csrf", &csrf)]).await.expect(422);
    assert!(store::profiles::assigned_to(&world.read(), "wifi").expect("readable").is_empty());
}

#[tokio::test]
async fn a_profile_that_leaves_the_library_leaves_its_devices() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-000000000000006B").await;
    world.profile("wifi", 1, true);
    world.reconcile(&device.id());
    let install = device.idle().await.uuid();
    device.acknowledge(&install).await;
    let remove = "/profilemanager/profiles/wifi/remove";
    let done = browser.fill(remove, remove, &[]).await;
    assert!(browser.follow(&done).await.says("“wifi” is removed."));
    assert!(library(&world).is_empty());
    assert!(world.due(Work::Reconcile, &device.id()).is_some());
    world.reconcile(&device.id());
    let own = browser.get(&format!("/profilemanager/devices/{}/profiles", device.id())).await.expect(200);
    assert!(own.says("Removing"), "{}", own.words());
    assert!(device.drain().await.contains(&"RemoveProfile".to_owned()));
    browser.get("/profilemanager/profiles/wifi").await.expect(404);
}

#[tokio::test]
async fn secrets_of_a_profile_are_blanked_out_on_its_source_and_its_file_is_for_editors_alone() {
    let world = World::new();
    let browser = world.owner();
    let file = mobileconfig("org.example.wifi", "Office Wi-Fi", UUID, WIFI, "correct horse battery");
    browser.upload(IMPORT, IMPORT, &[("profile", &file)], &[]).await.expect(303);
    let page = format!("/profilemanager/profiles/{}", library(&world)[0].id);
    let source = browser.get(&format!("{page}/source")).await.expect(200);
    assert!(source.says("SSID_STR") && source.says("Orchard") && !source.says("correct horse battery"));
    let auditor = world.signed_in(&world.account("auditor", Role::Auditor));
    auditor.get(&format!("{page}/source")).await.expect(200);
    auditor.get(&format!("{page}/download")).await.expect(403);
    auditor.get(&format!("{page}/file")).await.expect(403);
}
