//! Profiles as files: plain, signed, encrypted; read by openssl, by Python and by a pretend device.

use std::path::Path;
use std::process::Command;

use pomona::actions::exports::{self, Wrapping};
use pomona::actions::signing;
use pomona::model::account::{Actor, Role};
use pomona::model::certificate::Purpose;
use pomona::model::enrollment::EnrollmentId;
use pomona::store;
use pomona::wire::cms;
use pomona::wire::key::PrivateKey;
use pomona::wire::plist::{self, Limits, Value};
use pomona::wire::profile::{self, Document};
use pomona::wire::x509::Cert;
use pomona::wire::{Secret, pem};

use super::library::{KIND, Library, code};
use crate::web::browser::mobileconfig;
use crate::web::device::pretend::{Pretend, rsa_key};

const UDID: &str = "00008120-00000000000000AX";
const UUID: &str = "AAAAAAAA-0000-4000-8000-000000000001";

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).current_dir(folder).output().expect(program);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn file(
    library: &Library,
    id: &str,
    revision: u32,
    device: Option<&EnrollmentId>,
    how: &Wrapping,
) -> Vec<u8> {
    exports::file(&library.world.read(), id, revision, device, how, library.world.dice()).expect("a file")
}

fn signer(library: &Library) -> signing::Signer {
    signing::ensure(&library.world.app.store, library.world.dice(), library.world.now()).expect("a signer")
}

/// An enrolled device whose identity is an RSA key, as Apple's devices have it.
async fn with_rsa(library: &Library) -> Pretend {
    let world = &library.world;
    let (ticket, _) = world.ticket(|_| ());
    let key = rsa_key(1);
    let cert = world.certify(&key, Purpose::Portal { ticket: ticket.id, serial: None });
    let device = world.device(UDID).with_identity(key, cert);
    device.enroll().await;
    device.drain().await;
    device
}

#[tokio::test]
async fn a_signed_file_carries_its_chain_and_openssl_and_python_read_it() {
    let library = Library::new();
    library.published("wifi", &[("Password", "päss & <word>".into()), ("Count", 3.into())]);
    let plain = file(&library, "wifi", 1, None, &Wrapping::Plain);
    assert_eq!(Document::read(&plain).expect("a profile").to_xml(), plain);
    let view = library.world.read();
    let early = exports::file(&view, "wifi", 1, None, &Wrapping::Signed, library.world.dice());
    assert_eq!(code(early), "profile.no-signer");

    let made = signer(&library);
    assert!(made.own && made.certificate.is_issued_by(&library.world.app.authority.ca));
    assert_eq!(made.certificate.common_name().as_deref(), Some("Orchard"));
    assert_eq!(signer(&library).certificate, made.certificate, "made once");
    let signed = file(&library, "wifi", 1, None, &Wrapping::Signed);
    let verified = cms::verify_attached(&signed).expect("verified");
    assert_eq!((verified.signer, verified.content.as_deref()), (made.certificate, Some(plain.as_slice())));

    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("written");
    put("signed.mobileconfig", &signed);
    put("ca.pem", library.world.app.authority.ca.to_pem().as_bytes());
    let time = library.world.now().secs().to_string();
    let read = run(
        folder.path(),
        "openssl",
        &[
            "cms",
            "-verify",
            "-binary",
            "-inform",
            "DER",
            "-in",
            "signed.mobileconfig",
            "-CAfile",
            "ca.pem",
            "-attime",
            &time,
        ],
    );
    assert_eq!(read, plain);
    put("plain.mobileconfig", &read);
    let script = "import plistlib,sys; p=plistlib.load(open('plain.mobileconfig','rb'))['PayloadContent'][0]; \
                  sys.stdout.buffer.write((p['Password']+'|'+repr(p['Count'])).encode())";
    assert_eq!(run(folder.path(), "python3", &["-c", script]), "päss & <word>|3".as_bytes());
    assert_eq!(
        run(
            folder.path(),
            "openssl",
            &["pkcs7", "-inform", "DER", "-in", "signed.mobileconfig", "-print_certs", "-noout"]
        )
        .split(|b| *b == b'\n')
        .filter(|line| line.starts_with(b"subject"))
        .count(),
        2,
        "the chain is included"
    );
}

