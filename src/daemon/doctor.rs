//! Self-checks: what is wrong, and what to do about it. Those of [`resting`] need no running server and open
//! nothing that one holds.

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::config::Config;
use super::{certificate, watch};
use crate::model::Time;
use crate::model::settings::IdentityUse;
use crate::store::{self, OpenError, Store};
use crate::wire::api::{Check, Outcome};
use crate::wire::x509::Cert;

const GIB: u64 = 1 << 30;
/// No honest clock is earlier: this program did not exist then (2026-11-01).
const EARLIEST: Time = Time::from_secs(1_793_491_200);
/// Days before its end at which a certificate is worth a word.
const SOON_DAYS: i64 = 30;
/// Days before its end at which the identity of a device is worth a word.
const LAST_DAYS: i64 = 14;

fn check(name: &str, outcome: Outcome, said: impl Into<String>, next: &str) -> Check {
    let next = if outcome == Outcome::Pass { String::new() } else { next.to_owned() };
    Check { name: name.into(), outcome, said: said.into(), next }
}

/// What can be told from outside a server: folder, key, disk, clock, files, port, and, when none runs, the store.
/// `is_running` says whether one answers on the socket.
pub fn resting(config: &Config, is_running: bool, now: Time) -> Vec<Check> {
    let mut found = vec![clock(now)];
    if !config.data.exists() {
        found.push(check(
            "data.folder",
            Outcome::Warn,
            format!("there is no data folder {}", config.data.display()),
            "It is made at the first start: `pomona serve`. If there should be one, name it with --data.",
        ));
        return found;
    }
    found.push(folder(&config.data));
    found.push(master_key(&config.data));
    found.push(disk("data.disk", &config.data));
    found.push(logs(config));
    found.extend(config.tls.is_some().then(|| configured_certificate(config, now)));
    found.push(if is_running {
        check("server", Outcome::Pass, "the server answers on its socket", "")
    } else {
        check(
            "server",
            Outcome::Warn,
            format!("no server answers at {}", config.socket.display()),
            "Start it: `pomona serve`.",
        )
    });
    if !is_running {
        found.push(port(config));
        found.extend(opened(config, now));
    }
    found
}

/// What a running server tells about itself.
pub fn running(config: &Config, store: &Store, now: Time) -> Vec<Check> {
    let mut found = certificates(store, now);
    found.push(identities(store, now));
    found.push(disk("data.disk", &config.data));
    found.push(logs(config));
    found
}

/// Whether the clock can be right at all.
pub fn clock(now: Time) -> Check {
    let said = format!("the clock says {}", now.rfc3339());
    if now < EARLIEST {
        let next = "Set the clock: certificates would be issued with wrong dates.";
        return check("clock", Outcome::Fail, format!("{said}, which cannot be"), next);
    }
    check("clock", Outcome::Pass, said, "")
}

fn folder(data: &Path) -> Check {
    match std::fs::metadata(data) {
        Ok(meta) if meta.permissions().mode() & 0o077 != 0 => check(
            "data.folder",
            Outcome::Warn,
            format!("others may look into {} (mode {:o})", data.display(), meta.permissions().mode() & 0o777),
            &format!("chmod 700 {:?}; the server does it at its next start.", data),
        ),
        Ok(meta) if !meta.is_dir() => check(
            "data.folder",
            Outcome::Fail,
            format!("{} is not a folder", data.display()),
            "Name another with --data.",
        ),
        Ok(_) => {
            check("data.folder", Outcome::Pass, format!("{} is for its owner alone", data.display()), "")
        }
        Err(error) => check(
            "data.folder",
            Outcome::Fail,
            format!("{}: {error}", data.display()),
            "Use the account that runs the server, or sudo.",
        ),
    }
}

