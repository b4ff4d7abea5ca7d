//! Member documents in Automerge and the gate that judges foreign changes.

mod delivery;
mod document;
mod fork;
mod gate;
mod layout;
pub mod limits;

use kaifong_domain::{DeviceId, MemberId, Refusal};

pub use delivery::{Aftermath, Content, Delivery};
pub use document::{AuditCount, Document};
pub use fork::{ForkProof, VerifiedFork, Voucher};
pub use gate::{GateRefusal, Verdict};

/// Who owns a device; trust's roster answers it.
pub trait Owners {
    /// Names the member whose device it is, if it is certified.
    fn owner_of(&self, device: &DeviceId) -> Option<MemberId>;
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
    /// There are more forks in this document than are kept.
    #[error("too many forks")]
    TooManyForks,
}

/// Why an edit was not made. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The edit breaks a rule of the domain.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The document has reached nine tenths of what a document may hold.
    #[error("this document is full")]
    Full,
    /// Automerge failed; this is a bug and the document is as it was.
    #[error("the change could not be made")]
    Failed,
}