#[tokio::test]
async fn an_import_is_exported_as_it_came_and_signed_anew_when_that_is_wished() {
    let library = Library::new();
    let signed_by_vendor = {
        let key = rsa_key(2);
        let vendor = pomona::wire::x509::Draft {
            common_name: "Vendor".into(),
            organization: None,
            uid: None,
            serial: [7; 16],
            not_before: library.world.now().secs() - 60,
            not_after: library.world.now().secs() + 86_400,
            profile: pomona::wire::x509::DraftProfile::Signer,
        };
        let cert = pomona::wire::x509::issue(&vendor, &key.public_der(), None, &key).expect("issued");
        let how = cms::Signing {
            signer: &cert,
            key: &key,
            chain: &[],
            digest: pomona::wire::key::Digest::Sha256,
            time: None,
            attributes: vec![],
            detached: false,
        };
        cms::sign(&mobileconfig("org.example.camera", "Camera", UUID, KIND, "%SerialNumber%"), &how)
    };
    let (profile, _) = library.import(&signed_by_vendor, "camera");
    assert_eq!(profile.signed_by.as_deref(), Some("Vendor"));
    let device = library.world.enrolled(UDID).await;
    assert_eq!(file(&library, "camera", 1, Some(&device.id()), &Wrapping::Plain), signed_by_vendor);
    let ours = signer(&library);
    let signed = file(&library, "camera", 1, None, &Wrapping::Signed);
    let read = profile::parse(&signed).expect("a profile");
    assert_eq!(read.signer, Some(ours.certificate));
    assert_eq!(read.plain, mobileconfig("org.example.camera", "Camera", UUID, KIND, "%SerialNumber%"));
}

#[tokio::test]
async fn an_encrypted_file_is_for_one_device_and_openssl_and_a_pretend_device_open_it() {
    let library = Library::new();
    library.published("wifi", &[("Password", "%email%:hunter2".into())]);
    let device = with_rsa(&library).await;
    signer(&library);
    let how = Wrapping::Encrypted(device.id());
    let lacking = exports::file(&library.world.read(), "wifi", 1, None, &how, library.world.dice());
    assert_eq!(code(lacking), "profile.variable-missing");
    library.owner(&device.id(), "ada@example.org");
    let sealed = file(&library, "wifi", 1, None, &how);
    assert!(!sealed.windows(7).any(|w| w == b"hunter2") && !sealed.windows(4).any(|w| w == b"ada@"));
    let outer = cms::verify_attached(&sealed).expect("signed").content.expect("a profile");
    let body = plist::parse_dictionary(&outer, Limits::DEVICE).expect("a property list");
    assert_eq!(body.get("IsEncrypted"), Some(&Value::Boolean(true)));
    assert!(!body.contains_key("PayloadContent"));
    let inner = plist::data(&body, "EncryptedPayloadContent").expect("data").expect("there");

    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("written");
    put("inner.der", inner);
    put("key.pem", pem::block("PRIVATE KEY", device.key.to_pkcs8().expose()).as_bytes());
    put("cert.pem", device.cert.to_pem().as_bytes());
    let opened = run(
        folder.path(),
        "openssl",
        &[
            "cms",
            "-decrypt",
            "-binary",
            "-inform",
            "DER",
            "-in",
            "inner.der",
            "-inkey",
            "key.pem",
            "-recip",
            "cert.pem",
        ],
    );
    put("opened.plist", &opened);
    let script =
        "import plistlib,sys; sys.stdout.write(plistlib.load(open('opened.plist','rb'))[0]['Password'])";
    assert_eq!(run(folder.path(), "python3", &["-c", script]), b"ada@example.org:hunter2");

    // A pretend device with that identity installs it; another cannot.
    use pomona::simulator::keychain::Identity;
    use pomona::simulator::profiles::Shelf;
    let own = Identity { certificate: device.cert.clone(), key: device.key.clone() };
    let mut shelf = Shelf::default();
    let installed = shelf.install(&sealed, false, Some(&own)).expect("installed");
    assert_eq!(installed.profile.identifier, "org.example.wifi");
    let payload = installed.profile.body["PayloadContent"].as_array().expect("payloads")[0].clone();
    let payload = payload.into_dictionary().expect("a payload");
    assert_eq!(payload["Password"], Value::from("ada@example.org:hunter2"));
    let listed = shelf.list(false).into_array().expect("a list").remove(0).into_dictionary().expect("one");
    assert_eq!(listed["IsEncrypted"], Value::Boolean(true));
    let other = Identity { certificate: device.cert.clone(), key: rsa_key(3) };
    for wrong in [Some(&other), None] {
        assert!(Shelf::default().install(&sealed, false, wrong).is_err());
    }
    let refused = library.world.enrolled("00008120-00000000000000BX").await;
    library.owner(&refused.id(), "bob@example.org");
    let how = Wrapping::Encrypted(refused.id());
    let refused = exports::file(&library.world.read(), "wifi", 1, None, &how, library.world.dice());
    assert_eq!(code(refused), "profile.cannot-encrypt", "its identity is an EC key");
}

