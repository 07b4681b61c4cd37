//! What a person can ask of one device, and when it makes no sense to ask.

use super::device::Platform;
use super::enrollment::{Kind, State};

/// Something a person asks of one device from its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Ask for information, security, profiles, certificates and apps anew.
    Update,
    /// Lock the screen.
    Lock,
    /// Take the passcode off.
    ClearPasscode,
    /// Restart.
    Restart,
    /// Shut down.
    ShutDown,
    /// Erase everything on it.
    Erase,
    /// Release it from management and forget it.
    Remove,
}

/// What must be known of a device to judge a deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Family.
    pub platform: Platform,
    /// Kind of its device channel.
    pub kind: Kind,
    /// Where its enrollment stands.
    pub state: State,
    /// Supervised, as far as it told.
    pub supervised: Option<bool>,
    /// It entrusted us its unlock token.
    pub unlock_token: bool,
}

impl Deed {
    /// Every deed, dangerous ones last.
    pub const ALL: [Deed; 7] = [
        Self::Update,
        Self::Lock,
        Self::ClearPasscode,
        Self::Restart,
        Self::ShutDown,
        Self::Erase,
        Self::Remove,
    ];

    /// The word in addresses.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Lock => "lock",
            Self::ClearPasscode => "clear-passcode",
            Self::Restart => "restart",
            Self::ShutDown => "shut-down",
            Self::Erase => "erase",
            Self::Remove => "remove",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.slug() == word)
    }

    /// The words of its button.
    pub fn label(self) -> &'static str {
        match self {
            Self::Update => "Update information",
            Self::Lock => "Lock",
            Self::ClearPasscode => "Clear passcode",
            Self::Restart => "Restart",
            Self::ShutDown => "Shut down",
            Self::Erase => "Erase",
            Self::Remove => "Remove device",
        }
    }

    /// Why it cannot be asked of such a device; none means that it can. Platforms and supervision as Apple's
    /// command schema has them (`mdm/commands/device.lock`, `passcode.clear`, `device.restart`,
    /// `device.shutdown`, `device.erase`: keys `supportedOS`, `supervised`, `userenrollment`).
    pub fn obstacle(self, facts: &Facts) -> Option<&'static str> {
        use Platform::*;
        if self == Self::Remove {
            return None;
        }
        match facts.state {
            State::CheckedOut => return Some("The device is no longer managed. Enroll it again first."),
            State::Authenticated => return Some("The device has not finished enrolling yet."),
            State::Enrolled => {}
        }
        let user_enrollment = facts.kind == Kind::UserEnrollment;
        let supervised = facts.supervised == Some(true);
        match self {
            Self::Lock if facts.platform == AppleTv => Some("An Apple TV has no lock screen."),
            Self::Lock if user_enrollment && facts.platform == Mac => {
                Some("The Mac belongs to a person (user enrollment).")
            }
            Self::ClearPasscode => match facts.platform {
                Mac => Some("A Mac has no passcode to clear. Its users keep their own passwords."),
                AppleTv => Some("An Apple TV has no passcode."),
                _ if user_enrollment => {
                    Some("The device belongs to a person (user enrollment), so its passcode is theirs.")
                }
                _ if !facts.unlock_token => Some(
                    "The device has not entrusted its unlock token to this server. It does so when it enrolls \
                     and when its passcode is set, so enroll it again.",
                ),
                _ => None,
            },
            Self::Restart | Self::ShutDown if user_enrollment => {
                Some("The device belongs to a person (user enrollment).")
            }
            Self::ShutDown if facts.platform == AppleTv => Some("An Apple TV cannot be shut down from afar."),
            Self::Restart | Self::ShutDown if matches!(facts.platform, Watch | Vision) => {
                Some("This kind of device does not take the command.")
            }
            Self::Restart | Self::ShutDown if facts.platform != Mac && !supervised => {
                Some("Only supervised devices take this command.")
            }
            Self::Erase if user_enrollment => Some(
                "The device belongs to a person (user enrollment). Remove the device to take the work data off it.",
            ),
            _ => None,
        }
    }
}
