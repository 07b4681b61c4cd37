//! Signed messages that nobody should make.

use std::time::Duration;

use pomona::wire::asn1::{self, oids, tag};
use pomona::wire::cms;
use pomona::wire::key::{Digest, PrivateKey};
use pomona::wire::x509::{Cert, DraftProfile};

use super::keys::{BODY, dev_rsa, issued, our_ca, reason, scep_client_key, shortest};

/// The parts of a SignedData over BODY, to be put together wrongly.
struct Parts {
    signer: Cert,
    key: PrivateKey,
    attributes: Vec<Vec<u8>>,
    content_type: &'static [u8],
    by_key_id: bool,
    sort: bool,
}

fn attribute(oid: &[u8], values: &[&[u8]]) -> Vec<u8> {
    asn1::sequence(&[&asn1::oid(oid), &asn1::set(values)])
}

impl Parts {
    fn good() -> Self {
        let key = dev_rsa();
        Self {
            signer: issued("device", DraftProfile::DeviceIdentity, &key),
            key,
            attributes: vec![
                attribute(oids::CONTENT_TYPE, &[&asn1::oid(oids::DATA)]),
                attribute(oids::MESSAGE_DIGEST, &[&asn1::octets(&Digest::Sha256.of(BODY))]),
            ],
            content_type: oids::DATA,
            by_key_id: false,
            sort: true,
        }
    }

    fn signer_info(&self) -> Vec<u8> {
        let attributes =
            if self.sort { asn1::set_of(self.attributes.clone()) } else { self.attributes.concat() };
        let who = if self.by_key_id {
            asn1::primitive(0, self.signer.subject_key_id().unwrap())
        } else {
            asn1::sequence(&[self.signer.issuer_der(), &asn1::integer(self.signer.serial())])
        };
        let signature = self.key.sign(Digest::Sha256, &asn1::tlv(tag::SET, &attributes));
        asn1::sequence(&[
            &asn1::uint(&[1]),
            &who,
            &asn1::sequence(&[&asn1::oid(oids::SHA256), &asn1::null()]),
            &asn1::context(0, &attributes),
            &asn1::sequence(&[&asn1::oid(oids::RSA), &asn1::null()]),
            &asn1::octets(&signature),
        ])
    }

    fn with(&self, certificates: &[&[u8]], signers: &[Vec<u8>]) -> Vec<u8> {
        let body = asn1::sequence(&[
            &asn1::uint(&[1]),
            &asn1::set(&[&asn1::sequence(&[&asn1::oid(oids::SHA256)])]),
            &asn1::sequence(&[&asn1::oid(self.content_type)]),
            &asn1::context(0, &certificates.concat()),
            &asn1::set(&[&signers.concat()]),
        ]);
        asn1::sequence(&[&asn1::oid(oids::SIGNED_DATA), &asn1::context(0, &body)])
    }

    fn message(&self) -> Vec<u8> {
        self.with(&[self.signer.der()], &[self.signer_info()])
    }
}

#[test]
fn a_message_put_together_by_hand_verifies() {
    let mut parts = Parts::good();
    cms::verify_detached(&parts.message(), BODY).unwrap();
    parts.by_key_id = true;
    cms::verify_detached(&parts.message(), BODY).unwrap();
}

#[test]
fn attributes_signed_in_the_order_sent_verify_whether_sorted_or_not() {
    let mut parts = Parts::good();
    parts.sort = false;
    parts.attributes.reverse();
    cms::verify_detached(&parts.message(), BODY).unwrap();
    // Signed sorted, sent reversed.
    let sorted = Parts::good();
    let sent = asn1::context(0, &asn1::set_of(sorted.attributes.clone()));
    let mut other_order = asn1::set_of(sorted.attributes.clone());
    let half = sorted.attributes.iter().map(Vec::len).min().unwrap();
    other_order.rotate_left(half);
    let message = sorted.message();
    let at = message.windows(sent.len()).position(|window| window == sent).unwrap();
    let mut message = message;
    message.splice(at..at + sent.len(), asn1::context(0, &other_order));
    cms::verify_detached(&message, BODY).unwrap();
}

#[test]
fn id_sig_two_signers() {
    let parts = Parts::good();
    let twice = parts.with(&[parts.signer.der()], &[parts.signer_info(), parts.signer_info()]);
    assert_eq!(reason(cms::verify_detached(&twice, BODY)), "more than one signer");
    let mut broken = parts.signer_info();
    *broken.last_mut().unwrap() ^= 1;
    for pair in [[parts.signer_info(), broken.clone()], [broken, parts.signer_info()]] {
        let message = parts.with(&[parts.signer.der()], &pair);
        assert_eq!(reason(cms::verify_detached(&message, BODY)), "more than one signer");
    }
    let nobody = parts.with(&[parts.signer.der()], &[]);
    assert_eq!(reason(cms::verify_detached(&nobody, BODY)), "nobody signed it");
}

