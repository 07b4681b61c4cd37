//! Rings devices that have something to fetch: one push a channel, however many commands wait.
//!
//! A push is only a doorbell, so a lost, doubled or merged one loses nothing: the commands are rows, and whoever
//! does not come is rung again. What concerns one channel (a dead token, a busy one) is kept on its row; what
//! concerns all (no way to Apple, a refused certificate) stops everything but a probe now and then, and the rows
//! stay due meanwhile.

mod record;

use std::collections::HashMap;
use std::time::Duration;

use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Context, LOOK_AT_MOST_EVERY, REST_AFTER_FAILURE, pause};
use crate::apple::{self, Whose};
use crate::model::activity::Activity;
use crate::model::due::{Due, Work};
use crate::model::edge::roll;
use crate::model::enrollment::EnrollmentId;
use crate::rules::retry::{Allowed, Breaker, Pace};
use crate::store::{self, Broken};
use record::{Step, consider, record};

/// How fast, and how patiently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Pushes a second, at most.
    pub per_second: u32,
    /// Pushes under way at once, at most.
    pub at_once: usize,
    /// Wait for further causes before a channel is rung, in milliseconds.
    pub group_ms: i64,
    /// A channel is not rung again within this time of the latest ring, in milliseconds.
    pub gap_ms: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_second: 200, at_once: 64, group_ms: 200, gap_ms: 2_000 }
    }
}

/// Rows looked at beyond those that may go now and those known to wait: some are over already.
const PAGE: usize = 32;
/// Longest sleep, and how far ahead rows are looked at.
const LOOK_AHEAD: Duration = Duration::from_secs(30);
/// While nothing may go out, a new push certificate is noticed within this time.
const NOTICE_CERTIFICATE: Duration = Duration::from_millis(500);
/// What is under way at the end gets this long.
const LAST_ANSWERS: Duration = Duration::from_secs(3);
/// The same alert is not written again within this time.
const QUIET_BETWEEN_ALERTS: Duration = Duration::from_secs(15 * 60);

/// Rings until `stop`, with the usual limits.
pub async fn run(ctx: Context, stop: CancellationToken) {
    run_within(ctx, Limits::default(), stop).await;
}