fn master_key(data: &Path) -> Check {
    let key = data.join("master.key");
    let database = data.join("pomona.redb").exists();
    match std::fs::symlink_metadata(&key) {
        Ok(meta) if meta.permissions().mode() & 0o077 != 0 => check(
            "data.master-key",
            Outcome::Fail,
            format!("others may read the master key (mode {:o})", meta.permissions().mode() & 0o777),
            "chmod 600 the file, and think about who may have copied it.",
        ),
        Ok(meta) if !meta.is_file() || meta.nlink() > 1 => check(
            "data.master-key",
            Outcome::Warn,
            "the master key is a link or has another name besides",
            "It should be a plain file in the data folder.",
        ),
        Ok(_) => check("data.master-key", Outcome::Pass, "the master key is for its owner alone", ""),
        Err(_) if database => check(
            "data.master-key",
            Outcome::Fail,
            "the master key is missing: what is sealed in the database cannot be read",
            "Put master.key back from the backup that belongs to this database.",
        ),
        Err(_) => check("data.master-key", Outcome::Pass, "there is no database yet", ""),
    }
}

fn disk(name: &str, path: &Path) -> Check {
    let next = "Make room: below 1 GiB the logs are cut short, and a full disk stops all changes.";
    match watch::free_bytes(path) {
        Some(free) if free < GIB / 4 => {
            check(name, Outcome::Fail, format!("{} MiB are free on the disk", free >> 20), next)
        }
        Some(free) if free < GIB => {
            check(name, Outcome::Warn, format!("{} MiB are free on the disk", free >> 20), next)
        }
        Some(free) => check(name, Outcome::Pass, format!("{} GiB are free on the disk", free >> 30), ""),
        None => {
            check(name, Outcome::Warn, "the disk does not tell how much is free", "Look yourself: df -h.")
        }
    }
}

fn logs(config: &Config) -> Check {
    let folder = &config.log.folder;
    let next = "Without logs nobody can tell later what happened: give the server's account this folder.";
    if !folder.exists() {
        return check("logs", Outcome::Pass, format!("{} is made at the first start", folder.display()), "");
    }
    match rustix::fs::access(folder, rustix::fs::Access::WRITE_OK) {
        Ok(()) => check("logs", Outcome::Pass, format!("the logs are in {}", folder.display()), ""),
        Err(error) => {
            check("logs", Outcome::Warn, format!("{} cannot be written: {error}", folder.display()), next)
        }
    }
}

fn age(name: &str, what: &str, cert: &Cert, now: Time, next: &str) -> Check {
    let days = (cert.not_after() - now.secs()).div_euclid(86_400);
    match days {
        ..0 => check(name, Outcome::Fail, format!("{what} ended {} days ago", -days), next),
        0..SOON_DAYS => check(name, Outcome::Warn, format!("{what} ends in {days} days"), next),
        _ => check(name, Outcome::Pass, format!("{what} is good for {days} days"), ""),
    }
}

fn configured_certificate(config: &Config, now: Time) -> Check {
    let name = "tls.certificate";
    let Some((chain, key)) = &config.tls else {
        return check(name, Outcome::Pass, "the server's own authority issues it", "");
    };
    let next = "Renew it; the server takes up the new files by itself.";
    let (chain, key) = match certificate::read(chain, key) {
        Ok(read) => read,
        Err(why) => {
            return check(
                name,
                Outcome::Fail,
                why,
                "Correct tls.certificate and tls.key in the configuration.",
            );
        }
    };
    let leaf = &chain[0];
    if leaf.public_der() != key.public_der() {
        return check(name, Outcome::Fail, "the key does not belong to the certificate", next);
    }
    if !leaf.hosts().iter().any(|host| certificate::covers(host, &config.host)) {
        let said = format!("the certificate is for {}, not for {}", leaf.hosts().join(", "), config.host);
        return check(name, Outcome::Fail, said, "Get one for the server's name, or correct `host`.");
    }
    age(name, "the TLS certificate", leaf, now, next)
}

fn port(config: &Config) -> Check {
    match TcpListener::bind(config.listen) {
        Ok(_) => check("port", Outcome::Pass, format!("{} is free to listen on", config.listen), ""),
        Err(error) => check(
            "port",
            Outcome::Fail,
            format!("cannot listen on {}: {error}", config.listen),
            "Stop the program that uses it, or choose another with `listen`.",
        ),
    }
}

