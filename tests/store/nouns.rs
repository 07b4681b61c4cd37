//! The nouns and their indexes against a twin in plain collections.

use pomona::model::Time;
use pomona::store::{Broken, Store};
use proptest::prelude::*;

use super::ops::Op;
use super::random::Random;
use super::twin::Twin;

/// Why a job of these tests ends early.
#[derive(Debug)]
enum Stop {
    Broken(#[allow(dead_code)] Broken),
    OnPurpose,
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Stop::Broken(broken)
    }
}

/// Runs a transaction of `count` operations in both; some fail at the end, some panic, and then leave nothing.
fn transaction(store: &Store, twin: &mut Twin, r: &mut Random, count: u64) {
    let ops: Vec<_> = (0..count).map(|_| Op::draw(r)).collect();
    let mut next = twin.clone();
    let fits = ops.iter().all(|op| next.run(op));
    let (fails, panics) = (r.once_in(8), r.once_in(12));
    let seen_inside = (fits && r.once_in(6)).then(|| next.clone());
    super::quiet_planned_panics();
    let result = store.write_blocking(move |w| {
        for op in &ops {
            op.run(w)?;
        }
        if let Some(twin) = seen_inside {
            twin.compare(w);
        }
        if panics {
            panic!("{}", super::PLANNED);
        }
        if fails { Err(Stop::OnPurpose) } else { Ok(()) }
    });
    match result {
        Ok(()) => {
            assert!(fits && !fails && !panics);
            *twin = next;
        }
        Err(Stop::Broken(broken)) => {
            assert!(!fits || (panics && broken.0.contains(super::PLANNED)), "{broken}")
        }
        Err(Stop::OnPurpose) => assert!(fails && fits),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn random_operations_give_what_plain_collections_give(seed: u64, sizes in prop::collection::vec(1u64..9, 1..40)) {
        let store = Store::in_memory();
        let (mut twin, mut r) = (Twin::default(), Random(seed));
        for (n, size) in sizes.iter().enumerate() {
            transaction(&store, &mut twin, &mut r, *size);
            if n % 8 == 0 {
                twin.compare(&store.read().unwrap());
            }
        }
        twin.compare(&store.read().unwrap());
        prop_assert!(store.verify().unwrap().is_empty());
    }
}

#[test]
fn random_operations_survive_closing_and_opening() {
    let dir = tempfile::tempdir().unwrap();
    let (mut twin, mut r) = (Twin::default(), Random(11));
    for _ in 0..6 {
        let store = Store::open(dir.path(), Time(0)).unwrap();
        twin.compare(&store.read().unwrap());
        for _ in 0..20 {
            let size = 1 + r.below(8);
            transaction(&store, &mut twin, &mut r, size);
        }
        assert!(store.verify().unwrap().is_empty());
    }
    twin.compare(&Store::open(dir.path(), Time(0)).unwrap().read().unwrap());
}

#[test]
fn a_device_cannot_fill_the_disk_with_secrets_or_reports_that_nobody_asked_for() {
    use pomona::model::enrollment::{Escrow, EscrowKind};
    use pomona::store::{commands, enrollments};
    use pomona::wire::Secret;
    let store = Store::in_memory();
    store
        .write_blocking(|w| -> Result<(), Broken> {
            let who = super::ops::id("A");
            for n in 0..120u8 {
                let at = Time(i64::from(n));
                let escrow = Escrow { secret: Secret::new(vec![n]), at };
                enrollments::put_escrow(w, &who, EscrowKind::UnlockToken, &escrow)?;
                commands::put_orphan(w, &who, &format!("U{n}"), at, &Secret::new(vec![n]))?;
            }
            let former = enrollments::escrow_history(w, &who, EscrowKind::UnlockToken)?;
            let kept: Vec<_> = former.iter().map(|e| e.at.0).collect();
            assert_eq!(kept, (99..119).rev().collect::<Vec<i64>>());
            let mut orphans: Vec<_> = commands::orphans(w, &who)?.iter().map(|(_, at)| at.0).collect();
            orphans.sort_unstable();
            assert_eq!(orphans, (70..120).collect::<Vec<i64>>());
            Ok(())
        })
        .expect("written");
}
