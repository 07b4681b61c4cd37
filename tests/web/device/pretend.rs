//! A server in memory and devices that speak to it through its router: what the conformance cases are driven with.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use pomona::actions::authority::{self, Authority};
use pomona::actions::certificates::{self, Asked};
use pomona::actions::{Failure, commands};
use pomona::model::Time;
use pomona::model::account::Actor;
use pomona::model::activity::Activity;
use pomona::model::certificate::Purpose;
use pomona::model::command::{Command, State};
use pomona::model::due::Work;
use pomona::model::edge::{Clock, Dice, roll};
use pomona::model::enrollment::{Enrollment, EnrollmentId, Escrow, EscrowKind};
use pomona::model::profile::Profile;
use pomona::model::settings::{Identity, IdentityUse, Settings};
use pomona::model::site::Site;
use pomona::model::ticket::{Challenge, Ticket};
use pomona::store::{self, Store, Write};
use pomona::web::app::{App, WebConfig};
use pomona::web::device::{self, DeviceConfig};
use pomona::wire::Secret;
use pomona::wire::cms::{self, Signing};
use pomona::wire::key::{Digest, PrivateKey, sha256};
use pomona::wire::mdm::command::{Request as Ask, parse_envelope};
use pomona::wire::plist::{self, Dictionary, Limits, Value};
use pomona::wire::x509::{self, Cert, Draft, DraftProfile};
use tower::ServiceExt;

/// The push topic of the pretend server.
pub const TOPIC: &str = "com.apple.mgmt.External.9a6b0e86-8d2c-4f0e-9a8b-5f2d30a0f0c1";
/// A check-in's content type.
pub const CHECK_IN: &str = "application/x-apple-aspen-mdm-checkin";
/// When the tests begin.
pub const START: Time = Time::from_secs(1_795_000_000);

/// A clock that is set by hand.
pub struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::SeqCst))
    }
}

/// Dice that fall differently each time and equally in each run.
#[derive(Default)]
pub struct TestDice(AtomicU64);

impl Dice for TestDice {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let n = self.0.fetch_add(1, Ordering::SeqCst);
            chunk.copy_from_slice(&sha256(&n.to_be_bytes())[..chunk.len()]);
        }
    }
}

/// RSA keys are slow to make: a handful is shared by all tests.
pub fn rsa_key(n: usize) -> PrivateKey {
    static POOL: [OnceLock<PrivateKey>; 4] = [const { OnceLock::new() }; 4];
    POOL[n].get_or_init(|| PrivateKey::generate_rsa(2048)).clone()
}

fn shared_authority() -> Authority {
    static SHARED: OnceLock<Authority> = OnceLock::new();
    let make =
        || authority::ensure(&Store::in_memory(), &TestDice::default(), "Orchard", START).expect("a CA");
    SHARED.get_or_init(make).clone()
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub content_type: Option<String>,
    pub body: Bytes,
}

impl Answer {
    pub fn assert_empty_ok(&self) {
        assert_eq!((self.status, self.body.len()), (StatusCode::OK, 0), "{self:?}");
    }

    pub fn assert_refused(&self) {
        assert_eq!((self.status, self.body.len()), (StatusCode::BAD_REQUEST, 0), "{self:?}");
    }

    pub fn dictionary(&self) -> Dictionary {
        assert_eq!(self.status, StatusCode::OK);
        plist::parse_dictionary(&self.body, Limits::DEVICE).expect("a property list")
    }

    /// The command that was handed out: its UUID and its RequestType. None for an empty 200.
    pub fn command(&self) -> Option<(String, String)> {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        if self.body.is_empty() {
            return None;
        }
        let (uuid, command) = parse_envelope(&self.body).expect("a command");
        let kind = plist::text(&command, "RequestType").expect("text").expect("RequestType").to_owned();
        Some((uuid, kind))
    }

    pub fn uuid(&self) -> String {
        self.command().expect("a command, and not nothing").0
    }
}

/// The server.
#[derive(Clone)]
pub struct World {
    pub app: App,
    pub router: Router,
    pub clock: Arc<HandClock>,
}

