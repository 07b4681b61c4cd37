//! Where cryptography and parsing are done: off the async threads, a bounded number at a time. What takes less time
//! than the way there and back is done on the spot.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::Semaphore;

use super::limit::Failures;
use super::reply::DeviceReply;

/// A request that waited this long for its turn is sent away; devices come again.
const PATIENCE: Duration = Duration::from_secs(20);

/// A message up to this many bytes is short: its signature is verified and it is read in less than a tenth of a
/// millisecond.
const SHORT: usize = 8 << 10;
/// A binary property list may name its parts many times over, so its size says nothing.
const BINARY: &[u8] = b"bplist";

/// The shared desk of all device routes. Cheap to clone.
#[derive(Clone)]
pub(super) struct Desk {
    turns: Arc<Semaphore>,
    /// Failures of the last minute by address.
    pub(super) failures: Arc<Failures>,
}

impl Desk {
    pub(super) fn new() -> Self {
        // Twice the processors: one works while another waits for the store's page.
        let turns = std::thread::available_parallelism().map_or(2, usize::from) * 2;
        Self { turns: Arc::new(Semaphore::new(turns)), failures: Arc::new(Failures::default()) }
    }

    /// Does `work`, which verifies and reads the message `body`: here and now when that is short. A panic is an answer
    /// of 500 all the same.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        body: Bytes,
        work: impl FnOnce(Bytes) -> T + Send + 'static,
    ) -> Result<T, DeviceReply> {
        if body.len() <= SHORT && !body.starts_with(BINARY) {
            return catch_unwind(AssertUnwindSafe(|| work(body))).map_err(|_| DeviceReply::Failed);
        }
        self.work(move || work(body)).await
    }

    /// Does `work` on a thread for work. A panic there is an answer of 500 here.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, DeviceReply> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(DeviceReply::Busy) };
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| DeviceReply::Failed)
    }
}
