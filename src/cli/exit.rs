//! Exit codes, and failures that carry one.

use std::fmt;

/// How the program ends. The numbers are an interface: scripts branch on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// It failed; the message says why.
    Failure = 1,
    /// The command line makes no sense (also clap's code).
    Usage = 2,
    /// No such device, profile, command…
    NotFound = 3,
    /// The server says no: a right is missing, or a confirmation.
    Refused = 4,
    /// No server answers.
    Unreachable = 5,
    /// Some of several things failed.
    Partial = 6,
    /// It contradicts what is there: a name that is taken or not unique.
    Conflict = 7,
    /// `serve`: try again later, as when another Pomona has the data folder (EX_TEMPFAIL).
    Temporary = 75,
    /// `serve`: the configuration cannot be used (EX_CONFIG).
    Config = 78,
}

/// The table of [`Exit`] for the help.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done                              5  no server answers
  1  failed; the message says why      6  some of several things failed
  2  wrong usage                       7  contradicts what is there
  3  no such thing                    75  serve: data folder in use, or another passing obstacle
  4  refused                          78  serve: the configuration cannot be used
  doctor: 0 all well, 1 warnings, 2 something does not work";

/// A command that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// How the program ends.
    pub exit: Exit,
    /// Stable word, when the server gave one.
    pub code: Option<String>,
    /// What went wrong: one line.
    pub said: String,
    /// What to do now.
    pub next: String,
}

impl Failed {
    /// A failure with its cause and the next step.
    pub fn new(exit: Exit, said: impl Into<String>, next: impl Into<String>) -> Self {
        Self { exit, code: None, said: said.into(), next: next.into() }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)?;
        if !self.next.is_empty() {
            write!(f, "\n{}", self.next)?;
        }
        Ok(())
    }
}

impl std::error::Error for Failed {}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self::new(Exit::Failure, error.to_string(), "")
    }
}