impl World {
    pub fn new() -> Self {
        Self::with_store(Store::in_memory())
    }

    pub fn with_store(store: Store) -> Self {
        Self::with(store, DeviceConfig { sign_profiles: false, allow_des: false })
    }

    pub fn with(store: Store, devices: DeviceConfig) -> Self {
        let clock = Arc::new(HandClock(AtomicI64::new(START.0)));
        let dice = Arc::new(TestDice::default());
        let authority = shared_authority();
        let fresh = store::settings::get(&store.read().expect("snapshot")).expect("settings").is_none();
        if fresh {
            found(&store, &authority, dice.as_ref());
        }
        let site = Site { host: "mdm.example.org".into(), port: 443 };
        let config = WebConfig { devices, ..WebConfig::default() };
        let app = App::new(store, site, clock.clone(), dice, Arc::new(authority)).with_config(config);
        let router = device::routes().with_state(app.clone());
        Self { app, router, clock }
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    pub fn pass(&self, secs: i64) {
        self.clock.0.fetch_add(secs * 1000, Ordering::SeqCst);
    }

    pub fn dice(&self) -> &dyn Dice {
        self.app.dice.as_ref()
    }

    pub fn read(&self) -> store::Read {
        self.app.store.read().expect("a snapshot")
    }

    pub fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Write) -> Result<T, Failure> + Send + 'static,
    ) -> T {
        self.app.store.write_blocking(job).expect("the write succeeds")
    }

    /// Changes the settings.
    pub fn set(&self, change: impl FnOnce(&mut Settings) + Send + 'static) {
        self.write(|w| {
            let mut settings = store::settings::get(w)?.unwrap_or_default();
            change(&mut settings);
            Ok(store::settings::put(w, &settings)?)
        });
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let content_type =
            parts.headers.get(header::CONTENT_TYPE).map(|v| v.to_str().expect("ascii").to_owned());
        let body = body.collect().await.expect("a body").to_bytes();
        Answer { status: parts.status, content_type, body }
    }

    /// A challenge good for one certificate of this purpose.
    pub fn challenge(&self, purpose: Purpose) -> String {
        let text = hex::encode(roll::<32>(self.dice()));
        let now = self.now();
        let challenge = Challenge { purpose, created: now, expires: now.plus_secs(3600), used: None };
        let hash = sha256(text.as_bytes());
        self.write(move |w| Ok(store::tickets::put_challenge(w, &hash, &challenge)?));
        text
    }

    /// An enrollment link and its token.
    pub fn ticket(&self, change: impl FnOnce(&mut Ticket)) -> (Ticket, String) {
        let token = hex::encode(roll::<32>(self.dice()));
        let mut ticket = Ticket {
            id: hex::encode(roll::<6>(self.dice())),
            label: String::new(),
            token: Secret::from(token.clone()),
            by: "ada".into(),
            created: self.now(),
            expires: self.now().plus_secs(7 * 86_400),
            max_uses: None,
            uses: 0,
            revoked: None,
            serial: None,
        };
        change(&mut ticket);
        let kept = ticket.clone();
        self.write(move |w| Ok(store::tickets::put(w, &kept)?));
        (ticket, token)
    }

    /// A certificate for `key`, issued the way SCEP issues, for this purpose.
    pub fn certify(&self, key: &PrivateKey, purpose: Purpose) -> Cert {
        let challenge = self.challenge(purpose);
        let asked =
            Asked { challenge: sha256(challenge.as_bytes()), key: sha256(&key.public_der()), renews: None };
        let authority = &self.app.authority;
        let draft = certificates::draft(self.dice(), "Orchard", self.now());
        let made =
            x509::issue(&draft, &key.public_der(), Some(&authority.ca), &authority.key).expect("issued");
        let now = self.now();
        self.write(move |w| certificates::issue(w, &asked, &made, now))
    }

    /// A device with a fresh P-256 identity from an enrollment link.
    pub fn device(&self, udid: &str) -> Pretend {
        let (ticket, _) = self.ticket(|_| ());
        let key = PrivateKey::generate_p256();
        let cert = self.certify(&key, Purpose::Portal { ticket: ticket.id, serial: None });
        Pretend {
            world: self.clone(),
            keys: vec![("UDID", udid.to_owned())],
            serial: format!("SER{}", &hex::encode_upper(sha256(udid.as_bytes()))[..8]),
            product: "iPhone15,2".into(),
            key,
            cert,
        }
    }

    /// A device that enrolled and answered all first questions, so that its queue is empty.
    pub async fn enrolled(&self, udid: &str) -> Pretend {
        let device = self.device(udid);
        device.enroll().await;
        device.drain().await;
        device
    }

    /// Asks commands as the console does; the UUIDs, in order.
    pub fn ask(&self, id: &EnrollmentId, requests: Vec<Ask>) -> Vec<String> {
        let (id, dice, now) = (id.clone(), self.app.dice.clone(), self.now());
        self.write(move |w| {
            let by = Actor::console();
            let ask = |r| commands::enqueue(w, &by, &id, r, dice.as_ref(), now).map(|c| c.uuid);
            requests.into_iter().map(ask).collect()
        })
    }

    pub fn enrollment(&self, id: &EnrollmentId) -> Option<Enrollment> {
        store::enrollments::get(&self.read(), id).expect("readable")
    }

    pub fn command(&self, id: &EnrollmentId, uuid: &str) -> Command {
        store::commands::get(&self.read(), id, uuid).expect("readable").expect("the command")
    }

    pub fn state(&self, id: &EnrollmentId, uuid: &str) -> State {
        self.command(id, uuid).state
    }

    pub fn escrow(&self, id: &EnrollmentId, kind: EscrowKind) -> Option<Secret> {
        store::enrollments::escrow(&self.read(), id, kind).expect("readable").map(|e: Escrow| e.secret)
    }

    pub fn activities(&self) -> Vec<Activity> {
        store::activities::list(&self.read(), None, 1000).expect("readable")
    }

    pub fn alerts(&self, id: &EnrollmentId) -> Vec<Activity> {
        let all = store::activities::of_device(&self.read(), id, None, 1000).expect("readable");
        all.into_iter().filter(|a| a.alert).collect()
    }

    /// When work for a channel is due.
    pub fn due(&self, work: Work, id: &EnrollmentId) -> Option<Time> {
        store::dues::get(&self.read(), work, id).expect("readable").map(|due| due.at)
    }

    /// A profile in the library.
    pub fn profile(&self, id: &str, revision: u32, everyone: bool) -> Profile {
        let uuid = format!("00000000-0000-4000-8000-{:012}", revision);
        let profile = Profile {
            id: id.into(),
            identifier: format!("org.example.{id}"),
            name: id.into(),
            description: String::new(),
            revision,
            uuid: uuid.clone(),
            payloads: vec![],
            signed_by: None,
            everyone,
            distribution: Default::default(),
            archived: None,
            variables: Vec::new(),
            created: self.now(),
            updated: self.now(),
        };
        let mut file = Dictionary::new();
        file.insert("PayloadType".into(), "Configuration".into());
        file.insert("PayloadVersion".into(), 1.into());
        file.insert("PayloadIdentifier".into(), profile.identifier.clone().into());
        file.insert("PayloadUUID".into(), uuid.into());
        file.insert("PayloadContent".into(), Value::Array(vec![]));
        let file = Secret::new(plist::to_xml(&Value::Dictionary(file)));
        let kept = profile.clone();
        self.write(move |w| {
            store::profiles::put(w, &kept)?;
            Ok(store::profiles::put_revision(w, &kept.id, kept.revision, &file)?)
        });
        profile
    }

    /// Compares a device with what it should have.
    pub fn reconcile(&self, id: &EnrollmentId) {
        let (id, dice, now) = (id.clone(), self.app.dice.clone(), self.now());
        self.write(move |w| pomona::actions::reconcile::device(w, &id, dice.as_ref(), now));
    }
}

