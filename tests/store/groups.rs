//! Jobs that share a commit.

use std::collections::BTreeSet;
use std::sync::mpsc;

use pomona::model::Time;
use pomona::store::{Broken, Store, activities, devices, settings};

use super::facts;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("runtime")
}

/// A job that holds the writer until the sender goes, so that others gather behind it.
fn hold(store: &Store) -> (mpsc::Sender<()>, tokio::task::JoinHandle<Result<(), Broken>>) {
    let (go, wait) = mpsc::channel();
    let store = store.clone();
    let held = tokio::spawn(async move {
        store
            .write(move |_| {
                let _ = wait.recv();
                Ok(())
            })
            .await
    });
    (go, held)
}

#[test]
fn failing_and_panicking_jobs_are_undone_alone_and_the_rest_of_the_group_is_kept() {
    super::quiet_planned_panics();
    let store = Store::in_memory();
    let answers = runtime().block_on(async {
        let (go, held) = hold(&store);
        let jobs: Vec<_> = (0..60)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    store
                        .write(move |w| {
                            facts::put(w, n)?;
                            match n % 3 {
                                0 => Ok(()),
                                1 => Err(Broken("on purpose".into())),
                                _ => panic!("{}", super::PLANNED),
                            }
                        })
                        .await
                })
            })
            .collect();
        tokio::task::yield_now().await;
        drop(go);
        held.await.expect("held").expect("held");
        let mut answers = Vec::new();
        for job in jobs {
            answers.push(job.await.expect("the caller does not panic"));
        }
        answers
    });
    for (n, answer) in answers.iter().enumerate() {
        match (n % 3, answer) {
            (0, Ok(())) => {}
            (1, Err(Broken(said))) if said == "on purpose" => {}
            (2, Err(Broken(said))) if said.contains(super::PLANNED) => {}
            (_, other) => panic!("job {n}: {other:?}"),
        }
    }
    assert_eq!(facts::all(&store), (0..60).step_by(3).collect::<BTreeSet<u64>>());
    let stats = store.stats();
    assert_eq!((stats.commits, stats.jobs, stats.largest_group, stats.panics), (1, 61, 61, 20), "{stats:?}");
    let read = store.read().expect("read");
    let seqs: Vec<_> = activities::list(&read, None, 99).expect("rows").iter().map(|a| a.seq).collect();
    assert_eq!(seqs, (1..=20).rev().collect::<Vec<_>>(), "undone jobs leave no hole");
}

#[test]
fn a_job_sees_what_the_jobs_before_it_did_and_a_snapshot_sees_no_part_of_a_group() {
    let store = Store::in_memory();
    runtime().block_on(async {
        let mut watch = store.watch();
        let (go, held) = hold(&store);
        let first = tokio::spawn({
            let store = store.clone();
            async move { store.write(|w| facts::put(w, 1)).await }
        });
        let second = tokio::spawn({
            let store = store.clone();
            async move { store.write(|w| devices::seen(w, &"FACT-1".parse_id())).await }
        });
        tokio::task::yield_now().await;
        let early = store.read().expect("read");
        assert!(!watch.has_changed().expect("watch"));
        drop(go);
        held.await.expect("held").expect("held");
        first.await.expect("first").expect("written");
        let seen: Result<_, Broken> = second.await.expect("second");
        assert_eq!(seen.expect("read"), Some(Time(1)));
        assert!(watch.has_changed().expect("watch"));
        assert_eq!(*watch.borrow_and_update(), 1);
        assert_eq!(devices::seen(&early, &"FACT-1".parse_id()).expect("row"), None, "snapshots do not move");
    });
}

trait ParseId {
    fn parse_id(&self) -> pomona::model::enrollment::EnrollmentId;
}

impl ParseId for str {
    fn parse_id(&self) -> pomona::model::enrollment::EnrollmentId {
        super::ops::id(self)
    }
}

#[test]
fn undoing_a_job_brings_back_what_the_job_before_it_wrote() {
    let store = Store::in_memory();
    let seen = runtime().block_on(async {
        let (go, held) = hold(&store);
        let job = |at: i64, fails: bool| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write(move |w| {
                        devices::put_seen(w, &"A".parse_id(), Time(at))?;
                        devices::put_seen(w, &"A".parse_id(), Time(at + 1))?;
                        if fails { Err(Broken("on purpose".into())) } else { Ok(()) }
                    })
                    .await
            })
        };
        let jobs = [job(1, false), job(10, true)];
        let last = tokio::spawn({
            let store = store.clone();
            async move { store.write(|w| devices::seen(w, &"A".parse_id())).await }
        });
        tokio::task::yield_now().await;
        drop(go);
        held.await.expect("held").expect("held");
        for job in jobs {
            let _: Result<(), Broken> = job.await.expect("job");
        }
        let seen: Result<_, Broken> = last.await.expect("last");
        assert_eq!(store.stats().largest_group, 4);
        seen.expect("read")
    });
    assert_eq!(seen, Some(Time(2)));
    assert_eq!(devices::seen(&store.read().expect("read"), &"A".parse_id()).expect("row"), Some(Time(2)));
}

