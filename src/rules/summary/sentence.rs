//! One payload in one sentence.

use crate::catalog::{Form, catalog};
use crate::rules::document::payload_label;
use crate::rules::entry;
use crate::rules::secrets::speaks;
use crate::wire::plist::{Dictionary, Value};
use crate::wire::profile::Payload;

/// Keys that say nothing of what a payload does.
const SHARED: &[&str] = &[
    "PayloadType",
    "PayloadVersion",
    "PayloadUUID",
    "PayloadIdentifier",
    "PayloadDisplayName",
    "PayloadDescription",
    "PayloadOrganization",
    "PayloadEnabled",
    "PayloadScope",
];

/// A payload in one sentence, without a full stop.
pub(super) fn of(payload: Payload<'_>) -> String {
    let form = catalog().form_for(payload.body);
    let label = payload_label(payload, form);
    let said = Said { body: payload.body, form };
    let sentence = match payload.payload_type() {
        "com.apple.wifi.managed" => said.wifi(),
        "com.apple.mobiledevice.passwordpolicy" => said.passcode(),
        "com.apple.vpn.managed" => said.vpn(&label),
        "com.apple.mail.managed" => {
            said.account("Mail account", &["EmailAccountDescription", "EmailAddress"])
        }
        "com.apple.eas.account" | "com.apple.ews.account" => {
            said.account("Exchange account", &["EmailAddress", "UserName", "Host"])
        }
        "com.apple.caldav.account" => {
            said.account("Calendar account", &["CalDAVAccountDescription", "CalDAVHostName"])
        }
        "com.apple.carddav.account" => {
            said.account("Contacts account", &["CardDAVAccountDescription", "CardDAVHostName"])
        }
        "com.apple.subscribedcalendar.account" => {
            said.account("Subscribed calendar", &["SubCalAccountDescription", "SubCalAccountHostName"])
        }
        "com.apple.ldap.account" => {
            said.account("LDAP account", &["LDAPAccountDescription", "LDAPAccountHostName"])
        }
        "com.apple.webClip.managed" => said.account("Web clip", &["Label", "URL"]),
        "com.apple.security.root" | "com.apple.security.pkcs1" | "com.apple.security.pem" => {
            said.certificate()
        }
        "com.apple.security.pkcs12" => Some(said.named("Identity", &["PayloadDisplayName"])),
        "com.apple.security.scep" => said.inside("PayloadContent", "Certificate by SCEP from", "URL"),
        "com.apple.security.acme" => said.account("Certificate by ACME from", &["DirectoryURL"]),
        "com.apple.font" => said.account("Font", &["Name"]),
        "com.apple.app.lock" => said.inside("App", "Single App Mode with", "Identifier"),
        "com.apple.dnsSettings.managed" => said.inside("DNSSettings", "Encrypted DNS by", "ServerURL"),
        "com.apple.proxy.http.global" => said.account("Global proxy", &["ProxyServer", "ProxyPACURL"]),
        "com.apple.applicationaccess" => said.restrictions(),
        "com.apple.profileRemovalPassword" => Some("A password to remove the profile".to_owned()),
        _ => None,
    };
    sentence.unwrap_or_else(|| said.counted(&label)).replace(char::is_control, " ")
}

struct Said<'a> {
    body: &'a Dictionary,
    form: Option<&'static Form>,
}

