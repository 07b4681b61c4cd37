//! A disk that remembers every write and sync, and from which the file can be rebuilt that a power cut at any moment
//! would have left; and that fails on request.

use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

use super::random::Random;

/// One thing the database did to the disk.
#[derive(Debug, Clone)]
pub enum Deed {
    Write(u64, Arc<[u8]>),
    SetLen(u64),
    Sync,
}

/// Faults to come.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// The sync after so many more fails, and what was written since the last one is lost at random: that is what a
    /// kernel does after a failed write-back.
    pub sync_fails_in: Option<u64>,
    /// The write after so many more fails.
    pub write_fails_in: Option<u64>,
    /// The read after so many more fails.
    pub read_fails_in: Option<u64>,
    /// A full disk: the file cannot grow beyond this.
    pub full_at: Option<u64>,
    /// Nothing can be written or synced.
    pub dead: bool,
    /// Sleep in each sync.
    pub slow: std::time::Duration,
}

#[derive(Debug, Default)]
struct State {
    content: Vec<u8>,
    /// As of the last sync.
    durable: Vec<u8>,
    pending: Vec<Deed>,
    /// None when nobody will ask.
    tape: Option<Vec<Deed>>,
    /// A disk that says it has synced and has not.
    lies: bool,
    faults: Faults,
    /// How many faults struck.
    struck: u64,
}

/// The disk; clones are the same disk, so a store can be opened on it again.
#[derive(Debug, Clone, Default)]
pub struct Disk(Arc<Mutex<State>>);

impl Disk {
    /// A disk that keeps a tape of everything. One that `lies` never really syncs.
    pub fn with_tape(lies: bool) -> Self {
        Self(Arc::new(Mutex::new(State { tape: Some(Vec::new()), lies, ..State::default() })))
    }

    /// A disk that holds `content`.
    pub fn holding(content: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(State { content, ..State::default() })))
    }

    /// Puts `content` under a tape that starts with it.
    pub fn restore(&self, content: Vec<u8>) {
        self.0.lock().unwrap().content = content;
    }

    pub fn tape_len(&self) -> usize {
        self.0.lock().unwrap().tape.as_ref().map_or(0, Vec::len)
    }

    pub fn take_tape(&self) -> Vec<Deed> {
        self.0.lock().unwrap().tape.take().unwrap_or_default()
    }

    /// Faults to come; nobody writes at this moment.
    pub fn set_faults(&self, faults: Faults) {
        let mut s = self.0.lock().unwrap();
        s.durable = s.content.clone();
        s.pending.clear();
        s.faults = faults;
    }

    /// How many faults struck.
    pub fn struck(&self) -> u64 {
        self.0.lock().unwrap().struck
    }

    pub fn content(&self) -> Vec<u8> {
        self.0.lock().unwrap().content.clone()
    }
}

fn strikes(countdown: &mut Option<u64>) -> bool {
    match countdown {
        Some(0) => {
            *countdown = None;
            true
        }
        Some(n) => {
            *n -= 1;
            false
        }
        None => false,
    }
}

impl State {
    fn did(&mut self, deed: Deed) {
        match &mut self.tape {
            Some(tape) => tape.push(deed),
            None if self.faults.sync_fails_in.is_some() => self.pending.push(deed),
            None => {}
        }
    }

    fn eio<T>(&mut self) -> Result<T> {
        self.struck += 1;
        Err(Error::from_raw_os_error(5))
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64> {
        Ok(self.0.lock().unwrap().content.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let mut s = self.0.lock().unwrap();
        if strikes(&mut s.faults.read_fails_in) {
            return s.eio();
        }
        let from = s.content.get(offset as usize..offset as usize + out.len());
        out.copy_from_slice(from.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<()> {
        let mut s = self.0.lock().unwrap();
        if s.faults.full_at.is_some_and(|full| len > full) {
            s.struck += 1;
            return Err(Error::from_raw_os_error(28));
        }
        s.content.resize(len as usize, 0);
        s.did(Deed::SetLen(len));
        Ok(())
    }

    fn sync_data(&self) -> Result<()> {
        let mut s = self.0.lock().unwrap();
        if !s.faults.slow.is_zero() {
            let slow = s.faults.slow;
            drop(s);
            std::thread::sleep(slow);
            s = self.0.lock().unwrap();
        }
        if s.faults.dead {
            return s.eio();
        }
        if strikes(&mut s.faults.sync_fails_in) {
            let pending = std::mem::take(&mut s.pending);
            let seed = s.content.len() as u64 + pending.len() as u64;
            s.content = left_by_a_cut(&s.durable, &pending, &mut Random(seed));
            return s.eio();
        }
        if s.lies {
            return Ok(());
        }
        if s.tape.is_some() {
            s.did(Deed::Sync);
        } else if s.faults.sync_fails_in.is_some() {
            s.durable = s.content.clone();
            s.pending.clear();
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        let mut s = self.0.lock().unwrap();
        if s.faults.dead || strikes(&mut s.faults.write_fails_in) {
            return s.eio();
        }
        put(&mut s.content, offset, data);
        s.did(Deed::Write(offset, data.into()));
        Ok(())
    }
}

fn put(file: &mut Vec<u8>, offset: u64, data: &[u8]) {
    let (from, to) = (offset as usize, offset as usize + data.len());
    if file.len() < to {
        file.resize(to, 0);
    }
    file[from..to].copy_from_slice(data);
}

/// Does a deed to a file.
pub fn redo(file: &mut Vec<u8>, deed: &Deed) {
    match deed {
        Deed::Write(offset, data) => put(file, *offset, data),
        Deed::SetLen(len) => file.resize(*len as usize, 0),
        Deed::Sync => {}
    }
}

/// The file after a cut: what was durable, and of what was written since any part, torn at sectors or pages.
pub fn left_by_a_cut(durable: &[u8], pending: &[Deed], r: &mut Random) -> Vec<u8> {
    let mut file = durable.to_vec();
    let how = r.below(6);
    // Up to here everything arrived, in the order in which it was written.
    let ordered = r.below(pending.len() as u64 + 1) as usize;
    for (n, deed) in pending.iter().enumerate() {
        match (how, deed) {
            (0, _) => {}
            (1, deed) => redo(&mut file, deed),
            (2, deed) if n < ordered => redo(&mut file, deed),
            (2, Deed::Write(offset, data)) if n == ordered => torn(&mut file, *offset, data, 512, r),
            (2, _) => {}
            (3, deed) => {
                if r.once_in(2) {
                    redo(&mut file, deed);
                }
            }
            (4, Deed::Write(offset, data)) => torn(&mut file, *offset, data, 512, r),
            (_, Deed::Write(offset, data)) => torn(&mut file, *offset, data, 4096, r),
            (_, deed) => {
                if !r.once_in(4) {
                    redo(&mut file, deed);
                }
            }
        }
    }
    file
}

/// Of one write any of its blocks, as the disk counts them.
fn torn(file: &mut Vec<u8>, offset: u64, data: &[u8], block: u64, r: &mut Random) {
    let mut at = 0;
    while at < data.len() {
        let to = data.len().min(at + (block - (offset + at as u64) % block) as usize);
        if r.once_in(2) {
            put(file, offset + at as u64, &data[at..to]);
        }
        at = to;
    }
}
