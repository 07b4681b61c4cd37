//! Every route on one screen, with who may call it.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tower_http::compression::CompressionLayer;

use super::admin::{
    accounts, activity, commands, deeds, device as dev, device_owner, devices, editor, enrollment, library,
    me, overview, profile, profiles, push, server, sign_in,
};
use super::table::Method::{Delete, Get, Post};
use super::table::Needs::{Console, Identity, Nothing};
use super::table::{Door, Needs, Rule, Table};
use super::{App, api, assets, device, edge, my_devices, public};
use crate::rules::access::Right;

const SEE: Needs = Needs::Right(Right::SeeInventory);
const READ: Needs = Needs::Right(Right::SeeActivity);
const OPERATE: Needs = Needs::Right(Right::Operate);
const LOCK: Needs = Needs::Right(Right::Lock);
const ERASE: Needs = Needs::Right(Right::Erase);
const EDIT: Needs = Needs::Right(Right::EditProfiles);
const ENROLL: Needs = Needs::Right(Right::Enroll);
const REMOVE: Needs = Needs::Right(Right::RemoveDevice);
const REVEAL: Needs = Needs::Right(Right::Reveal);
const SERVER: Needs = Needs::Right(Right::Server);
const ACCOUNTS: Needs = Needs::Right(Right::Accounts);

