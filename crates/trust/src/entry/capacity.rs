//! What neighbours are known as, beside the roles that the council gives.

use kaifong_domain::MemberId;
use serde::{Deserialize, Serialize};

/// What a person can be vouched for as. None gives a right over others; volunteers are a [`super::Role`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Capacity {
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
    /// An expert in pipes, wires and what breaks at home.
    ExpertRepairs,
    /// An expert in how houses are built and kept.
    ExpertBuilding,
    /// An expert in law.
    ExpertLaw,
    /// An expert in money, taxes and accounts.
    ExpertAccounts,
    /// An expert in teaching and bringing up.
    ExpertTeaching,
    /// An expert in computers and phones.
    ExpertComputers,
    /// An expert in plants and animals.
    ExpertPlants,
    /// An expert in writing, painting, music and stage.
    ExpertArts,
}

impl Capacity {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Medical,
        Self::SocialWorker,
        Self::Security,
        Self::Official,
        Self::Guardian,
        Self::ExpertRepairs,
        Self::ExpertBuilding,
        Self::ExpertLaw,
        Self::ExpertAccounts,
        Self::ExpertTeaching,
        Self::ExpertComputers,
        Self::ExpertPlants,
        Self::ExpertArts,
    ];

    /// Gives how many reviewers' words it takes: two where people in need will rely on it.
    pub fn needed(self) -> usize {
        match self {
            Self::Medical | Self::SocialWorker | Self::Official => 2,
            Self::Security
            | Self::Guardian
            | Self::ExpertRepairs
            | Self::ExpertBuilding
            | Self::ExpertLaw
            | Self::ExpertAccounts
            | Self::ExpertTeaching
            | Self::ExpertComputers
            | Self::ExpertPlants
            | Self::ExpertArts => 1,
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
    pub number: u32,
}
