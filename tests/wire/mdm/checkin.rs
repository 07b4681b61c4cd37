//! Check-ins as devices, and as simulators of other people, send them.

use super::{message, xml};
use crate::wire::plist as plists;
use pomona::wire::Secret;
use pomona::wire::mdm::checkin::{
    Authenticate, CheckIn, Message, TokenUpdate, bootstrap_reply, return_to_service_refusal,
};
use pomona::wire::mdm::{Channel, ChannelKind, SHARED_IPAD_USER};
use pomona::wire::plist::{self, Limits};
use proptest::prelude::*;

const UDID: &str = "00008020-000123456789ABCD";

fn both(entries: &[(&str, &str)]) -> CheckIn {
    let [xml, binary] = message(entries);
    let (a, b) = (CheckIn::parse(&xml).unwrap(), CheckIn::parse(&binary).unwrap());
    assert_eq!(format!("{a:?}"), format!("{b:?}"));
    a
}

fn refusal(entries: &[(&str, &str)]) -> String {
    let [xml, binary] = message(entries);
    let e = CheckIn::parse(&xml).unwrap_err();
    assert_eq!(e.format, "check-in");
    assert_eq!(CheckIn::parse(&binary).unwrap_err(), e);
    e.reason
}

fn string(text: &str) -> String {
    format!("<string>{text}</string>")
}

#[test]
fn the_id_keys_are_normalized() {
    let udid = format!("<string>{UDID}</string>");
    let shared = string(SHARED_IPAD_USER);
    type Row<'a> = (&'a [(&'a str, &'a str)], &'a str, ChannelKind, &'a str);
    let table: &[Row<'_>] = &[
        (&[("UDID", &udid)], UDID, ChannelKind::Device, UDID),
        (
            &[
                ("UDID", &udid),
                ("UserID", "<string>5D9A-1</string>"),
                ("UserShortName", "<string>eve</string>"),
            ],
            "00008020-000123456789ABCD:5D9A-1",
            ChannelKind::User,
            UDID,
        ),
        (
            &[("UDID", &udid), ("UserID", &shared), ("UserShortName", "<string>eve@example.org</string>")],
            "00008020-000123456789ABCD:eve@example.org",
            ChannelKind::User,
            UDID,
        ),
        (&[("EnrollmentID", "<string>E-1</string>")], "E-1", ChannelKind::UserEnrollment, "E-1"),
        (
            &[("EnrollmentID", "<string>E-1</string>"), ("EnrollmentUserID", "<string>V</string>")],
            "E-1:V",
            ChannelKind::UserEnrollmentUser,
            "E-1",
        ),
        (&[("EnrollmentID", "<string>E-1</string>"), ("UDID", &udid)], UDID, ChannelKind::Device, UDID),
    ];
    for (keys, id, kind, device) in table {
        let entries = [&[("MessageType", "<string>CheckOut</string>")], *keys].concat();
        let channel = both(&entries).channel;
        assert_eq!((channel.id.as_str(), channel.kind, channel.device_id()), (*id, *kind, *device));
    }
}

#[test]
fn ids_that_are_none_are_refused() {
    let long = string(&"a".repeat(65));
    let shared = string(SHARED_IPAD_USER);
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[], "neither UDID nor EnrollmentID"),
        (&[("UserID", "<string>U</string>")], "neither UDID nor EnrollmentID"),
        (&[("UDID", "<string/>")], "UDID is not 1 to 64"),
        (&[("UDID", &long)], "UDID is not 1 to 64"),
        (&[("UDID", "<string>a:b</string>")], "UDID is not 1 to 64"),
        (&[("UDID", "<string>a/../b</string>")], "UDID is not 1 to 64"),
        (&[("UDID", "<string>\u{e9}</string>")], "UDID is not 1 to 64"),
        (&[("UDID", "<array><string>a</string></array>")], "UDID is not a string"),
        (&[("UDID", "<integer>1</integer>")], "UDID is not a string"),
        (&[("UDID", "<string>a</string>"), ("UserID", "<string>b:c</string>")], "UserID is not 1 to 64"),
        (&[("UDID", "<string>a</string>"), ("UserID", &shared)], "without UserShortName"),
        (&[("EnrollmentID", "<string>a b</string>")], "EnrollmentID is not 1 to 64"),
    ];
    for (keys, wanted) in table {
        let entries = [&[("MessageType", "<string>CheckOut</string>")], *keys].concat();
        let reason = refusal(&entries);
        assert!(reason.contains(wanted), "{keys:?}: {reason}");
    }
    let twice = plists::document(
        "<dict><key>MessageType</key><string>CheckOut</string>\
         <key>UDID</key><string>a</string><key>UDID</key><string>b</string></dict>",
    );
    assert!(CheckIn::parse(&twice).unwrap_err().reason.contains("stands twice"));
}

