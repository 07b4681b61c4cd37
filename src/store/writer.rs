//! The one writing thread, and how jobs share its commits.
//!
//! A group is whatever waits when the writer is free: under load groups grow by themselves, and alone a job waits for
//! nobody. Nothing is answered before the group's commit is durable, not even a refusal, as it may rest on what a job
//! before it in the group has written.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::task::{Context, Poll, Wake};
use std::thread::Thread;
use std::time::Instant;

use tokio::sync::oneshot;

use super::state::Shared;
use super::supervisor::Engine;
use super::{Broken, Write, said};

/// Jobs that may wait; more callers wait for a place.
pub(super) const QUEUE: usize = 1024;
/// Most jobs in a group: bounds how long the first one waits.
const GROUP_JOBS: usize = 1000;
/// A group that wrote this much takes no more jobs: bounds memory.
const GROUP_BYTES: usize = 16 << 20;
/// What the writer is told.
pub(super) enum Message {
    /// To run.
    Job(Box<dyn Job>),
    /// A reader saw the handle of this generation fail.
    Suspect(u64),
}

/// A job with the way back to its caller.
pub(super) trait Job: Send {
    /// Runs it. Whether its writes stay; whether it panicked.
    fn run(&mut self, w: &mut Write) -> Ran;
    /// Tells the caller, after the commit or its failure.
    fn answer(self: Box<Self>, outcome: Result<(), &Broken>);
}

pub(super) enum Ran {
    Kept,
    Refused,
    Panicked,
}

