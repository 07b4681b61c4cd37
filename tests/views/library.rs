//! The pages about profiles in every state: with nothing in them, with little, with much, refused, blocked.

use std::collections::BTreeMap;

use pomona::catalog::{Os, catalog};
use pomona::model::account::Role;
use pomona::model::device::Platform;
use pomona::model::document::{Difference, Finding, Shown, Weight};
use pomona::model::profile::{Distribution, Origin, Revision};
use pomona::views::admin::device_owner::DeviceOwnerPage;
use pomona::views::admin::library::badges::Count;
use pomona::views::admin::library::catalog::*;
use pomona::views::admin::library::catalog_add::*;
use pomona::views::admin::library::form_rows::{Ask, FormRow};
use pomona::views::admin::library::general::*;
use pomona::views::admin::library::hand::*;
use pomona::views::admin::library::history::*;
use pomona::views::admin::library::import::*;
use pomona::views::admin::library::new::*;
use pomona::views::admin::library::review::*;
use pomona::views::admin::library::short::*;
use pomona::views::admin::library::source::*;
use pomona::views::admin::profile::{AssignRow, DraftState, ProfileHead};
use pomona::views::admin::profiles::*;
use pomona::views::public::my_devices::*;
use pomona::views::{Link, Tone};
use pomona::wire::profile::{Path, Place};

use super::gallery::{NAMES, PLATFORMS, Say, XML, ago, id, page, profile_head, wrong};
use super::html::read;

type Pages = Vec<(String, String)>;

const PATH: &str = "/profilemanager/profiles/k7f3";

fn put(out: &mut Pages, name: &str, markup: pomona::views::Markup) {
    out.push((name.into(), markup.into_string()));
}

/// A text whose lines pass through `t` one by one: as many lines, whatever is in them.
fn text(t: Say) -> String {
    XML.lines().map(|line| t(line).replace(['\r', '\n'], " ")).collect::<Vec<_>>().join("\n")
}

fn draft(t: Say, errors: u64) -> DraftState {
    DraftState {
        version: 4,
        changes: 3,
        by: t("grace"),
        at: ago(90),
        others: vec![t("grace"), t("katherine")],
        errors,
        warnings: 1,
    }
}

fn drafted(t: Say, errors: u64) -> ProfileHead {
    ProfileHead { draft: Some(draft(t, errors)), ..profile_head(t, true, 25) }
}

fn new(t: Say) -> ProfileHead {
    let mut head = drafted(t, 1);
    head.profile.revision = 0;
    head.wanted = 0;
    head.installed = 0;
    head.failed = 0;
    head
}

fn place(t: Say, key: &str) -> Place {
    Place { payload: Some(t("9c1f0f3e")), path: Path(vec![t(key)]) }
}

fn assign(t: Say, n: usize) -> Vec<AssignRow> {
    let row = |i: usize| AssignRow {
        id: id(t, i),
        name: t(NAMES[i % 7]),
        platform: PLATFORMS[i % 7],
        serial: (i % 5 != 4).then(|| t("F4KX0001Q1MN")),
    };
    (0..n).map(row).collect()
}

fn counts(t: Say) -> Vec<Count> {
    let count = |words: &str, tone, devices| Count {
        words: t(words),
        tone,
        devices,
        href: "/profilemanager/catalog/com.apple.applicationaccess/devices".into(),
    };
    vec![
        count("works", Tone::Ok, 1_180),
        count("deprecated since 17", Tone::Warn, 1),
        count("ignored: needs supervision", Tone::Plain, 24),
    ]
}

fn lint(t: Say, n: usize) -> Vec<LintRow> {
    let row = |i: usize| LintRow {
        payload: t("Restrictions"),
        label: if i == 0 { String::new() } else { t("AirDrop") },
        place: place(t, "allowAirDrop"),
        counts: counts(t).into_iter().take(i % 3 + 1).collect(),
    };
    (0..n).map(row).collect()
}

