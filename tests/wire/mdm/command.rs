//! Commands as they are written, read back and shown.

use super::xml;
use crate::wire::plist as plists;
use pomona::wire::Secret;
use pomona::wire::mdm::command::{Request, envelope, parse_envelope, redacted};
use pomona::wire::mdm::push;
use pomona::wire::plist::{self, Dictionary, Limits, Value};
use proptest::prelude::*;

/// The `Command` dictionary without its document, for eyes.
fn written(request: &Request) -> String {
    let text = String::from_utf8(xml(&request.to_dictionary())).unwrap();
    let start = text.find("<dict>").unwrap();
    text[start..].replace(['\n', '\t'], "").replace("</plist>", "")
}

#[test]
fn every_request_is_written_with_apples_keys_and_types() {
    let secret = |text: &str| Secret::new(text.as_bytes());
    let table: Vec<(Request, &str)> = vec![
        (Request::SecurityInfo, ""),
        (Request::ProfileList, ""),
        (Request::CertificateList, ""),
        (Request::InstalledApplicationList, ""),
        (Request::ShutDownDevice, ""),
        (Request::DeviceConfigured, ""),
        (
            Request::DeviceInformation { queries: vec!["UDID".into(), "OSVersion".into()] },
            "<key>Queries</key><array><string>UDID</string><string>OSVersion</string></array>",
        ),
        (
            Request::InstallProfile { payload: secret("<plist>") },
            "<key>Payload</key><data>PHBsaXN0Pg==</data>",
        ),
        (
            Request::RemoveProfile { identifier: "org.a".into() },
            "<key>Identifier</key><string>org.a</string>",
        ),
        (Request::DeviceLock { pin: None, message: None, phone_number: None }, ""),
        (
            Request::DeviceLock {
                pin: Some(secret("012345")),
                message: Some("Lost & found".into()),
                phone_number: Some("+1".into()),
            },
            "<key>PIN</key><string>012345</string><key>Message</key><string>Lost &amp; found</string>\
             <key>PhoneNumber</key><string>+1</string>",
        ),
        (
            Request::ClearPasscode { unlock_token: Secret::new([0, 255]) },
            "<key>UnlockToken</key><data>AP8=</data>",
        ),
        (
            Request::EraseDevice {
                pin: None,
                preserve_data_plan: Some(false),
                disallow_proximity_setup: Some(true),
                obliteration_behavior: Some("DoNotObliterate".into()),
            },
            "<key>PreserveDataPlan</key><false/><key>DisallowProximitySetup</key><true/>\
             <key>ObliterationBehavior</key><string>DoNotObliterate</string>",
        ),
        (
            Request::EraseDevice {
                pin: Some(secret("012345")),
                preserve_data_plan: None,
                disallow_proximity_setup: None,
                obliteration_behavior: None,
            },
            "<key>PIN</key><string>012345</string>",
        ),
        (Request::RestartDevice { notify_user: None }, ""),
        (Request::RestartDevice { notify_user: Some(false) }, "<key>NotifyUser</key><false/>"),
    ];
    for (request, rest) in table {
        let wanted =
            format!("<dict><key>RequestType</key><string>{}</string>{rest}</dict>", request.request_type());
        assert_eq!(written(&request), wanted);
    }
}

#[test]
fn a_message_carries_its_uuid_and_its_command() {
    let command = Request::RemoveProfile { identifier: "org.a".into() }.to_dictionary();
    let body = envelope("C-1", &command);
    let (uuid, read) = parse_envelope(&body).unwrap();
    assert_eq!((uuid.as_str(), &read), ("C-1", &command));
    for (document, wanted) in [
        ("<dict><key>CommandUUID</key><string>a</string></dict>", "Command is missing"),
        ("<dict><key>Command</key><dict/></dict>", "CommandUUID is missing"),
        (
            "<dict><key>CommandUUID</key><string>a</string><key>Command</key><dict/></dict>",
            "RequestType is missing",
        ),
        (
            "<dict><key>CommandUUID</key><string>a</string><key>Command</key><array/></dict>",
            "Command is missing",
        ),
    ] {
        let e = parse_envelope(&plists::document(document)).unwrap_err();
        assert!(e.format == "command" && e.reason.contains(wanted), "{document}: {e}");
    }
}

