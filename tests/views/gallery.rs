//! Every page in every state, filled by one function through which each text passes.

use pomona::model::Time;
use pomona::model::account::Role;
use pomona::model::command::{Command, State as CommandState};
use pomona::model::deed::Deed;
use pomona::model::device::{
    Device, InstalledApp, InstalledCertificate, InstalledProfile, Inventory, Platform,
};
use pomona::model::due::PushOutcome;
use pomona::model::enrollment::{Enrollment, EnrollmentId};
use pomona::model::profile::{Delivery, Profile};
use pomona::model::standing::Standing;
use pomona::views::admin::accounts::*;
use pomona::views::admin::activity::*;
use pomona::views::admin::commands::*;
use pomona::views::admin::deeds::*;
use pomona::views::admin::device::*;
use pomona::views::admin::device_parts::*;
use pomona::views::admin::devices::*;
use pomona::views::admin::enrollment::*;
use pomona::views::admin::help::*;
use pomona::views::admin::logs::*;
use pomona::views::admin::me::*;
use pomona::views::admin::overview::*;
use pomona::views::admin::profile::*;
use pomona::views::admin::profile_status::*;
use pomona::views::admin::push::*;
use pomona::views::form::Wrong;
use pomona::views::problem::Problem;
use pomona::views::public::enroll::*;
use pomona::views::public::landing::LandingPage;
use pomona::views::public::signin::*;
use pomona::views::{Banner, Link, Me, Page, Toast, Tone, Undo};
use serde_json::json;

/// The moment of every page.
pub const NOW: Time = Time::from_secs(1_795_555_342);

/// Makes texts: what the page should say, to what this gallery says.
pub type Say<'a> = &'a dyn Fn(&str) -> String;

pub const PLATFORMS: [Platform; 7] = [
    Platform::IPhone,
    Platform::IPad,
    Platform::Mac,
    Platform::AppleTv,
    Platform::Watch,
    Platform::Vision,
    Platform::Unknown,
];
const DELIVERIES: [Delivery; 9] = [
    Delivery::Confirmed,
    Delivery::Waiting,
    Delivery::Sent,
    Delivery::Busy,
    Delivery::Installed,
    Delivery::Failed,
    Delivery::RemovedByUser,
    Delivery::NoAnswer,
    Delivery::Removing,
];
const STATES: [CommandState; 9] = [
    CommandState::Queued,
    CommandState::Sent,
    CommandState::NotNow,
    CommandState::NoAnswer,
    CommandState::Acknowledged,
    CommandState::Error,
    CommandState::FormatError,
    CommandState::Canceled,
    CommandState::Dropped,
];
pub const NAMES: [&str; 7] = [
    "Ada’s iPhone",
    "Front desk iPad",
    "Grace’s MacBook Pro",
    "Lobby TV",
    "Katherine’s Watch",
    "Demo Vision",
    "Unnamed device",
];
const MODELS: [&str; 7] = [
    "iPhone 16 Pro",
    "iPad Air",
    "MacBook Pro",
    "Apple TV 4K",
    "Apple Watch Series 10",
    "Apple Vision Pro",
    "Device",
];

pub fn page(t: Say, role: Option<Role>, path: &str) -> Page {
    Page {
        organization: t("Orchard Primary School"),
        me: role.map(|role| Me { name: t("ada"), full_name: t("Ada Lovelace"), role }),
        csrf: t("3f9aXv0c"),
        banner: None,
        toast: None,
        path: path.into(),
        now: NOW,
        version: "0.1.0".into(),
    }
}

pub fn ago(secs: i64) -> Time {
    NOW.plus_secs(-secs)
}

pub fn id(t: Say, n: usize) -> EnrollmentId {
    // A colon would make it the id of a user channel, which is shown as one.
    let text = t(&format!("00008120-{:016X}", 0x1A2B_3C4D_5E6Fusize + n)).replace(':', ";");
    EnrollmentId::parse(&text).unwrap_or_else(|_| EnrollmentId::parse("unspeakable").expect("id"))
}

pub fn wrong(t: Say, field: &str) -> Option<Wrong> {
    Some(Wrong { said: t("This is not right. Try it another way."), field: Some(field.into()) })
}