fn differences(t: Say) -> Vec<Difference> {
    let difference = |label: &str, old, new| Difference {
        place: place(t, label),
        payload: t("Wi-Fi network: Office"),
        label: t(label),
        old,
        new,
    };
    let said = |text: &str| Shown::Text(t(text));
    vec![
        difference("Network name", said("Orchard"), said("Orchard 5G")),
        difference("Password", Shown::Secret, Shown::Secret),
        difference("Proxy", Shown::Unset, said("Automatic (PAC file)")),
        difference("Old password", Shown::Secret, Shown::Unset),
    ]
}

fn findings(t: Say) -> Vec<Finding> {
    [Weight::Error, Weight::Warning, Weight::Note]
        .into_iter()
        .map(|weight| Finding {
            place: if weight == Weight::Note { Place::top("RemovalDate") } else { place(t, "SSID_STR") },
            weight,
            code: "profile.key-missing",
            says: t("Network name is missing: a Wi-Fi payload needs it."),
        })
        .collect()
}

fn form_rows(t: Say, bad: bool) -> Vec<FormRow> {
    let row = |n: usize, label: &str, ask, value: &str| FormRow {
        field: format!("9c1f:{n}"),
        mark: (format!("was:9c1f:{n}"), t("m")),
        label: t(label),
        key: t("SSID_STR"),
        ask,
        value: t(value),
        help: t("The name that the access point sends out."),
        required: n == 0,
        wrong: (bad && n < 2).then(|| t("Network name is required.")),
    };
    let choices = |n: usize| (0..n).map(|i| (format!("v{i}"), t("WPA2 or WPA3"))).collect();
    vec![
        row(0, "Network name", Ask::Line("text"), "Orchard"),
        row(1, "Security", Ask::Choice(choices(3)), "v1"),
        row(2, "Sort of sign-in", Ask::Choice(choices(9)), "v1"),
        row(3, "Password", Ask::Secret(Some(t("on 3 Nov 2026 by ada"))), ""),
        row(4, "Minimum length", Ask::Number, "6"),
        row(5, "Servers", Ask::Lines, "a.example.org\nb.example.org"),
        row(6, "Certificate", Ask::File(Some(t("a certificate, 1.2 kB"))), ""),
    ]
}

fn short(t: Say, bad: bool) -> ShortPage {
    let form = |label: &str, kind: &str, n: usize| ShortForm {
        payload: t("9c1f"),
        kind: t(kind),
        label: t(label),
        help: t("Devices join your network by themselves."),
        rows: form_rows(t, bad)
            .into_iter()
            .filter(|r| n == 10 || !matches!(r.ask, Ask::Secret(_)))
            .map(|r| FormRow {
                field: format!("{}{n}", r.field),
                mark: (format!("{}{n}", r.mark.0), r.mark.1),
                ..r
            })
            .collect(),
        more: 3,
    };
    ShortPage {
        head: new(t),
        forms: vec![
            form("Wi-Fi", "com.apple.wifi.managed", 10),
            form("Passcode", "com.apple.mobiledevice.passwordpolicy", 20),
        ],
        others: vec![(t("77"), t("com.example.unknown"), t("com.example.unknown"))],
        met: if bad { met_rows(t) } else { vec![] },
        wrong: if bad { wrong(t, "9c1f:010") } else { None },
    }
}

fn met_rows(t: Say) -> Vec<Met> {
    vec![Met { label: t("Security"), mine: t("WPA3"), theirs: t("WPA2 or WPA3") }]
}

