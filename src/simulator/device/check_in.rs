//! Check-in messages.

use std::time::Instant;

use http::Method;

use super::{Channel, Device, Door, User};
use crate::simulator::Trouble;
use crate::simulator::latency::Leg;
use crate::simulator::line::{Call, Reply};
use crate::simulator::profiles::Shelf;
use crate::wire::Secret;
use crate::wire::mdm::checkin::{Authenticate, CheckIn, Message, TokenUpdate};
use crate::wire::mdm::{Channel as WireChannel, ChannelKind};
use crate::wire::plist::{self, Value};

/// The code of a 403 that ends an enrollment.
const UNRECOGNIZED: &str = "com.apple.unrecognized.device";
const CHECK_IN_TYPE: &str = "application/x-apple-aspen-mdm-checkin";

impl Device {
    pub(super) fn wire_channel(&self, channel: Channel) -> WireChannel {
        let user = match channel {
            Channel::Device => None,
            Channel::User(n) => self.enrollment.as_ref().and_then(|e| e.users.get(n)),
        };
        let udid = &self.portrait.udid;
        match user {
            None => WireChannel {
                id: udid.clone(),
                kind: ChannelKind::Device,
                user_short_name: None,
                user_long_name: None,
            },
            Some(user) => WireChannel {
                id: format!("{udid}:{}", user.id),
                kind: ChannelKind::User,
                user_short_name: Some(user.short_name.clone()),
                user_long_name: Some(user.long_name.clone()),
            },
        }
    }

    /// Sends one check-in message, signed, and takes any status but 200 as a refusal.
    pub async fn check_in(
        &mut self,
        step: &'static str,
        from: Channel,
        message: Message,
    ) -> Result<Reply, Trouble> {
        let dictionary = CheckIn { channel: self.wire_channel(from), message }.to_dictionary();
        let body = plist::to_xml(&Value::Dictionary(dictionary));
        let url = self.enrolled()?.check_in.clone();
        let call = self.signed(&url, body, CHECK_IN_TYPE)?;
        let began = Instant::now();
        let reply = self.line(&url)?.call(&call).await?;
        self.latencies.add(Leg::CheckIn, began.elapsed());
        self.heed(step, reply)
    }

    /// Takes any status but 200 as a refusal. Two of them end the enrollment (protocol reference a.2 and a.3): 401,
    /// which a server must therefore never send by accident, and a 403 that says the device is not recognized.
    pub(super) fn heed(&mut self, step: &'static str, reply: Reply) -> Result<Reply, Trouble> {
        let code = UNRECOGNIZED.as_bytes();
        let unrecognized = reply.status == 403 && reply.body.windows(code.len()).any(|part| part == code);
        if unrecognized || reply.status == 401 {
            self.forget();
        }
        reply.ok(step)
    }

    /// A PUT with `Mdm-Signature`.
    pub(super) fn signed(&self, url: &http::Uri, body: Vec<u8>, kind: &str) -> Result<Call, Trouble> {
        let signature = self.enrolled()?.identity.sign(&body, self.options.signature, self.now());
        Ok(Call {
            method: Method::PUT,
            path: url.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
            headers: vec![("content-type", kind.to_owned()), ("mdm-signature", signature)],
            body: body.into(),
        })
    }

    pub(super) async fn authenticate(&mut self) -> Result<(), Trouble> {
        let p = &self.portrait;
        let message = Message::Authenticate(Authenticate {
            topic: self.enrolled()?.order.topic.clone(),
            udid: Some(p.udid.clone()),
            device_name: Some(p.name.clone()),
            model: Some(p.model.to_owned()),
            model_name: Some(p.model_name.to_owned()),
            os_version: Some(p.os_version.to_owned()),
            build: Some(p.build.to_owned()),
            product: Some(p.product.to_owned()),
            serial: Some(p.serial.clone()),
            imei: p.imei.clone(),
            meid: None,
        });
        self.check_in("Authenticate", Channel::Device, message).await.map(|_| ())
    }

    /// Tells the server how to ring the device. The unlock token goes along the first time only, as iOS does.
    pub async fn token_update(&mut self) -> Result<(), Trouble> {
        let enrollment = self.enrolled()?;
        let unlock_token = enrollment.unlock_token.clone().filter(|_| !enrollment.unlock_token_told);
        let message = Message::TokenUpdate(TokenUpdate {
            topic: enrollment.order.topic.clone(),
            magic: enrollment.door.magic.clone(),
            token: enrollment.door.token.clone(),
            unlock_token,
            awaiting: enrollment.awaiting,
            not_on_console: false,
        });
        self.check_in("TokenUpdate", Channel::Device, message).await?;
        if let Some(enrollment) = self.enrollment.as_mut() {
            enrollment.unlock_token_told = true;
        }
        Ok(())
    }

