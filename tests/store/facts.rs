//! Facts with a number, each two rows in two tables: half a fact is a half transaction.

use std::collections::BTreeSet;

use pomona::model::Time;
use pomona::model::activity::Activity;
use pomona::model::enrollment::EnrollmentId;
use pomona::store::{Broken, Store, Write, activities, devices};

fn id(n: u64) -> EnrollmentId {
    EnrollmentId::parse(&format!("FACT-{n}")).expect("an id")
}

/// Puts fact `n`; doing it again changes nothing but that it is there twice among the activities.
pub fn put(w: &mut Write, n: u64) -> Result<(), Broken> {
    devices::put_seen(w, &id(n), Time(n as i64))?;
    let activity = Activity {
        seq: 0,
        at: Time(n as i64),
        by: "test".into(),
        kind: "command".into(),
        text: "x".repeat(n as usize % 3000),
        device: Some(id(n)),
        alert: false,
    };
    activities::add(w, activity).map(drop)
}

/// The facts that are there. Fails on half a fact.
pub fn all(store: &Store) -> BTreeSet<u64> {
    let read = store.read().expect("read");
    let seen: BTreeSet<_> =
        devices::all_seen(&read).expect("rows").into_iter().map(|(_, at)| at.0 as u64).collect();
    let told: BTreeSet<_> =
        activities::list(&read, None, usize::MAX).expect("rows").into_iter().map(|a| a.at.0 as u64).collect();
    assert_eq!(seen, told, "half a transaction");
    seen
}
