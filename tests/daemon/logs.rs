//! The log files.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use pomona::daemon::config::LogConfig;
use pomona::daemon::logs::files::{Files, make_folder};
use pomona::daemon::logs::read::Reader;
use pomona::daemon::logs::{self, Level, Levels, Log, Terminal};
use pomona::model::Time;
use pomona::model::edge::Clock;
use std::io::Write;

/// 2026-11-24T23:59:50Z.
const EVENING: i64 = 1_795_564_790_000;
const DAY: i64 = 86_400_000;

struct Hands(AtomicI64);

impl Hands {
    fn at(ms: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(ms)))
    }

    fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::SeqCst))
    }
}

fn config(folder: &Path) -> LogConfig {
    LogConfig {
        folder: folder.join("logs"),
        level: Level::Info,
        rotate: 1 << 20,
        keep_days: 14,
        keep: 1 << 30,
    }
}

fn files(config: &LogConfig, clock: &Arc<Hands>) -> Files {
    make_folder(&config.folder).expect("folder");
    Files::new(config, Arc::<Hands>::clone(clock), Arc::new(AtomicU64::new(0)), Arc::new(OnceLock::new()))
}

/// Waits until rotated logs are compressed, and reads one.
fn unpacked(folder: &Path, name: &str) -> String {
    use std::io::Read;
    let path = folder.join(name);
    let began = Instant::now();
    while !path.exists() || path.with_extension("").exists() {
        assert!(began.elapsed() < Duration::from_secs(10), "{name}: {:?}", names(folder));
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("a file");
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("gzip");
    text
}

fn put(files: &mut Files, log: Log, text: &str) {
    let mut bytes = vec![log as u8];
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(b'\n');
    files.write_all(&bytes).expect("a log never fails");
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").file_name().into_string().expect("name"))
        .collect();
    names.sort();
    names
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_default()
}

#[test]
fn a_log_is_rotated_at_midnight_utc_exactly_once() {
    let folder = tempfile::tempdir().expect("folder");
    let (config, clock) = (config(folder.path()), Hands::at(EVENING));
    let mut files = files(&config, &clock);
    put(&mut files, Log::Mdm, "before");
    clock.set(EVENING + 20_000);
    put(&mut files, Log::Mdm, "after");
    put(&mut files, Log::Mdm, "later");
    assert_eq!(unpacked(&config.folder, "mdm.2026-11-24.1.log.gz"), "before\n");
    assert_eq!(names(&config.folder), ["mdm.2026-11-24.1.log.gz", "mdm.log"]);
    assert_eq!(text(&config.folder, "mdm.log"), "after\nlater\n");
    // The clock goes back over midnight and comes again: no further file.
    clock.set(EVENING);
    put(&mut files, Log::Mdm, "back");
    clock.set(EVENING + 30_000);
    put(&mut files, Log::Mdm, "again");
    assert_eq!(names(&config.folder).len(), 2);
}

#[test]
fn a_log_from_yesterday_is_rotated_at_the_first_line_after_a_start() {
    let folder = tempfile::tempdir().expect("folder");
    let (config, clock) = (config(folder.path()), Hands::at(EVENING + 3 * DAY));
    make_folder(&config.folder).expect("folder");
    let file = config.folder.join("enroll.log");
    std::fs::write(&file, "old\n").expect("written");
    let at = std::time::UNIX_EPOCH + Duration::from_millis(EVENING as u64);
    std::fs::File::options().append(true).open(&file).expect("open").set_modified(at).expect("dated");
    // The end of the writer waits for what is being compressed.
    put(&mut files(&config, &clock), Log::Enroll, "new");
    assert_eq!(names(&config.folder), ["enroll.2026-11-24.1.log.gz", "enroll.log"]);
    assert_eq!(unpacked(&config.folder, "enroll.2026-11-24.1.log.gz"), "old\n");
    assert_eq!(text(&config.folder, "enroll.log"), "new\n");
}

#[test]
fn a_log_is_rotated_at_its_size_and_numbered_within_the_day() {
    let folder = tempfile::tempdir().expect("folder");
    let config = LogConfig { rotate: 100, ..config(folder.path()) };
    let mut files = files(&config, &Hands::at(EVENING));
    for _ in 0..5 {
        put(&mut files, Log::Apns, &"x".repeat(59));
    }
    drop(files);
    assert_eq!(
        names(&config.folder),
        [
            "apns.2026-11-24.1.log.gz",
            "apns.2026-11-24.2.log.gz",
            "apns.2026-11-24.3.log.gz",
            "apns.2026-11-24.4.log.gz",
            "apns.log"
        ]
    );
}

#[test]
fn a_rotated_log_is_compressed_for_the_same_readers_and_small() {
    let folder = tempfile::tempdir().expect("folder");
    let config = LogConfig { rotate: 200_000, ..config(folder.path()) };
    let mut files = files(&config, &Hands::at(EVENING));
    let mut whole = String::new();
    for n in 0..3_000 {
        let line = format!("2026-11-24T10:00:00.000Z INFO  x[1] number {n} of a log that says much the same");
        put(&mut files, Log::Mdm, &line);
        whole += &format!("{line}\n");
    }
    let packed = config.folder.join("mdm.2026-11-24.1.log.gz");
    let rotated = unpacked(&config.folder, "mdm.2026-11-24.1.log.gz");
    assert_eq!(rotated + &text(&config.folder, "mdm.log"), whole, "nothing is lost at the seam");
    let meta = std::fs::metadata(packed).expect("there");
    assert_eq!(meta.permissions().mode() & 0o777, 0o640);
    assert!(meta.len() < 40_000, "{} bytes", meta.len());
}

#[test]
fn what_a_crash_left_half_compressed_is_done_again_at_the_next_start() {
    let folder = tempfile::tempdir().expect("folder");
    let config = config(folder.path());
    make_folder(&config.folder).expect("folder");
    std::fs::write(config.folder.join("mdm.2026-11-23.1.log"), "whole\n").expect("written");
    std::fs::write(config.folder.join("mdm.2026-11-23.1.log.gz.part"), "hal").expect("written");
    // The copy was finished, and the original not yet gone.
    std::fs::write(config.folder.join("mdm.2026-11-23.2.log"), "twice\n").expect("written");
    std::fs::write(config.folder.join("mdm.2026-11-23.2.log.gz"), "older").expect("written");
    drop(files(&config, &Hands::at(EVENING)));
    assert_eq!(names(&config.folder), ["mdm.2026-11-23.1.log.gz", "mdm.2026-11-23.2.log.gz"]);
    assert_eq!(unpacked(&config.folder, "mdm.2026-11-23.1.log.gz"), "whole\n");
    assert_eq!(unpacked(&config.folder, "mdm.2026-11-23.2.log.gz"), "twice\n");
}

#[test]
fn a_reader_goes_back_into_compressed_logs_as_far_as_it_must() {
    let folder = tempfile::tempdir().expect("folder");
    let config = LogConfig { rotate: 150, ..config(folder.path()) };
    let mut files = files(&config, &Hands::at(EVENING));
    let line = |n: u32, text: &str| format!("2026-11-24T10:00:{n:02}.000Z INFO  x[1] {text}");
    for n in 0..10 {
        put(&mut files, Log::Mdm, &line(2 * n, "of mdm"));
        put(&mut files, Log::Enroll, &line(2 * n + 1, if n == 1 { "rare" } else { "of enroll" }));
    }
    drop(files);
    assert!(names(&config.folder).len() > 6, "{:?}", names(&config.folder));
    let all = |count, wanted: &str| {
        let mut reader = Reader::new(&config.folder, &[Log::Mdm, Log::Enroll]);
        reader.last(count, |line| line.contains(wanted)).expect("read")
    };
    let said = |n: u32| match n {
        3 => line(3, "rare"),
        n if n % 2 == 0 => line(n, "of mdm"),
        n => line(n, "of enroll"),
    };
    assert_eq!(all(100, ""), (0..20).map(said).collect::<Vec<_>>());
    assert_eq!(all(7, ""), (13..20).map(said).collect::<Vec<_>>());
    assert_eq!(all(1, "rare"), [line(3, "rare")]);
    assert_eq!(all(3, "of mdm"), [14, 16, 18].map(said));
    // One is damaged, as after a crash of the computer: what is whole still counts.
    let oldest = config.folder.join("mdm.2026-11-24.1.log.gz");
    let bytes = std::fs::read(&oldest).expect("there");
    std::fs::write(&oldest, &bytes[..bytes.len() - 6]).expect("cut");
    assert!(all(100, "").len() >= 17, "{:?}", all(100, ""));
}

#[test]
fn old_logs_go_by_age_and_then_by_room_oldest_first() {
    let folder = tempfile::tempdir().expect("folder");
    let config = LogConfig { rotate: 1_000, keep: 2_500, ..config(folder.path()) };
    make_folder(&config.folder).expect("folder");
    for name in
        ["mdm.2026-11-01.1.log", "mdm.2026-11-12.1.log", "mdm.2026-11-20.1.log", "mdm.2026-11-20.2.log"]
    {
        std::fs::write(config.folder.join(name), "y".repeat(1_000)).expect("written");
    }
    std::fs::write(config.folder.join("notes.2026-11-01.1.log"), "not ours").expect("written");
    let mut files = files(&config, &Hands::at(EVENING));
    put(&mut files, Log::Mdm, "now");
    assert_eq!(
        names(&config.folder),
        ["mdm.2026-11-20.1.log", "mdm.2026-11-20.2.log", "mdm.log", "notes.2026-11-01.1.log"]
    );
}

#[test]
fn logs_are_for_the_owner_and_the_group_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let config = config(folder.path());
    let mut files = files(&config, &Hands::at(EVENING));
    std::fs::write(config.folder.join("mdm.log"), "").expect("written");
    std::fs::set_permissions(config.folder.join("mdm.log"), PermissionsExt::from_mode(0o666))
        .expect("open to all");
    put(&mut files, Log::Mdm, "a");
    put(&mut files, Log::Enroll, "a");
    for name in ["mdm.log", "enroll.log"] {
        let mode = std::fs::metadata(config.folder.join(name)).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o640, "{name}");
    }
}

