//! The one place where foreign bytes are judged before they touch a replica.

use crate::fork::ForkProof;

/// What the gate found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was taken in.
    Applied {
        /// Whether the projection may differ from before.
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

/// Why a delivery or a proof was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateRefusal {
    /// A proof does not show two branches of one actor.
    #[error("the proof does not show a fork")]
    BadProof,
    /// Bytes are not what they should be.
    #[error("not an Automerge change")]
    Malformed,
}