#[test]
fn a_command_written_by_hand_is_taken_whole_or_as_its_inner_part() {
    let inner = "<dict><key>RequestType</key><string>Settings</string><key>Settings</key><array><dict>\
                 <key>Item</key><string>Bluetooth</string><key>Enabled</key><false/></dict></array></dict>";
    let whole = format!("<dict><key>Command</key>{inner}<key>CommandUUID</key><string>mine</string></dict>");
    let a = Request::from_plist(&plists::document(inner)).unwrap();
    let b = Request::from_plist(&plists::document(&whole)).unwrap();
    assert_eq!(a, b);
    assert_eq!(a.request_type(), "Settings");
    assert!(written(&a).contains("<key>Enabled</key><false/>"));
    for wrong in
        ["<dict/>", "<dict><key>Command</key><dict/></dict>", "<dict><key>RequestType</key><true/></dict>"]
    {
        assert_eq!(Request::from_plist(&plists::document(wrong)).unwrap_err().format, "command");
    }
    assert!(Request::from_plist(b"no").is_err());
}

#[test]
fn cm_purchase_method_zero() {
    let command = "<dict><key>RequestType</key><string>InstallApplication</string>\
                   <key>Options</key><dict><key>PurchaseMethod</key><integer>0</integer></dict></dict>";
    let request = Request::from_plist(&plists::document(command)).unwrap();
    assert!(written(&request).contains("<key>PurchaseMethod</key><integer>0</integer>"));
}

#[test]
fn all_device_information_asks_each_question_once() {
    let Request::DeviceInformation { queries } = Request::all_device_information() else { panic!() };
    let mut distinct = queries.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), queries.len());
    for query in
        ["DeviceName", "OSVersion", "SerialNumber", "BatteryLevel", "IsSupervised", "ServiceSubscriptions"]
    {
        assert!(queries.iter().any(|q| q == query), "{query}");
    }
}

#[test]
fn cm_secret_redaction() {
    let command = plist::parse_dictionary(
        &plists::document(
            "<dict><key>RequestType</key><string>Anything</string><key>PIN</key><string>hunter2</string>\
             <key>UnlockToken</key><data>aHVudGVyMg==</data><key>passwordHash</key><data>aHVudGVyMg==</data>\
             <key>NewPassword</key><string>hunter2</string><key>Payload</key><data>aHVudGVyMg==</data>\
             <key>Nested</key><dict><key>List</key><array><dict><key>sharedSecret</key><string>hunter2</string>\
             <key>Challenge</key><string>hunter2</string></dict></array></dict>\
             <key>Passwords</key><array><string>hunter2</string></array>\
             <key>PushMagic</key><dict><key>hunter2</key><string>hunter2</string></dict>\
             <key>PasscodePresent</key><true/><key>Message</key><string>Call us</string></dict>",
        ),
        Limits::DEVICE,
    )
    .unwrap();
    let shown = String::from_utf8(xml(&redacted(&command))).unwrap();
    assert!(!shown.contains("hunter2") && !shown.contains("aHVudGVyMg"), "{shown}");
    assert!(shown.contains("&lt;secret: 7 bytes&gt;"));
    assert!(shown.contains("Call us") && shown.contains("<key>PasscodePresent</key>\n\t<true/>"), "{shown}");
    let number = Dictionary::from_iter([("PIN".to_string(), Value::Integer(123_456.into()))]);
    assert_eq!(redacted(&number).get("PIN").unwrap().as_string(), Some("<secret: 6 bytes>"));
}

#[test]
fn a_push_says_the_magic_and_nothing_else() {
    assert_eq!(push::payload(&Secret::new("6C2E-44")).expose(), br#"{"mdm":"6C2E-44"}"#);
    assert_eq!(push::payload(&Secret::new("a\"b\\c")).expose(), br#"{"mdm":"a\"b\\c"}"#);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn arbitrary_commands_are_carried_and_shown_without_their_secrets(
        key in prop::sample::select(&["PIN", "Payload", "unlocktoken", "Challenge", "Message"][..]),
        value in plists::any_value(),
    ) {
        let mut command = Request::SecurityInfo.to_dictionary();
        command.insert(key.into(), Value::Array(vec![value]));
        let (_, read) = parse_envelope(&envelope("C-1", &command)).unwrap();
        prop_assert!(plists::same(&Value::Dictionary(read), &Value::Dictionary(command.clone())));
        let shown = redacted(&command);
        if key != "Message" {
            prop_assert_eq!(shown.get(key).unwrap().as_string(), Some("<secret>"));
        }
    }
}