    /// Gets another push token from Apple and tells the server.
    pub async fn change_token(&mut self) -> Result<(), Trouble> {
        self.unhang_all();
        match self.enrollment.as_mut() {
            Some(enrollment) => enrollment.door.token = Door::new().token,
            None => return Err(Trouble::Rule("the device is not enrolled".into())),
        }
        self.doors().iter().for_each(|(channel, door)| self.hang(*channel, door));
        self.token_update().await
    }

    /// A user of the Mac comes under management: a TokenUpdate of its own. Says which user it is.
    pub async fn open_user_channel(&mut self, short_name: &str, long_name: &str) -> Result<usize, Trouble> {
        let id = self.chance.uuid();
        let user = User {
            id,
            short_name: short_name.to_owned(),
            long_name: long_name.to_owned(),
            door: Door::new(),
            shelf: Shelf::default(),
        };
        let Some(enrollment) = self.enrollment.as_mut() else {
            return Err(Trouble::Rule("the device is not enrolled".into()));
        };
        let door = user.door.clone();
        let topic = enrollment.order.topic.clone();
        let number = enrollment.users.len();
        enrollment.users.push(user);
        self.hang(Channel::User(number), &door);
        let message = Message::TokenUpdate(TokenUpdate {
            topic,
            magic: door.magic,
            token: door.token,
            unlock_token: None,
            awaiting: false,
            not_on_console: false,
        });
        let told = self.check_in("TokenUpdate of a user", Channel::User(number), message).await;
        if told.is_err()
            && let Some(enrollment) = self.enrollment.as_mut()
        {
            enrollment.users.truncate(number);
        }
        told.map(|_| number)
    }

    /// A network user logs in: asks whether the server manages them, and opens their channel if it does. None if
    /// the server said 410.
    pub async fn sign_in_network_user(&mut self, short: &str, long: &str) -> Result<Option<usize>, Trouble> {
        let number = match self.enrollment.as_mut() {
            None => return Err(Trouble::Rule("the device is not enrolled".into())),
            Some(enrollment) => {
                let user = User {
                    id: self.chance.uuid(),
                    short_name: short.to_owned(),
                    long_name: long.to_owned(),
                    door: Door::new(),
                    shelf: Shelf::default(),
                };
                enrollment.users.push(user);
                enrollment.users.len() - 1
            }
        };
        let message = Message::UserAuthenticate { digest_response: None };
        let reply = self.check_in("UserAuthenticate", Channel::User(number), message).await;
        if let Some(enrollment) = self.enrollment.as_mut() {
            enrollment.users.truncate(number);
        }
        match reply {
            Err(Trouble::Refused { status: 410, .. }) => Ok(None),
            Err(trouble) => Err(trouble),
            Ok(reply) if reply.body.is_empty() => self.open_user_channel(short, long).await.map(Some),
            Ok(_) => Err(Trouble::Rule("the server wants a digest, which nobody here can type".into())),
        }
    }

    /// Says goodbye for the device.
    pub async fn check_out(&mut self) -> Result<(), Trouble> {
        self.check_in("CheckOut", Channel::Device, Message::CheckOut).await.map(|_| ())
    }

    /// Entrusts a bootstrap token, or takes it back.
    pub async fn set_bootstrap_token(&mut self, token: Option<Secret>) -> Result<(), Trouble> {
        let awaiting = self.enrolled()?.awaiting;
        let message = Message::SetBootstrapToken { token: token.clone(), awaiting };
        self.check_in("SetBootstrapToken", Channel::Device, message).await?;
        if let Some(enrollment) = self.enrollment.as_mut() {
            enrollment.bootstrap_token = token;
        }
        Ok(())
    }

    /// Asks for the bootstrap token; none if the server has none.
    pub async fn get_bootstrap_token(&mut self) -> Result<Option<Secret>, Trouble> {
        let reply = self.check_in("GetBootstrapToken", Channel::Device, Message::GetBootstrapToken).await?;
        if reply.body.is_empty() {
            return Ok(None);
        }
        let dictionary = plist::parse_dictionary(&reply.body, plist::Limits::DEVICE);
        let dictionary = dictionary.map_err(Trouble::malformed("GetBootstrapToken"))?;
        let token = plist::data(&dictionary, "BootstrapToken");
        Ok(token.map_err(Trouble::malformed("GetBootstrapToken"))?.map(|token| Secret::new(token.to_vec())))
    }
}
