//! Between a value and what a person types and reads.

use super::documents::text;
use pomona::catalog::{Key, Kind, catalog};
use pomona::rules::entry::{self, file, fragment, parse, show, write, xml};
use pomona::wire::plist::{Dictionary, Value};
use proptest::prelude::*;

/// A key of the catalogue, for its shape.
fn key(form: &str, path: &[&str]) -> Key {
    catalog().form(form).unwrap().key(path).unwrap_or_else(|| panic!("{form} {path:?}")).clone()
}

/// A key of this kind that takes whatever is of it.
fn plain(kind: Kind, item: Option<Kind>) -> Key {
    let mut key = key("com.apple.wifi.managed", &["SSID_STR"]);
    (key.kind, key.label, key.same) = (kind, "Thing".into(), None);
    (key.default, key.range, key.repeats, key.pattern, key.unit, key.states) =
        (None, None, None, None, None, None);
    (key.values, key.value_labels, key.field) = (vec![], vec![], Default::default());
    key.keys = item.map(|item| plain(item, None)).into_iter().collect();
    key
}

fn of(value: &Value) -> Key {
    let kind = |value: &Value| match value {
        Value::String(_) => Kind::String,
        Value::Integer(_) => Kind::Integer,
        Value::Real(_) => Kind::Real,
        Value::Boolean(_) => Kind::Boolean,
        Value::Date(_) => Kind::Date,
        Value::Data(_) => Kind::Data,
        Value::Array(_) => Kind::Array,
        _ => Kind::Dictionary,
    };
    let item = value.as_array().map(|items| {
        let kinds: Vec<Kind> = items.iter().map(kind).collect();
        match kinds.first() {
            Some(first) if kinds.iter().all(|kind| kind == first) => *first,
            Some(_) => Kind::Any,
            None => Kind::String,
        }
    });
    plain(kind(value), item)
}

fn reads(kind: Kind, typed: &str) -> Option<Value> {
    parse(&plain(kind, None), typed).ok()
}

#[test]
fn numbers_switches_dates_and_data_are_read_as_people_type_them() {
    assert_eq!(reads(Kind::Integer, " 15 "), Some(Value::Integer(15.into())));
    assert_eq!(reads(Kind::Integer, "+7"), Some(Value::Integer(7.into())));
    assert_eq!(reads(Kind::Integer, "18446744073709551615"), Some(Value::Integer(u64::MAX.into())));
    for bad in ["", "1.5", "++1", "1 2", "0x10", "18446744073709551616", "fifteen"] {
        assert_eq!(reads(Kind::Integer, bad), None, "{bad}");
    }
    assert_eq!(reads(Kind::Real, "2"), Some(Value::Real(2.0)));
    assert_eq!(reads(Kind::Real, "1e300"), Some(Value::Real(1e300)));
    for bad in ["", "NaN", "inf", "1e999", "0,5"] {
        assert_eq!(reads(Kind::Real, bad), None, "{bad}");
    }
    for (typed, on) in
        [("on", true), ("TRUE", true), ("yes", true), ("1", true), ("off", false), ("No", false)]
    {
        assert_eq!(reads(Kind::Boolean, typed), Some(Value::Boolean(on)));
    }
    assert_eq!(reads(Kind::Boolean, "maybe"), None);
    let date = |typed: &str| reads(Kind::Date, typed).map(|date| date.as_date().unwrap().to_xml_format());
    for (typed, read) in [
        ("2027-01-31T12:00:00Z", "2027-01-31T12:00:00Z"),
        ("2027-01-31T13:30:00.9+01:30", "2027-01-31T12:00:00Z"),
        ("2027-01-31T12:00", "2027-01-31T12:00:00Z"),
        ("2027-01-31T12:00:05", "2027-01-31T12:00:05Z"),
        ("2027-01-31", "2027-01-31T00:00:00Z"),
    ] {
        assert_eq!(date(typed).as_deref(), Some(read), "{typed}");
    }
    for bad in ["", "tomorrow", "2027-02-30T00:00:00Z", "31.1.2027", "-000001-01-01T00:00:00Z"] {
        assert_eq!(date(bad), None, "{bad}");
    }
    assert_eq!(reads(Kind::Data, "AQI\n D"), Some(Value::Data(vec![1, 2, 3])));
    assert_eq!(reads(Kind::Data, "§"), None);
    let pem = include_str!("../vectors/dev-rsa.pem");
    let first = pomona::wire::x509::certs_from_pem(pem).unwrap().remove(0);
    assert_eq!(
        reads(Kind::Data, &pomona::wire::pem::block("CERTIFICATE", first.der())),
        Some(Value::Data(first.der().to_vec()))
    );
}

