//! Issuing certificates: every name, date and extension comes from policy.

use core::net::IpAddr;

use super::csr::signed;
use super::extensions::{CERT_SIGN, CRL_SIGN, DIGITAL_SIGNATURE, KEY_ENCIPHERMENT};
use super::{Cert, name};
use crate::wire::Malformed;
use crate::wire::asn1::{self, Der, oids, tag};
use crate::wire::key::{Digest, PrivateKey, PublicKey};

/// Names and dates of a certificate to make: all from policy.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Common name of the subject, at most 64 characters (RFC 5280 ub-common-name).
    pub common_name: String,
    /// Organization of the subject, at most 64 characters.
    pub organization: Option<String>,
    /// UID attribute (pretend push certificates), at most 256 characters.
    pub uid: Option<String>,
    /// Random bytes for the serial number (made positive, 127 bits).
    pub serial: [u8; 16],
    /// Seconds since 1970.
    pub not_before: i64,
    /// Seconds since 1970.
    pub not_after: i64,
    /// What it is for.
    pub profile: DraftProfile,
}

/// Extensions by purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftProfile {
    /// Self-signed device CA and SCEP RA: CA:TRUE with nothing but end certificates below it, certSign, cRLSign,
    /// digitalSignature, keyEncipherment (macOS picks what it encrypts to by these).
    DeviceCa,
    /// Device identity: digitalSignature (+keyEncipherment for RSA), EKU clientAuth, CA:FALSE, SKI, AKI.
    DeviceIdentity,
    /// TLS server with these DNS names or IP addresses, EKU serverAuth. Apple's limit is 825 days for private CAs.
    Server {
        /// Names and addresses, at least one.
        hosts: Vec<String>,
    },
    /// Pretend push certificate: EKU clientAuth.
    PushClient,
    /// Signs profiles: digitalSignature.
    Signer,
}

fn fault(reason: &str) -> Malformed {
    Malformed::new("x509", reason)
}

/// Issues a certificate for `public_der` (SPKI), signed by `ca_key` whose certificate is `ca`. For a self-signed
/// certificate `ca` is none and `ca_key` is its own key.
///
/// Refused: keys that [`PublicKey::weakness`] names, a `ca_key` that is not the one of `ca` (or, self-signed, of
/// `public_der`), a CA that is not allowed to be one, empty or overlong names, an end before the beginning, hosts
/// that are neither names nor addresses.
pub fn issue(
    draft: &Draft,
    public_der: &[u8],
    ca: Option<&Cert>,
    ca_key: &PrivateKey,
) -> Result<Cert, Malformed> {
    let key = PublicKey::from_der(public_der)?;
    if let Some(weakness) = key.weakness() {
        return Err(fault(&weakness.to_string()));
    }
    let own_key = ca_key.public_der();
    let issuer_public = ca.map_or(public_der, Cert::public_der);
    if issuer_public != own_key {
        return Err(fault("the signing key is not the issuer's"));
    }
    if ca.is_some_and(|ca| !ca.is_ca()) {
        return Err(fault("the issuer is no certificate authority"));
    }
    if draft.not_after <= draft.not_before {
        return Err(fault("ends before it begins"));
    }
    let subject = subject(draft)?;
    let validity = asn1::sequence(&[
        &asn1::utc_or_generalized(draft.not_before),
        &asn1::utc_or_generalized(draft.not_after),
    ]);
    let mut serial = draft.serial;
    serial[0] &= 0x7f;
    if serial.iter().all(|byte| *byte == 0) {
        serial[15] = 1;
    }
    let body = asn1::sequence(&[
        &asn1::context(0, &asn1::uint(&[2])),
        &asn1::uint(&serial),
        &ca_key.signs_with(Digest::Sha256).identifier(),
        ca.map_or(subject.as_slice(), Cert::subject_der),
        &validity,
        &subject,
        public_der,
        &asn1::context(3, &asn1::tlv(tag::SEQUENCE, &extensions(draft, &key, public_der, ca)?.concat())),
    ]);
    Cert::parse(&signed(&body, ca_key))
}

