//! Turns at hashing passwords: two at once, some waiting, the rest sent away (rule W10).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tokio::sync::Semaphore;

use super::problem::Fault;

/// The queue before the hash. Devices never stand in it: their work has turns of its own.
pub(super) struct Hashing {
    turns: Arc<Semaphore>,
    inside: AtomicUsize,
    most: usize,
}

impl Hashing {
    /// `at_once` are served together, `waiting` more may wait.
    pub(super) fn new(at_once: usize, waiting: usize) -> Self {
        let at_once = at_once.max(1);
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            inside: AtomicUsize::new(0),
            most: at_once + waiting,
        }
    }

    /// Does `work` on a thread for work when its turn comes; refuses at once when too many wait.
    pub(super) async fn turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let _place = self.enter().ok_or_else(Fault::sign_in_busy)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| Fault::sign_in_busy())?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| Fault::panicked())
    }

    fn enter(&self) -> Option<Place<'_>> {
        let before = self.inside.fetch_add(1, SeqCst);
        let place = Place(&self.inside);
        (before < self.most).then_some(place)
    }
}

/// A place in the queue; given back when the request ends, however it ends.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}