impl Said<'_> {
    fn text(&self, key: &str) -> Option<String> {
        let text = self.body.get(key)?.as_string().filter(|text| !text.trim().is_empty())?;
        Some(entry::show(None, &Value::String(text.to_owned())))
    }

    fn number(&self, key: &str) -> Option<i64> {
        self.body.get(key)?.as_signed_integer()
    }

    fn on(&self, key: &str) -> bool {
        self.body.get(key).and_then(Value::as_boolean) == Some(true)
    }

    /// What it is, and the first of these texts that is set.
    fn named(&self, what: &str, keys: &[&str]) -> String {
        match keys.iter().find_map(|key| self.text(key)) {
            Some(name) => format!("{what} “{name}”"),
            None => what.to_owned(),
        }
    }

    fn account(&self, what: &str, keys: &[&str]) -> Option<String> {
        Some(self.named(what, keys))
    }

    /// What it is, and a text one level down.
    fn inside(&self, dictionary: &str, what: &str, key: &str) -> Option<String> {
        let text = self.body.get(dictionary)?.as_dictionary()?.get(key)?.as_string()?;
        Some(format!("{what} “{}”", entry::show(None, &Value::String(text.to_owned()))))
    }

    fn wifi(&self) -> Option<String> {
        let mut sentence = match self.text("SSID_STR").or_else(|| self.text("DomainName")) {
            Some(name) => format!("Wi-Fi “{name}”"),
            None => "Wi-Fi without a name".to_owned(),
        };
        let sign_in = self.body.contains_key("EAPClientConfiguration");
        sentence.push_str(match self.body.get("EncryptionType").and_then(Value::as_string) {
            _ if sign_in => " with 802.1X sign-in",
            _ if self.body.contains_key("Password") => " with a password",
            Some("None") => ", an open network",
            _ => " without a password: people are asked for it",
        });
        if self.on("HIDDEN_NETWORK") {
            sentence.push_str(", hidden");
        }
        Some(sentence)
    }

    fn passcode(&self) -> Option<String> {
        let mut parts = Vec::new();
        if let Some(least) = self.number("minLength").filter(|least| *least > 0) {
            parts.push(format!("of at least {least} characters"));
        }
        if self.on("requireAlphanumeric") {
            parts.push("with letters and digits".to_owned());
        }
        if let Some(days) = self.number("maxPINAgeInDays").filter(|days| *days > 0) {
            parts.push(format!("renewed every {days} days"));
        }
        if let Some(tries) = self.number("maxFailedAttempts") {
            parts.push(format!("erased or locked after {tries} wrong tries"));
        }
        if let Some(minutes) = self.number("maxInactivity").filter(|minutes| *minutes > 0) {
            parts.push(format!("asked again after {minutes} min"));
        }
        if parts.is_empty() {
            return None;
        }
        // Without forcePIN the rules hold for whoever sets one.
        let begin = if self.on("forcePIN") { "Passcode required" } else { "Passcode" };
        Some(match begin {
            "Passcode" => format!("Passcode {}", parts.join(", ")),
            begin => format!("{begin}, {}", parts.join(", ")),
        })
    }

    fn vpn(&self, label: &str) -> Option<String> {
        let mut sentence = self.named(label, &["UserDefinedName"]);
        if let Some(kind) = self.text("VPNType") {
            sentence.push_str(&format!(" ({kind})"));
        }
        Some(sentence)
    }

    fn certificate(&self) -> Option<String> {
        let bytes = self.body.get("PayloadContent")?.as_data()?;
        let Some(cert) = entry::certificate(bytes) else {
            return Some("A certificate that cannot be read".to_owned());
        };
        let name = cert.common_name().unwrap_or_else(|| cert.subject());
        Some(format!("Trust in certificate “{}”", entry::show(None, &Value::String(name))))
    }

    fn restrictions(&self) -> Option<String> {
        let set = self.own().count();
        let off = self.own().filter(|(_, value)| value.as_boolean() == Some(false));
        let labels: Vec<String> = off
            .take(3)
            .filter_map(|(name, _)| Some(self.form?.key(&[name])?.label.clone()))
            .map(|label| format!("“{label}”"))
            .collect();
        let settings = if set == 1 { "1 setting".to_owned() } else { format!("{set} settings") };
        let more =
            self.own().filter(|(_, value)| value.as_boolean() == Some(false)).count() - labels.len().min(set);
        Some(match (labels.is_empty(), more) {
            (true, _) => format!("Restrictions: {settings}"),
            (false, 0) => format!("Restrictions: {settings}, off: {}", labels.join(", ")),
            (false, more) => format!("Restrictions: {settings}, off: {} and {more} more", labels.join(", ")),
        })
    }

    /// Keys of its own, in order.
    fn own(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.body.iter().filter(|(key, _)| !SHARED.contains(&key.as_str()))
    }

    /// Any other payload: its first plain settings, and how many more there are.
    fn counted(&self, label: &str) -> String {
        const SHOWN: usize = 2;
        let count = self.own().count();
        let mut parts = Vec::new();
        for (name, value) in self.own() {
            let key = self.form.and_then(|form| form.key(&[name]));
            let secret = key.map_or_else(|| speaks(name), |key| key.secret);
            if secret || matches!(value, Value::Array(_) | Value::Dictionary(_) | Value::Data(_)) {
                continue;
            }
            let name = key.map_or(name.as_str(), |key| &key.label);
            let shown: String = entry::show(key, value).chars().take(60).collect();
            parts.push(format!("{name}: {shown}"));
            if parts.len() == SHOWN {
                break;
            }
        }
        let more = count - parts.len();
        match (count, parts.is_empty()) {
            (0, _) => format!("{label}, nothing set yet"),
            (1, true) => format!("{label}: 1 setting"),
            (_, true) => format!("{label}: {count} settings"),
            _ if more == 0 => format!("{label}: {}", parts.join(", ")),
            _ => format!("{label}: {} and {more} more", parts.join(", ")),
        }
    }
}
