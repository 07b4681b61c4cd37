//! The pages of people who manage nothing: what they may install themselves.

use axum::http::StatusCode;
use axum::response::Response;

use super::admin::library::hand::{PROFILE_TYPE, made};
use super::ask::Ask;
use super::fleet;
use super::problem::Fault;
use crate::actions::exports::Wrapping;
use crate::actions::{devices, drafts, profiles};
use crate::model::device::Device;
use crate::model::enrollment::{EnrollmentId, State};
use crate::model::profile::{Distribution, Profile};
use crate::rules::{summary, variables};
use crate::store::{self, Read};
use crate::views::public::my_devices::{MyDevicesPage, OfferedProfile};

/// Offered to people at this moment.
fn is_offered(profile: &Profile) -> bool {
    profile.distribution == Distribution::Offered && profile.revision > 0 && profile.archived.is_none()
}

/// Whose device it is, by the account's name.
fn is_mine(device: &Device, name: &str) -> bool {
    !name.is_empty() && device.owner.short_name.eq_ignore_ascii_case(name)
}

/// The person's enrolled devices.
async fn mine(ask: &Ask, view: &Read) -> Result<Vec<(String, String)>, Fault> {
    let name = &ask.person()?.account.name;
    let fleet = fleet::snapshot(&ask.app).await?;
    let mut out = Vec::new();
    for entry in fleet.entries.iter().filter(|e| e.state == State::Enrolled && e.owned_by(name)) {
        // The list may be a moment old; whose device it is must not be.
        let device = store::devices::get(view, &entry.id)?;
        if device.is_some_and(|d| is_mine(&d, name)) {
            out.push((entry.id.to_string(), entry.name.clone()));
        }
    }
    Ok(out)
}

/// `GET /mydevices`
pub(super) async fn show(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let mine = mine(&ask, &view).await?;
    let mut offered: Vec<OfferedProfile> = Vec::new();
    for profile in store::profiles::list(&view)?.into_iter().filter(is_offered) {
        let document = drafts::revision(&view, &profile.id, profile.revision)?;
        let differs = !variables::used(&document).is_empty();
        offered.push(OfferedProfile {
            sentences: summary::sentences(&document),
            devices: differs.then(|| mine.clone()),
            id: profile.id,
            name: profile.name,
            description: profile.description,
        });
    }
    offered.sort_by_key(|p| p.name.to_lowercase());
    let content = MyDevicesPage { profiles: offered };
    ask.page(|page| content.render(page))
}

/// `GET /mydevices/profiles/{id}`
pub(super) async fn install(ask: Ask) -> Result<Response, Fault> {
    let gone = || Fault {
        status: StatusCode::NOT_FOUND,
        ..Fault::new("profile.not-offered", "This profile is not offered to you (any more).")
    };
    let (profile, device) = {
        let view = ask.read()?;
        let profile = store::profiles::get(&view, ask.part("id"))?.filter(is_offered).ok_or_else(gone)?;
        let device = match ask.said.query.some("device") {
            Some(text) => {
                let id = EnrollmentId::parse(text).map_err(|_| gone())?;
                let device = devices::known(&view, &id)?;
                Some(device)
                    .filter(|d| is_mine(d, &ask.actor().map(|a| a.name).unwrap_or_default()))
                    .ok_or_else(gone)?
            }
            .into(),
            None => None,
        };
        let document = drafts::revision(&view, &profile.id, profile.revision)?;
        if device.is_none() && !variables::used(&document).is_empty() {
            return Err(Fault::new(
                "profile.no-device",
                "This profile is made for one device each. Choose one of yours.",
            ));
        }
        let device: Option<Device> = device;
        (profiles::known(&view, &profile.id)?, device.map(|d| d.id))
    };
    let bytes = made(&ask, &profile.id, profile.revision, device, Wrapping::Signed).await?;
    ask.file(PROFILE_TYPE, &format!("{}.mobileconfig", profile.identifier), bytes)
}
