//! Editing a document: one change, and two people's changes.

use super::documents::{
    any_document, at, office, payload, place, places, profile, reread, same, stamp, text,
};
use pomona::model::document::Change;
use pomona::rules::document::{
    apply, document_mark, key_at, label_at, locate, mark, mark_at, merge, secret_mark, visit_known,
};
use pomona::wire::plist::{Dictionary, Value};
use pomona::wire::profile::{Document, Step};
use proptest::prelude::*;

fn set(at: &str, value: Value, was: Option<String>) -> Change {
    Change::Set { place: place(at), value, was }
}

fn unset(at: &str, was: Option<String>) -> Change {
    Change::Unset { place: place(at), was }
}

fn done(document: &mut Document, change: Change) {
    apply(document, &change).unwrap_or_else(|e| panic!("{}: {}", e.code, e.said));
}

fn refused(document: &mut Document, change: Change) -> &'static str {
    let before = document.clone();
    let code = apply(document, &change).unwrap_err().code;
    assert!(same(&before, document), "a refused change changed something");
    code
}

#[test]
fn values_are_set_unset_and_keep_their_order() {
    let mut d = office();
    let keys = |d: &Document| d.payloads()[0].body.keys().cloned().collect::<Vec<_>>();
    let before = keys(&d);
    done(&mut d, set("w-1:SSID_STR", text("Shop"), None));
    assert_eq!(keys(&d), before);
    done(&mut d, set("w-1:EAPClientConfiguration/UserName", text("ada"), None));
    assert_eq!(d.get(&place("w-1:EAPClientConfiguration/UserName")), Some(&text("ada")));
    done(&mut d, set("w-1:EAPClientConfiguration/AcceptEAPTypes/0", Value::Integer(13.into()), None));
    assert!(at(&d, "w-1:EAPClientConfiguration/AcceptEAPTypes").contains("<array>"));
    done(&mut d, unset("w-1:SSID_STR", None));
    let left: Vec<_> = before.iter().filter(|key| *key != "SSID_STR").cloned().collect();
    assert_eq!(keys(&d)[..left.len()], left);
    done(&mut d, set(":PayloadDescription", text("Everyone"), None));
    assert_eq!(d.get(&place(":PayloadDescription")), Some(&text("Everyone")));
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    let mut d = office();
    let one = || text("x");
    assert_eq!(refused(&mut d, set("none:a", one(), None)), "profile.no-such-payload");
    assert_eq!(refused(&mut d, unset("w-1:Nothing", None)), "profile.no-such-place");
    assert_eq!(refused(&mut d, unset("none:Nothing", None)), "profile.no-such-payload");
    assert_eq!(refused(&mut d, set("w-1:SSID_STR/deeper", one(), None)), "profile.no-such-place");
    assert_eq!(refused(&mut d, set(":PayloadContent/0/SSID_STR", one(), None)), "profile.no-such-place");
    assert_eq!(refused(&mut d, set(":", one(), None)), "profile.no-such-place");
    assert_eq!(
        refused(&mut d, Change::Append { place: place("w-1:SSID_STR"), value: one() }),
        "profile.no-such-place"
    );
    assert_eq!(refused(&mut d, Change::Move { place: place("w-1:SSID_STR"), by: 1 }), "profile.not-a-list");
    assert_eq!(refused(&mut d, Change::RemovePayload { payload: "x".into() }), "profile.no-such-payload");
}

