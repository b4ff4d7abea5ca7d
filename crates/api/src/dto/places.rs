//! Zones and blocks, who lives where as far as it may be known, and households.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::building::rows;
use super::{BlockKind, Claim, Person};
use crate::Hex;
use kaifong_domain::{DeviceId, MemberId};

/// A zone as it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ZoneArgs {
    /// Its number; a new one gets one.
    #[serde(default)]
    pub id: Option<u32>,
    /// What it is called, at most 12 characters; empty for the one that holds the blocks that are in none.
    #[serde(default)]
    pub name: String,
    /// Its blocks, in the order in which they are shown.
    pub blocks: Vec<BlockArgs>,
}

/// A block as it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockArgs {
    /// Its number; a new one gets one.
    #[serde(default)]
    pub id: Option<u32>,
    /// What it is called, 1 to 12 characters.
    pub name: String,
    /// What kind.
    pub kind: BlockKind,
}

/// Where a newcomer lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PickPlaceArgs {
    /// The block's number; `null` when none of the map's is theirs, and what they wrote before stands.
    pub block: Option<u32>,
    /// The floor, at most 8 characters; only reviewers read it.
    #[serde(default)]
    pub floor: String,
    /// The unit, house or shop number, 1 to 16 characters; only reviewers read it.
    #[serde(default)]
    pub unit: String,
    /// By which right they live there; only reviewers read it.
    #[serde(default = "family")]
    pub claim: Claim,
    /// Whether neighbours may see the block. It stands in the certificate then, and cannot be taken back.
    #[serde(default)]
    pub shows_block: bool,
}

/// Who is let in, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveArgs {
    /// The newcomer's device.
    pub device: Hex<DeviceId>,
    /// Whether they hold the vote of their unit.
    #[serde(default)]
    pub votes: bool,
}

/// With whom one would be shown as one household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KinArgs {
    /// With whom.
    pub member: Hex<MemberId>,
    /// Would, or no longer.
    pub wishes: bool,
}

fn family() -> Claim {
    Claim::Family
}

rows! {
    /// A zone of the map.
    Zone {
        /// Its number.
        id: u32,
        /// What it is called; empty for the one that holds the blocks that are in none.
        name: String,
        /// Its blocks, in the order in which they are shown.
        blocks: Vec<Block>,
    }

    /// A block of the map.
    Block {
        /// Its number.
        id: u32,
        /// What it is called.
        name: String,
        /// What kind.
        kind: BlockKind,
        /// How many members let it be seen that they live there.
        members: u32,
    }

    /// For whom a listing is.
    Audience {
        /// The zone or block.
        place: u32,
        /// What it is called; `null` when the map does not have it any more.
        name: Option<String>,
        /// Whether one lives there oneself, as this device knows.
        includes_me: bool,
    }

    /// Where an application says that its household lives.
    RequestPlace {
        /// The block; `null` when the map does not have it any more.
        block: Option<String>,
        /// What kind of block.
        kind: Option<BlockKind>,
        /// The floor.
        floor: String,
        /// The unit.
        unit: String,
        /// By which right they live there, as they say.
        claim: Claim,
        /// Whether neighbours may see the block.
        shows_block: bool,
    }

    /// Somebody of the same unit, as this reviewer's device knows.
    UnitMember {
        /// Who.
        person: Person,
        /// Whether they hold the vote of the unit.
        votes: bool,
    }

    /// How it stands with somebody with whom one, or who with oneself, would be shown as one household.
    Kin {
        /// Who.
        person: Person,
        /// Whether one wishes it oneself.
        mine: bool,
        /// Whether the other does.
        theirs: bool,
    }
}
