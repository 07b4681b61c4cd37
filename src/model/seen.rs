//! When channels were last heard of, kept in memory: a poll with nothing to do must not cost a write.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Time;
use super::enrollment::EnrollmentId;

/// Parts of the map, so that many connections do not wait for one lock.
const SHARDS: usize = 16;

/// Last-seen moments since the latest flush. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Seen(Arc<[Mutex<HashMap<EnrollmentId, Time>>; SHARDS]>);

impl Seen {
    /// Notes that `id` was heard of. An older moment never replaces a newer one.
    pub fn note(&self, id: &EnrollmentId, now: Time) {
        let mut shard = self.shard(id);
        match shard.get_mut(id) {
            Some(at) => *at = now.max(*at),
            None => {
                shard.insert(id.clone(), now);
            }
        }
    }

    /// The moment noted since the latest flush; none means: as the store says.
    pub fn get(&self, id: &EnrollmentId) -> Option<Time> {
        self.shard(id).get(id).copied()
    }

    /// Takes everything noted since the latest flush.
    pub fn drain(&self) -> Vec<(EnrollmentId, Time)> {
        let take = |shard: &Mutex<HashMap<_, _>>| {
            std::mem::take(&mut *shard.lock().unwrap_or_else(PoisonError::into_inner))
        };
        self.0.iter().flat_map(take).collect()
    }

    fn shard(&self, id: &EnrollmentId) -> std::sync::MutexGuard<'_, HashMap<EnrollmentId, Time>> {
        // FNV-1a over the id: any spread will do, and the ids are not chosen by strangers.
        let hash = id
            .as_str()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        self.0[(hash >> 32) as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seen")
    }
}
