//! The editor of payloads in every state, and what holds for it.

use pomona::model::account::Role;
use pomona::views::admin::editor::payload::Adds;
use pomona::views::admin::editor::*;
use pomona::views::admin::library::badges::Count;
use pomona::views::{Link, Tone};

use super::gallery::{NOW, Say, page, profile_head};
use super::html::read;

type Pages = Vec<(String, String)>;

fn row(t: Say, path: &str, label: &str, control: Control) -> Row {
    Row {
        path: t(path),
        label: t(label),
        name: t(path.rsplit('/').next().unwrap_or_default()),
        badges: vec![t("iOS 17.0+"), t("supervised")],
        help: Some(t("What this does, in one plain sentence for whoever sets it.")),
        more: vec![
            (t("When not set"), t("Allowed")),
            (t("Since"), t("iOS 4.0, macOS 10.11")),
            (t("Set by several profiles"), t("on if all of them say on")),
        ],
        notes: Vec::new(),
        reach: Vec::new(),
        wrong: None,
        clash: None,
        missing: false,
        mark: t("m1"),
        removable: true,
        focus: false,
        control,
    }
}

fn reach(t: Say) -> Vec<Count> {
    let count = |words: &str, tone, devices| Count {
        words: t(words),
        tone,
        devices,
        href: "/profilemanager/profiles/k7f3/review/devices".into(),
    };
    vec![count("works", Tone::Ok, 31), count("ignored: needs supervision", Tone::Plain, 3)]
}

fn choice(t: Say, value: &str, label: &str, chosen: bool) -> Choice {
    Choice { value: t(value), label: t(label), raw: Some(t(value)), chosen }
}

fn allowed(t: Say, yes: bool) -> Control {
    let choice =
        |value: &str, label: &str, chosen| Choice { value: t(value), label: t(label), raw: None, chosen };
    Control::Radios(vec![choice("true", "Allowed", yes), choice("false", "Not allowed", !yes)])
}

fn line(t: Say, value: &str, unit: &str, hint: &str) -> Control {
    Control::Line(Line {
        kind: "text",
        value: t(value),
        inputmode: Some("numeric"),
        unit: t(unit),
        hint: t(hint),
    })
}

fn offer(t: Say, n: usize) -> Offer {
    let known = [
        ("allowAirDrop", "AirDrop", "Sending files to devices nearby."),
        ("allowScreenShot", "Screenshots and screen recordings", "Pictures of what is on the screen."),
        (
            "allowUIConfigurationProfileInstallation",
            "Installing profiles by hand",
            "Whether people may add profiles themselves.",
        ),
    ];
    let (name, label, help) = known[n % 3];
    Offer {
        path: t(&format!("{name}{n}")),
        label: t(label),
        name: t(name),
        badges: vec![t("supervised")],
        help: Some(t(help)),
        words: t("sharing nearby"),
        systems: t("ios macos"),
        supervised: n.is_multiple_of(2),
        hidden: n % 9 == 8,
        old: n % 9 == 8,
        set: None,
    }
}

fn groups(t: Say, of: usize) -> Vec<OfferGroup> {
    (0..3)
        .map(|g| OfferGroup {
            label: t(["Apps and media", "Connections", "Security and privacy"][g]),
            offers: (0..of).map(|n| offer(t, g * of + n)).collect(),
            open: g == 0,
        })
        .collect()
}

fn editor(t: Say) -> PayloadEditor {
    PayloadEditor {
        profile: t("k7f3"),
        base: String::new(),
        title: t("Restrictions"),
        trail: vec![
            Link { label: t("Profiles"), href: "/profilemanager/profiles".into() },
            Link { label: t("Staff iPads"), href: "/profilemanager/profiles/k7f3".into() },
        ],
        action: "/profilemanager/profiles/k7f3/payloads/a53f".into(),
        lead: Some(t("What people may and may not do on their devices.")),
        notes: Vec::new(),
        reach: reach(t),
        facts: vec![
            (t("Type"), t("com.apple.applicationaccess")),
            (t("UUID"), t("A53F9D5B-2E9D-4E39-6A53-5E1B9F6E0A11")),
        ],
        sections: Vec::new(),
        offers: groups(t, 9),
        facets: Facets { systems: vec!["iOS", "macOS"], ..Facets::default() },
        adds: Adds::Unknown,
        wrong: Vec::new(),
        clashes: 0,
        others: Vec::new(),
        edited: Some((NOW.plus_secs(-200), t("ada"))),
        variables: vec![
            (t("SerialNumber"), t("Serial number of the device")),
            (t("ShortName"), t("Sign-in name of its owner")),
        ],
    }
}

