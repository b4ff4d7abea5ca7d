//! A building that is founded anew, and who follows.

use kaifong_domain::{BuildingId, EntryHash, MemberId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::building::rows;
use super::{FollowState, HomeId, Person};
use crate::Hex;

rows! {
    /// The buildings that this one was founded anew as.
    Refoundings {
        /// Of each founder the last, who has most followers first.
        rows: Vec<Refounding>,
    }

    /// One of them.
    Refounding {
        /// Its id: the entry that tells of it.
        refounding: Hex<EntryHash>,
        /// Who has founded it.
        by: Person,
        /// Its name.
        name: String,
        /// The new building.
        building: Hex<BuildingId>,
        /// When, in milliseconds since 1970, as the founder's device claims.
        at: u64,
        /// Whether one has founded it oneself.
        mine: bool,
        /// Who follows.
        followers: Vec<Person>,
        /// Whether one follows oneself.
        followed: bool,
    }

    /// Who follows into a building that is on this device.
    Followers {
        /// In order of member.
        rows: Vec<Follower>,
    }

    /// One who follows.
    Follower {
        /// Who, in the old building.
        person: Person,
        /// Who has certified them there; `null` for the founder.
        verified_by: Option<Person>,
        /// How far they have come.
        state: FollowState,
        /// Whether they hold the vote of their household there.
        votes: bool,
        /// Where they say that they live, while they wait.
        household: Option<String>,
    }

    /// What was taken along.
    Brought {
        /// How many offers and needs were posted in the new building.
        listings: u32,
    }
}

/// A building to be founded in the place of another one on this device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefoundArgs {
    /// The home of the old building.
    pub home: HomeId,
    /// The new building's name, 1 to 40 characters.
    pub name: String,
}

/// A building that was founded anew, as a home on this device knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefoundingArgs {
    /// The home of the old building.
    pub home: HomeId,
    /// Which.
    pub refounding: Hex<EntryHash>,
}

/// One who follows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowerArgs {
    /// The home of the old building.
    pub home: HomeId,
    /// Which.
    pub refounding: Hex<EntryHash>,
    /// Who, by their id in the old building.
    pub member: Hex<MemberId>,
    /// Whether they hold the vote of the household that they name now; only of who held one in the old building.
    #[serde(default)]
    pub votes: bool,
}
