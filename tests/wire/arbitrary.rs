//! No bytes, however made, do more to a parser than be refused.

use proptest::collection::vec;
use proptest::prelude::*;

use pomona::wire::Secret;
use pomona::wire::asn1::{self, Der};
use pomona::wire::cms::{self, ber};
use pomona::wire::key::{PrivateKey, PublicKey};
use pomona::wire::x509::{Cert, Csr, certs_from_pem, make_csr};
use pomona::wire::{pem, pkcs12, scep};

use super::keys::{BODY, dev_ec, fde, scep_ca, vector};

/// Every parser over the same bytes; what they say does not matter.
fn feed(bytes: &[u8]) {
    let (cert, key) = fde();
    let _ = cms::verify_detached(bytes, BODY);
    let _ = cms::verify_attached(bytes);
    let _ = cms::certificates(bytes);
    let _ = cms::decrypt(bytes, &cert, &key, true, &[1; 32]);
    let _ = ber::normalize(bytes);
    if let Ok(cert) = Cert::parse(bytes) {
        let _ = (cert.subject(), cert.common_name(), cert.hosts(), cert.serial_hex(), format!("{cert:?}"));
        let _ = cert.is_issued_by(&cert);
    }
    let _ = Csr::examine(bytes);
    let _ = PrivateKey::from_pkcs8(bytes);
    let _ = PublicKey::from_der(bytes).map(|key| key.weakness());
    let _ = scep::parse_request(bytes);
    let _ = pkcs12::open(bytes, &Secret::from("x".to_string()));
    let _ = pkcs12::open_key(bytes, &Secret::from("x".to_string()));
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = (pem::blocks(text), certs_from_pem(text), PrivateKey::from_pem(text));
        let _ = scep::message_from_query(text);
    }
}

/// Real messages of every kind.
fn seeds() -> Vec<Vec<u8>> {
    vec![
        vector!("sig_rsa_sha256_detached.der").to_vec(),
        vector!("sig_ec_sha256_detached.der").to_vec(),
        vector!("sig_rsa_sha256_attached_BER.der").to_vec(),
        vector!("sig_rsa_sha256_noattr.der").to_vec(),
        vector!("fde_cms_3des.der").to_vec(),
        vector!("fde_cms_aes256_BER.der").to_vec(),
        vector!("scep_pkcsreq_scepclient-2.1.0.der").to_vec(),
        fde().0.der().to_vec(),
        make_csr(&dev_ec(), "x", Some("y")),
        vector!("dev-rsa.pk8.der").to_vec(),
        vector!("dev-ec.pk8.der").to_vec(),
        vector!("ca.pem").to_vec(),
    ]
}