fn few(t: Say) -> Vec<Section> {
    let mut ssid = row(t, "SSID_STR", "Network name", line(t, "Orchard Staff", "", "32 characters at most."));
    ssid.missing = true;
    ssid.removable = false;
    ssid.notes = vec![(Tone::Bad, t("A network name must be set."))];
    let mut old = row(
        t,
        "EncryptionType",
        "Security",
        Control::Radios(vec![
            choice(t, "None", "None", false),
            choice(t, "WPA2", "WPA2", true),
            choice(t, "WPA3", "WPA3", false),
            choice(t, "Odd", "Other: Odd", false),
        ]),
    );
    old.reach = reach(t);
    old.notes =
        vec![(Tone::Warn, t("Deprecated since iOS 26.4.")), (Tone::Plain, t("Ignored on 3 of 34 devices."))];
    let cert = vec![
        (t("Size"), t("1,204 bytes")),
        (t("Certificate"), t("Orchard Root CA")),
        (t("Valid until"), t("3 Nov 2031")),
        (t("SHA-256"), t("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
    ];
    let group = Control::Group {
        rows: vec![
            row(t, "EAP/UserName", "User name", line(t, "%ShortName%", "", "")),
            row(
                t,
                "EAP/AcceptEAPTypes",
                "Accepted types",
                Control::Ticks(vec![
                    choice(t, "13", "TLS", true),
                    choice(t, "21", "TTLS", false),
                    choice(t, "25", "PEAP", true),
                ]),
            ),
            row(
                t,
                "EAP/Inner",
                "Inner settings",
                Control::Group { rows: Vec::new(), offers: vec![offer(t, 40)], free: Some(t("EAP/Inner")) },
            ),
            row(t, "EAP/Deep", "Deeper settings", Control::Inside { summary: t("3 settings") }),
        ],
        offers: vec![offer(t, 50), offer(t, 51)],
        free: None,
    };
    vec![
        Section {
            title: None,
            rows: vec![
                ssid,
                row(t, "AutoJoin", "Join automatically", allowed(t, true)),
                old,
                row(t, "Password", "Password", Control::Secret { set: Some(t("Set on 3 Nov 2026 by ada.")) }),
                row(t, "NewPassword", "Another password", Control::Secret { set: None }),
            ],
        },
        Section {
            title: Some(t("Certificates and more")),
            rows: vec![
                row(t, "PayloadContent", "Certificate", Control::File { holds: cert }),
                row(t, "Which", "Identity certificate", Control::Select((0..6).map(|n| choice(t, &format!("U{n}"), "SCEP: Staff", n == 2)).collect())),
                row(t, "None", "Nothing chosen yet", Control::Select(vec![choice(t, "x", "One", false)])),
                row(t, "Until", "Date of removal", Control::Moment { value: "2026-12-24T18:00:00".into() }),
                row(t, "Grace", "Grace period", line(t, "900", "s", "0 to 3600. That is 15 min.")),
                row(t, "Servers", "Trusted servers", Control::List { items: vec![t("radius.orchard.example"), t("two.orchard.example"), t("three.orchard.example")], inputmode: Some("url") }),
                row(t, "Rules", "Rules", Control::Table {
                    items: (0..3)
                        .map(|n| Item { path: t(&format!("Rules/{n}")), summary: t("connect, Orchard Staff, https://a-very-long-address.orchard.example/that/goes/on"), mark: t("m2"), bad: n == 1 })
                        .collect(),
                    one: t("rule"),
                }),
                row(t, "Empty", "Empty list", Control::Table { items: Vec::new(), one: t("item") }),
                row(t, "EAP", "Sign-in to the network", group),
                row(t, "Notes", "Message", Control::Text { value: t("Several\nlines"), code: false, hint: String::new() }),
                row(t, "Odd", "Odd", Control::Text { value: t("<dict>\n\t<key>a</key>\n\t<true/>\n</dict>"), code: true, hint: t("A value of a property list, as XML.") }),
            ],
        },
    ]
}

/// Every state of the editor's pages.
pub fn pages(t: Say, out: &mut Pages) {
    let owner = |path: &str| page(t, Some(Role::Owner), path);
    let path = "/profilemanager/profiles/k7f3/payloads/a53f";
    let mut put =
        |name: &str, markup: pomona::views::Markup| out.push((name.to_owned(), markup.into_string()));
    put("editor-empty", editor(t).render(&owner(path)));
    put(
        "editor-few",
        PayloadEditor { sections: few(t), others: vec![t("grace")], ..editor(t) }.render(&owner(path)),
    );
    let crowd = (0..40)
        .map(|n| row(t, &format!("allow{n}"), "Adding and removing app clips", allowed(t, n % 2 == 0)))
        .collect();
    let crowded = Section { title: Some(t("Apps and media")), rows: crowd };
    put("editor-crowded", PayloadEditor { sections: vec![crowded], ..editor(t) }.render(&owner(path)));
    let mut sections = few(t);
    sections[0].rows[0].wrong = Some(t("At most 32 characters."));
    sections[1].rows[4].wrong = Some(t("A whole number from 0 to 3600."));
    sections[1].rows[5].wrong = Some(t("Item 2: a host name."));
    let wrong = vec![
        (t("SSID_STR"), t("Network name"), t("At most 32 characters.")),
        (t("Grace"), t("Grace period"), t("A whole number from 0 to 3600.")),
    ];
    put("editor-errors", PayloadEditor { sections, wrong, ..editor(t) }.render(&owner(path)));
    let mut sections = few(t);
    let clash =
        |gone| Some(Clash { mine: t("Orchard Staff"), theirs: t("Orchard Guests"), now: t("m9"), gone });
    sections[0].rows[0].clash = clash(false);
    sections[1].rows[4].clash = clash(true);
    let conflict = PayloadEditor { sections, clashes: 2, others: vec![t("grace"), t("alan")], ..editor(t) };
    put("editor-conflict", conflict.render(&owner(path)));
    let unknown = vec![Section {
        title: None,
        rows: vec![
            row(t, "Server", "Server", line(t, "https://example.org", "", "")),
            row(
                t,
                "Nested",
                "Nested",
                Control::Group { rows: Vec::new(), offers: Vec::new(), free: Some(t("Nested")) },
            ),
        ],
    }];
    let unknown = PayloadEditor {
        title: t("com.example.vendor"),
        lead: None,
        sections: unknown,
        offers: Vec::new(),
        adds: Adds::Keys,
        edited: None,
        notes: vec![(Tone::Plain, t("Apple does not document this payload."))],
        ..editor(t)
    };
    put("editor-unknown", unknown.render(&owner(path)));
    let inside = PayloadEditor {
        base: t("Rules/1"),
        title: t("Rule 2"),
        facts: Vec::new(),
        variables: Vec::new(),
        sections: vec![Section {
            title: None,
            rows: vec![row(t, "Rules/1/Action", "Action", allowed(t, true))],
        }],
        offers: vec![OfferGroup { label: String::new(), offers: vec![offer(t, 1), offer(t, 2)], open: true }],
        ..editor(t)
    };
    put("editor-inside", inside.render(&owner(path)));
    let domains = PayloadEditor { adds: Adds::Domains, offers: Vec::new(), sections: few(t), ..editor(t) };
    put("editor-domains", domains.render(&owner(path)));
    let searched = PayloadEditor {
        facets: Facets {
            q: t("airdrop"),
            os: "ios".into(),
            supervised: true,
            set: true,
            systems: vec!["iOS", "macOS"],
        },
        offers: vec![OfferGroup {
            label: t("Connections"),
            offers: vec![Offer { set: Some("row-AutoJoin".into()), ..offer(t, 0) }, offer(t, 1)],
            open: true,
        }],
        sections: few(t),
        ..editor(t)
    };
    put("editor-searched", searched.render(&owner(path)));
    let item = PayloadEditor { adds: Adds::Nothing, offers: Vec::new(), sections: few(t), ..editor(t) };
    put("editor-alone", item.render(&owner(path)));
    lists(t, out);
}

fn lists(t: Say, out: &mut Pages) {
    let owner = |path: &str| page(t, Some(Role::Owner), path);
    let path = "/profilemanager/profiles/k7f3";
    let mut put =
        |name: &str, markup: pomona::views::Markup| out.push((name.to_owned(), markup.into_string()));
    let card = |n: usize| PayloadCard {
        id: t(&format!("a53f{n}")),
        label: t(["Wi-Fi", "Passcode", "com.example.vendor", "Restrictions"][n % 4]),
        name: n.is_multiple_of(2).then(|| t("Staff network")),
        says: t("Joins “Orchard Staff” with a password, automatically."),
        settings: n,
        notes: if n == 1 {
            vec![(Tone::Bad, t("Must be set.")), (Tone::Warn, t("Deprecated."))]
        } else {
            vec![]
        },
        more: n / 2,
    };
    let list = |n: usize| PayloadList { head: profile_head(t, true, 25), cards: (0..n).map(card).collect() };
    put("payloads", list(4).render(&owner(path)));
    put("payloads-empty", list(0).render(&owner(path)));
    put("payloads-auditor", list(4).render(&page(t, Some(Role::Auditor), path)));
    let remove = PayloadRemove {
        profile: t("k7f3"),
        profile_name: t("Staff iPads"),
        payload: t("a53f"),
        name: t("Wi-Fi: Staff"),
        settings: 4,
    };
    put("payload-remove", remove.render(&owner(path)));
    let found = |n: usize| Found {
        form: t("com.apple.applicationaccess"),
        payload: t("Restrictions"),
        key: (n != 1).then(|| (t("allowAirDrop"), t("allowAirDrop"))),
        label: t("AirDrop"),
        badges: vec![t("iOS 7.0+"), t("supervised")],
        help: Some(t("Sending files to devices nearby.")),
        reach: reach(t),
        there: (0..n % 3).map(|i| (t(&format!("a{i}")), t("Restrictions"), i == 1)).collect(),
        another: n.is_multiple_of(2),
    };
    let find = FindPage {
        profile: t("k7f3"),
        profile_name: t("Staff iPads"),
        q: t("airdrop"),
        within: None,
        found: (0..6).map(found).collect(),
        shelves: Vec::new(),
    };
    let path = "/profilemanager/profiles/k7f3/add";
    put("payload-find", find.render(&owner(path)));
    put(
        "payload-find-nothing",
        FindPage { found: Vec::new(), within: Some((t("x"), t("Wi-Fi"))), ..find.clone() }
            .render(&owner(path)),
    );
    let shelf = |n: usize| ShelfForm {
        form: t("com.apple.wifi.managed"),
        label: t("Wi-Fi"),
        help: Some(t("Networks that devices join.")),
        badges: vec![t("iOS"), t("macOS")],
        there: n % 3,
    };
    let shelves = (0..3)
        .map(|n| Shelf { label: t(["Network", "Security", "Apps"][n]), forms: (0..5).map(shelf).collect() })
        .collect();
    put(
        "payload-shelves",
        FindPage { q: String::new(), found: Vec::new(), shelves, ..find }.render(&owner(path)),
    );
}

fn find(name: &str) -> String {
    let mut all = Vec::new();
    pages(&str::to_owned, &mut all);
    all.into_iter().find(|(n, _)| n == name).expect("page").1
}

#[test]
fn what_is_not_set_is_no_field() {
    let tags = read(&find("editor-empty")).expect("page");
    let named: Vec<&str> = tags.iter().filter_map(|t| t.get("name")).filter(|n| n.contains(':')).collect();
    // The adder of free keys is all there is.
    assert_eq!(named, ["a:", "k:"], "nothing can be sent that nobody set");
    assert!(tags.iter().any(|t| t.get("name") == Some("add")), "and everything can be added");
}

#[test]
fn a_secret_is_never_in_its_field() {
    let tags = read(&find("editor-few")).expect("page");
    let fields: Vec<_> = tags.iter().filter(|t| t.get("type") == Some("password")).collect();
    assert_eq!(fields.len(), 2);
    assert!(fields.iter().all(|t| t.get("value").is_none()));
    assert!(find("editor-few").contains("Set on 3 Nov 2026 by ada. Type to replace it."));
}

#[test]
fn the_key_return_saves_and_never_removes() {
    for page in ["editor-few", "editor-errors", "editor-inside", "editor-domains"] {
        let tags = read(&find(page)).expect("page");
        let at = tags.iter().position(|t| t.get("data-editor").is_some()).expect("the form");
        let first = tags[at..]
            .iter()
            .find(|t| t.name == "button" && t.get("type") == Some("submit"))
            .expect("a button");
        assert_eq!(
            first.get("name"),
            Some("save"),
            "{page}: the first button is what the return key presses"
        );
    }
}

#[test]
fn every_row_carries_the_mark_of_what_it_shows() {
    let tags = read(&find("editor-crowded")).expect("page");
    let rows = tags.iter().filter(|t| t.get("data-row").is_some()).count();
    let marks = tags.iter().filter(|t| t.get("name").is_some_and(|n| n.starts_with("w:"))).count();
    assert_eq!((rows, marks), (40, 40));
}

#[test]
fn what_is_wrong_is_told_on_top_and_beside_its_field() {
    let tags = read(&find("editor-errors")).expect("page");
    let field = tags.iter().find(|t| t.get("id") == Some("f-Grace")).expect("the field");
    assert_eq!(field.get("aria-invalid"), Some("true"));
    assert!(field.get("aria-describedby").is_some_and(|ids| ids.split(' ').any(|id| id == "e-Grace")));
    assert!(tags.iter().any(|t| t.get("href") == Some("#row-Grace")), "and the summary leads there");
    assert_eq!(field.get("value"), Some("900"), "what was typed is still there");
}

#[test]
fn a_conflict_shows_both_and_keeps_both_until_one_is_chosen() {
    let tags = read(&find("editor-conflict")).expect("page");
    let radios: Vec<_> = tags.iter().filter(|t| t.get("name") == Some("c:SSID_STR")).collect();
    let values: Vec<_> = radios.iter().filter_map(|t| t.get("value")).collect();
    assert_eq!(values, ["mine", "theirs"]);
    assert!(radios.iter().all(|t| t.get("checked").is_none()), "nothing is chosen for the person");
    let value = |name: &str| tags.iter().find(|t| t.get("name") == Some(name)).and_then(|t| t.get("value"));
    assert_eq!(value("n:SSID_STR"), Some("m9"), "the choice is about what was there");
    assert_eq!(value("w:SSID_STR"), Some("m1"), "and without one it conflicts again");
    assert_eq!(value("g:Grace"), Some("on"));
}

#[test]
fn nobody_who_may_not_edit_is_offered_to() {
    let auditor = find("payloads-auditor");
    assert!(
        !auditor.contains("/payloads/") && !auditor.contains("Add settings") && auditor.contains("Wi-Fi")
    );
}

#[test]
fn two_paths_never_share_an_id() {
    let paths = ["a/b", "a-b", "a_b", "a b", "a/b/0", "a~1b", "ä", "", "a", "-", "_", "_2d_"];
    let ids: std::collections::BTreeSet<String> = paths.iter().map(|p| anchor(p)).collect();
    assert_eq!(ids.len(), paths.len(), "{ids:?}");
}
