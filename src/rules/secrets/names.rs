//! Names that speak of secrets, for keys that the catalogue does not know.

/// Words that name a secret wherever they stand in a name, without spaces and case.
const ANYWHERE: &[&str] = &["password", "passwort", "passphrase", "passwd", "secret", "privatekey", "apikey"];

/// Words that name a secret when a name ends with them.
const AT_THE_END: &[&str] = &[
    "pwd",
    "psk",
    "token",
    "challenge",
    "pin",
    "passcode",
    "credential",
    "credentials",
    "authkey",
    "accesskey",
    "licensekey",
    "licencekey",
    "encryptionkey",
    "signingkey",
    "registrationkey",
    "activationkey",
    "enrollmentkey",
    "sharedkey",
    "presharedkey",
];

/// Last words that turn a name into one *about* a secret.
const ABOUT: &[&str] = &[
    "url",
    "regex",
    "domain",
    "domains",
    "uri",
    "type",
    "length",
    "policy",
    "hint",
    "required",
    "expiration",
    "uuid",
    "name",
    "id",
    "identifier",
    "enabled",
    "disabled",
    "prompt",
    "label",
    "interval",
    "age",
    "timeout",
    "count",
    "history",
    "format",
    "mode",
    "allowed",
    "date",
    "days",
    "attempts",
    "title",
    "message",
    "text",
    "path",
    "reference",
    "class",
    "method",
    "server",
    "host",
    "endpoint",
    "version",
    "size",
    "minimum",
    "maximum",
];

/// Whether a name speaks of a password, token, private key or the like: `UserPassword`, `wifi_psk`, `api-key`. One that
/// speaks about a secret does not: `PasswordHint`, `TokenURL`.
pub fn speaks(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.iter().rev().find(|word| !word.bytes().all(|b| b.is_ascii_digit())) else {
        return false;
    };
    if ABOUT.contains(&last.as_str()) {
        return false;
    }
    let joined = words.concat();
    let bare = joined.trim_end_matches(|c: char| c.is_ascii_digit());
    let ends = |ending: &&&str| {
        // As words of their own: `Shipping` and `EmailToken` end alike for a machine only.
        (1..=words.len().min(3)).any(|count| {
            words[words.len() - count..].concat().trim_end_matches(|c: char| c.is_ascii_digit()) == **ending
        })
    };
    ANYWHERE.iter().any(|word| bare.contains(word)) || AT_THE_END.iter().any(|ending| ends(&ending))
}

/// The words of a name, in lower case: split at what is no letter or digit, and where a capital begins a word.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    let chars: Vec<char> = name.chars().take(200).collect();
    for (at, c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            open = false;
            continue;
        }
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1);
        let begins = c.is_uppercase()
            && (before.is_some_and(|b| b.is_lowercase() || b.is_numeric())
                || (before.is_some_and(char::is_uppercase) && after.is_some_and(|a| a.is_lowercase())));
        if !open || begins {
            words.push(String::new());
        }
        open = true;
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}