fn general(t: Say, head: ProfileHead, full: bool) -> GeneralPage {
    let some = |text: &str| if full { t(text) } else { String::new() };
    let mut consent = vec![("default".to_owned(), some("You agree to the rules of the orchard."))];
    if full {
        consent.push((t("de"), t("Sie stimmen den Regeln zu.")));
    }
    consent.push((String::new(), String::new()));
    GeneralPage {
        name: t("Office"),
        organization: some("Orchard Primary School"),
        description: some("Joins the staff network."),
        identifier: t("org.orchard.staff"),
        removal: if full { Removal::Password } else { Removal::Always },
        password_set: full.then(|| t("3 Nov 2026 by ada")),
        removal_date: if full { "2026-12-31T18:00".into() } else { String::new() },
        removal_days: some("30"),
        user_scope: full,
        consent,
        distribution: if full { Distribution::Offered } else { Distribution::Pushed },
        marks: vec![("was-PayloadDisplayName".into(), t("m"))],
        met: if full { met_rows(t) } else { vec![] },
        wrong: if full { wrong(t, "removal_date") } else { None },
        head,
    }
}

fn review(t: Say, head: ProfileHead, n: usize) -> ReviewPage {
    ReviewPage {
        sentences: if n == 0 {
            vec![]
        } else {
            vec![t("Wi-Fi “Office” with a password"), t("Passcode of at least 6 characters")]
        },
        differences: if n == 0 { vec![] } else { differences(t) },
        behind: (n > 50).then_some(2),
        findings: if n % 2 == 1 { findings(t) } else { vec![] },
        lint: lint(t, n),
        devices: n as u64 * 12,
        unjudged: n as u64,
        note: t("The new access points"),
        wrong: if n > 50 { wrong(t, "note") } else { None },
        head,
    }
}

fn rows(t: Say, n: u32) -> Vec<RevisionRow> {
    let row = |number: u32| RevisionRow {
        number,
        facts: (number > 1).then(|| Revision {
            profile: t("k7f3"),
            number,
            uuid: t("A53F9D5B-2E9D-4E39-6A53-5E1B9F6E0A11"),
            by: t("ada"),
            at: ago(i64::from(90_000 / number)),
            note: if number == 2 { String::new() } else { t("The new access points") },
            origin: [Origin::Imported, Origin::Published, Origin::Restored(1)][(number % 3) as usize].clone(),
            signed_by: number.is_multiple_of(2).then(|| t("Orchard Primary School")),
            secrets: vec![],
            variables: vec![],
        }),
    };
    (1..=n).rev().map(row).collect()
}

fn list_rows(t: Say, n: u64) -> Vec<ProfileRow> {
    let kinds = [
        "com.apple.wifi.managed",
        "com.apple.mobiledevice.passwordpolicy",
        "com.example.unknown",
        "com.apple.mail.managed",
    ];
    let row = |i: u64| ProfileRow {
        id: t("k7f3"),
        name: t("Wi-Fi and passcode for staff"),
        identifier: t("org.orchard.staff"),
        payloads: (0..(i % 6)).map(|k| t(kinds[(k % 4) as usize])).collect(),
        systems: Os::ALL.into_iter().take((i % 6) as usize).collect(),
        everyone: i.is_multiple_of(3),
        assigned: i % 4,
        distribution: [Distribution::Pushed, Distribution::Offered, Distribution::Manual][(i % 3) as usize],
        installed: i,
        wanted: i + 2,
        failed: i % 2,
        published: i % 5 != 4,
        draft: i % 5 > 2,
        updated: ago(90_000),
        by: i.is_multiple_of(2).then(|| t("ada")),
    };
    (0..n).map(row).collect()
}

/// All of them.
pub fn pages(t: Say, out: &mut Pages) {
    list(t, out);
    editing(t, out);
    publishing(t, out);
    handing(t, out);
    catalog_pages(t, out);
    people(t, out);
}