#[test]
fn a_symbolic_link_in_place_of_a_log_is_not_followed() {
    let folder = tempfile::tempdir().expect("folder");
    let config = config(folder.path());
    let target = folder.path().join("target");
    std::fs::write(&target, "precious").expect("written");
    make_folder(&config.folder).expect("folder");
    std::os::unix::fs::symlink(&target, config.folder.join("mdm.log")).expect("linked");
    let mut files = files(&config, &Hands::at(EVENING));
    put(&mut files, Log::Mdm, "lost");
    put(&mut files, Log::Enroll, "kept");
    assert_eq!(std::fs::read_to_string(&target).expect("there"), "precious");
    assert_eq!(text(&config.folder, "enroll.log"), "kept\n");
    // When it can write again it says what it could not.
    std::fs::remove_file(config.folder.join("mdm.log")).expect("removed");
    std::thread::sleep(Duration::from_millis(1_050));
    put(&mut files, Log::Mdm, "back");
    let text = text(&config.folder, "mdm.log");
    assert!(text.contains("1 lines lost: this file could not be written\n"), "{text}");
    assert!(text.ends_with("back\n"), "{text}");
}

#[test]
fn a_log_that_was_taken_away_is_made_anew() {
    let folder = tempfile::tempdir().expect("folder");
    let config = config(folder.path());
    let mut files = files(&config, &Hands::at(EVENING));
    put(&mut files, Log::Mdm, "one");
    std::fs::rename(config.folder.join("mdm.log"), config.folder.join("taken")).expect("moved");
    std::thread::sleep(Duration::from_millis(300));
    put(&mut files, Log::Mdm, "two");
    assert_eq!(text(&config.folder, "taken"), "one\n");
    assert_eq!(text(&config.folder, "mdm.log"), "two\n");
}

