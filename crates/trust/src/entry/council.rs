//! What a council decides, and with which words.

use std::collections::BTreeSet;

use kaifong_domain::charter::Charter;
use kaifong_domain::fund::Fund;
use kaifong_domain::place::PlaceMap;
use kaifong_domain::{BuildingId, DeviceId, EntryHash, MemberId};
use serde::{Deserialize, Serialize};

use super::{Role, TIPS_MAX, Tip, ascend, broken, check_charter};
use crate::signed::{Distrust, Signable, Signed};

/// One step of the council's chain (rule M1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Epoch {
    /// 1 for the first after the genesis.
    pub number: u32,
    /// The epoch before: its entry, or all zero for the genesis.
    pub prev: EntryHash,
    /// Who holds which roles, ascending and without repeats.
    pub roles: Vec<(MemberId, Role)>,
    /// Devices whose stamps count, ascending and without repeats.
    pub witnesses: Vec<DeviceId>,
    /// The numbers from now on.
    pub charter: Charter,
    /// Who decides the epoch after this one, in the order in which they lead. Under [`SEATS_MIN`] the founder does.
    pub seats: Vec<Seat>,
    /// The zones and blocks from now on.
    pub places: PlaceMap,
    /// The community fund's rates and budgets from now on.
    pub fund: Fund,
}

/// An epoch as it is written: what came later stands at its end, where there is any.
#[derive(Serialize, Deserialize)]
struct Written {
    number: u32,
    prev: EntryHash,
    roles: Vec<(MemberId, Role)>,
    witnesses: Vec<DeviceId>,
    charter: Charter,
    seats: Vec<Seat>,
    #[serde(default, skip_serializing_if = "crate::tail::is_silent", with = "crate::tail::second")]
    later: (PlaceMap, Fund),
}

impl From<Written> for Epoch {
    fn from(written: Written) -> Self {
        let Written { number, prev, roles, witnesses, charter, seats, later: (places, fund) } = written;
        Self { number, prev, roles, witnesses, charter, seats, places, fund }
    }
}

impl From<Epoch> for Written {
    fn from(epoch: Epoch) -> Self {
        let Epoch { number, prev, roles, witnesses, charter, seats, places, fund } = epoch;
        Self { number, prev, roles, witnesses, charter, seats, later: (places, fund) }
    }
}

impl Epoch {
    /// Checks what can be judged of an epoch by itself.
    ///
    /// # Errors
    /// [`Distrust::Rule`] with the first rule that is broken.
    pub fn check(&self) -> Result<(), Distrust> {
        ascend(&self.roles, "an epoch's roles and witnesses ascend without repeats")?;
        ascend(&self.witnesses, "an epoch's roles and witnesses ascend without repeats")?;
        let members: BTreeSet<_> = self.seats.iter().map(|seat| seat.member).collect();
        let keys: BTreeSet<_> = self.seats.iter().flat_map(|seat| [seat.device, seat.paper]).collect();
        if self.seats.len() > SEATS_MAX {
            return broken("a council has at most 13 seats");
        }
        if members.len() != self.seats.len() || keys.len() != 2 * self.seats.len() {
            return broken("each seat has a member, a device and a paper key of its own");
        }
        if self.seats.iter().filter(|seat| seat.post == Post::Lead).count() > 1 {
            return broken("a council has one lead");
        }
        if self.places.check().is_err() {
            return broken("a map's zones and blocks are few, have names that can be shown, and stand once each");
        }
        if let Err(rule) = self.fund.check() {
            return broken(rule);
        }
        check_charter(&self.charter)
    }
}

/// An epoch that takes a role away and says what of it still counts (rule M4). One that names no cutoffs is written as an
/// [`Epoch`], as all were before there were any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochCutting {
    /// Whose words are cut off, by member, ascending.
    pub cutoffs: Vec<Cutoff>,
    /// What is decided. It stands last, because it grows at its end.
    pub epoch: Epoch,
}

impl EpochCutting {
    /// Checks what can be judged of it by itself.
    ///
    /// # Errors
    /// [`Distrust::Rule`] with the first rule that is broken.
    pub fn check(&self) -> Result<(), Distrust> {
        let tips: usize = self.cutoffs.iter().map(|cutoff| cutoff.tips.len()).sum();
        let each = |cutoff: &Cutoff| cutoff.tips.is_sorted_by(|one, next| one < next);
        if !self.cutoffs.is_sorted_by(|one, next| one.member < next.member) || !self.cutoffs.iter().all(each) {
            return broken("cutoffs name each member and each entry once, ascending");
        }
        if self.cutoffs.is_empty() || self.cutoffs.len() > CUTOFFS_MAX || tips > TIPS_MAX {
            return broken("an epoch names 1 to 16 cutoffs with at most 64 entries");
        }
        self.epoch.check()
    }
}

