//! Documents made to hurt. Each is read in a process of its own, which reports how much memory the reading took at
//! its peak and how long the processor worked on it; nothing else runs there, and a busy machine does not count.

use super::{Binary, array, dictionary, document, string, trailer};
use pomona::wire::plist::{Limits, parse};
use std::process::Command;

const CHILD: &str = "wire::plist::bombs::reads_one_bomb";
const FILE: &str = "POMONA_TEST_BOMB";

/// Bytes that reading a bomb may take at its peak.
const MEMORY: u64 = 16 << 20;
/// Processor time for a bomb: 20 ms as the product is built, five times that with debug assertions.
const MICROSECONDS: u64 = if cfg!(debug_assertions) { 100_000 } else { 20_000 };

/// What the child tells: whether the document was refused, bytes of memory, microseconds of processor time.
struct Measured {
    refused: bool,
    memory: u64,
    microseconds: u64,
}

fn measure(bytes: &[u8]) -> Measured {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", CHILD, "--ignored", "--nocapture", "--test-threads=1"])
        .env(FILE, file.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "the reader did not survive: {said}");
    let line = said.lines().find_map(|line| line.split_once("measured: ")).map(|(_, rest)| rest);
    let words: Vec<&str> = line.unwrap_or_else(|| panic!("no measurement in {said}")).split(' ').collect();
    Measured {
        refused: words[0] == "refused",
        memory: words[1].parse().unwrap(),
        microseconds: words[2].parse().unwrap(),
    }
}

#[test]
#[ignore = "the child of the other tests here"]
fn reads_one_bomb() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let bytes = std::fs::read(path).unwrap();
    // The file is in memory already and the reading must add little to it.
    let (memory, time) = (peak_memory(), processor_microseconds());
    let read = parse(&bytes, Limits::DEVICE);
    let (memory, time) = (peak_memory() - memory, processor_microseconds() - time);
    println!("\nmeasured: {} {memory} {time}", if read.is_err() { "refused" } else { "read" });
}

/// Peak of the resident set, in bytes (proc(5), VmHWM).
#[cfg(target_os = "linux")]
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// Time that this thread spent on a processor (proc(5), schedstat).
#[cfg(target_os = "linux")]
fn processor_microseconds() -> u64 {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    schedule.split(' ').next().unwrap().parse::<u64>().unwrap() / 1000
}

#[cfg(not(target_os = "linux"))]
fn peak_memory() -> u64 {
    0
}

#[cfg(not(target_os = "linux"))]
fn processor_microseconds() -> u64 {
    0
}

#[track_caller]
fn is_harmless(name: &str, bytes: &[u8]) {
    let measured = measure(bytes);
    assert!(measured.refused, "{name} was taken");
    assert!(measured.memory < MEMORY, "{name} took {} bytes", measured.memory);
    assert!(measured.microseconds < MICROSECONDS, "{name} took {} microseconds", measured.microseconds);
}

#[test]
#[cfg(target_os = "linux")]
fn a_measurement_sees_memory_and_time() {
    // A document within the limits whose one string is almost all of them: if this did not show, no bomb would.
    let large = document(&format!("<string>{}</string>", "a".repeat(15 << 20)));
    let measured = measure(&large);
    assert!(!measured.refused);
    assert!(measured.memory > 10 << 20, "{}", measured.memory);
    assert!(measured.microseconds > 100, "{}", measured.microseconds);
}

#[test]
fn p1_binary_documents_that_describe_a_billion_values_are_harmless() {
    for levels in [6, 9, 12, 40] {
        let level = |n: u16| array(&[n + 1; 10]);
        let objects = (0..levels).map(level).chain([string("lol")]);
        is_harmless(&format!("{levels} levels of ten"), &Binary::new(objects).file(0));
    }
    let objects = (0..30).map(|n| dictionary(&[31, 32], &[n + 1, n + 1]));
    let objects = objects.chain([string("leaf"), string("a"), string("b")]);
    is_harmless("dictionaries that double", &Binary::new(objects).file(0));
    let long = Binary::new([array(&vec![1; 60_000]), string(&"a".repeat(10_000))]);
    is_harmless("one string sixty thousand times", &long.file(0));
}

#[test]
fn p1_circles_and_depths_are_harmless() {
    is_harmless("an array in itself", &Binary::new([array(&[0])]).file(0));
    is_harmless("a dictionary in itself", &Binary::new([dictionary(&[1], &[0]), string("a")]).file(0));
    is_harmless("a circle of two", &Binary::new([array(&[1]), array(&[0])]).file(0));
    let chain = (1..=50_000).map(|next| array(&[next]));
    is_harmless("fifty thousand arrays deep", &Binary::new(chain.chain([array(&[])])).file(0));
}

