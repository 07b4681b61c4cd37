use pomona::model::device::{fold_name, same_name};
use proptest::prelude::*;

#[test]
fn a_person_may_type_a_name_without_its_typography() {
    for (typed, name) in [
        ("Ada's iPhone", "Ada’s iPhone"),
        ("ada’s iphone", "Ada's iPhone"),
        ("  ADA'S   IPHONE ", "Ada’s iPhone"),
        ("\"Blue\" iPad", "“Blue” iPad"),
        ("front-desk", "Front—Desk"),
        ("lab 3", "Lab\u{a0}3"),
        ("lab3", "Lab\u{200b}3"),
        ("ÉCOLE", "école"),
    ] {
        assert!(same_name(typed, name), "{typed:?} is {name:?}");
    }
}

#[test]
fn another_name_is_another_name() {
    for (typed, name) in
        [("", ""), (" ", "\u{200b}"), ("Ada iPhone", "Ada’s iPhone"), ("Lab 3", "Lab 33"), ("lab3", "lab 3")]
    {
        assert!(!same_name(typed, name), "{typed:?} is not {name:?}");
    }
}

proptest! {
    #[test]
    fn folding_twice_is_folding_once(name in ".{0,40}") {
        let once = fold_name(&name);
        prop_assert_eq!(fold_name(&once), once.clone());
        prop_assert!(!once.starts_with(' ') && !once.ends_with(' ') && !once.contains("  "));
    }
}
