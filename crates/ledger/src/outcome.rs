//! What becomes of an entry: one variant per rule that it can break.
//!
//! Variants stand in the order in which the rules are asked, so the first that is broken is the one that is named.

use kaifong_domain::MemberId;
use thiserror::Error;

/// What adding one entry did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What became of the entry.
    pub outcome: Outcome,
    /// Members whose balance, standing or statement may have changed, ascending.
    pub accounts: Vec<MemberId>,
}

/// What became of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was added before; nothing changed.
    Known,
    /// Something that it depends on by hash is not here, or its place in the chain is impossible. Nothing was added.
    Orphan,
    /// It is not about points.
    Aside,
    /// It opened a journal.
    Opened,
    /// It pays into another journal, covered or not (L3).
    Offered(Result<(), Uncovered>),
    /// It accepts a transfer, which counts or not (L4).
    Accepted(Result<(), NotCounted>),
    /// It declines a transfer, with effect or not.
    Declined(Result<(), NotCounted>),
    /// It takes back the rights of a declined transfer, with effect or not.
    Reclaimed(Result<(), NotReclaimed>),
    /// It stamps a journal, as a witness or not (J4).
    Stamped(Result<(), NotCited>),
    /// It rests its journal on a stamp, with effect or not.
    Cited(Result<(), NotCited>),
    /// It takes up what a closed journal has left, with effect or not (L7).
    Inherited(Result<(), NotInherited>),
}

/// Why a transfer is not covered (L3). It can never be accepted with effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Error)]
pub enum Uncovered {
    /// It carries nothing, more than the maximum, or pays into its own journal; it pays out of a fund journal and is no
    /// grant, or the other way round. It moves no figure.
    #[error("it carries no honest number of points to another journal")]
    Malformed,
    /// A grant: its journal's member is no treasurer in the epoch that it names.
    #[error("who keeps the fund's journal was no treasurer")]
    NotTreasurer,
    /// A grant: its points are not what the epoch's table of rates says.
    #[error("its points are not what the table of rates says")]
    OffRate,
    /// A grant: a second person's word is needed for it, and is not there.
    #[error("a second person has not agreed to it")]
    NotSeconded,
    /// The rights have fallen below zero since the newest cited stamp.
    #[error("the payer's rights were not enough")]
    BelowZero,
    /// Its journal has never cited a stamp (L2): the first journal starts with one, its certificate.
    #[error("no witness has opened the payer's journal yet")]
    NotOpened,
    /// More than the quota was paid out since the newest cited stamp.
    #[error("the payer spent more than the quota unseen by a witness")]
    BeyondQuota,
}

/// Why an accept (L4) or a decline has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Error)]
pub enum NotCounted {
    /// The branch or the transfer is not known here. Asked before an entry is signed; an entry is an orphan instead.
    #[error("the transfer is not known here")]
    Unknown,
    /// What it cites is not a transfer.
    #[error("what it cites is not a transfer")]
    NotATransfer,
    /// The transfer names another journal.
    #[error("the transfer names another journal")]
    NotYours,
    /// A grant to another member.
    #[error("the grant is for another member")]
    NotForYou,
    /// The transfer is not covered.
    #[error("the transfer is not covered: {0}")]
    NotCovered(Uncovered),
    /// This branch has accepted it before.
    #[error("it was accepted before")]
    AlreadyAccepted,
    /// This branch has declined it before.
    #[error("it was declined before")]
    AlreadyDeclined,
    /// This branch has accepted another transfer for the same reason.
    #[error("something else was accepted for the same reason")]
    ReasonTaken,
    /// This branch has accepted a transfer from another branch of the payer's forked journal.
    #[error("another branch of the payer's forked journal was accepted")]
    ConflictingBranch,
}

/// Why a reclaim has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Error)]
pub enum NotReclaimed {
    /// What it cites is not a decline that holds.
    #[error("what it cites is not a decline that holds")]
    NotADecline,
    /// The declined transfer is not on this branch.
    #[error("the declined transfer is not on this branch")]
    NotYours,
    /// This branch has reclaimed the transfer before.
    #[error("it was reclaimed before")]
    AlreadyReclaimed,
}

/// Why a stamp, or the citing of one, has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Error)]
pub enum NotCited {
    /// What it cites is not a stamp.
    #[error("what it cites is not a stamp")]
    NotAStamp,
    /// The stamp's signer is no witness in the epoch that the stamp's entry names.
    #[error("its signer was no witness")]
    NotAWitness,
    /// The stamp is for another journal.
    #[error("the stamp is for another journal")]
    NotYours,
    /// A device has stamped its own journal.
    #[error("nobody stamps their own journal")]
    OwnStamp,
    /// The stamped entry is not on this branch.
    #[error("the stamped entry is not on this branch")]
    NotThisBranch,
    /// The branch rests on this stamp or a newer one already.
    #[error("the branch rests on one as new already")]
    NotNewer,
}

/// Why an entry that inherits has no effect (L7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Error)]
pub enum NotInherited {
    /// What it cites hands no journal over.
    #[error("what it cites hands no journal over")]
    NotASuccession,
    /// It hands over to another journal.
    #[error("it hands over to another journal")]
    NotYours,
    /// The closed journal is another member's, the fund's, or this one.
    #[error("the closed journal is no other one of the same member")]
    NotTheSameMember,
    /// No second reviewer has said the same.
    #[error("no second reviewer has said the same")]
    NotTwo,
    /// One of the two was no reviewer, or is the member whose journals they are.
    #[error("one of the two was no reviewer, or is the member in question")]
    NotAReviewer,
    /// The branch has inherited as much of that journal before, or there is nothing left in it.
    #[error("as much was inherited before, or nothing is left")]
    NotMore,
}
