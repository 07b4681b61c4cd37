//! Disks that fail: nothing is answered that is not there, and the store heals by itself.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pomona::store::{Broken, Store};

use super::disk::{Disk, Faults};
use super::facts;

const MASTER: [u8; 32] = [3; 32];

fn open(disk: &Disk) -> Store {
    let disk = disk.clone();
    Store::open_on(move || Ok(disk.clone()), &MASTER).expect("opens")
}

fn put(store: &Store, n: u64) -> Result<(), Broken> {
    store.write_blocking(move |w| facts::put(w, n))
}

/// Asks until it is answered, and fails when that takes longer than the store may take to heal.
fn soon<T>(what: &str, mut ask: impl FnMut() -> Result<T, Broken>) -> T {
    let started = Instant::now();
    loop {
        match ask() {
            Ok(value) => return value,
            Err(e) if started.elapsed() > Duration::from_secs(10) => panic!("{what}: still {e}"),
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Opens what the disk holds, as after a restart of the machine, and proves each answered fact.
fn prove(disk: &Disk, answered: &BTreeSet<u64>) {
    let store = open(&Disk::holding(disk.content()));
    let there = facts::all(&store);
    assert!(answered.is_subset(&there), "lost: {:?}", answered.difference(&there));
    assert!(store.verify().expect("verify").is_empty());
}

fn one_fault(faults: Faults) -> u64 {
    let disk = Disk::default();
    let store = open(&disk);
    put(&store, 1000).expect("a healthy disk");
    disk.set_faults(faults);
    let mut answered = BTreeSet::from([1000]);
    for n in 0..8 {
        put(&store, n).expect("one fault is healed before the answer");
        answered.insert(n);
    }
    let stats = store.stats();
    assert_eq!(stats.reopened, disk.struck(), "{stats:?}");
    assert_eq!(stats.last_error.is_some(), disk.struck() > 0);
    assert_eq!(facts::all(&store), answered);
    prove(&disk, &answered);
    disk.struck()
}

#[test]
fn a_sync_that_fails_once_is_never_taken_for_done_and_the_job_is_done_again() {
    let struck: u64 =
        (0..20).map(|n| one_fault(Faults { sync_fails_in: Some(n), ..Faults::default() })).sum();
    assert!(struck >= 15, "the faults must strike: {struck}");
}

#[test]
fn a_write_that_fails_once_is_done_again() {
    let struck: u64 =
        (0..60).step_by(3).map(|n| one_fault(Faults { write_fails_in: Some(n), ..Faults::default() })).sum();
    assert!(struck >= 15, "the faults must strike: {struck}");
}

#[test]
fn with_a_dead_disk_jobs_fail_in_words_and_the_store_comes_back_by_itself() {
    let disk = Disk::default();
    let store = open(&disk);
    let mut answered = BTreeSet::new();
    for n in 0..5 {
        put(&store, n).expect("a healthy disk");
        answered.insert(n);
    }
    disk.set_faults(Faults { dead: true, ..Faults::default() });
    let asked = Instant::now();
    for n in 5..10 {
        let failed = put(&store, n).expect_err("a dead disk cannot keep anything");
        assert!(failed.0.contains("os error 5") || failed.0.contains("disk"), "{failed}");
    }
    assert!(asked.elapsed() < Duration::from_secs(5), "no job hangs on a dead disk");
    disk.set_faults(Faults::default());
    // Nobody writes: the readers must not need a writer to be served again.
    let there = soon("reading again", || store.read().map(|_| facts::all(&store)));
    assert!(answered.is_subset(&there));
    soon("writing again", || put(&store, 10));
    answered.insert(10);
    assert!(store.stats().failed >= 5);
    prove(&disk, &answered);
}

#[test]
fn on_a_full_disk_reading_goes_on_and_writing_does_as_soon_as_there_is_room() {
    let disk = Disk::default();
    let store = open(&disk);
    put(&store, 1_000_000).expect("room");
    let full = Faults { full_at: Some(2 << 20), ..Faults::default() };
    disk.set_faults(full);
    let mut answered = BTreeSet::from([1_000_000]);
    let mut failed = 0;
    for n in (2_999..).step_by(3_000).take(3_000) {
        match put(&store, n) {
            Ok(()) => drop(answered.insert(n)),
            Err(_) => failed += 1,
        }
        if failed == 5 {
            break;
        }
    }
    assert_eq!(failed, 5, "the disk must fill");
    assert!(answered.len() > 10);
    let there = soon("reading on a full disk", || store.read().map(|_| facts::all(&store)));
    assert!(answered.is_subset(&there));
    disk.set_faults(Faults::default());
    soon("writing with room", || put(&store, 1));
    answered.insert(1);
    prove(&disk, &answered);
}

#[test]
fn a_read_that_fails_is_told_and_later_reads_work_again() {
    use pomona::{store::profiles, wire::Secret};
    let disk = Disk::default();
    let store = open(&disk);
    // More than the store keeps in memory, so that reading it all must ask the disk.
    let large = Secret::new(vec![9; 1 << 18]);
    for n in 0..30 {
        let large = large.clone();
        store.write_blocking(move |w| profiles::put_revision(w, "p", n, &large)).expect("written");
    }
    let all = || -> Result<(), Broken> {
        let read = store.read()?;
        (0..30).try_for_each(|n| {
            assert_eq!(
                profiles::revision(&read, "p", n)?.as_ref(),
                Some(&large),
                "a row is right or an error"
            );
            Ok(())
        })
    };
    all().expect("a healthy disk");
    disk.set_faults(Faults { read_fails_in: Some(2), ..Faults::default() });
    all().expect_err("a page could not be read");
    soon("reading again", all);
    assert_eq!((disk.struck(), store.stats().reopened), (1, 1));
    put(&store, 40).expect("writing goes on");
}

#[test]
fn a_slow_disk_makes_larger_groups_and_readers_do_not_wait() {
    let disk = Disk::default();
    let store = open(&disk);
    disk.set_faults(Faults { slow: Duration::from_millis(40), ..Faults::default() });
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    runtime.block_on(async {
        let jobs: Vec<_> = (0..150)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move { store.write(move |w| facts::put(w, n)).await })
            })
            .collect();
        tokio::task::yield_now().await;
        for _ in 0..100 {
            facts::all(&store);
        }
        assert!(!jobs.iter().all(|job| job.is_finished()), "readers were served while the disk was syncing");
        for job in jobs {
            job.await.expect("no panic").expect("written");
        }
    });
    let stats = store.stats();
    assert!(stats.commits <= 5, "{stats:?}");
    assert_eq!(facts::all(&store).len(), 150);
}

