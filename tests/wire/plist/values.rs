//! Generated values and arbitrary bytes.

use super::{document, read, same};
use pomona::wire::plist::{Date, Dictionary, Limits, Value, parse, to_binary, to_xml};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        8 => prop::char::range(' ', '~'),
        2 => Just('\n'),
        1 => Just('\t'),
        1 => Just('\r'),
        2 => prop_oneof![Just('&'), Just('<'), Just('>'), Just('"'), Just('\'')],
        2 => prop::char::range('\u{80}', '\u{fffd}'),
        1 => prop::char::range('\u{10000}', '\u{10ffff}'),
    ]
}

fn text() -> impl Strategy<Value = String> {
    vec(character(), 0..20).prop_map(|chars| chars.into_iter().collect())
}

/// A date of whole seconds in the years 1 to 9999.
fn date() -> impl Strategy<Value = Date> {
    (1..=9999u32, 1..=12u32, 1..=28u32, 0..24u32, 0..60u32, 0..60u32).prop_map(|(y, mo, d, h, mi, s)| {
        Date::from_xml_format(&format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}Z")).unwrap()
    })
}

pub fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(|n| Value::Integer(n.into())),
        (-300i64..300).prop_map(|n| Value::Integer(n.into())),
        any::<u64>().prop_map(|n| Value::Integer(n.into())),
        any::<f64>().prop_filter("finite", |r| r.is_finite()).prop_map(Value::Real),
        vec(any::<u8>(), 0..40).prop_map(Value::Data),
        text().prop_map(Value::String),
        date().prop_map(Value::Date),
    ];
    leaf.prop_recursive(6, 80, 10, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::Array),
            // Keys in another order than the alphabet's, so that keeping order means something.
            (btree_map(text(), inner, 0..8), any::<bool>()).prop_map(|(entries, turn)| {
                let mut entries: Vec<_> = entries.into_iter().collect();
                if turn {
                    entries.reverse();
                }
                Value::Dictionary(Dictionary::from_iter(entries))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn every_value_comes_back_from_xml(value in value()) {
        let back = read(&to_xml(&value));
        prop_assert!(same(&back, &value), "{back:?}");
    }

    #[test]
    fn every_value_comes_back_from_binary(value in value()) {
        let back = read(&to_binary(&value));
        prop_assert!(same(&back, &value), "{back:?}");
    }

    #[test]
    fn a_date_with_a_fraction_comes_back_from_binary(seconds in prop_oneof![-6.3e10..2.5e11f64, -1e9..1e9f64, -2.0..2.0f64]) {
        let date = [&[0x33][..], &seconds.to_be_bytes()].concat();
        let value = read(&super::Binary::new([date]).file(0));
        let back = read(&to_binary(&value));
        prop_assert!(same(&back, &value), "{value:?} became {back:?}");
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes, Limits::DEVICE);
        let _ = parse(&[b"bplist00", &bytes[..]].concat(), Limits::DEVICE);
        let _ = parse(&document(&String::from_utf8_lossy(&bytes)), Limits::DEVICE);
    }

    #[test]
    fn a_damaged_document_is_read_or_refused_and_what_is_read_can_be_written(
        value in value(),
        binary in any::<bool>(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = if binary { to_binary(&value) } else { to_xml(&value) };
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(value) = parse(&bytes, Limits::DEVICE) {
            prop_assert!(same(&read(&to_binary(&value)), &value));
            read(&to_xml(&value));
        }
    }

    #[test]
    fn a_cut_document_is_refused(value in value(), binary in any::<bool>(), at in any::<prop::sample::Index>()) {
        let bytes = if binary { to_binary(&value) } else { to_xml(&value) };
        let end = bytes.len() - if binary { 0 } else { "</plist>\n".len() };
        let at = at.index(end);
        prop_assert!(parse(&bytes[..at], Limits::DEVICE).is_err());
    }

    #[test]
    fn tag_soup_is_read_or_refused(
        pieces in vec(prop::sample::select(&[
            "<dict>", "</dict>", "<array>", "</array>", "<key>k</key>", "<key>l</key>", "<string>s</string>",
            "<true/>", "<integer>1</integer>", "<!-- c -->", "<![CDATA[x]]>", "&amp;", "<data>", "</data>", " ",
            "<string>", "</string>", "</plist>", "<plist>", "<array/>", "<dict/>", "<date>2026-11-24T21:30:00Z</date>",
        ][..]), 0..24),
    ) {
        if let Ok(value) = parse(&document(&pieces.concat()), Limits::DEVICE) {
            prop_assert!(same(&read(&to_xml(&value)), &value));
        }
    }

    #[test]
    fn arbitrary_object_tables_are_read_or_refused(
        objects in vec(vec(prop_oneof![Just(0u8), Just(1), Just(2), Just(0xa1), Just(0xd1), Just(0x51), any::<u8>()], 1..8), 1..12),
        root in 0u64..12,
    ) {
        if let Ok(value) = parse(&super::Binary::new(objects).file(root), Limits::DEVICE) {
            prop_assert!(same(&read(&to_binary(&value)), &value));
        }
    }
}