#[test]
fn a_change_never_makes_a_document_that_cannot_be_read() {
    let mut d = office();
    for change in [
        unset(":PayloadIdentifier", None),
        unset(":PayloadUUID", None),
        set(":PayloadType", text("Profile Service"), None),
        set(":PayloadUUID", Value::Integer(1.into()), None),
        set(":PayloadDisplayName", text(&"n".repeat(2000)), None),
        unset("w-1:PayloadType", None),
        set("w-1:", text("no dictionary"), None),
        set("w-1:", Value::Dictionary(Dictionary::new()), None),
        set(":EncryptedPayloadContent", Value::Data(vec![1]), None),
    ] {
        assert_eq!(refused(&mut d, change), "profile.envelope");
    }
    let nested = |levels: usize| (0..levels).fold(text("x"), |inside, _| Value::Array(vec![inside]));
    done(&mut d, set("w-1:deep", nested(61), None));
    assert_eq!(refused(&mut d, set("w-1:deep", nested(62), None)), "profile.too-deep");
    done(&mut d, set(":deep", nested(63), None));
    assert_eq!(refused(&mut d, set(":deep", nested(64), None)), "profile.too-deep");
    let far = format!("w-1:{}", vec!["x"; 63].join("/"));
    assert_eq!(refused(&mut d, set(&far, text("x"), None)), "profile.too-deep");
    assert_eq!(refused(&mut d, set("w-1:blob", Value::Data(vec![1; 13 << 20]), None)), "profile.too-large");
    let many = Value::Array(vec![Value::Boolean(true); 100_001]);
    assert_eq!(refused(&mut d, set("w-1:many", many, None)), "profile.too-large");
    let _ = reread(&d);
}

#[test]
fn items_are_appended_moved_inside_and_removed() {
    let mut d = office();
    for word in ["a", "b", "c"] {
        done(&mut d, Change::Append { place: place("w-1:list"), value: text(word) });
    }
    let list = |d: &Document| {
        let items = d.get(&place("w-1:list")).unwrap().as_array().unwrap();
        items.iter().map(|item| item.as_string().unwrap().to_owned()).collect::<String>()
    };
    for (item, by, wanted) in
        [("0", 1, "bac"), ("2", -99, "cba"), ("0", i32::MAX, "bac"), ("1", i32::MIN, "abc")]
    {
        done(&mut d, Change::Move { place: place("w-1:list").then(item), by });
        assert_eq!(list(&d), wanted);
    }
    done(&mut d, unset("w-1:list/1", None));
    assert_eq!(list(&d), "ac");
    done(&mut d, set("w-1:list/1", text("z"), None));
    assert_eq!(list(&d), "az");
    assert_eq!(refused(&mut d, set("w-1:list/2", text("y"), None)), "profile.no-such-place");
    assert_eq!(refused(&mut d, unset("w-1:list/2", None)), "profile.no-such-place");
    assert_eq!(refused(&mut d, Change::Move { place: place("w-1:list/2"), by: 1 }), "profile.no-such-place");
}

#[test]
fn payloads_come_with_the_common_keys_and_are_copied_moved_and_removed() {
    let mut d = office();
    let starts = vec![("URL".to_owned(), text("https://example.org"))];
    done(&mut d, Change::AddPayload { form: "com.apple.webClip.managed".into(), uuid: "C-9".into(), starts });
    done(&mut d, Change::AddPayload { form: "com.vendor.agent".into(), uuid: "V-9".into(), starts: vec![] });
    assert_eq!(d.get(&place("c-9:PayloadIdentifier")), Some(&text("org.example.profile.c-9")));
    assert_eq!(d.get(&place("c-9:PayloadType")), Some(&text("com.apple.webClip.managed")));
    assert_eq!(d.get(&place("v-9:PayloadType")), Some(&text("com.vendor.agent")));
    assert_eq!(d.get(&place("v-9:PayloadVersion")), Some(&Value::Integer(1.into())));
    let again = Change::AddPayload { form: "com.vendor.agent".into(), uuid: "v-9".into(), starts: vec![] };
    assert_eq!(refused(&mut d, again), "profile.payload-exists");
    for form in ["com.apple.mdm", "com.apple.declarations"] {
        let change = Change::AddPayload { form: form.into(), uuid: "M".into(), starts: vec![] };
        assert_eq!(refused(&mut d, change), "profile.mdm");
    }
    done(&mut d, Change::DuplicatePayload { payload: "w-1".into(), uuid: "W-2".into() });
    let ids = |d: &Document| d.ids().into_iter().map(|(id, _)| id).collect::<Vec<_>>().join(" ");
    assert_eq!(ids(&d), "w-1 w-2 p-1 c-9 v-9");
    assert_eq!(d.get(&place("w-2:Password")), Some(&text("plum tree")));
    assert_eq!(d.get(&place("w-2:PayloadIdentifier")), Some(&text("org.example.profile.w-2")));
    done(&mut d, Change::MovePayload { payload: "W-1".into(), by: 2 });
    assert_eq!(ids(&d), "w-2 p-1 w-1 c-9 v-9");
    done(&mut d, Change::RemovePayload { payload: "p-1".into() });
    assert_eq!(ids(&d), "w-2 w-1 c-9 v-9");
    done(&mut d, Change::Replace { document: office(), was: None });
    assert!(same(&d, &office()));
}

