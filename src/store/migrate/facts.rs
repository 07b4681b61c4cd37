//! Step 2: what is told about revisions of profiles that were imported before it was kept.

use std::collections::HashMap;

use crate::model::Time;
use crate::model::activity::Activity;
use crate::model::profile::{Origin, Profile, Revision};
use crate::store::{Broken, View, Write, activities, profiles};
use crate::wire::profile as envelope;

/// Stands for the author of a revision that nobody wrote down. No account can have this name: it has a space.
const NOT_RECORDED: &str = "not recorded";

/// Activity rows read at once.
const PAGE: usize = 1000;

/// Tells about every revision that has no facts: from its file, from the row of its profile, and from the activity list,
/// which names who imported it. Done again it changes nothing.
pub(super) fn of_old_revisions(w: &mut Write) -> Result<(), Broken> {
    let all = profiles::list(w)?;
    if all.is_empty() {
        return Ok(());
    }
    let imports = Imports::read(w)?;
    for profile in &all {
        for number in profiles::revisions(w, &profile.id)? {
            if profiles::facts(w, &profile.id, number)?.is_none() {
                let facts = tell(w, profile, number, &imports)?;
                profiles::put_facts(w, &facts)?;
            }
        }
    }
    Ok(())
}

fn tell(v: &impl View, profile: &Profile, number: u32, imports: &Imports) -> Result<Revision, Broken> {
    let file = profiles::revision(v, &profile.id, number)?;
    // What the library took in once it can read again; if not, the row of the profile is all that is known.
    let read = file.and_then(|file| envelope::parse(file.expose()).ok());
    let newest = number == profile.revision;
    let uuid = match &read {
        Some(read) => read.uuid.clone(),
        None if newest => profile.uuid.clone(),
        None => String::new(),
    };
    let signed_by = match &read {
        Some(read) => read.signer.as_ref().map(|c| c.common_name().unwrap_or_else(|| c.subject())),
        None => profile.signed_by.clone().filter(|_| newest),
    };
    let name = read.map_or_else(|| profile.name.clone(), |read| read.name);
    let at = match number {
        _ if newest => Some(profile.updated),
        1 => Some(profile.created),
        _ => None,
    };
    let told = imports.find(&name, number, at);
    Ok(Revision {
        profile: profile.id.clone(),
        number,
        uuid,
        by: told.map_or_else(|| NOT_RECORDED.to_owned(), |(_, by)| by.clone()),
        at: told.map(|(at, _)| *at).or(at).unwrap_or(profile.created),
        note: String::new(),
        origin: Origin::Imported,
        signed_by,
        secrets: Vec::new(),
        variables: Vec::new(),
    })
}

/// When and by whom something was imported, by the sentence of the activity list.
struct Imports(HashMap<String, Vec<(Time, String)>>);

impl Imports {
    fn read(v: &impl View) -> Result<Self, Broken> {
        let mut found: HashMap<String, Vec<(Time, String)>> = HashMap::new();
        let mut before = None;
        loop {
            let page = activities::list(v, before, PAGE)?;
            before = page.last().map(|a| a.seq);
            let full = page.len() == PAGE;
            let is_import = |a: &Activity| a.kind == "profile" && a.text.starts_with("Imported the profile ");
            for activity in page.into_iter().filter(is_import) {
                found.entry(activity.text).or_default().push((activity.at, activity.by));
            }
            if !full {
                return Ok(Self(found));
            }
        }
    }

    /// The one at this time; of an unknown time the only one. Two profiles may have had the same name.
    fn find(&self, name: &str, number: u32, at: Option<Time>) -> Option<&(Time, String)> {
        let all = self.0.get(&format!("Imported the profile “{name}”, revision {number}."))?;
        match (at, all.as_slice()) {
            (Some(at), _) => all.iter().find(|(when, _)| *when == at),
            (None, [one]) => Some(one),
            (None, _) => None,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::profile::Distribution;
    use crate::store::Store;
    use crate::wire::Secret;

    fn file(uuid: &str) -> Secret {
        Secret::from(format!(
            "<plist version=\"1.0\"><dict><key>PayloadType</key><string>Configuration</string>\
             <key>PayloadVersion</key><integer>1</integer><key>PayloadIdentifier</key><string>org.a</string>\
             <key>PayloadDisplayName</key><string>Wi-Fi</string><key>PayloadUUID</key><string>{uuid}</string>\
             <key>PayloadContent</key><array/></dict></plist>"
        ))
    }

    fn imported(w: &mut Write, by: &str, revision: u32, at: i64) -> Result<(), Broken> {
        let text = format!("Imported the profile “Wi-Fi”, revision {revision}.");
        let (by, kind) = (by.to_owned(), "profile".to_owned());
        let activity = Activity { seq: 0, at: Time(at), by, kind, text, device: None, alert: false };
        activities::add(w, activity).map(drop)
    }

    /// A profile with four revisions as they were kept before facts were: of the third nothing is known.
    pub(in crate::store::migrate) fn before_facts(w: &mut Write) -> Result<(), Broken> {
        let profile = Profile {
            id: "p".into(),
            identifier: "org.a".into(),
            name: "Wi-Fi".into(),
            description: String::new(),
            revision: 4,
            uuid: "U4".into(),
            payloads: Vec::new(),
            signed_by: Some("Vendor".into()),
            everyone: false,
            distribution: Distribution::Pushed,
            archived: None,
            variables: Vec::new(),
            created: Time(10),
            updated: Time(40),
        };
        profiles::put(w, &profile)?;
        for number in [1, 2, 4] {
            profiles::put_revision(w, "p", number, &file(&format!("U{number}")))?;
        }
        profiles::put_revision(w, "p", 3, &Secret::new(b"damaged"))?;
        // Another profile had the same name, and was imported earlier.
        imported(w, "eve", 1, 5)?;
        imported(w, "ada", 1, 10)?;
        imported(w, "bob", 2, 20)?;
        imported(w, "cyd", 4, 40)
    }

    #[test]
    fn old_revisions_are_told_about_from_what_is_known_and_once() {
        let store = Store::in_memory();
        store.write_blocking(before_facts).expect("written");
        for _ in 0..2 {
            store.write_blocking(of_old_revisions).expect("done");
        }
        let told = profiles::all_facts(&store.read().expect("read"), "p").expect("rows");
        let short: Vec<_> = told.iter().map(|f| (f.number, f.uuid.as_str(), f.by.as_str(), f.at.0)).collect();
        let third = (3, "", NOT_RECORDED, 10);
        assert_eq!(short, [(1, "U1", "ada", 10), (2, "U2", "bob", 20), third, (4, "U4", "cyd", 40)]);
        assert!(told.iter().all(|f| f.origin == Origin::Imported && f.signed_by.is_none()));
    }
}
