//! Check-in messages (`application/x-apple-aspen-mdm-checkin`).

use super::{Channel, ChannelKind, NAME_BYTES, SERIAL_BYTES};
use super::{bounded, put, put_boolean, put_data, put_secret_text, required, secret};
use crate::wire::plist::{self, Dictionary, Limits, Value};
use crate::wire::{Malformed, Secret};

/// Bytes of a declarative management endpoint: `declaration/<type>/<identifier>` at its longest.
const ENDPOINT_BYTES: usize = 1024;

/// A check-in: who, and what.
#[derive(Debug, Clone)]
pub struct CheckIn {
    /// Who speaks, as the message claims: the certificate that signed it decides.
    pub channel: Channel,
    /// What it says.
    pub message: Message,
}

/// What a check-in says.
#[derive(Debug, Clone)]
pub enum Message {
    /// The first message of an enrollment; an identity renewal sends it too.
    Authenticate(Authenticate),
    /// How to push to this channel, and what else the device hands over.
    TokenUpdate(TokenUpdate),
    /// The device or user leaves. Sent once, and may never arrive.
    CheckOut,
    /// A Mac hands over its bootstrap token.
    SetBootstrapToken {
        /// The token; none (missing or empty on the wire) means: delete what is stored.
        token: Option<Secret>,
        /// `AwaitingConfiguration`: the device waits in Setup Assistant.
        awaiting: bool,
    },
    /// A Mac wants its bootstrap token back.
    GetBootstrapToken,
    /// A device asks for the token of a service.
    GetToken {
        /// `TokenServiceType`, such as `com.apple.maid`.
        service: String,
    },
    /// A network user logs in on a Mac.
    UserAuthenticate {
        /// `DigestResponse`, present in the second of two messages.
        digest_response: Option<Secret>,
    },
    /// Declarative management speaks through this envelope.
    DeclarativeManagement {
        /// `tokens`, `declaration-items`, `status` or `declaration/<type>/<identifier>`.
        endpoint: String,
        /// JSON, with `status`.
        data: Option<Vec<u8>>,
    },
    /// After an erase that kept the apps, the device asks how to come back.
    ReturnToService,
    /// A `MessageType` that we do not know: Apple's news.
    Unknown(String),
}

/// Authenticate. A device that its user enrolled tells none of what identifies it, and simulators leave out more:
/// everything but the topic is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authenticate {
    /// Push topic that the enrollment profile named.
    pub topic: String,
    /// `UDID`.
    pub udid: Option<String>,
    /// `DeviceName`.
    pub device_name: Option<String>,
    /// `Model`, such as `MNY33LL/A`.
    pub model: Option<String>,
    /// `ModelName`, such as `iPad`.
    pub model_name: Option<String>,
    /// `OSVersion`.
    pub os_version: Option<String>,
    /// `BuildVersion`.
    pub build: Option<String>,
    /// `ProductName`, such as `iPad14,1`.
    pub product: Option<String>,
    /// `SerialNumber`.
    pub serial: Option<String>,
    /// `IMEI`.
    pub imei: Option<String>,
    /// `MEID`.
    pub meid: Option<String>,
}

/// TokenUpdate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUpdate {
    /// Push topic that the device listens to.
    pub topic: String,
    /// `PushMagic`: the text that a push must carry.
    pub magic: Secret,
    /// `Token`: the address of a push. Normally 32 bytes, but the length is Apple's to change.
    pub token: Secret,
    /// `UnlockToken`, normally in the first message after an enrollment only: none (also empty) says nothing about
    /// the one that is stored.
    pub unlock_token: Option<Secret>,
    /// `AwaitingConfiguration`: Setup Assistant waits until we release it.
    pub awaiting: bool,
    /// `NotOnConsole`: this user of a Mac is not at the screen.
    pub not_on_console: bool,
}