#[test]
fn p1_lies_about_lengths_are_harmless() {
    let huge = (1u64 << 40).to_be_bytes();
    for kind in [0x4f, 0x5f, 0x6f, 0xaf, 0xdf] {
        let lie = [vec![kind, 0x13], huge.to_vec()].concat();
        is_harmless("a length of 2^40", &Binary::new([lie]).file(0));
        let lie = [vec![kind, 0x13], vec![0xff; 8]].concat();
        is_harmless("a length of 2^64 - 1", &Binary::new([lie]).file(0));
    }
    for (objects, table) in [(1 << 60, 9), (u64::MAX, 9), (1, 1 << 60), (1, u64::MAX), (0, 9), (100_001, 9)] {
        for (offset_size, reference_size) in [(8, 8), (1, 1), (0, 0), (255, 255)] {
            let mut file = b"bplist00\x09\x08".to_vec();
            file.extend(trailer(offset_size, reference_size, objects, 0, table));
            is_harmless("a trailer that lies", &file);
        }
    }
}

#[test]
fn p2_entities_are_never_defined_and_nothing_is_fetched() {
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE plist [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
                  <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><plist><string>&c;</string></plist>";
    is_harmless("a billion laughs", laughs.as_bytes());
    let apple =
        "plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\"";
    for doctype in [
        format!("{apple} [<!ENTITY x \"y\">]"),
        format!("{apple} [ ]"),
        "plist [<!ENTITY % p SYSTEM \"http://127.0.0.1/x.dtd\"> %p;]".to_string(),
        "plist SYSTEM \"file:///etc/passwd\"".to_string(),
        "plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com.example.org/x.dtd\"".to_string(),
        "a".repeat(1_000_000),
    ] {
        let document = format!("<!DOCTYPE {doctype}><plist><string>&x;</string></plist>");
        is_harmless("a DOCTYPE", document.as_bytes());
    }
    is_harmless("an undefined entity", &document("<string>&xxe;</string>"));
}

#[test]
fn p2_disguises_are_refused() {
    let plain = String::from_utf8(document("<true/>")).unwrap();
    let wide: Vec<u16> = plain.encode_utf16().collect();
    let little: Vec<u8> = [0xfeff].iter().chain(&wide).flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = [0xfeff].iter().chain(&wide).flat_map(|unit| unit.to_be_bytes()).collect();
    is_harmless("UTF-16, little end first", &little);
    is_harmless("UTF-16, big end first", &big);
    is_harmless("UTF-16 without a mark", &little[2..]);
    is_harmless("UTF-7", b"+ADw-plist+AD4APA-true/+AD4APA-/plist+AD4-");
    is_harmless("UTF-7, declared", b"<?xml version=\"1.0\" encoding=\"UTF-7\"?>+ADw-plist+AD4APA-true/+AD4-");
    is_harmless("an overlong <", b"<plist><string>\xc0\xbc</string></plist>");
}

#[test]
fn p3_attributes_without_end_are_harmless() {
    let attributes: String = (0..100_000).map(|n| format!(" a{n}='x'")).collect();
    is_harmless("100,000 attributes", format!("<plist{attributes}><true/></plist>").as_bytes());
    is_harmless(
        "100,000 attributes inside",
        &document(&format!("<array><string{attributes}>a</string></array>")),
    );
    let spaces: String = (0..100_000).map(|n| format!(" xmlns:n{n}='u:{n}'")).collect();
    is_harmless("100,000 namespaces", format!("<plist{spaces}><true/></plist>").as_bytes());
    is_harmless("an attribute without an end", format!("<plist a='{}", "x".repeat(1_000_000)).as_bytes());
}

#[test]
fn too_many_or_too_deep_elements_are_harmless() {
    is_harmless("a million levels", &document(&"<array>".repeat(1_000_000)));
    is_harmless("a million comments", &document(&"<!---->".repeat(1_000_000)));
    is_harmless("a million empty arrays", &document(&format!("<array>{}", "<array/>".repeat(1_000_000))));
    let sections = format!("<string>{}</string>", "<![CDATA[]]>".repeat(1_000_000));
    is_harmless("a million CDATA sections", &document(&sections));
    is_harmless("17 MiB", &vec![b' '; 17 << 20]);
}
