//! Deals: what two members do with each other.
//!
//! A deal is a set of *acts*, each signed in the journal of the one who did it. Nobody writes for another: what involves
//! two people stands twice, once with each, pointing at each other (相互佐证). The state is a pure function of that set,
//! so the order in which replicas hear of the acts does not matter.

use serde::{Deserialize, Serialize};

use crate::{DealId, EntryHash, Instant, JournalId, ListingId, MemberId, Points};

/// What an answer proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Terms {
    /// The listing that is answered.
    pub listing: ListingId,
    /// Whose listing it is.
    pub owner: MemberId,
    /// Who gives help and who receives it.
    pub direction: Direction,
    /// What the receiver pays the giver, in points; 0 for a gift.
    pub points: Points,
    /// When a lent thing is to be back; `Some` makes the deal a loan.
    pub due_at: Option<Instant>,
    /// The answerer's own listing that fits, if there is one.
    pub counterpart: Option<ListingId>,
}

impl Terms {
    /// Tells whether a thing is lent and comes back.
    pub fn is_loan(&self) -> bool {
        self.due_at.is_some()
    }

    /// Tells who gives, when `answerer` signed these terms.
    pub fn giver(&self, answerer: MemberId) -> MemberId {
        match self.direction {
            Direction::OwnerGives => self.owner,
            Direction::AnswererGives => answerer,
        }
    }

    /// Tells who receives and pays, when `answerer` signed these terms.
    pub fn receiver(&self, answerer: MemberId) -> MemberId {
        match self.direction {
            Direction::OwnerGives => answerer,
            Direction::AnswererGives => self.owner,
        }
    }
}

/// Who gives and who receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// The listing is an offer: its owner gives, the answerer receives and pays.
    OwnerGives,
    /// The listing is a need: the answerer gives, the owner receives and pays.
    AnswererGives,
}

/// How an agreed deal holds the listing it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Hold {
    /// The listing can serve many deals at once (a skill, a lecture, a room by the hour).
    Many,
    /// The listing serves one deal at a time (every need, every thing). `after` is the deal that held it last, as the
    /// owner's device knew: two deals agreed after the same one, by two devices apart, compete, and one of them wins.
    Once {
        /// The deal that held the listing before.
        after: Option<DealId>,
    },
}

/// One signed step of one party. A deal's id is the hash of the entry that holds its answer, cut to 16 bytes: nobody can
/// open a deal under another's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DealAct {
    /// 我可以帮助你: the answerer proposes a deal on a listing. Opens the deal.
    Answer {
        /// What is proposed.
        terms: Terms,
    },
    /// The owner of the listing accepts the answer.
    Agree {
        /// The deal.
        deal: DealId,
        /// How the deal holds the listing.
        hold: Hold,
    },
    /// The owner says no to the answer, or either party calls off a deal before anything changed hands.
    CallOff {
        /// The deal.
        deal: DealId,
    },
    /// One party confirms that the lent thing changed hands.
    HandOver {
        /// The deal.
        deal: DealId,
    },
    /// One party confirms that the lent thing is back, which ends a loan.
    Return {
        /// The deal.
        deal: DealId,
    },
    /// One party confirms that the help was given, which ends a deal that is not a loan.
    Done {
        /// The deal.
        deal: DealId,
    },
}

/// A deal act with its place in the world: who signed it, where, when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedAct {
    /// The member whose journal holds it.
    pub by: MemberId,
    /// The entry that holds it.
    pub entry: EntryHash,
    /// The journal of the entry.
    pub journal: JournalId,
    /// The place of the entry in its journal, from 0. It says which of two entries of one journal was written first,
    /// unless their device has forked it.
    pub seq: u64,
    /// When, as the device claims.
    pub at: Instant,
    /// What was done.
    pub act: DealAct,
}

impl SignedAct {
    /// Gives the deal that the act is about; an answer opens the deal that is named after its entry.
    pub fn deal(&self) -> DealId {
        match self.act {
            DealAct::Answer { .. } => self.entry.into(),
            DealAct::Agree { deal, .. }
            | DealAct::CallOff { deal }
            | DealAct::HandOver { deal }
            | DealAct::Return { deal }
            | DealAct::Done { deal } => deal,
        }
    }
}
