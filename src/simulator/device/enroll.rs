//! Getting under management, renewing the identity, and getting out again.

use std::time::Instant;

use bytes::Bytes;
use http::{Method, Uri};

use super::{Device, Door, Enrollment};
use crate::simulator::Trouble;
use crate::simulator::chance;
use crate::simulator::keychain::Identity;
use crate::simulator::latency::Leg;
use crate::simulator::line::{Call, Line};
use crate::simulator::scep;
use crate::wire::Secret;
use crate::wire::enroll::EnrollmentOrder;
use crate::wire::key::PrivateKey;

/// What an enrollment profile must come as (Apple, *Deploying MDM enrollment profiles*).
const PROFILE_TYPE: &str = "application/x-apple-aspen-config";

impl Device {
    /// Opens an enrollment link (`https://HOST/enroll/TOKEN`), downloads its profile and installs it.
    pub async fn enroll(&mut self, link: &str) -> Result<(), Trouble> {
        let began = Instant::now();
        let file = self.download(link).await?;
        self.install_enrollment(&file).await?;
        self.latencies.add(Leg::Enrollment, began.elapsed());
        Ok(())
    }

    /// Downloads the profile of an enrollment link.
    pub async fn download(&mut self, link: &str) -> Result<Bytes, Trouble> {
        let began = Instant::now();
        let url = address(&format!("{}/profile", link.trim_end_matches('/')))?;
        let path = url.path_and_query().map_or("/", |p| p.as_str()).to_owned();
        let call = Call { method: Method::GET, path, headers: Vec::new(), body: Bytes::new() };
        let reply = self.line(&url)?.call(&call).await?.ok("the enrollment profile")?;
        self.latencies.add(Leg::Download, began.elapsed());
        match reply.content_type.as_deref() {
            Some(kind) if kind.starts_with(PROFILE_TYPE) => Ok(reply.body),
            other => Err(Trouble::Rule(format!("the enrollment profile came as {other:?}"))),
        }
    }

    /// Installs an enrollment profile, signed or not: identity, Authenticate, TokenUpdate. A device that is
    /// enrolled already enrolls anew.
    pub async fn install_enrollment(&mut self, file: &[u8]) -> Result<(), Trouble> {
        let order = EnrollmentOrder::parse(file).map_err(Trouble::malformed("the enrollment profile"))?;
        self.forget();
        let identity = self.obtain(&order).await?;
        self.begin(order, identity)?;
        let complete = self.introduce(file).await;
        if complete.is_err() {
            // A failed Authenticate or TokenUpdate takes the whole profile off again.
            self.forget();
        }
        complete
    }

    async fn introduce(&mut self, file: &[u8]) -> Result<(), Trouble> {
        self.authenticate().await?;
        self.shelf.install(file, true, None).map_err(Trouble::malformed("the enrollment profile"))?;
        self.token_update().await?;
        self.entrust_bootstrap_token().await?;
        if self.options.user_channel && self.offers("com.apple.mdm.per-user-connections") {
            let name = self.portrait.name.split('\u{2019}').next().unwrap_or("user").to_owned();
            self.open_user_channel(&name.to_lowercase(), &name).await?;
        }
        Ok(())
    }

    fn begin(&mut self, order: EnrollmentOrder, identity: Identity) -> Result<(), Trouble> {
        let has_token = self.portrait.kind.has_passcode();
        self.lines.clear();
        self.enrollment = Some(Enrollment {
            server: address(&order.server_url)?,
            check_in: address(&order.checkin_url)?,
            identity,
            door: Door::new(),
            users: Vec::new(),
            unlock_token: has_token.then(|| Secret::new(chance::secure::<192>().to_vec())),
            unlock_token_told: false,
            awaiting: self.options.await_configuration,
            bootstrap_token: None,
            idle: None,
            order,
        });
        self.doors().iter().for_each(|(channel, door)| self.hang(*channel, door));
        Ok(())
    }

