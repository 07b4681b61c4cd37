//! The organization's own fields about devices and people.

use std::collections::BTreeMap;

use pomona::model::device::Owner;
use pomona::rules::fields;
use pomona::rules::variables::{Piece, pieces};
use proptest::prelude::*;

fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_field_is_named_so_that_it_can_be_a_variable() {
    for good in ["Room", "cost-center", "a", "x.y_Z9", &"n".repeat(64), "Department", "abc"] {
        assert_eq!(fields::name(&format!(" {good} ")).unwrap(), good);
    }
    for bad in
        ["", " ", "9th", "_x", "two words", "per%cent", "naïve", "a/b", "a:b", &"n".repeat(65), "E2", "af"]
    {
        assert_eq!(fields::name(bad).unwrap_err().code, "field.name", "{bad}");
    }
    for taken in
        ["SerialNumber", "serialnumber", "Serial_Number", "EMAIL", "short_name", "HostName", "AD_Domain"]
    {
        assert_eq!(fields::name(taken).unwrap_err().code, "field.reserved", "{taken}");
    }
}

#[test]
fn a_value_is_text_of_up_to_a_thousand_characters() {
    assert_eq!(fields::value("").unwrap(), "");
    assert_eq!(fields::value(" a\r\nb\tc\r ").unwrap(), " a\nb\tc\n ");
    assert_eq!(fields::value(&"é".repeat(1000)).unwrap().chars().count(), 1000);
    for bad in ["é".repeat(1001), "a\0b".into(), "\u{1b}[1m".into(), "\u{7f}".into(), "\u{ffff}".into()] {
        assert_eq!(fields::value(&bad).unwrap_err().code, "field.value", "{bad:?}");
    }
}

#[test]
fn fields_are_few_and_told_apart_without_case_and_empty_ones_go() {
    let kept = fields::fields(&map(&[(" Room ", "12"), ("Building", ""), ("Shelf", " ")])).unwrap();
    assert_eq!(kept, map(&[("Room", "12"), ("Shelf", " ")]));
    assert_eq!(fields::fields(&map(&[("Room", "1"), ("room", "2")])).unwrap_err().code, "field.twice");
    let many = |n: usize| (0..n).map(|i| (format!("field{i}"), "x".to_owned())).collect();
    assert_eq!(fields::fields(&many(50)).unwrap().len(), 50);
    assert_eq!(fields::fields(&many(51)).unwrap_err().code, "field.many");
}

#[test]
fn an_owner_is_a_few_lines_of_text() {
    let owner = Owner {
        short_name: " ada ".into(),
        full_name: "Ada Lovelace".into(),
        email: "ada@example.org".into(),
        fields: map(&[("Desk", "4")]),
    };
    let kept = fields::owner(&owner).unwrap();
    assert_eq!((kept.short_name.as_str(), kept.fields.len()), ("ada", 1));
    assert_eq!(fields::owner(&Owner::default()).unwrap(), Owner::default());
    for email in ["ada", "@x", "ada@", "a@b@c", "a b@c"] {
        let refused = fields::owner(&Owner { email: email.into(), ..owner.clone() }).unwrap_err();
        assert_eq!(refused.code, "owner.email", "{email}");
    }
    for name in ["two\nlines".to_owned(), "n".repeat(1001)] {
        assert_eq!(
            fields::owner(&Owner { full_name: name, ..owner.clone() }).unwrap_err().code,
            "owner.text"
        );
    }
    let fields_too = Owner { fields: map(&[("9", "x")]), ..owner };
    assert_eq!(fields::owner(&fields_too).unwrap_err().code, "field.name");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn whatever_name_is_taken_is_found_as_a_variable_in_text(typed in "[A-Za-z0-9_. -]{0,8}") {
        if let Ok(name) = fields::name(&typed) {
            let text = format!("before %{name}% after");
            let expected = [Piece::Text("before "), Piece::Variable(&name), Piece::Text(" after")];
            prop_assert_eq!(pieces(&text), expected);
        }
    }
}
