//! Every kind of file that one can hand to the library: what is a profile comes in, what is none is refused in words,
//! and the library is as it was.

use std::process::Command;

use pomona::model::account::Role;
use pomona::store;
use pomona::wire::api::{DraftInfo, Imported, ProfileInfo};
use pomona::wire::plist::{self, Dictionary, Limits, Value};
use pomona::wire::profile;

use super::read;
use crate::web::browser::{Program, mobileconfig};
use crate::web::device::pretend::World;

const UUID: &str = "AAAAAAAA-0000-4000-8000-000000000001";

fn good() -> Vec<u8> {
    mobileconfig("org.example.wifi", "Wi-Fi", UUID, "com.apple.wifi.managed", "pw")
}

fn body() -> Dictionary {
    plist::parse_dictionary(&good(), Limits::DEVICE).expect("a property list")
}

fn xml(body: Dictionary) -> Vec<u8> {
    plist::to_xml(&Value::Dictionary(body))
}

/// The profile with something about it changed.
fn but(change: impl FnOnce(&mut Dictionary)) -> Vec<u8> {
    let mut body = body();
    change(&mut body);
    xml(body)
}

fn payload(body: &mut Dictionary) -> &mut Dictionary {
    let Some(Value::Array(payloads)) = body.get_mut("PayloadContent") else { panic!("no payloads") };
    payloads[0].as_dictionary_mut().expect("a payload")
}

/// A folder in which openssl works.
struct Openssl(tempfile::TempDir);

impl Openssl {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn run(&self, words: &str) {
        let mut command = Command::new("openssl");
        let out = command.args(words.split_whitespace()).current_dir(self.0.path()).output();
        let out = out.expect("openssl is installed");
        assert!(out.status.success(), "openssl {words}\n{}", String::from_utf8_lossy(&out.stderr));
    }

    /// The file, signed by a key of its own.
    fn signed(&self, file: &[u8], key: &str, digest: &str, more: &str) -> Vec<u8> {
        std::fs::write(self.0.path().join("in"), file).expect("written");
        self.run(&format!("req -x509 -newkey {key} -nodes -keyout key -out cert -days 30 -subj /CN=Vendor"));
        self.run(&format!(
            "cms -sign -binary -nodetach -outform DER -md {digest} -signer cert -inkey key -in in -out out {more}"
        ));
        std::fs::read(self.0.path().join("out")).expect("a file")
    }
}

#[tokio::test]
async fn whatever_is_a_profile_comes_in_and_goes_out_as_it_was() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("a", Role::Admin));
    let openssl = Openssl::new();
    let binary = plist::to_binary(&Value::Dictionary(body()));
    let odd = but(|body| {
        let payload = payload(body);
        payload.insert("PayloadType".into(), "org.example.unknown".into());
        payload.insert("$odd \u{1F34E} key/~1".into(), Value::Real(1.0));
        payload.insert("Empty".into(), Value::Dictionary(Dictionary::new()));
        payload.insert("Bytes".into(), Value::Data((0..=255).collect()));
        payload.insert("Large".into(), Value::Integer(u64::MAX.into()));
        let date = plist::Date::from_xml_format("1999-12-31T23:59:59Z").expect("a date");
        payload.insert("Then".into(), Value::Date(date));
    });
    let twice = but(|body| {
        let Some(Value::Array(payloads)) = body.get_mut("PayloadContent") else { panic!() };
        let again = payloads[0].clone();
        payloads.push(again);
    });
    let many = but(|body| {
        let items = (0..20_000).map(|n| Value::String(format!("org.example.app{n}"))).collect();
        payload(body).insert("Apps".into(), Value::Array(items));
    });
    let mut with_bom = b"\xef\xbb\xbf".to_vec();
    with_bom.extend(good());
    let files: Vec<(&str, Vec<u8>, bool)> = vec![
        ("XML", good(), false),
        ("binary", binary.clone(), false),
        ("with a byte order mark", with_bom, false),
        ("signed with RSA", openssl.signed(&good(), "rsa:2048", "sha256", ""), true),
        (
            "signed with EC",
            openssl.signed(&good(), "ec -pkeyopt ec_paramgen_curve:P-256", "sha256", ""),
            true,
        ),
        ("signed with SHA-1", openssl.signed(&good(), "rsa:2048", "sha1", ""), true),
        ("signed as a stream", openssl.signed(&good(), "rsa:2048", "sha512", "-stream -indef"), true),
        ("signed without attributes", openssl.signed(&good(), "rsa:2048", "sha256", "-noattr"), true),
        ("binary and signed", openssl.signed(&binary, "rsa:2048", "sha256", ""), true),
        ("unknown to Apple", odd, false),
        ("the same payload twice", twice, false),
        ("no payloads", but(|body| drop(body.insert("PayloadContent".into(), Value::Array(vec![])))), false),
        ("20,000 items", many, false),
    ];
    for (what, file, is_signed) in files {
        let shown = program.send("POST", "/api/v1/profiles", file.clone()).await;
        assert!(shown.status == 201 || shown.status == 200, "{what}: {}", shown.text());
        let imported: Imported = read(&shown);
        assert_eq!(imported.profile.signed_by.as_deref(), is_signed.then_some("Vendor"), "{what}");
        let path = format!("/api/v1/profiles/{}", imported.profile.id);
        let out = program.get(&format!("{path}/file")).await.expect(200);
        assert!(out.body == file, "{what}: kept to the byte");
        // As a draft it is the same property list.
        let draft: DraftInfo = read(&program.get(&format!("{path}/draft")).await.expect(200));
        let before = profile::parse(&file).expect("a profile").body;
        let mut shown = profile::parse(draft.xml.as_bytes()).expect("a profile").body;
        if let Some(secret) = payload_of(&before).and_then(|p| p.get("Password")) {
            payload(&mut shown).insert("Password".into(), secret.clone());
            if let Some(Value::Array(payloads)) = shown.get_mut("PayloadContent") {
                for other in payloads.iter_mut().skip(1).filter_map(Value::as_dictionary_mut) {
                    other.insert("Password".into(), secret.clone());
                }
            }
        }
        assert!(shown == before, "{what}: another property list");
        program.send("DELETE", &path, "").await.expect(204);
    }
}

