//! The configuration: [`Raw`] as it is written in TOML, [`Config`] as it is meant. Flags win over the file, the
//! file wins over defaults, and a key nobody knows is refused with the one that was probably meant.

pub mod keys;
mod raw;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use raw::{Raw, RawLimits, RawLog, RawPush, RawTest, RawTls};

use super::logs::Level;
use crate::model::site::Site;
use crate::web::limits::{Limits, Network};

/// The configuration cannot be used. The text says what is wrong and what to write instead (exit code 78).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// Where pushes go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushEndpoint {
    /// Apple's production push service.
    Production,
    /// A pretend push service: host and port, and the file of certificates it is trusted by.
    Pretend {
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
        /// PEM file.
        roots: PathBuf,
    },
}

/// Where the logs go and how long they stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// Folder of the log files.
    pub folder: PathBuf,
    /// Level when nobody raised it.
    pub level: Level,
    /// Bytes at which a file is rotated.
    pub rotate: u64,
    /// Days a rotated file is kept.
    pub keep_days: u32,
    /// Bytes all log files may have together.
    pub keep: u64,
}

/// The configuration as it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Data folder.
    pub data: PathBuf,
    /// Where to listen. Port 0 takes any free one.
    pub listen: SocketAddr,
    /// The announced port, when it is not that of `listen`.
    pub port: Option<u16>,
    /// Canonical host name, lowercase.
    pub host: String,
    /// Further names requests may be for, lowercase.
    pub names: Vec<String>,
    /// Name of the organization for the first start.
    pub organization: String,
    /// Socket for the command line.
    pub socket: PathBuf,
    /// Sign the enrollment profile.
    pub sign_enrollment_profile: bool,
    /// Network users of Macs get a channel of their own.
    pub network_users: bool,
    /// Certificate and key files (PEM).
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Logs.
    pub log: LogConfig,
    /// Push service.
    pub push: PushEndpoint,
    /// Limits of the listeners.
    pub limits: Limits,
    /// Accept single DES in SCEP.
    pub accept_des: bool,
}

/// Where data lives unless told otherwise.
pub fn default_data() -> PathBuf {
    PathBuf::from(if cfg!(target_os = "macos") {
        "/Library/Application Support/Pomona"
    } else {
        "/var/lib/pomona"
    })
}

/// This computer's name, lowercase, or `localhost`.
fn computer_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().to_lowercase();
    if host_is_sane(&name) { name } else { "localhost".into() }
}

/// A DNS name or an IP address: what may stand in a URL and in a certificate.
fn host_is_sane(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
        || (!host.is_empty()
            && host.len() <= 253
            && host.split('.').all(|label| {
                !label.is_empty()
                    && label.len() <= 63
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            }))
}

fn host(text: &str, key: &str) -> Result<String, ConfigError> {
    let lower = text.trim_end_matches('.').to_ascii_lowercase();
    if host_is_sane(&lower) {
        return Ok(lower);
    }
    Err(ConfigError(format!(
        "`{key}` must be a host name or an address, as in mdm.example.org, and not {text:?}"
    )))
}

/// A Unix socket's path has room for 104 bytes on a Mac and 108 on Linux, one of them the ending zero.
const SOCKET_PATH: usize = 103;

impl Config {
    /// Gives every key its meaning, or says which one has none.
    pub fn from_raw(raw: Raw) -> Result<Self, ConfigError> {
        let data = raw.data.unwrap_or_else(default_data);
        let listen = raw.listen.as_deref().unwrap_or("0.0.0.0:8443");
        let listen = listen.parse().map_err(|_| {
            ConfigError(format!(
                "`listen` must be an address with a port, as in 0.0.0.0:8443, and not {listen:?}"
            ))
        })?;
        let mut names = Vec::new();
        for name in raw.names.unwrap_or_default() {
            names.push(host(&name, "names")?);
        }
        let tls = match (raw.tls.certificate, raw.tls.key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (Some(_), None) => return Err(ConfigError("`tls.certificate` needs `tls.key` beside it".into())),
            (None, Some(_)) => return Err(ConfigError("`tls.key` needs `tls.certificate` beside it".into())),
        };
        let socket = raw.socket.unwrap_or_else(|| data.join("pomona.sock"));
        if socket.as_os_str().len() > SOCKET_PATH {
            return Err(ConfigError(format!(
                "the path of the socket is longer than {SOCKET_PATH} bytes: {}; set `socket` to a shorter one",
                socket.display()
            )));
        }
        Ok(Self {
            listen,
            port: raw.port,
            host: raw.host.as_deref().map_or_else(|| Ok(computer_name()), |h| host(h, "host"))?,
            names,
            organization: raw.organization.unwrap_or_default(),
            socket,
            sign_enrollment_profile: raw.sign_enrollment_profile.unwrap_or(true),
            network_users: raw.network_users.unwrap_or(false),
            tls,
            log: logs(raw.log, &data)?,
            push: push(raw.push)?,
            limits: limits(raw.limits)?,
            accept_des: raw.test.des.unwrap_or(false),
            data,
        })
    }