#[test]
fn an_authenticate_needs_its_topic_and_an_id_and_nothing_else() {
    let topic = ("Topic", "<string>com.apple.mgmt.External.1</string>");
    let least = [("MessageType", "<string>Authenticate</string>"), topic, ("UDID", "<string>A-1</string>")];
    let Message::Authenticate(a) = both(&least).message else { panic!() };
    let wanted = Authenticate {
        topic: "com.apple.mgmt.External.1".into(),
        udid: Some("A-1".into()),
        ..Authenticate::default()
    };
    assert_eq!(a, wanted);
    assert_eq!(refusal(&[least[0], least[2]]), "Topic is missing");

    let all = [
        &least[..],
        &[
            ("DeviceName", "<string>Ada's iPad</string>"),
            ("Model", "<string>MNY33LL/A</string>"),
            ("ModelName", "<string>iPad</string>"),
            ("OSVersion", "<string>26.1</string>"),
            ("BuildVersion", "<string>23B85</string>"),
            ("ProductName", "<string>iPad14,1</string>"),
            ("SerialNumber", "<string>DMPX</string>"),
            ("IMEI", "<string>35 123456 123456 1</string>"),
            ("MEID", "<string>35123456123456</string>"),
            ("Challenge", "<data>AAAA</data>"),
            ("SomethingNew", "<dict><key>a</key><array/></dict>"),
        ],
    ]
    .concat();
    let Message::Authenticate(a) = both(&all).message else { panic!() };
    assert_eq!(a.device_name.as_deref(), Some("Ada's iPad"));
    assert_eq!(a.serial.as_deref(), Some("DMPX"));
    assert_eq!(a.meid.as_deref(), Some("35123456123456"));
}

#[test]
fn fields_longer_than_devices_send_are_refused() {
    let base = [
        ("MessageType", "<string>Authenticate</string>"),
        ("Topic", "<string>t</string>"),
        ("UDID", "<string>A-1</string>"),
    ];
    for (key, most) in [("SerialNumber", 32), ("DeviceName", 256), ("OSVersion", 256), ("IMEI", 64)] {
        let fits = string(&"x".repeat(most));
        both(&[&base[..], &[(key, fits.as_str())]].concat());
        let long = string(&"x".repeat(most + 1));
        let reason = refusal(&[&base[..], &[(key, long.as_str())]].concat());
        assert_eq!(reason, format!("{key} is longer than {most} bytes"));
    }
    assert_eq!(
        refusal(&[&base[..], &[("SerialNumber", "<array/>")]].concat()),
        "SerialNumber is not a string"
    );
}

#[test]
fn a_token_update_is_read_with_the_tolerance_that_peers_need() {
    let token = "<data>ZmFrZVRva2Vu</data>";
    let base = [
        ("MessageType", "<string>TokenUpdate</string>"),
        ("Topic", "<string>t</string>"),
        ("UDID", "<string>A-1</string>"),
        ("PushMagic", "<string>magic</string>"),
        ("Token", token),
    ];
    let read = |more: &[(&str, &str)]| match both(&[&base[..], more].concat()).message {
        Message::TokenUpdate(t) => t,
        other => panic!("{other:?}"),
    };
    let least = TokenUpdate {
        topic: "t".into(),
        magic: Secret::new("magic"),
        token: Secret::new("fakeToken"),
        unlock_token: None,
        awaiting: false,
        not_on_console: false,
    };
    assert_eq!(read(&[]), least);
    assert_eq!(read(&[("NotOnConsole", "<string>false</string>")]), least);
    assert_eq!(read(&[("UnlockToken", "<data/>")]), least);
    assert!(read(&[("NotOnConsole", "<string>true</string>")]).not_on_console);
    assert!(read(&[("AwaitingConfiguration", "<true/>")]).awaiting);
    let large = format!("<data>{}</data>", "AAAA".repeat(65536 / 3));
    assert_eq!(read(&[("UnlockToken", &large)]).unlock_token.unwrap().len(), 65535);
    let larger = format!("<data>{}</data>", "AAAA".repeat(65536 / 3 + 1));
    let reason = refusal(&[&base[..], &[("UnlockToken", larger.as_str())]].concat());
    assert_eq!(reason, "UnlockToken is longer than 65536 bytes");
    for missing in ["Topic", "PushMagic", "Token"] {
        let rest: Vec<_> = base.iter().copied().filter(|(key, _)| *key != missing).collect();
        assert_eq!(refusal(&rest), format!("{missing} is missing"));
    }
    let text = [&base[..4], &[("Token", "<string>abc</string>")]].concat();
    assert_eq!(refusal(&text), "Token is not data");
}

