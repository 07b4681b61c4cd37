//! `GET /profilemanager/activity`

use axum::response::Response;

use crate::model::activity::Activity;
use crate::store;
use crate::views::admin::activity::{ActivityPage, ActivityRow};
use crate::web::ask::Ask;
use crate::web::fleet::{self, Snapshot};
use crate::web::problem::Fault;

/// Rows of one page.
const ROWS: usize = 50;
/// Rows looked at for one page of a filter: then the page ends, full or not, and its cursor leads on.
const LOOKED_AT: usize = 5_000;

/// Kinds to filter by: the word in the address, and the words for people.
const KINDS: [(&str, &str); 9] = [
    ("enrolled", "Enrollments"),
    ("checked-out", "Departures"),
    ("command", "Commands"),
    ("profile", "Profiles"),
    ("device", "Devices"),
    ("link", "Enrollment links"),
    ("sign-in", "Sign-ins"),
    ("account", "Accounts"),
    ("push", "Push"),
];

pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let query = &ask.said.query;
    let kind = query.text("kind").to_owned();
    let alerts_only = query.ticked("alert");
    let before = ask.number("after")?;
    let fits = |a: &Activity| (kind.is_empty() || a.kind == kind) && (!alerts_only || a.alert);
    let (found, next) = find(&ask, before, fits)?;
    let devices = fleet::snapshot(&ask.app).await?;
    let content = ActivityPage {
        rows: rows(&devices, found),
        kinds: KINDS.iter().map(|(word, label)| ((*word).to_owned(), (*label).to_owned())).collect(),
        kind,
        alerts_only,
        later: before.is_some(),
        next: next.map(|seq| seq.to_string()),
    };
    ask.page(|page| content.render(page))
}

fn find(
    ask: &Ask,
    before: Option<u64>,
    fits: impl Fn(&Activity) -> bool,
) -> Result<(Vec<Activity>, Option<u64>), Fault> {
    let view = ask.read()?;
    let (mut found, mut cursor, mut looked) = (Vec::new(), before, 0);
    loop {
        let page = store::activities::list(&view, cursor, ROWS * 2)?;
        let full = page.len() == ROWS * 2;
        for activity in page {
            looked += 1;
            if found.len() == ROWS {
                return Ok((found, cursor));
            }
            cursor = Some(activity.seq);
            if fits(&activity) {
                found.push(activity);
            }
        }
        if !full {
            return Ok((found, None));
        }
        if looked >= LOOKED_AT {
            return Ok((found, cursor));
        }
    }
}

/// Activity as the views show it, devices by their present names.
pub(super) fn rows(devices: &Snapshot, found: Vec<Activity>) -> Vec<ActivityRow> {
    let row = |a: Activity| ActivityRow {
        device: a.device.and_then(|id| devices.get(&id).map(|entry| (id.clone(), entry.name.clone()))),
        at: a.at,
        by: a.by,
        kind: a.kind,
        text: a.text,
        alert: a.alert,
    };
    found.into_iter().map(row).collect()
}
