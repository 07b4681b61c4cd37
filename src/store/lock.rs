//! The data folder: who may look into it, who uses it now, and the master key beside the database.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use zeroize::Zeroizing;

use super::seal::Vault;
use super::{Broken, OpenError};

/// The database in the data folder.
pub const DATABASE: &str = "pomona.redb";
/// The master key in the data folder.
pub const MASTER_KEY: &str = "master.key";
const LOCK: &str = "pomona.lock";

/// A data folder in our hands: no second Pomona uses it until this is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    lock: File,
}

impl Folder {
    /// Makes the folder (0700) when it is missing, and locks it. The lock is the kernel's: it ends with the process,
    /// however that ends.
    pub fn take(path: &Path) -> Result<Self, OpenError> {
        let broken = |what: &str, e: io::Error| Broken::file(path, format!("{what}: {e}"));
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|e| broken("cannot make the data folder", e))?;
        let lock = private()
            .create(true)
            .truncate(false)
            .open(path.join(LOCK))
            .map_err(|e| broken("cannot open the lock file", e))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { path: path.to_owned(), lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(OpenError::InUse),
            Err(e) => Err(broken("cannot lock the data folder", e.into()).into()),
        }
    }

    /// Where the database is.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Reads the master key, or makes it when there is neither key nor database.
    pub fn master_key(&self) -> Result<Zeroizing<[u8; 32]>, OpenError> {
        let path = self.path.join(MASTER_KEY);
        match fs::read(&path) {
            Ok(bytes) => {
                let bytes = Zeroizing::new(bytes);
                let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| {
                    Broken::file(&path, format!("the master key has 32 bytes, this file has {}", bytes.len()))
                })?;
                fs::set_permissions(&path, Permissions::from_mode(0o600))
                    .map_err(|e| Broken::file(&path, e))?;
                Ok(Zeroizing::new(key))
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                if self.database().exists() {
                    return Err(OpenError::MissingKey(path));
                }
                let key = Vault::fresh_master().map_err(|e| Broken::file(&path, e))?;
                self.keep(&path, key.as_ref()).map_err(|e| Broken::file(&path, e))?;
                Ok(key)
            }
            Err(e) => Err(Broken::file(&path, e).into()),
        }
    }

    /// Makes the database when it is missing: `make` builds it under another name, and it gets its own once it is whole
    /// and durable. So a crash in the first start leaves nothing that cannot be opened, and a database file that is
    /// empty or no database is damage and never a new beginning.
    pub fn make_database(
        &self,
        make: impl FnOnce(PathBuf) -> Result<(), OpenError>,
    ) -> Result<(), OpenError> {
        let path = self.database();
        if path.exists() {
            return Ok(());
        }
        let draft = self.fresh(&path).map_err(|e| Broken::file(&path, e))?;
        make(draft.clone())?;
        fs::rename(&draft, &path).and_then(|()| self.sync()).map_err(|e| Broken::file(&path, e))?;
        Ok(())
    }

    /// An empty file under the draft's name of `path`.
    fn fresh(&self, path: &Path) -> io::Result<PathBuf> {
        let draft = path.with_extension("new");
        match fs::remove_file(&draft) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        private().create_new(true).open(&draft)?;
        Ok(draft)
    }

    /// Writes a file that is there whole and durable, or not at all.
    fn keep(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let draft = self.fresh(path)?;
        let mut file = private().open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        self.sync()
    }

    /// Makes the names in the folder durable.
    pub fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

impl Drop for Folder {
    /// Unlocks in so many words: a child process about to start may still hold a copy of the file for a moment.
    fn drop(&mut self) {
        let _ = flock(&self.lock, FlockOperation::Unlock);
    }
}

/// Opens for reading and writing; a file it makes belongs to its owner alone.
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}
