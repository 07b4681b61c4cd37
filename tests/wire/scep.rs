//! SCEP: requests of a real client read, our own both ways.

use pomona::wire::Malformed;
use pomona::wire::asn1::{self, oids, tag};
use pomona::wire::cms::{self, Cipher, Signing};
use pomona::wire::key::{Digest, PrivateKey};
use pomona::wire::scep::{self, FailInfo, MessageType, Reply, Replying, Request};
use pomona::wire::x509::{Cert, DraftProfile, issue, make_csr};

use super::keys::{NOW, dev_rsa, draft, our_ca, scep_ca, scep_client_key, self_signed, vector};

pub const RANDOM: [u8; 64] = {
    let mut bytes = [0; 64];
    let mut at = 0;
    while at < 64 {
        bytes[at] = (at as u8).wrapping_mul(37).wrapping_add(11);
        at += 1;
    }
    bytes
};

/// A device with its key, its self-signed certificate and its CA.
pub struct Client {
    pub key: PrivateKey,
    pub signer: Cert,
    pub ca: Cert,
    pub ca_key: PrivateKey,
}

impl Client {
    pub fn new() -> Self {
        let (ca, ca_key) = our_ca();
        let key = dev_rsa();
        let signer = self_signed("SCEP SIGNER", &key);
        Self { key, signer, ca, ca_key }
    }

    pub fn request(&self, kind: &str, csr: &[u8], cipher: Cipher) -> Vec<u8> {
        let Self { key, signer, ca, .. } = self;
        scep::make_request(csr, signer, key, ca, cipher, Digest::Sha256, kind, &RANDOM, "T+/=1", NOW).unwrap()
    }

    pub fn csr(&self) -> Vec<u8> {
        make_csr(&self.key, "device", Some("sesame"))
    }

    pub fn by(&self) -> Replying<'_> {
        Replying { ra: &self.ca, ra_key: &self.ca_key, now: NOW, random: &RANDOM }
    }

    pub fn read(&self, reply: &[u8]) -> Result<Reply, Malformed> {
        scep::read_reply(reply, "T+/=1", &RANDOM[..16], &self.ca, &self.signer, &self.key)
    }

    pub fn open(&self, request: &Request) -> Result<Cipher, FailInfo> {
        scep::open_request(request, &self.ca, &self.ca_key, false, &[9; 32]).map(|(_, cipher)| cipher)
    }
}

#[test]
fn sc_caps_bytes() {
    let without_sha512 = scep::CAPABILITIES.replace("SHA-512\n", "");
    assert_eq!(without_sha512, "Renewal\nSHA-1\nSHA-256\nAES\nDES3\nSCEPStandard\nPOSTPKIOperation");
    assert_eq!(without_sha512.len(), 60);
}

#[test]
fn sc_pkcsreq_golden() {
    let (ra, key) = scep_ca();
    let (request, holds) = scep::parse_request(vector!("scep_pkcsreq_scepclient-2.1.0.der")).unwrap();
    assert!(holds);
    assert_eq!(request.message_type, MessageType::PkcsReq);
    assert_eq!(request.transaction_id, "G9wml/6lwbaglEhiKbltGAh2aZQ=");
    assert_eq!(request.sender_nonce.len(), 16);
    assert_eq!(request.digest, Digest::Sha1);
    assert_eq!(request.signer.subject(), "CN=SCEP SIGNER,O=scep-client");
    let (csr, cipher) = scep::open_request(&request, &ra, &key, true, &[9; 32]).unwrap();
    assert_eq!(cipher, Cipher::Des);
    assert_eq!(csr.challenge(), Some("secret"));
    assert_eq!(csr.common_name().as_deref(), Some("scepclient"));
    assert_eq!(csr.public_der(), scep_client_key().public_der());
    let refused = scep::open_request(&request, &ra, &key, false, &[9; 32]).unwrap_err();
    assert_eq!(refused, FailInfo::BadAlg, "single DES is for tests");
}

