//! What the catalogue costs.

use std::process::Command;
use std::time::Instant;

use pomona::catalog::Catalog;

#[test]
fn reading_the_catalogue_is_quick() {
    let start = Instant::now();
    let catalog = Catalog::load();
    let took = start.elapsed();
    println!("{} forms are read in {took:?} (goal 10 ms in release)", catalog.forms().len());
    assert!(took.as_secs() < 10, "{took:?}");
}

/// Memory of this process that no file backs, in KiB.
#[cfg(target_os = "linux")]
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).expect("a line");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// Run alone in a process by the next test, so that no other test allocates meanwhile.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "measures the process that runs it"]
fn memory_of_a_catalogue_and_its_index() {
    let before = memory();
    let catalog = Catalog::load();
    let read = memory();
    catalog.search("airdrop", 1);
    println!("memory: {} KiB read, {} KiB with the index", read - before, memory() - before);
}

#[cfg(target_os = "linux")]
#[test]
fn the_catalogue_and_its_index_fit_into_8_mib() {
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "catalog::measure::memory_of_a_catalogue_and_its_index",
            "--ignored",
            "--nocapture",
        ])
        .output()
        .expect("runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let line =
        text.lines().find(|line| line.contains("KiB with the index")).unwrap_or_else(|| panic!("{text}"));
    println!("{line}");
    let with = line.split(", ").nth(1).and_then(|part| part.split(' ').next()).expect("a figure");
    assert!(with.parse::<u64>().expect("a number") < 8 * 1024, "{line}");
}
