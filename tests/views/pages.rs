//! What holds for every page, whatever is on it.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use super::gallery;
use super::html::{Tag, read};

fn pages() -> Vec<(String, String)> {
    gallery::all(&str::to_owned)
}

fn each(check: impl Fn(&str, &[Tag])) {
    for (name, page) in pages() {
        let tags = read(&page).unwrap_or_else(|e| panic!("{name}: {e}"));
        check(&name, &tags);
    }
}

fn count(tags: &[Tag], name: &str) -> usize {
    tags.iter().filter(|t| t.name == name).count()
}

#[test]
fn every_page_has_a_language_a_title_one_headline_and_one_main() {
    each(|name, tags| {
        assert_eq!(tags[0].get("lang"), Some("en"), "{name}");
        for element in ["title", "h1", "main"] {
            let n = tags
                .iter()
                .filter(|t| t.name == element && (element != "title" || t.text.contains(" · ")))
                .count();
            assert_eq!(n, 1, "{name}: {n} × {element}");
        }
        let skip = tags
            .iter()
            .find(|t| t.get("class") == Some("skip"))
            .unwrap_or_else(|| panic!("{name}: no skip link"));
        assert_eq!(skip.get("href"), Some("#main"), "{name}");
        assert!(
            count(tags, "main") == 1 && tags.iter().any(|t| t.name == "main" && t.get("id") == Some("main"))
        );
    });
}

#[test]
fn no_page_holds_styles_or_scripts_of_its_own() {
    each(|name, tags| {
        for tag in tags {
            assert!(
                tag.name != "style" && tag.name != "iframe" && tag.name != "object",
                "{name}: <{}>",
                tag.name
            );
            for (attribute, value) in &tag.attributes {
                assert!(attribute != "style" && !attribute.starts_with("on"), "{name}: {attribute}={value}");
            }
            if tag.name == "script" {
                assert!(
                    tag.get("src").is_some_and(|s| s.starts_with("/assets/")) && tag.text.is_empty(),
                    "{name}"
                );
            }
        }
    });
}

#[test]
fn every_input_has_a_label_and_every_id_is_unique() {
    each(|name, tags| {
        let mut ids = HashSet::new();
        for id in tags.iter().filter_map(|t| t.get("id")) {
            assert!(ids.insert(id), "{name}: two elements are called {id}");
        }
        let labeled: HashSet<&str> =
            tags.iter().filter(|t| t.name == "label").filter_map(|t| t.get("for")).collect();
        for tag in tags.iter().filter(|t| matches!(t.name.as_str(), "input" | "select" | "textarea")) {
            let kind = tag.get("type").unwrap_or("");
            if matches!(kind, "hidden" | "checkbox") {
                continue;
            }
            let id = tag.get("id").unwrap_or_else(|| panic!("{name}: an input without id"));
            assert!(labeled.contains(id), "{name}: {id} has no label");
        }
        for tag in tags {
            for attribute in ["aria-describedby", "aria-labelledby", "popovertarget", "for"] {
                for id in tag.get(attribute).unwrap_or("").split_whitespace() {
                    assert!(ids.contains(id), "{name}: {attribute} names {id}, which is not there");
                }
            }
        }
    });
}

#[test]
fn every_form_that_changes_something_carries_the_session_s_token() {
    each(|name, tags| {
        for (at, form) in tags.iter().enumerate().filter(|(_, t)| t.name == "form") {
            if form.get("method") != Some("post") {
                assert_eq!(form.get("method"), Some("get"), "{name}");
                continue;
            }
            let next = &tags[at + 1..];
            let inside = next.iter().take_while(|t| t.name != "form");
            let token = inside.into_iter().find(|t| t.get("name") == Some("csrf"));
            assert_eq!(
                token.and_then(|t| t.get("value")),
                Some("3f9aXv0c"),
                "{name}: {:?}",
                form.get("action")
            );
        }
    });
}

#[test]
fn links_lead_only_to_addresses_that_exist() {
    const KNOWN: [&str; 16] = [
        "/",
        "/assets/",
        "/enroll/",
        "/mydevices",
        "/profilemanager/catalog",
        "/profilemanager/accounts",
        "/profilemanager/activity",
        "/profilemanager/devices",
        "/profilemanager/enrollment",
        "/profilemanager/help",
        "/profilemanager/logs",
        "/profilemanager/me",
        "/profilemanager/profiles",
        "/profilemanager/push",
        "/profilemanager/tokens/",
        "/profilemanager/sign",
    ];
    each(|name, tags| {
        let ids: HashSet<&str> = tags.iter().filter_map(|t| t.get("id")).collect();
        for href in tags.iter().filter_map(|t| t.get("href").or_else(|| t.get("action"))) {
            if let Some(id) = href.strip_prefix('#') {
                assert!(ids.contains(id), "{name}: {href} leads nowhere");
                continue;
            }
            let known = href == "/profilemanager"
                || href == "/profilemanager/setup"
                || KNOWN.iter().any(|k| if *k == "/" { href == "/" } else { href.starts_with(k) });
            assert!(known, "{name}: {href}");
        }
    });
}

