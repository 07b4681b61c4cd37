//! Accounts and tokens: `GET|POST /api/v1/accounts`, `POST /api/v1/accounts/{name}/{suspend,restore,password}`,
//! `GET|POST /api/v1/tokens`, `DELETE /api/v1/tokens/{id}`, `POST /api/v1/setup-code`.

use serde::{Deserialize, Serialize};

use super::{Hidden, Moment};

/// An administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountInfo {
    /// Sign-in name.
    pub name: String,
    /// Name for people.
    pub full_name: String,
    /// `owner`, `admin`, `helpdesk`, `auditor`.
    pub role: String,
    /// When it was made.
    pub created: Moment,
    /// It cannot sign in.
    pub suspended: bool,
    /// Open sessions.
    pub sessions: u32,
}

/// An account to add.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAccount {
    /// Sign-in name: 1 to 64 of a-z, 0-9, `.`, `_`, `-`, `@`; capitals are folded.
    pub name: String,
    /// Name for people.
    #[serde(default)]
    pub full_name: String,
    /// `owner`, `admin`, `helpdesk`, `auditor`.
    pub role: String,
    /// At least 15 characters (NIST SP 800-63B-4 for a single factor).
    pub password: Hidden,
}

/// `POST /api/v1/accounts/{name}/password`, over the socket only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPassword {
    /// At least 15 characters.
    pub password: Hidden,
}

/// A program's token, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    /// First 16 hex digits of its hash.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it may do.
    pub role: String,
    /// When it was made.
    pub created: Moment,
    /// Until when it works.
    pub expires: Moment,
}

/// A token to make.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewToken {
    /// Name for people, unique among tokens.
    pub name: String,
    /// What it may do; not more than its maker.
    pub role: String,
    /// Days it works, 1 to 365. Without it: 90.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// A token just made. Its text is never shown again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenMade {
    /// The token.
    #[serde(flatten)]
    pub info: TokenInfo,
    /// Its text, for `Authorization: Bearer`.
    pub token: Hidden,
}

/// A fresh setup code for the first administrator; the former one is void. Over the socket only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupCode {
    /// The code.
    pub code: Hidden,
    /// Where to type it.
    pub url: String,
    /// Until when it works.
    pub expires: Moment,
}