/// Rings until `stop`.
pub async fn run_within(ctx: Context, limits: Limits, stop: CancellationToken) {
    let mut commits = ctx.store.watch();
    let mut ringer = Ringer::new(ctx, limits);
    loop {
        commits.borrow_and_update();
        let mut recorded = true;
        while let Some(ended) = ringer.tasks.try_join_next_with_id() {
            recorded &= ringer.learn(ended).await;
        }
        let wait = match ringer.turn().await {
            Ok(_) if !recorded => REST_AFTER_FAILURE,
            Ok(wait) => wait,
            Err(broken) => {
                tracing::error!(target: "apns", "due pushes cannot be read: {broken}");
                REST_AFTER_FAILURE
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
            Some(ended) = ringer.tasks.join_next_with_id(), if !ringer.tasks.is_empty() => {
                if !ringer.learn(ended).await && !pause(REST_AFTER_FAILURE, &stop).await {
                    break;
                }
            }
            changed = commits.changed() => {
                let rest = if changed.is_ok() { LOOK_AT_MOST_EVERY } else { REST_AFTER_FAILURE };
                if !pause(rest, &stop).await {
                    break;
                }
            }
        }
    }
    let _ =
        tokio::time::timeout(LAST_ANSWERS, async { while ringer.tasks.join_next().await.is_some() {} }).await;
}

/// What a finished push taught us.
enum Lesson {
    /// Apple answers.
    Works,
    /// Apple, or the way there, does not work just now.
    Failed(String),
    /// Nothing will work before the certificate is replaced.
    Hopeless(String),
    /// The answer could not be recorded: the row is still due.
    Unrecorded(Broken),
}

struct Ringer {
    ctx: Context,
    limits: Limits,
    began: Instant,
    breaker: Breaker,
    pace: Pace,
    generation: u64,
    alerted: Option<Instant>,
    /// Channels being rung.
    under_way: HashMap<EnrollmentId, Id>,
    /// Channels that wait, and until when, in milliseconds since `began`.
    held: HashMap<EnrollmentId, u64>,
    tasks: JoinSet<(EnrollmentId, Lesson)>,
}

impl Ringer {
    fn new(ctx: Context, limits: Limits) -> Self {
        Self {
            generation: ctx.push.generation(),
            ctx,
            limits,
            began: Instant::now(),
            breaker: Breaker::default(),
            pace: Pace::new(limits.per_second),
            alerted: None,
            under_way: HashMap::new(),
            held: HashMap::new(),
            tasks: JoinSet::new(),
        }
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Lets go what may go now. Says how long there is nothing more to do unless something happens.
    async fn turn(&mut self) -> Result<Duration, Broken> {
        if self.generation != self.ctx.push.generation() {
            self.generation = self.ctx.push.generation();
            self.breaker.reset();
        }
        let now_ms = self.elapsed_ms();
        let allowed = self.breaker.allowed(now_ms);
        let mut room = match allowed {
            Allowed::Nothing(until) => {
                let left = until.map_or(u64::MAX, |until| until.saturating_sub(now_ms));
                return Ok(Duration::from_millis(left).min(NOTICE_CERTIFICATE));
            }
            Allowed::Probe => 1,
            Allowed::All => self.limits.at_once.saturating_sub(self.under_way.len()),
        };
        self.held.retain(|_, until| *until > now_ms);
        let now = self.ctx.clock.now();
        let view = self.ctx.store.read()?;
        let ahead = now.plus_ms(i64::try_from(LOOK_AHEAD.as_millis()).unwrap_or(i64::MAX));
        let may_go = room.min(usize::try_from(self.pace.available(now_ms)).unwrap_or(usize::MAX));
        let limit = PAGE + may_go + self.under_way.len() + self.held.len();
        let mut wait = LOOK_AHEAD;
        let mut over = Vec::new();
        for due in store::dues::ready(&view, Work::Push, ahead, limit)? {
            if self.under_way.contains_key(&due.enrollment) {
                continue;
            }
            if due.at > now {
                wait = wait.min(Duration::from_millis(due.at.since_ms(now).unsigned_abs()));
                break;
            }
            if let Some(until) = self.held.get(&due.enrollment) {
                wait = wait.min(Duration::from_millis(until - now_ms));
                continue;
            }
            match consider(&view, &due, &self.limits, now)? {
                Step::Over => over.push(due),
                Step::Hold(ms) => {
                    self.held.insert(due.enrollment, now_ms + ms);
                    wait = wait.min(Duration::from_millis(ms));
                }
                Step::Ring(_) if room == 0 => break,
                Step::Ring(_) if self.pace.available(now_ms) == 0 => {
                    wait = wait.min(Duration::from_millis(self.pace.wait_ms()));
                    break;
                }
                Step::Ring(push) => {
                    self.pace.take();
                    room -= 1;
                    if allowed == Allowed::Probe {
                        self.breaker.probe();
                    }
                    self.launch(due, *push);
                }
            }
        }
        if !over.is_empty() {
            self.ctx
                .store
                .write(move |w| over.iter().try_for_each(|due| store::dues::done(w, due)))
                .await
                .map_err(|broken: Broken| broken)?;
        }
        Ok(wait)
    }

    fn launch(&mut self, due: Due, push: apple::Push) {
        let ctx = self.ctx.clone();
        let id = due.enrollment.clone();
        let task = self.tasks.spawn(async move {
            let token = push.token.clone();
            let answer = ctx.push.push(push).await;
            let id = due.enrollment.clone();
            match &answer {
                Ok(accepted) => {
                    let apns = accepted.apns_id.as_deref().unwrap_or("none");
                    tracing::info!(target: "apns", dev = %id, id = apns, "rung");
                }
                Err(error) => tracing::warn!(target: "apns", dev = %id, "not rung: {error}"),
            }
            let lesson = Lesson::of(&answer);
            let now = ctx.clock.now();
            let chance = roll(ctx.dice.as_ref());
            let recorded = ctx.store.write(move |w| record(w, &due, &token, &answer, now, chance)).await;
            match recorded {
                Ok(()) => (id, lesson),
                Err(broken) => (id, Lesson::Unrecorded(broken)),
            }
        });
        self.under_way.insert(id, task.id());
    }

    /// Takes in how a push ended. False when the store needs a rest.
    async fn learn(&mut self, ended: Result<(Id, (EnrollmentId, Lesson)), tokio::task::JoinError>) -> bool {
        let (task, lesson) = match ended {
            Ok((task, (_, lesson))) => (task, lesson),
            Err(error) => {
                tracing::error!(target: "apns", "a push ended in a fault of ours: {error}");
                (error.id(), Lesson::Failed("A push ended in a fault of Pomona.".into()))
            }
        };
        self.under_way.retain(|_, id| *id != task);
        let now_ms = self.elapsed_ms();
        let chance = roll(self.ctx.dice.as_ref());
        match lesson {
            Lesson::Works => {
                if self.breaker.works() {
                    tracing::info!(target: "apns", "Apple's push service works again");
                    self.alerted = None;
                    self.tell("Devices can be rung again.".into(), false).await;
                }
            }
            Lesson::Failed(said) => {
                if self.breaker.failed(now_ms, chance) {
                    self.alert(said).await;
                }
            }
            Lesson::Hopeless(said) => {
                if self.breaker.hopeless(now_ms, chance) {
                    self.alert(said).await;
                }
            }
            Lesson::Unrecorded(broken) => {
                tracing::error!(target: "apns", "an answer of Apple was not recorded: {broken}");
                return false;
            }
        }
        true
    }

    async fn alert(&mut self, said: String) {
        tracing::error!(target: "apns", "pushes wait: {said}");
        if self.alerted.is_none_or(|at| at.elapsed() > QUIET_BETWEEN_ALERTS) {
            self.alerted = Some(Instant::now());
            self.tell(format!("Devices cannot be rung: {said} Commands wait meanwhile."), true).await;
        }
    }

    async fn tell(&self, text: String, alert: bool) {
        let activity = Activity {
            seq: 0,
            at: self.ctx.clock.now(),
            by: "pomona".into(),
            kind: "push".into(),
            text,
            device: None,
            alert,
        };
        let written = self.ctx.store.write(move |w| store::activities::add(w, activity)).await;
        if let Err::<u64, Broken>(broken) = written {
            tracing::error!(target: "apns", "an activity was not recorded: {broken}");
        }
    }
}

impl Lesson {
    fn of(answer: &Result<apple::Accepted, apple::Error>) -> Self {
        match answer {
            Ok(_) => Self::Works,
            Err(error) => match (error.whose, error.retry) {
                (Whose::Certificate, apple::Retry::NewCertificate) => Self::Hopeless(error.said.clone()),
                (Whose::Certificate | Whose::Apple | Whose::Network, _) => Self::Failed(error.said.clone()),
                (Whose::Channel | Whose::Ours, _) => Self::Works,
            },
        }
    }
}
