//! The facts as they stand in `assets/catalog/*.json`: one entry a line, as `assets/catalog/README.md` describes.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::Os;

/// One payload, command, declaration or status item.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) file: String,
    #[serde(default)]
    pub(super) rel: String,
    #[serde(default)]
    pub(super) n: String,
    #[serde(default, rename = "type")]
    pub(super) kind: String,
    #[serde(default, rename = "kind")]
    pub(super) family: Option<String>,
    #[serde(default)]
    pub(super) apply: Option<String>,
    #[serde(default)]
    pub(super) beta: bool,
    #[serde(default)]
    pub(super) os: Systems,
    #[serde(default)]
    pub(super) keys: Vec<Fact>,
    #[serde(default)]
    pub(super) resp: Vec<Fact>,
    #[serde(default)]
    pub(super) reasons: Vec<Reason>,
    #[serde(default)]
    pub(super) status: Vec<String>,
    /// Of `additions.json`: rules by which values of keys at the top combine.
    #[serde(default)]
    pub(super) comb: HashMap<String, String>,
}

impl Entry {
    /// The file stem: what tells the forms of one type apart.
    pub(super) fn id(&self) -> &str {
        let name = self.file.rsplit('/').next().unwrap_or(&self.file);
        name.strip_suffix(".yaml").unwrap_or(name)
    }
}

/// An error code of a declaration or status item.
#[derive(Debug, Deserialize)]
pub(super) struct Reason {
    pub(super) v: String,
    #[serde(default)]
    pub(super) keys: Vec<Fact>,
}

/// One key.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Fact {
    pub(super) k: String,
    pub(super) t: String,
    #[serde(default)]
    pub(super) n: Option<String>,
    #[serde(default)]
    pub(super) req: Option<u8>,
    #[serde(default)]
    pub(super) def: Option<Json>,
    #[serde(default)]
    pub(super) vals: Vec<Json>,
    #[serde(default)]
    pub(super) range: Option<Bounds>,
    #[serde(default)]
    pub(super) re: Option<String>,
    #[serde(default)]
    pub(super) sub: Option<String>,
    #[serde(default)]
    pub(super) comb: Option<String>,
    #[serde(default)]
    pub(super) rep: Option<Bounds>,
    #[serde(default)]
    pub(super) os: Systems,
    #[serde(default)]
    pub(super) keys: Vec<Fact>,
    #[serde(default, rename = "ref")]
    pub(super) same: Option<String>,
}

/// Smallest and largest.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Bounds {
    #[serde(default)]
    pub(super) min: Option<f64>,
    #[serde(default)]
    pub(super) max: Option<f64>,
}

/// What is said of each system.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Systems {
    #[serde(rename = "iOS")]
    ios: Option<Box<System>>,
    #[serde(rename = "macOS")]
    macos: Option<Box<System>>,
    #[serde(rename = "tvOS")]
    tvos: Option<Box<System>>,
    #[serde(rename = "visionOS")]
    visionos: Option<Box<System>>,
    #[serde(rename = "watchOS")]
    watchos: Option<Box<System>>,
}

impl Systems {
    /// What is said of one system.
    pub(super) fn on(&self, os: Os) -> Option<&System> {
        match os {
            Os::Ios => self.ios.as_deref(),
            Os::Macos => self.macos.as_deref(),
            Os::Tvos => self.tvos.as_deref(),
            Os::Visionos => self.visionos.as_deref(),
            Os::Watchos => self.watchos.as_deref(),
        }
    }

    /// Whether nothing is said at all, so that everything is the parent's.
    pub(super) fn is_silent(&self) -> bool {
        Os::ALL.iter().all(|os| self.on(*os).is_none())
    }
}

/// What is said of one system.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct System {
    #[serde(rename = "in")]
    pub(super) introduced: Option<String>,
    pub(super) dep: Option<String>,
    pub(super) rem: Option<String>,
    pub(super) right: Option<String>,
    pub(super) multi: Option<bool>,
    pub(super) devch: Option<bool>,
    pub(super) usrch: Option<bool>,
    pub(super) sup: Option<bool>,
    pub(super) ade: Option<bool>,
    pub(super) uamdm: Option<bool>,
    pub(super) manual: Option<bool>,
    pub(super) enr: Option<Vec<String>>,
    pub(super) scope: Option<Vec<String>>,
    pub(super) shared: Option<Shared>,
    pub(super) user: Option<Mode>,
    pub(super) skip: Option<bool>,
}

/// Shared iPad.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shared {
    pub(super) mode: Option<String>,
    pub(super) devch: Option<bool>,
    pub(super) usrch: Option<bool>,
    pub(super) scope: Option<Vec<String>>,
}

/// User enrollment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Mode {
    pub(super) mode: Option<String>,
}
