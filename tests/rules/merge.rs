//! Two people in one document: what they change apart is done, what they change together is told.

use super::documents::{any_document, office, payload, place, places, profile, same, stamp, text};
use pomona::model::document::{Change, Shown};
use pomona::rules::document::{document_mark, mark_at, merge, secret_mark};
use pomona::rules::secrets::stamps;
use pomona::wire::plist::Value;
use pomona::wire::profile::Document;
use proptest::prelude::*;

fn set(at: &str, value: Value, was: Option<String>) -> Change {
    Change::Set { place: place(at), value, was }
}

fn unset(at: &str, was: Option<String>) -> Change {
    Change::Unset { place: place(at), was }
}

#[test]
fn two_people_changing_different_keys_both_win() {
    let seen = office();
    let was = |at: &str| Some(mark_at(&seen, &place(at), &[]));
    let mut d = office();
    let ada = [set("w-1:SSID_STR", text("Shop"), was("w-1:SSID_STR"))];
    let bob = [
        set("p-1:minLength", Value::Integer(8.into()), was("p-1:minLength")),
        set("w-1:AutoJoin", Value::Boolean(false), was("w-1:AutoJoin")),
        Change::MovePayload { payload: "p-1".into(), by: -1 },
    ];
    assert_eq!(merge(&mut d, &ada, &[]).unwrap(), []);
    assert_eq!(merge(&mut d, &bob, &[]).unwrap(), []);
    assert_eq!(d.get(&place("w-1:SSID_STR")), Some(&text("Shop")));
    assert_eq!(d.get(&place("p-1:minLength")).unwrap().as_signed_integer(), Some(8));
    assert_eq!(d.get(&place("w-1:AutoJoin")), Some(&Value::Boolean(false)));
    assert_eq!(d.ids()[0].0, "p-1");
}

#[test]
fn whoever_comes_second_to_a_key_sees_both_values_and_may_insist() {
    let was = Some(mark_at(&office(), &place("w-1:SSID_STR"), &[]));
    let mut d = office();
    assert_eq!(merge(&mut d, &[set("w-1:SSID_STR", text("Shop"), was.clone())], &[]).unwrap(), []);
    let second =
        [set("w-1:SSID_STR", text("Barn"), was.clone()), set("w-1:AutoJoin", Value::Boolean(true), None)];
    let conflicts = merge(&mut d, &second, &[]).unwrap();
    assert_eq!(conflicts.len(), 1);
    let conflict = &conflicts[0];
    assert_eq!(
        (&conflict.mine, &conflict.theirs),
        (&Shown::Text("Barn".into()), &Shown::Text("Shop".into()))
    );
    assert_eq!(
        (conflict.place.to_string().as_str(), conflict.label.as_str()),
        ("w-1:SSID_STR", "Network name")
    );
    assert_eq!(d.get(&place("w-1:SSID_STR")), Some(&text("Shop")));
    assert_eq!(d.get(&place("w-1:AutoJoin")), Some(&Value::Boolean(true)), "the rest is done");
    // Both wanting the same is no conflict, nor is insisting.
    assert_eq!(merge(&mut d, &[set("w-1:SSID_STR", text("Shop"), was)], &[]).unwrap(), []);
    assert_eq!(
        merge(&mut d, &[set("w-1:SSID_STR", text("Barn"), Some(conflict.now.clone()))], &[]).unwrap(),
        []
    );
    assert_eq!(d.get(&place("w-1:SSID_STR")), Some(&text("Barn")));
}

#[test]
fn a_conflict_about_a_secret_shows_neither() {
    let old = [("w-1:Password".to_owned(), stamp(1, "ada"))];
    let new = [("w-1:Password".to_owned(), stamp(2, "bob"))];
    let was = Some(mark_at(&office(), &place("w-1:Password"), &old));
    let mut d = office();
    assert_eq!(merge(&mut d, &[set("w-1:Password", text("first secret"), was.clone())], &old).unwrap(), []);
    let conflicts = merge(&mut d, &[set("w-1:Password", text("second secret"), was)], &new).unwrap();
    assert_eq!((&conflicts[0].mine, &conflicts[0].theirs), (&Shown::Secret, &Shown::Secret));
    assert_eq!(conflicts[0].now, secret_mark(Some(&new[0].1)));
    assert_eq!(d.get(&place("w-1:Password")), Some(&text("first secret")));
}

#[test]
fn a_removed_value_or_payload_meets_whoever_edits_it() {
    let was = |at: &str| Some(mark_at(&office(), &place(at), &[]));
    let mut d = office();
    merge(&mut d, &[unset("w-1:SSID_STR", was("w-1:SSID_STR"))], &[]).unwrap();
    // Removing it once more is what both want.
    assert_eq!(merge(&mut d, &[unset("w-1:SSID_STR", was("w-1:SSID_STR"))], &[]).unwrap(), []);
    let conflicts = merge(&mut d, &[set("w-1:SSID_STR", text("Shop"), was("w-1:SSID_STR"))], &[]).unwrap();
    assert_eq!(conflicts[0].theirs, Shown::Unset);

    merge(&mut d, &[Change::RemovePayload { payload: "w-1".into() }], &[]).unwrap();
    assert_eq!(merge(&mut d, &[Change::RemovePayload { payload: "w-1".into() }], &[]).unwrap(), []);
    assert_eq!(merge(&mut d, &[Change::MovePayload { payload: "w-1".into(), by: 1 }], &[]).unwrap(), []);
    let conflicts =
        merge(&mut d, &[set("w-1:EncryptionType", text("Any"), was("w-1:EncryptionType"))], &[]).unwrap();
    assert_eq!(conflicts[0].theirs, Shown::Unset);
    let gone = merge(&mut d, &[set("w-1:EncryptionType", text("Any"), None)], &[]).unwrap_err();
    assert_eq!(gone.code, "profile.no-such-payload");
}

