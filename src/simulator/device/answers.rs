//! What a device answers to each command.

use std::time::Duration;

use super::{Channel, Device};
use crate::simulator::portrait::Kind;
use crate::simulator::{Trouble, profiles};
use crate::wire::enroll::EnrollmentOrder;
use crate::wire::plist::{self, Dictionary, Value};
use crate::wire::{Malformed, Secret};

/// How long a device takes to start again.
const RESTART: Duration = Duration::from_secs(5);
/// Domain of the errors of the command layer.
const DOMAIN: &str = "MCMDMErrorDomain";
/// Domain of the errors of profile installation.
const INSTALLATION: &str = "MCInstallationErrorDomain";

/// An answer to one command.
pub(super) struct Answer {
    pub(super) status: &'static str,
    pub(super) results: Dictionary,
    /// What follows once the answer is out.
    pub(super) act: Act,
}

/// What a device does after it has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Nothing,
    Erase,
    Unenroll,
    /// Off, for so long.
    Off(Option<Duration>),
}

impl Answer {
    fn done() -> Self {
        Self::with(Dictionary::new())
    }

    fn with(results: Dictionary) -> Self {
        Self { status: "Acknowledged", results, act: Act::Nothing }
    }

    fn one(key: &str, value: Value) -> Self {
        let mut results = Dictionary::new();
        results.insert(key.to_owned(), value);
        Self::with(results)
    }

    fn then(mut self, act: Act) -> Self {
        self.act = act;
        self
    }

    pub(super) fn not_now() -> Self {
        Self { status: "NotNow", results: Dictionary::new(), act: Act::Nothing }
    }

    pub(super) fn error(code: i64, domain: &str, text: &str) -> Self {
        Self { status: "Error", results: chain(code, domain, text), act: Act::Nothing }
    }

    /// As iPhones and iPads say to what they do not know.
    pub(super) fn format_error(request_type: &str) -> Self {
        let text = format!("\u{201c}{request_type}\u{201d} is not a valid request type.");
        Self { status: "CommandFormatError", results: chain(12_021, DOMAIN, &text), act: Act::Nothing }
    }
}

fn chain(code: i64, domain: &str, text: &str) -> Dictionary {
    let mut error = Dictionary::new();
    error.insert("ErrorCode".into(), Value::Integer(code.into()));
    error.insert("ErrorDomain".into(), Value::String(domain.to_owned()));
    error.insert("LocalizedDescription".into(), Value::String(text.to_owned()));
    error.insert("USEnglishDescription".into(), Value::String(text.to_owned()));
    let mut results = Dictionary::new();
    results.insert("ErrorChain".into(), Value::Array(vec![Value::Dictionary(error)]));
    results
}

impl Device {
    /// Does what a command asks, as this kind of device would.
    pub(super) async fn obey(&mut self, channel: Channel, kind: &str, command: &Dictionary) -> Answer {
        let answer = match (kind, channel) {
            ("DeviceInformation", _) => Ok(Answer::one("QueryResponses", self.information(command))),
            ("SecurityInfo", _) => Ok(Answer::one("SecurityInfo", self.security())),
            ("ProfileList", _) => self.profile_list(channel, command),
            ("CertificateList", _) => Ok(Answer::one("CertificateList", self.certificates())),
            ("InstalledApplicationList", _) => {
                Ok(Answer::one("InstalledApplicationList", self.apps(command)))
            }
            ("InstallProfile", _) => self.install(channel, command).await,
            ("RemoveProfile", _) => self.remove(channel, command),
            ("DeviceLock", Channel::Device) if self.portrait.kind != Kind::AppleTv => self.lock(command),
            ("ClearPasscode", Channel::Device) if self.portrait.kind.has_passcode() => {
                self.clear_passcode(command)
            }
            ("EraseDevice", Channel::Device) => self.erase_if_asked_well(command),
            ("RestartDevice", Channel::Device) if self.may_restart() => {
                Ok(Answer::done().then(Act::Off(Some(RESTART))))
            }
            ("ShutDownDevice", Channel::Device)
                if self.may_restart() && self.portrait.kind != Kind::AppleTv =>
            {
                Ok(Answer::done().then(Act::Off(None)))
            }
            ("DeviceConfigured", Channel::Device) => Ok(self.configured()),
            _ => Ok(self.unknown(kind)),
        };
        let wrong = |m: Malformed| Answer::error(12_017, DOMAIN, &format!("Invalid parameter: {}", m.reason));
        answer.unwrap_or_else(wrong)
    }

    fn unknown(&self, kind: &str) -> Answer {
        match self.portrait.kind {
            Kind::Mac => Answer::error(12_021, DOMAIN, "Unknown command: the request type is not supported."),
            _ => Answer::format_error(kind),
        }
    }

    /// Macs restart for any server, the others only when supervised.
    fn may_restart(&self) -> bool {
        self.portrait.kind == Kind::Mac || self.portrait.supervised
    }

    fn profile_list(&self, channel: Channel, command: &Dictionary) -> Result<Answer, Malformed> {
        let managed_only = plist::boolean(command, "ManagedOnly")?.unwrap_or(false);
        let shelf = match channel {
            Channel::Device => &self.shelf,
            Channel::User(n) => match self.enrollment.as_ref().and_then(|e| e.users.get(n)) {
                Some(user) => &user.shelf,
                None => return Ok(self.unknown("ProfileList")),
            },
        };
        Ok(Answer::one("ProfileList", shelf.list(managed_only)))
    }

