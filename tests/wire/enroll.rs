//! The enrollment profile: what the server makes is what Apple documents, and what the simulator follows.

use pomona::wire::cms::{Signing, sign};
use pomona::wire::enroll::{EnrollmentOrder, EnrollmentProfile};
use pomona::wire::key::{Digest, PrivateKey};
use pomona::wire::plist::{self, Dictionary, Limits, Value};
use pomona::wire::x509::{Cert, certs_from_pem};
use pomona::wire::{Secret, profile};
use proptest::prelude::*;

fn ca() -> Cert {
    certs_from_pem(include_str!("../vectors/ca.pem")).unwrap().remove(0)
}

fn device() -> Cert {
    certs_from_pem(include_str!("../vectors/dev-ec.pem")).unwrap().remove(0)
}

fn enrollment() -> EnrollmentProfile {
    EnrollmentProfile {
        organization: "Orchard".into(),
        identifier: "org.example.pomona.enroll".into(),
        uuids: ["P-1", "R-1", "I-1", "M-1"].map(String::from),
        roots: vec![ca(), device()],
        topic: "com.apple.mgmt.External.11111111-2222-3333-4444-555555555555".into(),
        server_url: "https://mdm.example.org/mdm".into(),
        scep_url: "https://mdm.example.org/scep".into(),
        challenge: Secret::new("sesame"),
        subject_common_name: "E-77".into(),
        ca: ca(),
        server_capabilities: vec![
            "com.apple.mdm.per-user-connections".into(),
            "com.apple.mdm.bootstraptoken".into(),
        ],
    }
}

fn keys(d: &Dictionary) -> Vec<&str> {
    d.keys().map(String::as_str).collect()
}

fn dictionary(value: &Value) -> &Dictionary {
    value.as_dictionary().unwrap()
}

#[test]
fn pf_golden() {
    let xml = enrollment().to_xml();
    let d = plist::parse_dictionary(xml.expose(), Limits::DEVICE).unwrap();
    let text = |d: &Dictionary, key: &str| plist::text(d, key).unwrap().map(String::from);
    let envelope =
        ["PayloadType", "PayloadVersion", "PayloadIdentifier", "PayloadUUID", "PayloadDisplayName"];
    assert_eq!(
        keys(&d),
        [&envelope[..], &["PayloadOrganization", "PayloadDescription", "PayloadContent"]].concat()
    );
    assert_eq!(text(&d, "PayloadType").as_deref(), Some("Configuration"));
    assert_eq!(plist::integer(&d, "PayloadVersion").unwrap(), Some(1));
    assert_eq!(text(&d, "PayloadIdentifier").as_deref(), Some("org.example.pomona.enroll"));
    assert_eq!(text(&d, "PayloadUUID").as_deref(), Some("P-1"));
    assert!(!String::from_utf8_lossy(xml.expose()).contains("PayloadScope"));

    let payloads = plist::array(&d, "PayloadContent").unwrap().unwrap();
    let kinds: Vec<_> = payloads.iter().map(|p| text(dictionary(p), "PayloadType").unwrap()).collect();
    let order =
        ["com.apple.security.root", "com.apple.security.pkcs1", "com.apple.security.scep", "com.apple.mdm"];
    assert_eq!(kinds, order);
    let mut uuids: Vec<_> = payloads.iter().map(|p| text(dictionary(p), "PayloadUUID").unwrap()).collect();
    let mut identifiers: Vec<_> =
        payloads.iter().map(|p| text(dictionary(p), "PayloadIdentifier").unwrap()).collect();
    assert!(identifiers.iter().all(|i| i.starts_with("org.example.pomona.enroll.")));
    for list in [&mut uuids, &mut identifiers] {
        list.sort();
        list.dedup();
        assert_eq!(list.len(), 4);
    }
    for (payload, cert) in payloads.iter().zip([ca(), device()]) {
        assert_eq!(plist::data(dictionary(payload), "PayloadContent").unwrap(), Some(cert.der()));
    }

    let scep = plist::dictionary(dictionary(&payloads[2]), "PayloadContent").unwrap().unwrap();
    let wanted = [
        "URL",
        "Name",
        "Subject",
        "Challenge",
        "Keysize",
        "Key Type",
        "Key Usage",
        "Retries",
        "RetryDelay",
        "KeyIsExtractable",
        "CAFingerprint",
    ];
    assert_eq!(keys(scep), wanted);
    assert!(!text(scep, "URL").unwrap().contains('?'));
    assert_eq!(text(scep, "Key Type").as_deref(), Some("RSA"));
    assert_eq!(plist::integer(scep, "Key Usage").unwrap(), Some(5));
    assert_eq!(plist::integer(scep, "Keysize").unwrap(), Some(2048));
    assert_eq!(plist::boolean(scep, "KeyIsExtractable").unwrap(), Some(false));
    assert_eq!(text(scep, "Challenge").as_deref(), Some("sesame"));
    assert_eq!(plist::data(scep, "CAFingerprint").unwrap(), Some(&ca().fingerprint()[..]));
    let subject = format!("{:?}", plist::array(scep, "Subject").unwrap().unwrap());
    let pair = |a: &str, b: &str| format!("Array([Array([String({a:?}), String({b:?})])])");
    assert_eq!(subject, format!("[{}, {}]", pair("O", "Orchard"), pair("CN", "E-77")));

    let mdm = dictionary(&payloads[3]);
    let wanted = [
        "IdentityCertificateUUID",
        "Topic",
        "ServerURL",
        "CheckInURL",
        "SignMessage",
        "AccessRights",
        "CheckOutWhenRemoved",
        "ServerCapabilities",
    ];
    assert_eq!(keys(mdm), [&envelope[..], &wanted].concat());
    assert_eq!(text(mdm, "IdentityCertificateUUID"), text(dictionary(&payloads[2]), "PayloadUUID"));
    assert_eq!(plist::boolean(mdm, "SignMessage").unwrap(), Some(true));
    assert_eq!(plist::boolean(mdm, "CheckOutWhenRemoved").unwrap(), Some(true));
    assert_eq!(plist::integer(mdm, "AccessRights").unwrap(), Some(8191));
    assert_eq!(text(mdm, "ServerURL").as_deref(), Some("https://mdm.example.org/mdm"));
    assert_eq!(text(mdm, "CheckInURL"), text(mdm, "ServerURL"));
    assert_eq!(plist::array(mdm, "ServerCapabilities").unwrap().unwrap().len(), 2);
}

