//! SCEP requests of people who want something else than a certificate.

use std::time::{Duration, Instant};

use pomona::wire::asn1::{self, oids, tag};
use pomona::wire::cms::{self, Cipher};
use pomona::wire::key::Digest;
use pomona::wire::scep::{self, FailInfo, MessageType, Reply};
use pomona::wire::x509::make_csr;

use super::keys::{NOW, dev_ec, fde, our_ca, self_signed};
use super::scep::{Client, RANDOM, signed_by};

#[test]
fn sc_updatereq_18() {
    let client = Client::new();
    let id = (asn1::dotted(oids::TRANSACTION_ID), asn1::string("T"));
    let kind = |text: &str| (asn1::dotted(oids::MESSAGE_TYPE), asn1::string(text));
    let read = |attributes| scep::parse_request(&signed_by(&client, attributes)).unwrap().0.message_type;
    for number in 0..=255 {
        let expected = match number {
            19 => MessageType::PkcsReq,
            17 => MessageType::RenewalReq,
            _ => MessageType::Other,
        };
        assert_eq!(read(vec![kind(&number.to_string()), id.clone()]), expected, "{number}");
    }
    for odd in ["", "19 ", " 19", "019", "+19", "1９", "19\0", "PKCSReq"] {
        assert_eq!(read(vec![kind(odd), id.clone()]), MessageType::Other, "{odd:?}");
    }
    assert_eq!(read(vec![id.clone()]), MessageType::Other, "no type at all");
    assert_eq!(read(vec![kind("19"), kind("17"), id.clone()]), MessageType::Other, "two types");
    assert_eq!(read(vec![kind("19"), kind("19"), id.clone()]), MessageType::Other, "one type twice");
    let number = (asn1::dotted(oids::MESSAGE_TYPE), asn1::uint(&[19]));
    assert_eq!(read(vec![number, id]), MessageType::Other, "a number instead of text");
}

#[test]
fn a_request_without_a_transaction_gets_no_reply() {
    let client = Client::new();
    let kind = (asn1::dotted(oids::MESSAGE_TYPE), asn1::string("19"));
    let id = |text: &str| (asn1::dotted(oids::TRANSACTION_ID), asn1::string(text));
    for attributes in [
        vec![kind.clone()],
        vec![kind.clone(), id("")],
        vec![kind.clone(), id(&"x".repeat(257))],
        vec![kind.clone(), id("a"), id("b")],
        vec![kind.clone(), id("a"), (asn1::dotted(oids::SENDER_NONCE), asn1::octets(&[0; 65]))],
    ] {
        assert!(scep::parse_request(&signed_by(&client, attributes)).is_err());
    }
    assert!(scep::parse_request(b"").is_err());
    assert!(scep::parse_request(&vec![0x30; 65 * 1024]).is_err(), "sc_oversize");
}

#[test]
fn a_request_whose_signature_does_not_hold_is_answered_all_the_same() {
    let client = Client::new();
    let mut body = client.request("19", &client.csr(), Cipher::Aes256);
    *body.last_mut().unwrap() ^= 1;
    let (request, holds) = scep::parse_request(&body).unwrap();
    assert!(!holds);
    assert_eq!(request.transaction_id, "T+/=1");
    let reply = scep::failure(&request, FailInfo::BadMessageCheck, "", client.by());
    assert!(matches!(client.read(&reply).unwrap(), Reply::Failed { info: Some(1), .. }));
}