#[test]
fn the_other_messages_say_what_they_say() {
    let id = ("UDID", "<string>A-1</string>");
    let say = |kind: &str, more: &[(&str, &str)]| {
        let kind = string(kind);
        both(&[&[("MessageType", kind.as_str()), id], more].concat()).message
    };
    assert!(matches!(say("CheckOut", &[]), Message::CheckOut));
    assert!(matches!(say("GetBootstrapToken", &[]), Message::GetBootstrapToken));
    assert!(matches!(say("ReturnToService", &[]), Message::ReturnToService));
    let nothing = |m| matches!(m, Message::SetBootstrapToken { token: None, awaiting: false });
    assert!(nothing(say("SetBootstrapToken", &[])));
    assert!(nothing(say("SetBootstrapToken", &[("BootstrapToken", "<data/>")])));
    let more = [("BootstrapToken", "<data>AQI=</data>"), ("AwaitingConfiguration", "<true/>")];
    let Message::SetBootstrapToken { token, awaiting } = say("SetBootstrapToken", &more) else { panic!() };
    assert_eq!((token.unwrap().expose(), awaiting), (&[1u8, 2][..], true));
    let service = say("GetToken", &[("TokenServiceType", "<string>com.apple.maid</string>")]);
    assert!(matches!(service, Message::GetToken { service } if service == "com.apple.maid"));
    let declared = [("Endpoint", "<string>status</string>"), ("Data", "<data>e30=</data>")];
    let said = say("DeclarativeManagement", &declared);
    assert!(
        matches!(said, Message::DeclarativeManagement { endpoint, data: Some(d) } if endpoint == "status" && d == b"{}")
    );
    let digest = say(
        "UserAuthenticate",
        &[("UserID", "<string>U</string>"), ("DigestResponse", "<string>d</string>")],
    );
    assert!(matches!(digest, Message::UserAuthenticate { digest_response: Some(d) } if d.expose() == b"d"));
    assert!(matches!(say("Foo", &[]), Message::Unknown(kind) if kind == "Foo"));
    assert_eq!(refusal(&[id]), "MessageType is missing");
    assert_eq!(refusal(&[("MessageType", "<string>GetToken</string>"), id]), "TokenServiceType is missing");
}

#[test]
fn nothing_secret_is_printed() {
    let message = both(&[
        ("MessageType", "<string>TokenUpdate</string>"),
        ("Topic", "<string>t</string>"),
        ("UDID", "<string>A-1</string>"),
        ("PushMagic", "<string>abracadabra</string>"),
        ("Token", "<data>ZmFrZVRva2Vu</data>"),
        ("UnlockToken", "<data>ZmFrZVRva2Vu</data>"),
    ]);
    let printed = format!("{message:?}");
    assert!(!printed.contains("abracadabra") && !printed.contains("102, 97"), "{printed}");
}

#[test]
fn the_replies_are_what_apple_documents() {
    let token = Secret::new((0u8..48).collect::<Vec<_>>());
    let reply = plist::parse_dictionary(&bootstrap_reply(&token), Limits::DEVICE).unwrap();
    assert_eq!(reply.keys().collect::<Vec<_>>(), ["BootstrapToken"]);
    assert_eq!(plist::data(&reply, "BootstrapToken").unwrap(), Some(token.expose()));
    let reply = plist::parse_dictionary(&return_to_service_refusal(), Limits::DEVICE).unwrap();
    let inside = plist::dictionary(&reply, "ReturnToService").unwrap().unwrap();
    assert_eq!(plist::boolean(inside, "Enabled").unwrap(), Some(false));
}

