//! What is signed about where a member is.

use kaifong_domain::{Instant, MemberId};
use serde::{Deserialize, Serialize};

/// A member's word on leaving the building.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Leave {
    /// 1 for the member's first such word.
    pub number: u32,
    /// From when on they are a neighbour no longer; `None` takes back what was said before.
    pub ends_at: Option<Instant>,
}

/// A reviewer's word on where a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    /// Of whom.
    pub member: MemberId,
    /// 1 for the first marking of this member; two reviewers agree in number and state.
    pub number: u32,
    /// What is said.
    pub state: Marked,
}

/// Where a member is, as reviewers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Marked {
    /// On a journey, in hospital, with the children in another town.
    Away {
        /// Until when, if that is known.
        until: Option<Instant>,
    },
    /// Deceased.
    Deceased,
    /// Here again.
    Back,
}

/// Whom a member has named as family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kin {
    /// 1 for the member's first such word.
    pub number: u32,
    /// Who; `None` takes back what was said before.
    pub member: Option<MemberId>,
}
