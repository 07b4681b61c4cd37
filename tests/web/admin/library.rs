//! Profiles made, reviewed, published and handed on by people.

use pomona::actions::drafts;
use pomona::model::account::Role;
use pomona::model::profile::{Distribution, Profile};
use pomona::store;
use pomona::wire::cms;
use pomona::wire::plist::Value;
use pomona::wire::profile::{self as envelope, Document};

use crate::web::browser::{Browser, Shown, mobileconfig};
use crate::web::device::pretend::World;

const NEW: &str = "/profilemanager/profiles/new";
const PASSWORD: &str = "correct horse battery";

fn only(world: &World) -> Profile {
    store::profiles::list(&world.read()).expect("readable").remove(0)
}

fn document(world: &World) -> Document {
    drafts::open(&world.read(), &only(world).id).expect("open").document
}

/// Names of a page's fields that end like this, without the hidden marks.
fn field(shown: &Shown, ending: &str) -> String {
    let tags = shown.tags();
    let name = tags
        .iter()
        .filter_map(|t| t.get("name"))
        .find(|n| n.ends_with(ending) && !n.starts_with("was:"))
        .unwrap_or_else(|| panic!("no field ends with {ending}"));
    name.to_owned()
}

/// A draft with Wi-Fi and a passcode; its short forms filled in.
async fn begun(world: &World, browser: &Browser) -> (String, Shown) {
    let fields = [("name", "Office"), ("recipe", "wifi"), ("recipe", "passcode")];
    let made = browser.fill(NEW, NEW, &fields).await.expect(303);
    let page = format!("/profilemanager/profiles/{}", only(world).id);
    (page, browser.follow(&made).await)
}

async fn filled(world: &World, browser: &Browser) -> (String, Shown) {
    let (page, short) = begun(world, browser).await;
    let (ssid, password, length) =
        (field(&short, ":SSID_STR"), field(&short, ":Password"), field(&short, ":minLength"));
    let fields = [
        (ssid.as_str(), "Orchard"),
        (password.as_str(), PASSWORD),
        (length.as_str(), "6"),
        ("then", "assign"),
    ];
    let saved = browser.submit(&short, &format!("{page}/short"), &fields).await;
    (page, saved)
}

#[tokio::test]
async fn wifi_and_a_passcode_reach_everybody_within_thirteen_interactions() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-00000000000000AA").await;
    // Profiles, New, the name, two ticks, Continue (6); three fields (9); Choose who gets it (10).
    let (page, saved) = filled(&world, &browser).await;
    let assigned = browser.follow(&saved.expect(303)).await;
    assert!(assigned.says("No device gets anything before it is published."), "{}", assigned.words());
    // Everyone (11) leads on to the review.
    let to =
        browser.submit(&assigned, &format!("{page}/assign"), &[("everyone", "on"), ("then", "review")]).await;
    let review = browser.follow(&to.expect(303)).await;
    assert!(review.says("Wi-Fi “Orchard” with a password"), "{}", review.words());
    assert!(review.says("of at least 6 characters") && review.says("1 enrolled device"));
    assert!(!review.text().contains(PASSWORD));
    assert!(
        world.due(pomona::model::due::Work::Reconcile, &device.id()).is_none() || only(&world).revision == 0
    );
    // Publish (12).
    let done = browser.submit(&review, &format!("{page}/publish"), &[("note", "The first one")]).await;
    let status = browser.follow(&done.expect(303)).await;
    assert!(status.says("“Office” is published as revision 1."), "{}", status.words());
    world.reconcile(&device.id());
    let install = device.idle().await.uuid();
    device.acknowledge(&install).await;
    assert!(browser.get(&format!("{page}/status")).await.expect(200).says("Installed"));
    let history = browser.get(&format!("{page}/history")).await.expect(200);
    assert!(history.says("The first one") && history.says("ada"), "{}", history.words());
}

