//! Devices are rung until they come, and not more often than that.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pomona::actions::{Failure, commands};
use pomona::apple::apns::{classify, unreached};
use pomona::apple::{Accepted, BoxFuture, Error, Push, PushTransport};
use pomona::model::Time;
use pomona::model::account::Actor;
use pomona::model::activity::Activity;
use pomona::model::due::{PushOutcome, Work};
use pomona::model::edge::{Clock, Dice};
use pomona::model::enrollment::{Enrollment, EnrollmentId, Kind, PushInfo, State};
use pomona::model::site::Site;
use pomona::store::{self, Store};
use pomona::wire::Secret;
use pomona::wire::mdm::command::Request;
use pomona::workers::{Context, push, push::Limits};
use tokio_util::sync::CancellationToken;

const START: Time = Time::from_secs(1_795_000_000);

#[derive(Clone)]
struct HandClock(Arc<AtomicI64>);

impl Clock for HandClock {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::Relaxed))
    }
}

#[derive(Default)]
struct CountingDice(AtomicU64);

impl Dice for CountingDice {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let n = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&n.to_be_bytes()[..chunk.len()]);
        }
    }
}

type Answers = Box<dyn Fn(&Push) -> Result<Accepted, Error> + Send + Sync>;

/// A way to Apple that answers as it is told and remembers who was rung when.
struct Apple {
    answers: Mutex<Answers>,
    slow: Mutex<HashMap<Vec<u8>, Duration>>,
    rung: Mutex<Vec<(Instant, Vec<u8>)>>,
    generation: AtomicU64,
}

fn taken() -> Result<Accepted, Error> {
    Ok(Accepted { apns_id: None })
}

impl PushTransport for Apple {
    fn push(&self, push: Push) -> BoxFuture<'_, Result<Accepted, Error>> {
        Box::pin(async move {
            let token = push.token.expose().to_vec();
            self.rung.lock().expect("rung").push((Instant::now(), token.clone()));
            let slow = self.slow.lock().expect("slow").get(&token).copied();
            if let Some(slow) = slow {
                tokio::time::sleep(slow).await;
            }
            (self.answers.lock().expect("answers"))(&push)
        })
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }
}

struct World {
    store: Store,
    clock: HandClock,
    apple: Arc<Apple>,
    stop: CancellationToken,
}

impl World {
    fn new(limits: Limits) -> Self {
        let clock = HandClock(Arc::new(AtomicI64::new(START.0)));
        let apple = Arc::new(Apple {
            answers: Mutex::new(Box::new(|_| taken())),
            slow: Mutex::default(),
            rung: Mutex::default(),
            generation: AtomicU64::new(0),
        });
        let world = Self { store: Store::in_memory(), clock, apple, stop: CancellationToken::new() };
        let context = Context {
            store: world.store.clone(),
            clock: Arc::new(world.clock.clone()),
            dice: Arc::new(CountingDice::default()),
            site: Arc::new(Site { host: "mdm.example.org".into(), port: 443 }),
            push: world.apple.clone(),
            seen: Default::default(),
        };
        tokio::spawn(push::run_within(context, limits, world.stop.clone()));
        world
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn answer(&self, answers: impl Fn(&Push) -> Result<Accepted, Error> + Send + Sync + 'static) {
        *self.apple.answers.lock().expect("answers") = Box::new(answers);
    }

    /// Time passes, and the loop notices.
    async fn pass_ms(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::Relaxed);
        let (id, now) = (EnrollmentId::parse("SOMEBODY").expect("an id"), self.now());
        self.store.write(move |w| store::devices::put_seen(w, &id, now)).await.expect("written");
    }