#[test]
fn a_job_that_writes_nothing_costs_no_commit() {
    let store = Store::in_memory();
    store.write_blocking(|w| facts::put(w, 1)).expect("written");
    let before = store.stats();
    for _ in 0..10 {
        let found: Result<_, Broken> = store.write_blocking(|w| settings::get(w));
        assert_eq!(found.expect("read"), None);
        let refused: Result<(), Broken> = store.write_blocking(|w| {
            facts::put(w, 2)?;
            Err(Broken("no".into()))
        });
        refused.expect_err("refused");
    }
    let after = store.stats();
    assert_eq!((after.commits, after.jobs), (before.commits, before.jobs + 20));
    assert_eq!(*store.watch().borrow(), 1);
}

#[test]
fn a_job_runs_even_when_its_caller_has_gone() {
    let store = Store::in_memory();
    runtime().block_on(async {
        let (go, held) = hold(&store);
        let job = tokio::spawn({
            let store = store.clone();
            async move { store.write(|w| facts::put(w, 5)).await }
        });
        tokio::task::yield_now().await;
        job.abort();
        drop(go);
        held.await.expect("held").expect("held");
    });
    store.write_blocking(|w| facts::put(w, 6)).expect("written");
    assert_eq!(facts::all(&store), BTreeSet::from([5, 6]));
}

#[test]
fn the_queue_is_bounded_and_callers_wait_for_a_place() {
    let store = Store::in_memory();
    runtime().block_on(async {
        let (go, held) = hold(&store);
        tokio::task::yield_now().await;
        let jobs: Vec<_> = (0..3000)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    store.write(move |w| devices::put_seen(w, &format!("D{n}").parse_id(), Time(n))).await
                })
            })
            .collect();
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        assert!((1000..=1024).contains(&store.stats().queued), "{:?}", store.stats());
        drop(go);
        held.await.expect("held").expect("held");
        for job in jobs {
            job.await.expect("job").expect("written");
        }
    });
    let read = store.read().expect("read");
    assert_eq!(devices::all_seen(&read).expect("rows").len(), 3000);
    assert!(store.stats().largest_group <= 1000);
    assert_eq!(store.stats().queued, 0);
}

#[test]
fn the_last_clone_may_go_inside_a_job() {
    let dir = tempfile::tempdir().expect("folder");
    let store = Store::open(dir.path(), Time(0)).expect("opens");
    runtime().block_on(async {
        let (go, wait) = mpsc::channel::<()>();
        let job = tokio::spawn({
            let (store, inside) = (store.clone(), store);
            async move {
                store
                    .write(move |w| {
                        let _ = wait.recv();
                        facts::put(w, 1)?;
                        drop(inside);
                        Ok::<_, Broken>(())
                    })
                    .await
            }
        });
        tokio::task::yield_now().await;
        job.abort();
        let _ = job.await;
        drop(go);
    });
    let opened = (0..500).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        Store::open(dir.path(), Time(0)).ok()
    });
    assert_eq!(facts::all(&opened.expect("the folder is let go")), BTreeSet::from([1]));
}

#[test]
fn closing_finishes_what_is_queued() {
    let dir = tempfile::tempdir().expect("folder");
    let store = Store::open(dir.path(), Time(0)).expect("opens");
    runtime().block_on(async {
        let (go, held) = hold(&store);
        let jobs: Vec<_> = (0..50)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move { store.write(move |w| facts::put(w, n)).await })
            })
            .collect();
        tokio::task::yield_now().await;
        drop(go);
        store.close();
        held.await.expect("held").expect("held");
        for job in jobs {
            job.await.expect("job").expect("what was queued is done and answered");
        }
    });
    assert_eq!(facts::all(&Store::open(dir.path(), Time(0)).expect("opens")).len(), 50);
}

#[test]
fn a_row_of_the_largest_kind_is_kept_and_one_beyond_is_refused_alone() {
    use pomona::{store::profiles, wire::Secret};
    let store = Store::in_memory();
    let large = Secret::new(vec![7; 12 << 20]);
    let kept = large.clone();
    store.write_blocking(move |w| profiles::put_revision(w, "p", 1, &large)).expect("12 MiB");
    let too_large = Secret::new(vec![7; 65 << 20]);
    let refused: Result<(), Broken> =
        store.write_blocking(move |w| profiles::put_revision(w, "p", 2, &too_large));
    assert!(refused.expect_err("refused").0.contains("too many"));
    assert_eq!(profiles::revision(&store.read().expect("read"), "p", 1).expect("row"), Some(kept));
}

#[test]
fn tables_and_counts_are_told_for_the_doctor() {
    let dir = tempfile::tempdir().expect("folder");
    let store = Store::open(dir.path(), Time(0)).expect("opens");
    store.write_blocking(|w| (0..9).try_for_each(|n| facts::put(w, n))).expect("written");
    let tables = store.tables().expect("counts");
    let count = |name: &str| tables.iter().find(|(table, _)| *table == name).expect("table").1;
    assert_eq!(
        (count("seen"), count("activities"), count("activities_of_device"), count("devices")),
        (9, 9, 9, 0)
    );
    assert!(store.file_size().expect("a file") > 4096);
    assert!(store.check_pages().expect("sound"));
    assert!(store.verify().expect("verify").is_empty());
}

#[test]
fn measuring_gives_figures_with_their_ratios() {
    let dir = tempfile::tempdir().expect("folder");
    let figures = pomona::store::measure::group_commit(dir.path(), std::time::Duration::from_millis(30), 200)
        .expect("figures");
    assert!(figures.grouped.iter().all(|g| g.jobs_per_s > 0.0 && g.group >= 1.0), "{figures:?}");
    let text = figures.to_string();
    assert!(text.contains(" 200 writers: ") && text.contains("of the disk's syncs"), "{text}");
}
