//! The library of profiles: imported, assigned, taken back. What follows on devices is `due(Reconcile)`.

use crate::model::Time;
use crate::model::account::Actor;
use crate::model::due::Work;
use crate::model::enrollment::EnrollmentId;
use crate::model::profile::Profile;
use crate::rules::Refusal;
use crate::rules::access::Right;
use crate::store::{self, Broken, View, Write};
use crate::wire::Secret;
use crate::wire::profile as envelope;

use super::Failure;
use super::permission::{record, require};

/// A profile file that was read and found fit for the library. Made before the transaction: reading a signed file
/// verifies its signature.
#[derive(Debug, Clone)]
pub struct Draft {
    profile: envelope::Profile,
    file: Secret,
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A profile new to the library.
    Created,
    /// Another revision of one that was there.
    Revised,
    /// The library had this very content.
    Unchanged,
}

impl Outcome {
    /// The word in our API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Revised => "revised",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Payloads that manage the device itself: a second one would fight with this server.
const MANAGEMENT: [&str; 1] = ["com.apple.mdm"];

impl Draft {
    /// Reads a `.mobileconfig`: XML or binary, signed or not.
    ///
    /// # Errors
    /// `profile.encrypted`, `profile.unreadable`, and `profile.mdm` for one that would enroll the device
    /// somewhere.
    pub fn read(file: &[u8]) -> Result<Self, Refusal> {
        let profile = envelope::parse(file).map_err(|malformed| {
            let code = if malformed.reason.contains("encrypted") {
                "profile.encrypted"
            } else {
                "profile.unreadable"
            };
            let reason = malformed.reason.trim_end_matches('.');
            Refusal::invalid(code, format!("This file cannot be imported: {reason}."))
        })?;
        if profile.payloads.iter().any(|(kind, _)| MANAGEMENT.contains(&kind.as_str())) {
            return Err(Refusal::invalid(
                "profile.mdm",
                "This profile enrolls a device for management (it has a com.apple.mdm payload). Devices of this \
                 server are managed already; use an enrollment link to enroll others.",
            ));
        }
        Ok(Self { profile, file: Secret::new(file) })
    }

    /// Top-level identifier.
    pub fn identifier(&self) -> &str {
        &self.profile.identifier
    }

    /// Whether a stored file says the same by the same signer, though its bytes may differ (a signature differs
    /// each time it is made). Verifies a signature: not for the writing thread.
    fn same_as(&self, stored: &Secret) -> bool {
        if *stored == self.file {
            return true;
        }
        let same = |old: &envelope::Profile| {
            old.plain == self.profile.plain
                && old.signer.as_ref().map(|c| c.fingerprint())
                    == self.profile.signer.as_ref().map(|c| c.fingerprint())
        };
        envelope::parse(stored.expose()).is_ok_and(|old| same(&old))
    }
}

/// Whether the library holds this very content already, and in which profile. Asked before [`import`], outside
/// the transaction.
pub fn unchanged(view: &impl View, draft: &Draft) -> Result<Option<Profile>, Broken> {
    let Some(profile) = store::profiles::by_identifier(view, draft.identifier())? else { return Ok(None) };
    let stored = store::profiles::revision(view, &profile.id, profile.revision)?;
    Ok(stored.is_some_and(|stored| draft.same_as(&stored)).then_some(profile))
}

/// Puts a profile into the library: a new one under the fresh `id`, or another revision of the one with the same
/// identifier, which its devices then get.
pub fn import(
    w: &mut Write,
    by: &Actor,
    draft: &Draft,
    id: String,
    now: Time,
) -> Result<(Profile, Outcome), Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let enrollment = store::settings::get(w)?.map(|s| s.enrollment_identifier).unwrap_or_default();
    if !enrollment.is_empty() && draft.identifier() == enrollment {
        return Err(Refusal::conflict(
            "profile.enrollment",
            "This profile has the identifier of this server's enrollment profile, and would replace it on devices.",
        )
        .into());
    }
    let known = store::profiles::by_identifier(w, draft.identifier())?;
    if let Some(known) = &known
        && store::profiles::revision(w, &known.id, known.revision)?.as_ref() == Some(&draft.file)
    {
        return Ok((known.clone(), Outcome::Unchanged));
    }
    let new = &draft.profile;
    let signed_by = new.signer.as_ref().map(|c| c.common_name().unwrap_or_else(|| c.subject()));
    let (profile, outcome) = match known {
        Some(old) => (Profile { revision: old.revision + 1, updated: now, ..old }, Outcome::Revised),
        None => {
            let profile = Profile {
                id,
                identifier: new.identifier.clone(),
                name: String::new(),
                description: String::new(),
                revision: 1,
                uuid: String::new(),
                payloads: Vec::new(),
                signed_by: None,
                everyone: false,
                created: now,
                updated: now,
            };
            (profile, Outcome::Created)
        }
    };
    let profile = Profile {
        name: if new.name.is_empty() { new.identifier.clone() } else { new.name.clone() },
        description: new.description.clone(),
        uuid: new.uuid.clone(),
        payloads: new.payloads.clone(),
        signed_by,
        ..profile
    };
    store::profiles::put(w, &profile)?;
    store::profiles::put_revision(w, &profile.id, profile.revision, &draft.file)?;
    if outcome == Outcome::Revised {
        reconcile_holders(w, &profile, now)?;
    }
    let text = format!("Imported the profile “{}”, revision {}.", profile.name, profile.revision);
    record(w, by, "profile", text, None, now)?;
    Ok((profile, outcome))
}

