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
    with(
        "catalog.form",
        404,
        "There is no such form",
        "Look at the list of forms, or search for a word of it.",
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
    code("device.field-twice", "The field is there twice", "Give each field once."),
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
    code("field.many", "There are too many fields", "Remove fields that are not needed any more."),
    code(
        "field.name",
        "This field's name cannot be used",
        "Use 1 to 64 letters, digits, or _ . -, a letter first.",
    ),
    code("field.reserved", "This name is taken by a variable", "Choose another name for your field."),
    code(
        "field.twice",
        "A field stands there twice",
        "Keep one of the two; upper and lower case are the same.",
    ),
    code("field.value", "This value cannot be used", "Use up to 1,000 characters of text."),
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
    code(
        "owner.email",
        "This is no mail address",
        "Type an address like ada@example.org, or leave it empty.",
    ),
    code(
        "owner.text",
        "This text about the owner cannot be used",
        "Use up to 1,000 characters, on one line.",
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
        "profile.cannot-encrypt",
        "It cannot be encrypted to this device",
        "Download it signed instead. Only devices with an RSA identity can read encrypted profiles.",
    ),
    code(
        "profile.consent-language",
        "The language of a text is missing",
        "Give its code, as in de or fr-CA.",
    ),
    code(
        "profile.draft-moved",
        "The draft was changed meanwhile",
        "Look at the draft as it is now, then do it again.",
    ),
    code(
        "profile.draft-open",
        "Somebody has a draft of this profile",
        "Publish the draft or throw it away first, or import and keep the draft.",
    ),
    with(
        "profile.edit-conflict",
        409,
        "Two people changed the same setting",
        "Choose which one stays, then save.",
    ),
    code("profile.edit-wrong", "Something cannot be used", "Correct what is marked, then save again."),
    code(
        "profile.empty",
        "The profile has no payloads",
        "Add a setting; without one it does nothing on a device.",
    ),
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
    code(
        "profile.envelope",
        "Every profile needs this",
        "Put back the PayloadType, PayloadIdentifier, PayloadUUID or list that is missing.",
    ),
    code(
        "profile.form",
        "There is no such payload",
        "Give a payload type, or the id of a form of the catalogue.",
    ),
    code(
        "profile.fragment",
        "This is no part of a property list",
        "Correct the line it names, as in <string>text</string> or <integer>3</integer>.",
    ),
    code("profile.identifier", "This identifier cannot be used", "Use one word, as in org.example.wifi."),
    code(
        "profile.identifier-fixed",
        "The identifier stays",
        "Duplicate the profile to have it under another identifier.",
    ),
    code(
        "profile.identifier-taken",
        "The identifier is taken",
        "Choose another one, or edit the profile that has it.",
    ),
    code(
        "profile.identifier-twice",
        "An identifier stands there twice",
        "Give each payload a PayloadIdentifier of its own.",
    ),
    code(
        "profile.key-deprecated",
        "The setting is deprecated",
        "Use what replaces it, if your devices have that already.",
    ),
    code("profile.key-missing", "A setting that is needed is missing", "Set it, or remove the payload."),
    code(
        "profile.key-removed",
        "The setting is gone",
        "Remove it, unless you still have devices that know it.",
    ),
    code(
        "profile.key-unknown",
        "Apple does not document this setting",
        "Check its name; it is sent as it is.",
    ),
    code(
        "profile.many-payloads",
        "Several payloads are called that",
        "Name the payload by its PayloadUUID, or by # and its position.",
    ),
    code("profile.mdm", "This profile enrolls devices", "Use an enrollment link to enroll devices."),
    code("profile.name", "This name cannot be used", "Use up to 1,000 characters, on one line."),
    code(
        "profile.name-several",
        "Several profiles have this name",
        "Use the id or the identifier, as the list of profiles shows them.",
    ),
    code("profile.no-change", "Nothing would change", "Change something first, or throw the draft away."),
    code("profile.no-device", "No device was chosen", "Choose the device that the file is for."),
    code(
        "profile.no-draft",
        "There is no draft",
        "Look at the profile; it may have been published meanwhile.",
    ),
    code("profile.no-file", "No file was chosen", "Choose a .mobileconfig file."),
    code("profile.no-revision", "There is no such revision", "Look at the list of revisions."),
    code(
        "profile.no-signer",
        "There is no signing certificate",
        "Download the profile plain, or let an owner look at the signing certificate.",
    ),
    with("profile.no-such-form", 404, "There is no such payload", "Search for it by another word."),
    code(
        "profile.no-such-payload",
        "The profile has no such payload",
        "Look at its payloads again; somebody may have removed it.",
    ),
    code(
        "profile.no-such-place",
        "There is nothing at this place",
        "Look at the payload again; somebody may have changed it.",
    ),
    code("profile.not-a-list", "This is no list", "Set the value as a whole; only lists have items."),
    code("profile.not-assigned", "The profile is not assigned there", "Assign it to the device first."),
    code(
        "profile.not-offered",
        "This profile is not offered",
        "Ask whoever manages devices in your organization.",
    ),
    code(
        "profile.not-ready",
        "The profile is not ready",
        "Correct what the review page marks as an error, then publish.",
    ),
    code(
        "profile.not-sent",
        "The profile is not sent to devices",
        "Publish it, take it out of the archive, or set its distribution to pushed.",
    ),
    code("profile.note", "This note cannot be used", "Use up to 1,000 characters."),
    code(
        "profile.payload-exists",
        "The payload is there already",
        "Nothing is left to do; look at the payloads of the profile.",
    ),
    code(
        "profile.payload-twice",
        "Devices take this payload once",
        "Put both into one payload, or into two profiles.",
    ),
    code(
        "profile.payload-unknown",
        "Apple does not document this payload",
        "Check its type; it is sent as it is.",
    ),
    code(
        "profile.reference",
        "A reference leads nowhere",
        "Choose a certificate or identity payload of this profile.",
    ),
    code("profile.removal-both", "Two moments of removal", "Give a date or a number of days."),
    code("profile.removal-date", "This is no date", "Give it as in 2026-12-31T18:00."),
    code("profile.removal-days", "This is no number of days", "Give a number above 0, as in 30."),
    code(
        "profile.removal-password",
        "The removal password is missing",
        "Type one, or choose another way of removal.",
    ),
    code(
        "profile.removal-password-unused",
        "The removal password does nothing",
        "Let the profile be removed with a password only.",
    ),
    code(
        "profile.removal-twice",
        "The profile goes in two ways",
        "Keep the date or the duration; the earlier one counts.",
    ),
    code("profile.rule", "Two settings do not fit together", "Set or remove what the sentence says."),
    code(
        "profile.secret-missing",
        "A secret has to be typed again",
        "Type the password, key or token where the dots are.",
    ),
    code("profile.too-deep", "This nests too deeply", "Use at most 64 levels of lists and dictionaries."),
    code(
        "profile.too-large",
        "The profile would be too large",
        "Split it into several profiles of at most 16 MiB each.",
    ),
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
    code("profile.uuid-twice", "A UUID stands there twice", "Give each payload a PayloadUUID of its own."),
    code(
        "profile.value",
        "This value does not fit the setting",
        "Type a value as the setting's help describes it.",
    ),
    code(
        "profile.variable-missing",
        "The device lacks a value",
        "Set it on the device's page, among its owner and fields.",
    ),
    code(
        "profile.variable-unknown",
        "No device has such a field",
        "Correct the name of the variable, or give a device or its owner such a field.",
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
    code("signing.expired", "The signing certificate is past its end", "Import a new one."),
    code("signing.key", "The key does not fit", "Take the private key of the certificate."),
    code(
        "signing.key-unreadable",
        "The key cannot be read",
        "Give the private key in PEM, or a PKCS#12 file.",
    ),
    code("signing.no-key", "The key is missing", "Add the private key of the certificate in PEM."),
    code("signing.not-yet", "The certificate has not begun", "Check this server's clock."),
    code("signing.passphrase", "The passphrase is missing or wrong", "Type the passphrase of the file."),
    code(
        "signing.purpose",
        "This certificate may not sign",
        "Choose one whose key usage has digital signatures.",
    ),
    code("signing.unreadable", "The certificate cannot be read", "Choose a PEM or PKCS#12 file."),
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
