//! Files that come into the library.

use pomona::actions::profiles::{self, Draft, Outcome};
use pomona::model::profile::Origin;
use pomona::store;
use pomona::wire::plist::Value;
use pomona::wire::profile::{Path, Place};

use super::library::{KIND, Library, add, code};
use crate::web::browser::mobileconfig;

const FIRST: &str = "AAAAAAAA-0000-4000-8000-000000000001";
const SECOND: &str = "AAAAAAAA-0000-4000-8000-000000000002";

fn file(uuid: &str, secret: &str) -> Vec<u8> {
    mobileconfig("org.example.wifi", "Office %SerialNumber%", uuid, "com.apple.wifi.managed", secret)
}

#[test]
fn an_import_is_a_revision_with_facts_and_is_kept_byte_for_byte() {
    let library = Library::new();
    let (first, outcome) = library.import(&file(FIRST, "pw"), "wifi");
    assert_eq!((first.revision, outcome), (1, Outcome::Created));
    assert_eq!(library.import(&file(FIRST, "pw"), "other").1, Outcome::Unchanged);
    library.world.pass(60);
    let (second, outcome) = library.import(&file(SECOND, "pw"), "other");
    assert_eq!((second.id.as_str(), second.revision, outcome), ("wifi", 2, Outcome::Revised));
    let facts = library.facts("wifi");
    assert_eq!(facts.iter().map(|f| f.uuid.as_str()).collect::<Vec<_>>(), [FIRST, SECOND]);
    assert!(facts.iter().all(|f| f.origin == Origin::Imported && f.by == "ada" && f.variables.is_empty()));
    assert_eq!(facts[1].at, library.world.now());
    assert_eq!(facts[0].secrets.len(), 1, "the password of the network");
    for (number, uuid) in [(1, FIRST), (2, SECOND)] {
        let kept = store::profiles::revision(&library.world.read(), "wifi", number).expect("readable");
        assert_eq!(kept.expect("there").expose(), file(uuid, "pw"));
    }
    let draft = Draft::read(&file(FIRST, "pw")).expect("a profile");
    assert_eq!((draft.understood().payloads, draft.understood().secrets), (1, 1));
    assert!(!format!("{draft:?}").contains("pw"));
}

#[test]
fn an_import_does_not_pass_over_a_draft_that_somebody_has_open() {
    let library = Library::new();
    library.import(&file(FIRST, "pw"), "wifi");
    library.save("wifi", vec![add(&[("Count", 1.into())])]).expect("saved");
    let version = library.draft("wifi").expect("one").version;
    let import = |keep: bool| {
        let draft = Draft::read(&file(SECOND, "other")).expect("a profile").keeping_draft(keep);
        let (by, now) = (library.ada.clone(), library.world.now());
        library.try_write(move |w| profiles::import(w, &by, &draft, "x".into(), now))
    };
    assert_eq!(code(import(false)), "profile.draft-open");
    assert_eq!(library.profile("wifi").revision, 1);
    let (profile, outcome) = import(true).expect("imported");
    assert_eq!((profile.revision, outcome), (2, Outcome::Revised));
    let draft = library.draft("wifi").expect("it stays");
    assert_eq!((draft.base, draft.version), (2, version + 1));
    assert_eq!(
        code(library.publish_at("wifi", version, "")),
        "profile.draft-moved",
        "the review is another now"
    );
    assert_eq!(library.publish("wifi").expect("published").revision, 3);
}

#[test]
fn a_file_can_come_in_as_a_draft_to_look_at_first() {
    let library = Library::new();
    let as_draft = |uuid: &str, id: &str| {
        let draft = Draft::read(&file(uuid, "pw")).expect("a profile").for_editing();
        let (by, id, now) = (library.ada.clone(), id.to_owned(), library.world.now());
        library.try_write(move |w| profiles::import_as_draft(w, &by, &draft, id, now))
    };
    let profile = as_draft(FIRST, "wifi").expect("a draft");
    assert_eq!((profile.revision, profile.name.as_str()), (0, "Office %SerialNumber%"));
    assert_eq!(library.draft("wifi").expect("one").secrets.len(), 1);
    assert_eq!(code(as_draft(SECOND, "x")), "profile.draft-open");
    library.import(&mobileconfig("org.example.camera", "Camera", FIRST, KIND, "x"), "camera");
    let draft =
        Draft::read(&mobileconfig("org.example.camera", "Camera 2", SECOND, KIND, "y")).expect("read");
    let (by, now) = (library.ada.clone(), library.world.now());
    let profile = library.world.write(move |w| profiles::import_as_draft(w, &by, &draft, "x".into(), now));
    assert_eq!((profile.id.as_str(), profile.revision, profile.name.as_str()), ("camera", 1, "Camera"));
    let published = library.publish("camera").expect("published");
    assert_eq!((published.revision, published.name.as_str()), (2, "Camera 2"));
}

#[test]
fn an_edited_import_is_published_with_everything_else_untouched() {
    let library = Library::new();
    let file = mobileconfig("org.example.camera", "Camera", FIRST, KIND, "first");
    library.import(&file, "camera");
    let before = library.shown("camera");
    let id = before.payloads()[0].id(&before);
    let place = Place { payload: Some(id), path: Path(vec!["Text".into()]) };
    let change =
        pomona::model::document::Change::Set { place: place.clone(), value: "new".into(), was: None };
    library.save("camera", vec![change]).expect("saved");
    library.publish("camera").expect("published");
    let mut after = library.shown("camera");
    assert_eq!(after.get(&place), Some(&"new".into()));
    let payload = after.body["PayloadContent"].as_array_mut().expect("payloads")[0].as_dictionary_mut();
    payload.expect("a payload").remove("Text");
    after.body.insert("PayloadUUID".into(), Value::from(FIRST));
    assert_eq!(after, before);
}
