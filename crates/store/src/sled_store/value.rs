//! How values lie in sled's one tree.
//!
//! sled writes a tree node larger than a quarter of its segment (131,052 bytes) to a file of its own under `blobs/`,
//! and syncs neither the file nor its name. No node may therefore grow that large: a leaf holds up to about 20
//! entries, so a value above [`INLINE_BYTES_MAX`] is cut into pieces under keys of their own; an inner node holds up
//! to about 320 keys, so keys are at most [`KEY_BYTES_MAX`](crate::KEY_BYTES_MAX) long.
//!
//! A value is sealed first and cut then, so that one tag vouches for all of its pieces and for their order; it is bound
//! to its space and key. What a space and a key are is not hidden: scans go by them.
//!
//! | key | value |
//! |---|---|
//! | space, key | `2`, the sealed bytes |
//! | space, key | `3`, how many bytes are sealed as u64 LE; they are in the pieces |
//! | space, key | `0`, `1`: the same unsealed, in [format 1](super::takeover) alone |
//! | `0xF1`, length of (space, key) as u16 BE, space, key, index as u32 BE | one piece |
//! | `0xF0`, name | what the store keeps for itself |

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use sled::Tree;

use super::from_sled;
use crate::{Batch, StoreError, StoreKey, seal::Place};

/// The largest sealed value that lies beside its key, and the size of each piece of a larger one but the last.
pub(super) const INLINE_BYTES_MAX: usize = 4096;

const OWN: u8 = 0xF0;
const PIECE: u8 = 0xF1;

const TAG_OPEN_INLINE: u8 = 0;
const TAG_OPEN_PIECES: u8 = 1;
const TAG_INLINE: u8 = 2;
const TAG_PIECES: u8 = 3;

/// How the values of a store lie: in one form all of them, so that an unsealed one is damage in a sealed store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As formats before the second have it.
    Open,
    /// Sealed.
    Sealed,
}

/// Returns the tree key of something that the store keeps for itself; no space shares its first byte.
pub(super) fn own_key(name: &str) -> Vec<u8> {
    [&[OWN], name.as_bytes()].concat()
}

pub(super) fn piece_key(tree_key: &[u8], index: usize) -> Vec<u8> {
    let mut key = Vec::with_capacity(tree_key.len() + 7);
    key.push(PIECE);
    key.extend_from_slice(&(tree_key.len() as u16).to_be_bytes());
    key.extend_from_slice(tree_key);
    key.extend_from_slice(&(index as u32).to_be_bytes());
    key
}

/// Tells whether a tree key is that of a value: not of a piece, and nothing of the store's own.
pub(super) fn is_values(tree_key: &[u8]) -> bool {
    tree_key.first().is_some_and(|first| *first < OWN)
}

/// What lies under a key of a space.
enum Stored<'a> {
    Inline(&'a [u8]),
    Pieces { len: usize },
}

impl<'a> Stored<'a> {
    fn parse(raw: &'a [u8], form: Form) -> Result<Self, StoreError> {
        let (inline, pieces) = match form {
            Form::Open => (TAG_OPEN_INLINE, TAG_OPEN_PIECES),
            Form::Sealed => (TAG_INLINE, TAG_PIECES),
        };
        let stored = match raw.split_first() {
            Some((tag, bytes)) if *tag == inline => Some(Stored::Inline(bytes)),
            Some((tag, len)) if *tag == pieces => len
                .try_into()
                .ok()
                .and_then(|len| usize::try_from(u64::from_le_bytes(len)).ok())
                .map(|len| Stored::Pieces { len }),
            _ => None,
        };
        stored.ok_or_else(|| StoreError::Corrupt { what: "a value has no readable head".into() })
    }

    fn pieces(&self) -> Range<usize> {
        match self {
            Stored::Inline(_) => 0..0,
            Stored::Pieces { len } => 0..len.div_ceil(INLINE_BYTES_MAX),
        }
    }
}

