//! Wanted minus had.

use pomona::model::Time;
use pomona::model::command::{DeviceError, Errand, State};
use pomona::model::device::InstalledProfile;
use pomona::model::enrollment::EnrollmentId;
use pomona::model::profile::{Delivery, Placement, Profile};
use pomona::rules::reconcile::{Fate, Step, Wanted, confirm, follow, steps};
use proptest::prelude::*;

const NOW: Time = Time::from_secs(1_795_000_000);

fn wanted(profile: &str, revision: u32) -> Wanted {
    Wanted {
        profile: profile.into(),
        identifier: format!("org.example.{profile}"),
        revision,
        uuid: format!("u{revision}"),
        lacks: vec![],
    }
}

fn placed(profile: &str, revision: u32, state: Delivery) -> Placement {
    Placement {
        enrollment: EnrollmentId::parse("D").expect("an id"),
        profile: profile.into(),
        identifier: format!("org.example.{profile}"),
        revision,
        state,
        at: NOW,
        command: "C".into(),
        said: None,
        installed: None,
        uuid: None,
        holds: None,
        lacks: vec![],
    }
}

const STATES: [Delivery; 9] = [
    Delivery::Waiting,
    Delivery::Sent,
    Delivery::Busy,
    Delivery::Installed,
    Delivery::Confirmed,
    Delivery::Failed,
    Delivery::RemovedByUser,
    Delivery::NoAnswer,
    Delivery::Removing,
];

#[test]
fn what_is_wanted_and_there_asks_for_nothing() {
    for state in STATES.into_iter().filter(|s| *s != Delivery::Removing) {
        assert_eq!(steps(&[wanted("a", 2)], &[placed("a", 2, state)]), vec![], "{state:?}");
        assert_eq!(steps(&[wanted("a", 3)], &[placed("a", 2, state)]), vec![Step::Install(wanted("a", 3))]);
    }
}

#[test]
fn what_is_being_removed_and_is_wanted_again_is_installed() {
    let removing = placed("a", 2, Delivery::Removing);
    assert_eq!(
        steps(&[wanted("a", 2)], std::slice::from_ref(&removing)),
        vec![Step::Install(wanted("a", 2))]
    );
    assert_eq!(steps(&[], &[removing]), vec![], "its removal is under way");
}

#[test]
fn what_never_was_there_is_forgotten_and_the_rest_is_removed() {
    let forget = vec![Step::Forget { profile: "a".into() }];
    let remove = vec![Step::Remove { profile: "a".into(), identifier: "org.example.a".into() }];
    for state in [Delivery::Waiting, Delivery::Busy, Delivery::Failed, Delivery::RemovedByUser] {
        assert_eq!(steps(&[], &[placed("a", 1, state)]), forget, "{state:?}");
        let mut older = placed("a", 2, state);
        older.installed = Some(1);
        assert_eq!(steps(&[], &[older]), remove, "{state:?}: an older revision is there");
    }
    for state in [Delivery::Sent, Delivery::Installed, Delivery::Confirmed, Delivery::NoAnswer] {
        assert_eq!(steps(&[], &[placed("a", 1, state)]), remove, "{state:?}: it may be there");
    }
}

fn list(entries: &[(&str, &str)]) -> Vec<InstalledProfile> {
    let entry = |(identifier, uuid): &(&str, &str)| InstalledProfile {
        identifier: format!("org.example.{identifier}"),
        uuid: Some((*uuid).into()),
        name: None,
        managed: Some(true),
        declarative: false,
    };
    entries.iter().map(entry).collect()
}

fn library(revision: u32) -> Profile {
    Profile {
        id: "a".into(),
        identifier: "org.example.a".into(),
        name: "a".into(),
        description: String::new(),
        revision,
        uuid: "abcd".into(),
        payloads: vec![],
        signed_by: None,
        everyone: false,
        distribution: Default::default(),
        archived: None,
        variables: Vec::new(),
        created: NOW,
        updated: NOW,
    }
}

#[test]
fn a_list_confirms_the_very_revision_and_no_other() {
    let later = NOW.plus_secs(10);
    let mut one = placed("a", 1, Delivery::Installed);
    assert_eq!(confirm(&mut one, Some(&library(1)), &list(&[("a", "other")]), later, later), Fate::Same);
    assert_eq!(confirm(&mut one, Some(&library(2)), &list(&[("a", "ABCD")]), later, later), Fate::Same);
    assert_eq!(confirm(&mut one, Some(&library(1)), &list(&[("a", "ABCD")]), later, later), Fate::Changed);
    assert_eq!((one.state, one.installed, one.at), (Delivery::Confirmed, Some(1), later));
    assert_eq!(confirm(&mut one, Some(&library(1)), &list(&[("a", "ABCD")]), later, later), Fate::Same);
    assert_eq!(confirm(&mut one, Some(&library(1)), &list(&[]), later, later), Fate::Changed);
    assert_eq!((one.state, one.installed), (Delivery::RemovedByUser, None));
    assert_eq!(confirm(&mut one, Some(&library(1)), &list(&[("a", "abcd")]), later, later), Fate::Changed);
    assert_eq!(one.state, Delivery::Confirmed, "it came back");
}

