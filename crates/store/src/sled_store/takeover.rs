//! Taking over a store that lies open, as formats before the second left it.
//!
//! sled leaves old bytes in its log until it needs their place. A store is therefore not sealed where it lies: all of it
//! is copied, sealed, into a log of its own in the folder `sealed`, and the old log is removed. The label says which of
//! the two is the store, and is written between the two:
//!
//! | the old log | the label | is |
//! |---|---|---|
//! | there | another | the store; what lies in `sealed` was begun, and is begun anew |
//! | there | this format's | spent; it is removed |
//! | gone | any | removed; `sealed` is the store |
//!
//! So the power may go at any time: until the label is written the old log is as it was, and from then on the new one is
//! whole and durable. It takes as much room again as the store has, for a while. A version that knows no seal refuses by the label.
//! The old log is unlinked; what a disk makes of that is its own affair (docs/THREATS.md).

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
};

use super::{
    Disk, format,
    open::{LINGERING_PAUSE, LINGERING_TRIES, SEALED, is_clean, open_lingering},
    own_key, value,
};
use crate::{StoreError, StoreKey, durable};

/// How much is handed to sled at once, in bytes.
const COPIED_AT_ONCE_BYTES: usize = 1 << 20;

/// Seals what lies open in `dir`, if anything does, or ends what a takeover that was cut off has left.
pub(super) fn seal_what_lies_open(dir: &Path, key: &StoreKey) -> Result<(), StoreError> {
    if dir.join("db").exists() && !format::label_is_current(dir) {
        let sealed = dir.join(SEALED);
        let taken = remove_folder(&sealed).and_then(|()| copy_sealed(dir, &sealed, key));
        if let Err(error) = taken {
            // Room for others; if it cannot be had, the next try begins with it.
            let _ = remove_folder(&sealed);
            return Err(error);
        }
        format::write_label(dir)?;
    }
    remove_spent(dir)
}

/// Copies everything, compares it, and makes the copy durable.
pub(super) fn copy_sealed(dir: &Path, sealed: &Path, key: &StoreKey) -> Result<(), StoreError> {
    let old = open_lingering(dir)?;
    format::check_open(&old)?;
    let new = Disk::open(sealed)?;
    let (mut batch, mut size_bytes) = (sled::Batch::default(), 0);
    old.read_all(|tree_key, head| {
        if value::is_values(tree_key) {
            let bytes = value::read_open(old.tree(), tree_key, head)?;
            value::put(&mut batch, key, tree_key, &bytes)?;
            size_bytes += tree_key.len() + bytes.len();
            if size_bytes >= COPIED_AT_ONCE_BYTES {
                new.apply(std::mem::take(&mut batch))?;
                size_bytes = 0;
            }
        }
        Ok(())
    })?;
    format::settled(&mut batch, key);
    if is_clean(&old)? {
        batch.insert(own_key("clean"), &[]);
    }
    new.apply(batch)?;
    new.flush()?;
    compare(&old, &new, key)?;
    durable::sync_tree(dir).map_err(|error| StoreError::io("syncing a sealed store", error))?;
    old.close()?;
    new.close()
}

/// The old log is the only other copy: it goes when the new one has shown everything once.
fn compare(old: &Disk, new: &Disk, key: &StoreKey) -> Result<(), StoreError> {
    let differs = || StoreError::Io {
        what: "comparing what was sealed",
        source: std::sync::Arc::new(io::Error::from(io::ErrorKind::InvalidData)),
    };
    old.read_all(|tree_key, head| {
        if !value::is_values(tree_key) {
            return Ok(());
        }
        let bytes = value::read_open(old.tree(), tree_key, head)?;
        // Whatever is wrong with the copy is no damage of the store that it was made from.
        let copied = new.tree().get(tree_key).ok().flatten().ok_or_else(differs)?;
        let copied = value::read(new.tree(), key, tree_key, &copied).map_err(|_| differs())?;
        if copied == *bytes { Ok(()) } else { Err(differs()) }
    })
}

/// Removes the log that lay open, and sled's other files beside it; the log first, since it is what says that there is one.
fn remove_spent(dir: &Path) -> Result<(), StoreError> {
    let failed = |error| StoreError::io("removing what lay open", error);
    for spent in spent_in(dir).map_err(failed)? {
        let gone = || match spent.is_dir() {
            true => fs::remove_dir_all(&spent),
            false => fs::remove_file(&spent),
        };
        let mut outcome = gone();
        // Some systems remove no file that is open, and sled takes a moment to let go of its own.
        for _ in 1..LINGERING_TRIES {
            if outcome.is_ok() {
                break;
            }
            thread::sleep(LINGERING_PAUSE);
            outcome = gone();
        }
        outcome.and_then(|()| durable::sync_names(dir)).map_err(failed)?;
    }
    Ok(())
}

/// Lists what is there of sled's files in the store's directory itself.
fn spent_in(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut others = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name == "conf" || name == "blobs" || name.starts_with("snap.") {
            others.push(entry.path());
        }
    }
    let log = Some(dir.join("db")).filter(|log| log.exists());
    Ok(log.into_iter().chain(others).collect())
}

fn remove_folder(folder: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("removing a half sealed store", error))
        }
        _ => Ok(()),
    }
}