fn device(t: Say, n: usize, full: bool) -> Device {
    let platform = PLATFORMS[n % 7];
    let mut d = Device::unknown(id(t, n));
    d.platform = platform;
    if full {
        d.name = t(NAMES[n % 7]);
        d.serial = Some(t(&format!("F4KX{n:04}Q1MN")));
        d.model_name = Some(t(MODELS[n % 7]));
        d.product = Some(t("iPhone17,1"));
        d.os_version = Some(t("26.1"));
        d.build = Some(t("23B82"));
        d.imei = Some(t("35 209900 176148 1"));
        d.supervised = Some(true);
        d.battery = Some(0.82);
        d.capacity_gb = Some(256.0);
        d.available_gb = Some(113.25);
        d.wifi_mac = Some(t("a4:83:e7:00:11:22"));
        d.encrypted = Some(true);
        d.passcode_present = Some(false);
        d.information_at = Some(ago(300));
        d.security_at = Some(ago(400));
        d.app_count = Some(40);
        d.erased_at = (n == 5).then(|| ago(60));
    }
    d
}

fn enrollment(t: Say, n: usize, state: &str) -> Enrollment {
    serde_json::from_value(json!({
        "id": id(t, n), "kind": "Device", "state": state, "tally": 1, "first_seen": ago(900_000), "authenticated_at": ago(800_000),
        "enrolled_at": ago(800_000), "checked_out_at": (state == "CheckedOut").then(|| ago(90)), "awaiting": false,
        "user_short_name": t("grace"), "user_long_name": t("Grace Hopper"), "certificate": null, "renewal": null,
    }))
    .expect("enrollment")
}

fn head(t: Say, n: usize, standing: Standing, full: bool) -> DeviceHead {
    let state = match standing {
        Standing::Enrolling => "Authenticated",
        Standing::Left => "CheckedOut",
        _ => "Enrolled",
    };
    DeviceHead {
        device: device(t, n, full),
        enrollment: enrollment(t, n, state),
        standing,
        seen: full.then(|| ago(240)),
        waiting: 2,
        failed: 1,
        unlock_token: full,
        bootstrap_token: full,
        pin_at: full.then(|| ago(7200)),
        push: full.then(|| PushOutcome {
            at: ago(241),
            accepted: true,
            said: t("Apple accepted it."),
            unreachable: false,
            rings: 0,
        }),
    }
}