#[test]
fn a_refused_entry_names_the_setting_and_what_would_be_right() {
    let least = key("com.apple.mobiledevice.passwordpolicy", &["minLength"]);
    let said = parse(&least, "99").unwrap_err();
    assert_eq!(said.code, "profile.value");
    assert!(said.said.starts_with(&least.label) && said.said.contains("16"), "{}", said.said);
    let list = plain(Kind::Array, Some(Kind::Integer));
    assert!(parse(&list, "1\n\n2\nx").unwrap_err().said.contains("Line 4"));
    assert!(parse(&plain(Kind::Dictionary, None), "x").unwrap_err().said.contains("<dict>"));
}

#[test]
fn text_keeps_its_spaces_and_only_its_line_ends_are_turned() {
    assert_eq!(reads(Kind::String, " a\r\n\tb\rc "), Some(text(" a\n\tb\nc ")));
    assert_eq!(reads(Kind::String, "#!/bin/sh\necho '<b>'"), Some(text("#!/bin/sh\necho '<b>'")));
    // A text that begins like markup is a text, unless it is a value of a property list.
    assert_eq!(reads(Kind::String, "<html>&nbsp;</html>"), Some(text("<html>&nbsp;</html>")));
    assert_eq!(reads(Kind::String, "<string>a &lt; b&#13;</string>"), Some(text("a < b\r")));
    assert_eq!(reads(Kind::String, "<string>not closed"), None);
    assert_eq!(reads(Kind::Any, "<integer>3</integer>"), Some(Value::Integer(3.into())));
    assert_eq!(reads(Kind::Any, "3"), Some(text("3")));
    for foreign in ["a\0b", "\u{1b}[1m", "\u{ffff}"] {
        assert_eq!(reads(Kind::String, foreign), None, "{foreign:?} would be written as something else");
    }
}

#[test]
fn a_fragment_is_read_and_its_errors_name_the_line() {
    assert_eq!(fragment("<integer>3</integer>\n").unwrap(), Value::Integer(3.into()));
    assert_eq!(fragment("<?xml version=\"1.0\"?><plist><true/></plist>").unwrap(), Value::Boolean(true));
    for (bad, line) in [
        ("", 1),
        ("text", 1),
        ("<true/><true/>", 1),
        ("<array>\n<integer>\nx</integer>\n</array>", 3),
        ("<dict>\n<key>a</key>\n</dict>", 3),
        ("<!DOCTYPE x [<!ENTITY a \"b\">]>\n<plist><true/></plist>", 1),
    ] {
        let refused = fragment(bad).unwrap_err();
        assert_eq!(refused.code, "profile.fragment");
        assert_eq!(entry::line_of(&refused.said), Some(line), "{bad}: {}", refused.said);
    }
    assert!(fragment(&"<array>".repeat(100_000)).unwrap_err().said.contains("deeper than 64"));
    assert_eq!(entry::line_of("nothing"), None);
}

#[test]
fn values_read_in_plain_words_with_their_units() {
    let unit = |unit: &str, n: i64| {
        let mut key = plain(Kind::Integer, None);
        key.unit = Some(unit.to_owned());
        show(Some(&key), &Value::Integer(n.into()))
    };
    for (name, n, wanted) in [
        ("s", 900, "900 s = 15 min"),
        ("s", 59, "59 s"),
        ("s", 90_061, "90061 s = 1 day 1 h 1 min 1 s"),
        ("min", 90, "90 min = 1 h 30 min"),
        ("min", 15, "15 min"),
        ("h", 48, "48 h = 2 days"),
        ("days", 1, "1 day"),
        ("days", 30, "30 days"),
        ("ms", 1500, "1500 ms = 1.5 s"),
        ("bytes", 2_500_000, "2500000 bytes = 2.5 MB"),
        ("px", 64, "64 px"),
        ("s", -5, "-5 s"),
        ("s", 0, "0 s"),
    ] {
        assert_eq!(unit(name, n), wanted);
    }
    let wifi = |name: &str| key("com.apple.wifi.managed", &[name]);
    assert_eq!(show(Some(&wifi("EncryptionType")), &text("WPA3")), "WPA3 only");
    assert_eq!(show(Some(&wifi("AutoJoin")), &Value::Boolean(true)), "Yes");
    assert_eq!(show(None, &Value::Boolean(false)), "Off");
    assert_eq!(show(None, &text("")), "(empty)");
    assert_eq!(show(None, &text("two\nlines\u{7}")), "two lines ");
    assert_eq!(show(None, &Value::Array(vec![])), "no items");
    assert_eq!(show(None, &Value::Array(vec![text("a"), text("b")])), "2 items: a, b");
    assert_eq!(show(None, &Value::Data(vec![])), "no data");
    assert!(show(None, &Value::Data(vec![0; 2300])).starts_with("2.3 KB, SHA-256 "));
    let date = reads(Kind::Date, "2027-01-31").unwrap();
    assert_eq!(show(None, &date), "2027-01-31 00:00:00 UTC");
    let long = show(None, &text(&"é".repeat(10_000)));
    assert_eq!((long.chars().count(), long.ends_with('…')), (200, true));
    assert_eq!(show(None, &text(&"é".repeat(200))).chars().last(), Some('é'));
}

