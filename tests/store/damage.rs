//! Bit rot, and hands in the file.

use std::fs;
use std::path::Path;

use pomona::model::Time;
use pomona::model::enrollment::{Escrow, EscrowKind, PushInfo};
use pomona::model::settings::{Identity, IdentityUse};
use pomona::store::{OpenError, Store, commands, enrollments, profiles, settings};
use pomona::wire::Secret;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use super::ops::{Op, id};
use super::random::Random;

type Rows = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// Looks into, and lays hands on, one table of a closed store.
fn with_table<T>(dir: &Path, name: &'static str, act: impl FnOnce(&mut redb::Table<&[u8], &[u8]>) -> T) -> T {
    let database = Database::open(dir.join("pomona.redb")).expect("database");
    let w = database.begin_write().expect("transaction");
    let result = act(&mut w.open_table(Rows::new(name)).expect("table"));
    w.commit().expect("commit");
    result
}

fn keys(dir: &Path, name: &'static str) -> Vec<Vec<u8>> {
    with_table(dir, name, |t| {
        t.iter().expect("rows").map(|row| row.expect("row").0.value().to_vec()).collect()
    })
}

fn set(dir: &Path, name: &'static str, key: &[u8], change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    with_table(dir, name, |t| {
        let value = change(t.get(key).expect("get").map_or(Vec::new(), |v| v.value().to_vec()));
        t.insert(key, value.as_slice()).expect("insert");
    });
}

fn value(dir: &Path, name: &'static str, key: &[u8]) -> Vec<u8> {
    let database = Database::open(dir.join("pomona.redb")).expect("database");
    let table = database.begin_read().expect("read").open_table(Rows::new(name)).expect("table");
    table.get(key).expect("get").expect("row").value().to_vec()
}

fn open(dir: &Path) -> Store {
    Store::open(dir, Time(0)).expect("opens")
}

const CANARIES: &[&str] = &[
    "canary-identity-key",
    "canary-push-token",
    "canary-push-magic",
    "canary-unlock-token",
    "canary-former-pin",
    "canary-present-pin",
    "canary-request",
    "canary-report",
    "canary-orphan",
    "canary-profile",
    "canary-ticket",
];

fn plant(store: &Store) {
    let secret = |n: usize| Secret::new(CANARIES[n]);
    store
        .write_blocking(move |w| {
            let who = id("A");
            let key = Identity { key: secret(0), certificate: vec![1], chain: Vec::new(), since: Time(0) };
            settings::put_identity(w, IdentityUse::DeviceCa, &key)?;
            let push = PushInfo {
                topic: "plain-topic".into(),
                token: secret(1),
                magic: secret(2),
                updated: Time(0),
            };
            enrollments::put_push_info(w, &who, &push)?;
            for (kind, n) in
                [(EscrowKind::UnlockToken, 3), (EscrowKind::LockPin, 4), (EscrowKind::LockPin, 5)]
            {
                enrollments::put_escrow(w, &who, kind, &Escrow { secret: secret(n), at: Time(0) })?;
            }
            commands::put_request(w, "plain-uuid", &secret(6))?;
            commands::put_report(w, &who, "plain-uuid", &secret(7))?;
            commands::put_orphan(w, &who, "plain-uuid", Time(0), &secret(8))?;
            profiles::put_revision(w, "plainprofile", 1, &secret(9))?;
            profiles::put_revision(w, "plainprofile", 2, &secret(9))?;
            let mut r = Random(3);
            let Op::Ticket(mut ticket) = std::iter::from_fn(|| Some(Op::draw(&mut r)))
                .find(|op| matches!(op, Op::Ticket(_)))
                .expect("a ticket")
            else {
                unreachable!()
            };
            ticket.token = secret(10);
            pomona::store::tickets::put(w, &ticket)
        })
        .expect("planted");
}

fn holds(file: &[u8], text: &str) -> bool {
    file.windows(text.len()).any(|part| part == text.as_bytes())
}