fn inventory(t: Say, n: usize) -> Inventory {
    Inventory {
        profiles: Some((
            ago(500),
            (0..n)
                .map(|i| InstalledProfile {
                    identifier: t(&format!("org.orchard.profile{i}")),
                    uuid: None,
                    name: (i % 2 == 0).then(|| t("Wi-Fi for staff")),
                    managed: [Some(true), Some(false), None][i % 3],
                    declarative: i % 4 == 3,
                })
                .collect(),
        )),
        certificates: Some((
            ago(500),
            (0..n)
                .map(|i| InstalledCertificate {
                    common_name: t("Orchard Device CA"),
                    is_identity: i % 2 == 0,
                    sha256: t("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
                })
                .collect(),
        )),
        apps: Some((
            ago(500),
            (0..n)
                .map(|i| InstalledApp {
                    name: t("Pages"),
                    identifier: (i % 2 == 0).then(|| t("com.example.Pages")),
                    version: (i % 3 == 0).then(|| t("14.4")),
                })
                .collect(),
        )),
    }
}

fn command(t: Say, state: CommandState) -> Command {
    serde_json::from_value(json!({
        "uuid": t("5E1B9F6E-6A53-4E39-9D5B-2E9D5F2C0A11"), "enrollment": id(t, 0), "seq": 7, "request_type": t("InstallProfile"),
        "priority": "Normal", "by": t("ada"), "errand": "Plain", "state": state, "created": ago(4000), "sent_at": ago(3000), "offers": 3,
        "offers_since": ago(3000), "not_now_first": ago(2900), "not_now_last": ago(2000), "not_now_count": 2,
        "finished": state.is_final().then(|| ago(1000)),
        "errors": if state == CommandState::Error { json!([
            { "code": 4001, "domain": t("MCInstallationErrorDomain"), "text": t("Profile Failed to Install") },
            { "code": 13004, "domain": t("MCProfileErrorDomain"), "text": t("The field “SSID_STR” is missing.") },
        ]) } else { json!([]) },
        "not_understood": (state == CommandState::Acknowledged).then(|| t("the key Status is missing")),
    }))
    .expect("command")
}

pub fn profile(t: Say, everyone: bool, payloads: usize) -> Profile {
    let kinds = [
        "com.apple.wifi.managed",
        "com.apple.mobiledevice.passwordpolicy",
        "com.example.unknown",
        "com.apple.applicationaccess",
    ];
    serde_json::from_value(json!({
        "id": "k7f3", "identifier": t("org.orchard.staff"), "name": t("Wi-Fi and passcode for staff"),
        "description": t("Joins the staff network and asks for six digits."), "revision": 3, "uuid": t("A53F9D5B-2E9D-4E39-6A53-5E1B9F6E0A11"),
        "payloads": (0..payloads).map(|i| (t(kinds[i % 4]), t("Staff network"))).collect::<Vec<_>>(),
        "signed_by": t("Orchard Primary School, Developer ID"), "everyone": everyone, "created": ago(9_000_000), "updated": ago(90_000),
    }))
    .expect("profile")
}

pub fn profile_head(t: Say, everyone: bool, wanted: u64) -> ProfileHead {
    ProfileHead {
        profile: profile(t, everyone, 4),
        installed: wanted / 2,
        wanted,
        failed: wanted / 9,
        assigned: wanted,
        draft: None,
    }
}

fn activity(t: Say, n: usize) -> Vec<ActivityRow> {
    let kinds = ["enrolled", "command", "profile", "sign-in", "push", "checked-out", "alert"];
    let texts = [
        "Ada’s iPhone enrolled.",
        "DeviceLock was sent to Front desk iPad.",
        "Wi-Fi for staff was assigned to Everyone.",
        "Ada Lovelace signed in.",
        "Apple refused the push.",
        "Lobby TV left management.",
        "Two devices share one serial number.",
    ];
    (0..n)
        .map(|i| ActivityRow {
            at: ago(60 + 977 * (i as i64)),
            by: t(["ada", "device", "pomona"][i % 3]),
            kind: kinds[i % 7].into(),
            text: t(texts[i % 7]),
            device: (i % 2 == 0).then(|| (id(t, i), t(NAMES[i % 7]))),
            alert: i % 7 == 6,
        })
        .collect()
}

pub fn device_rows(t: Say, n: usize) -> Vec<DeviceRow> {
    (0..n)
        .map(|i| DeviceRow {
            id: id(t, i),
            name: t(NAMES[i % 7]),
            platform: PLATFORMS[i % 7],
            model_name: (i % 11 != 10).then(|| t(MODELS[i % 7])),
            serial: (i % 13 != 12).then(|| t(&format!("F4KX{i:04}Q1MN"))),
            os_version: (i % 11 != 10).then(|| t("26.1")),
            standing: Standing::ALL[i % 6],
            seen: (i % 17 != 16).then(|| ago(30 + 701 * (i as i64))),
        })
        .collect()
}

pub fn devices(t: Say, rows: usize, total: u64) -> DevicesPage {
    DevicesPage {
        rows: device_rows(t, rows),
        total,
        matching: total.min(1204),
        q: t("ada"),
        platform: Some(Platform::IPhone),
        standing: Some(Standing::Pending),
        platforms: PLATFORMS.iter().map(|p| (*p, 12)).collect(),
        standings: Standing::ALL.iter().map(|s| (*s, 1204)).collect(),
        later: rows == 100,
        next: (rows == 100).then(|| t("00008120:next")),
    }
}

fn links(t: Say, n: usize) -> Vec<LinkRow> {
    (0..n)
        .map(|i| LinkRow {
            id: t(&format!("l{i}")),
            label: t("Sales iPhones"),
            by: t("ada"),
            created: ago(5000),
            expires: if i % 4 == 1 { ago(10) } else { NOW.plus_secs(70_000) },
            max_uses: [Some(1), None, Some(30), Some(2)][i % 4],
            uses: [0, 4, 12, 2][i % 4],
            serial: (i % 4 == 0).then(|| t("F4KX0001Q1MN")),
            revoked: (i % 5 == 4).then(|| ago(3)),
        })
        .collect()
}

pub const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n\t<key>Command</key>\n\t<dict>\n\t\t<key>RequestType</key>\n\t\t<string>InstallProfile</string>\n\t\t<key>Payload</key>\n\t\t<string>a-very-long-line-without-any-space-that-must-scroll-inside-its-own-box-and-not-make-the-page-wider-than-the-window</string>\n\t</dict>\n</dict>\n</plist>\n";

/// Every page: a name for its file, and its text.
pub fn all(t: Say) -> Vec<(String, String)> {
    let mut out = Vec::new();
    portal(t, &mut out);
    library(t, &mut out);
    super::library::pages(t, &mut out);
    super::editor::pages(t, &mut out);
    server(t, &mut out);
    public(t, &mut out);
    out
}

/// A few pages that together hold every part: lists, tables, forms, menus, messages, sources.
pub fn few(t: Say) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let owner = page(t, Some(Role::Owner), "/profilemanager/devices/x");
    let head = head(t, 0, Standing::Attention, true);
    let about = DeviceAbout { head, inventory: inventory(t, 3), users: vec![enrollment(t, 0, "Enrolled")] };
    put(&mut out, "device-about", about.render(&owner));
    put(&mut out, "devices", devices(t, 4, 25).render(&owner));
    let failed = CommandPage {
        command: command(t, CommandState::Error),
        device_name: t(NAMES[0]),
        request: Some(t(XML)),
        answer: Some(t(XML)),
        may_cancel: true,
    };
    put(&mut out, "command", failed.render(&owner));
    let again =
        SignInPage { name: t("ada"), next: t("/"), wrong: Some(Wrong { said: t("Wrong."), field: None }) };
    put(&mut out, "signin", again.render(&page(t, None, "/")));
    let enroll = EnrollPage { token: t("9f86"), label: t("Sales"), guess: Guess::Mac, not_safari: true };
    put(&mut out, "enroll", enroll.render(&page(t, None, "/")));
    out
}

