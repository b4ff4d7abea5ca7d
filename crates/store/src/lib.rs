//! Durable key-value storage: the [`Store`] trait, [`SledStore`] on disk and [`MemoryStore`] for tests.
//!
//! The rule of the house is *acknowledged means durable*: when [`Store::commit`] returns `Ok`, the batch survives
//! pulling the plug. This page says why that holds.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)
)]

mod batch;
mod durable;
mod error;
mod group;
mod memory;
mod sled_store;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;

use std::path::PathBuf;

pub use batch::{Batch, Op, Space};
pub use error::StoreError;
pub use memory::{CommitFault, Faults, MemoryStore};
pub use sled_store::SledStore;

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
