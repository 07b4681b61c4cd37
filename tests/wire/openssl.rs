//! openssl reads what we make, and we read what openssl makes. A machine without openssl fails these tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pomona::wire::cms::{self, Cipher, Signing};
use pomona::wire::key::{Digest, PrivateKey};
use pomona::wire::x509::{Csr, DraftProfile, issue, make_csr};

use super::keys::{BODY, NOW, dev_ec, dev_rsa, draft, fde, first, issued, our_ca, scep_client_key};

/// A folder in which openssl works.
pub struct Bench(tempfile::TempDir);

impl Bench {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        fs::write(self.file(name), bytes).unwrap();
        self
    }

    pub fn get(&self, name: &str) -> Vec<u8> {
        fs::read(self.file(name)).unwrap()
    }

    /// Runs openssl; words are split at spaces. Gives success and everything it said.
    pub fn try_run(&self, words: &str) -> (bool, String) {
        let out = Command::new("openssl")
            .args(words.split_whitespace())
            .current_dir(self.0.path() as &Path)
            .output()
            .expect("openssl is installed");
        let said = [out.stdout, out.stderr].concat();
        (out.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    pub fn run(&self, words: &str) -> String {
        let (fine, said) = self.try_run(words);
        assert!(fine, "openssl {words}\n{said}");
        said
    }

    /// The key and certificate of a test signer under our CA as `name.key` and `name.pem`, and the CA as `ca.pem`.
    pub fn identity(&self, name: &str, key: &PrivateKey) {
        let (ca, _) = our_ca();
        self.put(&format!("{name}.key"), key.to_pem().expose());
        self.put(&format!("{name}.pem"), issued(name, DraftProfile::DeviceIdentity, key).to_pem());
        self.put("ca.pem", ca.to_pem());
        self.put("body", BODY);
    }
}

#[test]
fn openssl_verifies_what_we_sign() {
    let bench = Bench::new();
    let (ca, _) = our_ca();
    bench.put("ca.pem", ca.to_pem()).put("body", BODY);
    for key in [dev_rsa(), dev_ec(), PrivateKey::generate_p256()] {
        let signer = issued("signer", DraftProfile::Signer, &key);
        let all: &[Digest] =
            if key.is_rsa() { &[Digest::Sha256, Digest::Sha384, Digest::Sha512] } else { &[Digest::Sha256] };
        for digest in all {
            for detached in [false, true] {
                let how = Signing {
                    signer: &signer,
                    key: &key,
                    chain: &[],
                    digest: *digest,
                    time: Some(NOW),
                    attributes: vec![("2.16.840.1.113733.1.9.7".into(), b"\x13\x02T1".to_vec())],
                    detached,
                };
                bench.put("message", cms::sign(BODY, &how));
                let content = if detached { "-content body" } else { "" };
                bench.run(&format!(
                    "cms -verify -binary -inform DER -in message {content} -CAfile ca.pem -attime {NOW} -purpose any -out out"
                ));
                assert_eq!(bench.get("out"), BODY);
            }
        }
    }
}

#[test]
fn we_verify_what_openssl_signs() {
    let bench = Bench::new();
    bench.identity("rsa", &dev_rsa());
    bench.identity("ec", &dev_ec());
    bench.identity("p256", &PrivateKey::generate_p256());
    let table = [
        ("rsa", "-md sha1", Digest::Sha1),
        ("rsa", "-md sha256", Digest::Sha256),
        ("rsa", "-md sha384", Digest::Sha384),
        ("rsa", "-md sha512 -stream", Digest::Sha512),
        ("rsa", "-md sha256 -keyid", Digest::Sha256),
        ("rsa", "-md sha256 -noattr", Digest::Sha256),
        ("rsa", "-md sha512 -noattr -stream", Digest::Sha512),
        ("rsa", "-md sha256 -nosmimecap -certfile ca.pem", Digest::Sha256),
        ("ec", "-md sha256", Digest::Sha256),
        ("ec", "-md sha384", Digest::Sha384),
        ("ec", "-md sha512 -stream", Digest::Sha512),
        ("p256", "-md sha1", Digest::Sha1),
        ("p256", "-md sha256 -keyid", Digest::Sha256),
        ("p256", "-md sha512", Digest::Sha512),
    ];
    for (who, options, digest) in table {
        for attached in ["", "-nodetach"] {
            bench.run(&format!(
                "cms -sign -binary -in body -signer {who}.pem -inkey {who}.key {options} {attached} -outform DER -out message"
            ));
            let message = bench.get("message");
            let signed =
                cms::verify_detached(&message, BODY).unwrap_or_else(|e| panic!("{who} {options}: {e}"));
            assert_eq!(signed.digest, digest, "{who} {options}");
            assert_eq!(signed.signer.common_name().as_deref(), Some(who));
            assert!(signed.content.is_some() || attached.is_empty());
            assert!(cms::verify_detached(&message, b"another body").is_err());
        }
    }
}

#[test]
fn a_large_streamed_profile_verifies() {
    let bench = Bench::new();
    bench.identity("rsa", &dev_rsa());
    let large: Vec<u8> = (0..3_000_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    bench.put("large", &large);
    bench.run("cms -sign -binary -stream -nodetach -in large -signer rsa.pem -inkey rsa.key -outform DER -out message");
    let message = bench.get("message");
    assert!(message.starts_with(&[0x30, 0x80]), "openssl streams with indefinite lengths");
    assert_eq!(cms::verify_attached(&message).unwrap().content.unwrap(), large);
}

#[test]
fn signatures_we_do_not_read_are_refused_by_name() {
    let bench = Bench::new();
    bench.identity("rsa", &dev_rsa());
    bench.identity("ec", &dev_ec());
    for (options, words) in [
        ("-md sha256 -keyopt rsa_padding_mode:pss", "RSA-PSS signatures are not supported"),
        ("-md md5", "unknown digest algorithm"),
        ("-md sha224", "unknown digest algorithm"),
        ("-md sha256 -signer ec.pem -inkey ec.key", "more than one signer"),
    ] {
        bench.run(&format!(
            "cms -sign -binary -in body -signer rsa.pem -inkey rsa.key {options} -outform DER -out message"
        ));
        let refused = cms::verify_detached(&bench.get("message"), BODY).unwrap_err();
        assert_eq!(refused.reason, words, "{options}");
    }
    bench.run("cms -sign -binary -in body -signer ec.pem -inkey ec.key -md sha1 -outform DER -out message");
    assert!(cms::verify_detached(&bench.get("message"), BODY).is_err(), "SHA-1 with P-384");
    bench.run("cms -sign -binary -in body -signer rsa.pem -inkey rsa.key -nocerts -outform DER -out message");
    assert!(cms::verify_detached(&bench.get("message"), BODY).is_err(), "without the certificate");
}

#[test]
fn a_device_authority_of_2007_still_verifies_and_smaller_keys_do_not() {
    // Apple's device CA has 1024 bits and signs with SHA-1.
    let bench = Bench::new();
    bench.put("body", BODY);
    for (bits, holds) in [(1024, true), (768, false)] {
        bench.run(&format!(
            "req -x509 -newkey rsa:{bits} -nodes -sha1 -days 3 -subj /CN=old -keyout old.key -out old.pem"
        ));
        let old = first(&String::from_utf8(bench.get("old.pem")).unwrap());
        assert_eq!(old.is_issued_by(&old), holds, "{bits}");
        bench.run(
            "cms -sign -binary -in body -signer old.pem -inkey old.key -md sha1 -outform DER -out message",
        );
        assert_eq!(cms::verify_detached(&bench.get("message"), BODY).is_ok(), holds, "{bits}");
    }
}

#[test]
fn sc_policy_subject() {
    let bench = Bench::new();
    let (ca, ca_key) = our_ca();
    bench.put("key", dev_rsa().to_pem().expose());
    bench.run(
        "req -new -key key -subj /O=Elsewhere/CN=another-device -addext basicConstraints=critical,CA:TRUE \
         -addext extendedKeyUsage=serverAuth -addext subjectAltName=DNS:mdm.example.org \
         -addext keyUsage=keyCertSign -outform DER -out made",
    );
    let csr = Csr::parse(&bench.get("made")).unwrap();
    let policy = draft("3F2504E0", DraftProfile::DeviceIdentity);
    let cert = issue(&policy, csr.public_der(), Some(&ca), &ca_key).unwrap();
    assert_eq!(cert.subject(), "CN=3F2504E0,O=Orchard");
    assert!(!cert.is_ca() && cert.hosts().is_empty() && cert.may_be_client() && !cert.may_be_server());
    let asked = ["Elsewhere", "another-device", "mdm.example.org"];
    for word in asked {
        assert!(!cert.der().windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
    }
}

#[test]
fn openssl_opens_what_we_encrypt() {
    let bench = Bench::new();
    let (cert, key) = fde();
    bench.put("cert.pem", cert.to_pem()).put("key", key.to_pem().expose());
    for cipher in [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
        let random: [u8; 48] = core::array::from_fn(|at| at as u8 * 5 + 1);
        bench.put("message", cms::encrypt(BODY, &cert, cipher, &random).unwrap());
        bench.run("cms -decrypt -binary -inform DER -in message -recip cert.pem -inkey key -out out");
        assert_eq!(bench.get("out"), BODY);
    }
}

#[test]
fn we_open_what_openssl_encrypts() {
    let bench = Bench::new();
    let key = dev_rsa();
    bench.identity("rsa", &key);
    bench.identity("other", &scep_client_key());
    let cert = first(&String::from_utf8(bench.get("rsa.pem")).unwrap());
    for (options, cipher) in [
        ("-des3", Cipher::TripleDes),
        ("-aes128", Cipher::Aes128),
        ("-aes192 -stream", Cipher::Aes192),
        ("-aes256", Cipher::Aes256),
        ("-aes256 -stream -keyid", Cipher::Aes256),
        ("-aes256 -recip other.pem", Cipher::Aes256),
    ] {
        bench.run(&format!(
            "cms -encrypt -binary -in body {options} -recip rsa.pem -outform DER -out message"
        ));
        let (opened, with) = cms::decrypt(&bench.get("message"), &cert, &key, false, &[1; 32]).unwrap();
        assert_eq!((opened.expose(), with), (BODY, cipher), "{options}");
    }
    bench.run("cms -encrypt -binary -in body -aes256 -recip rsa.pem -keyopt rsa_padding_mode:oaep -outform DER -out message");
    let refused = cms::decrypt(&bench.get("message"), &cert, &key, false, &[1; 32]).unwrap_err();
    assert_eq!(refused.reason, "the content key is not transported with RSA PKCS #1 v1.5");
}

#[test]
fn openssl_believes_the_certificates_we_issue() {
    let bench = Bench::new();
    let (ca, _) = our_ca();
    bench.put("ca.pem", ca.to_pem());
    let key = dev_rsa();
    let server = DraftProfile::Server { hosts: vec!["mdm.example.org".into(), "192.0.2.7".into()] };
    for (profile, purpose) in [
        (DraftProfile::DeviceIdentity, "sslclient"),
        (server.clone(), "sslserver -verify_hostname mdm.example.org"),
        (server, "sslserver -verify_ip 192.0.2.7"),
        (DraftProfile::PushClient, "sslclient"),
    ] {
        for key in [&key, &dev_ec()] {
            bench.put("cert.pem", issued("leaf", profile.clone(), key).to_pem());
            bench.run(&format!(
                "verify -x509_strict -check_ss_sig -attime {NOW} -CAfile ca.pem -purpose {purpose} cert.pem"
            ));
        }
    }
    bench.put("cert.pem", issued("leaf", DraftProfile::DeviceIdentity, &key).to_pem());
    let (fine, _) =
        bench.try_run(&format!("verify -attime {NOW} -CAfile ca.pem -purpose sslserver cert.pem"));
    assert!(!fine, "a device is no server");
}

#[test]
fn openssl_reads_the_extensions_we_write() {
    let bench = Bench::new();
    let (ca, _) = our_ca();
    let text = |cert: &pomona::wire::x509::Cert| {
        bench.put("cert.pem", cert.to_pem());
        let said = bench.run("x509 -in cert.pem -noout -text");
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let authority = text(&ca);
    for expected in [
        "X509v3 Basic Constraints: critical CA:TRUE, pathlen:0",
        "X509v3 Key Usage: critical Digital Signature, Key Encipherment, Certificate Sign, CRL Sign",
        "X509v3 Subject Key Identifier",
        "Subject: O = Orchard, CN = Orchard Device CA",
        "Version: 3 (0x2)",
    ] {
        assert!(authority.contains(expected), "{expected} in {authority}");
    }
    let device = text(&issued("3F2504E0", DraftProfile::DeviceIdentity, &dev_rsa()));
    for expected in [
        "X509v3 Basic Constraints: critical CA:FALSE",
        "X509v3 Key Usage: critical Digital Signature, Key Encipherment",
        "X509v3 Extended Key Usage: TLS Web Client Authentication X509v3",
        "X509v3 Authority Key Identifier",
        "Issuer: O = Orchard, CN = Orchard Device CA",
        "Signature Algorithm: sha256WithRSAEncryption",
    ] {
        assert!(device.contains(expected), "{expected} in {device}");
    }
    assert!(!device.contains("Alternative Name"));
    let hosts = vec!["mdm.example.org".to_string(), "192.0.2.7".into(), "2001:db8::7".into()];
    let server = text(&issued("mdm", DraftProfile::Server { hosts }, &dev_ec()));
    for expected in [
        "DNS:mdm.example.org, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7",
        "X509v3 Key Usage: critical Digital Signature X509v3",
        "TLS Web Server Authentication",
    ] {
        assert!(server.contains(expected), "{expected} in {server}");
    }
    let mut far = draft("far", DraftProfile::PushClient);
    far.uid = Some("com.apple.mgmt.External.x".into());
    far.not_after = 2_600_000_000;
    let (ca, ca_key) = our_ca();
    let far = text(&issue(&far, &dev_rsa().public_der(), Some(&ca), &ca_key).unwrap());
    assert!(far.contains("UID = com.apple.mgmt.External.x"), "{far}");
    assert!(far.contains("2052 GMT"), "{far}");
}

#[test]
fn requests_are_read_both_ways() {
    let bench = Bench::new();
    for key in [dev_rsa(), dev_ec(), PrivateKey::generate_p256()] {
        bench.put("request", make_csr(&key, "iPhone", Some("sesame")));
        let said = bench.run("req -inform DER -in request -noout -verify -text");
        assert!(said.contains("self-signature verify OK") || said.contains("verify OK"), "{said}");
        assert!(
            said.contains("CN = iPhone") && said.contains("challengePassword") && said.contains("sesame")
        );
        bench.put("key", key.to_pem().expose());
        for digest in ["sha1", "sha256", "sha512"] {
            if digest == "sha1" && key.public_der() == dev_ec().public_der() {
                continue;
            }
            bench.run(&format!(
                "req -new -key key -{digest} -subj /C=US/CN=asked -addext basicConstraints=CA:TRUE -outform DER -out made"
            ));
            let csr = Csr::parse(&bench.get("made")).unwrap();
            assert_eq!(csr.public_der(), key.public_der());
            assert_eq!(csr.common_name().as_deref(), Some("asked"));
        }
    }
    bench.run("req -new -newkey rsa:1024 -nodes -keyout weak.key -subj /CN=weak -outform DER -out made");
    assert!(Csr::parse(&bench.get("made")).unwrap_err().reason.contains("fewer than 2048 bits"));
    bench.run("req -new -newkey ed25519 -nodes -keyout ed.key -subj /CN=ed -outform DER -out made");
    assert!(Csr::parse(&bench.get("made")).is_err());
}
