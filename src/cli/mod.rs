//! The command line: a file a subcommand, the JSON API as its only way to a running server.

mod admin;
mod bench;
mod catalog;
mod cert;
mod client;
mod command;
mod completions;
mod demo;
mod device;
mod doctor;
mod enroll;
mod exit;
mod input;
mod log;
mod logs;
mod man;
mod output;
mod profile;
mod push;
mod serve;
mod setup_code;
mod simulate;
mod token;
mod version;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use client::{Client, encode};
pub use exit::{EXIT_CODES, Exit, Failed};
pub use output::Form;

use crate::daemon::config::{Config, Raw};

const EXAMPLES: &str = "\
Examples:
  pomona demo                                 a server with 25 pretend devices, to look around
  pomona serve --data /var/lib/pomona --host mdm.example.org
  pomona device list
  pomona command send C02XK1ABJG5H device-lock --message 'Please call 555-0100' --wait";

/// Apple device management for one organization.
#[derive(Debug, Parser)]
#[command(name = "pomona", version, about, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
#[command(max_term_width = 100, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every subcommand understands.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Print one JSON object instead of a table
    #[arg(long, global = true)]
    json: bool,
    /// Data folder of the server on this machine
    #[arg(long, global = true, value_name = "DIR", env = "POMONA_DATA")]
    data: Option<PathBuf>,
    /// Configuration file
    #[arg(long, global = true, value_name = "FILE", env = "POMONA_CONFIG")]
    config: Option<PathBuf>,
    /// Socket of the server on this machine [default: pomona.sock in the data folder]
    #[arg(long, global = true, value_name = "FILE", env = "POMONA_SOCKET", hide_short_help = true)]
    socket: Option<PathBuf>,
    /// Another computer's server, as in https://mdm.example.org
    #[arg(long, global = true, value_name = "URL", env = "POMONA_SERVER")]
    server: Option<String>,
    /// File that holds the token for --server
    #[arg(long, global = true, value_name = "FILE", env = "POMONA_TOKEN_FILE", hide_short_help = true)]
    token_file: Option<PathBuf>,
    /// Believe only certificates under the ones in this PEM file
    #[arg(long, global = true, value_name = "FILE", env = "POMONA_CA_FILE", hide_short_help = true)]
    ca: Option<PathBuf>,
}

impl Global {
    /// The configuration as the file and the flags make it, without the flags of `serve`.
    fn config(&self, flags: Raw) -> Result<Config, Failed> {
        let wrong = |e: crate::daemon::config::ConfigError| Failed::new(Exit::Config, e.to_string(), "");
        let file = match &self.config {
            Some(path) => Raw::read(path).map_err(wrong)?,
            None => Raw::default(),
        };
        let own = Raw { data: self.data.clone(), socket: self.socket.clone(), ..Raw::default() };
        Config::from_raw(flags.over(own).over(file)).map_err(wrong)
    }

    fn form(&self) -> Form {
        Form::fitting(self.json)
    }

    /// The way to the server that was named, or to the one on this machine.
    fn client(&self) -> Result<Client, Failed> {
        match &self.server {
            Some(url) => Client::tls(url, self.token_file.as_deref(), self.ca.as_deref()),
            None => Ok(Client::socket(&self.config(Raw::default())?.socket)),
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Run a throw-away server with pretend devices
    Demo(demo::Demo),
    /// Enroll pretend devices with any server and let them live
    Simulate(simulate::Simulate),
    /// Print a fresh code for making the first administrator
    SetupCode,
    /// Administrators
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Tokens for programs
    #[command(subcommand)]
    Token(token::Token),
    /// Devices
    #[command(subcommand)]
    Device(device::Device),
    /// Commands to devices
    #[command(subcommand)]
    Command(command::Command),
    /// Configuration profiles
    #[command(subcommand)]
    Profile(profile::Profile),
    /// Every payload, setting, command and declaration that Apple documents
    #[command(subcommand)]
    Catalog(catalog::Catalog),
    /// Ways for devices to enroll
    #[command(subcommand)]
    Enroll(enroll::Enroll),
    /// Apple's push service and the certificate for it
    #[command(subcommand)]
    Push(push::Push),
    /// The server's certificates
    #[command(subcommand)]
    Cert(cert::Cert),
    /// How much is logged
    #[command(subcommand)]
    Log(log::Log),
    /// Read the logs
    Logs(logs::Logs),
    /// Look for what is wrong, and say what to do about it
    Doctor,
    /// Measure this machine against the goals
    Bench(bench::Bench),
    /// Print the version
    Version,
    /// Print completions for a shell
    Completions(completions::Completions),
    /// Write the manual pages into a folder
    #[command(hide = true)]
    Man(man::Man),
}

/// The whole program: reads the arguments, does it, tells how it went.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let form = cli.global.form();
    match run(cli) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failed) => {
            eprintln!("pomona: {}", output::harmless(&failed.said));
            if !failed.next.is_empty() {
                eprintln!("        {}", output::harmless(&failed.next));
            }
            if form == Form::Json {
                let problem = serde_json::json!({
                    "code": failed.code, "said": failed.said, "next": failed.next, "exit": failed.exit as u8
                });
                let _ = output::print_json(&serde_json::json!({ "problem": problem }));
            }
            ExitCode::from(failed.exit as u8)
        }
    }
}

fn run(cli: Cli) -> Result<Exit, Failed> {
    let global = cli.global;
    match cli.command {
        Command::Serve(serve) => serve.run(&global),
        Command::Demo(demo) => demo.run(&global),
        Command::Bench(bench) => bench.run(&global),
        Command::Simulate(simulate) => simulate.run(&global),
        Command::Logs(logs) => logs.run(&global),
        Command::Catalog(catalog) => catalog.run(&global),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
        Command::Version => version::run(&global),
        short => block_on(async move {
            match short {
                Command::SetupCode => setup_code::run(&global).await,
                Command::Admin(admin) => admin.run(&global).await,
                Command::Token(token) => token.run(&global).await,
                Command::Device(device) => device.run(&global).await,
                Command::Command(command) => command.run(&global).await,
                Command::Profile(profile) => profile.run(&global).await,
                Command::Enroll(enroll) => enroll.run(&global).await,
                Command::Push(push) => push.run(&global).await,
                Command::Cert(cert) => cert.run(&global).await,
                Command::Log(log) => log.run(&global).await,
                _ => doctor::run(&global).await,
            }
        }),
    }
}

/// Runs a short conversation with a server: one thread is enough for it.
fn block_on<T>(work: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