/// Changing a level recounts what every thread's subscriber wants, and from a thread that has none it counts
/// nothing. The program has one for all threads; tests that touch levels take turns instead.
static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn turn() -> std::sync::MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Runs `work` with logs in `folder` and gives what each file got.
fn heard(folder: &Path, level: Level, work: impl FnOnce(&Levels, &Hands)) -> impl Fn(&str) -> String {
    let _turn = turn();
    let config = LogConfig { level, ..config(folder) };
    let clock = Hands::at(EVENING);
    let (scribe, logs) =
        logs::open(&config, &folder.join("level.json"), Arc::<Hands>::clone(&clock), Terminal::Silent)
            .expect("open");
    let subscriber = tracing_subscriber::layer::SubscriberExt::with(tracing_subscriber::registry(), scribe);
    tracing::subscriber::with_default(subscriber, || work(&logs.levels(), &clock));
    drop(logs);
    move |name| text(&config.folder, name)
}

#[test]
fn lines_go_to_the_file_of_their_room_with_what_ties_them_together() {
    let folder = tempfile::tempdir().expect("folder");
    let read = heard(folder.path(), Level::Info, |_, _| {
        let span =
            tracing::info_span!("request", peer = "192.0.2.7", req = "01JREQ", dev = tracing::field::Empty);
        span.in_scope(|| {
            span.record("dev", "UDID-1");
            tracing::info!(target: "mdm", cmd = "C-9", state = "sent now", "offered");
            tracing::info!("a line of the daemon");
        });
        tracing::debug!(target: "mdm", "too fine");
        tracing::info!(target: "hyper::proto", "a library talks");
        tracing::warn!(target: "rustls", "a library worries");
    });
    let mdm = read("mdm.log");
    let pid = std::process::id();
    assert_eq!(
        mdm,
        format!(
            "2026-11-24T23:59:50.000Z INFO  mdm[{pid}] <192.0.2.7> offered state=\"sent now\" req=01JREQ dev=UDID-1 cmd=C-9\n"
        )
    );
    let daemon = read("devicemgrd.log");
    assert!(daemon.contains("a line of the daemon"), "{daemon}");
    assert!(daemon.contains("a library worries") && !daemon.contains("a library talks"), "{daemon}");
}

