//! Profiles with variables, and who is sent what: each device gets its own values, and nothing that changes nothing.

use pomona::actions::{devices, drafts, exports, profiles};
use pomona::model::due::Work;
use pomona::model::enrollment::EnrollmentId;
use pomona::model::profile::{Delivery, Distribution};
use pomona::store;
use pomona::wire::plist::{self, Dictionary, Value};
use pomona::wire::profile::Document;

use super::library::{Library, code, set};
use crate::web::device::pretend::{Answer, Pretend};

const UDID: &str = "00008120-00000000000000AV";
const OTHER: &str = "00008120-00000000000000BV";

/// The profile that an answer carries.
fn carried(answer: &Answer) -> Document {
    let message = answer.dictionary();
    let command = message.get("Command").and_then(Value::as_dictionary).expect("a command");
    assert_eq!(command.get("RequestType").and_then(Value::as_string), Some("InstallProfile"));
    let file = plist::data(command, "Payload").expect("data").expect("a profile");
    Document::read(file).expect("a profile")
}

fn value(document: &Document, key: &str) -> String {
    document.payloads()[0].body[key].as_string().expect("text").to_owned()
}

fn uuid(document: &Document) -> String {
    document.body["PayloadUUID"].as_string().expect("text").to_owned()
}

impl Library {
    /// Lets the device compare if somebody asked it to, as the worker would. Says whether anybody did.
    fn compare(&self, device: &EnrollmentId) -> bool {
        let due = self.world.due(Work::Reconcile, device).is_some();
        if due {
            self.world.reconcile(device);
            let device = device.clone();
            self.world.write(move |w| Ok(store::dues::cancel(w, Work::Reconcile, &device)?));
        }
        due
    }

    /// Takes what waits, if it is a profile, and acknowledges it.
    async fn take(&self, device: &Pretend) -> Option<Document> {
        let answer = device.idle().await;
        let (uuid, kind) = answer.command()?;
        assert_eq!(kind, "InstallProfile");
        let document = carried(&answer);
        let list = device.acknowledge(&uuid).await;
        self.list(device, &list, &document).await;
        Some(document)
    }

    /// Answers the list of profiles that is asked after an installation.
    async fn list(&self, device: &Pretend, asked: &Answer, holds: &Document) {
        self.world.pass(1);
        let mut entry = Dictionary::new();
        for key in ["PayloadIdentifier", "PayloadUUID"] {
            entry.insert(key.into(), holds.body[key].clone());
        }
        entry.insert("IsManaged".into(), true.into());
        let (uuid, kind) = asked.command().expect("a question");
        assert_eq!(kind, "ProfileList");
        let list = Value::Array(vec![Value::Dictionary(entry)]);
        device.answer(&uuid, "Acknowledged", &[("ProfileList", list)]).await.assert_empty_ok();
    }

    fn state(&self, device: &Pretend, id: &str) -> Option<Delivery> {
        self.placement(&device.id(), id).map(|placement| placement.state)
    }
}

#[tokio::test]
async fn each_device_gets_its_own_values_and_its_list_confirms_them() {
    let library = Library::new();
    let (one, two) = (library.world.enrolled(UDID).await, library.world.enrolled(OTHER).await);
    let profile = library.published("mail", &[("Account", "%SerialNumber%@example.org".into())]);
    let mut uuids = vec![profile.uuid.clone()];
    for device in [&one, &two] {
        assert!(library.compare(&device.id()));
        let got = library.take(device).await.expect("a profile");
        assert_eq!(value(&got, "Account"), format!("{}@example.org", device.serial));
        uuids.push(uuid(&got));
        assert_eq!(library.state(device, "mail"), Some(Delivery::Confirmed));
        let shown = exports::file(
            &library.world.read(),
            "mail",
            1,
            Some(&device.id()),
            &exports::Wrapping::Plain,
            library.world.dice(),
        );
        assert_eq!(shown.expect("a file"), got.to_xml(), "what was sent can be looked at");
        device.idle().await.assert_empty_ok();
    }
    uuids.sort();
    uuids.dedup();
    assert_eq!(uuids.len(), 3, "different values are different files");
    // The stored revision keeps the variable.
    assert_eq!(value(&library.shown("mail"), "Account"), "%SerialNumber%@example.org");
}

