//! What becomes of a command.

use kaifong_domain::care::CareRefusal;
use kaifong_domain::recurring::RecurringRefusal;
use kaifong_domain::shop::ShopRefusal;
use kaifong_domain::{
    ActivityId, DealId, DriveId, EntryHash, GoodId, GroupId, ListingId, MatterId, OrderId, PassId, Refusal,
};
use kaifong_replica::EditError;
use kaifong_store::StoreError;
use kaifong_trust::envelope::JoinRequest;
use kaifong_trust::paper::SheetSecret;

use crate::documents::DocumentError;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// Nothing to tell beyond that.
    Saved,
    /// The building stands.
    Founded(kaifong_domain::BuildingId),
    /// The application is on its way; its answer comes as a change of [`Tag::Application`](super::Tag::Application).
    Applied,
    /// The invitation.
    Invited(kaifong_trust::invite::Ticket),
    /// What is to be printed, once.
    Sheet(SheetSecret),
    /// The listing's id.
    Posted(ListingId),
    /// The matter's id.
    Put(MatterId),
    /// The activity's id.
    Announced(ActivityId),
    /// The group's id.
    GroupFounded(GroupId),
    /// The entry that proposes recurring help.
    Proposed(EntryHash),
    /// The authorisation's id.
    PassGiven(PassId),
    /// The deal's id.
    Answered(DealId),
    /// The entry that holds the draft.
    Drafted(EntryHash),
    /// The transfer.
    Paid(EntryHash),
    /// What a member has told the reviewers.
    Details(Box<JoinRequest>),
    /// Grants that wait for a second person: the entry that lists them.
    Listed(EntryHash),
    /// Whose journal something was done in at the desk.
    Visited(kaifong_domain::MemberId),
    /// The entry that holds a slip, or asks for a space.
    Entered(EntryHash),
    /// The good's id.
    GoodPut(GoodId),
    /// The order's id.
    Ordered(OrderId),
    /// The drive's id.
    Called(DriveId),
}

/// Why a command was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NodeError {
    /// The building says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// This device already belongs to a building.
    #[error("this installation already belongs to a building")]
    AlreadyHome,
    /// This device belongs to no building yet.
    #[error("this installation belongs to no building yet: found one or join one")]
    NoBuilding,
    /// The store did not keep the write; nothing was changed and nobody was told.
    #[error("not saved: {0}")]
    NotSaved(String),
}

impl From<ShopRefusal> for NodeError {
    fn from(why: ShopRefusal) -> Self {
        Self::Refused(why.into())
    }
}

impl From<CareRefusal> for NodeError {
    fn from(why: CareRefusal) -> Self {
        Self::Refused(why.into())
    }
}

impl From<RecurringRefusal> for NodeError {
    fn from(why: RecurringRefusal) -> Self {
        Self::Refused(why.into())
    }
}

impl From<StoreError> for NodeError {
    fn from(error: StoreError) -> Self {
        Self::NotSaved(error.to_string())
    }
}

impl From<DocumentError> for NodeError {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Edit(EditError::Refused(refusal)) => Self::Refused(refusal),
            other => Self::NotSaved(other.to_string()),
        }
    }
}
