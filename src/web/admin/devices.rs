//! `GET /profilemanager/devices`

use axum::response::Response;

use crate::model::device::Platform;
use crate::model::standing::Standing;
use crate::views::admin::devices::{DeviceRow, DevicesPage, ROWS};
use crate::web::ask::Ask;
use crate::web::fleet::{self, Filter};
use crate::web::problem::Fault;

/// Families, in the order people read them.
pub(in crate::web) const PLATFORMS: [Platform; 7] = [
    Platform::IPhone,
    Platform::IPad,
    Platform::Mac,
    Platform::AppleTv,
    Platform::Watch,
    Platform::Vision,
    Platform::Unknown,
];

/// Reads a family off an address.
pub(in crate::web) fn platform(slug: &str) -> Option<Platform> {
    PLATFORMS.into_iter().find(|p| p.slug() == slug)
}

pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let devices = fleet::snapshot(&ask.app).await?;
    let query = &ask.said.query;
    let filter =
        Filter::new(query.text("q"), platform(query.text("platform")), Standing::parse(query.text("state")));
    let after = query.some("after");
    let found = devices.find(&filter, after, ROWS);
    let content = DevicesPage {
        rows: found
            .entries
            .iter()
            .map(|entry| DeviceRow {
                id: entry.id.clone(),
                name: entry.name.clone(),
                platform: entry.platform,
                model_name: entry.model_name.clone(),
                serial: entry.serial.clone(),
                os_version: entry.os_version.clone(),
                standing: entry.standing,
                seen: entry.seen(&ask.app),
            })
            .collect(),
        total: devices.entries.len() as u64,
        matching: found.matching,
        q: query.text("q").chars().take(100).collect(),
        platform: filter.platform,
        standing: filter.standing,
        platforms: PLATFORMS.iter().filter_map(|p| found.platforms.get(p).map(|n| (*p, *n))).collect(),
        standings: Standing::ALL.iter().filter_map(|s| found.standings.get(s).map(|n| (*s, *n))).collect(),
        later: after.is_some(),
        next: found.next(),
    };
    ask.page(|page| content.render(page))
}