#[tokio::test]
async fn when_a_value_changes_the_profiles_that_use_it_go_again_and_no_others() {
    let library = Library::new();
    let device = library.world.enrolled(UDID).await;
    library.published("plain", &[("Count", 1.into())]);
    library.published("mail", &[("Account", "%email%".into())]);
    library.owner(&device.id(), "ada@example.org");
    library.compare(&device.id());
    let mut first = None;
    while let Some(got) = library.take_any(&device).await {
        if got.body["PayloadIdentifier"] == Value::from("org.example.mail") {
            first = Some(got);
        }
    }
    let first = first.expect("the mail profile");
    assert_eq!(value(&first, "Account"), "ada@example.org");

    let queued = || store::commands::queue(&library.world.read(), &device.id()).expect("readable").len();
    // The same again, and a field that nothing uses: nobody compares, nothing is sent.
    library.owner(&device.id(), "ada@example.org");
    library.fields(&device.id(), "ada@example.org", &[("Shelf", "4")]);
    assert!(!library.compare(&device.id()));
    // A device that tells the same facts again changes nothing either.
    library.world.ask(&device.id(), vec![pomona::wire::mdm::command::Request::all_device_information()]);
    device.drain().await;
    assert!(!library.compare(&device.id()));
    library.world.reconcile(&device.id());
    assert_eq!(queued(), 0, "asked anyway, nothing is sent");

    library.fields(&device.id(), "bob@example.org", &[("Shelf", "4")]);
    assert!(library.compare(&device.id()));
    assert_eq!(queued(), 1);
    let second = library.take(&device).await.expect("again");
    assert_eq!(value(&second, "Account"), "bob@example.org");
    assert_ne!(uuid(&first), uuid(&second));
    assert_eq!(library.state(&device, "mail"), Some(Delivery::Confirmed));
    library.fields(&device.id(), "ada@example.org", &[]);
    library.compare(&device.id());
    assert_eq!(
        uuid(&library.take(&device).await.expect("again")),
        uuid(&first),
        "the same values, the same UUID"
    );
}

#[tokio::test]
async fn a_device_that_tells_another_name_gets_what_uses_it() {
    let library = Library::new();
    let device = library.world.enrolled(UDID).await;
    library.published("name", &[("Name", "This is %DeviceName%".into())]);
    library.compare(&device.id());
    assert_eq!(value(&library.take(&device).await.expect("sent"), "Name"), "This is Renamed device");
    library.world.ask(&device.id(), vec![pomona::wire::mdm::command::Request::all_device_information()]);
    let (uuid, _) = device.idle().await.command().expect("a question");
    let mut facts = Dictionary::new();
    facts.insert("DeviceName".into(), "Ada’s iPhone".into());
    let answer = [("QueryResponses", Value::Dictionary(facts))];
    device.answer(&uuid, "Acknowledged", &answer).await.assert_empty_ok();
    assert!(library.compare(&device.id()));
    assert_eq!(value(&library.take(&device).await.expect("again"), "Name"), "This is Ada’s iPhone");
}

#[tokio::test]
async fn a_device_without_a_value_is_sent_nothing_and_says_why_until_it_has_one() {
    let library = Library::new();
    let device = library.world.enrolled(UDID).await;
    let other = library.world.enrolled(OTHER).await;
    library.fields(&other.id(), "", &[("Room", "12")]);
    library.published("room", &[("Text", "%Room% of %email%".into())]);
    library.compare(&device.id());
    device.idle().await.assert_empty_ok();
    let placed = library.placement(&device.id(), "room").expect("told");
    assert_eq!((placed.state, placed.command.as_str()), (Delivery::Failed, ""));
    assert_eq!(
        placed.said.as_deref(),
        Some("This device has no values for %Room%, %email%; set them on the device page.")
    );
    let before = placed;
    library.world.reconcile(&device.id());
    assert_eq!(library.placement(&device.id(), "room"), Some(before), "comparing again changes nothing");
    library.owner(&device.id(), "ada@example.org");
    library.compare(&device.id());
    let placed = library.placement(&device.id(), "room").expect("told");
    assert_eq!(
        placed.said.as_deref(),
        Some("This device has no value for %Room%; set it on the device page.")
    );
    library.fields(&device.id(), "ada@example.org", &[("room", "7")]);
    library.compare(&device.id());
    assert_eq!(value(&library.take(&device).await.expect("sent"), "Text"), "7 of ada@example.org");
    // The value goes: what is there stays there, and the page says so.
    library.fields(&device.id(), "ada@example.org", &[]);
    library.compare(&device.id());
    device.idle().await.assert_empty_ok();
    let placed = library.placement(&device.id(), "room").expect("told");
    assert_eq!((placed.state, placed.installed), (Delivery::Failed, Some(1)));
    library.fields(&device.id(), "ada@example.org", &[("Room", "7")]);
    library.compare(&device.id());
    assert!(library.placement(&device.id(), "room").expect("told").lacks.is_empty());
}

