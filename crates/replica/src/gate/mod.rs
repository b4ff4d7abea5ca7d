//! The one place where foreign bytes are judged before they touch a replica.
//!
//! Peers' messages never reach `receive_sync_message`, nor does any foreign byte reach Automerge before it was
//! bounded. Measured on Automerge 0.12: hostile changes can apply with `Ok` and leave a document whose `save()`
//! cannot be loaded; others panic; two changes with one (actor, seq) make replicas diverge for ever; one bad change
//! fails its whole batch; forty bytes can claim 2^62 operations, through which `Change::try_from` then loops;
//! compressed chunks and columns are inflated with `read_to_end` and no limit; a document's operations may stand in
//! any order, which loads, and shows other values than the changes say. So, in this order:
//!
//! 1. **Structure** ([`structure`]): sizes, raw and inflated, and every count in the bytes ([`columns`]); the actor is
//!    a device of the owner; every dependency is known, else the answer is that it waits and nothing is kept; seq
//!    follows, and the actor's previous change is among the ancestors; `start_op` is one above the greatest `max_op`
//!    of the dependencies, so `max_op` stays far below `u32::MAX`; a signed head covers it ([`vouching`]).
//! 2. **Operations** ([`operations`]): an allow-list by place, key, type and value, and what each replaces must stand
//!    in that place and be among the ancestors.
//! 3. **Rehearsal** ([`rehearsal`]): on a copy, inside `catch_unwind`: apply, save, load, save; equal heads
//!    and equal bytes.
//!
//! A [`snapshot`] goes through the same steps: its columns are bounded and judged before Automerge loads it, which is
//! the rehearsal; one signature for each actor vouches for it.
//!
//! Two changes with one actor and seq, both vouched for, are a fork: the proof is built, the actor is cut there.
//!
//! Hashes that were refused are not remembered here but in the node, where they are bounded for all documents
//! together. What a cut has dropped is remembered here, bounded, so that what builds on it is refused at once instead
//! of waited for.

pub(crate) mod columns;
mod judge;
pub(crate) mod operations;
mod refusal;
pub(crate) mod rehearsal;
pub(crate) mod snapshot;
pub(crate) mod structure;
pub(crate) mod vouching;

pub use refusal::GateRefusal;

use crate::fork::ForkProof;

/// What the gate found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was taken in.
    Applied {
        /// Whether the projection differs from before.
        records_changed: bool,
    },
    /// Everything in it was known.
    AlreadyKnown,
    /// Changes that it builds on are not known here; nothing was kept.
    Waiting {
        /// Some of them, ascending; at most [`crate::limits::MISSING_DEPS_MAX`].
        missing_deps: Vec<[u8; 32]>,
    },
    /// The delivery forks an actor. The actor is cut here; nothing else was taken in.
    Forked(ForkProof),
}
