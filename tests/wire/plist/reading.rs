//! What the readers take, and the sentence with which they refuse the rest.

use super::{Binary, array, dictionary, document, read, refused, same, string};
use pomona::wire::plist::{self, Dictionary, Integer, Limits, Value, to_binary, to_xml};

fn text(text: &str) -> Value {
    Value::String(text.into())
}

#[test]
fn xml_values_keep_their_types() {
    let table: &[(&str, Value)] = &[
        ("<string>a</string>", text("a")),
        ("<string/>", text("")),
        ("<string></string>", text("")),
        ("<string> two\tblanks\n </string>", text(" two\tblanks\n ")),
        ("<string>line\r\nline\rline</string>", text("line\nline\nline")),
        ("<string>&lt;&gt;&amp;&apos;&quot;&#65;&#x42;&#13;</string>", text("<>&'\"AB\r")),
        ("<string><![CDATA[<b>&amp;]]></string>", text("<b>&amp;")),
        ("<string>a<!-- not this -->b</string>", text("ab")),
        ("<string>\u{1f34e}</string>", text("\u{1f34e}")),
        ("<integer>0</integer>", Value::Integer(0.into())),
        ("<integer> -7 </integer>", Value::Integer((-7).into())),
        ("<integer>+7</integer>", Value::Integer(7.into())),
        ("<integer>0x1F</integer>", Value::Integer(31.into())),
        ("<integer>-9223372036854775808</integer>", Value::Integer(i64::MIN.into())),
        ("<integer>18446744073709551615</integer>", Value::Integer(u64::MAX.into())),
        ("<real>1</real>", Value::Real(1.0)),
        ("<real>-2.5e3</real>", Value::Real(-2500.0)),
        ("<true/>", Value::Boolean(true)),
        ("<false></false>", Value::Boolean(false)),
        ("<data>\n\tAAEC\n\tAw==\n</data>", Value::Data(vec![0, 1, 2, 3])),
        ("<data>AAECAw</data>", Value::Data(vec![0, 1, 2, 3])),
        ("<data/>", Value::Data(vec![])),
        ("<array/>", Value::Array(vec![])),
        ("<array><true/><array/></array>", Value::Array(vec![Value::Boolean(true), Value::Array(vec![])])),
        ("<dict/>", Value::Dictionary(Dictionary::new())),
        ("<dict>\n<!-- c --><key>k</key>\n<string>v</string></dict>", one("k", text("v"))),
        ("<dict><key/><string>v</string></dict>", one("", text("v"))),
        ("<string xml:space='preserve'>a</string >", text("a")),
    ];
    for (xml, wanted) in table {
        let value = read(&document(xml));
        assert!(same(&value, wanted), "{xml}: {value:?}");
    }
    let date = read(&document("<date>2026-11-24T21:30:00Z</date>"));
    assert_eq!(date.as_date().map(|d| d.to_xml_format()).as_deref(), Some("2026-11-24T21:30:00Z"));
}

fn one(key: &str, value: Value) -> Value {
    Value::Dictionary(Dictionary::from_iter([(key.to_string(), value)]))
}

#[test]
fn xml_prologues_of_apple_are_taken() {
    let value = "<plist version=\"1.0\"><string>a</string></plist>";
    for head in [
        "",
        "\u{feff}",
        "  \n",
        "<?xml version=\"1.0\"?>",
        "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<!-- made by hand -->\n",
        "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">",
        "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"https://www.apple.com/DTDs/PropertyList-1.0.dtd\">",
        "<!DOCTYPE plist PUBLIC \"-//Apple Computer//DTD PLIST 1.0//EN\"\n\t\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">",
        "<!DOCTYPE plist SYSTEM \"file://localhost/System/Library/DTDs/PropertyList.dtd\">",
    ] {
        assert!(same(&read(format!("{head}{value}\n<!-- end -->\n").as_bytes()), &text("a")), "{head}");
    }
}

