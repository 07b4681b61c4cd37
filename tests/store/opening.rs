//! Opening a data folder, and refusing to.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use pomona::model::Time;
use pomona::model::settings::Settings;
use pomona::store::{Broken, OpenError, Store, settings};
use tempfile::tempdir;

fn named(name: &str) -> Settings {
    Settings { organization: name.into(), ..Settings::default() }
}

fn put(store: &Store, name: &str) {
    let row = named(name);
    store.write_blocking(move |w| settings::put(w, &row)).expect("written");
}

#[test]
fn what_was_answered_is_there_after_closing_and_opening() {
    let dir = tempdir().expect("folder");
    let store = Store::open(dir.path(), Time(5)).expect("opens");
    put(&store, "Orchard");
    store.close();
    assert!(store.read().is_err(), "a closed store reads nothing");
    let refused: Result<(), Broken> = store.write_blocking(|w| settings::put(w, &Settings::default()));
    assert!(refused.is_err(), "a closed store takes no writes");
    let store = Store::open(dir.path(), Time(6)).expect("opens again");
    assert_eq!(settings::get(&store.read().expect("read")).expect("row"), Some(named("Orchard")));
}

#[test]
fn the_data_folder_and_its_files_belong_to_their_owner_alone() {
    let dir = tempdir().expect("folder");
    let data = dir.path().join("new").join("data");
    let store = Store::open(&data, Time(0)).expect("opens");
    put(&store, "x");
    let mode = |p: &std::path::Path| fs::metadata(p).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in fs::read_dir(&data).expect("folder") {
        let path = file.expect("entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_second_pomona_on_the_same_folder_is_told_so() {
    let dir = tempdir().expect("folder");
    let first = Store::open(dir.path(), Time(0)).expect("opens");
    assert!(matches!(Store::open(dir.path(), Time(0)), Err(OpenError::InUse)));
    first.close();
    Store::open(dir.path(), Time(0)).expect("free after closing");
}

#[test]
fn a_database_without_its_master_key_is_refused_and_left_as_it_is() {
    let dir = tempdir().expect("folder");
    let key = dir.path().join("master.key");
    let store = Store::open(dir.path(), Time(0)).expect("opens");
    put(&store, "kept");
    drop(store);
    let saved = fs::read(&key).expect("key");
    fs::remove_file(&key).expect("removed");
    let refused = Store::open(dir.path(), Time(0)).expect_err("refused");
    assert!(matches!(&refused, OpenError::MissingKey(path) if *path == key), "{refused}");
    assert!(refused.to_string().contains("restore"), "{refused}");
    assert!(!key.exists(), "no new key is made for an old database");

    fs::write(&key, [7; 32]).expect("another key");
    assert!(matches!(Store::open(dir.path(), Time(0)), Err(OpenError::WrongKey)));
    fs::write(&key, [7; 31]).expect("a short key");
    assert!(matches!(Store::open(dir.path(), Time(0)), Err(OpenError::Broken(_))));

    fs::write(&key, saved).expect("restored");
    let store = Store::open(dir.path(), Time(0)).expect("opens with its own key");
    assert_eq!(settings::get(&store.read().expect("read")).expect("row"), Some(named("kept")));
}

#[test]
fn a_key_left_by_a_first_start_that_crashed_is_used() {
    let dir = tempdir().expect("folder");
    drop(Store::open(dir.path(), Time(0)).expect("opens"));
    fs::remove_file(dir.path().join("pomona.redb")).expect("removed");
    let key = fs::read(dir.path().join("master.key")).expect("key");
    drop(Store::open(dir.path(), Time(0)).expect("opens"));
    assert_eq!(fs::read(dir.path().join("master.key")).expect("key"), key);
}

#[test]
fn a_first_start_that_crashed_half_way_is_begun_anew_and_a_damaged_database_is_not() {
    let dir = tempdir().expect("folder");
    fs::write(dir.path().join("pomona.new"), [0; 4096]).expect("a draft");
    fs::write(dir.path().join("master.new"), [0; 7]).expect("a draft");
    drop(Store::open(dir.path(), Time(0)).expect("opens"));
    assert!(!dir.path().join("pomona.new").exists() && !dir.path().join("master.new").exists());
    for damage in [&[][..], &[0; 4096][..]] {
        fs::write(dir.path().join("pomona.redb"), damage).expect("damaged");
        let refused = Store::open(dir.path(), Time(0)).expect_err("refused");
        assert!(matches!(refused, OpenError::Broken(_)), "{refused}");
        assert!(refused.to_string().contains("pomona.redb"), "{refused}");
        let left = fs::read(dir.path().join("pomona.redb")).expect("there");
        assert_eq!(left, damage, "a damaged file is left for whoever can mend it");
    }
}
