//! Finding settings by the words people use.

use std::time::Instant;

use pomona::catalog::{catalog, commands, declarations, skip_keys, status_items};

/// The first hits as `form address`.
fn found(query: &str, most: usize) -> Vec<String> {
    let hits = catalog().search(query, most);
    hits.iter().map(|hit| format!("{} {}", hit.form.id, hit.address.join("/")).trim().to_owned()).collect()
}

#[test]
fn airdrop_is_found_without_knowing_where_it_lives() {
    assert_eq!(found("airdrop", 1), ["com.apple.applicationaccess allowAirDrop"]);
    assert!(found("air drop", 3).contains(&"com.apple.applicationaccess allowAirDrop".to_owned()));
    assert_eq!(found("allowCamera", 1), ["com.apple.applicationaccess allowCamera"]);
    assert_eq!(found("ALLOWCAMERA", 1), ["com.apple.applicationaccess allowCamera"]);
}

#[test]
fn a_payload_comes_before_its_keys() {
    for (query, form) in [
        ("wifi", "com.apple.wifi.managed"),
        ("Wi-Fi", "com.apple.wifi.managed"),
        ("com.apple.dock", "com.apple.dock"),
        ("passcode", "com.apple.mobiledevice.passwordpolicy"),
    ] {
        assert_eq!(found(query, 1), [form], "{query}");
    }
}

#[test]
fn every_word_must_be_found_and_the_payload_counts() {
    let hits = catalog().search("wifi password", 20);
    assert!(!hits.is_empty());
    assert!(hits[0].key.is_some() && hits[0].form.payload_type == "com.apple.wifi.managed");
    assert!(found("airdrop zebra", 10).is_empty());
    assert!(found("", 10).is_empty());
    assert!(found(" - ", 10).is_empty());
}

#[test]
fn hits_carry_their_key_and_address() {
    for hit in catalog().search("certificate", 500) {
        let by_address = hit.form.at(hit.address);
        assert_eq!(by_address.map(|key| &key.name), hit.key.map(|key| &key.name));
    }
}

#[test]
fn the_other_sections_are_searched_too() {
    assert_eq!(commands().search("DeviceLock", 1)[0].form.payload_type, "DeviceLock");
    assert!(!declarations().search("passcode", 5).is_empty());
    assert!(!status_items().search("battery", 5).is_empty());
    assert_eq!(skip_keys().search("siri", 1)[0].key.expect("a pane").name, "Siri");
}

#[test]
fn a_search_over_all_keys_is_quick() {
    catalog().search("warm", 1);
    let queries = ["a", "password", "allow screen", "wifi eap certificate", "zzz"];
    let start = Instant::now();
    for query in queries {
        catalog().search(query, 50);
    }
    let each = start.elapsed() / 5;
    println!("a search takes {each:?} (unoptimized; the goal is 5 ms in release)");
    assert!(each.as_secs() < 5, "{each:?}");
}