fn found(store: &Store, authority: &Authority, dice: &dyn Dice) {
    let key = PrivateKey::generate_p256();
    let draft = Draft {
        common_name: "APSP:pretend".into(),
        organization: None,
        uid: Some(TOPIC.into()),
        serial: roll(dice),
        not_before: START.plus_secs(-3600).secs(),
        not_after: START.plus_secs(400 * 86_400).secs(),
        profile: DraftProfile::PushClient,
    };
    let push = x509::issue(&draft, &key.public_der(), None, &key).expect("a push certificate");
    let identities = [
        (IdentityUse::DeviceCa, authority.key.to_pkcs8(), authority.ca.clone()),
        (IdentityUse::Push, key.to_pkcs8(), push),
    ];
    let settings = Settings {
        organization: "Orchard".into(),
        created: START,
        enrollment_identifier: "org.example.pomona.enroll".into(),
        ..Settings::default()
    };
    let write = store.write_blocking(move |w| {
        for (use_, key, cert) in identities {
            let identity = Identity { key, certificate: cert.der().to_vec(), chain: vec![], since: START };
            store::settings::put_identity(w, use_, &identity)?;
        }
        Ok::<_, Failure>(store::settings::put(w, &settings)?)
    });
    write.expect("a founded server");
}

/// A device, or one of its users: the id keys it sends and the identity it signs with.
#[derive(Clone)]
pub struct Pretend {
    pub world: World,
    /// The id keys, in order.
    pub keys: Vec<(&'static str, String)>,
    pub serial: String,
    pub product: String,
    pub key: PrivateKey,
    pub cert: Cert,
}

impl Pretend {
    /// The id the server knows it by.
    pub fn id(&self) -> EnrollmentId {
        let keys: HashMap<_, _> = self.keys.iter().cloned().collect();
        let text = match (keys.get("UDID"), keys.get("UserID"), keys.get("EnrollmentID")) {
            (Some(udid), Some(user), _) => format!("{udid}:{user}"),
            (Some(udid), None, _) => udid.clone(),
            (None, _, Some(id)) => match keys.get("EnrollmentUserID") {
                Some(user) => format!("{id}:{user}"),
                None => id.clone(),
            },
            _ => panic!("no id"),
        };
        EnrollmentId::parse(&text).expect("an id")
    }

