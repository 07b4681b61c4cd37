//! Drafts: begun, edited by two at once, published, put back, copied, put away.

use std::thread;

use pomona::actions::drafts;
use pomona::actions::profiles;
use pomona::model::account::{Actor, Role};
use pomona::model::document::{Change, Conflict};
use pomona::model::profile::{Distribution, Origin};
use pomona::rules::document::mark;
use pomona::store;
use pomona::wire::plist::Value;
use pomona::wire::profile::{Document, Place};

use super::library::{KIND, Library, PAYLOAD, add, admin, code, place, set};
use crate::web::browser::mobileconfig;

#[test]
fn a_profile_is_begun_edited_and_published_and_each_revision_has_an_author_a_time_and_a_note() {
    let library = Library::new();
    let begun = library.begin("wifi", &[("Count", 1.into())]);
    assert_eq!((begun.revision, begun.uuid.as_str()), (0, ""));
    assert_eq!(begun.payloads.len(), 1);
    library.world.pass(60);
    let saved = library.save("wifi", vec![set("Count", 2)]).expect("saved");
    assert_eq!((saved.draft.version, saved.conflicts.len()), (2, 0));
    let first = library.publish_at("wifi", 2, "  For the new office.  ").expect("published");
    assert_eq!((first.revision, library.draft("wifi")), (1, None));
    library.world.pass(60);
    library.save("wifi", vec![set("Count", 3)]).expect("saved");
    let second = library.publish("wifi").expect("published");
    assert_eq!(second.revision, 2);
    assert_ne!(first.uuid, second.uuid);

    let facts = library.facts("wifi");
    assert_eq!(facts.iter().map(|f| f.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((facts[0].by.as_str(), facts[0].note.as_str()), ("ada", "For the new office."));
    assert!(facts.iter().all(|f| f.origin == Origin::Published) && facts[0].at < facts[1].at);
    for (revision, count) in [(1, 2), (2, 3)] {
        let document = drafts::revision(&library.world.read(), "wifi", revision).expect("there");
        assert_eq!(document.get(&place("Count")), Some(&Value::from(count)), "revisions never change");
        assert_eq!(document.body["PayloadUUID"], Value::String(facts[revision as usize - 1].uuid.clone()));
    }
    let told = library.told();
    assert!(
        told[0].starts_with("Published “The wifi”, revision 2: ") && told[0].contains("Count"),
        "{told:?}"
    );
    assert!(told[2].ends_with("Note: For the new office."), "{told:?}");
}

#[test]
fn a_profile_is_found_by_id_by_identifier_and_by_a_name_that_no_other_has() {
    let library = Library::new();
    let wifi = library.begin("wifi", &[]);
    let found = |words: &str| profiles::known(&library.world.read(), words).map(|p| p.id);
    for words in ["wifi", wifi.identifier.as_str(), "The wifi", "the  WIFI"] {
        assert_eq!(found(words).expect(words), "wifi");
    }
    let other = library.begin("other", &[]);
    let rename = Change::Set { place: Place::top("PayloadDisplayName"), value: "The wifi".into(), was: None };
    library.save(&other.id, vec![rename]).expect("saved");
    assert_eq!(code(found("The wifi")), "profile.name-several");
    assert_eq!(code(found("The printer")), "profile.unknown");
}

#[test]
fn nothing_changed_is_nothing_written() {
    let library = Library::new();
    library.published("wifi", &[("Count", 1.into())]);
    let before = library.told().len();
    let saved = library.save("wifi", vec![set("Count", 1)]).expect("saved");
    assert_eq!((saved.draft.version, library.draft("wifi")), (0, None), "looking makes no draft");
    library.save("wifi", vec![set("Count", 2)]).expect("saved");
    let draft = library.draft("wifi").expect("a draft");
    library.world.pass(3600);
    library.save("wifi", vec![set("Count", 2)]).expect("saved");
    assert_eq!(library.draft("wifi").as_ref(), Some(&draft));
    assert_eq!(library.told().len(), before + 1, "{:?}", library.told());
}

#[test]
fn a_draft_that_moved_on_or_changes_nothing_is_not_published() {
    let library = Library::new();
    library.begin("wifi", &[("Count", 1.into())]);
    library.save("wifi", vec![set("Count", 2)]).expect("saved");
    assert_eq!(code(library.publish_at("wifi", 1, "")), "profile.draft-moved");
    assert_eq!(code(library.publish_at("wifi", 2, &"x".repeat(1001))), "profile.note");
    library.publish_at("wifi", 2, "").expect("published");
    assert_eq!(code(library.publish_at("wifi", 2, "")), "profile.no-draft");
    library.save("wifi", vec![set("Count", 3)]).expect("saved");
    library.save("wifi", vec![set("Count", 2)]).expect("saved");
    assert_eq!(code(library.publish("wifi")), "profile.no-change");
    let (version, (by, now)) =
        (library.draft("wifi").expect("one").version, (library.ada.clone(), library.world.now()));
    let discard = move |version| {
        let by = by.clone();
        library
            .try_write(move |w| drafts::discard(w, &by, "wifi", version, now))
            .map(|()| library.draft("wifi"))
    };
    assert_eq!(code(discard(version - 1)), "profile.draft-moved");
    assert_eq!(discard(version).expect("gone"), None);
}

#[test]
fn what_cannot_be_published_says_why() {
    let library = Library::new();
    library.begin("wifi", &[("Text", "for %Nobody% and %SerialNumber%".into())]);
    assert_eq!(code(library.publish("wifi")), "profile.variable-unknown");
    let said = library.publish("wifi").expect_err("refused").to_string();
    assert!(said.contains("%Nobody%") && !said.contains("SerialNumber"), "{said}");
    library.save("wifi", vec![set("Text", "%serial_number%")]).expect("saved");
    assert_eq!(library.publish("wifi").expect("published").variables, ["serial_number"]);

    let mdm = Change::AddPayload { form: "com.apple.mdm".into(), uuid: "M".into(), starts: vec![] };
    assert_eq!(code(library.save("wifi", vec![mdm])), "profile.mdm");

    library.begin("passcode", &[]);
    let short =
        Change::AddPayload { form: "com.apple.wifi.managed".into(), uuid: "W".into(), starts: vec![] };
    library.save("passcode", vec![short]).expect("saved");
    let refused = library.publish("passcode").expect_err("a required key is missing");
    assert_eq!(refused.code(), "profile.not-ready");
    assert!(refused.to_string().len() > "This cannot be published yet: .".len(), "{refused}");
    assert_eq!(library.profile("passcode").revision, 0);
}

#[test]
fn a_secret_keeps_who_set_it_and_is_told_nowhere() {
    let library = Library::new();
    library.begin("wifi", &[("Password", "first-secret".into()), ("Count", 1.into())]);
    library.world.pass(60);
    let bob = admin(&library.world, "bob");
    library.save_by(&bob, "wifi", vec![set("Count", 2)], None).expect("saved");
    let of = |stamps: &[(String, pomona::model::document::Stamp)]| {
        stamps.iter().map(|(at, stamp)| (at.clone(), stamp.by.clone())).collect::<Vec<_>>()
    };
    let at = place("Password").to_string();
    assert_eq!(of(&library.draft("wifi").expect("one").secrets), [(at.clone(), "ada".to_owned())]);
    library.save_by(&bob, "wifi", vec![set("Password", "second-secret")], None).expect("saved");
    library.publish("wifi").expect("published");
    assert_eq!(of(&library.facts("wifi")[0].secrets), [(at.clone(), "bob".to_owned())]);
    library.save("wifi", vec![set("Count", 5)]).expect("saved");
    assert_eq!(of(&library.draft("wifi").expect("one").secrets), [(at, "bob".to_owned())]);
    library.save("wifi", vec![set("Password", "third-secret")]).expect("saved");
    library.publish("wifi").expect("published");
    let told = library.told().join("\n");
    assert!(told.contains("Password") && !told.contains("-secret"), "{told}");
    let debug = format!("{:?}{:?}", library.draft("wifi"), library.facts("wifi"));
    assert!(!debug.contains("-secret"));
}

#[test]
fn an_older_revision_comes_back_as_a_new_one_and_an_imported_file_byte_for_byte() {
    let library = Library::new();
    let file = mobileconfig("org.example.wifi", "Office", "AAAAAAAA-0000-4000-8000-000000000001", KIND, "pw");
    library.import(&file, "wifi");
    let restore = |revision: u32, uuid: &str| {
        let (by, uuid, now) = (library.ada.clone(), uuid.to_owned(), library.world.now());
        library.try_write(move |w| drafts::restore(w, &by, "wifi", revision, "It was right.", uuid, now))
    };
    let now = library.world.now();
    assert_eq!(code(restore(1, "U")), "profile.no-change");
    assert_eq!(code(restore(9, "U")), "profile.no-revision");
    library.save("wifi", vec![add(&[("Count", 1.into())])]).expect("saved");
    library.publish("wifi").expect("published");
    library.save("wifi", vec![set("Count", 2)]).expect("saved");
    library.publish("wifi").expect("published");
    // Somebody works on a draft meanwhile: it stays, and a review that was opened before is refused.
    library.save("wifi", vec![set("Count", 3)]).expect("saved");
    let version = library.draft("wifi").expect("one").version;

    let back = restore(2, "BBBBBBBB-0000-4000-8000-000000000002").expect("restored");
    assert_eq!((back.revision, back.uuid.as_str()), (4, "BBBBBBBB-0000-4000-8000-000000000002"));
    let document = drafts::revision(&library.world.read(), "wifi", 4).expect("there");
    assert_eq!(document.get(&place("Count")), Some(&1.into()));
    assert_eq!(code(library.publish_at("wifi", version, "")), "profile.draft-moved");

    let store = &library.world.app.store;
    let beside = |n| drafts::restore_beside(store, &library.ada, "wifi", n, "It was right.", "U".into(), now);
    assert_eq!(code(beside(4)), "profile.no-change");
    let first = beside(1).expect("restored");
    assert_eq!((first.revision, first.uuid.as_str()), (5, "AAAAAAAA-0000-4000-8000-000000000001"));
    let kept = store::profiles::revision(&library.world.read(), "wifi", 5).expect("readable").expect("there");
    assert_eq!(kept.expose(), file);
    assert_eq!(library.facts("wifi")[4].origin, Origin::Restored(1));
    assert!(library.told()[0].starts_with("Put revision 1 of “Office” back, as revision 5."));
    assert_eq!(library.publish("wifi").expect("the draft goes on").revision, 6);
    assert_eq!(library.shown("wifi").get(&place("Count")), Some(&3.into()));
}

#[test]
fn another_distribution_leaves_an_imported_file_as_it_is() {
    let library = Library::new();
    let file = mobileconfig("org.example.wifi", "Office", "AAAAAAAA-0000-4000-8000-000000000001", KIND, "pw");
    library.import(&file, "wifi");
    let spread = |distribution| {
        library.save_by(&library.ada, "wifi", vec![], Some(distribution)).expect("saved");
        library.publish("wifi").expect("published")
    };
    let offered = spread(Distribution::Offered);
    assert_eq!((offered.revision, offered.distribution), (2, Distribution::Offered));
    assert_eq!(library.told()[0], "Published “Office”, revision 2: Distribution: offered.");
    library.save("wifi", vec![add(&[("Count", 1.into())])]).expect("saved");
    library.publish("wifi").expect("published");
    let (by, now) = (library.ada.clone(), library.world.now());
    library.world.write(move |w| drafts::restore(w, &by, "wifi", 2, "", "U".into(), now));
    for number in [2, 4] {
        let kept = store::profiles::revision(&library.world.read(), "wifi", number).expect("readable");
        assert_eq!(kept.expect("there").expose(), file, "revision {number}");
        assert_eq!(library.facts("wifi")[number as usize - 1].uuid, "AAAAAAAA-0000-4000-8000-000000000001");
    }
}

#[test]
fn a_copy_has_names_of_its_own_and_what_refers_to_its_payloads_follows() {
    let library = Library::new();
    library.begin("wifi", &[("Password", "pw".into()), ("Count", 1.into())]);
    let second = "20000000-0000-4000-8000-000000000002";
    let starts = vec![("CertificateUUID".to_owned(), Value::from(PAYLOAD.to_uppercase()))];
    library
        .save("wifi", vec![Change::AddPayload { form: KIND.into(), uuid: second.into(), starts }])
        .expect("saved");
    library.save_by(&library.ada, "wifi", vec![], Some(Distribution::Offered)).expect("saved");
    library.publish("wifi").expect("published");
    library.everyone("wifi");
    let (by, now, new) = (library.ada.clone(), library.world.now(), library.fresh("copy"));
    let copy = library.world.write(move |w| {
        let mut n = 0;
        let mut uuids = || {
            n += 1;
            format!("CCCCCCCC-0000-4000-8000-00000000000{n}")
        };
        drafts::duplicate(w, &by, "wifi", new, &mut uuids, now)
    });
    assert_eq!((copy.revision, copy.everyone, copy.distribution), (0, false, Distribution::Offered));
    assert_eq!((copy.name.as_str(), copy.identifier.as_str()), ("The copy", "org.example.copy"));
    let document = library.shown("copy");
    let of = |n: usize, key: &str| document.payloads()[n].body[key].as_string().expect("text").to_owned();
    assert_eq!(of(0, "PayloadUUID"), "CCCCCCCC-0000-4000-8000-000000000001");
    assert_eq!(of(1, "CertificateUUID"), of(0, "PayloadUUID"));
    assert!(of(0, "PayloadIdentifier").starts_with("org.example.copy."), "{}", of(0, "PayloadIdentifier"));
    let secrets = library.draft("copy").expect("one").secrets;
    assert_eq!(secrets[0].0, "cccccccc-0000-4000-8000-000000000001:Password");
    assert_eq!((library.profile("wifi").revision, library.draft("wifi")), (1, None), "the original stays");
    let beside = |new| {
        let mut uuids = || "DDDDDDDD-0000-4000-8000-000000000001".to_owned();
        drafts::duplicate_beside(&library.world.app.store, &library.ada, "wifi", new, &mut uuids, now)
    };
    assert_eq!(beside(library.fresh("second")).expect("copied").payloads, copy.payloads);
    assert_eq!(code(beside(library.fresh("second"))), "profile.identifier-taken");
    let (by, new) = (library.ada.clone(), library.fresh("wifi"));
    let taken = library.try_write(move |w| drafts::create(w, &by, new, &[], now));
    assert_eq!(code(taken), "profile.identifier-taken");
}

#[test]
fn a_published_profile_keeps_its_identifier_and_an_unpublished_one_may_change_it() {
    let library = Library::new();
    library.begin("wifi", &[("Count", 1.into())]);
    library.begin("other", &[]);
    let rename =
        |to: &str| Change::Set { place: Place::top("PayloadIdentifier"), value: to.into(), was: None };
    assert_eq!(code(library.save("wifi", vec![rename("org.example.other")])), "profile.identifier-taken");
    assert_eq!(code(library.save("wifi", vec![rename("org.example.pomona.enroll")])), "profile.enrollment");
    assert_eq!(code(library.save("wifi", vec![rename("two words")])), "profile.identifier");
    let name = Change::Set { place: Place::top("PayloadDisplayName"), value: "Renamed".into(), was: None };
    library.save("wifi", vec![rename("org.example.renamed"), name]).expect("saved");
    let profile = library.profile("wifi");
    assert_eq!((profile.identifier.as_str(), profile.name.as_str()), ("org.example.renamed", "Renamed"));
    library.publish("wifi").expect("published");
    assert_eq!(code(library.save("wifi", vec![rename("org.example.again")])), "profile.identifier-fixed");
}

#[test]
fn those_who_look_at_a_draft_see_each_other_and_looking_writes_once_a_minute() {
    let library = Library::new();
    library.begin("wifi", &[]);
    let bob = admin(&library.world, "bob");
    let attend = |by: &Actor| {
        let (by, now) = (by.clone(), library.world.now());
        let wanted = drafts::wants_attend(&library.world.read(), &by, "wifi", now).expect("readable");
        let before = library.draft("wifi");
        library.world.write(move |w| drafts::attend(w, &by, "wifi", now));
        assert_eq!(library.draft("wifi") != before, wanted);
        wanted
    };
    assert!(attend(&bob));
    library.world.pass(59);
    assert!(!attend(&bob));
    let draft = library.draft("wifi").expect("one");
    let others = |by: &Actor| {
        drafts::others(&draft, by, library.world.now())
            .into_iter()
            .map(|(n, _)| n.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!((others(&library.ada), others(&bob)), (vec!["bob".to_owned()], vec!["ada".to_owned()]));
    library.world.pass(1);
    assert!(attend(&bob));
    library.world.pass(180);
    assert_eq!(others(&library.ada), Vec::<String>::new());
    assert_eq!(library.draft("wifi").expect("one").version, 1, "looking is no edit");
}

#[test]
fn a_draft_that_was_never_published_goes_whole_and_a_removed_profile_leaves_nothing() {
    let library = Library::new();
    library.begin("wifi", &[]);
    let (by, now) = (library.ada.clone(), library.world.now());
    library.world.write(move |w| drafts::discard(w, &by, "wifi", 1, now));
    assert_eq!(store::profiles::get(&library.world.read(), "wifi").expect("readable"), None);
    library.published("wifi", &[("Count", 1.into())]);
    library.save("wifi", vec![set("Count", 2)]).expect("saved");
    let by = library.ada.clone();
    library.world.write(move |w| profiles::remove(w, &by, "wifi", now).map(drop));
    assert_eq!((library.draft("wifi"), library.facts("wifi").len()), (None, 0));
    assert!(library.world.app.store.verify().expect("verified").is_empty());
    library.begin("wifi", &[]);
}

#[test]
fn who_may_not_edit_profiles_may_do_none_of_it() {
    let library = Library::new();
    library.published("wifi", &[("Count", 1.into())]);
    library.save("wifi", vec![set("Count", 2)]).expect("saved");
    let world = &library.world;
    let before = (world.activities().len(), library.draft("wifi"));
    for role in [Role::Helpdesk, Role::Auditor] {
        let by = Actor { name: world.account(role.as_str(), role).name, role };
        let (new, copy, now) = (library.fresh("new"), library.fresh("copy"), world.now());
        type Job = Box<dyn FnOnce(&mut store::Write, &Actor) -> Result<(), pomona::actions::Failure> + Send>;
        let jobs: Vec<Job> = vec![
            Box::new(move |w, by| drafts::create(w, by, new, &[], now).map(drop)),
            Box::new(move |w, by| drafts::attend(w, by, "wifi", now)),
            Box::new(move |w, by| drafts::save(w, by, "wifi", &[set("Count", 3)], None, now).map(drop)),
            Box::new(move |w, by| drafts::discard(w, by, "wifi", 1, now)),
            Box::new(move |w, by| drafts::publish(w, by, "wifi", 1, "", "U".into(), now).map(drop)),
            Box::new(move |w, by| drafts::restore(w, by, "wifi", 1, "", "U".into(), now).map(drop)),
            Box::new(move |w, by| drafts::duplicate(w, by, "wifi", copy, &mut || "U".into(), now).map(drop)),
            Box::new(move |w, by| drafts::archive(w, by, "wifi", true, now).map(drop)),
        ];
        for job in jobs {
            let by = by.clone();
            assert_eq!(code(library.try_write(move |w| job(w, &by))), "access.role");
        }
        let store = &world.app.store;
        assert_eq!(
            code(drafts::save_beside(store, &by, "wifi", &[set("Count", 3)], None, now)),
            "access.role"
        );
        assert_eq!(code(drafts::publish_beside(store, &by, "wifi", 1, "", "U".into(), now)), "access.role");
        assert_eq!(code(drafts::restore_beside(store, &by, "wifi", 1, "", "U".into(), now)), "access.role");
        let (new, mut uuids) = (library.fresh("beside"), || "U".to_owned());
        let copied = drafts::duplicate_beside(store, &by, "wifi", new, &mut uuids, now);
        assert_eq!(code(copied), "access.role");
    }
    let rows = world.activities().into_iter().filter(|a| !a.text.starts_with("Added the account")).count();
    assert_eq!((rows, library.draft("wifi")), (before.0 - 1, before.1), "nothing of it remains");
}

/// A person with the editor open: what their page shows.
struct Person {
    name: Actor,
    sees: Document,
}

const KEYS: [&str; 4] = ["A", "B", "C", "D"];

#[test]
fn two_people_in_one_draft_lose_no_edit_without_a_conflict_being_shown() {
    let library = Library::new();
    let bob = admin(&library.world, "bob");
    let now = library.world.now();
    let ada = library.ada.clone();
    library.world.write(move |w| {
        let (mut conflicts, mut kept, mut refused) = (0, 0, 0);
        for round in 0_u64..1000 {
            let mut r = crate::store::random::Random(round + 1);
            let id = format!("p{round}");
            let new = drafts::New {
                id: id.clone(),
                uuid: "U".into(),
                identifier: format!("org.example.{id}"),
                name: "Both".into(),
            };
            let starts: Vec<(&str, Value)> = KEYS[..2].iter().map(|key| (*key, Value::from(0))).collect();
            drafts::create(w, &ada, new, &[add(&starts)], now)?;
            let sees = drafts::open(w, &id)?.document;
            let mut people = [&ada, &bob].map(|name| Person { name: name.clone(), sees: sees.clone() });
            for step in 0..6 {
                let person = &mut people[r.below(2) as usize];
                let before = drafts::open(w, &id)?;
                match r.below(8) {
                    0 => person.sees = before.document,
                    1 => {
                        // A review of what this person saw, published if nobody moved it.
                        let version = before.draft.as_ref().map_or(0, |d| d.version);
                        let stale = version > 0 && r.once_in(2);
                        let asked = if stale { version - 1 } else { version };
                        let done = drafts::publish(w, &person.name, &id, asked, "", format!("U{step}"), now);
                        let code = done.map(drop).map_err(|f| f.code());
                        match (before.draft.is_some(), stale) {
                            (true, true) => assert_eq!(code, Err("profile.draft-moved")),
                            (true, false) => assert!(matches!(code, Ok(()) | Err("profile.no-change"))),
                            (false, _) => assert_eq!(code, Err("profile.no-draft")),
                        }
                        refused += u32::from(code.is_err());
                    }
                    _ => {
                        let key = KEYS[r.below(4) as usize];
                        let at = place(key);
                        let was = Some(mark(person.sees.get(&at)));
                        let mine = (!r.once_in(4)).then(|| Value::from((round * 10 + step) as i64));
                        let change = match &mine {
                            Some(value) => Change::Set { place: at.clone(), value: value.clone(), was },
                            None => Change::Unset { place: at.clone(), was },
                        };
                        let theirs = before.document.get(&at).cloned();
                        let unseen = theirs.as_ref() != person.sees.get(&at);
                        let saved = drafts::save(w, &person.name, &id, &[change], None, now)?;
                        let after = drafts::open(w, &id)?.document;
                        if saved.conflicts.is_empty() {
                            assert!(!unseen || theirs == mine, "overwrote what this person never saw");
                            assert_eq!(after.get(&at).cloned(), mine, "an accepted edit is there");
                            kept += 1;
                        } else {
                            let Conflict { place: where_, now: there, .. } = &saved.conflicts[0];
                            assert!(unseen, "no conflict without another's change");
                            assert_eq!((where_, there), (&at, &mark(theirs.as_ref())), "both are shown");
                            assert_eq!(after.get(&at).cloned(), theirs, "theirs stays until a person chose");
                            conflicts += 1;
                        }
                        for other in KEYS.iter().filter(|other| **other != key) {
                            assert_eq!(after.get(&place(other)), before.document.get(&place(other)));
                        }
                        person.sees = after;
                    }
                }
            }
            store::profiles::remove(w, &id)?;
        }
        assert!(conflicts > 100 && kept > 1000 && refused > 50, "{conflicts} {kept} {refused}");
        Ok(())
    });
}

#[test]
fn edits_made_beside_the_writer_at_the_same_moment_are_all_there() {
    let library = Library::new();
    let bob = admin(&library.world, "bob");
    library.begin("wifi", &[]);
    let now = library.world.now();
    let people = [library.ada.clone(), bob];
    thread::scope(|scope| {
        for person in &people {
            let store = library.world.app.store.clone();
            scope.spawn(move || {
                for n in 0..40 {
                    let change = set(&format!("{}-{n}", person.name), n);
                    let saved = drafts::save_beside(&store, person, "wifi", &[change], None, now);
                    assert!(saved.expect("saved").conflicts.is_empty());
                }
            });
        }
    });
    let document = library.shown("wifi");
    for person in &people {
        for n in 0..40 {
            let at = place(&format!("{}-{n}", person.name));
            assert_eq!(document.get(&at), Some(&n.into()), "{at}");
        }
    }
    assert_eq!(library.draft("wifi").expect("one").version, 81);
    let store = &library.world.app.store;
    let stale = drafts::publish_beside(store, &library.ada, "wifi", 80, "", "U".into(), now);
    assert_eq!(code(stale), "profile.draft-moved");
    let done = drafts::publish_beside(store, &library.ada, "wifi", 81, "", "U".into(), now);
    assert_eq!(done.expect("published").revision, 1);
}
