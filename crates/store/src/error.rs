//! Why a store could not do what was asked.

use std::{io, sync::Arc};

use crate::{Batch, KEY_BYTES_MAX};

/// Why a store could not do what was asked.
///
/// After [`Full`](StoreError::Full), [`Corrupt`](StoreError::Corrupt) or [`Io`](StoreError::Io) from a commit, that
/// batch is on disk whole or not at all, and which of the two is known only after the store is opened again. Until
/// then the store repeats the error: see [`SledStore`](crate::SledStore).
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no room for the batch; nothing that was acknowledged is lost.
    #[error("the disk is full")]
    Full,
    /// What is on disk is not what was written.
    #[error("the store is damaged: {what}")]
    Corrupt {
        /// Where the damage showed.
        what: String,
    },
    /// Another process, or another handle in this one, has the store open.
    #[error("the store is in use by another running copy")]
    Busy,
    /// What is on disk was sealed with another key. It was not touched.
    #[error("the store was sealed with another key")]
    WrongKey,
    /// A newer version of the app wrote the store. It was not touched.
    #[error("the store has format {found}, this version knows formats up to {known}")]
    NewerFormat {
        /// The format on disk.
        found: u32,
        /// The newest format that this version reads and writes.
        known: u32,
    },
    /// A key of the batch is longer than a store takes; nothing of the batch was written.
    #[error("a key of {len} bytes is too long, a store takes up to {KEY_BYTES_MAX}")]
    KeyTooLong {
        /// Bytes in the key, without its space.
        len: usize,
    },
    /// The operating system refused.
    #[error("{what} failed: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// What the operating system said.
        source: Arc<io::Error>,
    },
    /// A test asked for this failure.
    #[error("a failure made by a test")]
    Injected,
}

impl StoreError {
    /// Sorts an error of the operating system: a full disk has its own variant, because a user can act on it.
    pub(crate) fn io(what: &'static str, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
            _ => StoreError::Io { what, source: Arc::new(source) },
        }
    }
}

/// Refuses a batch with a key that one of the stores could not hold, so that all stores refuse the same ones.
pub(crate) fn check_keys(batch: &Batch) -> Result<(), StoreError> {
    match batch.ops().iter().map(|op| op.key().len()).find(|len| *len > KEY_BYTES_MAX) {
        Some(len) => Err(StoreError::KeyTooLong { len }),
        None => Ok(()),
    }
}
