//! PKCS #12 files (RFC 7292), read only: how Keychain Access and openssl hand over a certificate with its key.
//!
//! Read are AES and triple DES with PBES2, and the older SHA-1 schemes with triple DES and RC2, because Keychain
//! Access still writes the latter two. Everything is bounded: 256 KiB, 32 bags, four million rounds of key
//! derivation in the whole file.

mod pbe;
mod rc2;

use zeroize::Zeroizing;

use super::asn1::{Der, oids, tag};
use super::cms::ber;
use super::key::PrivateKey;
use super::x509::Cert;
use super::{Malformed, Secret};
use pbe::Passphrase;

/// Largest file read, in bytes.
const LARGEST: usize = 256 * 1024;

/// Most bags in a file.
const MOST_BAGS: usize = 32;

/// One key and the certificates that came with it.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The private key.
    pub key: PrivateKey,
    /// Certificates: the key's own first, then the others in the order of the file.
    pub certificates: Vec<Cert>,
}

fn fault(reason: &str) -> Malformed {
    Malformed::new("pkcs12", reason)
}

/// Opens a file with its passphrase (empty for none).
///
/// The reasons of a refusal are written for the person who exported the file: a wrong passphrase, no key or two
/// keys in it, no certificate for the key, encryption that cannot be read and what to choose instead.
pub fn open(file: &[u8], passphrase: &Secret) -> Result<Identity, Malformed> {
    if file.len() > LARGEST {
        return Err(fault("larger than 256 KiB: not an export of one certificate"));
    }
    let der = ber::normalize(file).map_err(as_ours)?;
    let mut outer = Der::new("pkcs12", &der);
    let mut pfx = outer.sequence()?;
    outer.end()?;
    if pfx.small()? != 3 {
        return Err(fault("not a PKCS #12 file of version 3"));
    }
    let mut safe = pfx.sequence()?;
    if safe.oid()? != oids::DATA {
        return Err(fault("protected by a signature instead of a passphrase; export it with a passphrase"));
    }
    let contents = octets_inside(&mut safe)?;
    let mut passphrase = Passphrase::new(passphrase)?;
    if !pfx.is_empty() && !pbe::mac_holds(&mut pfx.sequence()?, contents, &mut passphrase)? {
        return Err(fault("the passphrase is wrong, or the file is damaged"));
    }
    pfx.end()?;

    let mut bags = Bags::default();
    let contents = ber::normalize(contents).map_err(as_ours)?;
    let mut outer = Der::new("pkcs12", &contents);
    let mut parts = outer.sequence()?;
    outer.end()?;
    while !parts.is_empty() {
        let mut part = parts.sequence()?;
        match part.oid()? {
            oids::DATA => bags.read(octets_inside(&mut part)?, &mut passphrase)?,
            oids::ENCRYPTED_DATA => {
                let mut wrapped = part.enter(tag::context(0))?;
                let mut encrypted = wrapped.sequence()?;
                encrypted.small()?;
                let mut info = encrypted.sequence()?;
                info.oid()?;
                let mut algorithm = info.sequence()?;
                let content = info.take(tag::context_primitive(0))?.value;
                let plain = pbe::decrypt(&mut algorithm, content, &mut passphrase)?;
                bags.read(plain.expose(), &mut passphrase)?;
            }
            _ => return Err(fault("a part is encrypted to a certificate instead of a passphrase")),
        }
    }
    bags.identity()
}

/// Decrypts an EncryptedPrivateKeyInfo (PKCS #8; `ENCRYPTED PRIVATE KEY` in PEM).
pub fn open_key(der: &[u8], passphrase: &Secret) -> Result<PrivateKey, Malformed> {
    let mut outer = Der::new("pkcs12", der);
    let shrouded = outer.sequence()?;
    outer.end()?;
    unshroud(shrouded, &mut Passphrase::new(passphrase)?)
}

fn unshroud(mut shrouded: Der<'_>, passphrase: &mut Passphrase) -> Result<PrivateKey, Malformed> {
    let mut algorithm = shrouded.sequence()?;
    let content = shrouded.octets()?;
    shrouded.end()?;
    let plain = pbe::decrypt(&mut algorithm, content, passphrase)?;
    PrivateKey::from_pkcs8(plain.expose())
}

fn as_ours(fault: Malformed) -> Malformed {
    Malformed { format: "pkcs12", ..fault }
}

/// The OCTET STRING in the `[0]` of a ContentInfo.
fn octets_inside<'a>(info: &mut Der<'a>) -> Result<&'a [u8], Malformed> {
    let mut wrapped = info.enter(tag::context(0))?;
    let octets = wrapped.octets()?;
    wrapped.end()?;
    info.end()?;
    Ok(octets)
}

/// What the bags held.
#[derive(Default)]
struct Bags {
    keys: Vec<PrivateKey>,
    certificates: Vec<Cert>,
    count: usize,
}

impl Bags {
    fn read(&mut self, contents: &[u8], passphrase: &mut Passphrase) -> Result<(), Malformed> {
        // Held until the end, because a copy in other lengths may hold a key in the clear.
        let contents = Zeroizing::new(ber::normalize(contents).map_err(as_ours)?.into_owned());
        let mut outer = Der::new("pkcs12", &contents);
        let mut bags = outer.sequence()?;
        outer.end()?;
        while !bags.is_empty() {
            self.count += 1;
            if self.count > MOST_BAGS {
                return Err(fault("more than 32 keys and certificates: export one"));
            }
            let mut bag = bags.sequence()?;
            let kind = bag.oid()?;
            let mut value = bag.enter(tag::context(0))?;
            match kind {
                oids::KEY_BAG => self.keys.push(PrivateKey::from_pkcs8(value.take(tag::SEQUENCE)?.raw)?),
                oids::SHROUDED_KEY_BAG => self.keys.push(unshroud(value.sequence()?, passphrase)?),
                oids::CERT_BAG => {
                    let mut inner = value.sequence()?;
                    if inner.oid()? == oids::X509_CERTIFICATE {
                        self.certificates.push(Cert::parse(octets_inside(&mut inner)?)?);
                    }
                }
                // Secrets, CRLs and nested bags of other programs.
                _ => {}
            }
        }
        Ok(())
    }

    fn identity(self) -> Result<Identity, Malformed> {
        let mut keys = self.keys.into_iter();
        let Some(key) = keys.next() else {
            return Err(fault("no private key in it; export the certificate together with its key"));
        };
        if keys.next().is_some() {
            return Err(fault("more than one private key in it; export one certificate with its key"));
        }
        let public = key.public_der();
        let (mut certificates, others): (Vec<Cert>, Vec<Cert>) =
            self.certificates.into_iter().partition(|one| one.public_der() == public);
        if certificates.is_empty() {
            return Err(fault("no certificate in it belongs to the key"));
        }
        certificates.extend(others);
        Ok(Identity { key, certificates })
    }
}