fn list(t: Say, out: &mut Pages) {
    let owner = page(t, Some(Role::Owner), "/profilemanager/profiles");
    let list = |rows, q: &str, archived, total| ProfilesPage { rows, q: t(q), archived, away: 2, total };
    let none = ProfilesPage { rows: vec![], q: String::new(), archived: false, away: 0, total: 0 };
    put(out, "profiles-empty", none.render(&owner));
    put(out, "profiles", list(list_rows(t, 30), "", false, 30).render(&owner));
    put(out, "profiles-nomatch", list(vec![], "ada", false, 30).render(&owner));
    put(out, "profiles-archived", list(list_rows(t, 2), "", true, 30).render(&owner));
    put(
        out,
        "profiles-auditor",
        list(list_rows(t, 3), "", false, 3).render(&page(t, Some(Role::Auditor), "/profilemanager/profiles")),
    );
    put(out, "profile-import", ImportPage::default().render(&owner));
    let again = ImportPage { paste: t("<plist>"), wrong: wrong(t, "profile") };
    put(out, "profile-import-wrong", again.render(&owner));
    let imported = |n: usize| ImportedProfile {
        id: t("k7f3"),
        name: t("Staff"),
        revision: 1,
        sentences: vec![t("Wi-Fi “Office” with a password")],
        keys: 38,
        payloads: 3,
        raw_payloads: vec![t("com.example.unknown"); n],
        raw_keys: vec![(t("Wi-Fi network"), t("VendorKey")); n],
        deprecated: vec![(t("Restrictions"), t("Old key")); n],
        secrets: n as u64,
        signed_by: (n > 0).then(|| t("Vendor, Inc.")),
        assigned: false,
    };
    put(out, "profile-imported", ImportedPage { profiles: vec![imported(2)] }.render(&owner));
    put(
        out,
        "profile-imported-several",
        ImportedPage { profiles: vec![imported(0), imported(1)] }.render(&owner),
    );
    put(out, "profile-imported-none", ImportedPage { profiles: vec![] }.render(&owner));
    let shelves = || {
        let recipes = catalog().recipes();
        vec![
            Shelf { label: t("Networking"), recipes: recipes.iter().take(4).cloned().collect() },
            Shelf { label: t("Security"), recipes: recipes.iter().skip(4).cloned().collect() },
        ]
    };
    let fresh = NewProfilePage { name: String::new(), ticked: vec![], shelves: shelves(), wrong: None };
    put(out, "profile-new", fresh.render(&owner));
    let again = NewProfilePage {
        name: t("x"),
        ticked: vec!["wifi".into()],
        shelves: shelves(),
        wrong: wrong(t, "name"),
    };
    put(out, "profile-new-wrong", again.render(&owner));
}

fn editing(t: Say, out: &mut Pages) {
    let owner = page(t, Some(Role::Owner), PATH);
    put(out, "profile-short", short(t, false).render(&owner));
    put(out, "profile-short-wrong", short(t, true).render(&owner));
    let none = ShortPage { forms: vec![], ..short(t, false) };
    put(out, "profile-short-none", none.render(&owner));
    put(out, "profile-general-new", general(t, new(t), false).render(&owner));
    put(out, "profile-general", general(t, drafted(t, 0), true).render(&owner));
    let auditor = page(t, Some(Role::Auditor), PATH);
    put(out, "profile-general-auditor", general(t, profile_head(t, true, 25), true).render(&auditor));
    put(
        out,
        "profile-source",
        ProfileSource { head: profile_head(t, true, 25), xml: text(t) }.render(&owner),
    );
    put(out, "profile-source-draft", ProfileSource { head: drafted(t, 0), xml: text(t) }.render(&auditor));
    let edit = |fault| SourceEditPage { head: drafted(t, 0), xml: text(t), version: 4, fault };
    put(out, "profile-source-edit", edit(None).render(&owner));
    let fault = TextFault { said: t("This is no profile yet: </dict> is missing (line 6)."), line: Some(1) };
    put(out, "profile-source-wrong", edit(Some(fault)).render(&owner));
    let elsewhere = TextFault { said: t("PayloadUUID is missing."), line: None };
    put(out, "profile-source-refused", edit(Some(elsewhere)).render(&owner));
}