    /// The canonical address, once it is known on which port we really listen.
    pub fn site(&self, bound: u16) -> Site {
        Site { host: self.host.clone(), port: self.port.unwrap_or(bound) }
    }
}

fn logs(raw: RawLog, data: &Path) -> Result<LogConfig, ConfigError> {
    let level = raw.level.as_deref().unwrap_or("info");
    let at_least_one = |value: u64, key: &str| {
        if value == 0 { Err(ConfigError(format!("`{key}` must be at least 1"))) } else { Ok(value) }
    };
    Ok(LogConfig {
        folder: raw.folder.unwrap_or_else(|| data.join("logs")),
        level: Level::parse(level).ok_or_else(|| {
            ConfigError(format!("`log.level` must be error, warn, info, debug or trace, and not {level:?}"))
        })?,
        rotate: at_least_one(raw.rotate_mib.unwrap_or(50), "log.rotate_mib")?.saturating_mul(1 << 20),
        keep_days: raw.keep_days.unwrap_or(14),
        keep: at_least_one(raw.keep_mib.unwrap_or(1_024), "log.keep_mib")?.saturating_mul(1 << 20),
    })
}

fn push(raw: RawPush) -> Result<PushEndpoint, ConfigError> {
    let endpoint = raw.endpoint.as_deref().unwrap_or("production");
    if endpoint == "production" {
        return match raw.roots {
            None => Ok(PushEndpoint::Production),
            Some(_) => Err(ConfigError("`push.roots` is for a pretend `push.endpoint` only".into())),
        };
    }
    let wrong = || {
        ConfigError(format!(
            "`push.endpoint` must be \"production\" or an address as in \"https://127.0.0.1:2197\", and not {endpoint:?}"
        ))
    };
    let authority = endpoint.strip_prefix("https://").ok_or_else(wrong)?.trim_end_matches('/');
    let (name, port) = authority.rsplit_once(':').ok_or_else(wrong)?;
    let roots = raw.roots.ok_or_else(|| {
        ConfigError("a pretend `push.endpoint` needs `push.roots`, the certificates it is trusted by".into())
    })?;
    Ok(PushEndpoint::Pretend {
        host: host(name.trim_matches(['[', ']']), "push.endpoint")?,
        port: port.parse().map_err(|_| wrong())?,
        roots,
    })
}

fn limits(raw: RawLimits) -> Result<Limits, ConfigError> {
    let mut limits = Limits::default();
    if let Some(connections) = raw.connections {
        if connections == 0 {
            return Err(ConfigError("`limits.connections` must be at least 1".into()));
        }
        limits.connections = connections;
        limits.handshakes = limits.handshakes.max(connections / 2);
    }
    if let Some(per_address) = raw.per_address {
        limits.per_address = per_address.max(1);
    }
    if let Some(exempt) = raw.exempt {
        limits.exempt = exempt
            .iter()
            .map(|text| {
                Network::parse(text).ok_or_else(|| {
                    ConfigError(format!(
                        "`limits.exempt` holds {text:?}, which is no network as in \"10.0.0.0/8\""
                    ))
                })
            })
            .collect::<Result<_, _>>()?;
    }
    if let Some(seconds) = raw.idle_seconds {
        limits.idle = Duration::from_secs(seconds.max(1));
    }
    Ok(limits)
}
