//! Every refusal has its row in the help.

use std::fs;
use std::path::Path;

use pomona::model::activity::Activity;
use pomona::store;
use pomona::web::codes;

use crate::web::device::pretend::World;

/// Codes that only devices, logs and the device endpoint see: no page shows them.
const OF_DEVICES: [&str; 3] = ["check-in.", "scep.", "identity."];
const ALSO_OF_DEVICES: [&str; 2] = ["enrollment.checked_out", "enrollment.retired"];

/// Every `Refusal::sort("code"` and `no("code"` of the source.
fn codes_in(text: &str, out: &mut Vec<String>) {
    for begin in
        ["Refusal::invalid(", "Refusal::missing(", "Refusal::forbidden(", "Refusal::conflict(", "no("]
    {
        for (at, _) in text.match_indices(begin) {
            let rest = text[at + begin.len()..].trim_start();
            let Some(code) = rest.strip_prefix('"').and_then(|r| r.split('"').next()) else { continue };
            if code.contains('.') && !code.contains(' ') {
                out.push(code.to_owned());
            }
        }
    }
}

fn read(dir: &Path, out: &mut Vec<String>) {
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(&path, out);
        } else {
            codes_in(&fs::read_to_string(path).expect("source"), out);
        }
    }
}

#[test]
fn every_refusal_that_people_or_programs_can_meet_is_explained() {
    let mut found = Vec::new();
    for room in ["src/rules", "src/actions"] {
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(room), &mut found);
    }
    found.sort();
    found.dedup();
    assert!(found.len() > 50, "{found:?}");
    let missing: Vec<_> = found
        .iter()
        .filter(|code| !OF_DEVICES.iter().any(|prefix| code.starts_with(prefix)))
        .filter(|code| !ALSO_OF_DEVICES.contains(&code.as_str()))
        .filter(|code| codes::find(code).is_none())
        .collect();
    assert!(missing.is_empty(), "no row in web::codes for {missing:?}");
}

#[tokio::test]
async fn the_help_shows_every_code() {
    let world = World::new();
    let help = world.owner().get("/profilemanager/help").await.expect(200);
    for row in codes::CODES {
        assert!(help.says(row.code) && help.says(row.next), "{}", row.code);
    }
}

#[tokio::test]
async fn every_kind_of_activity_has_words_and_can_be_filtered() {
    let world = World::new();
    let browser = world.owner();
    world.enrolled("00008120-000000000000001D").await;
    world.account("grace", pomona::model::account::Role::Admin);
    let all = browser.get("/profilemanager/activity").await.expect(200);
    assert!(all.says("Added the account grace as admin."));
    let enrolled = browser.get("/profilemanager/activity?kind=enrolled").await.expect(200);
    assert!(!enrolled.says("Added the account grace") && enrolled.says("Renamed device"));
    let alerts = browser.get("/profilemanager/activity?alert=1").await.expect(200);
    assert!(alerts.says("Added the account grace as admin."), "accounts need an eye");
    let now = world.now();
    world.write(move |w| {
        for n in 0..130 {
            let activity = Activity {
                seq: 0,
                at: now,
                by: "ada".into(),
                kind: "link".into(),
                text: format!("thing number {n}."),
                device: None,
                alert: false,
            };
            store::activities::add(w, activity)?;
        }
        Ok(())
    });
    let mut path = "/profilemanager/activity?kind=link".to_owned();
    let mut shown = 0;
    for _ in 0..5 {
        let page = browser.get(&path).await.expect(200);
        shown += page.words().matches("thing number ").count();
        let tags = page.tags();
        let Some(next) = tags.iter().find(|t| t.get("rel") == Some("next")) else { break };
        path = next.get("href").expect("href").to_owned();
    }
    assert_eq!(shown, 130);
}