#[tokio::test]
async fn a_short_form_says_what_is_missing_and_keeps_what_was_typed() {
    let world = World::new();
    let browser = world.owner();
    let (page, short) = begun(&world, &browser).await;
    let (password, length) = (field(&short, ":Password"), field(&short, ":minLength"));
    let fields = [(password.as_str(), PASSWORD), (length.as_str(), "many"), ("then", "assign")];
    let wrong = browser.submit(&short, &format!("{page}/short"), &fields).await.expect(422);
    assert!(wrong.text().contains("value=\"many\""), "what was typed is still there");
    assert!(wrong.says("Set on"), "the password was kept: {}", wrong.words());
    assert!(!wrong.text().contains(PASSWORD));
    let errors = wrong.tags().iter().filter(|t| t.get("aria-invalid") == Some("true")).count();
    assert!(errors >= 1, "{}", wrong.words());
}

#[tokio::test]
async fn all_settings_of_a_payload_open_with_what_was_typed_in_the_short_form() {
    let world = World::new();
    let browser = world.owner();
    let (page, short) = begun(&world, &browser).await;
    let ssid = field(&short, ":SSID_STR");
    let payload = ssid.split(':').next().expect("an id").to_owned();
    let fields = [(ssid.as_str(), "Orchard"), ("then", &format!("payload:{payload}"))];
    let on = browser.submit(&short, &format!("{page}/short"), &fields).await.expect(303);
    assert!(on.location().ends_with(&format!("/payloads/{payload}")), "{}", on.location());
    assert!(browser.follow(&on).await.text().contains("Orchard"));
}

#[tokio::test]
async fn what_is_missing_blocks_publishing_and_the_review_leads_there() {
    let world = World::new();
    let browser = world.owner();
    let (page, _) = begun(&world, &browser).await;
    let review = browser.get(&format!("{page}/review")).await.expect(200);
    assert!(!review.says("Publish to") && review.says("Must be set right"), "{}", review.words());
    let refused = browser.submit(&review, &format!("{page}/publish"), &[("note", "Anyway")]).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
    assert!(refused.text().contains("value=\"Anyway\""), "the note is kept");
    assert_eq!(only(&world).revision, 0);
}

#[tokio::test]
async fn two_administrators_are_told_of_each_other_and_neither_publishes_what_they_did_not_see() {
    let world = World::new();
    let (ada, grace) = (world.owner(), world.signed_in(&world.account("grace", Role::Admin)));
    let (page, saved) = filled(&world, &ada).await;
    saved.expect(303);
    let review = ada.get(&format!("{page}/review")).await.expect(200);
    let general = grace.get(&format!("{page}/general")).await.expect(200);
    assert!(general.says("ada is here too."), "{}", general.words());
    let renamed =
        grace.submit(&general, &format!("{page}/general"), &[("name", "Office 2")]).await.expect(303);
    assert!(grace.follow(&renamed).await.says("Saved as a draft."));
    // Ada reviewed the draft as it was before.
    let refused = ada.submit(&review, &format!("{page}/publish"), &[]).await.expect(409);
    assert!(
        refused.says("grace changed the draft meanwhile.") && refused.says("as it is now"),
        "{}",
        refused.words()
    );
    assert_eq!(only(&world).revision, 0);
    // Discarding what one did not see is refused too, and leads on to what is there.
    let old = review.form(&format!("{page}/publish"));
    let version = old.iter().find(|(n, _)| n == "version").expect("a version").1.clone();
    let discard = ada.get(&format!("{page}/discard")).await.expect(200);
    let kept = ada.submit(&discard, &format!("{page}/discard"), &[("version", &version)]).await.expect(303);
    assert!(ada.follow(&kept).await.says("Not discarded:"));
    // The refused page carries the new version: read, then published.
    let done = ada.submit(&refused, &format!("{page}/publish"), &[]).await.expect(303);
    assert!(ada.follow(&done).await.says("“Office 2” is published as revision 1."));
}