#[test]
fn no_planted_secret_is_found_in_any_file_of_the_data_folder_but_by_the_store() {
    let dir = tempfile::tempdir().expect("folder");
    let store = open(dir.path());
    plant(&store);
    store.close();
    let mut sees_plain_text = false;
    for entry in fs::read_dir(dir.path()).expect("folder") {
        let file = fs::read(entry.expect("entry").path()).expect("file");
        sees_plain_text |= holds(&file, "plain-uuid");
        for canary in CANARIES {
            assert!(!holds(&file, canary), "{canary} is in the clear");
        }
    }
    assert!(sees_plain_text, "the search itself must be able to find text");
    let store = open(dir.path());
    let read = store.read().expect("read");
    assert_eq!(commands::request(&read, "plain-uuid").expect("row"), Some(Secret::new("canary-request")));
    let history = enrollments::escrow_history(&read, &id("A"), EscrowKind::LockPin).expect("rows");
    assert_eq!(history[0].secret, Secret::new("canary-former-pin"));
}

#[test]
fn a_secret_moved_to_another_row_or_version_or_changed_by_a_bit_fails_alone() {
    let dir = tempfile::tempdir().expect("folder");
    let store = open(dir.path());
    plant(&store);
    store.close();
    let revisions = keys(dir.path(), "revisions");
    let (one, two) = (&revisions[0], &revisions[1]);
    let honest = value(dir.path(), "revisions", one);
    let moved = value(dir.path(), "revisions", two);
    let flips = (1..honest.len()).step_by(3).map(|at| {
        let mut bent = honest.clone();
        bent[at] ^= 1 << (at % 8);
        bent
    });
    let cut = [vec![], honest[..20].to_vec(), honest[..honest.len() - 1].to_vec()];
    let mut older = honest.clone();
    older[0] = 0;
    for bad in flips.chain(cut).chain([moved, older]) {
        set(dir.path(), "revisions", one, |_| bad);
        let store = open(dir.path());
        let read = store.read().expect("read");
        let fault = profiles::revision(&read, "plainprofile", 1).expect_err("must not open");
        assert!(fault.0.starts_with("revisions: "), "{fault}");
        assert!(!fault.0.contains("canary"), "{fault}");
        assert_eq!(
            profiles::revision(&read, "plainprofile", 2).expect("the others"),
            Some(Secret::new("canary-profile"))
        );
        assert_eq!(store.verify().expect("verify").len(), 1);
    }
    // The same bytes in another table.
    set(dir.path(), "requests", one, |_| honest.clone());
    set(dir.path(), "revisions", one, |_| honest);
    let faults = open(dir.path()).verify().expect("verify");
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].0.starts_with("requests: "), "{faults:?}");
}

#[test]
fn a_plain_row_that_rotted_or_was_moved_is_told_and_not_believed() {
    let dir = tempfile::tempdir().expect("folder");
    let store = open(dir.path());
    store
        .write_blocking(|w| {
            pomona::store::devices::put_seen(w, &id("A"), Time(7))?;
            pomona::store::devices::put_seen(w, &id("B"), Time(7))
        })
        .expect("written");
    store.close();
    let seen = keys(dir.path(), "seen");
    let other = value(dir.path(), "seen", &seen[1]);
    let honest = value(dir.path(), "seen", &seen[0]);
    for at in 0..honest.len() {
        set(dir.path(), "seen", &seen[0], |_| {
            let mut bent = honest.clone();
            bent[at] ^= 4;
            bent
        });
        let store = open(dir.path());
        let read = store.read().expect("read");
        assert!(pomona::store::devices::seen(&read, &id("A")).is_err(), "byte {at}");
        assert_eq!(pomona::store::devices::seen(&read, &id("B")).expect("the other"), Some(Time(7)));
    }
    set(dir.path(), "seen", &seen[0], |_| other);
    let store = open(dir.path());
    assert!(pomona::store::devices::seen(&store.read().expect("read"), &id("A")).is_err());
}

#[test]
fn verifying_tells_an_index_or_a_count_that_lost_its_row() {
    let dir = tempfile::tempdir().expect("folder");
    let store = open(dir.path());
    store
        .write_blocking(|w| {
            use pomona::model::{device::Device, due::Work};
            pomona::store::devices::put(w, &Device::unknown(id("A")))?;
            pomona::store::dues::raise(w, Work::Push, &id("A"), Time(1))
        })
        .expect("written");
    store.close();
    for table in ["devices", "dues"] {
        let key = keys(dir.path(), table)[0].clone();
        with_table(dir.path(), table, |t| drop(t.remove(key.as_slice()).expect("removed")));
    }
    let faults = open(dir.path()).verify().expect("verify");
    let said: Vec<_> = faults.iter().map(|f| f.0.as_str()).collect();
    assert_eq!(
        said,
        [
            "dues_by_time: 1 entries for 0 rows of dues",
            "counters: 1 devices kept, 0 counted",
            "counters: 1 dues kept, 0 counted"
        ]
    );
}

