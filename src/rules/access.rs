//! Who may do what: one table, one function.

use crate::model::account::Role;
use crate::rules::Refusal;

/// Something an administrator or a program can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// See devices, profiles, commands and their answers.
    SeeInventory,
    /// See the activity list and the logs.
    SeeActivity,
    /// Ask a device for information, restart, shut down.
    Operate,
    /// Lock a device, clear its passcode.
    Lock,
    /// Erase a device.
    Erase,
    /// Send a command written by hand.
    SendRaw,
    /// Import, assign and remove profiles.
    EditProfiles,
    /// Make and revoke enrollment links.
    Enroll,
    /// Forget a device, release it from management.
    RemoveDevice,
    /// Read a lock PIN.
    Reveal,
    /// Push certificate, log level, other matters of the server.
    Server,
    /// Administrators and tokens.
    Accounts,
}

impl Right {
    /// Every right, for the matrix test and for the help.
    pub const ALL: [Right; 12] = [
        Right::SeeInventory,
        Right::SeeActivity,
        Right::Operate,
        Right::Lock,
        Right::Erase,
        Right::SendRaw,
        Right::EditProfiles,
        Right::Enroll,
        Right::RemoveDevice,
        Right::Reveal,
        Right::Server,
        Right::Accounts,
    ];

    fn doing(self) -> &'static str {
        match self {
            Right::SeeInventory => "see devices and profiles",
            Right::SeeActivity => "see activity and logs",
            Right::Operate => "operate devices",
            Right::Lock => "lock devices or clear passcodes",
            Right::Erase => "erase devices",
            Right::SendRaw => "send commands written by hand",
            Right::EditProfiles => "change profiles",
            Right::Enroll => "make enrollment links",
            Right::RemoveDevice => "remove devices",
            Right::Reveal => "read lock PINs",
            Right::Server => "change the server",
            Right::Accounts => "manage accounts and tokens",
        }
    }
}

/// Whether `role` has `right`.
pub fn allowed(role: Role, right: Right) -> bool {
    use Right::*;
    match role {
        Role::Owner => true,
        Role::Admin => !matches!(right, Server | Accounts),
        Role::Helpdesk => matches!(right, SeeInventory | SeeActivity | Operate | Lock | Reveal),
        Role::Auditor => matches!(right, SeeInventory | SeeActivity),
    }
}

/// The one decision every route goes through.
pub fn authorize(role: Role, right: Right) -> Result<(), Refusal> {
    if allowed(role, right) {
        return Ok(());
    }
    Err(Refusal::forbidden(
        "access.role",
        format!(
            "The role {} may not {}. Ask an owner to do it or to change your role.",
            role.as_str(),
            right.doing()
        ),
    ))
}