fn publishing(t: Say, out: &mut Pages) {
    let owner = page(t, Some(Role::Owner), PATH);
    put(out, "profile-review-none", review(t, profile_head(t, true, 25), 0).render(&owner));
    put(out, "profile-review-new", review(t, new(t), 0).render(&owner));
    put(out, "profile-review", review(t, drafted(t, 0), 4).render(&owner));
    put(out, "profile-review-blocked", review(t, drafted(t, 1), 3).render(&owner));
    put(out, "profile-review-crowded", review(t, drafted(t, 1), 61).render(&owner));
    let mut offered = drafted(t, 0);
    offered.profile.distribution = Distribution::Offered;
    put(out, "profile-review-offered", review(t, offered, 2).render(&page(t, Some(Role::Auditor), PATH)));
    let devices = |n: usize| VerdictPage {
        trail: vec![Link { label: t("Profiles"), href: "/profilemanager/profiles".into() }],
        setting: t("Restrictions: AirDrop"),
        words: t("ignored: needs supervision"),
        tone: Tone::Plain,
        devices: assign(t, n)
            .into_iter()
            .map(|d| VerdictDevice {
                id: d.id,
                name: d.name,
                platform: d.platform,
                model: d.serial.clone(),
                os_version: Some(t("26.1")),
                supervised: [Some(true), Some(false), None][n % 3],
            })
            .collect(),
        total: n as u64 * 3,
    };
    put(out, "profile-review-devices", devices(40).render(&owner));
    put(out, "profile-review-devices-none", devices(0).render(&owner));
    let history =
        |n: u32, compared| HistoryPage { head: profile_head(t, true, 25), rows: rows(t, n), compared };
    put(out, "profile-history-none", HistoryPage { head: new(t), ..history(0, None) }.render(&owner));
    put(out, "profile-history-one", history(1, None).render(&owner));
    put(out, "profile-history", history(40, Some((1, 3, differences(t)))).render(&owner));
    put(
        out,
        "profile-history-same",
        history(3, Some((2, 3, vec![]))).render(&page(t, Some(Role::Auditor), PATH)),
    );
    let one = |n: u32| RevisionPage {
        head: profile_head(t, true, 25),
        row: rows(t, n).remove(0),
        sentences: if n == 1 { vec![] } else { vec![t("Wi-Fi “Office” with a password")] },
        xml: text(t),
    };
    put(out, "profile-revision", one(2).render(&owner));
    put(out, "profile-revision-first", one(1).render(&owner));
    let restore = |head| RestorePage { head, number: 2, differences: differences(t) };
    put(out, "profile-restore", restore(profile_head(t, true, 25)).render(&owner));
    put(out, "profile-restore-drafted", restore(drafted(t, 0)).render(&owner));
    put(out, "profile-discard", DiscardPage { head: drafted(t, 0), version: 4 }.render(&owner));
    put(out, "profile-discard-new", DiscardPage { head: new(t), version: 4 }.render(&owner));
}