    /// Whether the enrollment profile names this server capability, on a Mac.
    fn offers(&self, capability: &str) -> bool {
        let named = |e: &Enrollment| e.order.server_capabilities.iter().any(|c| c == capability);
        self.portrait.kind == crate::simulator::Kind::Mac && self.enrollment.as_ref().is_some_and(named)
    }

    async fn entrust_bootstrap_token(&mut self) -> Result<(), Trouble> {
        if self.offers("com.apple.mdm.bootstraptoken") && self.portrait.supervised {
            let token = Secret::new(chance::secure::<48>().to_vec());
            self.set_bootstrap_token(Some(token)).await?;
        }
        Ok(())
    }

    /// An identity certificate by SCEP, from whoever the profile names.
    async fn obtain(&mut self, order: &EnrollmentOrder) -> Result<Identity, Trouble> {
        let url = address(&order.scep_url)?;
        if ![2048, 3072, 4096].contains(&order.key_size) {
            return Err(Trouble::Rule(format!("the profile asks for a key of {} bits", order.key_size)));
        }
        let signer_key = self.keys.rsa(self.index, order.key_size).await;
        let key = if self.options.ec_identity { PrivateKey::generate_p256() } else { signer_key.clone() };
        let mut line = Line::to(&url, self.anchors.config(&order.roots)?, self.latencies.clone())?;
        let challenge = order.challenge.as_ref().and_then(Secret::expose_str);
        let wanted = scep::Order {
            url: &url,
            common_name: &order.subject_common_name,
            challenge,
            key,
            signer_key,
            by_get: self.options.scep_by_get,
            now: self.now(),
        };
        scep::obtain(&mut line, &wanted, &self.latencies).await
    }

    /// A new enrollment profile with the present one's identifier came by a command: the identity is renewed.
    /// What may not change is compared first (protocol reference c.2).
    pub(super) async fn renew(&mut self, file: &[u8], order: EnrollmentOrder) -> Result<(), Trouble> {
        let present = &self.enrolled()?.order;
        let fixed = |o: &EnrollmentOrder| (o.topic.clone(), o.server_url.clone(), o.checkin_url.clone());
        if fixed(present) != fixed(&order) {
            return Err(Trouble::Rule("Update to MDM profile contains different server URL or topic".into()));
        }
        let identity = self.obtain(&order).await?;
        let Some(enrollment) = self.enrollment.as_mut() else { return Ok(()) };
        let former = std::mem::replace(&mut enrollment.identity, identity);
        enrollment.idle = None;
        if let Err(trouble) = self.authenticate().await {
            if let Some(enrollment) = self.enrollment.as_mut() {
                enrollment.identity = former;
            }
            return Err(trouble);
        }
        if let Some(enrollment) = self.enrollment.as_mut() {
            enrollment.order = order;
        }
        self.shelf.install(file, true, None).map_err(Trouble::malformed("the enrollment profile"))?;
        self.token_update().await
    }

    /// The enrollment profile is removed by hand: CheckOut, if the profile asks for it, at most one attempt; then
    /// everything that management brought is gone.
    pub async fn unenroll(&mut self) {
        if self.enrollment.as_ref().is_some_and(|e| e.order.check_out_when_removed) {
            let _ = self.check_out().await;
        }
        self.forget();
    }

    /// Erased: nothing of the enrollment is left, and nobody is told.
    pub fn erase(&mut self) {
        self.forget();
        self.shelf.clear();
        self.condition.locked = None;
        self.condition.passcode = false;
        self.condition.erased += 1;
    }

    pub(super) fn forget(&mut self) {
        self.unhang_all();
        self.enrollment = None;
        self.put_off.clear();
        self.lines.clear();
        let managed: Vec<_> = self.shelf.all().iter().filter(|i| i.managed).collect();
        let managed: Vec<_> = managed.iter().map(|i| i.profile.identifier.clone()).collect();
        for identifier in managed {
            self.shelf.remove(&identifier);
        }
    }
}

pub(super) fn address(text: &str) -> Result<Uri, Trouble> {
    text.parse().map_err(|_| Trouble::Rule(format!("not an address: {text}")))
}