fn put(out: &mut Vec<(String, String)>, name: &str, markup: pomona::views::Markup) {
    out.push((name.into(), markup.into_string()));
}

fn portal(t: Say, out: &mut Vec<(String, String)>) {
    let owner = |path: &str| page(t, Some(Role::Owner), path);
    let devices_path = "/profilemanager/devices";
    let overview = Overview {
        matters: vec![],
        managed: 0,
        up_to_date: 0,
        pending: 0,
        failed: 0,
        platforms: vec![],
        recent: vec![],
    };
    put(out, "overview-empty", overview.render(&owner("/profilemanager")));
    let go = |label: &str| Link { label: t(label), href: "/profilemanager/push".into() };
    let full = Overview {
        matters: vec![
            Matter {
                tone: Tone::Bad,
                text: t("The push certificate expires in 9 days. Without it devices hear nothing."),
                action: go("Renew"),
            },
            Matter {
                tone: Tone::Warn,
                text: t("2 devices refused the profile Wi-Fi for staff."),
                action: go("Look"),
            },
            Matter {
                tone: Tone::Plain,
                text: t("You are the only owner. Add a second one."),
                action: go("Add administrator"),
            },
        ],
        managed: 1204,
        up_to_date: 1180,
        pending: 20,
        failed: 4,
        platforms: PLATFORMS.iter().enumerate().map(|(i, p)| (*p, 900 / (i as u64 * i as u64 + 1))).collect(),
        recent: activity(t, 10),
    };
    let mut noisy = owner("/profilemanager");
    noisy.banner = Some(Banner {
        tone: Tone::Bad,
        text: t("The push certificate expires in 9 days."),
        action: Some(go("Renew")),
    });
    noisy.toast = Some(Toast {
        tone: Tone::Ok,
        text: t("Wi-Fi for staff is no longer assigned to Everyone."),
        undo: Some(Undo {
            action: "/profilemanager/profiles/k7f3/assign".into(),
            fields: vec![("everyone".into(), t("on"))],
        }),
    });
    put(out, "overview", full.render(&noisy));
    put(out, "overview-auditor", full.render(&page(t, Some(Role::Auditor), "/profilemanager")));

    put(out, "devices-empty", devices(t, 0, 0).render(&owner(devices_path)));
    put(out, "devices-nomatch", devices(t, 0, 25).render(&owner(devices_path)));
    put(out, "devices", devices(t, 25, 25).render(&owner(devices_path)));
    put(out, "devices-100", devices(t, 100, 10_000).render(&owner(devices_path)));

    let path = "/profilemanager/devices/x";
    for (i, standing) in Standing::ALL.into_iter().enumerate() {
        let about = DeviceAbout {
            head: head(t, i, standing, true),
            inventory: inventory(t, 6),
            users: vec![enrollment(t, i, "Enrolled")],
        };
        put(out, &format!("device-about-{}", standing.slug()), about.render(&owner(path)));
    }
    let bare = DeviceAbout {
        head: head(t, 6, Standing::Enrolling, false),
        inventory: Inventory::default(),
        users: vec![],
    };
    put(out, "device-about-bare", bare.render(&owner(path)));
    put(out, "device-about-helpdesk", bare.render(&page(t, Some(Role::Helpdesk), path)));
    let ours = |n: usize| {
        (0..n)
            .map(|i| DeviceProfileRow {
                profile: (i % 5 != 4).then(|| t("k7f3")),
                name: t("Wi-Fi for staff"),
                revision: 3,
                state: DELIVERIES[i % 9],
                at: ago(400),
                command: (i % 2 == 0).then(|| t("5E1B9F6E")),
                said: (i == 5).then(|| t("The field “SSID_STR” is missing.")),
            })
            .collect()
    };
    let h = || head(t, 2, Standing::Attention, true);
    put(
        out,
        "device-profiles",
        DeviceProfiles { head: h(), ours: ours(9), inventory: inventory(t, 8) }.render(&owner(path)),
    );
    put(
        out,
        "device-profiles-empty",
        DeviceProfiles { head: h(), ours: vec![], inventory: Inventory::default() }.render(&owner(path)),
    );
    let rows = STATES
        .iter()
        .map(|s| {
            let c = command(t, *s);
            CommandRow {
                uuid: c.uuid,
                request_type: c.request_type,
                state: c.state,
                by: c.by,
                created: c.created,
                finished: c.finished,
            }
        })
        .collect();
    put(
        out,
        "device-commands",
        DeviceCommands { head: h(), rows, later: true, next: Some(t("12")) }.render(&owner(path)),
    );
    put(
        out,
        "device-commands-empty",
        DeviceCommands { head: h(), rows: vec![], later: false, next: None }.render(&owner(path)),
    );
    put(
        out,
        "device-activity",
        DeviceActivity { head: h(), rows: activity(t, 9), later: false, next: Some(t("9")) }
            .render(&owner(path)),
    );
    put(
        out,
        "device-activity-empty",
        DeviceActivity { head: h(), rows: vec![], later: false, next: None }.render(&owner(path)),
    );
    for deed in Deed::ALL {
        for (n, word) in [(0, "iphone"), (2, "mac"), (3, "appletv")] {
            let deed_page = DeedPage {
                head: head(t, n, Standing::UpToDate, true),
                deed,
                wrong: match (n, deed) {
                    (0, Deed::Lock) => wrong(t, "message"),
                    (0, Deed::Erase) => wrong(t, "name"),
                    _ => None,
                },
                message: t("Please bring me back."),
                phone: t("+43 1 234"),
            };
            put(out, &format!("deed-{}-{word}", deed.slug()), deed_page.render(&owner(path)));
        }
    }
    put(out, "pin-ask", PinPage { head: h(), shown: None }.render(&owner(path)));
    put(out, "pin-shown", PinPage { head: h(), shown: Some((t("482913"), ago(7200))) }.render(&owner(path)));
    for state in STATES {
        let known = state != CommandState::Dropped;
        let command_page = CommandPage {
            command: command(t, state),
            device_name: t(NAMES[0]),
            request: known.then(|| t(XML)),
            answer: state.is_final().then(|| t(XML)),
            may_cancel: true,
        };
        put(out, &format!("command-{state:?}").to_lowercase(), command_page.render(&owner(path)));
    }
}