#[test]
fn xml_that_is_not_a_property_list_is_refused_with_its_reason() {
    let table: &[(&str, &str)] = &[
        ("<string>a</string><string>b</string>", "more than one value"),
        ("", "no value"),
        ("words", "text between elements"),
        ("<array>words</array>", "text between elements"),
        ("<dict><key>a</key><true/><key>a</key><true/></dict>", "stands twice"),
        ("<dict><key>a</key></dict>", "key without a value"),
        ("<dict><key>a</key><key>b</key></dict>", "key where a value"),
        ("<dict><true/></dict>", "value without a key"),
        ("<array><key>a</key></array>", "key where a value"),
        ("<key>a</key>", "key where a value"),
        ("<array></dict>", "<array> is not closed"),
        ("<array>", "<array> is not closed"),
        ("<string>a", "<string> is not closed"),
        ("<string>a<", "an element inside <string>"),
        ("<string>a</array>", "<string> is not closed"),
        ("<string>a<b/></string>", "an element inside <string>"),
        ("<string>&nbsp;</string>", "an entity beyond"),
        ("<string>a & b</string>", "an entity beyond"),
        ("<string>&#0;</string>", "a character that XML"),
        ("<string>&#xD800;</string>", "a character that XML"),
        ("<string>&#x110000;</string>", "a character that XML"),
        ("<string>&#99999999999999999999;</string>", "an entity beyond"),
        ("<string>bell \u{7}</string>", "a character that XML"),
        ("<string>\u{ffff}</string>", "a character that XML"),
        ("<string>\0</string>", "a character that XML"),
        ("<key a='1' a='2'/>", "stands twice"),
        ("<string a=1>x</string>", "an attribute that is not"),
        ("<string a='&lt;'>x</string>", "an attribute that is not"),
        ("<set/>", "an element that property lists"),
        ("<String>a</String>", "an element that property lists"),
        ("<plist><true/></plist>", "an element that property lists"),
        ("<stringy>a</stringy>", "an element that property lists"),
        ("<?target?><true/>", "an element that property lists"),
        ("<![CDATA[a]]>", "an element that property lists"),
        ("<integer/>", "no 64-bit number"),
        ("<integer>1.5</integer>", "no 64-bit number"),
        ("<integer>0x</integer>", "no 64-bit number"),
        ("<integer>--1</integer>", "no 64-bit number"),
        ("<integer>18446744073709551616</integer>", "no 64-bit number"),
        ("<integer>-9223372036854775809</integer>", "no 64-bit number"),
        ("<real>nan</real>", "no number"),
        ("<real>infinity</real>", "no number"),
        ("<real>1e999</real>", "no number"),
        ("<real/>", "no number"),
        ("<true>x</true>", "text inside a boolean"),
        ("<data>A*==</data>", "not base64"),
        ("<date>2026-11-24</date>", "a date that is not"),
        ("<date>2026-11-24T21:30:00+01:00</date>", "a date that is not"),
        ("<date>2026-11-24T21:30:00.5Z</date>", "a date that is not"),
        ("<date>2026-02-30T00:00:00Z</date>", "the calendar"),
        ("<date>0000-01-01T00:00:00Z</date>", "a date that is not"),
    ];
    for (xml, wanted) in table {
        let reason = refused(&document(xml));
        assert!(reason.contains(wanted), "{xml}: {reason}");
    }
    for (whole, wanted) in [
        ("", "text between elements"),
        ("plain words", "text between elements"),
        ("<plist/>", "not an open <plist>"),
        ("<dict/>", "not an open <plist>"),
        ("<plist><true/></plist><plist><true/></plist>", "something after"),
        ("<plist><true/></plist>words", "something after"),
        ("<plist><true/>", "text between elements"),
        ("<?xml version=\"1.1\"?><plist><true/></plist>", "an XML declaration other"),
        ("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><plist><true/></plist>", "an XML declaration other"),
        ("<?xml version=\"1.0\"", "an XML declaration without"),
        ("<!-- <plist><true/></plist>", "a comment without an end"),
        ("<!DOCTYPE plist><plist><true/></plist>", "a DOCTYPE that is not Apple's"),
        ("<!DOCTYPE html><plist><true/></plist>", "a DOCTYPE that is not Apple's"),
    ] {
        let reason = refused(whole.as_bytes());
        assert!(reason.contains(wanted), "{whole}: {reason}");
    }
}

#[test]
fn a_refusal_never_repeats_what_it_read() {
    let reason = refused(&document("<dict><key>hunter2</key><true/><key>hunter2</key><true/></dict>"));
    assert!(!reason.contains("hunter2"), "{reason}");
}