#[tokio::test]
async fn values_are_those_of_the_moment_a_profile_is_handed_out() {
    let library = Library::new();
    let device = library.world.enrolled(UDID).await;
    library.owner(&device.id(), "ada@example.org");
    library.published("mail", &[("Account", "%email%".into())]);
    library.compare(&device.id());
    // Queued with one value; nobody compared after it changed.
    library.owner(&device.id(), "bob@example.org");
    let answer = device.idle().await;
    let got = carried(&answer);
    assert_eq!(value(&got, "Account"), "bob@example.org");
    let placed = library.placement(&device.id(), "mail").expect("placed");
    assert_eq!(placed.uuid, Some(uuid(&got)));
    let list = device.acknowledge(&answer.uuid()).await;
    library.list(&device, &list, &got).await;
    library.compare(&device.id());
    device.idle().await.assert_empty_ok();
    // Queued again, and then the value goes before the device fetches it.
    library.owner(&device.id(), "cyd@example.org");
    library.compare(&device.id());
    library.owner(&device.id(), "");
    device.idle().await.assert_empty_ok();
    let placed = library.placement(&device.id(), "mail").expect("placed");
    assert_eq!((placed.state, placed.lacks.as_slice()), (Delivery::Failed, &["email".to_owned()][..]));
    library.compare(&device.id());
    // Back at what the device holds: the queue stays empty and nothing is sent for nothing.
    library.owner(&device.id(), "bob@example.org");
    library.compare(&device.id());
    assert!(library.take(&device).await.is_some());
}

#[tokio::test]
async fn a_value_that_changes_and_comes_back_before_the_device_connects_sends_nothing() {
    let library = Library::new();
    let device = library.world.enrolled(UDID).await;
    library.owner(&device.id(), "ada@example.org");
    library.published("mail", &[("Account", "%email%".into())]);
    library.compare(&device.id());
    library.take(&device).await.expect("sent");
    for email in ["bob@example.org", "ada@example.org"] {
        library.owner(&device.id(), email);
        library.compare(&device.id());
    }
    device.idle().await.assert_empty_ok();
    assert_eq!(library.state(&device, "mail"), Some(Delivery::Installed));
}

#[tokio::test]
async fn an_edit_that_changes_nothing_sends_nothing_and_a_publish_goes_to_who_holds_it() {
    let library = Library::new();
    let device = library.world.enrolled(UDID).await;
    library.published("wifi", &[("Text", "one".into())]);
    library.compare(&device.id());
    library.take(&device).await.expect("sent");
    library.save("wifi", vec![set("Text", "two")]).expect("saved");
    library.save("wifi", vec![set("Text", "one")]).expect("saved");
    assert_eq!(code(library.publish("wifi")), "profile.no-change");
    assert!(!library.compare(&device.id()), "a draft reaches nobody");
    library.save("wifi", vec![set("Text", "two")]).expect("saved");
    assert!(!library.compare(&device.id()));
    library.publish("wifi").expect("published");
    assert!(library.compare(&device.id()));
    assert_eq!(value(&library.take(&device).await.expect("sent"), "Text"), "two");
    assert_eq!(library.state(&device, "wifi"), Some(Delivery::Confirmed));
}

#[tokio::test]
async fn an_unpublished_profile_can_be_assigned_and_is_sent_when_it_is_published() {
    let library = Library::new();
    let device = library.world.enrolled(UDID).await;
    library.begin("wifi", &[("Text", "one".into())]);
    let (by, id, now) = (library.ada.clone(), device.id(), library.world.now());
    library.world.write(move |w| profiles::assign(w, &by, "wifi", &[id], false, now).map(drop));
    library.compare(&device.id());
    device.idle().await.assert_empty_ok();
    assert_eq!(library.placement(&device.id(), "wifi"), None);
    library.publish("wifi").expect("published");
    library.compare(&device.id());
    assert_eq!(value(&library.take(&device).await.expect("sent"), "Text"), "one");
}

