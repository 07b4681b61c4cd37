use pomona::model::deed::{Deed, Facts};
use pomona::model::device::Platform;
use pomona::model::enrollment::{Kind, State};
use pomona::model::standing::Standing;

fn facts(platform: Platform) -> Facts {
    Facts {
        platform,
        kind: Kind::Device,
        state: State::Enrolled,
        supervised: Some(false),
        unlock_token: true,
    }
}

fn offered(facts: Facts) -> Vec<Deed> {
    Deed::ALL.into_iter().filter(|d| d.obstacle(&facts).is_none()).collect()
}

#[test]
fn an_iphone_restarts_only_when_supervised() {
    let plain = offered(facts(Platform::IPhone));
    assert_eq!(plain, [Deed::Update, Deed::Lock, Deed::ClearPasscode, Deed::Erase, Deed::Remove]);
    let supervised = offered(Facts { supervised: Some(true), ..facts(Platform::IPhone) });
    assert_eq!(supervised.len(), Deed::ALL.len());
    assert_eq!(
        offered(Facts { supervised: None, ..facts(Platform::IPhone) }),
        plain,
        "not told is not supervised"
    );
}

#[test]
fn clear_passcode_needs_the_unlock_token_and_a_passcode_at_all() {
    let without = Facts { unlock_token: false, ..facts(Platform::IPad) };
    assert!(Deed::ClearPasscode.obstacle(&without).is_some_and(|why| why.contains("unlock token")));
    assert!(Deed::ClearPasscode.obstacle(&facts(Platform::Mac)).is_some());
    assert!(Deed::ClearPasscode.obstacle(&facts(Platform::AppleTv)).is_some());
    assert!(Deed::ClearPasscode.obstacle(&facts(Platform::IPad)).is_none());
}

#[test]
fn an_apple_tv_is_neither_locked_nor_shut_down() {
    let tv = offered(Facts { supervised: Some(true), ..facts(Platform::AppleTv) });
    assert_eq!(tv, [Deed::Update, Deed::Restart, Deed::Erase, Deed::Remove]);
}

#[test]
fn a_person_s_own_device_is_never_erased() {
    let own = Facts { kind: Kind::UserEnrollment, supervised: Some(true), ..facts(Platform::IPhone) };
    assert_eq!(offered(own), [Deed::Update, Deed::Lock, Deed::Remove]);
    let own_mac = Facts { kind: Kind::UserEnrollment, ..facts(Platform::Mac) };
    assert_eq!(offered(own_mac), [Deed::Update, Deed::Remove]);
}

#[test]
fn a_device_that_left_can_only_be_removed() {
    for state in [State::CheckedOut, State::Authenticated] {
        assert_eq!(offered(Facts { state, ..facts(Platform::Mac) }), [Deed::Remove]);
    }
}

#[test]
fn words_in_addresses_can_be_read_back() {
    for deed in Deed::ALL {
        assert_eq!(Deed::parse(deed.slug()), Some(deed));
    }
    for standing in Standing::ALL {
        assert_eq!(Standing::parse(standing.slug()), Some(standing));
    }
    assert_eq!(Deed::parse("explode"), None);
}

#[test]
fn the_worst_that_is_true_of_a_device_is_its_standing() {
    use Standing::*;
    assert_eq!(Standing::of(State::Enrolled, false, 0, 0), UpToDate);
    assert_eq!(Standing::of(State::Enrolled, false, 0, 2), Pending);
    assert_eq!(Standing::of(State::Enrolled, false, 1, 2), Attention);
    assert_eq!(Standing::of(State::Enrolled, true, 1, 2), Unreachable);
    assert_eq!(Standing::of(State::Authenticated, true, 1, 2), Enrolling);
    assert_eq!(Standing::of(State::CheckedOut, true, 1, 2), Left);
}
