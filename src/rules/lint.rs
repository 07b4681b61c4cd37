//! Whether devices will obey: key by key, device by device.

use std::collections::{BTreeMap, HashSet};

use crate::catalog::{Availability, Enrolled, Form, Key, Kind, Os, Target, Verdict, Version, Why};
use crate::model::device::{Device, Platform};
use crate::model::enrollment::{self, Enrollment};
use crate::rules::document::visit_known;
use crate::wire::profile::{Document, Place, Step, index};

/// What a set key, or a whole payload (empty path), does on one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Where.
    pub place: Place,
    /// Label of the key or payload.
    pub label: String,
    /// What a device makes of it.
    pub verdict: Verdict,
}

/// A remark about some of the devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Where.
    pub place: Place,
    /// Label of the key or payload.
    pub label: String,
    /// Devices by what they make of it.
    pub devices: BTreeMap<Verdict, u64>,
}

/// What a device is to the catalogue. None for one whose system it does not know.
///
/// Enrollment by a profile and account-driven user enrollment are told apart. A user channel of an iPad is one of
/// Shared iPad: no other iPad has users.
pub fn target(device: &Device, enrollment: &Enrollment) -> Option<Target> {
    let os = match device.platform {
        Platform::IPhone | Platform::IPad => Os::Ios,
        Platform::Mac => Os::Macos,
        Platform::AppleTv => Os::Tvos,
        Platform::Vision => Os::Visionos,
        Platform::Watch => Os::Watchos,
        Platform::Unknown => return None,
    };
    let user_channel = enrollment.kind == enrollment::Kind::User;
    Some(Target {
        os,
        version: device.os_version.as_deref().and_then(version),
        supervised: device.supervised,
        enrolled: match enrollment.kind {
            enrollment::Kind::UserEnrollment => Enrolled::User,
            enrollment::Kind::Device | enrollment::Kind::User => Enrolled::Device,
        },
        shared_ipad: user_channel && device.platform == Platform::IPad,
        user_channel,
    })
}

/// A version as devices tell it: rapid responses add a letter in brackets, betas more words.
fn version(told: &str) -> Option<Version> {
    Version::parse(told.split([' ', '(']).next().unwrap_or_default().trim())
}

/// Something that is judged: a key where it stands first, or a payload.
struct Judged {
    place: Place,
    label: String,
    availability: &'static Availability,
    /// What it is part of, among those judged.
    part_of: Option<usize>,
}

/// Keys of the envelope do nothing of their own.
const ENVELOPE: &[&str] = &["PayloadType", "PayloadVersion", "PayloadUUID", "PayloadIdentifier"];

/// What is judged, in order, what holds something before what it holds. Items of an array are judged by the keys they
/// have, each where it stands first; keys that all payloads share, and those nobody knows, are not judged.
fn judged(document: &Document) -> Vec<Judged> {
    let mut list: Vec<Judged> = Vec::new();
    // Those that what is visited now is part of, by depth.
    let mut above: Vec<(usize, usize)> = Vec::new();
    let mut seen: HashSet<(Option<String>, *const Key)> = HashSet::new();
    visit_known(document, &mut |at| {
        let depth = at.path.len();
        above.retain(|(level, _)| *level < depth);
        let part_of = above.last().map(|(_, number)| *number).filter(|_| depth > 0);
        let availability: &'static Availability = match (at.form, at.key) {
            (Some(form), None) if depth == 0 => &form.availability,
            (Some(own), Some((form, key))) if std::ptr::eq(own, form) => {
                if at.payload.is_none() && ENVELOPE.contains(&key.name.as_str()) {
                    return Step::Over;
                }
                let item = at.path.last().is_some_and(|part| index(part).is_some()) && depth > 1;
                if !seen.insert((at.payload.map(|(id, _)| id.to_owned()), key)) {
                    // Below a repeated item there may be keys that the first one does not have.
                    return Step::Into;
                }
                if item && matches!(key.kind, Kind::Dictionary | Kind::Array) {
                    return Step::Into;
                }
                &key.availability
            }
            _ => return Step::Over,
        };
        above.push((depth, list.len()));
        list.push(Judged { place: at.place(), label: at.label(), availability, part_of });
        Step::Into
    });
    list
}

