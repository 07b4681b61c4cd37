//! Reports: the envelope read strictly, results leniently.

use super::{message, xml};
use crate::wire::plist as plists;
use pomona::wire::mdm::report::{self, ListedApp, ListedProfile, Report, SecurityInfo, Status};
use pomona::wire::plist::Dictionary;
use proptest::prelude::*;

const ID: (&str, &str) = ("UDID", "<string>A-1</string>");

fn both(entries: &[(&str, &str)]) -> Report {
    let [xml, binary] = message(entries);
    let (a, b) = (Report::parse(&xml).unwrap(), Report::parse(&binary).unwrap());
    assert_eq!(format!("{a:?}"), format!("{b:?}"));
    a
}

#[test]
fn the_five_statuses_are_known_and_others_refused() {
    for (word, status) in [
        ("Idle", Status::Idle),
        ("Acknowledged", Status::Acknowledged),
        ("Error", Status::Error),
        ("CommandFormatError", Status::CommandFormatError),
        ("NotNow", Status::NotNow),
    ] {
        let word = format!("<string>{word}</string>");
        let report = both(&[ID, ("Status", &word), ("CommandUUID", "<string>C-1</string>")]);
        assert_eq!(report.status, status);
        assert_eq!(report.command_uuid.is_none(), status == Status::Idle);
    }
    for (entries, wanted) in [
        (vec![ID], "Status is missing"),
        (vec![ID, ("Status", "<string>Fine</string>")], "Status is none of the five"),
        (vec![ID, ("Status", "<integer>1</integer>")], "Status is not a string"),
        (vec![("Status", "<string>Idle</string>")], "neither UDID nor EnrollmentID"),
        (
            vec![ID, ("Status", "<string>Error</string>"), ("CommandUUID", "<array/>")],
            "CommandUUID is not a string",
        ),
    ] {
        let [xml, _] = message(&entries);
        let e = Report::parse(&xml).unwrap_err();
        assert_eq!((e.format, e.reason.as_str()), ("report", wanted));
    }
}

#[test]
fn a_command_uuid_of_ten_megabytes_is_refused() {
    let uuid = format!("<string>{}</string>", "C".repeat(10 << 20));
    let [xml, binary] = message(&[ID, ("Status", "<string>Acknowledged</string>"), ("CommandUUID", &uuid)]);
    for body in [xml, binary] {
        assert!(Report::parse(&body).unwrap_err().reason.contains("longer than 256"));
    }
}

#[test]
fn an_error_without_the_command_it_belongs_to_is_still_a_report() {
    let report = both(&[ID, ("Status", "<string>CommandFormatError</string>")]);
    assert_eq!(report.command_uuid, None);
}

#[test]
fn the_error_chain_is_kept_top_first_and_read_as_far_as_it_goes() {
    let chain = "<array>\
        <dict><key>ErrorCode</key><integer>12021</integer><key>ErrorDomain</key><string>MCMDMErrorDomain</string>\
        <key>LocalizedDescription</key><string>Ung\u{fc}ltig</string>\
        <key>USEnglishDescription</key><string>Invalid</string></dict>\
        <string>no dictionary</string>\
        <dict><key>ErrorCode</key><string>many</string>\
        <key>LocalizedDescription</key><string>Warum</string></dict></array>";
    let errors = both(&[ID, ("Status", "<string>Error</string>"), ("ErrorChain", chain)]).errors;
    assert_eq!(errors.len(), 2);
    assert_eq!(
        (errors[0].code, errors[0].domain.as_str(), errors[0].text.as_str()),
        (12021, "MCMDMErrorDomain", "Invalid")
    );
    assert_eq!((errors[1].code, errors[1].domain.as_str(), errors[1].text.as_str()), (0, "", "Warum"));
    let odd = both(&[ID, ("Status", "<string>Error</string>"), ("ErrorChain", "<string>none</string>")]);
    assert!(odd.errors.is_empty());
    let long = format!("<array>{}</array>", "<dict/>".repeat(100));
    let report = both(&[ID, ("Status", "<string>Error</string>"), ("ErrorChain", &long)]);
    assert_eq!(report.errors.len(), 16);
}

fn body(key: &str, value: &str) -> Dictionary {
    let status = ("Status", "<string>Acknowledged</string>");
    both(&[ID, status, ("CommandUUID", "<string>C-1</string>"), (key, value)]).body
}

