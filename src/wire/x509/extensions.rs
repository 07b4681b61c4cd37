//! Certificate extensions that somebody here asks about; the others are checked for shape and passed over.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::wire::Malformed;
use crate::wire::asn1::{Der, oids, tag};

/// keyUsage bit: digitalSignature.
pub(super) const DIGITAL_SIGNATURE: u16 = 1 << 15;
/// keyUsage bit: keyEncipherment.
pub(super) const KEY_ENCIPHERMENT: u16 = 1 << 13;
/// keyUsage bit: keyCertSign.
pub(super) const CERT_SIGN: u16 = 1 << 10;
/// keyUsage bit: cRLSign.
pub(super) const CRL_SIGN: u16 = 1 << 9;

/// Most extensions a certificate may have.
const MOST: usize = 64;

/// What the extensions say.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    /// There are any at all.
    pub(super) present: bool,
    /// basicConstraints CA:TRUE.
    pub(super) ca: bool,
    /// keyUsage, first bit highest.
    usage: Option<u16>,
    /// extKeyUsage, content octets of each.
    purposes: Option<Vec<Vec<u8>>>,
    /// subjectKeyIdentifier.
    pub(super) subject_key_id: Option<Vec<u8>>,
    /// DNS names and addresses of subjectAltName.
    pub(super) hosts: Vec<String>,
}

impl Extensions {
    /// Reads `[3] EXPLICIT Extensions`. An extension that comes twice is refused: whichever one a reader takes,
    /// another takes the other.
    pub(super) fn read(mut wrapped: Der<'_>) -> Result<Self, Malformed> {
        let mut list = wrapped.sequence()?;
        wrapped.end()?;
        let mut found = Self { present: true, ..Self::default() };
        let mut seen: Vec<&[u8]> = Vec::new();
        while !list.is_empty() {
            let mut extension = list.sequence()?;
            let oid = extension.oid()?;
            if extension.peek() == Some(tag::BOOLEAN) {
                extension.boolean()?;
            }
            let value = extension.octets()?;
            extension.end()?;
            if seen.contains(&oid) {
                return Err(list.fault("an extension that comes twice"));
            }
            if seen.len() == MOST {
                return Err(list.fault("more than 64 extensions"));
            }
            seen.push(oid);
            found.take(oid, Der::new("x509", value))?;
        }
        Ok(found)
    }

    fn take(&mut self, oid: &[u8], mut value: Der<'_>) -> Result<(), Malformed> {
        match oid {
            oids::BASIC_CONSTRAINTS => {
                let mut constraints = value.sequence()?;
                self.ca = constraints.peek() == Some(tag::BOOLEAN) && constraints.boolean()?;
            }
            oids::KEY_USAGE => {
                self.usage = Some(match value.take(tag::BITS)?.value {
                    [_] => 0,
                    [_, high] => u16::from(*high) << 8,
                    [_, high, low] => u16::from(*high) << 8 | u16::from(*low),
                    _ => return Err(value.fault("key usage of impossible length")),
                });
            }
            oids::EXTENDED_USAGE => {
                let mut list = value.sequence()?;
                let mut purposes = Vec::new();
                while !list.is_empty() && purposes.len() < MOST {
                    purposes.push(list.oid()?.to_vec());
                }
                self.purposes = Some(purposes);
            }
            oids::SUBJECT_KEY_ID => self.subject_key_id = Some(value.octets()?.to_vec()),
            oids::ALT_NAMES => {
                let mut names = value.sequence()?;
                while !names.is_empty() {
                    let name = names.any()?;
                    self.hosts.extend(host(name.tag, name.value));
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn allows_purpose(&self, oid: &[u8]) -> bool {
        self.purposes.as_ref().is_none_or(|all| all.iter().any(|one| one == oid))
    }

    pub(super) fn allows_usage(&self, bit: u16) -> bool {
        self.usage.is_none_or(|bits| bits & bit != 0)
    }
}

fn host(tag: u8, value: &[u8]) -> Option<String> {
    match tag {
        0x82 => std::str::from_utf8(value).ok().map(str::to_owned),
        0x87 => match value.len() {
            4 => <[u8; 4]>::try_from(value).ok().map(|ip| IpAddr::V4(Ipv4Addr::from(ip)).to_string()),
            16 => <[u8; 16]>::try_from(value).ok().map(|ip| IpAddr::V6(Ipv6Addr::from(ip)).to_string()),
            _ => None,
        },
        _ => None,
    }
}
