//! Where entries stand, by hash: an open-addressed table of places alone. The hashes are in the nodes already, and a map
//! that holds them a second time would be half of what the ledger takes.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use kaifong_domain::EntryHash;

const FREE: u32 = u32::MAX;
const SLOTS_MIN: usize = 16;

/// Slots with the place of an entry, or [`FREE`]; at most three quarters are taken. Slots are drawn with a secret of the
/// process, so nobody can grind hashes that meet in one; nothing that is shown depends on it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    slots: Vec<u32>,
    held: usize,
    hasher: RandomState,
}

impl Places {
    /// Finds the place of an entry; `hash_at` tells which entry stands at a place.
    pub(crate) fn find(&self, hash: &EntryHash, hash_at: impl Fn(u32) -> EntryHash) -> Option<u32> {
        let taken = self.walk(hash).map_while(|slot| self.slots.get(slot).copied().filter(|place| *place != FREE));
        taken.into_iter().find(|place| hash_at(*place) == *hash)
    }

    /// Notes the place of an entry that is not held yet.
    pub(crate) fn insert(&mut self, hash: &EntryHash, place: u32, hash_at: impl Fn(u32) -> EntryHash) {
        if self.held.saturating_add(1) > self.slots.len() / 4 * 3 {
            let slots = self.slots.len().saturating_mul(2).max(SLOTS_MIN);
            let held = std::mem::replace(&mut self.slots, vec![FREE; slots]);
            held.into_iter().filter(|place| *place != FREE).for_each(|place| self.put(&hash_at(place), place));
        }
        self.put(hash, place);
        self.held = self.held.saturating_add(1);
    }

    fn put(&mut self, hash: &EntryHash, place: u32) {
        let free = self.walk(hash).find(|slot| self.slots.get(*slot) == Some(&FREE));
        if let Some(slot) = free.and_then(|slot| self.slots.get_mut(slot)) {
            *slot = place;
        }
    }

    /// Gives the slots in which an entry may stand, the likeliest first. Their number is a power of two, or none.
    fn walk(&self, hash: &EntryHash) -> impl Iterator<Item = usize> + use<> {
        let count = self.slots.len();
        let start = usize::try_from(self.hasher.hash_one(hash) & u64::from(u32::MAX)).unwrap_or(0);
        (0..count).map(move |step| start.wrapping_add(step) & count.wrapping_sub(1))
    }
}
