//! Profiles as documents: whatever can be read is written equal, and every question about it has an answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::rules::variables::Values;
use pomona::rules::{check, diff, secrets, summary, variables};
use pomona::wire::profile::{Document, Place, Step};

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = Document::read(bytes) else { return };
    // A binary file may hold fractions of seconds, which XML has not: the second writing changes nothing.
    let written = document.to_xml();
    let again = Document::read(&written).expect("our own document");
    assert_eq!(again.to_xml(), written);
    again.visit(&mut |at| {
        let text = at.place().to_string();
        assert_eq!(Place::parse(&text).expect("our own text"), at.place());
        assert!(again.get(&at.place()).is_some_and(|value| std::ptr::eq(value, at.value)));
        Step::Into
    });
    let _ = (
        check::check(&again),
        summary::sentences(&again),
        summary::understood(&again),
        variables::used(&again),
    );
    assert!(diff::diff(&again, &again).is_empty());
    let mut edited = secrets::redacted(&again);
    assert!(Document::read(&edited.to_xml()).is_ok());
    secrets::restore(&mut edited, &again);
    assert_eq!(edited.to_xml(), written);
    if let Ok(filled) = variables::expand(&again, &Values::new()) {
        assert_eq!(filled.to_xml(), written);
    }
});