    /// An enrolled channel whose token is its number.
    async fn device(&self, n: u32) -> EnrollmentId {
        let id = EnrollmentId::parse(&format!("DEVICE-{n}")).expect("an id");
        let now = self.now();
        let enrollment = Enrollment {
            id: id.clone(),
            kind: Kind::Device,
            state: State::Enrolled,
            tally: 1,
            first_seen: now,
            authenticated_at: now,
            enrolled_at: Some(now),
            checked_out_at: None,
            awaiting: false,
            user_short_name: None,
            user_long_name: None,
            certificate: None,
            renewal: None,
            renewed_at: None,
        };
        let info = PushInfo {
            topic: "com.apple.mgmt.External.test".into(),
            token: Secret::new(n.to_be_bytes().to_vec()),
            magic: Secret::new(b"magic".to_vec()),
            updated: now,
        };
        let of = id.clone();
        self.store
            .write(move |w| {
                store::enrollments::put(w, &enrollment)?;
                store::enrollments::put_push_info(w, &of, &info)?;
                Ok::<_, Failure>(())
            })
            .await
            .expect("written");
        id
    }

    async fn ask(&self, id: &EnrollmentId, request: Request) -> String {
        let (id, now) = (id.clone(), self.now());
        let dice = CountingDice(AtomicU64::new(rand_start()));
        self.store
            .write(move |w| {
                let by = Actor::console();
                Ok::<_, Failure>(commands::enqueue(w, &by, &id, request, &dice, now)?.uuid)
            })
            .await
            .expect("asked")
    }

    /// The device fetched everything: its queue is empty, as after a session.
    async fn fetch(&self, id: &EnrollmentId) {
        let (id, now) = (id.clone(), self.now());
        self.store
            .write(move |w| {
                for mut command in store::commands::queue(w, &id)? {
                    command.state = pomona::model::command::State::Acknowledged;
                    command.finished = Some(now);
                    store::commands::put(w, &command)?;
                }
                Ok::<_, Failure>(())
            })
            .await
            .expect("fetched");
    }

    fn rings(&self, n: u32) -> usize {
        let rung = self.apple.rung.lock().expect("rung");
        rung.iter().filter(|(_, token)| *token == n.to_be_bytes()).count()
    }

    fn all_rings(&self) -> Vec<Instant> {
        self.apple.rung.lock().expect("rung").iter().map(|(at, _)| *at).collect()
    }

    fn outcome(&self, id: &EnrollmentId) -> Option<PushOutcome> {
        store::dues::push_outcome(&self.store.read().expect("a snapshot"), id).expect("read")
    }

    fn activities(&self) -> Vec<Activity> {
        let view = self.store.read().expect("a snapshot");
        let all = store::activities::list(&view, None, 1_000).expect("read");
        all.into_iter().filter(|a| a.kind == "push").collect()
    }

    fn due(&self) -> u64 {
        store::dues::count(&self.store.read().expect("a snapshot"), Work::Push).expect("counted")
    }

