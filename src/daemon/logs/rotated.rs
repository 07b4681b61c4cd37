//! Rotated logs: their names, and the thread that makes them small.
//!
//! A log that was rotated is `NAME.DAY.N.log`, and once it is compressed `NAME.DAY.N.log.gz`. A file that is being
//! compressed ends in `.part`: a crash leaves the whole original beside it, and the next start does it again.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::Log;

const PACKED: &str = ".gz";
const PART: &str = ".gz.part";

/// A rotated file as its name tells.
#[derive(Debug, Clone)]
pub(super) struct Rotated {
    pub(super) log: Log,
    /// The UTC day of its first line, as `2026-11-24`.
    pub(super) day: String,
    /// Its place among those of that day, from 1.
    pub(super) number: u32,
    /// Bytes on the disk.
    pub(super) size: u64,
    pub(super) packed: bool,
    pub(super) path: PathBuf,
}

impl Rotated {
    /// The rotated logs of a folder, oldest first. Of one that is there twice, as a crash or a reader in between
    /// may find it, the original alone.
    pub(super) fn all(folder: &Path) -> Vec<Self> {
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut all: Vec<_> = entries.filter_map(|entry| Self::read(&entry.ok()?)).collect();
        all.sort_by(|a, b| a.age().cmp(&b.age()).then(a.packed.cmp(&b.packed)));
        all.dedup_by(|b, a| a.log == b.log && a.age() == b.age());
        all
    }

    fn age(&self) -> (&str, u32, usize) {
        (&self.day, self.number, self.log as usize)
    }

    fn read(entry: &std::fs::DirEntry) -> Option<Self> {
        let name = entry.file_name().into_string().ok()?;
        let (plain, packed) = match name.strip_suffix(PACKED) {
            Some(plain) => (plain, true),
            None => (name.as_str(), false),
        };
        let mut parts = plain.strip_suffix(".log")?.split('.');
        let log = Log::parse(parts.next()?)?;
        let day = parts.next()?.to_owned();
        let number = parts.next()?.parse().ok()?;
        let is_day = day.len() == 10 && day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let meta = std::fs::symlink_metadata(entry.path()).ok()?;
        (is_day && parts.next().is_none() && meta.is_file()).then(|| Self {
            log,
            day,
            number,
            size: meta.len(),
            packed,
            path: entry.path(),
        })
    }

    /// Its text.
    pub(super) fn open(&self) -> io::Result<Box<dyn io::BufRead>> {
        let file = File::open(&self.path)?;
        Ok(if self.packed {
            Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(BufReader::new(file))))
        } else {
            Box::new(BufReader::new(file))
        })
    }
}

/// Compresses rotated logs on a thread of its own: the thread that writes lines must not wait for it.
pub(super) struct Packer {
    queue: Option<Sender<PathBuf>>,
    thread: Option<JoinHandle<()>>,
}

impl Packer {
    /// Starts it, with whatever an earlier run left to do.
    pub(super) fn start(folder: &Path) -> Self {
        if let Ok(entries) = std::fs::read_dir(folder) {
            for entry in entries.flatten() {
                if entry.file_name().to_string_lossy().ends_with(PART) {
                    let _ = std::fs::remove_file(entry.path());
                }
            }
        }
        let (queue, work) = channel();
        let thread =
            std::thread::Builder::new().name("log-packer".into()).spawn(move || pack_all(&work)).ok();
        let packer = Self { queue: Some(queue), thread };
        Rotated::all(folder).into_iter().filter(|old| !old.packed).for_each(|old| packer.pack(old.path));
        packer
    }

    /// Compresses this file when its turn comes. Without a thread it stays as it is, and can be read all the same.
    pub(super) fn pack(&self, path: PathBuf) {
        if let Some(queue) = &self.queue {
            let _ = queue.send(path);
        }
    }
}

impl Drop for Packer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn pack_all(work: &Receiver<PathBuf>) {
    while let Ok(path) = work.recv() {
        // A failure, as of a full disk, leaves the original, and the next start tries again.
        let _ = pack(&path);
    }
}

fn pack(path: &Path) -> io::Result<()> {
    let named = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let (part, packed) = (named(PART), named(PACKED));
    let no_links = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::CLOEXEC;
    let mut from = OpenOptions::new().read(true).custom_flags(no_links.bits() as i32).open(path)?;
    let mut make = || -> io::Result<()> {
        let to = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o640)
            .custom_flags(no_links.bits() as i32)
            .open(&part)?;
        let mut encoder = GzEncoder::new(to, Compression::default());
        io::copy(&mut from, &mut encoder)?;
        let mut to = encoder.finish()?;
        to.flush()?;
        to.sync_all()?;
        std::fs::rename(&part, &packed)
    };
    if let Err(error) = make() {
        let _ = std::fs::remove_file(&part);
        return Err(error);
    }
    // It may have been too old meanwhile: then its copy is so, too.
    if std::fs::remove_file(path).is_err() && !path.exists() {
        let _ = std::fs::remove_file(&packed);
    }
    Ok(())
}
