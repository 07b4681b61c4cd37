//! The difference of two documents.

use super::documents::{any_document, office, payload, place, profile, text};
use pomona::model::document::{Change, Difference, Shown};
use pomona::rules::diff::diff;
use pomona::rules::document::apply;
use pomona::wire::plist::Value;
use pomona::wire::profile::Document;
use proptest::prelude::*;

fn lines(differences: &[Difference]) -> Vec<String> {
    let shown = |shown: &Shown| match shown {
        Shown::Unset => "-".to_owned(),
        Shown::Secret => "***".to_owned(),
        Shown::Text(text) => text.clone(),
    };
    let line = |d: &Difference| {
        format!("{} {}/{}: {} > {}", d.place, d.payload, d.label, shown(&d.old), shown(&d.new))
    };
    differences.iter().map(line).collect()
}

fn set(document: &mut Document, at: &str, value: Value) {
    apply(document, &Change::Set { place: place(at), value, was: None }).unwrap();
}

#[test]
fn each_key_that_differs_is_told_old_and_new() {
    let (old, mut new) = (office(), office());
    set(&mut new, "w-1:SSID_STR", text("Shop"));
    set(&mut new, "w-1:Password", text("new secret"));
    set(&mut new, "w-1:AutoJoin", Value::Boolean(false));
    set(&mut new, "w-1:EAPClientConfiguration/UserPassword", text("deep secret"));
    set(&mut new, ":PayloadUUID", text("TOP-2"));
    apply(&mut new, &Change::Unset { place: place("p-1:forcePIN"), was: None }).unwrap();
    let told = lines(&diff(&old, &new));
    assert_eq!(told[0], "w-1:SSID_STR Wi-Fi network/Network name: Office > Shop");
    assert_eq!(told[1], "w-1:Password Wi-Fi network/Password: *** > ***");
    assert_eq!(told[2], "w-1:AutoJoin Wi-Fi network/Join automatically: - > No");
    assert!(
        told[3].starts_with("w-1:EAPClientConfiguration ") && !told[3].contains("deep secret"),
        "{}",
        told[3]
    );
    assert!(told[4].starts_with("p-1:forcePIN ") && told[4].ends_with("> -"), "{}", told[4]);
    assert_eq!(told.len(), 5, "{told:#?}");
}

#[test]
fn a_switch_whose_name_speaks_of_a_secret_is_shown_in_a_new_payload_too() {
    let mut new = office();
    let starts = vec![("forcePIN".to_owned(), Value::Boolean(true))];
    let form = "com.apple.mobiledevice.passwordpolicy".to_owned();
    apply(&mut new, &Change::AddPayload { form, uuid: "P-9".into(), starts }).unwrap();
    let told = lines(&diff(&office(), &new));
    let switch = told.iter().find(|line| line.starts_with("p-9:forcePIN ")).expect("told");
    assert!(switch.ends_with("/Passcode: - > Required"), "{switch}");
}

#[test]
fn payloads_that_come_go_or_change_places_are_told() {
    let (old, mut new) = (office(), office());
    apply(&mut new, &Change::RemovePayload { payload: "p-1".into() }).unwrap();
    let starts = vec![("URL".to_owned(), text("https://x.example/"))];
    let add = Change::AddPayload { form: "com.apple.webClip.managed".into(), uuid: "C-1".into(), starts };
    apply(&mut new, &add).unwrap();
    let told = lines(&diff(&old, &new));
    assert!(told[0].starts_with("c-1: ") && told[0].contains("/Payload: - > "), "{told:#?}");
    assert!(told.iter().any(|line| line.starts_with("c-1:URL") && line.ends_with("- > https://x.example/")));
    let gone = told.iter().position(|line| line.starts_with("p-1: ")).unwrap();
    assert!(told[gone..].iter().all(|line| line.starts_with("p-1:")), "removed ones come last: {told:#?}");
    assert!(told[gone].ends_with("> -"));

    let mut turned = office();
    apply(&mut turned, &Change::MovePayload { payload: "p-1".into(), by: -1 }).unwrap();
    let told = lines(&diff(&old, &turned));
    assert_eq!(
        (told.len(), told[0].starts_with(":PayloadContent General/Order of payloads: ")),
        (1, true),
        "{told:#?}"
    );
}

#[test]
fn a_payload_is_the_same_by_uuid_then_identifier_then_type() {
    let one = |uuid: &str, id: &str, name: &str| {
        let body =
            payload("com.apple.webClip.managed", uuid, &format!("<key>Label</key><string>{name}</string>"));
        profile(&[body.replace(&format!("org.example.{uuid}"), id)])
    };
    let told = lines(&diff(&one("A", "id", "x"), &one("B", "id", "y")));
    assert!(told.iter().any(|line| line.starts_with("b:PayloadUUID")) && told.len() == 2, "{told:#?}");
    let told = lines(&diff(&one("A", "one", "x"), &one("B", "two", "x")));
    assert!(told.iter().all(|line| line.starts_with("b:Payload")) && told.len() == 2, "{told:#?}");
}

#[test]
fn items_that_are_dictionaries_are_compared_key_by_key() {
    let doc = |ports: &[i32]| {
        let items: String = ports
            .iter()
            .map(|port| {
                format!(
                    "<dict><key>Name</key><string>n</string><key>Port</key><integer>{port}</integer></dict>"
                )
            })
            .collect();
        profile(&[payload("com.vendor.x", "X", &format!("<key>L</key><array>{items}</array>"))])
    };
    let told = lines(&diff(&doc(&[1, 2]), &doc(&[1, 3])));
    assert_eq!(told, ["x:L/1/Port com.vendor.x/Port: 2 > 3"]);
    let told = lines(&diff(&doc(&[1, 2]), &doc(&[1])));
    assert_eq!((told.len(), told[0].starts_with("x:L ")), (1, true), "{told:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn nothing_differs_from_itself_and_whatever_differs_is_told(a in any_document(), b in any_document()) {
        prop_assert_eq!(diff(&a, &a), []);
        let mut plain = b.clone();
        plain.body.insert("PayloadUUID".into(), a.body.get("PayloadUUID").unwrap().clone());
        prop_assert_eq!(diff(&a, &b).is_empty(), a == plain);
    }

    #[test]
    fn one_changed_value_is_told_where_it_is(document in any_document(), which in any::<prop::sample::Index>()) {
        let places = super::documents::places(&document);
        prop_assume!(!places.is_empty());
        let place = places[which.index(places.len())].clone();
        let mut new = document.clone();
        if apply(&mut new, &Change::Set { place: place.clone(), value: text("something else"), was: None }).is_ok() && new != document {
            prop_assume!(place.to_string() != ":PayloadUUID");
            let told = diff(&document, &new);
            let near = |d: &Difference| d.place.holds(&place) || place.holds(&d.place);
            prop_assert!(!told.is_empty());
            prop_assert!(told.iter().any(near) || place.path.0.len() < 2, "{place}: {told:?}");
        }
    }
}
