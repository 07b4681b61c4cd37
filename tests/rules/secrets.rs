//! What nobody may see again.

use super::documents::{
    any_document, documented, office, payload, place, places, profile, same, stamp, text,
};
use pomona::catalog::{Kind, catalog};
use pomona::model::document::Change;
use pomona::rules::document::apply;
use pomona::rules::secrets::{self, MARK, is_secret, redacted, restore, speaks, stamps};
use pomona::wire::plist::Value;
use proptest::prelude::*;

fn told(document: &pomona::wire::profile::Document) -> Vec<String> {
    secrets::places(document).iter().map(ToString::to_string).collect()
}

#[test]
fn what_a_payload_is_known_by_is_never_hidden() {
    let file = String::from_utf8(office().to_xml()).unwrap();
    let file = file.replace("com.apple.wifi.managed", "comPRIVATE KEY-----ged");
    let document = pomona::wire::profile::Document::read(file.as_bytes()).unwrap();
    let mut edited = redacted(&document);
    assert_eq!(edited.payloads()[0].payload_type(), "comPRIVATE KEY-----ged");
    restore(&mut edited, &document);
    assert!(edited == document, "what was hidden comes back");
}

#[test]
fn names_speak_of_secrets() {
    for secret in [
        "Password",
        "UserPassword",
        "passphrase",
        "wifi_psk",
        "PSK",
        "SharedSecret",
        "client-secret",
        "PrivateKey",
        "private_key",
        "ApiKey",
        "EnrollmentToken",
        "token",
        "PIN",
        "unlockPin",
        "Challenge",
        "password2",
        "PASSWORD",
        "SSOPassword",
        "AuthPassphrase1",
        "Credentials",
        "license_key",
        "proxyPwd",
    ] {
        assert!(speaks(secret), "{secret}");
    }
    for open in [
        "",
        "UserName",
        "PasswordPolicy",
        "passwordHint",
        "TokenURL",
        "TokenType",
        "pinLength",
        "Shipping",
        "Spinning",
        "Opinion",
        "PasswordRequired",
        "secretName",
        "Key",
        "PublicKey",
        "keyboard",
        "challengeType",
        "Ping",
        "123",
    ] {
        assert!(!speaks(open), "{open}");
    }
}

#[test]
fn the_catalog_decides_and_names_only_where_it_is_silent() {
    let d = profile(&[
        payload(
            "com.apple.wifi.managed",
            "W",
            "<key>Password</key><string>s1</string><key>SSID_STR</key><string>Office</string>\
             <key>EAPClientConfiguration</key><dict><key>UserPassword</key><string>s2</string></dict>\
             <key>VendorToken</key><string>s3</string>",
        ),
        payload(
            "com.vendor.agent",
            "V",
            "<key>Settings</key><dict><key>Secrets</key><array><string>s4</string><dict><key>any</key>\
             <string>s5</string></dict></array><key>useToken</key><true/><key>pin</key><integer>42</integer></dict>\
             <key>pem</key><string>-----BEGIN PRIVATE KEY-----</string><key>p12</key><data>MIIBAAIBAzA=</data>",
        ),
        payload("com.apple.applicationaccess", "R", "<key>allowPasswordAutoFill</key><false/>"),
    ]);
    let wanted = [
        "w:Password",
        "w:EAPClientConfiguration/UserPassword",
        "w:VendorToken",
        "v:Settings/pin",
        "v:pem",
        "v:p12",
    ];
    let mut found = told(&d);
    // A plural is no name of a secret: what it holds is judged by its own names.
    found.retain(|place| !place.contains("Secrets"));
    assert_eq!(found, wanted);
    for place_text in wanted {
        assert!(is_secret(&d, &place(place_text)), "{place_text}");
    }
    for open in ["w:SSID_STR", "r:allowPasswordAutoFill", "v:Settings/useToken", "v:Settings", "w:"] {
        assert!(!is_secret(&d, &place(open)), "{open}");
    }
    assert!(is_secret(&office(), &place("w-1:EAPClientConfiguration/UserPassword")), "also before it is set");
    let veiled = String::from_utf8(redacted(&d).to_xml()).unwrap();
    for n in 1..=5 {
        assert!(!veiled.contains(&format!("s{n}<")), "{veiled}");
    }
    assert!(veiled.contains("Office") && veiled.contains("<true/>") && !veiled.contains("PRIVATE KEY"));
}

#[test]
fn text_keys_with_speaking_names_are_secrets_in_the_catalog() {
    // Names that sound like secrets and are none.
    const OPEN: &[&str] = &["SafariPasswordAutoFillDomainsItem"];
    let mut doubtful = Vec::new();
    for form in catalog().forms() {
        form.walk(&mut |address, key| {
            let holds = matches!(key.kind, Kind::String | Kind::Data) && key.values.is_empty();
            let name = address.last().copied().unwrap_or_default();
            if holds && speaks(name) && !key.secret && !OPEN.contains(&name) {
                doubtful.push(format!("{} {}", form.id, address.join("/")));
            }
        });
    }
    assert_eq!(doubtful, [""; 0]);
}

