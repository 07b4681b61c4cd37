//! Python's plistlib and we understand each other, both ways and in both formats.

use super::{read, same};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pomona::wire::plist::{Value, to_binary, to_xml};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::io::Write;
use std::process::{Command, Stdio};

/// Reads documents of ours, one in base64 a line; answers each with what plistlib reads, written by it in XML and
/// in binary.
const ANSWER: &str = r#"
import base64, plistlib, sys
for line in sys.stdin:
    value = plistlib.loads(base64.b64decode(line))
    for form in (plistlib.FMT_XML, plistlib.FMT_BINARY):
        print(base64.b64encode(plistlib.dumps(value, fmt=form, sort_keys=False)).decode())
"#;

/// Makes documents of its own, in XML and in binary; then reads what we wrote after reading them, and tells whether
/// it is still what it was. (No -0.0: plistlib takes it for 0.0 when it looks for values to share.)
const MAKE: &str = r#"
import base64, datetime, plistlib, random, sys
r = random.Random(int(sys.argv[1]))
def text():
    return ''.join(r.choice('abc &<>"\'\n\t\u00e9\u6771\U0001f34e') for _ in range(r.randrange(12)))
def value(depth):
    kind = r.randrange(9 if depth else 7)
    if kind == 0: return r.random() < 0.5
    if kind == 1: return r.choice([0, 1, -1, 255, 256, 65536, 2**31, -2**31, 2**63 - 1, -2**63, 2**64 - 1])
    if kind == 2: return r.choice([0.0, 1.0, 0.1, -2.5e-300, 1.7e308, r.random()])
    if kind == 3: return text()
    if kind == 4: return r.randbytes(r.randrange(100))
    if kind == 5: return datetime.datetime(r.randrange(1, 9999), 1 + r.randrange(12), 1 + r.randrange(28),
                                           r.randrange(24), r.randrange(60), r.randrange(60))
    if kind == 6: return r.randrange(-1000, 1000)
    if kind == 7: return [value(depth - 1) for _ in range(r.randrange(20))]
    return {text(): value(depth - 1) for _ in range(r.randrange(20))}
values = [value(5) for _ in range(100)]
for v in values:
    for form in (plistlib.FMT_XML, plistlib.FMT_BINARY):
        print(base64.b64encode(plistlib.dumps(v, fmt=form, sort_keys=False)).decode())
print('end', flush=True)
for v in values:
    for _ in range(4):
        back = plistlib.loads(base64.b64decode(sys.stdin.readline()))
        assert repr(back) == repr(v), (back, v)
print('agreed')
"#;

fn python(script: &str, argument: &str) -> std::process::Child {
    Command::new("python3")
        .args(["-c", script, argument])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is needed to compare property lists with those of plistlib")
}

#[test]
fn plistlib_reads_what_we_write_and_we_read_its_answer() {
    let mut runner = TestRunner::deterministic();
    let strategy = super::values::value()
        .prop_filter("plistlib's XML writer loses carriage returns", |value| {
            !format!("{value:?}").contains("\\r")
        });
    let values: Vec<Value> =
        (0..200).map(|_| strategy.new_tree(&mut runner).expect("a value").current()).collect();

    let mut child = python(ANSWER, "");
    let mut input = child.stdin.take().unwrap();
    let documents: Vec<String> = values
        .iter()
        .flat_map(|value| [to_xml(value), to_binary(value)])
        .map(|document| STANDARD.encode(document))
        .collect();
    let sender = std::thread::spawn(move || {
        for document in documents {
            writeln!(input, "{document}").unwrap();
        }
    });
    let output = child.wait_with_output().unwrap();
    sender.join().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<&str> = said.lines().collect();
    assert_eq!(answers.len(), values.len() * 4);
    for (value, answers) in values.iter().zip(answers.chunks(4)) {
        for answer in answers {
            let back = read(&STANDARD.decode(answer).unwrap());
            assert!(same(&back, value), "{value:?}\nbecame\n{back:?}");
        }
    }
}

#[test]
fn we_read_what_plistlib_writes_and_it_reads_our_answer() {
    use std::io::{BufRead, BufReader};
    let mut child = python(MAKE, "20261124");
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut documents = Vec::new();
    for line in output.by_ref() {
        match line.unwrap() {
            end if end == "end" => break,
            document => documents.push(STANDARD.decode(document).unwrap()),
        }
    }
    assert_eq!(documents.len(), 200);
    let mut input = child.stdin.take().unwrap();
    for pair in documents.chunks(2) {
        let (xml, binary) = (read(&pair[0]), read(&pair[1]));
        assert!(same(&xml, &binary), "{xml:?}\nis not\n{binary:?}");
        for document in [to_xml(&xml), to_binary(&xml), to_xml(&binary), to_binary(&binary)] {
            writeln!(input, "{}", STANDARD.encode(document)).unwrap();
        }
    }
    drop(input);
    assert_eq!(output.next().expect("a last word").unwrap(), "agreed");
    assert!(child.wait().unwrap().success());
}
