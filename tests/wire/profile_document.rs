//! Profiles as trees: nothing is lost on the way in and out, and every value has a place.

use super::plist::document as whole;
use crate::rules::documents::{any_document, documented, place, places, profile, same, way};
use pomona::wire::plist::{Value, to_binary};
use pomona::wire::profile::{Document, Path, Place, index};
use proptest::prelude::*;

const BODY: &str = "<dict>\
    <key>PayloadUUID</key><string>T</string><key>PayloadType</key><string>Configuration</string>\
    <key>PayloadIdentifier</key><string>org.example</string>\
    <key>vendor/odd ~key: 50%</key><dict><key/><string>  </string><key>~</key><integer>1</integer></dict>\
    <key>PayloadContent</key><array><dict>\
    <key>PayloadType</key><string>com.vendor.agent</string><key>PayloadUUID</key><string>Ab-1</string>\
    <key>zeta</key><integer>18446744073709551615</integer><key>alpha</key><integer>-9223372036854775808</integer>\
    <key>tenth</key><real>0.1</real><key>huge</key><real>1e300</real><key>minus</key><real>-0.0</real>\
    <key>when</key><date>2026-11-25T01:02:03Z</date><key>empty</key><string/><key>no data</key><data/>\
    <key>blank</key><string> \n\t </string><key>markup</key><string><![CDATA[<b> & ]]>]]&gt;</string>\
    <key>tree \u{1f333}</key><string>\u{1f352}&#13;&#10;</string>\
    <key>list</key><array><array/><dict/><false/><string>x</string></array>\
    </dict></array></dict>";

#[test]
fn what_nobody_has_heard_of_comes_out_as_it_went_in() {
    let document = Document::read(&whole(BODY)).unwrap();
    let again = Document::read(&document.to_xml()).unwrap();
    assert!(same(&document, &again));
    assert_eq!(document.to_xml(), again.to_xml());
    let get = |text: &str| document.get(&place(text)).unwrap();
    assert_eq!(get("ab-1:zeta").as_unsigned_integer(), Some(u64::MAX));
    assert_eq!(get("ab-1:alpha").as_signed_integer(), Some(i64::MIN));
    assert_eq!(get("ab-1:tenth").as_real(), Some(0.1));
    assert_eq!(get("ab-1:huge").as_real(), Some(1e300));
    assert!(get("ab-1:minus").as_real().unwrap().is_sign_negative());
    assert_eq!(get("ab-1:when").as_date().unwrap().to_xml_format(), "2026-11-25T01:02:03Z");
    assert_eq!(get("ab-1:empty").as_string(), Some(""));
    assert_eq!(get("ab-1:no data").as_data(), Some(&[][..]));
    assert_eq!(get("ab-1:blank").as_string(), Some(" \n\t "));
    assert_eq!(get("ab-1:markup").as_string(), Some("<b> & ]]>"));
    assert_eq!(get("ab-1:tree \u{1f333}").as_string(), Some("\u{1f352}\r\n"));
    assert_eq!(get("ab-1:list/3").as_string(), Some("x"));
    assert_eq!(get(":vendor~1odd ~0key: 50%/~").as_string(), Some("  "));
    assert_eq!(get(":vendor~1odd ~0key: 50%/~0").as_signed_integer(), Some(1));
    let keys: Vec<_> = document.payloads()[0].body.keys().take(4).cloned().collect();
    assert_eq!(keys, ["PayloadType", "PayloadUUID", "zeta", "alpha"]);
}

#[test]
fn a_payload_is_called_by_its_uuid_or_else_by_its_position() {
    let body = |uuid: &str| format!("<key>PayloadType</key><string>t</string>{uuid}");
    let uuid = |uuid: &str| body(&format!("<key>PayloadUUID</key><string>{uuid}</string>"));
    let document = profile(&[
        uuid("ABC-1"),
        uuid("abc-1"),
        body(""),
        body("<key>PayloadUUID</key><integer>1</integer>"),
        uuid("a:b"),
        uuid("#1"),
        uuid(".."),
        uuid(&"u".repeat(129)),
        uuid("x_1.Y"),
    ]);
    let wanted = ["abc-1", "#2", "#3", "#4", "#5", "#6", "#7", "#8", "x_1.y"];
    let ids: Vec<String> = document.ids().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, wanted);
    for (id, payload) in document.ids() {
        assert_eq!(payload.id(&document), id);
        assert_eq!(document.payload(&id).unwrap().position, payload.position);
        assert_eq!(document.payload(&id.to_uppercase()).unwrap().position, payload.position);
    }
    for none in ["", "#0", "#10", "#01", "#", "abc", "a:b", "#-1"] {
        assert!(document.payload(none).is_none(), "{none}");
    }
}

