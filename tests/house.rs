//! The law of the floors: who may import whom, and which words belong to one room alone.
//!
//! Reads `src/**` with the standard library only. A failure names the line, the rule, and the lower room to which
//! a shared word belongs.

use std::fs;
use std::path::{Path, PathBuf};

struct Room {
    name: &'static str,
    floor: u8,
    may: &'static [&'static str],
}

const ROOMS: &[Room] = &[
    Room { name: "wire", floor: 0, may: &[] },
    Room { name: "model", floor: 1, may: &["wire"] },
    Room { name: "catalog", floor: 1, may: &["wire"] },
    Room { name: "rules", floor: 2, may: &["model", "catalog", "wire"] },
    Room { name: "store", floor: 3, may: &["model", "wire"] },
    Room { name: "apple", floor: 3, may: &["model", "wire"] },
    Room { name: "views", floor: 3, may: &["model", "catalog", "rules::access", "wire"] },
    Room { name: "simulator", floor: 3, may: &["catalog", "wire"] },
    Room { name: "actions", floor: 4, may: &["store", "rules", "model", "catalog", "wire"] },
    Room { name: "workers", floor: 5, may: &["actions", "apple", "store", "rules", "model", "wire"] },
    Room { name: "web", floor: 5, may: &["actions", "views", "store", "rules", "model", "catalog", "wire"] },
    Room { name: "daemon", floor: 6, may: &["web", "workers", "actions", "apple", "store", "model", "wire"] },
    Room {
        name: "cli",
        floor: 7,
        may: &["daemon", "simulator", "actions", "store", "rules", "model", "catalog", "wire"],
    },
];

/// A crate that only one room may name.
const OWNED: &[(&str, &[&str])] =
    &[("redb::", &["store"]), ("a2::", &["apple"]), ("axum::", &["web"]), ("maud::", &["views"])];

/// What the pure floors (0 to 2 and `views`) never say: each is an argument there.
const IMPURE: &[&str] = &[
    "tokio::",
    "tracing::",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "SystemRandom",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "println!",
    "eprintln!",
];

/// AWS-LC's signing calls ask for its random source: the one file that wraps private keys may name it.
const IMPURE_ALLOWED: &[(&str, &str)] = &[("src/wire/key.rs", "SystemRandom")];

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("source folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn room_of(path: &str) -> Option<&'static Room> {
    let rest = path.strip_prefix("src/")?;
    let first = rest.split('/').next()?.trim_end_matches(".rs");
    ROOMS.iter().find(|r| r.name == first)
}

/// Source without comments, so that a doc link is not an import.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(n, line)| {
        let code = line.split("//").next().unwrap_or("");
        (!code.trim().is_empty()).then_some((n + 1, code))
    })
}

fn everything() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    sources(&root.join("src"), &mut paths);
    paths
        .into_iter()
        .map(|p| {
            let name = p.strip_prefix(root).expect("inside").to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(&p).expect("readable source"))
        })
        .collect()
}

/// Every `crate::room[::sub]` on a line, also inside `crate::{a, b}`.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("crate::") {
        rest = &rest[at + 7..];
        if let Some(list) = rest.strip_prefix('{') {
            let inside = list.split('}').next().unwrap_or("");
            found.extend(inside.split(',').map(|s| s.trim().to_string()));
        } else {
            let path: String =
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect();
            found.push(path);
        }
    }
    found
}

#[test]
fn a_room_imports_only_what_its_floor_allows() {
    let mut faults = Vec::new();
    for (name, text) in everything() {
        let Some(room) = room_of(&name) else { continue };
        for (line, code) in code_lines(&text) {
            for import in imports(code) {
                let first = import.split("::").next().unwrap_or("");
                if first == room.name || !ROOMS.iter().any(|r| r.name == first) {
                    continue;
                }
                let allowed = room
                    .may
                    .iter()
                    .any(|may| import == *may || import.starts_with(&format!("{may}::")) || (*may == first));
                if !allowed {
                    let other = ROOMS.iter().find(|r| r.name == first).expect("known room");
                    let lower = if other.floor < room.floor { other.name } else { room.name };
                    faults.push(format!(
                        "{name}:{line}: `{}` (floor {}) may not import `{import}` (floor {}); what they share belongs to `{lower}` or below",
                        room.name, room.floor, other.floor
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "the house has shortcuts:\n{}", faults.join("\n"));
}

#[test]
fn some_crates_are_named_in_one_room_only() {
    let mut faults = Vec::new();
    for (name, text) in everything() {
        let Some(room) = room_of(&name) else { continue };
        for (line, code) in code_lines(&text) {
            for (word, owners) in OWNED {
                let hit = code.match_indices(word).any(|(i, _)| {
                    i == 0 || !code[..i].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                });
                if hit && !owners.contains(&room.name) {
                    faults.push(format!("{name}:{line}: only {owners:?} may say `{word}`"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_lower_floors_are_pure() {
    let mut faults = Vec::new();
    for (name, text) in everything() {
        let Some(room) = room_of(&name) else { continue };
        if room.floor > 2 && room.name != "views" {
            continue;
        }
        for (line, code) in code_lines(&text) {
            for word in IMPURE {
                if code.contains(word) && !IMPURE_ALLOWED.contains(&(name.as_str(), *word)) {
                    faults.push(format!(
                        "{name}:{line}: `{word}` is not for a pure room; take it as an argument"
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_room_is_called_by_a_word_that_means_nothing() {
    const EMPTY: &[&str] =
        &["util", "utils", "common", "helper", "helpers", "types", "core", "manager", "misc"];
    let bad: Vec<_> = everything()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.split(['/', '.']).any(|part| EMPTY.contains(&part)))
        .collect();
    assert!(bad.is_empty(), "name the noun instead: {bad:?}");
}

#[test]
fn files_can_be_read_in_one_sitting() {
    /// Files that are one table each: splitting them would hide the table.
    const TABLES: &[&str] = &["src/web/codes.rs"];
    let long: Vec<_> = everything()
        .into_iter()
        .filter(|(name, text)| text.lines().count() > 400 && !TABLES.contains(&name.as_str()))
        .map(|(name, text)| format!("{name}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "over 400 lines: {long:?}");
}
