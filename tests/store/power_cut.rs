//! Power cuts: the store's own write path over a disk that rebuilds the file any cut would have left.
//!
//! A workload of transactions over all nouns runs once, in groups, with failing and panicking jobs, with clean closes
//! in between. The same jobs run one by one on a second store, whose digest after each job says what a legitimate
//! state is. An image is right when its digest is that of a state between the last answered job and the last one
//! submitted: anything older is a lost fact, anything else half a transaction or a wrong index.

use std::sync::atomic::{AtomicU64, Ordering};

use pomona::store::{Broken, Store, Write};

use super::disk::{Deed, Disk, left_by_a_cut, redo};
use super::ops::Op;
use super::random::Random;

const MASTER: [u8; 32] = [42; 32];

/// A transaction and how it ends.
#[derive(Debug, Clone)]
struct Job {
    ops: Vec<Op>,
    end: u64,
}

impl Job {
    fn draw(r: &mut Random) -> Self {
        let count = 1 + r.below(5);
        Self { ops: (0..count).map(|_| Op::draw(r)).collect(), end: r.below(12) }
    }

    fn run(self, w: &mut Write) -> Result<(), Broken> {
        self.ops.iter().try_for_each(|op| op.run(w))?;
        match self.end {
            0 => Err(Broken("on purpose".into())),
            1 => panic!("{}", super::PLANNED),
            _ => Ok(()),
        }
    }
}

/// What the tape must be held against.
struct Ledger {
    tape: Vec<Deed>,
    /// Length of the tape when the empty database was whole: it gets its name only then (see `opening.rs`).
    born: usize,
    /// Length of the tape, and how many jobs had been submitted before anything was written behind it.
    submitted: Vec<(usize, usize)>,
    /// Length of the tape, and how many jobs had been answered by then.
    answered: Vec<(usize, usize)>,
    /// Digest after so many jobs.
    digests: Vec<[u8; 32]>,
}

impl Ledger {
    fn record(seed: u64, batches: usize, lies: bool) -> Self {
        super::quiet_planned_panics();
        let mut r = Random(seed);
        let batches: Vec<Vec<Job>> =
            (0..batches).map(|_| (0..1 + r.below(7)).map(|_| Job::draw(&mut r)).collect()).collect();

        let disk = Disk::with_tape(lies);
        let (mut submitted, mut answered) = (vec![(0, 0)], vec![(0, 0)]);
        let mut count = 0;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut store = open(&disk);
        let born = disk.tape_len();
        for (n, batch) in batches.iter().enumerate() {
            count += batch.len();
            submitted.push((disk.tape_len(), count));
            runtime.block_on(async {
                let jobs: Vec<_> = batch
                    .iter()
                    .cloned()
                    .map(|job| {
                        let store = store.clone();
                        tokio::spawn(async move { store.write(|w| job.run(w)).await })
                    })
                    .collect();
                for job in jobs {
                    let _ = job.await.unwrap();
                }
            });
            answered.push((disk.tape_len(), count));
            if n % 25 == 24 {
                store.close();
                store = open(&disk);
            }
        }
        store.close();

        let reference = Store::open_on(|| Ok(redb::backends::InMemoryBackend::new()), &[1; 32]).unwrap();
        let mut digests = vec![reference.digest().unwrap()];
        for job in batches.into_iter().flatten() {
            let _ = reference.write_blocking(|w| job.run(w));
            digests.push(reference.digest().unwrap());
        }
        Self { tape: disk.take_tape(), born, submitted, answered, digests }
    }

    /// What must be there, and what may be there, when the power goes before the deed `cut`.
    fn bounds(&self, cut: usize) -> (usize, usize) {
        let answered = self.answered.iter().rev().find(|(at, _)| *at <= cut).map_or(0, |(_, n)| *n);
        let submitted = self.submitted.iter().rev().find(|(at, _)| *at < cut).map_or(0, |(_, n)| *n);
        (answered, submitted.max(answered))
    }

    fn judge(&self, cut: usize, image: Disk) -> Verdict {
        let (must, may) = self.bounds(cut);
        let store = match Store::open_on(move || Ok(image.clone()), &MASTER) {
            Ok(store) => store,
            Err(e) => return Verdict::Wrong(format!("does not open: {e}")),
        };
        match store.digest() {
            Err(e) => Verdict::Wrong(format!("does not read: {e}")),
            Ok(found) if self.digests[must..=may].contains(&found) => Verdict::Right,
            Ok(found) if self.digests[..must].contains(&found) => Verdict::Lost,
            Ok(_) => Verdict::Wrong("a state that never was".into()),
        }
    }
}

