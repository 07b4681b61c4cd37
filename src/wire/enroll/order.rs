//! The device's side of an enrollment profile.

use crate::wire::plist::{self, Dictionary, Value};
use crate::wire::x509::Cert;
use crate::wire::{Malformed, Secret, profile};

/// Apple's default of `Keysize`.
const DEFAULT_KEY_BITS: i64 = 1024;

/// What a device must do to enroll: the parts of an enrollment profile that the simulator follows.
#[derive(Debug, Clone)]
pub struct EnrollmentOrder {
    /// `PayloadIdentifier` of the profile.
    pub identifier: String,
    /// Push topic.
    pub topic: String,
    /// Where to ask for commands.
    pub server_url: String,
    /// Where to check in; the server URL if the profile does not say.
    pub checkin_url: String,
    /// Where to get the identity.
    pub scep_url: String,
    /// SCEP challenge.
    pub challenge: Option<Secret>,
    /// Common name of `Subject`; the profile's identifier if it names none.
    pub subject_common_name: String,
    /// Bits of the RSA key to make.
    pub key_size: u32,
    /// Certificates to trust.
    pub roots: Vec<Cert>,
    /// `ServerCapabilities`.
    pub server_capabilities: Vec<String>,
    /// `CheckOutWhenRemoved`.
    pub check_out_when_removed: bool,
}

impl EnrollmentOrder {
    /// Reads an enrollment profile, signed or not.
    ///
    /// # Errors
    /// Not a profile ([`profile::parse`]); not exactly one MDM and one SCEP payload; the MDM payload does not use
    /// the SCEP identity, or leaves messages unsigned; or a key that enrollment needs is missing or of another type.
    pub fn parse(file: &[u8]) -> Result<Self, Malformed> {
        let profile = profile::parse(file)?;
        Self::read(&profile).map_err(|e| Malformed { format: "profile", ..e })
    }

    fn read(profile: &profile::Profile) -> Result<Self, Malformed> {
        let payloads = plist::array(&profile.body, "PayloadContent")?.unwrap_or_default();
        let payloads: Vec<&Dictionary> = payloads.iter().filter_map(Value::as_dictionary).collect();
        let mdm = only(&payloads, "com.apple.mdm")?;
        let identity = only(&payloads, "com.apple.security.scep")?;
        let scep = plist::dictionary(identity, "PayloadContent")?;
        let scep = scep.ok_or_else(|| malformed("the SCEP payload has no PayloadContent"))?;
        if required(mdm, "IdentityCertificateUUID")? != required(identity, "PayloadUUID")? {
            return Err(malformed("IdentityCertificateUUID is not that of the SCEP payload"));
        }
        if plist::boolean(mdm, "SignMessage")? != Some(true) {
            return Err(malformed("SignMessage is not true"));
        }
        let server_url = required(mdm, "ServerURL")?.to_string();
        let key_size = plist::integer(scep, "Keysize")?.unwrap_or(DEFAULT_KEY_BITS);
        let capabilities = plist::array(mdm, "ServerCapabilities")?.unwrap_or_default();
        Ok(Self {
            identifier: profile.identifier.clone(),
            topic: required(mdm, "Topic")?.to_string(),
            checkin_url: plist::text(mdm, "CheckInURL")?.unwrap_or(&server_url).to_string(),
            server_url,
            scep_url: required(scep, "URL")?.to_string(),
            challenge: plist::text(scep, "Challenge")?.map(|c| Secret::new(c.as_bytes())),
            subject_common_name: common_name(scep).unwrap_or(&profile.identifier).to_string(),
            key_size: u32::try_from(key_size).map_err(|_| malformed("Keysize is no size"))?,
            roots: payloads.iter().filter_map(|d| root(d).transpose()).collect::<Result<_, _>>()?,
            server_capabilities: capabilities
                .iter()
                .filter_map(Value::as_string)
                .map(ToString::to_string)
                .collect(),
            check_out_when_removed: plist::boolean(mdm, "CheckOutWhenRemoved")?.unwrap_or_default(),
        })
    }
}

fn malformed(reason: impl Into<String>) -> Malformed {
    Malformed::new("profile", reason)
}

fn required<'a>(d: &'a Dictionary, key: &str) -> Result<&'a str, Malformed> {
    let text = plist::text(d, key)?.filter(|t| !t.is_empty());
    text.ok_or_else(|| malformed(format!("{key} is missing")))
}

fn kind(d: &Dictionary) -> &str {
    d.get("PayloadType").and_then(Value::as_string).unwrap_or_default()
}

fn only<'a>(payloads: &[&'a Dictionary], wanted: &str) -> Result<&'a Dictionary, Malformed> {
    let mut found = payloads.iter().copied().filter(|d| kind(d) == wanted);
    match (found.next(), found.next()) {
        (Some(payload), None) => Ok(payload),
        _ => Err(malformed(format!("not exactly one {wanted} payload"))),
    }
}

/// The value of `CN` in `[[["O", "Org"]], [["CN", "x"]]]`.
fn common_name(scep: &Dictionary) -> Option<&str> {
    let names = scep.get("Subject")?.as_array()?.iter().filter_map(Value::as_array).flatten();
    names.filter_map(Value::as_array).find_map(|pair| match pair.as_slice() {
        [kind, value] if kind.as_string() == Some("CN") => value.as_string(),
        _ => None,
    })
}

fn root(d: &Dictionary) -> Result<Option<Cert>, Malformed> {
    if !matches!(kind(d), "com.apple.security.root" | "com.apple.security.pkcs1") {
        return Ok(None);
    }
    let der = plist::data(d, "PayloadContent")?.ok_or_else(|| malformed("a root without its certificate"))?;
    Cert::parse(der).map(Some)
}
