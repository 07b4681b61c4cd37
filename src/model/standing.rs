//! How a device stands, in one word: what the list filters by and the overview counts.

use super::enrollment::State;

/// One word for a device. The worst that is true wins, in this order: left, enrolling, unreachable, attention,
/// pending, up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Managed, nothing waits, nothing failed.
    UpToDate,
    /// Managed, and a command or profile is on its way.
    Pending,
    /// Managed, and something failed that a person must look at.
    Attention,
    /// Apple says that its push token is gone; it may still call by itself.
    Unreachable,
    /// It began to enroll and has not finished.
    Enrolling,
    /// It left management.
    Left,
}

impl Standing {
    /// Every standing, in the order people read them.
    pub const ALL: [Standing; 6] =
        [Self::UpToDate, Self::Pending, Self::Attention, Self::Unreachable, Self::Enrolling, Self::Left];

    /// Judges a device by its enrollment, whether its push token is gone, and how many of its commands and
    /// profiles failed or wait.
    pub fn of(state: State, unreachable: bool, failed: u64, waiting: u64) -> Self {
        match state {
            State::CheckedOut => Self::Left,
            State::Authenticated => Self::Enrolling,
            State::Enrolled if unreachable => Self::Unreachable,
            State::Enrolled if failed > 0 => Self::Attention,
            State::Enrolled if waiting > 0 => Self::Pending,
            State::Enrolled => Self::UpToDate,
        }
    }

    /// The words of the status chip.
    pub fn label(self) -> &'static str {
        match self {
            Self::UpToDate => "Up to date",
            Self::Pending => "Pending",
            Self::Attention => "Needs attention",
            Self::Unreachable => "Unreachable",
            Self::Enrolling => "Enrolling",
            Self::Left => "Not managed",
        }
    }

    /// The word in addresses and in our API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::UpToDate => "up-to-date",
            Self::Pending => "pending",
            Self::Attention => "attention",
            Self::Unreachable => "unreachable",
            Self::Enrolling => "enrolling",
            Self::Left => "left",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.slug() == word)
    }
}
