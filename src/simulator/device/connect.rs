//! A device connects: Idle, then one command after the other until the server has no more.

use std::time::Instant;

use super::answers::{Act, Answer};
use super::{Channel, Device};
use crate::simulator::Trouble;
use crate::simulator::faults::{Faults, OnTheWay};
use crate::simulator::latency::Leg;
use crate::simulator::line::{Call, Reply};
use crate::wire::mdm::command::parse_envelope;
use crate::wire::plist::{self, Dictionary, Value};

const REPORT_TYPE: &str = "application/x-apple-aspen-mdm; charset=UTF-8";
/// Commands after which a device gives up on a server that never ends.
const MOST_COMMANDS: usize = 10_000;
/// An Idle that is sent again is signed anew after this time.
const IDLE_AGES: std::time::Duration = std::time::Duration::from_secs(60);
/// A lost or cut answer is repeated this often.
const REPEATS: u32 = 5;

/// One command and what the device said to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// `CommandUUID`.
    pub uuid: String,
    /// `RequestType`.
    pub request_type: String,
    /// `Status`; empty if the device never answered.
    pub status: &'static str,
}

/// What happened from an Idle to the empty reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Session {
    /// Commands in the order they came.
    pub done: Vec<Done>,
    /// The last thing said was NotNow: the device connects by itself when its situation has changed.
    pub comes_back: bool,
}

impl Device {
    /// Connects on the device channel.
    pub async fn connect(&mut self) -> Result<Session, Trouble> {
        self.connect_as(Channel::Device).await
    }

    /// Connects on one channel. A device that is switched off does nothing.
    pub async fn connect_as(&mut self, channel: Channel) -> Result<Session, Trouble> {
        let mut session = Session::default();
        if self.off_for().is_some() {
            return Ok(session);
        }
        let mut reply = self.idle(channel).await?;
        while !reply.body.is_empty() {
            let (uuid, command) = parse_envelope(&reply.body).map_err(Trouble::malformed("a command"))?;
            let request_type = plist::text(&command, "RequestType").ok().flatten().unwrap_or("").to_owned();
            let mut done = Done { uuid: uuid.clone(), request_type: request_type.clone(), status: "" };
            if self.options.faults.silent.contains(&request_type) {
                session.done.push(done);
                session.comes_back = false;
                break;
            }
            if !self.options.faults.slow.is_zero() {
                tokio::time::sleep(self.options.faults.slow).await;
            }
            let answer = self.decide(channel, &uuid, &request_type, &command).await;
            done.status = answer.status;
            session.comes_back = answer.status == "NotNow";
            session.done.push(done);
            let act = answer.act;
            reply = self.answer(channel, &uuid, &request_type, answer).await?;
            if self.act(act).await {
                session.comes_back = false;
                break;
            }
            if session.done.len() >= MOST_COMMANDS {
                return Err(Trouble::Rule(format!(
                    "{MOST_COMMANDS} commands in one session, and still more"
                )));
            }
        }
        Ok(session)
    }

    /// Sends Idle alone and returns the reply: an empty body, or a command that the device leaves unanswered.
    pub async fn idle(&mut self, channel: Channel) -> Result<Reply, Trouble> {
        let url = self.enrolled()?.server.clone();
        let call = self.idle_call(channel, &url)?;
        let began = Instant::now();
        let reply = self.line(&url)?.call(&call).await?;
        self.latencies.add(Leg::Idle, began.elapsed());
        self.heed("Idle", reply)
    }

