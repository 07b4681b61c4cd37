//! Reading the logs back: the last lines of several logs in order of time, rotated ones included, then what is added.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Log;
use super::rotated::Rotated;

/// Bytes read from the end of a file to find its last lines.
const TAIL: u64 = 1 << 20;
/// A longer line is read as several, in bytes: none of ours is.
const LONGEST_LINE: u64 = 1 << 20;

/// Follows some logs of one folder.
pub struct Reader {
    tails: Vec<Tail>,
}

struct Tail {
    log: Log,
    folder: PathBuf,
    path: PathBuf,
    file: Option<(File, u64)>,
    rest: Vec<u8>,
}

impl Reader {
    /// A reader of `logs` in `folder`; files that do not exist yet are awaited.
    pub fn new(folder: &Path, logs: &[Log]) -> Self {
        let tails = logs
            .iter()
            .map(|log| Tail {
                log: *log,
                folder: folder.to_owned(),
                path: folder.join(format!("{}.log", log.name())),
                file: None,
                rest: Vec::new(),
            })
            .collect();
        Self { tails }
    }

    /// The last `count` lines of all logs together that `keep` wants, in order of time. Where the present files do
    /// not hold so many, rotated ones are read, the newest first. Later calls of [`Self::more`] go on behind them.
    pub fn last(&mut self, count: usize, keep: impl Fn(&str) -> bool) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        for tail in &mut self.tails {
            lines.extend(tail.last(count, &keep)?);
        }
        in_order(&mut lines);
        Ok(lines.split_off(lines.len().saturating_sub(count)))
    }

    /// Lines added since, in order of time. A rotated file is read to its end before the new one.
    pub fn more(&mut self) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        for tail in &mut self.tails {
            lines.extend(tail.read()?);
            if tail.has_moved() {
                tail.file = None;
                tail.rest.clear();
            }
            if tail.file.is_none() {
                tail.open(false)?;
                lines.extend(tail.read()?);
            }
        }
        in_order(&mut lines);
        Ok(lines)
    }
}

/// Lines begin with their time, and times of one form sort as text. Stable: lines of one file keep their order.
fn in_order(lines: &mut [String]) {
    lines.sort_by(|a, b| a.get(..24).cmp(&b.get(..24)));
}

impl Tail {
    /// The last lines of this log that `keep` wants, and it is open behind them.
    fn last(&mut self, count: usize, keep: &dyn Fn(&str) -> bool) -> io::Result<Vec<String>> {
        // Before the present file is opened: one that is rotated meanwhile would be in neither.
        let mut older = Rotated::all(&self.folder);
        older.retain(|old| old.log == self.log);
        let is_whole = self.open(true)?;
        let mut lines: VecDeque<String> = self.read()?.into();
        lines.retain(|line| keep(line));
        if !is_whole && lines.len() < count {
            lines = matching(Box::new(io::BufReader::new(File::open(&self.path)?)), count, keep)?;
        }
        while lines.len() < count
            && let Some(old) = older.pop()
        {
            let before = match old.open().and_then(|text| matching(text, count - lines.len(), keep)) {
                Ok(before) => before,
                // It went away, or it was compressed just now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let now = Rotated::all(&self.folder);
                    let same = |n: &&Rotated| (n.log, &n.day, n.number) == (old.log, &old.day, old.number);
                    match now.iter().find(same) {
                        Some(packed) => matching(packed.open()?, count - lines.len(), keep)?,
                        None => break,
                    }
                }
                // Cut off by a crash or damaged: what is whole before it still counts.
                Err(_) => VecDeque::new(),
            };
            before.into_iter().rev().for_each(|line| lines.push_front(line));
        }
        Ok(lines.into())
    }

    /// Opens the present file, from its start or near its end. Says whether nothing of it is left out.
    fn open(&mut self, near_end: bool) -> io::Result<bool> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(error),
        };
        let meta = file.metadata()?;
        let skips = near_end && meta.len() > TAIL;
        if skips {
            file.seek(SeekFrom::Start(meta.len() - TAIL))?;
            // The first line is most likely a part of one.
            let mut skip = Vec::new();
            read_line(&mut file, &mut skip)?;
        }
        self.file = Some((file, meta.ino()));
        Ok(!skips)
    }

    fn has_moved(&self) -> bool {
        let there = std::fs::metadata(&self.path).map(|meta| meta.ino()).ok();
        self.file.as_ref().is_some_and(|(_, ino)| there != Some(*ino))
    }

    /// Whole lines that came; the beginning of an unfinished one waits.
    fn read(&mut self) -> io::Result<Vec<String>> {
        let Some((file, _)) = &mut self.file else { return Ok(Vec::new()) };
        file.read_to_end(&mut self.rest)?;
        let Some(end) = self.rest.iter().rposition(|b| *b == b'\n') else { return Ok(Vec::new()) };
        let rest = self.rest.split_off(end + 1);
        let whole = std::mem::replace(&mut self.rest, rest);
        Ok(String::from_utf8_lossy(&whole).lines().map(str::to_owned).collect())
    }
}

/// The last `count` whole lines of `text` that `keep` wants. Of a text that breaks off, those before the break.
fn matching(
    mut text: Box<dyn BufRead>,
    count: usize,
    keep: &dyn Fn(&str) -> bool,
) -> io::Result<VecDeque<String>> {
    let (mut found, mut line) = (VecDeque::new(), Vec::new());
    loop {
        line.clear();
        match (&mut text).take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return Ok(found),
            Ok(_) => {}
        }
        let whole = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line));
        if keep(&whole) {
            if found.len() == count {
                found.pop_front();
            }
            found.push_back(whole.into_owned());
        }
    }
}

fn read_line(file: &mut File, out: &mut Vec<u8>) -> io::Result<()> {
    let mut byte = [0u8; 1];
    while file.read(&mut byte)? == 1 && byte[0] != b'\n' {
        out.push(byte[0]);
    }
    Ok(())
}
