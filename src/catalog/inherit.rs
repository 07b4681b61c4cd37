//! Facts about systems, handed down: what a key does not say, its parent says.

use super::facts::{System, Systems};
use super::{Availability, Os, OsFacts, Version};

/// The facts of a key below a parent (of a form: below nothing).
pub(super) fn below(parent: &Availability, said: &Systems) -> Availability {
    if said.is_silent() {
        return parent.clone();
    }
    let mut out = parent.clone();
    for os in Os::ALL {
        if let Some(system) = said.on(os) {
            apply(&mut out.os[os as usize], system);
        }
    }
    out
}

fn version(text: &str) -> Option<Version> {
    Version::parse(text)
}

fn apply(facts: &mut OsFacts, said: &System) {
    if let Some(introduced) = &said.introduced {
        facts.introduced = version(introduced);
        facts.stated = true;
    }
    if let Some(deprecated) = &said.dep {
        facts.deprecated = version(deprecated);
    }
    if let Some(removed) = &said.rem {
        facts.removed = version(removed);
    }
    take(&mut facts.multiple, said.multi);
    take(&mut facts.device_channel, said.devch);
    take(&mut facts.user_channel, said.usrch);
    take(&mut facts.supervised, said.sup);
    take(&mut facts.automated, said.ade);
    take(&mut facts.approved, said.uamdm);
    take(&mut facts.manual, said.manual);
    take(&mut facts.always_skippable, said.skip);
    if let Some(right) = &said.right {
        facts.right = Some(super::rights::bits(right));
    }
    // Declarations list the enrollments and channels in which they work instead.
    if let Some(enrollments) = &said.enr {
        let has = |name: &str| enrollments.iter().any(|each| each == name);
        facts.user_enrollment = Some(has("user"));
        facts.supervised = Some(has("supervised") && !has("device"));
    }
    if let Some(scope) = &said.scope {
        (facts.device_channel, facts.user_channel) = channels(scope);
    }
    if let Some(mode) = said.user.as_ref().and_then(|user| user.mode.as_deref()) {
        facts.user_enrollment = allowed(mode);
    }
    if let Some(shared) = &said.shared {
        if let Some(mode) = shared.mode.as_deref() {
            facts.shared_ipad = allowed(mode);
            facts.shared_ipad_only = mode == "required";
        }
        take(&mut facts.shared_device_channel, shared.devch);
        take(&mut facts.shared_user_channel, shared.usrch);
        if let Some(scope) = &shared.scope {
            (facts.shared_device_channel, facts.shared_user_channel) = channels(scope);
        }
    }
}

fn take(into: &mut Option<bool>, said: Option<bool>) {
    if said.is_some() {
        *into = said;
    }
}

fn channels(scope: &[String]) -> (Option<bool>, Option<bool>) {
    let has = |name: &str| Some(scope.iter().any(|each| each == name));
    (has("system"), has("user"))
}

/// "forbidden" is an error on the device, "ignored" is silence; both mean that it does not obey.
fn allowed(mode: &str) -> Option<bool> {
    match mode {
        "allowed" | "required" => Some(true),
        "forbidden" | "ignored" => Some(false),
        _ => None,
    }
}

/// Keeps a key inside the systems of a form that borrows it: never earlier than the form.
pub(super) fn within(key: &mut Availability, form: &Availability) {
    for (key, form) in key.os.iter_mut().zip(&form.os) {
        key.introduced = form.introduced.zip(key.introduced).map(|(form, key)| form.max(key));
    }
}
