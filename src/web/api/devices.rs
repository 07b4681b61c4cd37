//! Devices.

use std::collections::BTreeMap;

use axum::response::Response;

use super::facts::{delivery, summary, user};
use super::{limit, moment};
use crate::actions::devices::{self, Removed};
use crate::model::Time;
use crate::model::device::{Inventory, Owner};
use crate::model::enrollment::{EnrollmentId, EscrowKind};
use crate::model::standing::Standing;
use crate::store;
use crate::web::admin::devices::platform;
use crate::web::ask::Ask;
use crate::web::fleet::{self, Filter};
use crate::web::problem::Fault;
use crate::wire::api::{
    AboutDevice, AboutInfo, DeviceDetail, EscrowInfo, Hidden, InstalledAppInfo, InstalledCertificateInfo,
    InstalledProfileInfo, LockPin, OwnerInfo, Page, PushOutcomeInfo, RemoveDevice,
};

/// `GET /api/v1/devices?q=&platform=&state=&after=&limit=`
pub(in crate::web) async fn list(ask: Ask) -> Result<Response, Fault> {
    let query = &ask.said.query;
    let word = |name: &'static str| query.some(name);
    let unknown = |name: &str| Fault::new("api.query", format!("“{name}” has a value that is not known."));
    let family = word("platform").map(|w| platform(w).ok_or_else(|| unknown("platform"))).transpose()?;
    let standing = word("state").map(|w| Standing::parse(w).ok_or_else(|| unknown("state"))).transpose()?;
    let filter = Filter::new(query.text("q"), family, standing);
    let devices = fleet::snapshot(&ask.app).await?;
    let found = devices.find(&filter, word("after"), limit(&ask)?);
    ask.answer(Page {
        items: found.entries.iter().map(|entry| summary(&ask.app, entry)).collect(),
        total: Some(found.matching),
        next: found.next(),
    })
}

/// The device that the path names by id or serial number.
pub(super) fn named(ask: &Ask) -> Result<EnrollmentId, Fault> {
    Ok(devices::find(&ask.read()?, ask.part("device"))?.id)
}

/// `GET /api/v1/devices/{device}`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let snapshot = fleet::snapshot(&ask.app).await?;
    let view = ask.read()?;
    let device = devices::find(&view, ask.part("device"))?;
    let id = device.id.clone();
    let gone = || Fault::new("device.unknown", "There is no such device.");
    let entry = snapshot.get(&id).ok_or_else(gone)?;
    let enrollment = store::enrollments::get(&view, &id)?;
    let library = store::profiles::list(&view)?;
    let placements = store::profiles::placements_of_device(&view, &id)?;
    let kept = |kind| store::enrollments::escrow(&view, &id, kind).map(|e| e.is_some());
    let bound = enrollment.as_ref().and_then(|e| e.certificate);
    let certificate = bound.map(|f| store::certificates::get(&view, &f)).transpose()?.flatten();
    let inventory = store::devices::inventory(&view, &id)?;
    let mut detail = DeviceDetail {
        summary: summary(&ask.app, entry),
        product: device.product,
        build: device.build,
        imei: device.imei,
        wifi_mac: device.wifi_mac,
        battery: device.battery,
        capacity_gb: device.capacity_gb,
        available_gb: device.available_gb,
        encrypted: device.encrypted,
        passcode_present: device.passcode_present,
        information_at: device.information_at.map(moment),
        security_at: device.security_at.map(moment),
        erased_at: device.erased_at.map(moment),
        awaiting: enrollment.is_some_and(|e| e.awaiting),
        users: store::enrollments::children(&view, &id)?.into_iter().map(user).collect(),
        escrow: EscrowInfo {
            unlock_token: kept(EscrowKind::UnlockToken)?,
            bootstrap_token: kept(EscrowKind::BootstrapToken)?,
            lock_pin: kept(EscrowKind::LockPin)?,
        },
        push: store::dues::push_outcome(&view, &id)?.map(|p| PushOutcomeInfo {
            at: moment(p.at),
            accepted: p.accepted,
            said: p.said,
            unreachable: p.unreachable,
        }),
        certificate_expires: certificate.map(|c| moment(c.not_after)),
        owner: owner(device.owner),
        fields: device.fields,
        unfinished_commands: u32::try_from(store::commands::queue(&view, &id)?.len()).unwrap_or(u32::MAX),
        profiles: placements
            .iter()
            .map(|p| delivery(p, library.iter().find(|l| l.id == p.profile).map(|l| l.name.as_str())))
            .collect(),
        installed_profiles: Vec::new(),
        installed_profiles_at: None,
        certificates: Vec::new(),
        apps: Vec::new(),
    };
    fill(&mut detail, inventory);
    ask.answer(detail)
}