#[test]
fn a_bug_in_the_writer_itself_closes_the_store_and_says_so() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("{}", super::PLANNED);
        }
    }
    super::quiet_planned_panics();
    let dir = tempfile::tempdir().expect("folder");
    let store = Store::open(dir.path(), pomona::model::Time(0)).expect("opens");
    put(&store, 1).expect("written");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    runtime.block_on(async {
        // The caller goes away, so that the answer is dropped by the writer, outside any job.
        let (gone, wait) = std::sync::mpsc::channel::<()>();
        let job = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .write(move |_| {
                        let _ = wait.recv();
                        Ok::<_, Broken>(Bomb)
                    })
                    .await
                    .map(std::mem::forget)
            }
        });
        tokio::task::yield_now().await;
        job.abort();
        let _ = job.await;
        drop(gone);
        let reason = store.died().await;
        assert!(reason.0.contains(super::PLANNED), "{reason}");
    });
    assert!(put(&store, 2).is_err());
    assert!(store.read().is_err());
    // Its last act was to let go of the folder, so that a new process can take over.
    let again = soon("opening again", || {
        Store::open(dir.path(), pomona::model::Time(0)).map_err(|e| Broken(e.to_string()))
    });
    assert_eq!(facts::all(&again), BTreeSet::from([1]));
}
