//! Will a device obey?

use pomona::catalog::{
    Availability, Enrolled, Key, Os, OsFacts, Target, Verdict, Version, Why, catalog, commands,
};

const PHONE: Target = Target {
    os: Os::Ios,
    version: Some(Version(26, 1, 0)),
    supervised: Some(true),
    enrolled: Enrolled::Automated,
    shared_ipad: false,
    user_channel: false,
};

fn key(form: &str, name: &str) -> &'static Key {
    catalog().form(form).and_then(|form| form.key(&[name])).unwrap_or_else(|| panic!("{form} {name}"))
}

fn restriction(name: &str) -> &'static Availability {
    &key("com.apple.applicationaccess", name).availability
}

#[test]
fn versions_are_read_compared_and_written() {
    assert_eq!(Version::parse("26"), Some(Version(26, 0, 0)));
    assert_eq!(Version::parse("10.12.4"), Some(Version(10, 12, 4)));
    assert!(Version(9, 3, 0) < Version(10, 0, 0));
    for bad in ["", "n/a", "26.x", "26.-1", "99999999"] {
        assert_eq!(Version::parse(bad), None, "{bad}");
    }
    assert_eq!(Version(26, 4, 1).to_string(), "26.4.1");
    assert_eq!(Version(26, 0, 0).to_string(), "26.0");
}

#[test]
fn a_restriction_for_supervised_devices_is_ignored_on_others() {
    let airdrop = restriction("allowAirDrop");
    assert_eq!(airdrop.judge(&PHONE), Verdict::Works);
    let judge = |supervised| airdrop.judge(&Target { supervised, ..PHONE });
    assert_eq!(judge(Some(false)), Verdict::Ignored(Why::NeedsSupervision));
    assert_eq!(judge(None), Verdict::Unknown);
}

#[test]
fn versions_decide_and_what_is_unknown_stays_unknown() {
    let airdrop = restriction("allowAirDrop");
    let judge = |version| airdrop.judge(&Target { version, ..PHONE });
    assert_eq!(judge(Some(Version(6, 1, 0))), Verdict::Ignored(Why::NeedsVersion(Version(7, 0, 0))));
    assert_eq!(judge(Some(Version(7, 0, 0))), Verdict::Works);
    assert_eq!(judge(None), Verdict::Unknown);
    let watch = Target { os: Os::Watchos, version: None, ..PHONE };
    assert_eq!(
        key("com.apple.webClip.managed", "URL").availability.judge(&watch),
        Verdict::Ignored(Why::OtherSystem)
    );
}

#[test]
fn what_is_deprecated_works_until_it_is_removed() {
    let facts = OsFacts {
        introduced: Some(Version(10, 0, 0)),
        deprecated: Some(Version(26, 4, 0)),
        removed: Some(Version(27, 0, 0)),
        stated: true,
        ..OsFacts::default()
    };
    let mut availability = Availability::default();
    availability.os[Os::Ios as usize] = facts;
    let judge = |version| availability.judge(&Target { version: Some(version), ..PHONE });
    assert_eq!(judge(Version(26, 3, 9)), Verdict::Works);
    assert_eq!(judge(Version(26, 4, 0)), Verdict::Deprecated(Version(26, 4, 0)));
    assert_eq!(judge(Version(27, 0, 0)), Verdict::Ignored(Why::Removed(Version(27, 0, 0))));
    let mac = Target { os: Os::Macos, ..PHONE };
    assert_eq!(availability.judge(&mac), Verdict::Unknown);
}

#[test]
fn removed_update_keys_say_so() {
    let old = &catalog().form("com.apple.SoftwareUpdate").expect("a form").availability;
    let mac = |version| Target { os: Os::Macos, version: Some(version), ..PHONE };
    assert!(matches!(old.judge(&mac(Version(15, 0, 0))), Verdict::Works | Verdict::Deprecated(_)));
    assert_eq!(old.judge(&mac(Version(27, 0, 0))), Verdict::Ignored(Why::Removed(Version(27, 0, 0))));
}

#[test]
fn children_take_what_they_do_not_say_from_their_parents() {
    let home = catalog().form("com.apple.homescreenlayout").expect("a form");
    let url = home.at(&["Dock", "IconItem", "URL"]).expect("a key");
    let kind = home.at(&["Dock", "IconItem", "Type"]).expect("a key");
    assert_eq!(url.availability.on(Os::Ios).introduced, Some(Version(11, 3, 0)));
    assert_eq!(kind.availability.on(Os::Ios).introduced, Some(Version(9, 3, 0)));
    assert_eq!(url.availability.on(Os::Ios).supervised, Some(true));
    assert_eq!(url.availability.on(Os::Tvos).introduced, Some(Version(11, 0, 0)));
    assert_eq!(url.availability.on(Os::Macos).introduced, None);
    assert_eq!(home.availability.systems().collect::<Vec<_>>(), [Os::Ios, Os::Tvos]);
}

#[test]
fn channels_and_enrollments_are_judged() {
    let user = Target { enrolled: Enrolled::User, supervised: Some(false), ..PHONE };
    let home = &catalog().form("com.apple.homescreenlayout").expect("a form").availability;
    assert_eq!(home.judge(&user), Verdict::Ignored(Why::NotInUserEnrollment));
    let vault = &catalog().form("com.apple.MCX.FileVault2").expect("a form").availability;
    let mac = Target { os: Os::Macos, version: Some(Version(15, 0, 0)), user_channel: true, ..PHONE };
    assert_eq!(vault.judge(&mac), Verdict::Ignored(Why::NotOnUserChannel));
    let font = &catalog().form("com.apple.font").expect("a form").availability;
    let pad = Target { shared_ipad: true, ..PHONE };
    assert_eq!(font.judge(&pad), Verdict::Ignored(Why::NotOnDeviceChannel));
    assert_eq!(font.judge(&Target { user_channel: true, ..pad }), Verdict::Works);
    assert_eq!(font.judge(&PHONE), Verdict::Works);
}

#[test]
fn commands_know_the_right_that_they_need() {
    let lock = commands().get("DeviceLock").expect("a command");
    assert_eq!(lock.form.availability.on(Os::Ios).right, Some(4));
    assert!(!lock.form.keys.is_empty());
    let info = commands().get("DeviceInformation").expect("a command");
    assert!(info.answer.iter().any(|key| key.name == "QueryResponses"));
    let all: u16 = pomona::catalog::rights().iter().map(|right| right.bit).sum();
    assert_eq!(all, 8191);
}
