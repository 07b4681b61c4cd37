//! Every address of the portal, spelled once. Ids are percent-encoded here and nowhere else.

use crate::model::deed::Deed;
use crate::model::enrollment::EnrollmentId;

/// Landing page.
pub const HOME: &str = "/";
/// Overview of the administration portal.
pub const OVERVIEW: &str = "/profilemanager";
/// Sign-in page and form.
pub const SIGN_IN: &str = "/profilemanager/signin";
/// Form that ends the session.
pub const SIGN_OUT: &str = "/profilemanager/signout";
/// First administrator: page and form.
pub const SETUP: &str = "/profilemanager/setup";
/// List of devices.
pub const DEVICES: &str = "/profilemanager/devices";
/// List of profiles.
pub const PROFILES: &str = "/profilemanager/profiles";
/// Import of a profile: page and form.
pub const PROFILE_IMPORT: &str = "/profilemanager/profiles/import";
/// List of enrollment links.
pub const ENROLLMENT: &str = "/profilemanager/enrollment";
/// New enrollment link: page and form.
pub const ENROLLMENT_NEW: &str = "/profilemanager/enrollment/new";
/// What happened.
pub const ACTIVITY: &str = "/profilemanager/activity";
/// Push certificate.
pub const PUSH: &str = "/profilemanager/push";
/// Import of a push certificate: form.
pub const PUSH_IMPORT: &str = "/profilemanager/push/import";
/// Test of the push connection: form.
pub const PUSH_TEST: &str = "/profilemanager/push/test";
/// Accounts and tokens.
pub const ACCOUNTS: &str = "/profilemanager/accounts";
/// New administrator: page and form.
pub const ACCOUNT_NEW: &str = "/profilemanager/accounts/new";
/// New token: page and form.
pub const TOKEN_NEW: &str = "/profilemanager/tokens/new";
/// Log level.
pub const LOGS: &str = "/profilemanager/logs";
/// Change of the log level: form.
pub const LOGS_LEVEL: &str = "/profilemanager/logs/level";
/// One's own account.
pub const ME: &str = "/profilemanager/me";
/// Another password for oneself: form.
pub const ME_PASSWORD: &str = "/profilemanager/me/password";
/// End of one's other sessions: form.
pub const ME_SESSIONS_END: &str = "/profilemanager/me/sessions/end";
/// Help.
pub const HELP: &str = "/profilemanager/help";

/// Stylesheet.
pub const CSS: &str = "/assets/pomona.css";
/// Niceties; every page works without it.
pub const JS: &str = "/assets/pomona.js";
/// Icon of the window.
pub const FAVICON: &str = "/assets/favicon.svg";

/// A part of a device's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceTab {
    /// What it is.
    About,
    /// What is configured on it.
    Profiles,
    /// What it was asked.
    Commands,
    /// What happened to it.
    Activity,
}

/// A device's page, at one of its tabs.
pub fn device(id: &EnrollmentId, tab: DeviceTab) -> String {
    let tail = match tab {
        DeviceTab::About => "",
        DeviceTab::Profiles => "/profiles",
        DeviceTab::Commands => "/commands",
        DeviceTab::Activity => "/activity",
    };
    format!("{DEVICES}/{}{tail}", segment(id.as_str()))
}

/// Confirmation page (GET) and form (POST) of a deed; [`Deed::Update`] has no page, only the form.
pub fn deed(id: &EnrollmentId, deed: Deed) -> String {
    format!("{DEVICES}/{}/{}", segment(id.as_str()), deed.slug())
}

/// Lock PIN of a Mac: page that asks (GET) and page that shows (POST).
pub fn pin(id: &EnrollmentId) -> String {
    format!("{DEVICES}/{}/pin", segment(id.as_str()))
}

/// One command.
pub fn command(id: &EnrollmentId, uuid: &str) -> String {
    format!("{DEVICES}/{}/commands/{}", segment(id.as_str()), segment(uuid))
}

/// Form that takes a command back.
pub fn command_cancel(id: &EnrollmentId, uuid: &str) -> String {
    format!("{}/cancel", command(id, uuid))
}

/// A part of a profile's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileTab {
    /// What is in it.
    Payloads,
    /// Who it is for.
    Assigned,
    /// How far it got.
    Status,
    /// Its text.
    Source,
}

/// A profile's page, at one of its tabs.
pub fn profile(id: &str, tab: ProfileTab) -> String {
    let tail = match tab {
        ProfileTab::Payloads => "",
        ProfileTab::Assigned => "/assigned",
        ProfileTab::Status => "/status",
        ProfileTab::Source => "/source",
    };
    format!("{PROFILES}/{}{tail}", segment(id))
}

/// Form that assigns a profile.
pub fn profile_assign(id: &str) -> String {
    format!("{PROFILES}/{}/assign", segment(id))
}

/// Form that takes a profile from one device or from Everyone.
pub fn profile_unassign(id: &str) -> String {
    format!("{PROFILES}/{}/unassign", segment(id))
}

/// Confirmation page and form that remove a profile from the library and from its devices.
pub fn profile_remove(id: &str) -> String {
    format!("{PROFILES}/{}/remove", segment(id))
}

/// The file itself.
pub fn profile_download(id: &str) -> String {
    format!("{PROFILES}/{}/download", segment(id))
}

/// An enrollment link's page.
pub fn ticket(id: &str) -> String {
    format!("{ENROLLMENT}/{}", segment(id))
}

/// Confirmation page and form that revoke an enrollment link.
pub fn ticket_revoke(id: &str) -> String {
    format!("{ENROLLMENT}/{}/revoke", segment(id))
}

/// Public page of an enrollment link.
pub fn enroll(token: &str) -> String {
    format!("/enroll/{}", segment(token))
}

/// The enrollment profile of a link.
pub fn enroll_profile(token: &str) -> String {
    format!("/enroll/{}/profile", segment(token))
}

/// Form that suspends an account.
pub fn account_suspend(name: &str) -> String {
    format!("{ACCOUNTS}/{}/suspend", segment(name))
}

/// Form that lets a suspended account in again.
pub fn account_resume(name: &str) -> String {
    format!("{ACCOUNTS}/{}/resume", segment(name))
}

/// Confirmation page and form that revoke a token.
pub fn token_revoke(id: &str) -> String {
    format!("/profilemanager/tokens/{}/revoke", segment(id))
}

/// The help's entry for an error code.
pub fn help_code(code: &str) -> String {
    format!("{HELP}#{}", segment(code))
}

/// `base?key=value&…` with the pairs that are not empty.
pub fn with_query(base: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = base.to_owned();
    let mut sign = '?';
    for (key, value) in pairs.iter().filter(|(_, v)| !v.is_empty()) {
        out.push(sign);
        out.push_str(&segment(key));
        out.push('=');
        out.push_str(&segment(value));
        sign = '&';
    }
    out
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