fn servers() -> Document {
    let item = |name: &str, port: u32| {
        format!("<dict><key>Name</key><string>{name}</string><key>Port</key><integer>{port}</integer></dict>")
    };
    let items = [item("one", 1), item("two", 2), item("three", 3)].concat();
    profile(&[payload("org.example.x", "X", &format!("<key>Servers</key><array>{items}</array>"))])
}

#[test]
fn an_edit_of_an_item_that_moved_is_noticed() {
    let was = |at: &str| Some(mark_at(&servers(), &place(at), &[]));
    let port = || Value::Integer(99.into());
    let removal = [unset("x:Servers/0", was("x:Servers/0"))];
    for at in ["x:Servers/1/Port", "x:Servers/1/Name", "x:Servers/1/New", "x:Servers/2/Port", "x:Servers/2"] {
        let mut d = servers();
        assert_eq!(merge(&mut d, &removal, &[]).unwrap(), []);
        let conflicts = merge(&mut d, &[set(at, port(), was(at))], &[]).unwrap();
        assert_eq!(conflicts.len(), 1, "{at} became that of another item");
        // Removing by position is noticed as well.
        let conflicts = merge(&mut d, &[unset("x:Servers/1", was("x:Servers/1"))], &[]).unwrap();
        assert_eq!(conflicts.len(), 1);
        assert_eq!(d.get(&place("x:Servers")).unwrap().as_array().unwrap().len(), 2);
    }
    // Where nobody moved anything, everything is done; several removals in one batch too.
    let mut d = servers();
    let batch = [
        set("x:Servers/1/Port", port(), was("x:Servers/1/Port")),
        set("x:Servers/1/New", port(), was("x:Servers/1/New")),
        unset("x:Servers/2", was("x:Servers/2")),
        unset("x:Servers/0", was("x:Servers/0")),
    ];
    assert_eq!(merge(&mut d, &batch, &[]).unwrap(), []);
    assert_eq!(d.get(&place("x:Servers/0/New")), Some(&port()));
    assert_eq!(d.get(&place("x:Servers")).unwrap().as_array().unwrap().len(), 1);
}

#[test]
fn an_edit_as_text_never_overwrites_what_was_saved_meanwhile() {
    let was = document_mark(&office(), &[]);
    let mut d = office();
    merge(&mut d, &[set("w-1:SSID_STR", text("Shop"), None)], &[]).unwrap();
    let mut mine = office();
    mine.body.insert("PayloadDescription".into(), text("mine"));
    let replace = |was: &str| [Change::Replace { document: mine.clone(), was: Some(was.to_owned()) }];
    let conflicts = merge(&mut d, &replace(&was), &[]).unwrap();
    assert_eq!((conflicts.len(), d.get(&place("w-1:SSID_STR"))), (1, Some(&text("Shop"))));
    assert_eq!(merge(&mut d, &replace(&conflicts[0].now.clone()), &[]).unwrap(), []);
    assert!(same(&d, &mine));
}

#[test]
fn a_batch_is_done_as_a_whole_or_not_at_all() {
    let mut d = office();
    let batch = [set("w-1:SSID_STR", text("Shop"), None), set("w-1:SSID_STR/x", text("y"), None)];
    assert_eq!(merge(&mut d, &batch, &[]).unwrap_err().code, "profile.no-such-place");
    assert!(same(&d, &office()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn of_two_people_nobody_loses_an_edit_unseen(
        document in any_document(),
        mine in any::<prop::sample::Index>(),
        theirs in any::<prop::sample::Index>(),
        value in crate::wire::plist::any_value(),
        gone in any::<bool>(),
    ) {
        let all = places(&document);
        prop_assume!(!all.is_empty());
        let (mine, theirs) = (&all[mine.index(all.len())], &all[theirs.index(all.len())]);
        let old = stamps(&profile(&[]), &[], &document, &stamp(1, "ada"));
        let was = |place| Some(mark_at(&document, place, &old));
        let first = match gone {
            true => Change::Unset { place: theirs.clone(), was: was(theirs) },
            false => Change::Set { place: theirs.clone(), value: text("theirs"), was: was(theirs) },
        };
        let mut shared = document.clone();
        if merge(&mut shared, &[first], &old).is_ok() {
            let now = stamps(&document, &old, &shared, &stamp(2, "bob"));
            let after_first = shared.clone();
            let second = Change::Set { place: mine.clone(), value: value.clone(), was: was(mine) };
            if let Ok(conflicts) = merge(&mut shared, &[second], &now) {
                if !conflicts.is_empty() {
                    prop_assert!(same(&shared, &after_first), "a conflict changes nothing");
                } else if shared != after_first {
                    // It was done: then what it replaced was what its author had seen.
                    let replaced = after_first.get(mine).map(|value| format!("{value:?}"));
                    prop_assert_eq!(replaced, document.get(mine).map(|value| format!("{value:?}")));
                }
            }
        }
    }
}
