//! kill -9 at any moment: what was answered is there.
//!
//! The child is this test binary itself, told by its environment to write facts and to say each one it was answered
//! for. The parent kills it without warning, opens the folder and holds the ledger against it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use pomona::model::Time;
use pomona::store::Store;

use super::facts;
use super::random::Random;

const FOLDER: &str = "POMONA_TEST_CHILD_FOLDER";
const FIRST: &str = "POMONA_TEST_CHILD_FIRST";

/// How often the child is killed: `POMONA_KILLS`.
fn kills() -> u64 {
    std::env::var("POMONA_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(50)
}

/// Writes facts until it is killed. Not a test: it is passed over unless the parent asks for it.
#[test]
fn the_child_that_writes_until_it_is_killed() {
    let (Ok(folder), Ok(first)) = (std::env::var(FOLDER), std::env::var(FIRST)) else { return };
    let first: u64 = first.parse().expect("a number");
    let store = Store::open(folder.as_ref(), Time(0)).expect("opens");
    std::thread::scope(|scope| {
        for lane in 0..4 {
            let store = store.clone();
            scope.spawn(move || {
                for n in (first + lane..).step_by(4) {
                    store.write_blocking(move |w| facts::put(w, n)).expect("written");
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "fact {n}").and_then(|()| out.flush()).expect("the parent listens");
                }
            });
        }
    });
}

#[test]
fn nothing_that_was_answered_is_lost_by_kill_9() {
    let dir = tempfile::tempdir().expect("folder");
    let mut r = Random(1);
    let mut ledger = BTreeSet::new();
    for round in 0..kills() {
        let first = ledger.last().map_or(0, |n| n + 1000);
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args(["--exact", "store::killed::the_child_that_writes_until_it_is_killed", "--nocapture"])
            .env(FOLDER, dir.path())
            .env(FIRST, first.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let lines = BufReader::new(child.stdout.take().expect("its output"));
        let listener = std::thread::spawn(move || {
            let facts = lines.lines().map_while(Result::ok);
            // A last line that was cut off could read as another number: only whole lines end with a line feed, and
            // the next fact proves that the one before was whole.
            let mut whole: Vec<u64> =
                facts.filter_map(|line| line.rsplit("fact ").next()?.parse().ok()).collect();
            whole.pop();
            whole
        });
        std::thread::sleep(Duration::from_millis(30 + r.below(90)));
        child.kill().expect("killed");
        child.wait().expect("gone");
        ledger.extend(listener.join().expect("listener"));
        if round % 5 == 4 || round + 1 == kills() {
            let store = Store::open(dir.path(), Time(0)).expect("opens after a kill");
            let there = facts::all(&store);
            assert!(ledger.is_subset(&there), "lost: {:?}", ledger.difference(&there));
            assert!(store.verify().expect("verify").is_empty());
        }
    }
    assert!(ledger.len() as u64 > kills(), "the child must get to write: {} facts", ledger.len());
    println!("{} kills, {} answered facts, none lost", kills(), ledger.len());
}