    /// The same device with another identity.
    pub fn with_identity(&self, key: PrivateKey, cert: Cert) -> Self {
        Self { key, cert, ..self.clone() }
    }

    /// A user channel of this device.
    pub fn user(&self, user: &str) -> Self {
        let mut one = self.clone();
        one.keys.push(("UserID", user.to_owned()));
        one.keys.push(("UserShortName", user.to_lowercase()));
        one
    }

    /// A Mac of the same id.
    pub fn mac(mut self) -> Self {
        self.product = "Mac16,10".into();
        self
    }

    pub fn dictionary(&self, more: &[(&str, Value)]) -> Dictionary {
        let mut d = Dictionary::new();
        for (key, value) in &self.keys {
            d.insert((*key).to_owned(), value.clone().into());
        }
        for (key, value) in more {
            d.insert((*key).to_owned(), value.clone());
        }
        d
    }

    /// The `Mdm-Signature` of a body.
    pub fn sign(&self, body: &[u8]) -> String {
        let how = Signing {
            signer: &self.cert,
            key: &self.key,
            chain: &[],
            digest: Digest::Sha256,
            time: Some(self.world.now().secs()),
            attributes: vec![],
            detached: true,
        };
        STANDARD.encode(cms::sign(body, &how))
    }

    /// The request with this body, signed.
    pub fn request(&self, content_type: Option<&str>, body: Vec<u8>) -> Request<Body> {
        let mut request = Request::put("/mdm").header("Mdm-Signature", self.sign(&body));
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        request.body(Body::from(body)).expect("a request")
    }

    pub async fn check_in(&self, message: &str, more: &[(&str, Value)]) -> Answer {
        let body = plist::to_xml(&Value::Dictionary(self.message(message, more)));
        self.world.send(self.request(Some(CHECK_IN), body)).await
    }

