//! Deals: what two members do with each other.
//!
//! A deal is a set of *acts*, each signed in the journal of the one who did it. Nobody writes for another: what involves
//! two people stands twice, once with each, pointing at each other (相互佐证). The state is a pure function of that set,
//! so the order in which replicas hear of the acts does not matter.

use serde::{Deserialize, Serialize};

use crate::{DealId, EntryHash, Instant, JournalId, ListingId, MemberId, Points};

/// By how many days at most a loan can be extended, counted from the day that was agreed first.
pub const EXTENSION_DAYS_MAX: u16 = 180;
/// How many days back at most it can be entered that a thing changed hands or came back.
pub const LATE_DAYS_MAX: u64 = 60;
/// How many milliseconds a day has.
pub const DAY_MS: u64 = 24 * 3600 * 1000;

/// How a lent thing comes back, as one of the two says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Condition {
    /// As good as before.
    Good,
    /// Worn as use wears it.
    Worn,
    /// Damaged.
    Damaged,
}

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
    /// The same as [`HandOver`](Self::HandOver), entered late.
    HandedOver {
        /// The deal.
        deal: DealId,
        /// When it truly happened.
        on: Instant,
    },
    /// The same as [`Return`](Self::Return), entered late or with a word on how the thing came back.
    Returned {
        /// The deal.
        deal: DealId,
        /// When it truly happened, if not now.
        on: Option<Instant>,
        /// How it came back.
        condition: Option<Condition>,
    },
    /// One party names a later day for the thing to be back; it counts once both have named it.
    Extend {
        /// The deal.
        deal: DealId,
        /// How many days after the one that was agreed first, from 1 to [`EXTENSION_DAYS_MAX`].
        days: u16,
    },
    /// Who lends says no to a later day that the other has named.
    KeepDay {
        /// The deal.
        deal: DealId,
        /// Which day, as in [`Extend`](Self::Extend).
        days: u16,
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
            | DealAct::Done { deal }
            | DealAct::HandedOver { deal, .. }
            | DealAct::Returned { deal, .. }
            | DealAct::Extend { deal, .. }
            | DealAct::KeepDay { deal, .. } => deal,
        }
    }

    /// Gives when it happened: as it says itself where it was entered late, else as its device claims. What says that it
    /// happened in the future, before its deal was `answered`, or longer ago than can be entered, happened when it was signed.
    pub fn happened_at(&self, answered: Instant) -> Instant {
        let on = match self.act {
            DealAct::HandedOver { on, .. } => Some(on),
            DealAct::Returned { on, .. } => on,
            _ => None,
        };
        on.filter(|on| is_late_entry(*on, answered, self.at)).unwrap_or(self.at)
    }
}

/// Tells whether it can be entered at `now` that something of a deal happened `on` that day.
pub fn is_late_entry(on: Instant, answered: Instant, now: Instant) -> bool {
    answered <= on && on <= now && now.0 - on.0 <= LATE_DAYS_MAX * DAY_MS
}