#[test]
fn certificates_and_identities_are_recognized_in_data() {
    let cert = pomona::wire::x509::certs_from_pem(include_str!("../vectors/dev-rsa.pem")).unwrap().remove(0);
    for bytes in [cert.der().to_vec(), pomona::wire::pem::block("CERTIFICATE", cert.der()).into_bytes()] {
        let said = show(None, &Value::Data(bytes.clone()));
        assert!(said.contains(&cert.common_name().unwrap()) && said.contains("until 20"), "{said}");
        let key = plain(Kind::Data, None);
        assert_eq!(file(&key, &bytes).unwrap(), Value::Data(cert.der().to_vec()));
    }
    let identity = [&[0x30, 0x82, 0x01, 0x00, 0x02, 0x01, 0x03, 0x30][..], &[0; 100]].concat();
    assert!(show(None, &Value::Data(identity)).starts_with("identity file"));
    assert_eq!(file(&plain(Kind::Data, None), &[0xff, 0]).unwrap(), Value::Data(vec![0xff, 0]));
    assert_eq!(file(&plain(Kind::String, None), b"a\r\nb").unwrap(), text("a\nb"));
    assert!(file(&plain(Kind::String, None), &[0xff]).is_err());
    assert!(file(&plain(Kind::Boolean, None), b"true").is_err());
}

#[test]
fn a_secret_inside_a_dictionary_is_never_shown() {
    let mut inner = Dictionary::new();
    for name in ["UserPassword", "UserName", "api_token"] {
        inner.insert(name.into(), text(&format!("value of {name}")));
    }
    let value = Value::Dictionary(inner);
    for key in [None, Some(key("com.apple.wifi.managed", &["EAPClientConfiguration"]))] {
        let said = show(key.as_ref(), &value);
        assert!(said.contains("value of UserName"), "{said}");
        assert!(!said.contains("value of UserPassword") && !said.contains("value of api_token"), "{said}");
        let list = Value::Array(vec![value.clone()]);
        assert!(!show(None, &list).contains("value of UserPassword"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn what_is_written_is_read_back(value in crate::wire::plist::any_value()) {
        let back = parse(&of(&value), &write(&value));
        prop_assert_eq!(format!("{:?}", back.unwrap()), format!("{:?}", &value));
        prop_assert_eq!(format!("{:?}", fragment(&xml(&value)).unwrap()), format!("{:?}", &value));
    }

    #[test]
    fn what_stands_in_a_control_is_read_back_whatever_the_key_expects(value in crate::wire::plist::any_value(), which in 0..8usize) {
        let kinds = [Kind::String, Kind::Integer, Kind::Real, Kind::Boolean, Kind::Date, Kind::Data, Kind::Array, Kind::Dictionary];
        for key in [plain(kinds[which], Some(Kind::String)), plain(Kind::Any, None)] {
            let typed = entry::text(Some(&key), &value);
            match parse(&key, &typed) {
                Ok(back) => prop_assert_eq!(format!("{back:?}"), format!("{value:?}")),
                // A wrong type is refused, never turned into another value.
                Err(refused) => prop_assert!(key.judge(&value).is_err() || refused.said.contains("item"), "{}", refused.said),
            }
        }
    }

    #[test]
    fn any_typing_is_read_or_refused(typed in "[ -~é\n\r]{0,30}", which in 0..9usize) {
        let kinds = [Kind::String, Kind::Integer, Kind::Real, Kind::Boolean, Kind::Date, Kind::Data, Kind::Array, Kind::Dictionary, Kind::Any];
        let _ = parse(&plain(kinds[which], Some(Kind::Integer)), &typed);
        let _ = fragment(&typed);
    }

    #[test]
    fn a_shown_value_is_one_short_line(value in crate::wire::plist::any_value()) {
        let said = show(None, &value);
        prop_assert!(said.chars().count() <= 200 && !said.chars().any(char::is_control), "{}", said);
    }
}