#[test]
fn device_information_is_understood_as_far_as_it_is_told() {
    let told = "<dict><key>DeviceName</key><string>Ada's Mac</string><key>OSVersion</key><string>26.1</string>\
        <key>SerialNumber</key><string>C02</string><key>IsSupervised</key><true/>\
        <key>BatteryLevel</key><real>0.5</real><key>DeviceCapacity</key><integer>256</integer>\
        <key>AvailableDeviceCapacity</key><real>12.5</real><key>WiFiMAC</key><string>00:11:22:33:44:55</string>\
        <key>ServiceSubscriptions</key><array><dict/><dict><key>IMEI</key><string>35</string></dict></array></dict>";
    let info = report::device_information(&body("QueryResponses", told)).unwrap();
    assert_eq!(info.device_name.as_deref(), Some("Ada's Mac"));
    assert_eq!((info.supervised, info.battery), (Some(true), Some(0.5)));
    assert_eq!((info.capacity_gb, info.available_gb), (Some(256.0), Some(12.5)));
    assert_eq!((info.imei.as_deref(), info.model), (Some("35"), None));

    let odd = "<dict><key>DeviceName</key><integer>1</integer><key>BatteryLevel</key><real>-1</real>\
        <key>OSVersion</key><string>26.1</string></dict>";
    let info = report::device_information(&body("QueryResponses", odd)).unwrap();
    assert_eq!((info.device_name, info.battery, info.os_version.as_deref()), (None, None, Some("26.1")));
    assert!(report::device_information(&body("Other", "<dict/>")).is_err());
    assert!(report::device_information(&body("QueryResponses", "<array/>")).is_err());
}

#[test]
fn a_text_of_any_length_is_cut_at_a_character() {
    let long = format!("<dict><key>DeviceName</key><string>{}</string></dict>", "\u{1f34e}".repeat(400));
    let info = report::device_information(&body("QueryResponses", &long)).unwrap();
    assert_eq!(info.device_name.unwrap(), "\u{1f34e}".repeat(256));
}

#[test]
fn security_information_is_understood() {
    let told = "<dict><key>FDE_Enabled</key><false/><key>HardwareEncryptionCaps</key><integer>3</integer>\
        <key>PasscodePresent</key><true/></dict>";
    let info = report::security_info(&body("SecurityInfo", told)).unwrap();
    let wanted = SecurityInfo {
        fde_enabled: Some(false),
        hardware_encryption_caps: Some(3),
        passcode_present: Some(true),
        passcode_compliant: None,
    };
    assert_eq!(info, wanted);
    assert!(report::security_info(&Dictionary::new()).is_err());
}

#[test]
fn lists_are_understood_entry_by_entry() {
    let profiles = "<array><dict><key>PayloadIdentifier</key><string>org.a</string>\
        <key>PayloadUUID</key><string>U</string><key>IsManaged</key><true/></dict>\
        <dict><key>PayloadUUID</key><string>no identifier</string></dict><true/></array>";
    let read = report::profile_list(&body("ProfileList", profiles)).unwrap();
    let wanted = ListedProfile {
        identifier: "org.a".into(),
        uuid: Some("U".into()),
        name: None,
        managed: Some(true),
        source: None,
    };
    assert_eq!(read, [wanted]);

    let certificates = "<array><dict><key>CommonName</key><string>Device</string><key>IsIdentity</key><true/>\
        <key>Data</key><data>MAA=</data></dict><dict><key>CommonName</key><string>none</string></dict></array>";
    let read = report::certificate_list(&body("CertificateList", certificates)).unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!(
        (read[0].common_name.as_str(), read[0].is_identity, &read[0].der[..]),
        ("Device", true, &[0x30, 0][..])
    );

    let apps = "<array><dict><key>Identifier</key><string>org.a</string><key>Name</key><string>A</string>\
        <key>Version</key><string>100</string><key>ShortVersion</key><string>1.0</string></dict>\
        <dict><key>Name</key><string>B</string><key>Version</key><string>2</string></dict>\
        <dict><key>Identifier</key><string>org.c</string></dict><dict/></array>";
    let read = report::installed_application_list(&body("InstalledApplicationList", apps)).unwrap();
    let app = |identifier: Option<&str>, name: &str, version: Option<&str>| ListedApp {
        identifier: identifier.map(String::from),
        name: name.into(),
        version: version.map(String::from),
    };
    let wanted =
        [app(Some("org.a"), "A", Some("1.0")), app(None, "B", Some("2")), app(Some("org.c"), "org.c", None)];
    assert_eq!(read, wanted);
    for empty in [
        report::profile_list(&Dictionary::new()).is_err(),
        report::certificate_list(&Dictionary::new()).is_err(),
    ] {
        assert!(empty);
    }
    assert!(report::installed_application_list(&body("InstalledApplicationList", "<dict/>")).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn arbitrary_results_are_understood_or_refused(
        key in prop::sample::select(&["QueryResponses", "SecurityInfo", "ProfileList", "CertificateList",
            "InstalledApplicationList", "ErrorChain"][..]),
        inside in prop::sample::select(&["DeviceName", "BatteryLevel", "PayloadIdentifier", "Name", "Data", "ErrorCode"][..]),
        value in plists::any_value(),
        listed in any::<bool>(),
    ) {
        use pomona::wire::plist::Value;
        let mut d = Dictionary::new();
        d.insert("UDID".into(), Value::String("A-1".into()));
        d.insert("Status".into(), Value::String("Acknowledged".into()));
        let inner = Value::Dictionary(Dictionary::from_iter([(inside.to_string(), value)]));
        d.insert(key.into(), if listed { Value::Array(vec![inner]) } else { inner });
        let report = Report::parse(&xml(&d)).unwrap();
        let _ = report::device_information(&report.body);
        let _ = report::security_info(&report.body);
        let _ = report::profile_list(&report.body);
        let _ = report::certificate_list(&report.body);
        let _ = report::installed_application_list(&report.body);
    }
}
