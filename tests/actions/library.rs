//! A library to try things on: profiles and drafts by a few words.

use pomona::actions::drafts::{self, New, Saved};
use pomona::actions::profiles;
use pomona::actions::{Failure, devices};
use pomona::model::account::{Actor, Role};
use pomona::model::device::Owner;
use pomona::model::document::Change;
use pomona::model::edge::roll_uuid;
use pomona::model::enrollment::EnrollmentId;
use pomona::model::profile::{Distribution, Draft, Placement, Profile, Revision};
use pomona::store;
use pomona::wire::plist::Value;
use pomona::wire::profile::{Document, Path, Place};

use crate::web::device::pretend::World;

/// A payload type that no catalogue knows: what is tried here does not depend on what one says.
pub const KIND: &str = "org.example.settings";

/// An administrator.
pub fn admin(world: &World, name: &str) -> Actor {
    let account = world.account(name, Role::Admin);
    Actor { name: account.name, role: Role::Admin }
}

/// The id of the payload that [`Library::begin`] adds.
pub const PAYLOAD: &str = "10000000-0000-4000-8000-000000000001";

pub fn place(key: &str) -> Place {
    Place { payload: Some(PAYLOAD.into()), path: Path(vec![key.to_owned()]) }
}

pub fn set(key: &str, value: impl Into<Value>) -> Change {
    Change::Set { place: place(key), value: value.into(), was: None }
}

pub fn add(starts: &[(&str, Value)]) -> Change {
    let starts = starts.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    Change::AddPayload { form: KIND.into(), uuid: PAYLOAD.to_uppercase(), starts }
}

/// A world with an administrator in it.
pub struct Library {
    pub world: World,
    pub ada: Actor,
}

impl Library {
    pub fn new() -> Self {
        let world = World::new();
        let ada = admin(&world, "ada");
        Self { world, ada }
    }

    pub fn fresh(&self, id: &str) -> New {
        New {
            id: id.into(),
            uuid: roll_uuid(self.world.dice()),
            identifier: format!("org.example.{id}"),
            name: format!("The {id}"),
        }
    }

    pub fn try_write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut store::Write) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        self.world.app.store.write_blocking(job)
    }

    /// A draft with one payload that has these keys.
    pub fn begin(&self, id: &str, keys: &[(&str, Value)]) -> Profile {
        let (new, by, now, add) = (self.fresh(id), self.ada.clone(), self.world.now(), add(keys));
        self.world.write(move |w| drafts::create(w, &by, new, &[add], now))
    }

    pub fn save(&self, id: &str, changes: Vec<Change>) -> Result<Saved, Failure> {
        self.save_by(&self.ada, id, changes, None)
    }

    pub fn save_by(
        &self,
        by: &Actor,
        id: &str,
        changes: Vec<Change>,
        distribution: Option<Distribution>,
    ) -> Result<Saved, Failure> {
        let (by, id, now) = (by.clone(), id.to_owned(), self.world.now());
        self.try_write(move |w| drafts::save(w, &by, &id, &changes, distribution, now))
    }

    pub fn draft(&self, id: &str) -> Option<Draft> {
        store::drafts::get(&self.world.read(), id).expect("readable")
    }

    /// Publishes the draft as it is.
    pub fn publish(&self, id: &str) -> Result<Profile, Failure> {
        let version = self.draft(id).map_or(0, |draft| draft.version);
        self.publish_at(id, version, "")
    }

    pub fn publish_at(&self, id: &str, version: u64, note: &str) -> Result<Profile, Failure> {
        let (by, id, now, note) = (self.ada.clone(), id.to_owned(), self.world.now(), note.to_owned());
        let uuid = roll_uuid(self.world.dice());
        self.try_write(move |w| drafts::publish(w, &by, &id, version, &note, uuid, now))
    }

    /// A published profile with one payload that has these keys, for everyone.
    pub fn published(&self, id: &str, keys: &[(&str, Value)]) -> Profile {
        self.begin(id, keys);
        let profile = self.publish(id).expect("published");
        self.everyone(id);
        profile
    }

    pub fn everyone(&self, id: &str) {
        let (by, id, now) = (self.ada.clone(), id.to_owned(), self.world.now());
        self.world.write(move |w| profiles::assign(w, &by, &id, &[], true, now).map(drop));
    }

    pub fn import(&self, file: &[u8], id: &str) -> (Profile, profiles::Outcome) {
        let draft = profiles::Draft::read(file).expect("a profile");
        let (by, id, now) = (self.ada.clone(), id.to_owned(), self.world.now());
        self.world.write(move |w| profiles::import(w, &by, &draft, id, now))
    }

    pub fn profile(&self, id: &str) -> Profile {
        store::profiles::get(&self.world.read(), id).expect("readable").expect("a profile")
    }

    pub fn facts(&self, id: &str) -> Vec<Revision> {
        store::profiles::all_facts(&self.world.read(), id).expect("readable")
    }

    pub fn shown(&self, id: &str) -> Document {
        drafts::open(&self.world.read(), id).expect("shown").document
    }

    pub fn placement(&self, device: &EnrollmentId, id: &str) -> Option<Placement> {
        store::profiles::placement(&self.world.read(), device, id).expect("readable")
    }

    /// What the activity list says, newest first.
    pub fn told(&self) -> Vec<String> {
        self.world.activities().into_iter().map(|activity| activity.text).collect()
    }

    /// Gives a device an owner with this mail address.
    pub fn owner(&self, device: &EnrollmentId, email: &str) {
        self.fields(device, email, &[]);
    }

    pub fn fields(&self, device: &EnrollmentId, email: &str, fields: &[(&str, &str)]) {
        let owner = Owner { email: email.into(), ..Owner::default() };
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (by, device, now) = (self.ada.clone(), device.clone(), self.world.now());
        self.world.write(move |w| devices::describe(w, &by, &device, &owner, &fields, now).map(drop));
    }
}

pub fn code<T: std::fmt::Debug>(refused: Result<T, Failure>) -> &'static str {
    refused.expect_err("refused").code()
}
