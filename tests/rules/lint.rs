//! Whether devices will obey.

use std::collections::BTreeMap;

use super::documents::{any_document, payload, place, profile, sample, with_bodies};
use pomona::catalog::{Enrolled, Os, Target, Verdict, Version, Why, catalog};
use pomona::model::Time;
use pomona::model::device::{Device, Platform};
use pomona::model::enrollment::{Enrollment, EnrollmentId, Kind, State};
use pomona::rules::lint::{lint, survey, survey_key, target, words};
use proptest::prelude::*;

fn phone(version: u16, supervised: Option<bool>) -> Target {
    Target {
        os: Os::Ios,
        version: Some(Version(version, 0, 0)),
        supervised,
        enrolled: Enrolled::Device,
        shared_ipad: false,
        user_channel: false,
    }
}

fn mac() -> Target {
    Target { os: Os::Macos, ..phone(26, Some(true)) }
}

fn restrictions() -> pomona::wire::profile::Document {
    let keys = "<key>allowCamera</key><false/><key>allowAirDrop</key><false/><key>Odd</key><true/>";
    let dock = payload("com.apple.dock", "D", "<key>orientation</key><string>left</string>");
    profile(&[payload("com.apple.applicationaccess", "R", keys), dock, payload("com.vendor.x", "V", "")])
}

fn verdict(target: &Target, at: &str) -> Option<Verdict> {
    lint(&restrictions(), target)
        .into_iter()
        .find(|remark| remark.place == place(at))
        .map(|remark| remark.verdict)
}

#[test]
fn each_key_is_judged_for_the_device_it_would_reach() {
    assert_eq!(verdict(&phone(26, Some(true)), "r:allowAirDrop"), Some(Verdict::Works));
    assert_eq!(
        verdict(&phone(26, Some(false)), "r:allowAirDrop"),
        Some(Verdict::Ignored(Why::NeedsSupervision))
    );
    assert_eq!(verdict(&phone(26, None), "r:allowAirDrop"), Some(Verdict::Unknown));
    assert_eq!(verdict(&phone(26, Some(true)), "d:"), Some(Verdict::Ignored(Why::OtherSystem)));
    assert_eq!(verdict(&phone(26, Some(true)), "d:orientation"), None, "its payload is ignored as a whole");
    assert!(verdict(&mac(), "d:orientation").is_some());
    for nothing in ["r:Odd", "r:PayloadUUID", "v:", ":PayloadUUID"] {
        assert_eq!(verdict(&mac(), nothing), None, "{nothing}");
    }
}

#[test]
fn many_devices_are_counted_by_what_they_make_of_it() {
    let fleet = BTreeMap::from([(phone(26, Some(true)), 30), (phone(26, Some(false)), 4), (mac(), 6)]);
    let counted = survey(&restrictions(), &fleet);
    let of = |at: &str| counted.iter().find(|counted| counted.place == place(at)).unwrap().devices.clone();
    assert_eq!(of("r:allowAirDrop")[&Verdict::Ignored(Why::NeedsSupervision)], 4);
    assert_eq!(of("d:")[&Verdict::Ignored(Why::OtherSystem)], 34);
    assert_eq!(of("d:orientation").values().sum::<u64>(), 6);
    let form = catalog().form("com.apple.applicationaccess").unwrap();
    let key = form.key(&["allowAirDrop"]);
    assert_eq!(survey_key(form, key, &fleet), of("r:allowAirDrop"));
    assert_eq!(survey_key(form, None, &fleet), of("r:"));
}

#[test]
fn a_survey_agrees_with_asking_for_each_kind_of_device() {
    let document = restrictions();
    for target in [phone(26, Some(true)), phone(12, None), mac()] {
        let counted = survey(&document, &BTreeMap::from([(target, 3)]));
        let said: Vec<_> =
            counted.into_iter().filter_map(|c| Some((c.place, *c.devices.keys().next()?))).collect();
        let alone: Vec<_> = lint(&document, &target).into_iter().map(|r| (r.place, r.verdict)).collect();
        assert_eq!(said, alone);
    }
}