    fn idle_call(&mut self, channel: Channel, url: &http::Uri) -> Result<Call, Trouble> {
        let mut body = Dictionary::new();
        self.wire_channel(channel).write(&mut body);
        body.insert("Status".into(), Value::String("Idle".into()));
        let body = plist::to_xml(&Value::Dictionary(body));
        if !self.options.reuse_idle || channel != Channel::Device {
            return self.signed(url, body, REPORT_TYPE);
        }
        let kept = self.enrolled()?.idle.as_ref().filter(|(at, _)| at.elapsed() < IDLE_AGES);
        if let Some((_, signature)) = kept {
            let headers =
                vec![("content-type", REPORT_TYPE.to_owned()), ("mdm-signature", signature.clone())];
            let path = url.path_and_query().map_or("/", |p| p.as_str()).to_owned();
            return Ok(Call { method: http::Method::PUT, path, headers, body: body.into() });
        }
        let call = self.signed(url, body, REPORT_TYPE)?;
        let signature = call.headers.iter().find(|(name, _)| *name == "mdm-signature");
        let signature = signature.map(|(_, value)| value.clone()).unwrap_or_default();
        if let Some(enrollment) = self.enrollment.as_mut() {
            enrollment.idle = Some((Instant::now(), signature));
        }
        Ok(call)
    }

    /// What the device says to a command: its faults first, then what the command asks.
    async fn decide(&mut self, channel: Channel, uuid: &str, kind: &str, command: &Dictionary) -> Answer {
        let faults = &self.options.faults;
        if faults.unknown.iter().any(|k| k == kind) {
            return Answer::format_error(kind);
        }
        if faults.failing.iter().any(|k| k == kind) {
            return Answer::error(12_000, "MCMDMErrorDomain", "The device failed on request.");
        }
        if Faults::may_put_off(kind) {
            let said = self.put_off.entry(uuid.to_owned()).or_default();
            if *said < faults.not_now {
                *said += 1;
                return Answer::not_now();
            }
        }
        self.put_off.remove(uuid);
        self.obey(channel, kind, command).await
    }

    /// Sends one answer, with whatever happens to it on its way.
    async fn answer(
        &mut self,
        channel: Channel,
        uuid: &str,
        request_type: &str,
        answer: Answer,
    ) -> Result<Reply, Trouble> {
        let mut body = Dictionary::new();
        self.wire_channel(channel).write(&mut body);
        body.insert("CommandUUID".into(), Value::String(uuid.to_owned()));
        body.insert("RequestType".into(), Value::String(request_type.to_owned()));
        body.insert("Status".into(), Value::String(answer.status.to_owned()));
        body.extend(answer.results);
        let url = self.enrolled()?.server.clone();
        let call = self.signed(&url, plist::to_xml(&Value::Dictionary(body)), REPORT_TYPE)?;
        self.answers += 1;
        let fault = self.options.faults.of_answer(self.answers);
        let latencies = self.latencies.clone();
        let line = self.line(&url)?;
        match fault {
            OnTheWay::Nothing => {}
            OnTheWay::Cut => line.call_and_break(&call).await,
            OnTheWay::LostReply => {
                // The reply did come, and nobody heard it.
                line.call(&call).await?.ok("an answer")?;
                line.hang_up();
            }
            OnTheWay::Twice => {
                line.call(&call).await?.ok("an answer")?;
            }
        }
        let mut tries = 0;
        let reply = loop {
            let began = Instant::now();
            let reply = line.call(&call).await;
            latencies.add(Leg::Answer, began.elapsed());
            tries += 1;
            match reply {
                // The device keeps a result until the server has taken it (Apple, *Sending MDM commands*).
                Ok(reply) if reply.status >= 500 && tries < REPEATS => {}
                Err(Trouble::Unreachable(_)) if tries < REPEATS => {}
                reply => break reply?,
            }
            tokio::time::sleep(std::time::Duration::from_millis(200 * u64::from(tries))).await;
        };
        self.heed("an answer", reply)
    }

    /// Does what must wait until the answer is out. True when that ends the session.
    async fn act(&mut self, act: Act) -> bool {
        match act {
            Act::Nothing => false,
            Act::Erase => {
                self.erase();
                true
            }
            Act::Unenroll => {
                self.unenroll().await;
                true
            }
            Act::Off(time) => {
                self.hang_up();
                self.condition.off_until = Some(time.map(|time| Instant::now() + time));
                self.condition.restarted += u32::from(time.is_some());
                true
            }
        }
    }
}