#[test]
fn a_row_of_a_newer_version_is_an_error_that_says_so() {
    let dir = tempfile::tempdir().expect("folder");
    let store = open(dir.path());
    store.write_blocking(|w| pomona::store::devices::put_seen(w, &id("A"), Time(7))).expect("written");
    store.close();
    let key = &keys(dir.path(), "seen")[0];
    set(dir.path(), "seen", key, |old| {
        let mut sum = crc32fast::Hasher::new();
        for part in [b"seen\0".as_slice(), key, &[2], &old[5..]] {
            sum.update(part);
        }
        [&[2], sum.finalize().to_le_bytes().as_slice(), &old[5..]].concat()
    });
    let store = open(dir.path());
    let fault = pomona::store::devices::seen(&store.read().expect("read"), &id("A")).expect_err("newer");
    assert!(fault.0.contains("newer Pomona"), "{fault}");
}

#[test]
fn a_database_of_a_newer_schema_is_refused_untouched() {
    let dir = tempfile::tempdir().expect("folder");
    open(dir.path()).close();
    let key = keys(dir.path(), "meta")[0].clone();
    set(dir.path(), "meta", &key, |old| {
        // The body is a map whose first field is the number, a one-byte integer.
        let mut body = old[5..].to_vec();
        let at = body.windows(6).position(|w| w == b"number").expect("field") + 6;
        body[at] = 99;
        let mut sum = crc32fast::Hasher::new();
        for part in [b"meta\0".as_slice(), &key, &[1], &body] {
            sum.update(part);
        }
        [&[1], sum.finalize().to_le_bytes().as_slice(), &body].concat()
    });
    let before = value(dir.path(), "meta", &key);
    let refused = Store::open(dir.path(), Time(0)).expect_err("refused");
    assert!(matches!(refused, OpenError::Newer { found: 99, known: pomona::store::SCHEMA }), "{refused}");
    assert_eq!(value(dir.path(), "meta", &key), before);
}

/// How many bits are flipped: `POMONA_BIT_FLIPS`.
fn flips() -> u64 {
    std::env::var("POMONA_BIT_FLIPS").ok().and_then(|n| n.parse().ok()).unwrap_or(200)
}

#[test]
fn a_flipped_bit_anywhere_in_the_file_is_harmless_or_told() {
    super::quiet_planned_panics();
    let dir = tempfile::tempdir().expect("folder");
    let store = open(dir.path());
    let mut r = Random(5);
    for _ in 0..40 {
        let ops: Vec<_> = (0..20).map(|_| Op::draw(&mut r)).collect();
        let _ = store.write_blocking(move |w| ops.iter().try_for_each(|op| op.run(w)));
    }
    let truth = store.digest().expect("digest");
    store.close();
    let path = dir.path().join("pomona.redb");
    let honest = fs::read(&path).expect("file");
    // Most of a young file is empty: aim at what holds something.
    let pages: Vec<_> =
        (0..honest.len() / 512).filter(|n| honest[n * 512..(n + 1) * 512].iter().any(|b| *b != 0)).collect();
    let (mut harmless, mut told) = (0, 0);
    for n in 0..flips() {
        let page = pages[r.below(pages.len() as u64) as usize];
        let at = if n < 64 { n as usize * 5 } else { page * 512 + r.below(512) as usize };
        let mut bent = honest.clone();
        bent[at] ^= 1 << r.below(8);
        fs::write(&path, &bent).expect("bent");
        match Store::open(dir.path(), Time(0))
            .map_err(|e| e.to_string())
            .and_then(|s| s.digest().map_err(|e| e.0))
        {
            Ok(found) => {
                assert_eq!(found, truth, "byte {at}: wrong facts were believed");
                harmless += 1;
            }
            Err(_) => told += 1,
        }
    }
    println!("{harmless} harmless, {told} told, of {} bytes", honest.len());
    assert!(told > 0, "damage must be seen");
}
