//! CMS: messages as real senders make them, and messages nobody should make.

use std::time::Duration;

use pomona::wire::asn1;
use pomona::wire::cms::{self, Cipher, Signing};
use pomona::wire::key::{Digest, PrivateKey};
use pomona::wire::x509::DraftProfile;

use super::keys::{
    BODY, NOW, dev_ec, dev_rsa, fde, first, issued, our_ca, reason, self_signed, shortest, vector,
};

#[test]
fn id_sig_sha1() {
    let signed = cms::verify_detached(vector!("sig_rsa_sha1_detached.der"), BODY).unwrap();
    assert_eq!(signed.digest, Digest::Sha1);
    assert_eq!(signed.signer.common_name().as_deref(), Some("dev-rsa"));
    assert_eq!(signed.content, None);
}

#[test]
fn id_sig_sha256() {
    let signed = cms::verify_detached(vector!("sig_rsa_sha256_detached.der"), BODY).unwrap();
    assert_eq!(signed.digest, Digest::Sha256);
    let ca = first(include_str!("../vectors/ca.pem"));
    assert!(signed.signer.is_issued_by(&ca));
    assert!(signed.attributes.iter().any(|(oid, _)| oid == "1.2.840.113549.1.9.5"), "signingTime is told");
}

#[test]
fn id_sig_ec() {
    let signed = cms::verify_detached(vector!("sig_ec_sha256_detached.der"), BODY).unwrap();
    assert_eq!(signed.signer.common_name().as_deref(), Some("dev-ec"));
}

#[test]
fn id_sig_noattr() {
    let signed = cms::verify_detached(vector!("sig_rsa_sha256_noattr.der"), BODY).unwrap();
    assert!(signed.attributes.is_empty());
}

#[test]
fn id_sig_attached() {
    for message in [vector!("sig_rsa_sha256_attached.der"), vector!("sig_rsa_sha256_attached_BER.der")] {
        assert_eq!(cms::verify_detached(message, BODY).unwrap().content.as_deref(), Some(BODY));
        assert_eq!(cms::verify_attached(message).unwrap().content.as_deref(), Some(BODY));
        let other = BODY.to_ascii_uppercase();
        assert_eq!(reason(cms::verify_detached(message, &other)), "the embedded content is not the body");
    }
}

#[test]
fn id_sig_tampered() {
    let all = [
        vector!("sig_rsa_sha1_detached.der"),
        vector!("sig_rsa_sha256_detached.der"),
        vector!("sig_ec_sha256_detached.der"),
        vector!("sig_rsa_sha256_noattr.der"),
        vector!("sig_rsa_sha256_attached.der"),
    ];
    for message in all {
        for at in [0, BODY.len() / 2, BODY.len() - 1] {
            let mut body = BODY.to_vec();
            body[at] ^= 1;
            assert!(cms::verify_detached(message, &body).is_err());
        }
        assert!(cms::verify_detached(message, b"").is_err());
        let mut signature = message.to_vec();
        *signature.last_mut().unwrap() ^= 1;
        assert!(cms::verify_detached(&signature, BODY).is_err(), "one bit of the signature");
    }
}

#[test]
fn cm_fde_decrypt() {
    let (cert, key) = fde();
    let expected = include_str!("../vectors/prk.txt");
    for (message, with) in [
        (vector!("fde_cms_3des.der"), Cipher::TripleDes),
        (vector!("fde_cms_aes256_BER.der"), Cipher::Aes256),
    ] {
        let (recovery, cipher) = cms::decrypt(message, &cert, &key, false, &[7; 32]).unwrap();
        assert_eq!(recovery.expose_str(), Some(expected));
        assert_eq!(cipher, with);
    }
}

#[test]
fn id_sig_oversize() {
    for nested in [[0x30, 0x80].repeat(10_000), [0x24, 0x80].repeat(10_000), [0xa0, 0x80].repeat(32_000)] {
        let took = shortest(|| {
            assert_eq!(reason(cms::verify_detached(&nested, BODY)), "nested deeper than 32");
        });
        assert!(took < Duration::from_millis(10), "{took:?}");
    }
    let wide = asn1::sequence(&[&[5, 0].repeat(10_000)]);
    let took = shortest(|| assert_eq!(reason(cms::verify_detached(&wide, BODY)), "too many elements"));
    assert!(took < Duration::from_millis(10), "{took:?}");
    for huge in [
        [0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0, 0].as_slice(),
        [0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff].as_slice(),
        [0x30, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0].as_slice(),
        [0x30, 0x82, 0xff].as_slice(),
        [0x24, 0x80, 0x04].as_slice(),
        [0x04, 0x80, 0, 0].as_slice(),
        [0x30].as_slice(),
        [].as_slice(),
    ] {
        assert!(cms::verify_detached(huge, BODY).is_err());
    }
}

#[test]
fn every_beginning_of_a_message_is_refused() {
    for message in [vector!("sig_rsa_sha256_detached.der"), vector!("sig_rsa_sha256_attached_BER.der")] {
        for end in 0..message.len() {
            assert!(cms::verify_detached(&message[..end], BODY).is_err(), "{end} bytes");
        }
        let longer = [message, &[0]].concat();
        assert!(cms::verify_detached(&longer, BODY).is_err(), "a byte after the end");
    }
}