#[test]
fn the_list_of_payloads_is_no_general_setting() {
    let document = Document::read(&whole(BODY)).unwrap();
    for none in
        [":PayloadContent", ":PayloadContent/0/empty", ":", ":nothing", "ab-1:list/4", "ab-1:list/03", "x:y"]
    {
        assert!(document.get(&place(none)).is_none(), "{none}");
    }
    assert!(matches!(document.get(&place("ab-1:")), Some(Value::Dictionary(_))));
    assert!(matches!(document.get(&place("#1:list")), Some(Value::Array(_))));
}

#[test]
fn an_empty_profile_has_what_every_profile_needs() {
    let document = Document::new("org.example.new", "N-1", "New & shiny");
    let read = pomona::wire::profile::parse(&document.to_xml()).unwrap();
    assert_eq!((read.identifier.as_str(), read.uuid.as_str()), ("org.example.new", "N-1"));
    assert_eq!((read.name.as_str(), read.payloads.len()), ("New & shiny", 0));
    assert!(document.check_envelope().is_ok());
    let mut broken = document;
    broken.body.remove("PayloadUUID");
    assert!(broken.check_envelope().unwrap_err().reason.contains("PayloadUUID"));
}

#[test]
fn a_file_that_grows_too_large_as_xml_is_refused_before_it_is_edited() {
    let mut document = profile(&[]);
    document.body.insert("blob".into(), Value::Data(vec![7; 14 << 20]));
    let binary = to_binary(&Value::Dictionary(document.body));
    assert!(pomona::wire::profile::parse(&binary).is_ok());
    let refused = Document::read(&binary).unwrap_err();
    assert!(refused.reason.contains("once written"), "{refused}");
}

#[test]
fn hostile_files_are_refused_before_anything_is_made_of_them() {
    let inside = |content: &str| {
        let top = crate::rules::documents::TOP;
        Document::read(&whole(&format!("<dict>{top}<key>PayloadContent</key>{content}</dict>")))
    };
    for (content, reason) in [
        ("<array><string>x</string></array>", "not a dictionary"),
        ("<array><dict/></array>", "PayloadType is missing"),
        ("<array><dict><key>PayloadType</key><integer>1</integer></dict></array>", "not a string"),
        ("<dict/>", "not an array"),
        ("<data>AAAA</data>", "not an array"),
    ] {
        let refused = inside(content).unwrap_err();
        assert!(refused.reason.contains(reason), "{content}: {refused}");
    }
    let nested = |levels: usize| {
        let value = format!("{}{}", "<array>".repeat(levels), "</array>".repeat(levels));
        inside(&format!(
            "<array><dict><key>PayloadType</key><string>t</string><key>a</key>{value}</dict></array>"
        ))
    };
    assert!(nested(61).is_ok());
    assert!(nested(62).unwrap_err().reason.contains("deeper than 64"));
    assert!(
        inside(&format!("<array>{}</array>", "<dict/>".repeat(60_000)))
            .unwrap_err()
            .reason
            .contains("events")
    );
}

#[test]
fn a_profile_of_thousands_of_payloads_is_still_answered_about() {
    let one = "<key>PayloadType</key><string>com.apple.wifi.managed</string><key>PayloadUUID</key><string>A</string>\
               <key>Password</key><string>s</string>";
    let document = profile(&vec![one.to_owned(); 8_000]);
    let begun = std::time::Instant::now();
    assert_eq!(document.ids().len(), 8_000);
    assert_eq!(pomona::rules::secrets::places(&document).len(), 8_000);
    let mut edited = pomona::rules::secrets::redacted(&document);
    pomona::rules::secrets::restore(&mut edited, &document);
    assert!(same(&edited, &document));
    let found = pomona::rules::check::check(&document);
    assert!(pomona::rules::check::blocks(&found) && found.len() <= 1_000);
    assert!(pomona::rules::diff::diff(&document, &document).is_empty());
    assert_eq!(pomona::rules::summary::sentences(&document).len(), 200);
    let took = begun.elapsed();
    assert!(took.as_secs() < 20, "{took:?}");
}

