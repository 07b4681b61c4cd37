//! The configuration as it is written, and the refusal of keys nobody knows.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{ConfigError, keys};

/// The file as written; see [`keys::KEYS`] for what each key means. Flags fill the same shape.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Raw {
    pub data: Option<PathBuf>,
    pub listen: Option<String>,
    pub host: Option<String>,
    pub port: Option<u16>,
    pub names: Option<Vec<String>>,
    pub organization: Option<String>,
    pub socket: Option<PathBuf>,
    pub sign_enrollment_profile: Option<bool>,
    pub network_users: Option<bool>,
    #[serde(default)]
    pub tls: RawTls,
    #[serde(default)]
    pub log: RawLog,
    #[serde(default)]
    pub push: RawPush,
    #[serde(default)]
    pub limits: RawLimits,
    #[serde(default)]
    pub test: RawTest,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RawTls {
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RawLog {
    pub folder: Option<PathBuf>,
    pub level: Option<String>,
    pub rotate_mib: Option<u64>,
    pub keep_days: Option<u32>,
    pub keep_mib: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RawPush {
    pub endpoint: Option<String>,
    pub roots: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RawLimits {
    pub connections: Option<usize>,
    pub per_address: Option<usize>,
    pub exempt: Option<Vec<String>>,
    pub idle_seconds: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RawTest {
    pub des: Option<bool>,
}

impl Raw {
    /// Reads TOML. Unknown keys are refused by name, each with the nearest known one.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| ConfigError(e.to_string()))?;
        refuse_unknown(&table)?;
        toml::from_str(text).map_err(|e| ConfigError(e.to_string()))
    }

    /// Reads a file; relative paths in it are relative to its folder.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| ConfigError(format!("cannot read the configuration {}: {e}", path.display())))?;
        let mut raw = Self::parse(&text).map_err(|e| ConfigError(format!("{}: {e}", path.display())))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let paths = [
            &mut raw.data,
            &mut raw.socket,
            &mut raw.tls.certificate,
            &mut raw.tls.key,
            &mut raw.log.folder,
            &mut raw.push.roots,
        ];
        for path in paths.into_iter().flatten() {
            *path = folder.join(&*path);
        }
        Ok(raw)
    }

    /// What is written here, and where nothing is, what `below` says.
    pub fn over(self, below: Self) -> Self {
        Self {
            data: self.data.or(below.data),
            listen: self.listen.or(below.listen),
            host: self.host.or(below.host),
            port: self.port.or(below.port),
            names: self.names.or(below.names),
            organization: self.organization.or(below.organization),
            socket: self.socket.or(below.socket),
            sign_enrollment_profile: self.sign_enrollment_profile.or(below.sign_enrollment_profile),
            network_users: self.network_users.or(below.network_users),
            tls: RawTls {
                certificate: self.tls.certificate.or(below.tls.certificate),
                key: self.tls.key.or(below.tls.key),
            },
            log: RawLog {
                folder: self.log.folder.or(below.log.folder),
                level: self.log.level.or(below.log.level),
                rotate_mib: self.log.rotate_mib.or(below.log.rotate_mib),
                keep_days: self.log.keep_days.or(below.log.keep_days),
                keep_mib: self.log.keep_mib.or(below.log.keep_mib),
            },
            push: RawPush {
                endpoint: self.push.endpoint.or(below.push.endpoint),
                roots: self.push.roots.or(below.push.roots),
            },
            limits: RawLimits {
                connections: self.limits.connections.or(below.limits.connections),
                per_address: self.limits.per_address.or(below.limits.per_address),
                exempt: self.limits.exempt.or(below.limits.exempt),
                idle_seconds: self.limits.idle_seconds.or(below.limits.idle_seconds),
            },
            test: RawTest { des: self.test.des.or(below.test.des) },
        }
    }
}

/// Walks the whole table, so that a mistake deep in a section is found too.
fn refuse_unknown(table: &toml::Table) -> Result<(), ConfigError> {
    for (name, value) in table {
        let is_section =
            keys::KEYS.iter().any(|k| k.name.split_once('.').is_some_and(|(head, _)| head == name));
        match value {
            toml::Value::Table(inside) if is_section => {
                for key in inside.keys() {
                    refuse_unless_known(&format!("{name}.{key}"))?;
                }
            }
            _ if is_section => {
                return Err(ConfigError(format!(
                    "`{name}` is a section: write [{name}] on a line of its own"
                )));
            }
            _ => refuse_unless_known(name)?,
        }
    }
    Ok(())
}

fn refuse_unless_known(name: &str) -> Result<(), ConfigError> {
    if keys::KEYS.iter().any(|key| key.name == name) {
        return Ok(());
    }
    Err(ConfigError(match keys::nearest(name) {
        Some(near) => format!("unknown key `{name}`; did you mean `{near}`?"),
        None => format!("unknown key `{name}`; `pomona serve --print-config` lists the known ones"),
    }))
}
