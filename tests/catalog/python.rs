//! The tools beside the facts: the check of the words, and the import of a new schema.

use std::path::Path;
use std::process::Command;

fn python(arguments: &[&str]) -> String {
    let output = Command::new("python3")
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("python3 is needed for the tools of the catalogue");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {text}");
    text
}

#[test]
fn the_words_speak_of_keys_that_exist() {
    let said = python(&["assets/catalog/check.py"]);
    assert!(said.ends_with("0 wrong\n"), "{said}");
}

#[test]
fn a_new_schema_is_imported_and_its_changes_are_told() {
    let said = python(&["-m", "unittest", "-v", "tests/catalog/test_update.py"]);
    assert!(said.contains("OK"), "{said}");
}