#[test]
fn sc_bad_padding_uniform() {
    let client = Client::new();
    let (request, _) = scep::parse_request(&client.request("19", &client.csr(), Cipher::Aes128)).unwrap();
    assert_eq!(client.open(&request), Ok(Cipher::Aes128));
    let at = request.enveloped.windows(4).position(|window| window == [0x04, 0x82, 0x01, 0x00]).unwrap() + 4;
    let public = client.ca.public_key().unwrap();
    let with_transport = |bytes: &[u8]| {
        let mut other = request.clone();
        other.enveloped[at..at + 256].copy_from_slice(bytes);
        other
    };
    let noise = |seed: usize| -> Vec<u8> {
        let mut noise: Vec<u8> =
            (0..8).flat_map(|part| Digest::Sha256.of(&[seed as u8, (seed >> 8) as u8, part])).collect();
        noise[0] &= 0x1f;
        noise
    };
    let mut broken_content = request.clone();
    let last = broken_content.enveloped.len() - 1;
    broken_content.enveloped[last] ^= 0x80;
    let mut not_a_csr = request.clone();
    not_a_csr.enveloped = cms::encrypt(b"hello", &client.ca, Cipher::Aes128, &[5; 48]).unwrap();
    let mut bad_csr = client.csr();
    *bad_csr.last_mut().unwrap() ^= 1;
    let mut unsigned = request.clone();
    unsigned.enveloped = cms::encrypt(&bad_csr, &client.ca, Cipher::Aes128, &[5; 48]).unwrap();
    let mut nothing = request.clone();
    nothing.enveloped.clear();
    let table = [
        ("bad padding", with_transport(&noise(1))),
        ("a key of the wrong length", with_transport(&public.encrypt_pkcs1(&[1; 24]).unwrap())),
        ("another key", with_transport(&public.encrypt_pkcs1(&[1; 16]).unwrap())),
        ("broken content", broken_content),
        ("content that is no request", not_a_csr),
        ("a request whose signature does not hold", unsigned),
        ("nothing", nothing),
    ];
    for (name, bad) in &table {
        assert_eq!(client.open(bad), Err(FailInfo::BadMessageCheck), "{name}");
    }
    // Time: as good as the same for bad padding and for right padding around another key.
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..150 {
        let other_key = public.encrypt_pkcs1(&noise(round)[..16]).unwrap();
        for (which, transport) in [noise(round + 1000), other_key].into_iter().enumerate() {
            let bad = with_transport(&transport);
            let start = Instant::now();
            assert_eq!(client.open(&bad), Err(FailInfo::BadMessageCheck));
            times[which].push(start.elapsed());
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    };
    let [bad_padding, other_key] = &mut times;
    let ratio = median(bad_padding) / median(other_key);
    assert!((0.75..1.33).contains(&ratio), "bad padding takes {ratio:.2} times as long as another key");
}

#[test]
fn an_envelope_to_another_certificate_of_the_same_key_is_refused() {
    let client = Client::new();
    let (same_key, _) = fde();
    let mut request = scep::parse_request(&client.request("19", &client.csr(), Cipher::Aes128)).unwrap().0;
    request.enveloped = cms::encrypt(&client.csr(), &same_key, Cipher::Aes128, &[5; 48]).unwrap();
    assert_eq!(client.open(&request), Err(FailInfo::BadMessageCheck));
}

#[test]
fn sc_weak_key() {
    let client = Client::new();
    let body = asn1::sequence(&[
        &asn1::uint(&[]),
        &asn1::sequence(&[]),
        &asn1::sequence(&[
            &asn1::sequence(&[&asn1::oid(oids::RSA), &asn1::null()]),
            &asn1::tlv(
                tag::BITS,
                &[&[0], asn1::sequence(&[&asn1::uint(&[0xd5; 128]), &asn1::uint(&[1, 0, 1])]).as_slice()]
                    .concat(),
            ),
        ]),
        &asn1::context(0, &[]),
    ]);
    let csr = asn1::sequence(&[
        &body,
        &asn1::sequence(&[&asn1::oid(oids::RSA_SHA256), &asn1::null()]),
        &asn1::tlv(tag::BITS, &[0; 129]),
    ]);
    let (request, _) = scep::parse_request(&client.request("19", &csr, Cipher::Aes128)).unwrap();
    assert_eq!(client.open(&request), Err(FailInfo::BadAlg));
}

#[test]
fn a_signer_without_an_rsa_key_cannot_be_answered() {
    let (ca, ca_key) = our_ca();
    let key = dev_ec();
    let signer = self_signed("ec", &key);
    let csr = make_csr(&key, "device", Some("x"));
    let body =
        scep::make_request(&csr, &signer, &key, &ca, Cipher::Aes128, Digest::Sha256, "19", &RANDOM, "T", NOW)
            .unwrap();
    let (request, holds) = scep::parse_request(&body).unwrap();
    assert!(holds);
    assert_eq!(scep::open_request(&request, &ca, &ca_key, false, &[0; 32]).unwrap_err(), FailInfo::BadAlg);
}
