//! Certificates and requests.

use std::time::Duration;

use pomona::wire::Malformed;
use pomona::wire::asn1::{self, oids, tag};
use pomona::wire::key::{Digest, PrivateKey, PublicKey, Unacceptable};
use pomona::wire::x509::{Cert, Csr, DraftProfile, Refused, certs_from_pem, issue, make_csr, roots_from_pem};

use super::keys::{
    NOW, dev_ec, dev_rsa, draft, first, issued, our_ca, scep_ca, self_signed, shortest, vector,
};

fn server(hosts: &[&str]) -> DraftProfile {
    DraftProfile::Server { hosts: hosts.iter().map(|host| host.to_string()).collect() }
}

#[test]
fn a_certificate_tells_what_it_says() {
    let cert = first(include_str!("../vectors/dev-rsa.pem"));
    assert_eq!(cert.common_name().as_deref(), Some("dev-rsa"));
    assert_eq!(cert.issuer(), "CN=MDM Identity CA,O=Test");
    assert_eq!(cert.serial_hex(), "71fa2e2741bdebd4d9194c5df06145e72b564e0b");
    assert_eq!(cert.not_before(), 1_795_491_427);
    assert_eq!(cert.not_after(), 2_110_851_427);
    assert_eq!(cert.public_der(), dev_rsa().public_der());
    let (ca, _) = scep_ca();
    assert_eq!(ca.subject(), "OU=SCEP CA,O=scep-ca,C=US");
    assert!(ca.is_ca() && ca.is_issued_by(&ca));
}

