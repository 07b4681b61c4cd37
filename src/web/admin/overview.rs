//! `GET /profilemanager`

use axum::response::Response;

use super::activity;
use crate::actions::push_certificate;
use crate::model::device::Platform;
use crate::model::enrollment::State;
use crate::model::standing::Standing;
use crate::rules::access::Right;
use crate::store;
use crate::views::admin::overview::{Matter, Overview};
use crate::views::words::count;
use crate::views::{Link, Tone, address as at};
use crate::web::ask::Ask;
use crate::web::fleet::{self, Snapshot};
use crate::web::page::days_left;
use crate::web::problem::Fault;

/// Activity rows shown.
const RECENT: usize = 10;

pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let devices = fleet::snapshot(&ask.app).await?;
    let view = ask.read()?;
    let number = |standing| devices.entries.iter().filter(|e| e.standing == standing).count() as u64;
    let mut platforms: Vec<(Platform, u64)> = Vec::new();
    for entry in devices.entries.iter().filter(|e| e.state == State::Enrolled) {
        match platforms.iter_mut().find(|(platform, _)| *platform == entry.platform) {
            Some((_, n)) => *n += 1,
            None => platforms.push((entry.platform, 1)),
        }
    }
    platforms.sort_by_key(|(platform, n)| (std::cmp::Reverse(*n), *platform));
    let rows = store::activities::list(&view, None, RECENT)?;
    let content = Overview {
        matters: matters(&ask, &view, &devices)?,
        managed: devices.enrolled,
        up_to_date: number(Standing::UpToDate),
        pending: number(Standing::Pending),
        failed: number(Standing::Attention),
        platforms,
        recent: activity::rows(&devices, rows),
    };
    ask.page(|page| content.render(page))
}

fn matters(ask: &Ask, view: &store::Read, devices: &Snapshot) -> Result<Vec<Matter>, Fault> {
    let mut matters = Vec::new();
    if ask.may(Right::Server) {
        let push = |tone, text: &str, label: &str| Matter {
            tone,
            text: text.into(),
            action: Link { label: label.into(), href: at::PUSH.into() },
        };
        match push_certificate::present(view)? {
            None => matters.push(push(
                Tone::Bad,
                "Apple's push certificate is missing, so no device can be enrolled.",
                "Import it",
            )),
            Some((certificate, _)) => match days_left(certificate.not_after(), ask.now) {
                days if days < 0 => {
                    matters.push(push(Tone::Bad, "The push certificate has ended.", "Renew it"))
                }
                days if days < 60 => {
                    let text = format!(
                        "The push certificate ends in {}.",
                        count(days.unsigned_abs(), "day", "days")
                    );
                    matters.push(push(Tone::Warn, &text, "Renew it"));
                }
                _ => {}
            },
        }
    }
    let of = |standing: Standing| devices.entries.iter().filter(|e| e.standing == standing).count() as u64;
    let listed = |tone, standing: Standing, text: String| Matter {
        tone,
        text,
        action: Link {
            label: "Show".into(),
            href: at::with_query(at::DEVICES, &[("state", standing.slug())]),
        },
    };
    let failed = of(Standing::Attention);
    if failed > 0 {
        let text =
            format!("A profile failed, or was never answered, on {}.", count(failed, "device", "devices"));
        matters.push(listed(Tone::Bad, Standing::Attention, text));
    }
    let unreachable = of(Standing::Unreachable);
    if unreachable > 0 {
        let text = format!("Apple can no longer notify {}.", count(unreachable, "device", "devices"));
        matters.push(listed(Tone::Warn, Standing::Unreachable, text));
    }
    if devices.entries.is_empty() && ask.may(Right::Enroll) {
        matters.push(Matter {
            tone: Tone::Plain,
            text: "No device is enrolled yet.".into(),
            action: Link { label: "Make an enrollment link".into(), href: at::ENROLLMENT_NEW.into() },
        });
    }
    Ok(matters)
}