/// What one target makes of each, by number; none for what is part of something that is ignored as a whole.
fn verdicts<'a>(list: &'a [Judged], target: &'a Target) -> impl Iterator<Item = (usize, Verdict)> {
    let mut ignored = vec![false; list.len()];
    list.iter().enumerate().filter_map(move |(number, judged)| {
        if judged.part_of.is_some_and(|above| ignored[above]) {
            ignored[number] = true;
            return None;
        }
        let verdict = judged.availability.judge(target);
        ignored[number] = matches!(verdict, Verdict::Ignored(_));
        Some((number, verdict))
    })
}

/// Everything set in a document, judged for one target. A key of a payload that is ignored as a whole is not judged
/// for itself, nor is one below a key that is ignored.
pub fn lint(document: &Document, target: &Target) -> Vec<Remark> {
    let list = judged(document);
    let remark = |(number, verdict): (usize, Verdict)| {
        let judged = &list[number];
        Remark { place: judged.place.clone(), label: judged.label.clone(), verdict }
    };
    verdicts(&list, target).map(remark).collect()
}

/// Everything set in a document, judged for many devices at once: each kind of device is judged once.
pub fn survey(document: &Document, targets: &BTreeMap<Target, u64>) -> Vec<Counted> {
    let list = judged(document);
    let mut counted: Vec<BTreeMap<Verdict, u64>> = vec![BTreeMap::new(); list.len()];
    for (target, devices) in targets {
        for (number, verdict) in verdicts(&list, target) {
            *counted[number].entry(verdict).or_default() += devices;
        }
    }
    list.into_iter()
        .zip(counted)
        .map(|(judged, devices)| Counted { place: judged.place, label: judged.label, devices })
        .collect()
}

/// What one key of the catalogue does on many devices ("will my devices obey?").
pub fn survey_key(form: &Form, key: Option<&Key>, targets: &BTreeMap<Target, u64>) -> BTreeMap<Verdict, u64> {
    let mut devices = BTreeMap::new();
    for (target, count) in targets {
        let whole = form.availability.judge(target);
        let verdict = match (whole, key) {
            (Verdict::Ignored(_), _) | (_, None) => whole,
            (_, Some(key)) => key.availability.judge(target),
        };
        *devices.entry(verdict).or_default() += count;
    }
    devices
}

/// A verdict in words: `works`, `ignored: needs supervision`, `deprecated since 26.4`.
pub fn words(verdict: Verdict, os: Option<Os>) -> String {
    let system = os.map_or(String::new(), |os| format!("{} ", os.as_str()));
    match verdict {
        Verdict::Works => "works".to_owned(),
        Verdict::Deprecated(version) => format!("deprecated since {system}{version}"),
        Verdict::Unknown => "unknown: the device did not tell enough".to_owned(),
        Verdict::Ignored(why) => {
            let why = match why {
                Why::OtherSystem if os.is_some() => format!("not on {}", system.trim_end()),
                Why::OtherSystem => "not on this system".to_owned(),
                Why::NeedsVersion(version) => format!("needs {system}{version}"),
                Why::Removed(version) => format!("removed in {system}{version}"),
                Why::NeedsSupervision => "needs supervision".to_owned(),
                Why::NeedsAutomated => "needs automated enrollment".to_owned(),
                Why::NotInUserEnrollment => "not in a user enrollment".to_owned(),
                Why::NotOnDeviceChannel => "not on the device channel".to_owned(),
                Why::NotOnUserChannel => "not on the user channel".to_owned(),
                Why::NotOnSharedIpad => "not on Shared iPad".to_owned(),
                Why::NeedsSharedIpad => "on Shared iPad only".to_owned(),
            };
            format!("ignored: {why}")
        }
    }
}