struct Waiting<T, E, F> {
    job: Option<F>,
    result: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for Waiting<T, E, F>
where
    T: Send,
    E: From<Broken> + Send,
    F: FnOnce(&mut Write) -> Result<T, E> + Send,
{
    fn run(&mut self, w: &mut Write) -> Ran {
        let Some(job) = self.job.take() else { return Ran::Refused };
        let (result, ran) = match catch_unwind(AssertUnwindSafe(|| job(w))) {
            Ok(Ok(value)) => (Ok(value), Ran::Kept),
            Ok(Err(error)) => (Err(error), Ran::Refused),
            Err(panic) => {
                let reason = format!("a transaction panicked and was undone: {}", said(&*panic));
                tracing::error!("{reason}");
                (Err(Broken(reason).into()), Ran::Panicked)
            }
        };
        self.result = Some(result);
        ran
    }

    fn answer(self: Box<Self>, outcome: Result<(), &Broken>) {
        let result = match outcome {
            Ok(()) => self.result.unwrap_or_else(|| Err(stopped().into())),
            Err(broken) => Err(broken.clone().into()),
        };
        // The caller may have gone; what is durable stays so.
        let _ = self.caller.send(result);
    }
}

/// The store is closed, or its writer died.
pub(super) fn stopped() -> Broken {
    Broken("the store is closed".into())
}

/// Queues a job and waits for its answer.
pub(super) async fn queue<T, E, F>(shared: &Arc<Shared>, job: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Broken> + Send + 'static,
    F: FnOnce(&mut Write) -> Result<T, E> + Send + 'static,
{
    let Ok(place) = shared.places.acquire().await else { return Err(stopped().into()) };
    let (caller, answer) = oneshot::channel();
    let sent = shared.send(Message::Job(Box::new(Waiting { job: Some(job), result: None, caller })));
    // Given back by the writer when it takes the job.
    place.forget();
    match answer.await {
        Ok(result) if sent => result,
        _ => Err(stopped().into()),
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future of this room, inside a runtime or outside: it needs none, only the writing thread.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = Context::from_waker(&waker);
    // Whoever blocks inside a task would use up the budget tokio gives it, and nothing would give it a new one.
    let mut future = pin!(tokio::task::unconstrained(future));
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// The life of the writing thread. A panic outside a job is a bug of ours after which nothing can be promised: the
/// store closes as a crash would leave it, and says so to everybody.
pub(super) fn run(mut engine: Engine, queue: Receiver<Message>) {
    let shared = engine.shared.clone();
    let lived = catch_unwind(AssertUnwindSafe(|| serve(&mut engine, &queue)));
    shared.hang_up();
    engine.close();
    if let Err(panic) = lived {
        let reason = Broken(format!("the writer died: {}", said(&*panic)));
        tracing::error!("{reason}");
        shared.note(|s| s.last_error = Some(reason.0.clone()));
        shared.died.send_replace(Some(reason));
    }
}

fn serve(engine: &mut Engine, queue: &Receiver<Message>) {
    // When the first commit was made that a crash would have to walk through.
    let mut unrepaired: Option<Instant> = None;
    let every = engine.terms.quick_repair_every;
    loop {
        let now = Instant::now();
        // While the disk is left alone nothing else is due.
        let due = engine.retry_at.or(unrepaired.map(|at| at + every));
        let message = match due {
            None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => queue.recv_timeout(due.saturating_duration_since(now)),
        };
        let is_quick = unrepaired.is_some_and(|at| at.elapsed() >= every);
        match message {
            Ok(Message::Job(job)) => match group(engine, queue, job, is_quick) {
                Committed::Yes if is_quick => unrepaired = None,
                Committed::Yes => unrepaired = unrepaired.or(Some(Instant::now())),
                Committed::No => {}
            },
            Ok(Message::Suspect(generation)) => engine.suspected(generation),
            Err(RecvTimeoutError::Timeout) => {
                if engine.ready().is_ok() && is_quick && engine.commit(&[], true).is_ok() {
                    engine.shared.note(|s| s.quick_repairs += 1);
                    unrepaired = None;
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                if unrepaired.is_some() && engine.ready().is_ok() && engine.commit(&[], true).is_ok() {
                    engine.shared.note(|s| s.quick_repairs += 1);
                }
                return;
            }
        }
    }
}

enum Committed {
    Yes,
    No,
}

/// Runs the first job and whatever else waits, commits, answers.
fn group(engine: &mut Engine, queue: &Receiver<Message>, first: Box<dyn Job>, is_quick: bool) -> Committed {
    let shared = engine.shared.clone();
    let mut jobs = Vec::with_capacity(16);
    let mut panics = 0;
    let mut suspect = None;
    let mut write = engine.ready().and_then(|()| shared.snapshot()).map(Write::new);
    let mut next = Some(first);
    while let Some(mut job) = next.take() {
        shared.places.add_permits(1);
        let mut full = false;
        if let Ok(w) = &mut write {
            match job.run(w) {
                Ran::Kept => w.keep(),
                Ran::Refused => w.undo(),
                Ran::Panicked => {
                    panics += 1;
                    w.undo();
                }
            }
            full = w.bytes >= GROUP_BYTES;
        }
        jobs.push(job);
        if full || jobs.len() >= GROUP_JOBS {
            break;
        }
        while next.is_none() {
            match queue.try_recv() {
                Ok(Message::Job(job)) => next = Some(job),
                Ok(Message::Suspect(generation)) => suspect = Some(generation),
                Err(_) => break,
            }
        }
    }
    let count = jobs.len() as u64;
    let (outcome, committed) = match write {
        Ok(w) if w.is_empty() => (Ok(()), Committed::No),
        Ok(w) => match engine.commit(&w.into_overlay(), is_quick) {
            Ok(()) => (Ok(()), Committed::Yes),
            Err(broken) => (Err(broken), Committed::No),
        },
        Err(broken) => (Err(broken), Committed::No),
    };
    shared.note(|s| {
        s.panics += panics;
        match (&outcome, &committed) {
            (Err(_), _) => s.failed += count,
            (Ok(()), _) => {
                s.jobs += count;
                s.largest_group = s.largest_group.max(count);
            }
        }
        if matches!(committed, Committed::Yes) {
            s.commits += 1;
            s.quick_repairs += u64::from(is_quick);
        }
    });
    if matches!(committed, Committed::Yes) {
        shared.commits.send_modify(|n| *n += 1);
    }
    for job in jobs {
        job.answer(outcome.as_ref().copied());
    }
    if let Some(generation) = suspect {
        engine.suspected(generation);
    }
    committed
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use redb::backends::InMemoryBackend;

    use crate::model::Time;
    use crate::model::enrollment::EnrollmentId;
    use crate::store::supervisor::{Terms, backend_opener};
    use crate::store::{Store, devices};

    fn until(what: &str, mut is_so: impl FnMut() -> bool) {
        let started = Instant::now();
        while !is_so() {
            assert!(started.elapsed() < Duration::from_secs(10), "{what}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn a_quick_repair_commit_follows_writes_once_and_needs_no_further_write() {
        let opener = backend_opener(|| Ok(InMemoryBackend::new()));
        let terms = Terms { quick_repair_every: Duration::from_millis(60), ..Terms::default() };
        let store = Store::start(opener, &[5; 32], None, terms, Time(0)).expect("opens");
        let id = EnrollmentId::parse("A").expect("an id");
        let put = |n| {
            let id = id.clone();
            store.write_blocking(move |w| devices::put_seen(w, &id, Time(n))).expect("written");
        };
        put(1);
        assert_eq!(store.stats().quick_repairs, 0, "not with each commit");
        until("a commit by itself", || store.stats().quick_repairs == 1);
        std::thread::sleep(Duration::from_millis(150));
        assert_eq!((store.stats().quick_repairs, store.stats().commits), (1, 1), "and not again");
        // Under steady load a commit of the jobs themselves is the quick-repair one.
        until("a second one", || {
            put(2);
            store.stats().quick_repairs >= 2
        });
        assert!(store.stats().commits > 2);
    }
}