fn handing(t: Say, out: &mut Pages) {
    let owner = page(t, Some(Role::Owner), PATH);
    let download = |n: usize| DownloadPage {
        head: if n == 0 { new(t) } else { drafted(t, 0) },
        q: t("ada"),
        devices: assign(t, n),
        more: n > 40,
        variables: vec![t("SerialNumber"); n.min(2)],
        wrong: if n > 40 { wrong(t, "device") } else { None },
    };
    put(out, "profile-download", download(7).render(&owner));
    put(out, "profile-download-none", download(0).render(&owner));
    put(out, "profile-download-wrong", download(50).render(&owner));
    let of = |xml| PreviewOf {
        id: id(t, 0),
        name: t(NAMES[0]),
        platform: Platform::IPhone,
        values: vec![(t("SerialNumber"), Some(t("F4KX0001Q1MN"))), (t("Room"), None)],
        lint: lint(t, 6),
        xml,
    };
    let preview = |n: usize, of| PreviewPage {
        head: profile_head(t, true, 25),
        q: t(""),
        devices: assign(t, n),
        more: n > 40,
        of,
    };
    put(out, "profile-preview-ask", preview(50, None).render(&owner));
    put(out, "profile-preview", preview(3, Some(of(Ok(text(t))))).render(&owner));
    put(
        out,
        "profile-preview-lacking",
        preview(0, Some(of(Err(t("The device has no value for Room."))))).render(&owner),
    );
    let copy = |wrong| DuplicatePage { head: profile_head(t, true, 25), name: t("Office copy"), wrong };
    put(out, "profile-duplicate", copy(None).render(&owner));
    put(out, "profile-duplicate-wrong", copy(wrong(t, "name")).render(&owner));
    let mut away = profile_head(t, true, 25);
    put(out, "profile-archive", ArchivePage { head: away.clone() }.render(&owner));
    away.profile.archived = Some(ago(5000));
    put(out, "profile-unarchive", ArchivePage { head: away.clone() }.render(&owner));
    put(out, "profile-archived", ProfileSource { head: away, xml: text(t) }.render(&owner));
}

fn catalog_pages(t: Say, out: &mut Pages) {
    let owner = page(t, Some(Role::Owner), "/profilemanager/catalog");
    let auditor = page(t, Some(Role::Auditor), "/profilemanager/catalog");
    let search = |q: &str, found: Vec<Found<'static>>, shelves| CatalogPage {
        q: t(q),
        os: Some(Os::Ios),
        supervised: true,
        more: found.len() > 3,
        found,
        shelves,
        totals: (126, 2_300),
    };
    let shelves = catalog()
        .categories()
        .iter()
        .map(|c| (c.label.clone(), catalog().forms().iter().filter(|f| f.category == c.id).collect()))
        .collect();
    put(out, "catalog", search("", vec![], shelves).render(&owner));
    put(out, "catalog-nomatch", search("no such thing", vec![], vec![]).render(&owner));
    let found = catalog()
        .search("airdrop", 12)
        .into_iter()
        .map(|hit| Found {
            form: hit.form,
            key: hit.key.map(|k| (k, hit.address.to_vec())),
            counts: counts(t),
        })
        .collect();
    put(out, "catalog-found", search("airdrop", found, vec![]).render(&owner));
    let wifi = catalog().forms_of("com.apple.wifi.managed").next().expect("Wi-Fi");
    put(out, "catalog-form", CatalogFormPage { form: wifi, counts: counts(t) }.render(&owner));
    put(out, "catalog-form-auditor", CatalogFormPage { form: wifi, counts: vec![] }.render(&auditor));
    let key = wifi.keys.iter().find(|k| !k.keys.is_empty()).expect("a key with children");
    let one = |key: &'static pomona::catalog::Key, children| CatalogKeyPage {
        form: wifi,
        key,
        path: vec![key.name.clone()],
        children,
        counts: counts(t),
    };
    put(out, "catalog-key", one(key, wifi.keys_of(key)).render(&owner));
    let choice = wifi.keys.iter().find(|k| !k.values.is_empty()).expect("a key with values");
    put(out, "catalog-key-values", one(choice, &[]).render(&owner));
    let add = |n: usize| CatalogAddPage {
        form: wifi,
        key: (n > 0).then_some(key),
        q: t("SSID_STR"),
        profiles: (0..n).map(|i| AddTarget { id: t("k7f3"), name: t("Staff"), has: i == 0 }).collect(),
        wrong: if n > 2 { wrong(t, "name") } else { None },
    };
    put(out, "catalog-add", add(2).render(&owner));
    put(out, "catalog-add-none", add(0).render(&owner));
    put(out, "catalog-add-wrong", add(9).render(&owner));
}

