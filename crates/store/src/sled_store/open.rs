//! Opening: the lock, the format, the clean mark, and moving aside what will not open.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::{Disk, SledStore, caught, format, from_sled, own_key};
use crate::{Opened, StoreError, durable};

/// sled lets go of its lock when its last background task ends, shortly after the store is dropped.
const LINGERING_TRIES: u32 = 50;
const LINGERING_PAUSE: Duration = Duration::from_millis(20);

pub(super) fn open(dir: &Path) -> Result<Opened<SledStore>, StoreError> {
    let lock = make_and_lock(dir)?;
    match open_locked(dir) {
        Ok((disk, clean)) => Ok(Opened { store: SledStore::new(disk, lock), aside: None, clean }),
        Err(StoreError::Corrupt { what: _ }) => {
            let aside = move_aside(dir)?;
            let lock = make_and_lock(dir)?;
            let (disk, _) = open_locked(dir)?;
            Ok(Opened { store: SledStore::new(disk, lock), aside: Some(aside), clean: false })
        }
        Err(other) => Err(other),
    }
}

/// Notes that everything was written and the owner stopped in order.
pub(super) fn mark_clean(disk: &Disk) -> Result<(), StoreError> {
    let mut mark = sled::Batch::default();
    mark.insert(own_key("clean"), &[]);
    disk.apply(mark)?;
    disk.flush()
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
fn open_locked(dir: &Path) -> Result<(Disk, bool), StoreError> {
    format::check_label(dir)?;
    let disk = open_lingering(dir)?;
    format::migrate(dir, &disk)?;
    let clean = caught("reading the clean mark", || disk.tree().get(own_key("clean")).map_err(from_sled))?.is_some();
    if clean {
        // Used up before anyone can write: from here on, an end without `close` is unclean.
        let mut unmark = sled::Batch::default();
        unmark.remove(own_key("clean"));
        disk.apply(unmark)?;
        disk.flush()?;
    } else {
        disk.read_all()?;
    }
    Ok((disk, clean))
}

fn open_lingering(dir: &Path) -> Result<Disk, StoreError> {
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
