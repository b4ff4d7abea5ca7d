//! Opening: the lock, the key, the format, the clean mark, and moving aside what will not open.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::{Disk, SledStore, caught, format, from_sled, own_key, takeover, value};
use crate::{Opened, StoreError, StoreKey, durable};

/// sled's own folder in the store's directory. What lies outside of it is ours, or a log that was not sealed yet.
pub(super) const SEALED: &str = "sealed";

/// sled lets go of its lock when its last background task ends, shortly after the store is dropped.
pub(super) const LINGERING_TRIES: u32 = 50;
pub(super) const LINGERING_PAUSE: Duration = Duration::from_millis(20);

/// A store's directory, held against others, before it is opened: the key is looked for meanwhile.
#[derive(Debug)]
pub struct StoreLock {
    dir: PathBuf,
    file: File,
}

impl StoreLock {
    /// Takes the lock of the store in `dir`, and makes the directory if there is none.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another has it, and errors of the operating system.
    pub fn take(dir: &Path) -> Result<Self, StoreError> {
        Ok(Self { dir: dir.to_owned(), file: make_and_lock(dir)? })
    }

    /// Tells whether something was sealed here: then only the key that sealed it opens it, and a new one is of no use.
    pub fn is_sealed(&self) -> bool {
        format::is_marked(&self.dir)
    }

    /// Opens the store with its key, as [`SledStore::open`] does.
    ///
    /// # Errors
    /// Those of [`SledStore::open`].
    pub fn open(self, key: &StoreKey) -> Result<Opened<SledStore>, StoreError> {
        let Self { dir, file: lock } = self;
        let opened = |disk, lock, aside, clean| Opened { store: SledStore::new(disk, key.clone(), lock), aside, clean };
        match open_locked(&dir, key) {
            Ok((disk, clean)) => Ok(opened(disk, lock, None, clean)),
            Err(StoreError::Corrupt { what: _ }) => {
                let aside = move_aside(&dir)?;
                let lock = make_and_lock(&dir)?;
                let (disk, _) = open_locked(&dir, key)?;
                Ok(opened(disk, lock, Some(aside), false))
            }
            Err(other) => Err(other),
        }
    }
}

/// Notes that everything was written and the owner stopped in order.
pub(super) fn mark_clean(disk: &Disk) -> Result<(), StoreError> {
    let mut mark = sled::Batch::default();
    mark.insert(own_key("clean"), &[]);
    disk.apply(mark)?;
    disk.flush()
}

/// Tells whether the last owner stopped in order.
pub(super) fn is_clean(disk: &Disk) -> Result<bool, StoreError> {
    caught("reading the clean mark", || disk.tree().contains_key(own_key("clean")).map_err(from_sled))
}

/// Takes the store's own lock. sled locks its log too, but only after it has begun to change other files.
fn make_and_lock(dir: &Path) -> Result<File, StoreError> {
    durable::create_dir_all(dir).map_err(|error| StoreError::io("making the store's directory", error))?;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join("lock"))
        .map_err(|error| StoreError::io("opening the lock", error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::Busy),
        // A system without file locks runs an app once at a time.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(lock),
        Err(TryLockError::Error(error)) => Err(StoreError::io("locking the store", error)),
    }
}

/// Opens the files under our lock and tells whether they were closed in order.
fn open_locked(dir: &Path, key: &StoreKey) -> Result<(Disk, bool), StoreError> {
    format::check_files(dir, key)?;
    takeover::seal_what_lies_open(dir, key)?;
    let disk = open_lingering(&dir.join(SEALED))?;
    format::settle(dir, &disk, key)?;
    let clean = is_clean(&disk)?;
    if clean {
        // Used up before anyone can write: from here on, an end without `close` is unclean.
        let mut unmark = sled::Batch::default();
        unmark.remove(own_key("clean"));
        disk.apply(unmark)?;
        disk.flush()?;
    } else {
        disk.read_all(|tree_key, head| match value::is_values(tree_key) {
            true => value::read(disk.tree(), key, tree_key, head).map(drop),
            false => Ok(()),
        })?;
    }
    Ok((disk, clean))
}

/// Opens sled's files, and waits for a handle of this process that is just ending.
pub(super) fn open_lingering(dir: &Path) -> Result<Disk, StoreError> {
    for _ in 1..LINGERING_TRIES {
        match Disk::open(dir) {
            Err(StoreError::Busy) => thread::sleep(LINGERING_PAUSE),
            outcome => return outcome,
        }
    }
    Disk::open(dir)
}

/// Renames the directory to the first free `<dir>.aside-<n>`.
fn move_aside(dir: &Path) -> Result<PathBuf, StoreError> {
    let mut n = 1_u32;
    let aside = loop {
        let mut name = dir.as_os_str().to_owned();
        name.push(format!(".aside-{n}"));
        let aside = PathBuf::from(name);
        if !aside.exists() {
            break aside;
        }
        n += 1;
    };
    durable::rename_dir(dir, &aside).map_err(|error| StoreError::io("moving a damaged store aside", error))?;
    Ok(aside)
}
