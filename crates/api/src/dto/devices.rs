//! One's own devices, the recovery sheet, and coming back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rows;
use super::{DeviceState, DeviceTold, Person, StaffRow};
use crate::Hex;
use kaifong_domain::{BuildingId, DeviceId, EntryHash, MemberId};

/// A new installation comes back with a recovery sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecoverArgs {
    /// A neighbour's ticket (`KAIFONG1…`) or short code (`ABCD-EFGH-JKMN`): the way into the building.
    pub invitation: String,
    /// The fifty digits on the sheet.
    pub digits: String,
}

/// A recovery sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SheetArgs {
    /// The fifty digits on it.
    pub digits: String,
}

/// Whom a reviewer lets go on with a new device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReapproveArgs {
    /// The member.
    pub member: Hex<MemberId>,
    /// The device of a request that waits; without it, the member's devices are closed and none comes in their place.
    #[serde(default)]
    pub device: Option<Hex<DeviceId>>,
}

/// To which re-approval one objects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectArgs {
    /// The re-approval.
    pub approval: Hex<EntryHash>,
}

rows! {
    /// What is printed, once: the digits are kept nowhere else.
    SheetPaper {
        /// Ten groups of five digits.
        digits: String,
        /// The sheet's number; it replaces all with a smaller one.
        number: u32,
        /// The building's name.
        building: String,
        /// The building's id.
        id: Hex<BuildingId>,
        /// Whose sheet it is.
        person: Person,
        /// When it was made.
        at: u64,
    }

    /// One's own devices.
    Devices {
        /// This one first, then those in use, then those that were closed.
        rows: Vec<OwnDevice>,
        /// The recovery sheet that is valid now.
        sheet: Option<SheetNote>,
        /// Who wants to come back as oneself.
        asked: Vec<Return>,
        /// What a neighbour has said of this device. Its word alone changes nothing.
        told: Option<DeviceTold>,
        /// How many points this device can hand over now.
        can_move: u32,
        /// How many of them it holds in all.
        rights: i64,
    }

    /// One of them.
    OwnDevice {
        /// Its id.
        device: Hex<DeviceId>,
        /// Whether it is this one.
        this: bool,
        /// Where it stands.
        state: DeviceState,
        /// When it last signed something, as it claims.
        last_written: Option<u64>,
        /// Whether it is in reach now.
        in_reach: bool,
        /// When the last reconcile with it ended, while it is in reach.
        last_sync: Option<u64>,
        /// How many things it has signed that do not count, because it was closed before.
        void: u64,
        /// Of an organisation: who works at it. `null` of a resident's, and of one that was closed and never named.
        staff: Option<StaffRow>,
    }

    /// A recovery sheet, without its digits.
    SheetNote {
        /// Its number.
        number: u32,
        /// When it was declared, as the device claims.
        at: u64,
    }

    /// Members who come back.
    Returns {
        /// Those that are not decided, the newest last.
        rows: Vec<Return>,
    }

    /// Somebody comes back with a new device, if reviewers say so.
    Return {
        /// The re-approval: what an objection names.
        approval: Hex<EntryHash>,
        /// Who comes back.
        person: Person,
        /// The new device; none where lost ones are only closed.
        device: Option<Hex<DeviceId>>,
        /// How many devices it closes.
        closes: u64,
        /// The reviewers who are for it.
        by: Vec<Person>,
        /// How many are needed.
        needed: u64,
        /// Whether one of the member's own devices objects.
        objected: bool,
        /// Whether it is decided.
        decided: bool,
        /// Whether one has said yes oneself.
        mine: bool,
    }
}
