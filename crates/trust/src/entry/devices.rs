//! What is signed about a member's devices.

use kaifong_domain::{DeviceId, EntryHash, JournalId, MemberId};
use serde::{Deserialize, Serialize};

use super::{NO_ENTRY, SealKey, broken};
use crate::recovery::Claim;
use crate::signed::{Distrust, Signed};

/// A further device of the same member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// The device.
    pub device: DeviceId,
    /// Where envelopes to it are sealed to.
    pub seal: SealKey,
}

/// How many journals of one device a cut may name.
pub const TIPS_MAX: usize = 64;
/// How many devices one entry may cut.
pub const CUTS_MAX: usize = 16;

/// One entry in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tip {
    /// Its journal.
    pub journal: JournalId,
    /// Its place there.
    pub seq: u64,
    /// The entry.
    pub hash: EntryHash,
}

/// What of a device still counts: what it has written up to these entries, and nothing in any other journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// The device.
    pub device: DeviceId,
    /// The last entries that count, one of each journal, ascending; none when nothing counts.
    pub tips: Vec<Tip>,
}

impl Cut {
    pub(super) fn check(&self) -> Result<(), Distrust> {
        let ascend = self.tips.is_sorted_by(|one, next| one.journal < next.journal);
        if !ascend || self.tips.len() > TIPS_MAX || self.tips.iter().any(|tip| tip.hash == NO_ENTRY) {
            return broken("a cut names at most one entry of each journal, ascending");
        }
        Ok(())
    }

    pub(crate) fn check_all(cuts: &[Self]) -> Result<(), Distrust> {
        if cuts.len() > CUTS_MAX || !cuts.is_sorted_by(|one, next| one.device < next.device) {
            return broken("cuts name each device once, ascending");
        }
        cuts.iter().try_for_each(Self::check)
    }
}

/// The public half of a recovery sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// 1 for the member's first; of several that count the highest is the one that is valid.
    pub number: u32,
    /// The public key; the secret half is on paper alone.
    pub key: DeviceId,
}

/// What was signed with a recovery sheet, carried by somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// The entry that declares the sheet.
    pub sheet: EntryHash,
    /// The claim, signed with the sheet's key.
    pub claim: Signed<Claim>,
}

/// A reviewer's word that a member goes on with a new device, that devices are lost, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Whose.
    pub member: MemberId,
    /// The new device and where envelopes to it are sealed to.
    pub new: Option<Link>,
    /// Which new beginning of the member this is; greater than all before it.
    pub generation: u32,
    /// The lost devices, ascending.
    pub cuts: Vec<Cut>,
    /// The first reviewer's entry, in the second one's: on this one the new device opens its journal.
    pub seconds: Option<EntryHash>,
}

impl Approval {
    pub(super) fn check(&self) -> Result<(), Distrust> {
        if self.generation == 0 || (self.new.is_none() && self.cuts.is_empty()) {
            return broken("a re-approval brings a device or closes one, and is numbered from 1");
        }
        Cut::check_all(&self.cuts)
    }
}