#[test]
fn w18_a_device_cannot_write_lines_of_its_own() {
    let folder = tempfile::tempdir().expect("folder");
    let name =
        "x\n2026-11-24T00:00:00.000Z ERROR mdm[1] forged\r\u{1b}[2J\u{9b}0m\u{202e}txt\u{2028}\u{7f}\0";
    let read = heard(folder.path(), Level::Info, |_, _| {
        tracing::info!(target: "mdm", name, serial = name, "hello {name}");
    });
    let mdm = read("mdm.log");
    assert_eq!(mdm.lines().count(), 1, "{mdm:?}");
    let hostile = |c: char| c.is_control() && c != '\n' || ('\u{2028}'..='\u{202e}').contains(&c);
    assert!(!mdm.contains(hostile), "{mdm:?}");
    assert!(mdm.contains("\\n2026-11-24T00:00:00.000Z ERROR"), "{mdm:?}");
}

#[test]
fn a_raised_level_is_heard_at_once_and_ends_by_itself() {
    let folder = tempfile::tempdir().expect("folder");
    let read = heard(folder.path(), Level::Info, |levels, clock| {
        let say = |what: &str| tracing::debug!(target: "mdm", "{what}");
        say("one");
        levels.raise(Level::Debug, None, 60, clock.now()).expect("raised");
        say("two");
        clock.set(EVENING + 59_000);
        assert_eq!(levels.tend(clock.now(), None), None);
        say("three");
        clock.set(EVENING + 60_000);
        assert!(levels.tend(clock.now(), None).is_some());
        say("four");
    });
    let mdm = read("mdm.log") + &read("mdm.2026-11-24.1.log");
    assert!(mdm.contains("two") && mdm.contains("three"), "{mdm}");
    assert!(!mdm.contains("one") && !mdm.contains("four"), "{mdm}");
    assert!(mdm.contains("at=pomona::daemon::logs:"), "developers' levels tell the place: {mdm}");
}

#[test]
fn a_raised_level_ends_even_when_the_server_was_killed_meanwhile() {
    let _turn = turn();
    let folder = tempfile::tempdir().expect("folder");
    let kept = folder.path().join("level.json");
    let fresh = |now: i64| Levels::new(Level::Info, &kept, Arc::new(AtomicU64::new(0)), Time(now));
    fresh(EVENING).raise(Level::Trace, Some(Log::Apns), 1_800, Time(EVENING)).expect("raised");
    // Killed and started again within the time: still raised, in that log alone.
    let levels = fresh(EVENING + 1_000_000);
    assert_eq!((levels.of(Log::Apns), levels.of(Log::Mdm)), (Level::Trace, Level::Info));
    // Started after the time: back, and forgotten.
    assert_eq!(fresh(EVENING + 1_800_000).of(Log::Apns), Level::Info);
    assert!(!kept.exists());
    // A clock that jumped back by years must not keep it raised for years.
    fresh(EVENING).raise(Level::Debug, None, 1_800, Time(EVENING)).expect("raised");
    assert_eq!(fresh(EVENING - 400 * DAY).most(), Level::Info);
}