    /// Lets time pass until nothing is due any more: at most an hour.
    async fn settle(&self) {
        for _ in 0..120 {
            if self.due() == 0 {
                return;
            }
            self.pass_ms(30_000).await;
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        panic!("{} due rows are left", self.due());
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// UUIDs of different calls differ.
fn rand_start() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed) << 32
}

async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(10), "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Without waits for further causes, so that a test need not let time pass.
const AT_ONCE: Limits = Limits { per_second: 100_000, at_once: 64, group_ms: 0, gap_ms: 0 };

#[tokio::test]
async fn many_commands_make_one_push_a_channel() {
    let world = World::new(Limits { per_second: 1_000, ..Limits::default() });
    let (one, two) = (world.device(1).await, world.device(2).await);
    for _ in 0..50 {
        world.ask(&one, Request::RestartDevice { notify_user: None }).await;
        world.pass_ms(20).await;
    }
    world.ask(&two, Request::SecurityInfo).await;
    for _ in 0..20 {
        world.pass_ms(100).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    eventually("both are rung", || world.rings(1) > 0 && world.rings(2) > 0).await;
    assert!(world.rings(1) <= 2, "{} pushes for 50 commands", world.rings(1));
    assert_eq!(world.rings(2), 1);
    assert!(world.outcome(&two).is_some_and(|o| o.accepted && o.rings == 1));
    world.fetch(&one).await;
    world.fetch(&two).await;
    world.settle().await;
    assert_eq!(world.rings(2), 1, "who came is not rung again");
}

#[tokio::test]
async fn the_command_is_in_the_store_before_apple_hears_of_it() {
    let world = World::new(AT_ONCE);
    let id = world.device(1).await;
    let (store, of) = (world.store.clone(), id.clone());
    let seen = Arc::new(AtomicU64::new(0));
    let count = seen.clone();
    world.answer(move |_| {
        let queue = store::commands::queue(&store.read().expect("a snapshot"), &of).expect("read");
        count.fetch_add(queue.len() as u64, Ordering::Relaxed);
        taken()
    });
    world.ask(&id, Request::SecurityInfo).await;
    eventually("rung", || world.rings(1) == 1).await;
    assert_eq!(seen.load(Ordering::Relaxed), 1);
    world.fetch(&id).await;
    world.settle().await;
}

#[tokio::test]
async fn who_does_not_come_is_rung_again_after_a_quarter_an_hour_then_seldom() {
    let world = World::new(AT_ONCE);
    let id = world.device(1).await;
    world.ask(&id, Request::SecurityInfo).await;
    eventually("rung", || world.outcome(&id).is_some_and(|o| o.rings == 1)).await;
    for (n, minutes) in [(2, 15), (3, 60), (4, 4 * 60), (5, 12 * 60), (6, 24 * 60), (7, 24 * 60)] {
        world.pass_ms((minutes * 60 - 30) * 1_000).await;
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(world.rings(1), n - 1, "not yet");
        world.pass_ms(31_000).await;
        eventually("rung again", || world.outcome(&id).is_some_and(|o| o.rings as usize == n)).await;
        assert_eq!(world.rings(1), n);
    }
    world.ask(&id, Request::ProfileList).await;
    eventually("a new cause rings at once", || world.rings(1) == 8).await;
    eventually("and counts anew", || world.outcome(&id).is_some_and(|o| o.rings == 1)).await;
    world.fetch(&id).await;
    world.settle().await;
    assert_eq!(world.rings(1), 8);
}

#[tokio::test]
async fn a_dead_token_makes_a_channel_unreachable_and_loses_nothing() {
    let world = World::new(AT_ONCE);
    let id = world.device(1).await;
    let dead = START.plus_secs(10).0;
    world.answer(move |_| Err(classify(410, Some("Unregistered"), Some(dead), None)));
    world.ask(&id, Request::SecurityInfo).await;
    eventually("unreachable", || world.outcome(&id).is_some_and(|o| o.unreachable)).await;
    eventually("nothing is due", || world.due() == 0).await;
    let view = world.store.read().expect("a snapshot");
    assert_eq!(store::commands::queue(&view, &id).expect("read").len(), 1);
    assert!(store::enrollments::get(&view, &id).expect("read").is_some_and(|e| e.is_enrolled()));
    let told = world.activities();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].device.as_ref(), Some(&id));

    world.ask(&id, Request::ProfileList).await;
    eventually("nothing is due", || world.due() == 0).await;
    assert_eq!(world.rings(1), 1, "it is not rung any more");

    // What a TokenUpdate does: another token, reachable again, and a ring for what waits.
    world.answer(|_| taken());
    let (of, now) = (id.clone(), world.now());
    world
        .store
        .write(move |w| {
            let mut info = store::enrollments::push_info(w, &of)?.expect("there");
            info.token = Secret::new(9_u32.to_be_bytes().to_vec());
            info.updated = now;
            store::enrollments::put_push_info(w, &of, &info)?;
            let mut outcome = store::dues::push_outcome(w, &of)?.expect("there");
            outcome.unreachable = false;
            store::dues::put_push_outcome(w, &of, &outcome)?;
            store::dues::raise(w, Work::Push, &of, now)?;
            Ok::<_, Failure>(())
        })
        .await
        .expect("written");
    eventually("the new token is rung", || world.rings(9) == 1).await;
    world.fetch(&id).await;
    world.settle().await;
}

#[tokio::test]
async fn a_410_about_an_older_token_is_no_news() {
    let world = World::new(AT_ONCE);
    let id = world.device(1).await;
    let before = START.plus_secs(-3_600).0;
    world.answer(move |_| Err(classify(410, Some("Unregistered"), Some(before), None)));
    world.ask(&id, Request::SecurityInfo).await;
    eventually("recorded", || world.outcome(&id).is_some()).await;
    assert!(world.outcome(&id).is_some_and(|o| !o.unreachable));
    world.answer(|_| taken());
    world.pass_ms(61_000).await;
    eventually("tried again", || world.outcome(&id).is_some_and(|o| o.accepted)).await;
    world.fetch(&id).await;
    world.settle().await;
}