/// Opens the store as a start would; only when no server runs.
fn opened(config: &Config, now: Time) -> Vec<Check> {
    if !config.data.join("pomona.redb").exists() {
        return Vec::new();
    }
    let name = "store";
    match Store::open(&config.data, now) {
        Ok(store) => {
            let mut found = vec![integrity(&store)];
            found.extend(certificates(&store, now));
            found.push(identities(&store, now));
            store.close();
            found
        }
        Err(OpenError::InUse) => {
            vec![check(
                name,
                Outcome::Warn,
                "another Pomona uses the data folder but does not answer",
                "Look for it: ps.",
            )]
        }
        Err(error) => vec![check(
            name,
            Outcome::Fail,
            error.to_string(),
            "Keep a copy of the data folder as it is, then restore the newest backup.",
        )],
    }
}

/// Reads every row, checksums and seals included.
fn integrity(store: &Store) -> Check {
    let next = "Keep a copy of the data folder as it is, then restore the newest backup.";
    match store.verify() {
        Ok(faults) if faults.is_empty() => {
            check("store", Outcome::Pass, "every row of the database can be read", "")
        }
        Ok(faults) => {
            let first = faults.first().map(ToString::to_string).unwrap_or_default();
            check(
                "store",
                Outcome::Fail,
                format!("{} rows are damaged; the first: {first}", faults.len()),
                next,
            )
        }
        Err(broken) => check("store", Outcome::Fail, broken.to_string(), next),
    }
}

/// The identities of enrolled devices. They are renewed in time by themselves, so one that ends soon belongs to a
/// device that does not answer, or does not take the new one.
fn identities(store: &Store, now: Time) -> Check {
    let name = "devices.identities";
    let next = "Look at the activity of these devices, and wake them: past its end a device is given nothing but its renewal.";
    let before = now.plus_secs(LAST_DAYS * 86_400);
    let ending = match store.read().and_then(|view| store::certificates::ending(&view, before)) {
        Ok(ending) => ending,
        Err(broken) => {
            return check(name, Outcome::Fail, broken.to_string(), "Look into devicemgrd.log.");
        }
    };
    let Some((soonest, first)) = ending.iter().min_by_key(|(_, at)| *at) else {
        return check(name, Outcome::Pass, format!("no device's identity ends within {LAST_DAYS} days"), "");
    };
    let past = ending.iter().filter(|(_, at)| *at <= now).count();
    let count = match ending.len() {
        1 => "1 device".to_owned(),
        many => format!("{many} devices"),
    };
    let first = first.rfc3339();
    let said = format!(
        "the identity of {count} ends within {LAST_DAYS} days or has ended ({past}); the first: {soonest}, {first}"
    );
    check(name, Outcome::Warn, said, next)
}

/// The push certificate and the device CA.
fn certificates(store: &Store, now: Time) -> Vec<Check> {
    let view = match store.read() {
        Ok(view) => view,
        Err(broken) => {
            return vec![check("store", Outcome::Fail, broken.to_string(), "Look into devicemgrd.log.")];
        }
    };
    let uses = [
        (
            IdentityUse::Push,
            "push.certificate",
            "the push certificate",
            "Renew it at https://identity.apple.com/pushcert with the same Apple Account, then `pomona push import`.",
        ),
        (
            IdentityUse::DeviceCa,
            "ca.certificate",
            "the certificate of the device authority",
            "Plan a new enrollment of all devices.",
        ),
    ];
    uses.into_iter()
        .map(|(using, name, what, next)| match store::settings::identity(&view, using) {
            Err(broken) => check(name, Outcome::Fail, broken.to_string(), "Look into devicemgrd.log."),
            Ok(None) => check(
                name,
                Outcome::Warn,
                format!("{what} is missing"),
                "Get one at https://identity.apple.com/pushcert, then `pomona push import`: nothing can be enrolled before.",
            ),
            Ok(Some(identity)) => match Cert::parse(&identity.certificate) {
                Ok(cert) => age(name, what, &cert, now, next),
                Err(error) => check(name, Outcome::Fail, error.to_string(), "Import it again."),
            },
        })
        .collect()
}