#[test]
fn no_level_is_raised_for_more_than_a_day_and_a_full_disk_silences_all_but_errors() {
    let _turn = turn();
    let folder = tempfile::tempdir().expect("folder");
    let written = Arc::new(AtomicU64::new(0));
    let levels = Levels::new(Level::Info, &folder.path().join("l"), Arc::clone(&written), Time(EVENING));
    let raise = levels.raise(Level::Debug, None, i64::MAX, Time(EVENING)).expect("raised");
    assert_eq!(raise.until, Time(EVENING + DAY));
    levels.tend(Time(EVENING), Some(500 << 20));
    assert_eq!(levels.most(), Level::Info, "below a GiB");
    levels.tend(Time(EVENING), Some(100 << 20));
    assert_eq!(levels.most(), Level::Error, "below 300 MiB");
    levels.tend(Time(EVENING), Some(9 << 30));
    assert_eq!(levels.most(), Level::Debug, "room again");
    written.store(501 << 20, Ordering::SeqCst);
    assert_eq!(levels.tend(Time(EVENING), None), Some("it has written 500 MiB"));
    assert_eq!(levels.most(), Level::Info);
}

#[test]
fn a_burst_loses_lines_only_with_a_word() {
    let folder = tempfile::tempdir().expect("folder");
    let began = Instant::now();
    let read = heard(folder.path(), Level::Info, |_, _| {
        for n in 0..60_000 {
            tracing::info!(target: "mdm", n, "burst");
        }
        assert!(began.elapsed() < Duration::from_secs(20), "logging waited for the disk");
        // The announcement comes with the next line that is written.
        std::thread::sleep(Duration::from_millis(500));
        tracing::info!("the end");
        std::thread::sleep(Duration::from_millis(300));
    });
    let folder_names = names(&folder.path().join("logs"));
    let kept: usize = folder_names
        .iter()
        .filter(|name| name.starts_with("mdm"))
        .map(|name| match name.strip_suffix(".gz") {
            Some(_) => unpacked(&folder.path().join("logs"), name).lines().count(),
            None => read(name).lines().count(),
        })
        .sum();
    let daemon = read("devicemgrd.log");
    let lost: usize = daemon
        .lines()
        .filter_map(|line| line.split("] ").nth(1)?.split(" lines lost").next()?.parse::<usize>().ok())
        .sum();
    assert_eq!(kept + lost, 60_000, "kept {kept}, announced {lost}: {daemon}");
}

#[test]
fn a_reader_sees_all_files_in_order_and_follows_over_a_rotation() {
    let folder = tempfile::tempdir().expect("folder");
    let config = LogConfig { rotate: 120, ..config(folder.path()) };
    let clock = Hands::at(EVENING);
    let mut files = files(&config, &clock);
    let line = |second: u32, text: &str| format!("2026-11-24T10:00:{second:02}.000Z INFO  x[1] {text}");
    put(&mut files, Log::Mdm, &line(1, "a"));
    put(&mut files, Log::Mdm, &line(3, "c"));
    put(&mut files, Log::Enroll, &line(2, "b"));
    let mut reader = Reader::new(&config.folder, &[Log::Mdm, Log::Enroll, Log::Apns]);
    let last = reader.last(2, |_| true).expect("read");
    assert_eq!(last, [line(2, "b"), line(3, "c")]);
    put(&mut files, Log::Mdm, &line(4, "d"));
    put(&mut files, Log::Mdm, &line(5, "e"));
    put(&mut files, Log::Apns, &line(6, "f"));
    assert_eq!(unpacked(&config.folder, "mdm.2026-11-24.1.log.gz").lines().count(), 3, "rotated meanwhile");
    let more = reader.more().expect("read");
    assert_eq!(more, [line(4, "d"), line(5, "e"), line(6, "f")]);
    assert_eq!(reader.more().expect("read"), Vec::<String>::new());
}
