//! `pomona demo`: a server to look around in, with pretend devices that enroll over the real protocol.

mod furnish;
mod library;
mod people;
mod show;

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::serve::{Stage, on_stage};
use super::{Exit, Failed, Global};
use crate::daemon::config::{Config, Raw, RawLog, RawPush};
use crate::daemon::edge::{SystemClock, SystemDice};
use crate::daemon::logs::Terminal;
use crate::daemon::run::start;
use crate::model::edge::{Clock, Dice, roll};
use crate::simulator::apns::PushAuthority;
use crate::simulator::fleet::Wake;
use crate::simulator::{Fleet, Plan, PretendApns, Trust};
use furnish::Furniture;
use show::Progress;

/// Rings the pretend push service takes at once.
const STREAMS: u32 = 1_000;
/// Ports tried when the wished one is taken.
const PORTS: u16 = 100;
/// An erased device is out of its box again after this time.
const OUT_OF_THE_BOX: std::time::Duration = std::time::Duration::from_secs(30);

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// How many devices
    #[arg(long, default_value = "25", value_parser = clap::value_parser!(u32).range(0..=10_000))]
    devices: u32,
    /// Where to listen on this computer; the next free port is taken when it is in use
    #[arg(long, default_value = "8443")]
    port: u16,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
}

/// A folder that is removed when the demo ends, unless the person named it.
struct Place {
    path: PathBuf,
    is_ours: bool,
}

impl Place {
    fn choose(named: Option<&PathBuf>) -> Result<Self, Failed> {
        if let Some(path) = named {
            return Ok(Self { path: std::path::absolute(path)?, is_ours: false });
        }
        let path =
            std::env::temp_dir().join(format!("pomona-demo-{}", hex::encode(roll::<4>(&SystemDice::new()))));
        std::fs::create_dir(&path)?;
        Ok(Self { path, is_ours: true })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_ours {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// The wished port, or the first free one behind it; 0 lets the system choose.
fn free_port(wish: u16) -> Result<u16, Failed> {
    (wish..=wish.saturating_add(PORTS))
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| {
            Failed::new(
                Exit::Temporary,
                format!("no port from {wish} on is free"),
                "Choose another with --port.",
            )
        })
}

/// Twenty letters without look-alikes, in groups: 94 bits.
fn password(dice: &dyn Dice) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789-";
    let letters: Vec<char> =
        roll::<20>(dice).iter().map(|byte| LETTERS[usize::from(byte % 31)] as char).collect();
    letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

fn config(place: &Path, port: u16, apns: u16, roots: &Path) -> Result<Config, Failed> {
    let raw = Raw {
        data: Some(place.to_owned()),
        listen: Some(format!("127.0.0.1:{port}")),
        host: Some("localhost".into()),
        names: Some(vec!["127.0.0.1".into()]),
        organization: Some("Example Orchard".into()),
        log: RawLog { folder: Some(place.join("logs")), ..RawLog::default() },
        push: RawPush { endpoint: Some(format!("https://127.0.0.1:{apns}")), roots: Some(roots.to_owned()) },
        ..Raw::default()
    };
    Config::from_raw(raw).map_err(|e| Failed::new(Exit::Config, e.to_string(), ""))
}

impl Demo {
    pub(super) fn run(self, global: &Global) -> Result<Exit, Failed> {
        let place = Place::choose(global.data.as_ref())?;
        let port = free_port(self.port)?;
        // The pretend push service is part of this process; its port must be known before the server is configured.
        let apns_listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let apns_port = apns_listener.local_addr()?.port();
        drop(apns_listener);
        let now = SystemClock.now();
        let unmade = |e: crate::wire::Malformed| Failed::new(Exit::Failure, e.to_string(), "");
        let authority = PushAuthority::make(now.secs()).map_err(unmade)?;
        let roots = place.path.join("pretend-apns.pem");
        crate::daemon::run::make_data_folder(&place.path)?;
        std::fs::write(&roots, authority.ca.to_pem())?;
        let config = config(&place.path, port, apns_port, &roots)?;
        on_stage(&config.clone(), Terminal::Errors, async |stage| {
            let address = (Ipv4Addr::LOCALHOST, apns_port).into();
            let apns = PretendApns::start_at(address, authority, now.secs(), STREAMS).await?;
            self.play(stage, config, apns, place.is_ours).await
        })
    }

    async fn play(
        self,
        stage: Stage,
        config: Config,
        apns: PretendApns,
        is_ours: bool,
    ) -> Result<Exit, Failed> {
        let sign_in = ("admin".to_owned(), password(&*stage.dice));
        let data = config.data.clone();
        let running = start(stage.plan(config, Some(sign_in.clone()))).await?;
        let furniture = Furniture::bring(&running, &stage, &apns, &sign_in).await?;
        show::welcome(&running, &sign_in, &furniture, &data, is_ours);
        if !self.no_open {
            show::open_browser(&format!("{}/profilemanager", running.site.base_url()));
        }

        let trust = Trust::Roots(vec![running.authority.ca.clone()]);
        let devices = self.devices as usize;
        let mut plan = Plan::new(furniture.link, trust, devices, Wake::Rung(apns.bells().clone()));
        plan.enrolls_again_after = Some(OUT_OF_THE_BOX);
        let progress = Arc::new(Progress::new(devices));
        let heard = Arc::clone(&progress);
        let fleet = Arc::new(Fleet::new(plan, Arc::new(move |event| heard.hear(&event))));
        let stop = CancellationToken::new();
        let living = tokio::spawn({
            let (fleet, stop, store) = (Arc::clone(&fleet), stop.clone(), running.store.clone());
            async move {
                // Devices that are enrolled live while the others enroll.
                let enrolling = async {
                    let enrolled = fleet.enroll().await;
                    if let Err(failure) = people::hand_out(&store, SystemClock.now()).await {
                        tracing::error!("devices get no owners: {failure}");
                    }
                    progress.all_enrolled(enrolled);
                };
                tokio::join!(enrolling, fleet.run(stop));
            }
        });
        let outcome = stage.until_stopped(running).await;
        stop.cancel();
        living.abort();
        drop(apns);
        outcome
    }
}
