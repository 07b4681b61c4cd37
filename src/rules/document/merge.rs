//! Two people in one draft.

use super::apply::{alter, settle};
use super::known::{key_at, label_at};
use super::marks::{document_mark, mark, mark_at, secret_mark};
use crate::model::document::{Change, Conflict, Shown, Stamp};
use crate::rules::{Refusal, entry, secrets};
use crate::wire::plist::Value;
use crate::wire::profile::{Document, Path, Place, index};

/// Does the changes in order. Those that meet another person's change are left out and returned; the rest is done.
///
/// A change meets another's when what it wants is not there already, and what is there is not what the person saw
/// (its `was`). What the same batch changed before is the person's own. Payloads are addressed by their UUID, so
/// adding, moving and removing payloads meets nobody; a payload that somebody else removed meets whoever edits it,
/// and is no longer there to be moved or removed.
///
/// # Errors
/// As [`super::apply`], for a change that meets nobody and cannot be done. Nothing is done then.
pub fn merge(
    document: &mut Document,
    changes: &[Change],
    stamps: &[(String, Stamp)],
) -> Result<Vec<Conflict>, Refusal> {
    let mut merging = Merging { work: document.clone(), stamps, own: Vec::new() };
    let mut conflicts = Vec::new();
    for change in changes {
        match merging.meet(change) {
            Meeting::Nobody => {
                merging.remember(change);
                alter(&mut merging.work, change)?;
            }
            Meeting::Done => {}
            Meeting::Other(conflict) => conflicts.push(*conflict),
        }
    }
    settle(&merging.work)?;
    *document = merging.work;
    Ok(conflicts)
}

enum Meeting {
    Nobody,
    /// It is as the person wants it.
    Done,
    Other(Box<Conflict>),
}

struct Merging<'a> {
    work: Document,
    stamps: &'a [(String, Stamp)],
    /// What this batch changed.
    own: Vec<Place>,
}

impl Merging<'_> {
    fn meet(&self, change: &Change) -> Meeting {
        match change {
            Change::Set { place, value, was } => self.at(place, Some(value), was.as_deref()),
            Change::Unset { place, was } => {
                // Below an item somebody else may have closed the gap: then it is not the one that was meant.
                if self.work.get(place).is_none()
                    && place.path.0.last().is_some_and(|part| index(part).is_none())
                {
                    return Meeting::Done;
                }
                self.at(place, None, was.as_deref())
            }
            Change::RemovePayload { payload } | Change::MovePayload { payload, .. }
                if self.work.payload(payload).is_none() =>
            {
                Meeting::Done
            }
            Change::Replace { document, was: Some(was) } => {
                let now = document_mark(&self.work, self.stamps);
                if *document == self.work {
                    return Meeting::Done;
                }
                if *was == now || !self.own.is_empty() {
                    return Meeting::Nobody;
                }
                Meeting::Other(Box::new(Conflict {
                    place: Place { payload: None, path: Path::default() },
                    label: "The whole profile".into(),
                    mine: Shown::Text(counted(document)),
                    theirs: Shown::Text(counted(&self.work)),
                    now,
                }))
            }
            _ => Meeting::Nobody,
        }
    }

    fn at(&self, place: &Place, wanted: Option<&Value>, was: Option<&str>) -> Meeting {
        let present = self.work.get(place);
        if present.is_some() && present == wanted {
            return Meeting::Done;
        }
        let Some(was) = was else { return Meeting::Nobody };
        if self.own.iter().any(|own| own.holds(place) || place.holds(own)) {
            return Meeting::Nobody;
        }
        let now = mark_at(&self.work, place, self.stamps);
        let plain = || match present {
            // A form that knows nothing of the secret may say so in either way.
            None => was == mark(None) || was == secret_mark(None),
            Some(value) => was == mark(Some(value)),
        };
        if was == now || (!was.contains('.') && plain()) {
            return Meeting::Nobody;
        }
        let secret = secrets::is_secret(&self.work, place);
        let key = key_at(&self.work, place).map(|(_, key)| key);
        let shown = |value: Option<&Value>| match value {
            None => Shown::Unset,
            Some(_) if secret => Shown::Secret,
            Some(value) => Shown::Text(entry::show(key, value)),
        };
        Meeting::Other(Box::new(Conflict {
            place: place.clone(),
            label: label_at(&self.work, place),
            mine: shown(wanted),
            theirs: shown(present),
            now,
        }))
    }

    fn remember(&mut self, change: &Change) {
        let own = match change {
            Change::Set { place, .. } | Change::Append { place, .. } => place.clone(),
            // The items behind it move up.
            Change::Unset { place, .. } | Change::Move { place, .. } => match place.path.0.split_last() {
                Some((last, above)) if index(last).is_some() => {
                    Place { payload: place.payload.clone(), path: Path(above.to_vec()) }
                }
                _ => place.clone(),
            },
            Change::AddPayload { uuid, .. } | Change::DuplicatePayload { uuid, .. } => {
                Place { payload: Some(uuid.to_ascii_lowercase()), path: Path::default() }
            }
            Change::Replace { document, .. } => {
                self.own.extend(
                    document
                        .ids()
                        .into_iter()
                        .map(|(id, _)| Place { payload: Some(id), path: Path::default() }),
                );
                Place { payload: None, path: Path::default() }
            }
            Change::RemovePayload { .. } | Change::MovePayload { .. } => return,
        };
        self.own.push(own);
    }
}

fn counted(document: &Document) -> String {
    match document.payloads().len() {
        1 => "1 payload".to_owned(),
        count => format!("{count} payloads"),
    }
}