#[tokio::test]
async fn the_same_setting_changed_by_two_is_shown_with_both_values_and_then_settled() {
    let world = World::new();
    let (ada, grace) = (world.owner(), world.signed_in(&world.account("grace", Role::Admin)));
    let (page, saved) = filled(&world, &ada).await;
    saved.expect(303);
    let general = format!("{page}/general");
    let (mine, hers) = (ada.get(&general).await.expect(200), grace.get(&general).await.expect(200));
    grace.submit(&hers, &general, &[("description", "By Grace")]).await.expect(303);
    let fields = [("description", "By Ada"), ("organization", "The Orchard")];
    let met = ada.submit(&mine, &general, &fields).await.expect(409);
    assert!(met.says("By Grace") && met.says("By Ada"), "{}", met.words());
    let now = document(&world);
    assert_eq!(now.body.get("PayloadDescription").and_then(Value::as_string), Some("By Grace"));
    assert_eq!(now.body.get("PayloadOrganization").and_then(Value::as_string), Some("The Orchard"));
    ada.submit(&met, &general, &[]).await.expect(303);
    let now = document(&world);
    assert_eq!(now.body.get("PayloadDescription").and_then(Value::as_string), Some("By Ada"));
}

#[tokio::test]
async fn general_settings_become_keys_of_the_profile_and_go_again() {
    let world = World::new();
    let browser = world.owner();
    let (page, _) = begun(&world, &browser).await;
    let general = format!("{page}/general");
    let fields = [
        ("removal", "password"),
        ("password", "let me out"),
        ("removal_days", "1.5"),
        ("scope", "User"),
        ("lang", "default"),
        ("text", "You agree."),
        ("lang", "de"),
        ("text", "Sie stimmen zu."),
        ("distribution", "offered"),
    ];
    browser.fill(&general, &general, &fields).await.expect(303);
    let made = document(&world);
    let body = &made.body;
    assert_eq!(body.get("DurationUntilRemoval"), Some(&Value::Real(129_600.0)));
    assert_eq!(body.get("PayloadScope").and_then(Value::as_string), Some("User"));
    assert_eq!(body.get("HasRemovalPasscode"), Some(&Value::Boolean(true)));
    let consent = body.get("ConsentText").and_then(Value::as_dictionary).expect("consent");
    assert_eq!(consent.get("de").and_then(Value::as_string), Some("Sie stimmen zu."));
    assert!(made.payloads().iter().any(|p| p.payload_type() == "com.apple.profileRemovalPassword"));
    let shown = browser.get(&general).await.expect(200);
    assert!(!shown.text().contains("let me out") && shown.says("by ada"));
    let both = [("removal_days", "3"), ("removal_date", "2027-01-01T08:00")];
    browser.submit(&shown, &general, &both).await.expect(422);
    let back = [("removal", "never"), ("removal_days", ""), ("scope", "System"), ("remove", "de")];
    browser.submit(&shown, &general, &back).await.expect(303);
    let made = document(&world);
    assert!(made.body.get("DurationUntilRemoval").is_none() && made.body.get("HasRemovalPasscode").is_none());
    assert_eq!(made.body.get("PayloadRemovalDisallowed"), Some(&Value::Boolean(true)));
    let consent = made.body.get("ConsentText").and_then(Value::as_dictionary).expect("consent");
    assert!(consent.get("de").is_none() && consent.get("default").is_some());
    assert!(made.payloads().iter().all(|p| p.payload_type() != "com.apple.profileRemovalPassword"));
}

#[tokio::test]
async fn the_identifier_is_free_until_the_first_publishing_and_fixed_after_it() {
    let world = World::new();
    let browser = world.owner();
    let (page, saved) = filled(&world, &browser).await;
    saved.expect(303);
    let general = format!("{page}/general");
    browser.fill(&general, &general, &[("identifier", "org.example.office")]).await.expect(303);
    assert_eq!(only(&world).identifier, "org.example.office");
    browser.fill(&format!("{page}/review"), &format!("{page}/publish"), &[]).await.expect(303);
    let shown = browser.get(&general).await.expect(200);
    assert!(shown.says("The identifier is fixed since the first publishing"));
    assert!(shown.tags().iter().all(|t| t.get("name") != Some("identifier")));
}

