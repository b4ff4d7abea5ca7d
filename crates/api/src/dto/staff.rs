//! Who works for an organisation, and who of them did what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::building::rows;
use crate::Hex;
use kaifong_domain::DeviceId;

/// Who works at one of the organisation's devices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NameStaffArgs {
    /// At which device; without it, at this one.
    #[serde(default)]
    pub device: Option<Hex<DeviceId>>,
    /// The name that neighbours see, 1 to 30 characters.
    pub name: String,
    /// What they do there, at most 12 characters.
    #[serde(default)]
    pub post: String,
    /// Whether they work there no longer.
    #[serde(default)]
    pub left: bool,
}

rows! {
    /// Which person of an organisation did something, as the device that signed it and the organisation's own words tell.
    Hand {
        /// The device that signed it; `null` where the organisation never said who works at its devices.
        device: Option<Hex<DeviceId>>,
        /// Their name; empty where the organisation has never named them: then it was a colleague.
        name: String,
        /// What they do there; may be empty.
        post: String,
    }

    /// One device of an organisation, and who works there.
    StaffRow {
        /// The device.
        device: Hex<DeviceId>,
        /// Their name; empty where the organisation has never named them.
        name: String,
        /// What they do there; may be empty.
        post: String,
        /// Since when they work there no longer, as a device of the organisation claims.
        left_at: Option<u64>,
        /// Whether they work there now: nothing else is said, and the device is in use.
        works: bool,
        /// Whether their own device wrote all of this, and no colleague's.
        by_itself: bool,
        /// Whether the name of another who works there looks the same.
        alike: bool,
    }
}
