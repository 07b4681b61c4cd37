//! `pomona serve`: the server.

use std::sync::Arc;

use clap::Args;

use super::{Exit, Failed, Global, output};
use crate::daemon::config::{Config, Raw, RawLog, RawTls, keys};
use crate::daemon::edge::{SystemClock, SystemDice};
use crate::daemon::logs::{self, Levels, Terminal};
use crate::daemon::process;
use crate::daemon::run::{Plan, Running, StartError, make_data_folder, start};
use crate::daemon::stop::Signals;
use crate::model::edge::{Clock, Dice};

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Where to listen [default: 0.0.0.0:8443]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The name by which devices and people reach this server [default: this computer's name]
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// The port they connect to, when a router forwards another one
    #[arg(long)]
    port: Option<u16>,
    /// The organization's name, taken at the first start
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
    /// Certificate file, PEM; with --tls-key
    #[arg(long, value_name = "FILE")]
    tls_certificate: Option<std::path::PathBuf>,
    /// Private key file, PEM
    #[arg(long, value_name = "FILE")]
    tls_key: Option<std::path::PathBuf>,
    /// How much is logged: error, warn, info, debug, trace
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Where the logs go [default: logs in the data folder]
    #[arg(long, value_name = "DIR")]
    log_folder: Option<std::path::PathBuf>,
    /// Print an example configuration file with every key explained, and end
    #[arg(long)]
    print_config: bool,
    /// Read the configuration, say whether it can be used, and end
    #[arg(long)]
    check: bool,
}

impl From<StartError> for Failed {
    fn from(error: StartError) -> Self {
        let exit = match error {
            StartError::Config(_) => Exit::Config,
            StartError::Temporary(_) => Exit::Temporary,
            StartError::Failure(_) => Exit::Failure,
        };
        Failed::new(exit, error.to_string(), "")
    }
}

impl Serve {
    pub(super) fn run(self, global: &Global) -> Result<Exit, Failed> {
        if self.print_config {
            output::print(&keys::example_file())?;
            return Ok(Exit::Ok);
        }
        let flags = Raw {
            listen: self.listen,
            host: self.host,
            port: self.port,
            organization: self.organization,
            tls: RawTls { certificate: self.tls_certificate, key: self.tls_key },
            log: RawLog { level: self.log_level, folder: self.log_folder, ..RawLog::default() },
            ..Raw::default()
        };
        let config = global.config(flags)?;
        if self.check {
            eprintln!(
                "The configuration can be used: https://{}, data in {}.",
                config.host,
                config.data.display()
            );
            return Ok(Exit::Ok);
        }
        on_stage(&config.clone(), Terminal::fitting(), async |stage| {
            let running = start(stage.plan(config, None)).await?;
            eprintln!("Pomona {} at {}/profilemanager", env!("CARGO_PKG_VERSION"), running.site.base_url());
            if let Some(code) = &running.setup_code {
                eprintln!("Make the first administrator at {}/profilemanager/setup", running.site.base_url());
                eprintln!("with the setup code {code}");
            }
            stage.until_stopped(running).await
        })
    }
}

/// What a server's process has before the server starts.
pub(super) struct Stage {
    pub(super) levels: Arc<Levels>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) dice: Arc<dyn Dice>,
    signals: Signals,
}

impl Stage {
    /// The server to start; `demo` is the sign-in to show.
    pub(super) fn plan(&self, config: Config, demo: Option<(String, String)>) -> Plan {
        Plan {
            config,
            demo,
            levels: Some(Arc::clone(&self.levels)),
            clock: Arc::clone(&self.clock),
            dice: Arc::clone(&self.dice),
        }
    }

    /// Lets the server run until a signal, then stops it in order. A store whose writer is gone is the one fault
    /// that nothing inside can mend (F24): the process ends, and whoever watches it starts it again.
    pub(super) async fn until_stopped(mut self, running: Running) -> Result<Exit, Failed> {
        tokio::select! {
            () = self.signals.obey(&running.stop, &running.certificate, Some(&self.levels), &*self.clock) => {
                tracing::info!("stopping");
                running.finish().await;
                Ok(Exit::Ok)
            }
            broken = running.store.died() => Err(Failed::new(
                Exit::Failure,
                broken.to_string(),
                "What was answered is safe. Start again; see devicemgrd.log.",
            )),
        }
    }
}

/// Makes this process a server's: limits, logs, signals, threads. Then acts.
pub(super) fn on_stage(
    config: &Config,
    terminal: Terminal,
    act: impl AsyncFnOnce(Stage) -> Result<Exit, Failed>,
) -> Result<Exit, Failed> {
    process::settle();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    make_data_folder(&config.data)?;
    let kept = config.data.join("log-level.json");
    let (scribe, logs) = logs::open(&config.log, &kept, Arc::clone(&clock), terminal).map_err(|e| {
        let said = format!("the logs in {}: {e}", config.log.folder.display());
        Failed::new(Exit::Config, said, "Set log.folder to a folder the server may write.")
    })?;
    logs::install(scribe)?;
    process::log_panics();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "starting");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("pomona").build()?;
    let outcome = runtime.block_on(async {
        let signals = Signals::listen()?;
        let stage = Stage { levels: logs.levels(), clock, dice: Arc::new(SystemDice::new()), signals };
        act(stage).await
    });
    if let Err(failed) = &outcome {
        tracing::error!("{failed}");
    }
    // What hangs in a blocking call must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    drop(logs);
    outcome
}