enum Verdict {
    Right,
    Lost,
    Wrong(String),
}

fn open(disk: &Disk) -> Store {
    let disk = disk.clone();
    Store::open_on(move || Ok(disk.clone()), &MASTER).unwrap()
}

#[derive(Default)]
struct Tally {
    right: AtomicU64,
    lost: AtomicU64,
    wrong: AtomicU64,
    /// Images in which the power went again while the first cut was being repaired.
    twice: AtomicU64,
}

/// Rebuilds about `images` files, spread evenly over the tape, and judges each.
fn cut_everywhere(ledger: &Ledger, images: u64) -> Tally {
    let tally = Tally::default();
    let lanes = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for lane in 0..lanes {
            let tally = &tally;
            scope.spawn(move || {
                let (mut durable, mut synced) = (Vec::new(), 0);
                let cuts = (ledger.tape.len() - ledger.born) as u64 + 1;
                for cut in 0..=ledger.tape.len() {
                    let here = cut.checked_sub(ledger.born).map_or(0, |n| {
                        let n = n as u64;
                        images * (n + 1) / cuts - images * n / cuts
                    });
                    for n in 0..here {
                        if (cut + n as usize) % lanes == lane {
                            let mut r = Random((cut as u64) << 20 | n);
                            let file = left_by_a_cut(&durable, &ledger.tape[synced..cut], &mut r);
                            note(tally, cut, one(ledger, cut, file, &mut r, tally));
                        }
                    }
                    if let Some(Deed::Sync) = ledger.tape.get(cut) {
                        ledger.tape[synced..cut].iter().for_each(|deed| redo(&mut durable, deed));
                        synced = cut + 1;
                    }
                }
            });
        }
    });
    tally
}

fn one(ledger: &Ledger, cut: usize, file: Vec<u8>, r: &mut Random, tally: &Tally) -> Verdict {
    if !r.once_in(6) {
        return ledger.judge(cut, Disk::holding(file));
    }
    // The power goes again during the repair.
    tally.twice.fetch_add(1, Ordering::Relaxed);
    let disk = Disk::with_tape(false);
    disk.restore(file.clone());
    drop(Store::open_on(
        {
            let disk = disk.clone();
            move || Ok(disk.clone())
        },
        &MASTER,
    ));
    let tape = disk.take_tape();
    let again = r.below(tape.len() as u64 + 1) as usize;
    let synced = tape[..again].iter().rposition(|d| matches!(d, Deed::Sync)).map_or(0, |n| n + 1);
    let mut durable = file;
    tape[..synced].iter().for_each(|deed| redo(&mut durable, deed));
    ledger.judge(cut, Disk::holding(left_by_a_cut(&durable, &tape[synced..again], r)))
}

fn note(tally: &Tally, cut: usize, verdict: Verdict) {
    let counter = match verdict {
        Verdict::Right => &tally.right,
        Verdict::Lost => &tally.lost,
        Verdict::Wrong(how) => {
            if tally.wrong.load(Ordering::Relaxed) < 5 {
                println!("cut before deed {cut}: {how}");
            }
            &tally.wrong
        }
    };
    counter.fetch_add(1, Ordering::Relaxed);
}

/// How many images: `POMONA_POWER_CUTS`, or 20,000.
fn images() -> u64 {
    std::env::var("POMONA_POWER_CUTS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000)
}

/// Another workload and other cuts: `POMONA_SEED`.
fn seed() -> u64 {
    std::env::var("POMONA_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(7)
}

#[test]
fn no_power_cut_loses_an_answered_fact_or_leaves_a_state_that_never_was() {
    let started = std::time::Instant::now();
    let ledger = Ledger::record(seed(), 60, false);
    println!(
        "recorded {} deeds, {} jobs in {:?}",
        ledger.tape.len(),
        ledger.digests.len() - 1,
        started.elapsed()
    );
    let tally = cut_everywhere(&ledger, images());
    let (right, lost, wrong) = (tally.right.into_inner(), tally.lost.into_inner(), tally.wrong.into_inner());
    println!(
        "{right} images right ({} cut twice), {lost} lost, {wrong} wrong, {:?}",
        tally.twice.into_inner(),
        started.elapsed()
    );
    assert_eq!((lost, wrong), (0, 0), "lost, wrong");
    assert_eq!(right, images());
}

#[test]
fn a_disk_that_lies_about_syncing_is_caught() {
    let ledger = Ledger::record(7, 20, true);
    let tally = cut_everywhere(&ledger, 300);
    assert!(tally.lost.into_inner() > 20, "the harness must see lost facts");
}