#[test]
fn what_we_sign_verifies_with_each_key_and_digest() {
    let rsa = dev_rsa();
    let keys = [rsa, dev_ec(), PrivateKey::generate_p256()];
    for key in &keys {
        let signer = issued("signer", DraftProfile::Signer, key);
        let (ca, _) = our_ca();
        let chain = [ca];
        for digest in [Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512] {
            for detached in [false, true] {
                let how = Signing {
                    signer: &signer,
                    key,
                    chain: &chain,
                    digest,
                    time: Some(NOW),
                    attributes: vec![("1.2.3.4".into(), asn1::octets(b"more"))],
                    detached,
                };
                let message = cms::sign(BODY, &how);
                let signed = cms::verify_detached(&message, BODY).unwrap();
                assert_eq!(signed.signer, signer);
                assert_eq!(signed.certificates, [signer.clone(), chain[0].clone()]);
                assert_eq!(signed.digest, key.signs_with(digest).digest());
                assert_ne!(signed.digest, Digest::Sha1, "nothing new is signed with SHA-1");
                assert_eq!(signed.content.is_none(), detached);
                assert!(signed.attributes.contains(&("1.2.3.4".into(), asn1::octets(b"more"))));
            }
        }
    }
}

#[test]
fn a_signing_time_after_2049_is_a_generalized_time() {
    let key = dev_rsa();
    let signer = self_signed("signer", &key);
    let far = 4_102_444_800;
    let how = Signing {
        signer: &signer,
        key: &key,
        chain: &[],
        digest: Digest::Sha256,
        time: Some(far),
        attributes: vec![],
        detached: true,
    };
    let signed = cms::verify_detached(&cms::sign(b"x", &how), b"x").unwrap();
    let (_, value) = signed.attributes.iter().find(|(oid, _)| oid == "1.2.840.113549.1.9.5").unwrap();
    assert_eq!(value.as_slice(), b"\x18\x0f21000101000000Z");
}

#[test]
fn a_degenerate_message_only_carries_certificates() {
    let (ca, _) = our_ca();
    let leaf = issued("leaf", DraftProfile::DeviceIdentity, &dev_rsa());
    let message = cms::degenerate(&[leaf.clone(), ca.clone()]);
    assert_eq!(cms::certificates(&message).unwrap(), [leaf, ca]);
    assert!(cms::verify_attached(&message).is_err(), "nobody signed it");
    assert!(cms::certificates(&cms::degenerate(&[])).unwrap().is_empty());
}

#[test]
fn what_we_encrypt_opens_with_each_cipher() {
    let (cert, key) = fde();
    let random: [u8; 48] = core::array::from_fn(|at| at as u8 * 5 + 3);
    for cipher in [Cipher::Des, Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
        for content in [b"".as_slice(), b"seven b", b"eight by", &[b'x'; 100_000]] {
            let message = cms::encrypt(content, &cert, cipher, &random).unwrap();
            let (opened, with) = cms::decrypt(&message, &cert, &key, true, &[7; 32]).unwrap();
            assert_eq!((opened.expose(), with), (content, cipher));
            assert_eq!(cms::cipher_of(&message).unwrap(), cipher);
        }
    }
    let message = cms::encrypt(b"x", &cert, Cipher::Des, &random).unwrap();
    assert_eq!(reason(cms::decrypt(&message, &cert, &key, false, &[7; 32])), "single DES is not accepted");
    let ec = self_signed("ec", &dev_ec());
    assert!(cms::encrypt(b"x", &ec, Cipher::Aes128, &random).is_err(), "only RSA keys can be encrypted to");
}

#[test]
fn an_envelope_for_somebody_else_is_refused_before_the_key_is_used() {
    let (cert, key) = fde();
    let other = self_signed("other", &dev_rsa());
    let message = cms::encrypt(b"x", &other, Cipher::Aes128, &[1; 48]).unwrap();
    let refusal = reason(cms::decrypt(&message, &cert, &key, false, &[7; 32]));
    assert_eq!(refusal, "not addressed to this certificate");
}

#[test]
fn a_wrong_content_key_fails_as_wrong_content_does() {
    let (cert, key) = fde();
    let random: [u8; 48] = core::array::from_fn(|at| at as u8 * 5 + 3);
    let good = cms::encrypt(&[b'x'; 64], &cert, Cipher::Aes128, &random).unwrap();
    let public = cert.public_key().unwrap();
    let find = |what: &[u8]| good.windows(what.len()).position(|window| window == what).unwrap();
    // The key transport is the only OCTET STRING of 256 bytes.
    let transport = find(&[0x04, 0x82, 0x01, 0x00]) + 4;
    let with_transport = |bytes: &[u8]| {
        let mut message = good.clone();
        message[transport..transport + 256].copy_from_slice(bytes);
        message
    };
    let content = good.len() - 80;
    let mut other_content = good.clone();
    other_content[content + 70] ^= 0x55;
    let table = [
        ("noise as key transport", with_transport(&[0x17; 256])),
        ("zero as key transport", with_transport(&[0; 256])),
        ("more than the modulus", with_transport(&[0xff; 256])),
        ("a key too short", with_transport(&public.encrypt_pkcs1(&[5; 15]).unwrap())),
        ("a key too long", with_transport(&public.encrypt_pkcs1(&[5; 32]).unwrap())),
        ("an empty key", with_transport(&public.encrypt_pkcs1(&[]).unwrap())),
        ("another key", with_transport(&public.encrypt_pkcs1(&[5; 16]).unwrap())),
        ("other content", other_content),
    ];
    for (name, message) in table {
        let refusal = reason(cms::decrypt(&message, &cert, &key, false, &[7; 32]));
        assert_eq!(refusal, "the content cannot be decrypted", "{name}");
    }
}
