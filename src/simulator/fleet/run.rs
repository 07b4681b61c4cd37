//! The daily life of a fleet: each device waits to be rung, or polls.

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Event, Fleet, Listener, Member, Plan, Tally, Wake, enroll};
use crate::simulator::chance::Chance;
use crate::simulator::device::Channel;

/// A device that said NotNow comes back by itself when its situation has changed: here after this time.
const COMES_BACK: Duration = Duration::from_secs(2);
/// First and longest wait after a failed session.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl Fleet {
    /// Lives until `stop`. Must not be called again before it ended.
    pub async fn run(&self, stop: CancellationToken) {
        let mut tasks = JoinSet::new();
        for (index, member) in self.members.iter().enumerate() {
            let rings = member.rings.lock().unwrap_or_else(PoisonError::into_inner).take();
            let life = Life {
                member: member.clone(),
                plan: self.plan.clone(),
                listener: self.listener.clone(),
                tally: self.tally.clone(),
                chance: Chance::new(self.plan.seed ^ 0x6c69_6665, index as u64),
            };
            tasks.spawn(life.live(rings, stop.clone()));
        }
        while let Some(ended) = tasks.join_next().await {
            if let Ok((member, rings)) = ended {
                *member.rings.lock().unwrap_or_else(PoisonError::into_inner) = rings;
            }
        }
    }
}

struct Life {
    member: Arc<Member>,
    plan: Plan,
    listener: Listener,
    tally: Arc<Tally>,
    chance: Chance,
}

impl Life {
    async fn live(
        mut self,
        mut rings: Option<mpsc::Receiver<Channel>>,
        stop: CancellationToken,
    ) -> (Arc<Member>, Option<mpsc::Receiver<Channel>>) {
        let mut next = self.first_poll();
        loop {
            let channel = tokio::select! {
                () = stop.cancelled() => break,
                Some(channel) = ring(&mut rings) => channel,
                () = wait(next) => Channel::Device,
            };
            next = tokio::select! {
                () = stop.cancelled() => break,
                next = self.wake(channel) => next,
            };
        }
        let member = self.member.clone();
        (member, rings)
    }

    /// Devices that poll do not all begin at once.
    fn first_poll(&mut self) -> Option<Duration> {
        match self.plan.wake {
            Wake::Rung(_) => None,
            Wake::Polls(every) => Some(every.mul_f64(self.chance.below(1_000) as f64 / 1_000.0)),
        }
    }

    fn next_poll(&self) -> Option<Duration> {
        match self.plan.wake {
            Wake::Rung(_) => None,
            Wake::Polls(every) => Some(every),
        }
    }

    /// One visit to the server. Says when to come back without being rung.
    async fn wake(&mut self, channel: Channel) -> Option<Duration> {
        let mut device = self.member.device.lock().await;
        if !device.is_enrolled() {
            return self.next_poll();
        }
        if let Some(off) = device.off_for() {
            drop(device);
            tokio::time::sleep(off.min(self.plan.switched_on_after)).await;
            device = self.member.device.lock().await;
            device.switch_on();
        }
        let mut wait = FIRST_WAIT;
        let session = loop {
            match device.connect_as(channel).await {
                Ok(session) => break session,
                Err(trouble) => {
                    self.tally.failed_sessions.fetch_add(1, Ordering::Relaxed);
                    self.tally.note(&self.member.serial, &trouble);
                    (self.listener)(Event::Failed { serial: self.member.serial.clone(), trouble });
                    if !device.is_enrolled() {
                        (self.listener)(Event::Left { serial: self.member.serial.clone() });
                        return self.next_poll();
                    }
                    drop(device);
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                    device = self.member.device.lock().await;
                    if !device.is_enrolled() {
                        return self.next_poll();
                    }
                }
            }
        };
        self.tally.sessions.fetch_add(1, Ordering::Relaxed);
        for done in &session.done {
            let mut answers = self.tally.answers.lock().unwrap_or_else(PoisonError::into_inner);
            *answers.entry(done.status).or_default() += 1;
            drop(answers);
            (self.listener)(Event::Did {
                serial: self.member.serial.clone(),
                request_type: done.request_type.clone(),
                status: done.status,
            });
        }
        if !device.is_enrolled() {
            (self.listener)(Event::Left { serial: self.member.serial.clone() });
            let Some(after) = self.plan.enrolls_again_after else { return self.next_poll() };
            drop(device);
            tokio::time::sleep(after).await;
            let mut device = self.member.device.lock().await;
            enroll(&mut device, &self.plan.link, &self.listener, &self.tally).await;
            return self.next_poll();
        }
        // A device that starts again connects once it is up.
        match device.off_for() {
            Some(off) => Some(off.min(self.plan.switched_on_after)),
            None if session.comes_back => Some(COMES_BACK),
            None => self.next_poll(),
        }
    }
}

async fn ring(rings: &mut Option<mpsc::Receiver<Channel>>) -> Option<Channel> {
    match rings {
        Some(rings) => rings.recv().await,
        None => std::future::pending().await,
    }
}

async fn wait(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}