/// How many members one epoch may cut off.
pub const CUTOFFS_MAX: usize = 16;

/// What a member has said in roles that they hold no longer: up to these entries it counts, and on no other branch. It binds
/// what names an epoch in which they still had the role; all else that they say is theirs as before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cutoff {
    /// Who.
    pub member: MemberId,
    /// The last entries that count, in journals of any of their devices, ascending: several of a journal that they have
    /// forked, or else who was let in on the shorter branch would go with it.
    pub tips: Vec<Tip>,
}

/// From how many seats on the council decides, and no longer the founder.
pub const SEATS_MIN: usize = 3;
/// How many seats a whole council has at least.
pub const SEATS_WHOLE: usize = 7;
/// How many seats there are at most.
pub const SEATS_MAX: usize = 13;

/// One seat of the council: a member, the device that speaks for them, and the key on paper that can name another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seat {
    /// Who sits there.
    pub member: MemberId,
    /// For whom.
    pub post: Post,
    /// The device that signs for the seat.
    pub device: DeviceId,
    /// The public half of the paper key.
    pub paper: DeviceId,
}

/// Whom a seat stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Post {
    /// 牵头人: calls the council together; leads first where the order says so.
    Lead,
    /// The community's party members.
    Party,
    /// The residents.
    Residents,
    /// Professional services.
    Professionals,
    /// The property firm.
    Property,
    /// The shops.
    Merchants,
}

/// One decision that a council has to take: a Paxos instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Instance {
    /// The epoch whose successor is sought: the entry that it was decided with.
    pub prev: EntryHash,
    /// Nothing; or the two decisions that stand against each other, ascending, after which those who signed both ways are
    /// out and the others decide anew (rule M3).
    pub void: Vec<EntryHash>,
}

impl Instance {
    /// The successor of an epoch, asked for the first time.
    pub fn after(prev: EntryHash) -> Self {
        Self { prev, void: Vec::new() }
    }

    pub(super) fn check(&self) -> Result<(), Distrust> {
        ascend(&self.void, "two decisions that stand against each other ascend")?;
        match self.void.len() {
            0 | 2 => Ok(()),
            _ => broken("two decisions stand against each other"),
        }
    }
}

/// A seat's promise for one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The decision.
    pub instance: Instance,
    /// From this attempt on; 1 is the least.
    pub attempt: u32,
    /// The seat's last signature in this instance.
    pub signed: Option<EntryHash>,
    /// The paper key's word, where the device sits by it.
    pub seat: Option<EntryHash>,
}

/// A draft laid before the council.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The decision. Its epoch is named as the draft names it.
    pub instance: Instance,
    /// The attempt; its turn is the seat with this number modulo the seats.
    pub attempt: u32,
    /// The entry that holds the draft.
    pub draft: EntryHash,
    /// From attempt 1 on: the promises of a majority, ascending. What they tell to be signed last is what is proposed.
    pub promises: Vec<EntryHash>,
    /// The paper key's word, where the device sits by it.
    pub seat: Option<EntryHash>,
}

/// The signatures that make a draft the next epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// `Sign` entries of a majority for one attempt, ascending.
    pub signs: Vec<EntryHash>,
}

/// The word of a seat's paper key, in anybody's journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replace {
    /// The epoch that names the seat: the entry that it was decided with.
    pub epoch: EntryHash,
    /// The word.
    pub word: Signed<Replacement>,
}

/// What a paper key says: the one thing it can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// The building.
    pub building: BuildingId,
    /// The epoch that names the seat: the entry that it was decided with.
    pub epoch: EntryHash,
    /// The device that speaks for the seat as well, until the next epoch.
    pub device: DeviceId,
    /// One more than in the word before: the last one is the seat's, in whichever order others carry them.
    pub number: u32,
}

impl Signable for Replacement {
    const CONTEXT: &'static str = "kaifong 1 paper key";
    const SIZE_BYTES_MAX: usize = 128;
}