#[test]
fn a_certificate_survives_pem() {
    let text = include_str!("../vectors/ca.pem");
    let cert = first(text);
    assert_eq!(cert.to_pem().trim(), text.trim());
    assert_eq!(first(&cert.to_pem()), cert);
    let two = format!("Bag Attributes\n friendlyName: x\n{text}\nsubject=O = Test\n{text}");
    assert_eq!(certs_from_pem(&two).unwrap(), [cert.clone(), cert.clone()]);
    assert_eq!(certs_from_pem(&text.replace('\n', "\r\n")).unwrap(), [cert]);
    for broken in
        ["-----BEGIN CERTIFICATE-----\nAAAA", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----"]
    {
        assert!(certs_from_pem(broken).is_err());
    }
    assert!(certs_from_pem("no certificate at all").unwrap().is_empty());
    assert!(certs_from_pem(&text.repeat(65)).is_err());
}

#[test]
fn a_systems_list_of_roots_is_read_although_it_is_long_and_has_oddities() {
    let good = include_str!("../vectors/dev-rsa.pem");
    let odd = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let list = format!("{}{odd}{}", good.repeat(90), good.repeat(60));
    assert_eq!(roots_from_pem(&list).unwrap().len(), 150);
    assert!(certs_from_pem(&list).is_err(), "elsewhere a long or odd list is a mistake");
}

#[test]
fn the_device_ca_signs_and_is_encrypted_to() {
    let (ca, key) = our_ca();
    assert!(ca.is_ca() && ca.may_sign() && ca.may_encipher());
    assert!(ca.is_issued_by(&ca));
    assert_eq!(ca.subject(), "CN=Orchard Device CA,O=Orchard");
    assert_eq!(ca.subject(), ca.issuer());
    assert_eq!(ca.public_der(), key.public_der());
    assert_eq!(ca.subject_key_id().map(<[u8]>::len), Some(20));
}

#[test]
fn a_device_identity_is_a_client_and_nothing_more() {
    let (ca, _) = our_ca();
    for key in [dev_rsa(), dev_ec()] {
        let cert = issued("3F2504E0", DraftProfile::DeviceIdentity, &key);
        assert!(cert.is_issued_by(&ca) && !cert.is_ca());
        assert!(cert.may_be_client() && !cert.may_be_server() && cert.may_sign());
        assert_eq!(cert.may_encipher(), key.is_rsa());
        assert!(cert.hosts().is_empty());
        assert!(!cert.is_issued_by(&cert) && !ca.is_issued_by(&cert));
    }
}

#[test]
fn a_server_certificate_has_its_names_and_addresses() {
    let hosts = ["mdm.example.org", "*.example.org", "192.0.2.7", "2001:db8::7", "localhost"];
    let cert = issued("mdm.example.org", server(&hosts), &dev_ec());
    assert_eq!(cert.hosts(), hosts);
    assert!(cert.may_be_server() && !cert.may_be_client());
    let (ca, ca_key) = our_ca();
    for bad in
        ["", "exa mple.org", "a..b", "-a.org", "evil\0.org", "x.org,DNS:y.org", "ü.org", &"a".repeat(64)]
    {
        let refused = issue(&draft("s", server(&[bad])), &dev_ec().public_der(), Some(&ca), &ca_key);
        assert!(refused.is_err(), "{bad:?}");
    }
    assert!(issue(&draft("s", server(&[])), &dev_ec().public_der(), Some(&ca), &ca_key).is_err());
}

#[test]
fn a_push_certificate_has_its_topic_as_uid() {
    let (ca, ca_key) = our_ca();
    let topic = "com.apple.mgmt.External.3f2504e0-4f89-11d3-9a0c-0305e82c3301";
    let mut push = draft("APSP:3f2504e0", DraftProfile::PushClient);
    push.uid = Some(topic.into());
    let cert = issue(&push, &dev_rsa().public_der(), Some(&ca), &ca_key).unwrap();
    assert_eq!(cert.uid().as_deref(), Some(topic));
    assert_eq!(cert.subject(), format!("CN=APSP:3f2504e0,O=Orchard,UID={topic}"));
    assert!(cert.may_be_client());
}

#[test]
fn serial_numbers_are_positive_and_never_zero() {
    let (ca, ca_key) = our_ca();
    let key = dev_ec().public_der();
    for (random, hex) in [
        ([0xff; 16], "7fffffffffffffffffffffffffffffff".to_string()),
        ([0; 16], "01".to_string()),
        ([0x80; 16], format!("80{}", "80".repeat(14))),
    ] {
        let mut one = draft("s", DraftProfile::DeviceIdentity);
        one.serial = random;
        let cert = issue(&one, &key, Some(&ca), &ca_key).unwrap();
        assert_eq!(cert.serial_hex(), hex);
        assert!(cert.serial()[0] < 0x80, "positive");
    }
}

#[test]
fn dates_are_right_from_1970_to_9999() {
    let (ca, ca_key) = our_ca();
    for (from, to) in [
        (0, 1),
        (951_782_400, 951_868_799),
        (2_524_607_999, 2_524_608_000),
        (4_107_542_399, 4_107_542_400),
        (NOW, 253_402_300_799),
    ] {
        let mut one = draft("s", DraftProfile::DeviceIdentity);
        (one.not_before, one.not_after) = (from, to);
        let cert = issue(&one, &dev_ec().public_der(), Some(&ca), &ca_key).unwrap();
        assert_eq!((cert.not_before(), cert.not_after()), (from, to));
    }
    let mut one = draft("s", DraftProfile::DeviceIdentity);
    one.not_after = one.not_before;
    assert!(issue(&one, &dev_ec().public_der(), Some(&ca), &ca_key).is_err());
}

#[test]
fn names_come_out_of_certificates_as_they_went_in() {
    let (ca, ca_key) = our_ca();
    for (name, readable) in [
        ("Zoë's iPad 📱", "Zoë's iPad 📱"),
        ("a,b+c=\"d\"", "a\\,b\\+c=\\\"d\\\""),
        ("#1 ", "\\#1\\ "),
        ("a\u{202e}b", "a\\E2\\80\\AEb"),
    ] {
        let cert =
            issue(&draft(name, DraftProfile::Signer), &dev_ec().public_der(), Some(&ca), &ca_key).unwrap();
        assert_eq!(cert.common_name().as_deref(), Some(name));
        assert_eq!(cert.subject(), format!("CN={readable},O=Orchard"));
    }
    for bad in ["", "nul\0byte", "two\nlines", &"x".repeat(65)] {
        let refused = issue(&draft(bad, DraftProfile::Signer), &dev_ec().public_der(), Some(&ca), &ca_key);
        assert!(refused.is_err(), "{bad:?}");
    }
}

#[test]
fn only_a_ca_issues_and_only_with_its_own_key() {
    let (ca, ca_key) = our_ca();
    let leaf_key = dev_rsa();
    let leaf = issued("leaf", DraftProfile::DeviceIdentity, &leaf_key);
    let identity = draft("x", DraftProfile::DeviceIdentity);
    let public = dev_ec().public_der();
    assert!(issue(&identity, &public, Some(&ca), &leaf_key).is_err(), "another key");
    assert!(issue(&identity, &public, Some(&leaf), &leaf_key).is_err(), "no authority");
    assert!(issue(&identity, &public, None, &ca_key).is_err(), "self-signed with another key");
    assert!(issue(&identity, &public, Some(&ca), &ca_key).is_ok());
}

#[test]
fn a_certificate_under_a_look_alike_authority_is_not_ours() {
    let (ca, _) = our_ca();
    let other_key = dev_rsa();
    let profile = DraftProfile::DeviceCa;
    let look_alike =
        issue(&draft("Orchard Device CA", profile), &other_key.public_der(), None, &other_key).unwrap();
    assert_eq!(look_alike.subject_der(), ca.subject_der());
    let identity = draft("x", DraftProfile::DeviceIdentity);
    let cert = issue(&identity, &dev_ec().public_der(), Some(&look_alike), &other_key).unwrap();
    assert!(cert.is_issued_by(&look_alike));
    assert!(!cert.is_issued_by(&ca));
}

#[test]
fn an_extension_that_comes_twice_is_refused() {
    let (ca, _) = our_ca();
    let der = ca.der();
    // keyUsage becomes a second basicConstraints; the two identifiers differ in one byte.
    let at = der.windows(5).position(|window| window == [0x06, 0x03, 0x55, 0x1d, 0x0f]).unwrap();
    let mut twice = der.to_vec();
    twice[at + 4] = 0x13;
    assert_eq!(Cert::parse(&twice).unwrap_err().reason, "an extension that comes twice");
    assert!(Cert::parse(&[der, &[0]].concat()).is_err(), "a byte after the end");
    assert!(Cert::parse(&vec![0x30; 65 * 1024]).is_err());
}

/// A request with this public key and a signature that cannot hold.
fn request_for(public: &[u8]) -> Vec<u8> {
    let body = asn1::sequence(&[&asn1::uint(&[]), &asn1::sequence(&[]), public, &asn1::context(0, &[])]);
    asn1::sequence(&[
        &body,
        &asn1::sequence(&[&asn1::oid(oids::RSA_SHA256), &asn1::null()]),
        &asn1::tlv(tag::BITS, &[0; 257]),
    ])
}

fn rsa_public(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let key = asn1::sequence(&[&asn1::uint(modulus), &asn1::uint(exponent)]);
    asn1::sequence(&[
        &asn1::sequence(&[&asn1::oid(oids::RSA), &asn1::null()]),
        &asn1::tlv(tag::BITS, &[&[0], key.as_slice()].concat()),
    ])
}

fn ec_public(curve: &str, point: &[u8]) -> Vec<u8> {
    asn1::sequence(&[
        &asn1::sequence(&[&asn1::oid(oids::EC), &asn1::oid(&asn1::undotted(curve).unwrap())]),
        &asn1::tlv(tag::BITS, &[&[0], point].concat()),
    ])
}

/// A modulus of this many bytes, top bit set, without small factors.
fn modulus(bytes: usize) -> Vec<u8> {
    let divides = |modulus: &[u8], by: u32| {
        modulus.iter().fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % by) == 0
    };
    let mut modulus = vec![0xd5; bytes];
    for last in 0..=u16::MAX {
        modulus[bytes - 2..].copy_from_slice(&last.to_be_bytes());
        if !(2..1000).any(|by| divides(&modulus, by)) {
            return modulus;
        }
    }
    unreachable!()
}

