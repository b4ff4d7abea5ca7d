//! What a person posts.

use kaifong_domain::Points;
use kaifong_domain::place::PlaceId;
use kaifong_domain::record::{Kind, Mode, Side, Task};

/// The words of a listing before it has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Offer or need.
    pub side: Side,
    /// The kind; a need may leave it open.
    pub kind: Option<Kind>,
    /// How a thing changes hands.
    pub mode: Option<Mode>,
    /// What kind of volunteering time goes into.
    pub task: Option<Task>,
    /// 1 to 60 characters.
    pub title: String,
    /// At most 2,000 characters.
    pub body: String,
    /// What it costs or brings, if said.
    pub points: Option<Points>,
    /// The zone or block whose neighbours it is for.
    pub audience: Option<PlaceId>,
}