    async fn install(&mut self, channel: Channel, command: &Dictionary) -> Result<Answer, Malformed> {
        let file = plist::data(command, "Payload")?.unwrap_or_default();
        let identity = self.enrollment.as_ref().map(|e| e.identity.clone());
        let profile = match profiles::read(file, identity.as_ref()) {
            Ok((profile, _)) => profile,
            Err(malformed) => {
                let text = format!("Profile Installation Failed: {}", malformed.reason);
                return Ok(Answer::error(4_001, INSTALLATION, &text));
            }
        };
        let manages = profile.payloads.iter().any(|(kind, _)| kind == "com.apple.mdm");
        match (channel, manages) {
            (Channel::Device, true) => Ok(self.install_management(file, &profile.identifier).await),
            (Channel::User(n), false) => {
                if let Some(user) = self.enrollment.as_mut().and_then(|e| e.users.get_mut(n)) {
                    user.shelf.install(file, true, identity.as_ref())?;
                }
                Ok(Answer::done())
            }
            (Channel::Device, false) => {
                self.shelf.install(file, true, identity.as_ref())?;
                Ok(Answer::done())
            }
            (Channel::User(_), true) => {
                Ok(Answer::error(4_000, INSTALLATION, "Users cannot install the management profile."))
            }
        }
    }

    async fn install_management(&mut self, file: &[u8], identifier: &str) -> Answer {
        let present = self.enrollment.as_ref().map(|e| e.order.identifier.clone());
        if present.as_deref() != Some(identifier) {
            return Answer::error(4_000, INSTALLATION, "The device is managed already.");
        }
        let renewed = match EnrollmentOrder::parse(file).map_err(Trouble::malformed("the enrollment profile"))
        {
            Ok(order) => self.renew(file, order).await,
            Err(trouble) => Err(trouble),
        };
        match renewed {
            Ok(()) => Answer::done(),
            Err(trouble) => Answer::error(4_001, INSTALLATION, &trouble.to_string()),
        }
    }

    fn remove(&mut self, channel: Channel, command: &Dictionary) -> Result<Answer, Malformed> {
        let identifier = plist::text(command, "Identifier")?.unwrap_or_default().to_owned();
        let present = self.enrollment.as_ref().map(|e| e.order.identifier.clone());
        if channel == Channel::Device && present.as_deref() == Some(&identifier) {
            return Ok(Answer::done().then(Act::Unenroll));
        }
        let shelf = match channel {
            Channel::Device => Some(&mut self.shelf),
            Channel::User(n) => {
                self.enrollment.as_mut().and_then(|e| e.users.get_mut(n)).map(|user| &mut user.shelf)
            }
        };
        if shelf.is_some_and(|shelf| shelf.remove(&identifier)) {
            return Ok(Answer::done());
        }
        let text = format!("The profile \u{201c}{identifier}\u{201d} is not installed.");
        Ok(Answer::error(12_015, DOMAIN, &text))
    }

    fn lock(&mut self, command: &Dictionary) -> Result<Answer, Malformed> {
        let pin = plist::text(command, "PIN")?.map(|pin| Secret::new(pin.as_bytes().to_vec()));
        if self.portrait.kind == Kind::Mac {
            if pin.as_ref().is_none_or(|pin| pin.len() != 6) {
                return Ok(Answer::error(12_067, DOMAIN, "The PIN must have exactly six characters."));
            }
            self.condition.locked = Some(pin);
            return Ok(Answer::done());
        }
        self.condition.locked = Some(None);
        let result = if self.condition.passcode { "Success" } else { "NoPasscodeSet" };
        Ok(Answer::one("MessageResult", Value::String(result.into())))
    }

    /// Only the very bytes that the device gave away clear its passcode.
    fn clear_passcode(&mut self, command: &Dictionary) -> Result<Answer, Malformed> {
        let given = plist::data(command, "UnlockToken")?.map(|token| Secret::new(token.to_vec()));
        if given.is_none() || given.as_ref() != self.unlock_token() {
            return Ok(Answer::error(12_008, DOMAIN, "The unlock token is not valid."));
        }
        self.condition.passcode = false;
        self.condition.locked = None;
        Ok(Answer::done())
    }

    fn erase_if_asked_well(&self, command: &Dictionary) -> Result<Answer, Malformed> {
        let pin = plist::text(command, "PIN")?;
        if self.portrait.kind == Kind::Mac && pin.is_none_or(|pin| pin.chars().count() != 6) {
            return Ok(Answer::error(12_067, DOMAIN, "The PIN must have exactly six characters."));
        }
        Ok(Answer::done().then(Act::Erase))
    }

    fn configured(&mut self) -> Answer {
        match self.enrollment.as_mut() {
            Some(enrollment) if enrollment.awaiting => {
                enrollment.awaiting = false;
                Answer::done()
            }
            _ => Answer::error(12_078, DOMAIN, "The device is not awaiting configuration."),
        }
    }
}