fn library(t: Say, out: &mut Vec<(String, String)>) {
    let owner = |path: &str| page(t, Some(Role::Owner), path);
    let path = "/profilemanager/profiles/k7f3";
    let mut bare = profile_head(t, false, 0);
    bare.profile.payloads.clear();
    bare.profile.signed_by = None;
    bare.profile.description.clear();
    let assign = |n: usize| {
        (0..n)
            .map(|i| AssignRow {
                id: id(t, i),
                name: t(NAMES[i % 7]),
                platform: PLATFORMS[i % 7],
                serial: (i % 5 != 4).then(|| t("F4KX0001Q1MN")),
            })
            .collect()
    };
    put(
        out,
        "profile-assigned",
        ProfileAssigned {
            head: profile_head(t, false, 8),
            devices: assign(8),
            q: t("ada"),
            found: assign(50),
            found_more: true,
            then_review: true,
        }
        .render(&owner(path)),
    );
    put(
        out,
        "profile-assigned-everyone",
        ProfileAssigned {
            head: profile_head(t, true, 8),
            devices: vec![],
            q: String::new(),
            found: vec![],
            found_more: false,
            then_review: false,
        }
        .render(&owner(path)),
    );
    put(
        out,
        "profile-assigned-nobody",
        ProfileAssigned {
            head: bare.clone(),
            devices: vec![],
            q: String::new(),
            found: assign(7),
            found_more: false,
            then_review: false,
        }
        .render(&owner(path)),
    );
    let placements = (0..27)
        .map(|i| PlacementRow {
            id: id(t, i),
            name: t(NAMES[i % 7]),
            platform: PLATFORMS[i % 7],
            state: DELIVERIES[i % 9],
            at: ago(50),
            revision: 3,
            command: (i % 2 == 0).then(|| t("5E1B9F6E")),
            said: (i % 9 == 5).then(|| t("The field “SSID_STR” is missing.")),
        })
        .collect();
    let tally = DELIVERIES.iter().map(|d| (*d, 3)).collect();
    put(
        out,
        "profile-status",
        ProfileStatus {
            head: profile_head(t, true, 25),
            tally,
            rows: placements,
            later: true,
            next: Some(t("c")),
        }
        .render(&owner(path)),
    );
    put(
        out,
        "profile-status-empty",
        ProfileStatus { head: bare.clone(), tally: vec![], rows: vec![], later: false, next: None }
            .render(&owner(path)),
    );
    put(out, "profile-remove", ProfileRemove { head: profile_head(t, true, 25) }.render(&owner(path)));
    put(out, "profile-remove-unused", ProfileRemove { head: bare }.render(&owner(path)));

    let path = "/profilemanager/enrollment";
    put(out, "enrollment-empty", EnrollmentPage { rows: vec![] }.render(&owner(path)));
    put(out, "enrollment", EnrollmentPage { rows: links(t, 9) }.render(&owner(path)));
    put(out, "enrollment-new", NewLinkPage::default().render(&owner(path)));
    put(
        out,
        "enrollment-new-wrong",
        NewLinkPage {
            label: t("Sales"),
            hours: "1".into(),
            devices: t("many"),
            serial: t("F4"),
            wrong: wrong(t, "devices"),
        }
        .render(&owner(path)),
    );
    let url = Some(t("https://mdm.orchard.example/enroll/9f86d081884c7d659a2feaa0c55ad015"));
    let joined = vec![Link { label: t(NAMES[0]), href: "/profilemanager/devices/x".into() }];
    for (i, link) in links(t, 5).into_iter().enumerate() {
        put(
            out,
            &format!("enrollment-link-{i}"),
            LinkPage { link, url: url.clone(), devices: if i == 0 { joined.clone() } else { vec![] } }
                .render(&owner(path)),
        );
    }
    put(out, "enrollment-revoke", LinkRevoke { link: links(t, 1).remove(0) }.render(&owner(path)));
    let kinds: Vec<(String, String)> =
        ["enrolled", "command", "profile"].map(|k| (k.to_owned(), t(k))).into();
    let activity_page = |rows: usize, kind: &str, alerts_only| ActivityPage {
        rows: activity(t, rows),
        kinds: kinds.clone(),
        kind: kind.into(),
        alerts_only,
        later: rows == 100,
        next: (rows == 100).then(|| t("77")),
    };
    let path = "/profilemanager/activity";
    put(out, "activity", activity_page(100, "command", false).render(&owner(path)));
    put(out, "activity-empty", activity_page(0, "", false).render(&owner(path)));
    put(out, "activity-nomatch", activity_page(0, "", true).render(&owner(path)));
}