#[test]
fn a_list_does_not_judge_what_came_after_it_was_asked() {
    let mut one = placed("a", 1, Delivery::Installed);
    assert_eq!(confirm(&mut one, Some(&library(1)), &[], NOW.plus_ms(-1), NOW), Fate::Same);
}

#[test]
fn a_profile_of_a_declaration_is_not_ours() {
    let mut found = list(&[("a", "abcd")]);
    found[0].declarative = true;
    let mut one = placed("a", 1, Delivery::Installed);
    confirm(&mut one, Some(&library(1)), &found, NOW, NOW);
    assert_eq!(one.state, Delivery::RemovedByUser);
}

#[test]
fn a_removal_that_failed_is_settled_by_the_next_list() {
    let errand = Errand::Remove { profile: "a".into() };
    let error = [DeviceError { code: 4, domain: "X".into(), text: "Not there.".into() }];
    let refused = || {
        let mut one = placed("a", 1, Delivery::Removing);
        assert_eq!(follow(&mut one, &errand, State::Error, &error, NOW), Fate::Changed);
        assert_eq!(one.state, Delivery::Removing);
        one
    };
    assert_eq!(confirm(&mut refused(), None, &list(&[]), NOW, NOW), Fate::Gone);
    let mut still = refused();
    assert_eq!(confirm(&mut still, None, &list(&[("a", "abcd")]), NOW, NOW), Fate::Changed);
    assert_eq!(still.state, Delivery::Failed);
    let mut one = placed("a", 1, Delivery::Removing);
    assert_eq!(follow(&mut one, &errand, State::Acknowledged, &[], NOW), Fate::Gone);
}

#[test]
fn a_placement_follows_its_command() {
    let errand = Errand::Install { profile: "a".into(), revision: 3 };
    let mut one = placed("a", 3, Delivery::Waiting);
    for (state, delivery) in [
        (State::Sent, Delivery::Sent),
        (State::NotNow, Delivery::Busy),
        (State::NoAnswer, Delivery::NoAnswer),
        (State::Error, Delivery::Failed),
        (State::Acknowledged, Delivery::Installed),
    ] {
        assert_eq!(follow(&mut one, &errand, state, &[], NOW), Fate::Changed);
        assert_eq!(one.state, delivery);
        assert_eq!(follow(&mut one, &errand, state, &[], NOW.plus_secs(1)), Fate::Same, "said twice");
    }
    assert_eq!(one.installed, Some(3));
}

