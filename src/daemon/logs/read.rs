//! Reading the logs back: the last lines of several files in order of time, then what is added.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Log;

/// Bytes read from the end of a file to find its last lines.
const TAIL: u64 = 1 << 20;

/// Follows some logs of one folder.
pub struct Reader {
    tails: Vec<Tail>,
}

struct Tail {
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
                path: folder.join(format!("{}.log", log.name())),
                file: None,
                rest: Vec::new(),
            })
            .collect();
        Self { tails }
    }

    /// The last `count` lines of all files together that `keep` wants, in order of time. Later calls of
    /// [`Self::more`] go on behind them.
    pub fn last(&mut self, count: usize, keep: impl Fn(&str) -> bool) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        for tail in &mut self.tails {
            tail.open(true)?;
            lines.extend(tail.read()?);
        }
        lines.retain(|line| keep(line));
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
    fn open(&mut self, near_end: bool) -> io::Result<()> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let meta = file.metadata()?;
        if near_end && meta.len() > TAIL {
            file.seek(SeekFrom::Start(meta.len() - TAIL))?;
            // The first line is most likely a part of one.
            let mut skip = Vec::new();
            read_line(&mut file, &mut skip)?;
        }
        self.file = Some((file, meta.ino()));
        Ok(())
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

fn read_line(file: &mut File, out: &mut Vec<u8>) -> io::Result<()> {
    let mut byte = [0u8; 1];
    while file.read(&mut byte)? == 1 && byte[0] != b'\n' {
        out.push(byte[0]);
    }
    Ok(())
}