fn server(t: Say, out: &mut Vec<(String, String)>) {
    let owner = |path: &str| page(t, Some(Role::Owner), path);
    let path = "/profilemanager/push";
    put(
        out,
        "push-none",
        PushPage { present: None, enrolled: 0, test: None, wrong: None }.render(&owner(path)),
    );
    for (word, days) in [("good", 300), ("soon", 40), ("urgent", 3), ("expired", -2)] {
        let present = PushFacts {
            topic: t("com.apple.mgmt.External.9d3c5e6f-1a2b-4c3d-8e9f-0a1b2c3d4e5f"),
            subject: t("APSP:9d3c5e6f"),
            serial: t("4F3A9C0011D2"),
            not_before: ago(30_000_000),
            not_after: NOW.plus_secs(days * 86_400 + 5),
            since: ago(29_000_000),
        };
        let test = PushTest {
            at: ago(60),
            good: days > 0,
            said: t(
                "Apple’s push service accepted the certificate and answered a test for an unknown device as it should.",
            ),
        };
        let wrong = (days == 3).then(|| wrong(t, "certificate")).flatten();
        put(
            out,
            &format!("push-{word}"),
            PushPage { present: Some(present), enrolled: 25, test: Some(test), wrong }.render(&owner(path)),
        );
    }
    let path = "/profilemanager/accounts";
    let accounts = (0..4)
        .map(|i| AccountRow {
            name: t(["ada", "grace", "katherine", "joan"][i]),
            full_name: t(["Ada Lovelace", "Grace Hopper", "Katherine Johnson", "Joan Clarke"][i]),
            role: [Role::Owner, Role::Admin, Role::Helpdesk, Role::Auditor][i],
            created: ago(9_000_000),
            used: (i < 3).then(|| ago(500)),
            suspended: i == 2,
        })
        .collect();
    let token = |i: i64| TokenRow {
        id: "ab12cd".into(),
        name: t("nightly report"),
        role: Role::Auditor,
        created: ago(90_000),
        expires: NOW.plus_secs(90_000 * (i - 1)),
    };
    put(out, "accounts", AccountsPage { accounts, tokens: vec![token(0), token(3)] }.render(&owner(path)));
    put(out, "accounts-alone", AccountsPage { accounts: vec![], tokens: vec![] }.render(&owner(path)));
    put(
        out,
        "account-new",
        AccountNewPage { name: t("grace"), full_name: t("Grace Hopper"), role: Role::Admin, wrong: None }
            .render(&owner(path)),
    );
    put(
        out,
        "account-new-wrong",
        AccountNewPage {
            name: t("Grace!"),
            full_name: t("G"),
            role: Role::Helpdesk,
            wrong: wrong(t, "password"),
        }
        .render(&owner(path)),
    );
    put(
        out,
        "token-new",
        TokenNewPage { name: t(""), role: Role::Auditor, days: "30".into(), wrong: None }
            .render(&owner(path)),
    );
    put(
        out,
        "token-made",
        TokenMadePage {
            name: t("nightly report"),
            token: t("pom_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c"),
            expires: NOW.plus_secs(900_000),
        }
        .render(&owner(path)),
    );
    put(out, "token-revoke", TokenRevoke { token: token(2) }.render(&owner(path)));
    let session = |n: i64| SessionRow {
        from: t("192.0.2.7, Safari on Mac"),
        created: ago(90_000),
        used: ago(n * 600),
        here: n == 0,
    };
    let me = |n: i64| MePage { sessions: (0..n).map(session).collect(), wrong: None };
    put(out, "me", me(1).render(&owner("/profilemanager/me")));
    put(
        out,
        "me-elsewhere",
        MePage { wrong: wrong(t, "current"), ..me(4) }.render(&owner("/profilemanager/me")),
    );
    let files = ["devicemgrd.log", "mdm.log", "enroll.log", "apns.log", "profilemanager.log"]
        .map(|f| (f.to_owned(), t("Check-ins, commands and their answers")));
    for (word, until) in [("logs", None), ("logs-raised", Some(NOW.plus_secs(1700)))] {
        let logs = LogsPage {
            folder: t("/var/log/devicemgr"),
            files: files.clone().into(),
            level: "info".into(),
            levels: ["warn", "info", "debug", "trace"].map(String::from).into(),
            until,
        };
        put(out, word, logs.render(&owner("/profilemanager/logs")));
    }
    let codes = (0..12)
        .map(|i| CodeHelp {
            code: t(&format!("enrollment.unknown-{i}")),
            meaning: t("The device is not known here."),
            next: t("Enroll it again."),
        })
        .collect();
    put(out, "help", HelpPage { codes }.render(&owner("/profilemanager/help")));
    put(out, "help-no-codes", HelpPage { codes: vec![] }.render(&owner("/profilemanager/help")));
}