#[tokio::test]
async fn one_busy_channel_is_left_alone_and_the_others_are_rung() {
    let world = World::new(AT_ONCE);
    let (busy, other) = (world.device(1).await, world.device(2).await);
    world.answer(|push| {
        if push.token.expose() == 1_u32.to_be_bytes() {
            return Err(classify(429, Some("TooManyRequests"), None, Some(Duration::from_secs(300))));
        }
        taken()
    });
    world.ask(&busy, Request::SecurityInfo).await;
    world.ask(&other, Request::SecurityInfo).await;
    eventually("the other is rung", || world.outcome(&other).is_some_and(|o| o.accepted)).await;
    eventually("recorded", || world.outcome(&busy).is_some()).await;
    world.pass_ms(290_000).await;
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(world.rings(1), 1, "as long as Apple said");
    world.answer(|_| taken());
    world.pass_ms(11_000).await;
    eventually("then again", || world.outcome(&busy).is_some_and(|o| o.accepted)).await;
    world.fetch(&busy).await;
    world.fetch(&other).await;
    world.settle().await;
}

#[tokio::test]
async fn a_bad_moment_of_apple_is_waited_out_longer_each_time() {
    let world = World::new(AT_ONCE);
    let id = world.device(1).await;
    world.answer(|_| Err(classify(503, Some("ServiceUnavailable"), None, None)));
    world.ask(&id, Request::SecurityInfo).await;
    for (n, longest) in [(1, 1_000), (2, 2_000), (3, 4_000)] {
        eventually("tried", || world.rings(1) == n).await;
        eventually("put off", || {
            let view = world.store.read().expect("a snapshot");
            let due = store::dues::get(&view, Work::Push, &id).expect("read").expect("still due");
            let wait = due.at.since_ms(world.now());
            due.attempts as usize == n && (longest / 2..=longest).contains(&wait)
        })
        .await;
        world.pass_ms(longest).await;
    }
    eventually("tried", || world.rings(1) == 4).await;
    world.answer(|_| taken());
    world.pass_ms(8_000).await;
    eventually("delivered", || world.outcome(&id).is_some_and(|o| o.accepted)).await;
    world.fetch(&id).await;
    world.settle().await;
}