fn pages() -> Table {
    Table::new(Door::Network)
        .page(Get, "/", Nothing, public::landing)
        .page(Get, "/enroll/{token}", Nothing, public::enroll)
        .page(Get, "/mydevices", Identity, my_devices::show)
        .page(Get, "/mydevices/profiles/{id}", Identity, my_devices::install)
        .page(Get, "/profilemanager/setup", Nothing, sign_in::show_setup)
        .page(Post, "/profilemanager/setup", Nothing, sign_in::set_up)
        .page(Get, "/profilemanager/signin", Nothing, sign_in::show)
        .page(Post, "/profilemanager/signin", Nothing, sign_in::sign_in)
        .page(Post, "/profilemanager/signout", Identity, sign_in::sign_out)
        .page(Get, "/profilemanager/me", Identity, me::show)
        .page(Post, "/profilemanager/me/password", Identity, me::change_password)
        .page(Post, "/profilemanager/me/sessions/end", Identity, me::end_others)
        .page(Get, "/profilemanager", SEE, overview::show)
        .page(Get, "/profilemanager/help", Identity, server::help)
        .page(Get, "/profilemanager/activity", READ, activity::show)
        .page(Get, "/profilemanager/devices", SEE, devices::show)
        .page(Get, "/profilemanager/devices/{id}", SEE, dev::about)
        .page(Get, "/profilemanager/devices/{id}/profiles", SEE, dev::profiles)
        .page(Get, "/profilemanager/devices/{id}/activity", READ, dev::activity)
        .page(Get, "/profilemanager/devices/{id}/commands", SEE, dev::commands)
        .page(Get, "/profilemanager/devices/{id}/commands/{uuid}", SEE, commands::show)
        .page(Post, "/profilemanager/devices/{id}/commands/{uuid}/cancel", OPERATE, commands::cancel)
        .page(Post, "/profilemanager/devices/{id}/update", OPERATE, deeds::update)
        .page(Get, "/profilemanager/devices/{id}/lock", LOCK, deeds::ask_lock)
        .page(Post, "/profilemanager/devices/{id}/lock", LOCK, deeds::lock)
        .page(Get, "/profilemanager/devices/{id}/clear-passcode", LOCK, deeds::ask_clear_passcode)
        .page(Post, "/profilemanager/devices/{id}/clear-passcode", LOCK, deeds::clear_passcode)
        .page(Get, "/profilemanager/devices/{id}/restart", OPERATE, deeds::ask_restart)
        .page(Post, "/profilemanager/devices/{id}/restart", OPERATE, deeds::restart)
        .page(Get, "/profilemanager/devices/{id}/shut-down", OPERATE, deeds::ask_shut_down)
        .page(Post, "/profilemanager/devices/{id}/shut-down", OPERATE, deeds::shut_down)
        .page(Get, "/profilemanager/devices/{id}/erase", ERASE, deeds::ask_erase)
        .page(Post, "/profilemanager/devices/{id}/erase", ERASE, deeds::erase)
        .page(Get, "/profilemanager/devices/{id}/remove", REMOVE, deeds::ask_remove)
        .page(Post, "/profilemanager/devices/{id}/remove", REMOVE, deeds::remove)
        .page(Get, "/profilemanager/devices/{id}/owner", EDIT, device_owner::show)
        .page(Post, "/profilemanager/devices/{id}/owner", EDIT, device_owner::save)
        .page(Get, "/profilemanager/devices/{id}/pin", REVEAL, deeds::ask_pin)
        .page(Post, "/profilemanager/devices/{id}/pin", REVEAL, deeds::pin)
        .page(Get, "/profilemanager/profiles", SEE, profiles::list)
        .page(Get, "/profilemanager/profiles/import", EDIT, library::import::ask_import)
        .upload("/profilemanager/profiles/import", EDIT, library::import::import)
        .page(Get, "/profilemanager/profiles/imported", SEE, library::import::imported)
        .page(Get, "/profilemanager/profiles/new", EDIT, library::new::ask_new)
        .page(Post, "/profilemanager/profiles/new", EDIT, library::new::make)
        .page(Get, "/profilemanager/profiles/{id}", SEE, editor::payloads)
        .page(Post, "/profilemanager/profiles/{id}/payloads", EDIT, editor::arrange)
        .page(Get, "/profilemanager/profiles/{id}/payloads/{pid}", EDIT, editor::show)
        .upload("/profilemanager/profiles/{id}/payloads/{pid}", EDIT, editor::save)
        .page(Get, "/profilemanager/profiles/{id}/payloads/{pid}/at/{path}", EDIT, editor::show)
        .upload("/profilemanager/profiles/{id}/payloads/{pid}/at/{path}", EDIT, editor::save)
        .page(Get, "/profilemanager/profiles/{id}/payloads/{pid}/remove", EDIT, editor::ask_remove)
        .page(Post, "/profilemanager/profiles/{id}/payloads/{pid}/remove", EDIT, editor::remove)
        .page(Get, "/profilemanager/profiles/{id}/add", EDIT, editor::find)
        .page(Post, "/profilemanager/profiles/{id}/add", EDIT, editor::add)
        .page(Get, "/profilemanager/profiles/{id}/assigned", SEE, profile::assigned)
        .page(Get, "/profilemanager/profiles/{id}/status", SEE, profile::status)
        .page(Get, "/profilemanager/profiles/{id}/short", EDIT, library::short::show)
        .upload("/profilemanager/profiles/{id}/short", EDIT, library::short::save)
        .page(Get, "/profilemanager/profiles/{id}/general", SEE, library::general::show)
        .page(Post, "/profilemanager/profiles/{id}/general", EDIT, library::general::save)
        .page(Get, "/profilemanager/profiles/{id}/review", SEE, library::review::show)
        .page(Get, "/profilemanager/profiles/{id}/review/devices", SEE, library::review::devices)
        .page(Post, "/profilemanager/profiles/{id}/publish", EDIT, library::review::publish)
        .page(Get, "/profilemanager/profiles/{id}/discard", EDIT, library::review::ask_discard)
        .page(Post, "/profilemanager/profiles/{id}/discard", EDIT, library::review::discard)
        .page(Get, "/profilemanager/profiles/{id}/history", SEE, library::history::list)
        .page(Get, "/profilemanager/profiles/{id}/history/{n}", SEE, library::history::show)
        .page(Get, "/profilemanager/profiles/{id}/history/{n}/restore", EDIT, library::history::ask_restore)
        .page(Post, "/profilemanager/profiles/{id}/history/{n}/restore", EDIT, library::history::restore)
        .page(Get, "/profilemanager/profiles/{id}/source", SEE, library::source::show)
        .page(Get, "/profilemanager/profiles/{id}/source/edit", EDIT, library::source::ask_edit)
        .upload("/profilemanager/profiles/{id}/source/edit", EDIT, library::source::edit)
        .page(Get, "/profilemanager/profiles/{id}/preview", SEE, library::hand::preview)
        .page(Get, "/profilemanager/profiles/{id}/duplicate", EDIT, library::hand::ask_duplicate)
        .page(Post, "/profilemanager/profiles/{id}/duplicate", EDIT, library::hand::duplicate)
        .page(Get, "/profilemanager/profiles/{id}/archive", EDIT, library::hand::ask_archive)
        .page(Post, "/profilemanager/profiles/{id}/archive", EDIT, library::hand::archive)
        .page(Get, "/profilemanager/profiles/{id}/download", EDIT, library::hand::ask_download)
        .page(Get, "/profilemanager/profiles/{id}/file", EDIT, library::hand::file)
        .page(Post, "/profilemanager/profiles/{id}/assign", EDIT, profile::assign)
        .page(Post, "/profilemanager/profiles/{id}/unassign", EDIT, profile::unassign)
        .page(Get, "/profilemanager/profiles/{id}/remove", EDIT, profiles::ask_remove)
        .page(Post, "/profilemanager/profiles/{id}/remove", EDIT, profiles::remove)
        .page(Get, "/profilemanager/catalog", SEE, library::catalog::search)
        .page(Get, "/profilemanager/catalog/{form}", SEE, library::catalog::show)
        .page(Get, "/profilemanager/catalog/{form}/devices", SEE, library::catalog::devices)
        .page(Get, "/profilemanager/catalog/{form}/add", EDIT, library::catalog::ask_add)
        .page(Post, "/profilemanager/catalog/{form}/add", EDIT, library::catalog::add)
        .page(Get, "/profilemanager/enrollment", SEE, enrollment::list)
        .page(Get, "/profilemanager/enrollment/new", ENROLL, enrollment::ask_new)
        .page(Post, "/profilemanager/enrollment/new", ENROLL, enrollment::make)
        .page(Get, "/profilemanager/enrollment/{id}", SEE, enrollment::show)
        .page(Get, "/profilemanager/enrollment/{id}/revoke", ENROLL, enrollment::ask_revoke)
        .page(Post, "/profilemanager/enrollment/{id}/revoke", ENROLL, enrollment::revoke)
        .page(Get, "/profilemanager/push", SERVER, push::show)
        .upload("/profilemanager/push/import", SERVER, push::import)
        .page(Post, "/profilemanager/push/test", SERVER, push::test)
        .page(Get, "/profilemanager/accounts", ACCOUNTS, accounts::list)
        .page(Get, "/profilemanager/accounts/new", ACCOUNTS, accounts::ask_new)
        .page(Post, "/profilemanager/accounts/new", ACCOUNTS, accounts::make)
        .page(Post, "/profilemanager/accounts/{name}/suspend", ACCOUNTS, accounts::suspend)
        .page(Post, "/profilemanager/accounts/{name}/resume", ACCOUNTS, accounts::resume)
        .page(Get, "/profilemanager/tokens/new", ACCOUNTS, accounts::ask_new_token)
        .page(Post, "/profilemanager/tokens/new", ACCOUNTS, accounts::make_token)
        .page(Get, "/profilemanager/tokens/{id}/revoke", ACCOUNTS, accounts::ask_revoke)
        .page(Post, "/profilemanager/tokens/{id}/revoke", ACCOUNTS, accounts::revoke)
        .page(Get, "/profilemanager/logs", SERVER, server::logs)
        .page(Post, "/profilemanager/logs/level", SERVER, server::set_level)
}

