//! Values as people type them: a fragment that is read is written and read again, and places in every spelling.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pomona::catalog::catalog;
use pomona::rules::variables::{Piece, pieces};
use pomona::rules::{document, entry};
use pomona::wire::profile::{Document, Path};

fuzz_target!(|text: &str| {
    if let Ok(value) = entry::fragment(text) {
        let shown = format!("{value:?}");
        assert_eq!(format!("{:?}", entry::fragment(&entry::xml(&value)).expect("our own fragment")), shown);
        assert!(entry::show(None, &value).chars().count() <= 200);
    }
    let form = catalog().form("com.apple.wifi.managed").expect("documented");
    for key in &form.keys {
        if let Ok(value) = entry::parse(key, text) {
            let typed = entry::text(Some(key), &value);
            assert_eq!(entry::parse(key, &typed).expect("our own text"), value);
        }
    }
    let path = Path::parse(text);
    assert_eq!(Path::parse(&path.to_string()), path);
    let whole: String = pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(part) => part.to_owned(),
            Piece::Variable(name) => format!("%{name}%"),
        })
        .collect();
    assert_eq!(whole, text);
    let _ = document::locate(&Document::new("a", "b", "c"), text);
});