#[tokio::test]
async fn only_pushed_profiles_are_sent_and_those_put_away_are_taken_off() {
    let library = Library::new();
    let device = library.world.enrolled(UDID).await;
    library.published("wifi", &[("Text", "one".into())]);
    library.compare(&device.id());
    library.take(&device).await.expect("sent");
    let removed = |answer: Answer| {
        let (uuid, kind) = answer.command().expect("a command");
        assert_eq!(kind, "RemoveProfile");
        uuid
    };
    let publish_as = |distribution| {
        library.save_by(&library.ada, "wifi", vec![], Some(distribution)).expect("saved");
        library.publish("wifi").expect("published")
    };
    for distribution in [Distribution::Offered, Distribution::Manual] {
        assert_eq!(publish_as(distribution).distribution, distribution);
        library.compare(&device.id());
        let uuid = removed(device.idle().await);
        let list = device.acknowledge(&uuid).await;
        device.answer(&list.uuid(), "Acknowledged", &[("ProfileList", Value::Array(vec![]))]).await;
        assert_eq!(library.placement(&device.id(), "wifi"), None);
        let (by, id, now) = (library.ada.clone(), device.id(), library.world.now());
        let again = library.try_write(move |w| profiles::send_again(w, &by, "wifi", &id, now));
        assert_eq!(code(again), "profile.not-sent");
        publish_as(Distribution::Pushed);
        library.compare(&device.id());
        library.take(&device).await.expect("sent");
    }
    let archive = |away: bool| {
        let (by, now) = (library.ada.clone(), library.world.now());
        library.world.write(move |w| drafts::archive(w, &by, "wifi", away, now))
    };
    assert!(archive(true).archived.is_some());
    library.compare(&device.id());
    let uuid = removed(device.idle().await);
    let list = device.acknowledge(&uuid).await;
    device.answer(&list.uuid(), "Acknowledged", &[("ProfileList", Value::Array(vec![]))]).await;
    assert!(!library.compare(&device.id()));
    assert!(archive(true).archived.is_some() && !library.compare(&device.id()), "twice is once");
    assert_eq!(archive(false).archived, None);
    library.compare(&device.id());
    assert!(library.take(&device).await.is_some());
    assert_eq!(library.facts("wifi").len(), 5, "its revisions stay");
}

#[tokio::test]
async fn send_again_sends_the_same_once_more_and_it_can_still_be_taken_off() {
    let library = Library::new();
    let device = library.world.enrolled(UDID).await;
    library.owner(&device.id(), "ada@example.org");
    library.published("mail", &[("Account", "%email%".into())]);
    library.compare(&device.id());
    let first = library.take(&device).await.expect("sent");
    let again = || {
        let (by, id, now) = (library.ada.clone(), device.id(), library.world.now());
        library.world.write(move |w| profiles::send_again(w, &by, "mail", &id, now).map(drop));
        library.compare(&device.id());
    };
    again();
    assert_eq!(library.take(&device).await.expect("again"), first);
    again();
    // Before the device fetches it, the profile leaves the library: it is on the device, so it is taken off.
    let (by, now) = (library.ada.clone(), library.world.now());
    library.world.write(move |w| profiles::remove(w, &by, "mail", now).map(drop));
    library.compare(&device.id());
    assert_eq!(device.idle().await.command().expect("a command").1, "RemoveProfile");
}

#[tokio::test]
async fn whose_device_it_is_is_written_down_and_told_without_the_values() {
    let library = Library::new();
    let device = library.world.enrolled(UDID).await;
    library.fields(&device.id(), "ada@example.org", &[("Room", "12"), ("Code", "4711")]);
    assert_eq!(library.told()[0], "Changed its owner, Code, Room of Renamed device.");
    let rows = library.told().len();
    library.fields(&device.id(), "ada@example.org", &[("Room", "12"), ("Code", "4711")]);
    assert_eq!(library.told().len(), rows);
    assert_eq!(devices::field_names(&library.world.read()).expect("readable"), ["Code", "Room"]);
    let describe = |email: &str, field: &str, role| {
        let owner = pomona::model::device::Owner { email: email.into(), ..Default::default() };
        let fields = [(field.to_owned(), "x".to_owned())].into();
        let by = match role {
            None => library.ada.clone(),
            Some(role) => pomona::model::account::Actor { name: "console".into(), role },
        };
        let (id, now) = (device.id(), library.world.now());
        library.try_write(move |w| devices::describe(w, &by, &id, &owner, &fields, now))
    };
    assert_eq!(code(describe("nobody", "Room", None)), "owner.email");
    assert_eq!(code(describe("", "SerialNumber", None)), "field.reserved");
    assert_eq!(code(describe("", "Room", Some(pomona::model::account::Role::Auditor))), "access.role");
}

impl Library {
    /// As [`Library::take`], where several wait.
    async fn take_any(&self, device: &Pretend) -> Option<Document> {
        let answer = device.idle().await;
        let (uuid, kind) = answer.command()?;
        if kind == "ProfileList" {
            device.answer(&uuid, "Acknowledged", &device.contents(&kind)).await;
            return Box::pin(self.take_any(device)).await;
        }
        let document = carried(&answer);
        device.acknowledge(&uuid).await;
        Some(document)
    }
}