#[test]
fn a_mark_differs_when_the_value_or_its_type_does_and_not_when_keys_stand_in_another_order() {
    let values = [
        None,
        Some(text("")),
        Some(text("1")),
        Some(Value::Integer(1.into())),
        Some(Value::Real(1.0)),
        Some(Value::Boolean(true)),
        Some(Value::Data(b"1".to_vec())),
        Some(Value::Array(vec![])),
        Some(Value::Array(vec![text("1")])),
        Some(Value::Dictionary(Dictionary::new())),
        Some(Value::Dictionary(Dictionary::from_iter([("1", text(""))]))),
        Some(Value::Dictionary(Dictionary::from_iter([("", text("1"))]))),
    ];
    let marks: std::collections::HashSet<String> = values.iter().map(|value| mark(value.as_ref())).collect();
    assert_eq!(marks.len(), values.len());
    assert!(marks.iter().all(|mark| mark.len() == 16 && mark.bytes().all(|b| b.is_ascii_hexdigit())));
    let pair = |a: &str, b: &str| Value::Dictionary(Dictionary::from_iter([(a, text(a)), (b, text(b))]));
    assert_eq!(mark(Some(&pair("x", "y"))), mark(Some(&pair("y", "x"))));
}

#[test]
fn a_secret_is_marked_by_its_stamp_alone() {
    let (mut d, other) = (office(), office());
    done(&mut d, set("w-1:Password", text("another"), None));
    let old = [("w-1:Password".to_owned(), stamp(1, "ada"))];
    let new = [("w-1:Password".to_owned(), stamp(2, "ada"))];
    for at in ["w-1:Password", "w-1:"] {
        let at = place(at);
        assert_eq!(mark_at(&d, &at, &old), mark_at(&other, &at, &old));
        assert_ne!(mark_at(&d, &at, &old), mark_at(&d, &at, &new));
    }
    assert_eq!(document_mark(&d, &old), document_mark(&other, &old));
    assert_ne!(document_mark(&d, &old), document_mark(&d, &new));
    assert_ne!(secret_mark(None), mark(None));
    assert_ne!(secret_mark(Some(&stamp(1, "ada"))), secret_mark(Some(&stamp(1, "bob"))));
}

#[test]
fn people_name_places_in_their_way() {
    let d = profile(&[
        payload("com.apple.wifi.managed", "W-1", ""),
        payload("com.apple.wifi.managed", "W-2", ""),
        payload("com.apple.applicationaccess", "R-1", ""),
    ]);
    for (text, wanted) in [
        ("W-1:SSID_STR", "w-1:SSID_STR"),
        ("w-2/EAPClientConfiguration/UserName", "w-2:EAPClientConfiguration/UserName"),
        ("#2:SSID_STR", "w-2:SSID_STR"),
        ("applicationaccess:allowCamera", "r-1:allowCamera"),
        ("com.apple.applicationaccess/allowCamera", "r-1:allowCamera"),
        ("Restrictions:allowCamera", "r-1:allowCamera"),
        ("applicationaccess", "r-1:"),
        (":PayloadDescription", ":PayloadDescription"),
        ("/PayloadDescription", ":PayloadDescription"),
    ] {
        assert_eq!(locate(&d, text).unwrap().to_string(), wanted, "{text}");
    }
    for (text, code) in [
        ("wifi.managed:SSID_STR", "profile.many-payloads"),
        ("dock:size", "profile.no-such-payload"),
        ("#9:x", "profile.no-such-payload"),
    ] {
        assert_eq!(locate(&d, text).unwrap_err().code, code, "{text}");
    }
}

