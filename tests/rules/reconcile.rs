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
    Wanted { profile: profile.into(), identifier: format!("org.example.{profile}"), revision }
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

fn any_placements() -> impl Strategy<Value = Vec<Placement>> {
    let one = (0..4_u8, 1..3_u32, 0..STATES.len(), proptest::option::of(1..3_u32));
    proptest::collection::vec(one, 0..4).prop_map(|all| {
        let mut out: Vec<Placement> = vec![];
        for (name, revision, state, installed) in all {
            let name = format!("p{name}");
            if out.iter().all(|p| p.profile != name) {
                out.push(Placement { installed, ..placed(&name, revision, STATES[state]) });
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
        want in proptest::collection::btree_map(0..4_u8, 1..3_u32, 0..4),
    ) {
        let want: Vec<Wanted> = want.into_iter().map(|(n, r)| wanted(&format!("p{n}"), r)).collect();
        let mut after = have.clone();
        for step in steps(&want, &have) {
            match step {
                Step::Install(w) => {
                    after.retain(|p| p.profile != w.profile);
                    after.push(placed(&w.profile, w.revision, Delivery::Waiting));
                }
                Step::Remove { profile, .. } => {
                    after.iter_mut().filter(|p| p.profile == profile).for_each(|p| p.state = Delivery::Removing);
                }
                Step::Forget { profile } => after.retain(|p| p.profile != profile),
            }
        }
        prop_assert_eq!(steps(&want, &after), vec![]);
    }
}
