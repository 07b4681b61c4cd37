//! The real server, in memory but for its sockets: device routes over TLS, all workers, a pretend APNs to ring.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use pomona::actions::profiles::{Draft as ProfileDraft, assign, import};
use pomona::actions::{Failure, authority, push_certificate, server, tickets};
use pomona::apple::PushSwitch;
use pomona::model::Time;
use pomona::model::account::Actor;
use pomona::model::due::Work;
use pomona::model::edge::{Clock, Dice, roll_uuid};
use pomona::model::enrollment::EnrollmentId;
use pomona::model::profile::Delivery;
use pomona::model::settings::{Identity, IdentityUse};
use pomona::model::site::Site;
use pomona::simulator::Trust;
use pomona::simulator::fleet::Belief;
use pomona::store::{self, Store, Write};
use pomona::web::app::App;
use pomona::wire::Secret;
use pomona::wire::x509::Cert;
use pomona::workers::{self, Context, push::Limits, renew::Issuer};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::apple::Apple;

pub struct RealClock;

impl Clock for RealClock {
    fn now(&self) -> Time {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        Time(i64::try_from(since.as_millis()).expect("milliseconds"))
    }
}

pub struct RealDice;

impl Dice for RealDice {
    fn fill(&self, out: &mut [u8]) {
        aws_lc_rs::rand::fill(out).expect("random bytes");
    }
}

/// The real time, which a test may set forward.
#[derive(Clone, Default)]
pub struct Ahead(Arc<AtomicI64>);

impl Clock for Ahead {
    fn now(&self) -> Time {
        RealClock.now().plus_ms(self.0.load(Ordering::Relaxed))
    }
}

/// One device CA for all tests: its key takes a tenth of a second.
fn device_ca() -> Identity {
    static CA: OnceLock<Identity> = OnceLock::new();
    let make = || {
        let store = Store::in_memory();
        authority::ensure(&store, &RealDice, "Orchard", RealClock.now()).expect("a CA");
        let view = store.read().expect("a snapshot");
        store::settings::identity(&view, IdentityUse::DeviceCa).expect("read").expect("kept")
    };
    CA.get_or_init(make).clone()
}