#[tokio::test]
async fn a_text_is_checked_line_by_line_and_its_dots_keep_the_secrets() {
    let world = World::new();
    let browser = world.owner();
    let (page, saved) = filled(&world, &browser).await;
    saved.expect(303);
    let edit = format!("{page}/source/edit");
    let shown = browser.get(&edit).await.expect(200);
    let form = shown.form_with(&edit, &["xml"]);
    let version = form.iter().find(|(n, _)| n == "version").expect("a version").1.clone();
    let tags = shown.tags();
    let xml = tags.iter().find(|t| t.name == "textarea").expect("a text").text.trim_start().to_owned();
    assert!(xml.contains("••••••") && !xml.contains(PASSWORD));
    let wrong = xml.replacen("<key>SSID_STR</key>", "<key>SSID_STR</kee>", 1);
    let at = 1 + xml.lines().position(|l| l.contains("SSID_STR")).expect("the line");
    let refused = browser.upload(&edit, &edit, &[], &[("xml", &wrong)]).await.expect(422);
    assert!(
        refused.says(&format!("Line {at}")) || refused.says(&format!("line {at}")),
        "{}",
        refused.words()
    );
    assert!(refused.text().contains("SSID_STR&lt;/kee&gt;"), "the text is kept");
    let right = xml.replacen("<string>Orchard</string>", "<string>Orchard 5G</string>", 1);
    browser.upload(&edit, &edit, &[], &[("xml", &right)]).await.expect(303);
    let made = document(&world);
    let payloads = made.payloads();
    let wifi = payloads.iter().find(|p| p.payload_type() == "com.apple.wifi.managed").expect("Wi-Fi");
    assert_eq!(wifi.body.get("SSID_STR").and_then(Value::as_string), Some("Orchard 5G"));
    assert_eq!(wifi.body.get("Password").and_then(Value::as_string), Some(PASSWORD));
    // A text taken from an older draft is not put over a newer one unseen.
    let late = [("xml", xml.as_str()), ("version", version.as_str())];
    let refused = browser.upload(&edit, &edit, &[], &late).await.expect(409);
    assert!(refused.says("since you took the text"), "{}", refused.words());
}

#[tokio::test]
async fn revisions_are_compared_looked_at_and_put_back_with_a_note() {
    let world = World::new();
    let browser = world.owner();
    let (page, saved) = filled(&world, &browser).await;
    saved.expect(303);
    let (review, publish) = (format!("{page}/review"), format!("{page}/publish"));
    browser.fill(&review, &publish, &[("note", "One")]).await.expect(303);
    let short = browser.get(&format!("{page}/short")).await.expect(200);
    let (ssid, password) = (field(&short, ":SSID_STR"), field(&short, ":Password"));
    let fields = [(ssid.as_str(), "Orchard 5G"), (password.as_str(), "another secret"), ("then", "stay")];
    browser.submit(&short, &format!("{page}/short"), &fields).await.expect(303);
    let shown = browser.get(&review).await.expect(200);
    assert!(shown.says("Orchard 5G") && shown.says("changed") && !shown.text().contains("another secret"));
    browser.fill(&review, &publish, &[("note", "Two")]).await.expect(303);
    let compared = browser.get(&format!("{page}/history?from=1&to=2")).await.expect(200);
    assert!(
        compared.says("From revision 1 to revision 2") && compared.says("Orchard 5G"),
        "{}",
        compared.words()
    );
    assert!(!compared.text().contains(PASSWORD) && !compared.text().contains("another secret"));
    let one = browser.get(&format!("{page}/history/1")).await.expect(200);
    assert!(one.says("One") && one.says("Orchard") && !one.text().contains(PASSWORD));
    let restore = format!("{page}/history/1/restore");
    browser.fill(&restore, &restore, &[("note", "Back to one")]).await.expect(303);
    assert_eq!(only(&world).revision, 3);
    let list = browser.get(&format!("{page}/history")).await.expect(200);
    assert!(list.says("Revision 1 put back") && list.says("Back to one"), "{}", list.words());
    browser.get(&format!("{page}/history/9")).await.expect(404);
}