fn payload_of(body: &Dictionary) -> Option<&Dictionary> {
    body.get("PayloadContent")?.as_array()?.first()?.as_dictionary()
}

/// A file, what it is, and what is said of it.
fn hostile() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let openssl = Openssl::new();
    let signed = openssl.signed(&good(), "rsa:2048", "sha256", "");
    let mut forged = signed.clone();
    let at = forged.windows(7).position(|part| part == b"Orchard").expect("the network's name");
    forged[at] ^= 0x20;
    let nested = openssl.signed(&signed, "rsa:2048", "sha256", "");
    let mut truncated = signed.clone();
    truncated.truncate(signed.len() / 2);
    std::fs::write(openssl.0.path().join("in"), good()).expect("written");
    openssl.run("cms -encrypt -binary -outform DER -aes256 -in in -out enveloped cert");
    let enveloped = std::fs::read(openssl.0.path().join("enveloped")).expect("a file");
    openssl.run("cms -sign -binary -outform DER -signer cert -inkey key -in in -out detached");
    let detached = std::fs::read(openssl.0.path().join("detached")).expect("a file");
    let certificate = std::fs::read(openssl.0.path().join("cert")).expect("a file");
    let text = String::from_utf8(good()).expect("text");
    let with = |from: &str, to: &str| text.replacen(from, to, 1).into_bytes();
    let mut bad_utf8 = good();
    let at = bad_utf8.windows(7).position(|part| part == b"Orchard").expect("the network's name");
    bad_utf8[at] = 0xff;
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let deep = format!(
        "<plist version=\"1.0\"><dict><key>PayloadContent</key>{}{}</dict></plist>",
        "<array>".repeat(5_000),
        "</array>".repeat(5_000)
    );
    let entities = format!(
        "<!DOCTYPE plist [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>{}",
        &text[text.find("<plist").expect("a list")..]
    );
    let wide = but(|body| {
        let items = (0..120_000).map(|_| Value::Boolean(true)).collect();
        payload(body).insert("Flags".into(), Value::Array(items));
    });
    // An array that holds itself: a handful of bytes without an end.
    let ring = [
        b"bplist00".as_slice(),
        &[0xa1, 0x00],
        &[8],
        &[0; 6],
        &[1, 1],
        &1u64.to_be_bytes(),
        &0u64.to_be_bytes(),
        &10u64.to_be_bytes(),
    ]
    .concat();
    let unreadable = "profile.unreadable";
    let mut all = vec![
        ("nothing", Vec::new(), 422, "profile.no-file"),
        ("a page", b"<!doctype html><html><body>Sign in</body></html>".to_vec(), 422, unreadable),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), 422, unreadable),
        ("a certificate", certificate, 422, unreadable),
        ("zeros", vec![0; 4_096], 422, unreadable),
        (
            "another property list",
            b"<plist version=\"1.0\"><dict><key>a</key><true/></dict></plist>".to_vec(),
            422,
            unreadable,
        ),
        (
            "a list of numbers",
            b"<plist version=\"1.0\"><array><integer>1</integer></array></plist>".to_vec(),
            422,
            unreadable,
        ),
        ("no end", text.as_bytes()[..text.len() - 40].to_vec(), 422, unreadable),
        ("more behind the end", [good(), good()].concat(), 422, unreadable),
        ("a key twice", with("<key>SSID_STR</key>", "<key>Password</key>"), 422, unreadable),
        ("bytes that are no UTF-8", bad_utf8, 422, unreadable),
        ("UTF-16", utf16, 422, unreadable),
        ("entities", entities.into_bytes(), 422, unreadable),
        ("another entity", with("Orchard", "&secret;"), 422, unreadable),
        ("5,000 levels", deep.into_bytes(), 422, unreadable),
        ("120,000 items", wide, 422, unreadable),
        ("a ring", ring, 422, unreadable),
        ("half a binary list", plist::to_binary(&Value::Dictionary(body()))[..60].to_vec(), 422, unreadable),
        ("a signature over something else", forged, 422, unreadable),
        ("a signature in a signature", nested, 422, unreadable),
        ("half a signature", truncated, 422, unreadable),
        ("a signature without a profile", detached, 422, unreadable),
        ("an envelope", enveloped, 422, unreadable),
        ("11 MiB", vec![b' '; 11 << 20], 413, "body.large"),
        (
            "encrypted",
            but(|body| {
                body.remove("PayloadContent");
                body.insert("EncryptedPayloadContent".into(), Value::Data(vec![0x30, 0x80]));
            }),
            422,
            "profile.encrypted",
        ),
        (
            "an enrollment",
            but(|body| drop(payload(body).insert("PayloadType".into(), "com.apple.mdm".into()))),
            422,
            "profile.mdm",
        ),
        (
            "another sort of profile",
            but(|body| drop(body.insert("PayloadType".into(), "Other".into()))),
            422,
            unreadable,
        ),
        (
            "payloads that are no list",
            but(|body| drop(body.insert("PayloadContent".into(), "text".into()))),
            422,
            unreadable,
        ),
        (
            "a payload that is no dictionary",
            but(|body| drop(body.insert("PayloadContent".into(), Value::Array(vec!["text".into()])))),
            422,
            unreadable,
        ),
        ("a payload without a type", but(|body| drop(payload(body).remove("PayloadType"))), 422, unreadable),
        (
            "an endless name",
            but(|body| drop(body.insert("PayloadDisplayName".into(), "n".repeat(5_000).into()))),
            422,
            unreadable,
        ),
    ];
    for key in ["PayloadIdentifier", "PayloadUUID", "PayloadContent", "PayloadType"] {
        all.push((key, but(|body| drop(body.remove(key))), 422, unreadable));
    }
    all
}

