//! Every code that a page or an API answer can carry, in words: one table, shown by the help.

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The code.
    pub code: &'static str,
    /// HTTP status where the sort of the refusal does not say it.
    pub status: Option<u16>,
    /// What happened, in a few words: the headline.
    pub title: &'static str,
    /// What to do now.
    pub next: &'static str,
}

const fn code(code: &'static str, title: &'static str, next: &'static str) -> Code {
    Code { code, status: None, title, next }
}

const fn with(code: &'static str, status: u16, title: &'static str, next: &'static str) -> Code {
    Code { code, status: Some(status), title, next }
}

/// The row of a code.
pub fn find(word: &str) -> Option<&'static Code> {
    CODES.iter().find(|row| row.code == word)
}

/// Every code, in order.
pub const CODES: &[Code] = &[
    with(
        "access.console",
        403,
        "Only on the server itself",
        "Run the command on the machine that runs Pomona.",
    ),
    code("access.gone", "Your access ended", "Sign in again, or ask an owner of this server."),
    code(
        "access.role",
        "Your role does not allow this",
        "Ask an owner to do it, or to give you another role.",
    ),
    with("access.sign-in", 401, "You are not signed in", "Sign in and try again."),
    with(
        "access.token",
        401,
        "This token does not work",
        "Make a new one with “pomona token create” on the server.",
    ),
    code("account.changed", "The password was changed meanwhile", "Sign in with the new password."),
    code("account.exists", "The name is taken", "Choose another sign-in name."),
    code("account.full-name", "This name cannot be used", "Use up to 100 characters, on one line."),
    code("account.last-owner", "The last owner stays", "Make another owner first, then suspend this one."),
    code(
        "account.name",
        "This sign-in name cannot be used",
        "Use 1 to 64 small letters, digits, or . _ - @.",
    ),
    code(
        "account.password",
        "This password is too weak",
        "Use a sentence of four or five words that only you know.",
    ),
    code("account.password-again", "The passwords differ", "Type the same password twice."),
    code(
        "account.password-others",
        "Only on the server itself",
        "People change their own password; on the server, “pomona admin password” changes anybody's.",
    ),
    code("account.role", "There is no such role", "Choose owner, admin, helpdesk or auditor."),
    code("account.unknown", "There is no such account", "Look at the list of accounts."),
    code("account.yourself", "You cannot suspend yourself", "Ask another owner to do it."),
    with("api.body", 400, "The request could not be read", "Send JSON as the API's documentation shows it."),
    with("api.query", 400, "The query could not be read", "Check the parameters of the address."),
    with("body.form", 400, "The form could not be read", "Go back, reload the page and send the form again."),
    with(
        "body.large",
        413,
        "This is too large",
        "Send less: a profile may have 10 MiB, anything else 1 MiB.",
    ),
    code("command.base64", "The property list could not be read", "Send it in base64."),
    code(
        "command.finished",
        "The command is finished already",
        "Look at its answer; to undo it, send another command.",
    ),
    code("command.impossible", "This device cannot do that", "Read the reason on the device's page."),
    code(
        "command.no_unlock_token",
        "The passcode cannot be cleared",
        "Enroll the device again, or erase it.",
    ),
    code("command.pin", "This is no PIN", "Give exactly six digits, or none: then one is made."),
    code("command.unknown", "There is no such command", "Look at the device's commands."),
    code("command.unreadable", "This is no command", "A command is a property list with a RequestType."),
    code("device.ambiguous", "More than one device is meant", "Use the device's id."),
    code("device.name", "The name does not match", "Type the device's name exactly as it is shown."),
    code("device.no-identifier", "The device cannot be asked to leave", "Forget the device instead."),
    code("device.no-pin", "No PIN is kept", "A PIN is kept when a Mac is locked or erased from here."),
    code(
        "device.unknown",
        "There is no such device",
        "Look at the list of devices; it may have been removed.",
    ),
    code("device.user", "There is no such user", "Look at the device's page for its managed users."),
    code("enrollment.not_enrolled", "The device is not enrolled", "Enroll it again with an enrollment link."),
    code(
        "enrollment.unknown",
        "There is no such device",
        "Look at the list of devices; it may have been removed.",
    ),
    with(
        "form.origin",
        403,
        "The form came from elsewhere",
        "Open the page on this server and send its form.",
    ),
    with("form.token", 403, "The form is too old", "Go back, reload the page and send the form again."),
    with("host.unknown", 421, "This is not that server", "Use the server's own address."),
    code("link.devices", "This is no number of devices", "Give a number from 1 to 100,000, or nothing."),
    code("link.label", "This label cannot be used", "Use up to 100 characters, on one line."),
    code("link.serial", "This is no serial number", "Copy it from Settings, General, About on the device."),
    code("link.unknown", "There is no such link", "Look at the list of enrollment links."),
    code("link.uses", "This is no number of devices", "Give a number from 1 to 100,000, or nothing."),
    code("link.validity", "This time cannot be used", "A link works for one minute to 366 days."),
    code(
        "log.level",
        "The level was not changed",
        "Choose error, warn, info, debug or trace, for at most a day.",
    ),
    with(
        "page.method",
        405,
        "That cannot be done here",
        "Use the forms of the pages, or the API as documented.",
    ),
    with("page.unknown", 404, "There is nothing here", "Check the address, or begin at the start page."),
    code("profile.assign-nobody", "Nobody was chosen", "Tick devices, or Everyone."),
    code(
        "profile.encrypted",
        "The profile is encrypted",
        "Import the profile as it was before it was encrypted for one device.",
    ),
    code(
        "profile.enrollment",
        "This is an enrollment profile",
        "Give the profile another PayloadIdentifier, if it is not ours.",
    ),
    code("profile.mdm", "This profile enrolls devices", "Use an enrollment link to enroll devices."),
    code("profile.no-file", "No file was chosen", "Choose a .mobileconfig file."),
    code("profile.not-assigned", "The profile is not assigned there", "Assign it to the device first."),
    code(
        "profile.unknown",
        "There is no such profile",
        "Look at the list of profiles; it may have been removed.",
    ),
    code(
        "profile.unreadable",
        "This is no profile",
        "Choose a .mobileconfig file as Apple Configurator makes it.",
    ),
    code("push.expired", "The certificate is past its end", "Renew it in Apple's Push Certificates Portal."),
    code(
        "push.key",
        "The key does not fit",
        "Take the private key with which the certificate was requested.",
    ),
    code(
        "push.key-unreadable",
        "The key cannot be read",
        "Give the private key in PEM, without a passphrase.",
    ),
    code("push.missing", "There is no push certificate", "Import Apple's MDM push certificate first."),
    code("push.no-file", "No file was chosen", "Choose the certificate that Apple's portal gave you."),
    code(
        "push.no-key",
        "The key is missing",
        "Add the private key with which the certificate was requested.",
    ),
    code(
        "push.not-mdm",
        "This is no MDM push certificate",
        "Take the file that Apple's Push Certificates Portal gave you.",
    ),
    code("push.not-yet", "The certificate has not begun", "Check this server's clock."),
    code("push.passphrase", "The passphrase is missing or wrong", "Type the passphrase of the file."),
    code(
        "push.topic",
        "This certificate would strand your devices",
        "Renew the present certificate instead. Only if it is lost: type the new topic and enroll all devices again.",
    ),
    code("push.unreadable", "The certificate cannot be read", "Choose a PEM or PKCS#12 file."),
    with("server.busy", 503, "The server is busy", "Try again in a few seconds."),
    with(
        "server.panic",
        500,
        "Something went wrong here",
        "Try again. If it happens again, report the request's id.",
    ),
    code("setup.code", "This is not the setup code", "On the server, “pomona setup-code” makes a new one."),
    code("setup.done", "This server is set up already", "Sign in with your name and password."),
    code("setup.expired", "The setup code is too old", "On the server, “pomona setup-code” makes a new one."),
    code("setup.organization", "This name cannot be used", "Use up to 100 characters, on one line."),
    with("sign-in.busy", 503, "Many people sign in just now", "Try again in a few seconds."),
    with(
        "sign-in.refused",
        403,
        "Name or password is wrong",
        "Try again. Owners can make you a new account.",
    ),
    with("sign-in.wait", 429, "Too many wrong passwords", "Wait as long as it says, then try again."),
    with(
        "store.broken",
        503,
        "The server cannot reach its data",
        "Try again in a minute; whoever runs it finds the cause in the logs.",
    ),
    code("ticket.closed", "This link does not work any more", "Ask whoever gave it to you for a new one."),
    code("ticket.unknown", "There is no such link", "Ask whoever gave it to you for a new one."),
    code("token.days", "This time cannot be used", "A token works for 1 to 365 days."),
    code("token.exists", "The name is taken", "Choose another name, or revoke the other token first."),
    code("token.name", "This name cannot be used", "Use 1 to 64 characters, on one line."),
    code("token.unknown", "There is no such token", "Look at the list of tokens."),
];

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_stand_in_order_once_and_each_says_what_to_do() {
        let words: Vec<_> = CODES.iter().map(|row| row.code).collect();
        for pair in words.windows(2) {
            assert!(pair[0] < pair[1], "{} stands before {}", pair[0], pair[1]);
        }
        for row in CODES {
            assert!(row.next.ends_with('.') && row.next.len() > 10, "{}: {:?}", row.code, row.next);
            assert!(!row.title.ends_with('.'), "{}: a headline has no full stop", row.code);
        }
    }
}