#[test]
fn who_may_not_do_a_thing_is_not_offered_it() {
    let find = |wanted: &str| pages().into_iter().find(|(n, _)| n == wanted).expect("page").1;
    let auditor = find("overview-auditor");
    assert!(
        !auditor.contains("/profilemanager/enrollment/new") && !auditor.contains("/profilemanager/accounts")
    );
    assert!(find("overview").contains("/profilemanager/enrollment/new"));
    let helpdesk = find("device-about-helpdesk");
    assert!(!helpdesk.contains("/erase") && !helpdesk.contains("/remove"));
    let mac = find("device-about-attention");
    assert!(
        mac.contains("/erase") && !mac.contains("/clear-passcode") && mac.contains("A Mac has no passcode")
    );
}

#[test]
fn erasing_asks_for_the_name_and_a_mac_is_told_about_its_pin() {
    let find = |wanted: &str| pages().into_iter().find(|(n, _)| n == wanted).expect("page").1;
    for page in ["deed-erase-iphone", "deed-erase-mac", "deed-erase-appletv"] {
        let tags = read(&find(page)).expect("page");
        assert!(tags.iter().any(|t| t.get("name") == Some("name") && t.get("required").is_some()), "{page}");
    }
    assert!(find("deed-lock-mac").contains("six-digit PIN"));
    assert!(!find("deed-lock-iphone").contains("PIN"));
    assert!(
        find("deed-lock-appletv").contains("no lock screen")
            && !find("deed-lock-appletv").contains("<form class=\"card")
    );
    assert!(find("pin-shown").contains("482913") && !find("pin-ask").contains("482913"));
}

#[test]
fn a_command_can_be_taken_back_only_until_the_device_fetched_it() {
    for (name, page) in pages().into_iter().filter(|(n, _)| n.starts_with("command-")) {
        let offered = page.contains("Cancel command");
        assert_eq!(offered, matches!(name.as_str(), "command-queued" | "command-notnow"), "{name}");
    }
}

#[test]
fn pages_stay_small() {
    let size = |wanted: &str| pages().into_iter().find(|(n, _)| n == wanted).expect("page").1;
    let hundred = size("devices-100");
    assert!(hundred.len() <= 80_000, "100 rows: {} bytes", hundred.len());
    let nodes = read(&hundred).expect("page").len();
    assert!(nodes <= 2_500, "100 rows: {nodes} elements");
    for (name, page) in pages() {
        assert!(page.len() <= 80_000, "{name}: {} bytes", page.len());
    }
}

#[test]
fn every_icon_and_asset_a_page_names_is_there() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let sprite = fs::read_to_string(assets.join("icons.svg")).expect("sprite");
    let mut used = HashSet::new();
    for (name, page) in pages() {
        for tag in read(&page).expect("page") {
            for value in tag.attributes.iter().map(|(_, v)| v).filter(|v| v.starts_with("/assets/")) {
                let (file, icon) =
                    value["/assets/".len()..].split_once('#').unwrap_or((&value["/assets/".len()..], ""));
                assert!(assets.join(file).is_file(), "{name}: {value}");
                if !icon.is_empty() {
                    assert!(sprite.contains(&format!("id=\"{icon}\"")), "{name}: no icon {icon}");
                    used.insert(icon.to_owned());
                }
            }
        }
    }
    let unused: Vec<_> = sprite
        .split("<symbol id=\"")
        .skip(1)
        .filter_map(|s| s.split('"').next())
        .filter(|id| !used.contains(*id))
        .collect();
    assert!(unused.is_empty(), "shipped for nothing: {unused:?}");
}

/// Writes every page to `target/pages`, for the browsers: `cargo test --test pomona write_the_gallery -- --ignored`.
#[test]
#[ignore = "writes files for tests/browser"]
fn write_the_gallery() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pages");
    let _ = fs::remove_dir_all(&folder);
    for (sub, attack) in
        [("plain", None), ("attacked", Some("\"><img src=x onerror=alert(1)><script>alert(1)</script>'"))]
    {
        fs::create_dir_all(folder.join(sub)).expect("folder");
        for (name, page) in gallery::all(&|text| attack.unwrap_or(text).to_owned()) {
            fs::write(folder.join(sub).join(format!("{name}.html")), page).expect("page");
        }
    }
    fs::create_dir_all(folder.join("neutral")).expect("folder");
    for (name, page) in gallery::all(&|_| "plain".into()) {
        fs::write(folder.join("neutral").join(format!("{name}.html")), page).expect("page");
    }
}
