//! What a sign-in name, a password and a setup code must look like, and who may give which role.

use crate::model::account::{Account, Role};
use crate::rules::Refusal;

/// Fewest characters of a password that is the only factor (NIST SP 800-63B-4, 3.1.1.2: 15).
pub const PASSWORD_MIN: usize = 15;
/// Most bytes of a password: enough for any phrase, and no work for whoever sends megabytes.
pub const PASSWORD_MAX: usize = 1024;
/// Days an API token works when nobody says otherwise.
pub const TOKEN_DAYS: u32 = 90;
/// Most days an API token works.
pub const TOKEN_DAYS_MAX: u32 = 365;
/// How long a setup code works, in seconds.
pub const SETUP_CODE_SECS: i64 = 24 * 3600;

/// Names that the activity list gives to something else than a person.
const RESERVED: [&str; 4] = ["console", "pomona", "device", "token"];

/// A sign-in name as it is stored: lower case, 1 to 64 of `a-z 0-9 . _ - @`.
pub fn account_name(typed: &str) -> Result<String, Refusal> {
    let name = typed.trim().to_lowercase();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-@".contains(c);
    if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
        return Err(Refusal::invalid(
            "account.name",
            "A sign-in name has 1 to 64 letters, digits, or one of . _ - @, without spaces.",
        ));
    }
    if RESERVED.contains(&name.as_str()) {
        return Err(Refusal::invalid(
            "account.name",
            format!("The name {name} stands for the server itself in the activity list. Take another one."),
        ));
    }
    Ok(name)
}

/// A name for people: what was typed, or the sign-in name when nothing was.
pub fn full_name(typed: &str, name: &str) -> Result<String, Refusal> {
    let typed = typed.trim();
    if typed.chars().count() > 100 || typed.chars().any(char::is_control) {
        return Err(Refusal::invalid("account.full-name", "A name has up to 100 characters, on one line."));
    }
    Ok(if typed.is_empty() { name.to_owned() } else { typed.to_owned() })
}

/// Whether a new password is good enough. Length is what counts; what a guesser tries first is refused.
pub fn password(password: &str, name: &str) -> Result<(), Refusal> {
    let no = |said: &str| Err(Refusal::invalid("account.password", said));
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return no(
            "A password has at least 15 characters. A sentence of four or five words is easy to remember.",
        );
    }
    if password.len() > PASSWORD_MAX {
        return no("A password has at most 1,024 bytes.");
    }
    let folded = password.to_lowercase();
    let mut letters: Vec<char> = folded.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.len() < 5 {
        return no("This password repeats the same few characters. Use more different ones.");
    }
    let bare: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    if !name.is_empty() && bare.replace(name, "").chars().count() < 8 {
        return no("This password is little more than the sign-in name. Choose another one.");
    }
    let guessed =
        ["password", "passwort", "qwerty", "letmein", "pomona", "profilemanager", "12345678", "abcdefgh"];
    if guessed.iter().any(|word| bare.replace(word, "").chars().filter(|c| c.is_alphabetic()).count() < 4) {
        return no("This password is among the first that a guesser tries. Choose another one.");
    }
    Ok(())
}

/// Whether an account may be suspended: the server keeps one owner who can sign in.
pub fn may_suspend(account: &Account, by: &str, all: &[Account]) -> Result<(), Refusal> {
    if account.name == by {
        return Err(Refusal::conflict(
            "account.yourself",
            "You cannot suspend your own account. Ask another owner to do it.",
        ));
    }
    let others =
        all.iter().filter(|a| a.role == Role::Owner && !a.suspended && a.name != account.name).count();
    if account.role == Role::Owner && others == 0 {
        return Err(Refusal::conflict(
            "account.last-owner",
            "This is the last owner who can sign in. Make another owner first.",
        ));
    }
    Ok(())
}

/// Days of a new token.
pub fn token_days(asked: Option<u32>) -> Result<u32, Refusal> {
    match asked.unwrap_or(TOKEN_DAYS) {
        days @ 1..=TOKEN_DAYS_MAX => Ok(days),
        _ => Err(Refusal::invalid("token.days", "A token works for 1 to 365 days.")),
    }
}

/// The name of a token: shown in the activity list as `token:NAME`.
pub fn token_name(typed: &str) -> Result<String, Refusal> {
    let name = typed.trim();
    if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
        return Err(Refusal::invalid("token.name", "A token's name has 1 to 64 characters, on one line."));
    }
    Ok(name.to_owned())
}

/// Crockford's base 32: no I, L, O, U, so nothing is read as something else.
const CODE_LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A setup code of 20 letters in groups of five (100 bits) from 20 random bytes.
pub fn setup_code(random: &[u8; 20]) -> String {
    let mut code = String::with_capacity(23);
    for (i, byte) in random.iter().enumerate() {
        if i > 0 && i % 5 == 0 {
            code.push('-');
        }
        code.push(char::from(CODE_LETTERS[usize::from(byte % 32)]));
    }
    code
}

/// A setup code as it is hashed: whatever a person does with case, spaces and dashes, and with letters that look
/// alike.
pub fn fold_code(typed: &str) -> String {
    let folded = typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase());
    folded
        .map(|c| match c {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect()
}
