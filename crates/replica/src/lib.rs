//! Member documents in Automerge, and the gate that judges foreign changes before they touch one.
//!
//! * [`Document`]: one member's document: edit it, judge what comes from outside, read its records, store it.
//! * [`Delivery`]: what travels. Peers' messages never reach Automerge's `receive_sync_message`: it applies what it is
//!   given, and hostile bytes can make it panic, loop, inflate without end, or leave a document that cannot be loaded.
//! * [`ForkProof`]: two changes at one place of one actor, which no honest device makes; a proof convinces anybody.
//!
//! Rules that hold everywhere in it:
//!
//! * One owner: only devices of the member write into the member's document. Another's change is refused, not merged.
//! * Everything is taken whole or not at all, and a refusal leaves nothing behind.
//! * The records are a pure function of the changes and the cuts, whatever way they came.
//! * No clock, no I/O, no randomness of its own. (Automerge draws an actor id for every document that it makes; it is
//!   never written with.)
//!
//! For fuzzing, [`Document::judge_bytes`], [`ForkProof::verify_bytes`] and [`Document::load`] take any bytes.

mod cut;
mod delivery;
mod document;
mod fork;
mod gate;
mod history;
mod layout;
pub mod limits;
mod persist;
#[cfg(test)]
mod tests;

use kaifong_domain::{DeviceId, MemberId, Refusal};

pub use delivery::{Aftermath, Content, Delivery};
pub use document::{AuditCount, Document};
pub use fork::{ForkProof, VerifiedFork, Voucher};
pub use gate::{GateRefusal, Verdict};

/// Whose devices are whose; trust's roster answers it.
pub trait Owners {
    /// Tells whether the device was ever this member's: certified as them, or opened on their link.
    ///
    /// The answer may turn from no to yes and never back: the gate asks once, when a change arrives, and replicas that
    /// ask at different times must end with the same changes.
    fn may_write(&self, device: &DeviceId, member: &MemberId) -> bool;

    /// Tells whether the member was ever certified as an organisation, so that its document may say who works at its
    /// devices. As above, a yes is for good.
    fn may_name_staff(&self, member: &MemberId) -> bool;
}

/// Why a replica could not do what it was asked. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplicaError {
    /// What the store gave back is damaged: the document must be fetched again from neighbours.
    #[error("the stored document is damaged: {what}")]
    Damaged {
        /// Which part.
        what: &'static str,
    },
    /// The document cannot be rebuilt without what a fork takes away.
    #[error("the document could not be rebuilt without the fork")]
    Rebuild,
    /// The proof is about another document.
    #[error("the proof is about another document")]
    OtherDocument,
}

/// Why an edit was not made. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The edit breaks a rule of the domain.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The document has reached nine tenths of what a document may hold, or the device can write into it under no
    /// further actor. What stands in it stays, and can be read.
    #[error("this document is full")]
    Full,
    /// Automerge failed; this is a bug and the document is as it was.
    #[error("the change could not be made")]
    Failed,
}
