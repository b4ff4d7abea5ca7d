//! The rows that screens read: pure functions of records and acts.

use serde::{Deserialize, Serialize};

use crate::deal::{Condition, DAY_MS, Terms};
use crate::record::{Listing, Reply, Review};
use crate::{DealId, EntryHash, Instant, ListingId, MemberId};

/// Where a listing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ListingStage {
    /// Nobody has answered.
    Open,
    /// Somebody has answered; the owner has not agreed.
    Answered,
    /// A deal is agreed and under way.
    Agreed,
    /// Its deal is finished. A lent thing is open again instead.
    Done,
    /// The owner closed it.
    Closed,
}

/// One listing as neighbours see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingRow {
    /// Whose it is.
    pub owner: MemberId,
    /// What it says.
    pub listing: Listing,
    /// Where it stands.
    pub stage: ListingStage,
    /// The deal that holds it (agreed, on loan or done).
    pub deal: Option<DealId>,
}

impl ListingRow {
    /// Gives the key of this row among all listings of a building.
    pub fn key(&self) -> (MemberId, ListingId) {
        (self.owner, self.listing.id)
    }
}

/// Where a deal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// Answered; the owner has to agree.
    Answered,
    /// Agreed; for a loan the hand-over, else the help is next.
    Agreed,
    /// Lent out: both confirmed the hand-over.
    OnLoan,
    /// Finished: both confirmed.
    Done,
    /// Called off before it began.
    CalledOff,
    /// The owner agreed with two answers while apart, and the other one won;
    /// [`Board::winner_of`](crate::Board::winner_of) knows which.
    Lost,
}

/// Who has confirmed the step that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Confirmed {
    /// The giver has.
    pub giver: bool,
    /// The receiver has.
    pub receiver: bool,
}

/// Until when a loan was extended, in days after the day that was agreed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Extension {
    /// The last day that both have named; 0 without one.
    pub days: u16,
    /// The last day that who borrows has named and who lends has not answered.
    pub asked: Option<u16>,
    /// The last day that who lends has named and who borrows has not.
    pub offered: Option<u16>,
}

/// How a lent thing came back, as the two say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Conditions {
    /// What who lent it says.
    pub giver: Option<Condition>,
    /// What who borrowed it says.
    pub receiver: Option<Condition>,
}

/// One deal as its parties (and the record) see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DealRow {
    /// Its id.
    pub id: DealId,
    /// What was proposed.
    pub terms: Terms,
    /// Who gives.
    pub giver: MemberId,
    /// Who receives and pays.
    pub receiver: MemberId,
    /// Who answered.
    pub answerer: MemberId,
    /// Where it stands.
    pub stage: Stage,
    /// Who has confirmed the step under way (hand-over, return, or done).
    pub confirmed: Confirmed,
    /// When a lent thing is to be back: the day of the terms, or the last later one that both have named.
    pub due_at: Option<Instant>,
    /// Which later days were named.
    pub extension: Extension,
    /// How a lent thing came back.
    pub conditions: Conditions,
    /// The entries it consists of, in causal order where known, else by hash.
    pub entries: Vec<EntryHash>,
    /// When it was answered, as the answerer's device claims.
    pub answered_at: Instant,
    /// The newest instant any act of it claims.
    pub changed_at: Instant,
}

/// The deal that won a listing over a lost one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Winner {
    /// The deal.
    pub deal: DealId,
    /// Whether it has the better claim (it is further, its owner has confirmed, or the lost one was called off once);
    /// otherwise its id is the smaller.
    pub further: bool,
}

/// One review as neighbours see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRow {
    /// Who wrote it.
    pub by: MemberId,
    /// Whom it is about.
    pub about: MemberId,
    /// What it says.
    pub review: Review,
    /// What the other answers to it, if anything.
    pub reply: Option<Reply>,
}

/// The next thing that one party can do to move a deal on, as one plain verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Step {
    /// The owner of the listing agrees with the answer (or calls it off).
    Agree,
    /// A party confirms that the lent thing changed hands.
    HandOver,
    /// A party confirms that the lent thing is back.
    Return,
    /// Who lends answers to a later day that the other has named.
    Extend,
    /// A party confirms that the help was given.
    Done,
    /// A party says how it was.
    Review,
    /// A party answers the other's number of points with their own, or with the same.
    Figure,
    /// A party pays what is still owed, or back what was too much.
    Settle,
}

impl Stage {
    /// Gives the stable name of the stage, in `kebab-case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Agreed => "agreed",
            Self::OnLoan => "on-loan",
            Self::Done => "done",
            Self::CalledOff => "called-off",
            Self::Lost => "lost",
        }
    }

    /// Tells whether the deal is still under way: answered, agreed or on loan.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Answered | Self::Agreed | Self::OnLoan)
    }
}

impl DealRow {
    /// Tells whether the member is one of the two.
    pub fn is_party(&self, member: &MemberId) -> bool {
        self.giver == *member || self.receiver == *member
    }

    /// Gives the other of the two; `None` for somebody who is not a party.
    pub fn other(&self, member: &MemberId) -> Option<MemberId> {
        match member {
            m if *m == self.giver => Some(self.receiver),
            m if *m == self.receiver => Some(self.giver),
            _ => None,
        }
    }

    /// Tells whether the member has confirmed the step that is under way.
    pub fn has_confirmed(&self, member: &MemberId) -> bool {
        (self.giver == *member && self.confirmed.giver) || (self.receiver == *member && self.confirmed.receiver)
    }

    /// Gives what the member can do next to move the deal on; `None` when it is the other's turn, when it is over, or
    /// for somebody who is not a party.
    ///
    /// A finished deal asks for a review whether or not there is one; [`Board::next_step`](crate::Board::next_step)
    /// knows.
    pub fn next_step(&self, member: &MemberId) -> Option<Step> {
        if !self.is_party(member) {
            return None;
        }
        let confirm = match self.stage {
            Stage::Answered => return (self.terms.owner == *member).then_some(Step::Agree),
            Stage::Agreed if self.terms.is_loan() => Step::HandOver,
            Stage::Agreed => Step::Done,
            Stage::OnLoan if self.giver == *member && self.extension.asked.is_some() && !self.confirmed.receiver => {
                return Some(Step::Extend);
            }
            Stage::OnLoan => Step::Return,
            Stage::Done => return Some(Step::Review),
            Stage::CalledOff | Stage::Lost => return None,
        };
        (!self.has_confirmed(member)).then_some(confirm)
    }

    /// Gives the day that lies so many days after the one that was agreed first.
    pub fn day(&self, days: u16) -> Option<Instant> {
        self.terms.due_at.map(|due| later(due, days))
    }

    /// Tells whether somebody has the thing: it is lent out, and who lends it has not confirmed that it is back.
    pub fn is_out(&self) -> bool {
        self.stage == Stage::OnLoan && !self.confirmed.giver
    }

    /// Gives those whom the deal waits for, the giver first; nobody once it is over.
    pub fn waits_for(&self) -> Vec<MemberId> {
        [self.giver, self.receiver]
            .into_iter()
            .filter(|member| self.stage.is_live() && self.next_step(member).is_some())
            .collect()
    }
}

/// Gives the instant so many days later.
pub(crate) fn later(due: Instant, days: u16) -> Instant {
    Instant(due.0.saturating_add(u64::from(days) * DAY_MS))
}