fn calls(door: Door) -> Table {
    Table::new(door)
        .call(Get, "/healthz", Nothing, api::server::alive)
        .call(Get, "/readyz", Nothing, api::server::ready)
        .call(Get, "/api/v1/facts", READ, api::server::facts)
        .call(Get, "/api/v1/ca", SEE, api::server::ca)
        .call(Get, "/api/v1/activity", READ, api::server::activity)
        .call(Get, "/api/v1/log-level", READ, api::server::log_level)
        .call(Post, "/api/v1/log-level", SERVER, api::server::set_log_level)
        .call(Get, "/api/v1/devices", SEE, api::devices::list)
        .call(Get, "/api/v1/devices/{device}", SEE, api::devices::show)
        .call(Post, "/api/v1/devices/{device}/about", EDIT, api::devices::about)
        .call(Post, "/api/v1/devices/{device}/remove", REMOVE, api::devices::remove)
        .call(Post, "/api/v1/devices/{device}/lock-pin", REVEAL, api::devices::lock_pin)
        .call(Get, "/api/v1/devices/{device}/commands", SEE, api::commands::list)
        .send("/api/v1/devices/{device}/commands", OPERATE, api::commands::send)
        .call(Get, "/api/v1/commands/{uuid}", SEE, api::commands::show)
        .call(Post, "/api/v1/commands/{uuid}/cancel", OPERATE, api::commands::cancel)
        .call(Get, "/api/v1/profiles", SEE, api::profiles::list)
        .send("/api/v1/profiles", EDIT, api::profiles::import)
        .call(Get, "/api/v1/profiles/{id}", SEE, api::profiles::show)
        .call(Delete, "/api/v1/profiles/{id}", EDIT, api::profiles::remove)
        .call(Get, "/api/v1/profiles/{id}/file", EDIT, api::versions::file)
        .call(Get, "/api/v1/profiles/{id}/status", SEE, api::profiles::status)
        .call(Post, "/api/v1/profiles/{id}/assign", EDIT, api::profiles::assign)
        .call(Post, "/api/v1/profiles/{id}/unassign", EDIT, api::profiles::unassign)
        .call(Get, "/api/v1/profiles/{id}/draft", SEE, api::drafts::show)
        .send("/api/v1/profiles/{id}/draft", EDIT, api::drafts::edit)
        .call(Delete, "/api/v1/profiles/{id}/draft", EDIT, api::drafts::discard)
        .call(Post, "/api/v1/profiles/{id}/publish", EDIT, api::drafts::publish)
        .call(Post, "/api/v1/profiles/{id}/restore", EDIT, api::drafts::restore)
        .call(Post, "/api/v1/profiles/{id}/duplicate", EDIT, api::drafts::duplicate)
        .call(Post, "/api/v1/profiles/{id}/archive", EDIT, api::drafts::archive)
        .call(Get, "/api/v1/profiles/{id}/versions", SEE, api::versions::list)
        .call(Get, "/api/v1/profiles/{id}/versions/{n}", SEE, api::versions::show)
        .call(Get, "/api/v1/profiles/{id}/diff", SEE, api::versions::compare)
        .call(Get, "/api/v1/profiles/{id}/check", SEE, api::versions::check)
        .call(Get, "/api/v1/profiles/{id}/lint", SEE, api::lint::show)
        .call(Get, "/api/v1/profiles/{id}/preview", SEE, api::versions::preview)
        .call(Get, "/api/v1/catalog/forms", SEE, api::catalog::forms)
        .call(Get, "/api/v1/catalog/forms/{form}", SEE, api::catalog::form)
        .call(Get, "/api/v1/catalog/search", SEE, api::catalog::search)
        .call(Get, "/api/v1/enrollment-links", SEE, api::tickets::list)
        .call(Post, "/api/v1/enrollment-links", ENROLL, api::tickets::make)
        .call(Post, "/api/v1/enrollment-links/{id}/revoke", ENROLL, api::tickets::revoke)
        .call(Post, "/api/v1/enrollment-profile", ENROLL, api::tickets::profile)
        .call(Get, "/api/v1/push", READ, api::push::show)
        .call(Post, "/api/v1/push/certificate", SERVER, api::push::import)
        .call(Post, "/api/v1/push/test", SERVER, api::push::test)
        .call(Get, "/api/v1/signing", READ, api::signing::show)
        .call(Post, "/api/v1/signing/certificate", SERVER, api::signing::import)
        .call(Get, "/api/v1/accounts", ACCOUNTS, api::accounts::list)
        .call(Post, "/api/v1/accounts", ACCOUNTS, api::accounts::make)
        .call(Post, "/api/v1/accounts/{name}/suspend", ACCOUNTS, api::accounts::suspend)
        .call(Post, "/api/v1/accounts/{name}/resume", ACCOUNTS, api::accounts::resume)
        .call(Post, "/api/v1/accounts/{name}/password", Console, api::accounts::password)
        .call(Get, "/api/v1/tokens", ACCOUNTS, api::accounts::list_tokens)
        .call(Post, "/api/v1/tokens", ACCOUNTS, api::accounts::make_token)
        .call(Delete, "/api/v1/tokens/{id}", ACCOUNTS, api::accounts::revoke_token)
        .call(Post, "/api/v1/setup-code", Console, api::accounts::setup_code)
}

/// Every rule of ours, as the network sees them; what devices speak to is in `web::device`.
pub fn rules() -> Vec<Rule> {
    static RULES: std::sync::OnceLock<Vec<Rule>> = std::sync::OnceLock::new();
    RULES.get_or_init(|| [pages().rules, calls(Door::Network).rules].concat()).clone()
}

/// Everything that is answered over TLS: devices, people, programs with tokens.
pub fn routes(app: App) -> Router {
    let compressed = pages()
        .router
        .merge(calls(Door::Network).router)
        .route("/assets/{*name}", get(assets::serve))
        // Devices are answered as they are: nothing on their way may change what they are told.
        .layer(CompressionLayer::new());
    compressed
        .merge(device::routes())
        .layer(from_fn_with_state((app.clone(), Door::Network), edge::serve))
        .with_state(app)
}

/// The API for whoever runs the program on the server itself, over the unix socket in the data folder: the
/// folder is theirs alone, so they act as owner without a token.
pub fn socket_routes(app: App) -> Router {
    calls(Door::Socket)
        .router
        .layer(from_fn_with_state((app.clone(), Door::Socket), edge::serve))
        .with_state(app)
}