#[test]
fn at_most_eight_certificates_are_looked_at() {
    let parts = Parts::good();
    let eight = vec![parts.signer.der(); 8];
    cms::verify_detached(&parts.with(&eight, &[parts.signer_info()]), BODY).unwrap();
    let nine = vec![parts.signer.der(); 9];
    let message = parts.with(&nine, &[parts.signer_info()]);
    assert_eq!(reason(cms::verify_detached(&message, BODY)), "more than 8 certificates");
    let many = vec![parts.signer.der(); 10_000];
    let message = parts.with(&many, &[parts.signer_info()]);
    let took = shortest(|| assert!(cms::verify_detached(&message, BODY).is_err()));
    assert!(took < Duration::from_millis(250), "{took:?}");
}

#[test]
fn the_signer_must_come_with_its_certificate() {
    let parts = Parts::good();
    let (ca, _) = our_ca();
    let message = parts.with(&[ca.der()], &[parts.signer_info()]);
    assert_eq!(reason(cms::verify_detached(&message, BODY)), "the signer's certificate is missing");
    assert!(cms::verify_detached(&parts.with(&[], &[parts.signer_info()]), BODY).is_err());
}

#[test]
fn another_certificate_with_the_signers_name_and_number_does_not_verify() {
    let parts = Parts::good();
    let impostor = issued("device", DraftProfile::DeviceIdentity, &scep_client_key());
    assert_eq!(impostor.serial(), parts.signer.serial());
    let message = parts.with(&[impostor.der()], &[parts.signer_info()]);
    assert_eq!(reason(cms::verify_detached(&message, BODY)), "the signature does not hold");
}

#[test]
fn signed_attributes_must_hold_content_type_and_digest_once() {
    let digest = asn1::octets(&Digest::Sha256.of(BODY));
    let data = asn1::oid(oids::DATA);
    let kind = attribute(oids::CONTENT_TYPE, &[&data]);
    let sum = attribute(oids::MESSAGE_DIGEST, &[&digest]);
    let wrong = attribute(oids::MESSAGE_DIGEST, &[&asn1::octets(&[0; 32])]);
    let short = attribute(oids::MESSAGE_DIGEST, &[&asn1::octets(&Digest::Sha256.of(BODY)[..31])]);
    let signed_data = attribute(oids::CONTENT_TYPE, &[&asn1::oid(oids::SIGNED_DATA)]);
    let table: [(&str, Vec<Vec<u8>>); 9] = [
        ("no digest", vec![kind.clone()]),
        ("no content type", vec![sum.clone()]),
        ("nothing", vec![]),
        ("two digests, the right one first", vec![kind.clone(), sum.clone(), wrong.clone()]),
        (
            "two digests in one attribute",
            vec![kind.clone(), attribute(oids::MESSAGE_DIGEST, &[&digest, &asn1::octets(&[0; 32])])],
        ),
        ("an empty digest attribute", vec![kind.clone(), attribute(oids::MESSAGE_DIGEST, &[])]),
        ("a wrong digest", vec![kind.clone(), wrong]),
        ("a digest cut short", vec![kind, short]),
        ("another content type", vec![signed_data, sum]),
    ];
    for (name, attributes) in table {
        let parts = Parts { attributes, ..Parts::good() };
        assert!(cms::verify_detached(&parts.message(), BODY).is_err(), "{name}");
    }
    let other_kind = Parts { content_type: oids::SIGNED_DATA, ..Parts::good() };
    assert_eq!(reason(cms::verify_detached(&other_kind.message(), BODY)), "contentType is not the content's");
}

#[test]
fn signed_attributes_cannot_be_passed_off_as_content() {
    let parts = Parts::good();
    let attributes = asn1::tlv(tag::SET, &asn1::set_of(parts.attributes.clone()));
    let info = asn1::sequence(&[
        &asn1::uint(&[1]),
        &asn1::sequence(&[parts.signer.issuer_der(), &asn1::integer(parts.signer.serial())]),
        &asn1::sequence(&[&asn1::oid(oids::SHA256)]),
        &asn1::sequence(&[&asn1::oid(oids::RSA_SHA256), &asn1::null()]),
        &asn1::octets(&parts.key.sign(Digest::Sha256, &attributes)),
    ]);
    let message = parts.with(&[parts.signer.der()], &[info]);
    assert_eq!(reason(cms::verify_detached(&message, &attributes)), "attributes offered as content");
}