#[tokio::test]
async fn files_are_plain_signed_or_encrypted_to_one_device() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-00000000000000AB").await;
    let (page, saved) = filled(&world, &browser).await;
    saved.expect(303);
    let plain = browser.get(&format!("{page}/file?wrap=plain")).await.expect(200);
    assert_eq!(plain.header("content-type"), "application/x-apple-aspen-config");
    assert!(plain.header("content-disposition").contains(".mobileconfig"));
    assert!(String::from_utf8_lossy(&plain.body).contains(PASSWORD));
    let signed = browser.get(&format!("{page}/file?wrap=signed")).await.expect(200);
    assert!(cms::verify_attached(&signed.body).is_ok());
    assert!(envelope::parse(&signed.body).expect("a profile").signer.is_some());
    let nobody = browser.get(&format!("{page}/file?wrap=encrypted")).await.expect(422);
    assert!(nobody.says("Choose the device"), "{}", nobody.words());
    let id = device.id();
    let one = browser.get(&format!("{page}/file?wrap=encrypted&device={id}")).await;
    // A device with an elliptic key cannot have it, and the page says so.
    assert!(one.status == 200 || one.says("RSA"), "{}", one.words());
    assert!(!String::from_utf8_lossy(&one.body).contains(PASSWORD));
}

#[tokio::test]
async fn a_preview_fills_in_the_variables_of_a_device_and_its_owner() {
    let world = World::new();
    let browser = world.owner();
    let device = world.enrolled("00008120-00000000000000AC").await;
    let (page, short) = begun(&world, &browser).await;
    let ssid = field(&short, ":SSID_STR");
    let fields = [(ssid.as_str(), "%email%-%Room%"), ("then", "stay")];
    browser.submit(&short, &format!("{page}/short"), &fields).await.expect(303);
    let preview = format!("{page}/preview?device={}", device.id());
    assert!(browser.get(&preview).await.expect(200).says("no value on this device"));
    let owner = format!("/profilemanager/devices/{}/owner", device.id());
    let fields = [("full_name", "Ada"), ("email", "ada@example.org"), ("field", "Room"), ("value", "Lab 3")];
    browser.fill(&owner, &owner, &fields).await.expect(303);
    let shown = browser.get(&preview).await.expect(200);
    assert!(shown.text().contains("ada@example.org-Lab 3"), "{}", shown.words());
    let shown = browser.get(&owner).await.expect(200);
    assert!(shown.says("%Room%") || shown.says("%room%"), "{}", shown.words());
    let about = browser.get(&format!("/profilemanager/devices/{}", device.id())).await.expect(200);
    assert!(about.says("Lab 3") && about.says("ada@example.org"));
}

#[tokio::test]
async fn several_files_come_in_at_once_and_one_that_is_none_is_named() {
    let world = World::new();
    let browser = world.owner();
    let import = "/profilemanager/profiles/import";
    let one = mobileconfig(
        "org.example.a",
        "A",
        "AAAAAAAA-0000-4000-8000-000000000001",
        "com.apple.wifi.managed",
        "x",
    );
    let two = mobileconfig(
        "org.example.b",
        "B",
        "AAAAAAAA-0000-4000-8000-000000000002",
        "com.example.unknown",
        "y",
    );
    let files: [(&str, &[u8]); 3] = [("profile", &one), ("profile", &two), ("profile", b"nothing")];
    let done = browser.upload(import, import, &files, &[]).await.expect(303);
    let report = browser.follow(&done).await;
    assert!(report.says("2 profiles are imported.") && report.says("Not imported: x:"), "{}", report.words());
    assert!(report.says("kept as raw") && report.says("com.example.unknown"), "{}", report.words());
    let text = String::from_utf8(mobileconfig(
        "org.example.c",
        "C",
        "AAAAAAAA-0000-4000-8000-000000000003",
        "com.apple.wifi.managed",
        "z",
    ))
    .expect("text");
    let done = browser.upload(import, import, &[], &[("paste", &text)]).await.expect(303);
    assert!(browser.follow(&done).await.says("“C” is in the library."));
}