#[tokio::test]
async fn whatever_is_none_is_refused_in_words_and_changes_nothing() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("a", Role::Admin));
    let before = world.commit();
    for (what, file, status, code) in hostile() {
        for query in ["", "?draft=1"] {
            let shown = program.send("POST", &format!("/api/v1/profiles{query}"), file.clone()).await;
            let said = (shown.status.as_u16(), shown.code());
            assert_eq!((said.0, said.1.as_str()), (status, code), "{what}{query}: {}", shown.text());
            assert!(!shown.text().contains("Orchard"), "{what}: repeats what it read");
        }
    }
    assert_eq!(world.commit(), before, "something was written");
    assert!(store::profiles::list(&world.read()).expect("readable").is_empty());
}

#[tokio::test]
async fn a_file_can_wait_in_a_draft_and_a_draft_is_not_run_over() {
    let world = World::new();
    let program = Program::with_token(&world, &world.token("a", Role::Admin));
    let waits: Imported = read(&program.send("POST", "/api/v1/profiles?draft=1", good()).await.expect(201));
    assert_eq!((waits.outcome.as_str(), waits.profile.revision), ("draft", 0));
    assert_eq!((waits.understood.payloads, waits.understood.secrets), (1, 1));
    assert!(waits.profile.draft.is_some());
    let refused = program.send("POST", "/api/v1/profiles?draft=1", good()).await;
    assert_eq!(refused.expect(409).code(), "profile.draft-open");
    let refused = program.send("POST", "/api/v1/profiles", good()).await;
    assert_eq!(refused.expect(409).code(), "profile.draft-open");
    let kept = program.send("POST", "/api/v1/profiles?keep-draft=1", good()).await;
    let kept: Imported = read(&kept);
    assert_eq!(kept.profile.revision, 1);
    let still: ProfileInfo = read(&program.get("/api/v1/profiles/org.example.wifi").await.expect(200));
    assert!(still.draft.is_some());
}
