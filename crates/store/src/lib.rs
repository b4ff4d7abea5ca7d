//! Durable key-value storage: the [`Store`] trait, [`SledStore`] on disk and [`MemoryStore`] for tests.
//!
//! The rule of the house is *acknowledged means durable*: when [`Store::commit`] returns `Ok`, the batch survives
//! pulling the plug. This page says why that holds.
//!
//! # Why an acknowledged batch survives
//! sled 0.34.7 is a log of 512 KiB segments in one file, `db`. Its `flush` hands the log's bytes to the disk with
//! `sync_file_range`, which commits no metadata: after a power cut the file ends where it ended at the last real sync,
//! and what was flushed behind that is gone. So:
//!
//! 1. **Each round ends with an fsync.** Batches that wait together form a round; one `apply_batch`, one `flush`, one
//!    fsync of `db`, and only then does any of their commits return.
//! 2. **Names are synced as well.** Whatever opening creates (`db`, `conf`, `snap.*`, `blobs/`, our `lock` and
//!    `format`, the directory and its new parents) is synced, with its directory, before the store is handed out.
//! 3. **Nothing lies outside the log.** sled writes large tree nodes to files under `blobs/` and syncs neither them nor
//!    their names. Large values are cut into pieces and keys are limited, so that no node gets that large.
//! 4. **Old bytes outlive the fsync of their successors.** sled reuses a segment once all its pages have been rewritten
//!    in places that it holds for stable, and stable in its sense is only `sync_file_range`. But while a batch is being
//!    applied nothing behind its beginning becomes stable, and there is one batch between two fsyncs. What sled
//!    overwrites during a round was thus replaced, and fsynced, in an earlier one. This needs two things that
//!    must stay: a round is *one* batch of sled's, and sled's own background flusher is off.
//! 5. **After an error nothing is acknowledged.** A failed fsync may have dropped the pages it could not write, and the
//!    next one would succeed without them. The store answers with the error until it is opened again.
//!
//! A batch is atomic because sled's log says ahead of it where it ends; a log that ends earlier is read up to its
//! beginning.
//!
//! # What was measured
//! `tests/tests/power_cut` freezes a writer on a loop-mounted ext4, copies what reached the disk, mounts the copy and
//! reads it, ten times over, each life going on with what the cut before it left. Its four threads write small
//! records, values of up to 700 KB, rows that are overwritten again and again, and batches of 4 MB. In 250 cuts none
//! of 117,000 acknowledged commits was lost, and every store opened. A bare sled that only flushes lost 396 of 396 and
//! 342 of 346 acknowledged writes in a single cut of the same harness; the test fails if it ever loses none, and our
//! store without its fsync fails in the first cut. Fifty kills lose nothing either, but a kill leaves the kernel's
//! memory alone and proves little.
//!
//! On 2 cores with a virtual disk: a commit alone 0.2 to 0.9 ms (p50; p99 4.6 ms), shared by 16 writers 0.07 ms each,
//! by 64 writers 0.05 ms; a batch of 1,000 values of 300 bytes 13 ms. With 52,000 rows and 16 MB of documents a store
//! opens in 52 ms after an orderly end, and in 120 to 160 ms after another, when every page is read once; reading all
//! rows takes 35 to 105 ms, and the process stays at 41 MB.
//!
//! These were measured before values were sealed. Sealing adds about two microseconds a value. Side by side on a machine busy
//! with other work: reading all of 54,000 values with 32 MB took 0.20 s of a core instead of 0.09 s, and opening them after
//! an unclean end, when each is unsealed once, 1.1 s instead of 0.3 to 0.4 s; a commit alone took 0.18 to 0.19 ms instead of
//! 0.13 to 0.18 ms (p50), a batch of 1,000 values of 300 bytes 8 to 12 ms instead of 3 to 8 ms. Taking that store over from
//! format 1 took 3.4 s, once.
//!
//! # Who can read it
//! Whoever has the [`StoreKey`], and nobody else: each value is sealed for its space and key before sled sees it (the head of
//! `seal.rs`), and `sled_store/value.rs` cuts the sealed bytes. None of the promises above rests on what the bytes mean, so
//! sealing changes none of them. A wrong key is refused before anything is touched, and is never taken for damage. What is
//! not hidden, keys, numbers and lengths, stands in docs/THREATS.md.
//!
//! # What is not promised
//! A disk that acknowledges a sync and keeps the data in volatile memory loses them; nothing in software helps.
//! A disk that changes bytes later is noticed where sled's checksums or our seals fail: the store is then moved aside when it is
//! next opened, or a read gives [`StoreError::Corrupt`]. Outside of Unix, names are left to the file system's journal.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)
)]

mod batch;
pub mod durable;
mod error;
mod group;
mod memory;
mod private_file;
mod seal;
mod sled_store;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
#[cfg(any(test, feature = "lying"))]
pub use sled_store::read_stored;

use std::path::PathBuf;

pub use batch::{Batch, Op, Space};
pub use error::StoreError;
pub use memory::{CommitFault, Faults, MemoryStore};
pub use private_file::PrivateFile;
pub use seal::StoreKey;
pub use sled_store::{SledStore, StoreLock};

/// The longest key that a store takes, in bytes, without the space.
pub const KEY_BYTES_MAX: usize = 256;

/// Pairs of key and value, ascending by key.
pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// Ordered pairs of bytes in a few spaces, written in atomic and durable batches.
///
/// Readers see each batch whole or not at all. They may see it a moment before its `commit` returns; whoever tells
/// others about a write therefore waits for its own `Ok`.
pub trait Store: Send + Sync {
    /// Returns the value of a key; `None` when it has none.
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns all pairs whose key starts with `prefix`, ascending by key, as of one moment.
    fn scan(&self, space: Space, prefix: &[u8]) -> Result<Pairs, StoreError> {
        let mut pairs = Vec::new();
        self.visit(space, prefix, &mut |key, value| pairs.push((key.to_vec(), value.to_vec())))?;
        Ok(pairs)
    }

    /// Shows `each` the pairs that [`scan`](Store::scan) would return, one by one, without collecting them.
    ///
    /// Commits wait meanwhile, so `each` does little, and it never calls the store: that could wait forever.
    fn visit(&self, space: Space, prefix: &[u8], each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError>;

    /// Writes a batch, atomically and durably: when it returns `Ok`, the batch survives pulling the plug.
    ///
    /// Blocks for about one fsync; callers that wait at the same time share one.
    ///
    /// # Errors
    /// [`StoreError::KeyTooLong`] refuses the batch and nothing else happens. After any other error the batch is on
    /// disk whole or not at all; which of the two shows when the store is opened again.
    fn commit(&self, batch: Batch) -> Result<(), StoreError>;
}

/// A store that was opened, and what was found while opening it.
#[derive(Debug)]
pub struct Opened<S> {
    /// The store.
    pub store: S,
    /// Where a store that would not open was moved; `store` is then a new one. It is never deleted.
    pub aside: Option<PathBuf>,
    /// Whether the last owner closed the store in order. `false` also for a new store, and after any doubt.
    pub clean: bool,
}
