//! The profiles that a device holds.

use super::keychain::Identity;
use crate::wire::plist::{self, Dictionary, Limits, Value};
use crate::wire::profile::{self, Profile};
use crate::wire::x509::Cert;
use crate::wire::{Malformed, cms};

/// One installed profile.
#[derive(Debug, Clone)]
pub struct Installed {
    /// As parsed.
    pub profile: Profile,
    /// Came by a command, and not by hand.
    pub managed: bool,
    /// Its payloads came encrypted to this device.
    pub encrypted: bool,
}

/// A profile file as a device reads it: payloads that are encrypted to `identity` are opened. Says whether they were.
pub(crate) fn read(file: &[u8], identity: Option<&Identity>) -> Result<(Profile, bool), Malformed> {
    let signed = match file.first() {
        Some(0x30) => Some(cms::verify_attached(file)?),
        _ => None,
    };
    let plain = signed.as_ref().and_then(|s| s.content.as_deref()).unwrap_or(file);
    let mut body = plist::parse_dictionary(plain, Limits::DEVICE)?;
    let Some(sealed) = plist::data(&body, "EncryptedPayloadContent")? else {
        return Ok((profile::parse(file)?, false));
    };
    let identity =
        identity.ok_or_else(|| Malformed::new("profile", "encrypted, and there is no identity"))?;
    let decoy = super::chance::secure();
    let (opened, _) = cms::decrypt(sealed, &identity.certificate, &identity.key, false, &decoy)?;
    let payloads = plist::parse(opened.expose(), Limits::DEVICE)?;
    body.remove("EncryptedPayloadContent");
    body.remove("IsEncrypted");
    body.insert("PayloadContent".into(), payloads);
    let mut profile = profile::parse(&plist::to_xml(&Value::Dictionary(body)))?;
    profile.signer = signed.map(|signed| signed.signer);
    Ok((profile, true))
}

/// All profiles of a device or of one of its users, in order of installation.
#[derive(Debug, Clone, Default)]
pub struct Shelf(Vec<Installed>);

impl Shelf {
    /// Reads and installs; what is encrypted needs the identity it is encrypted to. The same `PayloadIdentifier` is
    /// replaced in place, as devices do.
    pub fn install(
        &mut self,
        file: &[u8],
        managed: bool,
        identity: Option<&Identity>,
    ) -> Result<&Installed, Malformed> {
        let (profile, encrypted) = read(file, identity)?;
        let installed = Installed { profile, managed, encrypted };
        let at = self.position(&installed.profile.identifier);
        let at = match at {
            Some(at) => {
                self.0[at] = installed;
                at
            }
            None => {
                self.0.push(installed);
                self.0.len() - 1
            }
        };
        Ok(&self.0[at])
    }

    /// Removes a profile by its identifier. False if it is not there.
    pub fn remove(&mut self, identifier: &str) -> bool {
        self.position(identifier).map(|at| self.0.remove(at)).is_some()
    }

    fn position(&self, identifier: &str) -> Option<usize> {
        self.0.iter().position(|i| i.profile.identifier == identifier)
    }

    /// The profile with this identifier.
    pub fn get(&self, identifier: &str) -> Option<&Installed> {
        self.position(identifier).map(|at| &self.0[at])
    }

    /// All of them.
    pub fn all(&self) -> &[Installed] {
        &self.0
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// `ProfileList` of a report.
    pub fn list(&self, managed_only: bool) -> Value {
        let shown = self.0.iter().filter(|i| i.managed || !managed_only);
        Value::Array(shown.map(|i| Value::Dictionary(entry(i))).collect())
    }

    /// Certificates that installed profiles carry.
    pub fn certificates(&self) -> Vec<Cert> {
        self.0.iter().flat_map(|i| certificates_of(&i.profile.body)).collect()
    }
}

fn entry(installed: &Installed) -> Dictionary {
    let profile = &installed.profile;
    let mut entry = Dictionary::new();
    let mut put = |key: &str, value: Value| {
        entry.insert(key.to_owned(), value);
    };
    let locked = |payload: &Value| {
        let payload = payload.as_dictionary();
        payload.and_then(|p| p.get("PayloadType")).and_then(Value::as_string)
            == Some("com.apple.profileRemovalPassword")
    };
    let payloads = profile.body.get("PayloadContent").and_then(Value::as_array);
    put("HasRemovalPasscode", Value::Boolean(payloads.is_some_and(|all| all.iter().any(locked))));
    put("IsEncrypted", Value::Boolean(installed.encrypted));
    put("IsManaged", Value::Boolean(installed.managed));
    let payloads = profile.payloads.iter().map(|(kind, name)| {
        let mut payload = Dictionary::new();
        payload.insert("PayloadType".into(), Value::String(kind.clone()));
        payload.insert("PayloadDisplayName".into(), Value::String(name.clone()));
        payload.insert("PayloadVersion".into(), Value::Integer(1.into()));
        Value::Dictionary(payload)
    });
    put("PayloadContent", Value::Array(payloads.collect()));
    put("PayloadDescription", Value::String(profile.description.clone()));
    put("PayloadDisplayName", Value::String(profile.name.clone()));
    put("PayloadIdentifier", Value::String(profile.identifier.clone()));
    if let Some(organization) = &profile.organization {
        put("PayloadOrganization", Value::String(organization.clone()));
    }
    put("PayloadRemovalDisallowed", Value::Boolean(profile.removal_disallowed));
    put("PayloadUUID", Value::String(profile.uuid.clone()));
    put("PayloadVersion", Value::Integer(1.into()));
    let signers = profile.signer.iter().map(|signer| Value::Data(signer.der().to_vec()));
    put("SignerCertificates", Value::Array(signers.collect()));
    entry
}

fn certificates_of(body: &Dictionary) -> Vec<Cert> {
    let payloads = body.get("PayloadContent").and_then(Value::as_array);
    let certificate = |payload: &Value| {
        let payload = payload.as_dictionary()?;
        let kind = payload.get("PayloadType").and_then(Value::as_string)?;
        if !matches!(kind, "com.apple.security.root" | "com.apple.security.pkcs1" | "com.apple.security.pem")
        {
            return None;
        }
        Cert::parse(payload.get("PayloadContent").and_then(Value::as_data)?).ok()
    };
    payloads.into_iter().flatten().filter_map(certificate).collect()
}