#[test]
fn binary_values_keep_their_types() {
    let table: Vec<(Vec<u8>, Value)> = vec![
        (vec![0x08], Value::Boolean(false)),
        (vec![0x09], Value::Boolean(true)),
        (vec![0x10, 0xff], Value::Integer(255.into())),
        (vec![0x11, 0xff, 0xff], Value::Integer(65535.into())),
        (vec![0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], Value::Integer((-2).into())),
        ([vec![0x14], vec![0; 8], vec![0xff; 8]].concat(), Value::Integer(u64::MAX.into())),
        ([vec![0x14], vec![0xff; 16]].concat(), Value::Integer((-1).into())),
        (vec![0x22, 0x3f, 0xc0, 0, 0], Value::Real(1.5)),
        ([vec![0x23], (-2.25f64).to_be_bytes().to_vec()].concat(), Value::Real(-2.25)),
        (vec![0x42, 1, 2], Value::Data(vec![1, 2])),
        (string("plain"), text("plain")),
        (string(&"long ".repeat(20)), text(&"long ".repeat(20))),
        (vec![0x61, 0x00, 0xe9], text("\u{e9}")),
        (vec![0x62, 0xd8, 0x3c, 0xdf, 0x4e], text("\u{1f34e}")),
    ];
    for (object, wanted) in table {
        let value = read(&Binary::new([object.clone()]).file(0));
        assert!(same(&value, &wanted), "{object:x?}: {value:?}");
    }
    let shared = Binary::new([dictionary(&[1, 2], &[3, 3]), string("b"), string("a"), string("same")]);
    let value = read(&shared.file(0));
    assert_eq!(format!("{value:?}"), r#"Dictionary({"b": String("same"), "a": String("same")})"#);
}

#[test]
fn binary_that_is_not_a_property_list_is_refused_with_its_reason() {
    let table: Vec<(Binary, &str)> = vec![
        (Binary::new([vec![0x00]]), "does not use"),
        (Binary::new([vec![0x0f]]), "does not use"),
        (Binary::new([vec![0x15, 0]]), "does not use"),
        (Binary::new([vec![0x80, 1]]), "does not use"),
        (Binary::new([vec![0xc0]]), "does not use"),
        (Binary::new([[vec![0x14], vec![1; 16]].concat()]), "no 64-bit number"),
        (Binary::new([[vec![0x23], f64::NAN.to_be_bytes().to_vec()].concat()]), "no number"),
        (Binary::new([vec![0x22, 0x7f, 0x80, 0, 0]]), "no number"),
        (Binary::new([[vec![0x33], f64::NAN.to_be_bytes().to_vec()].concat()]), "the calendar"),
        (Binary::new([[vec![0x33], 1e13f64.to_be_bytes().to_vec()].concat()]), "the calendar"),
        (Binary::new([vec![0x51, 0xe9]]), "other bytes"),
        (Binary::new([vec![0x51, 0x07]]), "a character that XML"),
        (Binary::new([vec![0x61, 0xd8, 0x3c]]), "not UTF-16"),
        (Binary::new([vec![0x42, 1]]), "beyond the file"),
        (Binary::new([vec![0x5f, 0x51, 1]]), "no number"),
        (Binary::new([array(&[7])]), "not there"),
        (Binary::new([dictionary(&[1], &[1]), vec![0x09]]), "not a string"),
        (Binary::new([dictionary(&[1, 2], &[1, 2]), string("a"), string("a")]), "stands twice"),
    ];
    for (binary, wanted) in table {
        let reason = refused(&binary.file(0));
        assert!(reason.contains(wanted), "{:x?}: {reason}", binary.objects);
    }
    let good = Binary::new([string("a")]).file(0);
    for (bytes, wanted) in [
        (b"bplist00".to_vec(), "trailer"),
        (b"bplist15".iter().chain(&good[8..]).copied().collect(), "version"),
        (good[..good.len() - 1].to_vec(), "trailer"),
        (Binary::new([string("a")]).file(1), "trailer"),
    ] {
        assert!(refused(&bytes).contains(wanted), "{bytes:x?}");
    }
}

#[test]
fn a_date_keeps_its_fraction_in_binary_and_its_second_in_xml() {
    let file = Binary::new([[vec![0x33], 0.5f64.to_be_bytes().to_vec()].concat()]).file(0);
    let value = read(&file);
    assert!(same(&read(&to_binary(&value)), &value));
    let xml = String::from_utf8(to_xml(&value)).unwrap();
    assert!(xml.contains("<date>2001-01-01T00:00:00Z</date>"), "{xml}");
    let ancient = [vec![0x33], (-63_113_904_000f64).to_be_bytes().to_vec()].concat();
    let xml = to_xml(&read(&Binary::new([ancient]).file(0)));
    assert!(String::from_utf8(xml).unwrap().contains("<date>0001-01-01T00:00:00Z</date>"));
}

#[test]
fn values_that_only_look_equal_stay_apart_in_binary() {
    let numbers = [
        Value::Real(0.0),
        Value::Real(-0.0),
        Value::Integer(1.into()),
        Value::Real(1.0),
        Value::Boolean(true),
    ];
    let texts = [text("a"), Value::Data(b"a".to_vec()), text("1"), text("")];
    let value = Value::Array(numbers.into_iter().chain(texts).collect());
    assert!(same(&read(&to_binary(&value)), &value));
}

#[test]
fn what_xml_cannot_write_becomes_a_replacement_character() {
    let xml = to_xml(&text("bell \u{7}"));
    assert!(same(&read(&xml), &text("bell \u{fffd}")));
}

#[test]
fn bounds_hold_exactly() {
    let nested = |n: usize| document(&format!("{}{}", "<array>".repeat(n), "</array>".repeat(n)));
    read(&nested(64));
    assert!(refused(&nested(65)).contains("deeper than 64"));

    let chain = |n: u16| Binary::new((1..n).map(|next| array(&[next])).chain([array(&[])])).file(0);
    read(&chain(64));
    assert!(refused(&chain(65)).contains("deeper than 64"));

    let limits = Limits { bytes: 1000, depth: 64, events: 10 };
    let row = |n: usize| document(&format!("<array>{}</array>", "<true/>".repeat(n)));
    plist::parse(&row(8), limits).unwrap();
    assert!(plist::parse(&row(9), limits).unwrap_err().reason.contains("more than 10 events"));
    let row = |n: usize| Binary::new([array(&vec![1; n]), vec![0x09]]).file(0);
    plist::parse(&row(8), limits).unwrap();
    assert!(plist::parse(&row(9), limits).unwrap_err().reason.contains("more than 10 events"));

    let long = |n: usize| document(&format!("<string>{}</string>", "a".repeat(n)));
    let spare = limits.bytes - long(0).len();
    plist::parse(&long(spare), limits).unwrap();
    assert!(plist::parse(&long(spare + 1), limits).unwrap_err().reason.contains("larger than 1000"));
    let often = |n: usize| Binary::new([array(&[1; 8]), string(&"a".repeat(n))]).file(0);
    plist::parse(&often(125), limits).unwrap();
    assert!(plist::parse(&often(126), limits).unwrap_err().reason.contains("once decoded"));
}

#[test]
fn getters_tell_absent_from_wrong() {
    let d = plist::parse_dictionary(
        &document(
            "<dict><key>s</key><string>true</string><key>i</key><integer>3</integer><key>r</key><real>0.5</real>\
             <key>b</key><false/><key>d</key><data>AQ==</data><key>u</key><integer>18446744073709551615</integer></dict>",
        ),
        Limits::DEVICE,
    )
    .unwrap();
    assert_eq!(plist::text(&d, "s").unwrap(), Some("true"));
    assert_eq!(plist::text(&d, "none").unwrap(), None);
    assert_eq!(plist::text(&d, "i").unwrap_err().reason, "i is not a string");
    assert_eq!(plist::boolean(&d, "b").unwrap(), Some(false));
    assert_eq!(plist::boolean(&d, "s").unwrap(), Some(true));
    assert!(plist::boolean(&d, "i").is_err());
    assert_eq!(plist::integer(&d, "i").unwrap(), Some(3));
    assert!(plist::integer(&d, "u").is_err());
    assert!(plist::integer(&d, "r").is_err());
    assert_eq!(plist::real(&d, "i").unwrap(), Some(3.0));
    assert_eq!(plist::real(&d, "u").unwrap(), Some(u64::MAX as f64));
    assert_eq!(plist::data(&d, "d").unwrap(), Some(&[1u8][..]));
    assert!(plist::array(&d, "d").is_err());
    assert!(plist::dictionary(&d, "d").is_err());
    assert!(plist::parse_dictionary(&document("<array/>"), Limits::DEVICE).is_err());
    assert_eq!(Integer::from(3).as_signed(), Some(3));
}