#[test]
fn edited_text_gets_its_secrets_back_and_never_another_ones() {
    let item = |user: &str, password: &str| {
        format!(
            "<dict><key>User</key><string>{user}</string><key>Password</key><string>{password}</string></dict>"
        )
    };
    let doc = |items: &[String]| {
        profile(&[payload(
            "com.vendor.x",
            "X",
            &format!("<key>Accounts</key><array>{}</array>", items.concat()),
        )])
    };
    let before = doc(&[item("ada", "pa"), item("bob", "pb"), item("eve", "pe")]);
    let check = |edited: &[String], wanted: &[String]| {
        let mut edited = doc(edited);
        restore(&mut edited, &before);
        assert!(same(&edited, &doc(wanted)), "{}", String::from_utf8_lossy(&edited.to_xml()));
    };
    let dots = |user: &str| item(user, MARK);
    check(
        &[dots("ada"), dots("bob"), dots("eve")],
        &[item("ada", "pa"), item("bob", "pb"), item("eve", "pe")],
    );
    check(&[dots("bob"), dots("eve")], &[item("bob", "pb"), item("eve", "pe")]);
    check(
        &[dots("eve"), dots("ada"), dots("bob")],
        &[item("eve", "pe"), item("ada", "pa"), item("bob", "pb")],
    );
    check(
        &[dots("ada"), item("bob", "new"), dots("eve")],
        &[item("ada", "pa"), item("bob", "new"), item("eve", "pe")],
    );
    // Somebody new, with dots only: nobody's password is theirs.
    check(
        &[dots("ada"), dots("mallory"), dots("bob"), dots("eve")],
        &[item("ada", "pa"), dots("mallory"), item("bob", "pb"), item("eve", "pe")],
    );
    check(&[dots("mallory")], &[dots("mallory")]);
    // A copy, and a name that was changed in place.
    let copied = [dots("ada"), dots("ada"), dots("bob"), dots("eve")];
    check(&copied, &[item("ada", "pa"), item("ada", "pa"), item("bob", "pb"), item("eve", "pe")]);
    check(
        &[dots("ada"), dots("bert"), dots("eve")],
        &[item("ada", "pa"), item("bert", "pb"), item("eve", "pe")],
    );
    // Two that look alike: when one went, nobody can say which.
    let twins = doc(&[item("ada", "p1"), item("ada", "p2")]);
    let mut edited = doc(&[dots("ada")]);
    restore(&mut edited, &twins);
    assert!(same(&edited, &doc(&[dots("ada")])));
}

#[test]
fn stamps_follow_their_secrets() {
    let before = office();
    let old = vec![("w-1:Password".to_owned(), stamp(1, "ada"))];
    let now = stamp(9, "bob");
    assert_eq!(stamps(&before, &old, &before, &now), old);
    let mut after = office();
    let change = Change::Set { place: place("w-1:Password"), value: text("another"), was: None };
    apply(&mut after, &change).unwrap();
    assert_eq!(stamps(&before, &old, &after, &now), [("w-1:Password".to_owned(), now.clone())]);
    let mut gone = office();
    apply(&mut gone, &Change::Unset { place: place("w-1:Password"), was: None }).unwrap();
    assert_eq!(stamps(&before, &old, &gone, &now), []);
    assert_eq!(stamps(&gone, &[], &before, &now), [("w-1:Password".to_owned(), now.clone())]);
    assert_eq!(stamps(&before, &[], &before, &now), [], "nobody knows who set it");
    // An item that moves keeps its stamp.
    let list = |words: &str| {
        profile(&[payload("com.vendor.x", "X", &format!("<key>A</key><array>{words}</array>"))])
    };
    let item = |p: &str| format!("<dict><key>Password</key><string>{p}</string></dict>");
    let (before, after) = (list(&(item("a") + &item("b"))), list(&item("b")));
    let old =
        vec![("x:A/0/Password".to_owned(), stamp(1, "ada")), ("x:A/1/Password".to_owned(), stamp(2, "eve"))];
    assert_eq!(stamps(&before, &old, &after, &now), [("x:A/0/Password".to_owned(), stamp(2, "eve"))]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn the_list_and_the_question_agree(document in any_document()) {
        let all = secrets::places(&document);
        for place in places(&document) {
            let leaf = matches!(document.get(&place), Some(Value::String(_) | Value::Data(_) | Value::Integer(_) | Value::Real(_)));
            prop_assert_eq!(all.contains(&place), leaf && is_secret(&document, &place), "{}", place);
        }
    }

    #[test]
    fn what_was_veiled_and_not_edited_comes_back_whole(document in prop_oneof![any_document(), documented()]) {
        let mut edited = redacted(&document);
        for place in secrets::places(&document) {
            let veiled = match edited.get(&place) {
                Some(Value::Data(bytes)) => bytes.is_empty(),
                value => value == Some(&text(MARK)),
            };
            prop_assert!(veiled, "{place}");
        }
        restore(&mut edited, &document);
        prop_assert!(same(&edited, &document));
    }
}
