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
/// New profile: page and form.
pub const PROFILE_NEW: &str = "/profilemanager/profiles/new";
/// What an import understood. Query: `id`, once for each profile.
pub const PROFILES_IMPORTED: &str = "/profilemanager/profiles/imported";
/// Every setting that Apple documents. Query: `q`, `os`, `supervised`.
pub const CATALOG: &str = "/profilemanager/catalog";
/// A person's own page: what they may install themselves.
pub const MY_DEVICES: &str = "/mydevices";
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
    /// Name, removal, scope, distribution.
    General,
    /// Who it is for.
    Assigned,
    /// How far it got.
    Status,
    /// Its published revisions.
    History,
    /// Its text.
    Source,
}

/// A profile's page, at one of its tabs.
pub fn profile(id: &str, tab: ProfileTab) -> String {
    let tail = match tab {
        ProfileTab::Payloads => "",
        ProfileTab::General => "/general",
        ProfileTab::Assigned => "/assigned",
        ProfileTab::Status => "/status",
        ProfileTab::History => "/history",
        ProfileTab::Source => "/source",
    };
    format!("{PROFILES}/{}{tail}", segment(id))
}

/// A row in the editor: the page of its payload, at the row of its key. A place at the top level is in the general
/// settings.
pub fn place(id: &str, place: &crate::wire::profile::Place) -> String {
    match (&place.payload, place.path.0.first()) {
        (None, _) => profile(id, ProfileTab::General),
        (Some(payload), None) => self::payload(id, payload),
        (Some(payload), Some(key)) => {
            format!("{}#{}", self::payload(id, payload), super::admin::editor::anchor(key))
        }
    }
}

/// The short forms of a profile's payloads: page and form.
pub fn profile_short(id: &str) -> String {
    format!("{PROFILES}/{}/short", segment(id))
}

/// What a draft would change, before it is published.
pub fn profile_review(id: &str) -> String {
    format!("{PROFILES}/{}/review", segment(id))
}

/// The devices behind a number of the review.
pub fn profile_review_devices(id: &str, place: &str, verdict: &str) -> String {
    with_query(&format!("{}/devices", profile_review(id)), &[("place", place), ("verdict", verdict)])
}

/// Form that publishes a draft.
pub fn profile_publish(id: &str) -> String {
    format!("{PROFILES}/{}/publish", segment(id))
}

/// Confirmation page and form that throw a draft away.
pub fn profile_discard(id: &str) -> String {
    format!("{PROFILES}/{}/discard", segment(id))
}

/// One published revision.
pub fn profile_revision(id: &str, revision: u32) -> String {
    format!("{PROFILES}/{}/history/{revision}", segment(id))
}

/// Confirmation page and form that put a revision back.
pub fn profile_restore(id: &str, revision: u32) -> String {
    format!("{}/restore", profile_revision(id, revision))
}

/// Editing a profile as text: page and form.
pub fn profile_source_edit(id: &str) -> String {
    format!("{PROFILES}/{}/source/edit", segment(id))
}

/// What one device would get.
pub fn profile_preview(id: &str, device: &str) -> String {
    with_query(&format!("{PROFILES}/{}/preview", segment(id)), &[("device", device)])
}

/// Page and form that copy a profile.
pub fn profile_duplicate(id: &str) -> String {
    format!("{PROFILES}/{}/duplicate", segment(id))
}

/// Confirmation page and form that put a profile away, or back (`away` = `off`).
pub fn profile_archive(id: &str) -> String {
    format!("{PROFILES}/{}/archive", segment(id))
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

/// In which form to download a profile.
pub fn profile_download(id: &str) -> String {
    format!("{PROFILES}/{}/download", segment(id))
}

/// The file itself. Query: `revision`, `wrap` = `plain`, `signed` or `encrypted`, `device`.
pub fn profile_file(id: &str) -> String {
    format!("{PROFILES}/{}/file", segment(id))
}

/// One form of the catalog, or one of its keys.
pub fn catalog_form(form: &str, key: &str) -> String {
    with_query(&format!("{CATALOG}/{}", segment(form)), &[("key", key)])
}

/// The devices behind a number of the catalog.
pub fn catalog_devices(form: &str, key: &str, verdict: &str) -> String {
    with_query(&format!("{CATALOG}/{}/devices", segment(form)), &[("key", key), ("verdict", verdict)])
}

/// To which profile a setting of the catalog is to be added.
pub fn catalog_add(form: &str, key: &str) -> String {
    with_query(&format!("{CATALOG}/{}/add", segment(form)), &[("key", key)])
}

/// The owner of a device and its custom fields: page and form.
pub fn device_owner(id: &EnrollmentId) -> String {
    format!("{DEVICES}/{}/owner", segment(id.as_str()))
}

/// A profile that a person may install, signed.
pub fn my_profile(id: &str, device: &str) -> String {
    with_query(&format!("{MY_DEVICES}/profiles/{}", segment(id)), &[("device", device)])
}

/// The editor of one payload: page and form.
pub fn payload(profile: &str, payload: &str) -> String {
    format!("{PROFILES}/{}/payloads/{}", segment(profile), segment(payload))
}

/// The editor of something deep inside a payload: page and form. `path` is the text form of the way there.
pub fn payload_inside(profile: &str, payload_id: &str, path: &str) -> String {
    format!("{}/at/{}", payload(profile, payload_id), segment(path))
}

/// Confirmation page and form that take a payload out.
pub fn payload_remove(profile: &str, payload_id: &str) -> String {
    format!("{}/remove", payload(profile, payload_id))
}

/// Form that moves and copies payloads.
pub fn payloads(profile: &str) -> String {
    format!("{PROFILES}/{}/payloads", segment(profile))
}

/// Search across all payloads and their settings: page, and form that adds what was found.
pub fn profile_add(id: &str, q: &str) -> String {
    with_query(&format!("{PROFILES}/{}/add", segment(id)), &[("q", q)])
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