#[test]
fn the_whole_of_restrictions_for_ten_thousand_devices_is_surveyed_at_once() {
    let form = catalog().form("com.apple.applicationaccess").unwrap();
    let document = with_bodies(vec![sample(form, "R")]);
    let fleet: BTreeMap<Target, u64> = (0..40).map(|n| (phone(8 + n / 2, Some(n % 2 == 0)), 250)).collect();
    let counted = survey(&document, &fleet);
    assert!(counted.len() > 200, "{}", counted.len());
    assert!(counted.iter().all(|counted| counted.devices.values().sum::<u64>() <= 10_000));
    // The best of a few: the machine does other things too.
    let once = || {
        let begun = std::time::Instant::now();
        survey(&document, &fleet);
        begun.elapsed()
    };
    let took = (0..5).map(|_| once()).min().unwrap();
    assert!(took.as_millis() < 20, "{took:?}");
}

#[test]
fn a_list_of_many_items_is_judged_once() {
    let items = "<dict><key>Identifier</key><string>a</string><key>VPNUUID</key><string>b</string></dict>"
        .repeat(500);
    let body = format!("<key>AppLayerVPNMapping</key><array>{items}</array>");
    let document = profile(&[payload("com.apple.vpn.managed.appmapping", "M", &body)]);
    let remarks = lint(&document, &mac());
    assert!((3..=5).contains(&remarks.len()), "{remarks:#?}");
}

#[test]
fn devices_are_what_their_platform_and_enrollment_say() {
    let id = EnrollmentId::parse("U").unwrap();
    let mut device = Device::unknown(id.clone());
    let enrollment = |kind| Enrollment {
        id: id.clone(),
        kind,
        state: State::Enrolled,
        tally: 1,
        first_seen: Time(0),
        authenticated_at: Time(0),
        enrolled_at: None,
        checked_out_at: None,
        awaiting: false,
        user_short_name: None,
        user_long_name: None,
        certificate: None,
        renewal: None,
        renewed_at: None,
    };
    assert_eq!(target(&device, &enrollment(Kind::Device)), None);
    device.platform = Platform::IPad;
    device.os_version = Some("16.4.1 (a)".into());
    device.supervised = Some(true);
    let told = target(&device, &enrollment(Kind::Device)).unwrap();
    assert_eq!((told.os, told.version, told.supervised), (Os::Ios, Some(Version(16, 4, 1)), Some(true)));
    assert!(!told.shared_ipad && !told.user_channel);
    assert!(target(&device, &enrollment(Kind::User)).is_some_and(|t| t.shared_ipad && t.user_channel));
    let user = target(&device, &enrollment(Kind::UserEnrollment)).unwrap();
    assert_eq!(user.enrolled, Enrolled::User);
    device.platform = Platform::Mac;
    device.os_version = Some("soon".into());
    let mac = target(&device, &enrollment(Kind::User)).unwrap();
    assert_eq!((mac.os, mac.version, mac.shared_ipad, mac.user_channel), (Os::Macos, None, false, true));
}

#[test]
fn verdicts_have_words() {
    let version = Version(26, 4, 0);
    for (verdict, os, said) in [
        (Verdict::Works, None, "works"),
        (Verdict::Deprecated(version), Some(Os::Ios), "deprecated since iOS 26.4"),
        (Verdict::Deprecated(version), None, "deprecated since 26.4"),
        (Verdict::Ignored(Why::NeedsSupervision), None, "ignored: needs supervision"),
        (Verdict::Ignored(Why::NeedsVersion(version)), Some(Os::Macos), "ignored: needs macOS 26.4"),
        (Verdict::Ignored(Why::Removed(version)), None, "ignored: removed in 26.4"),
        (Verdict::Ignored(Why::OtherSystem), Some(Os::Tvos), "ignored: not on tvOS"),
    ] {
        assert_eq!(words(verdict, os), said);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn no_setting_is_counted_for_more_devices_than_there_are(document in any_document()) {
        let fleet = BTreeMap::from([(phone(26, Some(true)), 2), (mac(), 5)]);
        for counted in survey(&document, &fleet) {
            prop_assert!(counted.devices.values().sum::<u64>() <= 7);
        }
    }
}
