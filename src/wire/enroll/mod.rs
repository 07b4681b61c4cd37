//! The enrollment profile: made by the server, read by the simulator.

mod order;

use super::Secret;
use super::plist::{self, Dictionary, Value};
use super::x509::Cert;
pub use order::EnrollmentOrder;

/// All access rights. A device sends its unlock token with bit 4 only, and its serial number with bit 16 only.
pub const ALL_ACCESS_RIGHTS: u32 = 8191;
/// Bits of the device's key. Apple's default of 1024 is too small for anybody to accept.
const KEY_BITS: u32 = 2048;
/// Digital signature (1) and key encipherment (4): the device signs messages and opens SCEP replies.
const KEY_USAGE: u32 = 5;

/// What goes into an enrollment profile.
///
/// Nothing else belongs there: the profile is sent again to renew the device's identity, and Topic, ServerURL,
/// CheckInURL and ServerCapabilities must then be equal to what the device enrolled with.
#[derive(Debug, Clone)]
pub struct EnrollmentProfile {
    /// Shown to the person who installs it.
    pub organization: String,
    /// `PayloadIdentifier`, constant for the server's life; those of the payloads append to it.
    pub identifier: String,
    /// Fresh UUIDs of the profile, the first root, the identity and the MDM payload. Further roots get theirs from
    /// their own bytes.
    pub uuids: [String; 4],
    /// Certificates to trust before anything else: the device CA, and the TLS root if it is our own.
    pub roots: Vec<Cert>,
    /// Push topic, `com.apple.mgmt.*`: the UID of the push certificate's subject.
    pub topic: String,
    /// `https://host/mdm`: check-ins and commands.
    pub server_url: String,
    /// `https://host/scep`, without `?`: a device appends its own query blindly.
    pub scep_url: String,
    /// One-time SCEP challenge.
    pub challenge: Secret,
    /// Common name that the device asks for. Must be unique, and is only a hint: names come from policy.
    pub subject_common_name: String,
    /// The device CA, whose SHA-256 fingerprint the device checks.
    pub ca: Cert,
    /// `ServerCapabilities`, such as `com.apple.mdm.per-user-connections`.
    pub server_capabilities: Vec<String>,
}

impl EnrollmentProfile {
    /// The profile as unsigned XML. Secret, because the challenge is in it.
    pub fn to_xml(&self) -> Secret {
        let mut content: Vec<Value> = Vec::new();
        for (n, root) in self.roots.iter().enumerate() {
            content.push(self.root(n, root));
        }
        content.push(self.identity());
        content.push(self.mdm());

        let mut d = Dictionary::new();
        common(&mut d, "Configuration", &self.identifier, &self.uuids[0], &self.title());
        set(&mut d, "PayloadOrganization", text(&self.organization));
        let description = format!("Lets {} manage this device.", self.organization);
        set(&mut d, "PayloadDescription", text(&description));
        set(&mut d, "PayloadContent", Value::Array(content));
        Secret::new(plist::to_xml(&Value::Dictionary(d)))
    }

    fn title(&self) -> String {
        format!("{} Device Management", self.organization)
    }

    fn root(&self, n: usize, root: &Cert) -> Value {
        let uuid = if n == 0 { self.uuids[1].clone() } else { uuid_of(&root.fingerprint()) };
        // A certificate that did not sign itself is no root to a device, only a certificate it may use.
        let kind =
            if root.is_issued_by(root) { "com.apple.security.root" } else { "com.apple.security.pkcs1" };
        let name = root.common_name().unwrap_or_else(|| self.organization.clone());
        let mut d = Dictionary::new();
        common(&mut d, kind, &format!("{}.root.{}", self.identifier, n + 1), &uuid, &name);
        set(&mut d, "PayloadContent", Value::Data(root.der().to_vec()));
        Value::Dictionary(d)
    }

    fn identity(&self) -> Value {
        let rdn = |kind: &str, value: &str| Value::Array(vec![Value::Array(vec![text(kind), text(value)])]);
        let subject = vec![rdn("O", &self.organization), rdn("CN", &self.subject_common_name)];
        let challenge = String::from_utf8_lossy(self.challenge.expose());
        let mut scep = Dictionary::new();
        set(&mut scep, "URL", text(&self.scep_url));
        set(&mut scep, "Name", text("device-ca"));
        set(&mut scep, "Subject", Value::Array(subject));
        set(&mut scep, "Challenge", text(&challenge));
        set(&mut scep, "Keysize", number(KEY_BITS));
        // These two names have a space in them.
        set(&mut scep, "Key Type", text("RSA"));
        set(&mut scep, "Key Usage", number(KEY_USAGE));
        set(&mut scep, "Retries", number(3));
        set(&mut scep, "RetryDelay", number(10));
        set(&mut scep, "KeyIsExtractable", Value::Boolean(false));
        set(&mut scep, "CAFingerprint", Value::Data(self.ca.fingerprint().to_vec()));

        let mut d = Dictionary::new();
        let identifier = format!("{}.identity", self.identifier);
        common(&mut d, "com.apple.security.scep", &identifier, &self.uuids[2], "Device Identity");
        set(&mut d, "PayloadContent", Value::Dictionary(scep));
        Value::Dictionary(d)
    }

    fn mdm(&self) -> Value {
        let capabilities = self.server_capabilities.iter().map(|c| text(c)).collect();
        let mut d = Dictionary::new();
        let identifier = format!("{}.mdm", self.identifier);
        common(&mut d, "com.apple.mdm", &identifier, &self.uuids[3], &self.title());
        set(&mut d, "IdentityCertificateUUID", text(&self.uuids[2]));
        set(&mut d, "Topic", text(&self.topic));
        set(&mut d, "ServerURL", text(&self.server_url));
        set(&mut d, "CheckInURL", text(&self.server_url));
        set(&mut d, "SignMessage", Value::Boolean(true));
        set(&mut d, "AccessRights", number(ALL_ACCESS_RIGHTS));
        set(&mut d, "CheckOutWhenRemoved", Value::Boolean(true));
        set(&mut d, "ServerCapabilities", Value::Array(capabilities));
        Value::Dictionary(d)
    }
}

/// The keys that every payload has. `PayloadScope` is not one of them: with `System` some devices refuse.
fn common(d: &mut Dictionary, kind: &str, identifier: &str, uuid: &str, name: &str) {
    set(d, "PayloadType", text(kind));
    set(d, "PayloadVersion", number(1));
    set(d, "PayloadIdentifier", text(identifier));
    set(d, "PayloadUUID", text(uuid));
    set(d, "PayloadDisplayName", text(name));
}

/// A name-based UUID from the first bytes of a hash (RFC 9562, version 8), uppercase as Apple writes them.
fn uuid_of(hash: &[u8; 32]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().hyphenated().to_string().to_uppercase()
}

fn set(d: &mut Dictionary, key: &str, value: Value) {
    d.insert(key.to_string(), value);
}

fn text(text: &str) -> Value {
    Value::String(text.to_string())
}

fn number(number: u32) -> Value {
    Value::Integer(number.into())
}