pub struct Server {
    pub store: Store,
    pub apple: Apple,
    pub link: String,
    pub root: Cert,
    pub stop: CancellationToken,
    clock: Ahead,
    context: Context,
    issuer: Issuer,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(Limits::default()).await
    }

    pub async fn start_with(limits: Limits) -> Self {
        let apple = Apple::start().await;
        let files = apple.files.clone();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let site = Site { host: "127.0.0.1".into(), port };
        let (store, authority, token, chain, key) = tokio::task::spawn_blocking(move || {
            let store = Store::in_memory();
            let now = RealClock.now();
            let token = Secret::from(hex::encode(pomona::model::edge::roll::<32>(&RealDice)));
            let link = token.clone();
            store
                .write_blocking(move |w| {
                    store::settings::put_identity(w, IdentityUse::DeviceCa, &device_ca())?;
                    server::settle(w, "Orchard", true, &RealDice, now)?;
                    let (cert, key) = (Secret::from(files.certificate_pem()), Secret::from(files.key_pem()));
                    let draft = push_certificate::Draft::read(&cert, Some(&key), None, now)?;
                    push_certificate::import(w, &Actor::console(), &draft, None, now)?;
                    let wish = tickets::Wish { label: "fleet".into(), ..Default::default() };
                    tickets::make(w, &Actor::console(), &wish, "fleet".into(), link, now)?;
                    Ok::<_, Failure>(())
                })
                .expect("settled");
            let authority = authority::ensure(&store, &RealDice, "Orchard", now).expect("a CA");
            let hosts = ["127.0.0.1".to_owned()];
            let (chain, key) =
                server::tls_identity(&store, &authority, &hosts, &RealDice, now).expect("a certificate");
            (store, authority, token, chain, key)
        })
        .await
        .expect("no panic");
        let root = authority.ca.clone();
        let authority = Arc::new(authority);
        let link = site.enroll_url(token.expose_str().expect("text"));

        let push = PushSwitch::new();
        push.replace(Some(Arc::new(apple.transport())));
        let clock = Ahead::default();
        let app = App::new(
            store.clone(),
            site.clone(),
            Arc::new(clock.clone()),
            Arc::new(RealDice),
            authority.clone(),
        );
        let stop = CancellationToken::new();
        let context = Context {
            store: store.clone(),
            clock: Arc::new(clock.clone()),
            dice: Arc::new(RealDice),
            site: Arc::new(site),
            push: Arc::new(push),
            seen: app.seen.clone(),
        };
        tokio::spawn(workers::push::run_within(context.clone(), limits, stop.clone()));
        tokio::spawn(workers::reconcile::run(context.clone(), stop.clone()));
        tokio::spawn(workers::release::run(context.clone(), stop.clone()));
        tokio::spawn(workers::flush::run(context.clone(), stop.clone()));

        let router = pomona::web::device::routes().with_state(app);
        let secret = PrivatePkcs8KeyDer::from(key.to_pkcs8().expose().to_vec());
        let chain = chain.iter().map(|c| CertificateDer::from(c.der().to_vec())).collect();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain, secret.into())
            .expect("a certificate");
        let tls = TlsAcceptor::from(Arc::new(tls));
        let until = stop.clone();
        tokio::spawn(async move {
            loop {
                let (tcp, _) = tokio::select! {
                    () = until.cancelled() => return,
                    accepted = listener.accept() => accepted.expect("accepted"),
                };
                let (tls, service) = (tls.clone(), TowerToHyperService::new(router.clone()));
                tokio::spawn(async move {
                    let Ok(tls) = tls.accept(tcp).await else { return };
                    let http = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    let _ = http.serve_connection(TokioIo::new(tls), service).await;
                });
            }
        });
        let issuer = Issuer { authority, sign: true };
        Self { store, apple, link, root, stop, clock, context, issuer }
    }

    pub fn trust(&self) -> Trust {
        Trust::Roots(vec![self.root.clone()])
    }

    pub fn read(&self) -> store::Read {
        self.store.read().expect("a snapshot")
    }

    pub async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Write) -> Result<T, Failure> + Send + 'static,
    ) -> T {
        self.store.write(job).await.expect("written")
    }

    /// Time passes.
    pub async fn pass(&self, secs: i64) {
        self.clock.0.fetch_add(secs * 1_000, Ordering::Relaxed);
        // Loops look at the clock when something is committed.
        let (id, now) = (EnrollmentId::parse("SOMEBODY").expect("an id"), self.clock.now());
        self.write(move |w| Ok(store::devices::put_seen(w, &id, now)?)).await;
    }

    /// What the loop that renews identities does when it wakes. Says how many were due.
    pub async fn renew(&self) -> usize {
        workers::renew::round(&self.context, &self.issuer).await.expect("a round")
    }

    /// The server's time.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Puts a profile into the library and assigns it to Everyone.
    pub async fn give_everyone(&self, file: Secret) -> String {
        let draft = ProfileDraft::read(file.expose()).expect("a profile");
        self.write(move |w| {
            let now = RealClock.now();
            let id = roll_uuid(&RealDice).to_lowercase().replace('-', "");
            let (profile, _) = import(w, &Actor::console(), &draft, id, now)?;
            assign(w, &Actor::console(), &profile.id, &[], true, now)?;
            Ok(profile.id)
        })
        .await
    }

    /// Asks a command of one channel.
    pub async fn ask(&self, id: &str, request: pomona::wire::mdm::command::Request) -> String {
        let id = EnrollmentId::parse(id).expect("an id");
        self.write(move |w| {
            let (by, now) = (Actor::console(), RealClock.now());
            let command = pomona::actions::commands::enqueue(w, &by, &id, request, &RealDice, now)?;
            Ok(command.uuid)
        })
        .await
    }

    /// What the server believes of a device.
    pub fn belief(&self, udid: &str) -> Option<Belief> {
        let view = self.read();
        let id = EnrollmentId::parse(udid).expect("an id");
        let enrollment = store::enrollments::get(&view, &id).expect("read")?;
        let placements = store::profiles::placements_of_device(&view, &id).expect("read");
        let there = placements
            .iter()
            .filter(|p| matches!(p.state, Delivery::Installed | Delivery::Confirmed))
            .map(|p| (p.identifier.clone(), p.uuid.clone().unwrap_or_default()));
        Some(Belief { enrolled: enrollment.is_enrolled(), profiles: there.collect() })
    }

    /// Pieces of work that must still be done.
    pub fn due(&self) -> u64 {
        let view = self.read();
        let all = [Work::Push, Work::Reconcile, Work::Release];
        all.into_iter().map(|work| store::dues::count(&view, work).expect("counted")).sum()
    }

    /// Waits until nothing is due any more.
    pub async fn settled(&self) {
        eventually("no due row is left", || self.due() == 0).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Waits until `holds`, at most half a minute.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
