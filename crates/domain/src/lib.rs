//! What neighbours do: ids, records, state machines, refusals and projections.
//!
//! Everything here is pure: no clock, no randomness, no I/O. Rows carry instants; what is overdue or late is compared
//! at the screen, and every consequence is a signed record.
//!
//! * [`record`]: what a member says in their own document (profile, listings, reviews, invitations).
//! * [`deal`]: what two members do with each other, as acts in their journals, and the state machine over them.
//! * [`dispute`]: deals of which the two say different numbers of points.
//! * [`board`]: the projection of both: listings, deals and reviews as rows, kept up to date act by act.
//! * [`hall`]: what members put to those who answer, and what came of it.
//! * [`credit`]: what signed entries say of a member.
//! * [`activity`]: what somebody invites neighbours to, who has a place there, who came.
//! * [`care`]: conversations by name, needs posted for another, donation drives, thanks.
//! * [`kept`]: who owns a thing together, where it lies, when it was last found.
//! * [`recurring`]: help on the same days of every week: its terms, its days, its end.
//! * [`charter`]: the building's numbers.
//! * [`fund`]: the community fund: its rates, its budgets, what a grant is for.
//! * [`slip`]: slips of paper, their numbers, and what was entered of them.
//! * [`desk`]: journals that a desk keeps for people without a phone.
//! * [`shop`]: goods for points, orders, and what came of them.
//! * [`place`]: the map of zones and blocks.
//! * [`rows`]: the projections that screens read.
//! * [`refusal`]: every way in which the building says no.

pub mod activity;
pub mod board;
pub mod care;
pub mod charter;
pub mod check_digits;
pub mod commons;
pub mod credit;
pub mod deal;
pub mod desk;
pub mod dispute;
pub mod fund;
pub mod hall;
mod ids;
pub mod kept;
pub mod place;
pub mod record;
pub mod recurring;
pub mod refusal;
pub mod rows;
pub mod shop;
pub mod slip;
pub mod sort;
pub mod space;
pub mod staff;
pub mod text;

pub use board::{Board, Changed};
pub use credit::Credit;
pub use ids::{
    ActivityId, BookingId, BuildingId, CategoryId, ComplaintId, DealId, DeviceId, DriveId, EntryHash, GoodId, GroupId,
    IntroductionId, InviteId, JournalId, JudgementId, ListingId, MatterId, MemberId, NotAnId, OrderId, PassId,
    PledgeId, QuestionId, ReasonId, ResourceId, ResponseId, StaffId, StocktakeId, ThanksId,
};
pub use refusal::Refusal;

/// An instant as a device claims it: milliseconds since 1970-01-01T00:00Z. Order never comes from it, causality does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Instant(pub u64);

/// A number of points, at most [`Points::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Points(pub u32);

impl Points {
    /// The most points that one transfer can carry: a million, far above any charter.
    pub const MAX: Points = Points(1_000_000);
}

impl std::fmt::Display for Points {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