/// Assigns a profile to these devices, and to Everyone if so told. All or nothing.
pub fn assign(
    w: &mut Write,
    by: &Actor,
    id: &str,
    devices: &[EnrollmentId],
    everyone: bool,
    now: Time,
) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let mut profile = known(w, id)?;
    for device in devices {
        let named = super::devices::known(w, device)?;
        store::profiles::assign(w, &profile.id, device)?;
        store::dues::raise(w, Work::Reconcile, device, now)?;
        record(
            w,
            by,
            "profile",
            format!("Assigned “{}” to {}.", profile.name, named.name),
            Some(device),
            now,
        )?;
    }
    if everyone && !profile.everyone {
        profile.everyone = true;
        store::profiles::put(w, &profile)?;
        each_enrolled(w, |w, device| store::dues::raise(w, Work::Reconcile, device, now))?;
        record(w, by, "profile", format!("Assigned “{}” to Everyone.", profile.name), None, now)?;
    }
    Ok(profile)
}

/// Takes a profile from these devices, and from Everyone if so told. Devices that have it by another way keep it.
pub fn unassign(
    w: &mut Write,
    by: &Actor,
    id: &str,
    devices: &[EnrollmentId],
    everyone: bool,
    now: Time,
) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let mut profile = known(w, id)?;
    for device in devices {
        let name = store::devices::get(w, device)?.map_or_else(|| device.to_string(), |d| d.name);
        store::profiles::unassign(w, &profile.id, device)?;
        store::dues::raise(w, Work::Reconcile, device, now)?;
        record(w, by, "profile", format!("Took “{}” from {name}.", profile.name), Some(device), now)?;
    }
    if everyone && profile.everyone {
        profile.everyone = false;
        store::profiles::put(w, &profile)?;
        each_enrolled(w, |w, device| store::dues::raise(w, Work::Reconcile, device, now))?;
        record(w, by, "profile", format!("Took “{}” from Everyone.", profile.name), None, now)?;
    }
    Ok(profile)
}

/// Removes a profile from the library; its devices take it off.
pub fn remove(w: &mut Write, by: &Actor, id: &str, now: Time) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let profile = known(w, id)?;
    reconcile_holders(w, &profile, now)?;
    store::profiles::remove(w, &profile.id)?;
    record(w, by, "profile", format!("Removed the profile “{}”.", profile.name), None, now)?;
    Ok(profile)
}

/// Sends a profile to one device once more, whatever became of it there.
pub fn send_again(
    w: &mut Write,
    by: &Actor,
    id: &str,
    device: &EnrollmentId,
    now: Time,
) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    let profile = known(w, id)?;
    let named = super::devices::known(w, device)?;
    let assigned = profile.everyone || store::profiles::assigned_of(w, device)?.contains(&profile.id);
    if !assigned {
        return Err(
            Refusal::conflict("profile.not-assigned", "The profile is not assigned to this device.").into()
        );
    }
    store::profiles::remove_placement(w, device, &profile.id)?;
    store::dues::raise(w, Work::Reconcile, device, now)?;
    record(
        w,
        by,
        "profile",
        format!("Sends “{}” to {} again.", profile.name, named.name),
        Some(device),
        now,
    )?;
    Ok(profile)
}

/// The profile with this id or top-level identifier.
pub fn known(view: &impl View, id: &str) -> Result<Profile, Failure> {
    if let Some(profile) = store::profiles::get(view, id)? {
        return Ok(profile);
    }
    Ok(store::profiles::by_identifier(view, id)?
        .ok_or_else(|| Refusal::missing("profile.unknown", "There is no such profile."))?)
}

/// Lets every device compare that has the profile, or should.
fn reconcile_holders(w: &mut Write, profile: &Profile, now: Time) -> Result<(), Broken> {
    if profile.everyone {
        return each_enrolled(w, |w, device| store::dues::raise(w, Work::Reconcile, device, now));
    }
    for device in store::profiles::assigned_to(w, &profile.id)? {
        store::dues::raise(w, Work::Reconcile, &device, now)?;
    }
    let mut after = None;
    loop {
        let page = store::profiles::placements_of_profile(w, &profile.id, after.as_ref(), PAGE)?;
        for placement in &page {
            store::dues::raise(w, Work::Reconcile, &placement.enrollment, now)?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.enrollment.clone()),
            _ => return Ok(()),
        }
    }
}

/// Rows read at once.
const PAGE: usize = 500;

fn each_enrolled(
    w: &mut Write,
    mut each: impl FnMut(&mut Write, &EnrollmentId) -> Result<(), Broken>,
) -> Result<(), Broken> {
    let mut after = None;
    loop {
        let page = store::enrollments::page(w, after.as_ref(), PAGE)?;
        for enrollment in page.iter().filter(|e| e.is_enrolled()) {
            each(w, &enrollment.id)?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.id.clone()),
            _ => return Ok(()),
        }
    }
}