#[test]
fn the_same_enrollment_is_written_in_the_same_bytes() {
    assert_eq!(enrollment().to_xml(), enrollment().to_xml());
}

#[test]
fn an_enrollment_profile_is_a_profile() {
    let profile = profile::parse(enrollment().to_xml().expose()).unwrap();
    assert_eq!(profile.name, "Orchard Device Management");
    assert_eq!(profile.payloads.len(), 4);
}

#[test]
fn a_simulated_device_reads_what_the_server_ordered_signed_or_not() {
    let xml = enrollment().to_xml();
    let cert = certs_from_pem(include_str!("../vectors/dev-rsa.pem")).unwrap().remove(0);
    let key = PrivateKey::from_pkcs8(include_bytes!("../vectors/dev-rsa.pk8.der")).unwrap();
    let how = Signing {
        signer: &cert,
        key: &key,
        chain: &[],
        digest: Digest::Sha256,
        time: None,
        attributes: vec![],
        detached: false,
    };
    for file in [xml.expose().to_vec(), sign(xml.expose(), &how)] {
        let order = EnrollmentOrder::parse(&file).unwrap();
        let wanted = enrollment();
        assert_eq!((&order.identifier, &order.topic), (&wanted.identifier, &wanted.topic));
        assert_eq!((&order.server_url, &order.checkin_url), (&wanted.server_url, &wanted.server_url));
        assert_eq!((&order.scep_url, order.challenge), (&wanted.scep_url, Some(wanted.challenge)));
        assert_eq!((&order.subject_common_name, order.key_size), (&wanted.subject_common_name, 2048));
        assert_eq!((&order.roots, &order.server_capabilities), (&wanted.roots, &wanted.server_capabilities));
        assert!(order.check_out_when_removed);
    }
}

#[test]
fn an_order_that_a_device_cannot_follow_is_refused() {
    let xml = String::from_utf8(enrollment().to_xml().expose().to_vec()).unwrap();
    let table = [
        ("com.apple.security.scep", "com.apple.security.acme", "com.apple.security.scep payload"),
        ("<string>com.apple.mdm</string>", "<string>com.apple.vpn</string>", "com.apple.mdm payload"),
        ("<key>Topic</key>", "<key>Other</key>", "Topic is missing"),
        ("<key>ServerURL</key>", "<key>Other</key>", "ServerURL is missing"),
        ("<key>URL</key>", "<key>Other</key>", "URL is missing"),
        (
            "<key>SignMessage</key>\n\t\t\t<true/>",
            "<key>SignMessage</key>\n\t\t\t<false/>",
            "SignMessage is not true",
        ),
        ("<key>SignMessage</key>", "<key>Other</key>", "SignMessage is not true"),
        (
            "<key>IdentityCertificateUUID</key>\n\t\t\t<string>I-1",
            "<key>IdentityCertificateUUID</key>\n\t\t\t<string>X",
            "not that of the SCEP payload",
        ),
        ("<integer>2048</integer>", "<integer>-1</integer>", "Keysize is no size"),
        ("<integer>2048</integer>", "<string>2048</string>", "Keysize is not an integer"),
    ];
    for (from, to, wanted) in table {
        assert!(xml.contains(from), "{from}");
        let e = EnrollmentOrder::parse(xml.replace(from, to).as_bytes()).unwrap_err();
        assert!(e.reason.contains(wanted), "{wanted}: {e}");
    }
    let least = xml
        .replace("<key>CheckInURL</key>", "<key>Other</key>")
        .replace("<key>Keysize</key>", "<key>Size</key>");
    let order = EnrollmentOrder::parse(least.as_bytes()).unwrap();
    assert_eq!((order.checkin_url, order.key_size), (order.server_url, 1024));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn any_organization_and_challenge_arrive_as_they_are(organization in "[ -~\u{e9}\u{1f34e}]{1,40}", challenge in "[ -~]{1,60}") {
        let profile = EnrollmentProfile { organization, challenge: Secret::new(challenge.clone()), ..enrollment() };
        let order = EnrollmentOrder::parse(profile.to_xml().expose()).unwrap();
        prop_assert_eq!(order.challenge, Some(Secret::new(challenge)));
    }

    #[test]
    fn a_damaged_order_is_read_or_refused(damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut file = enrollment().to_xml().expose().to_vec();
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _ = EnrollmentOrder::parse(&file);
    }
}