fn public(t: Say, out: &mut Vec<(String, String)>) {
    let anyone = |path: &str| page(t, None, path);
    let mut unnamed = anyone("/");
    unnamed.organization.clear();
    put(out, "landing", LandingPage.render(&anyone("/")));
    put(out, "landing-unnamed", LandingPage.render(&unnamed));
    put(out, "signin", SignInPage::default().render(&anyone("/profilemanager/signin")));
    put(
        out,
        "signin-wrong",
        SignInPage {
            name: t("ada"),
            next: t("/profilemanager/devices"),
            wrong: Some(Wrong { said: t("Name or password is wrong."), field: None }),
        }
        .render(&anyone("/profilemanager/signin")),
    );
    put(out, "setup", SetupPage::default().render(&unnamed));
    put(
        out,
        "setup-wrong",
        SetupPage {
            organization: t("Orchard"),
            full_name: t("Ada"),
            name: t("ada"),
            code: t("7QK4"),
            wrong: wrong(t, "code"),
        }
        .render(&unnamed),
    );
    put(out, "signed-out", SignedOutPage.render(&anyone("/profilemanager/signin")));
    for (word, guess, not_safari) in
        [("mobile", Guess::Mobile, true), ("mac", Guess::Mac, false), ("other", Guess::Other, false)]
    {
        put(
            out,
            &format!("enroll-{word}"),
            EnrollPage { token: t("9f86d081"), label: t("Sales iPhones"), guess, not_safari }
                .render(&anyone("/enroll/x")),
        );
    }
    for why in [Closed::Unknown, Closed::Expired, Closed::UsedUp, Closed::Revoked] {
        put(
            out,
            &format!("enroll-closed-{why:?}").to_lowercase(),
            EnrollClosedPage { why }.render(&anyone("/enroll/x")),
        );
    }
    let problem = Problem {
        status: 404,
        title: t("Device not found"),
        meaning: t("No device has this identifier. It may have been removed."),
        next: t("Search for it by name or serial number in the list of devices."),
        code: t("device.unknown"),
        request_id: t("01JDKX4"),
        back: Some(Link { label: t("Show all devices"), href: "/profilemanager/devices".into() }),
    };
    put(out, "problem", problem.render(&page(t, Some(Role::Owner), "/profilemanager/devices/x")));
    put(
        out,
        "problem-public",
        Problem { back: None, ..problem }.render(&anyone("/profilemanager/devices/x")),
    );
}
