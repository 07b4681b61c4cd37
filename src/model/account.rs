//! People who administer, their sessions, and tokens of programs.

use serde::{Deserialize, Serialize};

use super::Time;

/// What an account may do; the table of rights is `rules::access`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Everything.
    Owner,
    /// Everything but keys, certificates and accounts.
    Admin,
    /// Sees all, acts on single devices without erasing.
    Helpdesk,
    /// Sees all, changes nothing.
    Auditor,
}

impl Role {
    /// The word for people and in our API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Helpdesk => "helpdesk",
            Self::Auditor => "auditor",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Owner, Self::Admin, Self::Helpdesk, Self::Auditor].into_iter().find(|r| r.as_str() == word)
    }
}

/// An administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Sign-in name, lowercase.
    pub name: String,
    /// Name for people.
    pub full_name: String,
    /// What they may do.
    pub role: Role,
    /// Argon2id hash in PHC form.
    pub password: String,
    /// When it was made.
    pub created: Time,
    /// Suspended accounts cannot sign in and their sessions are void.
    pub suspended: bool,
}

/// A browser session, stored under the SHA-256 of its cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose.
    pub account: String,
    /// Form token against cross-site requests, base64url.
    pub csrf: String,
    /// Sign-in.
    pub created: Time,
    /// Latest request, to the minute.
    pub used: Time,
    /// Address and browser, for the list of sessions.
    pub from: String,
}

/// A program's token, stored under the SHA-256 of its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Name for people.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created: Time,
    /// Until when it works; at most a year.
    pub expires: Time,
    /// Account that made it: suspended or with a new password, its tokens are void as well. Empty for those made
    /// at the console.
    #[serde(default)]
    pub by: String,
}

/// Who does a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Name for people and for the activity list, as in `ada`, `token:nightly`, `console`.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl Actor {
    /// Whoever runs the program on the server itself: the socket's folder is theirs alone.
    pub fn console() -> Self {
        Self { name: "console".into(), role: Role::Owner }
    }
}
