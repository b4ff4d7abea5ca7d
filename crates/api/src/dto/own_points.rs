//! Points on a member's several devices, and what closed ones have left.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Person;
use super::rows;
use crate::Hex;
use kaifong_domain::{DeviceId, EntryHash, JournalId};

/// How many points go to which own device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MovePointsArgs {
    /// The device.
    pub device: Hex<DeviceId>,
    /// How many.
    pub points: u32,
}

rows! {
    /// What one's devices can spend, each for itself.
    OwnPoints {
        /// All of them together.
        total: i64,
        /// This device first.
        rows: Vec<DevicePoints>,
        /// What closed ones have left and nobody can spend yet.
        left: Vec<LeftPoints>,
        /// What was handed over.
        moved: Vec<MovedPoints>,
    }

    /// What one device can spend.
    DevicePoints {
        /// The device.
        device: Hex<DeviceId>,
        /// Its journal.
        journal: Hex<JournalId>,
        /// Whether it is this one.
        this: bool,
        /// How many points.
        points: i64,
        /// Whether a witness has opened its journal: before that it can be given points and spend none.
        opened: bool,
    }

    /// What a closed device has left.
    LeftPoints {
        /// Whose.
        person: Person,
        /// The device.
        device: Hex<DeviceId>,
        /// Its journal.
        journal: Hex<JournalId>,
        /// How many points.
        points: i64,
        /// Whether another device of theirs is there to go on.
        ready: bool,
        /// The reviewers who have said that they go on there.
        by: Vec<Person>,
        /// Whether two have: it waits for the member's device.
        decided: bool,
        /// Whether it is for oneself, as a reviewer, to say so.
        mine: bool,
    }

    /// What neighbours' closed devices have left.
    LeftRows {
        /// By journal.
        rows: Vec<LeftPoints>,
    }

    /// What one closed journal has handed over.
    MovedPoints {
        /// The closed device.
        from: Hex<DeviceId>,
        /// The device that goes on.
        to: Hex<DeviceId>,
        /// How many points.
        points: i64,
        /// The entry that took them up.
        entry: Hex<EntryHash>,
        /// When, as its device claims.
        at: u64,
        /// The reviewers who said so.
        by: Vec<Person>,
    }

    /// What the fund has borne for closed journals.
    FundLosses {
        /// In all, in points.
        total: i64,
        /// One for each closed journal.
        rows: Vec<FundLoss>,
    }

    /// What the fund has borne for one.
    FundLoss {
        /// Whose journal it was.
        person: Person,
        /// The last entry that its member answers for.
        last: Hex<EntryHash>,
        /// When that was signed, as its device claims.
        at: u64,
        /// What the device has still spent, in points.
        spent: i64,
        /// What was handed over more than once, in points.
        twice: i64,
    }
}