#[test]
fn replies_of_a_real_server_are_read() {
    let (ca, _) = scep_ca();
    let key = scep_client_key();
    let (request, _) = scep::parse_request(vector!("scep_pkcsreq_scepclient-2.1.0.der")).unwrap();
    let read = |reply: &[u8]| {
        let said = cms::verify_attached(reply).unwrap();
        let text = |oid: &str| {
            let (_, der) = said.attributes.iter().find(|(name, _)| name == oid).unwrap();
            asn1::Der::new("test", der).any().unwrap().value.to_vec()
        };
        let transaction = String::from_utf8(text("2.16.840.1.113733.1.9.7")).unwrap();
        let nonce = text("2.16.840.1.113733.1.9.6");
        scep::read_reply(reply, &transaction, &nonce, &ca, &request.signer, &key).unwrap()
    };
    match read(vector!("scep_certrep_success.der")) {
        Reply::Issued(cert) => {
            assert!(cert.is_issued_by(&ca));
            assert_eq!(cert.public_der(), key.public_der());
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(read(vector!("scep_certrep_failure.der")), Reply::Failed { info: Some(2), .. }));
}

#[test]
fn a_device_gets_its_certificate_with_each_cipher() {
    let client = Client::new();
    for cipher in [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
        let (request, holds) = scep::parse_request(&client.request("19", &client.csr(), cipher)).unwrap();
        assert!(holds);
        let (csr, used) = scep::open_request(&request, &client.ca, &client.ca_key, false, &[3; 32]).unwrap();
        assert_eq!((csr.challenge(), used), (Some("sesame"), cipher));
        let identity = draft("3F2504E0", DraftProfile::DeviceIdentity);
        let issued = issue(&identity, csr.public_der(), Some(&client.ca), &client.ca_key).unwrap();
        let reply = scep::success(&request, used, &issued, client.by()).unwrap();
        let content = cms::verify_attached(&reply).unwrap().content.unwrap();
        assert_eq!(cms::cipher_of(&content).unwrap(), cipher, "the reply uses the request's cipher");
        match client.read(&reply).unwrap() {
            Reply::Issued(cert) => assert_eq!(cert, issued),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_failure_has_empty_content_and_echoes_the_transaction() {
    let client = Client::new();
    let (request, _) = scep::parse_request(&client.request("19", &client.csr(), Cipher::Aes256)).unwrap();
    let all = [
        FailInfo::BadAlg,
        FailInfo::BadMessageCheck,
        FailInfo::BadRequest,
        FailInfo::BadTime,
        FailInfo::BadCertId,
    ];
    for (digit, info) in all.into_iter().enumerate() {
        let reply = scep::failure(&request, info, "Not today – sorry", client.by());
        let signed = cms::verify_attached(&reply).unwrap();
        assert_eq!(signed.content.as_deref(), Some(&[] as &[u8]));
        assert!(reply.windows(4).any(|window| window == [0xa0, 0x02, 0x04, 0x00]));
        match client.read(&reply).unwrap() {
            Reply::Failed { info, text } => {
                assert_eq!(info, Some(digit as u8));
                assert_eq!(text.as_deref(), Some("Not today – sorry"));
            }
            other => panic!("{other:?}"),
        }
    }
    let silent = scep::failure(&request, FailInfo::BadRequest, "", client.by());
    assert!(matches!(client.read(&silent).unwrap(), Reply::Failed { text: None, .. }));
}

#[test]
fn replies_mirror_the_digest_but_never_sign_with_sha_1() {
    let client = Client::new();
    let (ra, ra_key) = scep_ca();
    let by = Replying { ra: &ra, ra_key: &ra_key, now: NOW, random: &RANDOM };
    let (old, _) = scep::parse_request(vector!("scep_pkcsreq_scepclient-2.1.0.der")).unwrap();
    let reply = scep::failure(&old, FailInfo::BadRequest, "", by);
    assert_eq!(cms::verify_attached(&reply).unwrap().digest, Digest::Sha256);
    for digest in [Digest::Sha256, Digest::Sha384, Digest::Sha512] {
        let Client { key, signer, ca, .. } = &client;
        let csr = client.csr();
        let body = scep::make_request(&csr, signer, key, ca, Cipher::Aes128, digest, "19", &RANDOM, "T", NOW)
            .unwrap();
        let (request, _) = scep::parse_request(&body).unwrap();
        let reply = scep::failure(&request, FailInfo::BadRequest, "", client.by());
        assert_eq!(cms::verify_attached(&reply).unwrap().digest, digest);
    }
}

#[test]
fn the_transaction_comes_back_byte_for_byte_whatever_its_string_type() {
    let client = Client::new();
    for (kind, id) in [
        (tag::PRINTABLE, "G9wml/6lwbaglEhiKbltGAh2aZQ="),
        (tag::PRINTABLE, "not_printable_by_the_book*"),
        (tag::UTF8, "Übergabe-1"),
        (tag::IA5, "a@b"),
    ] {
        let der = asn1::tlv(kind, id.as_bytes());
        let body = signed_by(
            &client,
            vec![
                (asn1::dotted(oids::MESSAGE_TYPE), asn1::string("19")),
                (asn1::dotted(oids::TRANSACTION_ID), der.clone()),
                (asn1::dotted(oids::SENDER_NONCE), asn1::octets(&[7; 16])),
            ],
        );
        let (request, holds) = scep::parse_request(&body).unwrap();
        assert!(holds);
        let reply =
            cms::verify_attached(&scep::failure(&request, FailInfo::BadRequest, "", client.by())).unwrap();
        assert!(reply.attributes.contains(&("2.16.840.1.113733.1.9.7".into(), der)));
        assert!(reply.attributes.contains(&("2.16.840.1.113733.1.9.6".into(), asn1::octets(&[7; 16]))));
    }
}

/// A message with these attributes and a proper envelope, signed by the client.
pub fn signed_by(client: &Client, attributes: Vec<(String, Vec<u8>)>) -> Vec<u8> {
    let envelope = cms::encrypt(&client.csr(), &client.ca, Cipher::Aes128, &[5; 48]).unwrap();
    let how = Signing {
        signer: &client.signer,
        key: &client.key,
        chain: &[],
        digest: Digest::Sha256,
        time: Some(NOW),
        attributes,
        detached: false,
    };
    cms::sign(&envelope, &how)
}

#[test]
fn sc_signer_key_differs() {
    // mdmb asks with one key for a certificate of another; the answer is for the key that asked.
    let client = Client::new();
    let other = scep_client_key();
    let csr = make_csr(&other, "device", Some("sesame"));
    let (request, _) = scep::parse_request(&client.request("19", &csr, Cipher::TripleDes)).unwrap();
    let (csr, cipher) = scep::open_request(&request, &client.ca, &client.ca_key, false, &[3; 32]).unwrap();
    assert_eq!(csr.public_der(), other.public_der());
    let identity = draft("x", DraftProfile::DeviceIdentity);
    let issued = issue(&identity, csr.public_der(), Some(&client.ca), &client.ca_key).unwrap();
    let reply = scep::success(&request, cipher, &issued, client.by()).unwrap();
    assert!(matches!(client.read(&reply).unwrap(), Reply::Issued(cert) if cert == issued));
    let with_csr_key = scep::read_reply(
        &reply,
        "T+/=1",
        &RANDOM[..16],
        &client.ca,
        &self_signed("SCEP SIGNER", &other),
        &other,
    );
    assert!(with_csr_key.is_err());
}

#[test]
fn a_device_does_not_take_a_reply_that_is_not_for_it() {
    let client = Client::new();
    let (request, cipher) = (
        scep::parse_request(&client.request("19", &client.csr(), Cipher::Aes128)).unwrap().0,
        Cipher::Aes128,
    );
    let issued = issue(
        &draft("x", DraftProfile::DeviceIdentity),
        &client.key.public_der(),
        Some(&client.ca),
        &client.ca_key,
    )
    .unwrap();
    let reply = scep::success(&request, cipher, &issued, client.by()).unwrap();
    let Client { ca, signer, key, .. } = &client;
    let nonce = &RANDOM[..16];
    assert!(scep::read_reply(&reply, "T+/=1", nonce, ca, signer, key).is_ok());
    assert!(scep::read_reply(&reply, "T+/=2", nonce, ca, signer, key).is_err(), "another transaction");
    assert!(scep::read_reply(&reply, "T+/=1", &[0; 16], ca, signer, key).is_err(), "another nonce");
    let (other_ca, other_ca_key) = scep_ca();
    assert!(scep::read_reply(&reply, "T+/=1", nonce, &other_ca, signer, key).is_err(), "another CA");
    let by = Replying { ra: &other_ca, ra_key: &other_ca_key, ..client.by() };
    let forged = scep::success(&request, cipher, &issued, by).unwrap();
    assert!(client.read(&forged).is_err(), "signed by somebody else");
    assert!(client.read(&client.request("19", &client.csr(), cipher)).is_err(), "our own request");
}

#[test]
fn sc_get_plus() {
    let message = vector!("scep_pkcsreq_scepclient-2.1.0.der");
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    let text = STANDARD.encode(message);
    assert!(text.contains('+') && text.contains('/'));
    let spellings = [
        text.clone(),
        text.replace('=', "%3D"),
        text.replace('=', "%3d").replace('+', "%2B").replace('/', "%2F"),
        text.replace('+', "%20"),
        STANDARD_NO_PAD.encode(message),
        URL_SAFE.encode(message),
        URL_SAFE_NO_PAD.encode(message),
        text.as_bytes().chunks(64).map(|line| format!("{}%0A", std::str::from_utf8(line).unwrap())).collect(),
    ];
    for spelling in spellings {
        for query in [
            format!("operation=PKIOperation&message={spelling}"),
            format!("message={spelling}&operation=PKIOperation"),
        ] {
            assert_eq!(scep::message_from_query(&query).unwrap(), message);
        }
    }
    for bad in [
        "operation=PKIOperation",
        "",
        "message=%",
        "message=%4",
        "message=%zz",
        "message=a*b",
        "message=AAAA&message=AAAA",
        "xmessage=AAAA",
    ] {
        assert!(scep::message_from_query(bad).is_err(), "{bad}");
    }
    let long = format!("message={}", "A".repeat(90_000));
    assert!(scep::message_from_query(&long).is_err());
    assert!(scep::message_from_query("message=").unwrap().is_empty());
}
