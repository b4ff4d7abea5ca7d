//! The store on disk.

mod disk;
mod format;
mod open;
mod reading;
mod takeover;
#[cfg(test)]
mod tests;
mod value;

use std::{
    fs::File,
    io,
    path::Path,
    sync::{PoisonError, RwLock},
};

use disk::{Disk, caught};
pub use open::StoreLock;
use value::own_key;

use crate::{Batch, Opened, Space, Store, StoreError, StoreKey, error::check_keys, group::GroupCommit};

/// A store on disk, in a directory of its own, sealed with a key. One process has it open at a time.
///
/// # After an error
/// A commit that failed with anything but [`StoreError::KeyTooLong`] leaves open what reached the disk, and no later
/// fsync could settle it. The store therefore answers everything after it, reads too, with the same error. The owner
/// drops it, does what the error calls for ([`Full`](StoreError::Full): asks the user for room), and opens it again:
/// everything acknowledged is there, and the batch that failed is there whole or not at all.
///
/// [`StoreError::Corrupt`] from a read means the same: drop it and open it again. As it was not closed in order, every
/// page is read while opening, and a store that fails that is moved aside.
#[derive(Debug)]
pub struct SledStore {
    // Dropped in this order: the lock goes last, when nothing of ours touches the files any more.
    disk: Disk,
    key: StoreKey,
    group: GroupCommit,
    /// Readers share it, applying a batch excludes them: a scan sees no half of a batch. The fsync is outside.
    applying: RwLock<()>,
    _lock: File,
}

impl SledStore {
    /// Opens the store in `dir`, or makes one, and migrates it to this version's format: one that was not sealed is
    /// sealed then.
    ///
    /// A store that will not open is renamed to `<dir>.aside-<n>`, and a new one takes its place; `dir` is thus not a
    /// mount point, and its parent is writable. After an unclean end every page is read once before this returns.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::WrongKey`] and [`StoreError::NewerFormat`] leave the directory as it was, as
    /// do errors of the operating system: only damage moves a store aside.
    pub fn open(dir: &Path, key: &StoreKey) -> Result<Opened<SledStore>, StoreError> {
        StoreLock::take(dir)?.open(key)
    }

    /// Closes the store and notes on disk that it was closed in order.
    ///
    /// # Errors
    /// If the store failed before, or if the note cannot be written. The store is closed all the same, unclean.
    pub fn close(self) -> Result<(), StoreError> {
        self.group.health()?;
        open::mark_clean(&self.disk)?;
        let Self { disk, _lock, .. } = self;
        disk.close()
    }

    /// Gives what lies on the disk under a key of a space: the head, and the pieces after it. For fuzzing.
    #[cfg(any(test, feature = "lying"))]
    pub fn stored(&self, space: Space, name: &[u8]) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
        let (tree, tree_key) = (self.disk.tree(), space.tree_key(name));
        let bytes = |key: Vec<u8>| tree.get(key).ok().flatten().map(|bytes| bytes.to_vec());
        let pieces = (0..).map_while(|index| bytes(value::piece_key(&tree_key, index)));
        Some((bytes(tree_key.clone())?, pieces.collect()))
    }

    /// Returns the store of files that were just opened, under the lock that keeps others out.
    fn new(disk: Disk, key: StoreKey, lock: File) -> Self {
        Self { disk, key, group: GroupCommit::default(), applying: RwLock::new(()), _lock: lock }
    }

    /// Writes a round as one batch of sled's and syncs it; the crate's head says why it is one.
    fn write_round(&self, round: &[Batch]) -> Result<(), StoreError> {
        let planned = caught("planning a write", || value::plan(self.disk.tree(), &self.key, round))?;
        {
            let _readers_wait = self.applying.write().unwrap_or_else(PoisonError::into_inner);
            self.disk.apply(planned)?;
        }
        self.disk.flush()
    }
}

impl Store for SledStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.group.health()?;
        let tree = self.disk.tree();
        let tree_key = space.tree_key(key);
        let _no_batch_meanwhile = self.applying.read().unwrap_or_else(PoisonError::into_inner);
        caught("reading", || match tree.get(&tree_key).map_err(from_sled)? {
            Some(head) => value::read(tree, &self.key, &tree_key, &head).map(Some),
            None => Ok(None),
        })
    }

    fn visit(&self, space: Space, prefix: &[u8], each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.group.health()?;
        let _no_batch_meanwhile = self.applying.read().unwrap_or_else(PoisonError::into_inner);
        reading::visit(self.disk.tree(), &self.key, space.tree_key(prefix), each)
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        check_keys(&batch)?;
        self.group.commit(batch, |round| self.write_round(round))
    }
}

/// Reads what may lie under a key of a space on a disk, and `pieces` after it, as a store does. For fuzzing.
///
/// # Errors
/// [`StoreError::Corrupt`] for everything that `key` has not sealed for this place.
#[cfg(any(test, feature = "lying"))]
pub fn read_stored(
    key: &StoreKey,
    space: Space,
    name: &[u8],
    head: &[u8],
    pieces: &[Vec<u8>],
) -> Result<Vec<u8>, StoreError> {
    value::unseal(key, &space.tree_key(name), head, |index| Ok(pieces.get(index)))
}

/// Sorts sled's errors into ours.
fn from_sled(error: sled::Error) -> StoreError {
    match error {
        // What sled takes for the file's end or for bytes that cannot be is damage, not the system's refusal.
        sled::Error::Io(source)
            if matches!(
                source.kind(),
                io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::NotFound
            ) =>
        {
            StoreError::Corrupt { what: source.to_string() }
        }
        // sled has no error of its own for this.
        sled::Error::Io(source) if source.to_string().starts_with("could not acquire lock") => StoreError::Busy,
        sled::Error::Io(source) => StoreError::io("reading or writing the log", source),
        other => StoreError::Corrupt { what: other.to_string() },
    }
}