#[tokio::test]
async fn a_draft_can_be_looked_at_as_a_device_would_get_it() {
    let library = Library::new();
    let device = library.world.enrolled(UDID).await;
    library.begin("wifi", &[("Text", "%SerialNumber%".into())]);
    let shown =
        exports::preview(&library.world.read(), &library.shown("wifi"), &device.id()).expect("filled");
    assert_eq!(shown.payloads()[0].body["Text"], Value::from(device.serial.clone()));
    assert_eq!(file(&library, "wifi", 0, Some(&device.id()), &Wrapping::Plain), shown.to_xml());
    assert_eq!(file(&library, "wifi", 0, None, &Wrapping::Plain), library.shown("wifi").to_xml());
    let view = library.world.read();
    let none = exports::file(&view, "wifi", 1, None, &Wrapping::Plain, library.world.dice());
    assert_eq!(code(none), "profile.no-revision");
    library.publish("wifi").expect("published");
    let view = library.world.read();
    let none = exports::file(&view, "wifi", 0, None, &Wrapping::Plain, library.world.dice());
    assert_eq!(code(none), "profile.no-draft");
    let nobody = EnrollmentId::parse("nobody").expect("an id");
    assert_eq!(code(exports::preview(&view, &library.shown("wifi"), &nobody)), "device.unknown");
}

#[test]
fn a_signing_certificate_of_the_organizations_own_is_imported_by_an_owner() {
    let library = Library::new();
    let world = &library.world;
    let issue = |profile, not_after: i64, key: &PrivateKey| {
        let draft = pomona::wire::x509::Draft {
            common_name: "Orchard Signing".into(),
            organization: None,
            uid: None,
            serial: [9; 16],
            not_before: world.now().secs() - 60,
            not_after,
            profile,
        };
        pomona::wire::x509::issue(&draft, &key.public_der(), None, key).expect("issued")
    };
    let key = PrivateKey::generate_p256();
    let next_year = world.now().plus_secs(365 * 86_400).secs();
    let cert: Cert = issue(pomona::wire::x509::DraftProfile::Signer, next_year, &key);
    let both = format!("{}{}", cert.to_pem(), pem::block("PRIVATE KEY", key.to_pkcs8().expose()));
    let read = |text: &str, now| signing::Draft::read(&Secret::from(text.to_owned()), None, None, now);
    let draft = read(&both, world.now()).expect("fit");
    assert_eq!(read(&cert.to_pem(), world.now()).expect_err("refused").code, "signing.no-key");
    assert_eq!(read("nothing", world.now()).expect_err("refused").code, "signing.unreadable");
    let late = world.now().plus_secs(366 * 86_400);
    assert_eq!(read(&both, late).expect_err("refused").code, "signing.expired");
    let other = PrivateKey::generate_p256();
    let wrong = format!("{}{}", cert.to_pem(), pem::block("PRIVATE KEY", other.to_pkcs8().expose()));
    assert_eq!(read(&wrong, world.now()).expect_err("refused").code, "signing.key");

    let import = |role: Role| {
        let by = Actor { name: "console".into(), role };
        let (draft, now) = (draft.clone(), world.now());
        library.try_write(move |w| signing::import(w, &by, &draft, now))
    };
    assert_eq!(code(import(Role::Admin)), "access.role");
    import(Role::Owner).expect("imported");
    let present = signing::present(&world.read()).expect("readable").expect("there");
    assert_eq!((present.certificate.clone(), present.own), (cert.clone(), false));
    assert_eq!(signer(&library).certificate, cert, "it is not replaced by one of ours");
    library.published("wifi", &[("Count", 1.into())]);
    let signed = file(&library, "wifi", 1, None, &Wrapping::Signed);
    assert_eq!(profile::parse(&signed).expect("a profile").signer, Some(cert));
    world.pass(366 * 86_400);
    let expired = signing::ensure(&world.app.store, world.dice(), world.now());
    assert_eq!(code(expired), "signing.expired");
    assert!(
        library
            .told()
            .iter()
            .any(|text| text.starts_with("Imported the signing certificate of Orchard Signing"))
    );
    let kept = store::settings::identity(&world.read(), pomona::model::settings::IdentityUse::Signing);
    let kept = kept.expect("readable").expect("kept");
    assert!(!format!("{kept:?}{present:?}").contains(&hex::encode(kept.key.expose())));
}
