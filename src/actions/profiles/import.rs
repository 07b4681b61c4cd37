//! Files that come into the library.

use crate::actions::Failure;
use crate::actions::drafts::rebase_draft;
use crate::actions::permission::{record, require};
use crate::model::account::Actor;
use crate::model::document::Stamp;
use crate::model::profile::{Distribution, Origin, Profile, Revision};
use crate::model::{self, Time};
use crate::rules::access::Right;
use crate::rules::summary::Understood;
use crate::rules::{Refusal, secrets, summary};
use crate::store::{self, Broken, View, Write};
use crate::wire::Secret;
use crate::wire::profile::{self as envelope, Document};

use super::{reconcile_holders, refuse_enrollment, refuse_management};

/// A profile file that was read and found fit for the library. Made before the transaction: reading a signed file
/// verifies its signature.
#[derive(Debug, Clone)]
pub struct Draft {
    profile: envelope::Profile,
    file: Secret,
    /// Places of secrets, in text form.
    secrets: Vec<String>,
    keeps_draft: bool,
    /// The property list as a draft keeps it, if it was made already.
    body: Option<Secret>,
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
        refuse_management(&profile)?;
        let document = Document { body: profile.body.clone() };
        let secrets = secrets::places(&document).iter().map(ToString::to_string).collect();
        Ok(Self { profile, file: Secret::new(file), secrets, keeps_draft: false, body: None })
    }

    /// Lets [`import`] go on where somebody has a draft of the profile: the draft stays, and its review shows what it
    /// would change in the imported revision.
    pub fn keeping_draft(self, keep: bool) -> Self {
        Self { keeps_draft: keep, ..self }
    }

    /// Made ready for [`import_as_draft`], so that long files are not written again in the writing thread.
    pub fn for_editing(self) -> Self {
        Self { body: Some(self.written()), ..self }
    }

    fn written(&self) -> Secret {
        Secret::new(Document { body: self.profile.body.clone() }.to_xml())
    }

    /// The report: what of the file is known, and what is kept as it is. Looks at every key: not for the writing thread.
    pub fn understood(&self) -> Understood {
        summary::understood(&Document { body: self.profile.body.clone() })
    }

    /// Who signed the file, if anybody did.
    pub fn signed_by(&self) -> Option<String> {
        self.profile.signer.as_ref().map(|c| c.common_name().unwrap_or_else(|| c.subject()))
    }

    /// Top-level identifier.
    pub fn identifier(&self) -> &str {
        &self.profile.identifier
    }

    fn stamps(&self, by: &Actor, now: Time) -> Vec<(String, Stamp)> {
        let stamp = Stamp { at: now, by: by.name.clone() };
        self.secrets.iter().map(|place| (place.clone(), stamp.clone())).collect()
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
/// identifier, which its devices then get. The file is kept and sent byte for byte.
///
/// # Errors
/// `profile.enrollment`; `profile.draft-open` where somebody has a draft of the profile, unless it shall be kept.
pub fn import(
    w: &mut Write,
    by: &Actor,
    draft: &Draft,
    id: String,
    now: Time,
) -> Result<(Profile, Outcome), Failure> {
    require(w, by, Right::EditProfiles, now)?;
    refuse_enrollment(w, draft.identifier())?;
    let known = store::profiles::by_identifier(w, draft.identifier())?;
    if let Some(known) = &known {
        // Long files are read again only if they can be the same.
        if known.uuid == draft.profile.uuid
            && store::profiles::revision(w, &known.id, known.revision)?.as_ref() == Some(&draft.file)
        {
            return Ok((known.clone(), Outcome::Unchanged));
        }
        if !draft.keeps_draft {
            refuse_open_draft(w, known)?;
        }
    }
    let new = &draft.profile;
    let signed_by = draft.signed_by();
    let (profile, outcome) = match known {
        Some(old) => (Profile { revision: old.revision + 1, updated: now, ..old }, Outcome::Revised),
        None => (Profile { revision: 1, ..blank(id, new.identifier.clone(), now) }, Outcome::Created),
    };
    let profile = Profile {
        name: if new.name.is_empty() { new.identifier.clone() } else { new.name.clone() },
        description: new.description.clone(),
        uuid: new.uuid.clone(),
        payloads: new.payloads.clone(),
        signed_by: signed_by.clone(),
        variables: Vec::new(),
        ..profile
    };
    let facts = Revision {
        profile: profile.id.clone(),
        number: profile.revision,
        uuid: profile.uuid.clone(),
        by: by.name.clone(),
        at: now,
        note: String::new(),
        origin: Origin::Imported,
        signed_by,
        secrets: draft.stamps(by, now),
        variables: Vec::new(),
    };
    store::profiles::put(w, &profile)?;
    store::profiles::put_revision(w, &profile.id, profile.revision, &draft.file)?;
    store::profiles::put_facts(w, &facts)?;
    if outcome == Outcome::Revised {
        rebase_draft(w, &profile)?;
        reconcile_holders(w, &profile, now)?;
    }
    let text = format!("Imported the profile “{}”, revision {}.", profile.name, profile.revision);
    record(w, by, "profile", text, None, now)?;
    Ok((profile, outcome))
}

/// Puts a file into the library as a draft, for whoever wants to look first: a new profile under the fresh `id`, or a draft
/// of the one with the same identifier. A signature does not outlive it: what is published is another file.
///
/// # Errors
/// As [`import`]; a draft that is there is never replaced.
pub fn import_as_draft(
    w: &mut Write,
    by: &Actor,
    draft: &Draft,
    id: String,
    now: Time,
) -> Result<Profile, Failure> {
    require(w, by, Right::EditProfiles, now)?;
    refuse_enrollment(w, draft.identifier())?;
    let known = store::profiles::by_identifier(w, draft.identifier())?;
    if let Some(known) = &known {
        refuse_open_draft(w, known)?;
    }
    let new = &draft.profile;
    let profile = known.unwrap_or_else(|| Profile {
        name: new.name.clone(),
        description: new.description.clone(),
        payloads: new.payloads.clone(),
        ..blank(id, new.identifier.clone(), now)
    });
    let kept = model::profile::Draft {
        profile: profile.id.clone(),
        base: profile.revision,
        version: 1,
        body: draft.body.clone().unwrap_or_else(|| draft.written()),
        distribution: profile.distribution,
        secrets: draft.stamps(by, now),
        editors: vec![(by.name.clone(), now)],
        edited: Stamp { at: now, by: by.name.clone() },
    };
    store::profiles::put(w, &profile)?;
    store::drafts::put(w, &kept)?;
    record(w, by, "profile", format!("Imported a draft of “{}”.", new.name), None, now)?;
    Ok(profile)
}

/// A profile of which only this is known.
fn blank(id: String, identifier: String, now: Time) -> Profile {
    Profile {
        id,
        identifier,
        name: String::new(),
        description: String::new(),
        revision: 0,
        uuid: String::new(),
        payloads: Vec::new(),
        signed_by: None,
        everyone: false,
        distribution: Distribution::default(),
        archived: None,
        variables: Vec::new(),
        created: now,
        updated: now,
    }
}

fn refuse_open_draft(v: &impl View, known: &Profile) -> Result<(), Failure> {
    let Some(open) = store::drafts::get(v, &known.id)? else { return Ok(()) };
    let said = format!(
        "{} has a draft of “{}” open. Publish it or throw it away first, or import all the same and keep the draft.",
        open.edited.by, known.name
    );
    Err(Refusal::conflict("profile.draft-open", said).into())
}
