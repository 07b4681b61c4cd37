//! Configuration profiles as people import them.

use super::plist::{document, read};
use pomona::wire::cms::{Signing, sign};
use pomona::wire::key::{Digest, PrivateKey};
use pomona::wire::plist::to_binary;
use pomona::wire::profile::parse;
use pomona::wire::x509::{Cert, certs_from_pem};
use proptest::prelude::*;

const BODY: &str = "<dict>\
    <key>PayloadType</key><string>Configuration</string><key>PayloadVersion</key><integer>1</integer>\
    <key>PayloadIdentifier</key><string>org.example.wifi</string><key>PayloadUUID</key><string>U-1</string>\
    <key>PayloadDisplayName</key><string>Wi-Fi</string><key>PayloadOrganization</key><string>Orchard</string>\
    <key>PayloadDescription</key><string>The office</string><key>PayloadRemovalDisallowed</key><true/>\
    <key>PayloadContent</key><array>\
    <dict><key>PayloadType</key><string>com.apple.wifi.managed</string>\
    <key>PayloadDisplayName</key><string>Office</string><key>SSID_STR</key><string>orchard</string></dict>\
    <dict><key>PayloadType</key><string>com.apple.security.root</string></dict></array></dict>";

fn signer() -> (Cert, PrivateKey) {
    let cert = certs_from_pem(include_str!("../vectors/dev-rsa.pem")).unwrap().remove(0);
    (cert, PrivateKey::from_pkcs8(include_bytes!("../vectors/dev-rsa.pk8.der")).unwrap())
}

pub fn signed(content: &[u8]) -> Vec<u8> {
    let (signer, key) = signer();
    let how = Signing {
        signer: &signer,
        key: &key,
        chain: &[],
        digest: Digest::Sha256,
        time: Some(1_795_000_000),
        attributes: vec![],
        detached: false,
    };
    sign(content, &how)
}

#[test]
fn a_profile_tells_what_it_is_in_every_form_it_comes_in() {
    let xml = document(BODY);
    let binary = to_binary(&read(&xml));
    for (file, plain, is_signed) in [
        (xml.clone(), &xml, false),
        (binary.clone(), &binary, false),
        (signed(&xml), &xml, true),
        (signed(&binary), &binary, true),
    ] {
        let profile = parse(&file).unwrap();
        assert_eq!(profile.identifier, "org.example.wifi");
        assert_eq!((profile.uuid.as_str(), profile.name.as_str()), ("U-1", "Wi-Fi"));
        assert_eq!(
            (profile.description.as_str(), profile.organization.as_deref()),
            ("The office", Some("Orchard"))
        );
        assert!(profile.removal_disallowed);
        let payloads: Vec<_> =
            profile.payloads.iter().map(|(kind, name)| (kind.as_str(), name.as_str())).collect();
        let root = "com.apple.security.root";
        assert_eq!(payloads, [("com.apple.wifi.managed", "Office"), (root, root)]);
        assert_eq!(&profile.plain, plain);
        assert_eq!(profile.signer.is_some(), is_signed);
        if is_signed {
            assert_eq!(profile.signer.unwrap(), signer().0);
        }
    }
}

#[test]
fn a_profile_needs_little_and_is_named_by_its_identifier_if_by_nothing_else() {
    let least = "<dict><key>PayloadType</key><string>Configuration</string>\
        <key>PayloadIdentifier</key><string>org.a</string><key>PayloadUUID</key><string>U</string>\
        <key>PayloadContent</key><array/></dict>";
    let profile = parse(&document(least)).unwrap();
    assert_eq!((profile.name.as_str(), profile.description.as_str()), ("org.a", ""));
    assert!(!profile.removal_disallowed && profile.payloads.is_empty());
}

#[test]
fn what_is_no_profile_is_refused_in_words() {
    let swap = |from: &str, to: &str| document(&BODY.replace(from, to));
    let table: Vec<(Vec<u8>, &str)> = vec![
        (swap("<string>Configuration</string>", "<string>Profile Service</string>"), "not Configuration"),
        (swap("<key>PayloadIdentifier</key>", "<key>Other</key>"), "PayloadIdentifier is missing"),
        (swap("<key>PayloadUUID</key>", "<key>Other</key>"), "PayloadUUID is missing"),
        (swap("<key>PayloadContent</key>", "<key>Other</key>"), "PayloadContent is missing"),
        (swap("<key>PayloadContent</key>", "<key>EncryptedPayloadContent</key>"), "encrypted for one device"),
        (swap("<string>com.apple.security.root</string>", "<string/>"), "PayloadType is missing"),
        (swap("<string>U-1</string>", "<integer>1</integer>"), "PayloadUUID is not a string"),
        (
            document("<dict><key>RequestType</key><string>DeviceLock</string></dict>"),
            "PayloadType is missing",
        ),
        (document("<array/>"), "not a dictionary"),
        (b"PK\x03\x04".to_vec(), "text between elements"),
        (vec![], "text between elements"),
        (vec![b' '; (16 << 20) + 1], "larger than"),
    ];
    for (file, wanted) in table {
        let e = parse(&file).unwrap_err();
        assert!(e.reason.contains(wanted), "{wanted}: {e}");
    }
    let long = format!("<string>{}</string>", "n".repeat(1025));
    assert!(parse(&swap("<string>Wi-Fi</string>", &long)).unwrap_err().reason.contains("longer than"));
}

#[test]
fn a_signature_that_does_not_fit_is_refused() {
    let mut file = signed(&document(BODY));
    let at = file.windows(6).position(|w| w == b"Office").unwrap();
    file[at] = b'o';
    assert_eq!(parse(&file).unwrap_err().format, "cms");
    assert!(parse(&file[..file.len() - 1]).is_err());
    assert!(parse(&signed(b"not a profile")).is_err());
    assert!(parse(include_bytes!("../vectors/fde_cms_3des.der")).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes);
        let _ = parse(&[&[0x30][..], &bytes].concat());
    }

    #[test]
    fn a_damaged_profile_is_read_or_refused(damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut file = document(BODY);
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Ok(profile) = parse(&file) {
            prop_assert_eq!(profile.plain, file);
        }
    }
}
