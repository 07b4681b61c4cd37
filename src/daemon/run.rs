//! Opens everything, ties the knot, and stops in order.

use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, UnixListener};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::certificate::{self, Certificate};
use super::config::Config;
use super::logs::Levels;
use super::push::PushWay;
use super::{doctor, hooks, process, watch};
use crate::actions::authority::{self, Authority};
use crate::actions::{accounts, server};
use crate::model::account::Actor;
use crate::model::edge::{Clock, Dice};
use crate::model::seen::Seen;
use crate::model::site::Site;
use crate::store::{OpenError, Store};
use crate::web::device::DeviceConfig;
use crate::web::limits::Places;
use crate::web::server::{Door, serve_socket, serve_tls};
use crate::web::{App, WebConfig, tls};
use crate::wire::api::Outcome;
use crate::workers;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration, or what it names, cannot be used: a person must change something.
    #[error("{0}")]
    Config(String),
    /// It may work later, or once another program has ended.
    #[error("{0}")]
    Temporary(String),
    /// Anything else.
    #[error("{0}")]
    Failure(String),
}

/// What to start.
pub struct Plan {
    /// The configuration.
    pub config: Config,
    /// Whether this is a demo, and if so how to sign in to it: name and password, shown on the sign-in page.
    pub demo: Option<(String, String)>,
    /// The levels of the logs, if this process has logs.
    pub levels: Option<Arc<Levels>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub dice: Arc<dyn Dice>,
}

/// A running server.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its canonical address.
    pub site: Site,
    /// Its rows.
    pub store: Store,
    /// Its certificate authority.
    pub authority: Arc<Authority>,
    /// The certificate it shows.
    pub certificate: Arc<Certificate>,
    /// The way to the push service.
    pub push: PushWay,
    /// The code for the first administrator, when there is none yet.
    pub setup_code: Option<String>,
    /// Cancel it to begin to stop.
    pub stop: CancellationToken,
    doors: TaskTracker,
    inside: TaskTracker,
    stop_inside: CancellationToken,
    socket: std::path::PathBuf,
}

/// Makes the data folder unless it is there; it is for its owner alone.
pub fn make_data_folder(path: &Path) -> Result<(), StartError> {
    let wrong = |e: std::io::Error| StartError::Config(format!("the data folder {}: {e}", path.display()));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(wrong)?;
    let meta = std::fs::metadata(path).map_err(wrong)?;
    if !meta.is_dir() {
        return Err(StartError::Config(format!("{} is not a folder", path.display())));
    }
    if meta.permissions().mode() & 0o077 != 0 {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).map_err(wrong)?;
    }
    Ok(())
}

struct Opened {
    store: Store,
    authority: Arc<Authority>,
    certificate: Arc<Certificate>,
    push: PushWay,
    setup_code: Option<String>,
}

fn open(plan: &Plan) -> Result<Opened, StartError> {
    let config = &plan.config;
    make_data_folder(&config.data)?;
    let failure = |e: &dyn std::fmt::Display| StartError::Failure(e.to_string());
    let now = plan.clock.now();
    let clock = doctor::clock(now);
    if clock.outcome == Outcome::Fail {
        // It starts all the same: a wrong clock must not keep devices from being answered (F7).
        tracing::error!("{}. {}", clock.said, clock.next);
    }
    let store = Store::open(&config.data, now).map_err(|e| match e {
        OpenError::InUse => StartError::Temporary(format!("{e}: {}", config.data.display())),
        OpenError::Newer { .. } | OpenError::MissingKey(_) | OpenError::WrongKey => {
            StartError::Config(e.to_string())
        }
        other => StartError::Failure(other.to_string()),
    })?;
    let (organization, network_users, dice) =
        (config.organization.clone(), config.network_users, Arc::clone(&plan.dice));
    let settings = store
        .write_blocking(move |w| server::settle(w, &organization, network_users, &*dice, now))
        .map_err(|e| failure(&e))?;
    let authority =
        authority::ensure(&store, &*plan.dice, &settings.organization, now).map_err(|e| failure(&e))?;
    let authority = Arc::new(authority);
    let certificate = Certificate::load(config, &store, &authority, &plan.clock, &plan.dice)?;
    let push = PushWay::new(config, &store).map_err(StartError::Config)?;
    push.take_up();
    let is_set_up = store.read().and_then(|view| accounts::is_set_up(&view)).map_err(|e| failure(&e))?;
    let setup_code = if is_set_up {
        None
    } else {
        let code = server::fresh_setup_code(&*plan.dice);
        let kept = code.clone();
        store
            .write_blocking(move |w| accounts::renew_setup_code(w, &Actor::console(), &kept, now))
            .map_err(|e| failure(&e))?;
        Some(code)
    };
    Ok(Opened { store, authority, certificate: Arc::new(certificate), push, setup_code })
}