#[tokio::test]
async fn the_catalog_finds_airdrop_and_says_which_devices_obey() {
    let world = World::new();
    let browser = world.owner();
    world.enrolled("00008120-00000000000000AD").await;
    let found = browser.get("/profilemanager/catalog?q=airdrop").await.expect(200);
    assert!(
        found.says("Restrictions") && found.says("allowAirDrop") && found.says("Your devices:"),
        "{}",
        found.words()
    );
    let key =
        browser.get("/profilemanager/catalog/com.apple.applicationaccess?key=allowAirDrop").await.expect(200);
    let tags = key.tags();
    let behind =
        tags.iter().filter_map(|t| t.get("href")).find(|h| h.contains("/devices?")).expect("a number");
    let devices = browser.get(behind).await.expect(200);
    assert!(devices.says("on 1 device."), "{}", devices.words());
    browser.get("/profilemanager/catalog/com.example.nothing").await.expect(404);
    browser.get("/profilemanager/catalog/com.apple.applicationaccess?key=noSuchKey").await.expect(404);
    let add = "/profilemanager/catalog/com.apple.applicationaccess/add";
    let on = browser.fill(&format!("{add}?key=allowAirDrop"), add, &[("name", "Sharing")]).await.expect(303);
    assert!(on.location().ends_with("/add?q=allowAirDrop"), "{}", on.location());
    assert!(browser.follow(&on).await.says("allowAirDrop"));
}

#[tokio::test]
async fn people_find_what_is_offered_to_them_and_nothing_else() {
    let world = World::new();
    let browser = world.owner();
    let anyone = world.signed_in(&world.account("joan", Role::Auditor));
    let (page, saved) = filled(&world, &browser).await;
    saved.expect(303);
    let install = format!("/mydevices/profiles/{}", only(&world).id);
    assert!(anyone.get("/mydevices").await.expect(200).says("Nothing is offered to you"));
    anyone.get(&install).await.expect(404);
    let general = format!("{page}/general");
    browser.fill(&general, &general, &[("distribution", "offered")]).await.expect(303);
    anyone.get(&install).await.expect(404);
    browser.fill(&format!("{page}/review"), &format!("{page}/publish"), &[]).await.expect(303);
    assert_eq!(only(&world).distribution, Distribution::Offered);
    let mine = anyone.get("/mydevices").await.expect(200);
    assert!(mine.says("Office") && mine.says("Wi-Fi “Orchard” with a password"), "{}", mine.words());
    let file = anyone.get(&install).await.expect(200);
    assert_eq!(file.header("content-type"), "application/x-apple-aspen-config");
    assert!(envelope::parse(&file.body).expect("a profile").signer.is_some());
    let stranger = world.browser().get(&install).await.expect(303);
    assert!(
        stranger.location().starts_with("/profilemanager/signin?next=%2Fmydevices"),
        "{}",
        stranger.location()
    );
    let archive = format!("{page}/archive");
    browser.fill(&archive, &archive, &[]).await.expect(303);
    anyone.get(&install).await.expect(404);
    assert!(browser.get("/profilemanager/profiles?archived=1").await.expect(200).says("Office"));
}

#[tokio::test]
async fn a_copy_has_its_own_identifier_and_goes_to_nobody() {
    let world = World::new();
    let browser = world.owner();
    let (page, saved) = filled(&world, &browser).await;
    saved.expect(303);
    let first = only(&world);
    let duplicate = format!("{page}/duplicate");
    let done = browser.fill(&duplicate, &duplicate, &[("name", "Office, second floor")]).await.expect(303);
    assert!(browser.follow(&done).await.says("is a draft of its own now."));
    let all = store::profiles::list(&world.read()).expect("readable");
    let copy = all.iter().find(|p| p.id != first.id).expect("a copy");
    assert_eq!((copy.name.as_str(), copy.revision, copy.everyone), ("Office, second floor", 0, false));
    assert_ne!(copy.identifier, first.identifier);
}