#[test]
fn what_the_catalog_knows_is_found_at_every_place() {
    let d = office();
    let (form, key) = key_at(&d, &place("w-1:EAPClientConfiguration/AcceptEAPTypes/0")).unwrap();
    assert_eq!((form.id.as_str(), key.name.as_str()), ("com.apple.wifi.managed", "EAPType"));
    assert_eq!(key_at(&d, &place("w-1:PayloadDisplayName")).unwrap().0.id, "CommonPayloadKeys");
    assert_eq!(key_at(&d, &place(":PayloadRemovalDisallowed")).unwrap().0.id, "TopLevel");
    for none in ["w-1:Nothing", "w-1:", "none:SSID_STR", ":SSID_STR", "w-1:SSID_STR/x"] {
        assert!(key_at(&d, &place(none)).is_none(), "{none}");
    }
    assert_eq!(label_at(&d, &place("w-1:SSID_STR")), "Network name");
    assert_eq!(
        (label_at(&d, &place("w-1:Odd")), label_at(&d, &place("w-1:"))),
        ("Odd".into(), "Wi-Fi network".into())
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn the_walk_and_the_question_agree_on_keys(document in any_document()) {
        visit_known(&document, &mut |at| {
            let asked = key_at(&document, &at.place()).map(|(form, key)| (form as *const _, key as *const _));
            assert_eq!(asked, at.key.map(|(form, key)| (form as *const _, key as *const _)), "{}", at.place());
            assert_eq!(at.label(), label_at(&document, &at.place()));
            Step::Into
        });
    }

    #[test]
    fn any_change_of_any_place_is_done_or_refused_and_the_document_stays_readable(
        document in any_document(),
        which in any::<prop::sample::Index>(),
        value in crate::wire::plist::any_value(),
        kind in 0..7u8,
        by in -3..4i32,
    ) {
        let all = places(&document);
        prop_assume!(!all.is_empty());
        let place = all[which.index(all.len())].clone();
        let payload = place.payload.clone().unwrap_or_else(|| "#1".into());
        let change = match kind {
            0 => Change::Set { place: place.clone(), value: value.clone(), was: None },
            1 => Change::Unset { place: place.clone(), was: None },
            2 => Change::Append { place: place.clone(), value: value.clone() },
            3 => Change::Move { place: place.clone(), by },
            4 => Change::MovePayload { payload, by },
            5 => Change::DuplicatePayload { payload, uuid: "FRESH-1".into() },
            _ => Change::RemovePayload { payload },
        };
        let mut work = document.clone();
        match apply(&mut work, &change) {
            Err(_) => prop_assert!(same(&work, &document)),
            Ok(()) => {
                prop_assert!(same(&Document::read(&work.to_xml()).unwrap(), &work));
                if kind == 0 {
                    // A payload that got another UUID is found under that.
                    let there = work.get(&place).is_none_or(|there| format!("{there:?}") == format!("{value:?}"));
                    prop_assert!(there || place.payload.is_some() && place.path.0.len() < 2);
                }
            }
        }
        let mut merged = document.clone();
        if let Ok(conflicts) = merge(&mut merged, &[change], &[]) {
            prop_assert_eq!(conflicts, []);
        }
    }
}