fn fill(detail: &mut DeviceDetail, inventory: Inventory) {
    let lists = |at: &Time| Some(moment(*at));
    if let Some((at, profiles)) = inventory.profiles {
        detail.installed_profiles_at = lists(&at);
        let info = |p: crate::model::device::InstalledProfile| InstalledProfileInfo {
            identifier: p.identifier,
            uuid: p.uuid,
            name: p.name,
            managed: p.managed,
        };
        detail.installed_profiles = profiles.into_iter().map(info).collect();
    }
    if let Some((_, certificates)) = inventory.certificates {
        let info = |c: crate::model::device::InstalledCertificate| InstalledCertificateInfo {
            common_name: c.common_name,
            is_identity: c.is_identity,
            sha256: c.sha256,
        };
        detail.certificates = certificates.into_iter().map(info).collect();
    }
    if let Some((_, apps)) = inventory.apps {
        let info = |a: crate::model::device::InstalledApp| InstalledAppInfo {
            name: a.name,
            identifier: a.identifier,
            version: a.version,
        };
        detail.apps = apps.into_iter().map(info).collect();
    }
}

/// `POST /api/v1/devices/{device}/about`
pub(in crate::web) async fn about(ask: Ask) -> Result<Response, Fault> {
    let wish: AboutDevice = ask.json()?;
    let id = named(&ask)?;
    let told = id.clone();
    ask.act(move |w, by, now| {
        let device = devices::known(w, &id)?;
        let (mut owner, mut fields) = (device.owner, device.fields);
        for (text, wished) in [
            (&mut owner.short_name, wish.short_name),
            (&mut owner.full_name, wish.full_name),
            (&mut owner.email, wish.email),
        ] {
            if let Some(wished) = wished {
                *text = wished;
            }
        }
        put(&mut owner.fields, wish.owner_fields);
        put(&mut fields, wish.fields);
        devices::describe(w, by, &id, &owner, &fields, now)
    })
    .await?;
    ask.app.memory.fleet.changed();
    let device = devices::known(&ask.read()?, &told)?;
    ask.answer(AboutInfo { id: told.to_string(), owner: owner(device.owner), fields: device.fields })
}

/// Puts fields in, and takes those out that became empty. Names are the same without regard to case.
fn put(fields: &mut BTreeMap<String, String>, wished: BTreeMap<String, String>) {
    for (name, value) in wished {
        fields.retain(|known, _| !known.eq_ignore_ascii_case(name.trim()));
        if !value.trim().is_empty() {
            fields.insert(name, value);
        }
    }
}

fn owner(owner: Owner) -> OwnerInfo {
    OwnerInfo {
        short_name: owner.short_name,
        full_name: owner.full_name,
        email: owner.email,
        fields: owner.fields,
    }
}

/// `POST /api/v1/devices/{device}/remove`
pub(in crate::web) async fn remove(ask: Ask) -> Result<Response, Fault> {
    let wish: RemoveDevice = if ask.said.body.is_empty() { RemoveDevice::default() } else { ask.json()? };
    let (id, dice) = (named(&ask)?, ask.app.dice.clone());
    let removed = ask
        .act(move |w, by, now| {
            if wish.forget {
                devices::forget(w, by, &id, now)
            } else {
                devices::remove(w, by, &id, dice.as_ref(), now)
            }
        })
        .await?;
    ask.app.memory.fleet.changed();
    match removed {
        Removed::Asked(command) => ask.answer(super::facts::command(&command)),
        Removed::Forgotten => {
            Ok(axum::response::IntoResponse::into_response(axum::http::StatusCode::NO_CONTENT))
        }
    }
}

/// `POST /api/v1/devices/{device}/lock-pin`
pub(in crate::web) async fn lock_pin(ask: Ask) -> Result<Response, Fault> {
    let id = named(&ask)?;
    let pin = ask.act(move |w, by, now| devices::reveal_pin(w, by, &id, now)).await?;
    ask.answer(LockPin { pin: Hidden::new(pin.secret.expose_str().unwrap_or_default()), at: moment(pin.at) })
}