fn channel() -> impl Strategy<Value = Channel> {
    let id = "[0-9A-Za-z-]{1,64}";
    let name = "[ -~]{1,20}";
    let long = || proptest::option::of("[ -~]{1,20}");
    prop_oneof![
        (id, long()).prop_map(|(id, user_long_name)| (id, ChannelKind::Device, None, user_long_name)),
        (id, "[0-9A-F-]{1,36}", proptest::option::of("[a-z]{1,8}"), long())
            .prop_filter("a Shared iPad's user is told by its short name", |(_, user, short, _)| {
                short.as_ref() != Some(user) && user != SHARED_IPAD_USER
            })
            .prop_map(|(id, user, short, long)| (format!("{id}:{user}"), ChannelKind::User, short, long)),
        (id, name).prop_map(|(id, n)| (format!("{id}:{n}"), ChannelKind::User, Some(n), None)),
        id.prop_map(|id| (id, ChannelKind::UserEnrollment, None, None)),
        (id, id).prop_map(|(id, user)| (format!("{id}:{user}"), ChannelKind::UserEnrollmentUser, None, None)),
    ]
    .prop_map(|(id, kind, user_short_name, user_long_name)| Channel {
        id,
        kind,
        user_short_name,
        user_long_name,
    })
}

fn any_message() -> impl Strategy<Value = Message> {
    let name = || "[ -~]{1,40}";
    let maybe = || proptest::option::of("[ -~]{1,30}");
    let bytes = || proptest::collection::vec(any::<u8>(), 1..80).prop_map(Secret::new);
    prop_oneof![
        (name(), maybe(), maybe(), maybe(), maybe()).prop_map(|(topic, a, b, c, d)| {
            let rest = Authenticate {
                topic,
                device_name: a,
                model: b,
                os_version: c,
                serial: d,
                ..Default::default()
            };
            Message::Authenticate(rest)
        }),
        (name(), name(), bytes(), proptest::option::of(bytes()), any::<bool>(), any::<bool>()).prop_map(
            |(topic, magic, token, unlock_token, awaiting, not_on_console)| {
                let magic = magic.into();
                Message::TokenUpdate(TokenUpdate {
                    topic,
                    magic,
                    token,
                    unlock_token,
                    awaiting,
                    not_on_console,
                })
            }
        ),
        Just(Message::CheckOut),
        (proptest::option::of(bytes()), any::<bool>())
            .prop_map(|(token, awaiting)| Message::SetBootstrapToken { token, awaiting }),
        Just(Message::GetBootstrapToken),
        name().prop_map(|service| Message::GetToken { service }),
        proptest::option::of(name())
            .prop_map(|digest| Message::UserAuthenticate { digest_response: digest.map(Secret::from) }),
        (name(), proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40)))
            .prop_map(|(endpoint, data)| Message::DeclarativeManagement { endpoint, data }),
        Just(Message::ReturnToService),
        "[A-Z][a-z]{20}".prop_map(Message::Unknown),
    ]
}

/// `Debug` of secrets tells their length only, so their bytes are compared in the written form.
fn same(a: &CheckIn, b: &CheckIn) -> bool {
    a.channel == b.channel && xml(&a.to_dictionary()) == xml(&b.to_dictionary())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn what_a_simulated_device_writes_is_what_the_server_reads(channel in channel(), message in any_message()) {
        let mut sent = CheckIn { channel, message };
        if let Message::Authenticate(a) = &mut sent.message
            && matches!(sent.channel.kind, ChannelKind::Device | ChannelKind::User)
        {
            a.udid = Some(sent.channel.id.split(':').next().unwrap().to_string());
        }
        let got = CheckIn::parse(&xml(&sent.to_dictionary())).unwrap();
        prop_assert!(same(&got, &sent), "{got:?}");
        prop_assert_eq!(format!("{:?}", got.message), format!("{:?}", sent.message));
    }

    #[test]
    fn arbitrary_check_ins_are_read_or_refused(
        kind in prop::sample::select(&["Authenticate", "TokenUpdate", "SetBootstrapToken", "GetToken", "x"][..]),
        entries in proptest::collection::btree_map(
            prop::sample::select(&["UDID", "UserID", "EnrollmentID", "UserShortName", "Topic", "Token", "PushMagic",
                "UnlockToken", "NotOnConsole", "SerialNumber", "TokenServiceType"][..]),
            plists::any_value(),
            0..8,
        ),
    ) {
        let mut d = plist::Dictionary::new();
        d.insert("MessageType".into(), plist::Value::String(kind.into()));
        d.extend(entries.into_iter().map(|(key, value)| (key.to_string(), value)));
        if let Ok(read) = CheckIn::parse(&xml(&d)) {
            prop_assert!(!read.channel.id.is_empty() && read.channel.id.len() <= 64 + 1 + 256);
        }
    }
}