#[test]
fn weak_and_odd_keys_get_no_certificate_and_cost_no_time() {
    let f4 = [1, 0, 1];
    let even = [modulus(255), vec![0x02]].concat();
    let mut of_three = vec![0xff; 256];
    of_three[255] = 0xff;
    let short_top = [vec![0x7f], modulus(255)].concat();
    let table: Vec<(&str, Vec<u8>, Unacceptable)> = vec![
        ("RSA 512", rsa_public(&modulus(64), &f4), Unacceptable::Short),
        ("RSA 1024", rsa_public(&modulus(128), &f4), Unacceptable::Short),
        ("RSA 2047", rsa_public(&short_top, &f4), Unacceptable::Short),
        ("RSA 4104", rsa_public(&modulus(513), &f4), Unacceptable::Long),
        ("RSA 16384", rsa_public(&modulus(2048), &f4), Unacceptable::Long),
        ("RSA 400000", rsa_public(&modulus(50_000), &f4), Unacceptable::Long),
        ("e = 0", rsa_public(&modulus(256), &[0]), Unacceptable::Exponent),
        ("e = 1", rsa_public(&modulus(256), &[1]), Unacceptable::Exponent),
        ("e = 3", rsa_public(&modulus(256), &[3]), Unacceptable::Exponent),
        ("e = 65535", rsa_public(&modulus(256), &[0xff, 0xff]), Unacceptable::Exponent),
        ("e = 65538", rsa_public(&modulus(256), &[1, 0, 2]), Unacceptable::Exponent),
        ("e of 2048 bits", rsa_public(&modulus(256), &modulus(256)), Unacceptable::Exponent),
        ("even modulus", rsa_public(&even, &f4), Unacceptable::Factor),
        ("modulus divisible by 3", rsa_public(&of_three, &f4), Unacceptable::Factor),
        ("zero modulus", rsa_public(&[], &f4), Unacceptable::Short),
        ("P-521", ec_public("1.3.132.0.35", &[4; 133]), Unacceptable::Kind),
        ("secp256k1", ec_public("1.3.132.0.10", &[4; 65]), Unacceptable::Kind),
        ("P-256 compressed", ec_public("1.2.840.10045.3.1.7", &[2; 33]), Unacceptable::Kind),
        ("P-384 of wrong length", ec_public("1.3.132.0.34", &[4; 65]), Unacceptable::Kind),
        (
            "Ed25519",
            asn1::sequence(&[
                &asn1::sequence(&[&asn1::oid(&asn1::undotted("1.3.101.112").unwrap())]),
                &asn1::tlv(tag::BITS, &[0; 33]),
            ]),
            Unacceptable::Kind,
        ),
    ];
    let (ca, ca_key) = our_ca();
    for (name, public, why) in table {
        let request = request_for(&public);
        let took = shortest(|| assert_eq!(Csr::examine(&request).unwrap_err(), Refused::Weak(why), "{name}"));
        assert!(took < Duration::from_millis(50), "{name}: {took:?}");
        let identity = draft("x", DraftProfile::DeviceIdentity);
        assert!(issue(&identity, &public, Some(&ca), &ca_key).is_err(), "{name}");
    }
    // Nothing but the signature is wrong with these.
    for (name, public) in [
        ("RSA 2048", rsa_public(&modulus(256), &f4)),
        ("RSA 4096", rsa_public(&modulus(512), &[0xff, 0xff, 0xff, 0xff])),
        ("P-256, point nowhere on the curve", ec_public("1.2.840.10045.3.1.7", &[4; 65])),
    ] {
        let request = request_for(&public);
        let took =
            shortest(|| assert!(matches!(Csr::examine(&request), Err(Refused::Malformed(_))), "{name}"));
        assert!(took < Duration::from_millis(50), "{name}: {took:?}");
    }
}

