//! What a key is called when nobody wrote a label for it.

use std::collections::HashMap;

/// Names that keep their capitals inside a label, beside those of the glossary.
const NAMES: &[&str] = &[
    "Activation Lock",
    "AirDrop",
    "AirPlay",
    "AirPrint",
    "Android",
    "App Store",
    "Apple",
    "Apple Account",
    "Apple Intelligence",
    "Apple Pay",
    "Apple TV",
    "Apple Watch",
    "Bluetooth",
    "CalDAV",
    "CardDAV",
    "Cisco",
    "Dock",
    "Ethernet",
    "Exchange",
    "Face ID",
    "FaceTime",
    "FileVault",
    "Finder",
    "Game Center",
    "Google",
    "HomeKit",
    "IKEv2",
    "IP",
    "IPsec",
    "Intel",
    "Internet",
    "Kerberos",
    "Liquid Glass",
    "Lockdown Mode",
    "Lost Mode",
    "Mac",
    "Microsoft",
    "Music",
    "OAuth",
    "Passpoint",
    "Recovery Lock",
    "Rosetta",
    "S/MIME",
    "SIM",
    "Safari",
    "Screen Time",
    "Setup Assistant",
    "Siri",
    "Spotlight",
    "Thunderbolt",
    "Touch ID",
    "True Tone",
    "UUID",
    "Wi-Fi",
    "Xsan",
    "iCloud",
    "iMessage",
    "iOS",
    "iPad",
    "iPadOS",
    "iPhone",
    "iTunes",
    "macOS",
    "tvOS",
    "visionOS",
    "watchOS",
];

/// Longer titles are descriptions.
const LONGEST_TITLE: usize = 48;

/// How words are written.
pub(super) struct Speller<'a> {
    words: HashMap<String, &'a str>,
}

impl<'a> Speller<'a> {
    pub(super) fn new(glossary: &'a HashMap<String, String>) -> Self {
        let mut words: HashMap<String, &'a str> = NAMES.iter().map(|name| (squeezed(name), *name)).collect();
        words.extend(glossary.iter().map(|(word, written)| (squeezed(word), written.as_str())));
        Self { words }
    }

    /// A short title of Apple's in sentence case, when it reads like a label: none for the bare name of the key and
    /// for what is too long.
    pub(super) fn title(&self, title: &str, name: &str) -> Option<String> {
        let title = title.trim().trim_end_matches('.');
        let bare = title == name && !title.contains(' ');
        if title.len() < 2 || title.chars().count() > LONGEST_TITLE || title.contains('_') || bare {
            return None;
        }
        // Titles of declarations are addresses: `Account:Mail`.
        let title = title.replace(':', ": ");
        let words: Vec<&str> = title.split_whitespace().collect();
        let written = self.spell(&words, |place, word| {
            let core = word.trim_matches(|c: char| !c.is_alphanumeric());
            if place > 0 && is_capitalized(core) { word.to_lowercase() } else { word.to_owned() }
        });
        Some(capital(&written))
    }

    /// Words one after the other: known ones, also of several words, as they are written; the rest by `other`.
    fn spell(&self, words: &[&str], other: impl Fn(usize, &str) -> String) -> String {
        const LONGEST_NAME: usize = 3;
        let mut out: Vec<String> = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let most = (words.len() - at).min(LONGEST_NAME);
            let known = (1..=most).rev().find_map(|count| {
                let joined = squeezed(&words[at..at + count].concat());
                self.words.get(&joined).map(|written| (count, *written))
            });
            let (count, written) = match known {
                Some((count, written)) => {
                    // Marks around the words stay: `(SSID)`, `Account:`.
                    let mark = |c: char| !c.is_alphanumeric();
                    let first = words[at];
                    let last = words[at + count - 1];
                    let before = &first[..first.len() - first.trim_start_matches(mark).len()];
                    let after = &last[last.trim_end_matches(mark).len()..];
                    (count, format!("{before}{written}{after}"))
                }
                None => (1, other(at, words[at])),
            };
            out.push(written);
            at += count;
        }
        out.join(" ")
    }

    /// What a form is called by its title alone.
    pub(super) fn form(&self, title: &str, name: &str) -> String {
        let title = title.trim_end_matches(" Command").trim_start_matches("Status ");
        self.title(title, name).unwrap_or_else(|| self.derive(name))
    }

    /// A label from a name: `allowAirDrop` is "Allow AirDrop", `SSID_STR` is "SSID STR".
    pub(super) fn derive(&self, name: &str) -> String {
        let parts = split(name);
        let words: Vec<&str> = parts.iter().map(String::as_str).collect();
        let label = self.spell(&words, |_, word| {
            let acronym = word.len() > 1 && word.chars().all(|c| c.is_uppercase() || c.is_ascii_digit());
            if acronym { word.to_owned() } else { word.to_lowercase() }
        });
        if label.is_empty() { name.to_owned() } else { capital(&label) }
    }
}

/// The names of an address written as one text, from the top: `/Pages/PagesItem` or `Pages/PagesItem`.
pub(super) fn part(address: &str) -> Vec<String> {
    address.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// A word without case and marks, as glossary and name meet.
fn squeezed(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_capitalized(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase)
        && word.len() > 1
        && chars.all(|c| c.is_lowercase() || c == '-')
}

/// A first letter in capitals, unless the word has its own way (`iCloud`).
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if first.is_lowercase() && second.is_uppercase() => text.to_owned(),
        (Some(first), _) => first.to_uppercase().chain(chars).collect(),
        _ => String::new(),
    }
}

/// The words of a name: at marks, before a capital after a small letter, and before the last capital of a row.
fn split(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut parts = Vec::new();
    let mut word = String::new();
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            parts.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let before = at.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(at + 1);
        let starts = c.is_uppercase()
            && (before.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit())
                || (before.is_some_and(char::is_uppercase) && after.is_some_and(|a| a.is_lowercase())));
        if starts && !word.is_empty() {
            parts.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    parts.extend((!word.is_empty()).then_some(word));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_labels() {
        let glossary = HashMap::from([("ssid".to_owned(), "network name".to_owned())]);
        let speller = Speller::new(&glossary);
        for (name, label) in [
            ("allowAirDrop", "Allow AirDrop"),
            ("SSID_STR", "Network name STR"),
            ("HTTPProxyPort", "HTTP proxy port"),
            ("iCloudKeychain", "iCloud keychain"),
            ("com.apple.autologout.AutoLogOutDelay", "Com Apple autologout auto log out delay"),
            ("_removed", "Removed"),
            ("-", "-"),
        ] {
            assert_eq!(speller.derive(name), label, "{name}");
        }
        assert_eq!(speller.title("Allow Safari History", "x").as_deref(), Some("Allow Safari history"));
        assert_eq!(speller.title("Skip Touch Id/Face ID", "x").as_deref(), Some("Skip touch Id/Face ID"));
        assert_eq!(
            speller.title("Network:VPN:Always On (SSID)", "x").as_deref(),
            Some("Network: VPN: always on (network name)")
        );
        assert_eq!(
            speller.title("Unlock with Apple watch pane", "x").as_deref(),
            Some("Unlock with Apple Watch pane")
        );
        assert_eq!(speller.title("allowMail", "allowMail"), None);
    }
}