/// F9: an outage with many pushes waiting. Nearly nothing is tried meanwhile, and everything is delivered after,
/// paced, once each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_probed_and_then_everything_is_delivered_at_the_set_pace() {
    let limits = Limits { per_second: 200, at_once: 16, group_ms: 0, gap_ms: 0 };
    let world = World::new(limits);
    world.answer(|_| Err(unreached("Connection refused (os error 111)")));
    let mut ids = Vec::new();
    for n in 0..400 {
        let id = world.device(n).await;
        world.ask(&id, Request::SecurityInfo).await;
        ids.push(id);
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let tried = world.all_rings().len();
    assert!((5..40).contains(&tried), "{tried} tries while Apple is away");
    let alerts: Vec<_> = world.activities().into_iter().filter(|a| a.alert).collect();
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert!(alerts[0].text.contains("could not be reached"), "{}", alerts[0].text);

    world.answer(|_| taken());
    world.pass_ms(16 * 60 * 1_000).await;
    let began = Instant::now();
    eventually("all are delivered", || {
        let view = world.store.read().expect("a snapshot");
        let accepted = |id| store::dues::push_outcome(&view, id).expect("read").is_some_and(|o| o.accepted);
        ids.iter().all(accepted)
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(9));
    let rings = world.all_rings();
    for second in rings[tried..].windows(221) {
        assert!(second[220] - second[0] >= Duration::from_millis(950), "faster than the pace");
    }
    assert_eq!(rings.len() - tried, 400, "once each");
    assert!(world.activities().iter().any(|a| a.text.contains("rung again")));
    for id in &ids {
        world.fetch(id).await;
    }
    world.settle().await;
}

/// F10: nothing is lost while the certificate is refused, and a new one is taken up at once.
#[tokio::test]
async fn a_refused_certificate_stops_everything_until_it_is_replaced() {
    let world = World::new(AT_ONCE);
    let ids = [world.device(1).await, world.device(2).await, world.device(3).await];
    world.answer(|_| Err(unreached("received fatal alert: CertificateExpired")));
    world.ask(&ids[0], Request::SecurityInfo).await;
    eventually("refused", || world.activities().iter().any(|a| a.alert)).await;
    for id in &ids[1..] {
        world.ask(id, Request::SecurityInfo).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.all_rings().len(), 1, "no second handshake");
    assert!(world.outcome(&ids[0]).is_some_and(|o| o.said.contains("expired") && !o.unreachable));
    assert_eq!(world.activities().iter().filter(|a| a.alert).count(), 1);
    assert_eq!(world.due(), 3);

    world.answer(|_| taken());
    world.apple.generation.fetch_add(1, Ordering::Relaxed);
    eventually("all are rung", || ids.iter().all(|id| world.outcome(id).is_some_and(|o| o.accepted))).await;
    for id in &ids {
        world.fetch(id).await;
    }
    world.settle().await;
}

#[tokio::test]
async fn a_stuck_push_holds_up_nobody_else() {
    let world = World::new(Limits { at_once: 2, ..AT_ONCE });
    let stuck = world.device(1).await;
    world.apple.slow.lock().expect("slow").insert(1_u32.to_be_bytes().to_vec(), Duration::from_secs(4));
    world.ask(&stuck, Request::SecurityInfo).await;
    eventually("on its way", || world.rings(1) == 1).await;
    let began = Instant::now();
    let mut others = Vec::new();
    for n in 2..30 {
        let id = world.device(n).await;
        world.ask(&id, Request::SecurityInfo).await;
        others.push(id);
    }
    eventually("the others are rung", || {
        others.iter().all(|id| world.outcome(id).is_some_and(|o| o.accepted))
    })
    .await;
    assert!(began.elapsed() < Duration::from_millis(3_900));
    assert!(world.outcome(&stuck).is_none());
    eventually("and it too", || world.outcome(&stuck).is_some()).await;
    assert_eq!(world.rings(1), 1);
    for id in others.iter().chain([&stuck]) {
        world.fetch(id).await;
    }
    world.settle().await;
}

#[tokio::test]
async fn a_channel_at_work_is_not_rung_it_fetches_more_by_itself() {
    let world = World::new(AT_ONCE);
    let id = world.device(1).await;
    let uuid = world.ask(&id, Request::SecurityInfo).await;
    eventually("rung", || world.rings(1) == 1).await;
    let (of, now) = (id.clone(), world.now());
    world
        .store
        .write(move |w| {
            let mut command = store::commands::get(w, &of, &uuid)?.expect("there");
            command.state = pomona::model::command::State::Sent;
            command.sent_at = Some(now);
            store::commands::put(w, &command)?;
            Ok::<_, Failure>(())
        })
        .await
        .expect("written");
    world.ask(&id, Request::ProfileList).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(world.rings(1), 1, "it is at work");
    world.pass_ms(21_000).await;
    eventually("it never came back", || world.rings(1) == 2).await;
    world.fetch(&id).await;
    world.settle().await;
}

#[tokio::test]
async fn nobody_is_rung_for_nothing() {
    let world = World::new(AT_ONCE);
    let (gone, idle) = (world.device(1).await, world.device(2).await);
    world.ask(&gone, Request::SecurityInfo).await;
    eventually("rung", || world.rings(1) == 1).await;
    let (out, nothing, now) = (gone.clone(), idle.clone(), world.now());
    world
        .store
        .write(move |w| {
            let mut enrollment = store::enrollments::get(w, &out)?.expect("there");
            enrollment.state = State::CheckedOut;
            store::enrollments::put(w, &enrollment)?;
            store::dues::raise(w, Work::Push, &out, now)?;
            store::dues::raise(w, Work::Push, &nothing, now)?;
            Ok::<_, Failure>(())
        })
        .await
        .expect("written");
    world.settle().await;
    assert_eq!((world.rings(1), world.rings(2)), (1, 0));
}
