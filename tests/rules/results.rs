//! What an answer changes.

use pomona::model::Time;
use pomona::model::device::{Device, Inventory, Platform};
use pomona::model::enrollment::EnrollmentId;
use pomona::rules::results::{Understood, apply_to_device, apply_to_inventory, introduce, understand};
use pomona::wire::mdm::checkin::Authenticate;
use pomona::wire::mdm::report::{DeviceInformation, SecurityInfo};
use pomona::wire::plist::{Dictionary, Value};

const NOW: Time = Time::from_secs(1_795_000_000);

fn device() -> Device {
    Device::unknown(EnrollmentId::parse("D").expect("an id"))
}

#[test]
fn what_an_authenticate_leaves_out_stays_as_it_was() {
    let mut one = device();
    let full = Authenticate {
        device_name: Some("Ada's iPad".into()),
        serial: Some("S1".into()),
        product: Some("iPad13,1".into()),
        os_version: Some("26.1".into()),
        ..Authenticate::default()
    };
    introduce(&mut one, &full);
    assert_eq!((one.name.as_str(), one.platform), ("Ada's iPad", Platform::IPad));
    let before = one.clone();
    introduce(&mut one, &Authenticate::default());
    assert_eq!(one, before);
    introduce(&mut one, &Authenticate { device_name: Some("  ".into()), ..Authenticate::default() });
    assert_eq!(one.name, "Ada's iPad");
}

#[test]
fn a_name_as_long_as_a_book_is_cut() {
    let mut one = device();
    introduce(&mut one, &Authenticate { device_name: Some("é".repeat(10_000)), ..Authenticate::default() });
    assert_eq!(one.name.chars().count(), 256);
}

#[test]
fn an_unknown_battery_is_not_a_negative_one() {
    let mut one = device();
    let level =
        |battery| Understood::Information(Box::new(DeviceInformation { battery, ..Default::default() }));
    apply_to_device(&mut one, &level(Some(0.25)), NOW);
    assert_eq!(one.battery, Some(0.25));
    apply_to_device(&mut one, &level(None), NOW);
    assert_eq!(one.battery, Some(0.25), "it did not say");
    apply_to_device(&mut one, &level(Some(-1.0)), NOW);
    assert_eq!(one.battery, None);
}

#[test]
fn encryption_means_filevault_on_a_mac_and_a_passcode_elsewhere() {
    let security = |fde, caps, passcode| {
        Understood::Security(SecurityInfo {
            fde_enabled: fde,
            hardware_encryption_caps: caps,
            passcode_present: passcode,
            ..SecurityInfo::default()
        })
    };
    let told = |platform, said| {
        let mut one = Device { platform, ..device() };
        apply_to_device(&mut one, &said, NOW);
        one.encrypted
    };
    assert_eq!(told(Platform::Mac, security(Some(true), None, None)), Some(true));
    assert_eq!(told(Platform::Mac, security(Some(false), None, None)), Some(false));
    assert_eq!(told(Platform::IPhone, security(None, Some(3), Some(true))), Some(true));
    assert_eq!(told(Platform::IPhone, security(None, Some(3), Some(false))), Some(false));
    assert_eq!(told(Platform::IPhone, security(None, Some(1), Some(true))), Some(false));
    assert_eq!(told(Platform::IPhone, security(None, None, None)), None);
}

#[test]
fn a_list_replaces_the_former_list_and_carries_its_time() {
    let mut lists = Inventory::default();
    assert!(apply_to_inventory(&mut lists, Understood::Profiles(vec![]), NOW));
    assert!(apply_to_inventory(&mut lists, Understood::Profiles(vec![]), NOW.plus_secs(5)));
    assert_eq!(lists.profiles, Some((NOW.plus_secs(5), vec![])));
    assert!(!apply_to_inventory(&mut lists, Understood::Nothing, NOW));
}

#[test]
fn an_answer_that_apple_does_not_document_is_told_and_not_guessed() {
    let mut body = Dictionary::new();
    body.insert("ProfileList".into(), Value::String("no list".into()));
    body.insert("QueryResponses".into(), Value::Array(vec![]));
    body.insert("CertificateList".into(), Value::Boolean(true));
    body.insert("InstalledApplicationList".into(), 7.into());
    body.insert("SecurityInfo".into(), 7.into());
    for question in
        ["ProfileList", "DeviceInformation", "CertificateList", "InstalledApplicationList", "SecurityInfo"]
    {
        assert!(understand(question, &body).is_err(), "{question}");
    }
    assert_eq!(understand("RestartDevice", &body), Ok(Understood::Nothing));
}