    pub fn message(&self, message: &str, more: &[(&str, Value)]) -> Dictionary {
        let mut d = self.dictionary(&[("MessageType", message.into())]);
        for (key, value) in more {
            d.insert((*key).to_owned(), value.clone());
        }
        d
    }

    pub async fn authenticate(&self) -> Answer {
        let product = self.product.clone();
        self.check_in(
            "Authenticate",
            &[
                ("Topic", TOPIC.into()),
                ("DeviceName", "A device".into()),
                ("SerialNumber", self.serial.clone().into()),
                ("ProductName", product.into()),
                ("OSVersion", "26.1".into()),
            ],
        )
        .await
    }

    pub async fn token_update(&self, more: &[(&str, Value)]) -> Answer {
        let mut all = vec![
            ("Topic", TOPIC.into()),
            ("PushMagic", format!("magic-{}", self.id()).into()),
            ("Token", Value::Data(sha256(self.id().as_str().as_bytes()).to_vec())),
        ];
        all.extend_from_slice(more);
        self.check_in("TokenUpdate", &all).await
    }

    pub async fn enroll(&self) {
        self.authenticate().await.assert_empty_ok();
        self.token_update(&[]).await.assert_empty_ok();
    }

    pub async fn report(&self, more: &[(&str, Value)]) -> Answer {
        let body = plist::to_xml(&Value::Dictionary(self.dictionary(more)));
        self.world.send(self.request(Some("application/x-apple-aspen-mdm; charset=UTF-8"), body)).await
    }

    pub async fn idle(&self) -> Answer {
        self.report(&[("Status", "Idle".into())]).await
    }

    pub async fn answer(&self, uuid: &str, status: &str, more: &[(&str, Value)]) -> Answer {
        let mut all = vec![("Status", status.into()), ("CommandUUID", uuid.into())];
        all.extend_from_slice(more);
        self.report(&all).await
    }

    pub async fn acknowledge(&self, uuid: &str) -> Answer {
        self.answer(uuid, "Acknowledged", &[]).await
    }

    /// Answers whatever is asked with plausible contents until nothing comes; the RequestTypes, in order.
    pub async fn drain(&self) -> Vec<String> {
        let mut done = Vec::new();
        let mut reply = self.idle().await;
        while let Some((uuid, kind)) = reply.command() {
            reply = self.answer(&uuid, "Acknowledged", &self.contents(&kind)).await;
            done.push(kind);
            assert!(done.len() < 100, "the queue never ends: {done:?}");
        }
        done
    }

    /// What a device says to a question.
    pub fn contents(&self, kind: &str) -> Vec<(&'static str, Value)> {
        let dictionary = |pairs: Vec<(&str, Value)>| {
            Value::Dictionary(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
        };
        match kind {
            "DeviceInformation" => vec![(
                "QueryResponses",
                dictionary(vec![
                    ("DeviceName", "Renamed device".into()),
                    ("OSVersion", "26.2".into()),
                    ("ProductName", self.product.clone().into()),
                    ("ModelName", "iPhone".into()),
                    ("BatteryLevel", 0.5.into()),
                    ("DeviceCapacity", 128.0.into()),
                    ("AvailableDeviceCapacity", 64.5.into()),
                    ("IsSupervised", true.into()),
                ]),
            )],
            "SecurityInfo" => vec![(
                "SecurityInfo",
                dictionary(vec![("HardwareEncryptionCaps", 3.into()), ("PasscodePresent", true.into())]),
            )],
            "ProfileList" => vec![("ProfileList", Value::Array(vec![]))],
            "CertificateList" => vec![(
                "CertificateList",
                Value::Array(vec![dictionary(vec![
                    ("CommonName", "identity".into()),
                    ("IsIdentity", true.into()),
                    ("Data", Value::Data(self.cert.der().to_vec())),
                ])]),
            )],
            "InstalledApplicationList" => vec![(
                "InstalledApplicationList",
                Value::Array(vec![dictionary(vec![
                    ("Name", "Notes".into()),
                    ("Identifier", "com.apple.Notes".into()),
                    ("ShortVersion", "4.11".into()),
                ])]),
            )],
            _ => vec![],
        }
    }
}
