//! What a running server keeps an eye on: its certificate files, its database file, its logs, its disk.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio_util::sync::CancellationToken;

use super::certificate::Certificate;
use super::config::Config;
use super::logs::Levels;
use crate::actions::server;
use crate::model::edge::Clock;
use crate::store::Store;

/// Writers replace a certificate and its key one after the other: wait for both.
const SETTLE: Duration = Duration::from_millis(300);
/// How often the rest is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// How often our own certificate is looked at, in looks: about twice a day.
const CERTIFICATE_EACH: u32 = 8_640;

/// Shows renewed certificate files, from the next connection on.
pub async fn certificates(config: Arc<Config>, certificate: Arc<Certificate>, stop: CancellationToken) {
    let Some((chain, key)) = config.tls.clone() else { return };
    let (tell, mut told) = tokio::sync::mpsc::channel(1);
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // One waiting word is enough.
            let _ = tell.try_send(());
        }
    });
    let mut watcher = match watcher {
        Ok(watcher) => watcher,
        Err(error) => {
            tracing::warn!(%error, "certificate files cannot be watched; send SIGHUP after renewing them");
            return;
        }
    };
    // The folders, because renewing means replacing: the file that was watched would be gone.
    for folder in folders(&[&chain, &key]) {
        if let Err(error) = watcher.watch(&folder, RecursiveMode::NonRecursive) {
            tracing::warn!(%error, "{} cannot be watched; send SIGHUP after renewing certificates", folder.display());
        }
    }
    loop {
        // The first time for what happened between reading the files and watching them.
        let certificate = Arc::clone(&certificate);
        let _ = tokio::task::spawn_blocking(move || certificate.refresh()).await;
        tokio::select! {
            () = stop.cancelled() => return,
            word = told.recv() => if word.is_none() { return },
        }
        tokio::time::sleep(SETTLE).await;
        while told.try_recv().is_ok() {}
    }
}

fn folders(files: &[&Path]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = files
        .iter()
        .map(|file| match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        })
        .collect();
    folders.dedup();
    folders
}

/// Free bytes on the disk of `path`, for those who may not use the reserve.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(path).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Every few seconds: ends raised log levels, looks whether the database is still the file it was (F26), and
/// renews our own certificate in time.
pub async fn house(
    config: Arc<Config>,
    store: Store,
    levels: Option<Arc<Levels>>,
    certificate: Arc<Certificate>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let database = config.data.join("pomona.redb");
    let identity = |path: &Path| std::fs::metadata(path).map(|meta| (meta.dev(), meta.ino())).ok();
    let first = identity(&database);
    let mut missed = false;
    let mut round = 0_u32;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => round = round.wrapping_add(1),
        }
        if let Some(levels) = &levels
            && let Some(why) = levels.tend(clock.now(), free_bytes(&config.log.folder))
        {
            tracing::info!("the logs are back at level {}: {why}", levels.base().as_str());
            let text = format!("The logs are back at level {}: {why}.", levels.base().as_str());
            let now = clock.now();
            if let Err(broken) = store.write(move |w| server::note(w, "server", text, false, now)).await {
                tracing::warn!("{broken}");
            }
        }
        let gone = first.is_some() && identity(&database) != first;
        if gone && !missed {
            tracing::error!(
                "{} was moved or replaced while it is in use: what happens now is lost at the next start; \
                 put the file back or stop the server",
                database.display()
            );
        }
        missed = gone;
        if round.is_multiple_of(CERTIFICATE_EACH) {
            let certificate = Arc::clone(&certificate);
            let _ = tokio::task::spawn_blocking(move || certificate.refresh()).await;
        }
    }
}