/// Gathers the bytes whose head is given; `piece` gives each of the others.
fn gather<'a, P: AsRef<[u8]>>(
    head: &'a [u8],
    form: Form,
    mut piece: impl FnMut(usize) -> Result<Option<P>, StoreError>,
) -> Result<Cow<'a, [u8]>, StoreError> {
    let stored = Stored::parse(head, form)?;
    let len = match stored {
        Stored::Inline(bytes) => return Ok(Cow::Borrowed(bytes)),
        Stored::Pieces { len } => len,
    };
    // The length is not trusted as a capacity: a damaged one must not ask for all memory.
    let mut value = Vec::new();
    for index in stored.pieces() {
        match piece(index)? {
            Some(piece) => value.extend_from_slice(piece.as_ref()),
            None => return Err(StoreError::Corrupt { what: "a value misses a piece".into() }),
        }
    }
    if value.len() != len {
        return Err(StoreError::Corrupt { what: "a value has another length than its head says".into() });
    }
    Ok(Cow::Owned(value))
}

/// Unseals the value whose head is given; `piece` gives each of its pieces.
pub(super) fn unseal<P: AsRef<[u8]>>(
    key: &StoreKey,
    tree_key: &[u8],
    head: &[u8],
    piece: impl FnMut(usize) -> Result<Option<P>, StoreError>,
) -> Result<Vec<u8>, StoreError> {
    let sealed = gather(head, Form::Sealed, piece)?;
    let broken = || StoreError::Corrupt { what: "a value is not what was sealed in its place".into() };
    key.open(Place::Tree(tree_key), &sealed).ok_or_else(broken)
}

/// Returns the value whose head lies under `tree_key`.
pub(super) fn read(tree: &Tree, key: &StoreKey, tree_key: &[u8], head: &[u8]) -> Result<Vec<u8>, StoreError> {
    unseal(key, tree_key, head, |index| tree.get(piece_key(tree_key, index)).map_err(from_sled))
}

/// Returns the value whose head lies under `tree_key` in a store that is not sealed yet.
pub(super) fn read_open<'a>(tree: &Tree, tree_key: &[u8], head: &'a [u8]) -> Result<Cow<'a, [u8]>, StoreError> {
    gather(head, Form::Open, |index| tree.get(piece_key(tree_key, index)).map_err(from_sled))
}

/// Turns a round of batches into one batch of sled's, so that sled's log has all of it or nothing.
///
/// Needs the tree as the round before left it: a value that had more pieces than its successor loses the rest.
pub(super) fn plan(tree: &Tree, key: &StoreKey, round: &[Batch]) -> Result<sled::Batch, StoreError> {
    let ops = round.iter().flat_map(Batch::ops);
    let last: BTreeMap<Vec<u8>, Option<&[u8]>> = ops.map(|op| (op.space().tree_key(op.key()), op.value())).collect();
    let mut planned = sled::Batch::default();
    for (tree_key, value) in last {
        let old = tree.get(&tree_key).map_err(from_sled)?;
        let old_pieces = match &old {
            Some(head) => Stored::parse(head, Form::Sealed)?.pieces(),
            None => 0..0,
        };
        let new_pieces = match value {
            Some(value) => put(&mut planned, key, &tree_key, value)?,
            None => 0..0,
        };
        for index in new_pieces.end..old_pieces.end {
            planned.remove(piece_key(&tree_key, index));
        }
        if value.is_none() && old.is_some() {
            planned.remove(tree_key);
        }
    }
    Ok(planned)
}

/// Adds a value, sealed, and tells how many pieces it has.
pub(super) fn put(
    planned: &mut sled::Batch,
    key: &StoreKey,
    tree_key: &[u8],
    value: &[u8],
) -> Result<Range<usize>, StoreError> {
    let sealed = key.seal(Place::Tree(tree_key), value)?;
    if sealed.len() <= INLINE_BYTES_MAX {
        planned.insert(tree_key, [&[TAG_INLINE], sealed.as_slice()].concat());
        return Ok(0..0);
    }
    planned.insert(tree_key, [&[TAG_PIECES], (sealed.len() as u64).to_le_bytes().as_slice()].concat());
    for (index, piece) in sealed.chunks(INLINE_BYTES_MAX).enumerate() {
        planned.insert(piece_key(tree_key, index), piece);
    }
    Ok(Stored::Pieces { len: sealed.len() }.pieces())
}
