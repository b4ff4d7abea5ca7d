//! What a caller asks of a store: spaces, operations and the batches that group them.

/// A part of the key space.
///
/// All spaces live in one ordered tree, each under its own first byte; that is what lets one batch span
/// several of them and still be atomic. The numbers are on disk: they are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Space {
    /// Settings of this installation.
    Meta = 0,
    /// Members' documents: changes and snapshots.
    Documents = 1,
    /// Journal entries and the stamps over them.
    Journals = 2,
    /// Signed heads of documents and journals.
    Heads = 3,
    /// Proofs: evidence of forks and of broken rules.
    Proofs = 4,
    /// Sealed envelopes, carried for others or received.
    Envelopes = 5,
    /// Projected rows beside the heads they came from.
    Rows = 6,
    /// Keys and opened letters: what never leaves this device.
    Private = 7,
    /// What was worked out once and can be worked out again: what listings mean.
    Meanings = 8,
}

impl Space {
    /// Lists all spaces in the order of their numbers.
    pub const ALL: [Space; 9] = [
        Space::Meta,
        Space::Documents,
        Space::Journals,
        Space::Heads,
        Space::Proofs,
        Space::Envelopes,
        Space::Rows,
        Space::Private,
        Space::Meanings,
    ];

    /// Puts the space's byte before the key: the key as the one tree knows it.
    pub(crate) fn tree_key(self, key: &[u8]) -> Vec<u8> {
        let mut tree_key = Vec::with_capacity(key.len() + 1);
        tree_key.push(self as u8);
        tree_key.extend_from_slice(key);
        tree_key
    }
}

/// One operation of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Sets the value of a key, whether or not it had one.
    Put {
        /// Where the key lives.
        space: Space,
        /// 0 to [`KEY_BYTES_MAX`](crate::KEY_BYTES_MAX) bytes.
        key: Vec<u8>,
        /// Any number of bytes that memory can hold.
        value: Vec<u8>,
    },
    /// Removes a key; removing an absent key is no error.
    Delete {
        /// Where the key lives.
        space: Space,
        /// 0 to [`KEY_BYTES_MAX`](crate::KEY_BYTES_MAX) bytes.
        key: Vec<u8>,
    },
}

impl Op {
    /// Returns where the operation acts.
    pub fn space(&self) -> Space {
        match self {
            Op::Put { space, .. } | Op::Delete { space, .. } => *space,
        }
    }

    /// Returns the key it acts on, without the space.
    pub fn key(&self) -> &[u8] {
        match self {
            Op::Put { key, .. } | Op::Delete { key, .. } => key,
        }
    }

    /// Returns the value that the key has afterwards; `None` after a delete.
    pub fn value(&self) -> Option<&[u8]> {
        match self {
            Op::Put { value, .. } => Some(value),
            Op::Delete { .. } => None,
        }
    }

    /// Counts the bytes of key and value.
    pub(crate) fn size_bytes(&self) -> usize {
        self.key().len() + self.value().map_or(0, <[u8]>::len)
    }
}

/// Operations that happen together or not at all. Of several on one key, the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    ops: Vec<Op>,
}

impl Batch {
    /// Makes a batch without operations.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds setting a value.
    pub fn put(&mut self, space: Space, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.ops.push(Op::Put { space, key: key.into(), value: value.into() });
    }

    /// Adds removing a key.
    pub fn delete(&mut self, space: Space, key: impl Into<Vec<u8>>) {
        self.ops.push(Op::Delete { space, key: key.into() });
    }

    /// Tells whether the batch has no operations.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// Counts the operations.
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Adds another batch's operations after this one's: both then stand or fall together.
    pub fn append(&mut self, mut other: Batch) {
        self.ops.append(&mut other.ops);
    }

    /// Returns the operations in their order.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// Counts the bytes of all keys and values.
    pub(crate) fn size_bytes(&self) -> usize {
        self.ops.iter().map(Op::size_bytes).sum()
    }
}
