//! What the devices that a profile reaches make of it.

use std::collections::{BTreeMap, HashMap};

use axum::response::Response;

use crate::actions::{drafts, profiles};
use crate::catalog::{Target, Verdict};
use crate::model::enrollment::EnrollmentId;
use crate::model::profile::Profile;
use crate::rules::lint;
use crate::store::{self, Broken, Read};
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::wire::api::{LintDevice, LintInfo, LintItem, VerdictInfo};
use crate::wire::profile::Place;

/// Devices that are named for each count, unless one place is asked for.
const NAMED: usize = 100;
/// Rows read at once.
const PAGE: usize = 1_000;

/// Devices by what their kind is to the catalogue.
#[derive(Default)]
struct Reached {
    kinds: BTreeMap<Target, Vec<LintDevice>>,
    devices: u64,
    not_judged: u64,
}

impl Reached {
    fn of(view: &Read, profile: &Profile, all: bool) -> Result<(Self, bool), Broken> {
        let assigned = store::profiles::assigned_to(view, &profile.id)?;
        let everyone = all || profile.everyone || assigned.is_empty();
        let mut reached = Self::default();
        if everyone {
            reached.take_all(view)?;
        } else {
            for id in &assigned {
                reached.take(view, id)?;
            }
        }
        Ok((reached, !everyone))
    }

    fn take_all(&mut self, view: &Read) -> Result<(), Broken> {
        let mut after = None;
        loop {
            let page = store::enrollments::page(view, after.as_ref(), PAGE)?;
            for enrollment in page.iter().filter(|enrollment| !enrollment.id.is_user()) {
                self.take(view, &enrollment.id)?;
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.id.clone()),
                _ => return Ok(()),
            }
        }
    }

    /// Takes a device in, if it is enrolled.
    fn take(&mut self, view: &Read, id: &EnrollmentId) -> Result<(), Broken> {
        let (Some(device), Some(enrollment)) =
            (store::devices::get(view, id)?, store::enrollments::get(view, id)?)
        else {
            return Ok(());
        };
        if !enrollment.is_enrolled() {
            return Ok(());
        }
        self.devices += 1;
        let Some(target) = lint::target(&device, &enrollment) else {
            self.not_judged += 1;
            return Ok(());
        };
        let version = device.os_version.as_deref().unwrap_or("of an unknown version");
        self.kinds.entry(target).or_default().push(LintDevice {
            id: id.to_string(),
            system: format!("{} {version}", target.os.as_str()),
            name: device.name,
            serial: device.serial,
        });
        Ok(())
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Works => "works",
        Verdict::Deprecated(_) => "deprecated",
        Verdict::Ignored(_) => "ignored",
        Verdict::Unknown => "unknown",
    }
}

/// `GET /api/v1/profiles/{id}/lint?all=&devices=&place=`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let profile = profiles::known(&view, ask.part("id"))?;
    let document = drafts::open(&view, &profile.id)?.document;
    let asked = |name: &'static str| ask.said.query.some(name).is_some_and(|word| word != "0");
    let (reached, reached_only) = Reached::of(&view, &profile, asked("all"))?;
    let place = ask.said.query.some("place");
    let counts = reached.kinds.iter().map(|(target, devices)| (*target, devices.len() as u64)).collect();
    let mut which: HashMap<(Place, Verdict), Vec<LintDevice>> = HashMap::new();
    if asked("devices") || place.is_some() {
        let most = if place.is_some() { usize::MAX } else { NAMED };
        for (target, devices) in &reached.kinds {
            for remark in lint::lint(&document, target) {
                let known = which.entry((remark.place, remark.verdict)).or_default();
                let room = most - known.len().min(most);
                known.extend(devices.iter().take(room).cloned());
            }
        }
    }
    let items = lint::survey(&document, &counts)
        .into_iter()
        .filter(|counted| place.is_none_or(|place| counted.place.to_string() == place))
        .map(|counted| LintItem {
            place: counted.place.to_string(),
            label: counted.label,
            verdicts: counted
                .devices
                .into_iter()
                .map(|(verdict, devices)| VerdictInfo {
                    verdict: word(verdict).into(),
                    says: lint::words(verdict, None),
                    devices,
                    which: which.remove(&(counted.place.clone(), verdict)).unwrap_or_default(),
                })
                .collect(),
        })
        .collect();
    ask.answer(LintInfo { devices: reached.devices, not_judged: reached.not_judged, reached_only, items })
}