/// Lacks, as words.
fn lacks(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn other_values_are_sent_and_the_same_ones_are_not() {
    let want = |uuid: &str| Wanted { uuid: uuid.into(), ..wanted("a", 1) };
    let with = |uuid: &str, state| Placement { uuid: Some(uuid.into()), ..placed("a", 1, state) };
    for state in STATES.into_iter().filter(|s| *s != Delivery::Removing) {
        assert_eq!(steps(&[want("x")], &[with("x", state)]), vec![], "{state:?}");
        assert_eq!(steps(&[want("y")], &[with("x", state)]), vec![Step::Install(want("y"))], "{state:?}");
        assert_eq!(steps(&[want("y")], &[placed("a", 1, state)]), vec![], "placed before UUIDs were kept");
    }
}

#[test]
fn what_lacks_a_value_is_held_once_and_sent_when_it_has_one() {
    let lacking = Wanted { uuid: String::new(), lacks: lacks(&["email"]), ..wanted("a", 1) };
    assert_eq!(steps(std::slice::from_ref(&lacking), &[]), vec![Step::Hold(lacking.clone())]);
    let held = Placement { lacks: lacks(&["email"]), ..placed("a", 1, Delivery::Failed) };
    assert_eq!(steps(std::slice::from_ref(&lacking), std::slice::from_ref(&held)), vec![]);
    let more = Wanted { lacks: lacks(&["email", "Room"]), ..lacking };
    assert_eq!(
        steps(std::slice::from_ref(&more), std::slice::from_ref(&held)),
        vec![Step::Hold(more.clone())],
        "it says what is missing now"
    );
    assert_eq!(steps(&[wanted("a", 1)], std::slice::from_ref(&held)), vec![Step::Install(wanted("a", 1))]);
    assert_eq!(steps(&[], &[held]), vec![Step::Forget { profile: "a".into() }]);
    assert_eq!(
        pomona::rules::reconcile::lacking(&more.lacks),
        "This device has no values for %email%, %Room%; set them on the device page."
    );
}

#[test]
fn a_list_confirms_the_uuid_that_was_sent_and_not_that_of_the_library() {
    let later = NOW.plus_secs(10);
    let sent = || Placement { uuid: Some("FILLED".into()), ..placed("a", 1, Delivery::Installed) };
    assert_eq!(
        confirm(&mut sent(), Some(&library(1)), &list(&[("a", "abcd")]), later, later),
        Fate::Same,
        "the file with other values"
    );
    let mut one = sent();
    assert_eq!(confirm(&mut one, Some(&library(1)), &list(&[("a", "filled")]), later, later), Fate::Changed);
    assert_eq!((one.state, one.holds.as_deref()), (Delivery::Confirmed, Some("FILLED")));
    confirm(&mut one, Some(&library(1)), &list(&[]), later, later);
    assert_eq!((one.state, one.holds), (Delivery::RemovedByUser, None));
}

#[test]
fn a_uuid_of_filled_variables_differs_when_a_value_does_and_is_one_by_form() {
    let uuid = |pairs: &[(&str, &str)]| {
        let filled = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        pomona::rules::reconcile::uuid_of("abcd", &filled)
    };
    let all = [
        uuid(&[]),
        uuid(&[("a", "b")]),
        uuid(&[("a", "c")]),
        uuid(&[("ab", "")]),
        uuid(&[("a", "b"), ("c", "d")]),
        uuid(&[("a", "bc"), ("d", "")]),
    ];
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
    assert_eq!(uuid(&[("a", "b")]), all[1], "the same values, the same UUID");
    for one in &all {
        let read = uuid::Uuid::parse_str(one).expect("a UUID");
        assert_eq!((read.get_version_num(), one), (8, &one.to_uppercase()));
    }
}

fn any_placements() -> impl Strategy<Value = Vec<Placement>> {
    let uuid = proptest::option::of(0..3_u8);
    let one = (0..4_u8, 1..3_u32, 0..STATES.len(), proptest::option::of(1..3_u32), uuid, any::<bool>());
    proptest::collection::vec(one, 0..4).prop_map(|all| {
        let mut out: Vec<Placement> = vec![];
        for (name, revision, state, installed, uuid, has_all) in all {
            let name = format!("p{name}");
            if out.iter().all(|p| p.profile != name) {
                let uuid = uuid.map(|n| format!("u{n}"));
                let lacks = if has_all { vec![] } else { lacks(&["email"]) };
                out.push(Placement { installed, uuid, lacks, ..placed(&name, revision, STATES[state]) });
            }
        }
        out
    })
}

proptest! {
    /// Doing what the steps say leaves nothing to do, and touches nothing that was right.
    #[test]
    fn the_same_comparison_twice_asks_for_nothing(
        have in any_placements(),
        want in proptest::collection::btree_map(0..4_u8, (1..3_u32, any::<bool>(), 0..3_u8), 0..4),
    ) {
        let want = want.into_iter().map(|(n, (revision, has_all, uuid))| Wanted {
            uuid: format!("u{uuid}"),
            lacks: if has_all { vec![] } else { lacks(&["email"]) },
            ..wanted(&format!("p{n}"), revision)
        });
        let want: Vec<Wanted> = want.collect();
        let mut after = have.clone();
        for step in steps(&want, &have) {
            match step {
                Step::Install(w) => {
                    after.retain(|p| p.profile != w.profile);
                    let uuid = Some(w.uuid.clone());
                    after.push(Placement { uuid, ..placed(&w.profile, w.revision, Delivery::Waiting) });
                }
                Step::Remove { profile, .. } => {
                    after.iter_mut().filter(|p| p.profile == profile).for_each(|p| p.state = Delivery::Removing);
                }
                Step::Hold(w) => {
                    after.retain(|p| p.profile != w.profile);
                    let lacks = w.lacks.clone();
                    after.push(Placement { lacks, ..placed(&w.profile, w.revision, Delivery::Failed) });
                }
                Step::Forget { profile } => after.retain(|p| p.profile != profile),
            }
        }
        prop_assert_eq!(steps(&want, &after), vec![]);
    }
}