fn subject(draft: &Draft) -> Result<Vec<u8>, Malformed> {
    let sane = |text: &str, most: usize| {
        (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    let mut attributes: Vec<(&[u8], &str)> = Vec::new();
    if let Some(uid) = &draft.uid {
        if !sane(uid, 256) {
            return Err(fault("UID empty, too long or with control characters"));
        }
        attributes.push((oids::UID, uid));
    }
    if let Some(organization) = &draft.organization {
        if !sane(organization, 64) {
            return Err(fault("organization empty, too long or with control characters"));
        }
        attributes.push((oids::ORGANIZATION, organization));
    }
    if !sane(&draft.common_name, 64) {
        return Err(fault("common name empty, too long or with control characters"));
    }
    attributes.push((oids::COMMON_NAME, &draft.common_name));
    Ok(name::write(&attributes))
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let value = asn1::octets(value);
    if critical {
        asn1::sequence(&[&asn1::oid(oid), &asn1::boolean(true), &value])
    } else {
        asn1::sequence(&[&asn1::oid(oid), &value])
    }
}

fn extensions(
    draft: &Draft,
    key: &PublicKey,
    public_der: &[u8],
    ca: Option<&Cert>,
) -> Result<Vec<Vec<u8>>, Malformed> {
    let exchange = if key.is_rsa() { KEY_ENCIPHERMENT } else { 0 };
    let (is_ca, usage, purpose): (bool, u16, Option<&[u8]>) = match &draft.profile {
        DraftProfile::DeviceCa => (true, CERT_SIGN | CRL_SIGN | DIGITAL_SIGNATURE | exchange, None),
        DraftProfile::DeviceIdentity => (false, DIGITAL_SIGNATURE | exchange, Some(oids::CLIENT_AUTH)),
        DraftProfile::Server { .. } => (false, DIGITAL_SIGNATURE | exchange, Some(oids::SERVER_AUTH)),
        DraftProfile::PushClient => (false, DIGITAL_SIGNATURE, Some(oids::CLIENT_AUTH)),
        DraftProfile::Signer => (false, DIGITAL_SIGNATURE, None),
    };
    let constraints =
        if is_ca { asn1::sequence(&[&asn1::boolean(true), &asn1::uint(&[0])]) } else { asn1::sequence(&[]) };
    let mut all = vec![
        extension(oids::BASIC_CONSTRAINTS, true, &constraints),
        extension(oids::KEY_USAGE, true, &usage_bits(usage)),
    ];
    if let Some(purpose) = purpose {
        all.push(extension(oids::EXTENDED_USAGE, false, &asn1::sequence(&[&asn1::oid(purpose)])));
    }
    if let DraftProfile::Server { hosts } = &draft.profile {
        all.push(extension(oids::ALT_NAMES, false, &alt_names(hosts)?));
    }
    all.push(extension(oids::SUBJECT_KEY_ID, false, &asn1::octets(&key_id(public_der)?)));
    if let Some(ca) = ca {
        let id = match ca.subject_key_id() {
            Some(id) => id.to_vec(),
            None => key_id(ca.public_der())?,
        };
        all.push(extension(oids::AUTHORITY_KEY_ID, false, &asn1::sequence(&[&asn1::primitive(0, &id)])));
    }
    Ok(all)
}

/// A named bit list as DER wants it: no trailing zero bits.
fn usage_bits(usage: u16) -> Vec<u8> {
    let octets = usage.to_be_bytes();
    let kept = if octets[1] == 0 { &octets[..1] } else { &octets[..] };
    let unused = kept.last().map_or(0, |byte| byte.trailing_zeros() as u8);
    asn1::tlv(tag::BITS, &[&[unused], kept].concat())
}

/// SHA-1 of the subject public key's bits (RFC 5280 section 4.2.1.2 method 1).
fn key_id(public_der: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut outer = Der::new("x509", public_der);
    let mut info = outer.sequence()?;
    info.sequence()?;
    Ok(Digest::Sha1.of(info.bits()?))
}

fn alt_names(hosts: &[String]) -> Result<Vec<u8>, Malformed> {
    if hosts.is_empty() {
        return Err(fault("a server certificate needs a host"));
    }
    let mut names = Vec::new();
    for host in hosts {
        names.push(match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => asn1::primitive(7, &ip.octets()),
            Ok(IpAddr::V6(ip)) => asn1::primitive(7, &ip.octets()),
            Err(_) if is_dns_name(host) => asn1::primitive(2, host.as_bytes()),
            Err(_) => return Err(fault("a host is neither a DNS name nor an address")),
        });
    }
    Ok(asn1::tlv(tag::SEQUENCE, &names.concat()))
}

fn is_dns_name(host: &str) -> bool {
    let plain = host.strip_prefix("*.").unwrap_or(host);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && plain.split('.').all(label)
}
