//! A store in memory, for tests and the simulator, with faults on demand.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{Batch, Opened, Space, Store, StoreError, error::check_keys};

/// How many of the last commits can be taken back, to play a disk that lied about them.
const HISTORY_COMMITS_MAX: usize = 64;

/// What goes wrong in a [`MemoryStore`] from its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Bytes of keys and values that fit; `None`: any number.
    pub capacity_bytes: Option<usize>,
    /// How many acknowledged commits each crash takes back, 0 to 64: above 0 the disk lies about its fsync.
    pub commits_lost_by_crash: usize,
}

/// What a commit that is made to fail fails with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitFault {
    /// [`StoreError::Full`].
    Full,
    /// [`StoreError::Io`].
    Io,
    /// [`StoreError::Corrupt`].
    Corrupt,
    /// [`StoreError::Injected`].
    Injected,
}

/// A store in memory. Clones are handles on the same store: one plays the disk that outlives the device's crash.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    disk: Arc<Mutex<Disk>>,
}

/// What the keys that a commit touched held before it.
type Before = Vec<(Vec<u8>, Option<Vec<u8>>)>;

#[derive(Debug, Default)]
struct Disk {
    pairs: BTreeMap<Vec<u8>, Vec<u8>>,
    size_bytes: usize,
    faults: Faults,
    next_commit: Option<(CommitFault, bool)>,
    /// The last commits, newest last.
    history: VecDeque<Before>,
    commits: u64,
    clean: bool,
}

impl MemoryStore {
    /// Makes an empty store without faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes an empty store with faults.
    pub fn with_faults(faults: Faults) -> Self {
        let store = Self::default();
        store.lock().faults = faults;
        store
    }

    /// Forgets everything that is not durable: armed failures, the clean mark, and what a lying disk never wrote.
    pub fn crash(&self) {
        let mut disk = self.lock();
        disk.next_commit = None;
        disk.clean = false;
        let lost = disk.faults.commits_lost_by_crash;
        disk.take_back(lost);
    }

    /// Marks that the owner stopped in order, as [`SledStore::close`](crate::SledStore::close) does.
    pub fn close(&self) {
        self.lock().clean = true;
    }

    /// Opens the same disk again, and uses up the mark that [`close`](Self::close) left.
    pub fn reopen(&self) -> Opened<MemoryStore> {
        let clean = std::mem::take(&mut self.lock().clean);
        Opened { store: self.clone(), aside: None, clean }
    }

    /// Makes the next commit fail. With `after_durable` it fails after the batch was written: the caller hears an
    /// error and finds the batch there later, as when the plug is pulled between the fsync and its answer.
    pub fn fail_next_commit(&self, fault: CommitFault, after_durable: bool) {
        self.lock().next_commit = Some((fault, after_durable));
    }

    /// Limits the bytes of keys and values; a commit that would exceed them gives [`StoreError::Full`].
    pub fn set_capacity_bytes(&self, capacity_bytes: Option<usize>) {
        self.lock().faults.capacity_bytes = capacity_bytes;
    }

    /// Takes back the last `n` acknowledged commits at once, at most 64: a disk that lied about its fsync.
    pub fn lose_last_commits(&self, n: usize) {
        self.lock().take_back(n);
    }

    /// Counts the commits that were made durable since the start, those taken back included.
    pub fn commits(&self) -> u64 {
        self.lock().commits
    }

    /// Counts the bytes of keys and values.
    pub fn size_bytes(&self) -> usize {
        self.lock().size_bytes
    }

    fn lock(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.lock().pairs.get(&space.tree_key(key)).cloned())
    }

    fn visit(&self, space: Space, prefix: &[u8], each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        let start = space.tree_key(prefix);
        let disk = self.lock();
        let pairs = disk.pairs.range::<[u8], _>((Bound::Included(start.as_slice()), Bound::Unbounded));
        for (tree_key, value) in pairs.take_while(|(tree_key, _)| tree_key.starts_with(&start)) {
            if let Some((_, key)) = tree_key.split_first() {
                each(key, value);
            }
        }
        Ok(())
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        check_keys(&batch)?;
        let mut disk = self.lock();
        match disk.next_commit.take() {
            None => disk.apply(&batch),
            Some((fault, after_durable)) => {
                if after_durable {
                    disk.apply(&batch)?;
                }
                Err(fault.into_error())
            }
        }
    }
}

impl CommitFault {
    fn into_error(self) -> StoreError {
        match self {
            CommitFault::Full => StoreError::Full,
            CommitFault::Io => StoreError::io("a write in memory", io::Error::other("made by a test")),
            CommitFault::Corrupt => StoreError::Corrupt { what: "made by a test".into() },
            CommitFault::Injected => StoreError::Injected,
        }
    }
}

