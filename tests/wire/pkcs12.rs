//! Keys and PKCS #12 files in every form that openssl and Keychain Access write.

use pomona::wire::key::PrivateKey;
use pomona::wire::{Secret, pkcs12};

use super::keys::{dev_ec, dev_rsa, our_ca, scep_client_key};
use super::openssl::Bench;

#[test]
fn keys_of_every_older_form_are_read() {
    let bench = Bench::new();
    let (rsa, ec) = (dev_rsa(), dev_ec());
    bench.put("rsa.key", rsa.to_pem().expose()).put("ec.key", ec.to_pem().expose());
    let text = |name: &str| String::from_utf8(bench.get(name)).unwrap();
    bench.run("rsa -in rsa.key -traditional -out old");
    assert!(text("old").contains("BEGIN RSA PRIVATE KEY"));
    assert_eq!(PrivateKey::from_pem(&text("old")).unwrap(), rsa);
    bench.run("ec -in ec.key -out old");
    assert!(text("old").contains("BEGIN EC PRIVATE KEY"));
    assert_eq!(PrivateKey::from_pem(&text("old")).unwrap(), ec);
    bench.run("ecparam -name prime256v1 -genkey -out with-parameters");
    assert!(text("with-parameters").contains("BEGIN EC PARAMETERS"));
    assert!(!PrivateKey::from_pem(&text("with-parameters")).unwrap().is_rsa());
    let secret = Secret::from("correct horse".to_string());
    for scheme in [
        "-v2 aes256 -v2prf hmacWithSHA256",
        "-v2 aes128 -v2prf hmacWithSHA512",
        "-v2 des3",
        "-v1 PBE-SHA1-3DES",
    ] {
        bench.put("pass", secret.expose());
        bench.run(&format!("pkcs8 -topk8 -in rsa.key {scheme} -passout file:pass -out locked"));
        assert!(PrivateKey::from_pem(&text("locked")).unwrap_err().reason.contains("passphrase"));
        assert_eq!(PrivateKey::from_pem_with(&text("locked"), &secret).unwrap(), rsa, "{scheme}");
        let wrong = Secret::from("correct mule".to_string());
        assert!(PrivateKey::from_pem_with(&text("locked"), &wrong).is_err());
    }
    bench.run("rsa -in rsa.key -traditional -aes128 -passout pass:x -out old");
    assert!(PrivateKey::from_pem(&text("old")).unwrap_err().reason.contains("encrypted"));
}

#[test]
fn pkcs12_files_of_every_kind_open() {
    let bench = Bench::new();
    let key = dev_rsa();
    bench.identity("push", &key);
    bench.identity("ec", &dev_ec());
    let (ca, _) = our_ca();
    let passphrase = "pässword – 🔑";
    bench.put("pass", passphrase);
    let secret = Secret::from(passphrase.to_string());
    for (options, who) in [
        ("", "push"),
        ("", "ec"),
        ("-macalg sha1", "push"),
        ("-macalg sha512", "push"),
        ("-keypbe AES-128-CBC -certpbe AES-192-CBC -iter 10000", "push"),
        ("-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1", "push"),
        ("-legacy", "push"),
        ("-legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-RC2-128", "push"),
        ("-keypbe NONE -certpbe AES-256-CBC", "push"),
        ("-keypbe NONE -certpbe NONE", "push"),
        ("-nomac", "push"),
        ("-noiter -nomaciter", "push"),
    ] {
        bench.run(&format!(
            "pkcs12 -export -inkey {who}.key -in {who}.pem -certfile ca.pem -name x {options} -passout file:pass -out file"
        ));
        let identity = pkcs12::open(&bench.get("file"), &secret).unwrap_or_else(|e| panic!("{options}: {e}"));
        assert_eq!(identity.certificates[0].common_name().as_deref(), Some(who), "{options}");
        assert_eq!(identity.certificates[1], ca);
        assert_eq!(identity.key.public_der(), identity.certificates[0].public_der());
        if !options.contains("NONE -certpbe NONE") {
            let wrong = pkcs12::open(&bench.get("file"), &Secret::from("other".to_string())).unwrap_err();
            assert_eq!(wrong.reason, "the passphrase is wrong, or the file is damaged", "{options}");
        }
    }
    for options in ["", "-legacy"] {
        bench.run(&format!("pkcs12 -export -inkey push.key -in push.pem {options} -passout pass: -out file"));
        assert_eq!(pkcs12::open(&bench.get("file"), &Secret::from(String::new())).unwrap().key, key);
    }
}

#[test]
fn pkcs12_refusals_tell_what_to_do() {
    let bench = Bench::new();
    bench.identity("push", &dev_rsa());
    bench.identity("other", &scep_client_key());
    let secret = Secret::from("x".to_string());
    let refusal = |words: &str| {
        bench.run(&format!("pkcs12 -export {words} -passout pass:x -out file"));
        pkcs12::open(&bench.get("file"), &secret).unwrap_err().reason
    };
    assert!(refusal("-nokeys -in push.pem").contains("together with its key"));
    assert!(
        refusal("-inkey push.key -in push.pem -legacy -certpbe PBE-SHA1-RC4-128").contains("export it again")
    );
    assert!(
        refusal("-inkey push.key -in push.pem -keypbe CAMELLIA-256-CBC").contains("export it with AES-256")
    );
    bench.run("pkcs12 -export -inkey push.key -in push.pem -iter 65536 -passout pass:x -out file");
    let mut endless = bench.get("file");
    let rounds: Vec<usize> = (0..=endless.len() - 5)
        .filter(|at| endless[*at..].starts_with(&[0x02, 0x03, 0x01, 0x00, 0x00]))
        .collect();
    assert!(!rounds.is_empty());
    for at in rounds {
        endless[at + 2..at + 5].copy_from_slice(&[0x7f, 0xff, 0xff]);
    }
    let refused = pkcs12::open(&endless, &secret).unwrap_err();
    assert_eq!(refused.reason, "asks for too many rounds of key derivation");
    bench.run("pkcs12 -export -inkey push.key -in push.pem -passout pass:x -out file");
    let good = bench.get("file");
    assert!(pkcs12::open(&good, &secret).is_ok());
    for at in (0..good.len()).step_by(97) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        assert!(pkcs12::open(&bad, &secret).is_err(), "byte {at} changed");
    }
    assert!(pkcs12::open(b"-----BEGIN CERTIFICATE-----", &secret).is_err());
    assert!(pkcs12::open(&vec![0x30; 257 * 1024], &secret).is_err());
}
