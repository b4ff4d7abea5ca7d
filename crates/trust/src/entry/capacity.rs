//! What neighbours are known as, beside the roles that the council gives.

use kaifong_domain::MemberId;
use serde::{Deserialize, Serialize};

use super::broken;
use crate::signed::Distrust;

/// What a person can be vouched for as. None gives a right over others; volunteers are a [`super::Role`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Capacity {
    /// Knows a field well, or teaches it.
    Expert,
    /// A doctor or a nurse.
    Medical,
    /// A social worker.
    SocialWorker,
    /// Guards the building.
    Security,
    /// Of the neighbourhood's committee or the grid: reads and answers.
    Official,
    /// Acts for a child, who has no account.
    Guardian,
}

impl Capacity {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Expert, Self::Medical, Self::SocialWorker, Self::Security, Self::Official, Self::Guardian];

    /// Gives how many reviewers' words it takes: two where people in need will rely on it.
    pub fn needed(self) -> usize {
        match self {
            Self::Medical | Self::SocialWorker | Self::Official => 2,
            Self::Expert | Self::Security | Self::Guardian => 1,
        }
    }
}

/// What a reviewer says of somebody's capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Opinion {
    /// They are.
    For,
    /// They are not: outweighs another reviewer's word.
    Against,
    /// Takes back what was said before.
    Silent,
}

/// A reviewer's word on what a member is known as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vouch {
    /// Of whom.
    pub member: MemberId,
    /// What.
    pub capacity: Capacity,
    /// Whether.
    pub opinion: Opinion,
    /// Which word of this reviewer on this it is, from 1: of several the greatest counts.
    pub round: u32,
}

impl Vouch {
    pub(super) fn check(&self) -> Result<(), Distrust> {
        if self.round == 0 { broken("a reviewer's words on a capacity are numbered from 1") } else { Ok(()) }
    }
}
