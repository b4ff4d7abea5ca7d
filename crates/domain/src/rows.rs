//! The rows that screens read: pure functions of records and acts.

use serde::{Deserialize, Serialize};

use crate::deal::Terms;
use crate::record::{Listing, Review};
use crate::{DealId, EntryHash, Instant, MemberId};

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
    /// The owner agreed with two answers while apart, and the other one won.
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
    /// The deal that won the listing, when this one is `Lost`.
    pub winner: Option<DealId>,
    /// The entries it consists of, in causal order where known, else by hash.
    pub entries: Vec<EntryHash>,
    /// When it was answered, as the answerer's device claims.
    pub answered_at: Instant,
    /// The newest instant any act of it claims.
    pub changed_at: Instant,
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
}
