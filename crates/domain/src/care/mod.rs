//! Care: what neighbours say to each other alone, needs that somebody posts for another, donation drives, and thanks.
//!
//! A conversation is no record: it travels in envelopes. What stands here of it is its name. Drives, what is promised to
//! them, what came, and thanks are records, each in the document of whoever says it. What came to a drive counts as far as
//! both say it: the donor promised it and the one who called for it has received it.

mod records;
mod refusal;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use records::*;
pub use refusal::CareRefusal;

use crate::board::section;
use crate::{DealId, DriveId, IntroductionId, MemberId, PledgeId, ThanksId};

/// Of one member so many drives are shown: those that are called for, then the newest of the others.
pub const DRIVES_MAX: usize = 20;
/// Of one member so many notes of thanks are shown, the newest.
pub const THANKS_MAX: usize = 100;
/// Of one member so many promises are shown, the newest.
pub const PLEDGES_MAX: usize = 200;

/// What a conversation belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Thread {
    /// To a deal.
    Deal(DealId),
    /// To an introduction by a third.
    Introduced(IntroductionId),
}

/// Whose drive, and which.
pub type DriveKey = (MemberId, DriveId);

/// How far a drive has come, in its unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What donors have promised.
    pub pledged: u64,
    /// What has come, as far as both say so.
    pub received: u64,
}

/// One donor of a drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Donor<'a> {
    /// Who.
    pub member: MemberId,
    /// What they promise.
    pub pledge: &'a Pledge,
    /// What the one who called says has come from them.
    pub receipt: Option<&'a Receipt>,
}

impl Donor<'_> {
    /// Gives what has come, as far as both say so.
    pub fn received(&self) -> u32 {
        self.receipt.map_or(0, |receipt| receipt.count.min(self.pledge.count))
    }
}

/// All that members say of drives and thanks. A function of the sets of their records, in any order of arrival.
#[derive(Clone, Debug, Default)]
pub struct Care {
    thanks: BTreeMap<(MemberId, ThanksId), Thanks>,
    drives: BTreeMap<DriveKey, Drive>,
    /// By drive and donor.
    pledges: BTreeMap<(DriveKey, MemberId), Pledge>,
    /// By drive and donor.
    receipts: BTreeMap<(DriveKey, MemberId), Receipt>,
}

impl Care {
    /// Replaces what one member says; tells whether any row is another.
    pub fn set_records(&mut self, member: MemberId, records: CareRecords) -> bool {
        let CareRecords { mut thanks, mut drives, mut pledges, receipts } = records;
        thanks.sort_by_key(|one| (one.withdrawn_at.is_some(), std::cmp::Reverse((one.at, one.id))));
        thanks.truncate(THANKS_MAX);
        drives.sort_by_key(|one| (one.closed.is_some(), std::cmp::Reverse((one.put_at, one.id))));
        drives.truncate(DRIVES_MAX);
        // The id of a promise is made of what it is about: nothing else is one, whatever a document holds.
        pledges.retain(|one| one.is_itself() && one.owner != member);
        pledges.sort_by_key(|one| std::cmp::Reverse((one.at, one.id)));
        pledges.truncate(PLEDGES_MAX);
        let receipts = receipts.into_iter().filter(Receipt::is_itself);
        let changed = [
            replace(&mut self.thanks, |key| key.0 == member, thanks.into_iter().map(|one| ((member, one.id), one))),
            replace(&mut self.drives, |key| key.0 == member, drives.into_iter().map(|one| ((member, one.id), one))),
            replace(
                &mut self.pledges,
                |key| key.1 == member,
                pledges.into_iter().map(|one| (((one.owner, one.drive), member), one)),
            ),
            replace(
                &mut self.receipts,
                |key| key.0.0 == member,
                receipts.map(|one| (((member, one.drive), one.donor), one)),
            ),
        ];
        changed.into_iter().any(|changed| changed)
    }

    /// Gives one drive.
    pub fn drive(&self, key: &DriveKey) -> Option<&Drive> {
        self.drives.get(key)
    }

    /// Gives every drive, by whom it was called for.
    pub fn drives(&self) -> impl Iterator<Item = (&DriveKey, &Drive)> {
        self.drives.iter()
    }

    /// Gives who has promised something to a drive, in order of member; who has taken it back is left out.
    pub fn donors(&self, key: &DriveKey) -> impl Iterator<Item = Donor<'_>> + use<'_> {
        let range = (*key, MemberId([0; 16]))..=(*key, MemberId([0xFF; 16]));
        self.pledges.range(range).filter(|(_, pledge)| pledge.count > 0).map(|(at, pledge)| Donor {
            member: at.1,
            pledge,
            receipt: self.receipts.get(at),
        })
    }

    /// Tells how far a drive has come.
    pub fn progress(&self, key: &DriveKey) -> Progress {
        self.donors(key).fold(Progress::default(), |so_far, donor| Progress {
            pledged: so_far.pledged + u64::from(donor.pledge.count),
            received: so_far.received + u64::from(donor.received()),
        })
    }

    /// Gives every note of thanks that was not taken back, with who thanks.
    pub fn thanks(&self) -> impl Iterator<Item = (MemberId, &Thanks)> {
        self.thanks.iter().filter(|(_, one)| one.withdrawn_at.is_none()).map(|((by, _), one)| (*by, one))
    }

    /// Gives one note of thanks of a member.
    pub fn thanks_by(&self, by: &MemberId, id: &ThanksId) -> Option<&Thanks> {
        self.thanks.get(&(*by, *id))
    }

    /// Feeds the canonical bytes of every row to the hasher.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        section(hasher, b"thanks", self.thanks.len(), self.thanks.iter());
        section(hasher, b"drives", self.drives.len(), self.drives.iter());
        section(hasher, b"pledges", self.pledges.len(), self.pledges.iter());
        section(hasher, b"receipts", self.receipts.len(), self.receipts.iter());
    }
}

/// Puts what a member says now in the place of what they said before.
fn replace<K: Ord + Copy, V: PartialEq>(
    rows: &mut BTreeMap<K, V>,
    theirs: impl Fn(&K) -> bool,
    now: impl Iterator<Item = (K, V)>,
) -> bool {
    let now: BTreeMap<K, V> = now.collect();
    let before: Vec<K> = rows.keys().filter(|key| theirs(key)).copied().collect();
    if before.len() == now.len() && now.iter().all(|(key, row)| rows.get(key) == Some(row)) {
        return false;
    }
    before.iter().for_each(|key| drop(rows.remove(key)));
    rows.extend(now);
    true
}

/// Makes the id under which one promise, or what came of it, stands: one for each drive and other side.
fn id_of(context: &str, member: &MemberId, drive: &DriveId) -> PledgeId {
    let mut hasher = blake3::Hasher::new_derive_key(context);
    hasher.update(&member.0).update(&drive.0);
    let mut id = [0; 16];
    hasher.finalize_xof().fill(&mut id);
    PledgeId(id)
}

#[cfg(test)]
mod tests;