impl CheckIn {
    /// Parses a body, XML or binary.
    ///
    /// # Errors
    /// Not a property list within [`Limits::DEVICE`], no `MessageType`, no id, or a field that its message needs is
    /// missing, of another type or too long.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let d = &plist::parse_dictionary(body, Limits::DEVICE)?;
        Self::read(d).map_err(|e| Malformed { format: "check-in", ..e })
    }

    fn read(d: &Dictionary) -> Result<Self, Malformed> {
        let kind = required(d, "MessageType", NAME_BYTES)?;
        let channel = Channel::read(d)?;
        let flag = |key| plist::boolean(d, key).map(Option::unwrap_or_default);
        let message = match kind.as_str() {
            "Authenticate" => Message::Authenticate(Authenticate::read(d)?),
            "TokenUpdate" => Message::TokenUpdate(TokenUpdate {
                topic: required(d, "Topic", NAME_BYTES)?,
                magic: required(d, "PushMagic", NAME_BYTES)?.into(),
                token: secret(d, "Token")?.ok_or_else(|| super::malformed("Token is missing"))?,
                unlock_token: secret(d, "UnlockToken")?,
                awaiting: flag("AwaitingConfiguration")?,
                not_on_console: flag("NotOnConsole")?,
            }),
            "CheckOut" => Message::CheckOut,
            "SetBootstrapToken" => Message::SetBootstrapToken {
                token: secret(d, "BootstrapToken")?,
                awaiting: flag("AwaitingConfiguration")?,
            },
            "GetBootstrapToken" => Message::GetBootstrapToken,
            "GetToken" => Message::GetToken { service: required(d, "TokenServiceType", NAME_BYTES)? },
            "UserAuthenticate" => Message::UserAuthenticate {
                digest_response: bounded(d, "DigestResponse", super::TOKEN_BYTES)?.map(Secret::from),
            },
            "DeclarativeManagement" => Message::DeclarativeManagement {
                endpoint: required(d, "Endpoint", ENDPOINT_BYTES)?,
                data: plist::data(d, "Data")?.map(<[u8]>::to_vec),
            },
            "ReturnToService" => Message::ReturnToService,
            _ => Message::Unknown(kind),
        };
        Ok(Self { channel, message })
    }

    /// The message as the device of this channel writes it.
    pub fn to_dictionary(&self) -> Dictionary {
        let d = &mut Dictionary::new();
        put(d, "MessageType", Some(self.message.kind()));
        self.channel.write(d);
        match &self.message {
            Message::Authenticate(a) => a.write(d, self.channel.kind),
            Message::TokenUpdate(t) => {
                put(d, "Topic", Some(&t.topic));
                put_secret_text(d, "PushMagic", Some(&t.magic));
                put_data(d, "Token", Some(&t.token));
                put_data(d, "UnlockToken", t.unlock_token.as_ref());
                put_boolean(d, "AwaitingConfiguration", Some(t.awaiting));
                put_boolean(d, "NotOnConsole", Some(t.not_on_console));
            }
            Message::SetBootstrapToken { token, awaiting } => {
                put_data(d, "BootstrapToken", token.as_ref());
                put_boolean(d, "AwaitingConfiguration", Some(*awaiting));
            }
            Message::GetToken { service } => put(d, "TokenServiceType", Some(service)),
            Message::UserAuthenticate { digest_response } => {
                put_secret_text(d, "DigestResponse", digest_response.as_ref());
            }
            Message::DeclarativeManagement { endpoint, data } => {
                put(d, "Endpoint", Some(endpoint));
                if let Some(data) = data {
                    d.insert("Data".to_string(), Value::Data(data.clone()));
                }
            }
            Message::CheckOut
            | Message::GetBootstrapToken
            | Message::ReturnToService
            | Message::Unknown(_) => {}
        }
        std::mem::take(d)
    }
}

impl Message {
    /// `MessageType`.
    pub fn kind(&self) -> &str {
        match self {
            Self::Authenticate(_) => "Authenticate",
            Self::TokenUpdate(_) => "TokenUpdate",
            Self::CheckOut => "CheckOut",
            Self::SetBootstrapToken { .. } => "SetBootstrapToken",
            Self::GetBootstrapToken => "GetBootstrapToken",
            Self::GetToken { .. } => "GetToken",
            Self::UserAuthenticate { .. } => "UserAuthenticate",
            Self::DeclarativeManagement { .. } => "DeclarativeManagement",
            Self::ReturnToService => "ReturnToService",
            Self::Unknown(kind) => kind,
        }
    }
}

impl Authenticate {
    fn read(d: &Dictionary) -> Result<Self, Malformed> {
        let name = |key| bounded(d, key, NAME_BYTES);
        Ok(Self {
            topic: required(d, "Topic", NAME_BYTES)?,
            udid: super::identifier(d, "UDID")?,
            device_name: name("DeviceName")?,
            model: name("Model")?,
            model_name: name("ModelName")?,
            os_version: name("OSVersion")?,
            build: name("BuildVersion")?,
            product: name("ProductName")?,
            serial: bounded(d, "SerialNumber", SERIAL_BYTES)?,
            imei: bounded(d, "IMEI", super::ID_BYTES)?,
            meid: bounded(d, "MEID", super::ID_BYTES)?,
        })
    }

    fn write(&self, d: &mut Dictionary, channel: ChannelKind) {
        put(d, "Topic", Some(&self.topic));
        // On a user enrollment a UDID would win over the enrollment id and make it another channel.
        if matches!(channel, ChannelKind::Device) {
            put(d, "UDID", self.udid.as_deref());
        }
        for (key, text) in [
            ("DeviceName", &self.device_name),
            ("Model", &self.model),
            ("ModelName", &self.model_name),
            ("OSVersion", &self.os_version),
            ("BuildVersion", &self.build),
            ("ProductName", &self.product),
            ("SerialNumber", &self.serial),
            ("IMEI", &self.imei),
            ("MEID", &self.meid),
        ] {
            put(d, key, text.as_deref());
        }
    }
}

/// The answer to GetBootstrapToken: `{BootstrapToken: data}`, the bytes exactly as they were set.
pub fn bootstrap_reply(token: &Secret) -> Vec<u8> {
    let mut d = Dictionary::new();
    put_data(&mut d, "BootstrapToken", Some(token));
    plist::to_xml(&Value::Dictionary(d))
}

/// The answer to ReturnToService when we have no plan for the device: `{ReturnToService: {Enabled: false}}`.
pub fn return_to_service_refusal() -> Vec<u8> {
    let refusal = Dictionary::from_iter([("Enabled".to_string(), Value::Boolean(false))]);
    let reply = Dictionary::from_iter([("ReturnToService".to_string(), Value::Dictionary(refusal))]);
    plist::to_xml(&Value::Dictionary(reply))
}