#[test]
fn every_small_factor_is_found() {
    for prime in (2u32..1000).filter(|n| (2..*n).all(|d| n % d != 0)) {
        let mut number = modulus(256);
        let left = number.iter().fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % prime);
        // Twice the prime minus what is left over makes the sum divisible.
        let low = u32::from(u16::from_be_bytes([number[254], number[255]])) + 2 * prime - left;
        let (carry, low) = (low >> 16, low as u16);
        number[253] += carry as u8;
        number[254..].copy_from_slice(&low.to_be_bytes());
        let key = PublicKey::from_der(&rsa_public(&number, &[1, 0, 1])).unwrap();
        assert_eq!(key.weakness(), Some(Unacceptable::Factor), "{prime}");
    }
    let sound = PublicKey::from_der(&rsa_public(&modulus(256), &[1, 0, 1])).unwrap();
    assert_eq!(sound.weakness(), None);
}

#[test]
fn a_request_proves_its_key_and_brings_its_challenge() {
    for key in [dev_rsa(), dev_ec(), PrivateKey::generate_p256()] {
        let csr = Csr::parse(&make_csr(&key, "iPhone", Some("s3cret"))).unwrap();
        assert_eq!(csr.public_der(), key.public_der());
        assert_eq!(csr.challenge(), Some("s3cret"));
        assert_eq!(csr.common_name().as_deref(), Some("iPhone"));
        assert!(!format!("{csr:?}").contains("s3cret"));
        assert_eq!(Csr::parse(&make_csr(&key, "iPhone", None)).unwrap().challenge(), None);
        let long = "x".repeat(1025);
        assert!(Csr::parse(&make_csr(&key, "iPhone", Some(&long))).is_err());
    }
    let mut changed = make_csr(&dev_rsa(), "iPhone", Some("s3cret"));
    let at = changed.windows(6).position(|window| window == b"s3cret").unwrap();
    changed[at] = b'S';
    let refused = Csr::examine(&changed).unwrap_err();
    assert_eq!(
        refused,
        Refused::Malformed(Malformed::new("x509", "the request's own signature does not hold"))
    );
}