/// Starts a server. When this returns, its address answers.
pub async fn start(plan: Plan) -> Result<Running, StartError> {
    let opening = tokio::task::spawn_blocking(move || open(&plan).map(|opened| (plan, opened)));
    let (plan, opened) = opening.await.map_err(|e| StartError::Failure(e.to_string()))??;
    let Plan { config, demo, levels, clock, dice } = plan;
    let Opened { store, authority, certificate, push, setup_code } = opened;

    let listener = listen(config.listen).await?;
    let address = listener.local_addr().map_err(|e| StartError::Failure(e.to_string()))?;
    let socket_listener = listen_socket(&config.socket)?;
    let site = config.site(address.port());
    let config = Arc::new(config);
    let seen = Seen::default();
    let names = certificate::hosts(&config);

    let web = WebConfig {
        demo: demo.is_some(),
        demo_sign_in: demo,
        other_hosts: names[1..].to_vec(),
        private_tls: config.tls.is_none(),
        log_folder: config.log.folder.display().to_string(),
        devices: DeviceConfig { sign_profiles: config.sign_enrollment_profile, allow_des: config.accept_des },
        ..WebConfig::default()
    };
    let app =
        App::new(store.clone(), site.clone(), Arc::clone(&clock), Arc::clone(&dice), Arc::clone(&authority))
            .with_config(web)
            .with_seen(seen.clone())
            .with_hooks(hooks::hooks(&config, &store, levels.clone(), &push, &clock));
    let mut limits = config.limits.clone();
    limits.connections = process::connections(limits.connections);
    let places = Arc::new(Places::new(&limits));
    let door = |router| {
        Arc::new(Door {
            router,
            names: names.clone(),
            limits: limits.clone(),
            places: Arc::clone(&places),
            clock: Arc::clone(&clock),
            dice: Arc::clone(&dice),
        })
    };

    let (stop, stop_inside) = (CancellationToken::new(), CancellationToken::new());
    let (doors, inside) = (TaskTracker::new(), TaskTracker::new());
    let context = workers::Context {
        store: store.clone(),
        clock: Arc::clone(&clock),
        dice: Arc::clone(&dice),
        site: Arc::new(site.clone()),
        push: Arc::new(push.switch.clone()),
        seen,
    };
    let hire = |name: &'static str, run: fn(workers::Context, CancellationToken) -> Working| {
        let (context, stop) = (context.clone(), stop_inside.clone());
        inside.spawn(supervise(name, stop.clone(), move || run(context.clone(), stop.clone())));
    };
    hire("push", |c, s| Box::pin(workers::push::run(c, s)));
    hire("reconcile", |c, s| Box::pin(workers::reconcile::run(c, s)));
    hire("release", |c, s| Box::pin(workers::release::run(c, s)));
    hire("flush", |c, s| Box::pin(workers::flush::run(c, s)));
    let issuer =
        workers::renew::Issuer { authority: Arc::clone(&authority), sign: config.sign_enrollment_profile };
    let (renewing, stop_renewing) = (context, stop_inside.clone());
    inside.spawn(supervise("renew", stop_inside.clone(), move || {
        Box::pin(workers::renew::run(renewing.clone(), issuer.clone(), stop_renewing.clone()))
    }));
    inside.spawn(watch::certificates(Arc::clone(&config), Arc::clone(&certificate), stop_inside.clone()));
    inside.spawn(watch::house(
        Arc::clone(&config),
        store.clone(),
        levels,
        Arc::clone(&certificate),
        Arc::clone(&clock),
        stop_inside.clone(),
    ));

    let tls = tls::server_config(&certificate.shown).map_err(|e| StartError::Failure(e.to_string()))?;
    doors.spawn(serve_tls(listener, tls, door(crate::web::routes(app.clone())), stop.clone()));
    doors.spawn(serve_socket(socket_listener, door(crate::web::socket_routes(app)), stop.clone()));
    tracing::info!("listening on {address} as {}", site.base_url());
    let socket = config.socket.clone();
    Ok(Running {
        address,
        site,
        store,
        authority,
        certificate,
        push,
        setup_code,
        stop,
        doors,
        inside,
        stop_inside,
        socket,
    })
}

type Working = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs a worker until it ends by itself; one that panics is started again, because its rows are still there.
async fn supervise(name: &'static str, stop: CancellationToken, work: impl Fn() -> Working) {
    while let Err(error) = tokio::spawn(work()).await {
        if stop.is_cancelled() {
            return;
        }
        tracing::error!(%error, "the worker {name} ended badly and is started again");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|e| match e.kind() {
        std::io::ErrorKind::AddrInUse => {
            StartError::Temporary(format!("another program already listens on {address}"))
        }
        std::io::ErrorKind::PermissionDenied => StartError::Config(format!(
            "this account may not listen on {address}: choose a port from 1024 on, or run the service as packaged"
        )),
        _ => StartError::Config(format!("cannot listen on {address}: {e}")),
    })
}

/// The store's lock is ours, so a socket that is left over belongs to nobody.
fn listen_socket(path: &Path) -> Result<UnixListener, StartError> {
    let wrong = |e: std::io::Error| StartError::Config(format!("the socket {}: {e}", path.display()));
    if std::fs::symlink_metadata(path)
        .is_ok_and(|meta| std::os::unix::fs::FileTypeExt::is_socket(&meta.file_type()))
    {
        std::fs::remove_file(path).map_err(wrong)?;
    }
    let listener = UnixListener::bind(path).map_err(wrong)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(wrong)?;
    Ok(listener)
}

impl Running {
    /// Stops in order: no new connections, requests under way finish, workers end, the store closes. Takes at most
    /// about ten seconds.
    pub async fn finish(self) {
        self.stop.cancel();
        self.doors.close();
        self.doors.wait().await;
        self.stop_inside.cancel();
        self.inside.close();
        if tokio::time::timeout(Duration::from_secs(5), self.inside.wait()).await.is_err() {
            tracing::warn!("a worker did not end in time; its work is done again after the next start");
        }
        let _ = std::fs::remove_file(&self.socket);
        let store = self.store;
        let _ = tokio::task::spawn_blocking(move || store.close()).await;
        tracing::info!("stopped");
    }
}
