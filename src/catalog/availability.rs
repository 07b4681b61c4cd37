//! For which systems, channels and enrollments something exists.

/// A family of operating systems, as Apple's schema tells them apart. iPadOS is [`Os::Ios`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Os {
    /// iOS and iPadOS.
    Ios,
    /// macOS.
    Macos,
    /// tvOS.
    Tvos,
    /// visionOS.
    Visionos,
    /// watchOS.
    Watchos,
}

impl Os {
    /// All, in Apple's order.
    pub const ALL: [Os; 5] = [Os::Ios, Os::Macos, Os::Tvos, Os::Visionos, Os::Watchos];

    /// As Apple writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Os::Ios => "iOS",
            Os::Macos => "macOS",
            Os::Tvos => "tvOS",
            Os::Visionos => "visionOS",
            Os::Watchos => "watchOS",
        }
    }
}

/// A version of an operating system: `26.4.1`. Compared number by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u16, pub u16, pub u16);

impl std::fmt::Display for Version {
    /// As Apple writes it: `26.0`, `26.4.1`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.2 {
            0 => write!(f, "{}.{}", self.0, self.1),
            patch => write!(f, "{}.{}.{patch}", self.0, self.1),
        }
    }
}

impl Version {
    /// Reads `26`, `26.4`, `26.4.1`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| part.parse::<u16>());
        let mut next = || parts.next().transpose().ok();
        let version = Self(next()??, next()?.unwrap_or(0), next()?.unwrap_or(0));
        Some(version)
    }
}

/// What Apple says of one operating system. A field that neither a key nor its parents state is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OsFacts {
    /// First version that knows it; none is never.
    pub introduced: Option<Version>,
    /// Version from which it is deprecated.
    pub deprecated: Option<Version>,
    /// Version from which it is gone.
    pub removed: Option<Version>,
    /// May occur several times on a device.
    pub multiple: Option<bool>,
    /// Works on the device channel.
    pub device_channel: Option<bool>,
    /// Works on the user channel.
    pub user_channel: Option<bool>,
    /// Needs supervision.
    pub supervised: Option<bool>,
    /// Needs automated enrollment.
    pub automated: Option<bool>,
    /// Needs an enrollment that a person approved (macOS).
    pub approved: Option<bool>,
    /// May be installed by hand.
    pub manual: Option<bool>,
    /// Allowed in a user enrollment.
    pub user_enrollment: Option<bool>,
    /// Allowed on Shared iPad.
    pub shared_ipad: Option<bool>,
    /// Works on Shared iPad alone.
    pub shared_ipad_only: bool,
    /// On Shared iPad: works on the device channel.
    pub shared_device_channel: Option<bool>,
    /// On Shared iPad: works on the user channel.
    pub shared_user_channel: Option<bool>,
    /// The setup pane can be skipped later too, and not in automated enrollment alone.
    pub always_skippable: Option<bool>,
    /// Access rights (bits of `AccessRights`) of which the server needs one; 0 is none.
    pub right: Option<u16>,
    /// Whether Apple says anything about this system. Where it does not, nothing can be judged.
    pub stated: bool,
}

/// Facts for each operating system, parents' facts already taken over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Availability {
    /// In the order of [`Os::ALL`].
    pub os: [OsFacts; 5],
}

/// How a device is enrolled, as far as payloads ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Enrolled {
    /// By a profile.
    Device,
    /// By automated enrollment.
    Automated,
    /// Account-driven user enrollment.
    User,
}

/// A kind of device: what availability depends on, and nothing else. Devices of one target are judged alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// System.
    pub os: Os,
    /// Its version; none when the device did not tell.
    pub version: Option<Version>,
    /// Supervised; none when the device did not tell.
    pub supervised: Option<bool>,
    /// How it is enrolled.
    pub enrolled: Enrolled,
    /// Shared iPad.
    pub shared_ipad: bool,
    /// The user channel, and not the device channel.
    pub user_channel: bool,
}

/// Why a device ignores a key or a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The system does not know it at all.
    OtherSystem,
    /// It comes with a later version.
    NeedsVersion(Version),
    /// It went with this version.
    Removed(Version),
    /// Only supervised devices obey.
    NeedsSupervision,
    /// Only devices of automated enrollment obey.
    NeedsAutomated,
    /// Not in a user enrollment.
    NotInUserEnrollment,
    /// Not on the device channel.
    NotOnDeviceChannel,
    /// Not on the user channel.
    NotOnUserChannel,
    /// Not on Shared iPad.
    NotOnSharedIpad,
    /// On Shared iPad alone.
    NeedsSharedIpad,
}

/// Whether a device will obey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It works.
    Works,
    /// It works, and is deprecated since.
    Deprecated(Version),
    /// The device does not obey.
    Ignored(Why),
    /// The device did not tell what it takes to judge.
    Unknown,
}

impl Availability {
    /// The facts for a system.
    pub fn on(&self, os: Os) -> &OsFacts {
        &self.os[os as usize]
    }

    /// Whether a device of this kind obeys.
    ///
    /// A certain no comes before a doubt: a device that did not tell its version still has the wrong system. What no
    /// device can be asked for (an approval by a person, installation by hand) is not judged.
    pub fn judge(&self, target: &Target) -> Verdict {
        let facts = self.on(target.os);
        if !facts.stated {
            return Verdict::Unknown;
        }
        let Some(introduced) = facts.introduced else { return Verdict::Ignored(Why::OtherSystem) };
        if let Some(why) = facts.refused(target) {
            return Verdict::Ignored(why);
        }
        let Some(version) = target.version else { return Verdict::Unknown };
        if version < introduced {
            return Verdict::Ignored(Why::NeedsVersion(introduced));
        }
        if let Some(removed) = facts.removed.filter(|removed| version >= *removed) {
            return Verdict::Ignored(Why::Removed(removed));
        }
        if facts.supervised == Some(true) && target.supervised.is_none() {
            return Verdict::Unknown;
        }
        match facts.deprecated.filter(|deprecated| version >= *deprecated) {
            Some(deprecated) => Verdict::Deprecated(deprecated),
            None => Verdict::Works,
        }
    }

    /// The systems that know it in some version.
    pub fn systems(&self) -> impl Iterator<Item = Os> {
        Os::ALL.into_iter().filter(|os| self.on(*os).introduced.is_some())
    }
}

impl OsFacts {
    /// What rules a device out, whatever its version is.
    fn refused(&self, target: &Target) -> Option<Why> {
        if target.enrolled == Enrolled::User && self.user_enrollment == Some(false) {
            return Some(Why::NotInUserEnrollment);
        }
        let (device, user) = if target.shared_ipad {
            if self.shared_ipad == Some(false) {
                return Some(Why::NotOnSharedIpad);
            }
            (
                self.shared_device_channel.or(self.device_channel),
                self.shared_user_channel.or(self.user_channel),
            )
        } else {
            if self.shared_ipad_only {
                return Some(Why::NeedsSharedIpad);
            }
            (self.device_channel, self.user_channel)
        };
        if target.user_channel && user == Some(false) {
            return Some(Why::NotOnUserChannel);
        }
        if !target.user_channel && device == Some(false) {
            return Some(Why::NotOnDeviceChannel);
        }
        if self.automated == Some(true) && target.enrolled != Enrolled::Automated {
            return Some(Why::NeedsAutomated);
        }
        (self.supervised == Some(true) && target.supervised == Some(false)).then_some(Why::NeedsSupervision)
    }
}