#[test]
fn a_request_with_two_challenges_is_refused() {
    let key = dev_rsa();
    let one = asn1::sequence(&[&asn1::oid(oids::CHALLENGE_PASSWORD), &asn1::set(&[&asn1::string("a")])]);
    let two_values = asn1::sequence(&[
        &asn1::oid(oids::CHALLENGE_PASSWORD),
        &asn1::set(&[&asn1::string("a"), &asn1::string("b")]),
    ]);
    for (attributes, fine) in [(one.clone(), true), ([one.clone(), one].concat(), false), (two_values, false)]
    {
        let body = asn1::sequence(&[
            &asn1::uint(&[]),
            &asn1::sequence(&[]),
            &key.public_der(),
            &asn1::context(0, &attributes),
        ]);
        let signature = key.sign(Digest::Sha256, &body);
        let request = asn1::sequence(&[
            &body,
            &asn1::sequence(&[&asn1::oid(oids::RSA_SHA256), &asn1::null()]),
            &asn1::tlv(tag::BITS, &[&[0], signature.as_slice()].concat()),
        ]);
        assert_eq!(Csr::parse(&request).is_ok(), fine);
    }
}

#[test]
fn keys_survive_their_formats_and_show_nothing() {
    for key in [dev_rsa(), dev_ec(), PrivateKey::generate_p256(), PrivateKey::generate_p384()] {
        let again = PrivateKey::from_pkcs8(key.to_pkcs8().expose()).unwrap();
        assert_eq!(again.public_der(), key.public_der());
        let pem = key.to_pem();
        assert_eq!(PrivateKey::from_pem(pem.expose_str().unwrap()).unwrap(), key);
        assert_eq!(format!("{key:?}"), "<private key>");
        let signature = again.sign(Digest::Sha256, b"message");
        let public = PublicKey::from_der(&key.public_der()).unwrap();
        assert!(public.verify(key.signs_with(Digest::Sha256), b"message", &signature));
        assert!(!public.verify(key.signs_with(Digest::Sha256), b"messagf", &signature));
        assert_eq!(public.weakness(), None);
    }
    assert!(PrivateKey::from_pkcs8(vector!("ca.pem")).is_err());
    assert!(PrivateKey::from_pem(include_str!("../vectors/ca.pem")).is_err());
    assert_eq!(self_signed("x", &dev_ec()).public_key().unwrap().weakness(), None);
}