impl Disk {
    fn apply(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let mut before = Vec::with_capacity(batch.len());
        for op in batch.ops() {
            let tree_key = op.space().tree_key(op.key());
            let old = self.set(tree_key.clone(), op.value().map(<[u8]>::to_vec));
            before.push((tree_key, old));
        }
        if self.faults.capacity_bytes.is_some_and(|capacity_bytes| self.size_bytes > capacity_bytes) {
            self.restore(before);
            return Err(StoreError::Full);
        }
        self.commits += 1;
        self.history.push_back(before);
        if self.history.len() > HISTORY_COMMITS_MAX {
            self.history.pop_front();
        }
        Ok(())
    }

    /// Sets or removes one value and returns the one before.
    fn set(&mut self, tree_key: Vec<u8>, value: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let key_bytes = tree_key.len();
        self.size_bytes += value.as_ref().map_or(0, |value| key_bytes + value.len());
        let old = match value {
            Some(value) => self.pairs.insert(tree_key, value),
            None => self.pairs.remove(&tree_key),
        };
        self.size_bytes -= old.as_ref().map_or(0, |old| key_bytes + old.len());
        old
    }

    /// Puts back what was before, newest first: a batch may have touched a key twice.
    fn restore(&mut self, before: Before) {
        for (tree_key, old) in before.into_iter().rev() {
            self.set(tree_key, old);
        }
    }

    fn take_back(&mut self, n: usize) {
        for _ in 0..n {
            let Some(before) = self.history.pop_back() else { return };
            self.restore(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;

    fn put(store: &MemoryStore, key: &str, value: &str) -> Result<(), StoreError> {
        let mut batch = Batch::new();
        batch.put(Space::Rows, key, value);
        store.commit(batch)
    }

    fn get(store: &MemoryStore, key: &str) -> Option<String> {
        store.get(Space::Rows, key.as_bytes()).unwrap().map(|value| String::from_utf8(value).unwrap())
    }

    #[test]
    fn memory_conforms() {
        conformance::check_all(MemoryStore::new);
        conformance::check_model(200, MemoryStore::new, |store| {
            store.crash();
            store.reopen().store
        });
    }

    #[test]
    fn a_crash_takes_nothing_that_was_acknowledged() {
        let store = MemoryStore::new();
        put(&store, "a", "1").unwrap();
        store.fail_next_commit(CommitFault::Io, false);
        store.crash();
        assert_eq!(get(&store, "a").as_deref(), Some("1"));
        put(&store, "a", "2").expect("the armed failure went with the crash");
    }

    #[test]
    fn a_failed_commit_is_there_only_if_it_failed_after_the_write() {
        let store = MemoryStore::new();
        store.fail_next_commit(CommitFault::Injected, false);
        assert!(matches!(put(&store, "before", "x"), Err(StoreError::Injected)));
        store.fail_next_commit(CommitFault::Io, true);
        assert!(matches!(put(&store, "after", "x"), Err(StoreError::Io { .. })));
        assert_eq!((get(&store, "before"), get(&store, "after").as_deref()), (None, Some("x")));
        put(&store, "later", "x").unwrap();
    }

    #[test]
    fn a_full_store_refuses_the_whole_batch_and_goes_on() {
        let store = MemoryStore::with_faults(Faults { capacity_bytes: Some(20), ..Faults::default() });
        put(&store, "a", "12345678").unwrap();
        let mut batch = Batch::new();
        batch.put(Space::Rows, "a", "gone?");
        batch.put(Space::Rows, "b", "1234567890123456");
        assert!(matches!(store.commit(batch), Err(StoreError::Full)));
        assert_eq!((get(&store, "a").as_deref(), get(&store, "b")), (Some("12345678"), None));
        assert_eq!(store.size_bytes(), 10);
        store.set_capacity_bytes(None);
        put(&store, "b", "1234567890123456").unwrap();
    }

    #[test]
    fn a_lying_disk_takes_back_the_last_commits_newest_first() {
        let store = MemoryStore::with_faults(Faults { commits_lost_by_crash: 1, ..Faults::default() });
        for value in ["1", "2", "3", "4"] {
            put(&store, "a", value).unwrap();
        }
        store.crash();
        assert_eq!(get(&store, "a").as_deref(), Some("3"));
        store.lose_last_commits(2);
        assert_eq!(get(&store, "a").as_deref(), Some("1"));
        store.lose_last_commits(9);
        assert_eq!((get(&store, "a"), store.size_bytes()), (None, 0));
    }

    #[test]
    fn the_clean_mark_is_used_up_by_opening() {
        let store = MemoryStore::new();
        store.close();
        assert!(store.reopen().clean);
        assert!(!store.reopen().clean);
        store.close();
        store.crash();
        assert!(!store.reopen().clean);
    }
}