/// One change to a message.
#[derive(Debug, Clone)]
enum Change {
    Set(usize, u8),
    Flip(usize, u8),
    Remove(usize, usize),
    Insert(usize, Vec<u8>),
    Repeat(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = 0usize..1 << 20;
    prop_oneof![
        (at.clone(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (at.clone(), 0u8..8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (at.clone(), 1usize..40).prop_map(|(at, count)| Change::Remove(at, count)),
        (at.clone(), vec(any::<u8>(), 1..20)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (at, 1usize..200).prop_map(|(at, count)| Change::Repeat(at, count)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let length = bytes.len().max(1);
        match change {
            Change::Set(at, byte) => {
                if let Some(place) = bytes.get_mut(at % length) {
                    *place = *byte;
                }
            }
            Change::Flip(at, bit) => {
                if let Some(place) = bytes.get_mut(at % length) {
                    *place ^= 1 << bit;
                }
            }
            Change::Remove(at, count) => {
                let from = (at % length).min(bytes.len());
                let to = (from + count).min(bytes.len());
                bytes.drain(from..to);
            }
            Change::Insert(at, more) => {
                let from = (at % length).min(bytes.len());
                bytes.splice(from..from, more.iter().copied());
            }
            Change::Repeat(at, count) => {
                let from = (at % length).min(bytes.len());
                let to = (from + count).min(bytes.len());
                let part = bytes[from..to].to_vec();
                bytes.splice(to..to, part);
            }
        }
    }
    bytes
}

/// Nested elements of random kinds: closer to a message than random bytes are.
fn nested() -> impl Strategy<Value = Vec<u8>> {
    let tag = prop_oneof![
        Just(0x02u8),
        Just(0x03),
        Just(0x04),
        Just(0x05),
        Just(0x06),
        Just(0x13),
        Just(0x17),
        Just(0x80)
    ];
    let leaf = (tag, vec(any::<u8>(), 0..12)).prop_map(|(tag, content)| asn1::tlv(tag, &content));
    leaf.prop_recursive(6, 48, 6, |inner| {
        let tag = prop_oneof![Just(0x30u8), Just(0x31), Just(0xa0), Just(0xa1), Just(0x24)];
        (tag, vec(inner, 0..6), any::<bool>()).prop_map(|(tag, children, endless)| {
            let content = children.concat();
            if endless {
                [&[tag, 0x80], content.as_slice(), &[0, 0]].concat()
            } else {
                asn1::tlv(tag, &content)
            }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_only_refused(bytes in vec(any::<u8>(), 0..600)) {
        feed(&bytes);
    }

    #[test]
    fn arbitrary_text_is_only_refused(text in "(-----(BEGIN|END) [A-Z ]{0,20}-----|message=|[A-Za-z0-9+/=%&\n]{0,40}){0,12}") {
        feed(text.as_bytes());
    }

    #[test]
    fn arbitrary_elements_are_only_refused(bytes in nested()) {
        feed(&bytes);
    }

    #[test]
    fn normalized_bytes_are_der_and_stay_as_they_are(bytes in nested()) {
        if let Ok(once) = ber::normalize(&bytes) {
            prop_assert!(Der::new("test", &once).any().is_ok());
            prop_assert_eq!(&ber::normalize(&once).unwrap(), &once);
        }
    }

    #[test]
    fn changed_messages_never_verify_for_another_key(which in 0usize..12, changes in vec(change(), 1..4)) {
        let seed = seeds().swap_remove(which);
        let bytes = changed(seed.clone(), &changes);
        feed(&bytes);
        if let Ok(signed) = cms::verify_detached(&bytes, BODY) {
            let original = cms::verify_detached(&seed, BODY).unwrap();
            prop_assert_eq!(signed.signer.public_der(), original.signer.public_der());
            prop_assert!(signed.content.is_none_or(|content| content == BODY));
            let mut attributes = [signed.attributes, original.attributes];
            attributes.iter_mut().for_each(|all| all.sort());
            prop_assert_eq!(&attributes[0], &attributes[1]);
        }
    }

    #[test]
    fn changed_scep_requests_never_verify_with_other_content(changes in vec(change(), 1..3)) {
        let seed = vector!("scep_pkcsreq_scepclient-2.1.0.der");
        if let Ok((request, true)) = scep::parse_request(&changed(seed.to_vec(), &changes)) {
            let (original, _) = scep::parse_request(seed).unwrap();
            prop_assert_eq!(request.enveloped, original.enveloped);
            prop_assert_eq!(request.transaction_id, original.transaction_id);
            prop_assert_eq!(request.signer.public_der(), original.signer.public_der());
        }
    }

    #[test]
    fn whatever_text_is_sent_as_a_message_comes_back_from_the_query(bytes in vec(any::<u8>(), 0..300)) {
        use base64::Engine;
        let text = base64::engine::general_purpose::STANDARD.encode(&bytes);
        prop_assert_eq!(scep::message_from_query(&format!("a=b&message={text}")).unwrap(), bytes);
    }

    #[test]
    fn what_is_encrypted_comes_back(content in vec(any::<u8>(), 0..300), random in any::<[u8; 32]>(), more in any::<[u8; 16]>()) {
        let (cert, key) = scep_ca();
        let mut all = [0; 48];
        all[..32].copy_from_slice(&random);
        all[32..].copy_from_slice(&more);
        let message = cms::encrypt(&content, &cert, cms::Cipher::Aes256, &all).unwrap();
        let (opened, _) = cms::decrypt(&message, &cert, &key, false, &[1; 32]).unwrap();
        prop_assert_eq!(opened.expose(), content);
    }

    #[test]
    fn object_identifiers_survive_their_text(arcs in vec(any::<u32>(), 0..8), first in 0u64..3, second in 0u64..40) {
        let mut text = format!("{first}.{second}");
        arcs.iter().for_each(|arc| text.push_str(&format!(".{arc}")));
        prop_assert_eq!(asn1::dotted(&asn1::undotted(&text).unwrap()), text);
    }

    #[test]
    fn moments_survive_their_text(moment in -62_167_219_200i64..253_402_300_799) {
        let der = asn1::utc_or_generalized(moment);
        prop_assert_eq!(Der::new("test", &der).time().unwrap(), moment);
    }

    #[test]
    fn integers_survive_their_encoding(bytes in vec(any::<u8>(), 0..20)) {
        let der = asn1::uint(&bytes);
        let kept: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
        let expected = if kept.is_empty() { vec![0] } else { kept };
        prop_assert_eq!(Der::new("test", &der).magnitude().unwrap(), expected);
    }
}

#[test]
fn object_identifiers_that_are_none_are_told() {
    for bad in ["", "1", "3.1", "1.40", "1.2.x", "1..2", "1.2.99999999999999999999"] {
        assert_eq!(asn1::undotted(bad), None, "{bad}");
    }
    assert_eq!(asn1::dotted(&[]), "?");
    assert_eq!(asn1::dotted(&[0x2a, 0x80]), "?");
    assert_eq!(asn1::dotted(&[0xff; 12]), "?");
}

#[test]
fn moments_that_are_none_are_refused() {
    for bad in [
        b"\x17\x0d261324000000Z".as_slice(),
        b"\x17\x0d260230000000Z",
        b"\x17\x0d261124240000Z",
        b"\x17\x0d2611240000000",
        b"\x17\x11261124000000+0100",
        b"\x18\x0f20261124006000Z",
        b"\x18\x1020261124000000.Z",
        b"\x17\x00",
        b"\x13\x0d261124000000Z",
    ] {
        assert!(Der::new("test", bad).time().is_err(), "{bad:?}");
    }
    assert_eq!(Der::new("test", b"\x17\x0b7001010000Z").time().unwrap(), 0);
    assert_eq!(Der::new("test", b"\x18\x1219700101000001.25Z").time().unwrap(), 1);
    assert_eq!(Der::new("test", b"\x18\x0f20240229235960Z").time().unwrap(), 1_709_251_199);
}