fn people(t: Say, out: &mut Pages) {
    let me = page(t, Some(Role::Auditor), "/mydevices");
    let offered = |i: usize| OfferedProfile {
        id: t("k7f3"),
        name: t("Printers of the second floor"),
        description: if i == 0 { String::new() } else { t("Adds the printers beside the kitchen.") },
        sentences: vec![t("AirPrint printers: 2"); i],
        devices: [
            None,
            Some(vec![]),
            Some(vec![(id(t, 0).to_string(), t(NAMES[0])), (id(t, 1).to_string(), t(NAMES[1]))]),
        ][i % 3]
            .clone(),
    };
    put(out, "mydevices-empty", MyDevicesPage { profiles: vec![] }.render(&me));
    put(out, "mydevices", MyDevicesPage { profiles: (0..3).map(offered).collect() }.render(&me));
    let owner = page(t, Some(Role::Owner), "/profilemanager/devices/x/owner");
    let device = |n: usize| DeviceOwnerPage {
        id: id(t, 0),
        name: t(NAMES[0]),
        short_name: t("ada"),
        full_name: t("Ada Lovelace"),
        email: t("ada@example.org"),
        fields: (0..n).map(|i| (t(&format!("Room {i}")), t("Lab"))).collect(),
        person: (0..n).map(|i| (t(&format!("Class {i}")), t("4b"))).collect(),
        known: vec![t("Room")],
        values: BTreeMap::from([("SerialNumber", Some("F4KX")), ("email", None)])
            .into_iter()
            .map(|(name, value): (&str, Option<&str>)| (t(name), t("What it stands for."), value.map(t)))
            .collect(),
        wrong: if n > 2 { wrong(t, "email") } else { None },
    };
    put(out, "device-owner", device(1).render(&owner));
    put(out, "device-owner-wrong", device(4).render(&owner));
}

fn find(wanted: &str) -> String {
    let mut all = Vec::new();
    pages(&str::to_owned, &mut all);
    all.into_iter().find(|(name, _)| name == wanted).expect("page").1
}

#[test]
fn what_blocks_publishing_takes_the_button_away_and_leads_to_the_row() {
    let blocked = find("profile-review-blocked");
    assert!(!blocked.contains("Publish to 36 devices"));
    let tags = read(&blocked).expect("page");
    let hrefs: Vec<&str> = tags.iter().filter_map(|t| t.get("href")).collect();
    assert!(
        hrefs.iter().any(|h| h.starts_with("/profilemanager/profiles/k7f3/payloads/9c1f0f3e#")),
        "{hrefs:?}"
    );
    assert!(find("profile-review").contains("Publish to 48 devices"));
}

#[test]
fn who_may_not_change_profiles_sees_no_form_that_would() {
    for name in
        ["profile-general-auditor", "profile-review-offered", "profile-history-same", "catalog-form-auditor"]
    {
        let tags = read(&find(name)).expect("page");
        let posts: Vec<&str> = tags
            .iter()
            .filter(|t| t.name == "form" && t.get("method") == Some("post"))
            .filter_map(|t| t.get("action"))
            .collect();
        assert_eq!(posts, ["/profilemanager/signout"], "{name}");
        assert!(!find(name).contains("Put back…") && !find(name).contains("Add to a profile"), "{name}");
    }
}

#[test]
fn a_secret_is_told_to_be_set_and_never_a_value() {
    let tags = read(&find("profile-short")).expect("page");
    let passwords: Vec<_> = tags.iter().filter(|t| t.get("type") == Some("password")).collect();
    assert_eq!(passwords.len(), 1);
    assert!(passwords.iter().all(|t| t.get("value").is_none()));
    assert!(find("profile-short").contains("Set on 3 Nov 2026 by ada."));
    assert!(find("profile-general").contains("Set 3 Nov 2026 by ada."));
}
