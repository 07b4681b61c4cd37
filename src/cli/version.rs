//! `pomona version`.

use super::{Exit, Failed, Global, output};

pub(super) fn run(global: &Global) -> Result<Exit, Failed> {
    let version = env!("CARGO_PKG_VERSION");
    let system = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
    let value = serde_json::json!({ "version": version, "system": system });
    output::show(global.form(), &value, |_| format!("pomona {version} ({system})\n"))?;
    Ok(Exit::Ok)
}