#[test]
fn errors_name_the_line() {
    for (text, line) in [
        ("<plist>\n<dict>\n<key>a</key>\n<strin/>\n</dict></plist>", 4),
        ("<plist>\n<dict>\n<key>a</key><true/>\n<key>a</key>\n<true/>\n</dict></plist>", 5),
        ("<plist><dict>\n<key>n</key>\n<integer>x</integer></dict></plist>", 3),
        ("nothing", 1),
        ("<plist>\n\n<dict>", 3),
    ] {
        let said = Document::read(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(pomona::rules::entry::line_of(&said), Some(line), "{said}");
    }
}

#[test]
fn a_part_of_a_way_is_an_index_in_one_way_only() {
    assert_eq!((index("0"), index("17")), (Some(0), Some(17)));
    for none in ["", "00", "01", "+1", "-1", " 1", "1 ", "x", "1.0", "99999999999999999999999"] {
        assert_eq!(index(none), None, "{none}");
    }
}

#[test]
fn ways_have_one_text_each() {
    for (parts, text) in [
        (&[][..], ""),
        (&["a"], "a"),
        (&["a", "0", "b/c"], "a/0/b~1c"),
        (&["~", "~1", ""], "~0/~01/~"),
        (&[""], "~"),
        (&["", ""], "~/~"),
    ] {
        assert_eq!(way(parts).to_string(), text);
        assert_eq!(Path::parse(text), way(parts));
    }
    assert_eq!(Path::parse("a//b"), way(&["a", "", "b"]));
    assert!(Place::parse("no colon").is_err());
    let inside = place("x:a/b/c");
    assert!(place("x:a").holds(&inside) && place("x:").holds(&inside) && inside.holds(&inside));
    assert!(
        !place("x:a/b/c/d").holds(&inside) && !place("y:a").holds(&inside) && !place("x:ab").holds(&inside)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn whatever_is_imported_is_exported_as_an_equal_property_list(document in any_document(), binary in any::<bool>(), signed in any::<bool>()) {
        let value = Value::Dictionary(document.body.clone());
        let file = if binary { to_binary(&value) } else { pomona::wire::plist::to_xml(&value) };
        let file = if signed { super::profile::signed(&file) } else { file };
        let read = Document::read(&file).unwrap();
        prop_assert!(same(&read, &document));
        prop_assert!(same(&Document::read(&read.to_xml()).unwrap(), &document));
        prop_assert_eq!(read.to_xml(), pomona::wire::plist::to_xml(&value));
    }

    #[test]
    fn documented_profiles_are_exported_as_an_equal_property_list(document in documented()) {
        prop_assert!(same(&Document::read(&document.to_xml()).unwrap(), &document));
        let binary = to_binary(&Value::Dictionary(document.body.clone()));
        prop_assert!(same(&Document::read(&binary).unwrap(), &document));
    }

    #[test]
    fn every_place_of_a_document_leads_back_to_its_value(document in any_document()) {
        let all = places(&document);
        let mut told = std::collections::HashSet::new();
        document.visit(&mut |at| {
            let written = at.place().to_string();
            assert_eq!(Place::parse(&written).unwrap(), at.place());
            assert!(std::ptr::eq(document.get(&at.place()).unwrap(), at.value), "{written}");
            assert!(told.insert(written.clone()), "{written} twice");
            pomona::wire::profile::Step::Into
        });
        prop_assert_eq!(all.len(), told.len());
    }

    #[test]
    fn any_text_is_a_way_and_any_way_has_a_text(parts in proptest::collection::vec("[a/~:0-2 é]{0,4}", 0..5), text in ".{0,12}") {
        let path = Path(parts);
        prop_assert_eq!(Path::parse(&path.to_string()), path);
        let read = Path::parse(&text);
        prop_assert_eq!(Path::parse(&read.to_string()), read);
    }
}
